use super::public::{PolicyOf, policy_is_public};
use super::settings::ownership_in_force;
use super::{Block, BucketScope, ConsoleLabel, access_point_blocks, bucket_blocks};
use crate::model::{AccessPoint, NetworkOrigin, ObjectOwnership, Setting};
use crate::source::{Known, Unknown, UnknownReason};

/// Whether S3 calls the bucket policy public [PUB-02]; none where there is no policy or it is not known [PUB-06].
pub fn policy_public(scope: &BucketScope<'_>) -> Option<bool> {
    let policy = scope.bucket.policy.value()?;
    Some(policy_is_public(policy, PolicyOf::Bucket).public)
}

/// Whether S3 calls the bucket's ACL public [PUB-01]; where ACLs are off it is not [OWN-01].
///
/// None where that is not known.
pub fn acl_public(scope: &BucketScope<'_>) -> Option<bool> {
    let listed = match &scope.bucket.acl {
        Setting::Absent => Some(false),
        Setting::Set(acl) => Some(acl.value.is_public()),
        Setting::Unknown(_) => None,
    };
    let on = match ownership_in_force(scope.bucket) {
        Known::Known(ObjectOwnership::BucketOwnerEnforced) => Some(false),
        Known::Known(ObjectOwnership::BucketOwnerPreferred | ObjectOwnership::ObjectWriter) => Some(true),
        Known::Unknown(_) => None,
    };
    and(listed, on)
}

/// What the S3 console shows in the column *Access* [CON-01…08].
///
/// It looks at the bucket's ACL and policies only, not at ACLs of objects [CON-07]. None where a setting that
/// decides is not in the input or could not be read.
pub fn console_label(scope: &BucketScope<'_>) -> Option<ConsoleLabel> {
    // [CON-05]: the console asks for everything first.
    if is_refused(scope) {
        return Some(ConsoleLabel::Error);
    }
    let blocks = bucket_blocks(scope);
    let policy = match &scope.bucket.policy {
        Setting::Absent => Some(false),
        Setting::Set(_) => policy_public(scope),
        Setting::Unknown(_) => None,
    };
    let ways = [
        and(acl_public(scope), not(state(&blocks.ignore_public_acls))),
        and(policy, not(state(&blocks.restrict_public_buckets))),
        any(scope
            .access_points
            .iter()
            .map(|access_point| access_point_public(scope, access_point))),
    ];
    // [CON-01] comes first [CON-08].
    if any(ways.into_iter())? {
        return Some(ConsoleLabel::Public);
    }
    // [CON-02]: a public policy that is not public here is restricted.
    if policy? {
        return Some(ConsoleLabel::OnlyAuthorizedUsers);
    }
    // [CON-03], [CON-04]
    let blocked = and(state(&blocks.block_public_acls), state(&blocks.ignore_public_acls))?;
    Some(if blocked {
        ConsoleLabel::NotPublic
    } else {
        ConsoleLabel::ObjectsCanBePublic
    })
}

/// Whether an access point of the owner's account is public and not restricted; one with a VPC origin never is [PUB-40].
fn access_point_public(scope: &BucketScope<'_>, access_point: &AccessPoint) -> Option<bool> {
    let own = access_point.account.is_none() || access_point.account == scope.bucket.account;
    let from_internet = match access_point.origin {
        NetworkOrigin::Internet => true,
        NetworkOrigin::Vpc(_) => false,
    };
    if !own || !from_internet {
        return Some(false);
    }
    let public = match &access_point.policy {
        Setting::Absent => Some(false),
        Setting::Set(policy) => {
            Some(policy_is_public(&policy.value, PolicyOf::AccessPoint(&access_point.origin)).public)
        }
        Setting::Unknown(_) => None,
    };
    let blocks = access_point_blocks(scope, access_point);
    and(public, not(state(&blocks.restrict_public_buckets)))
}

/// Whether AWS refused to tell a setting that the console asks for.
fn is_refused(scope: &BucketScope<'_>) -> bool {
    let bucket = scope.bucket;
    let account = scope
        .account
        .and_then(|account| account.public_access_block.as_unknown());
    let asked = [
        account,
        bucket.public_access_block.as_unknown(),
        bucket.policy.as_unknown(),
        bucket.acl.as_unknown(),
    ];
    let refused = |unknown: &Unknown| match unknown.reason {
        UnknownReason::Refused(_) => true,
        UnknownReason::Unreadable
        | UnknownReason::Undecided
        | UnknownReason::Invalid
        | UnknownReason::NotInInput
        | UnknownReason::NotDeployed(_) => false,
    };
    asked.into_iter().flatten().any(refused)
}

fn state(block: &Block) -> Option<bool> {
    match block {
        Block::On(_) => Some(true),
        Block::Off => Some(false),
        Block::Unknown(_) => None,
    }
}

fn not(value: Option<bool>) -> Option<bool> {
    value.map(|value| !value)
}

/// Both, where one that is false settles it.
fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        (None, _) | (_, None) => None,
    }
}

/// Any, where one that is true settles it.
fn any(values: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    for value in values {
        match value {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(false)
}
