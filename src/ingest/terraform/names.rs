//! What names stand for: variables, locals, resources, modules, and the words that Terraform knows.

use std::rc::Rc;

use super::eval::{Eval, Evaluator, Fault};
use super::instance::{Env, Instance, Key, ModuleRef, Repetition, ResourceName, ResourceRef};
use super::syntax::Step;
use super::value::{Data, Val};
use crate::source::Span;

impl Evaluator<'_> {
    /// What a name with the steps behind it stands for, and the steps that are left.
    pub fn named<'s>(
        &self,
        name: &str,
        span: Span,
        steps: &'s [Step],
        env: Env<'_>,
    ) -> Result<(Val, &'s [Step]), Fault> {
        let mut bound = env.bound;
        while let Some(variable) = bound {
            if variable.name == name {
                return Ok((variable.value.clone(), steps));
            }
            bound = variable.next;
        }
        let mut rest = steps.iter();
        let mut next = |what: &str| match rest.next() {
            Some(Step::Attribute(name, _)) => Ok(&**name),
            Some(Step::Index(index)) => match index.as_literal() {
                // `var["name"]` is allowed where a name is.
                Some(_) | None => Err(Fault::new(
                    span,
                    format!("the name of a {what} is missing behind `{name}`"),
                )),
            },
            Some(Step::FullSplat | Step::AttributeSplat) | None => Err(Fault::new(
                span,
                format!("the name of a {what} is missing behind `{name}`"),
            )),
        };
        let path = &env.instance.path;
        let value = match name {
            "var" => self.variable(env.instance, next("variable")?, span)?,
            "local" => self.local(env.instance, next("local value")?, span)?,
            "module" => {
                let name = next("module")?;
                self.module(env.instance, name, span)?
            }
            "each" | "count" | "self" => {
                let word = next("word")?;
                self.repeated(name, word, span, env)?
            }
            "path" => Val::text(self.path(next("path")?, env.instance), span),
            "terraform" => match next("word")? {
                "workspace" => Val::text("default", span),
                other => Val::unknown(format!("terraform.{other}"), span),
            },
            "data" => {
                let kind = next("type")?.to_owned();
                let name = next("data source")?;
                self.resource(env.instance, true, &kind, name, span)?
            }
            "resource" => {
                let kind = next("type")?.to_owned();
                let name = next("resource")?;
                self.resource(env.instance, false, &kind, name, span)?
            }
            "ephemeral" | "action" => Val::unknown(format!("{path}{name}"), span),
            kind if kind.contains('_') && !steps.is_empty() => {
                let name = next("resource")?;
                self.resource(env.instance, false, kind, name, span)?
            }
            // A type without an underscore, such as that of a small provider.
            kind if steps.len() > 1 => {
                let name = next("resource")?;
                self.resource(env.instance, false, kind, name, span)?
            }
            _ => return Err(Fault::new(span, format!("nothing is called `{name}`"))),
        };
        Ok((value, rest.as_slice()))
    }

    fn repeated(&self, name: &str, word: &str, span: Span, env: Env<'_>) -> Eval {
        match (env.repetition, name, word) {
            (Repetition::Count(index), "count", "index") => Ok(index.clone()),
            (Repetition::Each { key, .. }, "each", "key") => Ok(key.clone()),
            (Repetition::Each { value, .. }, "each", "value") => Ok(value.clone()),
            (_, "self", _) => Ok(Val::unknown(format!("{}self.{word}", env.instance.path), span)),
            (Repetition::None | Repetition::Count(_) | Repetition::Each { .. }, _, _) => {
                Err(Fault::new(span, format!("there is no `{name}.{word}` here")))
            }
        }
    }

    /// `path.module` and the like.
    fn path(&self, word: &str, instance: &Rc<Instance>) -> String {
        match word {
            "module" => self.files.relative(&instance.module.directory),
            _ => ".".to_owned(),
        }
    }

    fn local(&self, instance: &Rc<Instance>, name: &str, span: Span) -> Eval {
        let Some(expr) = instance.module.locals.get(name) else {
            return Ok(Val::unknown(format!("{}local.{name}", instance.path), span));
        };
        let key = (instance.id, "local", name.into());
        self.cached(key, span, || self.eval(expr, Env::of(instance)))
    }

    /// The value of a variable: given from outside, by the call, or by its default; what nobody says is not known.
    pub fn variable(&self, instance: &Rc<Instance>, name: &str, span: Span) -> Eval {
        let key = (instance.id, "var", name.into());
        self.cached(key, span, || self.variable_here(instance, name, span))
    }

    fn variable_here(&self, instance: &Rc<Instance>, name: &str, span: Span) -> Eval {
        let block = instance.module.variables.get(name);
        let kind = block.and_then(|block| block.body.get("type"));
        let given = match &instance.call {
            None => self.given.get(name).cloned().map(Ok),
            Some(call) => {
                let block = call.parent.module.calls.get(&call.name);
                block.and_then(|block| block.body.get(name)).map(|expr| {
                    self.with_repetition_of_call(call, |repetition| {
                        let env = Env {
                            instance: &call.parent,
                            repetition,
                            bound: None,
                        };
                        self.eval(expr, env)
                    })
                })
            }
        };
        let default = || {
            let default = block.and_then(|block| block.body.get("default"));
            default.map(|expr| self.eval(expr, Env::of(instance)))
        };
        let nullable = block
            .and_then(|block| block.body.get("nullable"))
            .is_none_or(|nullable| !matches!(nullable.kind, super::syntax::ExprKind::Bool(false)));
        let value = match given {
            Some(Ok(value)) if value.is_null() && !nullable => default().unwrap_or(Ok(value))?,
            Some(value) => value?,
            None => match default() {
                Some(value) => value?,
                None => return Ok(Val::unknown(format!("{}var.{name}", instance.path), span)),
            },
        };
        match kind {
            Some(kind) => self.convert(value, kind),
            None => Ok(value),
        }
    }

    fn resource(&self, instance: &Rc<Instance>, is_data: bool, kind: &str, name: &str, span: Span) -> Eval {
        let name = ResourceName {
            is_data,
            kind: kind.into(),
            name: name.into(),
        };
        let found = ResourceRef {
            instance: instance.clone(),
            name,
            key: Key::Single,
        };
        Ok(Val::new(Data::Resource(Rc::new(found)), span))
    }

    fn module(&self, instance: &Rc<Instance>, name: &str, span: Span) -> Eval {
        let found = ModuleRef {
            parent: instance.clone(),
            name: name.into(),
            key: Key::Single,
        };
        Ok(Val::new(Data::Module(Rc::new(found)), span))
    }
}

impl<'e> Env<'e> {
    /// The outermost place of an instance.
    pub fn of(instance: &'e Rc<Instance>) -> Self {
        Self {
            instance,
            repetition: &Repetition::None,
            bound: None,
        }
    }
}
