//! Functions on several sets or lists at once.

use super::eval::{Eval, Evaluator, Fault};
use super::functions::is_hazy;
use super::list_functions::MOST_ELEMENTS;
use super::value::{Data, Val};
use crate::source::Span;

impl Evaluator<'_> {
    pub fn sets(&self, name: &str, values: &[Val], span: Span) -> Eval {
        if values.iter().any(|value| value.as_unknown().is_some()) {
            return Ok(self.unknown_result(name, values, span));
        }
        let key = |item: &Val| super::node::encode(self, item);
        let mut sets = Vec::new();
        for value in values {
            let mut set = std::collections::BTreeMap::new();
            for item in self.list_of(value)? {
                set.insert(key(item)?, item.clone());
            }
            sets.push(set);
        }
        let mut sets = sets.into_iter();
        let mut first = sets.next().unwrap_or_default();
        for other in sets {
            match name {
                "setunion" => first.extend(other),
                "setintersection" => first.retain(|key, _| other.contains_key(key)),
                _ => first.retain(|key, _| !other.contains_key(key)),
            }
        }
        self.set_of(first.into_values().collect(), span)
    }

    pub fn product(&self, values: &[Val], span: Span) -> Eval {
        if values.iter().any(|value| value.as_unknown().is_some()) {
            return Ok(self.unknown_result("setproduct", values, span));
        }
        let mut all: Vec<Vec<Val>> = vec![Vec::new()];
        for value in values {
            let items = self.list_of(value)?;
            let size = all.len().saturating_mul(items.len());
            if size > MOST_ELEMENTS {
                return Err(Fault::limit(
                    span,
                    format!("a list has more than {MOST_ELEMENTS} elements"),
                ));
            }
            self.charge(size, span)?;
            let longer = |start: &Vec<Val>| {
                let start = start.clone();
                items
                    .iter()
                    .map(move |item| start.iter().chain([item]).cloned().collect())
                    .collect::<Vec<Vec<Val>>>()
            };
            all = all.iter().flat_map(longer).collect();
        }
        Ok(Val::list(
            all.into_iter().map(|items| Val::list(items, span)).collect(),
            span,
        ))
    }

    pub fn match_keys(&self, values: &[Val], span: Span) -> Eval {
        let [items, keys, wanted] = values else {
            return Err(Fault::new(span, "`matchkeys` takes three lists"));
        };
        if values.iter().any(is_hazy) {
            return Ok(self.unknown_result("matchkeys", values, span));
        }
        let (items, keys, wanted) = (self.list_of(items)?, self.list_of(keys)?, self.list_of(wanted)?);
        let mut found = Vec::new();
        for (item, key) in items.iter().zip(keys) {
            for other in wanted {
                if self.equal(key, other, span)? == Some(true) {
                    found.push(item.clone());
                    break;
                }
            }
        }
        Ok(Val::list(found, span))
    }

    pub fn all_or_any(&self, name: &str, values: &[Val], span: Span) -> Eval {
        let list = self.argument(values, 0, span)?;
        if list.as_unknown().is_some() {
            return Ok(self.unknown_result(name, values, span));
        }
        let settles = name == "anytrue";
        let mut open = false;
        for item in self.list_of(list)? {
            match &item.data {
                Data::Bool(value) if *value == settles => return Ok(Val::bool(settles, span)),
                Data::Text(text) if *text.text == *settles.to_string() => return Ok(Val::bool(settles, span)),
                Data::Unknown(_) => open = true,
                _ => {}
            }
        }
        Ok(if open {
            self.unknown_result(name, values, span)
        } else {
            Val::bool(!settles, span)
        })
    }
}
