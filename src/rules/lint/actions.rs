//! Actions that do not exist or do not work on the resources they stand beside, and resources of somebody else.

use super::found::Found;
use super::scope::{Entry, Scope, works_on};
use super::text::loose;
use crate::iam::{Action, ElementList, PolicyKind, Target, actions, find_action};
use crate::rules::error::nearest;
use crate::rules::glob::{matches, matches_beyond};
use crate::source::Placeholder;

/// The actions of the catalogue that a pattern matches [ACT-01], [ACT-02].
pub(super) fn matched(pattern: &str) -> Vec<&'static Action> {
    let Some(wildcard) = pattern.find(['*', '?']) else {
        return find_action(pattern).into_iter().collect();
    };
    let folded = pattern.to_lowercase();
    let (fixed, rest) = folded.split_at_checked(wildcard).unwrap_or_default();
    let fits = |action: &&Action| {
        let behind = action.folded.strip_prefix(fixed);
        behind.is_some_and(|behind| rest == "*" || matches(rest, behind))
    };
    actions().iter().filter(fits).collect()
}

pub(super) fn lint(scope: &Scope<'_>, found: &mut Found) {
    let place = Places::of(scope, found);
    for entry in &scope.entries {
        match entry.matched.as_slice() {
            [] => unknown(scope, entry, found),
            matched => misplaced(scope, entry, matched, &place, found),
        }
    }
}

/// Whether an action or key, in lower case, belongs to a service for other kinds of bucket, whose actions and keys the
/// catalogue does not hold.
pub(super) fn is_of_other_catalogue(folded: &str) -> bool {
    let service = folded.split(':').next().unwrap_or_default();
    ["s3express", "s3-object-lambda", "s3-outposts", "s3tables"].contains(&service)
}

/// [ACT-04]
fn unknown(scope: &Scope<'_>, entry: &Entry<'_>, found: &mut Found) {
    let folded = entry.text.to_lowercase();
    let (service, name) = folded.split_once(':').unwrap_or((&folded, ""));
    let (own, words) = service_of(scope.subject.kind);
    if is_of_other_catalogue(&folded) {
        return;
    }
    let why = if service != own {
        format!("{words} are about actions of {own} only")
    } else {
        let near = api_name(name).map(str::to_owned).or_else(|| {
            let known = actions().iter().filter(|action| works_on(action, scope.subject.kind));
            nearest(entry.text, known.map(|action| action.name)).map(str::to_owned)
        });
        let advice = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        let what = if entry.text.contains(['*', '?']) {
            "it matches no action"
        } else {
            "there is no such action"
        };
        format!("{what}{advice}")
    };
    found.add("unknown-action", scope.statement, (entry.text, entry.span), why);
}

/// [RES-04]
fn misplaced(scope: &Scope<'_>, entry: &Entry<'_>, matched: &[&Action], place: &Places, found: &mut Found) {
    let kind = scope.subject.kind;
    if scope.statement.action.negated {
        return;
    }
    let mut add = |why: String| found.add("misplaced-action", scope.statement, (entry.text, entry.span), why);
    if !matched.iter().any(|action| works_on(action, kind)) {
        return add(match kind {
            PolicyKind::Bucket => "it works on neither buckets nor objects".to_owned(),
            PolicyKind::AccessPoint => "it works on neither access points nor objects behind them".to_owned(),
            PolicyKind::Trust | PolicyKind::ResourceControl => "it is about no role".to_owned(),
        });
    }
    let Places::Known { resource, objects } = place else {
        return;
    };
    let [itself, inside] = match kind {
        PolicyKind::Bucket => [Target::Bucket, Target::Object],
        PolicyKind::AccessPoint => [Target::AccessPoint, Target::AccessPointObject],
        PolicyKind::Trust | PolicyKind::ResourceControl => return,
    };
    let works = |target: Target| matched.iter().any(|action| action.targets.contains(&target));
    if (works(itself) && *resource) || (works(inside) && *objects) || !(*resource || *objects) {
        return;
    }
    let arn = scope.subject.arn;
    let inside = if kind == PolicyKind::Bucket { "/*" } else { "/object/*" };
    let (wanted, given) = if works(itself) {
        ("", "objects only")
    } else {
        (inside, "no object")
    };
    add(format!("the statement names {given}; it works on `{arn}{wanted}`"));
}

