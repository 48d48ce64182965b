//! Functions on lists and sets.

use super::access::whole;
use super::eval::{Eval, Evaluator, Fault};
use super::functions::is_hazy;
use super::value::{Data, Val};
use crate::source::Span;

impl Evaluator<'_> {
    /// A function on lists, if it is one.
    pub fn list_function(&self, name: &str, values: &[Val], span: Span) -> Option<Eval> {
        Some(match name {
            "concat" => self.concat(values, span),
            "flatten" => self.flat(values, span),
            "distinct" => self.each_once(values, span),
            "toset" => self.to_set(values, span),
            "tolist" => self.same_list(values, span, |items| items),
            "reverse" => self.same_list(values, span, |mut items| {
                items.reverse();
                items
            }),
            "compact" => self.same_list(values, span, |items| {
                items
                    .into_iter()
                    .filter(|item| !item.is_null() && item.as_text() != Some(""))
                    .collect()
            }),
            "sort" => self.sorted(values, span),
            "slice" => self.slice(values, span),
            "element" => self.element(values, span),
            "index" => self.place(values, span),
            "length" => self.length(values, span),
            "contains" => self.contains(values, span),
            "coalesce" => self.coalesce(values, span),
            "coalescelist" => self.coalesce_list(values, span),
            "one" => self.one(values, span),
            "range" => self.range(values, span),
            "chunklist" => self.chunks(values, span),
            "setunion" | "setintersection" | "setsubtract" => self.sets(name, values, span),
            "setproduct" => self.product(values, span),
            "matchkeys" => self.match_keys(values, span),
            "alltrue" | "anytrue" => self.all_or_any(name, values, span),
            _ => return None,
        })
    }

    fn concat(&self, values: &[Val], span: Span) -> Eval {
        let mut all = Vec::new();
        for value in values {
            match &value.data {
                Data::List(items) => all.extend(items.iter().cloned()),
                Data::Unknown(name) => all.push(Val::unknown(format!("{name}[*]"), value.span)),
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::Object(_) => {
                    self.list_of(value)?;
                }
                Data::Resource(_) | Data::Module(_) => all.push(value.clone()),
            }
        }
        self.sized(all, span)
    }

    /// A list, unless it is too long.
    fn sized(&self, items: Vec<Val>, span: Span) -> Eval {
        self.charge(items.len(), span)?;
        if items.len() > MOST_ELEMENTS {
            return Err(Fault::limit(
                span,
                format!("a list has more than {MOST_ELEMENTS} elements"),
            ));
        }
        Ok(Val::list(items, span))
    }

    fn flat(&self, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        if value.as_unknown().is_some() {
            return Ok(value.clone());
        }
        let mut all = Vec::new();
        self.flatten_into(self.list_of(value)?, &mut all, 0, span)?;
        self.sized(all, span)
    }

    fn flatten_into(&self, items: &[Val], all: &mut Vec<Val>, depth: usize, span: Span) -> Result<(), Fault> {
        self.charge(items.len(), span)?;
        for item in items {
            let item = self.expanded(item)?;
            match &item.data {
                Data::List(inner) if depth < DEEPEST => self.flatten_into(inner, all, depth + 1, span)?,
                Data::Unknown(name) if !name.ends_with("[*]") => all.push(item.clone()),
                _ => all.push(item.clone()),
            }
            if all.len() > MOST_ELEMENTS {
                return Err(Fault::limit(
                    span,
                    format!("a list has more than {MOST_ELEMENTS} elements"),
                ));
            }
        }
        Ok(())
    }

    /// A list made of the elements of another one; what is not known stays what it is.
    fn same_list(&self, values: &[Val], span: Span, made: impl FnOnce(Vec<Val>) -> Vec<Val>) -> Eval {
        let value = self.argument(values, 0, span)?;
        match &value.data {
            Data::Unknown(_) | Data::Null => Ok(value.clone()),
            _ => Ok(Val::list(made(self.list_of(value)?.to_vec()), span)),
        }
    }

    fn each_once(&self, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        if value.as_unknown().is_some() {
            return Ok(value.clone());
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut kept = Vec::new();
        for item in self.list_of(value)? {
            let key = super::node::encode(self, item).unwrap_or_else(|_| self.describe(item));
            if seen.insert(key) {
                kept.push(item.clone());
            }
        }
        Ok(Val::list(kept, span))
    }

    fn to_set(&self, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        match &value.data {
            Data::Unknown(name) if name.starts_with("toset(") => Ok(value.clone()),
            Data::Unknown(name) => Ok(Val::unknown(format!("toset({name})"), span)),
            Data::Null => Ok(value.clone()),
            _ => self.set_of(self.list_of(value)?.to_vec(), span),
        }
    }

    fn sorted(&self, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        if value.as_unknown().is_some() {
            return Ok(value.clone());
        }
        let items = self.list_of(value)?;
        let mut keyed: Vec<(String, Val)> = Vec::with_capacity(items.len());
        for item in items {
            keyed.push((self.to_text(item)?, self.as_string(item.clone())?));
        }
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Val::list(keyed.into_iter().map(|(_, item)| item).collect(), span))
    }

    fn slice(&self, values: &[Val], span: Span) -> Eval {
        let list = self.argument(values, 0, span)?;
        let ends = [self.argument(values, 1, span)?, self.argument(values, 2, span)?].map(|end| self.number(end));
        let [Ok(Some(start)), Ok(Some(end))] = ends else {
            return Ok(self.unknown_result("slice", values, span));
        };
        if list.as_unknown().is_some() {
            return Ok(self.unknown_result("slice", values, span));
        }
        let range = whole(start).zip(whole(end));
        let found = range.and_then(|(start, end)| self.list_of(list).ok()?.get(start..end));
        let found = found.ok_or_else(|| Fault::new(span, "the list has no such part"))?;
        Ok(Val::list(found.to_vec(), span))
    }

    fn element(&self, values: &[Val], span: Span) -> Eval {
        let (list, index) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        let (Data::List(items), Some(number)) = (&list.data, self.number(index)?) else {
            return self.index(list, index, span);
        };
        if items.is_empty() {
            return Err(Fault::new(span, "`element` of an empty list"));
        }
        let wrapped = number.rem_euclid(f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX)));
        self.index(list, &Val::number(wrapped, index.span), span)
    }

    fn place(&self, values: &[Val], span: Span) -> Eval {
        let (list, wanted) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        if list.as_unknown().is_some() || wanted.as_unknown().is_some() {
            return Ok(self.unknown_result("index", values, span));
        }
        for (place, item) in self.list_of(list)?.iter().enumerate() {
            match self.equal(item, wanted, span)? {
                Some(true) => return Ok(Val::count(place, span)),
                Some(false) => {}
                None => return Ok(self.unknown_result("index", values, span)),
            }
        }
        Err(Fault::new(span, "the value is not in the list"))
    }

    fn length(&self, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        let any = |item: &Val| item.as_unknown().is_some_and(|name| name.ends_with("[*]"));
        match &value.data {
            Data::List(items) if items.iter().any(any) => Ok(self.unknown_result("length", values, span)),
            Data::List(items) => Ok(Val::count(items.len(), span)),
            Data::Object(members) if is_hazy_keys(members) => Ok(self.unknown_result("length", values, span)),
            Data::Object(members) => Ok(Val::count(members.len(), span)),
            Data::Text(text) if !is_hazy(value) => Ok(Val::count(text.text.chars().count(), span)),
            Data::Text(_) | Data::Unknown(_) | Data::Resource(_) | Data::Module(_) => {
                Ok(self.unknown_result("length", values, span))
            }
            Data::Null | Data::Bool(_) | Data::Number(_) => {
                Err(Fault::new(span, format!("`length` of {}", value.kind())))
            }
        }
    }

    fn contains(&self, values: &[Val], span: Span) -> Eval {
        let (list, wanted) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        if list.as_unknown().is_some() {
            return Ok(self.unknown_result("contains", values, span));
        }
        let mut open = false;
        for item in self.list_of(list)? {
            match self.equal(item, wanted, span)? {
                Some(true) => return Ok(Val::bool(true, span)),
                Some(false) => {}
                None => open = true,
            }
        }
        Ok(if open {
            self.unknown_result("contains", values, span)
        } else {
            Val::bool(false, span)
        })
    }

    fn coalesce(&self, values: &[Val], span: Span) -> Eval {
        let there = values
            .iter()
            .find(|value| !value.is_null() && value.as_text() != Some(""));
        there
            .cloned()
            .ok_or_else(|| Fault::new(span, "`coalesce` has nothing to give"))
    }

    fn coalesce_list(&self, values: &[Val], span: Span) -> Eval {
        let there = values
            .iter()
            .find(|value| !value.is_null() && !value.as_list().is_some_and(<[Val]>::is_empty));
        there
            .cloned()
            .ok_or_else(|| Fault::new(span, "`coalescelist` has nothing to give"))
    }

    fn one(&self, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        match &value.data {
            Data::List(items) => match items.as_slice() {
                [] => Ok(Val::null(span)),
                [only] => Ok(only.clone()),
                _ => Err(Fault::new(span, "`one` of a list with several elements")),
            },
            Data::Null | Data::Resource(_) | Data::Module(_) => Ok(value.clone()),
            Data::Unknown(name) => Ok(Val::unknown(format!("one({name})"), span)),
            Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::Object(_) => {
                Err(Fault::new(span, format!("`one` of {}", value.kind())))
            }
        }
    }

    fn range(&self, values: &[Val], span: Span) -> Eval {
        let mut numbers = Vec::new();
        for value in values {
            match self.number(value)? {
                Some(number) => numbers.push(number),
                None => return Ok(self.unknown_result("range", values, span)),
            }
        }
        let (start, end, step) = match numbers.as_slice() {
            [end] => (0.0, *end, if *end < 0.0 { -1.0 } else { 1.0 }),
            [start, end] => (*start, *end, if end < start { -1.0 } else { 1.0 }),
            [start, end, step] if *step != 0.0 => (*start, *end, *step),
            _ => return Err(Fault::new(span, "`range` takes one to three numbers")),
        };
        let mut items = Vec::new();
        let mut at = start;
        while (step > 0.0 && at < end) || (step < 0.0 && at > end) {
            if items.len() >= 1024 {
                return Err(Fault::new(span, "`range` gives more than 1024 numbers"));
            }
            items.push(Val::number(at, span));
            at += step;
        }
        self.sized(items, span)
    }

    fn chunks(&self, values: &[Val], span: Span) -> Eval {
        let (list, size) = (self.argument(values, 0, span)?, self.argument(values, 1, span)?);
        let size = self.number(size)?.and_then(whole);
        let (Data::List(items), Some(size)) = (&list.data, size) else {
            return Ok(self.unknown_result("chunklist", values, span));
        };
        let chunks = items.chunks(size.max(1)).map(|chunk| Val::list(chunk.to_vec(), span));
        Ok(Val::list(chunks.collect(), span))
    }
}

fn is_hazy_keys(members: &[super::value::Entry]) -> bool {
    members
        .iter()
        .any(|member| crate::source::Placeholder::is_in(&member.key))
}

pub(super) const MOST_ELEMENTS: usize = 100_000;
const DEEPEST: usize = 32;
