use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

/// A stream of choices for things that depend on a generated configuration.
///
/// Behind its end, and where proptest has shrunk it, it says zero: the first and plainest choice.
pub struct Picks<'a> {
    values: &'a [u32],
    at: usize,
}

/// The numbers that a stream is made of.
pub fn picks() -> impl Strategy<Value = Vec<u32>> {
    vec(any::<u32>(), 48)
}

impl<'a> Picks<'a> {
    /// A stream of these numbers.
    pub fn new(values: &'a [u32]) -> Self {
        Self { values, at: 0 }
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        let value = self.values.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        value as usize % bound.max(1)
    }

    /// True one time in so many; never once shrunk.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 1
    }

    /// One of a list.
    pub fn choose<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}
