use std::collections::BTreeSet;

use super::template::{Resource, Template};
use crate::source::{Member, Node, Span, Value};

/// A role that AWS SAM makes [FMT-76].
pub(super) struct Implied<'t> {
    /// Its logical id.
    pub id: String,
    /// The role that the resource is given; none is made where it has a value.
    pub given: Option<&'t Node>,
    /// The properties of the role.
    pub properties: Node,
}

/// The logical ids of all roles that AWS SAM makes.
pub(super) fn implied_ids(template: &Template<'_>) -> BTreeSet<String> {
    let resources = template.resources.values();
    let roles = resources.flat_map(|resource| implied_roles(template, resource));
    let deployment = deployment_role(template).map(|_| DEPLOYMENT_ROLE.to_owned());
    roles.map(|role| role.id).chain(deployment).collect()
}

/// The roles that AWS SAM makes for a resource: the one that it runs with, and one for each event that needs it.
pub(super) fn implied_roles<'t>(template: &Template<'t>, resource: &Resource<'t>) -> Vec<Implied<'t>> {
    let service = match resource.kind {
        "AWS::Serverless::Function" => "lambda.amazonaws.com",
        "AWS::Serverless::StateMachine" => "states.amazonaws.com",
        _ => return Vec::new(),
    };
    let own = Implied {
        id: format!("{}Role", resource.id),
        given: setting(template, resource, "Role"),
        properties: properties(template, resource, service),
    };
    let events = resource.property("Events").map(Node::members).unwrap_or_default();
    let events = events.iter().filter_map(|event| {
        let service = of_event(resource.kind, event.value.get("Type")?.as_str()?)?;
        let given = event
            .value
            .get("Properties")
            .and_then(|properties| properties.get("RoleArn"));
        Some(Implied {
            id: format!("{}{}Role", resource.id, event.key),
            given,
            properties: trusting(service, event.key_span),
        })
    });
    std::iter::once(own).chain(events).collect()
}

/// The role with which AWS CodeDeploy moves functions to new versions, where one is asked for without naming it.
pub(super) fn deployment_role(template: &Template<'_>) -> Option<(Node, Span)> {
    let functions = template
        .in_order()
        .filter(|resource| resource.kind == "AWS::Serverless::Function");
    let mut asked = functions.filter_map(|function| {
        let preference = setting(template, &function, "DeploymentPreference")?;
        let off = preference.get("Enabled").and_then(Node::as_bool) == Some(false);
        (!off && preference.get("Role").is_none()).then_some(function.span)
    });
    let span = asked.next()?;
    Some((trusting("codedeploy.amazonaws.com", span), span))
}

/// A property of a serverless resource, or the one that all of its kind have.
fn setting<'t>(template: &Template<'t>, resource: &Resource<'t>, name: &str) -> Option<&'t Node> {
    let of_all = |member: &'t Member| {
        (*member.key == *global(resource.kind))
            .then(|| member.value.get(name))
            .flatten()
    };
    let mut globals = template.section("Globals").iter();
    resource.property(name).or_else(|| globals.find_map(of_all))
}

/// The properties of the role that a resource runs with: trusted by the service, unless a trust policy is given.
fn properties(template: &Template<'_>, resource: &Resource<'_>, service: &str) -> Node {
    let span = resource.span;
    let mut properties = trusting(service, span);
    let Value::Object(members) = &mut properties.value else {
        return properties;
    };
    if let Some(document) = setting(template, resource, "AssumeRolePolicyDocument") {
        members.clear();
        members.push(member("AssumeRolePolicyDocument", document.clone(), span));
    }
    if let Some(path) = setting(template, resource, "RolePath") {
        members.push(member("Path", path.clone(), span));
    }
    properties
}

/// The properties of a role that one service may assume.
fn trusting(service: &str, span: Span) -> Node {
    let text = |text: &str| Node::new(Value::String(text.into()), span);
    let object = |members| Node::new(Value::Object(members), span);
    let statement = object(vec![
        member("Effect", text("Allow"), span),
        member("Principal", object(vec![member("Service", text(service), span)]), span),
        member("Action", text("sts:AssumeRole"), span),
    ]);
    let document = object(vec![
        member("Version", text("2012-10-17"), span),
        member("Statement", Node::new(Value::Array(vec![statement]), span), span),
    ]);
    object(vec![member("AssumeRolePolicyDocument", document, span)])
}

fn member(name: &str, value: Node, span: Span) -> Member {
    Member {
        key: name.into(),
        key_span: span,
        value,
    }
}

/// The service that needs a role to start something on an event.
fn of_event(kind: &str, event: &str) -> Option<&'static str> {
    let is_state_machine = kind == "AWS::Serverless::StateMachine";
    match event {
        "ScheduleV2" => Some("scheduler.amazonaws.com"),
        "Api" if is_state_machine => Some("apigateway.amazonaws.com"),
        "Schedule" | "CloudWatchEvent" | "EventBridgeRule" if is_state_machine => Some("events.amazonaws.com"),
        _ => None,
    }
}

/// The section of `Globals` for a type.
fn global(kind: &str) -> &str {
    kind.strip_prefix("AWS::Serverless::").unwrap_or_default()
}

/// The logical id of the role of AWS CodeDeploy.
pub(super) const DEPLOYMENT_ROLE: &str = "CodeDeployServiceRole";
