//! Keys and sessions: what no document of a resource shuts out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::aws::{aws, file_name, of_file};
use super::{Broken, Phase, Scene, Step};
use crate::incident::{Seen, Side};
use crate::model::Role;

/// A step for each long-term key of the incident that is not known to be dead.
pub(super) fn keys(scene: &Scene<'_>) -> Vec<Step> {
    let long_term = scene.incident.access_keys.iter().filter(|key| !key.starts_with("ASIA"));
    let live = long_term.filter(|key| scene.credentials.dead_key(key).is_none());
    live.map(|key| of_key(key, scene)).collect()
}

fn of_key(key: &str, scene: &Scene<'_>) -> Step {
    let mut uses = scene
        .seen
        .iter()
        .filter(|seen| seen.actor.access_key.as_deref() == Some(key));
    let actor = uses.clone().next().map(|seen| &seen.actor);
    let made_for = scene.credentials.user_of(key);
    let user = actor.and_then(user_name).or(made_for);
    let account = actor.and_then(|actor| actor.account);
    let account = account
        .or_else(|| scene.credentials.account_of(key))
        .map(|id| id.to_string());
    let mut step = Step::new(
        Phase::Keys,
        account,
        key,
        "the key is made inactive; it can be made active again",
    );
    let name = user.unwrap_or("<user>");
    let (named, of_key) = (format!("--user-name={name}"), format!("--access-key-id={key}"));
    let set = |status| {
        aws(&[
            "iam",
            "update-access-key",
            &named,
            &of_key,
            &format!("--status={status}"),
        ])
    };
    step.commands.push(set("Inactive"));
    step.rollback.push(set("Active"));
    if user.is_none() {
        step.needs_input = true;
        let ask = format!("whose key it is, `aws iam get-access-key-last-used --access-key-id {key}` tells");
        step.notes.push(ask);
    }
    step.notes
        .push("sessions that it made (`GetSessionToken`, `AssumeRole`) live on until they end or are revoked".into());
    let legitimate = uses.find(|seen| seen.side == Side::Legitimate);
    step.breaks
        .extend(legitimate.map(|seen| broken(seen, "the key is inactive")));
    step
}

fn user_name(actor: &crate::model::Actor) -> Option<&str> {
    let of_arn = || actor.arn.as_deref()?.split_once(":user/")?.1.rsplit('/').next();
    actor.user_name.as_deref().or_else(of_arn)
}

/// A step for each role of ours that the incident names or that somebody hostile had a session of.
pub(super) fn sessions(scene: &Scene<'_>) -> Vec<Step> {
    let hostile = scene.seen.iter().filter(|seen| seen.side == Side::Hostile);
    let used: BTreeSet<&str> = hostile.filter_map(|seen| seen.actor.issuer.as_deref()).collect();
    let concerned = |role: &&Role| {
        let arn = role.arn();
        scene.incident.roles.contains(&arn) || used.contains(arn.as_str())
    };
    let roles = scene.inventory.roles.iter().filter(concerned);
    // [TRUST-12]: what AWS made for itself cannot be given a policy.
    roles
        .filter(|role| !role.is_service_linked())
        .map(|role| of_role(role, scene))
        .collect()
}

/// Roles of ours that somebody hostile had a session of, and that are not in the snapshot.
pub(super) fn unknown_roles(scene: &Scene<'_>) -> Vec<String> {
    let hostile = scene.seen.iter().filter(|seen| seen.side == Side::Hostile);
    let ours = hostile.filter(|seen| seen.actor.account.is_some_and(|id| scene.zone.accounts.contains(&id)));
    let used: BTreeSet<&str> = ours.filter_map(|seen| seen.actor.issuer.as_deref()).collect();
    let is_known = |arn: &str| scene.inventory.roles.iter().any(|role| role.arn() == arn);
    let unknown = used.into_iter().filter(|arn| arn.contains(":role/") && !is_known(arn));
    let what = "which is not in the snapshot: revoke its sessions, or see that it is deleted";
    unknown
        .map(|arn| format!("somebody hostile had a session of `{arn}`, {what}"))
        .collect()
}

/// [TRUST-70]
fn of_role(role: &Role, scene: &Scene<'_>) -> Step {
    let arn = role.arn();
    let what = "every session of the role that began before now is revoked";
    let mut step = Step::new(Phase::Sessions, role.account.map(|id| id.to_string()), &*arn, what);
    let file = file_name(&format!("{}-revoke-sessions.json", role.name));
    let (name, policy) = (format!("--role-name={}", role.name), format!("--policy-name={REVOKE}"));
    let (named, from) = ([name.as_str(), policy.as_str()], of_file("policy-document", &file));
    step.commands.push(aws(
        &[&["iam", "put-role-policy"], &named[..], &[from.as_str()]].concat()
    ));
    step.rollback
        .push(aws(&[&["iam", "delete-role-policy"], &named[..]].concat()));
    step.documents.push((file, revoke(&scene.options.now.to_string())));
    step.notes
        .push("a changed trust policy leaves sessions valid that are there: this is what ends them".into());
    step.notes.push(
        "the time in the document is that of this plan: where the trust policy was changed later, write that time"
            .into(),
    );
    let is_of_this = |seen: &&Seen| {
        seen.actor.issuer.as_deref() == Some(arn.as_str()) || seen.resource.as_deref() == Some(arn.as_str())
    };
    let of_this = scene.seen.iter().filter(is_of_this);
    let mut sessions = BTreeSet::new();
    let mut callers = BTreeSet::new();
    for seen in of_this {
        match seen.side {
            // Who only asked for a session is no session.
            Side::Hostile if seen.actor.issuer.is_none() => {}
            Side::Hostile => {
                let key = seen.actor.access_key.as_deref().unwrap_or("no key told");
                sessions.insert(format!("hostile session by the log: `{}` ({key})", seen.principal));
            }
            Side::Legitimate if callers.insert(&seen.principal) => step.breaks.push(broken(seen, AGAIN)),
            Side::Legitimate => {}
        }
    }
    step.notes.extend(sessions);
    step
}

fn revoke(before: &str) -> Value {
    let condition = json!({ "DateLessThan": { "aws:TokenIssueTime": before } });
    let deny = json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition });
    json!({ "Version": "2012-10-17", "Statement": [deny] })
}

fn broken(seen: &Seen, by: &str) -> Broken {
    Broken {
        principal: seen.principal.clone(),
        event_name: seen.event_name.clone(),
        resource: seen.resource.clone(),
        event_id: seen.event_id.clone(),
        by: by.to_owned(),
    }
}

const AGAIN: &str = "its session is revoked: the role must be assumed again";

const REVOKE: &str = "AWSRevokeOlderSessions";
