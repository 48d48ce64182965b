use super::change::Set;
use super::piece::Piece;
use super::state::State;
use crate::engine::{
    Assumption, DocumentKind, Grant, GrantEffect, NewAccess, NewGrant, Options, ResourceAccess, Zone, bucket_access,
    new_bucket_access, new_role_access, role_access,
};

/// What an event changed of who reaches what.
#[derive(Debug, Default)]
pub(super) struct Reach {
    pub gained: Vec<NewGrant>,
    pub lost: Vec<NewGrant>,
    /// What could not be decided, in words.
    pub undecided: Vec<String>,
}

/// Everybody who reaches something of a piece.
pub(super) fn now(state: &State, piece: &Piece, zone: &Zone, options: &Options) -> Vec<ResourceAccess> {
    let buckets = piece.buckets.values();
    let mut all: Vec<ResourceAccess> = buckets
        .flat_map(|bucket| {
            let mut access = bucket_access(&state.bucket_scope(piece, bucket), zone, options);
            let assumed = piece.assumed(&bucket.name);
            let grants = access.iter_mut().flat_map(|access| &mut access.grants);
            grants.for_each(|grant| assume(grant, assumed));
            access
        })
        .collect();
    let role = piece.role.as_ref();
    all.extend(
        role.into_iter()
            .flat_map(|role| role_access(&state.role_scope(role), zone, options)),
    );
    for access in &mut all {
        access.grants.retain(|grant| grant.effect == GrantEffect::Effective);
    }
    all
}

/// What a piece gives that it did not give, and no longer gives [CT-97].
pub(super) fn difference(state: &State, before: &Piece, after: &Piece, zone: &Zone, options: &Options) -> Reach {
    let gained = beyond(state, before, after, zone, options);
    let lost = beyond(state, after, before, zone, options);
    let words = |access: &[NewAccess], what: &str| {
        let reasons = access.iter().flat_map(|access| &access.indeterminate);
        let reasons = reasons.map(|undecided| format!("what is {what} is not all decided: {}", undecided.reason));
        reasons.collect::<Vec<String>>()
    };
    let mut undecided = [words(&gained, "gained"), words(&lost, "lost")].concat();
    undecided.sort();
    undecided.dedup();
    Reach {
        gained: gained.into_iter().flat_map(|access| access.grants).collect(),
        lost: lost.into_iter().flat_map(|access| access.grants).collect(),
        undecided,
    }
}

fn beyond(state: &State, before: &Piece, after: &Piece, zone: &Zone, options: &Options) -> Vec<NewAccess> {
    let mut all = Vec::new();
    for (name, bucket) in &after.buckets {
        let was = before.buckets.get(name).map(|was| state.bucket_scope(before, was));
        let mut new = new_bucket_access(was.as_ref(), &state.bucket_scope(after, bucket), zone, options);
        let assumed = after.assumed(name);
        let grants = new.iter_mut().flat_map(|access| &mut access.grants);
        grants.for_each(|new| assume(&mut new.grant, assumed));
        all.append(&mut new);
    }
    if let Some(role) = &after.role {
        let was = before.role.as_ref().map(|role| state.role_scope(role));
        all.append(&mut new_role_access(
            was.as_ref(),
            &state.role_scope(role),
            zone,
            options,
        ));
    }
    all
}

/// The document that an event sets, where it sets one.
pub(super) fn document(set: &Set) -> Option<DocumentKind> {
    match set {
        Set::BucketPolicy(_) => Some(DocumentKind::BucketPolicy),
        Set::BucketAcl(_) => Some(DocumentKind::BucketAcl),
        Set::ObjectAcl(..) | Set::NewObject(..) | Set::NoObject(_) => Some(DocumentKind::ObjectAcl),
        Set::PointPolicy(_) => Some(DocumentKind::AccessPointPolicy),
        Set::Trust(_) => Some(DocumentKind::TrustPolicy),
        Set::AccountBlock(_)
        | Set::BucketBlock(_)
        | Set::Ownership(_)
        | Set::Payer(_)
        | Set::Tags(_)
        | Set::Versioning(_)
        | Set::NewBucket(_)
        | Set::NoBucket
        | Set::NewPoint(_)
        | Set::NoPoint
        | Set::NewRole(_)
        | Set::NoRole
        | Set::Nothing => None,
    }
}

/// Whether somebody from outside has it.
pub(super) fn is_exposure(grant: &Grant) -> bool {
    grant.effect == GrantEffect::Effective && (grant.outside_zone || grant.is_public())
}

/// Says of grants by ACLs what is taken for granted about their bucket; the engine says the same of Block Public Access.
fn assume(grant: &mut Grant, assumed: Option<&Assumption>) {
    let is_acl = |document| matches!(document, DocumentKind::BucketAcl | DocumentKind::ObjectAcl);
    if grant.sources.iter().any(|source| is_acl(source.document)) {
        grant.assumed.extend(assumed.cloned());
    }
}
