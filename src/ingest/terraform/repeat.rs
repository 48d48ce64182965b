//! Instances of resources and modules: `count`, `for_each`, and what stands for them where that is not known.

use std::rc::Rc;

use super::access::whole;
use super::eval::{Eval, Evaluator, Fault};
use super::expr::any_element;
use super::instance::{Call, Env, Instance, Key, Module, ModuleRef, Repetition, ResourceRef};
use super::syntax::Block;
use super::value::{Data, Entry, Val};
use crate::source::{Diagnostic, DiagnosticSeverity, Span};

impl Evaluator<'_> {
    /// Which instances a block makes.
    fn keys(&self, block: &Block, instance: &Rc<Instance>, name: &str) -> Result<Vec<Key>, Fault> {
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

    /// Which instances a call of a module has.
    pub fn keys_of_module(&self, module: &ModuleRef, span: Span) -> Result<Vec<Key>, Fault> {
        match module.parent.module.calls.get(&module.name) {
            Some(block) => self.keys(block, &module.parent, &format!("module.{}", module.name)),
            None => Err(Fault::new(span, format!("no module is called `{}`", module.name))),
        }
    }

    /// Every instance of a module; itself, where it is one.
    pub fn modules_of(&self, module: &Rc<ModuleRef>, span: Span) -> Result<Vec<Val>, Fault> {
        if module.key != Key::Single {
            return Ok(vec![Val::new(Data::Module(module.clone()), span)]);
        }
        let one = |key: Key| {
            let found = ModuleRef {
                key,
                ..(**module).clone()
            };
            Val::new(Data::Module(Rc::new(found)), span)
        };
        Ok(self.keys_of_module(module, span)?.into_iter().map(one).collect())
    }

    /// Does something with what `each` and `count` are in a call of a module.
    pub fn with_repetition_of_call(&self, call: &Call, then: impl FnOnce(&Repetition) -> Eval) -> Eval {
        let Some(block) = call.parent.module.calls.get(&call.name) else {
            return then(&Repetition::None);
        };
        let name = format!("module.{}", call.name);
        let repetition = self.repetition(block, &call.parent, &name, &call.key)?;
        then(&repetition)
    }

    /// An output of a module.
    pub fn output(&self, module: &Rc<ModuleRef>, name: &str, span: Span) -> Eval {
        let unknown = || Val::unknown(format!("{}.{name}", module.address()), span);
        let mut key = module.key.clone();
        if key == Key::Single {
            // Where all instances are meant, there are no outputs to ask for.
            match self.keys_of_module(module, span)?.as_slice() {
                [only @ (Key::Single | Key::Any)] => key = only.clone(),
                _ => {
                    return Err(Fault::new(
                        span,
                        format!("`{}` has several instances", module.address()),
                    ));
                }
            }
        }
        let Some(instance) = self.instance(&module.parent, &module.name, &key)? else {
            return Ok(unknown());
        };
        let Some(expr) = instance.module.outputs.get(name) else {
            return Err(Fault::new(
                span,
                format!("`{}` has no output `{name}`", module.address()),
            ));
        };
        let cache = (instance.id, "output", name.into());
        self.cached(cache, span, || self.eval(expr, Env::of(&instance)))
    }

    /// The instance of a module that a call makes; none where its source is not here.
    pub fn instance(&self, parent: &Rc<Instance>, name: &str, key: &Key) -> Result<Option<Rc<Instance>>, Fault> {
        let Some(block) = parent.module.calls.get(name) else {
            return Ok(None);
        };
        let path: Box<str> = format!("{}module.{name}{}.", parent.path, key.suffix()).into();
        if let Some(known) = self.state.borrow().instances.get(&path) {
            return Ok(Some(known.clone()));
        }
        if parent.depth >= DEEPEST_MODULE {
            let message = format!("modules call one another more than {DEEPEST_MODULE} levels deep");
            return Err(Fault::limit(block.head, message));
        }
        let Some(module) = self.source(parent, block)? else {
            return Ok(None);
        };
        let mut state = self.state.borrow_mut();
        let id = state.instances.len() + 1;
        if id > MOST_MODULES {
            return Err(Fault::limit(
                block.head,
                format!("there are more than {MOST_MODULES} instances of modules"),
            ));
        }
        let instance = Rc::new(Instance {
            id,
            module,
            path: path.clone(),
            call: Some(Call {
                parent: parent.clone(),
                name: name.into(),
                key: key.clone(),
            }),
            depth: parent.depth + 1,
        });
        state.instances.insert(path, instance.clone());
        Ok(Some(instance))
    }

    /// The module that a call names, if its files are here.
    fn source(&self, parent: &Rc<Instance>, block: &Block) -> Result<Option<Rc<Module>>, Fault> {
        let name = block.labels.first().map(|name| &**name).unwrap_or_default();
        let source = block.body.get("source").and_then(super::syntax::Expr::as_literal);
        let Some(source) = source else {
            return Err(Fault::new(block.head, format!("the module `{name}` has no source")));
        };
        let local = source.starts_with("./") || source.starts_with("../");
        let directory = if local {
            self.files.join(&parent.module.directory, &source)
        } else {
            let path = format!("{}{name}", module_key(&parent.path));
            self.files.installed(&path)
        };
        let module = match directory {
            Some(directory) => self.load(&directory),
            None => None,
        };
        if module.is_none() {
            let message = format!("the module `{name}` is not here: what it makes and gives is not known");
            let help = if local {
                "name a directory that holds both it and this one, or run in such a directory"
            } else {
                "run `terraform init` first and name the directory, or read the plan as JSON"
            };
            // What could make buckets or roles that nobody sees here is an answer lost.
            let heard = format!("{source} {name}").to_lowercase();
            let severity = if HINTS.iter().any(|hint| heard.contains(hint)) {
                DiagnosticSeverity::Warning
            } else {
                DiagnosticSeverity::Note
            };
            let said = Diagnostic::new(severity, MODULE_NOT_HERE, message);
            self.say(said.at(block.head).with_help(help));
        }
        Ok(module)
    }
}

/// The key under which Terraform lists modules: `a.b.` for `module.a[0].module.b.`.
fn module_key(path: &str) -> String {
    let mut key = String::new();
    for part in path.split("module.").skip(1) {
        let name = part.split(['[', '.']).next().unwrap_or_default();
        key.push_str(name);
        key.push('.');
    }
    key
}

impl ModuleRef {
    /// The whole address: `module.a.module.b["k"]`.
    pub fn address(&self) -> String {
        format!("{}module.{}{}", self.parent.path, self.name, self.key.suffix())
    }
}

/// The code of what is said about a module whose files are not there.
pub(super) const MODULE_NOT_HERE: &str = "bucketproof::ingest::module_not_here";
/// Words in the names of modules that make buckets or roles.
const HINTS: &[&str] = &[
    "s3",
    "bucket",
    "iam",
    "role",
    "oidc",
    "irsa",
    "storage",
    "website",
    "cloudtrail",
    "logs",
];
const MOST_INSTANCES: usize = 10_000;
const MOST_MODULES: usize = 5_000;
const DEEPEST_MODULE: usize = 20;
