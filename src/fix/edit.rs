//! Edits of a document: what goes in and what goes out, with every other byte left as it is.

use std::ops::Range;

use super::document::{Document, Syntax, range_of};
use super::hcl::{body_range, is_block};
use super::value::{New, Style};
use crate::source::{Member, Node, Span};

/// Bytes of a file and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes.
    pub span: Span,
    /// The text.
    pub text: String,
}

/// One part of a list or an object: the bytes from the name to the end of the value.
struct Part {
    range: Range<usize>,
}

impl Document {
    /// Writes something in the place of some bytes.
    pub fn splice(&self, range: Range<usize>, text: &str) -> Edit {
        Edit {
            span: self.span(range),
            text: self.encode(text),
        }
    }

    /// Puts a value in the place of a member's.
    pub fn set(&self, member: &Member, new: &New) -> Edit {
        let indent = self.indent_at(member.key_span.range().start);
        let style = self.style_of(&member.value, member.key_span.range().start);
        let value = range_of(&member.value);
        if self.syntax == Syntax::Yaml && !style.is_flow {
            let name = member.key_span.range().end;
            let rest = self.text().get(name..value.start.max(name)).unwrap_or_default();
            let colon = name + rest.find(':').map_or(0, |at| at + 1);
            let own_indent = self.column_of(member.key_span.range().start);
            let written = style.member("k", new, &own_indent);
            let behind = written.strip_prefix("k:").unwrap_or_default();
            return self.splice(colon..value.end.max(colon), behind);
        }
        self.splice(value, &style.value(new, &indent))
    }

    /// Adds a member to an object or an attribute to a block.
    pub fn add_member(&self, object: &Node, key: &str, new: &New) -> Vec<Edit> {
        let style = self.style_in(object);
        let indent = self.child_indent(object);
        let written = style.member(key, new, &indent);
        let written = self.aligned(object, key, &written).unwrap_or(written);
        self.append(object, &written, &style, &indent)
    }

    /// A member of HCL with its sign below that of the one above it, as `terraform fmt` has it.
    fn aligned(&self, object: &Node, key: &str, written: &str) -> Option<String> {
        let last = object.members().last().filter(|_| self.syntax == Syntax::Hcl)?;
        let (name, value) = (last.key_span.range(), range_of(&last.value));
        let above = self.text().get(name.start..value.end)?;
        let sign = self.text().get(name.end..value.start)?.find('=')? + name.len();
        let (own, behind) = written.split_once(" = ")?;
        let is_below = !is_block(&last.value) && !above.contains('\n') && !behind.contains('\n') && own.contains(key);
        (is_below && own.len() < sign).then(|| format!("{own:0$}= {behind}", sign))
    }

    /// Adds a block to a block.
    pub fn add_block(&self, block: &Node, kind: &str, attributes: &[(&str, New)]) -> Vec<Edit> {
        let style = self.style_in(block);
        let indent = self.child_indent(block);
        let wide = Style {
            is_tall: false,
            ..style.clone()
        };
        let text = written_block(kind, attributes, &wide, &indent);
        self.add_text(block, &format!("{}{indent}{text}", style.newline))
    }

    /// Adds an item to a list.
    pub fn add_item(&self, list: &Node, new: &New) -> Vec<Edit> {
        self.add_item_behind(list, usize::MAX, new)
    }

    /// Adds an item to a list behind the one at a place, or behind the last.
    pub fn add_item_behind(&self, list: &Node, place: usize, new: &New) -> Vec<Edit> {
        let style = self.style_in(list);
        let indent = self.child_indent(list);
        let text = match self.syntax {
            Syntax::Yaml if !style.is_flow => format!("- {}", style.value(new, &format!("{indent}  "))),
            Syntax::Json | Syntax::Yaml | Syntax::Hcl => style.value(new, &indent),
        };
        self.append_behind((list, place), &text, &style, &indent)
    }

