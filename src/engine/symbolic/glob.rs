//! Patterns as small automata: states in a row, each with a step to the next and a loop on itself.

use std::str::Chars;

use crate::iam::{Part, Pattern, Variable};
use crate::source::is_of_placeholder;

/// A class of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// One character.
    Char(char),
    /// One character in either letter case; holds the lower one.
    Fold(char),
    /// Any character.
    Any,
    /// Any but the colon: what stays inside one field of an ARN [COND-24].
    NotColon,
    /// Any but the slash and the colon.
    NotSlash,
    /// A decimal digit.
    Digit,
    /// A lower-case letter or digit.
    Lower,
    /// An upper-case letter or digit.
    Upper,
    /// A letter or digit.
    Alnum,
    /// What names in IAM, GitHub and the like are made of: letters, digits and `+=,.@_-`.
    Name,
}

impl Class {
    pub(super) fn has(self, char: char) -> bool {
        match self {
            Self::Char(own) => own == char,
            Self::Fold(own) => own == char || char.to_lowercase().eq(std::iter::once(own)),
            Self::Any => true,
            Self::NotColon => char != ':',
            Self::NotSlash => char != '/' && char != ':',
            // What is not known before deployment has the form that is wanted of it.
            Self::Digit | Self::Lower | Self::Upper | Self::Alnum | Self::Name if is_of_placeholder(char) => true,
            Self::Digit => char.is_ascii_digit(),
            Self::Lower => char.is_ascii_lowercase() || char.is_ascii_digit(),
            Self::Upper => char.is_ascii_uppercase() || char.is_ascii_digit(),
            Self::Alnum => char.is_ascii_alphanumeric(),
            Self::Name => char.is_ascii_alphanumeric() || "+=,.@_-".contains(char),
        }
    }

    /// Whether every character of `other` is in this class, as far as that is plain to see.
    fn covers(self, other: Self) -> bool {
        self == other
            || self == Self::Any
            || match other {
                Self::Char(char) => self.has(char),
                Self::Fold(_)
                | Self::Any
                | Self::NotColon
                | Self::NotSlash
                | Self::Digit
                | Self::Lower
                | Self::Upper
                | Self::Alnum
                | Self::Name => false,
            }
    }
}

/// One state of a pattern but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct State {
    /// What may be read without moving on.
    pub(super) stay: Option<Class>,
    /// What moves on to the next state.
    pub(super) step: Class,
}

/// A compiled pattern: a set of strings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Glob {
    states: Vec<State>,
    /// What may be read in the last, accepting state.
    last: Option<Class>,
    /// The one string of the set, where there is just one.
    exact: Option<Box<str>>,
}

/// How the characters of a pattern are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Reading {
    /// As they stand; wildcards span everything [COND-14], [RES-01].
    Text,
    /// In either letter case [COND-12].
    IgnoreCase,
    /// As the six fields of an ARN: wildcards stay inside the first five [COND-24].
    Arn,
}

/// What a policy variable stands for.
pub(super) enum Resolved {
    /// This text.
    Text(String),
    /// Nothing: the key is absent and there is no default [VAR-03].
    Nothing,
    /// Some text, and which is left open.
    Anything,
}

impl Glob {
    /// The set with this one string.
    pub(super) fn exact(text: &str) -> Self {
        let mut builder = Builder::with_room(text.len());
        text.chars().for_each(|char| builder.step(Class::Char(char)));
        builder.finish()
    }

    /// Compiles a pattern of a policy; `None` where a variable stands for nothing, so that it matches nothing [VAR-03].
    ///
    /// An ARN pattern with fewer than six fields matches nothing either [COND-40].
    pub(super) fn compile(
        pattern: &Pattern,
        reading: Reading,
        resolve: &dyn Fn(&Variable) -> Resolved,
    ) -> Option<Self> {
        let room = pattern.parts.iter().map(|part| match part {
            Part::Text(text) => text.len(),
            Part::One => 1,
            Part::Star | Part::Variable(_) => 0,
        });
        let mut builder = Builder::with_room(room.sum());
        let mut colons = 0;
        // How many fields of an ARN an open text has is open, too.
        let mut is_open = false;
        for part in &pattern.parts {
            let any = if is_open { Class::Any } else { wildcard(reading, colons) };
            match part {
                Part::Text(text) => builder.text(text, reading, &mut colons),
                Part::Variable(variable) => match resolve(variable) {
                    Resolved::Text(text) => builder.text(&text, reading, &mut colons),
                    Resolved::Nothing => return None,
                    Resolved::Anything => {
                        is_open = true;
                        builder.stay(Class::Any);
                    }
                },
                Part::Star => builder.stay(any),
                Part::One => builder.step(any),
            }
        }
        (reading != Reading::Arn || is_open || colons >= 5).then(|| builder.finish())
    }

