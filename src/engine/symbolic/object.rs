//! Grants of one object's ACL, under the Deny statements of the bucket policy.

use super::actions::{self, ActionSet, named_actions};
use super::bucket::{
    Contents, add_resource_control_policies, anonymous, effects, is_owner, place, question, sharing, tidy,
    unknown_grantee, unreadable,
};
use super::documents::{Documents, ObjectPattern, ResourceMatch, Side};
use super::inquiry::{Answered, Inquiry, answer};
use super::past::Past;
use crate::engine::{
    BucketScope, DocumentKind, Indeterminate, Resource, ResourceAccess, ResourceKind, Status, bucket_blocks,
};
use crate::iam::{CanonicalId, Effect, Target};
use crate::model::{Acl, AclGrantee, AclPermission, ObjectAcl, Setting};
use crate::source::UnknownReason;

/// What an object grants beyond its owner; none where that is nothing.
pub(super) fn access<'a>(
    scope: &BucketScope<'a>,
    object: &'a ObjectAcl,
    inquiry: &Inquiry<'a, BucketScope<'a>>,
) -> Option<Answered> {
    let place = place(scope);
    let past = inquiry.before.map(Past::of);
    let foreign_owner = foreign_owner(scope, object).map(AclGrantee::Canonical);
    let mut documents = Documents::new(inquiry.options.doubts);
    let mut undecided = Vec::new();
    if let Some(focus) = inquiry.focus
        && !documents.ask(focus, &[&place], (ActionSet::default(), actions::on(Target::Object)))
    {
        return None;
    }
    if let Setting::Set(policy) = &scope.bucket.policy {
        // The policy's Allow statements are the bucket's own grants; here only what it denies counts [ACL-09].
        documents.add_policy(&policy.value, DocumentKind::BucketPolicy, Some(&place));
        documents.set_aside(|rule| rule.judges(Effect::Allow));
    }
    add_resource_control_policies(scope, &mut documents, &place);
    add_object_acl(scope, object, foreign_owner.as_ref(), &mut documents, &mut undecided);
    if documents.allows().next().is_none() && undecided.is_empty() {
        return None;
    }
    let blocks = bucket_blocks(scope);
    let effects = effects(scope, &blocks, object.acl.value());
    let known = Contents::of(scope);
    let arn = format!("{}{}", place.objects, object.key);
    let before = past.as_ref().map(|past| past.add_to(&mut documents, &place, scope));
    let question = question(scope, documents, (place, before), &known, inquiry);
    let unknown_policy = scope.bucket.policy.as_unknown();
    let answered = answer(&question, &effects, &anonymous(scope), unknown_policy, &mut undecided);
    let sharing = sharing(&answered.grants, !undecided.is_empty(), scope.bucket.account);
    Some(answered.about(ResourceAccess {
        resource: Resource {
            kind: ResourceKind::Object,
            arn,
            name: object.key.to_string(),
            account: scope.bucket.account,
            when: scope.bucket.when.clone(),
            span: object.span,
        },
        status: Status {
            policy_public: None,
            acl_public: object.acl.value().map(Acl::is_public),
            console: None,
            sharing,
        },
        grants: Vec::new(),
        indeterminate: tidy(undecided),
    }))
}

/// Adds what an object's ACL and its owner's full control allow.
pub(super) fn add_object_acl<'a>(
    scope: &BucketScope<'a>,
    object: &'a ObjectAcl,
    foreign_owner: Option<&'a AclGrantee>,
    documents: &mut Documents<'a>,
    undecided: &mut Vec<Indeterminate>,
) {
    let place = place(scope);
    let acl = match &object.acl {
        Setting::Set(acl) => acl,
        Setting::Absent => return,
        Setting::Unknown(unknown) if unknown.reason == UnknownReason::NotInInput => return,
        Setting::Unknown(unknown) => {
            undecided.push(unreadable("the object's ACL", unknown));
            return;
        }
    };
    let pattern = || ResourceMatch::of_objects(vec![ObjectPattern::one(&place, &object.key)]);
    for (grant, index) in acl.value.grants.iter().zip(0_u32..) {
        let actions = object_actions(grant.permission);
        let skips = documents.side == Side::Judged && is_owner(scope, &acl.value, &grant.grantee);
        if skips || actions.is_empty() {
            continue;
        }
        unknown_grantee(&grant.grantee, grant.span, undecided);
        let source = (DocumentKind::ObjectAcl, index, grant.span);
        documents.add_acl_grant(&grant.grantee, actions, pattern(), source);
    }
    // The owner has full control; an object that nobody in particular uploaded is everybody's [ACL-08].
    if let Some(owner) = foreign_owner {
        let actions = object_actions(AclPermission::FullControl);
        documents.add_acl_grant(owner, actions, pattern(), (DocumentKind::ObjectAcl, 0, acl.span));
    }
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
