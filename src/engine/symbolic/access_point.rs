//! Grants through an access point: its policy and the bucket's must both permit [AP-01].

use super::actions;
use super::bucket::{
    Anonymous, Contents, add_resource_control_policies, ground, place, sharing, surroundings, tidy, unreadable,
};
use super::callers::{Matching, Through};
use super::documents::{Documents, Place};
use super::effects::Effects;
use super::effort::Effort;
use super::inquiry::{Answered, Inquiry, answer};
use super::named::Named;
use super::past::PastPoint;
use super::question::Question;
use super::states::object_key;
use crate::engine::{
    BucketScope, DocumentKind, PolicyOf, Resource, ResourceAccess, ResourceKind, Status, access_point_blocks,
    policy_is_public, policy_public,
};
use crate::iam::Target;
use crate::model::{AccessPoint, NetworkOrigin, ObjectOwnership, Setting};
use crate::source::Known;

/// What is granted through an access point.
pub(super) fn access<'a>(
    scope: &BucketScope<'a>,
    point: &'a AccessPoint,
    inquiry: &Inquiry<'a, BucketScope<'a>>,
) -> Option<Answered> {
    let Inquiry { zone, options, .. } = *inquiry;
    let past = inquiry.before.map(|scope| PastPoint::of(scope, &point.arn()));
    let bucket_place = place(scope);
    let arn = point.arn();
    let own_place = Place {
        objects: format!("{arn}/object/"),
        whole: arn.clone(),
    };
    let mut documents = Documents::new(options.doubts);
    let mut undecided = Vec::new();
    if let Some(focus) = inquiry.focus
        && !documents.ask(
            focus,
            &[&own_place, &bucket_place],
            (actions::on(Target::AccessPoint), actions::on(Target::AccessPointObject)),
        )
    {
        return None;
    }
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
    let policy_public = either_public(scope, point);
    let effects = Effects {
        policy_public,
        restrict: &blocks.restrict_public_buckets,
        ignore: &blocks.ignore_public_acls,
        ownership: Known::Known(ObjectOwnership::BucketOwnerEnforced),
        ownership_assumed: None,
        acl_public: false,
        when: scope.bucket.when.iter().chain(&point.when).collect(),
        own: scope.bucket.account.into_iter().chain(point.account).collect(),
    };
    let known = Contents::of(scope);
    let before = past
        .as_ref()
        .map(|past| past.add_to(&mut documents, (&own_place, &bucket_place), scope));
    let through = Through::One {
        arn,
        account: point.account,
        vpc: match &point.origin {
            NetworkOrigin::Internet => None,
            NetworkOrigin::Vpc(id) => Some(id.as_deref().map(Into::into)),
        },
    };
    let mut question = Question {
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
            &known.special(before.as_ref()),
        ),
        place: Some(own_place),
        other_places: vec![bucket_place],
        asked: Question::dimensions(&documents, Some(&through)),
        before,
        through: Some(through),
        object: object_key(&known.objects, &[]),
        own_object: known.own_object(),
        documents,
        options,
        zone,
        effort: Effort::of(options),
    };
    question.narrow();
    // [AP-10]: anonymous requests do not pass.
    let answered = answer(&question, &effects, &Anonymous::Refused, None, &mut undecided);
    let sharing = sharing(&answered.grants, !undecided.is_empty(), scope.bucket.account);
    Some(answered.about(ResourceAccess {
        resource: Resource {
            kind: ResourceKind::AccessPoint,
            arn: point.arn(),
            name: point.name.to_string(),
            account: point.account,
            when: scope.bucket.when.iter().chain(&point.when).cloned().collect(),
            span: point.span,
        },
        status: Status {
            policy_public: own_public(point),
            acl_public: None,
            console: None,
            sharing,
        },
        grants: Vec::new(),
        indeterminate: tidy(undecided),
    }))
}

/// Whether S3 calls the policy of the access point or of the bucket behind it public.
pub(super) fn either_public(scope: &BucketScope<'_>, point: &AccessPoint) -> Option<bool> {
    match (own_public(point), policy_public(scope)) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false) | None) | (None, Some(false)) => Some(false),
        (None, None) => None,
    }
}

/// Whether S3 calls the access point's policy public; none where there is none or it is not known.
fn own_public(point: &AccessPoint) -> Option<bool> {
    let policy = point.policy.value()?;
    Some(policy_is_public(policy, PolicyOf::AccessPoint(&point.origin)).public)
}
