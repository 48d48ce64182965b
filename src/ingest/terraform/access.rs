//! Steps into values.

use std::rc::Rc;

use super::eval::{Eval, Evaluator, Fault};
use super::instance::{Env, Key, ModuleRef, ResourceRef};
use super::syntax::Step;
use super::value::{Data, Val, number_text};
use crate::source::{Placeholder, Span};

/// One attribute or element of a value.
pub(super) fn step(evaluator: &Evaluator<'_>, value: Val, step: &Step, env: Env<'_>) -> Eval {
    match step {
        Step::Attribute(name, span) => evaluator.attribute(&value, name, *span),
        Step::Index(index) => {
            let key = evaluator.eval(index, env)?;
            evaluator.index(&value, &key, index.span)
        }
        Step::FullSplat | Step::AttributeSplat => Ok(value),
    }
}

impl Evaluator<'_> {
    /// `value.name`.
    pub fn attribute(&self, value: &Val, name: &str, span: Span) -> Eval {
        match &value.data {
            Data::Object(members) => match value.get(name) {
                Some(found) => Ok(found.clone()),
                None if members.iter().any(|member| Placeholder::is_in(&member.key)) => {
                    Ok(Val::unknown(format!("{}.{name}", self.describe(value)), span))
                }
                None => Err(Fault::new(span, format!("there is no `{name}` in this object"))),
            },
            Data::Unknown(of) => Ok(Val::unknown(format!("{of}.{name}"), span)),
            Data::Resource(resource) => self.of_resource(resource, name, span),
            Data::Module(module) => self.output(module, name, span),
            Data::List(_) if name.parse::<usize>().is_ok() => {
                let index = name.parse().unwrap_or_default();
                self.index(value, &Val::number(index, span), span)
            }
            // Old Terraform took an attribute of the only element.
            Data::List(items) if items.len() == 1 => items
                .first()
                .map_or_else(|| Ok(Val::null(span)), |item| self.attribute(item, name, span)),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::List(_) => Err(Fault::new(
                span,
                format!("this is {}, and has no `{name}`", value.kind()),
            )),
        }
    }

    /// `value[key]`.
    pub fn index(&self, value: &Val, key: &Val, span: Span) -> Eval {
        let unknown = || {
            let name = format!("{}[{}]", self.describe(value), self.describe(key));
            Val::unknown(super::describe::short(name), span)
        };
        match (&value.data, &key.data) {
            (Data::Resource(resource), _) => self.index_resource(resource, key, span),
            (Data::Module(module), _) => self.index_module(module, key, span),
            (Data::Unknown(name), Data::Number(index)) => {
                Ok(Val::unknown(format!("{name}[{}]", number_text(*index)), span))
            }
            (Data::Unknown(name), Data::Text(key)) if !Placeholder::is_in(&key.text) => {
                Ok(Val::unknown(format!("{name}[{}]", key.text), span))
            }
            (Data::Unknown(_), _) => Ok(unknown()),
            (Data::List(items), _) => match self.number(key)? {
                None => Ok(match items.as_slice() {
                    [only] => only.clone(),
                    _ => unknown(),
                }),
                Some(index) => {
                    let found = whole(index).and_then(|index| items.get(index));
                    found.cloned().ok_or_else(|| {
                        Fault::new(span, format!("there is no element {} in this list", number_text(index)))
                    })
                }
            },
            (Data::Object(members), _) => {
                let name = self.to_text(key)?;
                match value.get(&name) {
                    Some(found) => Ok(found.clone()),
                    None if Placeholder::is_in(&name)
                        || members.iter().any(|member| Placeholder::is_in(&member.key)) =>
                    {
                        Ok(unknown())
                    }
                    None => Err(Fault::new(span, format!("there is no `{name}` in this object"))),
                }
            }
            (Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_), _) => Err(Fault::new(
                span,
                format!("this is {}, and has no elements", value.kind()),
            )),
        }
    }

    fn index_resource(&self, resource: &Rc<ResourceRef>, key: &Val, span: Span) -> Eval {
        let found = |key: Key| {
            let found = ResourceRef {
                key,
                ..(**resource).clone()
            };
            Ok(Val::new(Data::Resource(Rc::new(found)), span))
        };
        let all = self.keys_of_resource(resource, span)?;
        let address = resource.address();
        match self.pick(&all, key, &address, span)? {
            Some(key) => found(key),
            None => Ok(Val::unknown(format!("{address}[{}]", self.describe(key)), span)),
        }
    }

    fn index_module(&self, module: &Rc<ModuleRef>, key: &Val, span: Span) -> Eval {
        let all = self.keys_of_module(module, span)?;
        let address = module.address();
        match self.pick(&all, key, &address, span)? {
            Some(key) => {
                let found = ModuleRef {
                    key,
                    ..(**module).clone()
                };
                Ok(Val::new(Data::Module(Rc::new(found)), span))
            }
            None => Ok(Val::unknown(format!("{address}[{}]", self.describe(key)), span)),
        }
    }

    /// Which of the instances a key speaks of; none where nobody knows.
    fn pick(&self, all: &[Key], key: &Val, address: &str, span: Span) -> Result<Option<Key>, Fault> {
        if let [only @ (Key::Any | Key::Single)] = all {
            return Ok(Some(only.clone()));
        }
        let wanted = match &key.data {
            Data::Number(index) => whole(*index).map(Key::Index),
            Data::Text(text) => Some(Key::Text((*text.text).into())),
            Data::Unknown(name) => Some(Key::Text(self.placeholder(name, span).into())),
            Data::Null | Data::Bool(_) | Data::List(_) | Data::Object(_) | Data::Resource(_) | Data::Module(_) => None,
        };
        let found = wanted.and_then(|wanted| all.iter().find(|key| **key == wanted));
        let hazy = key.as_unknown().is_some() || key.as_text().is_some_and(Placeholder::is_in);
        match (found, all) {
            (Some(found), _) => Ok(Some(found.clone())),
            (None, [only]) if hazy => Ok(Some(only.clone())),
            (None, _) if hazy => Ok(None),
            (None, _) => Err(Fault::new(
                span,
                format!("there is no `{}` of `{address}`", self.describe(key)),
            )),
        }
    }
}

/// A number that counts something.
pub(super) fn whole(number: f64) -> Option<usize> {
    let counts = number >= 0.0 && number.fract() == 0.0 && number < 4_294_967_296.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked in the line above"
    )]
    counts.then_some(number as usize)
}
