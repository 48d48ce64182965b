//! Functions on text.

use std::rc::Rc;

use regex::Regex;

use super::access::whole;
use super::coerce::known_head;
use super::eval::{Eval, Evaluator, Fault};
use super::functions::is_hazy;
use super::value::{Data, Entry, Inside, TextValue, Val};
use crate::source::{Member, Node, Placeholder, Span, Value};

impl Evaluator<'_> {
    /// A function on text, if it is one.
    pub fn text_function(&self, name: &str, values: &[Val], span: Span) -> Option<Eval> {
        Some(match name {
            "lower" => self.cased(name, values, span, str::to_lowercase),
            "upper" => self.cased(name, values, span, str::to_uppercase),
            "title" => self.cased(name, values, span, title),
            "replace" => self.replace(values, span),
            "split" => self.split(values, span),
            "trimspace" => self.trimmed(values, span, str::trim_start, str::trim_end),
            "chomp" => self.trimmed(values, span, |text| text, |text| text.trim_end_matches(['\n', '\r'])),
            "trim" | "trimprefix" | "trimsuffix" | "substr" | "startswith" | "endswith" | "strcontains" | "strrev" => {
                self.pieces_of(name, values, span)
            }
            "indent" => self.indented(values, span),
            "regex" => self.regex(values, span, false),
            "regexall" => self.regex(values, span, true),
            _ => return None,
        })
    }

    fn cased(&self, name: &str, values: &[Val], span: Span, change: fn(&str) -> String) -> Eval {
        let value = self.argument(values, 0, span)?;
        if let Data::Unknown(of) = &value.data {
            return Ok(Val::unknown(format!("{name}({of})"), span));
        }
        let text = self.to_text(value)?;
        Ok(Val::text(
            self.by_pieces(&text, span, change, &|of| format!("{name}({of})")),
            span,
        ))
    }

    /// Changes what is known of a text; what is not gets another name. Names of resources stay what they are.
    fn by_pieces(
        &self,
        text: &str,
        span: Span,
        change: impl Fn(&str) -> String,
        rename: &dyn Fn(&str) -> String,
    ) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (range, placeholder) in Placeholder::all_in(text) {
            out.push_str(&change(text.get(at..range.start).unwrap_or_default()));
            if placeholder.is_identity() {
                out.push_str(text.get(range.clone()).unwrap_or_default());
            } else {
                let name = self
                    .state
                    .borrow()
                    .names
                    .name(placeholder)
                    .map(|(name, _)| name.to_owned());
                let name = rename(&name.unwrap_or_default());
                out.push_str(&self.placeholder(&name, span));
            }
            at = range.end;
        }
        out.push_str(&change(text.get(at..).unwrap_or_default()));
        out
    }

    fn replace(&self, values: &[Val], span: Span) -> Eval {
        let (value, from, to) = (
            self.argument(values, 0, span)?,
            self.argument(values, 1, span)?,
            self.argument(values, 2, span)?,
        );
        if is_hazy(from) || value.as_unknown().is_some() {
            return Ok(self.unknown_result("replace", values, span));
        }
        let (text, from, to) = (self.to_text(value)?, self.to_text(from)?, self.to_text(to)?);
        self.charge(text.len().saturating_mul(to.len().max(1)) / 16, span)?;
        let pattern = from.strip_prefix('/').and_then(|inner| inner.strip_suffix('/'));
        if let Some(pattern) = pattern.filter(|inner| !inner.is_empty()) {
            let pattern = compile(pattern, span)?;
            let rename = |of: &str| super::describe::short(format!("replace({of}, {from}, {})", self.reveal(&to)));
            let replaced = self.by_pieces(
                &text,
                span,
                |known| pattern.replace_all(known, &*to).into_owned(),
                &rename,
            );
            return fitting(Val::text(replaced, span));
        }
        // What is not known is taken not to hold a long text that a template has in the place of a value.
        if is_stand_in(&from) {
            return fitting(replaced_inside(value, &text, &from, &to, span));
        }
        let rename = |of: &str| super::describe::short(format!("replace({of}, {from}, {})", self.reveal(&to)));
        let replaced = self.by_pieces(&text, span, |known| known.replace(&from, &to), &rename);
        fitting(Val::text(replaced, span))
    }

    fn split(&self, values: &[Val], span: Span) -> Eval {
        let (separator, text) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        if is_hazy(separator) || text.as_unknown().is_some() {
            return Ok(self.unknown_result("split", values, span));
        }
        let (separator, text) = (self.to_text(separator)?, self.to_text(text)?);
        if Placeholder::is_in(&text) && !text.contains(&*separator) {
            return Ok(self.unknown_result("split", values, span));
        }
        self.charge(text.len() / 16, span)?;
        let items: Vec<Val> = if separator.is_empty() {
            text.chars().map(|char| Val::text(char.to_string(), span)).collect()
        } else {
            text.split(&*separator).map(|part| Val::text(part, span)).collect()
        };
        Ok(Val::list(items, span))
    }

    /// A text without something at its ends; what is known of the places of its bytes stays.
    fn trimmed(&self, values: &[Val], span: Span, front: fn(&str) -> &str, back: fn(&str) -> &str) -> Eval {
        let value = self.argument(values, 0, span)?;
        if value.as_unknown().is_some() {
            return Ok(value.clone());
        }
        let text = self.to_text(value)?;
        let rest = front(&text);
        let from = text.len() - rest.len();
        let kept = back(rest);
        let inside = match &value.data {
            Data::Text(inner) => match &inner.inside {
                Inside::Places(file, places) => {
                    let places = places.get(from..=from + kept.len()).map(Rc::from);
                    places.map_or(Inside::Nothing, |places| Inside::Places(*file, places))
                }
                Inside::Tree(tree) => Inside::Tree(tree.clone()),
                Inside::Nothing => Inside::Nothing,
            },
            _ => Inside::Nothing,
        };
        let text = TextValue {
            text: kept.into(),
            inside,
        };
        Ok(Val::new(Data::Text(Rc::new(text)), span))
    }

    fn indented(&self, values: &[Val], span: Span) -> Eval {
        let (blanks, text) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        let Some(blanks) = self
            .number(blanks)?
            .and_then(whole)
            .filter(|_| text.as_unknown().is_none())
        else {
            return Ok(self.unknown_result("indent", values, span));
        };
        let text = self.to_text(text)?;
        self.charge(text.len(), span)?;
        let between = format!("\n{}", " ".repeat(blanks.min(256)));
        Ok(Val::text(text.replace('\n', &between), span))
    }

    fn pieces_of(&self, name: &str, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        let rest = values.get(1..).unwrap_or_default();
        let unknown = || Ok(self.unknown_result(name, values, span));
        if value.as_unknown().is_some() || rest.iter().any(is_hazy) {
            return unknown();
        }
        let text = self.to_text(value)?;
        let other = match rest.first() {
            Some(other) => self.to_text(other)?,
            None => String::new(),
        };
        let hazy = Placeholder::is_in(&text);
        let head = known_head(&text);
        let tail = known_tail(&text);
        let result = match name {
            "trimprefix" if !hazy || head.len() >= other.len() => {
                text.strip_prefix(&*other).unwrap_or(&text).to_owned()
            }
            "trimsuffix" if !hazy || tail.len() >= other.len() => {
                text.strip_suffix(&*other).unwrap_or(&text).to_owned()
            }
            "startswith" if !hazy || head.len() >= other.len() => {
                return Ok(Val::bool(text.starts_with(&*other), span));
            }
            "endswith" if !hazy || tail.len() >= other.len() => return Ok(Val::bool(text.ends_with(&*other), span)),
            "strcontains" if !hazy || text.contains(&*other) => return Ok(Val::bool(text.contains(&*other), span)),
            "strrev" if !hazy => text.chars().rev().collect(),
            "trim" if !hazy => text.trim_matches(|char| other.contains(char)).to_owned(),
            "substr" => return self.substr(&text, values, span),
            _ => return unknown(),
        };
        Ok(Val::text(result, span))
    }

    fn substr(&self, text: &str, values: &[Val], span: Span) -> Eval {
        let numbers =
            [self.argument(values, 1, span)?, self.argument(values, 2, span)?].map(|value| self.number(value));
        let [Ok(Some(offset)), Ok(Some(len))] = numbers else {
            return Ok(self.unknown_result("substr", values, span));
        };
        let count = text.chars().count();
        let total = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let start = if offset < 0.0 {
            (total + offset).max(0.0)
        } else {
            offset
        };
        let (Some(start), len) = (whole(start), whole(len).unwrap_or(count)) else {
            return Err(Fault::new(span, "`substr` needs whole numbers"));
        };
        let known = known_head(text).chars().count();
        if Placeholder::is_in(text) {
            // A part of what is known; the whole, where it is short enough anyway.
            if start.saturating_add(len) > known {
                return Ok(self.unknown_result("substr", values, span));
            }
        }
        Ok(Val::text(text.chars().skip(start).take(len).collect::<String>(), span))
    }

    fn regex(&self, values: &[Val], span: Span, all: bool) -> Eval {
        let (pattern, text) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        if is_hazy(pattern) || is_hazy(text) {
            return Ok(self.unknown_result(if all { "regexall" } else { "regex" }, values, span));
        }
        let (pattern, text) = (self.to_text(pattern)?, self.to_text(text)?);
        let pattern = compile(&pattern, span)?;
        self.charge(text.len() / 16, span)?;
        let found = |captures: &regex::Captures<'_>| captured(&pattern, captures, span);
        if all {
            let items: Vec<Val> = pattern.captures_iter(&text).map(|captures| found(&captures)).collect();
            return Ok(Val::list(items, span));
        }
        let captures = pattern.captures(&text);
        captures
            .map(|captures| found(&captures))
            .ok_or_else(|| Fault::new(span, "the text does not match the pattern"))
    }
}

