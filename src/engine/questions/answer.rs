use crate::engine::symbolic::{bucket_answers, role_answer};
use crate::engine::{
    BucketScope, Decision, Grant, GrantEffect, GrantSource, Indeterminate, Options, Request, Resource, ResourceAccess,
    RoleScope, Verdict, Zone, decide_bucket, decide_role,
};
use crate::iam::Statement;

/// Who has what was asked about, on one resource.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The grants of what was asked about, and no others; the status speaks of these alone.
    pub access: ResourceAccess,
    /// Where nobody has it effectively: what would give it, and what denies that. Empty where nothing would.
    pub closed: Vec<Closed>,
}

/// Something that allows what was asked about, but to nobody, because something else denies it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closed {
    /// What allows it.
    pub allow: GrantSource,
    /// What denies it; each of several does so alone, unless they do it only together.
    pub denied_by: Vec<GrantSource>,
}

/// What a resource gives beyond what it gave before.
#[derive(Clone, Debug)]
pub struct NewAccess {
    /// The resource.
    pub resource: Resource,
    /// What is new, widest grantee first.
    pub grants: Vec<NewGrant>,
    /// What could not be decided.
    pub indeterminate: Vec<Indeterminate>,
}

/// A grant that is new, whole or in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGrant {
    /// The grant as it is now; its witness is a request that was refused before.
    pub grant: Grant,
    /// What gave part of it before; empty where all of it is new.
    pub already: Vec<GrantSource>,
}

/// Who has what a statement describes on a bucket, its access points and its objects; what it is not about is left out.
///
/// The statement only describes requests: its `Principal` `*` is everybody, services included, and its effect plays no
/// part. It must hold no policy variables.
pub fn bucket_grants_of(asked: &Statement, scope: &BucketScope<'_>, zone: &Zone, options: &Options) -> Vec<Answer> {
    let mut answers = bucket_answers(scope, asked, zone, options);
    for answer in &mut answers {
        replay(&mut answer.access, &|request| decide_bucket(request, scope, options));
    }
    answers
}

/// Who has what a statement describes on a role; none where it is not about the role.
pub fn role_grants_of(asked: &Statement, scope: &RoleScope<'_>, zone: &Zone, options: &Options) -> Option<Answer> {
    let mut answer = role_answer(scope, asked, zone, options)?;
    replay(&mut answer.access, &|request| decide_role(request, scope, options));
    Some(answer)
}

/// Takes grants away whose witness is refused, and says so.
fn replay(access: &mut ResourceAccess, decide: &dyn Fn(&Request) -> Decision) {
    let ResourceAccess {
        grants, indeterminate, ..
    } = access;
    grants.retain(|grant| {
        let fits = grant.effect != GrantEffect::Effective || decide(&grant.witness).verdict == Verdict::Allowed;
        if !fits {
            indeterminate.push(disagreement(grant, "allowed"));
        }
        fits
    });
}

/// A fault of ours: the two evaluators do not agree about a witness.
pub(super) fn disagreement(grant: &Grant, expected: &str) -> Indeterminate {
    let Request {
        caller,
        action,
        resource,
        ..
    } = &grant.witness;
    Indeterminate {
        reason: format!(
            "a fault in bucketproof: {} on {resource} by {caller} should be {expected}, and is not when decided alone",
            action.name
        ),
        span: grant.sources.first().map(|source| source.span),
    }
}