    /// A set described by classes: `(class, true)` repeats any number of times, `(class, false)` stands once.
    pub(super) fn of_classes(prefix: &str, classes: &[(Class, bool)]) -> Self {
        let mut builder = Builder::with_room(prefix.len() + classes.len());
        prefix.chars().for_each(|char| builder.step(Class::Char(char)));
        for (class, repeats) in classes {
            if *repeats {
                builder.stay(*class)
            } else {
                builder.step(*class)
            }
        }
        builder.finish()
    }

    /// The concatenation of two sets, where the first does not end in a loop that the second could run into.
    pub(super) fn then(&self, next: &Self) -> Self {
        let mut builder = Builder::with_room(self.states.len() + next.states.len());
        for glob in [self, next] {
            for state in &glob.states {
                if let Some(class) = state.stay {
                    builder.stay(class);
                }
                builder.step(state.step);
            }
            if let Some(class) = glob.last {
                builder.stay(class);
            }
        }
        builder.finish()
    }

    /// All strings that begin with a text, whatever its letter case.
    pub(super) fn folded_prefix(text: &str) -> Self {
        let mut builder = Builder::with_room(text.len());
        text.chars().for_each(|char| builder.step(fold(char)));
        builder.stay(Class::Any);
        builder.finish()
    }

    /// All strings, the empty one included.
    pub(super) fn anything() -> Self {
        Self::of_classes("", &[(Class::Any, true)])
    }

    /// The set without the empty string; none where nothing is left.
    pub(super) fn without_empty(&self) -> Option<Self> {
        match (self.states.is_empty(), self.last) {
            (true, None) => None,
            (true, Some(class)) => Some(Self::of_classes("", &[(class, false), (class, true)])),
            (false, _) => Some(self.clone()),
        }
    }

    /// The one string of the set, if there is just one.
    pub(super) fn as_exact(&self) -> Option<&str> {
        self.exact.as_deref()
    }

    /// Whether the set holds every string.
    pub(super) fn is_anything(&self) -> bool {
        self.states.is_empty() && self.last == Some(Class::Any)
    }

    /// The states but the last, and the loop of the last.
    pub(super) fn parts(&self) -> (&[State], Option<Class>) {
        (&self.states, self.last)
    }

    /// Whether the string is in the set.
    pub(super) fn matches(&self, text: &str) -> bool {
        if let Some(exact) = &self.exact {
            return **exact == *text;
        }
        let mut chars = text.chars();
        let Some(read) = self.read_fixed(&mut chars) else {
            return false;
        };
        let end = self.states.len() - read;
        if end >= 63 {
            return self.live_after(text).last() == Some(&self.states.len());
        }
        // One bit for each state from there on.
        let mut live = 1_u64;
        for char in chars {
            if self.last == Some(Class::Any) && live >> end == 1 {
                return true;
            }
            let mut next = 0;
            while live != 0 {
                let bit = live & live.wrapping_neg();
                live ^= bit;
                let (stay, step) = self.state(read + bit.trailing_zeros() as usize);
                if stay.is_some_and(|class| class.has(char)) {
                    next |= bit;
                }
                if step.is_some_and(|class| class.has(char)) {
                    next |= bit << 1;
                }
            }
            live = next;
            if live == 0 {
                return false;
            }
        }
        live >> end == 1
    }

    /// The loop and the step of a state; the last one has no step.
    fn state(&self, index: usize) -> (Option<Class>, Option<Class>) {
        match self.states.get(index) {
            Some(state) => (state.stay, Some(state.step)),
            None => (self.last, None),
        }
    }

    /// Reads up to the first loop or the end of the text, where there is but one live state; none where it dies.
    fn read_fixed(&self, chars: &mut Chars<'_>) -> Option<usize> {
        let fixed = self.states.iter().take_while(|state| state.stay.is_none());
        let mut read = 0;
        for state in fixed {
            match chars.next() {
                Some(char) if state.step.has(char) => read += 1,
                Some(_) => return None,
                None => break,
            }
        }
        Some(read)
    }

    /// The set of what may follow a prefix so that the whole is in this set: one pattern for each state that is live
    /// after the prefix.
    pub(super) fn after(&self, prefix: &str) -> Vec<Self> {
        let live = self.live_after(prefix);
        // A later state that loops on everything covers what earlier ones with the same rest accept; keep it simple:
        // one pattern per live state, those that a `*` before the same rest already covers left out.
        let stay = |index: usize| self.states.get(index).map_or(self.last, |state| state.stay);
        let covered = live.iter().rposition(|index| stay(*index) == Some(Class::Any));
        let rests = live.iter().skip(covered.unwrap_or_default());
        rests
            .map(|index| {
                let states: Vec<State> = self.states.iter().skip(*index).copied().collect();
                Builder::close(states, self.last)
            })
            .collect()
    }

