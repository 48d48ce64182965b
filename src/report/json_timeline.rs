//! A timeline as JSON.

use std::io;

use serde::Serialize;

use super::json::{Diagnostics, INDENTED, ToolView};
use super::json_access::{ConfinementView, GrantView, GranteeView};
use super::json_difference::NewView;
use super::{InputLine, Report, json_format};
use crate::iam::Level;
use crate::incident::{Entry, Timeline, Window, WindowEnd};
use crate::model::Actor;
use crate::source::Sources;

/// Writes `bucketproof.timeline.v1`.
pub(super) fn write(report: &Report<'_>, timeline: &Timeline, out: &mut dyn io::Write) -> io::Result<()> {
    let attempts = timeline.entries.iter().filter(|entry| entry.is_attempt()).count();
    let open = timeline
        .windows
        .iter()
        .filter(|window| window.end == WindowEnd::Open)
        .count();
    let view = TimelineView {
        schema: "bucketproof.timeline.v1",
        tool: ToolView::of(report),
        inputs: &report.inputs,
        events: timeline
            .entries
            .iter()
            .map(|entry| EntryView::of(entry, report.sources))
            .collect(),
        windows: timeline.windows.iter().map(WindowView::of).collect(),
        diagnostics: Diagnostics(report),
        summary: Summary {
            events: timeline.entries.len(),
            attempts,
            windows: timeline.windows.len(),
            open,
            incomplete: report.incomplete,
        },
    };
    json_format::write(&view, INDENTED, out)
}

#[derive(Serialize)]
struct TimelineView<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    inputs: &'a [InputLine],
    events: Vec<EntryView<'a>>,
    windows: Vec<WindowView<'a>>,
    diagnostics: Diagnostics<'a>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    events: usize,
    attempts: usize,
    windows: usize,
    open: usize,
    incomplete: bool,
}

#[derive(Serialize)]
struct EntryView<'a> {
    time: String,
    event_id: &'a str,
    event_name: &'a str,
    account: Option<String>,
    region: &'a str,
    resource: &'a str,
    what: &'a str,
    actor: ActorView<'a>,
    error: Option<&'a str>,
    gained: Vec<NewView<'a>>,
    lost: Vec<NewView<'a>>,
    /// Where what was before is unknown.
    standing: Vec<GrantView<'a>>,
    undecided: &'a [String],
}

#[derive(Serialize)]
struct ActorView<'a> {
    arn: Option<&'a str>,
    account: Option<String>,
    access_key: Option<&'a str>,
    issuer: Option<&'a str>,
    anonymous: bool,
    source_ip: Option<&'a str>,
    user_agent: Option<&'a str>,
}

#[derive(Serialize)]
struct WindowView<'a> {
    resource: &'a str,
    kind: &'static str,
    grantee: GranteeView,
    confined_by: Vec<ConfinementView<'a>>,
    levels: Vec<&'static str>,
    from: Option<String>,
    to: Option<String>,
    opened_by: Option<&'a str>,
    closed_by: Option<&'a str>,
    /// `open`, `closed` or `unknown`.
    state: &'static str,
    /// The first time at which it is known to be open; null where that is so from the start.
    known_since: Option<String>,
    assumed: &'a [String],
    changed: bool,
}

impl<'a> EntryView<'a> {
    fn of(entry: &'a Entry, sources: &'a Sources) -> Self {
        let event = &entry.event;
        let Actor {
            arn,
            account,
            access_key,
            issuer,
            ..
        } = &event.actor;
        Self {
            time: event.time.to_string(),
            event_id: &event.id,
            event_name: &event.name,
            account: event.account.map(|id| id.to_string()),
            region: &event.region,
            resource: &entry.resource,
            what: &entry.words,
            actor: ActorView {
                arn: arn.as_deref(),
                account: account.map(|id| id.to_string()),
                access_key: access_key.as_deref(),
                issuer: issuer.as_deref(),
                anonymous: event.actor.is_anonymous(),
                source_ip: event.source_ip.as_deref(),
                user_agent: event.user_agent.as_deref(),
            },
            error: event.error.as_deref(),
            gained: entry
                .gained
                .iter()
                .map(|new| NewView::of(new, (sources, sources)))
                .collect(),
            lost: entry
                .lost
                .iter()
                .map(|new| NewView::of(new, (sources, sources)))
                .collect(),
            standing: entry
                .standing
                .iter()
                .map(|grant| GrantView::of(grant, sources))
                .collect(),
            undecided: &entry.undecided,
        }
    }
}

impl<'a> WindowView<'a> {
    fn of(window: &'a Window) -> Self {
        let (to, closed_by, state) = match &window.end {
            WindowEnd::Closed(to, id) => (Some(to.to_string()), Some(&**id), "closed"),
            WindowEnd::Open => (None, None, "open"),
            WindowEnd::Unknown(..) => (None, None, "unknown"),
        };
        Self {
            resource: &window.resource,
            kind: window.kind.as_str(),
            grantee: GranteeView::of(&window.grantee),
            confined_by: window.confined_by.iter().map(ConfinementView::of).collect(),
            levels: window.levels.iter().copied().map(Level::as_str).collect(),
            from: window.from.map(|time| time.to_string()),
            to,
            opened_by: window.opened_by.as_deref(),
            closed_by,
            state,
            known_since: window.known_since.map(|time| time.to_string()),
            assumed: &window.assumed,
            changed: window.is_changed,
        }
    }
}
