use std::collections::{BTreeMap, BTreeSet};

use super::choices::Choices;
use super::function::{Call, Function};
use super::surroundings::Surroundings;
use super::template::Template;
use crate::source::{Diagnostic, Member, Node, Placeholder, Placeholders, Span, Value, is_of_placeholder};

/// Evaluates values of one template.
///
/// A value that is not known before deployment is a text of one placeholder; `None` is `AWS::NoValue`, which removes the member
/// or item that it stands in.
pub(super) struct Evaluator<'t> {
    pub template: &'t Template<'t>,
    pub surroundings: &'t Surroundings<'t>,
    pub names: Placeholders,
    pub choices: Choices,
    pub said: BTreeSet<Diagnostic>,
    /// Conditions that are settled in this run.
    pub settled: BTreeMap<&'t str, Option<bool>>,
    /// Names of resources that are settled in this run.
    pub named: BTreeMap<&'t str, String>,
    /// Roles that AWS SAM makes, once they are asked for.
    pub implied: Option<BTreeSet<String>>,
    /// Resources and conditions that are being evaluated, so that none leads back to itself.
    pub open: Vec<&'t str>,
    depth: usize,
    spent: usize,
}

impl<'t> Evaluator<'t> {
    pub fn new(template: &'t Template<'t>, surroundings: &'t Surroundings<'t>) -> Self {
        Self {
            template,
            surroundings,
            names: Placeholders::default(),
            choices: Choices::default(),
            said: BTreeSet::new(),
            settled: BTreeMap::new(),
            named: BTreeMap::new(),
            implied: None,
            open: Vec::new(),
            depth: 0,
            spent: 0,
        }
    }

    /// The value of an expression.
    pub fn value(&mut self, node: &Node) -> Option<Node> {
        self.guarded(node, |this| match Call::of(node) {
            Some(call) => this.call(&call),
            None => this.plain(node),
        })
    }

    /// The value of what a function is given, its own tag apart.
    pub fn argument(&mut self, call: &Call<'_>) -> Option<Node> {
        let node = call.argument;
        if !call.is_short {
            return self.value(node);
        }
        self.guarded(node, |this| match Call::long(node) {
            Some(call) => this.call(&call),
            None => this.plain(node),
        })
    }

    fn guarded(&mut self, node: &Node, evaluate: impl FnOnce(&mut Self) -> Option<Node>) -> Option<Node> {
        match self.deeper(node.span, evaluate) {
            Some(value) => value,
            None => Some(self.unknown("value", node.span)),
        }
    }

    /// Goes one step deeper; none where that is too deep or too much.
    pub fn deeper<T>(&mut self, span: Span, evaluate: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= DEEPEST {
            let message = "the template nests its functions too deeply";
            self.say_error("bucketproof::ingest::too_deep", span, message, "write the value out");
            return None;
        }
        if !self.spend(1, span) {
            return None;
        }
        self.depth += 1;
        let value = evaluate(self);
        self.depth -= 1;
        Some(value)
    }

    /// Forgets what was settled under other outcomes.
    pub fn restart(&mut self) {
        self.settled.clear();
        self.named.clear();
    }

    /// Counts work; whether there may be more of it.
    pub fn spend(&mut self, cost: usize, span: Span) -> bool {
        self.spent = self.spent.saturating_add(cost);
        if self.spent > MOST_WORK {
            let help = "give the values that multiply out, or split the template";
            self.say_error(
                "bucketproof::ingest::too_large",
                span,
                "the template's values grow too large",
                help,
            );
            return false;
        }
        true
    }

    /// Whether evaluation has come to its limit.
    pub fn is_spent(&self) -> bool {
        self.spent > MOST_WORK
    }

    fn plain(&mut self, node: &Node) -> Option<Node> {
        let value = match &node.value {
            Value::Null | Value::Bool(_) | Value::Number(_) => node.value.clone(),
            Value::String(text) => return Some(self.literal(text, node.span)),
            Value::Array(items) => Value::Array(items.iter().filter_map(|item| self.value(item)).collect()),
            Value::Object(members) => {
                let members = members.iter().filter_map(|member| {
                    let value = self.value(&member.value)?;
                    Some(Member {
                        key: without_placeholders(&member.key),
                        key_span: member.key_span,
                        value,
                    })
                });
                Value::Object(members.collect())
            }
        };
        Some(Node::new(value, node.span))
    }

    /// A text as it is written, dynamic references (`{{resolve:…}}`) apart, which are not known.
    pub fn literal(&mut self, text: &str, span: Span) -> Node {
        let clean = without_placeholders(text);
        if clean.contains(DYNAMIC) {
            return self.dynamic(&clean, span);
        }
        Node::new(Value::String(clean), span)
    }

