//! States of one bucket or role, written as policies.

use bucketproof::engine::{
    Answer, Caller, Can, Context, Estate, NewAccess, Options, Request, Terms, Zone, bucket_grants_of, caller_from_text,
    can_bucket, can_role, new_bucket_access, new_role_access, role_grants_of,
};
use bucketproof::iam::{PolicyDocument, PolicyKind, Timestamp, find_action, parse_policy};
use bucketproof::model::{Account, Bucket, Inventory, PublicAccessBlock, Role, Setting};
use bucketproof::source::{FileId, Limits, Span, Text, parse_json};
use serde_json::{Value, json};

pub const OWN: &str = "111122223333";

/// A policy of these statements.
pub fn policy(statements: &Value, kind: PolicyKind) -> PolicyDocument {
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let tree = parse_json(&Text::new(FileId(0), text.as_str()), Limits::default()).expect("JSON");
    parse_policy(&tree.root, kind).document.expect("a valid policy")
}

/// The bucket `b` with these statements as its policy.
pub fn bucket(statements: &Value) -> Inventory {
    state(Bucket {
        policy: Setting::set(policy(statements, PolicyKind::Bucket), Span::default()),
        ..Bucket::default()
    })
}

/// The bucket `b` as given, in our account.
pub fn state(bucket: Bucket) -> Inventory {
    Inventory {
        accounts: vec![Account {
            id: OWN.parse().ok(),
            ..Account::default()
        }],
        buckets: vec![Bucket {
            name: "b".into(),
            account: OWN.parse().ok(),
            ..bucket
        }],
        ..Inventory::default()
    }
}

/// The role `r` with these statements as its trust policy.
pub fn role(statements: &Value) -> Inventory {
    Inventory {
        roles: vec![Role {
            name: "r".into(),
            path: "/".into(),
            account: OWN.parse().ok(),
            trust: Setting::set(policy(statements, PolicyKind::Trust), Span::default()),
            ..Role::default()
        }],
        ..state(Bucket::default())
    }
}

/// Everything blocked on the bucket.
pub fn blocked(mut inventory: Inventory) -> Inventory {
    inventory.buckets[0].public_access_block = Setting::set(PublicAccessBlock::ALL, Span::default());
    inventory
}

pub fn options() -> Options {
    Options::at("2026-01-01T00:00:00Z".parse::<Timestamp>().expect("a time"))
}

fn zone() -> Zone {
    Zone {
        accounts: OWN.parse().into_iter().collect(),
        ..Zone::default()
    }
}

/// Who has these actions on these resources.
pub fn who_can(inventory: &Inventory, actions: &[&str], resources: &[&str]) -> Vec<Answer> {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    answers(
        inventory,
        &Terms {
            actions: texts(actions),
            resources: texts(resources),
            ..Terms::default()
        },
    )
}

pub fn answers(inventory: &Inventory, terms: &Terms) -> Vec<Answer> {
    let statement = terms.statement().expect("a question");
    let (estate, zone, options) = (Estate::new(inventory), zone(), options());
    let buckets = inventory.buckets.iter();
    let roles = inventory.roles.iter();
    buckets
        .flat_map(|bucket| bucket_grants_of(&statement, &estate.bucket(bucket), &zone, &options))
        .chain(roles.filter_map(|role| role_grants_of(&statement, &estate.role(role), &zone, &options)))
        .collect()
}

/// What one state gives beyond another.
pub fn new_access(before: &Inventory, after: &Inventory) -> Vec<NewAccess> {
    let (old, new, zone, options) = (Estate::new(before), Estate::new(after), zone(), options());
    let mut all = Vec::new();
    for (was, is) in before.buckets.iter().zip(&after.buckets) {
        all.extend(new_bucket_access(
            Some(&old.bucket(was)),
            &new.bucket(is),
            &zone,
            &options,
        ));
    }
    for (was, is) in before.roles.iter().zip(&after.roles) {
        all.extend(new_role_access(Some(&old.role(was)), &new.role(is), &zone, &options));
    }
    all
}

/// What is new, one line a grant: grantee, actions, resources, `part` where some of it was there before.
pub fn summary(new: &[NewAccess]) -> Vec<String> {
    let undecided = new.iter().flat_map(|access| &access.indeterminate);
    let undecided = undecided.map(|indeterminate| format!("undecided: {}", indeterminate.reason));
    let grants = new.iter().flat_map(|access| &access.grants).map(|new| {
        let actions: Vec<&str> = new
            .grant
            .actions
            .iter()
            .filter_map(|id| bucketproof::iam::action(*id))
            .map(|action| action.name)
            .collect();
        let part = if new.already.is_empty() { "" } else { " (part)" };
        format!(
            "{}: {} on {}{part}",
            new.grant.grantee,
            actions.join(", "),
            new.grant.resources.join(", ")
        )
    });
    grants.chain(undecided).collect()
}

/// Whether a request succeeds.
pub fn can(inventory: &Inventory, caller: &str, action: &str, resource: &str, context: &[(&str, &str)]) -> Can {
    let (caller, principal) = caller_from_text(caller).expect("a caller");
    let request = request(caller, action, resource, context);
    let (estate, zone, options) = (Estate::new(inventory), zone(), options());
    match inventory.roles.first() {
        Some(role) => can_role(&request, &principal, &estate.role(role), &zone, &options),
        None => can_bucket(
            &request,
            &principal,
            &estate.bucket(&inventory.buckets[0]),
            &zone,
            &options,
        ),
    }
}

fn request(caller: Caller, action: &str, resource: &str, context: &[(&str, &str)]) -> Request {
    let mut keys = Context::default();
    context.iter().for_each(|(key, value)| keys.set(key, *value));
    Request {
        caller,
        action: find_action(action).expect("an action"),
        resource: resource.to_owned(),
        context: keys,
    }
}
