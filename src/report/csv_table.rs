use std::borrow::Cow;
use std::io;

use super::Report;
use super::subject::Subject;
use super::words::Witnesses;
use crate::finding::Finding;

/// Writes a table for spreadsheets: a header, and one line a finding.
///
/// Every cell is quoted, and none begins with what a spreadsheet takes for a formula.
pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let witnesses = Witnesses::new(report);
    let mut table = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(out);
    table.write_record(HEADER)?;
    for finding in report.findings {
        let cells = cells(finding, report, &witnesses);
        table.write_record(cells.iter().map(|cell| inert(cell).into_owned()))?;
    }
    table.flush()
}

fn cells(finding: &Finding, report: &Report<'_>, witnesses: &Witnesses<'_>) -> [String; HEADER.len()] {
    let span = finding.locations.primary.span;
    let start = report.sources.start(span);
    let subject = Subject::of(finding, witnesses);
    [
        finding.severity.as_str().into(),
        finding.status.as_str().into(),
        report.shown(finding.status.reason().unwrap_or_default()),
        finding.rule.as_str().into(),
        report.shown(&finding.message),
        report.shown(&finding.resource),
        subject.kind.as_str().into(),
        report.shown(subject.name),
        subject.account.map_or(String::new(), |account| report.shown(&account)),
        report.shown(report.sources.path(span)),
        start.line.to_string(),
        start.column.to_string(),
        report.shown(&witnesses.of(finding).unwrap_or_default()),
        report.shown(&finding.remediation),
        finding.fingerprint.as_str().into(),
    ]
}

/// A cell that no spreadsheet takes for a formula: an apostrophe in front marks a text [OWASP, CSV injection].
fn inert(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

const HEADER: [&str; 15] = [
    "severity",
    "status",
    "reason",
    "rule",
    "message",
    "resource",
    "kind",
    "name",
    "account",
    "file",
    "line",
    "column",
    "witness",
    "remediation",
    "fingerprint",
];

/// What starts a formula in some spreadsheet, the wide forms of East Asian keyboards included.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_texts() {
        let check = |cell: &str, inside: &str| assert_eq!(inert(cell), inside);
        check("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")");
        check("+1", "'+1");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("＝1", "'＝1");
        check("a=1", "a=1");
        check("", "");
    }
}
