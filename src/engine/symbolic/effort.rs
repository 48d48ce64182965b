//! How much work a decision about one resource may be: counted, not timed, so that every run gives the same answer.

use std::cell::Cell;

use crate::engine::Options;

/// What a decision may still cost, in states of a search.
#[derive(Debug)]
pub(super) struct Effort {
    left: Cell<u32>,
    /// Most that one search may cost.
    search: u32,
    gave_up: Cell<bool>,
}

impl Effort {
    pub(super) fn of(options: &Options) -> Self {
        Self {
            // Half as much again as one search.
            left: Cell::new(options.budget.saturating_add(options.budget / 2)),
            search: options.budget,
            gave_up: Cell::new(false),
        }
    }

    /// Whether the decision has cost all that it may.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Does some work with a budget of its own, at most this much.
    pub(super) fn within<T>(&self, most: u32, work: impl FnOnce(&mut u32) -> T) -> T {
        let most = most.min(self.search).min(self.left.get());
        let mut budget = most;
        let result = work(&mut budget);
        self.left.set(self.left.get() - (most - budget));
        if budget == 0 {
            self.gave_up.set(true);
        }
        result
    }

    /// Puts work to the account.
    pub(super) fn spend(&self, work: usize) {
        let work = u32::try_from(work).unwrap_or(u32::MAX);
        self.left.set(self.left.get().saturating_sub(work));
    }

    /// Whether some work was given up since this was last asked.
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up.replace(false)
    }
}
