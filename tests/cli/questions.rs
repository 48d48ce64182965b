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
    check("access old --organization acme", 2, &["an organization id is"]);
    check(
        "access --context a=b --who-can s3:GetObject data-1 old",
        2,
        &["cannot be used with"],
    );
    let asked = "access --can anonymous s3:GetObject data-1/x old --context";
    check(
        &format!("{asked} aws:SourceVpc3=vpce-1a2b3c4d"),
        2,
        &["is no condition key"],
    );
    check(&format!("{asked} aws:SourceIp=203.0.113.0/24"), 2, &["is no value"]);
    check(&format!("{asked} aws:SecureTransport=maybe"), 2, &["is no value"]);
}

/// "No" to a question about nothing reads like "no" to what was meant.
#[test]
fn a_request_is_about_something_that_its_action_works_on() {
    let nothing = ["nothing in the input"];
    check(
        "access --can anonymous s3:GetObject arn:aws:s3:::data-1 old",
        2,
        &nothing,
    );
    check("access --can anonymous s3:GetObject data-1/ old", 2, &nothing);
    check("access --can anonymous s3:ListBucket data-1/x old", 2, &nothing);
    check("access --can 444455556666 sts:AssumeRole data-1 old", 2, &nothing);
    check("access --can anonymous s3:ListBucket data-1 old", 0, &["no: "]);
    let pattern = ["patterns are for `--who-can`"];
    check("access --can 444455556666 s3:GetObject data-1/* old", 2, &pattern);
    check(
        "access --can 444455556666 s3:GetObject arn:aws:s3:::data-1/a? old",
        2,
        &pattern,
    );
}

/// What identity policies give where no statement denies it is not known: nothing is said to change nothing.
#[test]
fn a_refusal_of_the_own_account_is_up_to_identity_policies() {
    let at = states();
    let ask = |caller: &str| {
        let question = format!("access --can {caller} s3:GetObject data-1/a/secret/x old {AT}");
        run(at.path(), &question).stdout
    };
    let own = ask("111122223333");
    assert!(
        own.contains("identity policies") && !own.contains("nothing else"),
        "{own}"
    );
    let other = ask("444455556666");
    assert!(
        !other.contains("identity policies") && other.contains("nothing else"),
        "{other}"
    );
}

/// What could not be read may hold what a pattern asks for, but not what decides about a bucket that was read.
#[test]
fn impossible_is_said_of_what_was_read() {
    let at = states();
    std::fs::create_dir_all(at.path().join("old/111122223333/s3/data-2")).expect("a directory");
    std::fs::write(at.path().join("old/111122223333/s3/data-2/bucket-policy.json"), "{").expect("a file");
    std::fs::write(at.path().join("old/111122223333/s3/buckets.json"), "{").expect("a file");
    let result = |question: &str| {
        let outcome = run(at.path(), &format!("access {question} old --format json {AT}"));
        assert_eq!(outcome.status, Some(2), "{question}: {}", outcome.stderr);
        let json: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let checked = json["checks"][0]["result"].as_str().or(json["answer"].as_str());
        checked.unwrap_or_default().to_owned()
    };
    assert_eq!(result("--deny-check s3:PutObject data-1"), "PASS");
    assert_eq!(result("--deny-check s3:PutObject data-2"), "UNKNOWN");
    assert_eq!(result("--deny-check s3:PutObject arn:aws:s3:::*"), "UNKNOWN");
    assert_eq!(result("--deny-check s3:PutObject arn:aws:s3:::data-3/*"), "UNKNOWN");
    assert_eq!(result("--deny-check s3:GetObject *"), "FAIL");
    assert_eq!(result("--who-can s3:PutObject data-1"), "nobody");
    assert_eq!(result("--who-can s3:PutObject arn:aws:s3:::data-3/*"), "unknown");
    let told = run(
        at.path(),
        &format!("access --deny-check s3:PutObject arn:aws:s3:::data-3/* old {AT}"),
    );
    assert!(
        told.stdout.contains("undecided: some input could not be read"),
        "{}",
        told.stdout
    );
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
    check("diff - -", 2, &["can be read once"]);
    check("diff --help", 0, &["<BEFORE> <AFTER>\n"]);
}

/// A bucket that changed hands may be in old snapshots of two accounts.
#[test]
fn buckets_of_one_name_are_told_apart_by_their_owner() {
    let at = states();
    let other = at.path().join("new/444455556666/s3/data-1");
    std::fs::create_dir_all(&other).expect("a directory");
    std::fs::write(other.join("bucket-policy.json"), NEW.replace("4444", "9999")).expect("a file");
    let ask = |question: &str| run(at.path(), &format!("{question} {AT}"));
    let same = ask("diff new new --fail-on-new-access");
    assert_eq!(same.status, Some(0), "{}", same.stdout);
    assert!(same.stdout.contains("no access gained or lost"), "{}", same.stdout);
    let more = ask("diff old new --fail-on-new-access");
    assert_eq!(more.status, Some(1), "{}", more.stdout);
    assert!(
        more.stdout.contains("2 grants gained, 0 grants lost"),
        "{}",
        more.stdout
    );
    assert!(more.stdout.contains("is in the input twice"), "{}", more.stdout);
    let which = ask("access --can anonymous s3:GetObject data-1/x new");
    assert_eq!(which.status, Some(2), "{}", which.stdout);
    assert!(
        which.stderr.contains("several buckets of this name"),
        "{}",
        which.stderr
    );
}

