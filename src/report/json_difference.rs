//! What one state gives beyond another as JSON.

use std::io;

use serde::Serialize;

use super::difference::{Diff, DiffSide, resources};
use super::json::{Diagnostics, INDENTED, ToolView};
use super::json_access::{GrantView, IndeterminateView, SourceView};
use super::{InputLine, json_format};
use crate::finding::{NewGrant, Resource};
use crate::source::Sources;

/// Writes `bucketproof.diff.v1`.
pub(super) fn write(diff: &Diff<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let Diff { before, after } = diff;
    let number = |side: &DiffSide<'_>| side.beyond.iter().map(|access| access.grants.len()).sum();
    let undecided = |side: &DiffSide<'_>| side.beyond.iter().any(|access| !access.indeterminate.is_empty());
    let resources: Vec<_> = resources(diff)
        .into_iter()
        .map(|resource| ResourceView::of(resource, diff))
        .collect();
    let view = DiffView {
        schema: "bucketproof.diff.v1",
        tool: ToolView::of(&after.report),
        before: StateView {
            inputs: &before.report.inputs,
            diagnostics: Diagnostics(&before.report),
        },
        after: StateView {
            inputs: &after.report.inputs,
            diagnostics: Diagnostics(&after.report),
        },
        summary: Summary {
            resources: resources.len(),
            gained: number(after),
            lost: number(before),
            incomplete: [before, after]
                .into_iter()
                .any(|side| side.report.incomplete || undecided(side)),
        },
        resources,
    };
    json_format::write(&view, INDENTED, out)
}

#[derive(Serialize)]
struct DiffView<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    before: StateView<'a>,
    after: StateView<'a>,
    resources: Vec<ResourceView<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct StateView<'a> {
    inputs: &'a [InputLine],
    diagnostics: Diagnostics<'a>,
}

#[derive(Serialize)]
struct Summary {
    resources: usize,
    gained: usize,
    lost: usize,
    incomplete: bool,
}

#[derive(Serialize)]
struct ResourceView<'a> {
    id: &'a str,
    kind: &'static str,
    name: &'a str,
    account: Option<String>,
    gained: Vec<NewView<'a>>,
    lost: Vec<NewView<'a>>,
    indeterminate: Vec<UndecidedView<'a>>,
}

#[derive(Serialize)]
pub(super) struct NewView<'a> {
    #[serde(flatten)]
    grant: GrantView<'a>,
    /// What the other state gives of it; empty where that is nothing.
    in_part_by: Vec<SourceView<'a>>,
}

#[derive(Serialize)]
struct UndecidedView<'a> {
    /// The state that the reason is about: `before` or `after`.
    state: &'static str,
    #[serde(flatten)]
    reason: IndeterminateView<'a>,
}

impl<'a> ResourceView<'a> {
    fn of(resource: &'a Resource, diff: &'a Diff<'a>) -> Self {
        let Diff { before, after } = diff;
        let undecided = [("before", before), ("after", after)]
            .into_iter()
            .flat_map(|(state, side)| {
                let access = side.beyond.iter().filter(|access| access.resource.arn == resource.arn);
                access
                    .flat_map(|access| &access.indeterminate)
                    .map(move |reason| UndecidedView {
                        state,
                        reason: IndeterminateView::of(reason, side.report.sources),
                    })
            });
        Self {
            id: &resource.arn,
            kind: resource.kind.as_str(),
            name: &resource.name,
            account: resource.account.map(|account| account.to_string()),
            gained: grants(resource, after, before.report.sources),
            lost: grants(resource, before, after.report.sources),
            indeterminate: undecided.collect(),
        }
    }
}

fn grants<'a>(resource: &Resource, side: &'a DiffSide<'a>, others: &'a Sources) -> Vec<NewView<'a>> {
    let access = side.beyond.iter().filter(|access| access.resource.arn == resource.arn);
    let sources = (side.report.sources, others);
    let view = |new: &'a NewGrant| NewView::of(new, sources);
    access.flat_map(|access| &access.grants).map(view).collect()
}

impl<'a> NewView<'a> {
    /// A grant whose places are in the first sources, and what gave part of it in the second ones.
    pub(super) fn of(new: &'a NewGrant, (sources, others): (&'a Sources, &'a Sources)) -> Self {
        let already = new.already.iter();
        Self {
            grant: GrantView::of(&new.grant, sources),
            in_part_by: already.map(|source| SourceView::of(source, others)).collect(),
        }
    }
}
