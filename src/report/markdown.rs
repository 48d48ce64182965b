use std::io;

use super::excerpt::{Excerpt, also};
use super::markdown_text::{Page, code, fence, fence_of, inline, markup};
use super::plain::{diagnostic_place, place};
use super::subject::Subject;
use super::summary::count;
use super::words::{Witnesses, cut, when_in_words};
use super::{Report, Style};
use crate::finding::{Finding, FindingStatus};
use crate::source::DiagnosticSeverity;

/// Writes a page that fits a comment of a pull request: the verdict, a table, worst first, and folded below it the snippet, the
/// witness and the remedy of each finding.
///
/// It has at most 65,000 bytes, of the 65,536 characters that GitHub takes; what is left out is counted.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let findings: Vec<&Finding> = report.shown_findings(style).collect();
    let witnesses = Witnesses::new(report);
    let mut page = Page::new(LONGEST - RESERVE);
    page.push(&verdict(report, style));
    let rows = push_table(&mut page, &findings, report);
    let mut folded = 0;
    for (number, finding) in (1..).zip(findings.iter().take(rows)) {
        if !page.push(&details(number, finding, report, &witnesses)) {
            break;
        }
        folded = number;
    }
    page.extend(RESERVE);
    push_left_out(&mut page, findings.len(), rows, folded);
    push_diagnostics(&mut page, report, style);
    out.write_all(page.text().as_bytes())
}

/// What it came to. The comment at the top lets a script find the page again and write it anew.
fn verdict(report: &Report<'_>, style: Style) -> String {
    let total = report.summary().findings.total();
    let head = match (total, report.incomplete) {
        (0, false) => "no findings".to_owned(),
        (0, true) => "no findings, but an answer may be missing".to_owned(),
        (_, _) => count(total, "finding"),
    };
    let mut text = format!("<!-- bucketproof -->\n## bucketproof: {head}\n\n");
    let mut lines = report.summary_lines(style).into_iter();
    if let Some(found) = lines.next() {
        text.push_str(&format!("{}\n\n", inline(&found)));
    }
    for problems in lines {
        text.push_str(&format!("**{}**\n\n", inline(&problems)));
    }
    text
}

/// The table, as many lines as fit into the first part of the page; how many those are.
fn push_table(page: &mut Page, findings: &[&Finding], report: &Report<'_>) -> usize {
    if findings.is_empty() {
        return 0;
    }
    let head = "| # | severity | what | where | rule |\n| --: | --- | --- | --- | --- |\n";
    if !page.push(head) {
        return 0;
    }
    let mut rows = 0;
    for (number, finding) in (1..).zip(findings) {
        let row = row(number, finding, report);
        if page.len() + row.len() > TABLE || !page.push(&row) {
            break;
        }
        rows = number;
    }
    page.push("\n");
    rows
}

fn row(number: usize, finding: &Finding, report: &Report<'_>) -> String {
    let severity = if finding.status.counts() {
        finding.severity.as_str().to_owned()
    } else {
        format!("{}, {}", finding.severity.as_str(), finding.status.as_str())
    };
    let in_cell = |text: &str| cut(&report.shown(text), LONGEST_CELL);
    let place = in_cell(&place(report.sources, finding.locations.primary.span));
    let (message, rule) = (inline(&in_cell(&finding.message)), code(finding.rule.as_str()));
    format!("| {number} | {severity} | {message} | {} | {rule} |\n", code(&place))
}