/// A name that several roles have is none of one role.
#[test]
fn one_of_several_roles_is_not_picked() {
    let details = |account: &str| {
        format!(
            r#"{{"RoleDetailList": [{{"RoleName": "r", "Path": "/", "Arn": "arn:aws:iam::{account}:role/r", "AssumeRolePolicyDocument":
            {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "999988887777"}}, "Action": "sts:AssumeRole"}}]}}}}]}}"#
        )
    };
    let file = |account: &str| format!("roles/{account}/iam/account-authorization-details.json");
    let (one, other) = ("111122223333", "444455556666");
    let at = directory(&[(&file(one), &details(one)), (&file(other), &details(other))]);
    let ask = |role: &str| {
        let question = format!("access --can 999988887777 sts:AssumeRole {role} roles {AT}");
        run(at.path(), &question)
    };
    let named = ask("r");
    assert_eq!(named.status, Some(2), "{}", named.stdout);
    assert!(named.stderr.contains("several of this name"), "{}", named.stderr);
    let exact = ask("arn:aws:iam::444455556666:role/r");
    assert_eq!(exact.status, Some(0), "{}", exact.stderr);
    assert!(exact.stdout.starts_with("yes: "), "{}", exact.stdout);
}

/// An answer that is missing names what is missing.
#[test]
fn what_is_not_known_of_the_other_state_is_the_reason() {
    let at = states();
    let refused = "An error occurred (AccessDenied) when calling the GetBucketPolicy operation: Access Denied";
    std::fs::write(at.path().join("old/111122223333/s3/data-1/bucket-policy.json"), refused).expect("a file");
    let outcome = run(at.path(), &format!("diff old new --fail-on-new-access {AT}"));
    assert_eq!(outcome.status, Some(2), "{}", outcome.stdout);
    let reason = "what is not known of the other state";
    assert!(outcome.stdout.contains(reason), "{}", outcome.stdout);
    let summary = "no access is known to be gained or lost, but not all could be decided\n";
    assert!(outcome.stdout.ends_with(summary), "{}", outcome.stdout);
}

/// The machine forms are what their schemas say.
#[test]
fn answers_as_json_are_valid() {
    let at = states();
    let unread = at.path().join("unread/111122223333/s3/data-1");
    std::fs::create_dir_all(&unread).expect("a directory");
    std::fs::write(unread.join("bucket-policy.json"), "{").expect("a file");
    let check = |name: &str, questions: &[&str]| {
        let path = format!("{}/docs/schema/{name}.v1.json", env!("CARGO_MANIFEST_DIR"));
        let schema = serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        for question in questions {
            let outcome = run(at.path(), &format!("{question} --format json {AT}"));
            let mut answer: serde_json::Value = serde_json::from_str(&outcome.stdout).expect(question);
            let problems: Vec<String> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
            assert_eq!(problems, Vec::<String>::new(), "{question}");
            answer["surprise"] = true.into();
            assert!(!validator.is_valid(&answer), "{name} leaves something open");
        }
    };
    check(
        "diff",
        &[
            "diff old new",
            "diff new old",
            "diff new new",
            "diff empty new",
            "diff unread new",
        ],
    );
    check(
        "who-can",
        &[
            "access --who-can s3:GetObject data-1 new",
            "access --who-can s3:GetObject data-1/a/secret/* new",
            "access --who-can s3:PutObject data-1 unread",
        ],
    );
    check(
        "deny-check",
        &[
            "access --deny-check s3:GetObject data-1 --deny-check s3:PutObject data-1 new",
            "access --deny-check s3:GetObject data-1/a/secret/* new",
            "access --deny-check s3:PutObject data-1 unread",
        ],
    );
    check(
        "can",
        &[
            "access --can 444455556666 s3:GetObject data-1/a/x old",
            "access --can 444455556666 s3:GetObject data-1/a/secret/x old",
            "access --can anonymous s3:GetObject data-1/a/x old --context aws:Referer=x",
            "access --can arn:aws:iam::111122223333:root s3:GetObject data-1/a/secret/x old",
            "access --can anonymous s3:GetObject data-1/a/x unread",
        ],
    );
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
    // A guard of a bucket that is not there, and one that no action can pass.
    let change = |to: &str| {
        let changed = config.replace("arn:aws:s3:::data-1/b/*", to);
        std::fs::write(at.path().join("bucketproof.toml"), changed).expect("a file");
        found("new")
    };
    let outcome = change("arn:aws:s3:::data-l/b/*");
    assert_eq!(outcome.status, Some(0));
    assert!(
        outcome.stdout.contains("forbids is about nothing"),
        "{}",
        outcome.stdout
    );
    let outcome = change("arn:aws:s3:::data-1");
    assert_eq!(outcome.status, Some(2));
    assert!(
        outcome.stderr.contains("no action of the entry works"),
        "{}",
        outcome.stderr
    );
    // Two findings of one grant could not be told apart.
    std::fs::write(at.path().join("bucketproof.toml"), config.repeat(2)).expect("a file");
    let outcome = found("new");
    assert_eq!(outcome.status, Some(2));
    let problem = "forbids the same as the one on line 2";
    assert!(outcome.stderr.contains(problem), "{}", outcome.stderr);
}
