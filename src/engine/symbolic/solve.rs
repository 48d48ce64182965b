//! Whether some request of one shape is allowed: literals that must hold, and clauses of which one literal must fail.
//!
//! Every literal constrains one key, so a conjunction is possible exactly when each key's own demands are (ENGINE.md C4).
//! The search keeps a model; a clause that the model breaks is mended by making one of its literals false, in turn. Sets
//! of demands that a key cannot meet are remembered as cores.

use super::documents::RESOURCE;
use super::domain::{Check, Demand, KeyState};
use super::literal::{KeyId, Literal, Value};
use super::states::KeyStates;

/// The keys of one request before any condition is looked at.
#[derive(Clone, Copy)]
pub(super) struct Keys<'s> {
    pub(super) states: &'s KeyStates<'s>,
    pub(super) object: Option<&'s KeyState>,
}

impl<'s> Keys<'s> {
    /// The state of a key; the resource has one of its own.
    fn state(self, key: KeyId) -> Option<&'s KeyState> {
        if key == RESOURCE {
            self.object
        } else {
            self.states.get(key)
        }
    }
}

/// What must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem<'a> {
    /// Literals with the truth they must have.
    pub(super) demands: Vec<Demand<'a>>,
    /// Of each clause some literal must be false.
    pub(super) clauses: Vec<Clause<'a>>,
}

/// Literals of which some must be false.
#[derive(Clone, Debug)]
pub(super) struct Clause<'a> {
    /// Those of a rule, as they stand there.
    pub(super) of_rule: &'a [Literal],
    /// What comes after them.
    pub(super) others: Vec<&'a Literal>,
}

impl<'a> Clause<'a> {
    /// The literals, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a Literal> {
        self.of_rule.iter().chain(self.others.iter().copied())
    }

    pub(super) fn len(&self) -> usize {
        self.of_rule.len() + self.others.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Values of the keys that the demands speak of; all others are as their state likes.
pub(super) type Model = Vec<(KeyId, Value)>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Possible(Model),
    Impossible,
    Undecided,
}

/// Searches for values of all keys with which the problem is met.
pub(super) fn solve(problem: &Problem<'_>, keys: Keys<'_>, budget: &mut u32) -> Outcome {
    // Large problems cost something even where no search is needed.
    *budget = budget.saturating_sub(cost(&problem.clauses) / 8);
    let mut solver = Solver {
        keys,
        clauses: Vec::new(),
        chosen: Vec::new(),
        cores: Vec::new(),
        budget,
        undecided: false,
    };
    let mut doubtful = false;
    for demand in &problem.demands {
        if !solver.assume(*demand) {
            // What cannot be decided of one key does not matter where another cannot be as it must.
            if !std::mem::take(&mut solver.undecided) {
                return Outcome::Impossible;
            }
            doubtful = true;
        }
    }
    if doubtful {
        return Outcome::Undecided;
    }
    for clause in &problem.clauses {
        if !solver.is_met(clause) {
            let open = clause.iter().filter(|literal| solver.is_open(literal)).collect();
            solver.clauses.push(open);
        }
    }
    solver.clauses.sort_by_key(Vec::len);
    if solver.clauses.first().is_some_and(Vec::is_empty) {
        return solver.verdict(Outcome::Impossible);
    }
    if solver.search() {
        let model = solver.chosen.into_iter().map(|chosen| (chosen.key, chosen.value));
        return Outcome::Possible(model.collect());
    }
    solver.verdict(Outcome::Impossible)
}

/// What work over so many things costs, in states of a search.
fn cost<T>(things: &[T]) -> u32 {
    u32::try_from(things.len()).unwrap_or(u32::MAX)
}

struct Solver<'a, 's, 'b> {
    keys: Keys<'s>,
    clauses: Vec<Vec<&'a Literal>>,
    /// What was chosen for each key, in the order in which they were first spoken of.
    chosen: Vec<Chosen<'a>>,
    /// Sets of demands that cannot be met together.
    cores: Vec<Vec<(*const Literal, bool)>>,
    budget: &'b mut u32,
    undecided: bool,
}

/// Demands on one key and a value that meets them.
#[derive(Clone)]
struct Chosen<'a> {
    key: KeyId,
    demands: Vec<Demand<'a>>,
    value: Value,
}

impl<'a> Solver<'a, '_, '_> {
    fn verdict(&self, otherwise: Outcome) -> Outcome {
        if self.undecided { Outcome::Undecided } else { otherwise }
    }

