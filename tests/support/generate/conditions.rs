use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::Level;
use super::pools::UNKNOWN;

/// What the values of a key look like, which decides the operators that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Arn,
    Address,
    Number,
    Date,
    Truth,
    Set,
}

/// A context key with values for documents.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    kind: Kind,
    level: Level,
    values: &'static [&'static str],
}

/// A `Condition` block of up to three operators.
pub fn block(keys: &'static [Key], level: Level) -> BoxedStrategy<Value> {
    let fitting: Vec<&'static Key> = keys.iter().filter(|key| key.level <= level).collect();
    let one = select(fitting).prop_flat_map(move |key| condition(key, level)).boxed();
    prop_oneof![4 => vec(one.clone(), 0), 4 => vec(one.clone(), 1), 2 => vec(one, 2..=3)]
        .prop_map(|conditions| {
            let mut block: Map<String, Value> = Map::new();
            for (operator, key, values) in conditions {
                let keys = block.entry(operator).or_insert_with(|| json!({}));
                if let Value::Object(keys) = keys {
                    keys.insert(key, values);
                }
            }
            Value::Object(block)
        })
        .boxed()
}

fn condition(key: &'static Key, level: Level) -> BoxedStrategy<(String, String, Value)> {
    (operator(key.kind, level), name(key, level))
        .prop_flat_map(move |(operator, name)| {
            let values = values(key, &operator, level);
            (Just(operator), Just(name), values)
        })
        .boxed()
}

/// The name of a key, at the last level in odd letter case.
fn name(key: &'static Key, level: Level) -> BoxedStrategy<String> {
    if level < Level::Hostile {
        return Just(key.name.to_owned()).boxed();
    }
    any::<u8>()
        .prop_map(|odd| {
            if odd < 40 {
                key.name.to_uppercase()
            } else {
                key.name.to_owned()
            }
        })
        .boxed()
}

fn operator(kind: Kind, level: Level) -> BoxedStrategy<String> {
    if level == Level::Equality {
        return Just("StringEquals".to_owned()).boxed();
    }
    let bases: &'static [&'static str] = match kind {
        Kind::Text | Kind::Set => TEXT,
        Kind::Arn => ARN,
        Kind::Address => &["IpAddress", "NotIpAddress"],
        Kind::Number => NUMBER,
        Kind::Date => DATE,
        Kind::Truth => &["Bool"],
    };
    (select(bases), any::<[u8; 4]>())
        .prop_map(move |(base, [suffix, null, qualifier, odd])| {
            if null < 25 {
                return "Null".to_owned();
            }
            let suffix = if suffix < 60 { "IfExists" } else { "" };
            // A set needs a qualifier; what happens without one belongs to the last level.
            let plain = kind != Kind::Set || level == Level::Hostile && qualifier < 50;
            let qualifier = match qualifier {
                _ if level < Level::Sets => "",
                0..90 if !plain || kind == Kind::Set => "ForAllValues:",
                0..30 => "ForAllValues:",
                30..60 => "ForAnyValue:",
                _ if plain => "",
                _ => "ForAnyValue:",
            };
            let name = format!("{qualifier}{base}{suffix}");
            if level == Level::Hostile && odd < 10 {
                name.to_lowercase()
            } else {
                name
            }
        })
        .boxed()
}

fn values(key: &'static Key, operator: &str, level: Level) -> BoxedStrategy<Value> {
    if operator.eq_ignore_ascii_case("null") {
        return select(&["true", "false"][..]).prop_map(Value::from).boxed();
    }
    let mut pool: Vec<&'static str> = key.values.to_vec();
    if level < Level::Operators {
        pool.retain(|value| !value.contains(['*', '?']));
    }
    if level < Level::Documents {
        pool.retain(|value| !value.contains("${"));
    }
    if level == Level::Hostile {
        pool.extend(["*", "", "?", "*a*b*", "*b*a*", "é", "not a value"]);
    }
    let least = usize::from(level < Level::Hostile);
    vec(select(pool), least..=3)
        .prop_map(|values| match values.as_slice() {
            [one] => Value::from(*one),
            several => several.iter().copied().map(Value::from).collect(),
        })
        .boxed()
}

