//! Functions on maps and types.

use super::eval::{Eval, Evaluator, Fault};
use super::value::{Data, Entry, Val};
use crate::source::Span;

impl Evaluator<'_> {
    /// A function on maps, if it is one.
    pub fn map_function(&self, name: &str, values: &[Val], span: Span) -> Option<Eval> {
        Some(match name {
            "merge" => self.merge(values, span),
            "lookup" => self.lookup(values, span),
            "keys" | "values" => self.keys_or_values(name, values, span),
            "zipmap" => self.zip(values, span),
            "transpose" => self.transpose(values, span),
            "tomap" | "sensitive" | "nonsensitive" => self.argument(values, 0, span).cloned(),
            "tostring" => self
                .argument(values, 0, span)
                .cloned()
                .and_then(|value| match value.data {
                    Data::List(_) | Data::Object(_) => Err(Fault::new(span, format!("`tostring` of {}", value.kind()))),
                    _ => self.as_string(value),
                }),
            "tonumber" => self.argument(values, 0, span).and_then(|value| {
                if value.is_null() {
                    return Ok(value.clone());
                }
                Ok(match self.number(value)? {
                    Some(number) => Val::number(number, span),
                    None => value.clone(),
                })
            }),
            "tobool" => self
                .argument(values, 0, span)
                .cloned()
                .and_then(|value| match value.data {
                    Data::Number(_) | Data::List(_) | Data::Object(_) => {
                        Err(Fault::new(span, format!("`tobool` of {}", value.kind())))
                    }
                    _ => self.as_bool(value),
                }),
            // The functions by which lists and maps were once written.
            "list" => Ok(Val::list(values.to_vec(), span)),
            "map" => self.old_map(values, span),
            _ => return None,
        })
    }

    fn merge(&self, values: &[Val], span: Span) -> Eval {
        let mut all: Vec<Entry> = Vec::new();
        for value in values {
            match &value.data {
                Data::Object(members) => all.extend(members.iter().cloned()),
                Data::Null => {}
                Data::Unknown(name) => {
                    // What it may hold beside what is known.
                    let key = self.placeholder(&format!("{name}[*].key"), value.span);
                    let inner = Val::unknown(format!("{name}[*]"), value.span);
                    all.push(Entry::new(key, value.span, inner));
                }
                Data::List(items) if items.is_empty() => {}
                Data::Bool(_)
                | Data::Number(_)
                | Data::Text(_)
                | Data::List(_)
                | Data::Resource(_)
                | Data::Module(_) => {
                    return Err(Fault::new(value.span, format!("`merge` of {}", value.kind())));
                }
            }
        }
        self.charge(all.len(), span)?;
        Ok(Val::object(all, span))
    }

    fn lookup(&self, values: &[Val], span: Span) -> Eval {
        let (map, key) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        match (self.index(map, key, span), values.get(2)) {
            (Err(fault), Some(default)) if !fault.is_limit && matches!(map.data, Data::Object(_) | Data::Null) => {
                Ok(default.clone())
            }
            (result, _) => result,
        }
    }

    fn keys_or_values(&self, name: &str, values: &[Val], span: Span) -> Eval {
        let map = self.argument(values, 0, span)?;
        match &map.data {
            Data::Object(members) => {
                let items = members.iter().map(|member| {
                    if name == "keys" {
                        Val::text(&*member.key, member.key_span)
                    } else {
                        member.value.clone()
                    }
                });
                Ok(Val::list(items.collect(), span))
            }
            Data::Unknown(of) if name == "values" => Ok(Val::list(vec![Val::unknown(format!("{of}[*]"), span)], span)),
            Data::Unknown(of) => Ok(Val::list(vec![Val::unknown(format!("{of}[*].key"), span)], span)),
            Data::List(_) if name == "values" => Ok(map.clone()),
            _ => Err(Fault::new(span, format!("`{name}` of {}", map.kind()))),
        }
    }

    fn zip(&self, values: &[Val], span: Span) -> Eval {
        let (keys, items) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        let (Some(keys), Some(items)) = (keys.as_list(), items.as_list()) else {
            return Ok(self.unknown_result("zipmap", values, span));
        };
        if keys.len() != items.len() {
            return Err(Fault::new(span, "`zipmap` needs as many keys as values"));
        }
        let member = |(key, value): (&Val, &Val)| Ok(Entry::new(self.to_text(key)?, key.span, value.clone()));
        let members = keys.iter().zip(items).map(member).collect::<Result<_, Fault>>()?;
        Ok(Val::object(members, span))
    }

    fn transpose(&self, values: &[Val], span: Span) -> Eval {
        let map = self.argument(values, 0, span)?;
        let Some(members) = map.as_object().filter(|_| !super::functions::is_hazy(map)) else {
            return Ok(self.unknown_result("transpose", values, span));
        };
        let mut found: std::collections::BTreeMap<String, Vec<Val>> = std::collections::BTreeMap::new();
        for member in members {
            for item in self.list_of(&member.value)? {
                let key = Val::text(&*member.key, member.key_span);
                found.entry(self.to_text(item)?).or_default().push(key);
            }
        }
        let entries = found
            .into_iter()
            .map(|(key, items)| Entry::new(key, span, Val::list(items, span)));
        Ok(Val::object(entries.collect(), span))
    }

    fn old_map(&self, values: &[Val], span: Span) -> Eval {
        let mut members = Vec::new();
        for pair in values.chunks(2) {
            if let [key, value] = pair {
                members.push(Entry::new(self.to_text(key)?, key.span, value.clone()));
            }
        }
        Ok(Val::object(members, span))
    }
}
