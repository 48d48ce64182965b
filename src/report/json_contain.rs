//! A plan to shut an incident as JSON.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde_json::Value;

use super::json::{Diagnostics, INDENTED, ToolView};
use super::{InputLine, Report, json_format};
use crate::incident::{Broken, Containment, Incident, Step};

/// Writes `bucketproof.contain.v1`.
pub(super) fn write(
    report: &Report<'_>,
    incident: &Incident,
    plan: &Containment,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let view = ContainView {
        schema: "bucketproof.contain.v1",
        tool: ToolView::of(report),
        inputs: &report.inputs,
        title: incident.title.as_deref(),
        ticket: incident.ticket.as_deref(),
        steps: plan.steps.iter().map(StepView::of).collect(),
        left: &plan.left,
        not_in_snapshot: &plan.foreign,
        diagnostics: Diagnostics(report),
        incomplete: report.incomplete,
    };
    json_format::write(&view, INDENTED, out)
}

#[derive(Serialize)]
struct ContainView<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    inputs: &'a [InputLine],
    title: Option<&'a str>,
    ticket: Option<&'a str>,
    steps: Vec<StepView<'a>>,
    left: &'a [String],
    not_in_snapshot: &'a [String],
    diagnostics: Diagnostics<'a>,
    incomplete: bool,
}

#[derive(Serialize)]
struct StepView<'a> {
    phase: &'static str,
    account: Option<&'a str>,
    resource: &'a str,
    what: &'a str,
    commands: &'a [Vec<String>],
    rollback: &'a [Vec<String>],
    documents: BTreeMap<&'a str, &'a Value>,
    needs_input: bool,
    notes: &'a [String],
    closes: &'a [String],
    breaks: Vec<BrokenView<'a>>,
}

#[derive(Serialize)]
struct BrokenView<'a> {
    event_id: &'a str,
    principal: &'a str,
    event_name: &'a str,
    resource: Option<&'a str>,
    by: &'a str,
}

impl<'a> StepView<'a> {
    fn of(step: &'a Step) -> Self {
        let broken = |broken: &'a Broken| BrokenView {
            event_id: &broken.event_id,
            principal: &broken.principal,
            event_name: &broken.event_name,
            resource: broken.resource.as_deref(),
            by: &broken.by,
        };
        Self {
            phase: step.phase.as_str(),
            account: step.account.as_deref(),
            resource: &step.resource,
            what: &step.what,
            commands: &step.commands,
            rollback: &step.rollback,
            documents: step
                .documents
                .iter()
                .map(|(name, document)| (&**name, document))
                .collect(),
            needs_input: step.needs_input,
            notes: &step.notes,
            closes: &step.closes,
            breaks: step.breaks.iter().map(broken).collect(),
        }
    }
}
