use serde::Serialize;

use super::super::excerpt::{Excerpt, ExcerptLine, also};
use super::super::plain::place;
use super::super::subject::Subject;
use super::super::words::{Witnesses, when_in_words};
use super::super::{Report, Style};
use super::page::{Listed, UNKNOWN};
use super::words::{Words, words};
use crate::finding::Finding;

/// A finding with all there is to it.
#[derive(Serialize)]
pub(super) struct Card {
    pub severity: &'static str,
    pub rule: String,
    title: String,
    message: Words,
    resource: String,
    account: String,
    place: String,
    lines: Vec<ExcerptLine>,
    label: Words,
    also: Vec<(String, Words)>,
    also_left_out: usize,
    witness: Option<String>,
    when: Option<Words>,
    assumed: Vec<Words>,
    remedy: Words,
    references: Vec<String>,
    fingerprint: String,
    status: &'static str,
    reason: Words,
    counts: bool,
}

/// The findings, worst first, then those that do not count.
pub(super) fn cards(report: &Report<'_>, witnesses: &Witnesses<'_>) -> Listed<Card> {
    let all = Style {
        verbose: true,
        ..Style::default()
    };
    let findings: Vec<&Finding> = report.shown_findings(all).collect();
    let left_out = findings.len().saturating_sub(MOST_CARDS);
    let shown = findings.into_iter().take(MOST_CARDS);
    Listed {
        shown: shown.map(|finding| card(finding, report, witnesses)).collect(),
        left_out,
    }
}

fn card(finding: &Finding, report: &Report<'_>, witnesses: &Witnesses<'_>) -> Card {
    let locations = &finding.locations;
    let excerpt = Excerpt::new(report, locations, SNIPPET);
    let (lines, label) = excerpt.map_or((Vec::new(), String::new()), |excerpt| (excerpt.lines, excerpt.label));
    let account = Subject::of(finding, witnesses).account;
    let others = locations.secondary.iter();
    Card {
        severity: finding.severity.as_str(),
        rule: finding.rule.to_string(),
        title: report.shown(&finding.title),
        message: words(&report.shown(&finding.message)),
        resource: report.shown(&finding.resource),
        account: account.map_or(UNKNOWN.to_owned(), |account| report.shown(&account)),
        place: report.shown(&place(report.sources, locations.primary.span)),
        lines,
        label: words(&label),
        also: others
            .take(MOST_PLACES)
            .map(|location| also(location, report))
            .map(|(place, label)| (place, words(&label)))
            .collect(),
        also_left_out: locations.secondary.len().saturating_sub(MOST_PLACES),
        witness: witnesses.of(finding).map(|witness| report.shown(&witness)),
        when: when_in_words(finding).map(|when| words(&report.shown(&when))),
        assumed: witnesses
            .assumed(finding)
            .map(|unknown| words(&report.shown(unknown)))
            .collect(),
        remedy: words(&report.shown(&finding.remediation)),
        references: finding
            .references
            .iter()
            .map(|reference| report.shown(reference))
            .collect(),
        fingerprint: finding.fingerprint.to_string(),
        status: finding.status.as_str(),
        reason: words(&report.shown(finding.status.reason().unwrap_or_default())),
        counts: finding.status.counts(),
    }
}

/// Findings of a page.
const MOST_CARDS: usize = 1_000;

/// Secondary places of a finding.
const MOST_PLACES: usize = 20;

/// Characters of a line of the snippet.
const SNIPPET: usize = 110;
