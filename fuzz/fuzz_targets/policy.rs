//! The policy parser: never a panic; what it takes can be printed and parsed again to the same.
#![no_main]

use bucketproof::iam::{PolicyKind, parse_policy};
use bucketproof::source::{FileId, Limits, Text, parse_json};
use libfuzzer_sys::fuzz_target;

const KINDS: [PolicyKind; 4] = [
    PolicyKind::Bucket,
    PolicyKind::AccessPoint,
    PolicyKind::Trust,
    PolicyKind::ResourceControl,
];

fuzz_target!(|text: &str| {
    let whole = Text::new(FileId(0), text);
    let Ok(parsed) = parse_json(&whole, Limits::default()) else {
        return;
    };
    for kind in KINDS {
        let Ok(document) = parse_policy(&parsed.root, kind).document else {
            continue;
        };
        let printed = document.to_json().to_string();
        let whole = Text::new(FileId(0), &printed);
        let again = parse_json(&whole, Limits::default()).expect("printed as JSON");
        // Printing writes every list as a list, which can take it over the size limit.
        if let Ok(again) = parse_policy(&again.root, kind).document {
            assert_eq!(again.to_json().to_string(), printed);
        }
    }
});
