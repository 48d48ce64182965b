use super::Value;

/// What a plain YAML scalar is, as AWS CloudFormation reads it: YAML 1.1 where that is harmless [FMT-70].
///
/// Booleans are `true`, `yes` and `on` with their opposites, in lower, upper or title case. Numbers are those of JSON,
/// also with leading zeros, as an account id may have them [PRIN-19]. Dates, times, `0x1F`, `0b1`, `1_000` and `.inf` stay
/// texts: nothing of ours is written that way.
pub(super) fn plain(text: &str) -> Value {
    match text.len() {
        0..=5 if text.is_empty() || is_null_word(text) => Value::Null,
        2..=5 if is_one_of(text, TRUE) => Value::Bool(true),
        2..=5 if is_one_of(text, FALSE) => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.into()),
        _ => Value::String(text.into()),
    }
}

/// Whether a plain scalar is null by one of its names.
pub(super) fn is_null_word(text: &str) -> bool {
    text == "~" || is_one_of(text, &["null"])
}

/// Whether a text is one of these words in lower, upper or title case.
fn is_one_of(text: &str, words: &[&str]) -> bool {
    let rest = text.get(1..).unwrap_or_default();
    let is_title = rest.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_upper = text.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_title || is_upper) && words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a text is a number as JSON writes it, leading zeros and a sign allowed.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|char: char| char.is_ascii_digit()) {
        return false;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_written = digits(whole)
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)));
    is_written && text.parse::<f64>().is_ok_and(f64::is_finite)
}

const TRUE: &[&str] = &["true", "yes", "on"];
const FALSE: &[&str] = &["false", "no", "off"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_what_cloudformation_reads() {
        // [FMT-70]
        for text in ["true", "True", "TRUE", "yes", "On"] {
            assert_eq!(plain(text), Value::Bool(true), "{text}");
        }
        for text in ["false", "No", "off", "OFF"] {
            assert_eq!(plain(text), Value::Bool(false), "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Value::Null, "{text}");
        }
        for text in ["0", "-1", "+1", "012345678901", "1.50", "1e3", "2.5E-7"] {
            assert_eq!(plain(text), Value::Number(text.into()), "{text}");
        }
        for text in [
            "2012-10-17",
            "12:30",
            "0x1F",
            "1_000",
            ".5",
            "5.",
            ".inf",
            "1e999",
            "nULL",
            "yEs",
            "y",
            "n",
            "-",
            "1e",
            "é",
        ] {
            assert_eq!(plain(text), Value::String(text.into()), "{text}");
        }
    }
}
