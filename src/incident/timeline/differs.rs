use super::state::State;
use crate::model::{Acl, Bucket, Inventory, Role, Setting};
use crate::source::{Diagnostic, Span};

/// Where events end in another state than a later snapshot has: one of the two is not complete.
pub(super) fn differs(end: &State, snapshot: &Inventory) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut differ = |what: &str, arn: String, span: Span| {
        let message = format!("the events end with another {what} of `{arn}` than the snapshot has");
        let diagnostic = Diagnostic::warning("bucketproof::incident::differs", span, message);
        found.push(diagnostic.with_help(
            "an event is missing in the logs, or the snapshot is older than the last of them: see `--snapshot-is`",
        ));
    };
    for there in &snapshot.buckets {
        let ours = end.bucket(&there.name);
        for what in ours.into_iter().flat_map(|ours| of_bucket(ours, there)) {
            differ(what, there.arn(), there.span);
        }
    }
    for there in &snapshot.roles {
        let ours = end.role(&there.name, there.account);
        if ours.is_some_and(|ours| !is_same_trust(ours, there)) {
            differ("trust policy", there.arn(), there.span);
        }
    }
    found
}

fn of_bucket(ours: &Bucket, there: &Bucket) -> Vec<&'static str> {
    // A request does not name the owner, whose own grants are no access of others.
    let public = |acl: &Acl| {
        let grants = acl.grants.iter().filter(|grant| grant.grantee.is_public_group());
        grants
            .map(|grant| (grant.grantee.clone(), grant.permission))
            .collect::<Vec<_>>()
    };
    let blocks = (&ours.public_access_block, &there.public_access_block);
    let settings = [
        (
            "policy",
            is_same(&ours.policy, &there.policy, |a, b| a.to_json() == b.to_json()),
        ),
        ("ACL", is_same(&ours.acl, &there.acl, |a, b| public(a) == public(b))),
        (
            "Block Public Access setting",
            is_same(blocks.0, blocks.1, PartialEq::eq),
        ),
        (
            "Object Ownership",
            is_same(&ours.ownership, &there.ownership, PartialEq::eq),
        ),
    ];
    let differ = settings.into_iter().filter(|(_, is_same)| !is_same);
    differ.map(|(what, _)| what).collect()
}

fn is_same_trust(ours: &Role, there: &Role) -> bool {
    is_same(&ours.trust, &there.trust, |a, b| a.to_json() == b.to_json())
}

/// Whether two readings may be of the same value.
fn is_same<T>(one: &Setting<T>, other: &Setting<T>, equal: impl Fn(&T, &T) -> bool) -> bool {
    match (one, other) {
        (Setting::Unknown(_), _) | (_, Setting::Unknown(_)) | (Setting::Absent, Setting::Absent) => true,
        (Setting::Set(one), Setting::Set(other)) => equal(&one.value, &other.value),
        (Setting::Absent, Setting::Set(_)) | (Setting::Set(_), Setting::Absent) => false,
    }
}
