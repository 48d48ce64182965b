//! Whether an incident is over.

use std::io;

use super::{Report, json_verify, verify_markdown};
use crate::incident::{Incident, Timeline, Verification, Verified};

/// A format for verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyFormat {
    /// The report after the incident.
    Markdown,
    /// `bucketproof.verify.v1`.
    Json,
}

/// What was proved about an incident; the findings of the report are those on its resources.
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// What log and states prove.
    pub verification: &'a Verification,
    /// The verdict.
    pub verdict: Verified,
    /// Why it is not that all is well.
    pub reasons: &'a [String],
    /// What events changed.
    pub timeline: &'a Timeline,
}

/// Writes the verdict and everything that it rests on.
///
/// # Errors
/// When the writer fails.
pub fn write_verify(
    report: &Report<'_>,
    proof: Proof<'_>,
    format: VerifyFormat,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        VerifyFormat::Markdown => verify_markdown::write(report, proof, out),
        VerifyFormat::Json => json_verify::write(report, proof, out),
    }
}

/// The names of verdicts on single requests.
pub(super) fn verdict(verdict: crate::finding::Verdict) -> &'static str {
    match verdict {
        crate::finding::Verdict::Allowed => "allowed",
        crate::finding::Verdict::Denied => "denied",
        crate::finding::Verdict::Unknown => "unknown",
    }
}
