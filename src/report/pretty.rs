use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use std::fmt;
use std::io;

use super::json::severity_name;
use super::plain::{diagnostic_place, place, write_inputs};
use super::snippet::Snippet;
use super::words::Witnesses;
use super::{Fix, Report, Style, clean};
use crate::finding::{Finding, FindingStatus, Location, Severity};
use crate::source::{Diagnostic, DiagnosticSeverity, Sources};

/// Writes findings and then diagnostics as snippets of the input, and the summary.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let witnesses = Witnesses::new(report);
    write_inputs(report, style, out)?;
    for finding in report.shown_findings(style) {
        let fix = report.fix(finding);
        Entry::of_finding(finding, fix, (&witnesses, report.sources), style).write(style, out)?;
    }
    write_diagnostics(report, style, out)?;
    for line in report.summary_lines(style) {
        writeln!(out, "{BOLD}{line}{BOLD:#}")?;
    }
    Ok(())
}

/// Writes diagnostics as snippets of the input.
pub(super) fn write_diagnostics(report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    report
        .shown_diagnostics(style)
        .try_for_each(|diagnostic| Entry::of_diagnostic(diagnostic, report.sources, style).write(style, out))
}

/// One finding or diagnostic as it is shown: head, message and snippet by miette, below them the details.
#[derive(Debug)]
struct Entry {
    severity: miette::Severity,
    /// Severity and rule or code.
    head: String,
    /// What stands behind the head, safe to show and broken into lines.
    message: String,
    snippet: Option<Snippet>,
    details: Vec<(&'static str, String)>,
    /// The edit that closes it, as a unified diff.
    diff: String,
}

impl Entry {
    fn of_finding(
        finding: &Finding,
        fix: Option<&Fix>,
        (witnesses, sources): (&Witnesses<'_>, &Sources),
        style: Style,
    ) -> Self {
        let severity = match finding.severity {
            Severity::Critical | Severity::High => miette::Severity::Error,
            Severity::Medium => miette::Severity::Warning,
            Severity::Low => miette::Severity::Advice,
        };
        let (primary, secondary) = (&finding.locations.primary, &finding.locations.secondary);
        let mut details = Vec::new();
        details.extend(witnesses.of(finding).map(|witness| ("witness", witness)));
        details.extend(
            witnesses
                .assumed(finding)
                .map(|unknown| ("assumed", unknown.to_owned())),
        );
        let (snippet, elsewhere) = match Snippet::new(sources, primary, secondary, snippet_width(style)) {
            Some((snippet, elsewhere)) => (Some(snippet), elsewhere),
            None => (None, secondary.iter().collect()),
        };
        let also = |location: &&Location| {
            let place = place(sources, location.span);
            ("also", format!("{place}: {}", location.label))
        };
        details.extend(elsewhere.iter().map(also));
        details.push(("help", finding.remediation.clone()));
        details.extend(status_detail(&finding.status));
        details.extend(fix.map(|fix| ("fix", fix.in_words())));
        let head = format!("{}[{}]", finding.severity.as_str(), finding.rule);
        Self {
            severity,
            message: message(&finding.message, &head, style),
            head,
            snippet,
            details,
            diff: fix.map(|fix| fix.diff.clone()).unwrap_or_default(),
        }
    }

    fn of_diagnostic(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> Self {
        let severity = match diagnostic.severity {
            DiagnosticSeverity::Error => miette::Severity::Error,
            DiagnosticSeverity::Warning => miette::Severity::Warning,
            DiagnosticSeverity::Note => miette::Severity::Advice,
        };
        let snippet = diagnostic.span.and_then(|span| {
            let label = String::new();
            let place = Location { span, label };
            Snippet::new(sources, &place, &[], snippet_width(style)).map(|(snippet, _)| snippet)
        });
        let mut details = Vec::new();
        if snippet.is_none() {
            details.extend(diagnostic_place(sources, diagnostic).map(|path| ("in", path)));
        }
        details.extend(diagnostic.help.clone().map(|help| ("help", help)));
        let head = format!("{}[{}]", severity_name(diagnostic.severity), diagnostic.code);
        Self {
            severity,
            message: message(&diagnostic.message, &head, style),
            head,
            snippet,
            details,
            diff: String::new(),
        }
    }

    /// The colour that miette gives to the severity.
    fn style(&self) -> anstyle::Style {
        let colour = match self.severity {
            miette::Severity::Error => anstyle::AnsiColor::Red,
            miette::Severity::Warning => anstyle::AnsiColor::Yellow,
            miette::Severity::Advice => anstyle::AnsiColor::Cyan,
        };
        colour.on_default().bold()
    }

    fn write(&self, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode())
            .with_wrap_lines(false)
            .with_context_lines(1)
            .with_links(false);
        handler.render_report(&mut text, self).map_err(io::Error::other)?;
        out.write_all(text.as_bytes())?;
        for (name, detail) in &self.details {
            write_detail(name, &clean(detail), style, out)?;
        }
        for line in self.diff.lines() {
            let style = match line.chars().next() {
                Some('+') => anstyle::AnsiColor::Green.on_default(),
                Some('-') => anstyle::AnsiColor::Red.on_default(),
                Some(_) | None => anstyle::Style::new(),
            };
            writeln!(out, "    {style}{}{style:#}", clean(line))?;
        }
        writeln!(out)
    }
}

impl std::error::Error for Entry {}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = self.style();
        write!(f, "{style}{}{style:#} {}", self.head, self.message)
    }
}

