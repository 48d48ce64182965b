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

/// How somebody signed in has several values, and is compared as such [TRUST-63].
#[test]
fn a_claim_with_several_values_is_stated_like_any_other() {
    let state = role(
        &json!([{"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"}}}]),
    );
    let found = can(
        &state,
        "cognito-identity.amazonaws.com",
        "sts:AssumeRoleWithWebIdentity",
        "arn:aws:iam::111122223333:role/r",
        &[("cognito-identity.amazonaws.com:amr", "unauthenticated")],
    );
    assert_eq!(found.decision.verdict, Verdict::Denied);
    assert_eq!(
        ways(&found),
        ["any identity of cognito-identity.amazonaws.com: StringEquals cognito-identity.amazonaws.com:aud eu-west-1:1"]
    );
}

/// It needs no statement [EVAL-09], and so gets in wherever none denies it.
#[test]
fn the_root_user_of_the_owner_hangs_on_the_denies_alone() {
    let fence = json!([
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}}]);
    let root = "arn:aws:iam::111122223333:root";
    let found = can(&bucket(&fence), root, "s3:PutObject", OBJECT, &[]);
    assert_eq!(found.decision.verdict, Verdict::Denied);
    assert_eq!(
        ways(&found),
        ["account 111122223333: StringEquals aws:PrincipalOrgID o-abcdefghij"]
    );
    assert!(found.indeterminate.is_empty(), "{:?}", found.indeterminate);
    assert_eq!(found.ways[0].witness.caller.to_string(), root);
    assert!(found.ways[0].sources.is_empty(), "{:?}", found.ways[0].sources);
    let stated = [("aws:PrincipalOrgID", "o-abcdefghij")];
    let found = can(&bucket(&fence), root, "s3:PutObject", OBJECT, &stated);
    assert_eq!(found.decision.verdict, Verdict::Allowed);
    // A Deny without a way round it.
    let shut = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}]);
    let found = can(&bucket(&shut), root, "s3:PutObject", OBJECT, &[]);
    assert_eq!((found.decision.verdict, ways(&found)), (Verdict::Denied, Vec::new()));
}

/// What is not decided about others is nothing to an anonymous caller.
#[test]
fn an_anonymous_caller_is_asked_about_alone() {
    let state = bucket(&json!([
        {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b",
            "Condition": {"StringLike": {"s3:prefix": "public/*"}}},
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/home/${aws:username}/*"},
    ]));
    let stated = [("s3:prefix", "public/x")];
    let found = can(&state, "anonymous", "s3:ListBucket", "arn:aws:s3:::b", &stated);
    assert_eq!((found.decision.verdict, keys(&found)), (Verdict::Allowed, Vec::new()));
    assert!(found.indeterminate.is_empty(), "{:?}", found.indeterminate);
}
