use std::collections::BTreeSet;

use super::access_point::describe;
use super::acl::acl;
use super::bucket::Subject;
use super::capture::{is_config, read_config};
use super::cloudformation::{is_template, read_template};
use super::document::{Answer, View, inside};
use super::file::FileRef;
use super::layout::Task;
use super::notes::Wrong;
use super::organization::is_policies;
use super::part::{Extent, FoundBucket, Part};
use super::raw::{read_attached, read_policy};
use super::read::read_value;
use super::recording::{is_recording, read_recording};
use super::request::Kind;
use super::settings;
use super::terraform::{is_plan, is_state, read_plan};
use super::unit::SingleFile;
use super::yaml::{is_yaml, read_as_yaml, read_yaml};
use crate::model::{Bucket, Setting};
use crate::source::{Diagnostic, DuplicateKey, JsonError, JsonErrorKind, UnknownReason};

/// What a value that stands outside of any layout turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Policy,
    /// `{"Policy": "…"}`.
    PolicyAnswer,
    /// An answer about a bucket.
    About(Subject),
    Task(Task),
    AccessPoint,
    Config,
    Recording,
    Template,
    Plan,
    State,
    /// Something that is not under audit: what.
    NotAudited(&'static str),
}

/// Reads a file of which nothing but the content tells what it holds.
pub(super) fn read_loose(single: &SingleFile, part: &mut Part) {
    let file = &single.file;
    let Some(loaded) = part.load(file) else {
        return;
    };
    let text = loaded.text();
    let said = part.notes.diagnostics.len();
    if single.attach.is_none() && is_yaml(file.name(), text.as_str()) {
        read_yaml(&text, single, part);
        if part.kind.is_some() || part.notes.diagnostics.len() > said {
            part.keep(loaded);
        }
        return;
    }
    match Answer::read(&text) {
        Answer::Values(values) => {
            let recognised = values
                .iter()
                .filter(|value| read_root(View::new(&text, &value.root), &value.duplicates, single, part))
                .count();
            if recognised == 0 {
                part.unrecognised.push(file.clone());
                return;
            }
            if let Some(last) = values.last() {
                part.notes.more_pages(View::new(&text, &last.root));
            }
        }
        Answer::Refused { code, span } => {
            part.kind = Some(Kind::CliAnswer);
            if !code.starts_with("NoSuch") && !code.ends_with("NotFoundError") {
                part.notes.refused(span, &code, "whatever was asked");
            }
        }
        Answer::Nothing => part.unrecognised.push(file.clone()),
        Answer::Broken(_) if read_as_yaml(&text, single, part) => {}
        Answer::Broken(error) => broken(&error, text.as_str(), single, part),
    }
    if part.kind.is_some() || part.notes.diagnostics.len() > said {
        part.keep(loaded);
    }
}

/// A file that is no JSON. What might have been one of ours, or was damaged, is an answer lost.
fn broken(error: &JsonError, text: &str, single: &SingleFile, part: &mut Part) {
    let damaged = match error.kind {
        JsonErrorKind::Truncated
        | JsonErrorKind::TooDeep(_)
        | JsonErrorKind::TooLong(_)
        | JsonErrorKind::TooMany(_) => true,
        JsonErrorKind::Empty
        | JsonErrorKind::Expected(_)
        | JsonErrorKind::Token(_)
        | JsonErrorKind::ControlCharacter
        | JsonErrorKind::WhiteSpace
        | JsonErrorKind::NumberOutOfRange
        | JsonErrorKind::Trailing => false,
    };
    if single.explicit || damaged || HINTS.iter().any(|hint| text.contains(hint)) {
        part.notes.failed(&single.file, error.to_diagnostic());
    } else {
        part.unrecognised.push(single.file.clone());
    }
}

