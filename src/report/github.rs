use std::io;

use super::plain::diagnostic_place;
use super::words::Witnesses;
use super::{Report, Style};
use crate::finding::{Finding, Severity};
use crate::source::{Diagnostic, DiagnosticSeverity, Span};

/// Writes workflow commands, from which GitHub makes annotations of a pull request, and the summary for the log.
///
/// Source: GitHub Docs, "Workflow commands for GitHub Actions"; how values are escaped is settled by `@actions/core`. GitHub
/// shows ten errors and ten warnings of a step, so the worst come first.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let witnesses = Witnesses::new(report);
    for finding in report.shown_findings(Style::default()) {
        writeln!(out, "{}", of_finding(finding, report, &witnesses))?;
    }
    for diagnostic in report.shown_diagnostics(style) {
        writeln!(out, "{}", of_diagnostic(diagnostic, report))?;
    }
    let mut lines = report.summary_lines(style).into_iter();
    lines.try_for_each(|line| writeln!(out, "{line}"))
}

fn of_finding(finding: &Finding, report: &Report<'_>, witnesses: &Witnesses<'_>) -> String {
    let command = match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "notice",
    };
    let title = format!("{}[{}]", finding.severity.as_str(), finding.rule);
    let mut text = vec![report.shown(&finding.message)];
    let mut add = |name: &str, what: &str| text.push(format!("{name}: {}", report.shown(what)));
    if let Some(witness) = witnesses.of(finding) {
        add("witness", &witness);
    }
    witnesses.assumed(finding).for_each(|unknown| add("assumed", unknown));
    add("help", &finding.remediation);
    let place = place(finding.locations.primary.span, report);
    annotation(command, &place, &title, &text.join("\n"))
}

fn of_diagnostic(diagnostic: &Diagnostic, report: &Report<'_>) -> String {
    let (command, name) = match diagnostic.severity {
        DiagnosticSeverity::Error => ("error", "error"),
        DiagnosticSeverity::Warning => ("warning", "warning"),
        DiagnosticSeverity::Note => ("notice", "note"),
    };
    let title = format!("{name}[{}]", diagnostic.code);
    let mut text = report.shown(&diagnostic.message);
    if let Some(help) = &diagnostic.help {
        text.push_str(&format!("\nhelp: {}", report.shown(help)));
    }
    let place = match diagnostic.span.filter(|span| report.sources.file(span.file).is_some()) {
        Some(span) => place(span, report),
        None => diagnostic_place(report.sources, diagnostic)
            .map_or(Vec::new(), |path| vec![("file", relative(&report.shown(&path)))]),
    };
    annotation(command, &place, &title, &text)
}

/// Where a span lies. Columns mean something to GitHub where the span is on one line.
fn place(span: Span, report: &Report<'_>) -> Vec<(&'static str, String)> {
    let (start, end) = (report.sources.start(span), report.sources.end(span));
    let mut place = vec![
        ("file", relative(&report.shown(report.sources.path(span)))),
        ("line", start.line.to_string()),
        ("col", start.column.to_string()),
        ("endLine", end.line.to_string()),
    ];
    if start.line == end.line {
        place.push(("endColumn", end.column.to_string()));
    }
    place
}

fn annotation(command: &str, place: &[(&str, String)], title: &str, text: &str) -> String {
    let title = [("title", title.to_owned())];
    let properties = place.iter().chain(&title);
    let properties: Vec<String> = properties
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    format!("::{command} {}::{}", properties.join(","), data(text))
}

fn relative(path: &str) -> String {
    path.trim_start_matches("./").to_owned()
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which also ends at a colon or comma.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
