use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::pretty::write_diagnostics;
use super::{Report, Style, clean, json_trace};
use crate::incident::{Hit, Tally, Trace};

/// A format for the answer of `trace`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceFormat {
    /// Tables for people.
    Table,
    /// `bucketproof.trace.v1`.
    Json,
}

/// Writes who did what.
///
/// # Errors
/// When the writer fails.
pub fn write_trace(
    report: &Report<'_>,
    trace: &Trace,
    format: TraceFormat,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        TraceFormat::Json => return json_trace::write(report, trace, out),
        TraceFormat::Table => {}
    }
    writeln!(out, "{}", headline(trace))?;
    section(out, "Buckets", groups("bucket", &trace.by_bucket, style))?;
    section(out, "Callers", groups("caller", &trace.by_principal, style))?;
    section(out, "Addresses", groups("address", &trace.by_source, style))?;
    section(out, "Sessions", sessions(trace))?;
    section(out, "Copies to elsewhere", copies(trace))?;
    section(out, "Deleted and overwritten", removals(trace))?;
    section(out, "Insights", insights(trace))?;
    section(out, "Actions", hits(trace, style))?;
    let most = if style.verbose { usize::MAX } else { SHOWN };
    let hidden = trace.hits.len().saturating_sub(most);
    if hidden > 0 {
        writeln!(
            out,
            "  … and {hidden} later ones: `-v` shows them, `--format json` tells all"
        )?;
    }
    writeln!(out)?;
    write_diagnostics(report, style, out)?;
    report
        .problems_line(style)
        .map_or(Ok(()), |problems| writeln!(out, "{problems}"))
}

fn headline(trace: &Trace) -> String {
    let total = &trace.total;
    let Some((first, last)) = total.span else {
        return "no action fits".into();
    };
    let anonymous = trace.by_principal.get("anonymous").map_or(0, |tally| tally.events);
    let mut line = format!(
        "{}, {} refused, in {} on {}; {} out, from {first} to {last}",
        many(total.events, "action"),
        total.denied,
        many(as_u64(trace.by_bucket.len()), "bucket"),
        many(as_u64(total.objects()), "object"),
        bytes(total.bytes_out),
    );
    if anonymous > 0 {
        line += &format!("; {anonymous} anonymous");
    }
    line
}

fn section(out: &mut dyn io::Write, title: &str, table: Option<Table>) -> io::Result<()> {
    let Some(table) = table else {
        return Ok(());
    };
    writeln!(out, "\n{title}")?;
    for line in table.lines() {
        writeln!(out, " {}", line.trim_end())?;
    }
    Ok(())
}

/// A table with these columns, where there is something to show; numbers stand on the right.
fn table<'a>(columns: &[&str], rows: impl Iterator<Item = Vec<Cow<'a, str>>>) -> Option<Table> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(columns.iter().map(|name| name.trim_start_matches('>')));
    for row in rows {
        // Whatever a log says is data.
        table.add_row(row.iter().map(|cell| clean(cell).into_owned()));
    }
    for (index, _) in columns.iter().enumerate().filter(|(_, name)| name.starts_with('>')) {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    (table.row_count() > 0).then_some(table)
}

fn groups(name: &str, groups: &BTreeMap<String, Tally>, style: Style) -> Option<Table> {
    let mut all: Vec<(&String, &Tally)> = groups.iter().collect();
    all.sort_by_key(|(name, tally)| (std::cmp::Reverse((tally.bytes_out, tally.events)), *name));
    let most = if style.verbose { usize::MAX } else { SHOWN };
    let rows = all.into_iter().take(most).map(|(name, tally)| {
        let (first, last) = tally.span.unzip();
        let time = |time: Option<crate::iam::Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        vec![
            Cow::Borrowed(name.as_str()),
            tally.events.to_string().into(),
            tally.denied.to_string().into(),
            tally.objects().to_string().into(),
            bytes(tally.bytes_out).into(),
            time(first).into(),
            time(last).into(),
            actions(tally).into(),
        ]
    });
    table(
        &[
            name, ">actions", ">refused", ">objects", ">out", "first", "last", "what",
        ],
        rows,
    )
}

/// The actions of a group, the most frequent first.
fn actions(tally: &Tally) -> String {
    let mut all: Vec<&(Box<str>, u64)> = tally.actions.iter().collect();
    all.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name));
    let shown: Vec<String> = all
        .iter()
        .take(FEW)
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let more = all.len().saturating_sub(FEW);
    match more {
        0 => shown.join(", "),
        more => format!("{}, {more} more", shown.join(", ")),
    }
}

