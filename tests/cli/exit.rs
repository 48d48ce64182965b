//! The exit status, and that it fails closed.

use crate::program::{ACCOUNT_BLOCK, BUCKET_BLOCK, CLOSED, GUARDED, OPEN, directory, run, run_with_input, write};

#[test]
fn findings_count_from_the_fail_level_on() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), (BUCKET_BLOCK, OPEN)]);
    let check = |arguments: &str, status| {
        let outcome = run(at.path(), arguments);
        assert_eq!(
            outcome.status,
            Some(status),
            "{arguments}: {}{}",
            outcome.stdout,
            outcome.stderr
        );
    };
    check("scan snapshot", 0);
    check("scan snapshot --fail-on low", 1);
    check("scan snapshot --fail-on never", 0);
    write(at.path(), "bucketproof.toml", "fail-on = \"low\"\n");
    check("scan snapshot", 1);
    check("scan snapshot --fail-on high", 0);
}

#[test]
fn a_closed_account_is_clean() {
    let at = directory(&[&[(ACCOUNT_BLOCK, CLOSED), (BUCKET_BLOCK, CLOSED)], &GUARDED[..]].concat());
    let outcome = run(at.path(), "scan snapshot --fail-on low");
    assert_eq!(outcome.status, Some(0), "{}", outcome.stdout);
    assert!(outcome.stdout.starts_with("no findings in "), "{}", outcome.stdout);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn hygiene_is_asked_for() {
    let versioning = "snapshot/111122223333/s3/data-1/bucket-versioning.json";
    let files = [
        &[(ACCOUNT_BLOCK, CLOSED), (BUCKET_BLOCK, CLOSED), (versioning, "")],
        &GUARDED[..],
    ]
    .concat();
    let at = directory(&files);
    let counts = |arguments: &str| {
        let outcome = run(at.path(), &format!("scan snapshot --format plain {arguments}"));
        outcome.stdout.matches("low[s3-hygiene/versioning-off]").count()
    };
    assert_eq!(counts(""), 0);
    assert_eq!(counts("--packs s3-hygiene"), 1);
    assert_eq!(counts("--packs all"), 1);
    write(at.path(), "bucketproof.toml", "packs = [\"s3\", \"s3-hygiene\"]\n");
    assert_eq!(counts(""), 1);
    assert_eq!(counts("--packs s3"), 0);
}

#[test]
fn one_bad_file_does_not_void_the_others() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), (BUCKET_BLOCK, "{\"PublicAccessBlock")]);
    let outcome = run(at.path(), "scan snapshot --fail-on low");
    assert_eq!(outcome.status, Some(2));
    assert!(
        outcome.stdout.contains("low[s3-guardrails/account-block-off]"),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome.stdout.contains("s3/data-1/public-access-block.json:1:"),
        "{}",
        outcome.stdout
    );
    let allowed = run(at.path(), "scan snapshot --fail-on low --allow-incomplete");
    assert_eq!(allowed.status, Some(1));
    assert_eq!(allowed.stdout, outcome.stdout);
    assert_eq!(run(at.path(), "access snapshot").status, Some(2));
    assert_eq!(run(at.path(), "access snapshot --allow-incomplete").status, Some(0));
}

#[test]
fn nothing_to_judge_is_no_clean_answer() {
    let at = directory(&[("empty/.keep", ""), ("text/notes.txt", "nothing here\n")]);
    for arguments in ["scan empty", "scan text", "scan nowhere", "access empty", "scan"] {
        let outcome = run(at.path(), arguments);
        assert_eq!(outcome.status, Some(2), "{arguments}: {}", outcome.stdout);
        assert!(outcome.stdout.contains("error[bucketproof::"), "{}", outcome.stdout);
    }
}

#[test]
fn machine_formats_tell_people_too_what_is_missing() {
    let at = directory(&[(ACCOUNT_BLOCK, "{")]);
    let outcome = run(at.path(), "scan snapshot --format json");
    assert_eq!(outcome.status, Some(2));
    assert!(outcome.stderr.starts_with("incomplete: "), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("\"incomplete\": true"), "{}", outcome.stdout);
}

