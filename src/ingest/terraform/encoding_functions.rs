//! Functions that encode, decode and hash.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;

use super::eval::{Eval, Evaluator, Fault};
use super::functions::is_hazy;
use super::value::{Data, Entry, Inside, Val};
use crate::source::{Limits, Node, Span, Text, Value, parse_json, parse_yaml};

impl Evaluator<'_> {
    /// A function that encodes or decodes, if it is one.
    pub fn encoding_function(&self, name: &str, values: &[Val], span: Span) -> Option<Eval> {
        match name {
            "jsonencode" => Some(
                self.argument(values, 0, span)
                    .and_then(|value| self.json_text(value, span)),
            ),
            "jsondecode" => Some(self.json_value(values, span)),
            "yamldecode" => Some(self.yaml_value(values, span)),
            "base64encode" | "base64decode" | "md5" | "sha1" | "sha256" | "sha512" | "urlencode" => {
                Some(self.encoded(name, values, span))
            }
            _ => None,
        }
    }

    fn json_value(&self, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        if value.as_unknown().is_some() {
            return Ok(self.unknown_result("jsondecode", values, span));
        }
        if let Some(tree) = self.document_in(value)? {
            return self.value_of(&tree);
        }
        let text = self.to_text(value)?;
        let mapped = Text::mapped(value.span.file, text.clone(), vec![value.span.start; text.len() + 1]);
        match parse_json(&mapped, Limits::default()) {
            Ok(parsed) => self.value_of(&parsed.root),
            Err(_) if is_hazy(value) => Ok(self.unknown_result("jsondecode", values, span)),
            Err(error) => Err(Fault::new(span, format!("this is no JSON: {error}"))),
        }
    }

    fn yaml_value(&self, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        if is_hazy(value) {
            return Ok(self.unknown_result("yamldecode", values, span));
        }
        let text = self.to_text(value)?;
        let mapped = match &value.data {
            Data::Text(inner) => match &inner.inside {
                Inside::Places(file, places) => Text::mapped(*file, text, places.to_vec()),
                Inside::Nothing | Inside::Tree(_) => all_at(value.span, text),
            },
            _ => all_at(value.span, text),
        };
        let parsed = parse_yaml(&mapped, Limits::default());
        let parsed = parsed.map_err(|error| Fault::new(span, format!("this is no YAML: {error}")))?;
        match parsed.documents.as_slice() {
            [only] => self.value_of(only),
            _ => Err(Fault::new(span, "`yamldecode` takes one document")),
        }
    }

    /// A tree as a value.
    pub fn value_of(&self, tree: &Node) -> Eval {
        self.charge(1, tree.span)?;
        let span = tree.span;
        Ok(match &tree.value {
            Value::Null => Val::null(span),
            Value::Bool(value) => Val::bool(*value, span),
            Value::Number(number) => Val::number(number.parse().unwrap_or_default(), span),
            Value::String(text) => match self.whole_placeholder(text) {
                Some(name) => Val::unknown(name, span),
                None => Val::text(text.clone(), span),
            },
            Value::Array(items) => Val::list(
                items.iter().map(|item| self.value_of(item)).collect::<Result<_, _>>()?,
                span,
            ),
            Value::Object(members) => {
                let entry = |member: &crate::source::Member| {
                    Ok(Entry::new(&*member.key, member.key_span, self.value_of(&member.value)?))
                };
                Val::object(members.iter().map(entry).collect::<Result<_, Fault>>()?, span)
            }
        })
    }

    /// The name of what is not known, where a text is nothing else.
    fn whole_placeholder(&self, text: &str) -> Option<String> {
        let placeholder = text
            .parse::<crate::source::Placeholder>()
            .ok()
            .filter(|found| !found.is_identity())?;
        self.state
            .borrow()
            .names
            .name(placeholder)
            .map(|(name, _)| name.to_owned())
    }

    fn encoded(&self, name: &str, values: &[Val], span: Span) -> Eval {
        let value = self.argument(values, 0, span)?;
        if is_hazy(value) {
            return Ok(self.unknown_result(name, values, span));
        }
        let Data::Text(_) = &value.data else {
            let text = Val::text(self.to_text(value)?, span);
            return self.encoded(name, &[text], span);
        };
        let text = self.to_text(value)?;
        self.charge(text.len() / 64, span)?;
        let wrong = || Fault::new(span, "this is no text in base64");
        let result = match name {
            "base64encode" => STANDARD.encode(&text),
            "base64decode" => {
                let bytes = STANDARD.decode(text.trim()).map_err(|_| wrong())?;
                let text = String::from_utf8(bytes).map_err(|_| wrong())?;
                text.replace(crate::source::is_of_placeholder, "\u{FFFD}")
            }
            "md5" => hex(&md5::Md5::digest(&text)),
            "sha1" => hex(&sha1::Sha1::digest(&text)),
            "sha256" => hex(&sha2::Sha256::digest(&text)),
            "sha512" => hex(&sha2::Sha512::digest(&text)),
            _ => url(&text),
        };
        Ok(Val::text(result, span))
    }
}

/// A text of which every byte was written at the same place.
fn all_at(span: Span, text: String) -> Text<'static> {
    let places = vec![span.start; text.len() + 1];
    Text::mapped(span.file, text, places)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn url(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        b' ' => "+".to_owned(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}
