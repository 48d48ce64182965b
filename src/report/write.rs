use std::io;

use super::{
    Report, Style, access_table, asff, csv_table, github, gitlab, html, json, jsonl, junit, markdown, ocsf, plain,
    pretty, sarif,
};

/// A format for findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Snippets for a terminal.
    Pretty,
    /// One line a finding.
    Plain,
    /// `bucketproof.scan.v1`.
    Json,
    /// `bucketproof.finding.v1`, one line a finding.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A Code Quality report of GitLab.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// A comment of a pull request.
    Markdown,
    /// One self-contained page.
    Html,
    /// A table for spreadsheets.
    Csv,
    /// AWS Security Finding Format.
    Asff,
    /// Open Cybersecurity Schema Framework 1.3.
    Ocsf,
}

/// A format for access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessFormat {
    /// A table for a terminal.
    Table,
    /// `bucketproof.access.v1`.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Pretty,
        Self::Plain,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Junit,
        Self::Markdown,
        Self::Html,
        Self::Csv,
        Self::Asff,
        Self::Ocsf,
    ];

    /// Whether programs read it rather than people.
    pub fn is_machine(self) -> bool {
        match self {
            Self::Json
            | Self::Jsonl
            | Self::Sarif
            | Self::Gitlab
            | Self::Junit
            | Self::Csv
            | Self::Asff
            | Self::Ocsf => true,
            Self::Pretty | Self::Plain | Self::Github | Self::Markdown | Self::Html => false,
        }
    }
}

impl AccessFormat {
    /// Whether programs read it rather than people.
    pub fn is_machine(self) -> bool {
        match self {
            Self::Json => true,
            Self::Table => false,
        }
    }
}

/// Writes findings.
///
/// # Errors
/// When the writer fails.
pub fn write_scan(report: &Report<'_>, format: Format, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Pretty => pretty::write(report, style, out),
        Format::Plain => plain::write(report, style, out),
        Format::Json => json::write_scan(report, out),
        Format::Jsonl => jsonl::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, style, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Markdown => markdown::write(report, style, out),
        Format::Html => html::write(report, out),
        Format::Csv => csv_table::write(report, out),
        Format::Asff => asff::write(report, out),
        Format::Ocsf => ocsf::write(report, out),
    }
}

/// Writes access.
///
/// # Errors
/// When the writer fails.
pub fn write_access(
    report: &Report<'_>,
    format: AccessFormat,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        AccessFormat::Table => access_table::write(report, style, out),
        AccessFormat::Json => json::write_access(report, out),
    }
}
