//! Strings with something in them to evaluate.

use super::eval::{Eval, Evaluator, Fault};
use super::instance::Env;
use super::syntax::Piece;
use super::value::{Data, Inside, TextValue, Val};
use crate::source::{FileId, Span};
use std::rc::Rc;

/// A text that grows, with the place of each of its bytes.
#[derive(Default)]
struct Rendered {
    text: String,
    offsets: Vec<u32>,
}

impl Evaluator<'_> {
    /// The value of a template. One that holds nothing but an interpolation is that value.
    pub fn template(&self, pieces: &[Piece], span: Span, env: Env<'_>) -> Eval {
        if let [Piece::Value(inner)] = pieces {
            return Ok(self.eval(inner, env)?.at(span));
        }
        let mut rendered = Rendered::default();
        self.render(pieces, env, &mut rendered)?;
        Ok(rendered.into_value(span))
    }

    fn render(&self, pieces: &[Piece], env: Env<'_>, rendered: &mut Rendered) -> Result<(), Fault> {
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => {
                    rendered.text.push_str(&literal.text);
                    rendered.offsets.extend_from_slice(&literal.offsets);
                }
                Piece::Value(inner) => {
                    let value = self.eval(inner, env)?;
                    let text = self.to_text(&value)?;
                    rendered.push(&text, inner.span);
                }
                Piece::If {
                    condition,
                    then,
                    otherwise,
                } => {
                    let test = self.eval(condition, env)?;
                    match self.truth(&test, condition.span)? {
                        Ok(true) => self.render(then, env, rendered)?,
                        Ok(false) => self.render(otherwise, env, rendered)?,
                        Err(name) => {
                            let text = self.placeholder(&format!("{name} ? ..."), condition.span);
                            rendered.push(&text, condition.span);
                        }
                    }
                }
                Piece::For {
                    key_name,
                    value_name,
                    collection,
                    body,
                } => {
                    let collection = self.eval(collection, env)?;
                    for (key, value) in self.elements(&collection)? {
                        let bound_key = env.bind(key_name.as_deref().unwrap_or_default(), key);
                        let env = env.within(&bound_key);
                        let bound = env.bind(value_name, value);
                        self.render(body, env.within(&bound), rendered)?;
                    }
                }
            }
            self.fits(&rendered.text, env)?;
        }
        Ok(())
    }

    /// Refuses texts that nobody writes, such as one that doubles itself again and again.
    fn fits(&self, text: &str, env: Env<'_>) -> Result<(), Fault> {
        let _ = env;
        if text.len() > LONGEST {
            return Err(Fault::limit(
                Span::default(),
                format!("a string is longer than {LONGEST} bytes"),
            ));
        }
        self.charge(text.len() / 256, Span::default())
    }
}

impl Rendered {
    /// Adds text that all comes from one place.
    fn push(&mut self, text: &str, span: Span) {
        self.text.push_str(text);
        self.offsets.resize(self.text.len(), span.start);
    }

    fn into_value(mut self, span: Span) -> Val {
        let holds_json = self.text.trim_start().starts_with(['{', '[']);
        let inside = if holds_json {
            self.offsets.push(span.end);
            Inside::Places(span.file, self.offsets.into())
        } else {
            Inside::Nothing
        };
        let value = TextValue {
            text: self.text.into(),
            inside,
        };
        Val::new(Data::Text(Rc::new(value)), span)
    }
}

/// A text that was written in one piece in a file, such as one that `file` reads.
pub(super) fn text_of_file(text: &str, file: FileId, first: u32, span: Span) -> Val {
    let rendered = Rendered {
        text: text.to_owned(),
        offsets: (0..text.len())
            .map(|at| first.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)))
            .collect(),
    };
    let whole = Span::new(file, first as usize, first as usize + text.len());
    let mut value = rendered.into_value(whole);
    if !matches!(&value.data, Data::Text(text) if matches!(text.inside, Inside::Places(..))) {
        value.span = span;
    }
    value
}

/// Longer than any policy may be.
const LONGEST: usize = 1 << 20;
