//! Answers to single questions as JSON.

use std::io;

use serde::Serialize;
use serde_json::Value;

use super::answers::{Check, Named, is_up_to_identity_policies, statement_json};
use super::json::{Diagnostics, INDENTED, ToolView};
use super::json_access::{GrantView, IndeterminateView, PlaceView, SourceView, WitnessView};
use super::{InputLine, Report, json_format};
use crate::finding::{Answer, Can, Closed, ContextValue, Grant, GrantEffect, Step, Unless, Verdict};
use crate::source::Sources;

/// Writes `bucketproof.who-can.v1`.
pub(super) fn write_who_can(
    report: &Report<'_>,
    asked: &Named,
    (answers, lacks): (&[Answer], bool),
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let effective = |grant: &Grant| grant.effect == GrantEffect::Effective;
    let answer = if answers.iter().any(|answer| answer.access.grants.iter().any(effective)) {
        "somebody"
    } else if lacks || answers.iter().any(|answer| !answer.access.indeterminate.is_empty()) {
        "unknown"
    } else {
        "nobody"
    };
    let view = WhoCan {
        schema: "bucketproof.who-can.v1",
        tool: ToolView::of(report),
        inputs: &report.inputs,
        question: Question {
            action: &asked.action,
            resources: &asked.resources,
        },
        answer,
        resources: views(answers, report.sources),
        diagnostics: Diagnostics(report),
        summary: Summary::of(report),
    };
    json_format::write(&view, INDENTED, out)
}

/// Writes `bucketproof.deny-check.v1`.
pub(super) fn write_checks(report: &Report<'_>, checks: &[Check], out: &mut dyn io::Write) -> io::Result<()> {
    let view = Checks {
        schema: "bucketproof.deny-check.v1",
        tool: ToolView::of(report),
        inputs: &report.inputs,
        checks: checks
            .iter()
            .map(|check| CheckView {
                statement: statement_json(&check.statement),
                result: check.result.as_str(),
                resources: views(&check.answers, report.sources),
            })
            .collect(),
        diagnostics: Diagnostics(report),
        summary: Summary::of(report),
    };
    json_format::write(&view, INDENTED, out)
}

/// Writes `bucketproof.can.v1`.
pub(super) fn write_can(report: &Report<'_>, can: &Can, out: &mut dyn io::Write) -> io::Result<()> {
    let sources = report.sources;
    let refused_when = match &can.unless {
        Unless::NotAsked => None,
        Unless::Never => Some(Vec::new()),
        Unless::When(changes) => {
            let changes = changes.iter();
            let changes = changes.map(|(key, value)| ChangeView {
                key: key.name(),
                value: match value {
                    None => Value::Null,
                    Some(ContextValue::One(value)) => value.as_str().into(),
                    Some(ContextValue::Many(values)) => values.iter().map(String::as_str).collect(),
                },
            });
            Some(changes.collect())
        }
    };
    let view = CanView {
        schema: "bucketproof.can.v1",
        tool: ToolView::of(report),
        inputs: &report.inputs,
        request: WitnessView::of(&can.request),
        taken_to_be: can.filled.iter().map(|key| key.name()).collect(),
        answer: match can.decision.verdict {
            Verdict::Allowed => "yes",
            Verdict::Denied => "no",
            Verdict::Unknown => "unknown",
        },
        because: can.decision.deciding().map(|step| StepView::of(step, sources)),
        identity_policies_can_allow: is_up_to_identity_policies(can),
        allowed_when: can.ways.iter().map(|grant| GrantView::of(grant, sources)).collect(),
        refused_when,
        trace: can
            .decision
            .trace
            .iter()
            .map(|step| StepView::of(step, sources))
            .collect(),
        indeterminate: can
            .indeterminate
            .iter()
            .map(|indeterminate| IndeterminateView::of(indeterminate, sources))
            .collect(),
        diagnostics: Diagnostics(report),
        summary: Summary::of(report),
    };
    json_format::write(&view, INDENTED, out)
}

fn views<'a>(answers: &'a [Answer], sources: &'a Sources) -> Vec<AnswerView<'a>> {
    answers.iter().map(|answer| AnswerView::of(answer, sources)).collect()
}

