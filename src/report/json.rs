use std::io;

use serde::{Serialize, Serializer};

use super::json_access::{Resources, WhenView, WitnessView};
use super::{Counts, InputLine, Report, json_format};
use crate::finding::{Finding, Location, PackInfo};
use crate::source::{Diagnostic, DiagnosticSeverity, Sources, Span};

/// Writes `bucketproof.scan.v1`.
pub(super) fn write_scan(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let summary = report.summary();
    let scan = Scan {
        schema: "bucketproof.scan.v1",
        tool: ToolView::of(report),
        inputs: &report.inputs,
        resources: Resources(report),
        findings: Findings(report),
        diagnostics: Diagnostics(report),
        summary: ScanSummary {
            resources: summary.resources,
            findings: summary.findings,
            incomplete: summary.incomplete,
        },
    };
    json_format::write(&scan, INDENTED, out)
}

/// Writes `bucketproof.access.v1`.
pub(super) fn write_access(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let summary = report.summary();
    let access = Access {
        schema: "bucketproof.access.v1",
        tool: ToolView::of(report),
        inputs: &report.inputs,
        resources: Resources(report),
        diagnostics: Diagnostics(report),
        summary: AccessSummary {
            resources: summary.resources,
            incomplete: summary.incomplete,
        },
    };
    json_format::write(&access, INDENTED, out)
}

#[derive(Serialize)]
struct Scan<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    inputs: &'a [InputLine],
    resources: Resources<'a>,
    findings: Findings<'a>,
    diagnostics: Diagnostics<'a>,
    summary: ScanSummary,
}

#[derive(Serialize)]
struct Access<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    inputs: &'a [InputLine],
    resources: Resources<'a>,
    diagnostics: Diagnostics<'a>,
    summary: AccessSummary,
}

#[derive(Serialize)]
struct ScanSummary {
    resources: usize,
    findings: Counts,
    incomplete: bool,
}

#[derive(Serialize)]
struct AccessSummary {
    resources: usize,
    incomplete: bool,
}

#[derive(Serialize)]
pub(super) struct ToolView<'a> {
    version: &'a str,
    packs: Vec<PackView<'a>>,
}

#[derive(Serialize)]
struct PackView<'a> {
    name: &'a str,
    version: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
pub(super) struct FindingView<'a> {
    fingerprint: &'a str,
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    resource: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    when: Vec<WhenView<'a>>,
    grant: Option<usize>,
    locations: Vec<LocationView<'a>>,
    witness: Option<WitnessView<'a>>,
    remediation: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixView<'a>>,
}

#[derive(Serialize)]
struct FixView<'a> {
    what: &'a [String],
    needs_input: bool,
    diff: &'a str,
}

#[derive(Serialize)]
pub(super) struct LocationView<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    label: &'a str,
}

#[derive(Serialize)]
struct DiagnosticView<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
}

/// One at a time, so that a large report is never in memory twice.
struct Findings<'a>(&'a Report<'a>);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        serializer.collect_seq(report.findings.iter().map(|finding| FindingView::of(finding, report)))
    }
}

pub(super) struct Diagnostics<'a>(pub(super) &'a Report<'a>);

impl Serialize for Diagnostics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        serializer.collect_seq(
            report
                .diagnostics
                .iter()
                .map(|diagnostic| DiagnosticView::of(diagnostic, report.sources)),
        )
    }
}

impl<'a> ToolView<'a> {
    pub(super) fn of(report: &'a Report<'_>) -> Self {
        let pack = |pack: &'a PackInfo| PackView {
            name: &pack.name,
            version: &pack.version,
            sha256: &pack.sha256,
        };
        Self {
            version: &report.tool.version,
            packs: report.tool.packs.iter().map(pack).collect(),
        }
    }
}

impl<'a> FindingView<'a> {
    pub(super) fn of(finding: &'a Finding, report: &'a Report<'_>) -> Self {
        let sources = report.sources;
        let Finding {
            fingerprint,
            rule,
            title: _,
            severity,
            message,
            resource,
            when,
            grant,
            locations,
            witness,
            remediation,
            references: _,
            matter: _,
            status,
        } = finding;
        let places = std::iter::once(&locations.primary).chain(&locations.secondary);
        Self {
            fingerprint: fingerprint.as_str(),
            rule: rule.as_str(),
            severity: severity.as_str(),
            message,
            resource,
            when: when.iter().map(WhenView::of).collect(),
            grant: *grant,
            locations: places.map(|place| LocationView::of(place, sources)).collect(),
            witness: witness.as_ref().map(WitnessView::of),
            remediation,
            status: status.as_str(),
            fix: report.fix(finding).map(|fix| FixView {
                what: &fix.what,
                needs_input: fix.needs_input,
                diff: &fix.diff,
            }),
        }
    }
}

impl<'a> LocationView<'a> {
    pub(super) fn of(location: &'a Location, sources: &'a Sources) -> Self {
        let (start, end) = (sources.start(location.span), sources.end(location.span));
        Self {
            file: sources.path(location.span),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            label: &location.label,
        }
    }
}

impl<'a> DiagnosticView<'a> {
    fn of(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Self {
        let in_file = |span: &Span| sources.file(span.file).is_some();
        let span = diagnostic.span.filter(in_file);
        let start = span.map(|span| sources.start(span));
        Self {
            severity: severity_name(diagnostic.severity),
            code: diagnostic.code,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            file: span.map(|span| sources.path(span)).or(diagnostic.path.as_deref()),
            line: start.map(|start| start.line),
            column: start.map(|start| start.column),
        }
    }
}

/// A diagnostic's severity, as the JSON contract and text name it.
pub(super) fn severity_name(severity: DiagnosticSeverity) -> &'static str {
    match severity {
        DiagnosticSeverity::Error => "error",
        DiagnosticSeverity::Warning => "warning",
        DiagnosticSeverity::Note => "note",
    }
}

/// One line for each input, resource, finding and diagnostic.
pub(super) const INDENTED: usize = 2;
