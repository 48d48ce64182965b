use std::collections::BTreeMap;

use super::arguments::Run;
use super::guard::guarded;
use super::judge::gather;
use super::judging::Judged;
use super::who_can::bad;
use super::{CommandError, Status};
use crate::cli;
use crate::engine::{Estate, NewAccess, Options, Zone, new_bucket_access, new_role_access};
use crate::ingest::Ingested;
use crate::model::{Bucket, Inventory, Role, When};
use crate::report::{AccessFormat, Diff, DiffSide, write_diff};
use crate::source::Diagnostic;

/// `bucketproof diff`: access gained and lost, by meaning [CPC-01].
pub(super) fn diff(run: &Run<'_>, arguments: &cli::Diff) -> Result<Status, CommandError> {
    if arguments.input.paths.iter().all(|path| path.as_os_str() == "-") {
        let problem = "standard input can be read once: it is the older or the newer state";
        return Err(bad("diff", &["-".to_owned(), "-".to_owned()], problem));
    }
    let side = |path: usize| cli::Input {
        paths: arguments.input.paths.get(path).cloned().into_iter().collect(),
        ..arguments.input.clone()
    };
    let (old, new) = (side(0), side(1));
    let config = run.config(&new)?;
    let options = run.options(&new)?;
    let (before, mut old_faults) = gather(run, &old, &config)?;
    let (mut after, mut new_faults) = gather(run, &new, &config)?;
    after
        .inventory
        .placeholders
        .merge(before.inventory.placeholders.clone());
    let zone = config.zone(&after.inventory);
    let gained = beyond((&before, &after), &zone, &options, &mut new_faults);
    let lost = beyond((&after, &before), &zone, &options, &mut old_faults);
    let old = judged(before, &lost, old_faults, &options);
    let new = judged(after, &gained, new_faults, &options);
    let diff = Diff {
        before: DiffSide {
            report: old.report(Vec::new(), &[]),
            beyond: &lost,
        },
        after: DiffSide {
            report: new.report(Vec::new(), &[]),
            beyond: &gained,
        },
    };
    let format = match arguments.format {
        cli::DiffFormat::Plain => AccessFormat::Table,
        cli::DiffFormat::Json => AccessFormat::Json,
    };
    let mut whole = new.report(Vec::new(), &[]);
    whole.incomplete |= old.is_incomplete() || is_undecided(&gained) || is_undecided(&lost);
    run.print(&whole, format.is_machine(), &|out| {
        write_diff(&diff, format, run.style(), out)
    })?;
    let allowed = arguments.input.allow_incomplete || config.allow_incomplete;
    let is_new = gained.iter().any(|access| !access.grants.is_empty());
    Ok(
        match (whole.incomplete && !allowed, is_new && arguments.fail_on_new_access) {
            (true, _) => Status::Unanswered,
            (false, true) => Status::Findings,
            (false, false) => Status::Clean,
        },
    )
}

fn is_undecided(beyond: &[NewAccess]) -> bool {
    beyond.iter().any(|access| !access.indeterminate.is_empty())
}

/// One state with its problems; what could not be decided is one of them.
fn judged(ingested: Ingested, beyond: &[NewAccess], mut faults: Vec<Diagnostic>, options: &Options) -> Judged {
    for access in beyond {
        faults.extend(access.indeterminate.iter().map(|indeterminate| {
            let span = indeterminate.span.unwrap_or(access.resource.span);
            let (arn, reason) = (&access.resource.arn, &indeterminate.reason);
            let message = format!("what is different about `{arn}` cannot all be decided: {reason}");
            Diagnostic::warning("bucketproof::commands::undecided", span, message)
        }));
    }
    Judged::new(ingested, Vec::new(), faults, options.now)
}

/// Whether the same tests have the same outcomes.
fn same_outcomes(a: &[When], b: &[When]) -> bool {
    let said = |when: &[When]| -> Vec<_> { when.iter().map(|when| (when.test.clone(), when.holds)).collect() };
    said(a) == said(b)
}

/// What the second state gives beyond the first, by resource.
fn beyond(
    (before, after): (&Ingested, &Ingested),
    zone: &Zone,
    options: &Options,
    faults: &mut Vec<Diagnostic>,
) -> Vec<NewAccess> {
    let (before, after): (&Inventory, &Inventory) = (&before.inventory, &after.inventory);
    let (old, new) = (Estate::new(before), Estate::new(after));
    // Names are given once in a partition, but what was exported long ago may know another owner.
    let mut buckets: BTreeMap<String, Vec<&Bucket>> = BTreeMap::new();
    for bucket in &before.buckets {
        buckets.entry(bucket.arn()).or_default().push(bucket);
    }
    let mut roles: BTreeMap<String, Vec<&Role>> = BTreeMap::new();
    for role in &before.roles {
        roles.entry(role.arn()).or_default().push(role);
    }
    let mut all = Vec::new();
    let mut add = |found: Result<Vec<NewAccess>, Diagnostic>| match found {
        Ok(found) => all.extend(found),
        Err(fault) => faults.push(fault),
    };
    for bucket in &after.buckets {
        let named = buckets.get(&bucket.arn()).map(Vec::as_slice).unwrap_or_default();
        let of_account = || named.iter().filter(|was| was.account == bucket.account);
        let same = of_account().find(|was| same_outcomes(&was.when, &bucket.when));
        let was = same
            .or(of_account().next())
            .or(named.first())
            .map(|was| old.bucket(was));
        add(guarded(
            || format!("compare the bucket `{}`", bucket.name),
            || new_bucket_access(was.as_ref(), &new.bucket(bucket), zone, options),
        ));
    }
    for role in &after.roles {
        let named = roles.get(&role.arn()).map(Vec::as_slice).unwrap_or_default();
        let same = named.iter().find(|was| same_outcomes(&was.when, &role.when));
        let was = same.or(named.first()).map(|was| old.role(was));
        add(guarded(
            || format!("compare the role `{}`", role.name),
            || new_role_access(was.as_ref(), &new.role(role), zone, options),
        ));
    }
    all
}
