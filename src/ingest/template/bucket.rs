use std::collections::BTreeMap;

use super::access_point::{Point, PointPolicy, access_point};
use super::alternatives::{alternatives, has_several};
use super::declared::{Declared, Defaults, Piece, What};
use super::policy::bucket_policy;
use super::scenarios::{is_there, scenarios, that_differ};
use crate::ingest::accounts::not_in_input;
use crate::ingest::bucket::{Subject, not_exported};
use crate::ingest::part::{Deployed, Extent, FoundBucket, Part};
use crate::model::{Bucket, CannedAcl, ObjectAcl, ObjectOwnership, PublicAccessBlock, Setting, When};
use crate::source::{Diagnostic, Node, Placeholder, Span, UnknownReason};

/// Joins the resources of one template or root, and adds what they make to the part.
pub(in crate::ingest) fn join(declared: Vec<Declared>, defaults: Defaults, part: &mut Part) {
    let mut buckets: BTreeMap<Box<str>, Vec<Declared>> = BTreeMap::new();
    let mut points: Vec<Point> = Vec::new();
    let mut point_policies: Vec<PointPolicy> = Vec::new();
    for resource in declared {
        part.deployed
            .get_or_insert_with(|| Deployed::new(defaults.account, resource.span));
        match &resource.what {
            What::Bucket { name, .. } => buckets.entry(name.clone()).or_default().push(resource),
            What::OfBucket { bucket, .. } => buckets.entry(bucket.clone()).or_default().push(resource),
            What::AccessPoint(_)
            | What::AccessPointPolicy { .. }
            | What::Role(_)
            | What::AccountBlock(_)
            | What::Organization(_) => other(resource, defaults, part, (&mut points, &mut point_policies)),
        }
    }
    for found in &points {
        access_point(found, &point_policies, part);
    }
    for (name, resources) in buckets {
        for (when, of_one) in by_declaration(&name, resources, part) {
            bucket(&name, of_one, when, defaults, part);
        }
    }
}

/// The resources of each bucket of a name, where several are declared that are there together.
///
/// Only one of them can be deployed. What says by its address which one it goes with goes with that one, the rest with each.
fn by_declaration(name: &str, resources: Vec<Declared>, part: &mut Part) -> Vec<(Option<When>, Vec<Declared>)> {
    let mut addresses: Vec<Box<str>> = Vec::new();
    let declarations = resources
        .iter()
        .filter(|resource| matches!(resource.what, What::Bucket { .. }));
    for declared in declarations.filter(|declared| declared.when.is_empty()) {
        if !addresses.contains(&declared.address) {
            addresses.push(declared.address.clone());
        }
    }
    let [_, second, ..] = &*addresses else {
        return vec![(None, resources)];
    };
    let again = resources.iter().find(|resource| resource.address == *second);
    let message = format!("the bucket `{name}` is declared more than once: only one can be deployed");
    part.notes.push(
        Diagnostic::warning(
            "bucketproof::ingest::bucket_twice",
            again.map(|resource| resource.span).unwrap_or_default(),
            message,
        )
        .with_help("give each bucket a name of its own"),
    );
    let deployed = |address: &str| When {
        test: format!("{address} is the one that is deployed").into(),
        holds: true,
        span: again.map(|resource| resource.span).unwrap_or_default(),
    };
    let whens: Vec<When> = addresses.iter().map(|address| deployed(address)).collect();
    let mut groups: Vec<Vec<Declared>> = addresses.iter().map(|_| Vec::new()).collect();
    for resource in resources {
        let last = |address: &str| address.rsplit('.').next().map(str::to_owned);
        let own = addresses.iter().position(|address| *address == resource.address);
        let own = own.or_else(|| {
            addresses
                .iter()
                .position(|address| last(address) == last(&resource.address))
        });
        match own.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.push(resource),
            None => groups.iter_mut().for_each(|group| group.push(resource.clone())),
        }
    }
    whens.into_iter().map(Some).zip(groups).collect()
}

type Points<'p> = (&'p mut Vec<Point>, &'p mut Vec<PointPolicy>);

/// What is no part of a bucket.
fn other(resource: Declared, defaults: Defaults, part: &mut Part, (points, policies): Points<'_>) {
    match resource.what {
        What::AccessPoint(mut point) => {
            point.account = point.account.or(Some(defaults.account));
            points.push(Point {
                point,
                when: resource.when,
            });
        }
        What::AccessPointPolicy { point, policy } => policies.push(PointPolicy {
            point,
            policy,
            when: resource.when,
        }),
        What::Role(mut role) => {
            role.account = role.account.or(Some(defaults.account));
            role.when = resource.when;
            part.roles.push(role);
        }
        What::AccountBlock(block) => {
            if let Some(deployed) = &mut part.deployed {
                // One that is there only under some outcome protects nobody for certain.
                deployed.block = if resource.when.is_empty() {
                    block
                } else {
                    not_in_input()
                };
            }
        }
        What::Organization(mut organization) => {
            // Nor does a policy of the organization: what it is attached to is not known then.
            if !resource.when.is_empty() {
                for policy in &mut organization.resource_control_policies {
                    policy.targets = None;
                }
            }
            part.join(organization);
        }
        What::Bucket { .. } | What::OfBucket { .. } => {}
    }
}

