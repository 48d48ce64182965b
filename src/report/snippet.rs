use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::ops::Range;

use super::clean::{clean, push_clean};
use crate::finding::Location;
use crate::source::{Position, SourceFile, Sources, Span};

/// The few lines around a place, as they are safe and short enough to show.
///
/// Exports hold whole policies escaped in one line: a long line is cut around what the label points at, and the
/// header keeps line and column of the file.
#[derive(Debug)]
pub(super) struct Snippet {
    name: String,
    text: String,
    first_line: usize,
    head: Position,
    labels: Vec<LabeledSpan>,
}

impl Snippet {
    /// The snippet of a place with what stands near it, and those of the others that are not in it.
    pub(super) fn new<'a>(
        sources: &Sources,
        primary: &Location,
        others: &'a [Location],
        width: usize,
    ) -> Option<(Self, Vec<&'a Location>)> {
        let file = sources.file(primary.span.file)?;
        let focus = shown_part(file.text(), primary.span);
        let near: Vec<Range<usize>> = others
            .iter()
            .filter(|other| is_near(file, primary.span, other.span))
            .map(|other| shown_part(file.text(), other.span))
            .collect();
        let page = Page::new(file.text(), &focus, &near, width);
        let (start, end) = page.nearest(&focus);
        let label = (!primary.label.is_empty()).then(|| clean(&primary.label).into_owned());
        let mut labels = vec![LabeledSpan::new_primary_with_span(label, (start, end - start))];
        let mut elsewhere = Vec::new();
        for other in others {
            let shown = is_near(file, primary.span, other.span)
                .then(|| page.place(&shown_part(file.text(), other.span)))
                .flatten();
            match shown {
                Some((start, end)) => {
                    labels.push(LabeledSpan::new(
                        Some(clean(&other.label).into_owned()),
                        start,
                        end - start,
                    ));
                }
                None => elsewhere.push(other),
            }
        }
        let first = u32::try_from(page.first).unwrap_or(u32::MAX);
        let snippet = Self {
            name: clean(file.path()).into_owned(),
            text: page.text,
            first_line: file.position(first).line as usize - 1,
            head: file.position(primary.span.start),
            labels,
        };
        Some((snippet, elsewhere))
    }

    /// The lines as they are shown.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The first of them in the file, from 0.
    pub(super) fn first_line(&self) -> usize {
        self.first_line
    }

    /// The labels, the primary one first.
    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> {
        self.labels.iter().cloned()
    }
}

impl SourceCode for Snippet {
    /// The whole snippet whatever is asked for, under the place that its header is to name.
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Asked without context, miette wants to know what to write in the header.
        let (line, column) = if before + after == 0 {
            (self.head.line as usize - 1, self.head.column as usize - 1)
        } else {
            (self.first_line, 0)
        };
        let lines = self.text.lines().count();
        let whole = SourceSpan::from((0, self.text.len()));
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            self.text.as_bytes(),
            whole,
            line,
            column,
            lines,
        )))
    }
}

/// The part of a span that a label covers: of many lines only the first.
fn shown_part(text: &str, span: Span) -> Range<usize> {
    let Range { start, end } = span.range();
    let inside = text.get(start..end).unwrap_or_default();
    let many = inside.lines().nth(MOST_LINES).is_some();
    let first_line = inside.lines().next().unwrap_or_default();
    if many {
        start..start + first_line.len()
    } else {
        start..start + inside.trim_end().len()
    }
}

fn is_near(file: &SourceFile, primary: Span, other: Span) -> bool {
    let (one, two) = (file.position(primary.start).line, file.position(other.start).line);
    other.file == primary.file && one.abs_diff(two) <= NEAR_LINES
}

/// Lines of a file as they are shown, and where each character of the file went.
struct Page {
    text: String,
    /// Offset in the file of the first line.
    first: usize,
    /// Offset in the file and in `text` of each character shown and of each end of a line, in order.
    places: Vec<(usize, usize)>,
}

impl Page {
    fn new(text: &str, focus: &Range<usize>, near: &[Range<usize>], width: usize) -> Self {
        let from = near
            .iter()
            .map(|range| range.start)
            .chain([focus.start])
            .min()
            .unwrap_or_default();
        let to = near
            .iter()
            .map(|range| range.end)
            .chain([focus.end])
            .max()
            .unwrap_or_default();
        let lines = lines_around(text, from, to);
        let mut page = Self {
            text: String::new(),
            first: lines.first().map_or(0, |line| line.start),
            places: Vec::new(),
        };
        for line in &lines {
            let on_line = |range: &&Range<usize>| range.start >= line.start && range.start <= line.end;
            let mut shown: Vec<&Range<usize>> = near.iter().filter(on_line).collect();
            shown.extend(Some(focus).filter(on_line));
            let start = shown.iter().map(|range| range.start).min().unwrap_or(line.start);
            let end = shown.iter().map(|range| range.end).max().unwrap_or(line.start);
            let hull = text.get(start..end.min(line.end)).unwrap_or_default().chars().count();
            let wanted = if hull > width && on_line(&focus) {
                focus.clone()
            } else {
                start..end
            };
            page.push_line(text, line, &shorten(text, line, &wanted, width));
        }
        page
    }

