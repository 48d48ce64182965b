use super::arguments::Run;
use super::can::can;
use super::deny_check::deny_check;
use super::judge::judge;
use super::who_can::who_can;
use super::{CommandError, Status};
use crate::cli;
use crate::finding::ResourceAccess;
use crate::report::{AccessFormat, write_access, write_access_summary};
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
    let mut judged = judge(run, &arguments.input, &config, &options)?;
    let undecided = judged.access.iter().flat_map(undecided).collect();
    judged.note(undecided);
    let report = judged.report(Vec::new(), &[]);
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
