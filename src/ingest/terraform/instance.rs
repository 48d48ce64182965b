//! Modules as they are written, and their instances.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::syntax::{Block, Expr};
use super::value::Val;
use crate::model::When;
use crate::source::Span;

/// What the files of one directory say.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Its directory, as it is shown.
    pub directory: Box<str>,
    pub variables: BTreeMap<Box<str>, Block>,
    pub locals: BTreeMap<Box<str>, Expr>,
    pub resources: Vec<Resource>,
    /// Places in `resources`, by what Terraform calls them.
    pub by_name: BTreeMap<ResourceName, usize>,
    pub calls: BTreeMap<Box<str>, Block>,
    pub outputs: BTreeMap<Box<str>, Expr>,
    /// The Region of the provider `aws` that has no alias.
    pub region: Option<Expr>,
}

/// A resource or data source of a module.
#[derive(Debug)]
pub(super) struct Resource {
    pub name: ResourceName,
    pub block: Block,
}

/// What a resource is called in its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ResourceName {
    pub is_data: bool,
    pub kind: Box<str>,
    pub name: Box<str>,
}

/// One instance of a module: the root, or a call with its key.
#[derive(Debug)]
pub(super) struct Instance {
    /// Its place among all instances.
    pub id: usize,
    pub module: Rc<Module>,
    /// Its address with a full stop behind it, such as `module.logs["eu"].`; empty for the root.
    pub path: Box<str>,
    /// How it was called; none for the root.
    pub call: Option<Call>,
    /// How many calls lead to it.
    pub depth: usize,
}

/// A call of a module.
#[derive(Debug)]
pub(super) struct Call {
    pub parent: Rc<Instance>,
    pub name: Box<str>,
    pub key: Key,
}

/// Which of its instances a resource or module is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    /// There is but one.
    Single,
    /// `count`.
    Index(usize),
    /// `for_each`.
    Text(Rc<str>),
    /// How many there are is not known: one stands for all.
    Any,
}

/// A resource that is spoken of: one instance of it, or all.
#[derive(Clone, Debug)]
pub(super) struct ResourceRef {
    pub instance: Rc<Instance>,
    pub name: ResourceName,
    pub key: Key,
}

/// A module that is spoken of.
#[derive(Clone, Debug)]
pub(super) struct ModuleRef {
    pub parent: Rc<Instance>,
    pub name: Box<str>,
    pub key: Key,
}

/// What `each` and `count` are in an instance.
#[derive(Clone, Debug)]
pub(super) enum Repetition {
    None,
    Count(Val),
    Each { key: Val, value: Val },
}

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub(super) struct Env<'e> {
    pub instance: &'e Rc<Instance>,
    pub repetition: &'e Repetition,
    pub bound: Option<&'e Bound<'e>>,
}

/// A variable of a `for`, a dynamic block or a template.
pub(super) struct Bound<'e> {
    pub name: &'e str,
    pub value: Val,
    pub next: Option<&'e Bound<'e>>,
}

/// A resource that a root declares, evaluated.
#[derive(Debug)]
pub(super) struct Evaluated {
    pub kind: Box<str>,
    pub address: Box<str>,
    pub properties: crate::source::Node,
    pub when: Vec<When>,
    /// Whether it is made by what is read, and not there already.
    pub is_new: bool,
    pub span: Span,
}

impl ResourceName {
    /// The name in its module: `aws_s3_bucket.b`, `data.aws_region.r`.
    pub fn address(&self) -> String {
        let data = if self.is_data { "data." } else { "" };
        format!("{data}{}.{}", self.kind, self.name)
    }
}

impl Key {
    /// As it stands behind an address.
    pub fn suffix(&self) -> String {
        match self {
            Self::Single => String::new(),
            Self::Index(index) => format!("[{index}]"),
            Self::Text(key) => format!("[\"{key}\"]"),
            Self::Any => "[*]".to_owned(),
        }
    }
}

impl ResourceRef {
    /// The whole address: `module.m.aws_s3_bucket.b["k"]`.
    pub fn address(&self) -> String {
        format!("{}{}{}", self.instance.path, self.name.address(), self.key.suffix())
    }
}

impl<'e> Env<'e> {
    /// The same where a variable has a value.
    pub fn bind<'n>(self, name: &'n str, value: Val) -> Bound<'n>
    where
        'e: 'n,
    {
        Bound {
            name,
            value,
            next: self.bound,
        }
    }

    /// The same with one variable more.
    pub fn within<'n>(self, bound: &'n Bound<'n>) -> Env<'n>
    where
        'e: 'n,
    {
        Env {
            bound: Some(bound),
            ..self
        }
    }
}
