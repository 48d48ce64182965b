//! The month of `testdata/incident`: the story that the program finds, under its schema, and that the files are what the
//! generator writes.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::schemas::{problems, schema};

const SCHEMA: &str = include_str!("../../docs/schema/timeline.v1.json");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/incident")
}

fn run(arguments: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bucketproof"))
        .args(arguments.split_whitespace())
        .current_dir(folder())
        .env_clear()
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

fn json(arguments: &str) -> Value {
    let (status, text) = run(&format!("timeline {arguments} --format json"));
    assert_eq!(status, Some(0));
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(problems(&schema(SCHEMA), &value), Vec::<String>::new());
    value
}

#[test]
fn the_story_of_the_month() {
    let (status, text) = run("timeline logs --snapshot snapshots/before");
    assert_eq!(status, Some(0));
    insta::assert_snapshot!("story", text);
}

#[test]
fn the_story_for_a_ticket() {
    let (status, text) =
        run("timeline logs --snapshot snapshots/before --from 2026-03-09 --to 2026-03-09T03:10:00Z --format markdown");
    assert_eq!(status, Some(0));
    insta::assert_snapshot!("ticket", text);
}

#[test]
fn the_contract() {
    let value = json("logs --snapshot snapshots/before");
    assert_eq!(value["summary"]["events"], 22);
    assert_eq!(value["summary"]["attempts"], 2);
    let opened: Vec<&Value> = value["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter(|event| {
            event["actor"]["access_key"] == "AKIABOBEXAMPLE000002" && event["gained"] != Value::Array(vec![])
        })
        .map(|event| &event["event_name"])
        .collect();
    assert_eq!(opened, ["PutBucketPolicy", "UpdateAssumeRolePolicy", "CopyObject"]);
    // Nobody but the program's own clock could make two runs differ.
    assert_eq!(value, json("logs --snapshot snapshots/before --jobs 1"));
}

/// A later snapshot tells what no event changed; what one changed is unknown before its first event.
#[test]
fn a_snapshot_of_afterwards() {
    let value = json("logs --snapshot snapshots/contained --snapshot-is after");
    let windows = value["windows"].as_array().expect("windows");
    let of = |resource: &str| -> Vec<String> {
        let fitting = windows.iter().filter(|window| window["resource"] == resource);
        fitting
            .map(|window| format!("{} {}", window["state"], window["from"]))
            .collect()
    };
    // No event changed the policy of this one.
    assert_eq!(of("arn:aws:s3:::marlow-web-assets"), [r#""open" null"#]);
    // The first event about its policy is the one that opened it: what was before is not told.
    assert_eq!(of("arn:aws:s3:::marlow-orders"), [r#""closed" null"#]);
    // An object that an event made was not there before.
    assert_eq!(
        of("arn:aws:s3:::marlow-exports/tmp/c.csv"),
        [r#""closed" "2026-03-09T03:20:33Z""#]
    );
    assert_eq!(of("arn:aws:iam::444455556666:role/reporting"), Vec::<String>::new());
}

/// Without a snapshot nothing is called gained, lost, opened or closed that rests on what was before the log.
#[test]
fn no_snapshot_at_all() {
    let value = json("logs");
    let first = |name: &str| {
        let mut events = value["events"].as_array().expect("events").iter();
        events
            .find(|event| event["event_name"] == name && event["error"].is_null())
            .expect("it is there")
            .clone()
    };
    let opened = first("UpdateAssumeRolePolicy");
    assert_eq!(opened["gained"], Value::Array(vec![]));
    assert_ne!(opened["standing"], Value::Array(vec![]));
    assert!(
        opened["undecided"][0]
            .as_str()
            .expect("a reason")
            .contains("what was before is not told")
    );
    // A bucket that an event made is known from then on.
    assert_ne!(first("CreateRole")["gained"], Value::Array(vec![]));
}

/// One bad log never voids the others, and the answer is not called whole.
#[test]
fn what_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().expect("a directory");
    let record = |name: &str| crate::told::event(1, name, serde_json::json!({"bucketName": "b\u{1b}[31m"}));
    let records = serde_json::json!({"Records": [record("DeleteBucketPolicy")]}).to_string();
    fs::write(folder.path().join("good.json"), &records).expect("a file");
    fs::write(
        folder.path().join("cut.json"),
        records.as_bytes().split_at(records.len() - 20).0,
    )
    .expect("a file");
    let run = |arguments: &[&str]| {
        let program = Command::new(env!("CARGO_BIN_EXE_bucketproof"))
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .output()
            .expect("the program runs");
        (program.status.code(), String::from_utf8(program.stdout).expect("UTF-8"))
    };
    for format in ["plain", "markdown", "json"] {
        let (status, text) = run(&["timeline", ".", "--format", format]);
        assert_eq!(status, Some(2), "{text}");
        assert!(
            text.contains("DeleteBucketPolicy") && text.contains("cut off"),
            "{text}"
        );
        // Whoever names a bucket writes nothing to the terminal.
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    assert_eq!(run(&["timeline", ".", "--allow-incomplete"]).0, Some(0));
    assert_eq!(run(&["timeline", "good.json"]).0, Some(0));
    assert_eq!(run(&["timeline", "nothing"]).0, Some(2));
    assert_eq!(run(&["timeline", "good.json", "--from", "soon"]).0, Some(2));
    assert_eq!(run(&["timeline", "good.json", "--snapshot", "nothing"]).0, Some(2));
    assert_eq!(run(&["timeline", "good.json", "--snapshot-is", "after"]).0, Some(2));
}

#[test]
fn the_files_are_what_the_generator_writes() {
    let fresh = tempfile::tempdir().expect("a directory");
    let made = Command::new("python3")
        .arg(folder().join("generate.py"))
        .arg(fresh.path())
        .status();
    let Ok(status) = made else {
        eprintln!(
            "SKIPPED: there is no python3, so that nobody checks whether testdata/incident is what generate.py writes"
        );
        return;
    };
    assert!(status.success());
    let (here, there) = (files(&folder()), files(fresh.path()));
    let names = |files: &[(String, String)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&here), names(&there));
    for ((name, ours), (_, fresh)) in here.iter().zip(&there) {
        assert!(ours == fresh, "{name} is not what generate.py writes: run it");
    }
}

/// What the generator writes, unpacked, by name.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path
                .strip_prefix(folder)
                .expect("inside")
                .display()
                .to_string()
                .replace('\\', "/");
            if matches!(&*name, "generate.py" | "README.md") {
                continue;
            }
            let bytes = fs::read(&path).expect("a file");
            let mut text = String::new();
            match name.ends_with(".gz") {
                true => MultiGzDecoder::new(&*bytes).read_to_string(&mut text).expect("gzip"),
                false => (&*bytes).read_to_string(&mut text).expect("UTF-8"),
            };
            found.push((name, text));
        }
    }
    found.sort();
    found
}
