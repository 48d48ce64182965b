//! What is known only after apply, looked up in the configuration that a plan carries [FMT-93], [FMT-96].

use std::collections::BTreeMap;

use super::eval::Evaluator;
use super::plan::Planned;
use crate::ingest::document::View;
use crate::source::{Limits, Member, Node, Span, Text, Value, parse_json};

/// The configuration of a plan, with its resources by their addresses.
pub(super) struct Configuration<'p, 'e, 'f> {
    root: Option<&'p Node>,
    /// The text of the plan, in which documents stand as strings.
    text: &'p Text<'p>,
    /// Resources by the address without a key.
    by_base: BTreeMap<String, Vec<&'p Planned<'p>>>,
    evaluator: &'e Evaluator<'f>,
}

impl<'p, 'e, 'f> Configuration<'p, 'e, 'f> {
    pub fn new(view: View<'p>, planned: &'p [Planned<'p>], evaluator: &'e Evaluator<'f>) -> Self {
        let mut by_base: BTreeMap<String, Vec<&Planned<'_>>> = BTreeMap::new();
        for resource in planned {
            by_base.entry(base(resource)).or_default().push(resource);
        }
        Self {
            root: view
                .node
                .get("configuration")
                .and_then(|found| found.get("root_module")),
            text: view.text,
            by_base,
            evaluator,
        }
    }

    /// The attributes that matter, with what is not known yet.
    pub fn properties(&self, resource: &Planned<'p>, wanted: &[&str]) -> Node {
        let expressions = self.expressions(resource);
        let mut members: Vec<Member> = Vec::new();
        for name in wanted {
            let value = resource.values.members().iter().find(|member| &*member.key == *name);
            let unknown = resource.unknown.and_then(|unknown| unknown.get(name));
            let written = expressions.and_then(|found| found.get(name));
            // What the provider makes up, and nobody wrote, decides nothing.
            let unknown = unknown.filter(|_| expressions.is_none() || written.is_some() || *name == "bucket");
            let (key_span, node) = match value {
                Some(member) => (member.key_span, self.opened(name, &member.value)),
                None if unknown.is_some() => (resource.values.span, Node::new(Value::Null, resource.values.span)),
                None => continue,
            };
            let value = self.filled(&node, unknown, written, resource, name, 0);
            members.push(Member {
                key: (*name).into(),
                key_span,
                value,
            });
        }
        self.own_name(resource, &mut members);
        Node::new(Value::Object(members), resource.values.span)
    }

    /// A value; a document that stands in it as text is opened, so that its parts keep their places.
    fn opened(&self, name: &str, value: &Node) -> Node {
        let is_document =
            matches!(name, "policy" | "assume_role_policy" | "content" | "json") && value.as_str().is_some();
        let inner = is_document.then(|| self.text.of_string(value));
        let tree = inner
            .and_then(|text| parse_json(&text, Limits::default()).ok())
            .map(|parsed| parsed.root);
        tree.filter(Node::is_object).unwrap_or_else(|| value.clone())
    }

    /// A bucket or a role whose name is not known is called after its address.
    fn own_name(&self, resource: &Planned<'p>, members: &mut Vec<Member>) {
        let attribute = match resource.kind {
            "aws_s3_bucket" => "bucket",
            "aws_iam_role" | "aws_s3_access_point" => "name",
            _ => return,
        };
        let span = resource.values.span;
        let given = resource
            .values
            .get(attribute)
            .and_then(Node::as_str)
            .filter(|name| !name.is_empty());
        if given.is_none() {
            members.retain(|member| &*member.key != attribute);
            members.push(Member {
                key: attribute.into(),
                key_span: span,
                value: text(self.name_of(resource, attribute), span),
            });
        }
    }

    fn name_of(&self, resource: &Planned<'_>, attribute: &str) -> String {
        let given = resource
            .values
            .get(attribute)
            .or_else(|| resource.values.get("id"))
            .and_then(Node::as_str);
        match given.filter(|name| !name.is_empty()) {
            Some(name) => name.to_owned(),
            None => self.evaluator.identity(&resource.address, resource.values.span),
        }
    }

    /// A value with what is not known of it.
    fn filled(
        &self,
        value: &Node,
        unknown: Option<&Node>,
        expression: Option<&Node>,
        resource: &Planned<'p>,
        path: &str,
        depth: usize,
    ) -> Node {
        let Some(unknown) = unknown.filter(|_| depth < DEEPEST) else {
            return value.clone();
        };
        match &unknown.value {
            Value::Bool(true) => self.resolved(expression, resource, path, value.span),
            Value::Object(members) if value.is_object() => {
                let mut all = value.members().to_vec();
                for member in members {
                    let known = value
                        .get(&member.key)
                        .cloned()
                        .unwrap_or_else(|| Node::new(Value::Null, value.span));
                    let inner = expression.and_then(|found| found.get(&member.key));
                    let path = below(path, &member.key);
                    let filled = self.filled(&known, Some(&member.value), inner, resource, &path, depth + 1);
                    match all.iter_mut().find(|known| known.key == member.key) {
                        Some(known) => known.value = filled,
                        None if !filled.is_null() => all.push(Member {
                            key: member.key.clone(),
                            key_span: value.span,
                            value: filled,
                        }),
                        None => {}
                    }
                }
                Node::new(Value::Object(all), value.span)
            }
            Value::Array(items) => {
                let mut all = value.items().to_vec();
                for (place, item) in items.iter().enumerate() {
                    let inner = expression.map(|found| found.items().get(place).unwrap_or(found));
                    let path = format!("{path}[{place}]");
                    let known = all
                        .get(place)
                        .cloned()
                        .unwrap_or_else(|| Node::new(Value::Null, value.span));
                    let filled = self.filled(&known, Some(item), inner, resource, &path, depth + 1);
                    match all.get_mut(place) {
                        Some(known) => *known = filled,
                        None if !filled.is_null() => all.push(filled),
                        None => {}
                    }
                }
                Node::new(Value::Array(spread(all)), value.span)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => value.clone(),
        }
    }

    /// What a reference gives where nothing else is in the expression, or the placeholder of it.
    fn resolved(&self, expression: Option<&Node>, resource: &Planned<'p>, path: &str, span: Span) -> Node {
        let references = references(expression);
        let module = resource.module.as_str();
        if path.starts_with("statement") && path.contains("resources") {
            return self.resources(&references, resource, path, span);
        }
        let attributes: Vec<&str> = references
            .iter()
            .copied()
            .filter(|name| is_whole(name, &references))
            .collect();
        if let [only] = attributes.as_slice() {
            if let Some(found) = self.reference(only, module, &resource.suffix, span, 0) {
                return found;
            }
            let name = format!("{module}{only}");
            // An expression that holds more than the reference is another value.
            let name = if path.contains('[') {
                format!("{}.{path}", resource.address)
            } else {
                name
            };
            return text(self.evaluator.placeholder(&name, span), span);
        }
        text(
            self.evaluator
                .placeholder(&format!("{}.{path}", resource.address), span),
            span,
        )
    }

    /// Resources of a statement: of an expression no more is known than which buckets it speaks of, so that it stands for each of
    /// them and all their objects.
    fn resources(&self, references: &[&str], resource: &Planned<'p>, path: &str, span: Span) -> Node {
        let whole = references.iter().filter(|name| is_whole(name, references));
        let mut all = Vec::new();
        for name in whole {
            let found = self.reference(name, &resource.module, &resource.suffix, span, 0);
            let arn = found
                .as_ref()
                .and_then(Node::as_str)
                .filter(|arn| arn.starts_with("arn:aws:s3:::"));
            match arn {
                Some(arn) => all.extend([text(arn.to_owned(), span), text(format!("{arn}/*"), span)]),
                None => {
                    let name = format!("{}.{path}", resource.address);
                    all.push(text(self.evaluator.placeholder(&name, span), span));
                }
            }
        }
        if all.is_empty() {
            return text(
                self.evaluator
                    .placeholder(&format!("{}.{path}", resource.address), span),
                span,
            );
        }
        Node::new(Value::Array(all), span)
    }

    /// The value of a reference in a module.
    fn reference(&self, name: &str, module: &str, key: &str, span: Span, depth: usize) -> Option<Node> {
        if depth > DEEPEST {
            return None;
        }
        let plain = without_keys(name);
        let mut parts = plain.split('.');
        let first = parts.next()?;
        match first {
            "module" => {
                let (call, output) = (parts.next()?, parts.next()?);
                let inner = self.module_of(module)?.get("module_calls")?.get(call)?.get("module")?;
                let expression = inner.get("outputs")?.get(output)?.get("expression");
                let references = references(expression);
                let whole = references.iter().find(|name| is_whole(name, &references))?;
                let path = self.module_below(module, call)?;
                self.reference(whole, &path, key, span, depth + 1)
            }
            "var" => {
                let (parent, call) = parent(module)?;
                let expression = self
                    .module_of(&parent)?
                    .get("module_calls")?
                    .get(&call)?
                    .get("expressions")?;
                let expression = expression.get(parts.next()?);
                if let Some(constant) = expression.and_then(|found| found.get("constant_value")) {
                    return Some(constant.clone());
                }
                let references = references(expression);
                let whole = references.iter().find(|name| is_whole(name, &references))?;
                self.reference(whole, &parent, key, span, depth + 1)
            }
            "data" => {
                let (kind, name, attribute) = (parts.next()?, parts.next()?, parts.next()?);
                let found = self.find(&format!("{module}data.{kind}.{name}"), key)?;
                match (kind, attribute) {
                    ("aws_iam_policy_document", "json" | "minified_json") => self.document(found),
                    _ => found.values.get(attribute).filter(|value| !value.is_null()).cloned(),
                }
            }
            kind => {
                let (name, attribute) = (parts.next()?, parts.next()?);
                let found = self.find(&format!("{module}{kind}.{name}"), key)?;
                self.attribute(found, attribute, span)
            }
        }
    }

    fn attribute(&self, found: &Planned<'_>, attribute: &str, span: Span) -> Option<Node> {
        if let Some(known) = found.values.get(attribute).filter(|value| !value.is_null()) {
            return Some(known.clone());
        }
        let account = self.evaluator.account;
        let value = match (found.kind, attribute) {
            ("aws_s3_bucket", "id" | "bucket") => self.name_of(found, "bucket"),
            ("aws_s3_bucket", "arn") => format!("arn:aws:s3:::{}", self.name_of(found, "bucket")),
            ("aws_iam_role", "name" | "id") => self.name_of(found, "name"),
            ("aws_iam_role", "arn") => {
                let path = found.values.get("path").and_then(Node::as_str).unwrap_or("/");
                format!("arn:aws:iam::{account}:role{path}{}", self.name_of(found, "name"))
            }
            ("aws_cloudfront_origin_access_identity", "iam_arn") => {
                let id = self.evaluator.identity(&format!("{}.id", found.address), span);
                format!("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {id}")
            }
            ("aws_cloudfront_distribution", "arn") => {
                let id = self.evaluator.identity(&format!("{}.id", found.address), span);
                format!("arn:aws:cloudfront::{account}:distribution/{id}")
            }
            (kind, "bucket" | "id") if kind.starts_with("aws_s3_bucket_") => {
                let expression = self.expressions(found)?.get("bucket");
                let references = references(expression);
                let whole = references.iter().find(|name| is_whole(name, &references))?;
                return self.reference(whole, &found.module, &found.suffix, span, 1);
            }
            _ => return None,
        };
        Some(text(value, span))
    }

    /// The policy of a data source that is read while the plan is applied.
    fn document(&self, found: &Planned<'p>) -> Option<Node> {
        if let Some(known) = found.values.get("json").filter(|json| json.as_str().is_some()) {
            return Some(self.opened("json", known));
        }
        let expressions = self.expressions(found);
        let filled = self.filled(found.values, found.unknown, expressions, found, "", 0);
        let body = self.evaluator.value_of(&filled).ok()?;
        let policy = self.evaluator.document_of(&body, &found.address);
        match policy.and_then(|policy| self.evaluator.to_node(&policy)) {
            Ok(tree) => Some(tree),
            Err(fault) => {
                self.evaluator.complain(&fault);
                None
            }
        }
    }

    /// The instance of a resource with this key, or the only one.
    fn find(&self, base: &str, key: &str) -> Option<&'p Planned<'p>> {
        let all = self.by_base.get(base)?;
        let same = all.iter().find(|resource| resource.suffix == key);
        same.or(all.first()).copied()
    }

    /// What the configuration writes for a resource.
    fn expressions(&self, resource: &Planned<'_>) -> Option<&'p Node> {
        let module = self.module_of(&resource.module)?;
        let mode = if resource.is_data { "data" } else { "managed" };
        let found = module.get("resources")?.items().iter().find(|other| {
            let is = |name: &str, value: &str| other.get(name).and_then(Node::as_str) == Some(value);
            is("type", resource.kind) && is("name", resource.name) && (is("mode", mode) || other.get("mode").is_none())
        });
        found?.get("expressions")
    }

    /// The configuration of the module at an address.
    fn module_of(&self, path: &str) -> Option<&'p Node> {
        let mut module = self.root?;
        for name in names(path) {
            module = module.get("module_calls")?.get(&name)?.get("module")?;
        }
        Some(module)
    }

    /// The address of a module that is called there; of several instances the first one.
    fn module_below(&self, module: &str, call: &str) -> Option<String> {
        let start = format!("{module}module.{call}");
        let all = self.by_base.keys().filter_map(|base| base.strip_prefix(&start));
        let mut keys = all.filter(|rest| rest.starts_with(['.', '[']));
        let rest = keys.next()?;
        let end = if rest.starts_with('[') {
            rest.find("].").map(|end| end + 2)
        } else {
            Some(1)
        };
        Some(format!("{start}{}", rest.get(..end?)?))
    }
}

/// The address without the key.
fn base(resource: &Planned<'_>) -> String {
    let data = if resource.is_data { "data." } else { "" };
    format!("{}{data}{}.{}", resource.module, resource.kind, resource.name)
}

fn references(expression: Option<&Node>) -> Vec<&str> {
    let list = expression
        .and_then(|found| found.get("references"))
        .map(Node::items)
        .unwrap_or_default();
    list.iter().filter_map(Node::as_str).collect()
}

/// Whether a reference is not the beginning of another one: a plan lists `a.b.c` and then `a.b`.
fn is_whole(name: &str, all: &[&str]) -> bool {
    let begins = |other: &&str| {
        other.len() > name.len()
            && other
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    !all.iter().any(begins) && !matches!(name, "each.key" | "each.value" | "count.index" | "each" | "count")
}

/// An address without its keys.
fn without_keys(address: &str) -> String {
    let (mut plain, mut depth) = (String::new(), 0_usize);
    for char in address.chars() {
        match char {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            char if depth == 0 => plain.push(char),
            _ => {}
        }
    }
    plain
}

/// The names of the modules in an address.
fn names(path: &str) -> Vec<String> {
    let plain = without_keys(path);
    plain
        .split('.')
        .skip(1)
        .step_by(2)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The address of the module that calls another one, and the name of the call.
fn parent(module: &str) -> Option<(String, String)> {
    let inner = module.strip_suffix('.')?;
    let start = inner.rfind("module.")?;
    let name = without_keys(inner.get(start + "module.".len()..)?);
    Some((inner.get(..start)?.to_owned(), name))
}

/// Elements that are lists take the place of one each: a resource that is not known stands for a bucket and its objects.
fn spread(items: Vec<Node>) -> Vec<Node> {
    items
        .into_iter()
        .flat_map(|item| match item.value {
            Value::Array(inner) => inner,
            _ => vec![item],
        })
        .collect()
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn text(value: String, span: Span) -> Node {
    Node::new(Value::String(value.into()), span)
}

const DEEPEST: usize = 32;
