//! What a root is evaluated with: its modules, what was evaluated already, and how much may still be.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::files::Files;
use super::instance::{Instance, Module};
use super::value::Val;
use crate::iam::AccountId;
use crate::model::When;
use crate::source::{Diagnostic, DiagnosticSeverity, Placeholders, Span};

/// Why an expression has no value.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub span: Span,
    pub message: Rc<str>,
    /// Whether it is our limit that was reached, and no mistake in the expression.
    pub is_limit: bool,
}

/// A value, or why there is none.
pub(super) type Eval = Result<Val, Fault>;

/// Evaluates one root.
pub(super) struct Evaluator<'f> {
    pub files: &'f Files,
    pub account: AccountId,
    /// What tells this root from others: the same name stands for something else there.
    pub scope: Box<str>,
    /// Values given for variables of the root.
    pub given: BTreeMap<Box<str>, Val>,
    pub state: RefCell<State>,
    steps: Cell<u64>,
    depth: Cell<u32>,
    touches: Cell<u64>,
}

/// What changes while a root is evaluated.
#[derive(Default)]
pub(super) struct State {
    pub names: Placeholders,
    pub diagnostics: Vec<Diagnostic>,
    pub root: Option<Rc<Instance>>,
    pub modules: BTreeMap<Box<str>, Option<Rc<Module>>>,
    pub instances: BTreeMap<Box<str>, Rc<Instance>>,
    said: BTreeSet<(Option<Span>, String)>,
    /// Outcomes of unknown tests that hold now.
    trail: Vec<When>,
    /// Whether a further test may be decided either way.
    branching: bool,
    /// Values that depend on no unknown test, and those that do, in the scenario that is evaluated now.
    lasting: BTreeMap<CacheKey, Eval>,
    passing: BTreeMap<CacheKey, Eval>,
    active: Vec<CacheKey>,
}

