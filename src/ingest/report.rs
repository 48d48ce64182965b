use std::collections::{BTreeMap, BTreeSet};

use super::bucket::Subject;
use super::file::FileRef;
use super::part::Part;
use super::request::{Input, InputStatus, Kind};
use super::unit::Discovery;
use crate::source::{Diagnostic, DiagnosticSeverity, Span};

/// How the reading of each path went, and whether an answer is missing.
pub(super) fn inputs(discovery: &Discovery, parts: &[Part]) -> (Vec<Input>, bool) {
    let mut inputs = discovery.inputs.clone();
    let mut kinds: BTreeMap<(usize, Kind), (bool, bool)> = BTreeMap::new();
    let mut failed: Vec<Input> = Vec::new();
    let mut touched = vec![false; discovery.arguments.len()];
    let mut lost = false;
    for part in parts {
        for (argument, kind) in part.arguments.iter().zip(std::iter::repeat(part.kind)) {
            if let Some(seen) = touched.get_mut(*argument) {
                *seen |= kind.is_some() || !part.notes.failed.is_empty();
            }
            let Some(kind) = kind else {
                continue;
            };
            let (incomplete, audited) = kinds.entry((*argument, kind)).or_default();
            *incomplete |= part.notes.incomplete;
            *audited |= part.not_audited.is_empty();
        }
        lost |= part.notes.incomplete;
        failed.extend(part.notes.failed.iter().map(|path| Input {
            path: path.clone(),
            kind: part.kind,
            status: InputStatus::Refused,
        }));
    }
    for ((argument, kind), (incomplete, audited)) in kinds {
        inputs.push(Input {
            path: discovery.arguments.get(argument).cloned().unwrap_or_default(),
            kind: Some(kind),
            status: match (incomplete, audited) {
                (true, _) => InputStatus::Incomplete,
                (false, true) => InputStatus::Read,
                (false, false) => InputStatus::NotAudited,
            },
        });
    }
    // A file that was named and failed is one input, not two.
    let failures: BTreeSet<&str> = failed.iter().map(|input| &*input.path).collect();
    inputs.retain(|input| !failures.contains(&*input.path));
    inputs.extend(failed);
    let known: BTreeSet<String> = inputs.iter().map(|input| input.path.clone()).collect();
    for (argument, (path, touched)) in discovery.arguments.iter().zip(touched).enumerate() {
        if !touched && !known.contains(path) && !discovery.doubled.contains(&argument) {
            inputs.push(Input {
                path: path.clone(),
                kind: None,
                status: InputStatus::NotRecognised,
            });
        }
    }
    inputs.sort();
    inputs.dedup();
    let incomplete = discovery.incomplete || lost || inputs.iter().any(|input| input.status.is_incomplete());
    (inputs, incomplete)
}

