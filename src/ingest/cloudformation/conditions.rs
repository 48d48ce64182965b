use super::evaluator::{Evaluator, short};
use super::function::{Call, Function};
use super::parameters::scalar;
use crate::source::{Node, Placeholder, Span, Value};

/// Conditions, which are true, false or not known.
impl Evaluator<'_> {
    /// `Fn::If`.
    pub fn choose(&mut self, call: &Call<'_>) -> Option<Node> {
        let [condition, then, otherwise] = call.argument.items() else {
            return Some(self.misused(call, "it takes a condition and two values"));
        };
        let truth = match condition.as_str() {
            Some(name) => self.condition(name, condition.span),
            None => self.expression(condition, None, None),
        };
        match truth {
            Some(true) => self.value(then),
            Some(false) => self.value(otherwise),
            None => {
                let name = condition.as_str().unwrap_or_default();
                Some(self.unknown(&short(&format!("If({name})")), call.span))
            }
        }
    }

    /// Whether the condition of a resource holds.
    pub fn holds(&mut self, node: &Node) -> Option<bool> {
        match node.as_str() {
            Some(name) => self.condition(name, node.span),
            None => {
                let message = format!("the name of a condition is a text, not {}", node.kind());
                let help = "write it in quotes; both outcomes are looked at";
                self.say("bucketproof::ingest::undefined_name", node.span, &message, help);
                self.choices.decide("", "true", "Condition", node.span)
            }
        }
    }

    /// Whether a condition of the template holds; none where that is not to be decided.
    pub fn condition(&mut self, name: &str, span: Span) -> Option<bool> {
        let template = self.template;
        let Some((name, member)) = template.conditions.get_key_value(name) else {
            let message = format!("the template has no condition `{}`", short(name));
            let help = "CloudFormation refuses it; both outcomes are looked at";
            self.say("bucketproof::ingest::undefined_name", span, &message, help);
            return self.choices.decide(name, "", name, span);
        };
        if let Some(settled) = self.settled.get(name) {
            return *settled;
        }
        if self.open.contains(name) {
            let message = format!("the condition `{}` leads back to itself", short(name));
            let help = "CloudFormation refuses it; both outcomes are looked at";
            self.say("bucketproof::ingest::circular_name", span, &message, help);
            return self.choices.decide(name, "", name, span);
        }
        self.open.push(name);
        let truth = self.expression(&member.value, Some((name, member.key_span)), None);
        self.open.pop();
        self.settled.insert(name, truth);
        truth
    }

    /// The value of an expression of a condition, which may have a name; a call without its own tag where one is given.
    pub fn expression(&mut self, node: &Node, name: Option<(&str, Span)>, of: Option<&Call<'_>>) -> Option<bool> {
        let call = of.copied().or_else(|| Call::in_condition(node));
        let Some(call) = call else {
            return self.truth(node, name);
        };
        self.deeper(node.span, |this| this.called(node, &call, name)).flatten()
    }

    fn called(&mut self, node: &Node, call: &Call<'_>, name: Option<(&str, Span)>) -> Option<bool> {
        let items = call.argument.items();
        match call.function {
            Function::Not => match items {
                [only] => self.nested(only).map(|truth| !truth),
                [] | [_, ..] => self.nested(call.argument).map(|truth| !truth),
            },
            Function::And => {
                let all: Vec<_> = self.until(items, false);
                combine(&all, false)
            }
            Function::Or => {
                let all: Vec<_> = self.until(items, true);
                combine(&all, true)
            }
            Function::Condition => match call.argument.as_str() {
                Some(name) => self.condition(name, call.span),
                None => self.truth(node, name),
            },
            Function::Equals => self.equals(call, name),
            Function::Ref
            | Function::Sub
            | Function::GetAtt
            | Function::Join
            | Function::Select
            | Function::Split
            | Function::If
            | Function::FindInMap
            | Function::ImportValue
            | Function::Base64
            | Function::Cidr
            | Function::GetAzs
            | Function::Transform
            | Function::ToJsonString
            | Function::Length
            | Function::Other => self.truth(node, name),
        }
    }

    fn nested(&mut self, node: &Node) -> Option<bool> {
        // A name alone stands for the condition.
        match node.as_str() {
            Some(name) if node.tag.is_none() && self.template.conditions.contains_key(name) => {
                self.condition(name, node.span)
            }
            Some(_) | None => self.expression(node, None, None),
        }
    }

    /// The values of expressions up to the one that settles all.
    fn until(&mut self, items: &[Node], settles: bool) -> Vec<Option<bool>> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.nested(item);
            values.push(value);
            if value == Some(settles) {
                break;
            }
        }
        values
    }

    /// `Fn::Equals`: texts are compared; one that is not known makes a test.
    fn equals(&mut self, call: &Call<'_>, name: Option<(&str, Span)>) -> Option<bool> {
        let [left, right] = call.argument.items() else {
            self.misused(call, "it takes two values");
            return self.undecided(call.argument, name);
        };
        let sides = [left, right].map(|side| self.value(side).unwrap_or_default());
        let [left, right] = &sides;
        if left == right {
            return Some(true);
        }
        let texts = [left, right].map(compared);
        let [left, right] = &texts;
        if left == right {
            return Some(true);
        }
        if !Placeholder::is_in(left) && !Placeholder::is_in(right) {
            return Some(false);
        }
        if !self.can_be(left, right) || !self.can_be(right, left) {
            return Some(false);
        }
        let shown = short(&format!("{} = {}", self.shown(left), self.shown(right)));
        let (name, span) = name.unwrap_or((&shown, call.span));
        self.choices.decide(left, right, name, span)
    }

    /// The truth of a value.
    fn truth(&mut self, node: &Node, name: Option<(&str, Span)>) -> Option<bool> {
        let value = self.value(node).unwrap_or_default();
        match scalar(&value) {
            Some(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Some(_) | None => self.undecided(&value, name),
        }
    }

    fn undecided(&mut self, node: &Node, name: Option<(&str, Span)>) -> Option<bool> {
        let text = compared(node);
        let shown = short(&self.shown(&text));
        let (name, span) = name.unwrap_or((&shown, node.span));
        self.choices.decide(&text, "true", name, span)
    }
}

/// What an expression is by the values of its parts, one of which may settle it.
fn combine(values: &[Option<bool>], settles: bool) -> Option<bool> {
    if values.contains(&Some(settles)) {
        Some(settles)
    } else if values.contains(&None) {
        None
    } else {
        Some(!settles)
    }
}

/// A value as the text that is compared.
fn compared(node: &Node) -> Box<str> {
    match &node.value {
        Value::Array(items) => items.iter().map(compared).collect::<Vec<_>>().join(",").into(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            scalar(node).unwrap_or_default().into()
        }
    }
}
