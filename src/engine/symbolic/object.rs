//! Grants of one object's ACL, under the Deny statements of the bucket policy.

use super::actions::{ActionSet, named_actions};
use super::bucket::{
    Contents, add_resource_control_policies, anonymous, decide, is_owner, place, question, sharing, tidy,
    unknown_grantee, unreadable,
};
use super::documents::{Documents, ObjectPattern, ResourceMatch};
use super::effects::Effects;
use crate::engine::settings::ownership_in_force;
use crate::engine::{
    BucketScope, DocumentKind, Options, Resource, ResourceAccess, ResourceKind, Status, Zone, bucket_blocks,
    policy_public,
};
use crate::iam::CanonicalId;
use crate::model::{Acl, AclGrantee, AclPermission, ObjectAcl, Setting};
use crate::source::UnknownReason;

/// What an object grants beyond its owner; none where that is nothing.
pub(super) fn access(
    scope: &BucketScope<'_>,
    object: &ObjectAcl,
    zone: &Zone,
    options: &Options,
) -> Option<ResourceAccess> {
    let place = place(scope);
    let foreign_owner = foreign_owner(scope, object).map(AclGrantee::Canonical);
    let mut documents = Documents::new(options.doubts);
    let mut undecided = Vec::new();
    if let Setting::Set(policy) = &scope.bucket.policy {
        // The policy's Allow statements are the bucket's own grants; here only what it denies counts [ACL-09].
        documents.add_policy(&policy.value, DocumentKind::BucketPolicy, Some(&place));
        documents.set_aside(|rule| rule.effect == crate::iam::Effect::Allow);
    }
    add_resource_control_policies(scope, &mut documents, &place);
    match &object.acl {
        Setting::Absent => {}
        Setting::Set(acl) => {
            let pattern = || ResourceMatch::of_objects(vec![ObjectPattern::one(&place, &object.key)]);
            for (grant, index) in acl.value.grants.iter().zip(0_u32..) {
                let actions = object_actions(grant.permission);
                if is_owner(scope, &acl.value, &grant.grantee) || actions.is_empty() {
                    continue;
                }
                unknown_grantee(&grant.grantee, grant.span, &mut undecided);
                documents.add_acl_grant(
                    &grant.grantee,
                    actions,
                    pattern(),
                    (DocumentKind::ObjectAcl, index, grant.span),
                );
            }
            // The owner has full control; an object that nobody in particular uploaded is everybody's [ACL-08].
            if let Some(owner) = &foreign_owner {
                let actions = object_actions(AclPermission::FullControl);
                documents.add_acl_grant(owner, actions, pattern(), (DocumentKind::ObjectAcl, 0, acl.span));
            }
        }
        Setting::Unknown(unknown) if unknown.reason == UnknownReason::NotInInput => {}
        Setting::Unknown(unknown) => undecided.push(unreadable("the object's ACL", unknown)),
    }
    if documents.allows().next().is_none() && undecided.is_empty() {
        return None;
    }
    let blocks = bucket_blocks(scope);
    let acl_public = object.acl.value().is_some_and(Acl::is_public);
    let effects = Effects {
        policy_public: policy_public(scope),
        restrict: &blocks.restrict_public_buckets,
        ignore: &blocks.ignore_public_acls,
        ownership: ownership_in_force(scope.bucket),
        ownership_assumed: scope.bucket.ownership.as_unknown(),
        acl_public,
        own: scope.bucket.account.into_iter().collect(),
    };
    let known = Contents::of(scope);
    let arn = format!("{}{}", place.objects, object.key);
    let question = question(scope, documents, place, &known, (zone, options));
    let unknown_policy = scope.bucket.policy.as_unknown();
    let grants = decide(&question, &effects, &anonymous(scope), unknown_policy, &mut undecided);
    let sharing = sharing(&grants, !undecided.is_empty(), scope.bucket.account);
    Some(ResourceAccess {
        resource: Resource {
            kind: ResourceKind::Object,
            arn,
            name: object.key.to_string(),
            account: scope.bucket.account,
            span: object.span,
        },
        status: Status {
            policy_public: None,
            acl_public: object.acl.value().map(Acl::is_public),
            console: None,
            sharing,
        },
        grants,
        indeterminate: tidy(undecided),
    })
}

/// What a permission on an object's ACL allows [ACL-10…14].
fn object_actions(permission: AclPermission) -> ActionSet {
    let read = ["s3:GetObject", "s3:GetObjectVersion"];
    let read_acp = ["s3:GetObjectAcl", "s3:GetObjectVersionAcl"];
    let write_acp = ["s3:PutObjectAcl", "s3:PutObjectVersionAcl"];
    match permission {
        AclPermission::Read => named_actions(&read),
        AclPermission::Write => ActionSet::default(),
        AclPermission::ReadAcp => named_actions(&read_acp),
        AclPermission::WriteAcp => named_actions(&write_acp),
        AclPermission::FullControl => named_actions(&read)
            .or(named_actions(&read_acp))
            .or(named_actions(&write_acp)),
    }
}

/// The owner of an object that is not the bucket's.
fn foreign_owner(scope: &BucketScope<'_>, object: &ObjectAcl) -> Option<CanonicalId> {
    let owner = object.acl.value()?.owner.clone()?;
    let bucket_owner = scope.bucket.owner.as_ref();
    (owner.is_anonymous() || bucket_owner.is_some_and(|bucket_owner| *bucket_owner != owner)).then_some(owner)
}
