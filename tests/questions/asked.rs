//! Who can, and what is impossible.

use bucketproof::engine::{Answer, Estate, GrantEffect, Terms, Zone, bucket_access};
use bucketproof::model::Inventory;
use serde_json::{Value, json};

use crate::states::{answers, blocked, bucket, options, role, who_can};

/// Grantees with their effect and conditions.
fn who(answers: &[Answer]) -> Vec<String> {
    let grants = answers.iter().flat_map(|answer| &answer.access.grants);
    grants
        .map(|grant| {
            let conditions: Vec<String> = grant
                .conditions
                .iter()
                .map(|condition| {
                    format!(
                        " if {} {} {}",
                        condition.operator,
                        condition.key,
                        condition.values.join(" ")
                    )
                })
                .collect();
            let effect = match grant.effect {
                GrantEffect::Effective => String::new(),
                GrantEffect::Blocked | GrantEffect::Ineffective => format!(" {}", grant.effect.as_str()),
            };
            format!(
                "{}{effect}{} on {}",
                grant.grantee,
                conditions.concat(),
                grant.resources.join(", ")
            )
        })
        .collect()
}

fn check(statements: &Value, action: &str, resource: &str, expected: &[&str]) {
    assert_eq!(
        who(&who_can(&bucket(statements), &[action], &[resource])),
        expected,
        "{action} {resource}"
    );
}

