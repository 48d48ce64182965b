//! Policies of an organization, with what they are attached to [FMT-113].

use super::instance::Evaluated;
use crate::iam::PolicyKind;
use crate::ingest::notes::Notes;
use crate::ingest::template::{Declared, What, policy};
use crate::model::{Organization, OrganizationPolicy, Target};
use crate::source::{Node, Unknown, UnknownReason};

/// What the policies of an organization declare. Service control policies say nothing about resources.
pub(super) fn organization(found: &[Evaluated], notes: &mut Notes) -> Vec<Declared> {
    let of = |kind: &'static str| found.iter().filter(move |resource| &*resource.kind == kind);
    let mut declared = Vec::new();
    for resource in of("aws_organizations_policy") {
        let text = |name: &str| resource.properties.get(name).and_then(Node::as_str);
        if text("type") != Some("RESOURCE_CONTROL_POLICY") {
            continue;
        }
        let id = text("id");
        let attached = of("aws_organizations_policy_attachment")
            .filter(|attachment| attachment.properties.get("policy_id").and_then(Node::as_str) == id);
        let targets: Option<Vec<Target>> = attached
            .map(|attachment| target(attachment.properties.get("target_id").and_then(Node::as_str)?))
            .collect();
        let mut organization = Organization::default();
        let content = resource.properties.get("content").cloned().unwrap_or_default();
        let parsed = policy(&content, PolicyKind::ResourceControl, notes);
        match parsed.value() {
            Some(content) => organization.resource_control_policies.push(OrganizationPolicy {
                name: text("name").unwrap_or_default().into(),
                content: content.clone(),
                targets,
                span: resource.span,
            }),
            None => organization.unknown.push(Unknown {
                reason: UnknownReason::Invalid,
                span: Some(resource.span),
            }),
        }
        declared.push(Declared {
            address: resource.address.clone(),
            what: What::Organization(organization),
            when: resource.when.clone(),
            span: resource.span,
        });
    }
    declared
}

/// What a policy is attached to; none where that is not known.
fn target(id: &str) -> Option<Target> {
    if id.starts_with("r-") {
        return Some(Target::Root);
    }
    if id.starts_with("ou-") {
        return Some(Target::Unit(id.into()));
    }
    id.parse().ok().map(Target::Account)
}
