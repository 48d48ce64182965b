//! The verdict on an incident as JSON.

use std::io;

use serde::Serialize;

use super::json::{Diagnostics, FindingView, INDENTED, ToolView};
use super::json_access::GrantView;
use super::verify::{Proof, verdict};
use super::{InputLine, Report, json_format};
use crate::iam::Timestamp;
use crate::incident::{Incident, Metrics, Replayed, Side, Trace};

/// Writes `bucketproof.verify.v1`.
pub(super) fn write(report: &Report<'_>, proof: Proof<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let verification = proof.verification;
    let findings = report.findings.iter();
    let view = VerifyView {
        schema: "bucketproof.verify.v1",
        tool: ToolView::of(report),
        inputs: &report.inputs,
        verdict: proof.verdict.as_str(),
        reasons: proof.reasons,
        incident: IncidentView::of(proof.incident),
        metrics: MetricsView::of(&verification.metrics),
        taken: TakenView::of(&verification.taken),
        keys: verification
            .keys
            .iter()
            .map(|(key, dead)| KeyView {
                key,
                dead: dead.as_deref(),
            })
            .collect(),
        requests: verification.requests.iter().map(RequestView::of).collect(),
        remaining: findings.map(|finding| FindingView::of(finding, report)).collect(),
        remaining_access: verification
            .remains
            .access
            .iter()
            .map(|left| LeftView {
                resource: &left.resource,
                grant: GrantView::of(&left.grant, report.sources),
            })
            .collect(),
        undecided: &verification.remains.undecided,
        not_in_snapshot: &verification.remains.foreign,
        collateral: verification
            .collateral()
            .map(|request| &*request.seen.event_id)
            .collect(),
        contradictions: &verification.contradictions,
        requests_left_out: verification.left_out,
        diagnostics: Diagnostics(report),
        incomplete: report.incomplete,
    };
    json_format::write(&view, INDENTED, out)
}

#[derive(Serialize)]
struct VerifyView<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    inputs: &'a [InputLine],
    verdict: &'static str,
    reasons: &'a [String],
    incident: IncidentView<'a>,
    metrics: MetricsView,
    taken: TakenView,
    keys: Vec<KeyView<'a>>,
    requests: Vec<RequestView<'a>>,
    remaining: Vec<FindingView<'a>>,
    remaining_access: Vec<LeftView<'a>>,
    undecided: &'a [String],
    not_in_snapshot: &'a [String],
    collateral: Vec<&'a str>,
    contradictions: &'a [String],
    requests_left_out: u64,
    diagnostics: Diagnostics<'a>,
    incomplete: bool,
}

#[derive(Serialize)]
struct IncidentView<'a> {
    title: Option<&'a str>,
    ticket: Option<&'a str>,
    classification: Option<&'a str>,
    from: Option<String>,
    to: Option<String>,
    detected: Option<String>,
    contained: Option<String>,
    recovered: Option<String>,
}

#[derive(Serialize)]
struct MetricsView {
    first_hostile: Option<String>,
    last_hostile: Option<String>,
    time_to_detect_seconds: Option<i64>,
    time_to_contain_seconds: Option<i64>,
    time_to_recover_seconds: Option<i64>,
}

#[derive(Serialize)]
struct TakenView {
    events: u64,
    denied: u64,
    objects: usize,
    buckets: usize,
    bytes_out: u64,
}

#[derive(Serialize)]
struct KeyView<'a> {
    key: &'a str,
    dead: Option<&'a str>,
}

#[derive(Serialize)]
struct RequestView<'a> {
    event_id: &'a str,
    time: String,
    event_name: &'a str,
    principal: &'a str,
    access_key: Option<&'a str>,
    source_ip: Option<&'a str>,
    resource: Option<&'a str>,
    error: Option<&'a str>,
    hostile: bool,
    before: &'static str,
    after: &'static str,
    decided_by: &'a str,
    decided_before_by: &'a str,
}

#[derive(Serialize)]
struct LeftView<'a> {
    resource: &'a str,
    grant: GrantView<'a>,
}

fn text(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

impl<'a> IncidentView<'a> {
    fn of(incident: &'a Incident) -> Self {
        Self {
            title: incident.title.as_deref(),
            ticket: incident.ticket.as_deref(),
            classification: incident.classification.as_deref(),
            from: text(incident.from),
            to: text(incident.to),
            detected: text(incident.detected),
            contained: text(incident.contained),
            recovered: text(incident.recovered),
        }
    }
}

impl MetricsView {
    fn of(metrics: &Metrics) -> Self {
        Self {
            first_hostile: text(metrics.first_hostile),
            last_hostile: text(metrics.last_hostile),
            time_to_detect_seconds: metrics.time_to_detect,
            time_to_contain_seconds: metrics.time_to_contain,
            time_to_recover_seconds: metrics.time_to_recover,
        }
    }
}

impl TakenView {
    fn of(taken: &Trace) -> Self {
        Self {
            events: taken.total.events,
            denied: taken.total.denied,
            objects: taken.total.objects(),
            buckets: taken.by_bucket.len(),
            bytes_out: taken.total.bytes_out,
        }
    }
}

impl<'a> RequestView<'a> {
    fn of(request: &'a Replayed) -> Self {
        let seen = &request.seen;
        Self {
            event_id: &seen.event_id,
            time: seen.time.to_string(),
            event_name: &seen.event_name,
            principal: &seen.principal,
            access_key: seen.actor.access_key.as_deref(),
            source_ip: seen.source_ip.as_deref(),
            resource: seen.resource.as_deref(),
            error: seen.error.as_deref(),
            hostile: seen.side == Side::Hostile,
            before: verdict(request.before.verdict),
            after: verdict(request.after.verdict),
            decided_by: &request.after.by,
            decided_before_by: &request.before.by,
        }
    }
}
