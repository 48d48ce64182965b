use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::Span;

/// A value that is not known before deployment, such as `var.account`: it stands for one fixed literal without wildcards.
///
/// In texts it is [`LEN_CHARS`](Self::LEN_CHARS) characters that no input holds, so that a half-known text such as
/// `arn:aws:iam::…:role/x` is compared and searched like any other: the placeholder equals itself and nothing else. It is as long as an
/// account id, for which it may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placeholder {
    /// Derived from the name, so that it is the same in every run and in every file.
    number: u64,
    /// How many characters before it were put there to give it the form of what it stands for.
    implied: u8,
}

/// A text that is no placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a placeholder")]
pub struct NotAPlaceholder;

impl Placeholder {
    /// How many characters it takes in a text.
    pub const LEN_CHARS: usize = 12;

    /// The placeholder of what has this name.
    pub fn of(name: &str) -> Self {
        // FNV-1a, folded to 44 bits: the same on every machine and in every version.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self {
            number: (hash ^ hash >> 43) % IDENTITY,
            implied: 0,
        }
    }

    /// The placeholder of the name or id that a resource of the input will get itself. Nothing has to be assumed of it.
    pub fn of_identity(name: &str) -> Self {
        let own = Self::of(name);
        Self {
            number: own.number | IDENTITY,
            ..own
        }
    }

    /// Whether it stands for what a resource of the input is called itself.
    pub fn is_identity(self) -> bool {
        self.number & IDENTITY != 0
    }

    /// The placeholder of this number, below 2⁴⁴.
    pub fn from_number(number: u64) -> Option<Self> {
        (number < NUMBERS).then_some(Self { number, implied: 0 })
    }

    /// Its number, below 2⁴⁴.
    pub fn number(self) -> u64 {
        self.number
    }

    /// It behind a prefix that what it stands for must have, such as `vpce-`; the prefix is not shown.
    pub fn behind(self, prefix: &str) -> String {
        let implied = u8::try_from(prefix.len())
            .ok()
            .filter(|len| *len < 16)
            .unwrap_or_default();
        format!("{prefix}{}", Self { implied, ..self })
    }

    /// The placeholders in a text, with the bytes each takes.
    pub fn all_in(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, Self)> {
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                let start = at + text.get(at..)?.find(is_of_placeholder)?;
                let end = start + Self::LEN_CHARS * CHAR_LEN_BYTES;
                match text.get(start..end).map(str::parse) {
                    Some(Ok(found)) => {
                        at = end;
                        return Some((start..end, found));
                    }
                    Some(Err(_)) | None => at = start + CHAR_LEN_BYTES,
                }
            }
        })
    }

    /// Whether there is one in a text.
    pub fn is_in(text: &str) -> bool {
        text.contains(is_of_placeholder)
    }
}

/// Whether a character is one of those that placeholders are made of.
pub fn is_of_placeholder(char: char) -> bool {
    ('\u{E000}'..='\u{E00F}').contains(&char)
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        let digit = |value: u64| char::from_u32(0xE000 + u32::try_from(value & 15).unwrap_or_default());
        let shifts = (0..Self::LEN_CHARS - 1).rev().map(|place| self.number >> (4 * place));
        for char in [u64::from(self.implied)].into_iter().chain(shifts).filter_map(digit) {
            f.write_char(char)?;
        }
        Ok(())
    }
}

impl FromStr for Placeholder {
    type Err = NotAPlaceholder;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digits = text.chars().map(|char| {
            if is_of_placeholder(char) {
                Ok(u64::from(char) - 0xE000)
            } else {
                Err(NotAPlaceholder)
            }
        });
        if text.len() != Self::LEN_CHARS * CHAR_LEN_BYTES {
            return Err(NotAPlaceholder);
        }
        let implied = digits.next().ok_or(NotAPlaceholder)??;
        let number = digits.try_fold(0, |number, digit| Ok(number << 4 | digit?))?;
        Ok(Self {
            number,
            implied: u8::try_from(implied).unwrap_or_default(),
        })
    }
}

/// What the placeholders of a run stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholders {
    names: BTreeMap<u64, (Box<str>, Span)>,
}

impl Placeholders {
    /// Makes the placeholder of what has this name, such as `var.account`, and was first used or declared there.
    pub fn add(&mut self, name: &str, span: Span) -> Placeholder {
        self.named(Placeholder::of(name), name, span)
    }

    /// Makes the placeholder of what a resource of the input, such as `aws_s3_bucket.logs`, will be called.
    pub fn add_identity(&mut self, name: &str, span: Span) -> Placeholder {
        self.named(Placeholder::of_identity(name), name, span)
    }

