use std::collections::BTreeMap;

use super::bucket::{Subject, not_exported};
use super::part::{Extent, FoundBucket};
use crate::model::{AccessPoint, Acl, Bucket, PublicAccessBlock, Role, Setting};
use crate::source::{Spanned, UnknownReason};

/// Takes from another reading of the same setting what this one does not know; whether the two contradict each other.
pub(super) fn pick<T>(setting: &mut Setting<T>, other: Setting<T>, same: impl Fn(&T, &T) -> bool) -> bool {
    let contradiction = match (&*setting, &other) {
        (Setting::Absent, Setting::Absent) => false,
        (Setting::Set(Spanned { value: a, .. }), Setting::Set(Spanned { value: b, .. })) => !same(a, b),
        (Setting::Absent, Setting::Set(_)) | (Setting::Set(_), Setting::Absent) => true,
        (Setting::Unknown(_), _) | (_, Setting::Unknown(_)) => false,
    };
    if certainty(&other) > certainty(setting) {
        *setting = other;
    }
    contradiction
}

fn certainty<T>(setting: &Setting<T>) -> u8 {
    match setting {
        Setting::Absent | Setting::Set(_) => 2,
        Setting::Unknown(unknown) => match unknown.reason {
            UnknownReason::Refused(_)
            | UnknownReason::Unreadable
            | UnknownReason::Undecided
            | UnknownReason::Invalid
            | UnknownReason::NotDeployed(_) => 1,
            UnknownReason::NotInInput => 0,
        },
    }
}

/// Joins another reading of a bucket; whether the two contradict each other.
pub(super) fn join_bucket(bucket: &mut Bucket, other: Bucket) -> bool {
    bucket.owner = bucket.owner.take().or(other.owner);
    bucket.region = bucket.region.take().or(other.region);
    bucket.created = bucket.created.or(other.created);
    let contradictions = [
        pick(&mut bucket.policy, other.policy, |a, b| a.to_json() == b.to_json()),
        pick(&mut bucket.policy_status, other.policy_status, PartialEq::eq),
        pick(&mut bucket.acl, other.acl, same_acl),
        pick(
            &mut bucket.public_access_block,
            other.public_access_block,
            PartialEq::eq,
        ),
        pick(&mut bucket.ownership, other.ownership, PartialEq::eq),
        pick(&mut bucket.request_payment, other.request_payment, PartialEq::eq),
        pick(&mut bucket.tags, other.tags, PartialEq::eq),
        pick(&mut bucket.abac, other.abac, PartialEq::eq),
        pick(&mut bucket.versioning, other.versioning, PartialEq::eq),
        pick(&mut bucket.encryption, other.encryption, PartialEq::eq),
        pick(&mut bucket.lifecycle, other.lifecycle, PartialEq::eq),
        pick(&mut bucket.logging, other.logging, PartialEq::eq),
        pick(&mut bucket.object_lock, other.object_lock, PartialEq::eq),
        pick(&mut bucket.website, other.website, PartialEq::eq),
    ];
    for object in other.objects {
        if !bucket.objects.iter().any(|known| known.key == object.key) {
            bucket.objects.push(object);
        }
    }
    contradictions.contains(&true)
}

fn same_acl(a: &Acl, b: &Acl) -> bool {
    let grants = |acl: &Acl| {
        let mut grants: Vec<_> = acl
            .grants
            .iter()
            .map(|grant| (grant.grantee.clone(), grant.permission))
            .collect();
        grants.sort();
        grants
    };
    a.owner == b.owner && grants(a) == grants(b)
}

/// Joins another reading of a role; whether the two contradict each other.
pub(super) fn join_role(role: &mut Role, other: Role) -> bool {
    role.unique_id = role.unique_id.take().or(other.unique_id);
    if role.policies.is_empty() {
        role.policies = other.policies;
    }
    // A listing of roles carries no tags [FMT-30].
    if role.tags.is_absent() {
        role.tags = other.tags;
    }
    pick(&mut role.trust, other.trust, |a, b| a.to_json() == b.to_json())
}

/// Joins another reading of an access point; whether the two contradict each other.
pub(super) fn join_access_point(point: &mut AccessPoint, other: AccessPoint) -> bool {
    let mut contradiction = false;
    if point.bucket.is_empty() {
        point.bucket = other.bucket;
        point.origin = other.origin;
        point.region = point.region.take().or(other.region);
        point.bucket_account = other.bucket_account;
    } else if !other.bucket.is_empty() {
        contradiction = point.bucket != other.bucket || point.origin != other.origin;
    }
    let policy = pick(&mut point.policy, other.policy, |a, b| a.to_json() == b.to_json());
    let block = pick(&mut point.public_access_block, other.public_access_block, PartialEq::eq);
    contradiction || policy || block
}

/// Joins another reading of an account's block; whether the two contradict each other.
pub(super) fn join_block(block: &mut Setting<PublicAccessBlock>, other: Setting<PublicAccessBlock>) -> bool {
    pick(block, other, PartialEq::eq)
}

/// Joins the single answers of one directory that speak of the same bucket. One policy document there, alone in
/// naming the bucket, belongs to them; several stay each on its own.
pub(super) fn join_pieces(found: Vec<FoundBucket>) -> Vec<FoundBucket> {
    let mut joined = Vec::new();
    let mut by_name: BTreeMap<Box<str>, (Vec<FoundBucket>, Vec<FoundBucket>)> = BTreeMap::new();
    for bucket in found {
        match bucket.extent {
            Extent::Whole => joined.push(bucket),
            Extent::Alone => by_name.entry(bucket.bucket.name.clone()).or_default().0.push(bucket),
            Extent::Piece(_) => by_name.entry(bucket.bucket.name.clone()).or_default().1.push(bucket),
        }
    }
    for (documents, mut pieces) in by_name.into_values() {
        if pieces.is_empty() {
            joined.extend(documents);
            continue;
        }
        match <[FoundBucket; 1]>::try_from(documents) {
            Ok([document]) => pieces.insert(0, as_piece(document)),
            Err(documents) => joined.extend(documents),
        }
        joined.extend(join_named(pieces));
    }
    joined
}

fn as_piece(document: FoundBucket) -> FoundBucket {
    let subject = if document.bucket.acl.is_absent() {
        Subject::Policy
    } else {
        Subject::Acl
    };
    FoundBucket {
        extent: Extent::Piece([subject].into()),
        ..document
    }
}

fn join_named(pieces: Vec<FoundBucket>) -> Option<FoundBucket> {
    let single = matches!(&*pieces, [only] if only.extent == Extent::Piece([Subject::Acl].into()));
    let mut pieces = pieces.into_iter().map(|mut piece| {
        if let Extent::Piece(subjects) = &piece.extent
            && !single
        {
            not_exported(&mut piece.bucket, subjects);
        }
        piece.bucket
    });
    let mut bucket = pieces.next()?;
    for piece in pieces {
        join_bucket(&mut bucket, piece);
    }
    Some(FoundBucket {
        bucket,
        extent: Extent::Alone,
    })
}