    /// Adds lines to a block as they are.
    pub fn add_text(&self, block: &Node, text: &str) -> Vec<Edit> {
        self.append(block, text, &self.style_in(block), "")
    }

    fn append(&self, parent: &Node, text: &str, style: &Style, indent: &str) -> Vec<Edit> {
        self.append_behind((parent, usize::MAX), text, style, indent)
    }

    fn append_behind(&self, (parent, place): (&Node, usize), text: &str, style: &Style, indent: &str) -> Vec<Edit> {
        let parts = parts(parent);
        let newline = style.newline;
        let needs_comma = self.has_commas(parent);
        let Some(last) = parts.get(place).or(parts.last()) else {
            return self.first(parent, text, style, indent).into_iter().collect();
        };
        let end = last.range.end;
        if !style.is_tall {
            let comma = if needs_comma {
                if style.colon.is_empty() { "," } else { ", " }
            } else {
                " "
            };
            return vec![self.splice(end..end, &format!("{comma}{text}"))];
        }
        if needs_comma && self.syntax != Syntax::Hcl {
            // A comma that follows comes to stand behind the new part.
            return vec![self.splice(end..end, &format!(",{newline}{indent}{text}"))];
        }
        // What stands behind the last part on its line stays there.
        let rest = self.text().get(end..).unwrap_or_default();
        let line = rest.find('\n').map_or(rest, |at| rest.get(..at).unwrap_or_default());
        let line = line.trim_end();
        let has_comma = line.trim_start().starts_with(',');
        let behind = line.trim_start().trim_start_matches(',').trim_start();
        let stays = behind.is_empty() || behind.starts_with('#') || behind.starts_with("//");
        let at = if stays { end + line.len() } else { end };
        let mut edits = Vec::new();
        match needs_comma && !has_comma {
            true if at == end => edits.push(self.splice(end..end, &format!(",{newline}{indent}{text}"))),
            true => {
                edits.push(self.splice(end..end, ","));
                edits.push(self.splice(at..at, &format!("{newline}{indent}{text}")));
            }
            false => {
                let comma = if needs_comma { "," } else { "" };
                edits.push(self.splice(at..at, &format!("{newline}{indent}{text}{comma}")));
            }
        }
        edits
    }

    /// Puts the first part into a list or object that is empty.
    fn first(&self, parent: &Node, text: &str, style: &Style, indent: &str) -> Option<Edit> {
        let range = range_of(parent);
        if is_block(parent) {
            let body = body_range(self.text(), parent)?;
            let outer = self.indent_at(range.start);
            let newline = style.newline;
            return Some(self.splice(body, &format!("{newline}{indent}{text}{newline}{outer}")));
        }
        let (open, close) = if parent.is_array() { ("[", "]") } else { ("{", "}") };
        let pad = if parent.is_array() { "" } else { " " };
        Some(self.splice(range, &format!("{open}{pad}{text}{pad}{close}")))
    }

    /// Takes parts out of a list, an object or a block.
    pub fn remove(&self, parent: &Node, gone: &[usize]) -> Vec<Edit> {
        let parts = parts(parent);
        let commas = self.has_commas(parent);
        let is_gone = |place: &usize| gone.contains(place);
        let kept: Vec<usize> = (0..parts.len()).filter(|place| !is_gone(place)).collect();
        let mut edits = Vec::new();
        for (place, part) in parts.iter().enumerate().filter(|(place, _)| is_gone(place)) {
            let range = &part.range;
            if let Some(lines) = self.whole_lines(range) {
                edits.push(self.splice(lines, ""));
                continue;
            }
            let next = parts.get(place + 1).map(|next| next.range.start);
            let before = place
                .checked_sub(1)
                .and_then(|place| parts.get(place))
                .map(|part| part.range.end);
            let range = match (next, before) {
                // What follows moves up, and the last of all takes the comma before it along.
                (Some(next), _) if kept.iter().any(|kept| *kept > place) => range.start..next,
                (_, Some(before)) if kept.iter().any(|kept| *kept < place) => before..range.end,
                (Some(next), _) => range.start..next,
                (None, _) => range.clone(),
            };
            edits.push(self.splice(range, ""));
        }
        // A comma that nothing follows any more.
        let last_gone = gone.iter().max().copied().unwrap_or_default();
        let last_kept = kept.last().copied();
        if let Some(last) = last_kept.filter(|last| commas && *last < last_gone && self.syntax != Syntax::Hcl) {
            let end = parts.get(last).map_or(0, |part| part.range.end);
            let taken = edits.iter().any(|edit| edit.span.start == self.span(end..end).start);
            let rest = self.text().get(end..).unwrap_or_default();
            let blanks = rest.len() - rest.trim_start().len();
            if !taken && rest.trim_start().starts_with(',') {
                edits.push(self.splice(end..end + blanks + 1, ""));
            }
        }
        edits
    }

