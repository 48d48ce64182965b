use super::arguments::Run;
use super::can::can;
use super::declarations::Declarations;
use super::deny_check::deny_check;
use super::judge::judge;
use super::packs::packs;
use super::who_can::who_can;
use super::{CommandError, Status};
use crate::cli;
use crate::finding::{Intended, ResourceAccess};
use crate::report::{AccessFormat, write_access, write_access_summary};
use crate::rules::{Check, Config, Packs, evaluate};
use crate::source::Diagnostic;

/// `bucketproof access`.
pub(super) fn access(run: &Run<'_>, arguments: &cli::Access) -> Result<Status, CommandError> {
    let question = &arguments.question;
    if let Some(asked) = &question.who_can {
        return who_can(run, arguments, asked);
    }
    if let Some(asked) = &question.can {
        return can(run, arguments, asked);
    }
    if !question.deny_check.is_empty() || !question.deny_check_file.is_empty() {
        return deny_check(run, arguments);
    }
    let config = run.config(&arguments.input)?;
    let options = run.options(&arguments.input)?;
    let mut warnings = Vec::new();
    // Nobody is named in a summary.
    let declared = if question.summary {
        None
    } else {
        declared(&config, arguments, &mut warnings)?
    };
    let mut judged = judge(run, &arguments.input, &config, &options)?;
    let intended = match declared {
        Some((declared, packs)) => {
            let settings = declared.settings(&config, options.now, &mut judged.ingested);
            let inventory = &judged.ingested.inventory;
            evaluate(&packs, &declared.intent, &settings, inventory, &judged.access)?.intended
        }
        None => Intended::new(),
    };
    warnings.extend(judged.access.iter().flat_map(undecided));
    judged.note(warnings);
    let mut report = judged.report(Vec::new(), &[]);
    report.intended = intended;
    let format = format(arguments);
    run.print(&report, format.is_machine(), &|out| {
        if question.summary {
            write_access_summary(&report, format, run.table_style(), out)
        } else {
            write_access(&report, format, run.table_style(), out)
        }
    })?;
    let allowed = arguments.input.allow_incomplete || config.allow_incomplete;
    Ok(judged.status(allowed, Status::Clean))
}

/// What is declared as intended, if anything is, with the rules that say which access must be: what an absolute one reports
/// is not intended, whatever a permit says.
fn declared(
    config: &Config,
    arguments: &cli::Access,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Option<(Declarations, Packs)>, CommandError> {
    let declared = Declarations::read(config, &arguments.intent, warnings)?;
    if declared.intent.permits().is_empty() && config.partners.is_empty() {
        return Ok(None);
    }
    let packs = packs(config, &cli::Rules::default())?;
    let packs = packs.only(|rule| matches!(rule.check, Check::Grants { .. }));
    Ok(Some((declared, packs)))
}

/// The format of the answer.
pub(super) fn format(arguments: &cli::Access) -> AccessFormat {
    match arguments.format {
        cli::AccessFormat::Table => AccessFormat::Table,
        cli::AccessFormat::Json => AccessFormat::Json,
    }
}

/// What could not be decided about a resource.
pub(super) fn undecided(access: &ResourceAccess) -> impl Iterator<Item = Diagnostic> {
    access.indeterminate.iter().map(|indeterminate| {
        let span = indeterminate.span.unwrap_or(access.resource.span);
        let (arn, reason) = (&access.resource.arn, &indeterminate.reason);
        let message = format!("who reaches `{arn}` cannot be decided: {reason}");
        Diagnostic::warning("bucketproof::commands::undecided", span, message)
    })
}
