//! What is new.

use bucketproof::engine::{Estate, NewAccess, Verdict, decide_bucket};
use bucketproof::model::{Inventory, Setting};
use bucketproof::source::Span;
use serde_json::{Value, json};

use crate::states::{OWN, blocked, bucket, new_access, options, role, summary};

const NONE: [&str; 0] = [];

fn check(before: &Value, after: &Value, gained: &[&str], lost: &[&str]) {
    let (before, after) = (bucket(before), bucket(after));
    states(&before, &after, gained);
    states(&after, &before, lost);
}

fn states(before: &Inventory, after: &Inventory, expected: &[&str]) {
    let new = new_access(before, after);
    assert_eq!(summary(&new), expected);
    shown(before, after, &new);
}

/// Every witness is refused in the older state and allowed in the newer one.
fn shown(before: &Inventory, after: &Inventory, new: &[NewAccess]) {
    let options = options();
    let verdict = |state: &Inventory, new: &NewAccess, index: usize| {
        let estate = Estate::new(state);
        let request = &new.grants[index].grant.witness;
        match state.roles.first() {
            Some(role) => bucketproof::engine::decide_role(request, &estate.role(role), &options).verdict,
            None => decide_bucket(request, &estate.bucket(&state.buckets[0]), &options).verdict,
        }
    };
    for new in new {
        for index in 0..new.grants.len() {
            assert_eq!(verdict(before, new, index), Verdict::Denied);
            assert_eq!(verdict(after, new, index), Verdict::Allowed);
        }
    }
}

fn allowed(principal: &str, resource: &str, condition: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::b/{resource}")});
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    statement
}

fn deny(condition: Value) -> Value {
    let mut statement = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]});
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    statement
}

/// AAX-T10 [CPC-01]
#[test]
fn a_narrower_resource_is_nothing_new() {
    check(
        &json!([allowed("444455556666", "a/*", Value::Null)]),
        &json!([allowed("444455556666", "a/b/*", Value::Null)]),
        &[],
        &["account 444455556666: s3:GetObject on arn:aws:s3:::b/a/* (part)"],
    );
}

/// AAX-T11 [CPC-01]
#[test]
fn another_deny_is_nothing_new() {
    let allowed = allowed("*", "*", Value::Null);
    let fence = deny(json!({"Bool": {"aws:SecureTransport": "false"}}));
    check(
        &json!([allowed]),
        &json!([allowed, fence]),
        &[],
        &["anyone on the internet: s3:GetObject on arn:aws:s3:::b/* (part)"],
    );
}

#[test]
fn the_same_in_other_words_is_nothing_new() {
    let one = json!([allowed("444455556666", "*", Value::Null)]);
    let other = json!([
        allowed("arn:aws:iam::444455556666:root", "a*", Value::Null),
        {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/a*"},
    ]);
    check(&one, &other, &[], &[]);
    let half = |net: &str| allowed("*", "*", json!({"IpAddress": {"aws:SourceIp": net}}));
    check(
        &json!([allowed("*", "*", json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))]),
        &json!([half("0.0.0.0/1"), half("128.0.0.0/1")]),
        &[],
        &[],
    );
}

#[test]
fn a_condition_that_goes_is_new_access() {
    let fenced = allowed(
        "*",
        "*",
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}),
    );
    check(
        &json!([fenced]),
        &json!([allowed("*", "*", Value::Null)]),
        &["anyone on the internet: s3:GetObject on arn:aws:s3:::b/*"],
        &[],
    );
}

#[test]
fn a_fence_that_widens_is_new_access_in_part() {
    let fence = |endpoints: &[&str]| deny(json!({"StringNotEquals": {"aws:SourceVpce": endpoints}}));
    let allowed = allowed("444455556666", "*", Value::Null);
    check(
        &json!([allowed, fence(&["vpce-11111111"])]),
        &json!([allowed, fence(&["vpce-11111111", "vpce-22222222"])]),
        &["account 444455556666: s3:GetObject on arn:aws:s3:::b/* (part)"],
        &[],
    );
}

#[test]
fn a_deny_that_is_covered_by_another_may_go() {
    let allowed = allowed("444455556666", "*", Value::Null);
    let wide = deny(json!({"StringNotEquals": {"aws:SourceVpce": "vpce-11111111"}}));
    let narrow = deny(json!({"Null": {"aws:SourceVpce": "true"}}));
    check(&json!([allowed, wide, narrow]), &json!([allowed, wide]), &[], &[]);
    check(
        &json!([allowed, wide, narrow]),
        &json!([allowed, narrow]),
        &["account 444455556666: s3:GetObject on arn:aws:s3:::b/* (part)"],
        &[],
    );
}