#[derive(Serialize)]
struct WhoCan<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    inputs: &'a [InputLine],
    question: Question<'a>,
    answer: &'static str,
    resources: Vec<AnswerView<'a>>,
    diagnostics: Diagnostics<'a>,
    summary: Summary,
}

#[derive(Serialize)]
struct Question<'a> {
    action: &'a str,
    resources: &'a [String],
}

#[derive(Serialize)]
struct Checks<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    inputs: &'a [InputLine],
    checks: Vec<CheckView<'a>>,
    diagnostics: Diagnostics<'a>,
    summary: Summary,
}

#[derive(Serialize)]
struct CheckView<'a> {
    statement: Value,
    result: &'static str,
    resources: Vec<AnswerView<'a>>,
}

#[derive(Serialize)]
struct CanView<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    inputs: &'a [InputLine],
    request: WitnessView<'a>,
    taken_to_be: Vec<&'a str>,
    answer: &'static str,
    because: Option<StepView<'a>>,
    identity_policies_can_allow: bool,
    allowed_when: Vec<GrantView<'a>>,
    refused_when: Option<Vec<ChangeView<'a>>>,
    trace: Vec<StepView<'a>>,
    indeterminate: Vec<IndeterminateView<'a>>,
    diagnostics: Diagnostics<'a>,
    summary: Summary,
}

#[derive(Serialize)]
struct ChangeView<'a> {
    key: &'a str,
    /// Null where the key is absent.
    value: Value,
}

#[derive(Serialize)]
struct Summary {
    resources: usize,
    incomplete: bool,
}

#[derive(Serialize)]
struct AnswerView<'a> {
    id: &'a str,
    kind: &'static str,
    name: &'a str,
    account: Option<String>,
    location: PlaceView<'a>,
    grants: Vec<GrantView<'a>>,
    closed_by: Vec<ClosedView<'a>>,
    indeterminate: Vec<IndeterminateView<'a>>,
}

#[derive(Serialize)]
struct ClosedView<'a> {
    allow: SourceView<'a>,
    denied_by: Vec<SourceView<'a>>,
}

#[derive(Serialize)]
struct StepView<'a> {
    text: String,
    document: Option<&'static str>,
    statement: Option<&'a str>,
    index: Option<u32>,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
}

impl Summary {
    fn of(report: &Report<'_>) -> Self {
        Self {
            resources: report.resources.len(),
            incomplete: report.incomplete,
        }
    }
}

impl<'a> AnswerView<'a> {
    fn of(answer: &'a Answer, sources: &'a Sources) -> Self {
        let Answer { access, closed } = answer;
        let resource = &access.resource;
        let undecided = access.indeterminate.iter();
        Self {
            id: &resource.arn,
            kind: resource.kind.as_str(),
            name: &resource.name,
            account: resource.account.map(|account| account.to_string()),
            location: PlaceView::of(resource.span, sources),
            grants: access
                .grants
                .iter()
                .map(|grant| GrantView::of(grant, sources))
                .collect(),
            closed_by: closed.iter().map(|closed| ClosedView::of(closed, sources)).collect(),
            indeterminate: undecided.map(|known| IndeterminateView::of(known, sources)).collect(),
        }
    }
}

impl<'a> ClosedView<'a> {
    fn of(closed: &'a Closed, sources: &'a Sources) -> Self {
        Self {
            allow: SourceView::of(&closed.allow, sources),
            denied_by: closed
                .denied_by
                .iter()
                .map(|source| SourceView::of(source, sources))
                .collect(),
        }
    }
}

impl<'a> StepView<'a> {
    fn of(step: &'a Step, sources: &'a Sources) -> Self {
        let span = step.span.filter(|span| sources.file(span.file).is_some());
        let start = span.map(|span| sources.start(span));
        Self {
            text: step.to_string(),
            document: step.document.map(|document| document.as_str()),
            statement: step.sid.as_deref(),
            index: step.index,
            file: span.map(|span| sources.path(span)),
            line: start.map(|start| start.line),
            column: start.map(|start| start.column),
        }
    }
}