    /// Takes up a demand; false where it cannot be met together with the others on its key.
    fn assume(&mut self, demand: Demand<'a>) -> bool {
        let key = demand.literal.key;
        let Some(state) = self.keys.state(key) else {
            return demand.met_by(&Value::Absent);
        };
        if let KeyState::Fixed(value) = state {
            return demand.met_by(value);
        }
        let Some(place) = self.place(key) else {
            let demands = vec![demand];
            let value = self.decide(state, &demands);
            let found = value.is_some();
            self.chosen.extend(value.map(|value| Chosen { key, demands, value }));
            return found;
        };
        let Some(chosen) = self.chosen.get_mut(place) else {
            return false;
        };
        chosen.demands.push(demand);
        if demand.met_by(&chosen.value) {
            return true;
        }
        let demands = std::mem::take(&mut chosen.demands);
        let value = self.decide(state, &demands);
        let found = value.is_some();
        if let Some(chosen) = self.chosen.get_mut(place) {
            chosen.demands = demands;
            if let Some(value) = value {
                chosen.value = value;
            }
        }
        found
    }

    /// Where the choice for a key stands.
    fn place(&self, key: KeyId) -> Option<usize> {
        self.chosen.iter().position(|chosen| chosen.key == key)
    }

    fn decide(&mut self, state: &KeyState, demands: &[Demand<'a>]) -> Option<Value> {
        let has = |(literal, truth): &(*const Literal, bool)| {
            demands
                .iter()
                .any(|demand| std::ptr::eq(demand.literal, *literal) && demand.truth == *truth)
        };
        if self.cores.iter().any(|core| core.iter().all(has)) {
            return None;
        }
        if *self.budget == 0 {
            self.undecided = true;
            return None;
        }
        *self.budget = self.budget.saturating_sub(cost(demands));
        match state.check(demands, self.budget) {
            Check::Possible(value) => Some(value),
            Check::Impossible => {
                self.learn(state, demands);
                None
            }
            Check::Undecided => {
                self.undecided = true;
                None
            }
        }
    }

    /// Remembers a smallest part of the demands that is already impossible.
    fn learn(&mut self, state: &KeyState, demands: &[Demand<'a>]) {
        // Demands can only come up again where there are clauses to be mended in turn.
        if self.clauses.len() < 2 {
            return;
        }
        let mut core = demands.to_vec();
        if core.len() > 2 {
            let mut index = 0;
            while index < core.len() && *self.budget > 0 {
                let mut without = core.clone();
                without.remove(index);
                *self.budget = self.budget.saturating_sub(cost(&without));
                if state.check(&without, self.budget) == Check::Impossible {
                    core = without;
                } else {
                    index += 1;
                }
            }
        }
        self.cores.push(
            core.iter()
                .map(|demand| (std::ptr::from_ref(demand.literal), demand.truth))
                .collect(),
        );
    }

    /// Whether the states alone make some literal of the clause false.
    fn is_met(&self, clause: &Clause<'a>) -> bool {
        clause.iter().any(|literal| match self.keys.state(literal.key) {
            Some(KeyState::Fixed(value)) => !literal.holds(value),
            Some(KeyState::Free(_)) => false,
            None => !literal.on_absent,
        })
    }

    /// Whether the states alone do not settle the literal.
    fn is_open(&self, literal: &Literal) -> bool {
        matches!(self.keys.state(literal.key), Some(KeyState::Free(_)))
    }

    /// Whether the model makes the literal true. A key that nobody spoke of yet has no value and may be given any.
    fn is_true(&self, literal: &Literal) -> Option<bool> {
        let chosen = self.chosen.get(self.place(literal.key)?)?;
        Some(literal.holds(&chosen.value))
    }

    fn search(&mut self) -> bool {
        *self.budget = self.budget.saturating_sub(cost(&self.clauses) / 8);
        let broken = self
            .clauses
            .iter()
            .position(|clause| !clause.iter().any(|literal| self.is_true(literal) == Some(false)));
        let Some(index) = broken else { return true };
        let literals = self.clauses.get(index).cloned().unwrap_or_default();
        for literal in literals {
            if *self.budget == 0 {
                self.undecided = true;
                return false;
            }
            let place = self.place(literal.key);
            let before = place.and_then(|place| self.chosen.get(place).cloned());
            let spoken = self.chosen.len();
            if self.assume(Demand { literal, truth: false }) && self.search() {
                return true;
            }
            self.chosen.truncate(spoken);
            if let (Some(place), Some(before)) = (place, before)
                && let Some(chosen) = self.chosen.get_mut(place)
            {
                *chosen = before;
            }
        }
        false
    }
}