    fn push_line(&mut self, text: &str, line: &Range<usize>, shown: &Range<usize>) {
        if shown.start > line.start || cut_before(text, line.start) {
            self.text.push('…');
        }
        for (at, char) in text.get(shown.clone()).unwrap_or_default().char_indices() {
            self.places.push((shown.start + at, self.text.len()));
            match char {
                '\t' => self.text.push_str("  "),
                other => push_clean(&mut self.text, other),
            }
        }
        self.places.push((shown.end, self.text.len()));
        if shown.end < line.end || cut_behind(text, line.end) {
            self.text.push('…');
        }
        self.text.push('\n');
    }

    /// Where a part of the file is shown, if its start is; its end is cut where the line is.
    fn place(&self, part: &Range<usize>) -> Option<(usize, usize)> {
        let shown = self.places.binary_search_by_key(&part.start, |(raw, _)| *raw);
        shown.is_ok().then(|| self.nearest(part))
    }

    /// Where a part of the file is shown, or what stands before it: the end of a line has characters that are not shown.
    fn nearest(&self, part: &Range<usize>) -> (usize, usize) {
        let at = |offset: usize| {
            let behind = self.places.partition_point(|(raw, _)| *raw <= offset);
            let place = behind.checked_sub(1).and_then(|index| self.places.get(index));
            place.map_or(0, |(_, shown)| *shown)
        };
        (at(part.start), at(part.end).max(at(part.start)))
    }
}

/// The lines from one offset to another with one more on each side; a line without end in sight is cut.
fn lines_around(text: &str, from: usize, to: usize) -> Vec<Range<usize>> {
    let start = line_start(text, from);
    let mut lines = Vec::new();
    if start > 0 && !cut_before(text, start) {
        lines.push(line_start(text, start - 1)..without_return(text, start - 1));
    }
    let mut next = Some(start);
    let mut behind = 0;
    while let Some(start) = next.take() {
        let end = line_end(text, start.max(from));
        lines.push(start..without_return(text, end));
        behind += usize::from(end >= to);
        let more = text.get(end..).is_some_and(|rest| rest.starts_with('\n')) && end + 1 < text.len();
        if more && behind < 2 && lines.len() < MOST_LINES * 3 {
            next = Some(end + 1);
        }
    }
    lines
}

fn line_start(text: &str, at: usize) -> usize {
    let reach = text.floor_char_boundary(at.saturating_sub(REACH_BYTES));
    let before = text.get(reach..at).unwrap_or_default();
    before.rfind('\n').map_or(reach, |newline| reach + newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let reach = text.ceil_char_boundary(at.saturating_add(REACH_BYTES).min(text.len()));
    let behind = text.get(at..reach).unwrap_or_default();
    behind.find('\n').map_or(reach, |newline| at + newline)
}

fn without_return(text: &str, end: usize) -> usize {
    let ends_so = text.get(..end).is_some_and(|before| before.ends_with('\r'));
    end - usize::from(ends_so)
}

fn cut_before(text: &str, start: usize) -> bool {
    start > 0 && text.get(..start).is_some_and(|before| !before.ends_with('\n'))
}

fn cut_behind(text: &str, end: usize) -> bool {
    text.get(end..)
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['\n', '\r']))
}

/// The part of a line to show: all of it, or as much around what is wanted as fits.
fn shorten(text: &str, line: &Range<usize>, wanted: &Range<usize>, width: usize) -> Range<usize> {
    let content = text.get(line.clone()).unwrap_or_default();
    if content.chars().nth(width).is_none() {
        return line.clone();
    }
    let end = wanted.end.min(line.end);
    let middle = text.get(wanted.start..end).unwrap_or_default().chars().count();
    let spare = width.saturating_sub(middle);
    let before = text.get(line.start..wanted.start).unwrap_or_default();
    let behind = text.get(end..line.end).unwrap_or_default();
    let room_behind = behind.chars().take(spare).count();
    // Half of the room before, and whatever the other side does not need; a label of any length has something before it.
    let lead = (spare / 2).max(spare - room_behind).max(LEAD);
    let start = before
        .char_indices()
        .rev()
        .take(lead)
        .last()
        .map_or(wanted.start, |(at, _)| line.start + at);
    let shown = text.get(start..line.end).unwrap_or_default();
    let stop = shown.char_indices().nth(width).map_or(line.end, |(at, _)| start + at);
    start..stop
}

/// Lines of a span that a label covers whole.
const MOST_LINES: usize = 8;

/// How far from the primary place another one is shown in the same snippet.
const NEAR_LINES: u32 = 8;

/// Characters to show before a label, even one that is too long itself.
const LEAD: usize = 12;

/// How far a line is followed in search of its ends.
const REACH_BYTES: usize = 4096;
