//! `--evidence` and `evidence check`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{directory, run, write};
use crate::schemas::{problems, schema};

const EVIDENCE: &str = include_str!("../../docs/schema/evidence.v1.json");

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::data-1/*"}]}"#;

const CONTAIN: &str = "contain snapshot --incident incident.toml --now 2026-02-10T00:00:00Z --evidence";

fn case() -> tempfile::TempDir {
    directory(&[
        ("snapshot/111122223333/s3/data-1/bucket-policy.json", POLICY),
        ("incident.toml", "buckets = ['data-1']"),
        ("bucketproof.toml", ""),
    ])
}

fn manifest(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_same_run_leaves_the_same_evidence() {
    let at = case();
    let outcome = run(at.path(), &format!("{CONTAIN} one"));
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
    run(at.path(), &format!("{CONTAIN} deep/er/two"));
    for name in ["manifest.json", "contain.md"] {
        let of = |folder: &str| fs::read(at.path().join(folder).join(name)).expect(name);
        assert_eq!(of("one"), of("deep/er/two"), "{name}");
    }
    let manifest = manifest(&at.path().join("one"));
    assert_eq!(problems(&schema(EVIDENCE), &manifest), Vec::<String>::new());
    let inputs = manifest["inputs"].as_array().expect("inputs").iter();
    let paths: Vec<&Value> = inputs.map(|entry| &entry["path"]).collect();
    assert_eq!(
        paths,
        [
            "bucketproof.toml",
            "incident.toml",
            "snapshot/111122223333/s3/data-1/bucket-policy.json"
        ]
    );
    // SHA-256 of nothing, which is what the configuration holds.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(manifest["inputs"][0]["sha256"], empty);
    assert_eq!(manifest["arguments"][0], "contain");
    assert!(!manifest["arguments"].to_string().contains("one"));
}

#[test]
fn what_was_changed_is_told() {
    let at = case();
    run(at.path(), &format!("{CONTAIN} one"));
    let check = |status: i32, says: &str| {
        let outcome = run(at.path(), "evidence check one");
        assert_eq!(outcome.status, Some(status), "{}{}", outcome.stdout, outcome.stderr);
        assert!(outcome.stdout.contains(says), "{}", outcome.stdout);
    };
    check(0, "4 files are what they were\n");
    write(at.path(), "incident.toml", "buckets = ['data-2']");
    check(1, "`incident.toml`: it has another content\n");
    write(at.path(), "one/contain.md", "all is well");
    check(1, "`one/contain.md`: it has another length\n");
    fs::remove_file(at.path().join("bucketproof.toml")).expect("it is there");
    check(1, "`bucketproof.toml`: there is no such file\n");
    check(1, "3 of 4 files are not what they were\n");
}

#[test]
fn a_manifest_is_not_trusted() {
    let at = case();
    run(at.path(), &format!("{CONTAIN} one"));
    let honest = manifest(&at.path().join("one"));
    let check = |changes: &dyn Fn(&mut Value), status: i32, says: &str| {
        let mut changed = honest.clone();
        changes(&mut changed);
        write(at.path(), "one/manifest.json", &changed.to_string());
        let outcome = run(at.path(), "evidence check one");
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert_eq!(outcome.status, Some(status), "{told}");
        assert!(told.contains(says), "{told}");
    };
    check(
        &|it| it["outputs"][0]["path"] = json!("../incident.toml"),
        2,
        "outside of the folder",
    );
    check(
        &|it| it["schema"] = json!("bucketproof.evidence.v2"),
        2,
        "its schema is",
    );
    check(&|it| it["more"] = json!(1), 2, "unknown field");
    // Neither a folder nor a device is read as a file.
    check(&|it| it["inputs"][0]["path"] = json!("snapshot"), 1, "another length");
    check(&|it| it["inputs"][0]["path"] = json!("/dev/zero"), 1, "another length");
    check(&|it| it["inputs"][0]["len_bytes"] = json!(null), 1, "no digest");
    let outcome = run(at.path(), "evidence check nowhere");
    assert_eq!(outcome.status, Some(2));
}

#[test]
fn logs_leave_evidence_as_well() {
    let at = directory(&[("log.json", r#"{"Records": []}"#)]);
    for (command, name) in [
        ("timeline log.json --format json", "timeline.json"),
        ("trace log.json --bucket data-1", "trace.txt"),
    ] {
        let outcome = run(at.path(), &format!("{command} --evidence {name}.d"));
        assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
        let manifest = manifest(&at.path().join(format!("{name}.d")));
        assert_eq!(manifest["outputs"][0]["path"], name);
        assert_eq!(manifest["time"], json!(null));
        assert_eq!(run(at.path(), &format!("evidence check {name}.d")).status, Some(0));
    }
}