/// Reads one value of a file, or each of the documents of a list; whether anything was recognised.
fn read_root(view: View<'_>, duplicates: &[DuplicateKey], single: &SingleFile, part: &mut Part) -> bool {
    if let Some(attachment) = &single.attach {
        part.kind = Some(Kind::Policy);
        read_attached(view, attachment, part);
        return true;
    }
    if recognise(view).is_none() && view.node.is_array() {
        let items: Vec<_> = view
            .items()
            .map(|item| read_shape(item, inside(duplicates, item.span()), single, part))
            .collect();
        return items.contains(&true);
    }
    read_shape(view, duplicates, single, part)
}

fn read_shape(view: View<'_>, duplicates: &[DuplicateKey], single: &SingleFile, part: &mut Part) -> bool {
    let Some(shape) = recognise(view) else {
        return false;
    };
    if single.kind.is_some_and(|kind| kind != shape.kind()) {
        return other_kind(view, shape, single, part);
    }
    // An account's own layout may surround the file: then that is what it is a part of.
    part.kind = part.kind.or(Some(shape.kind()));
    let read = match shape {
        Shape::Policy => {
            read_policy(view, &single.file, part);
            Ok(())
        }
        Shape::PolicyAnswer => policy_answer(view, single, part),
        Shape::About(subject) => {
            part.notes.duplicates(duplicates);
            about(view, subject, single, part)
        }
        Shape::Task(task) => read_value(task, view, duplicates, part),
        Shape::AccessPoint => describe(view).map(|found| {
            part.access_points.extend(found.map(|mut found| {
                found.policy = Setting::unknown(UnknownReason::NotInInput, None);
                found
            }));
        }),
        Shape::Config => {
            read_config(view, duplicates, part);
            Ok(())
        }
        Shape::Recording => {
            read_recording(view, part);
            Ok(())
        }
        Shape::Template => {
            part.notes.duplicates(duplicates);
            read_template(view.node, view.text.as_str(), &single.given, part);
            Ok(())
        }
        Shape::Plan | Shape::State => {
            read_plan(view, &single.given, part);
            Ok(())
        }
        Shape::NotAudited(what) => {
            part.not_audited.push((view.span(), what.to_owned()));
            Ok(())
        }
    };
    if let Err(wrong) = read {
        part.notes.wrong(wrong, shape.kind().as_str());
    }
    true
}

fn other_kind(view: View<'_>, shape: Shape, single: &SingleFile, part: &mut Part) -> bool {
    if let Some(kind) = single.kind.filter(|_| single.explicit) {
        let message = format!("this is of the kind `{}`, not `{kind}`", shape.kind());
        let error = Diagnostic::error("bucketproof::ingest::other_kind", view.span(), message);
        part.notes.failed(
            &single.file,
            error.with_help("leave `--kind` out, or name the kind that it is of"),
        );
    }
    single.explicit
}

fn policy_answer(view: View<'_>, single: &SingleFile, part: &mut Part) -> Result<(), Wrong> {
    let policy = view.get("Policy").ok_or_else(|| Wrong::missing(view, "Policy"))?;
    let decoded = policy.decode().map_err(|_| Wrong::value(policy, "policy in JSON"))?;
    read_policy(decoded.view(), &single.file, part);
    Ok(())
}

/// An answer about a bucket that only the file's name can tell [FMT-42].
fn about(view: View<'_>, subject: Subject, single: &SingleFile, part: &mut Part) -> Result<(), Wrong> {
    let Some(name) = bound_name(&single.file, subject) else {
        return unbound(view, subject, single, part);
    };
    let mut bucket = Bucket {
        name: name.into(),
        span: view.span(),
        ..Bucket::default()
    };
    match subject {
        Subject::Acl => bucket.acl = acl(view)?,
        Subject::PublicAccessBlock => bucket.public_access_block = settings::public_access_block(view)?,
        Subject::Ownership => bucket.ownership = settings::ownership(view)?,
        Subject::PolicyStatus => bucket.policy_status = settings::policy_status(view)?,
        Subject::Tagging => bucket.tags = settings::tagging(view)?,
        Subject::Location => bucket.region = settings::location(view)?.value().cloned(),
        Subject::RequestPayment => bucket.request_payment = settings::payer(view)?,
        Subject::Abac => bucket.abac = settings::abac(view)?,
        Subject::Policy
        | Subject::Versioning
        | Subject::Encryption
        | Subject::Lifecycle
        | Subject::Logging
        | Subject::ObjectLock
        | Subject::Website => {}
    }
    bucket.owner = bucket.acl.value().and_then(|acl| acl.owner.clone());
    part.buckets.push(FoundBucket {
        bucket,
        extent: Extent::Piece(BTreeSet::from([subject])),
    });
    Ok(())
}

