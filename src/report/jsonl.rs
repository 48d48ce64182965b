use std::io;

use serde::Serialize;

use super::json::LocationView;
use super::json_access::{GrantView, WhenView, WitnessView};
use super::subject::Subject;
use super::words::Witnesses;
use super::{Report, json_format};
use crate::finding::Finding;

/// Writes `bucketproof.finding.v1`, one line a finding, each of which says all there is to say.
pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let witnesses = Witnesses::new(report);
    let mut findings = report.findings.iter();
    findings.try_for_each(|finding| {
        let line = Line::of(finding, report, &witnesses);
        json_format::write(&line, ON_ONE_LINE, out)
    })
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    version: &'a str,
    time: String,
    fingerprint: &'a str,
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    status: &'static str,
    reason: Option<&'a str>,
    message: &'a str,
    resource: &'a str,
    kind: &'static str,
    name: &'a str,
    account: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    when: Vec<WhenView<'a>>,
    grant: Option<GrantView<'a>>,
    locations: Vec<LocationView<'a>>,
    witness: Option<WitnessView<'a>>,
    remediation: &'a str,
    references: &'a [String],
}

impl<'a> Line<'a> {
    fn of(finding: &'a Finding, report: &'a Report<'_>, witnesses: &Witnesses<'a>) -> Self {
        let Finding {
            fingerprint,
            rule,
            title,
            severity,
            message,
            resource,
            when,
            grant: _,
            locations,
            witness,
            remediation,
            references,
            matter: _,
            status,
        } = finding;
        let sources = report.sources;
        let subject = Subject::of(finding, witnesses);
        let places = std::iter::once(&locations.primary).chain(&locations.secondary);
        Self {
            schema: "bucketproof.finding.v1",
            version: &report.tool.version,
            time: report.time.to_string(),
            fingerprint: fingerprint.as_str(),
            rule: rule.as_str(),
            title,
            severity: severity.as_str(),
            status: status.as_str(),
            reason: status.reason(),
            message,
            resource,
            kind: subject.kind.as_str(),
            name: subject.name,
            account: subject.account,
            when: when.iter().map(WhenView::of).collect(),
            grant: witnesses.grant(finding).map(|grant| {
                let declared = witnesses.place(finding).and_then(|place| report.intended.get(&place));
                GrantView::of(grant, sources).declared(declared)
            }),
            locations: places.map(|place| LocationView::of(place, sources)).collect(),
            witness: witness.as_ref().map(WitnessView::of),
            remediation,
            references,
        }
    }
}

/// Nothing is spread over lines.
const ON_ONE_LINE: usize = 0;
