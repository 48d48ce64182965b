//! Bad and hostile input, as a person runs into it: a clear error, and the rest of the scan intact.

use std::fs;
use std::path::Path;

use crate::program::{directory, run, write};

/// A bucket that everyone can read: what a scan must still find, whatever lies beside it.
const GOOD: (&str, &str) = (
    "snapshot/111122223333/s3/good-data/bucket-policy.json",
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::good-data/*"}]}"#,
);

const FOUND: &str = "critical[s3/public-read] anyone on the internet can read arn:aws:s3:::good-data/*";

/// Scans a bad file beside the good bucket, and looks for what must be said of it.
fn check(file: &str, text: &[u8], says: &str, help: &str) {
    let at = directory(&[GOOD]);
    let path = at.path().join("snapshot").join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, text).expect("a file");
    check_scan(at.path(), &format!("snapshot/{file}:{says}"), help);
}

fn check_scan(at: &Path, says: &str, help: &str) {
    let outcome = run(at, "scan snapshot --format plain");
    let shown = format!("{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(outcome.status, Some(2), "fails closed: {shown:.2000}");
    for expected in [says, help, FOUND, "incomplete: "] {
        assert!(
            outcome.stdout.contains(expected),
            "`{expected}` is missing: {shown:.2000}"
        );
    }
    assert!(!shown.contains("panic"), "{shown:.2000}");
    assert_eq!(outcome.stderr, "");
    assert!(shown.len() < 10_000, "{} bytes about one bad file", shown.len());
    // Somebody who accepts the gap gets the verdict on the rest.
    let allowed = run(at, "scan snapshot --format plain --allow-incomplete");
    assert_eq!(allowed.status, Some(1));
}

#[test]
fn nothing_at_all_says_what_would_be_understood() {
    let at = directory(&[
        ("empty/.keep", ""),
        ("nothing/notes.txt", "hello\n"),
        ("nothing/package.json", "{\"name\": \"x\"}\n"),
    ]);
    fs::remove_file(at.path().join("empty/.keep")).expect("removed");
    for (input, says) in [
        ("empty", "the directory is empty"),
        ("nothing", "nothing here was recognised"),
    ] {
        let outcome = run(at.path(), &format!("scan {input} --format plain"));
        assert_eq!(outcome.status, Some(2), "{input}: {}", outcome.stdout);
        let line =
            format!("{input}: error[bucketproof::ingest::nothing_recognised] {says}\n    help: this is understood: ");
        assert!(outcome.stdout.starts_with(&line), "{}", outcome.stdout);
        assert!(
            outcome.stdout.contains("s3/<bucket>/bucket-policy.json"),
            "{}",
            outcome.stdout
        );
    }
}

const POLICY: &str = "111122223333/s3/bad-data/bucket-policy.json";

#[test]
fn truncated_json() {
    check(
        POLICY,
        br#"{"Version": "2012-10-17", "Statement": [{"Effect": "Al"#,
        "1:52: error[bucketproof::source::truncated_json] the document ends in the middle of a value",
        "help: the file is probably incomplete: export it again",
    );
}

#[test]
fn a_hundred_megabytes() {
    let text = [
        br#"{"Policy": ""#.as_slice(),
        &vec![b'a'; 100_000_000],
        br#""}"#.as_slice(),
    ]
    .concat();
    check(
        POLICY,
        &text,
        "1:1: error[bucketproof::ingest::too_large] the file holds more than 64 MiB",
        "help: split the export, by account or by service",
    );
}

#[test]
fn a_hundred_thousand_levels() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let help = "help: no AWS document nests this deeply";
    let says = "1:129: error[bucketproof::source::too_deep] nested deeper than 128 levels";
    check(POLICY, deep.as_bytes(), says, help);
    // Where nothing but the content tells what a file is.
    check("anything.json", deep.as_bytes(), says, help);
    // A policy is text in a text.
    let inner = format!("{{\"Policy\": \"{}{}\"}}", "[".repeat(100_000), "]".repeat(100_000));
    let says =
        "1:141: error[bucketproof::ingest::not_a_policy] this is no policy document: nested deeper than 128 levels";
    check(POLICY, inner.as_bytes(), says, "help: a policy is a JSON object");
}

#[test]
fn duplicate_keys() {
    let twice = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Effect": "Allow", "Principal": "*",
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bad-data/*"}]}"#;
    check(
        POLICY,
        twice.as_bytes(),
        "1:60: error[bucketproof::iam::invalid_policy] `Effect` stands twice in one object [POL-13]",
        "help: take it as reachable until it is decided",
    );
    let all = r#"{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}"#;
    check(
        "111122223333/s3/bad-data/bucket-acl.json",
        format!("{{\"Grants\": [], \"Grants\": [{all}]}}").as_bytes(),
        "1:16: error[bucketproof::ingest::duplicate_key] `Grants` stands twice in one object",
        "help: AWS never writes this: remove one of the two",
    );
}

#[test]
fn an_account_id_that_is_a_number() {
    let number = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": 123456789012},
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bad-data/*"}]}"#;
    check(
        POLICY,
        number.as_bytes(),
        "1:82: error[bucketproof::iam::invalid_policy] the account id `123456789012` is written as a number [PRIN-19]",
        "help: put it in quotes: leading zeros are lost otherwise",
    );
}

/// The name is shown as text in every format, and the bucket is judged like any other.
#[cfg(unix)]
#[test]
fn a_bucket_name_with_escape_codes_and_a_script() {
    let name = "\u{1b}[31mred\u{1b}[0m\u{202e}<script>alert(1)<";
    let at = directory(&[GOOD]);
    let policy = GOOD.1.replace("good-data", &name.replace('\u{1b}', "\\u001b"));
    write(
        at.path(),
        &format!("snapshot/111122223333/s3/{name}/bucket-policy.json"),
        &policy,
    );
    for format in ["plain", "pretty", "json", "sarif"] {
        let outcome = run(at.path(), &format!("scan snapshot --format {format}"));
        let shown = format!("{}{}", outcome.stdout, outcome.stderr);
        assert_eq!(outcome.status, Some(1), "{shown}");
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{format}: {shown}");
        assert!(
            shown.contains("<script>alert(1)<"),
            "text is no place to escape HTML: {shown}"
        );
        assert_eq!(shown.matches("s3/public-read").count().min(2), 2, "{shown}");
    }
    for format in [
        "jsonl", "github", "gitlab", "junit", "markdown", "html", "csv", "asff", "ocsf",
    ] {
        let outcome = run(at.path(), &format!("scan snapshot --format {format}"));
        let shown = format!("{}{}", outcome.stdout, outcome.stderr);
        assert_eq!(outcome.status, Some(1), "{format}: {shown}");
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{format}: {shown}");
        assert!(shown.contains("public-read"), "{format}: {shown}");
        let is_markup = ["junit", "html"].contains(&format);
        assert!(!is_markup || !shown.contains("<script>alert"), "{format}: {shown}");
    }
    let outcome = run(at.path(), "access snapshot --format json");
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let names = report["resources"].as_array().expect("resources").iter();
    let found = names.filter(|resource| resource["name"] == name && resource["status"]["sharing"] == "public");
    assert_eq!(found.count(), 1, "a program gets the name as it is");
}
