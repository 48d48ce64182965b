//! Types of variables: what values are turned into.

use super::eval::{Eval, Evaluator, Fault};
use super::instance::{Env, Instance, Module};
use super::syntax::{Expr, ExprKind};
use super::value::{Data, Entry, Val};
use std::rc::Rc;

impl Evaluator<'_> {
    /// A value as one of the type that an expression names.
    pub fn convert(&self, value: Val, kind: &Expr) -> Eval {
        self.deeper(kind.span, || self.convert_here(value, kind))
    }

    fn convert_here(&self, value: Val, kind: &Expr) -> Eval {
        if value.is_null() || value.as_unknown().is_some() {
            return Ok(value);
        }
        let span = value.span;
        match &kind.kind {
            ExprKind::Name(name) => match &**name {
                "string" => self.as_string(value),
                "number" => match self.number(&value)? {
                    Some(number) => Ok(Val::number(number, span)),
                    None => Ok(value),
                },
                "bool" => self.as_bool(value),
                // `list` and `map` alone are lists and maps of anything.
                _ => Ok(value),
            },
            // In JSON a type is text.
            ExprKind::Template(_) => match kind.as_literal() {
                Some(text) => {
                    let text = crate::source::Text::new(kind.span.file, &text);
                    match super::parse::parse_expr(&text) {
                        Ok(parsed) if !matches!(parsed.kind, ExprKind::Template(_)) => self.convert(value, &parsed),
                        Ok(_) | Err(_) => Ok(value),
                    }
                }
                None => Ok(value),
            },
            ExprKind::Call { name, arguments, .. } => {
                let inner = arguments.first();
                match (&**name, inner) {
                    ("list", Some(inner)) => self.convert_items(value, inner, false),
                    ("set", Some(inner)) => self.convert_items(value, inner, true),
                    ("map", Some(inner)) => self.convert_members(value, inner),
                    ("object", Some(inner)) => self.convert_object(value, inner),
                    ("optional", Some(inner)) => self.convert(value, inner),
                    ("tuple", Some(inner)) => self.convert_tuple(value, inner),
                    _ => Ok(value),
                }
            }
            _ => Ok(value),
        }
    }

    /// A single value as text, with its inside if it is one already.
    pub fn as_string(&self, value: Val) -> Eval {
        match &value.data {
            Data::Text(_) | Data::Null | Data::Unknown(_) | Data::Resource(_) | Data::Module(_) => Ok(value),
            Data::Number(_) | Data::Bool(_) | Data::List(_) | Data::Object(_) => {
                Ok(Val::text(self.to_text(&value)?, value.span))
            }
        }
    }

    pub fn as_bool(&self, value: Val) -> Eval {
        match value.as_text() {
            Some("true") => Ok(Val::bool(true, value.span)),
            Some("false") => Ok(Val::bool(false, value.span)),
            Some(_) if value.as_text().is_some_and(crate::source::Placeholder::is_in) => Ok(value),
            Some(_) => Err(Fault::new(value.span, "this is a string, neither true nor false")),
            None => Ok(value),
        }
    }

    fn convert_items(&self, value: Val, inner: &Expr, is_set: bool) -> Eval {
        let span = value.span;
        let items = match &value.data {
            Data::List(items) => items
                .iter()
                .map(|item| self.convert(item.clone(), inner))
                .collect::<Result<Vec<_>, _>>()?,
            _ => return Ok(value),
        };
        if is_set {
            self.set_of(items, span)
        } else {
            Ok(Val::list(items, span))
        }
    }

    fn convert_members(&self, value: Val, inner: &Expr) -> Eval {
        let Data::Object(members) = &value.data else {
            return Ok(value);
        };
        let convert = |member: &Entry| {
            let value = self.convert(member.value.clone(), inner)?;
            Ok(Entry::new(member.key.clone(), member.key_span, value))
        };
        let members = members.iter().map(convert).collect::<Result<_, Fault>>()?;
        Ok(Val::object(members, value.span))
    }

    fn convert_tuple(&self, value: Val, inner: &Expr) -> Eval {
        let (Data::List(items), ExprKind::List(kinds)) = (&value.data, &inner.kind) else {
            return Ok(value);
        };
        let items = items
            .iter()
            .zip(kinds)
            .map(|(item, kind)| self.convert(item.clone(), kind));
        Ok(Val::list(items.collect::<Result<_, _>>()?, value.span))
    }

    /// An object with the attributes that its type has: optional ones that are missing get their defaults.
    fn convert_object(&self, value: Val, inner: &Expr) -> Eval {
        let (Data::Object(_), ExprKind::Object(kinds)) = (&value.data, &inner.kind) else {
            return Ok(value);
        };
        let mut members = Vec::with_capacity(kinds.len());
        for (key, kind) in kinds {
            let Some(name) = key.as_literal() else {
                continue;
            };
            let given = value.get(&name).filter(|given| !given.is_null());
            let optional = match &kind.kind {
                ExprKind::Call { name, arguments, .. } if &**name == "optional" => Some(arguments),
                _ => None,
            };
            let found = match (given, optional) {
                (Some(given), _) => self.convert(given.clone(), kind)?,
                (None, Some(arguments)) => match arguments.get(1) {
                    Some(default) => {
                        let nowhere = nowhere();
                        let default = self.eval(default, Env::of(&nowhere))?;
                        self.convert(default, kind)?
                    }
                    None => Val::null(value.span),
                },
                (None, None) => Val::null(value.span),
            };
            members.push(Entry::new(name, key.span, found));
        }
        Ok(Val::object(members, value.span))
    }

    /// A set: sorted, and nothing twice.
    pub fn set_of(&self, items: Vec<Val>, span: crate::source::Span) -> Eval {
        self.charge(items.len(), span)?;
        let mut keyed: Vec<(String, Val)> = Vec::with_capacity(items.len());
        for item in items {
            let key = match &item.data {
                Data::Number(number) => format!("{:032}", number.to_bits()),
                _ => super::node::encode(self, &item).unwrap_or_else(|_| self.describe(&item)),
            };
            keyed.push((key, item));
        }
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        keyed.dedup_by(|(a, _), (b, _)| a == b);
        Ok(Val::list(keyed.into_iter().map(|(_, item)| item).collect(), span))
    }
}

/// Where defaults in types are evaluated: nothing has a name there.
fn nowhere() -> Rc<Instance> {
    Rc::new(Instance {
        id: usize::MAX,
        module: Rc::new(Module::default()),
        path: "".into(),
        call: None,
        depth: 0,
    })
}
