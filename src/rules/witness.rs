use super::draft::Subject;
use super::facts::Held;
use crate::engine::{Estate, Options, Verdict, decide_bucket, decide_role};
use crate::finding::{Grant, GrantEffect, Request, ResourceKind};
use crate::iam::Action;

/// What decides a request anew.
#[derive(Clone, Copy)]
pub(super) struct Replay<'a> {
    pub(super) estate: &'a Estate<'a>,
    pub(super) options: &'a Options,
}

/// The request that shows a finding: the witness of its grant, with the first of these actions that gets in as well.
///
/// A grant of many levels has one witness, which need not be of the level that the finding is about. Another action is
/// decided by the concrete evaluator before it is shown; where none gets the same answer, the grant's own witness stays.
pub(super) fn witness(subject: &Subject<'_>, actions: &[&'static Action], replay: Replay<'_>) -> Request {
    let known = &subject.grant.witness;
    if subject.grant.effect != GrantEffect::Effective {
        return known.clone();
    }
    for action in actions.iter().copied() {
        if action.id == known.action.id {
            break;
        }
        let verdict = verdict(subject.held, known, replay);
        let found = resources(subject)
            .map(|resource| Request {
                action,
                resource,
                ..known.clone()
            })
            .find(|request| verdict.is_some() && self::verdict(subject.held, request, replay) == verdict);
        if let Some(found) = found {
            return found;
        }
    }
    known.clone()
}

/// Whether a request shows a grant: it gets in, or could where the grant rests on an assumption. What a block holds back
/// does not get in, and so is shown by its request as it is.
pub(super) fn shows(grant: &Grant, request: &Request, held: Held<'_>, replay: Replay<'_>) -> bool {
    match (grant.effect, verdict(held, request, replay)) {
        (GrantEffect::Blocked | GrantEffect::Ineffective, _) | (GrantEffect::Effective, Some(Verdict::Allowed)) => true,
        (GrantEffect::Effective, Some(Verdict::Unknown)) => !grant.assumed.is_empty(),
        (GrantEffect::Effective, Some(Verdict::Denied) | None) => false,
    }
}

fn verdict(held: Held<'_>, request: &Request, Replay { estate, options }: Replay<'_>) -> Option<Verdict> {
    let decision = match (held.bucket, held.role) {
        (Some(bucket), _) => decide_bucket(request, &estate.bucket(bucket), options),
        (None, Some(role)) => decide_role(request, &estate.role(role), options),
        (None, None) => return None,
    };
    Some(decision.verdict).filter(|verdict| *verdict != Verdict::Denied)
}

/// What the action could work on: what the witness works on, the bucket itself, an object of each pattern.
fn resources<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = String> + 's {
    let resource = &subject.access.resource;
    let is_bucket = resource.kind == ResourceKind::Bucket;
    let patterns = subject.grant.resources.iter().filter(move |_| is_bucket);
    let objects = patterns.map(|pattern| match pattern.contains('/') {
        true => pattern.replace('*', "example").replace('?', "x"),
        false => format!("{}/example", resource.arn),
    });
    std::iter::once(subject.grant.witness.resource.clone())
        .chain(Some(resource.arn.clone()).filter(move |_| is_bucket))
        .chain(objects)
}