    fn named(&mut self, placeholder: Placeholder, name: &str, span: Span) -> Placeholder {
        self.names
            .entry(placeholder.number)
            .or_insert_with(|| (name.into(), span));
        placeholder
    }

    /// Makes the placeholder of what has this name in a scope: the same name in another scope is something else.
    pub fn add_within(&mut self, scope: &str, name: &str, span: Span) -> Placeholder {
        self.put(Placeholder::of(&scoped(scope, name)), name, span)
    }

    /// The same for what a resource of the input will be called itself.
    pub fn add_identity_within(&mut self, scope: &str, name: &str, span: Span) -> Placeholder {
        self.put(Placeholder::of_identity(&scoped(scope, name)), name, span)
    }

    fn put(&mut self, placeholder: Placeholder, name: &str, span: Span) -> Placeholder {
        self.names
            .entry(placeholder.number)
            .or_insert_with(|| (name.into(), span));
        placeholder
    }

    /// Adds those of another reading.
    pub fn merge(&mut self, other: Self) {
        for (number, name) in other.names {
            self.names.entry(number).or_insert(name);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of what it stands for, and where that is.
    pub fn name(&self, placeholder: Placeholder) -> Option<(&str, Span)> {
        self.names.get(&placeholder.number).map(|(name, span)| (&**name, *span))
    }

    /// A text with every placeholder as people know it: `${var.account}`.
    ///
    /// Nothing but letters, digits and a few signs come from the name, so that the text may go into JSON or HTML.
    pub fn reveal<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.named_in(text, &|_| String::new())
    }

    /// The same with what tells those of one name apart, `${aws_s3_bucket.this~1f0}`, for what is compared with other runs.
    pub fn identify<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.named_in(text, &|placeholder| format!("{IDENTIFIED}{:x}", placeholder.number))
    }

    fn named_in<'t>(&self, text: &'t str, mark: &dyn Fn(Placeholder) -> String) -> Cow<'t, str> {
        if self.is_empty() || !Placeholder::is_in(text) {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len());
        let mut rest = 0;
        for (range, placeholder) in Placeholder::all_in(text) {
            shown.push_str(text.get(rest..range.start).unwrap_or_default());
            shown.truncate(shown.len().saturating_sub(usize::from(placeholder.implied)));
            let name = self.name(placeholder).map_or("?", |(name, _)| name);
            let plain = |char: char| {
                if char.is_ascii_alphanumeric() || PLAIN.contains(char) {
                    char
                } else {
                    '_'
                }
            };
            shown.push_str("${");
            shown.extend(name.chars().map(plain));
            shown.push_str(&mark(placeholder));
            shown.push('}');
            rest = range.end;
        }
        shown.push_str(text.get(rest..).unwrap_or_default());
        Cow::Owned(shown)
    }
}

/// Whether some part of an identified text is not known before deployment.
pub fn is_identified(text: &str) -> bool {
    text.contains(IDENTIFIED)
}

/// A name with its scope; without one it is the name alone.
fn scoped<'n>(scope: &str, name: &'n str) -> Cow<'n, str> {
    if scope.is_empty() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("{scope}\0{name}"))
    }
}

/// Stands between a name and what tells it from others; no name is shown with it.
const IDENTIFIED: char = '~';
const NUMBERS: u64 = 1 << 44;
/// The highest digit of the number tells names of the input's own resources apart.
const IDENTITY: u64 = NUMBERS >> 1;
const CHAR_LEN_BYTES: usize = 3;
const PLAIN: &str = "._-:/[]()*, ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_in_a_text_is_found_and_revealed() {
        let mut names = Placeholders::default();
        let account = names.add("var.account", Span::default());
        let text = format!("arn:aws:iam::{account}:role/{account}");
        assert_eq!(account.to_string().chars().count(), Placeholder::LEN_CHARS);
        assert_eq!(account.to_string().parse(), Ok(account));
        assert_eq!(
            Placeholder::all_in(&text).map(|(_, found)| found).collect::<Vec<_>>(),
            [account; 2]
        );
        assert_eq!(names.reveal(&text), "arn:aws:iam::${var.account}:role/${var.account}");
        assert_eq!(names.reveal(&account.behind("vpce-")), "${var.account}");
        assert_eq!(names.reveal("a\u{E000}b"), "a\u{E000}b");
    }

    #[test]
    fn a_name_brings_nothing_into_the_text_around() {
        let mut names = Placeholders::default();
        let odd = names.add("var.x[\"</script>\\\n\"]", Span::default());
        assert_eq!(names.reveal(&odd.to_string()), "${var.x[__/script____]}");
    }
}
