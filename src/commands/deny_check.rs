use super::access::{format, undecided};
use super::arguments::Run;
use super::files::{read_text, with_slashes};
use super::judge::gather;
use super::judging::Judged;
use super::naming::resources;
use super::who_can::{NOTHING, answers, bad, may_lack};
use super::{CommandError, Status};
use crate::cli;
use crate::engine::Terms;
use crate::iam::Statement;
use crate::model::Inventory;
use crate::report::{Check, Checked, statement_in_words, write_checks};

/// `bucketproof access --deny-check`: whether access is impossible, as Access Analyzer's CheckAccessNotGranted says it,
/// but over all documents and settings together [CPC-02].
pub(super) fn deny_check(run: &Run<'_>, arguments: &cli::Access) -> Result<Status, CommandError> {
    let config = run.config(&arguments.input)?;
    let options = run.options(&arguments.input)?;
    let (ingested, mut faults) = gather(run, &arguments.input, &config)?;
    let statements = statements(&arguments.question, &ingested.inventory)?;
    let zone = config.zone(&ingested.inventory);
    let incomplete = ingested.incomplete;
    let mut checks = Vec::new();
    for statement in statements {
        let answers = answers(&ingested.inventory, &statement, &zone, &options, &mut faults);
        if answers.is_empty() && faults.is_empty() && !ingested.incomplete {
            return Err(bad("--deny-check", &[statement_in_words(&statement)], NOTHING));
        }
        checks.push(Check {
            result: Checked::of(
                &answers,
                may_lack(&statement, &answers, incomplete || !faults.is_empty()),
            ),
            statement,
            answers,
        });
    }
    let asked = checks.iter().flat_map(|check| &check.answers);
    let access = asked.map(|answer| answer.access.clone()).collect();
    let mut judged = Judged::new(ingested, access, faults, options.now);
    let open = judged.access.iter().flat_map(undecided).collect();
    judged.note(open);
    let report = judged.report(Vec::new(), &[]);
    let format = format(arguments);
    run.print(&report, format.is_machine(), &|out| {
        write_checks(&report, &checks, format, run.style(), out)
    })?;
    let possible = checks.iter().any(|check| check.result == Checked::Possible);
    let allowed = arguments.input.allow_incomplete || config.allow_incomplete;
    Ok(judged.status(allowed, if possible { Status::Findings } else { Status::Clean }))
}

/// What must be impossible, by the command line and the files that it names.
fn statements(question: &cli::Question, inventory: &Inventory) -> Result<Vec<Statement>, CommandError> {
    let mut statements = Vec::new();
    for pair in question.deny_check.chunks(2) {
        let [action, resource] = pair else {
            return Err(bad("--deny-check", pair, "expected an action and a resource"));
        };
        let terms = Terms {
            actions: vec![action.clone()],
            resources: resources("--deny-check", resource, inventory)?,
            ..Terms::default()
        };
        let statement = terms
            .statement()
            .map_err(|problems| bad("--deny-check", pair, &problems.join("; ")))?;
        statements.push(statement);
    }
    for path in &question.deny_check_file {
        let text = read_text(path, "`--deny-check-file` names a file of policy statements")?;
        let read = Terms::read(&text)
            .map_err(|problems| bad("--deny-check-file", &[with_slashes(path)], &problems.join("; ")))?;
        statements.extend(read);
    }
    Ok(statements)
}