fn unbound(view: View<'_>, subject: Subject, single: &SingleFile, part: &mut Part) -> Result<(), Wrong> {
    if subject == Subject::PublicAccessBlock && single.file.stem().contains("account") {
        part.account_block = Some(settings::public_access_block(view)?);
        return Ok(());
    }
    part.notes.incomplete = true;
    part.unbound.push((single.file.clone(), subject));
    Ok(())
}

/// The bucket in a name such as `get-bucket-acl-NAME.json` or `NAME.bucket-acl.json`.
fn bound_name(file: &FileRef, subject: Subject) -> Option<&str> {
    let stem = file.stem();
    let words = [format!("get-{}", subject.stem()), subject.stem().to_owned()];
    let name = words.iter().find_map(|word| {
        let behind = stem
            .strip_prefix(&**word)
            .and_then(|rest| rest.strip_prefix(['-', '.', '_']));
        let before = stem
            .strip_suffix(&**word)
            .and_then(|rest| rest.strip_suffix(['.', '_']));
        behind.or(before)
    });
    name.filter(|name| super::names::could_be_bucket(name))
}

/// What a value is; every member that is not expected makes it something else.
pub(super) fn recognise(view: View<'_>) -> Option<Shape> {
    if is_template(view.node) {
        return Some(Shape::Template);
    }
    if is_plan(view) {
        return Some(Shape::Plan);
    }
    if is_state(view) {
        return Some(Shape::State);
    }
    if is_config(view) {
        return Some(Shape::Config);
    }
    if is_policies(view) {
        return Some(Shape::Task(Task::OrganizationPolicies));
    }
    if is_recording(view) {
        return Some(Shape::Recording);
    }
    let is = |shape: Shape, required: &[&str], allowed: &[&str]| {
        let members = view.node.members();
        let known = |name: &str| required.contains(&name) || allowed.contains(&name) || ALWAYS.contains(&name);
        let fits = required.iter().all(|name| view.node.get(name).is_some());
        (fits && members.iter().all(|member| known(&member.key))).then_some(shape)
    };
    let has = |shape: Shape, required: &[&str]| {
        required
            .iter()
            .all(|name| view.node.get(name).is_some())
            .then_some(shape)
    };
    let text = |name: &str| view.node.get(name).is_some_and(|node| node.as_str().is_some());
    let policy = view.get("Policy");
    None.or_else(|| has(Shape::Policy, &["Statement"]).filter(|_| !text("Statement")))
        .or_else(|| has(Shape::Task(Task::Authorization), &["RoleDetailList"]))
        .or_else(|| has(Shape::Task(Task::Authorization), &["UserDetailList"]))
        .or_else(|| is(Shape::Task(Task::Authorization), &["Role"], &[]))
        .or_else(|| is(Shape::Task(Task::Authorization), &["Roles"], &[]))
        .or_else(|| {
            is(
                Shape::Task(Task::Listing),
                &["Buckets"],
                &["Owner", "ContinuationToken", "Prefix"],
            )
        })
        .or_else(|| is(Shape::Task(Task::Caller), &["UserId", "Account", "Arn"], &[]))
        .or_else(|| is(Shape::Task(Task::AccessPointListing), &["AccessPointList"], &[]))
        .or_else(|| is(Shape::Task(Task::Organization), &["Organization"], &[]))
        .or_else(|| is(Shape::Task(Task::OrganizationAccounts), &["Accounts"], &[]))
        .or_else(|| is(Shape::PolicyAnswer, &["Policy"], &[]).filter(|_| policy.is_some_and(holds_policy)))
        .or_else(|| is(Shape::About(Subject::Acl), &["Grants"], &["Owner", "RequestCharged"]))
        .or_else(|| {
            is(
                Shape::About(Subject::PublicAccessBlock),
                &["PublicAccessBlockConfiguration"],
                &[],
            )
        })
        .or_else(|| is(Shape::About(Subject::Ownership), &["OwnershipControls"], &[]))
        .or_else(|| is(Shape::About(Subject::PolicyStatus), &["PolicyStatus"], &[]))
        .or_else(|| is(Shape::About(Subject::Tagging), &["TagSet"], &[]))
        .or_else(|| is(Shape::About(Subject::Location), &["LocationConstraint"], &[]))
        .or_else(|| is(Shape::About(Subject::RequestPayment), &["Payer"], &[]))
        .or_else(|| is(Shape::About(Subject::Abac), &["AbacStatus"], &[]))
        .or_else(|| has(Shape::AccessPoint, &["Name", "Bucket", "NetworkOrigin"]))
        .or_else(|| has(PERMISSIONS, &["PolicyName", "PolicyDocument"]))
        .or_else(|| is(PERMISSIONS, &["Policy"], &[]).filter(|_| policy.is_some_and(|policy| policy.has("PolicyName"))))
        .or_else(|| is(PERMISSIONS, &["PolicyVersion"], &[]))
        .or_else(|| is(MULTI_REGION, &["AccessPoint"], &[]))
        .or_else(|| is(MULTI_REGION, &["AccessPoints"], &[]))
        .or_else(|| {
            is(MULTI_REGION, &["Policy"], &[]).filter(|_| policy.is_some_and(|policy| policy.has("Established")))
        })
        .or_else(|| {
            is(
                Shape::NotAudited("a list of S3 Access Grants"),
                &["AccessGrantsList"],
                &[],
            )
        })
}

