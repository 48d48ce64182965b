use std::collections::BTreeMap;

use crate::source::{Placeholder, Span};

/// Outcomes of tests that are not known, taken one after the other as evaluation asks for them.
///
/// A run follows its script and takes `true` where the script ends; [`next`](Self::next) makes the script of the next run. So
/// exactly those outcomes are tried that evaluation can reach.
#[derive(Debug, Default)]
pub(super) struct Choices {
    script: Vec<bool>,
    taken: Vec<(usize, bool)>,
    tests: Vec<Test>,
    numbers: BTreeMap<[Box<str>; 2], usize>,
    /// Whether no outcome is to be chosen: what is not known stays so.
    pub closed: bool,
}

/// A comparison with a value that is not known.
#[derive(Clone, Debug)]
pub(super) struct Test {
    /// What is compared, the smaller text first.
    sides: [Box<str>; 2],
    /// How it is called: the condition that makes it, where it makes nothing else.
    pub name: Box<str>,
    /// Where it stands first.
    pub span: Span,
}

impl Choices {
    /// The outcome of a comparison; none where nothing is to be chosen.
    pub fn decide(&mut self, left: &str, right: &str, name: &str, span: Span) -> Option<bool> {
        // So many in one run are too many in any case.
        if self.closed || self.taken.len() >= MOST_TAKEN {
            return None;
        }
        let mut sides: [Box<str>; 2] = [left.into(), right.into()];
        sides.sort();
        if let Some(implied) = self.implied(&sides) {
            return Some(implied);
        }
        let next = self.tests.len();
        let test = *self.numbers.entry(sides.clone()).or_insert(next);
        if test == next {
            let name = name.into();
            self.tests.push(Test { sides, name, span });
        }
        let outcome = self.script.get(self.taken.len()).copied().unwrap_or(true);
        self.taken.push((test, outcome));
        Some(outcome)
    }

    /// What outcomes that are taken already say: the same test, or that the same value equals another literal.
    fn implied(&self, sides: &[Box<str>; 2]) -> Option<bool> {
        self.taken.iter().find_map(|(test, outcome)| {
            let taken = self.tests.get(*test)?;
            if taken.sides == *sides {
                return Some(*outcome);
            }
            (*outcome && excludes(&taken.sides, sides)).then_some(false)
        })
    }

    /// Whether these outcomes can be together: no value equals two literals.
    pub fn are_possible(&self, outcomes: &[(usize, bool)]) -> bool {
        let mut hold = outcomes
            .iter()
            .filter(|(_, outcome)| *outcome)
            .filter_map(|(test, _)| self.tests.get(*test));
        let mut seen: Vec<&Test> = Vec::new();
        hold.all(|test| {
            let fits = seen.iter().all(|other| !excludes(&other.sides, &test.sides));
            seen.push(test);
            fits
        })
    }

    /// What was taken in this run.
    pub fn taken(&self) -> &[(usize, bool)] {
        &self.taken
    }

    /// The test of this number.
    pub fn test(&self, number: usize) -> Option<&Test> {
        self.tests.get(number)
    }

    /// Prepares the next run; whether there is one.
    pub fn next(&mut self) -> bool {
        let last = self.taken.iter().rposition(|(_, outcome)| *outcome);
        let taken = std::mem::take(&mut self.taken);
        self.script.clear();
        let Some(last) = last else {
            return false;
        };
        let before = taken.iter().take(last).map(|(_, outcome)| *outcome);
        self.script.extend(before.chain([false]));
        true
    }

    /// Forgets every outcome.
    pub fn restart(&mut self) {
        self.script.clear();
        self.taken.clear();
    }
}

/// Whether two comparisons cannot both hold.
fn excludes(one: &[Box<str>; 2], other: &[Box<str>; 2]) -> bool {
    match (split(one), split(other)) {
        (Some((value, literal)), Some((other_value, other_literal))) => {
            value == other_value && literal != other_literal
        }
        (None, _) | (_, None) => false,
    }
}

/// The side that is not known and the one that is.
fn split(sides: &[Box<str>; 2]) -> Option<(&str, &str)> {
    let [left, right] = sides;
    match (Placeholder::is_in(left), Placeholder::is_in(right)) {
        (true, false) => Some((left, right)),
        (false, true) => Some((right, left)),
        (true, true) | (false, false) => None,
    }
}

/// Most tests of one run.
const MOST_TAKEN: usize = 16;
