use std::fs;
use std::path::{Path, PathBuf};

use super::arguments::Run;
use super::files::{read_text, with_slashes};
use super::output::{print, write_file};
use super::{CommandError, Status, logs};
use crate::cli::{self, IncidentAction};
use crate::iam::Timestamp;
use crate::incident::{Found, Incident, Replay, found};
use crate::ingest::LogFilter;
use crate::model::ApiEvent;
use crate::report::clean;
use crate::source::{Diagnostic, DiagnosticSeverity, Placeholders};

/// `bucketproof incident`.
pub(super) fn incident(run: &Run<'_>, action: &IncidentAction) -> Result<Status, CommandError> {
    let IncidentAction::New { file } = action;
    let path = with_slashes(file);
    // What somebody wrote at night must not be gone in the morning.
    if fs::symlink_metadata(file).is_ok() {
        return Err(CommandError::Unwritable {
            path,
            problem: "it is there already".into(),
        });
    }
    let nothing = Placeholders::default();
    write_file(file, &nothing, &|out| out.write_all(Incident::template().as_bytes()))?;
    if !run.global.quiet {
        print(run.global.color, &nothing, &|out| {
            writeln!(out, "wrote {}", clean(&path))
        })?;
    }
    Ok(Status::Clean)
}

/// Reads the description of an incident.
pub(super) fn read(path: &Path) -> Result<Incident, CommandError> {
    let help = "`bucketproof incident new` writes one to be filled in";
    let text = read_text(path, help)?;
    Ok(Incident::parse(&with_slashes(path), &text)?)
}

/// The requests of logs that are of the incident, up to a time.
pub(super) fn replay(
    run: &Run<'_>,
    paths: &[PathBuf],
    (incident, until): (&Incident, Timestamp),
    problems: &mut Vec<Diagnostic>,
) -> Result<Replay, CommandError> {
    let named = cli::Logs {
        paths: paths.to_vec(),
        ..cli::Logs::default()
    };
    let mut filter = LogFilter::default();
    filter.to = Some(until);
    let files = logs::find(&named, &filter)?;
    let missed = files.diagnostics.into_iter();
    problems.extend(missed.filter(|found| found.severity != DiagnosticSeverity::Note));
    let mut replay = Replay::new(MOST_REQUESTS);
    let give = |event: ApiEvent, push: &mut dyn FnMut(Found)| found(&event, incident, push);
    let said = logs::read(run, &files.files, &filter, give, &mut |found| replay.add(found));
    problems.extend(said);
    Ok(replay)
}

/// How many requests are kept for a plan.
const MOST_REQUESTS: usize = 200_000;