/// What was evaluated: in which instance, and what.
pub(super) type CacheKey = (usize, &'static str, Rc<str>);

impl Fault {
    pub fn new(span: Span, message: impl Into<Rc<str>>) -> Self {
        Self {
            span,
            message: message.into(),
            is_limit: false,
        }
    }

    pub fn limit(span: Span, message: impl Into<Rc<str>>) -> Self {
        Self {
            is_limit: true,
            ..Self::new(span, message)
        }
    }
}

impl<'f> Evaluator<'f> {
    pub fn new(files: &'f Files, account: AccountId) -> Self {
        Self {
            files,
            account,
            scope: Box::default(),
            given: BTreeMap::new(),
            state: RefCell::default(),
            steps: Cell::new(MOST_STEPS),
            depth: Cell::new(0),
            touches: Cell::new(0),
        }
    }

    /// Takes work off the budget.
    ///
    /// # Errors
    /// When there is none left.
    pub fn charge(&self, amount: usize, span: Span) -> Result<(), Fault> {
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        match self.steps.get().checked_sub(amount) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => {
                self.steps.set(0);
                Err(Fault::limit(
                    span,
                    "this root takes more work than any that people write",
                ))
            }
        }
    }

    /// Goes one level deeper.
    ///
    /// # Errors
    /// When that is too deep.
    pub fn deeper<T>(&self, span: Span, then: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let depth = self.depth.get();
        if depth >= DEEPEST {
            return Err(Fault::limit(
                span,
                format!("expressions lead to one another {DEEPEST} levels deep"),
            ));
        }
        self.charge(1, span)?;
        self.depth.set(depth + 1);
        let result = then();
        self.depth.set(depth);
        result
    }

    /// The value of a thing that has one name, evaluated once.
    pub fn cached(&self, key: CacheKey, span: Span, evaluate: impl FnOnce() -> Eval) -> Eval {
        {
            let state = self.state.borrow();
            if let Some(known) = state.lasting.get(&key) {
                return known.clone();
            }
            if let Some(known) = state.passing.get(&key) {
                self.touches.set(self.touches.get() + 1);
                return known.clone();
            }
            if state.active.contains(&key) {
                return Err(Fault::new(span, format!("`{}` depends on itself", key.2)));
            }
        }
        let before = self.touches.get();
        self.state.borrow_mut().active.push(key.clone());
        let result = evaluate();
        let mut state = self.state.borrow_mut();
        state.active.pop();
        // What failed because of where it was asked for may be fine from elsewhere.
        if state.active.is_empty() || result.is_ok() {
            if self.touches.get() == before {
                state.lasting.insert(key, result.clone());
            } else {
                state.passing.insert(key, result.clone());
            }
        }
        result
    }

    /// The outcome of a test that is not known, in the scenario that is evaluated now; none where it stays open.
    pub fn decide(&self, name: &str, span: Span) -> Option<bool> {
        self.touches.set(self.touches.get() + 1);
        let (test, positive) = positive(name);
        let mut state = self.state.borrow_mut();
        if let Some(known) = state.trail.iter().find(|when| &*when.test == test) {
            return Some(known.holds == positive);
        }
        if !state.branching {
            return None;
        }
        if state.trail.len() >= MOST_TESTS {
            drop(state);
            let message = "more tests than can be tried decide about this resource: what depends on them is not known";
            self.say(
                Diagnostic::error("bucketproof::ingest::too_many_tests", span, message)
                    .with_help("give the variables that the tests are about with `--var` or `--var-file`"),
            );
            return None;
        }
        state.trail.push(When {
            test: test.into(),
            holds: true,
            span,
        });
        Some(positive)
    }

    /// Evaluates something under every outcome of the unknown tests that it asks, beside those that are settled.
    pub fn scenarios<T>(&self, settled: &[When], evaluate: impl Fn() -> T) -> Vec<(Vec<When>, T)> {
        let mut found = Vec::new();
        let mut trail = settled.to_vec();
        loop {
            self.enter(trail, true);
            let result = evaluate();
            trail = std::mem::take(&mut self.state.borrow_mut().trail);
            found.push((trail.clone(), result));
            while trail.len() > settled.len() && trail.last().is_some_and(|last| !last.holds) {
                trail.pop();
            }
            if trail.len() <= settled.len() {
                break;
            }
            if let Some(last) = trail.last_mut() {
                last.holds = false;
            }
        }
        self.enter(Vec::new(), false);
        found
    }

    fn enter(&self, trail: Vec<When>, branching: bool) {
        let mut state = self.state.borrow_mut();
        state.trail = trail;
        state.branching = branching;
        state.passing.clear();
    }

    /// Evaluates something in which an unknown test makes the value unknown, and no scenario.
    pub fn without_branching<T>(&self, evaluate: impl FnOnce() -> T) -> T {
        let before = {
            let mut state = self.state.borrow_mut();
            state.passing.clear();
            std::mem::replace(&mut state.branching, false)
        };
        let result = evaluate();
        let mut state = self.state.borrow_mut();
        state.branching = before;
        state.passing.clear();
        result
    }

    /// The placeholder of something that is not known, as text.
    pub fn placeholder(&self, name: &str, span: Span) -> String {
        // The Region is that of the deployment, whichever root is asked.
        let scope = if name == "region" { "" } else { &*self.scope };
        self.state.borrow_mut().names.add_within(scope, name, span).to_string()
    }

    /// The placeholder of what a resource will be called itself.
    pub fn identity(&self, name: &str, span: Span) -> String {
        self.state
            .borrow_mut()
            .names
            .add_identity_within(&self.scope, name, span)
            .to_string()
    }

    /// A text as people read it.
    pub fn reveal(&self, text: &str) -> String {
        self.state.borrow().names.reveal(text).into_owned()
    }

    /// Says something once.
    pub fn say(&self, diagnostic: Diagnostic) {
        let mut state = self.state.borrow_mut();
        if state.said.insert((diagnostic.span, diagnostic.message.clone())) {
            state.diagnostics.push(diagnostic);
        }
    }

    /// Says why something has no value.
    pub fn complain(&self, fault: &Fault) {
        let (severity, code, help) = if fault.is_limit {
            (
                DiagnosticSeverity::Error,
                "bucketproof::ingest::too_much_work",
                "evaluate it with `terraform plan`, and read the plan as JSON",
            )
        } else {
            (
                DiagnosticSeverity::Warning,
                "bucketproof::ingest::no_value",
                "run `terraform validate` in this directory; the value counts as not known",
            )
        };
        self.say(
            Diagnostic::new(severity, code, &*fault.message)
                .at(fault.span)
                .with_help(help),
        );
    }
}

/// A test without the negations in front, and whether it holds where the whole does.
fn positive(name: &str) -> (&str, bool) {
    let test = name.trim_start_matches('!');
    (test, (name.len() - test.len()).is_multiple_of(2))
}

/// The largest root that was measured takes some ten thousand.
const MOST_STEPS: u64 = 3_000_000;

/// Deep enough for modules in modules with long chains of locals; a level takes some kilobytes of the stack.
const DEEPEST: u32 = 220;

/// Sixteen scenarios for each resource.
const MOST_TESTS: usize = 4;
