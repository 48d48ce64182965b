use super::{member, null, object, text};
use crate::iam::{Condition, ElementList, PolicyDocument, PrincipalElement, Statement};
use crate::rules::lint::{Lint, Subject, lints};
use crate::source::{Member, Node, Span, Value};

/// A policy document: version and statements.
pub(super) fn policy(policy: &PolicyDocument) -> Node {
    let span = policy.span;
    let statements = policy.statements.iter().map(statement).collect();
    object(
        [
            ("version", text(policy.version.as_str(), span)),
            ("statements", Node::new(Value::Array(statements), span)),
        ],
        span,
    )
}

fn statement(statement: &Statement) -> Node {
    let span = statement.span;
    let sid = statement
        .sid
        .as_deref()
        .map_or_else(|| null(span), |sid| text(sid, span));
    let mut members = vec![
        member("sid", sid),
        member("effect", text(statement.effect.as_str(), span)),
        member("principal", principals(&statement.principal)),
        member("action", elements(&statement.action)),
    ];
    members.extend(
        statement
            .resource
            .iter()
            .map(|resource| member("resource", elements(resource))),
    );
    let conditions = statement.conditions.iter().map(condition).collect();
    members.push(member("conditions", Node::new(Value::Array(conditions), span)));
    Node::new(Value::Object(members), span)
}

fn principals(element: &PrincipalElement) -> Node {
    let values = element
        .entries
        .iter()
        .map(|entry| text(&entry.value.to_string(), entry.span));
    list(element.negated, values.collect(), element.span)
}

fn elements(element: &ElementList) -> Node {
    let values = element.entries.iter().map(|entry| text(&entry.value.0, entry.span));
    list(element.negated, values.collect(), element.span)
}

/// An element with whether it is the `Not…` form.
fn list(negated: bool, values: Vec<Node>, span: Span) -> Node {
    object(
        [
            ("negated", super::bool(negated, span)),
            ("values", Node::new(Value::Array(values), span)),
        ],
        span,
    )
}

fn condition(condition: &Condition) -> Node {
    let span = condition.span;
    let values = condition.values.iter().map(|value| text(&value.text, value.span));
    object(
        [
            ("operator", text(&condition.operator.to_string(), span)),
            ("key", text(condition.key.folded(), span)),
            ("values", Node::new(Value::Array(values.collect()), span)),
        ],
        span,
    )
}

/// What a document says that cannot be meant, by the name of the check, each at the element that it is about.
pub(super) fn lint(policy: &PolicyDocument, subject: Subject<'_>) -> Node {
    let mut members: Vec<Member> = Vec::new();
    for lint in lints(policy, subject) {
        let node = lint_node(&lint);
        match members.last_mut() {
            Some(Member {
                key,
                value: Node {
                    value: Value::Array(items),
                    ..
                },
                ..
            }) if **key == *lint.check => items.push(node),
            Some(_) | None => members.push(member(lint.check, Node::new(Value::Array(vec![node]), policy.span))),
        }
    }
    Node::new(Value::Object(members), policy.span)
}

fn lint_node(lint: &Lint) -> Node {
    let span = lint.span;
    object(
        [
            ("identity", text(&lint.identity, span)),
            ("value", text(&lint.value, span)),
            ("why", text(&lint.why, span)),
        ],
        span,
    )
}
