use std::io;

use super::json::severity_name;
use super::words::Witnesses;
use super::{Report, Style, clean};
use crate::source::{Diagnostic, Sources, Span};

/// Writes one line a finding, then one a diagnostic, then the summary; details are indented.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    write_inputs(report, style, out)?;
    let witnesses = Witnesses::new(report);
    for finding in report.shown_findings(style) {
        let place = place(report.sources, finding.locations.primary.span);
        let (severity, rule) = (finding.severity.as_str(), &finding.rule);
        let status = if finding.status.counts() {
            String::new()
        } else {
            format!(" ({})", finding.status.as_str())
        };
        writeln!(
            out,
            "{}: {severity}[{rule}]{status} {}",
            clean(&place),
            clean(&finding.message)
        )?;
        if let Some(reason) = finding.status.reason() {
            writeln!(out, "    reason: {}", clean(reason))?;
        }
        if let Some(witness) = witnesses.of(finding) {
            writeln!(out, "    witness: {}", clean(&witness))?;
        }
        for unknown in witnesses.assumed(finding) {
            writeln!(out, "    assumed: {}", clean(unknown))?;
        }
    }
    for diagnostic in report.shown_diagnostics(style) {
        let severity = severity_name(diagnostic.severity);
        let place = diagnostic_place(report.sources, diagnostic).map_or(String::new(), |place| place + ": ");
        let (code, message) = (diagnostic.code, clean(&diagnostic.message));
        writeln!(out, "{}{severity}[{code}] {message}", clean(&place))?;
        if let Some(help) = &diagnostic.help {
            writeln!(out, "    help: {}", clean(help))?;
        }
    }
    report
        .summary_lines(style)
        .iter()
        .try_for_each(|line| writeln!(out, "{line}"))
}

/// Writes what was read, for those who want to know.
pub(super) fn write_inputs(report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut shown = report.inputs.iter().filter(|_| style.verbose);
    shown.try_for_each(|input| {
        let line = format!("{}: input {}: {}", input.path, input.kind, input.status);
        writeln!(out, "{}", clean(&line))
    })
}

/// Where a span starts, as `path:line:column`.
pub(super) fn place(sources: &Sources, span: Span) -> String {
    let start = sources.start(span);
    format!("{}:{}:{}", sources.path(span), start.line, start.column)
}

/// Where a diagnostic points, as exactly as it says.
pub(super) fn diagnostic_place(sources: &Sources, diagnostic: &Diagnostic) -> Option<String> {
    match diagnostic.span {
        Some(span) if sources.file(span.file).is_some() => Some(place(sources, span)),
        Some(_) | None => diagnostic.path.clone(),
    }
}