/// A bucket as it is in each scenario that makes a difference.
fn bucket(name: &str, mut resources: Vec<Declared>, deployed: Option<When>, defaults: Defaults, part: &mut Part) {
    // The bucket itself first, then in the order of the template.
    resources.sort_by_key(|resource| (!matches!(resource.what, What::Bucket { .. }), resource.span));
    let all = scenarios(resources.iter().map(|resource| resource.when.as_slice()));
    let all = all.unwrap_or_else(|count| {
        let span = resources.first().map(|resource| resource.span).unwrap_or_default();
        too_many(count, span, part);
        vec![Vec::new()]
    });
    let is_declared = resources
        .iter()
        .any(|resource| matches!(resource.what, What::Bucket { .. }));
    let mut outcomes = Vec::new();
    for scenario in all {
        let there: Vec<&Declared> = resources
            .iter()
            .filter(|resource| is_there(&resource.when, &scenario))
            .collect();
        let first = there.first().map(|resource| &resource.what);
        if first.is_none() || is_declared && !matches!(first, Some(What::Bucket { .. })) {
            continue;
        }
        if has_several(&there) {
            several(name, &there, part);
        }
        let alternatives = alternatives(there).unwrap_or_else(|there| {
            too_many_alternatives(name, &there, part);
            Vec::new()
        });
        let built = alternatives.into_iter().map(|alternative| {
            let bucket = built(name, &alternative.resources, defaults, part);
            (alternative.when, bucket)
        });
        outcomes.push((scenario, built.collect::<Vec<_>>()));
    }
    for (scenario, alternatives) in that_differ(outcomes) {
        for (when, mut bucket) in alternatives {
            bucket.when = deployed.iter().chain(&scenario).cloned().chain(when).collect();
            part.buckets.push(FoundBucket {
                bucket,
                extent: Extent::Whole,
            });
        }
    }
}

/// The bucket that these resources make together.
fn built(name: &str, resources: &[&Declared], defaults: Defaults, part: &mut Part) -> Bucket {
    let mut bucket = Bucket {
        name: name.into(),
        account: Some(defaults.account),
        ..Bucket::default()
    };
    let mut declared_new = None;
    let mut canned: Option<(CannedAcl, Span)> = None;
    for resource in resources {
        match &resource.what {
            What::Bucket { region, is_new, .. } => {
                declared_new = Some(*is_new);
                bucket.span = resource.span;
                bucket.region.clone_from(region);
            }
            What::OfBucket {
                piece: Piece::Policy(node),
                ..
            } => {
                bucket.policy = bucket_policy(node, &bucket.arn(), &mut part.notes);
            }
            What::OfBucket {
                piece: Piece::Canned(acl),
                ..
            } => {
                canned = Some((*acl, resource.span));
                bucket.acl = Setting::set(acl.on_bucket(resource.span), resource.span);
            }
            What::OfBucket { piece, .. } => apply(piece, resource.span, &mut bucket),
            What::AccessPoint(_)
            | What::AccessPointPolicy { .. }
            | What::Role(_)
            | What::AccountBlock(_)
            | What::Organization(_) => {}
        }
    }
    match declared_new {
        Some(true) => {
            will_not_deploy(&bucket, canned, defaults, part);
            apply_defaults(&mut bucket, defaults);
        }
        Some(false) => {
            bucket.public_access_block = or_not_in_input(bucket.public_access_block);
            bucket.ownership = or_not_in_input(bucket.ownership);
        }
        None => {
            // Of a bucket that is not declared here the pieces are judged as if it had no other policy or ACL.
            bucket.span = resources.first().map(|resource| resource.span).unwrap_or_default();
            let judged_alone = [Subject::Policy, Subject::PolicyStatus];
            let acl = std::mem::take(&mut bucket.acl);
            not_exported(&mut bucket, &judged_alone.into());
            bucket.acl = acl;
        }
    }
    bucket
}

/// A setting that nothing declares, of a bucket that is there already.
fn or_not_in_input<T>(setting: Setting<T>) -> Setting<T> {
    if setting.is_absent() { not_in_input() } else { setting }
}

