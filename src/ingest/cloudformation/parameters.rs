use std::collections::BTreeMap;

use crate::source::{FileId, Limits, Node, Text, Value, parse_json, parse_yaml};

/// Values of parameters, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::ingest) struct Parameters {
    values: BTreeMap<Box<str>, Node>,
}

impl Parameters {
    /// Reads a parameters file, in any of the forms that the AWS tools take: `[{"ParameterKey": …, "ParameterValue": …}]`,
    /// `{"Parameters": {…}}`, `["KEY=VALUE"]` or a plain object; JSON or YAML.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = Text::new(FileId::default(), text);
        let root = match parse_json(&text, Limits::default()) {
            Ok(parsed) => parsed.root,
            Err(error) if text.as_str().trim_start().starts_with(['{', '[']) => return Err(error.to_string()),
            Err(_) => {
                let yaml = parse_yaml(&text, Limits::default()).map_err(|error| error.to_string())?;
                yaml.documents.into_iter().next().unwrap_or_default()
            }
        };
        let mut found = Self::default();
        match &root.value {
            Value::Array(items) => items.iter().try_for_each(|item| found.item(item))?,
            Value::Object(members) => {
                let inner = root.get("Parameters").map_or(members.as_slice(), Node::members);
                for member in inner {
                    found.add(&member.key, &member.value)?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(EXPECTED.to_owned()),
        }
        Ok(found)
    }

    fn item(&mut self, item: &Node) -> Result<(), String> {
        if let Some((name, value)) = item.as_str().and_then(|text| text.split_once('=')) {
            return self.add(name, &Node::from(value));
        }
        let name = item.get("ParameterKey").and_then(Node::as_str).ok_or(EXPECTED)?;
        match item.get("ParameterValue") {
            Some(value) => self.add(name, value),
            // `UsePreviousValue`, or the name of a parameter of the Systems Manager: not known here.
            None => Ok(()),
        }
    }

    fn add(&mut self, name: &str, value: &Node) -> Result<(), String> {
        let parts = match &value.value {
            Value::Array(items) => items.as_slice(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                std::slice::from_ref(value)
            }
        };
        let texts: Option<Vec<&str>> = parts.iter().map(scalar).collect();
        let texts = texts.ok_or_else(|| format!("the value of `{name}` is {}, not a text", value.kind()))?;
        self.values.insert(name.into(), Node::from(texts.join(",")));
        Ok(())
    }

    /// The value that is given for a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Node::as_str)
    }

    /// Adds those of a later file, which win.
    pub fn extend(&mut self, more: Self) {
        self.values.extend(more.values);
    }

    /// Adds one value.
    #[cfg(test)]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.into(), Node::from(value));
        self
    }
}

/// A scalar as the text that CloudFormation makes of it.
pub(super) fn scalar(node: &Node) -> Option<&str> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(text),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

const EXPECTED: &str = "expected `[{\"ParameterKey\": …, \"ParameterValue\": …}]` or `{\"Parameters\": {…}}`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let expected = Parameters::default().with("A", "x").with("B", "1,2");
        for text in [
            r#"[{"ParameterKey":"A","ParameterValue":"x"},{"ParameterKey":"B","ParameterValue":"1,2"},{"ParameterKey":"C","UsePreviousValue":true}]"#,
            r#"{"Parameters":{"A":"x","B":["1",2]},"Tags":{}}"#,
            r#"["A=x","B=1,2"]"#,
            "A: x\nB: [1, 2]\n",
        ] {
            assert_eq!(Parameters::read(text), Ok(expected.clone()), "{text}");
        }
        for text in ["", "x", "[1]", "{", r#"{"A":{}}"#] {
            assert!(Parameters::read(text).is_err(), "{text}");
        }
    }
}
