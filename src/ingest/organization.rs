use super::document::View;
use super::names::Arn;
use super::notes::{Notes, Wrong};
use crate::iam::{AccountId, PolicyKind};
use crate::model::{Organization, OrganizationPolicy, Setting, Target};
use crate::source::{Unknown, UnknownReason};

/// `organizations describe-organization` [FMT-36].
pub(super) fn organization(view: View<'_>) -> Result<Organization, Wrong> {
    let inner = view
        .get("Organization")
        .ok_or_else(|| Wrong::missing(view, "Organization"))?;
    let account = inner.text_of("MasterAccountId").and_then(|id| id.parse().ok());
    Ok(Organization {
        id: inner.text_of("Id").map(Into::into),
        management_account: account,
        ..Organization::default()
    })
}

/// `organizations list-accounts` [FMT-35].
pub(super) fn accounts(view: View<'_>) -> Result<Organization, Wrong> {
    let list = view.get("Accounts").ok_or_else(|| Wrong::missing(view, "Accounts"))?;
    let mut organization = Organization::default();
    for item in list.items() {
        let id = item.get("Id").ok_or_else(|| Wrong::missing(item, "Id"))?;
        let account: AccountId = id
            .node
            .as_str()
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| Wrong::value(id, "account id"))?;
        let paths = item.items_of("Paths").filter_map(|path| path.node.as_str());
        organization.accounts.insert(account, paths.map(Into::into).collect());
        if let Some(arn) = item.text_of("Arn").and_then(Arn::parse) {
            let named = arn
                .resource
                .strip_prefix("account/")
                .and_then(|rest| rest.split('/').next());
            organization.id = organization.id.or(named.map(Into::into));
            organization.management_account = organization.management_account.or(arn.account_id());
        }
    }
    Ok(organization)
}

/// Policies of the organization: outputs of `describe-policy` [FMT-37], each with its `Targets` if they were
/// exported, or of `describe-effective-policy` [FMT-38]. Service control policies say nothing about resources.
pub(super) fn policies(view: View<'_>, notes: &mut Notes) -> Organization {
    let mut organization = Organization::default();
    for item in list(view) {
        if let Err(wrong) = policy(item, &mut organization, notes) {
            organization.unknown.push(Unknown {
                reason: UnknownReason::Unreadable,
                span: Some(item.span()),
            });
            notes.wrong(wrong, COMMAND);
        }
    }
    organization
}

/// Whether a value is one of those that [`policies`] reads.
pub(super) fn is_policies(view: View<'_>) -> bool {
    list(view).next().is_some_and(|first| {
        first.has("EffectivePolicy") || first.get("Policy").is_some_and(|policy| policy.has("PolicySummary"))
    })
}

fn list<'d>(view: View<'d>) -> impl Iterator<Item = View<'d>> {
    let inner = view.get("Policies").unwrap_or(view);
    let single = (!inner.node.is_array()).then_some(inner);
    single.into_iter().chain(inner.items())
}

fn policy(item: View<'_>, organization: &mut Organization, notes: &mut Notes) -> Result<(), Wrong> {
    if let Some(effective) = item.get("EffectivePolicy") {
        let target = effective.text_of("TargetId").and_then(|id| id.parse().ok());
        let content = effective.get("PolicyContent");
        let content = content.ok_or_else(|| Wrong::missing(effective, "PolicyContent"))?;
        let targets = target.map(|account| vec![Target::Account(account)]);
        let kind = effective.text_of("PolicyType").unwrap_or_default();
        return add(kind, kind, content, targets, organization, notes);
    }
    let inner = item.get("Policy").ok_or_else(|| Wrong::missing(item, "Policy"))?;
    let summary = inner.get("PolicySummary");
    let summary = summary.ok_or_else(|| Wrong::missing(inner, "PolicySummary"))?;
    let kind = summary.text_of("Type").ok_or_else(|| Wrong::missing(summary, "Type"))?;
    let name = summary.text_of("Name").or(summary.text_of("Id")).unwrap_or_default();
    let content = inner.get("Content").ok_or_else(|| Wrong::missing(inner, "Content"))?;
    let targets = match item.get("Targets") {
        Some(list) => Some(list.items().map(target).collect::<Result<Vec<_>, _>>()?),
        None => None,
    };
    add(kind, name, content, targets, organization, notes)
}

fn add(
    kind: &str,
    name: &str,
    content: View<'_>,
    targets: Option<Vec<Target>>,
    organization: &mut Organization,
    notes: &mut Notes,
) -> Result<(), Wrong> {
    match kind {
        "RESOURCE_CONTROL_POLICY" => match notes.policy(content, PolicyKind::ResourceControl) {
            Setting::Set(document) => organization.resource_control_policies.push(OrganizationPolicy {
                name: name.into(),
                content: document.value,
                targets,
                span: document.span,
            }),
            Setting::Unknown(unknown) => organization.unknown.push(unknown),
            Setting::Absent => {}
        },
        // The spelling is unverified [FMT-37].
        "S3_POLICY" | "S3" => organization.s3_policies.push(OrganizationPolicy {
            name: name.into(),
            content: block_assigned(content)?,
            targets,
            span: content.span(),
        }),
        _ => {}
    }
    Ok(())
}

/// `{"s3_attributes":{"public_access_block_configuration":{"@@assign":"all"|"none"}}}` [BPA-09].
fn block_assigned(content: View<'_>) -> Result<bool, Wrong> {
    let decoded = content.decode().map_err(|_| Wrong::value(content, "policy in JSON"))?;
    let mut inner = decoded.view();
    for name in ["s3_attributes", "public_access_block_configuration"] {
        inner = inner.get(name).ok_or_else(|| Wrong::missing(inner, name))?;
    }
    // An effective policy holds the value itself.
    let value = inner.get("@@assign").unwrap_or(inner);
    match value.node.as_str() {
        Some("all") => Ok(true),
        Some("none") => Ok(false),
        Some(_) | None => Err(Wrong::value(value, "assignment of Block Public Access")),
    }
}

/// One entry of `list-targets-for-policy`.
fn target(view: View<'_>) -> Result<Target, Wrong> {
    let id = view.get("TargetId").ok_or_else(|| Wrong::missing(view, "TargetId"))?;
    let text = id.node.as_str().ok_or_else(|| Wrong::value(id, "target"))?;
    match view.text_of("Type") {
        Some("ROOT") => Ok(Target::Root),
        Some("ORGANIZATIONAL_UNIT") => Ok(Target::Unit(text.into())),
        Some("ACCOUNT") => {
            let account = text.parse().map_err(|_| Wrong::value(id, "account id"))?;
            Ok(Target::Account(account))
        }
        Some(_) | None => Err(Wrong::missing(view, "Type")),
    }
}

pub(super) const COMMAND: &str = "organizations describe-policy";
