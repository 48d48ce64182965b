use jsonpath_rust::query::queryable::Queryable;
use std::sync::Arc;

use super::Span;

/// One value of a document, with the bytes it was written in.
///
/// The same tree serves JSON, YAML and evaluated HCL; JSONPath queries run on it directly.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Where the value was written.
    pub span: Span,
    /// A YAML tag such as `!Sub`.
    pub tag: Option<Arc<str>>,
    /// The value.
    pub value: Value,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A number, exactly as written.
    Number(Box<str>),
    /// A string, decoded.
    String(Box<str>),
    /// A list.
    Array(Vec<Node>),
    /// An object: every member as written, repeated names included.
    Object(Vec<Member>),
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Member {
    /// The decoded name.
    pub key: Box<str>,
    /// Where the name was written, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// A node of this value at this place.
    pub fn new(value: Value, span: Span) -> Self {
        Self { span, tag: None, value }
    }

    /// The first member of this name, if the node is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members()
            .iter()
            .find(|member| &*member.key == key)
            .map(|member| &member.value)
    }

    /// The members, empty for anything but an object.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => &[],
        }
    }

    /// The items, empty for anything but a list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Array(items) => items,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => &[],
        }
    }

    /// The text of a string node.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The truth value of a Boolean node.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Whether the node is an object.
    pub fn is_object(&self) -> bool {
        matches!(self.value, Value::Object(_))
    }

    /// Whether the node is a list.
    pub fn is_array(&self) -> bool {
        matches!(self.value, Value::Array(_))
    }

    /// Whether the node is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What kind of value it is, as people say it.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a Boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// Equal values are equal wherever they were written.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag && self.value == other.value
    }
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self::new(value, Span::default())
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Value::String(text.into()).into()
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Value::String(text.into()).into()
    }
}

impl From<bool> for Node {
    fn from(value: bool) -> Self {
        Value::Bool(value).into()
    }
}

impl From<i64> for Node {
    fn from(value: i64) -> Self {
        Value::Number(value.to_string().into()).into()
    }
}

impl From<f64> for Node {
    fn from(value: f64) -> Self {
        Value::Number(value.to_string().into()).into()
    }
}

impl From<Vec<Node>> for Node {
    fn from(items: Vec<Node>) -> Self {
        Value::Array(items).into()
    }
}

impl Queryable for Node {
    fn get(&self, key: &str) -> Option<&Self> {
        Node::get(self, key)
    }

    fn as_array(&self) -> Option<&Vec<Self>> {
        match &self.value {
            Value::Array(items) => Some(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
        }
    }

    fn as_object(&self) -> Option<Vec<(&str, &Self)>> {
        self.is_object().then(|| {
            self.members()
                .iter()
                .map(|member| (&*member.key, &member.value))
                .collect()
        })
    }

    fn as_str(&self) -> Option<&str> {
        Node::as_str(self)
    }

    fn as_i64(&self) -> Option<i64> {
        number(self)?.parse().ok()
    }

    fn as_f64(&self) -> Option<f64> {
        number(self)?.parse().ok()
    }

    fn as_bool(&self) -> Option<bool> {
        Node::as_bool(self)
    }

    fn null() -> Self {
        Self::default()
    }
}

fn number(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Number(text) => Some(text),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