/// What the resources of a statement can be.
enum Places {
    /// Whether the document's own resource is among them, and whether things in it are.
    Known { resource: bool, objects: bool },
    /// It cannot be told.
    Open,
}

impl Places {
    fn of(scope: &Scope<'_>, found: &mut Found) -> Self {
        let (PolicyKind::Bucket | PolicyKind::AccessPoint, Some(list)) =
            (scope.subject.kind, &scope.statement.resource)
        else {
            return Self::Open;
        };
        // What a template calls a resource is not known before deployment.
        if list.negated || !scope.whole || Placeholder::is_in(scope.subject.arn) {
            return Self::Open;
        }
        let (mut resource, mut objects) = (false, false);
        for (text, span) in texts(list) {
            let (one, other) = fits(&loose(text, scope.document.version), scope);
            if !one && !other {
                let arn = scope.subject.arn;
                let why = format!("the document is about `{arn}` and what is in it");
                found.add("foreign-resource", scope.statement, (text, span), why);
            }
            resource |= one;
            objects |= other;
        }
        Self::Known { resource, objects }
    }
}

fn texts(list: &ElementList) -> impl Iterator<Item = (&str, crate::source::Span)> {
    list.entries.iter().map(|entry| (&*entry.value.0, entry.span))
}

/// Whether a pattern can match the document's own resource, and things in it [RES-02], [RES-05].
fn fits(pattern: &str, scope: &Scope<'_>) -> (bool, bool) {
    let arn = scope.subject.arn;
    if pattern.split(':').count() < 6 {
        return (true, true);
    }
    let beginning = match scope.subject.kind {
        PolicyKind::AccessPoint => format!("{arn}/object/"),
        PolicyKind::Bucket | PolicyKind::Trust | PolicyKind::ResourceControl => format!("{arn}/"),
    };
    (matches(pattern, arn), matches_beyond(pattern, &beginning))
}

fn service_of(kind: PolicyKind) -> (&'static str, &'static str) {
    match kind {
        PolicyKind::Bucket => ("s3", "bucket policies"),
        PolicyKind::AccessPoint => ("s3", "access point policies"),
        PolicyKind::Trust => ("sts", "trust policies"),
        PolicyKind::ResourceControl => ("", "resource control policies"),
    }
}

/// The action that a call of the API needs, where it is called otherwise, given in lower case [S3A-20].
fn api_name(call: &str) -> Option<&'static str> {
    Some(match call {
        "listobject" | "listobjects" | "listobjectsv2" | "headbucket" => "s3:ListBucket",
        "listobjectversions" => "s3:ListBucketVersions",
        "listbuckets" => "s3:ListAllMyBuckets",
        "listmultipartuploads" => "s3:ListBucketMultipartUploads",
        "listparts" => "s3:ListMultipartUploadParts",
        "headobject" | "selectobjectcontent" => "s3:GetObject",
        "copyobject" | "createmultipartupload" | "uploadpart" | "completemultipartupload" => "s3:PutObject",
        "deleteobjects" => "s3:DeleteObject",
        "deletebucketownershipcontrols" => "s3:PutBucketOwnershipControls",
        "deletepublicaccessblock" | "putpublicaccessblock" => "s3:PutBucketPublicAccessBlock",
        "getpublicaccessblock" => "s3:GetBucketPublicAccessBlock",
        "deletebucketcors" => "s3:PutBucketCORS",
        "deletebuckettagging" => "s3:PutBucketTagging",
        "deletebucketlifecycle" | "putbucketlifecycle" | "putbucketlifecycleconfiguration" => {
            "s3:PutLifecycleConfiguration"
        }
        "getbucketlifecycle" | "getbucketlifecycleconfiguration" => "s3:GetLifecycleConfiguration",
        "deletebucketreplication" | "putbucketreplication" => "s3:PutReplicationConfiguration",
        "getbucketreplication" => "s3:GetReplicationConfiguration",
        "deletebucketencryption" | "putbucketencryption" => "s3:PutEncryptionConfiguration",
        "getbucketencryption" => "s3:GetEncryptionConfiguration",
        _ => return None,
    })
}
