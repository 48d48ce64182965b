use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::CommandError;
use super::error::in_words;
use super::fix::losses;
use super::output::write_file;
use super::repair::{Repair, Round};
use crate::finding::{Finding, Matter};
use crate::fix::{Action, Direction, Script, Stage, render, script};
use crate::iam::{self, Plane};
use crate::source::Placeholders;

/// The edits of a snapshot as commands of the AWS CLI, with what a reviewer should know.
pub(super) fn script_of(first: &Round, repaired: &Repair) -> Script {
    let mut script = script(&repaired.patch, &first.judged.ingested.inventory);
    for action in &mut script.actions {
        let closed = closed(action, first, repaired);
        if action.stage == Stage::DataPlane && closed.iter().any(|finding| is_of_control_plane(finding, first)) {
            action.stage = Stage::ControlPlane;
        }
        let notes = notes(action, &closed, repaired);
        action.notes.extend(notes);
    }
    script
}

/// What an action closes and whom it breaks.
fn notes(action: &Action, closed: &[&Finding], repaired: &Repair) -> Vec<String> {
    let closes = closed.iter().map(|finding| {
        format!(
            "closes {}[{}]: {}",
            finding.severity.as_str(),
            finding.rule,
            finding.message
        )
    });
    let of_it = |resource: &str| is_about(resource, action);
    let mut lost = losses(repaired.lost.iter().filter(|loss| of_it(&loss.resource)));
    let unclear = repaired.undecided.iter().filter(|arn| of_it(arn));
    lost.extend(unclear.map(|arn| format!("lost: what else is lost on {arn} cannot be decided")));
    if lost.is_empty() {
        lost.push("lost: nothing that the snapshot shows".into());
    }
    if action.stage == Stage::Hygiene {
        lost.clear();
    }
    closes.chain(lost).collect()
}

/// Writes `fix.sh` and `rollback.sh` into a directory.
///
/// What is there already stays: an older way back must not be lost.
///
/// # Errors
/// When one of them is there, or cannot be written.
pub(super) fn write_script(folder: &Path, script: &Script) -> Result<(), CommandError> {
    let files = [("rollback.sh", Direction::Back), ("fix.sh", Direction::Forth)];
    let failed = |path: &Path, problem: String| CommandError::Unwritable {
        path: path.display().to_string(),
        problem,
    };
    for (name, _) in files {
        let path = folder.join(name);
        if fs::symlink_metadata(&path).is_ok() {
            let problem =
                "it is there already, and may be the only way back from an earlier fix: name another directory";
            return Err(failed(&path, problem.into()));
        }
    }
    fs::create_dir_all(folder).map_err(|error| failed(folder, in_words(&error)))?;
    for (name, direction) in files {
        let text = render(script, direction);
        write_file(&folder.join(name), &Placeholders::default(), &|out| {
            out.write_all(text.as_bytes())
        })?;
    }
    Ok(())
}

/// The findings for which the file of an action is edited.
fn closed<'a>(action: &Action, first: &'a Round, repaired: &Repair) -> Vec<&'a Finding> {
    let sources = &first.judged.ingested.sources;
    let steps = repaired.steps.iter().filter(|step| {
        let edits = step.edits.iter().any(|edit| sources.path(edit.span) == action.path);
        edits || step.added.iter().any(|(path, _)| *path == action.path)
    });
    let places: BTreeSet<usize> = steps.flat_map(|step| step.findings.clone()).collect();
    let findings = places.iter().filter_map(|place| first.findings.get(*place));
    findings.filter(|finding| is_about(&finding.resource, action)).collect()
}

/// Whether a resource is that of an action, or an object in it.
fn is_about(resource: &str, action: &Action) -> bool {
    let rest = resource.strip_prefix(&*action.resource);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a finding is about access that can change who has access.
fn is_of_control_plane(finding: &Finding, first: &Round) -> bool {
    let mut access = first
        .judged
        .access
        .iter()
        .filter(|access| access.resource.arn == finding.resource);
    let grant = access.find_map(|access| access.grants.get(finding.grant?));
    let mut actions = grant
        .iter()
        .flat_map(|grant| &grant.actions)
        .filter_map(|id| iam::action(*id));
    matches!(finding.matter, Matter::Access(_)) && actions.any(|action| action.plane() == Plane::Control)
}
