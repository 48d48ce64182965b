//! The JSON reader: never a panic, spans inside the file, and texts inside strings lead back to it.
#![no_main]

use bucketproof::source::{FileId, Limits, Node, Text, parse_json, parse_json_values};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let whole = Text::new(FileId(0), text);
    let one = parse_json(&whole, Limits::default());
    let many = parse_json_values(&whole, Limits::default());
    assert!(one.is_err() || many.as_ref().is_ok_and(|values| values.len() == 1));
    match many {
        Ok(values) => values.iter().for_each(|value| check(&whole, &value.root, text, 0)),
        Err(error) => fits(error.span.range(), text),
    }
});

fn check(outer: &Text<'_>, node: &Node, file: &str, depth: usize) {
    fits(node.span.range(), file);
    node.items().iter().for_each(|item| check(outer, item, file, depth));
    for member in node.members() {
        fits(member.key_span.range(), file);
        check(outer, &member.value, file, depth);
    }
    if node.as_str().is_some() && depth < 3 {
        let inner = outer.of_string(node);
        assert_eq!(Some(inner.as_str()), node.as_str());
        open(&inner, file, depth + 1);
        if let Ok(decoded) = inner.percent_decoded() {
            open(&decoded, file, depth + 1);
        }
    }
}

fn open(text: &Text<'_>, file: &str, depth: usize) {
    match parse_json(text, Limits::default()) {
        Ok(parsed) => check(text, &parsed.root, file, depth),
        Err(error) => fits(error.span.range(), file),
    }
}

fn fits(range: std::ops::Range<usize>, file: &str) {
    assert!(file.get(range.clone()).is_some(), "{range:?}");
}
