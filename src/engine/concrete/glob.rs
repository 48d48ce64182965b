use super::keys::Keys;
use crate::iam::{Part, Pattern};

/// One unit of a pattern whose variables have been replaced by their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    /// This very character.
    Char(char),
    /// `?`: any one character.
    One,
    /// `*`: any run of characters.
    Star,
}

/// A pattern with the values of its variables, which are literal [VAR-06]; none if a variable has no value [VAR-03].
pub(super) fn expand(pattern: &Pattern, keys: &Keys<'_>) -> Option<Vec<Glyph>> {
    let mut glyphs = Vec::new();
    for part in &pattern.parts {
        match part {
            Part::Text(text) => glyphs.extend(text.chars().map(Glyph::Char)),
            Part::Star => glyphs.push(Glyph::Star),
            Part::One => glyphs.push(Glyph::One),
            Part::Variable(variable) => {
                let value = keys.variable(&variable.key).or(variable.default.as_deref())?;
                glyphs.extend(value.chars().map(Glyph::Char));
            }
        }
    }
    Some(glyphs)
}

/// Whether a pattern matches a whole text.
///
/// Goes back to the last star only, so the time is at most the product of both lengths.
pub(super) fn glob(pattern: &[Glyph], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut seen) = (0, 0);
    // Behind the last star, and how much of the text it has not yet taken.
    let mut last_star: Option<(usize, usize)> = None;
    while let Some(char) = text.get(seen) {
        let fits = match pattern.get(at) {
            Some(Glyph::Star) => {
                at += 1;
                last_star = Some((at, seen));
                continue;
            }
            Some(Glyph::One) => true,
            Some(Glyph::Char(expected)) => expected == char,
            None => false,
        };
        if fits {
            at += 1;
            seen += 1;
            continue;
        }
        let Some((behind, taken)) = last_star else {
            return false;
        };
        at = behind;
        seen = taken + 1;
        last_star = Some((behind, taken + 1));
    }
    pattern.iter().skip(at).all(|glyph| *glyph == Glyph::Star)
}

/// Whether an ARN pattern matches an ARN, field by field: a wildcard never swallows a colon of the first five [RES-02].
///
/// A pattern of fewer fields takes the rest of the ARN as its last field, so that `*`, `arn:*` and
/// `arn:aws:s3:*` match what lies under them. For the short forms that is unverified [RES-02].
pub(super) fn resource_matches(pattern: &[Glyph], arn: &str) -> bool {
    let patterns = fields(pattern);
    let texts: Vec<&str> = arn.splitn(patterns.len(), ':').collect();
    patterns.len() == texts.len() && patterns.iter().zip(texts).all(|(pattern, text)| glob(pattern, text))
}

/// Whether a value of an ARN operator matches an ARN: both have six fields, compared one by one [COND-24], [COND-40].
pub(super) fn arn_matches(pattern: &[Glyph], arn: &str) -> bool {
    let six = |count: usize| count == 6;
    six(fields(pattern).len()) && six(arn.splitn(6, ':').count()) && resource_matches(pattern, arn)
}

/// A pattern cut at its first five colons.
fn fields(pattern: &[Glyph]) -> Vec<&[Glyph]> {
    pattern.splitn(6, |glyph| *glyph == Glyph::Char(':')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::Version;

    fn glyphs(text: &str) -> Vec<Glyph> {
        let pattern = Pattern::glob(text, Version::V2008).expect(text);
        expand(&pattern, &Keys::default()).expect(text)
    }

    #[test]
    fn globs_match_whole_texts() {
        let check = |pattern: &str, text: &str, expected| {
            assert_eq!(glob(&glyphs(pattern), text), expected, "{pattern} {text}");
        };
        check("", "", true);
        check("", "a", false);
        check("*", "", true);
        check("*", "a:b/c", true);
        check("a*", "b", false);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check("a?", "aé", true);
        check("*ab", "aab", true);
        check("*a*b*", "xxaxxbxx", true);
        check("*a*b*", "xxbxxaxx", false);
        check("a*b*c", "abbbbcbc", true);
        check("a*b*c", "abbbbcbd", false);
        check("?*?", "a", false);
        check("**", "", true);
        check("*", "*", true);
    }

    /// What a pattern means, without regard to time.
    fn naive(pattern: &[Glyph], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, _) => text.is_empty(),
            (Some((Glyph::Star, rest)), None) => naive(rest, text),
            (Some((Glyph::Star, rest)), Some((_, behind))) => naive(rest, text) || naive(pattern, behind),
            (Some((Glyph::One, rest)), Some((_, behind))) => naive(rest, behind),
            (Some((Glyph::Char(wanted), rest)), Some((char, behind))) => wanted == char && naive(rest, behind),
            (Some((Glyph::One | Glyph::Char(_), _)), None) => false,
        }
    }

    proptest::proptest! {
        #[test]
        fn globs_mean_what_they_say(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let pattern = glyphs(&pattern);
            let chars: Vec<char> = text.chars().collect();
            proptest::prop_assert_eq!(glob(&pattern, &text), naive(&pattern, &chars));
        }
    }

    /// A pattern that takes other matchers exponential time.
    #[test]
    fn hostile_globs_end() {
        let pattern = glyphs(&("a*".repeat(200) + "b"));
        assert!(!glob(&pattern, &"a".repeat(4000)));
    }

    #[test]
    fn stars_do_not_swallow_colons_of_the_first_five() {
        let check = |pattern: &str, arn: &str, expected| {
            assert_eq!(resource_matches(&glyphs(pattern), arn), expected, "{pattern} {arn}");
        };
        check("*", "arn:aws:s3:::b/k", true);
        check("arn:aws:s3:::*", "arn:aws:s3:::b/k", true);
        check("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b/c", true);
        check("arn:aws:s3:::b/*", "arn:aws:s3:::b", false);
        check("arn:aws:s3:*", "arn:aws:s3:::b/k", true);
        check("arn:aws:s3:*:b", "arn:aws:s3:::b", false);
        check("arn:aws:s3:*", "arn:aws:sts::1:x", false);
        check("arn:*", "arn:aws:s3:::b", true);
        check("arn:*:b", "arn:aws:s3:::b", false);
        check(
            "arn:aws:s3:*:*:accesspoint/a",
            "arn:aws:s3:us-east-1:111122223333:accesspoint/a",
            true,
        );
        check(
            "arn:aws:s3:*:accesspoint/a",
            "arn:aws:s3:us-east-1:111122223333:accesspoint/a",
            false,
        );
    }

    #[test]
    fn arn_operators_need_six_fields_on_both_sides() {
        let check = |pattern: &str, arn: &str, expected| {
            assert_eq!(arn_matches(&glyphs(pattern), arn), expected, "{pattern} {arn}");
        };
        check("arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/x", true);
        check("arn:aws:iam::*:role/x", "arn:aws:iam::1:2:role/x", false);
        check("arn:aws:sns:*:*:*", "arn:aws:sns:eu-west-1:111122223333:t:sub", true);
        check("*", "arn:aws:iam::111122223333:role/x", false);
        check("arn:aws:iam:*", "arn:aws:iam::111122223333:role/x", false);
        check("arn:aws:iam::*:*", "anonymous", false);
    }
}
