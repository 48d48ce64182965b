use std::collections::{BTreeMap, BTreeSet};

use super::acl::may_set_acl;
use super::change::service;
use super::notes::{note, notes};
use crate::model::{ApiEvent, EventOrigin};

/// Whether an event belongs on a timeline: those that change who reaches what, or help somebody to stay or to hide.
pub fn is_change(event: &ApiEvent) -> bool {
    // A line of an access log tells no documents, and an insight is no call.
    if event.origin != EventOrigin::CloudTrail || event.insight.is_some() {
        return false;
    }
    let (service, name) = (service(event), &*event.name);
    let by_acl = || event.parameters.as_deref().is_some_and(may_set_acl);
    match service {
        "s3" if WRITES.contains(&name) => by_acl(),
        "s3" if FOLLOWED.contains(&name) => true,
        "iam" if OF_IAM.contains(&name) => true,
        _ => note(service, name).is_some(),
    }
}

/// Whether an event takes one of these objects away, or puts another in its place: bucket and key.
pub fn overwrites(event: &ApiEvent, objects: &BTreeSet<(Box<str>, Box<str>)>) -> bool {
    if event.error.is_some() || !OVERWRITES.contains(&&*event.name) || service(event) != "s3" || is_change(event) {
        return false;
    }
    let parameters = event.parameters.as_deref().unwrap_or_default();
    let parameters: serde_json::Value = serde_json::from_str(parameters).unwrap_or_default();
    let text = |name: &str| parameters.get(name).and_then(serde_json::Value::as_str);
    let named = text("bucketName").zip(text("key"));
    named.is_some_and(|(bucket, key)| objects.contains(&(bucket.into(), key.into())))
}

/// The names of the events that belong on a timeline whatever they hold.
pub fn names() -> impl Iterator<Item = &'static str> {
    let told = notes().map(|note| note.name);
    FOLLOWED.iter().chain(OF_IAM).copied().chain(told)
}

/// Each call once, in order of time and then of id [CT-95].
///
/// Files overlap [CT-01], and the accounts of caller and owner each have a copy [CT-21]: that of the owner is kept, and what it
/// lacks about the caller is taken from the other one.
pub(super) fn in_order(mut events: Vec<ApiEvent>) -> Vec<ApiEvent> {
    events.sort_by(|a, b| order(a).cmp(&order(b)));
    events.dedup_by(|a, b| order(a) == order(b));
    let mut shared: BTreeMap<Box<str>, usize> = BTreeMap::new();
    let mut once: Vec<ApiEvent> = Vec::with_capacity(events.len());
    for event in events {
        let place = event.shared_id.as_ref().and_then(|id| shared.get(id)).copied();
        match place.and_then(|place| once.get_mut(place)) {
            Some(known) => join(known, event),
            None => {
                shared.extend(event.shared_id.clone().map(|id| (id, once.len())));
                once.push(event);
            }
        }
    }
    once
}

/// CloudTrail tells seconds: within one, events are put so that each could succeed.
fn order(event: &ApiEvent) -> impl Ord + '_ {
    let call = (&event.id, &event.service, &event.name, event.account, &event.error);
    (event.time, rank(&event.name), call)
}

/// A thing is made first and deleted last, and what S3 refuses under a block follows the end of the block [CT-100].
fn rank(name: &str) -> u8 {
    match name {
        "DeleteBucket" | "DeleteRole" | "DeleteUser" | "DeleteAccessPoint" => 3,
        "DeleteBucketPublicAccessBlock" | "DeleteAccountPublicAccessBlock" | "DeletePublicAccessBlock" => 1,
        "PutBucketOwnershipControls" | "DeleteBucketOwnershipControls" => 1,
        name if name.starts_with("Create") => 0,
        _ => 2,
    }
}

fn join(known: &mut ApiEvent, mut other: ApiEvent) {
    let owns = |event: &ApiEvent| {
        let owners = event.resources.iter().filter_map(|resource| resource.account);
        event
            .account
            .is_some_and(|account| owners.clone().any(|owner| owner == account))
    };
    if owns(&other) && !owns(known) {
        std::mem::swap(known, &mut other);
    }
    let actor = &mut known.actor;
    actor.arn = actor.arn.take().or(other.actor.arn);
    actor.user_name = actor.user_name.take().or(other.actor.user_name);
    actor.access_key = actor.access_key.take().or(other.actor.access_key);
}

/// Events that write an object, and may set its ACL.
const WRITES: &[&str] = &["CopyObject", "CreateMultipartUpload", "PostObject", "PutObject"];

/// Events that take an object away, or put another in its place. An upload in parts does so at its end, which does not say
/// with which ACL it began.
pub const OVERWRITES: &[&str] = &["CopyObject", "DeleteObject", "PostObject", "PutObject"];

/// Events of S3 whose documents are followed [CT-30…CT-43].
const FOLLOWED: &[&str] = &[
    "CreateAccessPoint",
    "CreateBucket",
    "DeleteAccessPoint",
    "DeleteAccessPointPolicy",
    "DeleteAccountPublicAccessBlock",
    "DeleteBucket",
    "DeleteBucketOwnershipControls",
    "DeleteBucketPolicy",
    "DeleteBucketPublicAccessBlock",
    "DeleteBucketTagging",
    "DeletePublicAccessBlock",
    "PutAccessPointPolicy",
    "PutAccountPublicAccessBlock",
    "PutBucketAcl",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketReplication",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutObjectAcl",
    "PutPublicAccessBlock",
];

/// Events of IAM that are read [CT-60…CT-70]; all others are told in words.
const OF_IAM: &[&str] = &[
    "CreateAccessKey",
    "CreateRole",
    "CreateServiceLinkedRole",
    "DeleteRole",
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
];
