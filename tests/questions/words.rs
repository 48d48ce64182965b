//! The same in other words, as small as random worlds once showed it not to be the same.

use bucketproof::engine::Grant;
use bucketproof::model::Inventory;
use serde_json::{Value, json};

use crate::states::{bucket, role, who_can};

/// What anybody has of these actions on the resource.
fn grants(inventory: &Inventory, actions: &[&str], resource: &str) -> Vec<Grant> {
    let answers = who_can(inventory, actions, &[resource]).into_iter();
    answers.flat_map(|answer| answer.access.grants).collect()
}

fn allowed(principal: &str, condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
        "Condition": condition})
}

/// [OPEN-12]: an account that has something for its name alone needs no value, whichever statement comes first.
#[test]
fn the_least_confinement_is_told_in_any_order() {
    let by_name = allowed("444455556666", json!({}));
    let by_key = allowed("*", json!({"StringEquals": {"aws:PrincipalAccount": "444455556666"}}));
    for statements in [json!([by_name, by_key]), json!([by_key, by_name])] {
        let grants = grants(&bucket(&statements), &["s3:GetObject"], "arn:aws:s3:::b/k");
        assert_eq!(grants.len(), 1);
        assert_eq!(grants[0].confined_by, []);
    }
}

/// [TRUST-03]: that tags may be passed was lost where a statement of its own says so.
#[test]
fn tags_are_passed_by_a_statement_of_their_own() {
    let pass = |actions: &[&str]| {
        json!({"Effect": "Allow", "Principal": {"AWS": "555566667777"}, "Action": actions,
            "Condition": {"StringNotLike": {"aws:PrincipalTag/team": "y"}}})
    };
    let deny = json!({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:TagSession",
        "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:t"}}});
    let actions = ["sts:AssumeRole", "sts:TagSession"];
    for statements in [
        json!([pass(&actions), deny]),
        json!([pass(&actions[..1]), pass(&actions[1..]), deny]),
    ] {
        let grants = grants(&role(&statements), &actions, "arn:aws:iam::111122223333:role/r");
        let told: Vec<usize> = grants.iter().map(|grant| grant.actions.len()).collect();
        assert_eq!(told, [2]);
    }
}

/// [COND-02], [COND-03]: a narrower grant is told beside a wider one only if it says more than that.
#[test]
fn conditions_are_the_same_in_any_order_and_case() {
    let condition = |key: &str, values: [&str; 2]| json!({"StringEquals": {key: values}});
    let mut narrow = condition("AWS:referer", ["https://y/", "https://x/"]);
    narrow["StringEquals"]["aws:UserAgent"] = "curl".into();
    let wide = condition("aws:Referer", ["https://x/", "https://y/"]);
    let statements = json!([allowed("444455556666", narrow), allowed("444455556666", wide)]);
    let grants = grants(&bucket(&statements), &["s3:GetObject"], "arn:aws:s3:::b/k");
    assert_eq!(grants.len(), 1, "{grants:?}");
}

/// [ACT-03]: whether tags may be passed is in doubt in one wording only, but a Deny for an organization stops no stranger.
#[test]
fn a_doubt_about_tags_adds_no_condition() {
    let statement =
        |effect: &str, name: &str, action: &str| json!({"Effect": effect, "Principal": {"AWS": "*"}, name: action});
    let mut deny = statement("Deny", "Action", "sts:AssumeRole");
    deny["Condition"] = json!({"Null": {"aws:RequestTag/team": "true"},
        "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-x/*"}});
    let narrow = statement("Allow", "Action", "sts:AssumeRole");
    let wide = [
        statement("Allow", "Action", "*"),
        statement("Deny", "NotAction", "sts:AssumeRole"),
    ];
    for statements in [json!([narrow, deny]), json!([wide[0], wide[1], deny])] {
        let grants = grants(
            &role(&statements),
            &["sts:AssumeRole"],
            "arn:aws:iam::111122223333:role/r",
        );
        assert_eq!(grants.len(), 1);
        assert_eq!(grants[0].conditions, []);
    }
}

/// [COND-02]: the right to pass tags stays with the right to assume the role, in whatever words another statement says it.
#[test]
fn the_same_condition_in_other_words_takes_nothing_away() {
    let pass = |actions: &[&str], values: &[&str]| {
        json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:user/alice"}, "Action": actions,
            "Condition": {"StringEquals": {"sts:ExternalId": values}}})
    };
    let actions = ["sts:AssumeRole", "sts:TagSession"];
    let statements = json!([pass(&actions[1..], &["secret", "secret"]), pass(&actions, &["secret"])]);
    let grants = grants(&role(&statements), &actions, "arn:aws:iam::111122223333:role/r");
    let told: Vec<usize> = grants.iter().map(|grant| grant.actions.len()).collect();
    assert_eq!(told, [2]);
}
