//! Questions about access, as people ask them.

use crate::program::{directory, run};

const AT: &str = "--now 2026-01-01T00:00:00Z";

const OLD: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data-1/a/*"},
    {"Sid": "Shut", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::data-1/a/secret/*"}]}"#;

const NEW: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data-1/*"},
    {"Sid": "Shut", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::data-1/a/secret/*"}]}"#;

fn states() -> tempfile::TempDir {
    directory(&[
        ("old/111122223333/s3/data-1/bucket-policy.json", OLD),
        ("new/111122223333/s3/data-1/bucket-policy.json", NEW),
        (
            "empty/111122223333/s3/other/bucket-policy.json",
            OLD.replace("data-1", "other").as_str(),
        ),
    ])
}

fn check(arguments: &str, status: i32, parts: &[&str]) {
    let at = states();
    let outcome = run(at.path(), &format!("{arguments} {AT}"));
    assert_eq!(
        outcome.status,
        Some(status),
        "{arguments}: {}{}",
        outcome.stdout,
        outcome.stderr
    );
    for part in parts {
        let is_there = outcome.stdout.contains(part) || outcome.stderr.contains(part);
        assert!(
            is_there,
            "{arguments}: no `{part}` in {}{}",
            outcome.stdout, outcome.stderr
        );
    }
}

#[test]
fn who_can() {
    check(
        "access --who-can s3:GetObject data-1 new",
        0,
        &["account 444455556666", "`Partner`", "witness: "],
    );
    let closed = [
        "nobody: ",
        "`Partner`",
        "is denied by",
        "`Shut`",
        "bucket-policy.json:3:5",
    ];
    check("access --who-can s3:GetObject data-1/a/secret/* new", 0, &closed);
    check(
        "access --who-can s3:PutObject data-1 new",
        0,
        &["nobody: no statement and no ACL grant allows it"],
    );
    check(
        "access --who-can s3:PutObject data-1 new --format json",
        0,
        &["bucketproof.who-can.v1", "\"answer\": \"nobody\""],
    );
    check(
        "access --who-can s3:GetObject nothing-like-that new",
        2,
        &["no bucket, access point or role"],
    );
    check("access --who-can s3:GetObjects data-1 new", 2, &["is no action"]);
    check(
        "access --who-can s3:GetObject arn:aws:s3:::data-1 new",
        2,
        &["nothing in the input"],
    );
}

#[test]
fn can() {
    check(
        "access --can 444455556666 s3:GetObject data-1/a/x old",
        0,
        &["yes: ", "`Partner`", "whatever else"],
    );
    check(
        "access --can 444455556666 s3:GetObject data-1/x old",
        0,
        &["no: ", "nothing allows the request"],
    );
    check(
        "access --can 444455556666 s3:GetObject data-1/a/secret/x old",
        0,
        &["no: ", "`Shut`", "bucket-policy.json:3:5"],
    );
    let json = ["bucketproof.can.v1", "\"answer\": \"yes\"", "\"refused_when\": []"];
    check(
        "access --can 444455556666 s3:GetObject data-1/a/x old --format json",
        0,
        &json,
    );
    check(
        "access --can nobody s3:GetObject data-1/a/x old",
        2,
        &["not a principal"],
    );
    check(
        "access --can anonymous s3:GetObject data-1 old",
        2,
        &["is about an object"],
    );
    check(
        "access --can anonymous s3:GetObject data-1/x old --context oops",
        2,
        &["expected KEY=VALUE"],
    );
    check("access --context a=b old", 2, &["--can"]);
}

#[test]
fn deny_check() {
    check("access --deny-check s3:PutObject data-1 new", 0, &["impossible: "]);
    check(
        "access --deny-check s3:GetObject data-1/b/* new",
        1,
        &["POSSIBLE: ", "witness: "],
    );
    check(
        "access --deny-check s3:GetObject data-1/b/* --deny-check s3:PutObject data-1 new",
        1,
        &["impossible: "],
    );
    check(
        "access --deny-check s3:PutObject data-1 new --format json",
        0,
        &["bucketproof.deny-check.v1", "\"PASS\""],
    );
    let at = states();
    let file = r#"[{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::data-1/a/secret/*"]},
        {"Action": "s3:*", "NotPrincipal": {"AWS": "444455556666"}, "Resource": "*"}]"#;
    std::fs::write(at.path().join("never.json"), file).expect("a file");
    let outcome = run(at.path(), &format!("access --deny-check-file never.json new {AT}"));
    assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn diff() {
    let gained = [
        "gained, in part: account 444455556666",
        "the rest stays as it is",
        "1 grant gained, 0 grants lost",
    ];
    check("diff old new", 0, &gained);
    check("diff old new --fail-on-new-access", 1, &gained);
    check("diff new old --fail-on-new-access", 0, &["lost, in part"]);
    check("diff new new --fail-on-new-access", 0, &["no access gained or lost"]);
    check(
        "diff empty new --fail-on-new-access",
        1,
        &["gained: account 444455556666", "lost: account 444455556666"],
    );
    check("diff old", 2, &["2 values required"]);
}

/// The machine form is what its schema says.
#[test]
fn diff_as_json_is_valid() {
    let at = states();
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/diff.v1.json"));
    let schema = serde_json::from_str(&schema.expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for states in ["old new", "new old", "new new", "empty new"] {
        let outcome = run(at.path(), &format!("diff {states} --format json {AT}"));
        let diff = serde_json::from_str(&outcome.stdout).expect("JSON");
        let problems: Vec<String> = validator.iter_errors(&diff).map(|error| error.to_string()).collect();
        assert_eq!(problems, Vec::<String>::new(), "{states}");
    }
}

#[test]
fn what_the_configuration_forbids_is_a_finding() {
    let at = states();
    let config = r#"
[[never]]
actions = ["s3:GetObject"]
resources = ["arn:aws:s3:::data-1/b/*"]
reason = "only `a/` is shared, ticket SEC-12"
severity = "critical"
"#;
    std::fs::write(at.path().join("bucketproof.toml"), config).expect("a file");
    let found = |path: &str| {
        run(
            at.path(),
            &format!("scan {path} --fail-on critical --format plain {AT}"),
        )
    };
    let (old, new) = (found("old"), found("new"));
    assert_eq!(
        (old.status, new.status),
        (Some(0), Some(1)),
        "{}{}",
        old.stdout,
        new.stdout
    );
    assert!(new.stdout.contains("critical[forbidden-access]"), "{}", new.stdout);
    assert!(new.stdout.contains("ticket SEC-12"), "{}", new.stdout);
    std::fs::write(
        at.path().join("bucketproof.toml"),
        config.replace("s3:GetObject", "s3:Nothing"),
    )
    .expect("a file");
    assert_eq!(found("old").status, Some(2));
}
