//! Is TLS demanded of everybody, for everything.

use bucketproof::engine::{Estate, WithoutTls, without_tls};
use bucketproof::iam::PolicyKind;
use bucketproof::model::{Bucket, Inventory, Organization, OrganizationPolicy, Setting, Target};
use bucketproof::source::{Span, UnknownReason};
use serde_json::{Value, json};

use crate::states::{bucket, options, policy, state};

fn found(inventory: &Inventory) -> WithoutTls {
    let scope = Estate::new(inventory).bucket(&inventory.buckets[0]);
    without_tls(&scope, &options())
}

fn denies(statements: &Value) -> bool {
    found(&bucket(statements)) == WithoutTls::Denied
}

/// The usual statement with other members in place of its own; a null takes one out.
fn deny(other: Value) -> Value {
    let mut statement = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    let Value::Object(other) = other else {
        panic!("an object");
    };
    for (name, value) in other {
        statement[name] = value;
    }
    if let Value::Object(members) = &mut statement {
        members.retain(|_, value| !value.is_null());
    }
    json!([statement])
}

#[test]
fn every_way_to_write_it_counts() {
    for other in [
        json!({}),
        json!({"Principal": {"AWS": "*"}}),
        json!({"Resource": "*"}),
        json!({"Resource": "arn:aws:s3:::b*"}),
        json!({"Action": "*"}),
        json!({"Action": null, "NotAction": "iam:*"}),
        json!({"Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}}),
        json!({"Condition": {"Bool": {"AWS:securetransport": false}}}),
        json!({"Condition": {"StringEquals": {"aws:SecureTransport": "false"}}}),
        json!({"Condition": {"StringNotEquals": {"aws:SecureTransport": "true"}}}),
        json!({"Condition": {"Null": {"s3:TlsVersion": "true"}}}),
        json!({"Condition": null}),
    ] {
        assert!(denies(&deny(other.clone())), "{other}");
    }
}

#[test]
fn two_statements_may_share_the_work() {
    let mut both = deny(json!({"Resource": "arn:aws:s3:::b"}));
    let objects = deny(json!({"Resource": "arn:aws:s3:::b/*"}));
    assert!(!denies(&both) && !denies(&objects));
    if let Value::Array(list) = &mut both {
        list.push(objects[0].clone());
    }
    assert!(denies(&both));
}

#[test]
fn what_leaves_somebody_or_something_out_is_not_enough() {
    for other in [
        json!({"Resource": "arn:aws:s3:::b/*"}),
        json!({"Resource": "arn:aws:s3:::b"}),
        json!({"Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/public/*"]}),
        json!({"Action": ["s3:GetObject", "s3:PutObject"]}),
        json!({"Action": null, "NotAction": "s3:GetObject"}),
        json!({"Action": null, "NotAction": "s3:PutBucketPolicy"}),
        json!({"Principal": {"AWS": "444455556666"}}),
        json!({"Principal": null, "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/legacy"}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        json!({"Condition": {"StringEquals": {"aws:SecureTransport": "False"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}),
        // A minimum version is asked for where there is TLS.
        json!({"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}),
    ] {
        assert_eq!(found(&bucket(&deny(other.clone()))), WithoutTls::NotDenied, "{other}");
    }
}

#[test]
fn an_allow_that_asks_for_tls_denies_nothing() {
    let only = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]);
    assert_eq!(found(&bucket(&only)), WithoutTls::NotDenied);
    assert_eq!(found(&state(Bucket::default())), WithoutTls::NotDenied);
}

#[test]
fn a_resource_control_policy_counts() {
    let mut inventory = state(Bucket::default());
    let control = deny(json!({"Resource": "*", "Principal": "*"}));
    inventory.organization = Some(Organization {
        resource_control_policies: vec![OrganizationPolicy {
            name: "tls".into(),
            content: policy(&control, PolicyKind::ResourceControl),
            targets: Some(vec![Target::Root]),
            span: Span::default(),
        }],
        ..Organization::default()
    });
    assert_eq!(found(&inventory), WithoutTls::Denied);
}

#[test]
fn a_policy_that_is_not_known_is_not_decided() {
    let refused = Setting::unknown(UnknownReason::Refused("AccessDenied".into()), None);
    let unknown = state(Bucket {
        policy: refused,
        ..Bucket::default()
    });
    assert_eq!(found(&unknown), WithoutTls::Undecided);
}

#[test]
fn root_is_a_principal_like_others_but_for_the_policy_verbs() {
    let spared = json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringNotEquals": {"aws:PrincipalType": "Account"}}});
    assert_eq!(found(&bucket(&deny(spared))), WithoutTls::NotDenied);
    let by_arn = json!({"Condition": {"Bool": {"aws:SecureTransport": "false"},
        "ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:root"}}});
    assert_eq!(found(&bucket(&deny(by_arn))), WithoutTls::NotDenied);
}
