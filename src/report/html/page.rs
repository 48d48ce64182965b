use std::collections::BTreeSet;

use serde::Serialize;

use super::super::plain::diagnostic_place;
use super::super::subject::owner;
use super::super::summary::count;
use super::super::words::Witnesses;
use super::super::{Report, Style};
use super::accounts::{AccountRow, accounts};
use super::findings::{Card, cards};
use super::picture::{Picture, picture};
use super::reach::{ReachRow, Reached, reached};
use super::resources::{ResourceRow, resources};
use super::words::{Words, words};
use super::{SCRIPT, SCRIPT_DIGEST, STYLE, STYLE_DIGEST};
use crate::finding::Severity;
use crate::source::DiagnosticSeverity;

/// What the template shows. All texts are safe to show, and not escaped yet.
#[derive(Serialize)]
pub(super) struct Page {
    style: &'static str,
    style_digest: &'static str,
    script: &'static str,
    script_digest: &'static str,
    version: String,
    time: String,
    verdict: Verdict,
    counts: Vec<SeverityCount>,
    summary: String,
    problems: Option<String>,
    packs: Vec<String>,
    inputs: usize,
    filters: Filters,
    accounts: Listed<AccountRow>,
    picture: Option<Picture>,
    reach: Listed<ReachRow>,
    resources: Listed<ResourceRow>,
    /// Resources that are not listed, because nothing is to be said of them.
    quiet: usize,
    findings: Listed<Card>,
    diagnostics: Listed<Problem>,
}

/// The first of some things, and how many there are beyond them.
#[derive(Serialize)]
pub(super) struct Listed<T> {
    pub shown: Vec<T>,
    pub left_out: usize,
}

#[derive(Serialize)]
struct Verdict {
    /// `bad`, `doubt` or `good`.
    kind: &'static str,
    words: String,
}

#[derive(Serialize)]
struct SeverityCount {
    name: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct Filters {
    accounts: Vec<String>,
    severities: Vec<&'static str>,
    rules: Vec<String>,
}

#[derive(Serialize)]
struct Problem {
    severity: &'static str,
    place: String,
    message: Words,
    help: Option<Words>,
}

impl Page {
    pub fn new(report: &Report<'_>) -> Self {
        let witnesses = Witnesses::new(report);
        let reached: Vec<Reached> = reached(report);
        let (resources, quiet) = resources(report);
        let cards = cards(report, &witnesses);
        let mut summary = report.summary_lines(Style::default()).into_iter();
        let pack = |pack: &crate::finding::PackInfo| report.shown(&format!("{} {}", pack.name, pack.version));
        Self {
            style: STYLE,
            style_digest: STYLE_DIGEST,
            script: SCRIPT,
            script_digest: SCRIPT_DIGEST,
            version: report.shown(&report.tool.version),
            time: report.time.to_string(),
            verdict: verdict(report),
            counts: counts(report),
            summary: summary.next().unwrap_or_default(),
            problems: summary.next(),
            packs: report.tool.packs.iter().map(pack).collect(),
            inputs: report.inputs.len(),
            filters: filters(report, &cards),
            accounts: Listed::of(accounts(report), MOST_ACCOUNTS),
            picture: picture(&reached),
            reach: Listed::of(reached.iter().map(ReachRow::of), MOST_ROWS),
            resources: Listed::of(resources, MOST_ROWS),
            quiet,
            findings: cards,
            diagnostics: diagnostics(report),
        }
    }
}

impl<T> Listed<T> {
    /// The first of some things, up to a number.
    pub fn of(all: impl IntoIterator<Item = T>, most: usize) -> Self {
        let mut all = all.into_iter();
        Self {
            shown: all.by_ref().take(most).collect(),
            left_out: all.count(),
        }
    }
}

fn verdict(report: &Report<'_>) -> Verdict {
    let counts = report.summary().findings;
    let (kind, words) = match (counts.total(), report.incomplete) {
        (0, false) => ("good", "No findings".to_owned()),
        (0, true) => ("doubt", "No findings, but an answer may be missing".to_owned()),
        (total, false) => ("bad", count(total, "finding")),
        (total, true) => (
            "bad",
            format!("{}, and an answer may be missing", count(total, "finding")),
        ),
    };
    Verdict { kind, words }
}

fn counts(report: &Report<'_>) -> Vec<SeverityCount> {
    let counts = report.summary().findings;
    Severity::ALL
        .into_iter()
        .map(|severity| SeverityCount {
            name: severity.as_str(),
            count: match severity {
                Severity::Critical => counts.critical,
                Severity::High => counts.high,
                Severity::Medium => counts.medium,
                Severity::Low => counts.low,
            },
        })
        .collect()
}

/// What can be filtered by: what there is.
fn filters(report: &Report<'_>, cards: &Listed<Card>) -> Filters {
    let accounts: BTreeSet<Option<String>> = report.resources.iter().map(owner).collect();
    let accounts = accounts.into_iter().take(MOST_ACCOUNTS);
    let has = |severity: &Severity| cards.shown.iter().any(|card| card.severity == severity.as_str());
    let rules: BTreeSet<&str> = cards.shown.iter().map(|card| card.rule.as_str()).collect();
    Filters {
        accounts: accounts.map(|account| account.unwrap_or(UNKNOWN.into())).collect(),
        severities: Severity::ALL
            .iter()
            .filter(|severity| has(severity))
            .map(|severity| severity.as_str())
            .collect(),
        rules: rules.into_iter().map(str::to_owned).collect(),
    }
}

fn diagnostics(report: &Report<'_>) -> Listed<Problem> {
    let problems = report.shown_diagnostics(Style::default()).map(|diagnostic| Problem {
        severity: match diagnostic.severity {
            DiagnosticSeverity::Error => "error",
            DiagnosticSeverity::Warning => "warning",
            DiagnosticSeverity::Note => "note",
        },
        place: report.shown(&diagnostic_place(report.sources, diagnostic).unwrap_or_default()),
        message: words(&report.shown(&diagnostic.message)),
        help: diagnostic.help.as_ref().map(|help| words(&report.shown(help))),
    });
    Listed::of(problems, MOST_PROBLEMS)
}

/// An account that nobody knows.
pub(super) const UNKNOWN: &str = "unknown";

/// Accounts of the table and of the filter.
const MOST_ACCOUNTS: usize = 500;

/// Rows of the tables about access and resources.
const MOST_ROWS: usize = 1_000;

/// Problems with the input that are listed.
const MOST_PROBLEMS: usize = 200;
