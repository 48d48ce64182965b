use super::access::{format, undecided};
use super::arguments::Run;
use super::guard::guarded;
use super::judge::gather;
use super::judging::Judged;
use super::naming::resources;
use super::{CommandError, Status};
use crate::cli;
use crate::engine::{Answer, Estate, Options, Terms, Zone, bucket_grants_of, role_grants_of};
use crate::iam::Statement;
use crate::model::Inventory;
use crate::report::{Named, write_who_can};
use crate::source::Diagnostic;

/// `bucketproof access --who-can`.
pub(super) fn who_can(run: &Run<'_>, arguments: &cli::Access, asked: &[String]) -> Result<Status, CommandError> {
    let [action, resource] = asked else {
        return Err(bad("--who-can", asked, "expected an action and a resource"));
    };
    let config = run.config(&arguments.input)?;
    let options = run.options(&arguments.input)?;
    let (ingested, mut faults) = gather(run, &arguments.input, &config)?;
    let named = Named {
        action: action.clone(),
        resources: resources("--who-can", resource, &ingested.inventory)?,
    };
    let terms = Terms {
        actions: vec![action.clone()],
        resources: named.resources.clone(),
        ..Terms::default()
    };
    let statement = terms
        .statement()
        .map_err(|problems| bad("--who-can", asked, &problems.join("; ")))?;
    let zone = config.zone(&ingested.inventory);
    let answers = answers(&ingested.inventory, &statement, &zone, &options, &mut faults);
    if answers.is_empty() && faults.is_empty() && !ingested.incomplete {
        return Err(bad("--who-can", asked, NOTHING));
    }
    let lacks = may_lack(&statement, &answers, ingested.incomplete || !faults.is_empty());
    let access = answers.iter().map(|answer| answer.access.clone()).collect();
    let mut judged = Judged::new(ingested, access, faults, options.now);
    let open = judged.access.iter().flat_map(undecided).collect();
    judged.note(open);
    let report = judged.report(Vec::new(), &[]);
    let format = format(arguments);
    run.print(&report, format.is_machine(), &|out| {
        write_who_can(&report, (&named, &answers, lacks), format, run.style(), out)
    })?;
    let allowed = arguments.input.allow_incomplete || config.allow_incomplete;
    Ok(judged.status(allowed, Status::Clean))
}

/// Who has what a statement describes, on every resource that it is about.
pub(super) fn answers(
    inventory: &Inventory,
    asked: &Statement,
    zone: &Zone,
    options: &Options,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Answer> {
    let estate = Estate::new(inventory);
    let mut answers = Vec::new();
    let mut add = |found: Result<Vec<Answer>, Diagnostic>| match found {
        Ok(found) => answers.extend(found),
        Err(fault) => faults.push(fault),
    };
    for bucket in &inventory.buckets {
        add(guarded(
            || format!("decide who reaches the bucket `{}`", bucket.name),
            || bucket_grants_of(asked, &estate.bucket(bucket), zone, options),
        ));
    }
    for role in &inventory.roles {
        add(guarded(
            || format!("decide who can assume the role `{}`", role.name),
            || {
                role_grants_of(asked, &estate.role(role), zone, options)
                    .into_iter()
                    .collect()
            },
        ));
    }
    answers
}

/// Whether something that a statement is about may be missing from its answers, where some input could not be read or
/// decided: a bucket that is named has been answered for with all that decides about it, one that a pattern covers may
/// not even be known.
pub(super) fn may_lack(asked: &Statement, answers: &[Answer], incomplete: bool) -> bool {
    let is_named = |text: &str| {
        let literal = text.split(['*', '?']).next().unwrap_or_default();
        let rest = literal.splitn(6, ':').nth(5).unwrap_or_default();
        literal == text
            || match rest.strip_prefix("accesspoint/") {
                Some(point) => point.contains('/'),
                None => literal.contains(":s3:::") && rest.contains('/'),
            }
    };
    let named = asked
        .resource
        .as_ref()
        .is_some_and(|element| !element.negated && element.entries.iter().all(|entry| is_named(&entry.value.0)));
    incomplete && (!named || answers.is_empty())
}

/// An option whose values mean nothing.
pub(super) fn bad(option: &'static str, values: &[String], problem: &str) -> CommandError {
    CommandError::BadOption {
        option,
        value: values.join(" "),
        problem: problem.to_owned(),
    }
}

/// Nobody having access to nothing is no answer.
pub(super) const NOTHING: &str = "there is nothing in the input that this is about: the resource is not there, or the action \
     does not work on it (object actions work on `BUCKET/KEY` and `BUCKET/*`)";
