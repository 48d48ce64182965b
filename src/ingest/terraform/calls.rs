//! Calls of modules: their instances, sources and outputs.

use std::rc::Rc;

use super::eval::{Eval, Evaluator, Fault};
use super::instance::{Call, Env, Instance, Key, Module, ModuleRef, Repetition};
use super::syntax::Block;
use super::value::{Data, Val};
use crate::source::{Diagnostic, DiagnosticSeverity, Span};

impl Evaluator<'_> {
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
const MOST_MODULES: usize = 5_000;
const DEEPEST_MODULE: usize = 20;