    /// Which states are live after reading a text, in their order.
    fn live_after(&self, text: &str) -> Vec<usize> {
        let mut chars = text.chars();
        let Some(read) = self.read_fixed(&mut chars) else {
            return Vec::new();
        };
        let mut live = vec![read];
        let mut next = Vec::new();
        for char in chars {
            for index in live.drain(..) {
                let (stay, step) = self.state(index);
                if stay.is_some_and(|class| class.has(char)) && next.last() != Some(&index) {
                    next.push(index);
                }
                if step.is_some_and(|class| class.has(char)) {
                    next.push(index + 1);
                }
            }
            std::mem::swap(&mut live, &mut next);
            if live.is_empty() {
                break;
            }
        }
        live
    }

    /// Whether the two sets plainly have no string in common: their fixed beginnings or ends differ somewhere.
    pub(super) fn plainly_misses(&self, other: &Self) -> bool {
        let fixed = |glob: &'_ Self| -> usize { glob.states.iter().take_while(|state| state.stay.is_none()).count() };
        let (own, its) = (fixed(self), fixed(other));
        let differ = |(own, its): (&State, &State)| match (own.step, its.step) {
            (Class::Char(own), class) | (class, Class::Char(own)) => !class.has(own),
            (_, _) => false,
        };
        // One ends where the other must go on.
        let ends = |short: &Self, length: usize, long: usize| {
            length == short.states.len() && short.last.is_none() && long > length
        };
        let mut beginnings = self.states.iter().zip(&other.states).take(own.min(its));
        beginnings.any(differ) || ends(self, own, its) || ends(other, its, own) || {
            // From the end up to a loop, the step after it included.
            let mut fixed = self.last.is_none() && other.last.is_none();
            let mut ends = self.states.iter().rev().zip(other.states.iter().rev());
            ends.any(|(own, its)| {
                let differs = fixed && differ((own, its));
                fixed &= own.stay.is_none() && its.stay.is_none();
                differs
            })
        }
    }

    /// Whether every string of `other` is in this set, where that is plain to see; `false` means "not plainly".
    pub(super) fn plainly_covers(&self, other: &Self) -> bool {
        if self == other || self.is_anything() {
            return true;
        }
        match other.as_exact() {
            Some(text) => self.matches(text),
            // `prefix*` covers whatever is fixed to begin with the prefix.
            None => {
                self.last == Some(Class::Any)
                    && self.states.len() <= other.states.len()
                    && self.states.iter().all(|state| state.stay.is_none())
                    && self
                        .states
                        .iter()
                        .zip(&other.states)
                        .all(|(own, its)| its.stay.is_none() && own.step.covers(its.step))
            }
        }
    }

    /// A member of the set: the shortest with its loops filled by the filler where that fits.
    pub(super) fn example(&self, filler: &str) -> String {
        let mut text = String::new();
        for state in &self.states {
            if let Some(class) = state.stay {
                text.extend(filler.chars().filter(|char| class.has(*char)));
            }
            text.push(instance(state.step));
        }
        if let Some(class) = self.last {
            text.extend(filler.chars().filter(|char| class.has(*char)));
        }
        text
    }

    /// The pattern as IAM would write it, with `*` and `?`.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        let stay = |class: Option<Class>, text: &mut String| {
            if class.is_some() {
                text.push('*');
            }
        };
        for state in &self.states {
            stay(state.stay, &mut text);
            match state.step {
                // [VAR-05]
                Class::Char('{') if text.ends_with('$') => {
                    text.pop();
                    text.push_str("${$}{");
                }
                Class::Char(char @ ('*' | '?')) => text.extend(['$', '{', char, '}']),
                Class::Char(char) | Class::Fold(char) => text.push(char),
                Class::Any
                | Class::NotColon
                | Class::NotSlash
                | Class::Digit
                | Class::Lower
                | Class::Upper
                | Class::Alnum
                | Class::Name => text.push('?'),
            }
        }
        stay(self.last, &mut text);
        text
    }
}

/// A character of the class, preferring what looks ordinary.
fn instance(class: Class) -> char {
    match class {
        Class::Char(char) | Class::Fold(char) => char,
        Class::Any | Class::NotColon | Class::NotSlash | Class::Lower | Class::Alnum | Class::Name => 'x',
        Class::Upper => 'X',
        Class::Digit => '9',
    }
}

