use std::fs;
use std::path::Path;

use super::arguments::Run;
use super::files::{read_text, with_slashes};
use super::output::{print, write_file};
use super::{CommandError, Status};
use crate::cli::IncidentAction;
use crate::incident::Incident;
use crate::report::clean;
use crate::source::Placeholders;

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
