//! Expressions.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::access::step;
use super::eval::{Eval, Evaluator, Fault};
use super::instance::Env;
use super::syntax::{Expr, ExprKind, For, Operator, Step};
use super::value::{Data, Entry, Val};
use crate::source::Span;

impl Evaluator<'_> {
    /// The value of an expression.
    pub fn eval(&self, expr: &Expr, env: Env<'_>) -> Eval {
        self.deeper(expr.span, || self.kind(expr, env))
    }

    fn kind(&self, expr: &Expr, env: Env<'_>) -> Eval {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Null => Ok(Val::null(span)),
            ExprKind::Bool(value) => Ok(Val::bool(*value, span)),
            ExprKind::Number(value) => Ok(Val::number(*value, span)),
            ExprKind::Template(pieces) => self.template(pieces, span, env),
            ExprKind::List(items) => {
                let items: Result<Vec<Val>, Fault> = items.iter().map(|item| self.eval(item, env)).collect();
                Ok(Val::list(items?, span))
            }
            ExprKind::Object(members) => self.object(members, span, env),
            ExprKind::Name(_) => self.root(expr, &[], env),
            ExprKind::Access(root, steps) => self.root(root, steps, env),
            ExprKind::Conditional(parts) => self.conditional(parts, span, env),
            ExprKind::Call {
                name,
                arguments,
                expand,
            } => self.call(name, arguments, *expand, span, env),
            ExprKind::Not(inner) => self.not(self.eval(inner, env)?, span),
            ExprKind::Negative(inner) => {
                let value = self.eval(inner, env)?;
                match self.number(&value)? {
                    Some(number) => Ok(Val::number(-number, span)),
                    None => Ok(Val::unknown(format!("-{}", self.describe(&value)), span)),
                }
            }
            ExprKind::Binary(operator, sides) => self.binary(*operator, sides, span, env),
            ExprKind::For(each) => self.each(each, span, env),
            ExprKind::Unsupported(what) => Err(Fault::new(span, format!("{what} is not understood"))),
        }
    }

    fn object(&self, members: &[(Expr, Expr)], span: Span, env: Env<'_>) -> Eval {
        let mut entries = Vec::with_capacity(members.len());
        for (key, value) in members {
            let name = self.eval(key, env)?;
            let name = self.to_text(&name)?;
            entries.push(Entry::new(name, key.span, self.eval(value, env)?));
        }
        Ok(Val::object(entries, span))
    }

    /// A name or a way into a value.
    fn root(&self, root: &Expr, steps: &[Step], env: Env<'_>) -> Eval {
        let (value, rest) = match &root.kind {
            ExprKind::Name(name) => self.named(name, root.span, steps, env)?,
            _ => (self.eval(root, env)?, steps),
        };
        self.steps(value, rest, env)
    }

    /// Goes into a value step by step.
    pub fn steps(&self, mut value: Val, steps: &[Step], env: Env<'_>) -> Eval {
        for (place, one) in steps.iter().enumerate() {
            let rest = steps.get(place + 1..).unwrap_or_default();
            match one {
                Step::FullSplat => return self.splat(value, rest, &[], env),
                Step::AttributeSplat => {
                    let attributes = rest
                        .iter()
                        .take_while(|next| matches!(next, Step::Attribute(..)))
                        .count();
                    let (each, after) = rest.split_at_checked(attributes).unwrap_or((rest, &[]));
                    return self.splat(value, each, after, env);
                }
                Step::Attribute(..) | Step::Index(_) => value = step(self, value, one, env)?,
            }
        }
        Ok(value)
    }

    fn splat(&self, value: Val, each: &[Step], after: &[Step], env: Env<'_>) -> Eval {
        let span = value.span;
        let items = match &value.data {
            Data::Null => Vec::new(),
            Data::List(items) => items.to_vec(),
            Data::Unknown(name) => vec![Val::unknown(format!("{name}[*]"), span)],
            Data::Resource(resource) => self.instances_of(resource, span)?,
            Data::Module(module) => self.modules_of(module, span)?,
            Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::Object(_) => vec![value.clone()],
        };
        let items: Result<Vec<Val>, Fault> = items.into_iter().map(|item| self.steps(item, each, env)).collect();
        self.steps(Val::list(items?, span), after, env)
    }

    fn conditional(&self, parts: &[Expr; 3], span: Span, env: Env<'_>) -> Eval {
        let [condition, then, otherwise] = parts;
        let test = self.eval(condition, env)?;
        match self.truth(&test, condition.span)? {
            Ok(true) => self.eval(then, env),
            Ok(false) => self.eval(otherwise, env),
            Err(name) => {
                let (first, second) = (self.eval(then, env), self.eval(otherwise, env));
                match (first, second) {
                    (Ok(first), Ok(second)) => {
                        if self.equal(&first, &second, span)? == Some(true) {
                            return Ok(first);
                        }
                        let name = format!("{name} ? {} : {}", self.describe(&first), self.describe(&second));
                        Ok(Val::unknown(super::describe::short(name), span))
                    }
                    (Ok(value), Err(_)) | (Err(_), Ok(value)) => Ok(value),
                    (Err(fault), Err(_)) => Err(fault),
                }
            }
        }
    }

    /// The outcome of a test; its name where it is not known and stays open.
    pub fn truth(&self, value: &Val, span: Span) -> Result<Result<bool, Rc<str>>, Fault> {
        match &value.data {
            Data::Bool(value) => Ok(Ok(*value)),
            Data::Unknown(name) => Ok(self.decide(name, span).ok_or_else(|| name.clone())),
            Data::Text(text) if &*text.text == "true" => Ok(Ok(true)),
            Data::Text(text) if &*text.text == "false" => Ok(Ok(false)),
            Data::Null | Data::Number(_) | Data::Text(_) | Data::List(_) | Data::Object(_) => Err(Fault::new(
                span,
                format!("a test is {}, not true or false", value.kind()),
            )),
            Data::Resource(_) | Data::Module(_) => {
                let name = self.describe(value);
                Ok(self.decide(&name, span).ok_or_else(|| name.into()))
            }
        }
    }

    fn not(&self, value: Val, span: Span) -> Eval {
        if let Some(name) = value.as_unknown() {
            let name = name.strip_prefix('!').map_or_else(|| format!("!{name}"), str::to_owned);
            return Ok(Val::unknown(name, span));
        }
        match self.truth(&value, span)? {
            Ok(truth) => Ok(Val::bool(!truth, span)),
            Err(name) => Ok(Val::unknown(format!("!{name}"), span)),
        }
    }

    fn binary(&self, operator: Operator, sides: &[Expr; 2], span: Span, env: Env<'_>) -> Eval {
        let [left, right] = sides;
        let first = self.eval(left, env)?;
        let short = match operator {
            Operator::And => Some(false),
            Operator::Or => Some(true),
            _ => None,
        };
        if let Some(settles) = short {
            let first = self.truth(&first, left.span)?;
            if first == Ok(settles) {
                return Ok(Val::bool(settles, span));
            }
            let second = self.eval(right, env)?;
            return Ok(match (first, self.truth(&second, right.span)?) {
                (_, Ok(second)) if second == settles => Val::bool(settles, span),
                (Ok(_), Ok(second)) => Val::bool(second, span),
                (Err(name), Ok(_)) | (Ok(_), Err(name)) => Val::unknown(name, span),
                (Err(first), Err(second)) => {
                    let sign = if settles { "||" } else { "&&" };
                    Val::unknown(super::describe::short(format!("({first} {sign} {second})")), span)
                }
            });
        }
        let second = self.eval(right, env)?;
        self.operate(operator, &first, &second, span)
    }

    fn each(&self, each: &For, span: Span, env: Env<'_>) -> Eval {
        let collection = self.eval(&each.collection, env)?;
        let mut items = Vec::new();
        let mut entries: Vec<Entry> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let elements = self.elements(&collection)?;
        let few = elements.len() <= 2;
        for (key, value) in elements {
            let bound_key = env.bind(each.key_name.as_deref().unwrap_or_default(), key);
            let env = env.within(&bound_key);
            let bound = env.bind(&each.value_name, value);
            let env = env.within(&bound);
            if let Some(condition) = &each.condition {
                let test = self.eval(condition, env)?;
                // Where it stays open, the element counts: one too many is the careful answer. Of many elements each would
                // make scenarios of its own.
                let outcome = if few {
                    self.truth(&test, condition.span)?
                } else {
                    self.without_branching(|| self.truth(&test, condition.span))?
                };
                if outcome == Ok(false) {
                    continue;
                }
            }
            let value = self.eval(&each.value, env)?;
            let Some(key) = &each.key else {
                items.push(value);
                continue;
            };
            let name = self.eval(key, env)?;
            let name = self.to_text(&name)?;
            let place = places.get(&name).copied();
            match place.and_then(|place| entries.get_mut(place)) {
                Some(entry) if each.grouping => {
                    if let Data::List(group) = &mut entry.value.data {
                        Rc::make_mut(group).push(value);
                    }
                }
                Some(entry) => entry.value = value,
                None => {
                    let value = if each.grouping {
                        let span = value.span;
                        Val::list(vec![value], span)
                    } else {
                        value
                    };
                    places.insert(name.clone(), entries.len());
                    entries.push(Entry::new(name, key.span, value));
                }
            }
        }
        Ok(if each.key.is_some() {
            Val::object(entries, span)
        } else {
            Val::list(items, span)
        })
    }

    /// What a `for` goes over: keys with values.
    ///
    /// Of what is not known one element stands for all.
    pub fn elements(&self, collection: &Val) -> Result<Vec<(Val, Val)>, Fault> {
        let span = collection.span;
        let elements: Vec<(Val, Val)> = match &collection.data {
            Data::List(items) => {
                let items = items.iter().enumerate();
                items
                    .map(|(index, item)| (Val::count(index, item.span), item.clone()))
                    .collect()
            }
            Data::Object(members) => {
                let members = members.iter();
                members
                    .map(|entry| (Val::text(&*entry.key, entry.key_span), entry.value.clone()))
                    .collect()
            }
            Data::Unknown(name) => vec![any_element(name, span)],
            Data::Resource(resource) => {
                let all = self.instances_of(resource, span)?;
                self.keyed(all, span)
            }
            Data::Module(module) => {
                let all = self.modules_of(module, span)?;
                self.keyed(all, span)
            }
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {
                return Err(Fault::new(
                    span,
                    format!("this is {}: nothing to go over", collection.kind()),
                ));
            }
        };
        self.charge(elements.len(), span)?;
        Ok(elements)
    }
}

/// One element that stands for all of something that is not known, with its key.
pub(super) fn any_element(name: &str, span: Span) -> (Val, Val) {
    let inner = name.strip_prefix("toset(").and_then(|rest| rest.strip_suffix(')'));
    match inner {
        Some(set) => {
            let element = Val::unknown(format!("{set}[*]"), span);
            (element.clone(), element)
        }
        None => (
            Val::unknown(format!("{name}[*].key"), span),
            Val::unknown(format!("{name}[*]"), span),
        ),
    }
}