/// One finding, folded.
fn details(number: usize, finding: &Finding, report: &Report<'_>, witnesses: &Witnesses<'_>) -> String {
    let subject = Subject::of(finding, witnesses);
    let name = cut(&report.shown(subject.name), LONGEST_CELL);
    let mut text = format!(
        "<details><summary>{number}. {} <code>{}</code> in {} <code>{}</code></summary>\n\n",
        finding.severity.as_str(),
        markup(finding.rule.as_str()),
        subject.kind.as_str().replace('-', " "),
        markup(&name)
    );
    let shown = |text: &str| cut(&report.shown(text), LONGEST_DETAIL);
    if let Some(excerpt) = Excerpt::new(report, &finding.locations, SNIPPET) {
        text.push_str(&format!("{}\n", fence(&excerpt.as_text())));
    }
    let mut add = |name: &str, what: &str| text.push_str(&format!("**{name}:** {what}\n\n"));
    let start = place(report.sources, finding.locations.primary.span);
    add("Where", &code(&shown(&start)));
    if let Some(witness) = witnesses.of(finding) {
        add("Request that gets in", &code(&shown(&witness)));
    }
    if let Some(when) = when_in_words(finding) {
        add("Only where", &inline(&shown(&when)));
    }
    witnesses
        .assumed(finding)
        .for_each(|unknown| add("Assumed", &inline(&shown(unknown))));
    for location in finding.locations.secondary.iter().take(MOST_PLACES) {
        let (place, label) = also(location, report);
        add("Also", &format!("{} {}", code(&shown(&place)), inline(&shown(&label))));
    }
    add("Remedy", &inline(&shown(&finding.remediation)));
    if let Some(fix) = report.fix(finding) {
        add("Edit", &inline(&shown(&fix.in_words())));
        let lines: Vec<String> = fix.diff.lines().take(LONGEST_DIFF).map(shown).collect();
        text.push_str(&format!("{}\n", fence_of("diff", &lines.join("\n"))));
    }
    let mut add = |name: &str, what: &str| text.push_str(&format!("**{name}:** {what}\n\n"));
    match &finding.status {
        FindingStatus::New => {}
        FindingStatus::Baseline => add("Not counted", "known from the baseline"),
        FindingStatus::Suppressed(reason) => add("Not counted", &format!("suppressed: {}", inline(&shown(reason)))),
        FindingStatus::Intended(reason) => add("Not counted", &format!("intended: {}", inline(&shown(reason)))),
    }
    text.push_str("</details>\n");
    text
}

fn push_left_out(page: &mut Page, findings: usize, rows: usize, folded: usize) {
    if folded == findings {
        return;
    }
    let mut parts = Vec::new();
    if rows < findings {
        parts.push(count(findings - rows, "more finding"));
    }
    if folded < rows {
        parts.push(format!("the details of {}", count(rows - folded, "finding")));
    }
    let line = format!(
        "\n**Left out, because a comment has no room for it: {}.** Another format has all of it.\n",
        parts.join(", and ")
    );
    page.push(&line);
}

/// Problems with the input, as many as fit.
fn push_diagnostics(page: &mut Page, report: &Report<'_>, style: Style) {
    let diagnostics: Vec<_> = report.shown_diagnostics(style).collect();
    if diagnostics.is_empty() {
        return;
    }
    let head = format!(
        "\n<details><summary>{} with the input</summary>\n\n",
        count(diagnostics.len(), "problem")
    );
    if !page.push(&head) {
        return;
    }
    let shown = |text: &str| inline(&cut(&report.shown(text), LONGEST_CELL));
    let mut written = 0;
    for diagnostic in &diagnostics {
        let severity = match diagnostic.severity {
            DiagnosticSeverity::Error => "error",
            DiagnosticSeverity::Warning => "warning",
            DiagnosticSeverity::Note => "note",
        };
        let place = diagnostic_place(report.sources, diagnostic).map_or(String::new(), |place| {
            format!(" {}", code(&cut(&report.shown(&place), LONGEST_CELL)))
        });
        let line = format!("- {severity}{place}: {}\n", shown(&diagnostic.message));
        if page.room() < line.len() + CLOSING || !page.push(&line) {
            break;
        }
        written += 1;
    }
    if written < diagnostics.len() {
        page.push(&format!("- {} more\n", diagnostics.len() - written));
    }
    page.push("\n</details>\n");
}

/// Bytes of a page.
const LONGEST: usize = 65_000;

/// Bytes of it that are kept for what was left out and for problems with the input.
const RESERVE: usize = 5_000;

/// Bytes up to which the table may grow.
const TABLE: usize = 30_000;

/// Bytes for the end of the list of problems.
const CLOSING: usize = 100;

/// Characters of a text in a table.
const LONGEST_CELL: usize = 300;

/// Characters of a text below the table.
const LONGEST_DETAIL: usize = 2_000;

/// Secondary places of a finding that are listed.
const MOST_PLACES: usize = 10;

/// Lines of an edit that are shown.
const LONGEST_DIFF: usize = 60;

/// Characters of a line of the snippet.
const SNIPPET: usize = 100;
