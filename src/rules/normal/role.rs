use super::policy::policy;
use super::{Builder, Document, null, text};
use crate::model::Role;
use crate::rules::rule::DocumentKind;
use crate::source::{Node, Value};

/// A role as a document.
pub(in crate::rules) fn role(role: &Role) -> Document {
    let mut document = Builder::new(DocumentKind::Role, role.arn(), &role.name, role.account, role.span);
    document.text("path", &role.path);
    document.optional_text("unique_id", role.unique_id.as_deref());
    document.bool("service_linked", role.is_service_linked());
    document.setting("trust", &role.trust, |document, _| policy(document), null);
    document.tags(&role.tags);
    let policies = role.policies.iter().map(|name| text(name, role.span)).collect();
    document.add("policies", Node::new(Value::Array(policies), role.span));
    document.finish()
}
