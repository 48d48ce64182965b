use super::evaluator::Evaluator;
use crate::ingest::template::that_differ;
use crate::model::When;
use crate::source::{Diagnostic, Span};

/// One way through the tests: their outcomes, and what came out.
struct RunOf<T> {
    taken: Vec<(usize, bool)>,
    value: Option<T>,
}

/// The same thing under every outcome of the tests that decide about it.
impl Evaluator<'_> {
    /// What something comes out as, by the outcomes that make a difference; nothing where it is not there.
    ///
    /// Beyond sixteen outcomes what depends on the tests is not known.
    pub fn outcomes<T: PartialEq + Clone>(
        &mut self,
        span: Span,
        mut evaluate: impl FnMut(&mut Self) -> Option<T>,
    ) -> Vec<(Vec<When>, T)> {
        let mut runs: Vec<RunOf<T>> = Vec::new();
        self.choices.restart();
        loop {
            self.restart();
            let value = evaluate(self);
            let taken = self.choices.taken().to_vec();
            runs.push(RunOf { taken, value });
            if !self.choices.next() {
                break;
            }
            if runs.len() == MOST_RUNS {
                return self.closed(span, evaluate);
            }
        }
        let mut tests: Vec<usize> = runs
            .iter()
            .flat_map(|run| run.taken.iter().map(|(test, _)| *test))
            .collect();
        tests.sort_unstable();
        tests.dedup();
        if tests.len() > MOST_TESTS {
            return self.closed(span, evaluate);
        }
        let there = that_differ(self.scenarios(&tests, &runs)).into_iter();
        there.filter_map(|(when, value)| Some((when, value?))).collect()
    }

    /// Every possible outcome of these tests with what comes out.
    fn scenarios<T: Clone>(&self, tests: &[usize], runs: &[RunOf<T>]) -> Vec<(Vec<When>, Option<T>)> {
        let scenario = |outcome: u32| {
            let outcomes = tests.iter().enumerate();
            let outcomes: Vec<_> = outcomes
                .map(|(place, test)| (*test, outcome >> place & 1 == 0))
                .collect();
            if !self.choices.are_possible(&outcomes) {
                return None;
            }
            let run = runs
                .iter()
                .find(|run| run.taken.iter().all(|taken| outcomes.contains(taken)))?;
            Some((self.when(&outcomes), run.value.clone()))
        };
        (0..1_u32 << tests.len()).filter_map(scenario).collect()
    }

    fn when(&self, outcomes: &[(usize, bool)]) -> Vec<When> {
        let when = |(test, holds): &(usize, bool)| {
            let test = self.choices.test(*test)?;
            Some(When {
                test: test.name.clone(),
                holds: *holds,
                span: test.span,
            })
        };
        outcomes.iter().filter_map(when).collect()
    }

    /// The one outcome where nothing is chosen.
    fn closed<T>(&mut self, span: Span, mut evaluate: impl FnMut(&mut Self) -> Option<T>) -> Vec<(Vec<When>, T)> {
        let message = "more tests than can be tried decide about this resource: what depends on them is not known";
        let help = "give the parameters that the conditions are about with `--parameters FILE`";
        self.said
            .insert(Diagnostic::error("bucketproof::ingest::too_many_tests", span, message).with_help(help));
        self.choices.restart();
        self.choices.closed = true;
        self.restart();
        let value = evaluate(self);
        self.choices.closed = false;
        self.restart();
        value.map(|value| (Vec::new(), value)).into_iter().collect()
    }
}

/// Most ways through the tests of one resource.
const MOST_RUNS: usize = 16;

/// Most tests of one resource.
const MOST_TESTS: usize = 4;
