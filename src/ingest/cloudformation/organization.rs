use super::declare::Evaluated;
use super::parameters::scalar;
use crate::iam::PolicyKind;
use crate::ingest::part::Part;
use crate::ingest::template::{Declared, What, policy};
use crate::model::{Organization, OrganizationPolicy, Setting, Target};
use crate::source::Node;

/// `AWS::Organizations::Policy`: resource control policies; the others say nothing about resources.
pub(super) fn organization_policy(found: &Evaluated<'_>, part: &mut Part) -> Option<Declared> {
    if found.text("Type") != Some("RESOURCE_CONTROL_POLICY") {
        let what = "a policy of the organization that says nothing about resources";
        part.not_audited.push((found.resource.span, what.to_owned()));
        return None;
    }
    let content = found.properties.get("Content")?;
    let mut organization = Organization::default();
    let targets = found.properties.get("TargetIds").map(Node::items).unwrap_or_default();
    let target = |node: &Node| {
        let text = scalar(node)?;
        match text.parse() {
            Ok(account) => Some(Target::Account(account)),
            Err(_) if text.starts_with("r-") => Some(Target::Root),
            Err(_) => Some(Target::Unit(text.into())),
        }
    };
    match policy(content, PolicyKind::ResourceControl, &mut part.notes) {
        Setting::Set(document) => organization.resource_control_policies.push(OrganizationPolicy {
            name: found.text("Name").unwrap_or(found.resource.id).into(),
            content: document.value,
            targets: Some(targets.iter().filter_map(target).collect()),
            span: document.span,
        }),
        Setting::Unknown(unknown) => organization.unknown.push(unknown),
        Setting::Absent => return None,
    }
    Some(found.declares(What::Organization(organization)))
}