fn sessions(trace: &Trace) -> Option<Table> {
    let rows = trace.sessions.iter().map(|session| {
        let link = &session.link;
        let made = link.session.as_deref().or(link.role.as_deref()).unwrap_or("-");
        vec![
            link.time.to_string().into(),
            Cow::Borrowed(link.event_name.as_str()),
            link.by.as_str().into(),
            link.by_key.as_deref().unwrap_or("-").into(),
            made.into(),
            link.key.as_deref().unwrap_or("-").into(),
            match (session.leads_to, session.followed) {
                (true, _) => "leads to it",
                (false, true) => "followed",
                (false, false) => "not seen again",
            }
            .into(),
        ]
    });
    table(&["time", "event", "by", "with key", "made", "key", ""], rows)
}

fn copies(trace: &Trace) -> Option<Table> {
    let rows = trace.copies.iter().map(|copied| {
        let foreign = match copied.foreign {
            Some(true) => "another account's bucket",
            Some(false) => "own account",
            None => "owner not known",
        };
        vec![
            copied.time.to_string().into(),
            Cow::Borrowed(copied.event_name.as_str()),
            copied.principal.as_str().into(),
            copied.from.as_deref().unwrap_or("-").into(),
            copied.to.as_str().into(),
            copied.error.as_deref().unwrap_or(foreign).into(),
        ]
    });
    table(&["time", "event", "by", "from", "to", ""], rows)
}

fn removals(trace: &Trace) -> Option<Table> {
    let rows = trace.removals.iter().map(|removal| {
        let key = removal.key.as_deref().map(|key| format!("/{key}"));
        vec![
            removal.time.to_string().into(),
            Cow::Borrowed(removal.event_name.as_str()),
            removal.principal.as_str().into(),
            format!("{}{}", removal.bucket, key.unwrap_or_default()).into(),
            removal.what.as_str().into(),
            removal.version_id.as_deref().unwrap_or("-").into(),
            removal.previous_version_id.as_deref().unwrap_or("-").into(),
        ]
    });
    table(
        &["time", "event", "by", "object", "what", "version", "version before"],
        rows,
    )
}

fn insights(trace: &Trace) -> Option<Table> {
    let rows = trace.insights.iter().map(|insight| {
        let text = |text: &Option<String>| Cow::Owned(text.clone().unwrap_or_else(|| "-".into()));
        vec![
            insight.time.to_string().into(),
            text(&insight.state),
            Cow::Borrowed(insight.event_name.as_str()),
            text(&insight.kind),
            text(&insight.baseline),
            text(&insight.seen),
            insight.principals.join(", ").into(),
        ]
    });
    table(&["time", "state", "event", "kind", ">usual", ">seen", "callers"], rows)
}

fn hits(trace: &Trace, style: Style) -> Option<Table> {
    let most = if style.verbose { usize::MAX } else { SHOWN };
    let rows = trace.hits.iter().take(most).map(|hit| {
        vec![
            hit.time.to_string().into(),
            Cow::Borrowed(hit.event_name.as_str()),
            hit.principal.as_str().into(),
            hit.source_ip.as_deref().unwrap_or("-").into(),
            place(hit).into(),
            hit.bytes_out
                .map(|_| bytes(hit.bytes_taken()))
                .unwrap_or_default()
                .into(),
            remarks(hit).into(),
        ]
    });
    table(&["time", "event", "by", "from", "on", ">out", ""], rows)
}

fn place(hit: &Hit) -> String {
    match (&hit.bucket, &hit.key) {
        (Some(bucket), Some(key)) => format!("{bucket}/{key}"),
        (Some(bucket), None) => bucket.clone(),
        (None, _) => "-".into(),
    }
}

/// What is worth knowing about an action, beside what it is.
fn remarks(hit: &Hit) -> String {
    let said = [
        (hit.presigned, "presigned"),
        (hit.acl_required, "by ACL"),
        (hit.external == Some(true), "from another account"),
        (hit.during_exposure == Some(true), "while open"),
        (hit.access_log, "access log"),
    ];
    let error = hit.error.as_deref().into_iter();
    let all: Vec<&str> = error
        .chain(said.iter().filter(|(holds, _)| *holds).map(|(_, word)| *word))
        .collect();
    all.join(", ")
}

fn many(count: u64, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}

/// A number of bytes, for people.
fn bytes(count: u64) -> String {
    let unit = UNITS.iter().rev().find(|(size, _)| count >= *size);
    match unit {
        None => format!("{count} B"),
        Some((size, name)) => {
            let tenths = u128::from(count) * 10 / u128::from(*size);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

const UNITS: [(u64, &str); 4] = [(1 << 10, "KiB"), (1 << 20, "MiB"), (1 << 30, "GiB"), (1 << 40, "TiB")];

/// Rows that a table shows, unless all are asked for.
const SHOWN: usize = 50;

/// Names of actions that a row shows.
const FEW: usize = 4;
