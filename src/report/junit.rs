use std::io;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::plain::{diagnostic_place, place};
use super::subject::{Subject, SubjectKind};
use super::summary::count;
use super::words::Witnesses;
use super::{Report, Style};
use crate::finding::Finding;
use crate::source::{Diagnostic, DiagnosticSeverity};

/// Writes JUnit XML, as CI servers show it: a suite for each kind of resource, a case for each finding.
///
/// A finding that counts is a failure, one that does not is skipped with the reason; what could not be read is an error, so
/// that an answer that may be missing never looks like success. Control characters, which XML cannot carry, are escapes.
pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let witnesses = Witnesses::new(report);
    let mut document = Document::new("bucketproof");
    for kind in SubjectKind::ALL {
        document.add_test_suites(suite(kind, report, &witnesses));
    }
    document.add_test_suites(problems(report));
    if document.test_suites.is_empty() {
        let mut suite = TestSuite::new("nothing");
        suite.add_test_case(TestCase::new("no findings in 0 resources", TestCaseStatus::success()));
        document.add_test_suite(suite);
    }
    // The schema of the Jenkins xUnit plugin does not let the whole of it count what was skipped, which its suites do.
    let skipped = format!(" skipped=\"{}\"", document.skipped);
    let text = document.to_string().map_err(io::Error::other)?;
    out.write_all(text.replacen(&skipped, "", 1).as_bytes())
}

/// The findings about one kind of resource, or one case that passes where there are resources and no findings.
fn suite(kind: SubjectKind, report: &Report<'_>, witnesses: &Witnesses<'_>) -> Option<TestSuite> {
    let mut suite = TestSuite::new(kind.as_str());
    let mut resources = 0;
    for access in report.resources {
        resources += usize::from(SubjectKind::of(access.resource.kind) == kind);
    }
    for finding in report.findings {
        let subject = Subject::of(finding, witnesses);
        if subject.kind == kind {
            suite.add_test_case(case(finding, &subject, report, witnesses));
        }
    }
    if suite.test_cases.is_empty() && resources > 0 {
        let name = format!("no findings in {}", count(resources, "resource"));
        suite.add_test_case(TestCase::new(name, TestCaseStatus::success()));
    }
    (!suite.test_cases.is_empty()).then_some(suite)
}

/// The name of a case stays the same from run to run, so that a server can tell what is new.
fn case(finding: &Finding, subject: &Subject<'_>, report: &Report<'_>, witnesses: &Witnesses<'_>) -> TestCase {
    let mut status = match finding.status.reason() {
        _ if finding.status.counts() => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Some(reason) => skipped(&format!("{}: {reason}", finding.status.as_str()), report),
        None => skipped("known from the baseline", report),
    };
    if finding.status.counts() {
        status.set_message(shown(report, &finding.message));
    }
    status.set_type(format!("{}[{}]", finding.severity.as_str(), finding.rule));
    let mut lines = vec![place(report.sources, finding.locations.primary.span)];
    lines.push(finding.message.clone());
    lines.push(format!("resource: {}", finding.resource));
    lines.extend(witnesses.of(finding).map(|witness| format!("witness: {witness}")));
    lines.extend(witnesses.assumed(finding).map(|unknown| format!("assumed: {unknown}")));
    lines.push(format!("help: {}", finding.remediation));
    let lines: Vec<String> = lines.iter().map(|line| shown(report, line)).collect();
    status.set_description(lines.join("\n"));
    let short: String = finding.fingerprint.as_str().chars().take(8).collect();
    let name = format!("{} {} ({short})", finding.rule, shown(report, subject.name));
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("bucketproof.{}", finding.rule.as_str().replace('/', ".")));
    case
}

fn skipped(message: &str, report: &Report<'_>) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(shown(report, message));
    status
}

/// A text as XML can carry it: of what it cannot, quick-junit leaves two characters in.
fn shown(report: &Report<'_>, text: &str) -> String {
    report.shown(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// What could not be read or decided.
fn problems(report: &Report<'_>) -> Option<TestSuite> {
    let mut suite = TestSuite::new("input");
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == DiagnosticSeverity::Error;
    for diagnostic in report.diagnostics.iter().filter(is_error) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status
            .set_message(shown(report, &diagnostic.message))
            .set_type(diagnostic.code);
        if let Some(help) = &diagnostic.help {
            status.set_description(format!("help: {}", shown(report, help)));
        }
        let place = diagnostic_place(report.sources, diagnostic).unwrap_or_default();
        let name = format!("{} {}", diagnostic.code, shown(report, &place));
        suite.add_test_case(TestCase::new(name.trim_end(), status));
    }
    if suite.test_cases.is_empty() && report.incomplete {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(report.problems_line(Style::default()).unwrap_or_default());
        suite.add_test_case(TestCase::new("incomplete", status));
    }
    (!suite.test_cases.is_empty()).then_some(suite)
}
