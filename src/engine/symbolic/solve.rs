//! Whether some request of one shape is allowed: literals that must hold, and clauses of which one literal must fail.
//!
//! Every literal constrains one key, so a conjunction is possible exactly when each key's own demands are (ENGINE.md C4).
//! The search keeps a model; a clause that the model breaks is mended by making one of its literals false, in turn. Sets
//! of demands that a key cannot meet are remembered as cores.

use rustc_hash::FxHashMap;

use super::domain::{Check, Demand, KeyState};
use super::literal::{KeyId, Literal, Value};
use super::states::state_of;

/// The keys of one request before any condition is looked at.
#[derive(Clone, Copy)]
pub(super) struct Keys<'s> {
    pub(super) states: &'s [KeyState],
    pub(super) object: Option<&'s KeyState>,
}

/// What must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem<'a> {
    /// Literals with the truth they must have.
    pub(super) demands: Vec<Demand<'a>>,
    /// Of each clause some literal must be false.
    pub(super) clauses: Vec<Vec<&'a Literal>>,
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
        chosen: FxHashMap::default(),
        order: Vec::new(),
        cores: Vec::new(),
        budget,
        undecided: false,
    };
    for demand in &problem.demands {
        if !solver.assume(*demand) {
            return solver.verdict(Outcome::Impossible);
        }
    }
    for clause in &problem.clauses {
        match solver.simplify(clause) {
            Simplified::Met => {}
            Simplified::Open(literals) => solver.clauses.push(literals),
        }
    }
    solver.clauses.sort_by_key(Vec::len);
    if solver.clauses.first().is_some_and(Vec::is_empty) {
        return solver.verdict(Outcome::Impossible);
    }
    if solver.search() {
        let model = solver
            .order
            .iter()
            .filter_map(|key| Some((*key, solver.chosen.get(key)?.value.clone())))
            .collect();
        return Outcome::Possible(model);
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
    chosen: FxHashMap<KeyId, Chosen<'a>>,
    /// Keys in the order in which they were first spoken of.
    order: Vec<KeyId>,
    /// Sets of demands that cannot be met together.
    cores: Vec<Vec<(*const Literal, bool)>>,
    budget: &'b mut u32,
    undecided: bool,
}

/// Demands on one key and a value that meets them.
#[derive(Clone)]
struct Chosen<'a> {
    demands: Vec<Demand<'a>>,
    value: Value,
}

enum Simplified<'a> {
    Met,
    Open(Vec<&'a Literal>),
}

impl<'a> Solver<'a, '_, '_> {
    fn verdict(&self, otherwise: Outcome) -> Outcome {
        if self.undecided { Outcome::Undecided } else { otherwise }
    }

    /// Takes up a demand; false where it cannot be met together with the others on its key.
    fn assume(&mut self, demand: Demand<'a>) -> bool {
        let key = demand.literal.key;
        let Some(state) = state_of(self.keys.states, self.keys.object, key) else {
            return demand.met_by(&Value::Absent);
        };
        if let KeyState::Fixed(value) = state {
            return demand.met_by(value);
        }
        if let Some(chosen) = self.chosen.get_mut(&key) {
            chosen.demands.push(demand);
            if demand.met_by(&chosen.value) {
                return true;
            }
            let demands = chosen.demands.clone();
            return match self.decide(state, &demands) {
                Some(value) => {
                    if let Some(chosen) = self.chosen.get_mut(&key) {
                        chosen.value = value;
                    }
                    true
                }
                None => false,
            };
        }
        let demands = vec![demand];
        match self.decide(state, &demands) {
            Some(value) => {
                self.order.push(key);
                self.chosen.insert(key, Chosen { demands, value });
                true
            }
            None => false,
        }
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
        let mut core = demands.to_vec();
        if core.len() > 2 && self.clauses.len() > 1 {
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

    /// Drops what the states alone settle.
    fn simplify(&self, clause: &[&'a Literal]) -> Simplified<'a> {
        let mut open = Vec::with_capacity(clause.len());
        for literal in clause {
            match state_of(self.keys.states, self.keys.object, literal.key) {
                Some(KeyState::Fixed(value)) => {
                    if !literal.holds(value) {
                        return Simplified::Met;
                    }
                }
                None => {
                    if !literal.on_absent {
                        return Simplified::Met;
                    }
                }
                Some(KeyState::Free(_)) => open.push(*literal),
            }
        }
        Simplified::Open(open)
    }

    /// Whether the model makes the literal true. A key that nobody spoke of yet has no value and may be given any.
    fn is_true(&self, literal: &Literal) -> Option<bool> {
        self.chosen.get(&literal.key).map(|chosen| literal.holds(&chosen.value))
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
            let before = self.chosen.get(&literal.key).cloned();
            let spoken = self.order.len();
            if self.assume(Demand { literal, truth: false }) && self.search() {
                return true;
            }
            match before {
                Some(chosen) => {
                    self.chosen.insert(literal.key, chosen);
                }
                None => {
                    self.chosen.remove(&literal.key);
                }
            }
            self.order.truncate(spoken);
        }
        false
    }
}
