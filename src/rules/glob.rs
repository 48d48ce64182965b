/// Whether a text matches a pattern in which `*` stands for any run of characters and `?` for one.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (fixed, behind) = split(pattern);
    match text.strip_prefix(fixed) {
        None => false,
        Some(rest) if behind.is_empty() => rest.is_empty(),
        Some(rest) => {
            let tail = behind.rsplit(['*', '?']).next().unwrap_or_default();
            behind == "*" || rest.ends_with(tail) && places(behind, rest).last() == Some(&true)
        }
    }
}

/// Whether a pattern matches some text that goes on behind this beginning.
pub(super) fn matches_beyond(pattern: &str, beginning: &str) -> bool {
    let (fixed, behind) = split(pattern);
    match beginning.strip_prefix(fixed) {
        Some(rest) => behind == "*" || places(behind, rest).iter().rev().skip(1).any(|place| *place),
        None => fixed.starts_with(beginning),
    }
}

/// A pattern as what stands before its first wildcard, and the rest.
fn split(pattern: &str) -> (&str, &str) {
    let wildcard = pattern.find(['*', '?']).unwrap_or(pattern.len());
    pattern.split_at_checked(wildcard).unwrap_or((pattern, ""))
}

/// The pattern's places that a text can have led to, the last one being behind it.
fn places(pattern: &str, text: &str) -> Vec<bool> {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // The pattern's positions that the text read so far can have led to.
    let mut here = vec![false; pattern.len() + 1];
    let close = |here: &mut Vec<bool>| {
        for (at, char) in pattern.iter().enumerate() {
            if *char == '*' && here.get(at) == Some(&true) {
                here.iter_mut().skip(at + 1).take(1).for_each(|next| *next = true);
            }
        }
    };
    here.iter_mut().take(1).for_each(|start| *start = true);
    close(&mut here);
    for char in text {
        let mut next = vec![false; pattern.len() + 1];
        for (at, wanted) in pattern.iter().enumerate() {
            if here.get(at) == Some(&true) {
                let (stays, moves) = (*wanted == '*', *wanted == '?' || *wanted == char);
                next.iter_mut().skip(at).take(1).for_each(|place| *place |= stays);
                next.iter_mut()
                    .skip(at + 1)
                    .take(1)
                    .for_each(|place| *place |= moves && !stays);
            }
        }
        close(&mut next);
        here = next;
    }
    here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_are_wildcards() {
        let check =
            |pattern: &str, text: &str, expected| assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        check("arn:aws:s3:::open-data", "arn:aws:s3:::open-data", true);
        check("arn:aws:s3:::open-data", "arn:aws:s3:::open-data-2", false);
        check("arn:aws:s3:::open-*", "arn:aws:s3:::open-data", true);
        check("*", "", true);
        check("**", "anything", true);
        check("?", "", false);
        check("a?c*", "abc", true);
        check("*a*b", "xxaxxbxxb", true);
        check("*a*b", "xxaxxbxxc", false);
        check("", "", true);
        check("", "x", false);
        check("é*", "été", true);
    }

    #[test]
    fn a_beginning_can_go_on() {
        let check = |pattern: &str, text: &str, expected| {
            assert_eq!(matches_beyond(pattern, text), expected, "{pattern} {text}")
        };
        check("b/*", "b/", true);
        check("b*", "b/", true);
        check("b", "b/", false);
        // Nothing follows: the key would be empty [RES-05].
        check("b/", "b/", false);
        check("b/key", "b/", true);
        check("?/?", "b/", true);
        check("*", "", true);
        check("", "", false);
    }
}