fn apply(piece: &Piece, span: Span, bucket: &mut Bucket) {
    match piece {
        Piece::Policy(_) | Piece::Canned(_) => {}
        Piece::Acl(acl) => bucket.acl = acl.clone(),
        Piece::Block(block) => bucket.public_access_block = block.clone(),
        Piece::Ownership(ownership) => bucket.ownership = ownership.clone(),
        Piece::RequestPayment(payer) => bucket.request_payment = payer.clone(),
        Piece::Tags(tags) => bucket.tags = tags.clone(),
        Piece::Versioning(versioning) => bucket.versioning = versioning.clone(),
        Piece::Encryption(encryption) => bucket.encryption = encryption.clone(),
        Piece::Lifecycle(lifecycle) => bucket.lifecycle = lifecycle.clone(),
        Piece::Logging(logging) => bucket.logging = logging.clone(),
        Piece::ObjectLock(lock) => bucket.object_lock = lock.clone(),
        Piece::Website(website) => bucket.website = website.clone(),
        Piece::Object { key, acl } => bucket.objects.push(ObjectAcl {
            key: key.clone(),
            acl: acl.clone(),
            span,
        }),
    }
}

/// Since April 2023 a new bucket has all four blocks on and takes no ACLs [OWN-08], [FMT-72].
fn apply_defaults(bucket: &mut Bucket, defaults: Defaults) {
    if defaults.legacy {
        return;
    }
    if bucket.public_access_block.is_absent() {
        bucket.public_access_block = Setting::set(PublicAccessBlock::ALL, bucket.span);
    }
    if bucket.ownership.is_absent() {
        // A bucket that is given an ACL is judged as if it took ACLs [FMT-72].
        let ownership = if bucket.acl.is_absent() {
            ObjectOwnership::BucketOwnerEnforced
        } else {
            ObjectOwnership::ObjectWriter
        };
        bucket.ownership = Setting::set(ownership, bucket.span);
    }
}

/// S3 refuses an ACL that gives something to others while ACLs are off [OWN-05], [OWN-09], [FMT-72].
fn will_not_deploy(bucket: &Bucket, canned: Option<(CannedAcl, Span)>, defaults: Defaults, part: &mut Part) {
    let gives = bucket.acl.value().is_some_and(|acl| !acl.grants.is_empty());
    let off = match &bucket.ownership {
        Setting::Absent => !defaults.legacy,
        Setting::Set(ownership) => ownership.value == ObjectOwnership::BucketOwnerEnforced,
        Setting::Unknown(_) => false,
    };
    if !(gives && off) {
        return;
    }
    let span = canned
        .map(|(_, span)| span)
        .or(bucket.acl.span())
        .unwrap_or(bucket.span);
    let message = "this will not deploy: the bucket is given an ACL, and new buckets take none [OWN-05]";
    part.notes.push(
        Diagnostic::warning("bucketproof::ingest::will_not_deploy", span, message).with_help(
            "leave the ACL out and grant access by a bucket policy, or set Object Ownership to `BucketOwnerPreferred`",
        ),
    );
}

/// Says that several resources give the bucket what it has only one of.
fn several(name: &str, resources: &[&Declared], part: &mut Part) {
    let span = resources.last().map(|resource| resource.span).unwrap_or_default();
    let message = format!(
        "the bucket `{name}` is given more than one policy or ACL: the one that is deployed last replaces the others"
    );
    part.notes.push(
        Diagnostic::warning("bucketproof::ingest::several_policies", span, message)
            .with_help("join them into one; until then each is judged as the one in force"),
    );
}

fn too_many(count: usize, span: Span, part: &mut Part) {
    let message =
        format!("{count} tests that are not known decide about this bucket: it is judged as if all held at once");
    part.notes.incomplete = true;
    part.notes.push(
        Diagnostic::warning("bucketproof::ingest::too_many_tests", span, message)
            .with_help("give the values of variables or parameters that the tests are about"),
    );
}

fn too_many_alternatives(name: &str, resources: &[&Declared], part: &mut Part) {
    let span = resources.last().map(|resource| resource.span).unwrap_or_default();
    let message = format!("so many policies and ACLs are given to the bucket `{name}` that it is not judged");
    part.notes.push(
        Diagnostic::error("bucketproof::ingest::several_policies", span, message).with_help("join them into one"),
    );
}

/// A setting whose value, which holds a placeholder, is not known before deployment.
pub(in crate::ingest) fn not_deployed<T>(node: &Node) -> Setting<T> {
    let placeholder = Placeholder::all_in(node.as_str().unwrap_or_default()).next();
    let reason = placeholder.map_or(UnknownReason::Unreadable, |(_, placeholder)| {
        UnknownReason::NotDeployed(placeholder)
    });
    Setting::unknown(reason, Some(node.span))
}

/// The first value inside that is not known before deployment.
pub(in crate::ingest) fn placeholder_in(node: &Node) -> Option<&Node> {
    if node.as_str().is_some_and(Placeholder::is_in) {
        return Some(node);
    }
    let items = node.items().iter().find_map(placeholder_in);
    items.or_else(|| node.members().iter().find_map(|member| placeholder_in(&member.value)))
}
