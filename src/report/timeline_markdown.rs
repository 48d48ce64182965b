//! A timeline for a ticket or a wiki.

use std::io;

use super::markdown_text::{code, inline};
use super::timeline::{event_names, summary};
use super::timeline_words::{caller, changed, from_in_words, grantee_of, length, levels_of, to_in_words, what};
use super::{Report, Style, clean};
use crate::incident::{Timeline, Window, WindowEnd};

/// Writes two tables: events, windows.
pub(super) fn write(report: &Report<'_>, timeline: &Timeline, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Timeline\n\n{}\n", inline(&clean(&summary(report, timeline))))?;
    if !timeline.entries.is_empty() {
        writeln!(out, "| time | who | what | access |\n| --- | --- | --- | --- |")?;
    }
    for entry in &timeline.entries {
        let lines = changed(entry, report.sources, false);
        let lines: Vec<String> = lines.iter().map(|line| inline(clean(line).trim())).collect();
        let cells = [inline(&clean(&caller(&entry.event))), inline(&clean(&what(entry)))];
        writeln!(
            out,
            "| {} | {} | {} |",
            entry.event.time,
            cells.join(" | "),
            lines.join("<br>")
        )?;
    }
    if !timeline.windows.is_empty() {
        writeln!(out, "\n## Exposure windows\n")?;
        writeln!(
            out,
            "| resource | who | access | from | to | length |\n| --- | --- | --- | --- | --- | --- |"
        )?;
    }
    let names = event_names(timeline);
    for window in &timeline.windows {
        let by = |id: &Option<Box<str>>| match id {
            Some(id) => {
                let name = names.get(&**id).copied().unwrap_or("event");
                format!("<br>{} {}", inline(&clean(name)), code(&clean(id)))
            }
            None => String::new(),
        };
        writeln!(
            out,
            "| {} | {} | {} | {}{} | {}{} | {} |",
            code(&clean(&window.resource)),
            inline(&clean(&grantee_of(window))),
            levels_of(window),
            from_in_words(window),
            by(&window.opened_by),
            to_in_words(window),
            by(&closed_by(window)),
            length_of(window),
        )?;
    }
    let problems: Vec<String> = report
        .shown_diagnostics(Style::default())
        .map(|diagnostic| format!("- {}", inline(&clean(&diagnostic.message))))
        .collect();
    if !problems.is_empty() {
        writeln!(out, "\n## Problems with the input\n\n{}", problems.join("\n"))?;
    }
    Ok(())
}

fn closed_by(window: &Window) -> Option<Box<str>> {
    match &window.end {
        WindowEnd::Closed(_, id) | WindowEnd::Unknown(_, id) => Some(id.clone()),
        WindowEnd::Open => None,
    }
}

fn length_of(window: &Window) -> String {
    match (window.from, &window.end) {
        (Some(from), WindowEnd::Closed(to, _)) => length(from, *to),
        (_, WindowEnd::Closed(..) | WindowEnd::Open | WindowEnd::Unknown(..)) => String::new(),
    }
}
