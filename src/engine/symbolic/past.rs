//! The documents of before, compiled beside those that are compared with them.

use super::access_point::either_public;
use super::before::{Before, equals, other_than, twins};
use super::bucket::{Anonymous, Contents, add_bucket_acl, add_resource_control_policies, anonymous, effects, is_owner};
use super::documents::{Documents, Grantor, Place, Side, variables};
use super::effects::Effects;
use super::object::add_object_acl;
use crate::engine::{Blocks, BucketScope, DocumentKind, access_point_blocks, bucket_blocks};
use crate::iam::{ContextKey, Statement};
use crate::model::{AccessPoint, Acl, AclGrantee, NetworkOrigin, ObjectOwnership, Setting};
use crate::source::{Known, UnknownReason};

/// A bucket as it was.
pub(super) struct Past<'a> {
    scope: &'a BucketScope<'a>,
    blocks: Blocks,
    /// The owner of each object, whom it is given in full [ACL-08].
    owners: Vec<Option<AclGrantee>>,
}

impl<'a> Past<'a> {
    pub(super) fn of(scope: &'a BucketScope<'a>) -> Self {
        let objects = scope.bucket.objects.iter();
        Self {
            scope,
            blocks: bucket_blocks(scope),
            owners: objects
                .map(|object| object.acl.value()?.owner.clone().map(AclGrantee::Canonical))
                .collect(),
        }
    }

    /// Adds everything that decided about requests to the bucket itself.
    ///
    /// What is a fact of the resource is taken as it is now; where that was another fact and some document asked for it,
    /// what was allowed is not known.
    pub(super) fn add_to<'s>(
        &'s self,
        documents: &mut Documents<'s>,
        place: &Place,
        now: &BucketScope<'_>,
    ) -> Before<'s>
    where
        'a: 's,
    {
        let scope: &'s BucketScope<'s> = self.scope;
        let bucket = scope.bucket;
        let mut undecided = Vec::new();
        let mut all = Vec::new();
        documents.side = Side::Before;
        let start_of_all = documents.rules.len();
        let start = start_of_all;
        let mut unknown = false;
        match &bucket.policy {
            Setting::Absent => {}
            Setting::Set(policy) => {
                unknown |= !policy.value.unresolved.is_empty();
                documents.add_policy(&policy.value, DocumentKind::BucketPolicy, Some(place));
            }
            Setting::Unknown(_) => unknown = true,
        }
        add_resource_control_policies(scope, documents, place);
        match &bucket.acl {
            Setting::Absent => {}
            Setting::Set(acl) => add_bucket_acl(scope, &acl.value, documents, place, &mut undecided),
            Setting::Unknown(known) => unknown |= known.reason != UnknownReason::NotInInput,
        }
        let mut to_owner = Vec::new();
        if let Some(acl) = bucket.acl.value() {
            to_owner.extend(self.of_owner(documents, start, acl));
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
                if let Some(acl) = object.acl.value() {
                    to_owner.extend(self.of_owner(documents, start, acl));
                }
                all.push((range, effects(scope, &self.blocks, object.acl.value())));
            }
        }
        documents.side = Side::Judged;
        let shifted = asking_for_what_changed(documents, start_of_all, &bucket_facts(scope, now));
        Before {
            effects: all,
            anonymous: anonymous(scope),
            owner: bucket.account,
            own_object: other_than(&Contents::of(scope).foreign),
            from_vpc: None,
            to_owner,
            unknown: unknown || !undecided.is_empty(),
            shifted,
            twins: twins(documents),
        }
    }

    /// The rules from this place on that grant something to the owner of the bucket.
    fn of_owner(&self, documents: &Documents<'_>, start: usize, acl: &Acl) -> Vec<usize> {
        let rules = documents.rules.iter().enumerate().skip(start);
        let to_owner = rules.filter(|(_, rule)| match rule.grantor {
            Grantor::Acl(grantee) => is_owner(self.scope, acl, grantee),
            Grantor::Policy(_) => false,
        });
        to_owner.map(|(index, _)| index).collect()
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
        (own_place, bucket_place): (&Place, &Place),
        now: &BucketScope<'_>,
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
            to_owner: Vec::new(),
            unknown: false,
            shifted: Vec::new(),
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
                Setting::Set(policy) => {
                    before.unknown |= !policy.value.unresolved.is_empty();
                    documents.add_policy(&policy.value, kind, Some(place));
                }
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
                when: scope.bucket.when.iter().chain(&point.when).collect(),
                own: scope.bucket.account.into_iter().chain(point.account).collect(),
            },
        ));
        match &point.origin {
            NetworkOrigin::Internet => {}
            NetworkOrigin::Vpc(None) => before.unknown = true,
            NetworkOrigin::Vpc(Some(vpc)) => {
                let key = documents
                    .keys
                    .id(&ContextKey::new("aws:SourceVpc"), DocumentKind::AccessPointPolicy);
                before.from_vpc = Some(equals(key, vpc));
            }
        }
        before.shifted = asking_for_what_changed(documents, start, &bucket_facts(scope, now));
        before.twins = twins(documents);
        before
    }
}

/// Keys that are facts of a resource, by their lower-case beginnings, with whether the fact changed.
type Facts = [(&'static [&'static str], bool); 3];

fn bucket_facts(was: &BucketScope<'_>, is: &BucketScope<'_>) -> Facts {
    let organization = |scope: &BucketScope<'_>| scope.organization.and_then(|known| known.id.clone());
    facts(
        differ(&was.bucket.tags, &is.bucket.tags) || differ(&was.bucket.abac, &is.bucket.abac),
        was.bucket.account != is.bucket.account,
        organization(was) != organization(is),
    )
}

/// What changed of tags, owner and organization.
pub(super) fn facts(tags: bool, owner: bool, organization: bool) -> Facts {
    [
        (&["aws:resourcetag/", "s3:buckettag/", "iam:resourcetag/"], tags),
        (&["aws:resourceaccount", "s3:resourceaccount"], owner),
        (&["aws:resourceorg"], organization),
    ]
}

/// Whether two settings may differ.
pub(super) fn differ<T: PartialEq>(one: &Setting<T>, other: &Setting<T>) -> bool {
    match (one, other) {
        (Setting::Absent, Setting::Absent) => false,
        (Setting::Set(one), Setting::Set(other)) => one.value != other.value,
        // Both unknown for the same reason: the same place, read twice.
        (Setting::Unknown(one), Setting::Unknown(other)) => one.reason != other.reason,
        (Setting::Absent | Setting::Set(_) | Setting::Unknown(_), _) => true,
    }
}

/// The rules from this place on that ask for a fact that changed.
pub(super) fn asking_for_what_changed(documents: &Documents<'_>, start: usize, facts: &Facts) -> Vec<usize> {
    let changed = |key: &str| {
        facts
            .iter()
            .any(|(names, changed)| *changed && names.iter().any(|name| key.starts_with(name)))
    };
    let asks = |statement: &Statement| {
        let conditions = statement.conditions.iter().map(|condition| condition.key.folded());
        let mut keys = conditions.chain(variables(statement).map(|variable| variable.key.folded()));
        keys.any(changed)
    };
    let rules = documents.rules.iter().enumerate().skip(start);
    rules
        .filter(|(_, rule)| rule.statement.is_some_and(asks))
        .map(|(index, _)| index)
        .collect()
}
