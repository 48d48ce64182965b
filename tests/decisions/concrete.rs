use bucketproof::engine::{
    Caller, ContextValue, Decision, Estate, PolicyOf, Request, Verdict, acl_public, complete, console_label,
    decide_bucket, decide_role, policy_is_public, policy_public,
};
use bucketproof::iam::{AwsPrincipal, CanonicalId, ContextKey, Entity, Partition, Principal, Provider, find_action};

use super::case::{Case, Expectation, KeyValue, RequestCase};
use super::world::World;

/// Runs the evaluator that decides single requests, and S3's own words, on a case.
pub fn check(case: &Case, world: &World) -> Vec<String> {
    let estate = world.estate();
    let mut problems = check_words(case, world, &estate);
    for stated in &case.request {
        match request(stated, world) {
            Ok(request) => problems.extend(check_request(stated, &request, world, &estate)),
            Err(problem) => problems.push(problem),
        }
    }
    problems
}

/// The request of a case, with every key that a real one carries.
pub fn request(stated: &RequestCase, world: &World) -> Result<Request, String> {
    let action = find_action(&stated.action).ok_or_else(|| format!("`{}` is no action", stated.action))?;
    let mut request = Request {
        caller: caller(&stated.principal)?,
        action,
        resource: stated.resource.clone(),
        context: Default::default(),
    };
    for (key, value) in &stated.context {
        let value = match value {
            KeyValue::One(value) => ContextValue::One(value.clone()),
            KeyValue::Many(values) => ContextValue::Many(values.clone()),
        };
        request.context.insert(ContextKey::new(key), value);
    }
    let bucket = world.inventory.buckets.first().and_then(|bucket| bucket.account);
    let role = world.inventory.roles.first().and_then(|role| role.account);
    complete(
        &mut request,
        &world.inventory.accounts,
        bucket.or(role),
        world.options.now,
    );
    for (key, value) in &stated.context {
        if matches!(value, KeyValue::One(value) if value == "<absent>") {
            request.context.remove(&ContextKey::new(key));
        }
    }
    Ok(request)
}

fn check_request(stated: &RequestCase, request: &Request, world: &World, estate: &Estate<'_>) -> Option<String> {
    let decision = decide(request, world, estate)?;
    let expected = match stated.expect {
        Expectation::Allow => Verdict::Allowed,
        Expectation::Deny => Verdict::Denied,
        Expectation::Unknown => Verdict::Unknown,
    };
    let deciding = decision.deciding().map(ToString::to_string).unwrap_or_default();
    let reason_fits = stated.because.as_ref().is_none_or(|because| deciding.contains(because));
    if decision.verdict == expected && reason_fits {
        return None;
    }
    let trace: Vec<String> = decision.trace.iter().map(|step| format!("    {step}")).collect();
    let context: Vec<String> = request
        .context
        .iter()
        .map(|(key, value)| format!("    {} = {value:?}", key.name()))
        .collect();
    Some(format!(
        "  {} {} {}: {:?} because {deciding}\n  expected {expected:?} because {:?}\n{}\n  context:\n{}",
        request.caller,
        request.action.name,
        request.resource,
        decision.verdict,
        stated.because,
        trace.join("\n"),
        context.join("\n"),
    ))
}

fn decide(request: &Request, world: &World, estate: &Estate<'_>) -> Option<Decision> {
    if let Some(bucket) = world.inventory.buckets.first() {
        return Some(decide_bucket(request, &estate.bucket(bucket), &world.options));
    }
    let role = world.inventory.roles.first()?;
    Some(decide_role(request, &estate.role(role), &world.options))
}

/// What S3 itself says: public or not, and the label of its console.
fn check_words(case: &Case, world: &World, estate: &Estate<'_>) -> Vec<String> {
    let Some(bucket) = world.inventory.buckets.first() else {
        return Vec::new();
    };
    let scope = estate.bucket(bucket);
    let mut problems = Vec::new();
    let mut check = |what: &str, expected: Option<String>, found: Option<String>| {
        if expected.is_some() && expected != found {
            problems.push(format!("  {what}: {found:?}, expected {expected:?}"));
        }
    };
    let word = |value: Option<bool>| value.map(|value| value.to_string());
    check("policy_public", word(case.policy_public), word(policy_public(&scope)));
    check("acl_public", word(case.acl_public), word(acl_public(&scope)));
    let label = console_label(&scope).map_or("unknown", |label| label.as_str());
    check("console", case.console.clone(), Some(label.to_owned()));
    for (stated, built) in case.access_points.iter().zip(&world.inventory.access_points) {
        let policy = built.policy.value();
        let public = policy.map(|policy| policy_is_public(policy, PolicyOf::AccessPoint(&built.origin)).public);
        check(&stated.name, word(stated.public), word(public));
    }
    problems
}

fn caller(text: &str) -> Result<Caller, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("`{text}`: {error}");
    if text == "anonymous" {
        return Ok(Caller::Anonymous);
    }
    if let Some((kind, id)) = text.split_once(':')
        && kind != "arn"
    {
        return Ok(match kind {
            "service" => Caller::Service(id.into()),
            "canonical" => Caller::Canonical(CanonicalId::new(id)),
            "oai" => Caller::OriginAccessIdentity(id.into()),
            "unique-id" => Caller::UniqueId(id.into()),
            "federated" => Caller::Federated(Provider::from_text(id).map_err(|error| wrong(&error))?),
            _ => return Err(wrong(&"no principal")),
        });
    }
    match Principal::from_aws(text).map_err(|error| wrong(&error))? {
        Principal::Aws(principal) => Ok(Caller::Aws(principal)),
        Principal::Account(account) => Ok(Caller::Aws(AwsPrincipal {
            partition: Partition::AWS,
            account,
            entity: Entity::Root,
        })),
        other => Err(wrong(&format!("{other:?} makes no request"))),
    }
}