    /// The lines that a part takes, if nothing else stands on them.
    fn whole_lines(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let text = self.text();
        let before = text.get(..range.start)?;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let lead = before.get(start..)?.trim();
        let dashed = self.syntax == Syntax::Yaml && lead == "-";
        let rest = text.get(range.end..)?;
        let end = rest.find('\n').map_or(text.len(), |at| range.end + at + 1);
        let tail = text.get(range.end..end)?.trim();
        let tail = tail.strip_prefix(',').unwrap_or(tail).trim_start();
        let is_comment = tail.starts_with('#') || tail.starts_with("//");
        ((lead.is_empty() || dashed) && (tail.is_empty() || is_comment)).then_some(start..end)
    }

    /// Whether the parts of a list or object are separated by commas.
    fn has_commas(&self, parent: &Node) -> bool {
        match self.syntax {
            Syntax::Json => true,
            Syntax::Yaml => self.is_flow(parent),
            Syntax::Hcl if is_block(parent) => false,
            Syntax::Hcl if parent.is_array() => true,
            Syntax::Hcl => {
                let parts = parts(parent);
                let between = parts.windows(2).any(|pair| match pair {
                    [one, two] => self
                        .text()
                        .get(one.range.end..two.range.start)
                        .is_some_and(|text| text.contains(',')),
                    _ => false,
                });
                let is_wide = !self.is_tall(parent);
                between || is_wide
            }
        }
    }

    fn is_flow(&self, node: &Node) -> bool {
        let written = self.text().get(range_of(node)).unwrap_or_default();
        written.starts_with(['{', '['])
    }

    /// Whether the parts of a list or object stand on lines of their own.
    fn is_tall(&self, parent: &Node) -> bool {
        let range = range_of(parent);
        match parts(parent).last() {
            Some(last) => {
                let first = parts(parent).first().map_or(range.start, |part| part.range.start);
                let lead = self.text().get(range.start..first).unwrap_or_default();
                let tail = self.text().get(last.range.end..range.end).unwrap_or_default();
                let is_block_yaml = self.syntax == Syntax::Yaml && !self.is_flow(parent);
                is_block_yaml || lead.contains('\n') && tail.contains('\n')
            }
            None => is_block(parent),
        }
    }

    /// How parts of a list or object are written.
    fn style_in(&self, parent: &Node) -> Style {
        let is_tall = self.is_tall(parent);
        let member = parent.members().iter().find(|member| !is_block(&member.value));
        let name = member.map(|member| self.text().get(member.key_span.range()).unwrap_or_default());
        let behind = member.map(|member| {
            let range = member.key_span.range().end..range_of(&member.value).start;
            self.text().get(range).unwrap_or_default().trim()
        });
        Style {
            is_tall,
            is_flow: self.syntax == Syntax::Yaml && self.is_flow(parent),
            quotes_keys: name.is_some_and(|name| name.starts_with('"')),
            colon_keys: behind == Some(":"),
            ..self.style()
        }
    }

