//! What a step does, decided on the state before and after it.

use std::collections::BTreeSet;

use super::{Broken, Door};
use crate::engine::{
    Decision, Estate, GrantEffect, Options, Request, Verdict, Zone, decide_bucket, decide_role, new_bucket_access,
    new_role_access,
};
use crate::incident::{Seen, Side, judge};
use crate::model::Inventory;

/// Decides a complete request, such as a witness, in a state.
pub(super) fn decide(request: &Request, inventory: &Inventory, options: &Options) -> Option<Decision> {
    let estate = Estate::new(inventory);
    let resource = request.resource.as_str();
    if let Some(role) = inventory.roles.iter().find(|role| role.arn() == resource) {
        return Some(decide_role(request, &estate.role(role), options));
    }
    let (bucket, _) = inventory.holder(resource)?;
    Some(decide_bucket(request, &estate.bucket(bucket), options))
}

/// The requests behind these doors that a step shuts out, in words.
pub(super) fn closes(doors: &[Door], before: &Inventory, after: &Inventory, options: &Options) -> Vec<String> {
    let mut closed = BTreeSet::new();
    for door in doors {
        let request = &door.grant.witness;
        let is_open =
            |state| decide(request, state, options).is_some_and(|decision| decision.verdict == Verdict::Allowed);
        let refused = decide(request, after, options).filter(|decision| decision.verdict == Verdict::Denied);
        if let Some(step) = refused
            .as_ref()
            .and_then(Decision::deciding)
            .filter(|_| is_open(before))
        {
            let Request {
                caller,
                action,
                resource,
                ..
            } = request;
            closed.insert(format!("`{}` on `{resource}` by `{caller}`: {step}", action.name));
        }
    }
    closed.into_iter().collect()
}

/// Whether somebody has access after a step that nobody had before, or that cannot be told.
pub(super) fn gains(before: &Inventory, after: &Inventory, zone: &Zone, options: &Options) -> bool {
    let (was, is) = (Estate::new(before), Estate::new(after));
    let buckets = before.buckets.iter().zip(&after.buckets).filter(|(was, is)| was != is);
    let mut new =
        buckets.flat_map(|(old, now)| new_bucket_access(Some(&was.bucket(old)), &is.bucket(now), zone, options));
    let of_buckets = new.any(|new| {
        let effective = |new: &crate::engine::NewGrant| new.grant.effect == GrantEffect::Effective;
        new.grants.iter().any(effective) || !new.indeterminate.is_empty()
    });
    let roles = before.roles.iter().zip(&after.roles);
    let roles = roles.filter(|(was, is)| was.trust != is.trust);
    let mut new = roles.flat_map(|(old, now)| new_role_access(Some(&was.role(old)), &is.role(now), zone, options));
    of_buckets || new.any(|new| !new.grants.is_empty() || !new.indeterminate.is_empty())
}

/// The legitimate requests of a log that a step shuts out; of those that are alike the first.
pub(super) fn breaks(seen: &[Seen], before: &Inventory, after: &Inventory, options: &Options) -> Vec<Broken> {
    let mut told = BTreeSet::new();
    let mut broken = Vec::new();
    for seen in seen.iter().filter(|seen| seen.side == Side::Legitimate) {
        let bucket = seen.resource.as_deref().and_then(|resource| resource.split('/').next());
        let alike = (
            seen.principal.clone(),
            seen.event_name.clone(),
            bucket.map(ToOwned::to_owned),
        );
        if told.contains(&alike) {
            continue;
        }
        let refused = seen.asked.iter().find_map(|asked| {
            let now = judge(asked, after, options);
            let is_new = now.verdict == Verdict::Denied && judge(asked, before, options).verdict == Verdict::Allowed;
            is_new.then_some(now.by)
        });
        if let Some(by) = refused {
            told.insert(alike);
            broken.push(Broken {
                principal: seen.principal.clone(),
                event_name: seen.event_name.clone(),
                resource: seen.resource.clone(),
                event_id: seen.event_id.clone(),
                by,
            });
        }
    }
    broken
}
