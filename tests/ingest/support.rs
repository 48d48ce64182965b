use std::path::{Path, PathBuf};

use bucketproof::ingest::{Ingested, InputStatus, Request, assemble, discover, discover_texts, read};
use bucketproof::model::{Bucket, Setting};
use bucketproof::source::{DiagnosticSeverity, Span, UnknownReason};

/// Reads what a request names.
pub fn ingest(request: &Request) -> Ingested {
    let discovery = discover(request);
    let parts = discovery.units.iter().map(read).collect();
    assemble(discovery, parts)
}

/// Reads files that are in memory, by their paths.
pub fn ingest_texts<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Ingested {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_ref().to_vec()))
        .collect();
    let discovery = discover_texts("memory", files, &Request::default());
    let parts = discovery.units.iter().map(read).collect();
    assemble(discovery, parts)
}

/// Reads one file, named by the user.
pub fn ingest_file(name: &str, text: &str, attach: Option<&str>) -> Ingested {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(name);
    std::fs::write(&path, text).expect("written");
    ingest(&Request {
        paths: vec![path],
        attach: attach.map(|text| text.parse().expect("an attachment")),
        ..Request::default()
    })
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/ingest").join(name)
}

pub fn paths(paths: &[&Path]) -> Request {
    Request {
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        ..Request::default()
    }
}

/// The one bucket of this name.
pub fn bucket<'i>(got: &'i Ingested, name: &str) -> &'i Bucket {
    let mut found = got.inventory.buckets.iter().filter(|bucket| &*bucket.name == name);
    let bucket = found
        .next()
        .unwrap_or_else(|| panic!("no bucket `{name}`: {:?}", said(got)));
    assert!(found.next().is_none(), "`{name}` is there twice");
    bucket
}

/// Code, place and message of everything above a note.
pub fn said(got: &Ingested) -> Vec<String> {
    let loud = got
        .diagnostics
        .iter()
        .filter(|said| said.severity != DiagnosticSeverity::Note);
    loud.map(|said| {
        let place = match said.span {
            Some(span) => {
                let at = got.sources.start(span);
                format!("{}:{}:{}", got.sources.path(span), at.line, at.column)
            }
            None => said.path.clone().unwrap_or_default(),
        };
        format!(
            "{} {place} {}",
            said.code.trim_start_matches("bucketproof::"),
            said.message
        )
    })
    .collect()
}

/// Codes of everything above a note.
pub fn codes(got: &Ingested) -> Vec<&'static str> {
    let loud = got
        .diagnostics
        .iter()
        .filter(|said| said.severity != DiagnosticSeverity::Note);
    loud.map(|said| said.code.trim_start_matches("bucketproof::")).collect()
}

/// Statuses of the inputs, worst last.
pub fn statuses(got: &Ingested) -> Vec<&'static str> {
    let mut statuses: Vec<_> = got.inputs.iter().map(|input| input.status).collect();
    statuses.sort();
    statuses.into_iter().map(InputStatus::as_str).collect()
}

/// What is known of a setting: its value, `-` where it does not exist, the reason where it is unknown.
pub fn shown<T>(setting: &Setting<T>, value: impl FnOnce(&T) -> String) -> String {
    match setting {
        Setting::Absent => "-".to_owned(),
        Setting::Set(spanned) => value(&spanned.value),
        Setting::Unknown(unknown) => match &unknown.reason {
            UnknownReason::Refused(code) => format!("refused {code}"),
            UnknownReason::Unreadable => "unreadable".to_owned(),
            UnknownReason::Invalid => "invalid".to_owned(),
            UnknownReason::Undecided => "undecided".to_owned(),
            UnknownReason::NotInInput => "not in input".to_owned(),
            UnknownReason::NotDeployed(_) => "not deployed".into(),
        },
    }
}

pub fn debug<T: std::fmt::Debug>(value: &T) -> String {
    format!("{value:?}")
}

/// The settings of a bucket, one a line.
pub fn settings(bucket: &Bucket) -> Vec<String> {
    vec![
        format!(
            "policy {}",
            shown(&bucket.policy, |policy| policy.to_json().to_string())
        ),
        format!("policy status {}", shown(&bucket.policy_status, debug)),
        format!("acl {}", shown(&bucket.acl, |acl| grants(acl).join(", "))),
        format!("block {}", shown(&bucket.public_access_block, block)),
        format!("ownership {}", shown(&bucket.ownership, debug)),
        format!("payer {}", shown(&bucket.request_payment, debug)),
        format!("tags {}", shown(&bucket.tags, debug)),
        format!("abac {}", shown(&bucket.abac, debug)),
        format!(
            "versioning {}",
            shown(&bucket.versioning, |found| format!(
                "{} {}",
                found.enabled, found.mfa_delete
            ))
        ),
        format!(
            "encryption {}",
            shown(&bucket.encryption, |found| found.algorithm.to_string())
        ),
        format!(
            "lifecycle {}",
            shown(&bucket.lifecycle, |found| format!(
                "{} {}",
                found.expires_noncurrent_versions, found.aborts_incomplete_uploads
            ))
        ),
        format!("logging {}", shown(&bucket.logging, ToString::to_string)),
        format!("object lock {}", shown(&bucket.object_lock, debug)),
        format!("website {}", shown(&bucket.website, debug)),
    ]
}

/// Whether nothing is set: what decides who gets in is absent, the rest absent or not exported.
pub fn is_bare(bucket: &Bucket) -> bool {
    let not_exported = |line: &str| UPKEEP.iter().any(|name| line == format!("{name} not in input"));
    settings(bucket)
        .iter()
        .all(|line| line.ends_with(" -") || not_exported(line))
}

/// Settings that decide about nobody's access.
pub const UPKEEP: [&str; 5] = ["versioning", "encryption", "lifecycle", "logging", "object lock"];

pub fn grants(acl: &bucketproof::model::Acl) -> Vec<String> {
    acl.grants
        .iter()
        .map(|grant| {
            let id = |id: &bucketproof::iam::CanonicalId| id.as_str().chars().take(4).collect::<String>();
            let grantee = match &grant.grantee {
                bucketproof::model::AclGrantee::Canonical(canonical) => id(canonical),
                other => format!("{other:?}"),
            };
            format!("{grantee} {}", grant.permission.as_str())
        })
        .collect()
}

/// The four settings as four letters.
pub fn block(block: &bucketproof::model::PublicAccessBlock) -> String {
    let letter = |on: bool| if on { '1' } else { '0' };
    [
        block.block_public_acls,
        block.ignore_public_acls,
        block.block_public_policy,
        block.restrict_public_buckets,
    ]
    .into_iter()
    .map(letter)
    .collect()
}

/// The text of a file that a span covers.
pub fn slice(got: &Ingested, span: Span) -> &str {
    got.sources
        .file(span.file)
        .map(|file| file.slice(span))
        .unwrap_or_default()
}
