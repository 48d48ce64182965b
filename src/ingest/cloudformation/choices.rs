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
        if self.closed {
            return None;
        }
        let mut sides: [Box<str>; 2] = [left.into(), right.into()];
        sides.sort();
        if let Some(implied) = self.implied(&sides) {
            return Some(implied);
        }
        let known = self.tests.iter().position(|test| test.sides == sides);
        let test = known.unwrap_or_else(|| {
            let name = name.into();
            self.tests.push(Test { sides, name, span });
            self.tests.len() - 1
        });
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
            let (value, literal) = split(&taken.sides)?;
            let (other_value, other_literal) = split(sides)?;
            (*outcome && value == other_value && literal != other_literal).then_some(false)
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

/// The side that is not known and the one that is.
fn split(sides: &[Box<str>; 2]) -> Option<(&str, &str)> {
    let [left, right] = sides;
    match (Placeholder::is_in(left), Placeholder::is_in(right)) {
        (true, false) => Some((left, right)),
        (false, true) => Some((right, left)),
        (true, true) | (false, false) => None,
    }
}
