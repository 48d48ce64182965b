//! Emptiness of an intersection of unions and complements of patterns, with a shortest witness.

use rustc_hash::FxHashSet;

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
/// What is plain from beginnings and ends is settled first. Then all patterns lie side by side in one wide bit set and
/// step together (ENGINE.md C5). A positive union without a live state is dead; so is a negative pattern that has reached
/// an accepting state it can never leave.
pub(super) fn search(positives: &[&[Glob]], negatives: &[&[Glob]], budget: &mut u32) -> Search {
    let Some((positives, negatives)) = relevant(positives, negatives) else {
        return Search::Empty;
    };
    let mut layout = Layout::default();
    for union in &positives {
        layout.add(union, true);
    }
    layout.add(&negatives, false);
    match layout.states.len().div_ceil(64) {
        0..=1 => layout.run::<1>(budget),
        2 => layout.run::<2>(budget),
        3..=4 => layout.run::<4>(budget),
        5..=16 => layout.run::<16>(budget),
        17..=64 => layout.run::<64>(budget),
        65..=512 => layout.run::<512>(budget),
        513.. => Search::OverBudget,
    }
}

/// Unions of which each must match, and patterns of which none may.
type Relevant<'g> = (Vec<Vec<&'g Glob>>, Vec<&'g Glob>);

