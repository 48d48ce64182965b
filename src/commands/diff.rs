use super::arguments::Run;
use super::beyond::{beyond, undecided};
use super::judge::gather;
use super::judging::Judged;
use super::who_can::bad;
use super::{CommandError, Status};
use crate::cli;
use crate::engine::{NewAccess, Options};
use crate::ingest::Ingested;
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
    faults.extend(beyond.iter().flat_map(undecided));
    Judged::new(ingested, Vec::new(), faults, options.now)
}
