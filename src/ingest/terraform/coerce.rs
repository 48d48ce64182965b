//! Values as other types, compared and calculated with.

use super::eval::{Eval, Evaluator, Fault};
use super::syntax::Operator;
use super::value::{Data, Val, number_text};
use crate::source::{Placeholder, Span};

impl Evaluator<'_> {
    /// A value as text; what is not known becomes a placeholder.
    ///
    /// # Errors
    /// When it is no single value.
    pub fn to_text(&self, value: &Val) -> Result<String, Fault> {
        match &value.data {
            Data::Text(text) => Ok(text.text.to_string()),
            Data::Number(number) => Ok(number_text(*number)),
            Data::Bool(value) => Ok(value.to_string()),
            Data::Unknown(name) => Ok(self.placeholder(name, value.span)),
            Data::Resource(_) | Data::Module(_) => Ok(self.placeholder(&self.describe(value), value.span)),
            Data::Null => Err(Fault::new(value.span, "this is null, and a string is needed here")),
            Data::List(_) | Data::Object(_) => Err(Fault::new(
                value.span,
                format!("this is {}, and a string is needed here", value.kind()),
            )),
        }
    }

    /// A value as a number; none where it is not known.
    ///
    /// # Errors
    /// When it is none.
    pub fn number(&self, value: &Val) -> Result<Option<f64>, Fault> {
        let wrong = || {
            Fault::new(
                value.span,
                format!("this is {}, and a number is needed here", value.kind()),
            )
        };
        match &value.data {
            Data::Number(number) => Ok(Some(*number)),
            Data::Text(text) if Placeholder::is_in(&text.text) => Ok(None),
            Data::Text(text) => text.text.trim().parse().map(Some).map_err(|_| wrong()),
            Data::Unknown(_) => Ok(None),
            Data::Null | Data::Bool(_) | Data::List(_) | Data::Object(_) | Data::Resource(_) | Data::Module(_) => {
                Err(wrong())
            }
        }
    }

    /// Whether two values are equal; none where that is not known.
    pub fn equal(&self, a: &Val, b: &Val, span: Span) -> Result<Option<bool>, Fault> {
        self.deeper(span, || self.equal_here(a, b, span))
    }

    fn equal_here(&self, a: &Val, b: &Val, span: Span) -> Result<Option<bool>, Fault> {
        Ok(match (&a.data, &b.data) {
            (Data::Unknown(a), Data::Unknown(b)) if a == b => Some(true),
            (Data::Unknown(_), _) | (_, Data::Unknown(_)) => None,
            (Data::Resource(a), Data::Resource(b)) if a.address() == b.address() => Some(true),
            (Data::Module(a), Data::Module(b)) if a.address() == b.address() => Some(true),
            (Data::Resource(_) | Data::Module(_), Data::Null) | (Data::Null, Data::Resource(_) | Data::Module(_)) => {
                Some(false)
            }
            (Data::Resource(_) | Data::Module(_), _) | (_, Data::Resource(_) | Data::Module(_)) => None,
            (Data::Null, Data::Null) => Some(true),
            (Data::Bool(a), Data::Bool(b)) => Some(a == b),
            (Data::Number(a), Data::Number(b)) => Some(a.to_bits() == b.to_bits() || a == b),
            (Data::Text(a), Data::Text(b)) => same_text(&a.text, &b.text),
            (Data::List(a), Data::List(b)) => {
                if a.len() != b.len() {
                    return Ok(Some(false));
                }
                let pairs = a.iter().zip(b.iter());
                self.all_equal(pairs, span)?
            }
            (Data::Object(a), Data::Object(b)) => {
                let keys =
                    |entries: &[super::value::Entry]| entries.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>();
                if keys(a) != keys(b) {
                    return Ok(Some(false));
                }
                let pairs = a.iter().zip(b.iter()).map(|(a, b)| (&a.value, &b.value));
                self.all_equal(pairs, span)?
            }
            (
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::List(_) | Data::Object(_),
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::List(_) | Data::Object(_),
            ) => Some(false),
        })
    }

    fn all_equal<'v>(
        &self,
        pairs: impl Iterator<Item = (&'v Val, &'v Val)>,
        span: Span,
    ) -> Result<Option<bool>, Fault> {
        let mut all = Some(true);
        for (a, b) in pairs {
            match self.equal(a, b, span)? {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => all = None,
            }
        }
        Ok(all)
    }

    /// What an operator between two values gives.
    pub fn operate(&self, operator: Operator, a: &Val, b: &Val, span: Span) -> Eval {
        let unknown = |sign: &str| {
            let name = format!("{} {sign} {}", self.describe(a), self.describe(b));
            Val::unknown(super::describe::short(name), span)
        };
        if matches!(operator, Operator::Equal | Operator::NotEqual) {
            let negative = operator == Operator::NotEqual;
            return Ok(match self.equal(a, b, span)? {
                Some(equal) => Val::bool(equal != negative, span),
                None => {
                    let test = unknown("==");
                    match (test.as_unknown(), negative) {
                        (Some(name), true) => Val::unknown(format!("!{name}"), span),
                        (Some(_) | None, _) => test,
                    }
                }
            });
        }
        let (first, second) = (self.number(a)?, self.number(b)?);
        let (Some(first), Some(second)) = (first, second) else {
            return Ok(unknown(sign(operator)));
        };
        let number = |value: f64| {
            if value.is_finite() {
                Ok(Val::number(value, span))
            } else {
                Err(Fault::new(span, "this division has no result"))
            }
        };
        match operator {
            Operator::Less => Ok(Val::bool(first < second, span)),
            Operator::LessOrEqual => Ok(Val::bool(first <= second, span)),
            Operator::Greater => Ok(Val::bool(first > second, span)),
            Operator::GreaterOrEqual => Ok(Val::bool(first >= second, span)),
            Operator::Add => number(first + second),
            Operator::Subtract => number(first - second),
            Operator::Multiply => number(first * second),
            Operator::Divide => number(first / second),
            Operator::Remainder => number(first % second),
            Operator::Or | Operator::And | Operator::Equal | Operator::NotEqual => Ok(unknown(sign(operator))),
        }
    }
}

/// Whether two texts are the same; none where that depends on what is not known of them.
fn same_text(a: &str, b: &str) -> Option<bool> {
    if a == b {
        return Some(true);
    }
    if !Placeholder::is_in(a) && !Placeholder::is_in(b) {
        return Some(false);
    }
    // A text that has known characters, or the name of a resource, is not empty.
    let filled = |text: &str| {
        text.chars().any(|char| !crate::source::is_of_placeholder(char))
            || Placeholder::all_in(text).any(|(_, found)| found.is_identity())
    };
    if a.is_empty() && filled(b) || b.is_empty() && filled(a) {
        return Some(false);
    }
    let (head_a, head_b) = (known_head(a), known_head(b));
    let shared = head_a.len().min(head_b.len());
    let differ = head_a.as_bytes().get(..shared) != head_b.as_bytes().get(..shared);
    differ.then_some(false)
}

/// What is known of the beginning of a text.
pub(super) fn known_head(text: &str) -> &str {
    let end = text.find(crate::source::is_of_placeholder).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Or => "||",
        Operator::And => "&&",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
    }
}
