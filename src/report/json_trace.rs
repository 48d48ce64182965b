use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::json::{Diagnostics, INDENTED, ToolView};
use super::{Report, json_format};
use crate::incident::{Copied, Hit, InsightHit, Removal, Session, Tally, Trace};

/// Writes `bucketproof.trace.v1`.
pub(super) fn write(report: &Report<'_>, trace: &Trace, out: &mut dyn io::Write) -> io::Result<()> {
    let groups = |name: &'static str, groups: &BTreeMap<String, Tally>| {
        let mut views: Vec<GroupView> = Vec::new();
        for (of, tally) in groups {
            let name = BTreeMap::from([(name, of.clone())]);
            views.push(GroupView {
                name,
                numbers: Numbers::of(tally),
            });
        }
        views
    };
    let (first, last) = first_and_last(&trace.total);
    let view = TraceView {
        schema: "bucketproof.trace.v1",
        tool: ToolView::of(report),
        summary: SummaryView {
            events: trace.total.events,
            buckets: trace.by_bucket.len(),
            objects: trace.total.objects(),
            bytes_out: trace.total.bytes_out,
            denied: trace.total.denied,
            first,
            last,
            hits_left_out: trace.hits_left_out,
        },
        by_bucket: groups("bucket", &trace.by_bucket),
        by_principal: groups("principal", &trace.by_principal),
        by_source_ip: groups("source_ip", &trace.by_source),
        sessions: &trace.sessions,
        copies: &trace.copies,
        removals: &trace.removals,
        insights: &trace.insights,
        hits: &trace.hits,
        diagnostics: Diagnostics(report),
        incomplete: report.incomplete,
    };
    json_format::write(&view, INDENTED, out)
}

#[derive(Serialize)]
struct TraceView<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    summary: SummaryView,
    by_bucket: Vec<GroupView>,
    by_principal: Vec<GroupView>,
    by_source_ip: Vec<GroupView>,
    sessions: &'a [Session],
    copies: &'a [Copied],
    removals: &'a [Removal],
    insights: &'a [InsightHit],
    hits: &'a [Hit],
    diagnostics: Diagnostics<'a>,
    incomplete: bool,
}

#[derive(Serialize)]
struct SummaryView {
    events: u64,
    buckets: usize,
    objects: usize,
    bytes_out: u64,
    denied: u64,
    first: Option<String>,
    last: Option<String>,
    hits_left_out: u64,
}

#[derive(Serialize)]
struct GroupView {
    #[serde(flatten)]
    name: BTreeMap<&'static str, String>,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Serialize)]
struct Numbers {
    events: u64,
    objects: usize,
    bytes_out: u64,
    denied: u64,
    first: Option<String>,
    last: Option<String>,
    actions: BTreeMap<String, u64>,
    principals: FewView,
    source_ips: FewView,
    access_keys: FewView,
    buckets: FewView,
}

/// Some names, and whether there are more.
#[derive(Serialize)]
struct FewView {
    names: Vec<String>,
    more: bool,
}

impl Numbers {
    fn of(tally: &Tally) -> Self {
        let (first, last) = first_and_last(tally);
        let few = |few: &crate::incident::Few| FewView {
            names: few.names.iter().map(ToString::to_string).collect(),
            more: few.more,
        };
        Self {
            events: tally.events,
            objects: tally.objects(),
            bytes_out: tally.bytes_out,
            denied: tally.denied,
            first,
            last,
            actions: tally
                .actions
                .iter()
                .map(|(name, count)| (name.to_string(), *count))
                .collect(),
            principals: few(&tally.principals),
            source_ips: few(&tally.source_ips),
            access_keys: few(&tally.access_keys),
            buckets: few(&tally.buckets),
        }
    }
}

fn first_and_last(tally: &Tally) -> (Option<String>, Option<String>) {
    let (first, last) = tally.span.unzip();
    (first.map(|time| time.to_string()), last.map(|time| time.to_string()))
}
