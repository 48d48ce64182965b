//! Instances of resources and modules: `count`, `for_each`, and what stands for them where that is not known.

use std::rc::Rc;

use super::access::whole;
use super::eval::{Eval, Evaluator, Fault};
use super::expr::any_element;
use super::instance::{Env, Instance, Key, Repetition, ResourceRef};
use super::syntax::Block;
use super::value::{Data, Entry, Val};
use crate::source::Span;

impl Evaluator<'_> {
    /// Which instances a block makes.
    pub fn keys(&self, block: &Block, instance: &Rc<Instance>, name: &str) -> Result<Vec<Key>, Fault> {
        if let Some(count) = block.body.get("count") {
            let key = (instance.id, "count", name.into());
            let value = self.cached(key, count.span, || self.eval(count, Env::of(instance)))?;
            return self.counted(&value);
        }
        if block.body.get("for_each").is_some() {
            let collection = self.collection(block, instance, name)?;
            return self.keys_in(&collection);
        }
        Ok(vec![Key::Single])
    }

    /// The value of `for_each`.
    fn collection(&self, block: &Block, instance: &Rc<Instance>, name: &str) -> Eval {
        let Some(each) = block.body.get("for_each") else {
            return Ok(Val::null(block.head));
        };
        let key = (instance.id, "for_each", name.into());
        self.cached(key, each.span, || self.eval(each, Env::of(instance)))
    }

    fn counted(&self, value: &Val) -> Result<Vec<Key>, Fault> {
        let Some(count) = self.number(value)? else {
            let test = super::describe::short(format!("{} > 0", self.describe(value)));
            let there = self.decide(&test, value.span).unwrap_or(true);
            return Ok(if there { vec![Key::Any] } else { Vec::new() });
        };
        let count = whole(count).ok_or_else(|| Fault::new(value.span, "`count` is no number of instances"))?;
        if count > MOST_INSTANCES {
            return Err(Fault::limit(
                value.span,
                format!("`count` is more than {MOST_INSTANCES}"),
            ));
        }
        self.charge(count, value.span)?;
        Ok((0..count).map(Key::Index).collect())
    }

    fn keys_in(&self, collection: &Val) -> Result<Vec<Key>, Fault> {
        let span = collection.span;
        let keys: Vec<Key> = match &collection.data {
            Data::Unknown(name) => {
                let there = self.decide(&format!("length({name}) > 0"), span).unwrap_or(true);
                return Ok(if there { vec![Key::Any] } else { Vec::new() });
            }
            Data::Object(members) => members.iter().map(|member| Key::Text(member.key.clone())).collect(),
            Data::List(items) => {
                let text = |item: &Val| Ok(Key::Text(self.to_text(item)?.into()));
                items.iter().map(text).collect::<Result<_, Fault>>()?
            }
            Data::Null => Vec::new(),
            Data::Resource(_) | Data::Module(_) => {
                let elements = self.elements(collection)?;
                let text = |(key, _): &(Val, Val)| Ok(Key::Text(self.to_text(key)?.into()));
                elements.iter().map(text).collect::<Result<_, Fault>>()?
            }
            Data::Bool(_) | Data::Number(_) | Data::Text(_) => {
                return Err(Fault::new(
                    span,
                    format!("`for_each` is {}, not a map or a set", collection.kind()),
                ));
            }
        };
        if keys.len() > MOST_INSTANCES {
            return Err(Fault::limit(
                span,
                format!("`for_each` has more than {MOST_INSTANCES} elements"),
            ));
        }
        self.charge(keys.len(), span)?;
        Ok(keys)
    }

    /// What `each` and `count` are in one instance.
    pub fn repetition(
        &self,
        block: &Block,
        instance: &Rc<Instance>,
        name: &str,
        key: &Key,
    ) -> Result<Repetition, Fault> {
        let span = block.head;
        if let Some(count) = block.body.get("count") {
            return Ok(Repetition::Count(match key {
                Key::Index(index) => Val::count(*index, count.span),
                Key::Single | Key::Text(_) | Key::Any => {
                    let count = self.eval(count, Env::of(instance))?;
                    Val::unknown(format!("{}[*]", self.describe(&count)), count.span)
                }
            }));
        }
        if block.body.get("for_each").is_none() {
            return Ok(Repetition::None);
        }
        let collection = self.collection(block, instance, name)?;
        if let Data::Unknown(name) = &collection.data {
            let (key, value) = any_element(name, collection.span);
            return Ok(Repetition::Each { key, value });
        }
        let Key::Text(key) = key else {
            let name = self.describe(&collection);
            let (key, value) = any_element(&name, collection.span);
            return Ok(Repetition::Each { key, value });
        };
        let found = match &collection.data {
            Data::List(items) => items
                .iter()
                .find(|item| self.to_text(item).is_ok_and(|text| *text == **key))
                .cloned(),
            Data::Object(_) => collection.get(key).cloned(),
            Data::Resource(_) | Data::Module(_) => {
                let all = self.elements(&collection)?.into_iter();
                all.filter(|(name, _)| name.as_text() == Some(key))
                    .map(|(_, value)| value)
                    .next()
            }
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::Unknown(_) => None,
        };
        let value = found.ok_or_else(|| Fault::new(span, format!("`{key}` is not in `for_each`")))?;
        let key = Val::text(&**key, value.span);
        Ok(Repetition::Each { key, value })
    }

    /// Which instances a resource has; one that nobody declares is taken to be a single one.
    pub fn keys_of_resource(&self, resource: &ResourceRef, span: Span) -> Result<Vec<Key>, Fault> {
        match self.block_of(resource) {
            Some(block) => self.keys(block, &resource.instance, &resource.name.address()),
            None => {
                let _ = span;
                Ok(vec![Key::Any])
            }
        }
    }

    /// The block of a resource.
    pub fn block_of<'r>(&self, resource: &'r ResourceRef) -> Option<&'r Block> {
        let module = &resource.instance.module;
        let place = module.by_name.get(&resource.name)?;
        module.resources.get(*place).map(|resource| &resource.block)
    }

    /// Every instance of a resource; itself, where it is one.
    pub fn instances_of(&self, resource: &Rc<ResourceRef>, span: Span) -> Result<Vec<Val>, Fault> {
        if resource.key != Key::Single {
            return Ok(vec![Val::new(Data::Resource(resource.clone()), span)]);
        }
        let one = |key: Key| {
            let found = ResourceRef {
                key,
                ..(**resource).clone()
            };
            Val::new(Data::Resource(Rc::new(found)), span)
        };
        Ok(self.keys_of_resource(resource, span)?.into_iter().map(one).collect())
    }

    /// Instances with their keys.
    pub fn keyed(&self, all: Vec<Val>, span: Span) -> Vec<(Val, Val)> {
        let key = |value: &Val| {
            let key = match &value.data {
                Data::Resource(resource) => &resource.key,
                Data::Module(module) => &module.key,
                _ => &Key::Single,
            };
            match key {
                Key::Single => Val::count(0, span),
                Key::Index(index) => Val::count(*index, span),
                Key::Text(text) => Val::text(&**text, span),
                Key::Any => Val::unknown(format!("{}.key", self.describe(value)), span),
            }
        };
        all.into_iter().map(|value| (key(&value), value)).collect()
    }

    /// A map or a list of the instances, where a function asks for one.
    pub fn expanded(&self, value: &Val) -> Eval {
        let span = value.span;
        let all = match &value.data {
            Data::Resource(resource) if resource.key == Key::Single => self.instances_of(resource, span)?,
            Data::Module(module) if module.key == Key::Single => self.modules_of(module, span)?,
            _ => return Ok(value.clone()),
        };
        let keyed = self.keyed(all, span);
        let named = keyed
            .iter()
            .any(|(key, _)| key.as_text().is_some() || key.as_unknown().is_some());
        if !named {
            return Ok(Val::list(keyed.into_iter().map(|(_, value)| value).collect(), span));
        }
        let entry = |(key, value): (Val, Val)| Ok(Entry::new(self.to_text(&key)?, span, value));
        Ok(Val::object(
            keyed.into_iter().map(entry).collect::<Result<_, Fault>>()?,
            span,
        ))
    }
}

const MOST_INSTANCES: usize = 10_000;
