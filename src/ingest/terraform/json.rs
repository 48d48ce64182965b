//! Terraform's JSON syntax: the same bodies, with strings for expressions.

use super::parse::parse_template;
use super::syntax::{Attribute, Block, Body, Expr, ExprKind, Literal, Piece};
use crate::source::{Diagnostic, Limits, Member, Node, Text, Value, parse_json};

/// The body of a `.tf.json` file.
///
/// # Errors
/// When it is no JSON object.
pub(super) fn json_body(text: &Text<'_>) -> Result<Body, Diagnostic> {
    let parsed = parse_json(text, Limits::default()).map_err(|error| error.to_diagnostic())?;
    let mut body = Body::default();
    for root in each(&parsed.root) {
        for member in root.members() {
            let depth = match &*member.key {
                "resource" | "data" | "ephemeral" => 2,
                "variable" | "output" | "module" | "provider" | "check" => 1,
                _ => 0,
            };
            blocks(text, &member.key, member, &mut Vec::new(), depth, &mut body.blocks);
        }
    }
    Ok(body)
}

/// The values of a file of variables.
///
/// # Errors
/// When it is no JSON object.
pub(super) fn json_values(text: &Text<'_>) -> Result<Body, Diagnostic> {
    let parsed = parse_json(text, Limits::default()).map_err(|error| error.to_diagnostic())?;
    let attribute = |member: &Member| Attribute {
        name: member.key.clone(),
        name_span: member.key_span,
        value: expr(text, &member.value, false),
    };
    Ok(Body {
        attributes: parsed.root.members().iter().map(attribute).collect(),
        blocks: Vec::new(),
    })
}

/// An object, or each of a list of them.
fn each(node: &Node) -> impl Iterator<Item = &Node> {
    let single = (!node.is_array()).then_some(node);
    single.into_iter().chain(node.items())
}

fn blocks(
    text: &Text<'_>,
    kind: &str,
    member: &Member,
    labels: &mut Vec<Box<str>>,
    depth: usize,
    found: &mut Vec<Block>,
) {
    for node in each(&member.value).filter(|node| node.is_object()) {
        if depth == 0 {
            found.push(Block {
                kind: kind.into(),
                labels: labels.clone(),
                body: body(text, node),
                head: member.key_span,
            });
            continue;
        }
        for inner in node.members() {
            labels.push(inner.key.clone());
            blocks(text, kind, inner, labels, depth - 1, found);
            labels.pop();
        }
    }
}

/// Members that are blocks for all kinds of resources are; the others are attributes, which hold blocks as lists of objects.
fn body(text: &Text<'_>, node: &Node) -> Body {
    let mut body = Body::default();
    for member in node.members().iter().filter(|member| &*member.key != "//") {
        if &*member.key == "dynamic" {
            blocks(text, "dynamic", member, &mut Vec::new(), 1, &mut body.blocks);
            continue;
        }
        if &*member.key == "content" && member.value.is_object() {
            blocks(text, "content", member, &mut Vec::new(), 0, &mut body.blocks);
            continue;
        }
        body.attributes.push(Attribute {
            name: member.key.clone(),
            name_span: member.key_span,
            // Of a variable's type the text is an expression, not a template.
            value: expr(text, &member.value, &*member.key != "type"),
        });
    }
    body
}

fn expr(text: &Text<'_>, node: &Node, templates: bool) -> Expr {
    let kind = match &node.value {
        Value::Null => ExprKind::Null,
        Value::Bool(value) => ExprKind::Bool(*value),
        Value::Number(number) => ExprKind::Number(number.parse().unwrap_or_default()),
        Value::String(_) => string(text, node, templates),
        Value::Array(items) => ExprKind::List(items.iter().map(|item| expr(text, item, templates)).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|member| {
                let key = Node::new(Value::String(member.key.clone()), member.key_span);
                (expr(text, &key, templates), expr(text, &member.value, templates))
            });
            ExprKind::Object(members.collect())
        }
    };
    Expr { span: node.span, kind }
}

fn string(text: &Text<'_>, node: &Node, templates: bool) -> ExprKind {
    let inner = text.of_string(node);
    let plain = inner.as_str();
    if templates
        && (plain.contains("${") || plain.contains("%{"))
        && let Ok(pieces) = parse_template(&inner)
    {
        return ExprKind::Template(pieces);
    }
    let offsets = (0..plain.len()).map(|at| inner.span(at, at).start).collect();
    let clean = plain.replace(crate::source::is_of_placeholder, "\u{FFFD}");
    ExprKind::Template(vec![Piece::Literal(Literal {
        text: clean.into(),
        offsets,
    })])
}
