use crate::iam::Version;
use crate::rules::glob::matches;
use crate::source::{Placeholder, is_of_placeholder};

/// A pattern with a star for whatever is not known: variables, and values before deployment.
pub(super) fn loose(text: &str, version: Version) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        if version.has_variables()
            && let Some((_, behind)) = rest.strip_prefix("${").and_then(|tail| tail.split_once('}'))
        {
            out.push('*');
            rest = behind;
            continue;
        }
        out.push(if is_of_placeholder(char) { '*' } else { char });
        rest = rest.get(char.len_utf8()..).unwrap_or_default();
    }
    out
}

/// Whether a text stands for itself alone: no wildcard, no variable, and known before deployment.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains(['*', '?']) && !text.contains("${") && !Placeholder::is_in(text)
}

/// Whether a pattern matches everything that another one does, as far as that is plain to see.
pub(super) fn covers(general: &str, special: &str) -> bool {
    if general == special {
        return true;
    }
    // A question mark is one character, what a star stands for is not.
    let unreadable = general.contains("${") || special.contains("${") || general.contains('?') && special.contains('*');
    let small = general.len().saturating_mul(special.len()) <= MOST_WORK;
    let fixed = general.split(['*', '?']).next().unwrap_or_default();
    fixed.len() < general.len() && special.starts_with(fixed) && !unreadable && small && matches(general, special)
}

/// The same of ARNs, field by field: a wildcard spans no colon of an earlier field [RES-02], [COND-24].
pub(super) fn covers_arn(general: &str, special: &str) -> bool {
    let fields = |text| str::splitn(text, 6, ':').collect::<Vec<_>>();
    let (one, other) = (fields(general), fields(special));
    general == special
        || one.len() == 6 && other.len() == 6 && one.iter().zip(&other).all(|(one, other)| covers(one, other))
}

/// The same of entries of `Resource`.
pub(super) fn covers_resource(general: &str, special: &str) -> bool {
    general == "*" || covers_arn(general, special)
}

/// The most that one comparison of two patterns may cost: hostile documents hold long ones.
const MOST_WORK: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_matches() {
        let check = |general: &str, special: &str, expected| {
            assert_eq!(covers(general, special), expected, "{general} {special}");
        };
        check("s3:get*", "s3:getobject", true);
        check("s3:get*", "s3:getobject*", true);
        check("s3:get*", "s3:*", false);
        check("a?", "a*", false);
        check("a?", "ab", true);
        check("a*", "a${aws:username}", false);
        check("a", "a", true);
        check("a", "b", false);
    }

    /// [VAR-01], [POL-03]
    #[test]
    fn what_is_not_known_may_be_anything() {
        assert_eq!(loose("b/${aws:username}/x", Version::V2012), "b/*/x");
        assert_eq!(loose("b/${aws:username}/x", Version::V2008), "b/${aws:username}/x");
        assert!(is_plain("abc") && !is_plain("a*") && !is_plain("${a}"));
    }
}
