use serde::Serialize;

/// A text in which what stood in backticks is code.
pub(super) type Words = Vec<Part>;

/// A part of a text.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Part {
    code: bool,
    text: String,
}

/// Takes a text apart at its backticks; one without a partner stays as it is.
pub(super) fn words(text: &str) -> Words {
    let mut parts = Vec::new();
    let mut push = |code, text: &str| {
        if !text.is_empty() {
            let text = text.to_owned();
            parts.push(Part { code, text });
        }
    };
    let mut rest = text;
    while let Some((before, code, behind)) = first_code(rest) {
        push(false, before);
        push(true, code);
        rest = behind;
    }
    push(false, rest);
    parts
}

/// The first part in backticks, with what stands before and behind it.
fn first_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, behind) = text.split_once('`')?;
    let (code, behind) = behind.split_once('`')?;
    Some((before, code, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_backticks_is_code() {
        let check = |text: &str, expected: &[(bool, &str)]| {
            let found = words(text);
            let found: Vec<(bool, &str)> = found.iter().map(|part| (part.code, part.text.as_str())).collect();
            assert_eq!(found, expected);
        };
        check("put `a:b` in", &[(false, "put "), (true, "a:b"), (false, " in")]);
        check("`a``b`", &[(true, "a"), (true, "b")]);
        check("a ` b", &[(false, "a ` b")]);
        check("", &[]);
    }
}
