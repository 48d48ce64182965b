//! `verify`: the incident of `testdata/incident`, and small ones in which one thing is left open.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Outcome, directory, run};
use crate::schemas::{problems, schema};

const VERIFY: &str = include_str!("../../docs/schema/verify.v1.json");

const NOW: &str = "--config ../incident-told/intent.toml --now 2026-03-23T00:00:00Z";

fn exercise() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/incident")
}

fn of_exercise(after: &str, more: &str) -> Outcome {
    let states = format!("--before snapshots/compromised --after snapshots/{after}");
    run(
        &exercise(),
        &format!("verify {states} --logs logs --incident ../incident-told/incident.toml {NOW} {more}"),
    )
}

fn json(outcome: &Outcome) -> Value {
    let value: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(problems(&schema(VERIFY), &value), Vec::<String>::new());
    value
}

#[test]
fn the_report_of_the_exercise() {
    let outcome = of_exercise("contained", "");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("verify-exercise", outcome.stdout);
}

#[test]
fn every_hostile_request_of_the_exercise_is_refused() {
    let value = json(&of_exercise("contained", "--format json"));
    assert_eq!(value["verdict"], "contained");
    let requests = value["requests"].as_array().expect("requests");
    let hostile: Vec<&Value> = requests.iter().filter(|request| request["hostile"] == true).collect();
    // Those that the generator made: the same keys, accounts and addresses as in `facts.json`.
    assert_eq!(hostile.len(), 73);
    assert!(hostile.iter().all(|request| request["after"] == "denied"));
    let anonymous = hostile.iter().filter(|request| request["principal"] == "anonymous");
    assert!(anonymous.clone().all(|request| request["before"] == "allowed"));
    assert_eq!(anonymous.count(), 41);
    assert_eq!(value["collateral"], json!([]));
    // 2026-03-09T02:14:07Z to 2026-03-10T08:00:00Z
    assert_eq!(value["metrics"]["time_to_detect_seconds"], 107_153);
    assert_eq!(value, json(&of_exercise("contained", "--format json --jobs 1")));
}

#[test]
fn a_state_that_is_still_open() {
    let outcome = of_exercise("compromised", "--format json");
    assert_eq!(outcome.status, Some(1));
    let value = json(&outcome);
    assert_eq!(value["verdict"], "open");
    let requests = value["requests"].as_array().expect("requests");
    let open = requests
        .iter()
        .filter(|request| request["hostile"] == true && request["after"] == "allowed");
    // Whatever nobody signed, and the role that a stranger assumed.
    assert_eq!(open.count(), 42);
    let left = value["remaining_access"].as_array().expect("grants");
    let mut resources: Vec<&str> = left.iter().filter_map(|left| left["resource"].as_str()).collect();
    resources.dedup();
    assert_eq!(
        resources,
        [
            "arn:aws:s3:::marlow-exports/tmp/c.csv",
            "arn:aws:s3:::marlow-orders",
            "arn:aws:iam::111122223333:role/deploy"
        ]
    );
    assert_ne!(value["remaining"], json!([]));
}

/// A bucket with one policy before and another one after, and one request of the log.
fn small(before: &str, after: &str, incident: &str, event: &Value) -> Value {
    let log = event.to_string();
    let policy = |statement: &str| format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
    let (before, after) = (policy(before), policy(after));
    let block = r#"{"PublicAccessBlockConfiguration": {"BlockPublicAcls": false, "IgnorePublicAcls": false,
        "BlockPublicPolicy": false, "RestrictPublicBuckets": false}}"#;
    let directory = directory(&[
        ("before/111122223333/s3/data-1/bucket-policy.json", &before),
        ("after/111122223333/s3/data-1/bucket-policy.json", &after),
        ("before/111122223333/s3/data-1/public-access-block.json", block),
        ("after/111122223333/s3/data-1/public-access-block.json", block),
        ("log.json", &log),
        ("incident.toml", incident),
    ]);
    let arguments = "verify --before before --after after --logs log.json --incident incident.toml --format json";
    let outcome = run(directory.path(), &format!("{arguments} --now 2026-02-10T00:00:00Z"));
    assert!(!outcome.stdout.is_empty(), "{}", outcome.stderr);
    json(&outcome)
}

fn event(changes: Value) -> Value {
    let mut event = json!({
        "eventTime": "2026-01-31T12:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7", "eventID": "id-1", "userAgent": "[curl/8]",
        "recipientAccountId": "111122223333", "userIdentity": { "type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL" },
        "requestParameters": { "bucketName": "data-1", "key": "a.csv" },
        "resources": [{ "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::data-1", "accountId": "111122223333" }],
    });
    for (name, value) in changes.as_object().expect("an object") {
        event[name] = value.clone();
    }
    event
}

const INCIDENT: &str =
    "buckets = ['data-1']\naccounts = ['111122223333']\n[hostile]\nprincipals = ['anonymous', '444455556666']";

const EVERYBODY: &str = r#"{"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data-1/*""#;

