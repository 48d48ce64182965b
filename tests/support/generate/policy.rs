use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::Level;
use super::conditions::{BUCKET_KEYS, block};
use super::pools::{
    ACCESS_POINT, ACCOUNTS, ACTIONS, BUCKET, LOST_CANONICAL, ORIGIN_ACCESS_IDENTITY, OTHER_CANONICAL, PRINCIPALS,
    SERVICES, UNIQUE_ID,
};

/// The text of a bucket policy of one to five statements.
pub fn bucket_policy(level: Level) -> BoxedStrategy<String> {
    document(statement(level, resources(level)), level)
}

/// The text of a policy of the access point.
pub fn access_point_policy(level: Level) -> BoxedStrategy<String> {
    let resources = Just(json!([ACCESS_POINT, format!("{ACCESS_POINT}/object/*")]));
    document(statement(level, resources.boxed()), level)
}

/// The text of a resource control policy: one Deny for everyone.
pub fn resource_control_policy(level: Level) -> BoxedStrategy<String> {
    let actions = select(&["s3:*", "s3:GetObject", "s3:Put*", "sts:*"][..]);
    (actions, block(BUCKET_KEYS, level))
        .prop_map(|(action, condition)| {
            let statement =
                json!({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", "Condition": condition});
            json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
        })
        .boxed()
}

/// A document of these statements.
pub fn document(statement: BoxedStrategy<Value>, level: Level) -> BoxedStrategy<String> {
    (vec(statement, 1..=5), any::<u8>())
        .prop_map(move |(statements, odd)| {
            let old = level >= Level::Documents && odd < 30;
            let version = if old { "2008-10-17" } else { "2012-10-17" };
            json!({"Version": version, "Statement": statements}).to_string()
        })
        .boxed()
}

fn statement(level: Level, resources: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let parts = (
        principal(level),
        actions(level),
        resources,
        block(BUCKET_KEYS, level),
        any::<[u8; 4]>(),
    );
    parts
        .prop_map(
            move |(principal, action, resource, condition, [effect, not_principal, not_action, not_resource])| {
                let mut statement = Map::new();
                let denies = effect < 90;
                let not = |odd: u8, name: &str| {
                    let negated = level >= Level::Operators && odd < 30;
                    if negated { format!("Not{name}") } else { name.to_owned() }
                };
                statement.insert("Effect".into(), if denies { "Deny" } else { "Allow" }.into());
                let principal_name = if principal == json!("*") {
                    "Principal".to_owned()
                } else {
                    not(not_principal, "Principal")
                };
                statement.insert(principal_name, principal);
                statement.insert(not(not_action, "Action"), action);
                statement.insert(not(not_resource, "Resource"), resource);
                // [Level::Equality] has no conditions on a Deny.
                if !(denies && level == Level::Equality) {
                    statement.insert("Condition".into(), condition);
                }
                Value::Object(statement)
            },
        )
        .boxed()
}

/// A `Principal` of a resource policy.
fn principal(level: Level) -> BoxedStrategy<Value> {
    let aws: Vec<&'static str> = ACCOUNTS.iter().chain(PRINCIPALS).copied().collect();
    let root = select(ACCOUNTS).prop_map(|account| json!({"AWS": format!("arn:aws:iam::{account}:root")}));
    let plain = prop_oneof![
        4 => Just(json!("*")),
        1 => Just(json!({"AWS": "*"})),
        3 => strings(&aws).prop_map(|names| json!({"AWS": names})),
        1 => root,
        2 => strings(SERVICES).prop_map(|names| json!({"Service": names})),
        1 => strings(&[OTHER_CANONICAL, LOST_CANONICAL]).prop_map(|ids| json!({"CanonicalUser": ids})),
    ];
    if level < Level::Operators {
        return plain.boxed();
    }
    let mixed = (strings(&aws), strings(SERVICES)).prop_map(|(aws, services)| json!({"AWS": aws, "Service": services}));
    let odd = prop_oneof![
        Just(json!({"AWS": UNIQUE_ID})),
        Just(json!({"AWS": [UNIQUE_ID, "*"]})),
        Just(json!({"AWS": ORIGIN_ACCESS_IDENTITY})),
        Just(json!({"Federated": "graph.facebook.com"})),
    ];
    let most = prop_oneof![6 => plain, 2 => mixed, 1 => odd];
    if level < Level::Hostile {
        return most.boxed();
    }
    prop_oneof![20 => most, 1 => Just(json!({})), 1 => Just(json!({"AWS": []}))].boxed()
}

fn actions(level: Level) -> BoxedStrategy<Value> {
    let exact = strings(ACTIONS);
    let all = Just(json!("s3:*"));
    if level < Level::Operators {
        return prop_oneof![3 => exact, 1 => all].boxed();
    }
    let globs = strings(&[
        "s3:Get*",
        "s3:*Object",
        "s3:?etObject",
        "s3:Put*",
        "S3:getobject",
        "*",
        "s3:List*",
        "s3:*Acl",
    ]);
    if level < Level::Hostile {
        return prop_oneof![3 => exact, 1 => all, 2 => globs].boxed();
    }
    let odd = strings(&["s*:GetObject", "s3:ListObjects", "s3:*e*t*b*", "s3:**"]);
    prop_oneof![6 => exact, 2 => all, 4 => globs, 2 => odd, 1 => Just(json!([]))].boxed()
}

fn resources(level: Level) -> BoxedStrategy<Value> {
    let both = Just(json!([BUCKET, format!("{BUCKET}/*")]));
    let plain = prop_oneof![2 => both, 1 => Just(json!(BUCKET)), 2 => Just(json!(format!("{BUCKET}/*")))];
    if level < Level::Operators {
        return plain.boxed();
    }
    let globs = strings(&[
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::b*",
        "arn:aws:s3:::b/a/*",
        "arn:aws:s3:::b/a/k",
        "arn:aws:s3:::b/*/c",
        "arn:aws:s3:::b/?",
        "arn:aws:s3:::b/pub/*",
    ]);
    if level < Level::Documents {
        return prop_oneof![3 => plain, 3 => globs].boxed();
    }
    let variables = strings(&[
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:s3:::b/${aws:PrincipalAccount, 'a'}/*",
        "arn:aws:s3:::b/${aws:PrincipalTag/team}",
        "arn:aws:s3:::b/${*}",
    ]);
    if level < Level::Hostile {
        return prop_oneof![4 => plain, 4 => globs, 2 => variables].boxed();
    }
    let odd = strings(&[
        "arn:aws:s3:*",
        "arn:aws:s3:::b/*a*b*",
        "arn:aws:s3:::b/*b*a*",
        "arn:aws:s3:::b/",
        "arn:aws:s3:*:*:b",
    ]);
    prop_oneof![4 => plain, 4 => globs, 2 => variables, 3 => odd, 1 => Just(json!([]))].boxed()
}

/// One string of a pool, or a list of some in their order.
pub fn strings(pool: &[&'static str]) -> BoxedStrategy<Value> {
    subsequence(pool.to_vec(), 1..=pool.len().min(3))
        .prop_map(|chosen| match chosen.as_slice() {
            [one] => Value::from(*one),
            several => several.iter().copied().map(Value::from).collect(),
        })
        .boxed()
}
