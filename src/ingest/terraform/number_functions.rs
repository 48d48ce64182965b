//! Functions on numbers.

use super::eval::{Eval, Evaluator, Fault};
use super::value::Val;
use crate::source::Span;

impl Evaluator<'_> {
    /// A function on numbers, if it is one.
    pub fn number_function(&self, name: &str, values: &[Val], span: Span) -> Option<Eval> {
        match name {
            "min" | "max" | "sum" | "abs" | "ceil" | "floor" | "signum" | "pow" | "log" => {
                Some(self.calculate(name, values, span))
            }
            "parseint" => Some(self.parse_int(values, span)),
            _ => None,
        }
    }

    fn calculate(&self, name: &str, values: &[Val], span: Span) -> Eval {
        let listed = values.first().filter(|_| name == "sum").map(|list| self.list_of(list));
        let values = match listed {
            Some(Ok(items)) => items,
            Some(Err(_)) => return Ok(self.unknown_result(name, values, span)),
            None => values,
        };
        let mut numbers = Vec::with_capacity(values.len());
        for value in values {
            match self.number(value)? {
                Some(number) => numbers.push(number),
                None => return Ok(self.unknown_result(name, values, span)),
            }
        }
        let none = || Fault::new(span, format!("`{name}` needs a number"));
        let first = numbers.first().copied().ok_or_else(none)?;
        let number = match name {
            "min" => numbers.into_iter().fold(first, f64::min),
            "max" => numbers.into_iter().fold(first, f64::max),
            "sum" => numbers.into_iter().sum(),
            "abs" => first.abs(),
            "ceil" => first.ceil(),
            "floor" => first.floor(),
            "signum" if first == 0.0 => 0.0,
            "signum" => first.signum(),
            _ => {
                let second = numbers.get(1).copied().ok_or_else(none)?;
                let result = if name == "pow" {
                    first.powf(second)
                } else {
                    first.log(second)
                };
                Some(result).filter(|result| result.is_finite()).ok_or_else(none)?
            }
        };
        Ok(Val::number(number, span))
    }

    fn parse_int(&self, values: &[Val], span: Span) -> Eval {
        let (text, base) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        let base = self
            .number(base)?
            .and_then(super::access::whole)
            .and_then(|base| u32::try_from(base).ok());
        let (Some(text), Some(base)) = (self.known_text(text), base) else {
            return Ok(self.unknown_result("parseint", values, span));
        };
        let parsed = (2..=36)
            .contains(&base)
            .then(|| i64::from_str_radix(text, base).ok())
            .flatten();
        let number = parsed.ok_or_else(|| Fault::new(span, format!("`{text}` is no whole number in base {base}")))?;
        #[expect(clippy::cast_precision_loss, reason = "numbers of Terraform files are small")]
        Ok(Val::number(number as f64, span))
    }
}