const OWN: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data-1/*"}"#;

fn answers(value: &Value) -> (String, String, String) {
    let request = &value["requests"][0];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (
        text(&request["before"]),
        text(&request["after"]),
        text(&value["verdict"]),
    )
}

fn told(before: &str, after: &str, verdict: &str) -> (String, String, String) {
    (before.into(), after.into(), verdict.into())
}

/// What the log does not tell must not be guessed: whether TLS was used, which referer was sent.
#[test]
fn an_answer_that_hangs_on_what_no_log_tells_is_unknown() {
    let with = |condition: &str| format!("{EVERYBODY}, \"Condition\": {condition}}}");
    let check = |condition: &str, changes: Value, expected: &str| {
        let value = small(&with(condition), OWN, INCIDENT, &event(changes));
        assert_eq!(answers(&value), told(expected, "denied", "contained"), "{condition}");
    };
    check(
        r#"{"StringLike": {"aws:Referer": "https://a.example/*"}}"#,
        json!({}),
        "unknown",
    );
    check(r#"{"Bool": {"aws:SecureTransport": "true"}}"#, json!({}), "unknown");
    let cipher = json!({ "additionalEventData": { "CipherSuite": "TLS_AES_128_GCM_SHA256" } });
    check(r#"{"Bool": {"aws:SecureTransport": "true"}}"#, cipher, "allowed");
    check(
        r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
        json!({}),
        "allowed",
    );
    check(
        r#"{"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}"#,
        json!({}),
        "denied",
    );
    check(r#"{"StringEquals": {"aws:UserAgent": "curl/8"}}"#, json!({}), "allowed");
    // Who comes from the internet comes through no endpoint.
    check(r#"{"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#, json!({}), "denied");
    // The time is that of the request, and for the state of now that of the verdict.
    check(
        r#"{"DateLessThan": {"aws:CurrentTime": "2026-02-01T00:00:00Z"}}"#,
        json!({}),
        "allowed",
    );
    // The parameters are told, so that no version was asked for.
    check(r#"{"StringEquals": {"s3:x-amz-acl": "private"}}"#, json!({}), "denied");
}

/// What a referer would have changed does not matter where Block Public Access refuses all of it.
#[test]
fn what_is_blocked_whatever_the_request_carries_is_refused() {
    let policy = format!(
        "{{\"Version\": \"2012-10-17\", \"Statement\": [{EVERYBODY}, \"Condition\": {{\"StringLike\": {{\"aws:Referer\": \"*\"}}}}}}]}}"
    );
    let block = r#"{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true,
        "BlockPublicPolicy": true, "RestrictPublicBuckets": true}}"#;
    let log = event(json!({})).to_string();
    let at = directory(&[
        ("before/111122223333/s3/data-1/bucket-policy.json", &policy),
        ("after/111122223333/s3/data-1/bucket-policy.json", &policy),
        ("after/111122223333/s3/data-1/public-access-block.json", block),
        ("log.json", &log),
        ("incident.toml", INCIDENT),
    ]);
    let arguments = "verify --before before --after after --logs log.json --incident incident.toml --format json";
    let value = json(&run(at.path(), arguments));
    assert_eq!(answers(&value), told("unknown", "denied", "contained"));
}

/// The owner of a bucket sees of a foreign caller no more than the account [CT-16].
#[test]
fn a_foreign_caller_is_known_by_account_alone() {
    let foreign =
        json!({ "userIdentity": { "type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "444455556666" } });
    let of = |arn: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{arn}"}}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data-1/*"}}"#
        )
    };
    let check = |before: &str, expected: &str| {
        let value = small(&of(before), OWN, INCIDENT, &event(foreign.clone()));
        assert_eq!(answers(&value), told(expected, "denied", "contained"), "{before}");
    };
    check("arn:aws:iam::444455556666:root", "allowed");
    check("arn:aws:iam::444455556666:user/bob", "unknown");
    check("arn:aws:iam::777788889999:user/bob", "denied");
}

/// [EVAL-03]: identity policies are not here. What no document of the bucket refuses is not called refused.
#[test]
fn own_callers_are_stopped_by_denies_and_dead_keys_only() {
    let bob = json!({ "userIdentity": { "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob",
        "accountId": "111122223333", "accessKeyId": "AKIAIOSFODNN7EXAMPLE" } });
    let stolen = "buckets = ['data-1']\naccounts = ['111122223333']\naccess-keys = ['AKIAIOSFODNN7EXAMPLE']";
    let value = small(OWN, OWN, stolen, &event(bob.clone()));
    assert_eq!(answers(&value), told("allowed", "unknown", "unknown"));
    let deny = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::data-1/*"}"#;
    let value = small(OWN, deny, stolen, &event(bob.clone()));
    // The bucket is shut to him, and yet his key works.
    assert_eq!(answers(&value), told("allowed", "denied", "unknown"));
    // Of somebody who works there it is said that it broke.
    let ours = "buckets = ['data-1']\naccounts = ['111122223333']\n[legitimate]\nprincipals = ['arn:aws:iam::111122223333:user/bob']";
    let value = small(OWN, deny, ours, &event(bob));
    assert_eq!(value["collateral"], json!(["id-1"]));
}

#[test]
fn what_happens_after_it_was_shut_contradicts_it() {
    let shut = format!("contained = 2026-01-31T11:00:00Z\n{INCIDENT}");
    let value = small(OWN, OWN, &shut, &event(json!({})));
    assert_eq!(value["contradictions"], json!(["id-1"]));
    assert_eq!(value["verdict"], "open");
    let refused = event(json!({ "errorCode": "AccessDenied" }));
    assert_eq!(small(OWN, OWN, &shut, &refused)["verdict"], "contained");
}

#[test]
fn what_is_not_there_is_not_called_shut() {
    let elsewhere = "buckets = ['data-1', 'loot']\n[hostile]\nprincipals = ['anonymous']";
    let value = small(OWN, OWN, elsewhere, &event(json!({})));
    assert_eq!(value["not_in_snapshot"], json!(["loot"]));
    assert_eq!(value["verdict"], "unknown");
    let nobody = small(OWN, OWN, "buckets = ['data-1']", &event(json!({})));
    assert_eq!(nobody["verdict"], "unknown");
}
