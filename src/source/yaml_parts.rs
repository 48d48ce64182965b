use std::collections::HashSet;
use std::sync::Arc;

use granit_parser::Tag;

use super::yaml::{YamlError, YamlErrorKind};
use super::{Member, Node, Span, Value};

/// A finished value, and what it costs to have it once more.
#[derive(Clone)]
pub(super) struct Built {
    pub node: Node,
    pub values: usize,
    pub depth: usize,
    /// Where it ends in the text, which for an alias is not where its value was written.
    pub end: usize,
}

/// A list or an object that is still open.
pub(super) struct Open {
    pub start: usize,
    /// Where its last part ends: the parser ends a block at the next token.
    pub end: usize,
    pub is_flow: bool,
    pub anchor: usize,
    pub tag: Option<Arc<str>>,
    pub values: usize,
    pub depth: usize,
    pub parts: Parts,
}

pub(super) enum Parts {
    Items(Vec<Node>),
    Members {
        members: Vec<Member>,
        key: Option<Key>,
        merged: Vec<Node>,
    },
}

pub(super) struct Key {
    pub text: Box<str>,
    pub span: Span,
    pub is_merge: bool,
}

/// Adds the members of what `<<` names: the object's own win, then those that were named first.
pub(super) fn merge(members: &mut Vec<Member>, node: Node) -> Result<(), YamlError> {
    let wrong = YamlError {
        kind: YamlErrorKind::Merge,
        span: node.span,
    };
    match node.value {
        Value::Object(more) => {
            let known: HashSet<Box<str>> = members.iter().map(|member| member.key.clone()).collect();
            members.extend(more.into_iter().filter(|member| !known.contains(&member.key)));
            Ok(())
        }
        Value::Array(items) if items.iter().all(Node::is_object) => {
            items.into_iter().try_for_each(|item| merge(members, item))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(wrong),
    }
}

/// A tag as it is written, but for those that say what a value is anyway.
pub(super) fn own_tag(tag: &Tag) -> Option<Arc<str>> {
    (!tag.is_yaml_core_schema()).then(|| tag.original().into())
}
