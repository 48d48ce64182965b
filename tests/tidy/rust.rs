//! As much of Rust's syntax as the structure needs: code without comments and literals, and the paths in it.

/// Code with every comment, string and character literal taken out; lines stay where they are.
pub fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let skipped = skipped_at(rest, code.chars().last());
        let (taken, keep) = match skipped {
            0 => (char.len_utf8(), true),
            length => (length, false),
        };
        let (head, tail) = rest.split_at(taken);
        if keep {
            code.push_str(head);
        } else {
            code.extend(head.chars().filter(|char| *char == '\n'));
            // So that what stands on both sides does not grow together.
            code.push(' ');
        }
        rest = tail;
    }
    code
}

/// How many bytes of comment or literal begin here.
fn skipped_at(rest: &str, before: Option<char>) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    let in_word = before.is_some_and(|char| char.is_alphanumeric() || char == '_');
    if let Some(raw) = rest.strip_prefix('r').filter(|_| !in_word) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw.trim_start_matches('#').starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = 1 + hashes + 1;
            let inside = rest.get(open..).unwrap_or_default();
            return inside.find(&close).map_or(rest.len(), |end| open + end + close.len());
        }
    }
    if rest.starts_with('"') {
        return quoted(rest, '"');
    }
    let char_literal = rest.starts_with('\'') && (rest.get(1..2) == Some("\\") || rest.chars().nth(2) == Some('\''));
    if char_literal { quoted(rest, '\'') } else { 0 }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, char) in rest.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if char == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The first segment of every path in some code, with the second one, the line, and how many `super::` lead it.
pub fn paths(code: &str) -> Vec<Path<'_>> {
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut from = 0;
        while let Some(at) = line.get(from..).and_then(|rest| rest.find("::")) {
            let at = from + at;
            let head = line.get(..at).unwrap_or_default();
            let start = head.rfind(|char| !is_word(char)).map_or(0, |before| {
                before
                    + head
                        .get(before..)
                        .and_then(|tail| tail.chars().next())
                        .map_or(1, char::len_utf8)
            });
            let first = head.get(start..).unwrap_or_default();
            let leads = !head.get(..start).unwrap_or_default().ends_with("::");
            let second = line.get(at + 2..).unwrap_or_default();
            let second = second.split(|char| !is_word(char)).next().unwrap_or_default();
            if leads && !first.is_empty() {
                let tail = line.get(start..).unwrap_or_default();
                found.push(Path {
                    first,
                    second,
                    supers: tail.split("::").take_while(|part| *part == "super").count(),
                    line: number + 1,
                });
            }
            from = at + 2;
        }
    }
    found
}

/// A path in some code.
#[derive(Debug, PartialEq, Eq)]
pub struct Path<'a> {
    pub first: &'a str,
    pub second: &'a str,
    pub supers: usize,
    pub line: usize,
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

#[test]
fn code_is_what_is_neither_comment_nor_literal() {
    let text = "use a::b; // c::d\n/* e::f */ let g = \"h::i \\\" j::k\"; r#\"l::m\"#; 'n'; &'o str; p::<'q'>";
    let left = code(text);
    let found: Vec<&str> = paths(&left).iter().map(|path| path.first).collect();
    assert_eq!(found, ["a", "p"]);
    assert_eq!(left.lines().count(), 2);
}

#[test]
fn paths_are_told_by_their_first_segment() {
    let found = paths("use crate::iam::{A};\nlet x = std::mem::take(super::super::y); <T as serde::Serialize>::f()");
    let parts: Vec<(&str, &str, usize)> = found
        .iter()
        .map(|path| (path.first, path.second, path.supers))
        .collect();
    assert_eq!(
        parts,
        [
            ("crate", "iam", 0),
            ("std", "mem", 0),
            ("super", "super", 2),
            ("serde", "Serialize", 0)
        ]
    );
    assert_eq!(found.last().map(|path| path.line), Some(2));
}
