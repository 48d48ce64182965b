//! Reads one root: its files, the values of its variables, and what it declares.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::calls::MODULE_NOT_HERE;
use super::declare::declare_all;
use super::eval::Evaluator;
use super::files::{Files, Tree};
use super::instance::{Env, Instance, Module};
use super::json::json_values;
use super::kinds::not_audited;
use super::parse::{parse_body, parse_expr};
use super::root::root_instance;
use super::syntax::{Expr, ExprKind};
use super::value::Val;
use crate::ingest::file::{FileRef, Loaded};
use crate::ingest::part::Part;
use crate::ingest::request::Kind;
use crate::ingest::template::Defaults;
use crate::ingest::unit::Given;
use crate::source::{Diagnostic, DiagnosticSeverity, FileId};

/// A directory with Terraform files that no other one calls as a module.
#[derive(Clone, Debug)]
pub(in crate::ingest) struct RootFiles {
    pub tree: Arc<Tree>,
    /// The directory, as it is shown.
    pub directory: Box<str>,
    /// The same below the path that the user named.
    pub below: Box<str>,
    /// Its number among the roots.
    pub number: usize,
    /// Its first file.
    pub first: FileId,
    pub given: Arc<Given>,
}

/// Reads a root.
pub(in crate::ingest) fn read_root(root: &RootFiles, part: &mut Part) {
    part.kind = Some(Kind::Terraform);
    let files = Files::new(root.tree.clone(), &root.directory, root.number);
    let defaults = Defaults::of(&root.given.deployment, &mut part.placeholders);
    let mut evaluator = Evaluator::new(&files, defaults.account);
    evaluator.scope = root.below.clone();
    let module = evaluator.load(&root.directory).unwrap_or_default();
    evaluator.given = values(&evaluator, &module, root);
    let instance = root_instance(module);
    evaluator.state.borrow_mut().root = Some(instance.clone());
    let region = evaluator.region(crate::source::Span::default());
    let found = evaluator.root_resources(&instance);
    let mut state = evaluator.state.into_inner();
    part.placeholders.merge(std::mem::take(&mut state.names));
    for said in state.diagnostics.drain(..) {
        // A module that may make buckets and is not here is an answer lost.
        part.notes.incomplete |= said.severity == DiagnosticSeverity::Warning && said.code == MODULE_NOT_HERE;
        part.notes.push(said);
    }
    declare_all(&found, region, defaults, part);
    part.not_audited.extend(beyond(state.modules.into_values().flatten()));
    kept(files, part);
}

/// What there is in the modules that gives access and is not judged.
fn beyond(modules: impl Iterator<Item = Rc<Module>>) -> Vec<(crate::source::Span, String)> {
    let mut found = Vec::new();
    for module in modules {
        for resource in module.resources.iter().filter(|resource| !resource.name.is_data) {
            found.extend(not_audited(&resource.name.kind).map(|what| (resource.block.head, what.to_owned())));
        }
    }
    found
}

/// Keeps the texts of what was read.
fn kept(files: Files, part: &mut Part) {
    let read = files.into_read();
    for file in &read.failed {
        part.notes.failed.push(file.shown.to_string());
    }
    read.diagnostics.into_iter().for_each(|said| part.notes.push(said));
    part.beside.extend(read.beside);
    part.texts.extend(read.prefixes);
    for loaded in read.loaded.into_values().flatten() {
        if let Ok(loaded) = Arc::try_unwrap(loaded) {
            part.keep(loaded);
        }
    }
}

/// The values that are given for variables; of several the last one counts.
fn values(evaluator: &Evaluator<'_>, module: &Rc<Module>, root: &RootFiles) -> BTreeMap<Box<str>, Val> {
    let mut given = BTreeMap::new();
    let nothing = root_instance(Rc::default());
    let files = evaluator.files.value_files();
    for file in files.iter().chain(&root.given.variable_files) {
        let is_own = !root.given.variable_files.iter().any(|other| other.id == file.id);
        for (name, expr) in assignments(evaluator, file) {
            if is_own && !module.variables.contains_key(&name) {
                continue;
            }
            if let Some(value) = evaluated(evaluator, &expr, &nothing) {
                given.insert(name, value);
            }
        }
    }
    for (name, file) in &root.given.variables {
        let kind = module.variables.get(name).and_then(|block| block.body.get("type"));
        if let Some(loaded) = evaluator.files.load(file)
            && let Some(value) = from_command_line(evaluator, kind, &loaded, &nothing)
        {
            given.insert(name.clone(), value);
        }
    }
    given
}

fn assignments(evaluator: &Evaluator<'_>, file: &FileRef) -> Vec<(Box<str>, Expr)> {
    let Some(loaded) = evaluator.files.load(file) else {
        return Vec::new();
    };
    let text = loaded.text();
    let parsed = if file.name().ends_with(".json") {
        json_values(&text)
    } else {
        parse_body(&text)
    };
    match parsed {
        Ok(body) => body
            .attributes
            .into_iter()
            .map(|attribute| (attribute.name, attribute.value))
            .collect(),
        Err(found) => {
            evaluator.say(found);
            Vec::new()
        }
    }
}

fn evaluated(evaluator: &Evaluator<'_>, expr: &Expr, nothing: &Rc<Instance>) -> Option<Val> {
    evaluator
        .eval(expr, Env::of(nothing))
        .map_err(|fault| evaluator.complain(&fault))
        .ok()
}

/// What `--var` gives: text where a string is wanted, an expression elsewhere.
fn from_command_line(
    evaluator: &Evaluator<'_>,
    kind: Option<&Expr>,
    loaded: &Loaded,
    nothing: &Rc<Instance>,
) -> Option<Val> {
    let text = loaded.text();
    let span = text.span(0, text.as_str().len());
    let is_text =
        kind.is_none_or(|kind| matches!(&kind.kind, ExprKind::Name(name) if matches!(&**name, "string" | "any")));
    if is_text {
        let clean = text.as_str().replace(crate::source::is_of_placeholder, "\u{FFFD}");
        return Some(Val::text(clean, span));
    }
    match parse_expr(&text) {
        Ok(expr) => evaluated(evaluator, &expr, nothing),
        Err(found) => {
            evaluator.say(Diagnostic::error("bucketproof::ingest::not_hcl", span, found.message));
            None
        }
    }
}