/// What a pattern found: the whole, the groups, or the groups by their names.
fn captured(pattern: &Regex, captures: &regex::Captures<'_>, span: Span) -> Val {
    let text = |found: Option<regex::Match<'_>>| {
        found.map_or_else(|| Val::null(span), |found| Val::text(found.as_str(), span))
    };
    let names: Vec<&str> = pattern.capture_names().flatten().collect();
    if !names.is_empty() {
        let entries = names
            .into_iter()
            .map(|name| Entry::new(name, span, text(captures.name(name))));
        return Val::object(entries.collect(), span);
    }
    match captures.len() {
        1 => text(captures.get(0)),
        _ => Val::list(captures.iter().skip(1).map(text).collect(), span),
    }
}

fn compile(pattern: &str, span: Span) -> Result<Regex, Fault> {
    let built = regex::RegexBuilder::new(pattern).size_limit(1 << 20).build();
    built.map_err(|_| Fault::new(span, format!("`{pattern}` is no regular expression")))
}

/// Whether a text is one that stands for a value until it is replaced, such as `_BUCKET_ARN_`; no part of JSON's own signs.
fn is_stand_in(text: &str) -> bool {
    text.len() > 3 && !text.contains(['"', '\\', '{', '}', '[', ']', ',', '\n'])
}

