use super::evaluator::{Evaluator, short};
use super::parameters::scalar;
use crate::source::{Member, Node, Placeholder, Span, Value};

/// Loops of the language extensions [FMT-80].
impl Evaluator<'_> {
    /// A value with every `Fn::ForEach` in it written out.
    pub fn unrolled(&mut self, node: &Node) -> Node {
        let value = match &node.value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => node.value.clone(),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.unrolled(item)).collect()),
            Value::Object(members) => {
                let mut all = Vec::with_capacity(members.len());
                for member in members {
                    self.member(member, &mut all);
                }
                Value::Object(all)
            }
        };
        self.spend(1, node.span);
        Node {
            value,
            tag: node.tag.clone(),
            span: node.span,
        }
    }

    fn member(&mut self, member: &Member, all: &mut Vec<Member>) {
        if !member.key.starts_with("Fn::ForEach::") || self.is_spent() {
            let value = self.unrolled(&member.value);
            all.push(Member {
                value,
                ..member.clone()
            });
            return;
        }
        let [identifier, collection, body] = member.value.items() else {
            return self.bad_loop(member.key_span, "a loop takes a name, a list and an object");
        };
        let Some(items) = self.items_of(collection) else {
            return self.bad_loop(collection.span, "the list that a loop goes through is not known");
        };
        let names: Vec<&str> = match scalar(identifier) {
            Some(name) => vec![name],
            None => identifier.items().iter().filter_map(scalar).collect(),
        };
        for item in items {
            let replaced = replace(body, &names, &item);
            self.spend(size(&replaced), member.key_span);
            if self.is_spent() {
                return;
            }
            let replaced = self.unrolled(&replaced);
            if let Value::Object(members) = replaced.value {
                all.extend(members);
            }
        }
    }

    /// The texts that a loop goes through.
    fn items_of(&mut self, collection: &Node) -> Option<Vec<Box<str>>> {
        let value = self.value(collection)?;
        let texts: Option<Vec<Box<str>>> = value.items().iter().map(|item| scalar(item).map(Into::into)).collect();
        texts.filter(|texts| value.is_array() && texts.iter().all(|text| !Placeholder::is_in(text)))
    }

    fn bad_loop(&mut self, span: Span, message: &str) {
        let help = "what it makes is not read: give the values of its parameters";
        self.said.insert(
            crate::source::Diagnostic::error("bucketproof::ingest::unknown_loop", span, short(message)).with_help(help),
        );
    }
}

/// A body with the loop's name replaced in texts, names and references.
fn replace(node: &Node, names: &[&str], item: &str) -> Node {
    let in_text = |text: &str| -> Box<str> {
        let text = names.iter().fold(text.to_owned(), |text, name| {
            text.replace(&format!("${{{name}}}"), item)
                .replace(&format!("&{{{name}}}"), &alphanumeric(item))
        });
        text.into()
    };
    let refers = |text: Option<&str>| text.is_some_and(|text| names.contains(&text));
    let is_reference = node.tag.as_deref() == Some("!Ref") && refers(node.as_str())
        || node.members().len() == 1 && refers(node.get("Ref").and_then(Node::as_str));
    if is_reference {
        return Node::new(Value::String(item.into()), node.span);
    }
    let value = match &node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) => node.value.clone(),
        Value::String(text) => Value::String(in_text(text)),
        Value::Array(items) => Value::Array(items.iter().map(|node| replace(node, names, item)).collect()),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|member| Member {
                    key: in_text(&member.key),
                    key_span: member.key_span,
                    value: replace(&member.value, names, item),
                })
                .collect(),
        ),
    };
    Node {
        value,
        tag: node.tag.clone(),
        span: node.span,
    }
}

/// What `&{…}` leaves of a value, so that it can be part of a logical id.
fn alphanumeric(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// How many values a tree holds.
fn size(node: &Node) -> usize {
    let items = node.items().iter().map(size).sum::<usize>();
    1 + items + node.members().iter().map(|member| size(&member.value)).sum::<usize>()
}
