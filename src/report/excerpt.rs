use std::ops::Range;

use super::Report;
use super::snippet::Snippet;
use crate::finding::{Location, Locations};

/// The few lines around the primary place of a finding, with the part that grants marked, for reports that have their own way to
/// show it.
pub(super) struct Excerpt {
    pub lines: Vec<ExcerptLine>,
    /// What is at the marked part.
    pub label: String,
}

/// A line as it is safe and short enough to show.
#[derive(serde::Serialize)]
pub(super) struct ExcerptLine {
    /// Number in the file.
    pub number: usize,
    pub before: String,
    /// The part of the line that the place covers.
    pub marked: String,
    pub after: String,
}

impl Excerpt {
    /// The lines around a place, if its file is there.
    pub fn new(report: &Report<'_>, locations: &Locations, width: usize) -> Option<Self> {
        let primary = &locations.primary;
        let (snippet, _) = Snippet::new(report.sources, primary, &[], width)?;
        let label = snippet.labels().next()?;
        let marked = label.offset()..label.offset() + label.len();
        let mut at = 0;
        let mut lines = Vec::new();
        for (number, line) in (snippet.first_line() + 1..).zip(snippet.text().split_inclusive('\n')) {
            let text = line.trim_end_matches('\n');
            lines.push(ExcerptLine::new(number, text, at, &marked));
            at += line.len();
        }
        Some(Self {
            lines,
            label: report.shown(&primary.label),
        })
    }

    /// The lines as text with their numbers, and carets below what is marked.
    pub fn as_text(&self) -> String {
        let digits = self.lines.last().map_or(1, |line| line.number.to_string().len());
        let last_marked = self.lines.iter().rposition(|line| !line.marked.is_empty());
        let mut text = String::new();
        for (index, line) in self.lines.iter().enumerate() {
            let ExcerptLine {
                number,
                before,
                marked,
                after,
            } = line;
            text.push_str(&format!("{number:>digits$} | {before}{marked}{after}\n"));
            if !marked.is_empty() {
                let (space, carets) = (before.chars().count(), marked.chars().count());
                let label = if last_marked == Some(index) {
                    self.label.as_str()
                } else {
                    ""
                };
                let below = format!("{:digits$} | {:space$}{} {label}", "", "", "^".repeat(carets));
                text.push_str(below.trim_end());
                text.push('\n');
            }
        }
        text
    }
}

impl ExcerptLine {
    /// A line that starts at an offset of the snippet.
    fn new(number: usize, text: &str, at: usize, marked: &Range<usize>) -> Self {
        let place = |offset: usize| text.floor_char_boundary(offset.saturating_sub(at).min(text.len()));
        let (start, end) = (place(marked.start), place(marked.end));
        let part = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
        // What is marked on every line of several is marked from the first letter on.
        let middle = part(start..end);
        let blank = middle.len() - middle.trim_start().len();
        let start = if middle.trim().is_empty() { end } else { start + blank };
        Self {
            number,
            before: part(0..start),
            marked: part(start..end),
            after: part(end..text.len()),
        }
    }
}

/// Where a place is, in words of a report that shows it elsewhere.
pub(super) fn also(location: &Location, report: &Report<'_>) -> (String, String) {
    let place = super::plain::place(report.sources, location.span);
    (report.shown(&place), report.shown(&location.label))
}