/// The patterns that can make a difference; none where it is plain that no string has all the properties.
fn relevant<'g>(positives: &[&'g [Glob]], negatives: &[&'g [Glob]]) -> Option<Relevant<'g>> {
    let any = |union: &&&[Glob]| union.iter().any(Glob::is_anything);
    let demanded = positives.iter().filter(|union| !any(union));
    let mut unions: Vec<Vec<&Glob>> = demanded.map(|union| union.iter().collect()).collect();
    unions.dedup();
    for index in 0..unions.len() {
        let mut union = unions.get(index).cloned().unwrap_or_default();
        let others = || unions.iter().enumerate().filter(|(other, _)| *other != index);
        union.retain(|glob| others().all(|(_, other)| other.iter().any(|its| !its.plainly_misses(glob))));
        if union.is_empty() {
            return None;
        }
        if let Some(place) = unions.get_mut(index) {
            *place = union;
        }
    }
    let mut excluded: Vec<&Glob> = negatives.iter().copied().flatten().collect();
    excluded.retain(|glob| {
        unions
            .iter()
            .all(|union| union.iter().any(|its| !its.plainly_misses(glob)))
    });
    let is_excluded = |its: &&Glob| excluded.iter().any(|glob| glob.plainly_covers(its));
    let nothing_left =
        excluded.iter().any(|glob| glob.is_anything()) || unions.iter().any(|union| union.iter().all(is_excluded));
    (!nothing_left).then_some((unions, excluded))
}

type Bits<const N: usize> = [u64; N];

#[derive(Default)]
struct Layout {
    /// For each state: its loop and its step; the last state of a pattern has no step.
    states: Vec<(Option<Class>, Option<Class>)>,
    start: Vec<usize>,
    unions: Vec<Union>,
}

struct Union {
    positive: bool,
    members: std::ops::Range<usize>,
    accepting: Vec<usize>,
    /// Accepting states that loop on everything: once there, always there.
    absorbing: Vec<usize>,
}

struct Masks<const N: usize> {
    positive: bool,
    /// What must be met for a string to be found: of a positive union, a live state; of the negative one, none that
    /// absorbs.
    vital: Bits<N>,
    accepting: Bits<N>,
}

#[derive(Clone, Copy)]
struct Letter<const N: usize> {
    char: char,
    step: Bits<N>,
    stay: Bits<N>,
}

impl Layout {
    fn add(&mut self, union: &[&Glob], positive: bool) {
        let first = self.states.len();
        let (mut accepting, mut absorbing) = (Vec::new(), Vec::new());
        for glob in union {
            let (states, last) = glob.parts();
            self.start.push(self.states.len());
            self.states
                .extend(states.iter().map(|state| (state.stay, Some(state.step))));
            accepting.push(self.states.len());
            if last == Some(Class::Any) {
                absorbing.push(self.states.len());
            }
            self.states.push((last, None));
        }
        self.unions.push(Union {
            positive,
            members: first..self.states.len(),
            accepting,
            absorbing,
        });
    }

    fn run<const N: usize>(&self, budget: &mut u32) -> Search {
        let masks: Vec<Masks<N>> = self.unions.iter().map(Union::masks).collect();
        let start = bits(self.start.iter().copied());
        if !alive(&start, &masks) {
            return Search::Empty;
        }
        if accepts(&start, &masks) {
            return Search::Found(String::new());
        }
        let letters = self.letters::<N>();
        *budget = budget.saturating_sub(u32::try_from(self.states.len() / 16).unwrap_or(u32::MAX));
        // A wide state costs more time and memory than a narrow one.
        let cost = u32::try_from(N.div_ceil(4)).unwrap_or(u32::MAX);
        // The tree of visited states: each entry knows the one it came from and by which letter.
        let mut tree: Vec<(usize, char)> = vec![(0, ' ')];
        let mut visited: Vec<Bits<N>> = vec![start];
        let mut seen: FxHashSet<Bits<N>> = FxHashSet::from_iter([start]);
        let mut parent = 0;
        while let Some(bits) = visited.get(parent).copied() {
            for letter in &letters {
                let next = advance(&bits, letter);
                if !alive(&next, &masks) || seen.contains(&next) {
                    continue;
                }
                if accepts(&next, &masks) {
                    return Search::Found(spell(&tree, parent, letter.char));
                }
                if *budget < cost {
                    *budget = 0;
                    return Search::OverBudget;
                }
                *budget -= cost;
                tree.push((parent, letter.char));
                seen.insert(next);
                visited.push(next);
            }
            parent += 1;
        }
        Search::Empty
    }

    /// The alphabet: one letter for each set of characters that all patterns treat alike, ordinary ones first.
    fn letters<const N: usize>(&self) -> Vec<Letter<N>> {
        let empty = |char| Letter {
            char,
            step: [0; N],
            stay: [0; N],
        };
        let mut letters: Vec<Letter<N>> = self.alphabet().into_iter().map(empty).collect();
        let mut places: Vec<(char, usize)> = letters
            .iter()
            .enumerate()
            .map(|(at, letter)| (letter.char, at))
            .collect();
        places.sort_unstable();
        // What every letter does is put down once.
        let mut all = empty(' ');
        let mut put = |class: Class, state: usize, of: fn(&mut Letter<N>) -> &mut Bits<N>| match class {
            Class::Any => set(of(&mut all), state),
            Class::Char(char) => {
                let at = places.binary_search_by_key(&char, |(char, _)| *char).ok();
                let letter = at.and_then(|at| letters.get_mut(places.get(at)?.1));
                if let Some(letter) = letter {
                    set(of(letter), state);
                }
            }
            Class::Fold(_)
            | Class::NotColon
            | Class::NotSlash
            | Class::Digit
            | Class::Lower
            | Class::Upper
            | Class::Alnum
            | Class::Name => {
                for letter in letters.iter_mut().filter(|letter| class.has(letter.char)) {
                    set(of(letter), state);
                }
            }
        };
        for (state, (stay, step)) in self.states.iter().enumerate() {
            if let Some(class) = stay {
                put(*class, state, |letter| &mut letter.stay);
            }
            if let Some(class) = step {
                put(*class, state, |letter| &mut letter.step);
            }
        }
        let mut seen: FxHashSet<(Bits<N>, Bits<N>)> = FxHashSet::default();
        letters.retain_mut(|letter| {
            join(&mut letter.step, &all.step);
            join(&mut letter.stay, &all.stay);
            seen.insert((letter.step, letter.stay))
        });
        letters
    }

    /// The characters that the patterns name, and one of each kind that they do not name, ordinary ones first.
    fn alphabet(&self) -> Vec<char> {
        let mut chars: Vec<char> = Vec::new();
        for class in self.states.iter().flat_map(|(stay, step)| [stay, step]).flatten() {
            match class {
                Class::Char(char) => chars.push(*char),
                Class::Fold(char) => chars.extend(std::iter::once(*char).chain(char.to_uppercase())),
                Class::Any
                | Class::NotColon
                | Class::NotSlash
                | Class::Digit
                | Class::Lower
                | Class::Upper
                | Class::Alnum
                | Class::Name => {}
            }
        }
        chars.sort_unstable();
        chars.dedup();
        let fresh = KINDS
            .iter()
            .filter_map(|kind| kind.chars().find(|char| chars.binary_search(char).is_err()));
        let fresh: Vec<char> = fresh.collect();
        chars.extend(fresh);
        chars.sort_by_cached_key(|char| (ORDINARY.find(*char).unwrap_or(usize::MAX), *char));
        chars
    }
}

impl Union {
    fn masks<const N: usize>(&self) -> Masks<N> {
        Masks {
            positive: self.positive,
            vital: if self.positive {
                bits(self.members.clone())
            } else {
                bits(self.absorbing.iter().copied())
            },
            accepting: bits(self.accepting.iter().copied()),
        }
    }
}

fn bits<const N: usize>(indices: impl Iterator<Item = usize>) -> Bits<N> {
    let mut bits = [0; N];
    indices.for_each(|index| set(&mut bits, index));
    bits
}

fn set<const N: usize>(bits: &mut Bits<N>, index: usize) {
    if let Some(word) = bits.get_mut(index / 64) {
        *word |= 1 << (index % 64);
    }
}

fn join<const N: usize>(bits: &mut Bits<N>, others: &Bits<N>) {
    for (word, other) in bits.iter_mut().zip(others) {
        *word |= other;
    }
}

/// One character further: states whose step takes it move up by one, states whose loop takes it stay.
fn advance<const N: usize>(bits: &Bits<N>, letter: &Letter<N>) -> Bits<N> {
    let mut next = *bits;
    let mut carry = 0;
    for ((word, step), stay) in next.iter_mut().zip(&letter.step).zip(&letter.stay) {
        let moving = *word & step;
        *word = (moving << 1) | carry | (*word & stay);
        carry = moving >> 63;
    }
    next
}

fn meets<const N: usize>(bits: &Bits<N>, mask: &Bits<N>) -> bool {
    bits.iter().zip(mask).any(|(word, mask)| word & mask != 0)
}

fn alive<const N: usize>(bits: &Bits<N>, masks: &[Masks<N>]) -> bool {
    masks.iter().all(|union| meets(bits, &union.vital) == union.positive)
}

fn accepts<const N: usize>(bits: &Bits<N>, masks: &[Masks<N>]) -> bool {
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
