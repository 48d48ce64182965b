//! Literal text of templates: what the source says, and where each byte of it stands.

use std::ops::Range;

use super::syntax::Literal;
use crate::source::{Text, is_of_placeholder};

/// How literal text is written.
#[derive(Clone, Debug)]
pub(super) enum Style {
    /// Between quotes, with escapes.
    Quoted,
    /// In lines, as in a heredoc, each of which loses its first blanks.
    Lines { indent: usize, at_start: bool },
}

impl Style {
    /// The next literal goes on in a line.
    pub fn inside_line(&mut self) {
        if let Self::Lines { at_start, .. } = self {
            *at_start = false;
        }
    }
}

/// The literal in a range of a text.
pub(super) fn literal(source: &Text<'_>, range: Range<usize>, style: &mut Style) -> Literal {
    let written = source.as_str().get(range.clone()).unwrap_or_default();
    let mut text = String::with_capacity(written.len());
    let mut places: Vec<usize> = Vec::with_capacity(written.len());
    let mut rest = written.char_indices().peekable();
    while let Some((at, char)) = rest.next() {
        if let Style::Lines { indent, at_start } = style {
            if std::mem::take(at_start) && skip_indent(written, at, *indent, &mut rest, char) {
                continue;
            }
            *at_start = char == '\n';
        }
        let follows = |next: &str| written.get(at..).is_some_and(|rest| rest.starts_with(next));
        // `$${` and `%%{` are how a template writes `${` and `%{`.
        if follows("$${") || follows("%%{") {
            rest.next();
            text.push(char);
        } else if char == '\\' && matches!(style, Style::Quoted) {
            let decoded = escape(&mut rest);
            text.push(decoded);
        } else {
            text.push(char);
        }
        places.resize(text.len(), range.start + at);
    }
    let offset = |place: usize| source.span(place, place).start;
    Literal {
        text: text.into(),
        offsets: places.into_iter().map(offset).collect(),
    }
}

type Chars<'w> = std::iter::Peekable<std::str::CharIndices<'w>>;

/// Skips the blanks that all lines of an indented heredoc have; whether this character was one of them.
fn skip_indent(written: &str, at: usize, indent: usize, rest: &mut Chars<'_>, first: char) -> bool {
    let blank = |char: char| char == ' ' || char == '\t';
    if indent == 0 || !blank(first) {
        return false;
    }
    let line = written.get(at..).unwrap_or_default();
    let blanks = line.chars().take(indent).take_while(|char| blank(*char)).count();
    for _ in 1..blanks {
        rest.next();
    }
    true
}

fn escape(rest: &mut Chars<'_>) -> char {
    match rest.next().map(|(_, char)| char) {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => code(rest, 4),
        Some('U') => code(rest, 8),
        Some(other) => other,
        None => '\\',
    }
}

fn code(rest: &mut Chars<'_>, digits: usize) -> char {
    let mut value = 0_u32;
    for _ in 0..digits {
        let Some((_, digit)) = rest.next_if(|(_, char)| char.is_ascii_hexdigit()) else {
            break;
        };
        value = value
            .wrapping_mul(16)
            .wrapping_add(digit.to_digit(16).unwrap_or_default());
    }
    let char = char::from_u32(value).filter(|char| !is_of_placeholder(*char));
    char.unwrap_or(char::REPLACEMENT_CHARACTER)
}

impl Literal {
    /// Takes away the white space in front.
    pub fn trim_start(&mut self) {
        let kept = self.text.trim_start();
        let from = self.text.len() - kept.len();
        self.offsets = self.offsets.get(from..).unwrap_or_default().into();
        self.text = kept.into();
    }

    /// Takes away the white space at the end.
    pub fn trim_end(&mut self) {
        let kept = self.text.trim_end();
        self.offsets = self.offsets.get(..kept.len()).unwrap_or_default().into();
        self.text = kept.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn check(written: &str, mut style: Style, expected: &str, offsets: &[u32]) {
        let text = Text::new(FileId(0), written);
        let found = literal(&text, 0..written.len(), &mut style);
        assert_eq!(&*found.text, expected);
        assert_eq!(&*found.offsets, offsets);
    }

    #[test]
    fn bytes_know_where_they_were_written() {
        check(
            r#"a\"b\u00e9$${c"#,
            Style::Quoted,
            "a\"b\u{e9}${c",
            &[0, 1, 3, 4, 4, 10, 12, 13],
        );
        let lines = || Style::Lines {
            indent: 2,
            at_start: true,
        };
        check("  a\n   b\n", lines(), "a\n b\n", &[2, 3, 6, 7, 8]);
        check("\n  %%{", lines(), "\n%{", &[0, 3, 5]);
        check("", lines(), "", &[]);
    }
}
