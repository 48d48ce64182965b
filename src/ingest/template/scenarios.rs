use std::collections::BTreeSet;

use crate::model::When;

/// One outcome of every unknown test that matters.
pub(in crate::ingest) type Scenario = Vec<When>;

/// Every scenario of the tests that these resources depend on; one without tests where there are too many, in which everything
/// is there at once.
pub(super) fn scenarios<'w>(whens: impl Iterator<Item = &'w [When]>) -> Result<Vec<Scenario>, usize> {
    let mut tests: Vec<When> = Vec::new();
    for when in whens.flatten() {
        if tests.iter().all(|known| known.test != when.test) {
            tests.push(when.clone());
        }
    }
    tests.sort();
    if tests.len() > MOST_TESTS {
        return Err(tests.len());
    }
    let outcomes = 0..1_u32 << tests.len();
    let scenario = |outcome: u32| {
        let with = |(place, test): (usize, &When)| When {
            holds: outcome >> place & 1 == 0,
            ..test.clone()
        };
        tests.iter().enumerate().map(with).collect()
    };
    Ok(outcomes.map(scenario).collect())
}

/// Whether something that depends on these outcomes is there in a scenario.
pub(super) fn is_there(when: &[When], scenario: &[When]) -> bool {
    let differs = |asked: &When| {
        let outcome = scenario.iter().find(|known| known.test == asked.test);
        outcome.is_some_and(|outcome| outcome.holds != asked.holds)
    };
    !when.iter().any(differs)
}

/// What comes out differently in different scenarios, each with the outcomes that make the difference.
///
/// A test that makes none is dropped; scenarios in which there is nothing do not count.
pub(in crate::ingest) fn that_differ<T: PartialEq>(outcomes: Vec<(Scenario, T)>) -> Vec<(Scenario, T)> {
    let tests: BTreeSet<Box<str>> = outcomes
        .iter()
        .flat_map(|(scenario, _)| scenario.iter().map(|when| when.test.clone()))
        .collect();
    tests
        .into_iter()
        .fold(outcomes, |outcomes, test| without(&test, outcomes))
}

/// The same without a test that makes no difference.
fn without<T: PartialEq>(test: &str, outcomes: Vec<(Scenario, T)>) -> Vec<(Scenario, T)> {
    let rest =
        |scenario: &[When]| -> Scenario { scenario.iter().filter(|when| &*when.test != test).cloned().collect() };
    let differs = outcomes.iter().any(|(scenario, value)| {
        let others = outcomes.iter().filter(|(other, _)| rest(other) == rest(scenario));
        others.into_iter().any(|(_, other)| other != value)
    });
    if differs {
        return outcomes;
    }
    let mut kept: Vec<(Scenario, T)> = Vec::new();
    for (scenario, value) in outcomes {
        let scenario = rest(&scenario);
        if kept.iter().all(|(known, _)| *known != scenario) {
            kept.push((scenario, value));
        }
    }
    kept
}

/// Sixteen scenarios: more would be more than anybody reads.
const MOST_TESTS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn when(test: &str, holds: bool) -> When {
        When {
            test: test.into(),
            holds,
            span: Span::default(),
        }
    }

    #[test]
    fn only_tests_that_make_a_difference_are_kept() {
        let (a, b) = ([when("A", true)], [when("B", false)]);
        let all = scenarios([&a[..], &b[..]].into_iter()).expect("two tests");
        assert_eq!(all.len(), 4);
        let outcomes = all.into_iter().map(|scenario| {
            let open = is_there(&a, &scenario);
            (scenario, open)
        });
        let kept = that_differ(outcomes.collect());
        assert_eq!(kept, [(vec![when("A", true)], true), (vec![when("A", false)], false)]);
    }

    #[test]
    fn too_many_tests_are_told() {
        let tests = ["A", "B", "C", "D", "E"].map(|test| [when(test, true)]);
        assert_eq!(scenarios(tests.iter().map(|when| &when[..])), Err(5));
    }
}
