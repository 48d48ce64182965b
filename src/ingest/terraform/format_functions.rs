//! `format`, `formatlist` and `join`.

use super::eval::{Eval, Evaluator, Fault};
use super::value::{Data, Val, number_text};
use crate::source::Span;

impl Evaluator<'_> {
    /// A function that writes text, if it is one.
    pub fn format_function(&self, name: &str, values: &[Val], span: Span) -> Option<Eval> {
        match name {
            "format" => Some(self.format(values, span)),
            "formatlist" => Some(self.format_list(values, span)),
            "join" => Some(self.join_texts(values, span)),
            _ => None,
        }
    }

    fn join_texts(&self, values: &[Val], span: Span) -> Eval {
        let separator = self.to_text(self.argument(values, 0, span)?)?;
        // The only element is itself, with the places that are known of it: `join("", data.x.y.*.json)` is written often.
        if let [_, only] = values
            && let Some([text]) = only.as_list()
            && text.as_text().is_some()
        {
            return Ok(text.clone());
        }
        let mut texts = Vec::new();
        for value in values.get(1..).unwrap_or_default() {
            if value.as_unknown().is_some() {
                return Ok(self.unknown_result("join", values, span));
            }
            for item in self.list_of(value)? {
                texts.push(self.to_text(item)?);
            }
        }
        let joined = texts.join(&separator);
        self.charge(joined.len() / 64, span)?;
        if joined.len() > LONGEST {
            return Err(Fault::limit(span, format!("a string is longer than {LONGEST} bytes")));
        }
        Ok(Val::text(joined, span))
    }

    fn format(&self, values: &[Val], span: Span) -> Eval {
        let pattern = self.argument(values, 0, span)?;
        if pattern.as_unknown().is_some() {
            return Ok(self.unknown_result("format", values, span));
        }
        let pattern = self.to_text(pattern)?;
        let text = self.formatted(&pattern, values.get(1..).unwrap_or_default(), span)?;
        Ok(Val::text(text, span))
    }

    fn format_list(&self, values: &[Val], span: Span) -> Eval {
        let pattern = self.argument(values, 0, span)?;
        let rest = values.get(1..).unwrap_or_default();
        if pattern.as_unknown().is_some() {
            return Ok(self.unknown_result("formatlist", values, span));
        }
        let pattern = self.to_text(pattern)?;
        // Of a list that is not known one element stands for all.
        let lists: Vec<Val> = rest
            .iter()
            .map(|value| match &value.data {
                Data::Unknown(name) if rest.iter().all(|other| other.as_list().is_none()) => {
                    Val::list(vec![Val::unknown(format!("{name}[*]"), value.span)], value.span)
                }
                _ => value.clone(),
            })
            .collect();
        let len = lists.iter().filter_map(Val::as_list).map(<[Val]>::len).max();
        let count = len.unwrap_or(1);
        if lists.iter().filter_map(Val::as_list).any(|list| list.len() != count) {
            return Err(Fault::new(span, "the lists are not equally long"));
        }
        let mut items = Vec::with_capacity(count);
        for place in 0..count {
            let arguments: Vec<Val> = lists
                .iter()
                .filter_map(|value| value.as_list().map_or(Some(value), |list| list.get(place)))
                .cloned()
                .collect();
            items.push(Val::text(self.formatted(&pattern, &arguments, span)?, span));
        }
        Ok(Val::list(items, span))
    }

    fn formatted(&self, pattern: &str, values: &[Val], span: Span) -> Result<String, Fault> {
        let mut out = String::new();
        let mut next = 0;
        let mut rest = pattern.chars().peekable();
        while let Some(char) = rest.next() {
            if char != '%' {
                out.push(char);
                continue;
            }
            let mut verb = Verb::default();
            let letter = verb.read(&mut rest);
            if letter == Some('%') {
                out.push('%');
                continue;
            }
            if let Some(place) = verb.place {
                next = place.saturating_sub(1);
            }
            let value = values
                .get(next)
                .ok_or_else(|| Fault::new(span, "`format` needs more arguments"))?;
            next += 1;
            let text = self.verb(letter, &verb, value, span)?;
            let missing = verb.width.saturating_sub(text.chars().count()).min(1024);
            let fill = if verb.zero && !verb.left { '0' } else { ' ' };
            if verb.left {
                out.push_str(&text);
                out.extend(std::iter::repeat_n(' ', missing));
            } else if fill == '0' && text.starts_with('-') {
                out.push('-');
                out.extend(std::iter::repeat_n('0', missing));
                out.push_str(text.get(1..).unwrap_or_default());
            } else {
                out.extend(std::iter::repeat_n(fill, missing));
                out.push_str(&text);
            }
        }
        self.charge(out.len() / 64, span)?;
        Ok(out)
    }

    fn verb(&self, letter: Option<char>, verb: &Verb, value: &Val, span: Span) -> Result<String, Fault> {
        let number = || self.number(value);
        Ok(match letter {
            Some('s') => {
                let text = self.to_text(value)?;
                match verb.precision {
                    Some(most) => text.chars().take(most).collect(),
                    None => text,
                }
            }
            Some('v') if verb.quoted => super::node::encode(self, value)?,
            Some('v') => match &value.data {
                Data::List(_) | Data::Object(_) => super::node::encode(self, value)?,
                Data::Null => "null".to_owned(),
                _ => self.to_text(value)?,
            },
            Some('q') => super::node::json(&crate::source::Node::from(self.to_text(value)?)),
            Some('t') => self.to_text(&self.as_bool(value.clone())?)?,
            Some('d') => match number()? {
                Some(number) => number_text(number.trunc()),
                None => self.to_text(value)?,
            },
            Some('f') => match number()? {
                Some(number) => format!("{number:.*}", verb.precision.unwrap_or(6).min(64)),
                None => self.to_text(value)?,
            },
            Some(letter @ ('x' | 'X' | 'o' | 'b')) => match number()?.and_then(super::access::whole) {
                Some(number) => match letter {
                    'x' => format!("{number:x}"),
                    'X' => format!("{number:X}"),
                    'o' => format!("{number:o}"),
                    _ => format!("{number:b}"),
                },
                None => self.to_text(value)?,
            },
            Some(other) => return Err(Fault::new(span, format!("`%{other}` in `format` is not understood"))),
            None => return Err(Fault::new(span, "`format` ends in the middle of a verb")),
        })
    }
}

/// What stands between `%` and the letter.
#[derive(Default)]
struct Verb {
    place: Option<usize>,
    width: usize,
    precision: Option<usize>,
    zero: bool,
    left: bool,
    /// As JSON.
    quoted: bool,
}

impl Verb {
    fn read(&mut self, rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
        let mut after_point = false;
        loop {
            let char = rest.next()?;
            match char {
                '[' => {
                    let digits: String = rest.by_ref().take_while(|char| *char != ']').collect();
                    self.place = digits.parse().ok();
                }
                '.' => {
                    after_point = true;
                    self.precision = Some(0);
                }
                '-' => self.left = true,
                '0' if self.width == 0 && !after_point => self.zero = true,
                '#' => self.quoted = true,
                '+' | ' ' => {}
                digit @ '0'..='9' => {
                    let digit = digit.to_digit(10).unwrap_or_default() as usize;
                    let number = if after_point {
                        self.precision.unwrap_or_default()
                    } else {
                        self.width
                    };
                    let number = number.saturating_mul(10).saturating_add(digit);
                    if after_point {
                        self.precision = Some(number);
                    } else {
                        self.width = number;
                    }
                }
                letter => return Some(letter),
            }
        }
    }
}

const LONGEST: usize = 1 << 20;
