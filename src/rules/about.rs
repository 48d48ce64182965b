//! What a permit speaks of, whoever has the access and whatever it is.

use cedar_policy::{Authorizer, Context, Entities, Entity, Policy, PolicyId, PolicySet, Request, ResourceConstraint};
use rustc_hash::FxHashSet;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

use super::error::RulesError;
use super::estate::Estate;
use super::facts::{ANY, ResourceFacts, uid};
use super::intent::Intent;
use crate::finding::ResourceAccess;

/// What a permit speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Any resource, or any of a type.
    Anything,
    /// Some that were judged.
    Judged,
    /// None that was judged.
    Nothing,
}

/// What some permits speak of.
///
/// Of each only what it asks of the resource is left and put to Cedar, with every resource that was judged.
///
/// # Errors
/// When Cedar refuses a resource, which would be a fault of ours.
pub(super) fn about(
    intent: &Intent,
    permits: &BTreeSet<usize>,
    estate: &Estate<'_>,
    access: &[ResourceAccess],
) -> Result<BTreeMap<usize, About>, RulesError> {
    let (mut found, asked) = asked_of_resources(intent, permits);
    if asked.is_empty() {
        return Ok(found);
    }
    let mut seen = FxHashSet::default();
    let facts = access
        .iter()
        .map(|access| ResourceFacts::new(&access.resource, estate.held(&access.resource), &intent.mentions));
    for facts in facts.filter(|facts| seen.insert(facts.clone())) {
        let resource = facts.entity().to_entity()?;
        for place in spoken_of(resource, &asked)? {
            found.insert(place, About::Judged);
        }
    }
    Ok(found)
}

/// What is plain from the permits alone, and what is to be asked of the others.
fn asked_of_resources(intent: &Intent, permits: &BTreeSet<usize>) -> (BTreeMap<usize, About>, PolicySet) {
    let mut found = BTreeMap::new();
    let mut asked = PolicySet::new();
    for policy in intent.policies.policies() {
        let Some(place) = intent
            .places
            .get(&policy.id().to_string())
            .filter(|place| permits.contains(place))
        else {
            continue;
        };
        match reduced(policy, *place) {
            Some(policy) if is_general(&policy) => found.insert(*place, About::Anything),
            Some(policy) => found.insert(
                *place,
                if asked.add(policy).is_ok() {
                    About::Nothing
                } else {
                    About::Judged
                },
            ),
            // What cannot be told apart is taken as spoken of.
            None => found.insert(*place, About::Judged),
        };
    }
    (found, asked)
}

/// The places of the permits that speak of a resource.
fn spoken_of(resource: Entity, asked: &PolicySet) -> Result<Vec<usize>, RulesError> {
    let refused = |message: String| RulesError::Request { message };
    let (principal, action) = (uid("Anonymous", ANY)?, uid("Action", "Read")?);
    let request = Request::new(principal, action, resource.uid(), Context::empty(), None);
    let request = request.map_err(|error| refused(error.to_string()))?;
    let entities = Entities::from_entities([resource], None).map_err(|error| refused(error.to_string()))?;
    let answer = Authorizer::new().is_authorized(&request, asked, &entities);
    let places = answer.diagnostics().reason();
    Ok(places.filter_map(|id| id.to_string().parse().ok()).collect())
}

/// What a policy asks of the resource, and nothing else of it; its id is its place.
fn reduced(policy: &Policy, place: usize) -> Option<Policy> {
    let mut json = policy.to_json().ok()?;
    let parts = json.as_object_mut()?;
    for part in ["principal", "action"] {
        parts.insert(part.to_owned(), json!({"op": "All"}));
    }
    let mut left = Vec::new();
    for condition in parts.get("conditions").and_then(Value::as_array).into_iter().flatten() {
        let kind = condition.get("kind").and_then(Value::as_str)?;
        let operator = if kind == "when" { "&&" } else { "||" };
        let mut bodies = Vec::new();
        flatten(condition.get("body")?, operator, &mut bodies);
        let bodies = bodies.into_iter().filter(|body| !speaks_of_more(body)).cloned();
        left.extend(bodies.map(|body| json!({"kind": kind, "body": body})));
    }
    parts.insert("conditions".to_owned(), Value::Array(left));
    Policy::from_json(Some(PolicyId::new(place.to_string())), json).ok()
}

/// The parts that an operator joins, in order: a later one may rest on an earlier one.
fn flatten<'v>(body: &'v Value, operator: &str, parts: &mut Vec<&'v Value>) {
    let side = |name: &str| body.get(operator).and_then(|joined| joined.get(name));
    match (side("left"), side("right")) {
        (Some(left), Some(right)) => {
            flatten(left, operator, parts);
            flatten(right, operator, parts);
        }
        (None, _) | (_, None) => parts.push(body),
    }
}

/// Whether an expression is about something else than the resource.
fn speaks_of_more(body: &Value) -> bool {
    match body {
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| match (name.as_str(), value.as_str()) {
                ("Var", Some(variable)) => variable != "resource",
                (_, _) => speaks_of_more(value),
            }),
        Value::Array(items) => items.iter().any(speaks_of_more),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether nothing is asked of the resource but its type.
fn is_general(reduced: &Policy) -> bool {
    let of_any = match reduced.resource_constraint() {
        ResourceConstraint::Any | ResourceConstraint::Is(_) => true,
        ResourceConstraint::Eq(_) | ResourceConstraint::In(_) | ResourceConstraint::IsIn(_, _) => false,
    };
    of_any && !reduced.has_non_scope_constraint()
}