fn read_for_all() -> Value {
    json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/public/*"}])
}

#[test]
fn the_answer_is_no_wider_than_the_question() {
    let statements = read_for_all();
    check(
        &statements,
        "s3:GetObject",
        "arn:aws:s3:::b/*",
        &["anyone on the internet on arn:aws:s3:::b/public/*"],
    );
    check(
        &statements,
        "s3:Get*",
        "arn:aws:s3:::b/public/a",
        &["anyone on the internet on arn:aws:s3:::b/public/a"],
    );
    check(&statements, "s3:GetObject", "arn:aws:s3:::b/private/*", &[]);
    check(&statements, "s3:PutObject", "arn:aws:s3:::b/*", &[]);
}

#[test]
fn what_is_not_about_a_resource_is_left_out() {
    let state = bucket(&read_for_all());
    assert!(who_can(&state, &["s3:GetObject"], &["arn:aws:s3:::other/*"]).is_empty());
    // The action does not work on a bucket, so that nobody having it there would be no answer.
    assert!(who_can(&state, &["s3:GetObject"], &["arn:aws:s3:::b"]).is_empty());
}

#[test]
fn a_witness_lies_inside_the_question() {
    let state =
        bucket(&json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}]));
    let found = who_can(&state, &["s3:DeleteObject"], &["arn:aws:s3:::b/logs/*"]);
    let witness = &found[0].access.grants[0].witness;
    assert_eq!(witness.action.name, "s3:DeleteObject");
    assert!(
        witness.resource.starts_with("arn:aws:s3:::b/logs/"),
        "{}",
        witness.resource
    );
}

#[test]
fn what_is_blocked_is_told_with_what_blocks_it() {
    let found = who_can(
        &blocked(bucket(&read_for_all())),
        &["s3:GetObject"],
        &["arn:aws:s3:::b/*"],
    );
    // The own account and services are spared [BPA-04].
    let expected = [
        "anyone on the internet blocked on arn:aws:s3:::b/public/*",
        "any AWS service on arn:aws:s3:::b/public/*",
        "account 111122223333 on arn:aws:s3:::b/public/*",
    ];
    assert_eq!(who(&found), expected);
    assert_eq!(found[0].access.grants[0].blocked_by, ["bucket:RestrictPublicBuckets"]);
}

#[test]
fn nobody_is_told_with_what_closes_it() {
    let found = who_can(
        &bucket(&json!([
            {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
            {"Sid": "Other", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"},
            {"Sid": "Shut", "Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/secret/*"},
        ])),
        &["s3:GetObject"],
        &["arn:aws:s3:::b/secret/*"],
    );
    assert_eq!(who(&found), [""; 0]);
    let sids: Vec<_> = found[0].closed[0]
        .denied_by
        .iter()
        .map(|source| source.sid.as_deref())
        .collect();
    assert_eq!(
        (found[0].closed[0].allow.sid.as_deref(), sids),
        (Some("Open"), vec![Some("Shut")])
    );
    // Nothing allows it: there is nothing to close.
    let found = who_can(&bucket(&read_for_all()), &["s3:PutObject"], &["arn:aws:s3:::b/*"]);
    assert!(found[0].closed.is_empty());
}

/// [CPC-02] with its worked example AAX-T12.
#[test]
fn access_is_not_granted() {
    let state = bucket(
        &json!([{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:Put*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}]),
    );
    let granted = |actions: &[&str], resources: &[&str]| !who(&who_can(&state, actions, resources)).is_empty();
    // AAX-T12, with an action that S3 takes from other accounts.
    assert!(granted(&["s3:PutBucketAcl"], &[]));
    // A listed action on some resource.
    assert!(granted(&["s3:GetObject", "s3:PutObject"], &[]));
    assert!(!granted(&["s3:GetObject", "s3:DeleteObject"], &[]));
    // Any action on a listed resource.
    assert!(granted(&[], &["arn:aws:s3:::b/k"]));
    // A listed action on a listed resource.
    assert!(granted(&["s3:PutObject"], &["arn:aws:s3:::b/k"]));
    assert!(!granted(&["s3:GetObject"], &["arn:aws:s3:::b/k"]));
}

/// AAX-T12 itself: the document allows it, S3 takes it from the owner's account alone [S3A-23].
#[test]
fn what_s3_never_takes_is_ineffective() {
    let state = bucket(
        &json!([{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:Put*",
        "Resource": "arn:aws:s3:::b"}]),
    );
    let found = who_can(&state, &["s3:PutBucketPolicy"], &[]);
    assert_eq!(who(&found), ["account 444455556666 ineffective on arn:aws:s3:::b"]);
}

#[test]
fn a_question_can_leave_principals_out() {
    let state = bucket(
        &json!([{"Effect": "Allow", "Principal": {"AWS": ["111122223333", "444455556666"]},
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]),
    );
    let terms = |except: &[&str]| Terms {
        actions: vec!["s3:GetObject".into()],
        except: except.iter().map(|text| (*text).to_owned()).collect(),
        ..Terms::default()
    };
    assert_eq!(
        who(&answers(&state, &terms(&["111122223333"]))),
        ["account 444455556666 on arn:aws:s3:::b/*"]
    );
    assert_eq!(
        who(&answers(&state, &terms(&["111122223333", "444455556666"]))),
        [""; 0]
    );
    let one = Terms {
        principals: vec!["arn:aws:iam::444455556666:role/x".into()],
        ..Terms::default()
    };
    assert_eq!(
        who(&answers(&state, &one)),
        ["arn:aws:iam::444455556666:role/x on arn:aws:s3:::b/*"]
    );
}

#[test]
fn statements_are_read_as_people_write_them() {
    let check = |text: &str, statements: usize| {
        let read = Terms::read(text).map(|statements| statements.len());
        assert_eq!(read, Ok(statements), "{text}");
    };
    check(r#"{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#, 1);
    check(
        r#"[{"actions": ["s3:GetObject"]}, {"resources": ["arn:aws:s3:::b"]}]"#,
        2,
    );
    check(
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "NotPrincipal": {"AWS": "111122223333"},
        "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}}"#,
        1,
    );
    let wrong = |text: &str, problem: &str| {
        let problems = Terms::read(text).expect_err(text).join("; ");
        assert!(problems.contains(problem), "{problems}");
    };
    wrong("s3:GetObject", "not JSON");
    wrong("[]", "no statement");
    wrong(r#"{"Action": "s3:GetObjects"}"#, "no action");
    wrong(r#"{"Resource": "arn:aws:s3:::b/${aws:username}"}"#, "policy variable");
    wrong(r#"{"Akshun": "s3:GetObject"}"#, "Akshun");
    // A byte order mark is no part of the text.
    check("\u{feff}{\"Action\": \"s3:GetObject\"}\r\n", 1);
    // [POL-13]
    wrong(
        r#"{"Action": "s3:PutObject", "Action": "s3:GetObject"}"#,
        "`Action` stands twice",
    );
    wrong(r#"{"Action": "s3:PutObject", "actions": ["s3:GetObject"]}"#, "not both");
}

/// That nobody has access to nothing is true of all documents, and so no answer.
#[test]
fn a_question_about_nothing_is_refused() {
    let wrong = |text: &str, problem: &str| {
        let problems = Terms::read(text).expect_err(text).join("; ");
        assert!(problems.contains(problem), "{text}: {problems}");
    };
    // [POL-11], [PRIN-10]
    wrong(r#"{"Principal": {"AWS": []}}"#, "no principal");
    wrong(r#"{"Principal": {}}"#, "no principal");
    wrong(r#"{"Principal": {"AWS": "AROAEXAMPLE1234567890"}}"#, "deleted");
    wrong(r#"{"Action": []}"#, "no action");
    wrong(r#"{"Resource": []}"#, "no resource");
    // [POL-12], [COND-36], [COND-41]
    let with = |condition: &str| format!(r#"{{"Condition": {condition}}}"#);
    wrong(&with(r#"{"StringEquals": {"aws:SourceVpce": []}}"#), "no value");
    wrong(&with(r#"{"IpAddress": {"aws:SourceIp": "10.0.0"}}"#), "cannot read");
    wrong(
        &with(r#"{"Bool": {"aws:SecureTransprt": "false"}}"#),
        "`aws:SecureTransprt` is no condition key",
    );
    wrong(
        &with(r#"{"StringLike": {"gitlab.com:project_path": "*"}}"#),
        "is no condition key",
    );
}

/// Access without TLS is impossible exactly where a statement denies it.
#[test]
fn a_question_can_hold_conditions() {
    let asked = Terms::read(r#"{"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#);
    let statement = asked.expect("a statement").remove(0);
    let granted = |statements: Value| {
        let state = bucket(&statements);
        let estate = bucketproof::engine::Estate::new(&state);
        let zone = bucketproof::engine::Zone::default();
        let scope = estate.bucket(&state.buckets[0]);
        let found = bucketproof::engine::bucket_grants_of(&statement, &scope, &zone, &crate::states::options());
        !who(&found).is_empty()
    };
    let allow = json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*"});
    let fence = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    assert!(granted(json!([allow])));
    assert!(!granted(json!([allow, fence])));
}

#[test]
fn roles_are_asked_about_as_well() {
    let state = role(
        &json!([{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}]),
    );
    let found = who_can(&state, &["sts:AssumeRole"], &["arn:aws:iam::111122223333:role/r"]);
    let expected = "account 444455556666 if StringEquals sts:ExternalId x on arn:aws:iam::111122223333:role/r";
    assert_eq!(who(&found), [expected]);
    assert!(who_can(&state, &["sts:AssumeRole"], &["arn:aws:iam::111122223333:role/other"]).is_empty());
}

/// [TRUST-12]
#[test]
fn a_role_that_aws_made_is_not_open_to_strangers() {
    let trust = json!([{"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
    let mut inventory = role(&trust);
    let open = |inventory: &Inventory| -> Vec<bool> {
        let answers = who_can(inventory, &["sts:AssumeRole"], &[]);
        let grants = answers.iter().flat_map(|answer| &answer.access.grants);
        grants.map(|grant| grant.open).collect()
    };
    assert_eq!(open(&inventory), [true]);
    inventory.roles[0].path = "/aws-service-role/x.amazonaws.com/".into();
    assert_eq!(open(&inventory), [false]);
}

/// [OPEN-13]
#[test]
fn who_comes_from_outside_is_shown_with_an_address_from_outside() {
    let inventory = bucket(&json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*"}]));
    let address = |networks: &[&str]| -> Option<String> {
        let zone = Zone {
            networks: networks.iter().filter_map(|range| range.parse().ok()).collect(),
            ..Zone::default()
        };
        let estate = Estate::new(&inventory);
        let access = bucket_access(&estate.bucket(&inventory.buckets[0]), &zone, &options());
        let witness = &access[0].grants[0].witness;
        witness.context.one("aws:SourceIp").map(str::to_owned)
    };
    assert_eq!(address(&[]).as_deref(), Some("198.51.100.7"));
    assert_eq!(address(&["198.51.100.0/24"]).as_deref(), Some("203.0.113.7"));
}
