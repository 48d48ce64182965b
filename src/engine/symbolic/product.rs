//! Emptiness of an intersection of unions and complements of patterns, with a shortest witness.

use rustc_hash::FxHashSet;
use std::collections::VecDeque;

use super::glob::{Class, Glob};

/// What a search for a string found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// A string with all the properties: the shortest, then the one of the most ordinary letters.
    Found(String),
    /// There is none.
    Empty,
    /// Too many states to say.
    OverBudget,
}

/// Finds a string that is in some pattern of every positive union and in no pattern of any negative one.
///
/// All patterns lie side by side in one wide bit set and step together (ENGINE.md C5). A positive union without a live
/// state is dead; so is a negative one that has reached an accepting state it can never leave.
pub(super) fn search(positives: &[&[Glob]], negatives: &[&[Glob]], budget: &mut u32) -> Search {
    let mut layout = Layout::default();
    for union in positives {
        layout.add(union, true);
    }
    for union in negatives {
        layout.add(union, false);
    }
    layout.run(budget)
}

type Bits = Box<[u64]>;

#[derive(Default)]
struct Layout {
    /// For each state: its loop and its step; the last state of a pattern has no step.
    states: Vec<Track>,
    start: Vec<usize>,
    unions: Vec<Union>,
}

/// The loop and the step of a state.
type Track = (Option<Class>, Option<Class>);

struct Union {
    positive: bool,
    members: Vec<usize>,
    accepting: Vec<usize>,
    /// Accepting states that loop on everything: once there, always there.
    absorbing: Vec<usize>,
}

struct Masks {
    positive: bool,
    members: Bits,
    accepting: Bits,
    absorbing: Bits,
}

struct Letter {
    char: char,
    step: Bits,
    stay: Bits,
}

impl Layout {
    fn add(&mut self, union: &[Glob], positive: bool) {
        let mut masks = Union {
            positive,
            members: Vec::new(),
            accepting: Vec::new(),
            absorbing: Vec::new(),
        };
        for glob in union {
            let (states, last) = glob.parts();
            self.start.push(self.states.len());
            for state in states {
                masks.members.push(self.states.len());
                self.states.push((state.stay, Some(state.step)));
            }
            let end = self.states.len();
            masks.members.push(end);
            masks.accepting.push(end);
            if last == Some(Class::Any) {
                masks.absorbing.push(end);
            }
            self.states.push((last, None));
        }
        self.unions.push(masks);
    }

    fn run(&self, budget: &mut u32) -> Search {
        let masks: Vec<Masks> = self
            .unions
            .iter()
            .map(|union| Masks {
                positive: union.positive,
                members: self.bits(&union.members),
                accepting: self.bits(&union.accepting),
                absorbing: self.bits(&union.absorbing),
            })
            .collect();
        let letters = self.letters();
        let start = self.bits(&self.start);
        if !alive(&start, &masks) {
            return Search::Empty;
        }
        if accepts(&start, &masks) {
            return Search::Found(String::new());
        }
        // The tree of visited states: each entry knows the one it came from and by which letter.
        let mut tree: Vec<(usize, char)> = vec![(0, ' ')];
        let mut queue: VecDeque<(usize, Bits)> = VecDeque::from([(0, start.clone())]);
        let mut seen: FxHashSet<Bits> = FxHashSet::from_iter([start]);
        while let Some((parent, bits)) = queue.pop_front() {
            for letter in &letters {
                let next = advance(&bits, letter);
                if !alive(&next, &masks) || seen.contains(&next) {
                    continue;
                }
                if accepts(&next, &masks) {
                    return Search::Found(spell(&tree, parent, letter.char));
                }
                if *budget == 0 {
                    return Search::OverBudget;
                }
                *budget -= 1;
                tree.push((parent, letter.char));
                seen.insert(next.clone());
                queue.push_back((tree.len() - 1, next));
            }
        }
        Search::Empty
    }

