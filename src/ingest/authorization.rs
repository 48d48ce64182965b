use super::document::{View, inside};
use super::names::{Arn, role_path};
use super::notes::{Notes, Wrong};
use super::part::Part;
use super::settings::tags;
use crate::iam::PolicyKind;
use crate::model::{Role, Setting};
use crate::source::{DuplicateKey, UnknownReason};

/// `iam get-account-authorization-details` [FMT-31], `iam list-roles` [FMT-30] and `iam get-role` [FMT-29].
///
/// Roles that stand in an `InstanceProfileList` are the same roles again and not read.
pub(super) fn read_authorization(view: View<'_>, duplicates: &[DuplicateKey], part: &mut Part) {
    part.notes
        .repeated(view, &["RoleDetailList", "Roles", "Role", "UserDetailList"]);
    let single = view.get("Role").into_iter();
    let roles = single
        .chain(view.items_of("RoleDetailList"))
        .chain(view.items_of("Roles"));
    for item in roles {
        let inside = inside(duplicates, item.span());
        match role(item, &mut part.notes) {
            Ok(mut role) => {
                // Names repeated inside the document itself make it invalid already [POL-13].
                if !inside.is_empty() && role.trust.value().is_some() {
                    part.notes.duplicates(inside);
                    role.trust = Setting::unknown(UnknownReason::Unreadable, Some(item.span()));
                }
                remember(role.unique_id.as_deref(), item.text_of("Arn"), part);
                part.roles.push(role);
            }
            Err(wrong) => part.notes.wrong(wrong, COMMAND),
        }
    }
    for item in view.items_of("UserDetailList").chain(view.items_of("Users")) {
        remember(item.text_of("UserId"), item.text_of("Arn"), part);
    }
}

/// One role, as the IAM API or AWS Config writes it [FMT-57].
///
/// # Errors
/// When it has another shape.
pub(super) fn role(view: View<'_>, notes: &mut Notes) -> Result<Role, Wrong> {
    let arn = view.text_of("Arn").and_then(Arn::parse);
    let (path, name) = match (arn, view.text_of("RoleName")) {
        (Some(arn), _) if arn.resource.starts_with("role/") => role_path(arn.resource),
        (_, Some(name)) => (view.text_of("Path").unwrap_or("/").into(), name),
        (_, None) => return Err(Wrong::missing(view, "RoleName")),
    };
    let trust = match view.get("AssumeRolePolicyDocument") {
        Some(document) => notes.policy(document, PolicyKind::Trust),
        None => Setting::unknown(UnknownReason::NotInInput, Some(view.span())),
    };
    let inline = view
        .items_of("RolePolicyList")
        .filter_map(|policy| policy.text_of("PolicyName"));
    let managed = view
        .items_of("AttachedManagedPolicies")
        .filter_map(|policy| policy.text_of("PolicyArn"));
    let policies = inline.chain(managed).map(Into::into).collect();
    Ok(Role {
        name: name.into(),
        path,
        unique_id: view.text_of("RoleId").map(Into::into),
        account: arn.and_then(Arn::account_id),
        partition: arn.map(Arn::known_partition).unwrap_or_default(),
        trust,
        tags: match view.get("Tags") {
            Some(set) => notes.settle(tags(set), COMMAND),
            None => Setting::Absent,
        },
        policies,
        when: Vec::new(),
        span: view.span(),
    })
}

fn remember(id: Option<&str>, arn: Option<&str>, part: &mut Part) {
    if let (Some(id), Some(arn)) = (id, arn) {
        part.unique_ids.push((id.into(), arn.into()));
    }
}

pub(super) const COMMAND: &str = "iam get-account-authorization-details";
