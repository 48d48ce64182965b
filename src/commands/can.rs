use super::access::format;
use super::arguments::Run;
use super::judge::gather;
use super::judging::Judged;
use super::naming::resources;
use super::who_can::{NOTHING, bad};
use super::{CommandError, Status};
use crate::cli;
use crate::engine::{
    Can, Context, ContextValue, Estate, Options, Outcome, Refusal, Request, Verdict, Zone, caller_from_text,
    can_bucket, can_role, problems_of_context,
};
use crate::iam::{Action, ContextKey, Principal, Target, find_action};
use crate::model::Inventory;
use crate::report::write_can;

/// `bucketproof access --can`.
pub(super) fn can(run: &Run<'_>, arguments: &cli::Access, asked: &[String]) -> Result<Status, CommandError> {
    let [principal, action, resource] = asked else {
        return Err(bad("--can", asked, "expected a principal, an action and a resource"));
    };
    let config = run.config(&arguments.input)?;
    let options = run.options(&arguments.input)?;
    let (ingested, faults) = gather(run, &arguments.input, &config)?;
    let (caller, principal) = caller_from_text(principal)
        .map_err(|error| bad("--can", std::slice::from_ref(principal), &error.to_string()))?;
    let problem = "no such action of S3 or STS; name one, patterns are for `--who-can`";
    let action = find_action(action).ok_or_else(|| bad("--can", std::slice::from_ref(action), problem))?;
    let request = Request {
        caller,
        action,
        resource: one_resource(resource, action, &ingested.inventory)?,
        context: context(&arguments.question.context)?,
    };
    let of_name = ingested
        .inventory
        .buckets
        .iter()
        .filter(|bucket| is_in(&request.resource, &bucket.arn()));
    if of_name.count() > 1 {
        let problem = "the input has several buckets of this name: give the snapshot of one account";
        return Err(bad("--can", std::slice::from_ref(resource), problem));
    }
    let zone = config.zone(&ingested.inventory);
    let of_this_kind = |can: &Can| {
        let nothing = [Refusal::ResourceType, Refusal::OtherResource].map(Outcome::Refuses);
        let deciding = can.decision.deciding();
        deciding.is_none_or(|step| !nothing.contains(&step.outcome))
    };
    let Some(can) = decide(&request, &principal, &ingested.inventory, (&zone, &options)).filter(of_this_kind) else {
        return Err(bad("--can", std::slice::from_ref(resource), NOTHING));
    };
    let judged = Judged::new(ingested, Vec::new(), faults, options.now);
    let mut report = judged.report(Vec::new(), &[]);
    let undecided = can.decision.verdict == Verdict::Unknown;
    report.incomplete |= undecided;
    let format = format(arguments);
    run.print(&report, format.is_machine(), &|out| {
        write_can(&report, &can, format, run.style(), out)
    })?;
    let allowed = arguments.input.allow_incomplete || config.allow_incomplete;
    let answered = if undecided && !allowed {
        Status::Unanswered
    } else {
        Status::Clean
    };
    Ok(judged.status(allowed, answered))
}

/// The one resource that a request of this action is about.
fn one_resource(text: &str, action: &Action, inventory: &Inventory) -> Result<String, CommandError> {
    if text.contains(['*', '?']) {
        let problem = "a request is about one resource: patterns are for `--who-can` and `--deny-check`";
        return Err(bad("--can", &[text.to_owned()], problem));
    }
    let on_objects = action.targets.contains(&Target::Object) || action.targets.contains(&Target::AccessPointObject);
    let named = resources("--can", text, inventory)?;
    let on_roles = action.targets.contains(&Target::Role);
    let fits = |arn: &&String| !arn.ends_with("/*") && (arn.split(':').nth(2) == Some("iam")) == on_roles;
    let mut of_name = named.iter().filter(fits);
    let is_bare = !text.starts_with("arn:") && !text.contains('/');
    match (of_name.next(), of_name.next()) {
        (Some(arn), Some(other)) => {
            let problem = format!("there are several of this name, such as `{arn}` and `{other}`: name the ARN");
            Err(bad("--can", &[text.to_owned()], &problem))
        }
        (Some(_), None) if is_bare && on_objects => Err(bad(
            "--can",
            &[text.to_owned()],
            &format!("{} is about an object: name one, such as `{text}/key`", action.name),
        )),
        (Some(arn), None) => Ok(arn.clone()),
        (None, _) => Err(bad("--can", &[text.to_owned()], NOTHING)),
    }
}

/// The context that was stated; a key that is stated several times has several values.
fn context(stated: &[String]) -> Result<Context, CommandError> {
    let mut context = Context::default();
    for text in stated {
        let (key, value) = text
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| bad("--context", std::slice::from_ref(text), "expected KEY=VALUE"))?;
        let key = ContextKey::new(key);
        let value = match context.get(&key) {
            None => ContextValue::One(value.to_owned()),
            Some(ContextValue::One(first)) => ContextValue::Many(vec![first.clone(), value.to_owned()]),
            Some(ContextValue::Many(values)) => {
                let mut values = values.clone();
                values.push(value.to_owned());
                ContextValue::Many(values)
            }
        };
        context.insert(key, value);
    }
    match problems_of_context(&context).as_slice() {
        [] => Ok(context),
        problems => Err(bad("--context", stated, &problems.join("; "))),
    }
}

/// Whether this is a resource or something in it.
fn is_in(resource: &str, arn: &str) -> bool {
    let rest = resource.strip_prefix(arn);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Decides the request by the bucket or role that it is to; none where that is not in the input.
fn decide(
    request: &Request,
    principal: &Principal,
    inventory: &Inventory,
    (zone, options): (&Zone, &Options),
) -> Option<Can> {
    let estate = Estate::new(inventory);
    let is_in = |arn: &str| is_in(&request.resource, arn);
    if let Some(role) = inventory.roles.iter().find(|role| role.arn() == request.resource) {
        return Some(can_role(request, principal, &estate.role(role), zone, options));
    }
    let point = inventory.access_points.iter().find(|point| is_in(&point.arn()));
    let bucket = inventory.buckets.iter().find(|bucket| match point {
        Some(point) => bucket.name == point.bucket,
        None => is_in(&bucket.arn()),
    })?;
    Some(can_bucket(request, principal, &estate.bucket(bucket), zone, options))
}