/// A text with something in the place of something else; the inside keeps its places.
fn replaced_inside(value: &Val, text: &str, from: &str, to: &str, span: Span) -> Val {
    let inside = match &value.data {
        Data::Text(inner) => match &inner.inside {
            Inside::Tree(tree) if is_plain(to) => Inside::Tree(replaced_tree(tree, from, to)),
            Inside::Places(file, places) => {
                let (mut kept, mut at) = (Vec::new(), 0);
                for (found, _) in text.match_indices(from) {
                    kept.extend_from_slice(places.get(at..found).unwrap_or_default());
                    let place = places.get(found).copied().unwrap_or_default();
                    kept.extend(std::iter::repeat_n(place, to.len()));
                    at = found + from.len();
                }
                kept.extend_from_slice(places.get(at..).unwrap_or_default());
                Inside::Places(*file, kept.into())
            }
            Inside::Nothing | Inside::Tree(_) => Inside::Nothing,
        },
        _ => Inside::Nothing,
    };
    let replaced = TextValue {
        text: text.replace(from, to).into(),
        inside,
    };
    Val::new(Data::Text(Rc::new(replaced)), span)
}

/// Whether a text means itself between the quotes of JSON.
fn is_plain(text: &str) -> bool {
    !text.contains(['"', '\\']) && !text.contains(char::is_control)
}

fn replaced_tree(tree: &Node, from: &str, to: &str) -> Node {
    let value = match &tree.value {
        Value::String(text) => Value::String(text.replace(from, to).into()),
        Value::Array(items) => Value::Array(items.iter().map(|item| replaced_tree(item, from, to)).collect()),
        Value::Object(members) => {
            let member = |member: &Member| Member {
                key: member.key.replace(from, to).into(),
                key_span: member.key_span,
                value: replaced_tree(&member.value, from, to),
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => tree.value.clone(),
    };
    Node::new(value, tree.span)
}

/// A text, unless it is too long.
fn fitting(value: Val) -> Eval {
    match value.as_text() {
        Some(text) if text.len() > LONGEST => Err(Fault::limit(
            value.span,
            format!("a string is longer than {LONGEST} bytes"),
        )),
        Some(_) | None => Ok(value),
    }
}

fn title(text: &str) -> String {
    let mut start = true;
    let upper = |char: char| {
        let first = std::mem::replace(&mut start, !char.is_alphanumeric() && char != '_' && char != '\'');
        if first {
            char.to_uppercase().next().unwrap_or(char)
        } else {
            char
        }
    };
    text.chars().map(upper).collect()
}

/// What is known of the end of a text.
fn known_tail(text: &str) -> &str {
    let from = text.rfind(crate::source::is_of_placeholder).map_or(0, |at| at + 3);
    text.get(from..).unwrap_or_default()
}

const LONGEST: usize = 1 << 20;