fn wildcard(reading: Reading, colons: usize) -> Class {
    match reading {
        Reading::Arn if colons < 5 => Class::NotColon,
        Reading::Text | Reading::IgnoreCase | Reading::Arn => Class::Any,
    }
}

struct Builder {
    states: Vec<State>,
    stay: Option<Class>,
}

impl Builder {
    /// For a pattern of about so many states.
    fn with_room(states: usize) -> Self {
        Self {
            states: Vec::with_capacity(states),
            stay: None,
        }
    }

    fn text(&mut self, text: &str, reading: Reading, colons: &mut usize) {
        for char in text.chars() {
            if char == ':' {
                *colons += 1;
            }
            match reading {
                Reading::IgnoreCase => self.step(fold(char)),
                Reading::Text | Reading::Arn => self.step(Class::Char(char)),
            }
        }
    }

    fn step(&mut self, step: Class) {
        let stay = self.stay.take();
        self.states.push(State { stay, step });
    }

    /// Two loops in a row are the wider one.
    fn stay(&mut self, class: Class) {
        self.stay = match self.stay {
            Some(before) if before.covers(class) => Some(before),
            Some(_) | None => Some(class),
        };
    }

    fn finish(self) -> Glob {
        Self::close(self.states, self.stay)
    }

    fn close(states: Vec<State>, last: Option<Class>) -> Glob {
        let exact = last.is_none().then(|| text_of(&states)).flatten();
        Glob { states, last, exact }
    }
}

/// The one text that these states read, where there is just one.
fn text_of(states: &[State]) -> Option<Box<str>> {
    let mut text = String::with_capacity(states.len());
    for state in states {
        match (state.stay, state.step) {
            (None, Class::Char(char)) => text.push(char),
            (None | Some(_), _) => return None,
        }
    }
    Some(text.into())
}

/// Both letter cases of a character. Outside ASCII only one-to-one mappings fold; AWS documents none.
fn fold(char: char) -> Class {
    let mut lower = char.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) if lower.to_uppercase().next() != Some(lower) || lower != char => Class::Fold(lower),
        (Some(_) | None, _) => Class::Char(char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Version;

    fn glob(text: &str, reading: Reading) -> Glob {
        let pattern = Pattern::glob(text, Version::V2012).expect(text);
        Glob::compile(&pattern, reading, &|_| Resolved::Nothing).expect(text)
    }

    #[test]
    fn wildcards_match_as_each_operator_reads_them() {
        let check = |pattern: &str, reading, text: &str, expected: bool| {
            assert_eq!(glob(pattern, reading).matches(text), expected, "{pattern} {text}");
        };
        check("a*b?d", Reading::Text, "axxbcd", true);
        check("a*b?d", Reading::Text, "abd", false);
        check("*a*a*", Reading::Text, "aa", true);
        check("", Reading::Text, "", true);
        check("", Reading::Text, "a", false);
        // [COND-39]
        check("arn:aws:iam::*:role/x", Reading::Arn, "arn:aws:iam::1:role/x", true);
        check(
            "arn:aws:iam::*:role/x",
            Reading::Arn,
            "arn:aws:iam::1:user/y:role/x",
            false,
        );
        check(
            "arn:aws:iam::*:role/x",
            Reading::Text,
            "arn:aws:iam::1:user/y:role/x",
            true,
        );
        check("arn:aws:s3:::b/*", Reading::Arn, "arn:aws:s3:::b/k:y", true);
        check("Ab*", Reading::IgnoreCase, "aBxY", true);
    }

    #[test]
    fn the_rest_after_a_prefix_is_exact() {
        let rests = |pattern: &str, prefix: &str| -> Vec<String> {
            glob(pattern, Reading::Text)
                .after(prefix)
                .iter()
                .map(Glob::to_text)
                .collect()
        };
        assert_eq!(rests("arn:aws:s3:::b/*", "arn:aws:s3:::b/"), ["*"]);
        assert_eq!(rests("arn:aws:s3:::b*", "arn:aws:s3:::b/"), ["*"]);
        assert_eq!(rests("*", "arn:aws:s3:::b/"), ["*"]);
        assert_eq!(rests("arn:aws:s3:::b", "arn:aws:s3:::b/"), Vec::<String>::new());
        assert_eq!(rests("arn:aws:s3:::*/x", "arn:aws:s3:::b/"), ["*/x", "x"]);
    }

    #[test]
    fn plain_inclusion_is_sound() {
        let covers = |wide: &str, narrow: &str| glob(wide, Reading::Text).plainly_covers(&glob(narrow, Reading::Text));
        assert!(covers("a*", "ab*"));
        assert!(covers("a*", "abc"));
        assert!(covers("*", "x*y"));
        assert!(!covers("ab*", "a*"));
        assert!(!covers("a*b", "a*"));
    }
}