    /// How the value of a member is written.
    fn style_of(&self, value: &Node, key: usize) -> Style {
        let range = range_of(value);
        let is_tall = self.text().get(range.clone()).is_some_and(|text| text.contains('\n'))
            || self
                .text()
                .get(..key)
                .and_then(|text| text.rsplit('\n').next())
                .is_some_and(|lead| lead.trim().is_empty());
        let before = self.text().get(..key).unwrap_or_default();
        // Within brackets everything is.
        let is_flow = self.syntax == Syntax::Yaml && before.trim_end().ends_with(['{', ',']);
        let quotes_keys =
            self.syntax == Syntax::Hcl && self.text().get(key..).is_some_and(|text| text.starts_with('"'));
        Style {
            is_tall,
            is_flow,
            quotes_keys,
            ..self.style()
        }
    }

    /// How the document is written as a whole.
    pub fn style(&self) -> Style {
        let text = self.text();
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let indents = text.lines().filter(|line| !line.trim().is_empty());
        let indents: Vec<&str> = indents
            .map(|line| line.get(..line.len() - line.trim_start().len()).unwrap_or_default())
            .collect();
        let deeper = indents.windows(2).filter_map(|pair| match pair {
            [one, two] => two.strip_prefix(one).filter(|more| !more.is_empty()),
            _ => None,
        });
        let unit = match deeper.min_by_key(|more| more.len()).unwrap_or("  ") {
            unit if unit.starts_with('\t') => "\t",
            unit if unit.len() > 4 => "  ",
            unit => unit,
        };
        let wide = text.contains("\": ") || !text.contains("\":");
        Style {
            syntax: self.syntax,
            newline,
            unit: unit.to_owned(),
            is_tall: text.contains('\n'),
            colon: if wide { " " } else { "" },
            is_flow: false,
            quotes_keys: false,
            colon_keys: false,
        }
    }

    /// White space in front of the parts of a list or object.
    fn child_indent(&self, parent: &Node) -> String {
        match parts(parent).first() {
            Some(first) if self.syntax == Syntax::Yaml => {
                // The place of a list's item is that of its dash.
                let column = self.column_of(first.range.start);
                if parent.is_array() && !self.is_flow(parent) {
                    return self.dash_column(first.range.start);
                }
                column
            }
            Some(first) => self.indent_at(first.range.start),
            None => format!("{}{}", self.indent_at(range_of(parent).start), self.style().unit),
        }
    }

    /// White space at the beginning of the line of a place.
    pub fn indent_at(&self, at: usize) -> String {
        let before = self.text().get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text().get(start..).unwrap_or_default();
        let blanks = line.chars().take_while(|char| matches!(char, ' ' | '\t'));
        blanks.collect()
    }

    /// White space as wide as what stands before a place on its line.
    fn column_of(&self, at: usize) -> String {
        let before = self.text().get(..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.chars().map(|char| if char == '\t' { '\t' } else { ' ' }).collect()
    }

    fn dash_column(&self, at: usize) -> String {
        let before = self.text().get(..at).unwrap_or_default();
        let dash = before.rfind('-').unwrap_or(at);
        self.column_of(dash)
    }
}

/// A block as text, its first line where it is put.
pub(super) fn written_block(kind: &str, attributes: &[(&str, New)], style: &Style, indent: &str) -> String {
    let width = attributes.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let (newline, unit) = (style.newline, &style.unit);
    let inner = format!("{indent}{unit}");
    let lines: String = attributes
        .iter()
        .map(|(name, value)| format!("{newline}{inner}{name:width$} = {}", style.value(value, &inner)))
        .collect();
    format!("{kind} {{{lines}{newline}{indent}}}")
}

fn parts(parent: &Node) -> Vec<Part> {
    let member = |member: &Member| {
        let value = range_of(&member.value);
        let key = member.key_span.range();
        Part {
            range: key.start..value.end.max(key.end),
        }
    };
    let item = |item: &Node| Part { range: range_of(item) };
    let members = parent.members().iter().map(member);
    members.chain(parent.items().iter().map(item)).collect()
}