    fn bits(&self, indices: &[usize]) -> Bits {
        let mut bits = vec![0_u64; self.states.len().div_ceil(64).max(1)].into_boxed_slice();
        for index in indices {
            if let Some(word) = bits.get_mut(index / 64) {
                *word |= 1 << (index % 64);
            }
        }
        bits
    }

    /// The alphabet: one letter for each set of characters that all patterns treat alike, ordinary ones first.
    fn letters(&self) -> Vec<Letter> {
        let mut chars: Vec<char> = Vec::new();
        for class in self.states.iter().flat_map(|(stay, step)| [stay, step]).flatten() {
            if let Class::Char(char) | Class::Fold(char) = class {
                chars.push(*char);
                chars.extend(char.to_uppercase());
            }
        }
        // Characters that no pattern names are told apart by classes alone: one of each kind stands for all.
        let fresh = KINDS
            .iter()
            .filter_map(|kind| kind.chars().find(|char| !chars.contains(char)));
        let fresh: Vec<char> = fresh.collect();
        chars.extend(fresh);
        chars.sort_unstable_by_key(|char| (ORDINARY.find(*char).unwrap_or(usize::MAX), *char));
        chars.dedup();
        let mut seen: FxHashSet<(Bits, Bits)> = FxHashSet::default();
        let mut letters = Vec::new();
        for char in chars {
            let pick = |by: fn(&Track) -> Option<Class>| {
                let has = |state| by(state).is_some_and(|class| class.has(char));
                let indices: Vec<usize> = self
                    .states
                    .iter()
                    .enumerate()
                    .filter(|(_, state)| has(state))
                    .map(|(index, _)| index)
                    .collect();
                self.bits(&indices)
            };
            let step = pick(|state| state.1);
            let stay = pick(|state| state.0);
            if seen.insert((step.clone(), stay.clone())) {
                letters.push(Letter { char, step, stay });
            }
        }
        letters
    }
}

/// One character further: states whose step takes it move up by one, states whose loop takes it stay.
fn advance(bits: &Bits, letter: &Letter) -> Bits {
    let mut carry = 0;
    bits.iter()
        .zip(&letter.step)
        .zip(&letter.stay)
        .map(|((word, step), stay)| {
            let moving = word & step;
            let next = (moving << 1) | carry | (word & stay);
            carry = moving >> 63;
            next
        })
        .collect()
}

fn meets(bits: &Bits, mask: &Bits) -> bool {
    bits.iter().zip(mask).any(|(word, mask)| word & mask != 0)
}

fn alive(bits: &Bits, masks: &[Masks]) -> bool {
    masks.iter().all(|union| {
        if union.positive {
            meets(bits, &union.members)
        } else {
            !meets(bits, &union.absorbing)
        }
    })
}

fn accepts(bits: &Bits, masks: &[Masks]) -> bool {
    masks
        .iter()
        .all(|union| meets(bits, &union.accepting) == union.positive)
}

fn spell(tree: &[(usize, char)], parent: usize, last: char) -> String {
    let mut chars = vec![last];
    let mut at = parent;
    while at != 0 {
        let Some((before, char)) = tree.get(at) else { break };
        chars.push(*char);
        at = *before;
    }
    chars.iter().rev().collect()
}

/// Characters that every class treats alike, kind by kind.
const KINDS: &[&str] = &[
    "xyzabcdefghijklmnopqrstuvw",
    "XYZABCDEFGHIJKLMNOPQRSTUVW",
    "0123456789",
    "-_.@+=,",
    "/",
    ":",
    "!~#$%&'()*;<>?[]^`{|} \"\\\u{e9}",
];

