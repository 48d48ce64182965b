use super::decision::{Question, Refusal, Trace};
use super::identity::{Belongs, Identity, Owner};
use super::keys::Keys;
use super::place::{Door, Place};
use super::side::{Side, cut, spared};
use super::statement::Heard;
use crate::engine::public::{PolicyOf, policy_is_public};
use crate::engine::{Blocks, Caller};
use crate::iam::ContextKey;
use crate::model::{AccessPoint, NetworkOrigin};

/// Whether the way to the bucket is closed to a request, whatever the documents allow.
pub(super) fn refusal(place: &Place<'_>, identity: &Identity<'_>, keys: &Keys<'_>) -> Option<Refusal> {
    match &place.door {
        Door::Direct => None,
        Door::Listed(..) | Door::Unlisted if *identity.caller == Caller::Anonymous => {
            Some(Refusal::AnonymousThroughAccessPoint)
        }
        Door::Unlisted => None,
        Door::Listed(access_point, _) => (!comes_from_origin(access_point, keys)).then_some(Refusal::NetworkOrigin),
    }
}

/// What is not known of the way and could still close it.
pub(super) fn question(place: &Place<'_>) -> Option<Question> {
    match &place.door {
        Door::Direct => None,
        Door::Unlisted => place.names_access_point.then_some(Question::AccessPoint),
        Door::Listed(access_point, _) => match access_point.origin {
            NetworkOrigin::Vpc(None) => Some(Question::Vpc),
            NetworkOrigin::Internet | NetworkOrigin::Vpc(Some(_)) => None,
        },
    }
}

/// A VPC origin takes requests that come through that VPC and no others [AP-04].
fn comes_from_origin(access_point: &AccessPoint, keys: &Keys<'_>) -> bool {
    let vpc = keys.variable(&ContextKey::new("aws:SourceVpc"));
    match &access_point.origin {
        NetworkOrigin::Internet => true,
        NetworkOrigin::Vpc(Some(own)) => vpc == Some(own),
        NetworkOrigin::Vpc(None) => vpc.is_some(),
    }
}

/// What the policy of an access point gives [AP-01].
///
/// The root user of the account that owns the access point needs no statement of it [EVAL-09]; where S3 calls
/// the policy public, RestrictPublicBuckets leaves the two owner accounts and services [BPA-04].
pub(super) fn access_point_side(
    heard: Heard,
    access_point: &AccessPoint,
    blocks: &Blocks,
    identity: &Identity<'_>,
    bucket_owner: &Owner,
    trace: &mut Trace,
) -> Side {
    let side = Side::of(heard);
    let public = access_point
        .policy
        .value()
        .is_some_and(|policy| policy_is_public(policy, PolicyOf::AccessPoint(&access_point.origin)).public);
    if !public {
        return side;
    }
    let own = owns_either(identity, access_point, bucket_owner);
    let block = &blocks.restrict_public_buckets;
    cut(
        side,
        "RestrictPublicBuckets",
        block,
        spared(identity.caller, own),
        trace,
    )
}

/// Whether the caller belongs to the bucket's or to the access point's account.
pub(super) fn owns_either(identity: &Identity<'_>, access_point: &AccessPoint, bucket_owner: &Owner) -> Belongs {
    let owner = Owner {
        account: access_point.account,
        canonical: None,
    };
    match (identity.belongs_to(bucket_owner), identity.belongs_to(&owner)) {
        (Belongs::Yes, _) | (_, Belongs::Yes) => Belongs::Yes,
        (Belongs::Unknown, _) | (_, Belongs::Unknown) => Belongs::Unknown,
        (Belongs::No, Belongs::No) => Belongs::No,
    }
}