#[test]
fn wrong_usage_and_configuration_are_2() {
    let at = directory(&[(ACCOUNT_BLOCK, CLOSED)]);
    write(at.path(), "wrong.toml", "fail-onn = \"low\"\n");
    write(at.path(), "wrong.cedar", "permit (principal, action, resource);\n");
    let check = |arguments: &str, says: &str| {
        let outcome = run(at.path(), arguments);
        assert_eq!(outcome.status, Some(2), "{arguments}");
        assert!(outcome.stderr.contains(says), "{arguments}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "{arguments}");
    };
    check("", "Usage: bucketproof");
    check(
        "scna snapshot",
        "some similar subcommands exist: 'contain', 'schema', 'scan'",
    );
    check(
        "scan snapshot --format xml",
        "possible values: pretty, plain, json, jsonl, sarif",
    );
    check("scan snapshot --output sarif", "expected FORMAT=FILE");
    check("scan snapshot --jobs 0", "'--jobs <N>'");
    check(
        "scan snapshot --account 12",
        "`--account 12`: an account id has 12 digits",
    );
    check("scan snapshot --now yesterday", "`--now yesterday`: not a date");
    check("scan snapshot --kind parquet", "`--kind parquet`");
    check(
        "scan snapshot --as bucket-policy",
        "`--as bucket-policy`: expected `bucket-policy:NAME`",
    );
    check(
        "scan snapshot --config nowhere.toml",
        "`nowhere.toml` cannot be read: there is no such file",
    );
    check("scan snapshot --config wrong.toml", "did you mean `fail-on`?");
    check("scan snapshot --packs s4", "there is no pack `s4`");
    check("scan snapshot --pack nowhere", "`nowhere` cannot be read");
    check("scan snapshot --intent nowhere.cedar", "`nowhere.cedar` cannot be read");
    check("scan snapshot --intent wrong.cedar", "wrong.cedar");
}

#[test]
fn the_configuration_is_searched_upward() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), ("bucketproof.toml", "fail-on = \"low\"\n")]);
    assert_eq!(run(at.path(), "scan snapshot/111122223333").status, Some(1));
    assert_eq!(run(&at.path().join("snapshot"), "scan 111122223333").status, Some(1));
    assert_eq!(run(&at.path().join("snapshot/111122223333"), "scan").status, Some(1));
}

#[test]
fn standard_input_is_read() {
    let at = directory(&[]);
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
    let arguments = "scan - --as bucket-policy:b --account 111122223333 --fail-on high";
    let outcome = run_with_input(at.path(), arguments, policy);
    assert_ne!(outcome.status, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(!outcome.stdout.contains("not_recognised"), "{}", outcome.stdout);
    let outcome = run_with_input(at.path(), arguments, "{\"Version\"");
    assert_eq!(outcome.status, Some(2), "{}", outcome.stdout);
}

#[test]
fn intent_and_packs_are_found_beside_the_configuration() {
    let permit = "@reason(\"public website, ticket WEB-7\")\n\
        permit (principal, action == Action::\"Read\", resource == Bucket::\"data-1\");\n";
    let at = directory(&[
        (ACCOUNT_BLOCK, OPEN),
        (BUCKET_BLOCK, OPEN),
        (
            "bucketproof.toml",
            "intent = [\"intent/*.cedar\"]\npacks = [\"iam-trust\"]\n",
        ),
        ("intent/web.cedar", permit),
    ]);
    let outcome = run(at.path(), "scan snapshot --fail-on medium");
    assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(!outcome.stdout.contains("no file matches"), "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains("intent/web.cedar:1:1: low[unused-intent]"),
        "{}",
        outcome.stdout
    );
    let absolute = format!("scan {}/snapshot --fail-on low", at.path().display());
    let outcome = run(&at.path().join("intent"), &absolute);
    assert!(!outcome.stdout.contains("no file matches"), "{}", outcome.stdout);
    write(at.path(), "bucketproof.toml", "intent = [\"meant/*.cedar\"]\n");
    let outcome = run(at.path(), "scan snapshot --fail-on low");
    assert_eq!(outcome.status, Some(1), "{}", outcome.stderr);
    assert!(
        outcome.stdout.contains("no file matches `meant/*.cedar`"),
        "{}",
        outcome.stdout
    );
    write(at.path(), "bucketproof.toml", "packs = [\"./mine\"]\n");
    let outcome = run(at.path(), "scan snapshot");
    assert_eq!(outcome.status, Some(2));
    assert!(outcome.stderr.contains("mine` cannot be read"), "{}", outcome.stderr);
}
