//! Can this.

use bucketproof::engine::{Can, Unless, Verdict};
use serde_json::json;

use crate::states::{blocked, bucket, can, role};

const OBJECT: &str = "arn:aws:s3:::b/k";

fn keys(can: &Can) -> Vec<String> {
    match &can.unless {
        Unless::NotAsked => vec!["not asked".into()],
        Unless::Never => Vec::new(),
        Unless::When(changes) => changes
            .iter()
            .map(|(key, value)| match value {
                Some(_) => key.name().to_owned(),
                None => format!("no {}", key.name()),
            })
            .collect(),
    }
}

fn ways(can: &Can) -> Vec<String> {
    let ways = can.ways.iter().map(|grant| {
        let conditions = grant.conditions.iter();
        let conditions: Vec<String> = conditions
            .map(|condition| {
                format!(
                    "{} {} {}",
                    condition.operator,
                    condition.key,
                    condition.values.join(" ")
                )
            })
            .collect();
        format!("{}: {}", grant.grantee, conditions.join(", "))
    });
    ways.collect()
}

#[test]
fn yes_whatever_else() {
    let state = bucket(
        &json!([{"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*"}]),
    );
    for caller in [
        "anonymous",
        "444455556666",
        "arn:aws:iam::444455556666:role/x",
        "cloudtrail.amazonaws.com",
    ] {
        let can = can(&state, caller, "s3:GetObject", OBJECT, &[]);
        assert_eq!(
            (can.decision.verdict, &can.unless),
            (Verdict::Allowed, &Unless::Never),
            "{caller}"
        );
        let deciding = can.decision.deciding().expect("a step");
        assert_eq!(deciding.sid.as_deref(), Some("All"), "{caller}");
        assert!(can.indeterminate.is_empty(), "{caller} {:?}", can.indeterminate);
    }
}

#[test]
fn yes_but_not_without_tls() {
    let state = bucket(&json!([
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]));
    let found = can(&state, "anonymous", "s3:GetObject", OBJECT, &[]);
    assert_eq!(
        (found.decision.verdict, keys(&found)),
        (Verdict::Allowed, vec!["aws:SecureTransport".into()])
    );
    assert!(found.filled.iter().any(|key| key.folded() == "aws:securetransport"));
    // What is stated is not taken to be otherwise.
    let found = can(
        &state,
        "anonymous",
        "s3:GetObject",
        OBJECT,
        &[("aws:SecureTransport", "true")],
    );
    assert_eq!((found.decision.verdict, keys(&found)), (Verdict::Allowed, Vec::new()));
    let found = can(
        &state,
        "anonymous",
        "s3:GetObject",
        OBJECT,
        &[("aws:SecureTransport", "false")],
    );
    assert_eq!((found.decision.verdict, ways(&found)), (Verdict::Denied, Vec::new()));
}

#[test]
fn no_but_through_an_endpoint() {
    let state = bucket(&json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-11111111"}}}]));
    let found = can(&state, "444455556666", "s3:GetObject", OBJECT, &[]);
    assert_eq!(found.decision.verdict, Verdict::Denied);
    assert_eq!(
        ways(&found),
        ["account 444455556666: StringEquals aws:SourceVpce vpce-11111111"]
    );
    let found = can(
        &state,
        "444455556666",
        "s3:GetObject",
        OBJECT,
        &[("aws:SourceVpce", "vpce-22222222")],
    );
    assert_eq!((found.decision.verdict, ways(&found)), (Verdict::Denied, Vec::new()));
    let found = can(
        &state,
        "444455556666",
        "s3:GetObject",
        OBJECT,
        &[("aws:SourceVpce", "vpce-11111111")],
    );
    assert_eq!((found.decision.verdict, keys(&found)), (Verdict::Allowed, Vec::new()));
}

#[test]
fn no_under_any_circumstances() {
    let open = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]);
    let found = can(&blocked(bucket(&open)), "anonymous", "s3:GetObject", OBJECT, &[]);
    assert_eq!((found.decision.verdict, ways(&found)), (Verdict::Denied, Vec::new()));
    let words = found.decision.deciding().map(ToString::to_string).unwrap_or_default();
    assert!(words.contains("bucket:RestrictPublicBuckets"), "{words}");
}

/// A key that holds a wildcard is that key and no other.
#[test]
fn names_are_taken_literally() {
    let state = bucket(&json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/a1", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]));
    let found = can(&state, "anonymous", "s3:GetObject", "arn:aws:s3:::b/a*", &[]);
    assert_eq!((found.decision.verdict, ways(&found)), (Verdict::Denied, Vec::new()));
}

#[test]
fn a_role_hangs_on_the_external_id() {
    let state = role(
        &json!([{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}]),
    );
    let arn = "arn:aws:iam::111122223333:role/r";
    let found = can(&state, "arn:aws:iam::444455556666:user/u", "sts:AssumeRole", arn, &[]);
    assert_eq!(found.decision.verdict, Verdict::Denied);
    assert_eq!(
        ways(&found),
        ["arn:aws:iam::444455556666:user/u: StringEquals sts:ExternalId x"]
    );
    let found = can(
        &state,
        "444455556666",
        "sts:AssumeRole",
        arn,
        &[("sts:ExternalId", "x")],
    );
    assert_eq!(found.decision.verdict, Verdict::Allowed);
    assert_eq!((keys(&found), found.indeterminate.len()), (Vec::new(), 0));
}