#[test]
fn a_block_that_is_lifted_is_new_access() {
    let public = bucket(&json!([allowed("*", "*", Value::Null)]));
    states(
        &blocked(public.clone()),
        &public,
        &["anyone on the internet: s3:GetObject on arn:aws:s3:::b/*"],
    );
    states(&public, &blocked(public.clone()), &NONE);
}

#[test]
fn policy_variables_that_stay_are_nothing_new() {
    let home = json!([{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/home/${aws:username}/*"}]);
    check(&home, &home, &[], &[]);
}

#[test]
fn what_was_unknown_is_not_called_new() {
    let public = bucket(&json!([allowed("*", "*", Value::Null)]));
    let mut unknown = public.clone();
    unknown.buckets[0].policy =
        bucketproof::model::Setting::unknown(bucketproof::source::UnknownReason::Refused("AccessDenied".into()), None);
    let new = new_access(&unknown, &public);
    assert!(new.iter().all(|access| access.grants.is_empty()));
    assert!(!new[0].indeterminate.is_empty());
}

#[test]
fn trust_is_compared_as_well() {
    let trust = |condition: Value| {
        let mut statement =
            json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"});
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        role(&json!([statement]))
    };
    let guarded = trust(json!({"StringEquals": {"sts:ExternalId": "x"}}));
    let gained = ["account 444455556666: sts:AssumeRole on arn:aws:iam::111122223333:role/r (part)"];
    states(&guarded, &trust(Value::Null), &gained);
    states(&trust(Value::Null), &guarded, &NONE);
    states(&guarded, &guarded, &NONE);
    // Passing tags is a right of its own [TRUST-03].
    let tagging = role(&json!([{"Effect": "Allow", "Principal": {"AWS": "444455556666"},
        "Action": ["sts:AssumeRole", "sts:TagSession"]}]));
    let gained = ["account 444455556666: sts:TagSession on arn:aws:iam::111122223333:role/r"];
    states(&trust(Value::Null), &tagging, &gained);
    let provider = |subject: &str| {
        role(&json!([{"Effect": "Allow", "Principal": {"Federated":
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike":
            {"token.actions.githubusercontent.com:sub": subject}}}]))
    };
    let gained = [
        "any identity of arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com: \
        sts:AssumeRoleWithWebIdentity on arn:aws:iam::111122223333:role/r (part)",
    ];
    states(&provider("repo:octo/app:*"), &provider("repo:octo/*"), &gained);
    states(&provider("repo:octo/*"), &provider("repo:octo/app:*"), &NONE);
    // Three actions at once, of which one was there [TRUST-26]; and a right that goes with what only one account can do.
    let anywhere = |actions: Value| {
        role(&json!([{"Effect": "Allow", "Principal": {"Service": "rolesanywhere.amazonaws.com"}, "Action": actions}]))
    };
    let gained = [
        "the service rolesanywhere.amazonaws.com: sts:SetSourceIdentity, sts:TagSession \
        on arn:aws:iam::111122223333:role/r",
    ];
    states(
        &anywhere(json!(["sts:AssumeRole", "sts:AssumeRoleWithSAML"])),
        &anywhere(json!("sts:*")),
        &gained,
    );
    states(&anywhere(json!([])), &anywhere(json!("sts:AssumeRole")), &NONE);
    // One account's certificates have all three actions, the other's only one.
    let certificates = |actions: Value, accounts: Value| {
        json!({"Effect": "Allow", "Principal": {"Service": "rolesanywhere.amazonaws.com"}, "Action": actions,
            "Condition": {"StringEquals": {"aws:SourceAccount": accounts}}})
    };
    let both = role(&json!([
        certificates(json!("sts:*"), json!("444455556666")),
        certificates(json!("sts:AssumeRole"), json!(["444455556666", OWN])),
    ]));
    let told = summary(&new_access(&anywhere(json!([])), &both));
    assert!(
        told.iter().any(|line| line.contains("under different conditions")),
        "{told:?}"
    );
    assert!(!told.iter().any(|line| line.contains("a fault")), "{told:?}");
    let tag = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:TagSession"});
    let assume = json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"});
    let gained = ["account 444455556666: sts:TagSession on arn:aws:iam::111122223333:role/r"];
    states(&role(&json!([assume])), &role(&json!([assume, tag])), &gained);
}

/// Whatever a variable stands for, less is allowed than before (ENGINE.md B1).
#[test]
fn a_home_directory_is_part_of_what_was_there() {
    let all = bucket(&json!([allowed("444455556666", "*", Value::Null)]));
    let home = bucket(&json!([allowed("444455556666", "${aws:username}/*", Value::Null)]));
    states(&all, &home, &NONE);
    let gained = ["account 444455556666: s3:GetObject on arn:aws:s3:::b/* (part)"];
    states(&home, &all, &gained);
    // A Deny that spares the home directory takes no more than one that spares nothing.
    let outside = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "NotResource": "arn:aws:s3:::b/${aws:username}/*"});
    let fenced = bucket(&json!([allowed("444455556666", "*", Value::Null), outside]));
    states(&all, &fenced, &NONE);
    states(
        &fenced,
        &bucket(&json!([allowed("444455556666", "*", Value::Null), deny(Value::Null)])),
        &NONE,
    );
}

/// The owner's root user never lost the policy verbs [EVAL-09].
#[test]
fn a_deny_never_took_the_policy_from_the_root_user() {
    let to_root = json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetBucket*",
        "Resource": "arn:aws:s3:::b", "Condition": {"StringEquals": {"aws:PrincipalType": "Account"}}});
    let told = summary(&new_access(
        &bucket(&json!([deny(Value::Null)])),
        &bucket(&json!([to_root])),
    ));
    assert!(told.iter().any(|line| line.contains("s3:GetBucketAcl")), "{told:?}");
    assert!(
        !told
            .iter()
            .any(|line| line.contains("s3:GetBucketPolicy,") || line.contains("a fault")),
        "{told:?}"
    );
}

/// A right to pass tags can make a statement work that is the same as before [TRUST-03].
#[test]
fn who_may_newly_pass_tags_may_newly_assume() {
    let assume = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
        "Condition": {"Null": {"aws:RequestTag/team": "false"}}});
    let tag = |condition: Value| json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:TagSession", "Condition": condition});
    let before = role(&json!([assume]));
    for condition in [json!({}), json!({"Bool": {"aws:SecureTransport": "true"}})] {
        let after = role(&json!([assume, tag(condition)]));
        let told = summary(&new_access(&before, &after));
        assert!(told.iter().any(|line| line.contains("444455556666")), "{told:?}");
        assert_eq!(summary(&new_access(&after, &after)), [""; 0]);
    }
}

/// What a tag was then is not what it is now: neither what it gave nor what it denied is guessed [CTX-27].
#[test]
fn a_changed_tag_is_not_taken_for_what_it_was() {
    let tagged = |mut inventory: Inventory, tags: &[(&str, &str)]| {
        let tags = tags
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect();
        inventory.buckets[0].abac = Setting::set(true, Span::default());
        inventory.buckets[0].tags = Setting::set(tags, Span::default());
        inventory
    };
    let undecided = |before: &Inventory, after: &Inventory| {
        let new = new_access(before, after);
        new.iter().any(|access| !access.indeterminate.is_empty()) && new.iter().all(|access| access.grants.is_empty())
    };
    let yes = json!({"StringEquals": {"aws:ResourceTag/public": "yes"}});
    let given = bucket(&json!([allowed("444455556666", "*", yes.clone())]));
    let (off, on) = (tagged(given.clone(), &[]), tagged(given, &[("public", "yes")]));
    assert!(undecided(&off, &on));
    let fenced = bucket(&json!([allowed("444455556666", "*", Value::Null), deny(yes)]));
    let (free, closed) = (tagged(fenced.clone(), &[]), tagged(fenced, &[("public", "yes")]));
    assert!(undecided(&closed, &free));
    states(&free, &free, &NONE);
}

/// A policy variable leaves undecided what it takes part in, and nothing else.
#[test]
fn a_variable_in_a_statement_about_other_actions_leaves_the_rest_decided() {
    let home = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/home/${aws:username}/*"});
    let list = |prefix: &str| {
        bucket(
            &json!([home, {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": prefix}}}]),
        )
    };
    assert_eq!(summary(&new_access(&list("a/*"), &list("a/b/*"))), [""; 0]);
    assert_eq!(
        summary(&new_access(&list("a/b/*"), &list("a/*"))),
        ["anyone on the internet: s3:ListBucket on arn:aws:s3:::b (part)"]
    );
}