impl miette::Diagnostic for Entry {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.as_ref().map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet.as_ref()?;
        Some(Box::new(snippet.labels()))
    }
}

fn status_detail(status: &FindingStatus) -> Option<(&'static str, String)> {
    match status {
        FindingStatus::New => None,
        FindingStatus::Baseline => Some(("status", "known from the baseline, not counted".into())),
        FindingStatus::Suppressed(reason) => Some(("status", format!("suppressed, not counted: {reason}"))),
        FindingStatus::Intended(reason) => Some(("status", format!("intended, not counted: {reason}"))),
    }
}

/// A message as it stands behind its head and miette's two columns of icon.
fn message(text: &str, head: &str, style: Style) -> String {
    let room = style.width.saturating_sub(ICON);
    wrap(&clean(text), room.saturating_sub(head.len() + 1), room).join("\n")
}

/// One detail, its name in a column of its own.
fn write_detail(name: &str, text: &str, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let room = style.width.saturating_sub(INDENT + 2);
    let mut lead = format!("{NAME}{name:>INDENT$}:{NAME:#}");
    for line in wrap(text, room, room) {
        writeln!(out, "{lead} {line}")?;
        lead = " ".repeat(INDENT + 1);
    }
    Ok(())
}

/// A text in lines of at most so many characters, broken at spaces only: a name stays whole, so that it can be copied.
fn wrap(text: &str, first_room: usize, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut room_left = first_room;
    for word in text.split(' ') {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.is_empty() => {
                line.push_str(word);
                room_left = room_left.saturating_sub(length);
            }
            Some(line) if length < room_left => {
                line.push(' ');
                line.push_str(word);
                room_left -= length + 1;
            }
            Some(_) | None => {
                lines.push(word.to_owned());
                room_left = room.saturating_sub(length);
            }
        }
    }
    lines
}

/// Columns that a line of a snippet may have beside number and frame.
fn snippet_width(style: Style) -> usize {
    style.width.saturating_sub(GUTTER).clamp(40, LONGEST_LINE)
}

const BOLD: anstyle::Style = anstyle::Style::new().bold();
const NAME: anstyle::Style = anstyle::AnsiColor::Cyan.on_default();

/// Columns that miette takes before a message.
const ICON: usize = 4;

/// Columns for the name of a detail.
const INDENT: usize = 9;

/// Columns for line number, frame and the marks of a cut line.
const GUTTER: usize = 10;

/// Characters after which a line is shortened on any page.
const LONGEST_LINE: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_long_names_stay_whole() {
        let check = |text: &str, first, room, lines: &[&str]| assert_eq!(wrap(text, first, room), lines);
        check("one two three", 7, 9, &["one two", "three"]);
        check("one two three", 8, 9, &["one two", "three"]);
        check(
            "one two-three-four-five six",
            5,
            5,
            &["one", "two-three-four-five", "six"],
        );
        check("", 5, 5, &[""]);
        check("a b c d e", 3, 5, &["a b", "c d e"]);
    }
}
