//! The documents of before, compiled beside those that are compared with them.

use super::access_point::either_public;
use super::before::{Before, equals, other_than, twins};
use super::bucket::{Anonymous, Contents, add_bucket_acl, add_resource_control_policies, anonymous, effects};
use super::documents::{Documents, Place, Side};
use super::effects::Effects;
use super::object::{add_object_acl, foreign_owner};
use crate::engine::{Blocks, BucketScope, DocumentKind, access_point_blocks, bucket_blocks};
use crate::iam::ContextKey;
use crate::model::{AccessPoint, AclGrantee, NetworkOrigin, ObjectOwnership, Setting};
use crate::source::{Known, UnknownReason};

/// A bucket as it was.
pub(super) struct Past<'a> {
    scope: &'a BucketScope<'a>,
    blocks: Blocks,
    /// The foreign owner of each object.
    owners: Vec<Option<AclGrantee>>,
}

impl<'a> Past<'a> {
    pub(super) fn of(scope: &'a BucketScope<'a>) -> Self {
        let objects = scope.bucket.objects.iter();
        Self {
            scope,
            blocks: bucket_blocks(scope),
            owners: objects
                .map(|object| foreign_owner(scope, object).map(AclGrantee::Canonical))
                .collect(),
        }
    }

    /// Adds everything that decided about requests to the bucket itself.
    pub(super) fn add_to<'s>(&'s self, documents: &mut Documents<'s>, place: &Place) -> Before<'s>
    where
        'a: 's,
    {
        let scope: &'s BucketScope<'s> = self.scope;
        let bucket = scope.bucket;
        let mut undecided = Vec::new();
        let mut all = Vec::new();
        documents.side = Side::Before;
        let start = documents.rules.len();
        let mut unknown = false;
        match &bucket.policy {
            Setting::Absent => {}
            Setting::Set(policy) => documents.add_policy(&policy.value, DocumentKind::BucketPolicy, Some(place)),
            Setting::Unknown(_) => unknown = true,
        }
        add_resource_control_policies(scope, documents, place);
        match &bucket.acl {
            Setting::Absent => {}
            Setting::Set(acl) => add_bucket_acl(scope, &acl.value, documents, place, &mut undecided),
            Setting::Unknown(known) => unknown |= known.reason != UnknownReason::NotInInput,
        }
        all.push((
            start..documents.rules.len(),
            effects(scope, &self.blocks, bucket.acl.value()),
        ));
        for (object, owner) in bucket.objects.iter().zip(&self.owners) {
            let start = documents.rules.len();
            add_object_acl(scope, object, owner.as_ref(), documents, &mut undecided);
            if documents.rules.len() > start {
                let range = start..documents.rules.len();
                all.push((range, effects(scope, &self.blocks, object.acl.value())));
            }
        }
        documents.side = Side::Judged;
        Before {
            effects: all,
            anonymous: anonymous(scope),
            owner: bucket.account,
            own_object: other_than(&Contents::of(scope).foreign),
            from_vpc: None,
            unknown: unknown || !undecided.is_empty(),
            twins: twins(documents),
        }
    }
}

/// An access point as it was.
pub(super) struct PastPoint<'a> {
    scope: &'a BucketScope<'a>,
    point: Option<(&'a AccessPoint, Blocks)>,
}

impl<'a> PastPoint<'a> {
    pub(super) fn of(scope: &'a BucketScope<'a>, arn: &str) -> Self {
        let point = scope.access_points.iter().copied().find(|point| point.arn() == arn);
        Self {
            scope,
            point: point.map(|point| (point, access_point_blocks(scope, point))),
        }
    }

    /// Adds everything that decided about requests through the access point.
    pub(super) fn add_to<'s>(
        &'s self,
        documents: &mut Documents<'s>,
        own_place: &Place,
        bucket_place: &Place,
    ) -> Before<'s>
    where
        'a: 's,
    {
        let scope: &'s BucketScope<'s> = self.scope;
        let mut before = Before {
            effects: Vec::new(),
            anonymous: Anonymous::Refused,
            owner: scope.bucket.account,
            own_object: other_than(&Contents::of(scope).foreign),
            from_vpc: None,
            unknown: false,
            twins: Vec::new(),
        };
        // Where there was no access point, nobody came through it.
        let Some((point, blocks)) = &self.point else {
            before.owner = None;
            return before;
        };
        documents.side = Side::Before;
        let start = documents.rules.len();
        for (policy, kind, place) in [
            (&point.policy, DocumentKind::AccessPointPolicy, own_place),
            (&scope.bucket.policy, DocumentKind::BucketPolicy, bucket_place),
        ] {
            match policy {
                Setting::Absent => {}
                Setting::Set(policy) => documents.add_policy(&policy.value, kind, Some(place)),
                Setting::Unknown(_) => before.unknown = true,
            }
        }
        add_resource_control_policies(scope, documents, bucket_place);
        documents.side = Side::Judged;
        before.effects.push((
            start..documents.rules.len(),
            Effects {
                policy_public: either_public(scope, point),
                restrict: &blocks.restrict_public_buckets,
                ignore: &blocks.ignore_public_acls,
                ownership: Known::Known(ObjectOwnership::BucketOwnerEnforced),
                ownership_assumed: None,
                acl_public: false,
                own: scope.bucket.account.into_iter().chain(point.account).collect(),
            },
        ));
        match &point.origin {
            NetworkOrigin::Internet => {}
            NetworkOrigin::Vpc(None) => before.unknown = true,
            NetworkOrigin::Vpc(Some(vpc)) => {
                let key = documents.keys.id(&ContextKey::new("aws:SourceVpc"));
                before.from_vpc = Some(equals(key, vpc));
            }
        }
        before.twins = twins(documents);
        before
    }
}
