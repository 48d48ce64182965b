use super::template::{Resource, Template};
use crate::source::{Member, Node, Span, Value};

/// The resource for which AWS SAM makes a role of this logical id [FMT-76].
pub(super) fn implied_by<'t>(template: &Template<'t>, id: &str) -> Option<Resource<'t>> {
    if !template.is_serverless() {
        return None;
    }
    let resource = template.resources.get(id.strip_suffix("Role")?)?;
    implies(template, resource).then_some(*resource)
}

/// Whether AWS SAM makes a role for a resource.
pub(super) fn implies(template: &Template<'_>, resource: &Resource<'_>) -> bool {
    service(resource.kind).is_some() && setting(template, resource, "Role").is_none()
}

/// A property of a serverless resource, or the one that all of its kind have.
fn setting<'t>(template: &Template<'t>, resource: &Resource<'t>, name: &str) -> Option<&'t Node> {
    let of_all = |member: &'t Member| {
        (*member.key == *global(resource.kind))
            .then(|| member.value.get(name))
            .flatten()
    };
    let globals = template.section("Globals").iter();
    resource.property(name).or_else(|| globals.into_iter().find_map(of_all))
}

/// The properties of the role that AWS SAM makes: trusted by the service, unless a trust policy is given.
pub(super) fn implied_role(template: &Template<'_>, resource: &Resource<'_>) -> Option<Node> {
    let service = service(resource.kind).filter(|_| implies(template, resource))?;
    let span = resource.span;
    let trust = match setting(template, resource, "AssumeRolePolicyDocument") {
        Some(document) => document.clone(),
        None => trust(service, span),
    };
    let mut members = vec![member("AssumeRolePolicyDocument", trust, span)];
    if let Some(path) = setting(template, resource, "RolePath") {
        members.push(member("Path", path.clone(), span));
    }
    if let Some(tags) = resource.property("ManagedPolicyArns") {
        members.push(member("ManagedPolicyArns", tags.clone(), span));
    }
    Some(Node::new(Value::Object(members), span))
}

fn trust(service: &str, span: Span) -> Node {
    let text = |text: &str| Node::new(Value::String(text.into()), span);
    let principal = Node::new(Value::Object(vec![member("Service", text(service), span)]), span);
    let statement = vec![
        member("Effect", text("Allow"), span),
        member("Principal", principal, span),
        member("Action", text("sts:AssumeRole"), span),
    ];
    let statement = Node::new(Value::Object(statement), span);
    let document = vec![
        member("Version", text("2012-10-17"), span),
        member("Statement", Node::new(Value::Array(vec![statement]), span), span),
    ];
    Node::new(Value::Object(document), span)
}

fn member(name: &str, value: Node, span: Span) -> Member {
    Member {
        key: name.into(),
        key_span: span,
        value,
    }
}

/// The service that runs a serverless resource.
fn service(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::Serverless::Function" => Some("lambda.amazonaws.com"),
        "AWS::Serverless::StateMachine" => Some("states.amazonaws.com"),
        _ => None,
    }
}

/// The section of `Globals` for a type.
fn global(kind: &str) -> &str {
    kind.strip_prefix("AWS::Serverless::").unwrap_or_default()
}
