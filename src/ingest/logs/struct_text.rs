use std::borrow::Cow;

use serde_json::{Map, Value};

/// The JSON of a nested column that Athena wrote into a CSV as `{type=IAMUser, arn=…, sessioncontext={…}}` [CT-90]; anything else
/// stays as it is.
pub(super) fn as_json(text: Cow<'_, str>) -> Cow<'_, str> {
    let inside = text.trim_start_matches('[').strip_prefix('{');
    if !inside.is_some_and(|inside| inside.starts_with(|char: char| char.is_ascii_alphabetic())) {
        return text;
    }
    match value(&text, DEEPEST) {
        Some((value, "")) => Cow::Owned(value.to_string()),
        Some(_) | None => text,
    }
}

/// A value, and what stands behind it.
fn value(text: &str, depth: usize) -> Option<(Value, &str)> {
    let depth = depth.checked_sub(1)?;
    if let Some(inside) = text.strip_prefix('{') {
        return members(inside, depth);
    }
    if let Some(inside) = text.strip_prefix('[') {
        return items(inside, depth);
    }
    // Names in AWS hold commas and equals signs, but no spaces.
    let end = [text.find(", "), text.find(['}', ']'])].into_iter().flatten().min();
    let (scalar, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let value = match scalar {
        "null" => Value::Null,
        scalar => Value::String(scalar.to_owned()),
    };
    Some((value, rest))
}

fn members(mut text: &str, depth: usize) -> Option<(Value, &str)> {
    let mut members = Map::new();
    loop {
        if let Some(rest) = text.strip_prefix('}') {
            return Some((Value::Object(members), rest));
        }
        let (name, rest) = text.split_once('=')?;
        let (value, rest) = value(rest, depth)?;
        members.insert(name.to_owned(), value);
        text = rest.strip_prefix(", ").unwrap_or(rest);
    }
}

fn items(mut text: &str, depth: usize) -> Option<(Value, &str)> {
    let mut items = Vec::new();
    loop {
        if let Some(rest) = text.strip_prefix(']') {
            return Some((Value::Array(items), rest));
        }
        let (value, rest) = value(text, depth)?;
        items.push(value);
        // What does not get on is no list.
        text = match rest.strip_prefix(", ") {
            Some(rest) => rest,
            None if rest.starts_with(']') => rest,
            None => return None,
        };
    }
}

const DEEPEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_become_json_and_the_rest_stays() {
        let check = |text: &str, expected: &str| assert_eq!(as_json(text.into()), expected, "{text}");
        check(
            "{type=IAMUser, arn=arn:aws:iam::111122223333:user/a,b=c, x=null}",
            r#"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/a,b=c","x":null}"#,
        );
        check("{a={b={c=d}, e=f}}", r#"{"a":{"b":{"c":"d"},"e":"f"}}"#);
        check(
            "[{arn=arn:aws:s3:::b, type=t}, {arn=x}]",
            r#"[{"arn":"arn:aws:s3:::b","type":"t"},{"arn":"x"}]"#,
        );
        for same in [r#"{"a":1}"#, "{}", "{a=b", "{a}", "[]", "{a={b=c}", "[{a=b}x]", "{=}"] {
            check(same, same);
        }
        check(&"{a=".repeat(100), &"{a=".repeat(100));
    }
}
