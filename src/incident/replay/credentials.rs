use std::collections::BTreeMap;

use serde_json::Value;

use crate::iam::{AccountId, Timestamp};
use crate::model::{Actor, ActorKind, ApiEvent};

/// What a log tells about credentials that no longer work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Access keys, by when and how they were last changed.
    keys: BTreeMap<Box<str>, (Timestamp, KeyState)>,
    /// Whom keys were made for, and in which account.
    users: BTreeMap<String, (String, Option<AccountId>)>,
    /// Roles by account and name: when their sessions were last revoked, and which ones; none where that was undone.
    revoked: BTreeMap<(String, String), (Timestamp, Option<Timestamp>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyState {
    Active,
    Inactive,
    Deleted,
}

impl Credentials {
    /// Names of the events that [`Credentials::see`] learns from.
    pub const EVENTS: &[&str] = &[
        "CreateAccessKey",
        "UpdateAccessKey",
        "DeleteAccessKey",
        "PutRolePolicy",
        "DeleteRolePolicy",
    ];

    /// Learns from an event, in whatever order they come.
    pub fn see(&mut self, event: &ApiEvent) {
        // [CT-05]
        if event.error.is_some() {
            return;
        }
        let parameters: Value = event
            .parameters
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let text = |name: &str| parameters.get(name).and_then(Value::as_str);
        match &*event.name {
            "UpdateAccessKey" => {
                let state = match text("status") {
                    Some("Inactive") => KeyState::Inactive,
                    Some(_) | None => KeyState::Active,
                };
                self.key(text("accessKeyId"), event.time, state);
            }
            // [CT-67]
            "CreateAccessKey" => self.made(event),
            "DeleteAccessKey" => self.key(text("accessKeyId"), event.time, KeyState::Deleted),
            // [CT-62], [TRUST-70]
            "PutRolePolicy" | "DeleteRolePolicy" if text("policyName") == Some(REVOKE) => {
                // A policy of this name that says something else revokes nothing.
                let before = text("policyDocument").and_then(issued_before);
                self.revoke(event, text("roleName"), before);
            }
            _ => {}
        }
    }

    fn key(&mut self, id: Option<&str>, time: Timestamp, state: KeyState) {
        let Some(id) = id else { return };
        let known = self.keys.entry(id.into()).or_insert((time, state));
        if known.0 <= time {
            *known = (time, state);
        }
    }

    fn made(&mut self, event: &ApiEvent) {
        let answer: Value = event
            .response
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let text = |name: &str| answer.pointer(&format!("/accessKey/{name}")).and_then(Value::as_str);
        if let Some((key, user)) = text("accessKeyId").zip(text("userName")) {
            let account = event.account.or(event.actor.account);
            self.users.insert(key.to_owned(), (user.to_owned(), account));
        }
    }

    /// The user that the log shows a key being made for.
    pub fn user_of(&self, key: &str) -> Option<&str> {
        self.users.get(key).map(|(user, _)| user.as_str())
    }

    /// The account in which the log shows a key being made.
    pub fn account_of(&self, key: &str) -> Option<AccountId> {
        self.users.get(key)?.1
    }

    fn revoke(&mut self, event: &ApiEvent, role: Option<&str>, before: Option<Timestamp>) {
        let (Some(account), Some(role)) = (event.account.or(event.actor.account), role) else {
            return;
        };
        let key = (account.to_string(), role.to_owned());
        let known = self.revoked.entry(key).or_insert((event.time, before));
        if known.0 <= event.time {
            *known = (event.time, before);
        }
    }

    /// Why a key no longer works, if the log tells so.
    pub fn dead_key(&self, id: &str) -> Option<String> {
        let (time, state) = self.keys.get(id)?;
        match state {
            KeyState::Active => None,
            KeyState::Inactive => Some(format!("the key {id} is inactive since `{time}`")),
            KeyState::Deleted => Some(format!("the key {id} was deleted at `{time}`")),
        }
    }

    /// Why a credential that was used once no longer works at a time, if that can be told.
    ///
    /// A session began when the log says so, or else no later than it was used.
    ///
    /// Source: IAM User Guide, "Revoke IAM role temporary security credentials"; STS API Reference, where no session is longer
    /// than 36 hours.
    pub fn dead(&self, actor: &Actor, used: Timestamp, now: Timestamp) -> Option<String> {
        if let Some(reason) = actor.access_key.as_deref().and_then(|id| self.dead_key(id)) {
            return Some(reason);
        }
        let is_session = actor.access_key.as_deref().is_some_and(|key| key.starts_with("ASIA"));
        let created = actor.session_created.as_deref().and_then(|text| text.parse().ok());
        let created = created.unwrap_or(used);
        if actor.kind == ActorKind::AssumedRole
            && let Some((time, Some(before))) = actor
                .issuer
                .as_deref()
                .and_then(account_and_role)
                .and_then(|key| self.revoked.get(&key))
            && created < *before
        {
            return Some(format!(
                "sessions of the role that began before `{before}` were revoked at `{time}`"
            ));
        }
        let is_over = now.0.saturating_sub(created.0) > LONGEST_SESSION_MILLIS;
        (is_session && is_over).then(|| format!("the session of `{created}` is over: none is longer than 36 hours"))
    }
}

/// The time of `aws:TokenIssueTime` in a policy that revokes sessions [TRUST-70]: everything is denied to those before it, and
/// no other condition stands beside it.
fn issued_before(policy: &str) -> Option<Timestamp> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    let statements = match policy.get("Statement")? {
        Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    statements.iter().find_map(denied_before)
}

fn denied_before(statement: &Value) -> Option<Timestamp> {
    let is_any = |name: &str| match statement.get(name) {
        Some(Value::Array(names)) => names.iter().any(|name| name == "*"),
        Some(name) => name == "*",
        None => false,
    };
    let only = |value: &Value, key: &str| {
        let members = value.as_object().filter(|members| members.len() == 1)?;
        members.get(key).cloned()
    };
    let denies = statement.get("Effect")? == "Deny" && is_any("Action") && is_any("Resource");
    let time = only(
        &only(statement.get("Condition")?, "DateLessThan")?,
        "aws:TokenIssueTime",
    )?;
    let time = match &time {
        Value::Array(times) if times.len() == 1 => times.first()?.as_str()?,
        one => one.as_str()?,
    };
    time.parse().ok().filter(|_| denies)
}

/// Account and name of a role, by its ARN.
fn account_and_role(arn: &str) -> Option<(String, String)> {
    let (head, path) = arn.split_once(":role/")?;
    let account = head.rsplit(':').next()?;
    Some((account.to_owned(), path.rsplit('/').next()?.to_owned()))
}

const REVOKE: &str = "AWSRevokeOlderSessions";

const LONGEST_SESSION_MILLIS: i64 = 36 * 60 * 60 * 1000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A policy is not what its name says: only one that denies everything to older sessions revokes them [TRUST-70].
    #[test]
    fn a_policy_revokes_sessions_by_what_it_says() {
        let policy = |effect: &str, action: &str, condition: &str| {
            let statement =
                format!(r#"{{"Effect": "{effect}", "Action": {action}, "Resource": ["*"], "Condition": {condition}}}"#);
            issued_before(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#))
        };
        let before = r#"{"DateLessThan": {"aws:TokenIssueTime": "2026-03-10T09:06:58Z"}}"#;
        let expected = "2026-03-10T09:06:58Z".parse().ok();
        assert!(expected.is_some());
        assert_eq!(policy("Deny", r#"["*"]"#, before), expected);
        assert_eq!(policy("Deny", r#""*""#, before), expected);
        assert_eq!(policy("Allow", r#""*""#, before), None);
        assert_eq!(policy("Deny", r#""s3:GetObject""#, before), None);
        let narrowed = r#"{"DateLessThan": {"aws:TokenIssueTime": "2026-03-10T09:06:58Z"}, "Bool": {"aws:SecureTransport": "false"}}"#;
        assert_eq!(policy("Deny", r#""*""#, narrowed), None);
        assert_eq!(
            policy(
                "Deny",
                r#""*""#,
                r#"{"DateLessThan": {"aws:CurrentTime": "2026-03-10T09:06:58Z"}}"#
            ),
            None
        );
        assert_eq!(issued_before("no policy"), None);
    }
}