    /// A text with what is looked up at deployment as not known.
    pub fn dynamic(&mut self, text: &str, span: Span) -> Node {
        let mut known = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once(DYNAMIC) {
            let Some((name, after)) = behind.split_once("}}") else {
                break;
            };
            known.push_str(before);
            let placeholder = self.names.add(&short(&format!("resolve:{name}")), span);
            known.push_str(&placeholder.to_string());
            rest = after;
        }
        known.push_str(rest);
        Node::new(Value::String(known.into()), span)
    }

    fn call(&mut self, call: &Call<'_>) -> Option<Node> {
        match call.function {
            Function::Ref => self.reference_call(call),
            Function::GetAtt => Some(self.attribute_call(call)),
            Function::Sub => Some(self.sub(call)),
            Function::Join => Some(self.join(call)),
            Function::Split => Some(self.split(call)),
            Function::Select => self.select(call),
            Function::If => self.choose(call),
            Function::FindInMap => Some(self.find_in_map(call)),
            Function::ImportValue => Some(self.import(call)),
            Function::ToJsonString => Some(self.json(call)),
            Function::Length => Some(self.length(call)),
            Function::Base64 | Function::Cidr | Function::GetAzs => {
                Some(self.unknown(call.name.trim_start_matches("Fn::"), call.span))
            }
            Function::Transform => {
                let what = "a macro makes this value, which is not known here";
                let help = "read the processed template: `aws cloudformation get-template --template-stage Processed`";
                self.said
                    .insert(Diagnostic::error("bucketproof::ingest::macro", call.span, what).with_help(help));
                Some(self.unknown("Transform", call.span))
            }
            Function::Equals | Function::And | Function::Or | Function::Not | Function::Condition => {
                let truth = self.expression(call.argument, None, Some(call));
                let value = truth.map(|truth| Node::new(Value::Bool(truth), call.span));
                Some(value.unwrap_or_else(|| self.unknown(call.name, call.span)))
            }
            Function::Other => {
                let message = format!("`{}` is no function that is known here", short(call.name));
                self.say(
                    "bucketproof::ingest::unknown_function",
                    call.span,
                    &message,
                    "its value is taken as not known",
                );
                Some(self.unknown(&short(call.name), call.span))
            }
        }
    }

    /// A value that is not known before deployment.
    pub fn unknown(&mut self, name: &str, span: Span) -> Node {
        let placeholder = self.names.add(name, span);
        Node::new(Value::String(placeholder.to_string().into()), span)
    }

    /// What a resource of the template will be called.
    pub fn identity(&mut self, name: &str, span: Span) -> String {
        self.names.add_identity(name, span).to_string()
    }

    /// A value that a function makes of one that is not known.
    pub fn derived(&mut self, function: &str, of: &Node, span: Span) -> Node {
        let text = of.as_str().unwrap_or_default();
        let first = Placeholder::all_in(text).next().map(|(_, placeholder)| placeholder);
        let name = first
            .and_then(|placeholder| self.names.name(placeholder))
            .map_or("", |(name, _)| name);
        let name = short(&format!("{function}({name})"));
        self.unknown(&name, span)
    }

    /// A text with the names of what is not known in it.
    pub fn shown(&self, text: &str) -> String {
        self.names.reveal(text).replace("${", "").replace('}', "")
    }

    /// A function that is given what it does not take.
    pub fn misused(&mut self, call: &Call<'_>, why: &str) -> Node {
        let message = format!(
            "`{}` is not written as CloudFormation takes it: {why}",
            short(call.name)
        );
        let help = "correct it; its value is taken as not known";
        self.say("bucketproof::ingest::misused_function", call.span, &message, help);
        self.unknown(&short(call.name), call.span)
    }

    /// Keeps a warning.
    pub fn say(&mut self, code: &'static str, span: Span, message: &str, help: &str) {
        self.said
            .insert(Diagnostic::warning(code, span, message).with_help(help));
    }

    fn say_error(&mut self, code: &'static str, span: Span, message: &str, help: &str) {
        // One of them tells it.
        if self.said.iter().all(|said| said.code != code) {
            self.said.insert(Diagnostic::error(code, span, message).with_help(help));
        }
    }
}

/// A text without characters that only placeholders are made of.
pub(super) fn without_placeholders(text: &str) -> Box<str> {
    if text.contains(is_of_placeholder) {
        text.replace(is_of_placeholder, "\u{FFFD}").into()
    } else {
        text.into()
    }
}

/// A name that is not longer than people want to read.
pub(super) fn short(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

const DYNAMIC: &str = "{{resolve:";
const LONGEST_NAME: usize = 120;

/// Deepest evaluation, resources and conditions that lead to others included.
const DEEPEST: usize = 160;

/// Most values and kilobytes that one template may ask for.
const MOST_WORK: usize = 4_000_000;