fn holds_policy(view: View<'_>) -> bool {
    view.has("Statement")
        || view
            .node
            .as_str()
            .is_some_and(|text| text.trim_start().starts_with(['{', '%', '"']))
}

impl Shape {
    /// The kind of input that it makes a file.
    pub fn kind(self) -> Kind {
        match self {
            Self::Policy => Kind::Policy,
            Self::PolicyAnswer | Self::About(_) | Self::AccessPoint | Self::NotAudited(_) => Kind::CliAnswer,
            Self::Task(Task::Authorization) => Kind::AuthorizationDetails,
            Self::Task(_) => Kind::CliAnswer,
            Self::Config => Kind::AwsConfig,
            Self::Recording => Kind::Recording,
            Self::Template => Kind::CloudFormation,
            Self::Plan => Kind::TerraformPlan,
            Self::State => Kind::TerraformState,
        }
    }
}

const PERMISSIONS: Shape = Shape::NotAudited("an answer about a permissions policy");
const MULTI_REGION: Shape = Shape::NotAudited("an answer about a multi-Region access point");

/// Members that any answer may have.
const ALWAYS: &[&str] = &["ResponseMetadata", "NextToken", "IsTruncated", "Marker"];

/// Names that only our inputs hold: a broken file with one of them was probably meant for us.
const HINTS: &[&str] = &[
    "\"Statement\"",
    "\"Principal\"",
    "\"Grants\"",
    "\"PublicAccessBlock",
    "\"configurationItem",
    "\"AssumeRolePolicyDocument\"",
    "\"supplementaryConfiguration\"",
    "\"AWSTemplateFormatVersion\"",
];