const fn key(level: Level, kind: Kind, name: &'static str, values: &'static [&'static str]) -> Key {
    Key {
        name,
        kind,
        level,
        values,
    }
}

/// Keys of bucket policies, access point policies and RCPs.
pub const BUCKET_KEYS: &[Key] = &[
    key(
        Level::Equality,
        Kind::Text,
        "aws:PrincipalOrgID",
        &["o-x", "o-abc", "o-*"],
    ),
    key(
        Level::Equality,
        Kind::Text,
        "aws:PrincipalAccount",
        &["444455556666", "111122223333", "anonymous", "5*", "*7", UNKNOWN],
    ),
    key(
        Level::Equality,
        Kind::Text,
        "aws:SourceVpce",
        &["vpce-1a2b3c4d", "vpce-0f0f0f0f", "vpce-*"],
    ),
    key(
        Level::Equality,
        Kind::Text,
        "aws:SourceAccount",
        &["111122223333", "444455556666", "5*", "*77", UNKNOWN],
    ),
    key(
        Level::Operators,
        Kind::Arn,
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::444455556666:role/x",
            "arn:aws:iam::444455556666:*",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::*77:*",
            "arn:aws:iam::111122223333:*",
        ],
    ),
    key(
        Level::Operators,
        Kind::Address,
        "aws:SourceIp",
        &[
            "203.0.113.0/24",
            "198.51.100.0/25",
            "5.0.0.0/8",
            "0.0.0.0/1",
            "128.0.0.0/1",
            "2001:db8::/32",
            "::/0",
        ],
    ),
    key(
        Level::Operators,
        Kind::Text,
        "aws:SourceVpc",
        &["vpc-91237329", "vpc-*"],
    ),
    key(
        Level::Operators,
        Kind::Text,
        "aws:userid",
        &["AROAEXAMPLE1234567890:*", "AROA*:*", "anonymous", "AIDA*"],
    ),
    key(Level::Operators, Kind::Text, "aws:username", &["alice", "al*", "bob"]),
    key(
        Level::Operators,
        Kind::Text,
        "aws:PrincipalType",
        &["Anonymous", "User", "AssumedRole", "A*"],
    ),
    key(
        Level::Operators,
        Kind::Text,
        "aws:Referer",
        &["https://x/", "https://*"],
    ),
    key(
        Level::Operators,
        Kind::Text,
        "aws:UserAgent",
        &["curl", "cu*l", "${aws:username}"],
    ),
    key(Level::Operators, Kind::Truth, "aws:SecureTransport", &["true", "false"]),
    key(
        Level::Operators,
        Kind::Truth,
        "aws:PrincipalIsAWSService",
        &["true", "false"],
    ),
    key(Level::Operators, Kind::Truth, "aws:ViaAWSService", &["true", "false"]),
    key(Level::Operators, Kind::Number, "s3:TlsVersion", &["1.2", "1.3"]),
    key(Level::Operators, Kind::Number, "s3:max-keys", &["10", "100", "1000"]),
    key(
        Level::Operators,
        Kind::Date,
        "aws:CurrentTime",
        &["2026-01-31T12:00:00Z", "2020-01-01", "2030-01-01T00:00:00Z"],
    ),
    key(
        Level::Operators,
        Kind::Date,
        "aws:EpochTime",
        &["1769860800", "1769860801"],
    ),
    key(Level::Operators, Kind::Text, "s3:prefix", &["home/", "home/*", ""]),
    key(
        Level::Operators,
        Kind::Text,
        "s3:x-amz-acl",
        &["private", "public-read", "bucket-owner-*"],
    ),
    key(
        Level::Operators,
        Kind::Arn,
        "aws:SourceArn",
        &[
            "arn:aws:sns:us-east-1:111122223333:t",
            "arn:aws:sns:*:*:*",
            "arn:aws:s3:::src",
        ],
    ),
    key(
        Level::Operators,
        Kind::Text,
        "aws:PrincipalServiceName",
        &["cloudtrail.amazonaws.com", "*.amazonaws.com"],
    ),
    key(
        Level::Sets,
        Kind::Set,
        "aws:PrincipalOrgPaths",
        &["o-x/*", "o-abc/r-1/*", "o-abc/r-1/ou-1/"],
    ),
    key(
        Level::Sets,
        Kind::Set,
        "aws:PrincipalServiceNamesList",
        &["cloudtrail.amazonaws.com", "*"],
    ),
    key(Level::Sets, Kind::Set, "aws:CalledVia", &["athena.amazonaws.com", "*"]),
    key(Level::Sets, Kind::Set, "s3:RequestObjectTagKeys", &["team", "t*"]),
    key(Level::Sets, Kind::Text, "aws:PrincipalTag/team", &["x", "y"]),
    key(Level::Sets, Kind::Text, "s3:ExistingObjectTag/public", &["yes", "y*"]),
    key(
        Level::Sets,
        Kind::Truth,
        "aws:MultiFactorAuthPresent",
        &["true", "false"],
    ),
    key(Level::Sets, Kind::Text, "aws:SourceOrgID", &["o-x", "o-*"]),
    key(
        Level::Documents,
        Kind::Text,
        "s3:DataAccessPointAccount",
        &["111122223333", "444455556666", "*", "5*"],
    ),
    key(
        Level::Documents,
        Kind::Arn,
        "s3:DataAccessPointArn",
        &[
            "arn:aws:s3:us-east-1:111122223333:accesspoint/ap",
            "arn:aws:s3:*:111122223333:accesspoint/*",
        ],
    ),
    key(
        Level::Documents,
        Kind::Text,
        "s3:AccessPointNetworkOrigin",
        &["VPC", "Internet"],
    ),
    key(Level::Documents, Kind::Text, "aws:ResourceTag/public", &["yes", "no"]),
    key(
        Level::Documents,
        Kind::Text,
        "aws:ResourceAccount",
        &["111122223333", "${aws:PrincipalAccount}"],
    ),
    key(Level::Hostile, Kind::Text, "aws:NoSuchKey", &["x"]),
];

