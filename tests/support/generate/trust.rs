use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use serde_json::{Map, Value, json};

use super::Level;
use super::conditions::{TRUST_KEYS, block};
use super::policy::{document, strings};
use super::pools::{ACCOUNTS, COGNITO, GITHUB, PRINCIPALS, SAML, SERVICES, UNIQUE_ID};

/// The text of a role trust policy of one to five statements.
pub fn trust_policy(level: Level) -> BoxedStrategy<String> {
    document(statement(level), level)
}

fn statement(level: Level) -> BoxedStrategy<Value> {
    (
        principal(level),
        actions(level),
        block(TRUST_KEYS, level),
        any::<[u8; 2]>(),
    )
        .prop_map(move |(principal, action, condition, [effect, not_action])| {
            let mut statement = Map::new();
            let denies = effect < 60;
            statement.insert("Effect".into(), if denies { "Deny" } else { "Allow" }.into());
            statement.insert("Principal".into(), principal);
            let negated = level >= Level::Operators && not_action < 15;
            statement.insert(if negated { "NotAction" } else { "Action" }.into(), action);
            if !(denies && level == Level::Equality) {
                statement.insert("Condition".into(), condition);
            }
            Value::Object(statement)
        })
        .boxed()
}

fn principal(level: Level) -> BoxedStrategy<Value> {
    let aws: Vec<&'static str> = ACCOUNTS.iter().chain(PRINCIPALS).copied().collect();
    let plain = prop_oneof![
        2 => Just(json!({"AWS": "*"})),
        3 => strings(&aws).prop_map(|names| json!({"AWS": names})),
        1 => strings(SERVICES).prop_map(|names| json!({"Service": names})),
        1 => Just(json!({"Service": "rolesanywhere.amazonaws.com"})),
        3 => strings(&[GITHUB, SAML, COGNITO]).prop_map(|names| json!({"Federated": names})),
    ];
    if level < Level::Operators {
        return plain.boxed();
    }
    let odd = prop_oneof![
        Just(json!("*")),
        Just(json!({"AWS": UNIQUE_ID})),
        Just(json!({"AWS": "*", "Federated": GITHUB}))
    ];
    prop_oneof![8 => plain, 1 => odd].boxed()
}

fn actions(level: Level) -> BoxedStrategy<Value> {
    let exact = strings(&[
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        "sts:AssumeRoleWithSAML",
        "sts:TagSession",
    ]);
    let three = Just(json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]));
    if level < Level::Operators {
        return prop_oneof![4 => exact, 1 => three].boxed();
    }
    let globs = strings(&["sts:*", "*", "sts:AssumeRole*", "STS:assumerole"]);
    prop_oneof![4 => exact, 1 => three, 2 => globs].boxed()
}
