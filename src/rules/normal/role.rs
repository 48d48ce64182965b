use super::policy::policy;
use super::{Builder, Document, Wanted, null, text};
use crate::iam::PolicyKind;
use crate::model::Role;
use crate::rules::rule::DocumentKind;
use crate::source::{Node, Value};

/// A role as a document.
pub(in crate::rules) fn role(role: &Role, wanted: &Wanted<'_>) -> Document {
    let identity = (role.arn(), &*role.name);
    let mut document = Builder::new(DocumentKind::Role, identity, role.account, role.span, wanted);
    document.when.clone_from(&role.when);
    document.text("path", &role.path);
    document.optional_text("unique_id", || role.unique_id.as_deref().map(str::to_owned));
    document.bool("service_linked", role.is_service_linked());
    document.setting("trust", &role.trust, |document, _| policy(document), null);
    // Nobody but AWS can change the trust policy of a role that it made [TRUST-12].
    if !role.is_service_linked() {
        document.lints(&role.trust, PolicyKind::Trust);
    }
    document.tags(&role.tags);
    document.add("policies", |span| {
        let policies = role.policies.iter().map(|name| text(name, span));
        Node::new(Value::Array(policies.collect()), span)
    });
    document.finish()
}
