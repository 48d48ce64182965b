//! Grants through an access point: its policy and the bucket's must both permit [AP-01].

use super::actions;
use super::bucket::{
    Anonymous, Contents, add_resource_control_policies, decide, ground, place, sharing, surroundings, tidy, unreadable,
};
use super::callers::{Matching, Through};
use super::documents::{Documents, Place};
use super::effects::Effects;
use super::named::Named;
use super::question::Question;
use super::states::object_key;
use crate::engine::{
    BucketScope, DocumentKind, Options, PolicyOf, Resource, ResourceAccess, ResourceKind, Status, Zone,
    access_point_blocks, policy_is_public, policy_public,
};
use crate::iam::Target;
use crate::model::{AccessPoint, NetworkOrigin, ObjectOwnership, Setting};
use crate::source::Known;

/// What is granted through an access point.
pub(super) fn access(scope: &BucketScope<'_>, point: &AccessPoint, zone: &Zone, options: &Options) -> ResourceAccess {
    let bucket_place = place(scope);
    let arn = point.arn();
    let own_place = Place {
        objects: format!("{arn}/object/"),
        whole: arn.clone(),
    };
    let mut documents = Documents::new(options.doubts);
    let mut undecided = Vec::new();
    match &point.policy {
        Setting::Absent => {}
        Setting::Set(policy) => documents.add_policy(&policy.value, DocumentKind::AccessPointPolicy, Some(&own_place)),
        Setting::Unknown(unknown) => undecided.push(unreadable("the access point policy", unknown)),
    }
    match &scope.bucket.policy {
        Setting::Absent => {}
        Setting::Set(policy) => documents.add_policy(&policy.value, DocumentKind::BucketPolicy, Some(&bucket_place)),
        Setting::Unknown(unknown) => undecided.push(unreadable("the bucket policy", unknown)),
    }
    add_resource_control_policies(scope, &mut documents, &bucket_place);
    let blocks = access_point_blocks(scope, point);
    let own_public = own_public(point);
    let policy_public = match (own_public, policy_public(scope)) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false) | None) | (None, Some(false)) => Some(false),
        (None, None) => None,
    };
    let effects = Effects {
        policy_public,
        restrict: &blocks.restrict_public_buckets,
        ignore: &blocks.ignore_public_acls,
        ownership: Known::Known(ObjectOwnership::BucketOwnerEnforced),
        ownership_assumed: None,
        acl_public: false,
        own: scope.bucket.account.into_iter().chain(point.account).collect(),
    };
    let known = Contents::of(scope);
    let through = Through::One {
        arn,
        account: point.account,
        vpc: match &point.origin {
            NetworkOrigin::Internet => None,
            NetworkOrigin::Vpc(id) => Some(id.as_deref().map(Into::into)),
        },
    };
    let question = Question {
        named: Named::of(&documents, scope.bucket.account),
        ground: ground(scope, &[], options),
        matching: Matching {
            surroundings: surroundings(scope),
            doubts: options.doubts,
            trust: false,
        },
        groups: Question::group(
            &documents,
            actions::on(Target::AccessPoint).and(actions::on(Target::Bucket)),
            actions::on(Target::AccessPointObject),
            &known.special(),
        ),
        place: Some(own_place),
        other_places: vec![bucket_place],
        asked: Question::dimensions(&documents, Some(&through)),
        through: Some(through),
        object: object_key(&known.objects, &[]),
        own_object: known.own_object(),
        documents,
        options,
        zone,
    };
    // [AP-10]: anonymous requests do not pass.
    let grants = decide(&question, &effects, &Anonymous::Refused, None, &mut undecided);
    let sharing = sharing(&grants, !undecided.is_empty(), scope.bucket.account);
    ResourceAccess {
        resource: Resource {
            kind: ResourceKind::AccessPoint,
            arn: point.arn(),
            name: point.name.to_string(),
            account: point.account,
            span: point.span,
        },
        status: Status {
            policy_public: own_public,
            acl_public: None,
            console: None,
            sharing,
        },
        grants,
        indeterminate: tidy(undecided),
    }
}

/// Whether S3 calls the access point's policy public; none where there is none or it is not known.
fn own_public(point: &AccessPoint) -> Option<bool> {
    let policy = point.policy.value()?;
    Some(policy_is_public(policy, PolicyOf::AccessPoint(&point.origin)).public)
}
