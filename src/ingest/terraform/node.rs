//! Values as trees for the rest of the program, and as JSON.

use super::eval::{Evaluator, Fault};
use super::value::{Data, Entry, Inside, Val, number_text};
use crate::source::{Limits, Member, Node, Placeholder, Span, Text, Value, parse_json};
use std::rc::Rc;

impl Evaluator<'_> {
    /// A value as a tree; texts that hold a document become that document.
    pub fn to_node(&self, value: &Val) -> Result<Node, Fault> {
        self.tree(value, true)
    }

    fn tree(&self, value: &Val, open: bool) -> Result<Node, Fault> {
        self.deeper(value.span, || self.tree_here(value, open))
    }

    fn tree_here(&self, value: &Val, open: bool) -> Result<Node, Fault> {
        let span = value.span;
        let inner = match &value.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(number) => Value::Number(number_text(*number).into()),
            Data::Text(text) => match &text.inside {
                Inside::Tree(tree) if open => return Ok(tree.clone()),
                Inside::Places(file, places) if open => match document(&text.text, *file, places) {
                    Some(tree) => return Ok(tree),
                    None => Value::String(text.text.clone()),
                },
                Inside::Nothing | Inside::Tree(_) | Inside::Places(..) => Value::String(text.text.clone()),
            },
            Data::Unknown(_) | Data::Resource(_) | Data::Module(_) => Value::String(self.to_text(value)?.into()),
            Data::List(items) => {
                let items = items.iter().map(|item| self.tree(item, open));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Data::Object(members) => {
                let member = |entry: &Entry| {
                    Ok(Member {
                        key: (*entry.key).into(),
                        key_span: entry.key_span,
                        value: self.tree(&entry.value, open)?,
                    })
                };
                Value::Object(members.iter().map(member).collect::<Result<_, Fault>>()?)
            }
        };
        Ok(Node::new(inner, span))
    }

    /// `jsonencode`: the text, with the tree that it was made from.
    pub fn json_text(&self, value: &Val, span: Span) -> Result<Val, Fault> {
        let tree = self.tree(value, false)?;
        let text = encode(self, value)?;
        Ok(with_tree(text, tree, span))
    }
}

/// A text that was made from a tree.
pub(super) fn with_tree(text: String, tree: Node, span: Span) -> Val {
    let text = super::value::TextValue {
        text: text.into(),
        inside: Inside::Tree(tree),
    };
    Val::new(Data::Text(Rc::new(text)), span)
}

/// A value as JSON without blanks, as Terraform writes it.
pub(super) fn encode(evaluator: &Evaluator<'_>, value: &Val) -> Result<String, Fault> {
    let tree = evaluator.tree(value, false)?;
    Ok(json(&tree))
}

/// A tree as JSON without blanks; `<`, `>` and `&` are escaped as Terraform does.
pub(super) fn json(tree: &Node) -> String {
    let mut text = String::new();
    write(tree, &mut text);
    text
}

fn write(tree: &Node, out: &mut String) {
    match &tree.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(number),
        Value::String(text) => quote(text, out),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (place, member) in members.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                quote(&member.key, out);
                out.push(':');
                write(&member.value, out);
            }
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                out.push_str(&format!("\\u{:04x}", u32::from(char)));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

/// The document in a text of which the place of each byte is known.
///
/// What is not known may stand there without quotes, where a template puts a whole value.
pub(super) fn document(text: &str, file: crate::source::FileId, places: &[u32]) -> Option<Node> {
    let (text, places) = quoted_placeholders(text, places);
    let text = Text::mapped(file, text, places);
    let mut parsed = parse_json(&text, Limits::default()).ok()?;
    in_order(&mut parsed.root);
    (parsed.root.is_object() || parsed.root.is_array()).then_some(parsed.root)
}

/// A value that begins in one round of a loop and ends in the next one ends before it begins: only its beginning counts.
fn in_order(node: &mut Node) {
    let fix = |span: &mut Span| span.end = span.end.max(span.start);
    fix(&mut node.span);
    match &mut node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => items.iter_mut().for_each(in_order),
        Value::Object(members) => members.iter_mut().for_each(|member| {
            fix(&mut member.key_span);
            in_order(&mut member.value);
        }),
    }
}

/// The text with quotes around placeholders that stand outside of strings.
fn quoted_placeholders(text: &str, places: &[u32]) -> (String, Vec<u32>) {
    if !Placeholder::is_in(text) {
        return (text.to_owned(), places.to_vec());
    }
    let mut found: Vec<std::ops::Range<usize>> = Placeholder::all_in(text).map(|(range, _)| range).collect();
    found.reverse();
    let (mut out, mut kept) = (
        String::with_capacity(text.len() + 8),
        Vec::with_capacity(places.len() + 8),
    );
    let (mut inside, mut escaped) = (false, false);
    let mut close = usize::MAX;
    for (at, char) in text.char_indices() {
        let place = places.get(at).copied().unwrap_or_default();
        if at == close {
            out.push('"');
            kept.push(place);
        }
        if found.last().is_some_and(|range| range.start == at)
            && let Some(range) = found.pop()
            && !inside
        {
            out.push('"');
            kept.push(place);
            close = range.end;
        }
        match char {
            '"' if !escaped => inside = !inside,
            _ => {}
        }
        escaped = char == '\\' && !escaped;
        out.push(char);
        kept.extend((at..at + char.len_utf8()).filter_map(|at| places.get(at)));
    }
    let end = places.last().copied().unwrap_or_default();
    if close == text.len() {
        out.push('"');
        kept.push(end);
    }
    kept.push(end);
    (out, kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn what_is_not_known_may_stand_without_quotes() {
        let unknown = Placeholder::of("var.x").to_string();
        let text = format!(r#"{{"a": {unknown}, "b": "{unknown}"}}"#);
        let places: Vec<u32> = (0..=u32::try_from(text.len()).expect("short")).collect();
        let tree = document(&text, FileId(0), &places).expect("JSON");
        assert_eq!(tree.get("a").and_then(Node::as_str), Some(&*unknown));
        assert_eq!(tree.get("b").and_then(Node::as_str), Some(&*unknown));
        assert_eq!(tree.get("a").map(|node| node.span.start), Some(6));
    }

    #[test]
    fn a_string_is_written_as_terraform_does() {
        let mut out = String::new();
        quote("a\"<b>&\n\u{1}é", &mut out);
        assert_eq!(out, r#""a\"\u003cb\u003e\u0026\n\u0001é""#);
    }
}
