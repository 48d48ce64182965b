//! Trust policies in an export of roles.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::action::{Action, Stage};
use super::document::{Members, as_it_is, laid_out, members, string};
use crate::iam::AccountId;

/// The changes of trust policies that an export shows, before and after; the reason where one cannot be made.
pub(super) fn trust_policies(path: &str, before: &str, after: &str) -> Vec<Result<Action, String>> {
    let (before, after) = (roles(before), roles(after));
    let changed = after.into_iter().filter_map(|(arn, (name, new))| {
        let old = before.get(&arn).map(|(_, old)| old.clone());
        (old.as_ref() != Some(&new)).then_some((arn, name, old, new))
    });
    changed
        .map(|(arn, name, old, new)| {
            let account: Option<AccountId> = arn.split(':').nth(4).and_then(|id| id.parse().ok());
            let Some(old) = old.filter(|_| is_role_name(&name) && account.is_some()) else {
                return Err(format!("`{arn}` is not the ARN of a role that IAM could have"));
            };
            let update = |document: String| {
                let arguments = ["aws", "iam", "update-assume-role-policy"].map(str::to_owned);
                let named = [format!("--role-name={name}"), format!("--policy-document={document}")];
                vec![arguments.into_iter().chain(named).collect()]
            };
            let is_empty = has_no_statement(&new);
            let note = "no statement is left, which IAM does not take: one that denies everyone stands for it";
            Ok(Action {
                account,
                stage: Stage::ControlPlane,
                path: path.to_owned(),
                what: "put the new trust policy".into(),
                notes: if is_empty { vec![note.into()] } else { Vec::new() },
                commands: update(laid_out(if is_empty { NOBODY } else { &new })),
                rollback: update(as_it_is(&old)),
                resource: arn,
            })
        })
        .collect()
}

/// Whether a policy has no statement.
pub(super) fn has_no_statement(policy: &str) -> bool {
    let statement = members(policy).and_then(|mut policy| policy.remove("Statement"));
    statement
        .is_none_or(|statement| serde_json::from_str(statement.get()).is_ok_and(|list: Vec<Members>| list.is_empty()))
}

/// The roles of an export by ARN: their names and trust policies.
fn roles(text: &str) -> BTreeMap<String, (String, String)> {
    let answer = members(text).unwrap_or_default();
    let lists = ["RoleDetailList", "Roles"].into_iter().filter_map(|name| {
        let list = answer.get(name)?;
        serde_json::from_str::<Vec<Members>>(list.get()).ok()
    });
    let one = answer.get("Role").and_then(|role| members(role.get()));
    lists.flatten().chain(one).filter_map(role).collect()
}

fn role(role: Members) -> Option<(String, (String, String))> {
    let text = |name: &str| role.get(name).and_then(|value| string(value));
    let trust = role.get("AssumeRolePolicyDocument")?;
    // IAM's API answers with percent-encoding, the AWS CLI without.
    let trust = match string(trust) {
        Some(text) => percent_decode_str(&text).decode_utf8().ok()?.into_owned(),
        None => trust.get().to_owned(),
    };
    Some((text("Arn")?, (text("RoleName")?, trust)))
}

/// Source: IAM API Reference, "Role": up to 64 letters, digits and some signs.
fn is_role_name(name: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    !name.is_empty() && name.len() <= 64 && name.bytes().all(is_of_name)
}

const NOBODY: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}"#;
