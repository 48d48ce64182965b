use std::io;

use serde::{Serialize, Serializer};

use super::words::Witnesses;
use super::{Report, Style, json_format};
use crate::finding::{Finding, Severity};

/// Writes a Code Quality report, which GitLab shows in merge requests: a list of the findings that count.
///
/// Source: GitLab Docs, "Code Quality report format".
pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    json_format::write(&Issues(report), INDENTED, out)
}

struct Issues<'a>(&'a Report<'a>);

impl Serialize for Issues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let witnesses = Witnesses::new(report);
        let findings = report.shown_findings(Style::default());
        serializer.collect_seq(findings.map(|finding| Issue::of(finding, report, &witnesses)))
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

impl<'a> Issue<'a> {
    fn of(finding: &'a Finding, report: &Report<'a>, witnesses: &Witnesses<'_>) -> Self {
        let mut description = report.shown(&finding.message);
        if let Some(witness) = witnesses.of(finding) {
            description.push_str(&format!("; witness: {}", report.shown(&witness)));
        }
        description.push_str(&format!("; help: {}", report.shown(&finding.remediation)));
        let span = finding.locations.primary.span;
        Self {
            description,
            check_name: finding.rule.as_str(),
            fingerprint: finding.fingerprint.as_str(),
            severity: match finding.severity {
                Severity::Critical => "blocker",
                Severity::High => "critical",
                Severity::Medium => "major",
                Severity::Low => "minor",
            },
            location: Location {
                // GitLab knows files by their paths from the root of the repository.
                path: report.sources.path(span).trim_start_matches("./"),
                lines: Lines {
                    begin: report.sources.start(span).line,
                    end: report.sources.end(span).line,
                },
            },
        }
    }
}

/// One line an issue.
const INDENTED: usize = 1;
