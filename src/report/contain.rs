//! A plan to shut an incident.

use std::io;

use super::{Report, contain_markdown, json_contain};
use crate::incident::{Containment, Incident};

/// A format for plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainFormat {
    /// A list to tick off.
    Markdown,
    /// `bucketproof.contain.v1`.
    Json,
}

/// Writes a plan.
///
/// # Errors
/// When the writer fails.
pub fn write_contain(
    report: &Report<'_>,
    (incident, plan): (&Incident, &Containment),
    format: ContainFormat,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        ContainFormat::Markdown => contain_markdown::write(report, incident, plan, out),
        ContainFormat::Json => json_contain::write(report, incident, plan, out),
    }
}
