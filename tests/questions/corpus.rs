//! The pairs that Access Analyzer's own samples label for CheckNoNewAccess, where they lie beside the repository.

use std::path::{Path, PathBuf};

use bucketproof::iam::PolicyKind;
use bucketproof::model::{Bucket, Setting};
use bucketproof::source::Span;
use serde_json::Value;

use crate::states::{new_access, policy, state, summary};

fn corpus() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["../shared/corpus", "../../shared/corpus"];
    let found = places.iter().map(|place| here.join(place)).find(|place| place.is_dir());
    if found.is_none() {
        println!("skipped: corpus not here");
    }
    found
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a file of the corpus");
    serde_json::from_str(&text).expect("JSON")
}

/// The bucket that a policy speaks of.
fn bucket_name(document: &Value) -> String {
    let text = document.to_string();
    let name = text.split("arn:aws:s3:::").nth(1).unwrap_or("b");
    name.chars()
        .take_while(|char| char.is_ascii_alphanumeric() || "-._".contains(*char))
        .collect()
}

/// [CPC-01] Trust policies are left out: their references hold `NotPrincipal` or `Principal` `*` for providers, which
/// no trust policy can.
#[test]
fn access_analyzer_says_the_same() {
    let Some(corpus) = corpus() else { return };
    let labels = std::fs::read_to_string(corpus.join("labels.jsonl")).expect("the labels");
    let mut pairs = 0;
    for line in labels
        .lines()
        .filter(|line| line.contains("access-analyzer-samples/resource-policies/check-who"))
    {
        let label: Value = serde_json::from_str(line).expect("JSON");
        let path = |name: &str| corpus.join(label[name].as_str().expect("a path"));
        let (reference, candidate) = (read(&path("reference")), read(&path("case")));
        let name = bucket_name(&candidate);
        let of = |document: &Value| {
            let policy = policy(&document["Statement"], PolicyKind::Bucket);
            let mut inventory = state(Bucket {
                policy: Setting::set(policy, Span::default()),
                ..Bucket::default()
            });
            inventory.buckets[0].name = name.as_str().into();
            inventory
        };
        let new = summary(&new_access(&of(&reference), &of(&candidate)));
        assert!(!new.iter().any(|line| line.starts_with("undecided")), "{new:?}");
        assert_eq!(
            new.is_empty(),
            label["peer_expected"] == "pass",
            "{}: {new:?}",
            label["name"]
        );
        pairs += 1;
    }
    assert_eq!(pairs, 11);
}