/// What is to be said about one path of the request as a whole.
#[derive(Default)]
struct Summary<'p> {
    unrecognised: Vec<&'p FileRef>,
    not_audited: Vec<(Span, &'p str)>,
    unbound: Vec<(&'p FileRef, Subject, bool)>,
    /// Whether there was any file at all.
    occupied: bool,
}

/// Everything that is to be said, in order.
pub(super) fn diagnostics(discovery: &mut Discovery, parts: &mut [Part], inputs: &[Input]) -> Vec<Diagnostic> {
    let mut said = std::mem::take(&mut discovery.diagnostics);
    let mut summaries: Vec<Summary> = discovery.arguments.iter().map(|_| Summary::default()).collect();
    for (argument, file) in &discovery.unread {
        if let Some(summary) = summaries.get_mut(*argument) {
            summary.occupied = true;
            summary.unrecognised.extend(Some(file).filter(|file| !is_ours(file)));
        }
    }
    for part in parts.iter() {
        let first = part.arguments.first().copied().unwrap_or_default();
        let Some(summary) = summaries.get_mut(first) else {
            continue;
        };
        summary.occupied = true;
        // A file that the user named is an input of its own, which says so.
        let unrecognised = part.unrecognised.iter().filter(|file| !part.explicit && !is_ours(file));
        summary.unrecognised.extend(unrecognised);
        let not_audited = part.not_audited.iter();
        summary
            .not_audited
            .extend(not_audited.map(|(span, what)| (*span, &**what)));
        let unbound = part.unbound.iter();
        summary
            .unbound
            .extend(unbound.map(|(file, subject)| (file, *subject, part.explicit)));
    }
    let nothing = inputs.iter().filter(|input| input.status == InputStatus::NotRecognised);
    let nothing: BTreeSet<&str> = nothing.map(|input| &*input.path).collect();
    for (path, mut summary) in discovery.arguments.iter().zip(summaries) {
        summary.unrecognised.sort_by_key(|file| file.id);
        not_recognised(path, &summary.unrecognised, &mut said);
        not_audited(path, &summary.not_audited, &mut said);
        unbound(path, &summary.unbound, &mut said);
        if nothing.contains(&**path) {
            said.push(nothing_recognised(path, summary.occupied));
        }
    }
    said.extend(parts.iter_mut().flat_map(|part| part.notes.diagnostics.drain(..)));
    said.sort();
    said.dedup();
    said
}

/// Whether a file is one that is for this program: configuration, baseline or intent.
fn is_ours(file: &FileRef) -> bool {
    matches!(file.name(), "bucketproof.toml" | "bucketproof-baseline.json") || file.name().ends_with(".cedar")
}

fn not_recognised(path: &str, files: &[&FileRef], said: &mut Vec<Diagnostic>) {
    let code = "bucketproof::ingest::not_recognised";
    let note = |message: String| Diagnostic::new(DiagnosticSeverity::Note, code, message);
    match files {
        [first, _, _, _, ..] => {
            let message = format!("{} files were not recognised, such as `{}`", files.len(), first.shown);
            said.push(note(message).in_path(path));
        }
        _ => said.extend(
            files
                .iter()
                .map(|file| note("the file was not recognised".to_owned()).in_path(&*file.shown)),
        ),
    }
}

fn not_audited(path: &str, found: &[(Span, &str)], said: &mut Vec<Diagnostic>) {
    let code = "bucketproof::ingest::not_audited";
    let help = "policies of buckets and access points and role trust policies are";
    let note = |message: String| Diagnostic::new(DiagnosticSeverity::Note, code, message).with_help(help);
    match found {
        [(_, what), _, _, _, ..] => {
            let message = format!("{} documents are not under audit, such as {what}", found.len());
            said.push(note(message).in_path(path));
        }
        _ => said.extend(
            found
                .iter()
                .map(|(span, what)| note(format!("this is {what}: not under audit")).at(*span)),
        ),
    }
}

/// Answers about buckets that nothing names [FMT-42].
fn unbound(path: &str, found: &[(&FileRef, Subject, bool)], said: &mut Vec<Diagnostic>) {
    let code = "bucketproof::ingest::unbound";
    let help = |example: &str| {
        format!("name the file after the bucket, such as `{example}-NAME.json`, or say `--as bucket-acl:NAME`")
    };
    if let [(file, subject, _), _, _, _, ..] = found {
        let message = format!(
            "{} answers belong to buckets that nothing names, such as `{}`",
            found.len(),
            file.shown
        );
        let warning = Diagnostic::new(DiagnosticSeverity::Warning, code, message).in_path(path);
        said.push(warning.with_help(help(subject.stem())));
        return;
    }
    for (file, subject, explicit) in found.iter().copied() {
        let severity = if explicit {
            DiagnosticSeverity::Error
        } else {
            DiagnosticSeverity::Warning
        };
        let message = "which bucket this answer belongs to is not known";
        said.push(
            Diagnostic::new(severity, code, message)
                .at(file.span())
                .with_help(help(subject.stem())),
        );
    }
}

fn nothing_recognised(path: &str, occupied: bool) -> Diagnostic {
    let message = if occupied {
        "nothing here was recognised"
    } else {
        "the directory is empty"
    };
    Diagnostic::new(
        DiagnosticSeverity::Error,
        "bucketproof::ingest::nothing_recognised",
        message,
    )
    .in_path(path)
    .with_help(UNDERSTOOD)
}

const UNDERSTOOD: &str = "this is understood: directories of AWS CLI answers (`<account-id>/s3/<bucket>/bucket-policy.json` …), \
AWS Config snapshots and items (also .gz), `aws iam get-account-authorization-details`, cloudmapper exports, \
single answers of the AWS CLI, policy documents alone, and CloudFormation templates in JSON or YAML";
