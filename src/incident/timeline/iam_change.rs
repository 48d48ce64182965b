use super::change::{Change, Set, Target, Told};
use super::parameters::{Field, Written};
use super::s3_change::simple;
use crate::iam::{Partition, PolicyKind};
use crate::model::{Role, Setting};

/// What an event of IAM changes; none where that is nothing, or only told in words.
pub(super) fn change(name: &str, told: &mut Told<'_>) -> Option<Change> {
    let account = told.event.account.or(told.event.actor.account);
    let role = |told: &Told<'_>| told.text("roleName").map(|name| Target::Role(name.into(), account));
    match name {
        // [CT-60], [CT-70]
        "CreateRole" | "CreateServiceLinkedRole" => {
            let made = new_role(told)?;
            let words = format!("role `{}` made", made.name);
            let target = Target::Role(made.name.clone(), account);
            Some(simple(target, Set::NewRole(Box::new(made)), words))
        }
        // [CT-61]
        "UpdateAssumeRolePolicy" => {
            let trust = told.policy(told.field("policyDocument"), PolicyKind::Trust);
            Some(simple(role(told)?, Set::Trust(trust), "trust policy set".into()))
        }
        // [CT-70]
        "DeleteRole" => Some(simple(role(told)?, Set::NoRole, "role deleted".into())),
        // [CT-62]
        "PutRolePolicy" => {
            let words = match told.text("policyName") {
                Some("AWSRevokeOlderSessions") => told.fill("sessions of role `{roleName}` that are older revoked"),
                Some(_) | None => told.fill("inline policy `{policyName}` put on role `{roleName}`"),
            };
            Some(simple(role(told)?, Set::Nothing, words))
        }
        // [CT-67]
        "CreateAccessKey" => Some(new_key(told)),
        _ => None,
    }
}

/// A role as it is made; its trust policy is told twice, and percent-encoded in the answer [CT-60].
fn new_role(told: &mut Told<'_>) -> Option<Role> {
    let answer = told
        .response
        .map(Written::field)
        .and_then(|response| response.get("role"));
    let in_answer = |name| answer.and_then(|answer| answer.text(name));
    let name = told.text("roleName").or(in_answer("roleName"))?;
    let path = told.text("path").or(in_answer("path")).unwrap_or("/");
    let asked = told.field("assumeRolePolicyDocument");
    let given = answer.and_then(|answer| answer.get("assumeRolePolicyDocument"));
    let trust = told.policy(asked.or(given), PolicyKind::Trust);
    let arn = in_answer("arn").unwrap_or_default();
    let partition = arn.split(':').nth(1).and_then(Partition::from_name);
    Some(Role {
        name: name.into(),
        path: path.into(),
        unique_id: in_answer("roleId").map(Into::into),
        account: told.event.account.or(told.event.actor.account),
        partition: partition.unwrap_or_default(),
        trust,
        tags: Setting::Absent,
        span: told
            .parameters
            .map(|parameters| parameters.field().span())
            .unwrap_or(told.event.span),
        ..Role::default()
    })
}

fn new_key(told: &Told<'_>) -> Change {
    let answer = told
        .response
        .map(Written::field)
        .and_then(|response| response.get("accessKey"));
    let in_answer = |name: &str| answer.and_then(|answer: Field<'_>| answer.text(name));
    let own = told.event.actor.user_name.as_deref();
    let user = told.text("userName").or(in_answer("userName")).or(own).unwrap_or("?");
    let key = in_answer("accessKeyId").unwrap_or("?");
    let account = told.event.account.or(told.event.actor.account);
    let account = account.map(|id| id.to_string()).unwrap_or_default();
    let words = match told.event.error {
        None => format!("access key `{key}` made for user `{user}`"),
        Some(_) => format!("access key for user `{user}`"),
    };
    let target = Target::Other(format!("arn:aws:iam::{account}:user/{user}"));
    simple(target, Set::Nothing, words)
}
