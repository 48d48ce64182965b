use std::collections::BTreeMap;

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
        if let Some(kind) = part.kind {
            let (incomplete, audited) = kinds.entry((part.argument, kind)).or_default();
            *incomplete |= part.notes.incomplete;
            *audited |= part.not_audited.is_empty();
        }
        lost |= part.notes.incomplete;
        failed.extend(part.notes.failed.iter().map(|path| Input {
            path: path.clone(),
            kind: part.kind,
            status: InputStatus::Refused,
        }));
        if let Some(seen) = touched.get_mut(part.argument) {
            *seen |= part.kind.is_some() || !part.notes.failed.is_empty();
        }
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
    inputs.retain(|input| !failed.iter().any(|failed| failed.path == input.path));
    inputs.extend(failed);
    for (path, touched) in discovery.arguments.iter().zip(touched) {
        if !touched && !inputs.iter().any(|input| input.path == *path) {
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

/// Everything that is to be said, in order.
pub(super) fn diagnostics(discovery: &mut Discovery, parts: &mut [Part], inputs: &[Input]) -> Vec<Diagnostic> {
    let mut said = std::mem::take(&mut discovery.diagnostics);
    for (argument, path) in discovery.arguments.iter().enumerate() {
        let of_path = || parts.iter().filter(|part| part.argument == argument);
        let mut unrecognised: Vec<&FileRef> = of_path()
            .filter(|part| !part.explicit)
            .flat_map(|part| &part.unrecognised)
            .chain(
                discovery
                    .unread
                    .iter()
                    .filter(|(of, _)| *of == argument)
                    .map(|(_, file)| file),
            )
            .collect();
        unrecognised.sort_by_key(|file| file.id);
        not_recognised(path, &unrecognised, &mut said);
        not_audited(
            path,
            &of_path().flat_map(|part| part.not_audited.clone()).collect::<Vec<_>>(),
            &mut said,
        );
        unbound(path, &of_path().collect::<Vec<_>>(), &mut said);
        let nothing = |input: &Input| input.path == *path && input.status == InputStatus::NotRecognised;
        if inputs.iter().any(nothing) {
            said.push(nothing_recognised(path, discovery, argument));
        }
    }
    said.extend(parts.iter_mut().flat_map(|part| part.notes.diagnostics.drain(..)));
    said.sort();
    said.dedup();
    said
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

fn not_audited(path: &str, found: &[(Span, String)], said: &mut Vec<Diagnostic>) {
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
fn unbound(path: &str, parts: &[&Part], said: &mut Vec<Diagnostic>) {
    let code = "bucketproof::ingest::unbound";
    let help = |example: &str| {
        format!("name the file after the bucket, such as `{example}-NAME.json`, or say `--as bucket-acl:NAME`")
    };
    let found: Vec<_> = parts
        .iter()
        .flat_map(|part| {
            part.unbound
                .iter()
                .map(|(file, subject)| (file, *subject, part.explicit))
        })
        .collect();
    if let [(file, subject, _), _, _, _, ..] = &*found {
        let message = format!(
            "{} answers belong to buckets that nothing names, such as `{}`",
            found.len(),
            file.shown
        );
        let warning = Diagnostic::new(DiagnosticSeverity::Warning, code, message).in_path(path);
        said.push(warning.with_help(help(subject.stem())));
        return;
    }
    for (file, subject, explicit) in found {
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

fn nothing_recognised(path: &str, discovery: &Discovery, argument: usize) -> Diagnostic {
    let has_file = |file: &FileRef| *file.shown == *path || file.shown.starts_with(&format!("{path}/"));
    let empty = path != "." && !discovery.files.iter().any(has_file) && argument < discovery.arguments.len();
    let message = if empty {
        "the directory is empty"
    } else {
        "nothing here was recognised"
    };
    Diagnostic::new(
        DiagnosticSeverity::Error,
        "bucketproof::ingest::nothing_recognised",
        message,
    )
    .in_path(path)
    .with_help(UNDERSTOOD)
}

const UNDERSTOOD: &str = "understood are: directories of AWS CLI answers (`<account-id>/s3/<bucket>/bucket-policy.json` …), \
AWS Config snapshots and items (also .gz), `aws iam get-account-authorization-details`, cloudmapper exports, \
single answers of the AWS CLI, and policy documents alone";
