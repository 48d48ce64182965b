//! A timeline for people.

use std::collections::BTreeMap;
use std::io;

use super::pretty::write_diagnostics;
use super::summary::count;
use super::timeline_words::{caller, changed, what, window_in_words};
use super::{Report, Style, clean, json_timeline, timeline_markdown};
use crate::incident::{Timeline, Window, WindowEnd};

/// A format for timelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimelineFormat {
    /// For a terminal.
    Plain,
    /// `bucketproof.timeline.v1`.
    Json,
    /// For a ticket or a wiki.
    Markdown,
}

/// Writes what events changed, and the windows in which somebody from outside had access.
///
/// # Errors
/// When the writer fails.
pub fn write_timeline(
    report: &Report<'_>,
    timeline: &Timeline,
    format: TimelineFormat,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        TimelineFormat::Plain => write(report, timeline, style, out),
        TimelineFormat::Json => json_timeline::write(report, timeline, out),
        TimelineFormat::Markdown => timeline_markdown::write(report, timeline, out),
    }
}

fn write(report: &Report<'_>, timeline: &Timeline, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let callers: Vec<String> = timeline.entries.iter().map(|entry| caller(&entry.event)).collect();
    let wide = callers
        .iter()
        .map(|caller| caller.chars().count())
        .max()
        .unwrap_or_default();
    let wide = wide.min(WIDEST_CALLER);
    for (entry, caller) in timeline.entries.iter().zip(&callers) {
        let line = format!("{}  {caller:<wide$}  {}", entry.event.time, what(entry));
        writeln!(out, "{}", clean(&line))?;
        for line in changed(entry, report.sources, style.verbose) {
            writeln!(out, "    {}", clean(&line))?;
        }
    }
    if !timeline.entries.is_empty() {
        writeln!(out)?;
    }
    write_windows(timeline, style, out)?;
    write_diagnostics(report, style, out)?;
    writeln!(out, "{}", summary(report, timeline))
}

fn write_windows(timeline: &Timeline, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let names = event_names(timeline);
    let shown = |window: &&Window| window.is_changed || style.verbose;
    let windows: Vec<&Window> = timeline.windows.iter().filter(shown).collect();
    let mut last = "";
    for window in &windows {
        if last != window.resource {
            writeln!(out, "exposure of {} {}", window.kind.as_str(), clean(&window.resource))?;
            last = &window.resource;
        }
        for (place, line) in window_in_words(window, &names).iter().enumerate() {
            let indent = if place == 0 { "    " } else { "        " };
            writeln!(out, "{indent}{}", clean(line))?;
        }
    }
    let hidden = timeline.windows.len() - windows.len();
    if hidden > 0 {
        let windows = count(hidden, "window");
        writeln!(
            out,
            "{windows} of resources that no event changed: `--verbose` shows them"
        )?;
    }
    if !timeline.windows.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// The names of events by their ids.
pub(super) fn event_names(timeline: &Timeline) -> BTreeMap<&str, &str> {
    let entries = timeline.entries.iter();
    entries.map(|entry| (&*entry.event.id, &*entry.event.name)).collect()
}

/// What it comes to, in one line.
pub(super) fn summary(report: &Report<'_>, timeline: &Timeline) -> String {
    let attempts = timeline.entries.iter().filter(|entry| entry.is_attempt()).count();
    let open = timeline
        .windows
        .iter()
        .filter(|window| window.end == WindowEnd::Open)
        .count();
    let missing = if report.incomplete {
        "; not all could be read or decided"
    } else {
        ""
    };
    format!(
        "{}, {attempts} of them refused; {}, {open} of them still open{missing}",
        count(timeline.entries.len(), "event"),
        count(timeline.windows.len(), "exposure window"),
    )
}

/// Columns after which callers are not made to stand below one another.
const WIDEST_CALLER: usize = 60;