/// Keys of role trust policies.
pub const TRUST_KEYS: &[Key] = &[
    key(
        Level::Equality,
        Kind::Text,
        "aws:PrincipalOrgID",
        &["o-x", "o-abc", "o-*"],
    ),
    key(
        Level::Equality,
        Kind::Text,
        "aws:PrincipalAccount",
        &["444455556666", "111122223333"],
    ),
    key(Level::Equality, Kind::Text, "sts:ExternalId", &["secret", "s*"]),
    key(
        Level::Equality,
        Kind::Text,
        "aws:SourceAccount",
        &["111122223333", "444455556666"],
    ),
    key(
        Level::Equality,
        Kind::Text,
        "token.actions.githubusercontent.com:sub",
        &[
            "repo:acme/app:ref:refs/heads/main",
            "repo:acme/*",
            "repo:acme*",
            "repo:*/app:*",
        ],
    ),
    key(
        Level::Equality,
        Kind::Text,
        "token.actions.githubusercontent.com:aud",
        &["sts.amazonaws.com"],
    ),
    key(
        Level::Operators,
        Kind::Arn,
        "aws:PrincipalArn",
        &["arn:aws:iam::444455556666:role/x", "arn:aws:iam::*:role/*"],
    ),
    key(
        Level::Operators,
        Kind::Address,
        "aws:SourceIp",
        &["203.0.113.0/24", "0.0.0.0/1"],
    ),
    key(
        Level::Operators,
        Kind::Text,
        "sts:RoleSessionName",
        &["bucketproof", "${aws:username}", "b*"],
    ),
    key(
        Level::Operators,
        Kind::Text,
        "saml:aud",
        &["https://signin.aws.amazon.com/saml"],
    ),
    key(
        Level::Operators,
        Kind::Text,
        "token.actions.githubusercontent.com:environment",
        &["prod", "p*"],
    ),
    key(
        Level::Operators,
        Kind::Arn,
        "aws:SourceArn",
        &["arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:*:*:*"],
    ),
    key(
        Level::Sets,
        Kind::Set,
        "aws:PrincipalOrgPaths",
        &["o-x/*", "o-abc/r-1/*"],
    ),
    key(
        Level::Sets,
        Kind::Set,
        "cognito-identity.amazonaws.com:amr",
        &["authenticated", "unauthenticated"],
    ),
    key(Level::Sets, Kind::Text, "aws:PrincipalTag/team", &["x", "y"]),
    key(
        Level::Sets,
        Kind::Truth,
        "aws:MultiFactorAuthPresent",
        &["true", "false"],
    ),
    key(
        Level::Documents,
        Kind::Text,
        "aws:RequestTag/team",
        &["x", "${aws:PrincipalTag/team}"],
    ),
    key(Level::Documents, Kind::Text, "aws:ResourceTag/public", &["yes", "no"]),
    key(
        Level::Hostile,
        Kind::Text,
        "token.actions.githubusercontent.com:repository_owner",
        &["acme"],
    ),
    key(Level::Hostile, Kind::Text, "gitlab.com:sub", &["project_path:acme/*"]),
];

const TEXT: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
const ARN: &[&str] = &[
    "ArnLike",
    "ArnNotLike",
    "ArnEquals",
    "ArnNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEquals",
];
const NUMBER: &[&str] = &[
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
const DATE: &[&str] = &[
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
];
