use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::value::RawValue;

/// The members of an object, each as it is written.
pub(super) type Members = BTreeMap<String, Box<RawValue>>;

/// The members of a JSON object; none where it is none.
pub(super) fn members(text: &str) -> Option<Members> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
}

/// The text of a string of JSON.
pub(super) fn string(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// An object made of members as they are written.
pub(super) fn object(members: &[(&str, &str)]) -> String {
    let members = members
        .iter()
        .map(|(name, value)| format!("{}: {value}", serde_json::Value::from(*name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// A JSON text for a command: on lines of its own as far as AWS takes that many bytes. All tokens stay as they are, but for
/// characters that a terminal would act upon, which are escaped.
pub(super) fn laid_out(json: &str) -> String {
    let tall = lines(json);
    if tall.len() <= LONGEST { tall } else { as_it_is(json) }
}

fn lines(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    let mut rest = json.chars().peekable();
    while let Some(next) = rest.next() {
        if in_string {
            push(&mut out, next);
            in_string = is_escaped || next != '"';
            is_escaped = !is_escaped && next == '\\';
            continue;
        }
        match next {
            ' ' | '\t' | '\r' | '\n' => {}
            '{' | '[' => {
                out.push(next);
                while rest.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(close) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth = (depth + 1).min(DEEPEST);
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(next);
            }
            ',' => {
                out.push(next);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            other => {
                in_string = other == '"';
                push(&mut out, other);
            }
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

/// A JSON text for a command as it is written, but for characters that a terminal would act upon.
pub(super) fn as_it_is(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    json.chars().for_each(|next| push(&mut out, next));
    out
}

fn push(out: &mut String, next: char) {
    if acts(next) {
        let mut units = [0; 2];
        for unit in next.encode_utf16(&mut units) {
            // Writing to a text cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    } else {
        out.push(next);
    }
}

/// Whether a terminal acts upon a character or shows it elsewhere than where it stands.
pub(super) fn acts(next: char) -> bool {
    let turns = matches!(next, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    next.is_control() && next != '\n' && next != '\t' || turns
}

/// Bytes that a bucket policy may have (Amazon S3 User Guide, "Bucket policies for Amazon S3": 20 KB).
const LONGEST: usize = 20_000;

/// Levels that are indented.
const DEEPEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_as_they_are() {
        let check = |json: &str, expected: &str| assert_eq!(laid_out(json), expected, "{json}");
        check(
            r#"{"a":[1.50,{}],"b":"x, {y}: \" \\"}"#,
            "{\n  \"a\": [\n    1.50,\n    {}\n  ],\n  \"b\": \"x, {y}: \\\" \\\\\"\n}",
        );
        check("{ \"a\" : [ ] }", "{\n  \"a\": []\n}");
        check("\"\u{1b}[0m\u{202e}\u{7f}\"", "\"\\u001b[0m\\u202e\\u007f\"");
        let long = format!("[{}1]", "1,".repeat(10_000));
        check(&long, &long);
    }
}