/// Letters in the order in which witnesses prefer them; the rest of printable ASCII, and one character beyond.
const ORDINARY: &str =
    "x0123456789abcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:@+=, !\"#$%&'()*;<>?[\\]^`{|}~\u{e9}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{Pattern, Version};
    use proptest::prelude::*;

    fn glob(text: &str) -> Glob {
        let pattern = Pattern::glob(text, Version::V2008).expect(text);
        Glob::compile(&pattern, super::super::glob::Reading::Text, &|_| {
            super::super::glob::Resolved::Nothing
        })
        .expect(text)
    }

    fn run(positives: &[&[&str]], negatives: &[&[&str]]) -> Search {
        let compile = |unions: &[&[&str]]| -> Vec<Vec<Glob>> {
            unions
                .iter()
                .map(|union| union.iter().map(|text| glob(text)).collect())
                .collect()
        };
        let (positives, negatives) = (compile(positives), compile(negatives));
        let slices = |unions: &'_ [Vec<Glob>]| -> Vec<Vec<Glob>> { unions.to_vec() };
        let (positives, negatives) = (slices(&positives), slices(&negatives));
        search(
            &positives.iter().map(Vec::as_slice).collect::<Vec<_>>(),
            &negatives.iter().map(Vec::as_slice).collect::<Vec<_>>(),
            &mut 100_000,
        )
    }

    #[test]
    fn intersections_and_complements() {
        assert_eq!(run(&[&["a*"], &["*b"]], &[]), Search::Found("ab".into()));
        assert_eq!(run(&[&["a*"]], &[&["a*"]]), Search::Empty);
        assert_eq!(run(&[&["*"]], &[&["a*"], &["?*"]]), Search::Found(String::new()));
        assert_eq!(run(&[&["a?*", "b"]], &[&["a*"]]), Search::Found("b".into()));
        assert_eq!(
            run(&[&["s3:*"]], &[&["s3:get*"], &["s3:put*"], &["s3:?*"]]),
            Search::Found("s3:".into())
        );
        // [OP-T07] in letters: two halves leave nothing.
        assert_eq!(run(&[&["?"]], &[&["a"], &["?"]]), Search::Empty);
    }

    #[test]
    fn many_overlapping_patterns_stay_cheap() {
        let texts: Vec<String> = (0..300).map(|n| format!("*w{n}*x{}*", n * 7 % 31)).collect();
        let union: Vec<Glob> = texts.iter().map(|text| glob(text)).collect();
        let negatives: Vec<&[Glob]> = union.chunks(1).collect();
        let positive = [glob("*w1*")];
        let mut budget = 50_000;
        assert!(matches!(
            search(&[&positive], &negatives, &mut budget),
            Search::Found(_)
        ));
    }

    proptest! {
        /// Against brute force over all short strings of a small alphabet.
        #[test]
        fn equals_brute_force(
            positives in prop::collection::vec(prop::collection::vec("[ab*?]{0,5}", 1..3), 0..3),
            negatives in prop::collection::vec(prop::collection::vec("[ab*?]{0,5}", 1..3), 0..4),
        ) {
            let compile = |unions: &[Vec<String>]| -> Vec<Vec<Glob>> {
                unions.iter().map(|union| union.iter().map(|text| glob(text)).collect()).collect()
            };
            let (positives, negatives) = (compile(&positives), compile(&negatives));
            let fits = |text: &str| {
                positives.iter().all(|union| union.iter().any(|glob| glob.matches(text)))
                    && !negatives.iter().any(|union| union.iter().any(|glob| glob.matches(text)))
            };
            let found = search(
                &positives.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                &negatives.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                &mut 100_000,
            );
            let mut words = vec![String::new()];
            let mut layer = vec![String::new()];
            for _ in 0..7 {
                layer = layer.iter().flat_map(|word| ["a", "b", "x"].map(|char| format!("{word}{char}"))).collect();
                words.extend(layer.iter().cloned());
            }
            match found {
                Search::Found(text) => prop_assert!(fits(&text), "{text}"),
                Search::Empty => prop_assert!(!words.iter().any(|word| fits(word))),
                Search::OverBudget => prop_assert!(false, "over budget"),
            }
        }
    }
}
