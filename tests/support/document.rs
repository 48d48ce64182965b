//! Reading one policy document as ingest does.

use bucketproof::iam::{PolicyDocument, PolicyKind, parse_policy};
use bucketproof::source::{FileId, Limits, Text, parse_json};

/// The document, or why AWS would refuse it.
pub fn document(text: &str, kind: PolicyKind) -> Result<PolicyDocument, Vec<String>> {
    let parsed = match parse_json(&Text::new(FileId(0), text), Limits::default()) {
        Ok(parsed) => parse_policy(&parsed.root, kind),
        Err(error) => return Err(vec![error.to_string()]),
    };
    let messages = |diagnostics: Vec<bucketproof::source::Diagnostic>| {
        diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect()
    };
    parsed.document.map_err(messages)
}
