use std::ops::Range;

use super::{Span, Text};

/// A comment that speaks to this program, such as `# bucketproof: ignore[s3/public-read] published data set`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands.
    pub span: Span,
    /// What it says behind the name of the program.
    pub text: String,
    /// The lines that it speaks of: its own and, where it stands alone, the one below.
    pub covers: Span,
}

/// The comments of a text that speak to this program. `literals` are the bytes in which nothing is a comment; `markers` begin
/// one that ends with the line.
pub fn comments(text: &Text<'_>, literals: &[Range<usize>], markers: &[&str]) -> Vec<Comment> {
    let content = text.as_str();
    // INVARIANT: literals come in order and do not overlap.
    let is_literal = |at: usize| {
        let behind = literals.partition_point(|literal| literal.start <= at);
        let last = behind.checked_sub(1).and_then(|last| literals.get(last));
        last.is_some_and(|literal| at < literal.end)
    };
    let mut line = 0;
    let mut found = Vec::new();
    for (at, _) in content.match_indices(NAME) {
        let since = content.get(line..at).unwrap_or_default();
        line += since.rfind('\n').map_or(0, |end| end + 1);
        let before = content.get(..at).unwrap_or_default().trim_end_matches([' ', '\t']);
        let Some(ahead) = markers.iter().find_map(|marker| before.strip_suffix(marker)) else {
            continue;
        };
        let code = ahead.get(line..).unwrap_or_default();
        // What stands in another comment is a text about comments.
        let mut marks = markers.iter().flat_map(|marker| code.match_indices(marker));
        let is_inside = marks.any(|(mark, _)| !is_literal(line + mark));
        if is_literal(ahead.len()) || is_inside || !ahead.is_empty() && !ahead.ends_with([' ', '\t', '\n']) {
            continue;
        }
        let end = content
            .get(at..)
            .and_then(|rest| rest.find('\n'))
            .map_or(content.len(), |len| at + len);
        let is_alone = code.trim().is_empty();
        let covered = if is_alone {
            end_of_next(content, end, markers)
        } else {
            end
        };
        let says = content.get(at + NAME.len()..end).unwrap_or_default();
        found.push(Comment {
            span: text.span(ahead.len(), content.get(..end).map_or(end, |all| all.trim_end().len())),
            text: says.trim().to_owned(),
            covers: text.span(line, covered),
        });
    }
    found
}

/// The end of the line below, other comments left out.
fn end_of_next(content: &str, end: usize, markers: &[&str]) -> usize {
    let mut at = end;
    for line in content
        .get(end..)
        .unwrap_or_default()
        .split_inclusive('\n')
        .skip(1)
        .take(MOST)
    {
        let start = at + 1;
        at = start + line.trim_end_matches('\n').len();
        if !markers.iter().any(|marker| line.trim_start().starts_with(marker)) {
            break;
        }
    }
    at
}

/// Most comments that stand above what one of them speaks of.
const MOST: usize = 32;
/// What such a comment begins with.
const NAME: &str = "bucketproof:";

#[cfg(test)]
mod tests {
    use super::super::FileId;
    use super::*;

    fn check(content: &str, literals: &[Range<usize>], expected: &[(&str, &str)]) {
        let text = Text::new(FileId(0), content);
        let found = comments(&text, literals, &["#", "//"]);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|comment| {
                (
                    &*comment.text,
                    content.get(comment.covers.range()).expect("in the text"),
                )
            })
            .collect();
        assert_eq!(found, expected, "{content}");
    }

    #[test]
    fn a_comment_speaks_of_its_line_or_of_the_one_below() {
        check("a\nb # bucketproof: x\nc\n", &[], &[("x", "b # bucketproof: x")]);
        check(
            "a\n  //bucketproof: x\r\nc\nd",
            &[],
            &[("x", "  //bucketproof: x\r\nc")],
        );
        check(
            "# bucketproof: x\n# why\nc\nd",
            &[],
            &[("x", "# bucketproof: x\n# why\nc")],
        );
        check("# bucketproof: x", &[], &[("x", "# bucketproof: x")]);
    }

    #[test]
    fn texts_hold_no_comments() {
        check("a = \" # bucketproof: x\"\n", std::slice::from_ref(&(4..23)), &[]);
        check("a # see # bucketproof: x\n", &[], &[]);
        check("a#bucketproof: x\n", &[], &[]);
        check(
            "a = \"#\" # bucketproof: x",
            std::slice::from_ref(&(4..7)),
            &[("x", "a = \"#\" # bucketproof: x")],
        );
    }
}
