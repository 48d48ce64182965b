use super::evaluator::{Evaluator, without_placeholders};
use super::function::Call;
use super::parameters::scalar;
use crate::source::{Member, Node, Placeholder, Span, Value};

/// Functions that make texts.
impl Evaluator<'_> {
    /// The text of a value: scalars are written out, and nothing else has one.
    pub fn text(&mut self, node: &Node, call: &Call<'_>) -> Box<str> {
        match scalar(node) {
            Some(text) => text.into(),
            None => {
                let why = format!("{} stands where a text must be", node.kind());
                self.misused(call, &why).as_str().unwrap_or_default().into()
            }
        }
    }

    /// A text that functions made; its length is work.
    pub fn made(&mut self, text: String, span: Span) -> Node {
        if !self.spend(text.len() / 64, span) {
            return self.unknown("value", span);
        }
        Node::new(Value::String(text.into()), span)
    }

    /// `Fn::Sub` with or without variables of its own; `${!x}` stands for `${x}` [FMT-77].
    pub fn sub(&mut self, call: &Call<'_>) -> Node {
        let (text, variables): (&Node, &[Member]) = match call.argument.items() {
            [text, variables] => (text, variables.members()),
            [text] => (text, &[]),
            _ => (call.argument, &[]),
        };
        let template = match scalar(text) {
            Some(text) => without_placeholders(text),
            None => return self.misused(call, "it takes a text, or a list of a text and its variables"),
        };
        let Some(made) = self.substituted(&template, variables, call) else {
            return self.misused(call, "the text grows too long");
        };
        if made.contains("{{resolve:") {
            return self.dynamic(&made, call.span);
        }
        self.made(made, call.span)
    }

    /// A text with what its variables stand for; none where that is too long.
    fn substituted(&mut self, template: &str, variables: &[Member], call: &Call<'_>) -> Option<String> {
        let mut made = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once("${") {
            made.push_str(before);
            let Some((name, behind)) = behind.split_once('}') else {
                made.push_str("${");
                rest = behind;
                continue;
            };
            rest = behind;
            match name.strip_prefix('!') {
                Some(literal) => {
                    made.push_str("${");
                    made.push_str(literal);
                    made.push('}');
                }
                None => made.push_str(&self.variable(name.trim(), variables, call)),
            }
            if made.len() > LONGEST {
                return None;
            }
        }
        made.push_str(rest);
        Some(made)
    }

    /// What `${name}` stands for.
    fn variable(&mut self, name: &str, variables: &[Member], call: &Call<'_>) -> Box<str> {
        self.spend(variables.len(), call.span);
        let own = variables.iter().find(|member| &*member.key == name);
        let value = match own {
            Some(member) => self.value(&member.value),
            None if name.contains(':') && !name.starts_with("AWS::") => {
                let message =
                    format!("`${{{name}}}` in `Fn::Sub` is no name of this template: CloudFormation refuses it");
                let help = format!("write `${{!{name}}}` for a policy variable, as which it is read here [FMT-77]");
                self.say("bucketproof::ingest::policy_variable", call.span, &message, &help);
                return format!("${{{name}}}").into();
            }
            None => match name.split_once('.') {
                Some((resource, attribute)) => Some(self.attribute(resource, attribute, call.span)),
                None => self.reference(name, call.span),
            },
        };
        value.map(|value| self.text(&value, call)).unwrap_or_default()
    }

    /// `Fn::Join`.
    pub fn join(&mut self, call: &Call<'_>) -> Node {
        let [delimiter, list] = call.argument.items() else {
            return self.misused(call, "it takes a delimiter and a list");
        };
        let delimiter = self
            .value(delimiter)
            .map(|node| self.text(&node, call))
            .unwrap_or_default();
        let Some(list) = self.value(list) else {
            return self.made(String::new(), call.span);
        };
        match &list.value {
            Value::Array(items) => {
                let texts: Vec<Box<str>> = items.iter().map(|item| self.text(item, call)).collect();
                let joined = texts.join(&delimiter);
                self.made(joined, call.span)
            }
            Value::String(text) if Placeholder::is_in(text) => self.derived("Join", &list, call.span),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                self.misused(call, "it takes a delimiter and a list")
            }
        }
    }

    /// `Fn::Split`: what is not known is taken to hold no delimiter, unless nothing else is there.
    pub fn split(&mut self, call: &Call<'_>) -> Node {
        let [delimiter, text] = call.argument.items() else {
            return self.misused(call, "it takes a delimiter and a text");
        };
        let delimiter = self
            .value(delimiter)
            .map(|node| self.text(&node, call))
            .unwrap_or_default();
        let Some(text) = self.value(text) else {
            return Node::new(Value::Array(Vec::new()), call.span);
        };
        let whole = self.text(&text, call);
        if whole.parse::<Placeholder>().is_ok() {
            return self.derived("Split", &text, call.span);
        }
        if delimiter.is_empty() {
            return self.misused(call, "the delimiter is empty");
        }
        let parts = whole.split(&*delimiter);
        let parts = parts
            .map(|part| Node::new(Value::String(part.into()), call.span))
            .collect();
        Node::new(Value::Array(parts), call.span)
    }

    /// `Fn::Select`.
    pub fn select(&mut self, call: &Call<'_>) -> Option<Node> {
        let [index, list] = call.argument.items() else {
            return Some(self.misused(call, "it takes an index and a list"));
        };
        let index = self.value(index)?;
        // A list that is written out may hold what is not evaluated elsewhere.
        let list = self.value(list)?;
        let place = scalar(&index).and_then(|text| text.parse::<usize>().ok());
        let is_unknown = |node: &Node| node.as_str().is_some_and(Placeholder::is_in);
        if is_unknown(&list) {
            let function = format!("Select {}", place.unwrap_or_default());
            return Some(self.derived(&function, &list, call.span));
        }
        if is_unknown(&index) {
            return Some(self.derived("Select", &index, call.span));
        }
        let item = place.and_then(|place| list.items().get(place)).cloned();
        Some(item.unwrap_or_else(|| self.misused(call, "there is no such item in the list")))
    }

    /// `Fn::ToJsonString`.
    pub fn json(&mut self, call: &Call<'_>) -> Node {
        let Some(value) = self.argument(call) else {
            return self.made("null".to_owned(), call.span);
        };
        let mut text = String::new();
        write_json(&value, &mut text);
        self.made(text, call.span)
    }

    /// `Fn::Length`.
    pub fn length(&mut self, call: &Call<'_>) -> Node {
        let Some(value) = self.argument(call) else {
            return self.unknown("Length", call.span);
        };
        match &value.value {
            Value::Array(items) => Node::new(Value::Number(items.len().to_string().into()), call.span),
            Value::String(text) if Placeholder::is_in(text) => self.derived("Length", &value, call.span),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                self.misused(call, "it takes a list")
            }
        }
    }
}

/// A value in JSON.
fn write_json(node: &Node, text: &mut String) {
    let quoted = |string: &str| serde_json::Value::String(string.to_owned()).to_string();
    match &node.value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(number),
        Value::String(string) => text.push_str(&quoted(string)),
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_json(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (place, member) in members.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&quoted(&member.key));
                text.push(':');
                write_json(&member.value, text);
            }
            text.push('}');
        }
    }
}

/// Longest text of one substitution.
const LONGEST: usize = 1 << 20;
