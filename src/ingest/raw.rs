use std::collections::BTreeSet;

use super::acl;
use super::bucket::{policy_answer, settle_names};
use super::document::View;
use super::file::FileRef;
use super::names::{Arn, bucket_name, role_path};
use super::part::Part;
use super::request::Attachment;
use crate::iam::{Partition, PolicyDocument, PolicyKind};
use crate::model::{AccessPoint, Bucket, Role, Setting};
use crate::source::{Diagnostic, DiagnosticSeverity, UnknownReason};

/// What a policy document that stands alone is attached to, as far as it tells itself.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Nature<'d> {
    Bucket(Arn<'d>),
    AccessPoint(Arn<'d>),
    Trust,
    /// Not under audit: why.
    Elsewhere(String),
    /// It does not tell: why.
    Unclear(&'static str),
}

/// Reads a policy document that stands alone: everything else about what it belongs to is taken as not configured.
pub(super) fn read_policy(view: View<'_>, file: &FileRef, part: &mut Part) {
    match nature(view) {
        Nature::Bucket(arn) => {
            let name = arn.bucket().unwrap_or_default();
            let policy = part.notes.policy(view, PolicyKind::Bucket);
            let bucket = alone(name, arn.known_partition(), view);
            part.alone(Bucket { policy, ..bucket });
        }
        Nature::AccessPoint(arn) => {
            let policy = part.notes.policy(view, PolicyKind::AccessPoint);
            access_point(arn.access_point().unwrap_or_default(), Some(arn), policy, view, part);
        }
        Nature::Trust => {
            let trust = part.notes.policy(view, PolicyKind::Trust);
            role(file.stem(), trust, view, part);
        }
        Nature::Elsewhere(what) => {
            part.not_audited.push((view.span(), what));
        }
        Nature::Unclear(why) => unclear(view, why, part),
    }
}

/// Reads a document of which the user says what it belongs to.
pub(super) fn read_attached(view: View<'_>, attachment: &Attachment, part: &mut Part) {
    let command = match attachment {
        Attachment::BucketAcl(_) => "s3api get-bucket-acl",
        Attachment::BucketPolicy(_) => "s3api get-bucket-policy",
        Attachment::AccessPointPolicy(_) => "s3control get-access-point-policy",
        Attachment::TrustPolicy(_) => "iam get-role",
    };
    match attachment {
        Attachment::BucketAcl(name) => {
            let acl = part.notes.settle(acl::acl(view), command);
            let (name, partition) = bucket_name(name);
            part.alone(Bucket {
                acl,
                ..alone(name, partition, view)
            });
        }
        Attachment::BucketPolicy(name) => {
            let read = policy_answer(view, PolicyKind::Bucket, &mut part.notes);
            let policy = part.notes.settle(read, command);
            let (name, partition) = bucket_name(name);
            let mut bucket = Bucket {
                policy,
                ..alone(name, partition, view)
            };
            settle_names(&mut bucket, &mut part.notes);
            part.alone(bucket);
        }
        Attachment::AccessPointPolicy(name) => {
            let read = policy_answer(view, PolicyKind::AccessPoint, &mut part.notes);
            let policy = part.notes.settle(read, command);
            let arn = Arn::parse(name);
            let name = arn.and_then(Arn::access_point).unwrap_or(name);
            access_point(name, arn, policy, view, part);
        }
        Attachment::TrustPolicy(name) => {
            let inner = view.get("Role").unwrap_or(view);
            let document = inner.get("AssumeRolePolicyDocument").unwrap_or(view);
            let trust = part.notes.policy(document, PolicyKind::Trust);
            role(name, trust, view, part);
        }
    }
}

fn alone(name: &str, partition: Partition, view: View<'_>) -> Bucket {
    Bucket {
        name: name.into(),
        partition,
        span: view.span(),
        ..Bucket::default()
    }
}

fn access_point(name: &str, arn: Option<Arn<'_>>, policy: Setting<PolicyDocument>, view: View<'_>, part: &mut Part) {
    let region = arn.map(|arn| arn.region).filter(|region| !region.is_empty());
    part.access_points.push(AccessPoint {
        name: name.into(),
        account: arn.and_then(Arn::account_id),
        region: region.map(Into::into),
        partition: arn.map(Arn::known_partition).unwrap_or_default(),
        policy,
        public_access_block: Setting::unknown(UnknownReason::NotInInput, None),
        span: view.span(),
        ..AccessPoint::default()
    });
}

fn role(name: &str, trust: Setting<PolicyDocument>, view: View<'_>, part: &mut Part) {
    let arn = Arn::parse(name);
    let (path, name) = role_path(arn.map_or(name, |arn| arn.resource));
    part.roles.push(Role {
        name: name.into(),
        path,
        account: arn.and_then(Arn::account_id),
        partition: arn.map(Arn::known_partition).unwrap_or_default(),
        trust,
        span: view.span(),
        ..Role::default()
    });
}

fn unclear(view: View<'_>, why: &str, part: &mut Part) {
    let severity = if part.explicit {
        DiagnosticSeverity::Error
    } else {
        DiagnosticSeverity::Warning
    };
    let message = format!("what this policy belongs to is not clear: {why}");
    part.notes.incomplete = true;
    part.notes.push(
        Diagnostic::new(severity, "bucketproof::ingest::unbound", message)
            .at(view.span())
            .with_help("say what it belongs to with `--as bucket-policy:NAME` or `--as trust-policy:NAME`"),
    );
}

fn nature(view: View<'_>) -> Nature<'_> {
    let statements = || {
        let list = view.get("Statement");
        let single = list.filter(|list| !list.node.is_array());
        single.into_iter().chain(list.into_iter().flat_map(View::items))
    };
    let any = |names: [&str; 2]| statements().any(|statement| names.iter().any(|name| statement.has(name)));
    if !any(["Principal", "NotPrincipal"]) {
        let what = "an identity policy, a boundary or a service control policy";
        return Nature::Elsewhere(what.to_owned());
    }
    let texts = |names: [&'static str; 2]| {
        let values = statements().flat_map(move |statement| names.map(|name| statement.get(name)));
        values.flatten().flat_map(scalar_or_list).collect::<Vec<_>>()
    };
    let actions = texts(["Action", "NotAction"]);
    if !any(["Resource", "NotResource"]) {
        let is_sts = |action: &&str| {
            action
                .get(..4)
                .is_some_and(|service| service.eq_ignore_ascii_case("sts:"))
        };
        return if !actions.is_empty() && actions.iter().all(is_sts) {
            Nature::Trust
        } else {
            Nature::Unclear("it names no resource, and not only actions of STS")
        };
    }
    let resources = texts(["Resource", "NotResource"]);
    by_resources(&resources, &actions)
}

fn by_resources<'d>(resources: &[&'d str], actions: &[&str]) -> Nature<'d> {
    let arns: Vec<Arn> = resources.iter().filter_map(|text| Arn::parse(text)).collect();
    let buckets: BTreeSet<&str> = arns.iter().filter_map(|arn| arn.bucket()).collect();
    let points: BTreeSet<&str> = arns.iter().filter_map(|arn| arn.access_point()).collect();
    let first = |wanted: fn(Arn<'d>) -> Option<&'d str>| arns.iter().copied().find(|arn| wanted(*arn).is_some());
    match (buckets.len(), points.len()) {
        (1, 0) => first(Arn::bucket).map_or(Nature::Unclear("it names no bucket"), Nature::Bucket),
        (0, 1) => first(Arn::access_point).map_or(Nature::Unclear("it names no access point"), Nature::AccessPoint),
        (0, 0) => elsewhere(&arns, actions),
        (_, 0) => Nature::Unclear("it names several buckets"),
        (0, _) => Nature::Unclear("it names several access points"),
        (_, _) => Nature::Unclear("it names buckets and access points"),
    }
}

/// A policy of another service, such as a queue's or a key's.
fn elsewhere<'d>(arns: &[Arn<'_>], actions: &[&str]) -> Nature<'d> {
    let foreign = arns.iter().map(|arn| arn.service).find(|service| *service != "s3");
    let service = foreign.or_else(|| {
        let services = actions
            .iter()
            .map(|action| action.split(':').next().unwrap_or_default());
        let mut services = services.map(|service| if service.contains(['*', '?']) { "s3" } else { service });
        let first = services.next()?;
        (first != "s3" && services.all(|service| service != "s3")).then_some(first)
    });
    match service {
        Some(service) => Nature::Elsewhere(format!("a policy of the service `{service}`")),
        None => Nature::Unclear("no resource names one bucket"),
    }
}

fn scalar_or_list(view: View<'_>) -> impl Iterator<Item = &str> {
    let single = view.node.as_str();
    single
        .into_iter()
        .chain(view.items().filter_map(|item| item.node.as_str()))
}
