use super::answer::{NewAccess, NewGrant, disagreement};
use crate::engine::symbolic::{bucket_beyond, role_beyond};
use crate::engine::{
    BucketScope, Decision, Grant, GrantEffect, Indeterminate, Options, Request, ResourceAccess, RoleScope, Verdict,
    Zone, bucket_access, decide_bucket, decide_role, role_access,
};
use crate::iam::{AccountId, find_action};

/// What a bucket, its access points and objects give that they did not give before: every request that is allowed now
/// and was not then [CPC-01].
///
/// What the input tells of accounts and organizations is taken from the newer state for both. Where there was no
/// bucket, or one of another account, everything is new. Resources that are gone give nothing, and are not listed.
pub fn new_bucket_access(
    before: Option<&BucketScope<'_>>,
    after: &BucketScope<'_>,
    zone: &Zone,
    options: &Options,
) -> Vec<NewAccess> {
    let same_owner = |before: &&BucketScope<'_>| may_be_same(before.bucket.account, after.bucket.account);
    let Some(before) = before.filter(same_owner) else {
        return bucket_access(after, zone, options).into_iter().map(all_of).collect();
    };
    let before = &BucketScope {
        accounts: after.accounts,
        ..before.clone()
    };
    let mut new = bucket_beyond(before, after, zone, options);
    for access in &mut new {
        replay(access, &|request| decide_bucket(request, before, options), &|request| {
            decide_bucket(request, after, options)
        });
    }
    new
}

/// Who can assume a role and could not before.
pub fn new_role_access(
    before: Option<&RoleScope<'_>>,
    after: &RoleScope<'_>,
    zone: &Zone,
    options: &Options,
) -> Vec<NewAccess> {
    let same_owner = |before: &&RoleScope<'_>| may_be_same(before.role.account, after.role.account);
    let Some(before) = before.filter(same_owner) else {
        return role_access(after, zone, options).into_iter().map(all_of).collect();
    };
    let before = &RoleScope {
        accounts: after.accounts,
        ..before.clone()
    };
    let mut new: Vec<NewAccess> = role_beyond(before, after, zone, options).into_iter().collect();
    for access in &mut new {
        access.grants.iter_mut().for_each(with_what_it_modifies);
        if access.grants.iter().any(|new| new.grant.grantee.is_roles_anywhere()) {
            keep_usable(access, role_access(after, zone, options));
        }
        replay(access, &|request| decide_role(request, before, options), &|request| {
            decide_role(request, after, options)
        });
    }
    new
}

fn may_be_same(one: Option<AccountId>, other: Option<AccountId>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// Everything effective that a resource gives, as new.
fn all_of(access: ResourceAccess) -> NewAccess {
    let grants = access.grants.into_iter();
    NewAccess {
        resource: access.resource,
        grants: grants
            .filter(|grant| grant.effect == GrantEffect::Effective)
            .map(|grant| NewGrant {
                grant,
                already: Vec::new(),
            })
            .collect(),
        indeterminate: access.indeterminate,
    }
}

/// Takes grants away whose witness does not show them, and says so.
fn replay(access: &mut NewAccess, before: &dyn Fn(&Request) -> Decision, after: &dyn Fn(&Request) -> Decision) {
    let NewAccess {
        grants, indeterminate, ..
    } = access;
    grants.retain(|new| {
        let (was, is) = (before(&new.grant.witness).verdict, after(&new.grant.witness).verdict);
        let modifies = MODIFIERS.iter().any(|(name, _)| only(new, name));
        match (was, is) {
            (Verdict::Denied, Verdict::Allowed) => true,
            // What only goes with assuming a role does nothing where nobody can assume it so [TRUST-02].
            (_, Verdict::Denied) if modifies => false,
            (_, Verdict::Denied) if new.grant.grantee.is_roles_anywhere() => {
                indeterminate.push(under_different_conditions(new));
                false
            }
            (_, Verdict::Allowed) => {
                indeterminate.push(match was {
                    Verdict::Unknown => not_known_before(new),
                    Verdict::Allowed | Verdict::Denied => disagreement(&new.grant, "refused before"),
                });
                false
            }
            (_, Verdict::Denied | Verdict::Unknown) => {
                indeterminate.push(disagreement(&new.grant, "allowed"));
                false
            }
        }
    });
}

/// IAM Roles Anywhere needs three actions at once, so that one of them may be new and still give nothing [TRUST-26].
fn keep_usable(access: &mut NewAccess, now: Vec<ResourceAccess>) {
    let has = |grant: &Grant| grant.effect == GrantEffect::Effective && grant.grantee.is_roles_anywhere();
    if !now.iter().any(|access| access.grants.iter().any(has)) {
        access.grants.retain(|new| !new.grant.grantee.is_roles_anywhere());
        access
            .indeterminate
            .extend(now.into_iter().flat_map(|access| access.indeterminate));
    }
}

/// One statement's action needs the others' in the same request [TRUST-26].
fn under_different_conditions(new: &NewGrant) -> Indeterminate {
    Indeterminate {
        reason:
            "whether IAM Roles Anywhere can newly use the role is not decided: the three actions that it needs are \
                 allowed under different conditions"
                .into(),
        span: new.grant.sources.first().map(|source| source.span),
    }
}

fn not_known_before(new: &NewGrant) -> Indeterminate {
    Indeterminate {
        reason: format!(
            "whether {} had {} before is unknown: a document or setting of the older state is",
            new.grant.grantee, new.grant.witness.action.name
        ),
        span: new.grant.sources.first().map(|source| source.span),
    }
}

/// A new right that only goes with assuming the role is shown by assuming it so [TRUST-03].
fn with_what_it_modifies(new: &mut NewGrant) {
    let Some((_, key)) = MODIFIERS.iter().find(|(name, _)| only(new, name)) else {
        return;
    };
    let assume = match &new.grant.witness.caller {
        crate::engine::Caller::Federated(crate::iam::Provider::Saml { .. }) => "sts:AssumeRoleWithSAML",
        crate::engine::Caller::Federated(_) => "sts:AssumeRoleWithWebIdentity",
        crate::engine::Caller::Anonymous
        | crate::engine::Caller::Aws(_)
        | crate::engine::Caller::Canonical(_)
        | crate::engine::Caller::UniqueId(_)
        | crate::engine::Caller::Service(_)
        | crate::engine::Caller::OriginAccessIdentity(_) => "sts:AssumeRole",
    };
    if let Some(action) = find_action(assume) {
        new.grant.witness.action = action;
    }
    let context = &mut new.grant.witness.context;
    if !context.contains(key) {
        context.set(key, "example");
    }
}

/// Whether the witness is about this action.
fn only(new: &NewGrant, name: &str) -> bool {
    find_action(name).is_some_and(|action| new.grant.actions.contains(&action.id))
        && !new.grant.actions.iter().any(|id| {
            let action = crate::iam::action(*id);
            action.is_some_and(|action| action.folded.starts_with("sts:assumerole"))
        })
}

/// Actions that only go with assuming a role, and a context key that a request has where they are used.
const MODIFIERS: &[(&str, &str)] = &[
    ("sts:TagSession", "aws:RequestTag/example"),
    ("sts:SetSourceIdentity", "sts:SourceIdentity"),
];
