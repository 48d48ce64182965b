//! Baselines: findings that were there when somebody wrote them down.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::CommandError;
use super::files::{read_text, with_slashes};
use super::judging::Judged;
use super::output::write_file;
use crate::finding::{Finding, FindingStatus, Known, KnownResource, Past, ResourceAccess};
use crate::ingest::Ingested;
use crate::source::{Diagnostic, DiagnosticSeverity, Placeholders};

/// A baseline as it is in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    schema: String,
    findings: Vec<Known>,
}

/// Reads a baseline and marks what it holds; what it holds in vain is a note.
pub(super) fn settle(path: &Path, judged: &mut Judged, findings: &mut [Finding]) -> Result<(), CommandError> {
    let text = read_text(path, HELP)?;
    let unusable = |problem: String| CommandError::Unreadable {
        path: with_slashes(path),
        problem,
        help: HELP,
    };
    let read: Result<Baseline, _> = serde_json::from_str(&text);
    let baseline = read.map_err(|error| unusable(format!("it is no baseline: {error}")))?;
    if baseline.schema != SCHEMA {
        return Err(unusable(format!("it is of another version than `{SCHEMA}`")));
    }
    let past = Past::new(baseline.findings, []);
    let gone = mark(&past, &judged.access, &judged.ingested, findings);
    let note = gone.first().map(|first| {
        let (rule, resource) = (&first.rule, &first.resource.resource);
        let message = match gone.len() {
            1 => format!("`{rule}` on `{resource}` is in the baseline and is not found any more, or not as a whole"),
            more => format!("{more} entries of the baseline are not found any more, such as `{rule}` on `{resource}`"),
        };
        let note = Diagnostic::new(
            DiagnosticSeverity::Note,
            "bucketproof::commands::stale_baseline",
            message,
        );
        note.in_path(with_slashes(path))
            .with_help("write the baseline anew with `--write-baseline`, if the whole input was read")
    });
    judged.note(note.into_iter().collect());
    Ok(())
}

/// Marks the findings that were there before; returns the entries that fit nothing any more.
pub(super) fn mark<'p>(
    past: &'p Past,
    access: &[ResourceAccess],
    ingested: &Ingested,
    findings: &mut [Finding],
) -> Vec<&'p Known> {
    let names = &ingested.inventory.placeholders;
    let found: Vec<Known> = findings
        .iter()
        .map(|finding| Known::of(finding, &ingested.sources, names))
        .collect();
    let (known, gone) = past.settle(&found, &resources(access, ingested));
    for (finding, _) in findings.iter_mut().zip(known).filter(|(_, known)| *known) {
        if finding.status.counts() {
            finding.status = FindingStatus::Baseline;
        }
    }
    gone
}

/// The resources of a state, as they are known over time.
pub(super) fn resources(access: &[ResourceAccess], ingested: &Ingested) -> BTreeSet<KnownResource> {
    let names = &ingested.inventory.placeholders;
    let known = access
        .iter()
        .map(|access| KnownResource::new(&access.resource.arn, access.resource.span, &ingested.sources, names));
    known.collect()
}

/// Writes what counts, and what the baseline held of it, one finding a line.
pub(super) fn write(path: &Path, ingested: &Ingested, findings: &[Finding]) -> Result<(), CommandError> {
    let known = findings.iter().filter(|finding| match finding.status {
        FindingStatus::New | FindingStatus::Baseline => true,
        FindingStatus::Suppressed(_) | FindingStatus::Intended(_) => false,
    });
    let known: BTreeSet<Known> = known
        .map(|finding| Known::of(finding, &ingested.sources, &ingested.inventory.placeholders))
        .collect();
    write_file(path, &Placeholders::default(), &|out| lines(&known, out))
}

fn lines(known: &BTreeSet<Known>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\"schema\": \"{SCHEMA}\", \"findings\": [")?;
    for (place, entry) in known.iter().enumerate() {
        out.write_all(if place == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, entry)?;
    }
    out.write_all(if known.is_empty() { b"]}\n" } else { b"\n]}\n" })
}

const SCHEMA: &str = "bucketproof.baseline.v1";
const HELP: &str = "name a file that `--write-baseline` wrote";
