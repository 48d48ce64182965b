//! The YAML reader: never a panic, spans inside the file; what is JSON gives the same tree. Templates are evaluated in bounded
//! time and memory.
#![no_main]

use bucketproof::ingest::{Request, assemble, discover_texts, read};
use bucketproof::source::{FileId, Limits, Node, Text, parse_json, parse_yaml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let whole = Text::new(FileId(0), text);
    let limits = Limits {
        values: 100_000,
        ..Limits::default()
    };
    match parse_yaml(&whole, limits) {
        Ok(yaml) => {
            yaml.documents.iter().for_each(|node| check(node, text));
            for said in &yaml.duplicates {
                fits(said.first.range(), text);
                fits(said.again.range(), text);
            }
            if let (Ok(json), [only]) = (parse_json(&whole, limits), &*yaml.documents) {
                assert_eq!(&json.root, only);
            }
        }
        Err(error) => fits(error.span.range(), text),
    }
    let files = vec![("template.yaml".to_owned(), text.as_bytes().to_vec())];
    let found = discover_texts("memory", files, &Request::default());
    let parts = found.units.iter().map(read).collect();
    let got = assemble(found, parts);
    for span in got.diagnostics.iter().filter_map(|said| said.span) {
        let file = got.sources.file(span.file).expect("a file");
        fits(span.range(), file.text());
    }
});

fn check(node: &Node, file: &str) {
    fits(node.span.range(), file);
    node.items().iter().for_each(|item| check(item, file));
    for member in node.members() {
        fits(member.key_span.range(), file);
        check(&member.value, file);
    }
}

fn fits(range: std::ops::Range<usize>, file: &str) {
    assert!(file.get(range.clone()).is_some(), "{range:?}");
}
