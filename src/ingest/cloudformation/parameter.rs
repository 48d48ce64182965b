use super::evaluator::{Evaluator, short};
use super::parameters::scalar;
use crate::model::CannedAcl;
use crate::source::{Node, Placeholder, Span, Value};

/// Parameters of the template.
impl Evaluator<'_> {
    /// The value that is given for a parameter, or its default.
    pub fn parameter(&mut self, name: &str, parameter: &Node, span: Span) -> Node {
        let kind = parameter.get("Type").and_then(Node::as_str).unwrap_or("String");
        let given = self.surroundings.parameters.value(name);
        let default = parameter.get("Default").and_then(scalar);
        // A parameter of the Systems Manager is known by its name only.
        let Some(text) = given
            .or(default)
            .filter(|_| !kind.starts_with("AWS::SSM::Parameter::Value"))
        else {
            return self.chosen(name, parameter, span);
        };
        if let Some(given) = given {
            self.check_allowed(name, given, parameter);
        }
        let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
        if !is_list {
            return self.literal(text, span);
        }
        let items = text.split(',').map(|item| self.literal(item.trim(), span)).collect();
        Node::new(Value::Array(items), span)
    }

    /// A parameter without a value. One that switches something is tried with each value that it allows.
    fn chosen(&mut self, name: &str, parameter: &Node, span: Span) -> Node {
        let unknown = self.unknown(name, span);
        let switches = |text: &str| {
            let is_boolean = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
            is_boolean || CannedAcl::from_name(text).is_some()
        };
        let allowed: Vec<&str> = allowed_values(parameter).take(MOST_VALUES + 1).collect();
        let Some((last, rest)) = allowed.split_last() else {
            return unknown;
        };
        if allowed.len() > MOST_VALUES || !allowed.iter().all(|text| switches(text)) {
            return unknown;
        }
        let of = unknown.as_str().unwrap_or_default();
        for value in rest {
            match self
                .choices
                .decide(of, value, &format!("{} = {value}", short(name)), parameter.span)
            {
                Some(true) => return self.literal(value, span),
                Some(false) => {}
                None => return unknown,
            }
        }
        self.literal(last, span)
    }

    /// Whether a value that is not known can be this one.
    pub fn can_be(&self, unknown: &str, value: &str) -> bool {
        let placeholder = unknown.parse::<Placeholder>().ok();
        let name = placeholder.and_then(|placeholder| self.names.name(placeholder));
        let parameter = name.and_then(|(name, _)| self.template.parameters.get(name));
        parameter.is_none_or(|parameter| {
            let mut allowed = allowed_values(parameter).take(MOST_COMPARED).peekable();
            allowed.peek().is_none()
                || allowed_values(parameter).nth(MOST_COMPARED).is_some()
                || allowed.any(|text| text == value)
        })
    }

    fn check_allowed(&mut self, name: &str, given: &str, parameter: &Node) {
        self.spend(allowed_values(parameter).count(), parameter.span);
        let mut allowed = allowed_values(parameter).peekable();
        if allowed.peek().is_some() && allowed.all(|value| value != given) {
            let message = format!("`{}` is none of the values that `{name}` allows", short(given));
            let help = "CloudFormation refuses it: correct the parameters file";
            self.say("bucketproof::ingest::value_not_allowed", parameter.span, &message, help);
        }
    }
}

/// The values that a parameter allows; none where it allows any.
fn allowed_values(parameter: &Node) -> impl Iterator<Item = &str> {
    let allowed = parameter.get("AllowedValues").map(Node::items).unwrap_or_default();
    allowed.iter().filter_map(scalar)
}

/// Most values of a parameter that are tried one by one.
const MOST_VALUES: usize = 4;

/// Most values that a value which is not known is compared with: as many as CloudFormation takes.
const MOST_COMPARED: usize = 200;
