//! `data.aws_iam_policy_document` [FMT-120…122].

use std::rc::Rc;

use super::eval::{Eval, Evaluator, Fault};
use super::instance::{Env, ResourceRef};
use super::node::{json, with_tree};
use super::value::{Data, Inside, Val};
use crate::source::{Limits, Member, Node, Placeholder, Span, Text, Value, parse_json};

/// A policy that is being put together.
#[derive(Default)]
struct Policy {
    version: Option<Node>,
    id: Option<Node>,
    statements: Vec<Node>,
}

/// Which statements of the same Sid give way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joining {
    /// Those of sources: two of the same name are a mistake.
    Source,
    /// Those that come later replace those before.
    Replace,
}

impl Evaluator<'_> {
    /// The `json` of a policy document.
    pub fn policy_document(&self, resource: &ResourceRef, span: Span) -> Eval {
        let Some(block) = self.block_of(resource) else {
            return Ok(Val::unknown(format!("{}.json", resource.address()), span));
        };
        let repetition = self.repetition(block, &resource.instance, &resource.name.address(), &resource.key)?;
        let env = Env {
            instance: &resource.instance,
            repetition: &repetition,
            bound: None,
        };
        let body = self.body(&block.body, env, &|_| true)?;
        self.document_of(&body.at(block.head), &resource.address())
    }

    /// The policy that the arguments of a policy document make.
    pub fn document_of(&self, body: &Val, address: &str) -> Eval {
        let span = body.span;
        let mut policy = Policy::default();
        let mut unknown = None;
        for name in ["source_json", "source_policy_documents"] {
            for document in items(body.get(name)) {
                unknown = unknown.or(self.join(document, Joining::Source, &mut policy)?);
            }
        }
        if let Some(id) = body.get("policy_id").filter(|id| !id.is_null()) {
            policy.id = Some(self.to_node(id)?);
        }
        match body.get("version").filter(|version| !version.is_null()) {
            Some(version) => policy.version = Some(self.to_node(version)?),
            None => {
                policy.version.get_or_insert_with(|| string(LATEST, span));
            }
        }
        for statement in items(body.get("statement")) {
            let statement = self.statement(statement)?;
            policy
                .add(statement, Joining::Replace)
                .map_err(|sid| twice(&sid, span))?;
        }
        for name in ["override_json", "override_policy_documents"] {
            for document in items(body.get(name)) {
                unknown = unknown.or(self.join(document, Joining::Replace, &mut policy)?);
            }
        }
        if let Some(name) = unknown {
            return Ok(Val::unknown(format!("{address}.json with {name}"), span));
        }
        let tree = policy.into_tree(span);
        let text = json(&tree);
        Ok(with_tree(text, tree, span))
    }

    /// Adds the statements of another document; gives its name where it is not known.
    fn join(&self, document: &Val, joining: Joining, policy: &mut Policy) -> Result<Option<Rc<str>>, Fault> {
        let tree = match &document.data {
            Data::Null => return Ok(None),
            Data::Unknown(name) => return Ok(Some(name.clone())),
            Data::Resource(_) | Data::Module(_) => return Ok(Some(self.describe(document).into())),
            Data::Text(text) if text.text.trim().is_empty() => return Ok(None),
            Data::Text(_) | Data::Bool(_) | Data::Number(_) | Data::List(_) | Data::Object(_) => {
                match self.document_in(document)? {
                    Some(tree) => tree,
                    None => {
                        let hazy = document.as_text().is_some_and(Placeholder::is_in);
                        if hazy {
                            return Ok(Some(self.describe(document).into()));
                        }
                        return Err(Fault::new(document.span, "this is no policy document in JSON"));
                    }
                }
            }
        };
        for member in tree.members() {
            match (&*member.key, joining) {
                ("Version", _) => policy.version = Some(member.value.clone()),
                ("Id", _) => policy.id = Some(member.value.clone()),
                ("Statement", _) => {
                    let single = (!member.value.is_array()).then_some(&member.value);
                    for statement in single.into_iter().chain(member.value.items()) {
                        let added = policy.add(statement.clone(), joining);
                        added.map_err(|sid| twice(&sid, statement.span))?;
                    }
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// The document that a text holds.
    pub fn document_in(&self, value: &Val) -> Result<Option<Node>, Fault> {
        let Data::Text(text) = &value.data else {
            return Ok(None);
        };
        if !matches!(text.inside, Inside::Nothing) {
            let tree = self.to_node(value)?;
            return Ok(tree.is_object().then_some(tree));
        }
        let places = vec![value.span.start; text.text.len() + 1];
        let mapped = Text::mapped(value.span.file, text.text.to_string(), places);
        let parsed = parse_json(&mapped, Limits::default()).ok();
        Ok(parsed.map(|parsed| parsed.root).filter(Node::is_object))
    }

    fn statement(&self, block: &Val) -> Result<Node, Fault> {
        let mut members = Vec::new();
        let mut add = |name: &str, key_span: Span, value: Node| {
            members.push(Member {
                key: name.into(),
                key_span,
                value,
            });
        };
        let given = |name: &str| {
            block
                .as_object()
                .into_iter()
                .flatten()
                .find(|entry| &*entry.key == name && !entry.value.is_null())
        };
        if let Some(sid) = given("sid").filter(|sid| sid.value.as_text() != Some("")) {
            add("Sid", sid.key_span, self.to_node(&sid.value)?);
        }
        match given("effect") {
            Some(effect) => add("Effect", effect.key_span, self.to_node(&effect.value)?),
            None => add("Effect", block.span, string("Allow", block.span)),
        }
        for (name, key) in LISTS {
            if let Some(list) = given(name).filter(|list| !list.value.as_list().is_some_and(<[Val]>::is_empty)) {
                add(key, list.key_span, one_or_all(self.strings(&list.value)?));
            }
        }
        for (name, key) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            if let Some(blocks) = given(name).filter(|blocks| items(Some(&blocks.value)).next().is_some()) {
                add(key, blocks.key_span, self.principals(&blocks.value)?);
            }
        }
        if let Some(blocks) = given("condition").filter(|blocks| items(Some(&blocks.value)).next().is_some()) {
            add("Condition", blocks.key_span, self.conditions(&blocks.value)?);
        }
        Ok(Node::new(Value::Object(members), block.span))
    }

    /// Strings of a list, with `&{…}` as `${…}`.
    fn strings(&self, value: &Val) -> Result<Node, Fault> {
        let mut node = self.to_node(value)?;
        variables(&mut node);
        Ok(node)
    }

    fn principals(&self, blocks: &Val) -> Result<Node, Fault> {
        let mut found: Vec<(Node, Node)> = Vec::new();
        for block in items(Some(blocks)) {
            let kind = block
                .get("type")
                .map(|kind| self.to_node(kind))
                .transpose()?
                .unwrap_or_default();
            // A kind that is not known leaves nothing known.
            if kind.as_str().is_some_and(Placeholder::is_in) {
                return Ok(kind);
            }
            let names = block
                .get("identifiers")
                .map(|names| self.strings(names))
                .transpose()?
                .unwrap_or_default();
            found.push((kind, names));
        }
        if let [(kind, names)] = found.as_slice()
            && kind.as_str() == Some("*")
            && let [only] = names.items()
            && only.as_str() == Some("*")
        {
            return Ok(only.clone());
        }
        // Of a single block the names are what opens the door.
        let span = match found.as_slice() {
            [(_, names)] => names.span,
            _ => blocks.span,
        };
        let mut members: Vec<Member> = Vec::new();
        for (kind, names) in found {
            merge(&mut members, &kind, names);
        }
        Ok(object(members, span))
    }

    fn conditions(&self, blocks: &Val) -> Result<Node, Fault> {
        let mut operators: Vec<Member> = Vec::new();
        for block in items(Some(blocks)) {
            let part = |name: &str| match block.get(name) {
                Some(value) => self.strings(value),
                None => Ok(Node::default()),
            };
            let (test, variable, values) = (part("test")?, part("variable")?, part("values")?);
            let name = test.as_str().unwrap_or_default();
            let place = match operators.iter().position(|operator| &*operator.key == name) {
                Some(place) => place,
                None => {
                    operators.push(Member {
                        key: name.into(),
                        key_span: test.span,
                        value: Node::new(Value::Object(Vec::new()), block.span),
                    });
                    operators.len() - 1
                }
            };
            if let Some(Member {
                value: Node {
                    value: Value::Object(keys),
                    ..
                },
                ..
            }) = operators.get_mut(place)
            {
                merge(keys, &variable, values);
            }
        }
        for operator in &mut operators {
            if let Value::Object(keys) = &mut operator.value.value {
                scalars(keys);
            }
        }
        Ok(Node::new(Value::Object(operators), blocks.span))
    }
}

impl Policy {
    /// Adds a statement; gives its Sid where a source has it already.
    fn add(&mut self, statement: Node, joining: Joining) -> Result<(), String> {
        let sid = statement
            .get("Sid")
            .and_then(Node::as_str)
            .filter(|sid| !sid.is_empty())
            .map(str::to_owned);
        let same = |known: &Node| sid.is_some() && known.get("Sid").and_then(Node::as_str) == sid.as_deref();
        match self.statements.iter_mut().find(|known| same(known)) {
            Some(_) if joining == Joining::Source => return Err(sid.unwrap_or_default()),
            Some(known) => *known = statement,
            None => self.statements.push(statement),
        }
        Ok(())
    }

    fn into_tree(self, span: Span) -> Node {
        let member = |name: &str, value: Node| Member {
            key: name.into(),
            key_span: value.span,
            value,
        };
        let version = self.version.unwrap_or_else(|| string(LATEST, span));
        let mut members = vec![member("Version", version)];
        members.extend(self.id.map(|id| member("Id", id)));
        members.push(member("Statement", Node::new(Value::Array(self.statements), span)));
        Node::new(Value::Object(members), span)
    }
}

/// The elements of a list, or the single value in place of one.
fn items(value: Option<&Val>) -> impl Iterator<Item = &Val> {
    let list = value.and_then(Val::as_list).unwrap_or_default();
    let single = value.filter(|value| value.as_list().is_none() && !value.is_null());
    list.iter().chain(single)
}

fn string(text: &str, span: Span) -> Node {
    Node::new(Value::String(text.into()), span)
}

/// A list of one element as that element.
fn one_or_all(mut node: Node) -> Node {
    match &mut node.value {
        Value::Array(items) if items.len() == 1 => items.pop().unwrap_or_default(),
        _ => node,
    }
}

fn object(mut members: Vec<Member>, span: Span) -> Node {
    scalars(&mut members);
    Node::new(Value::Object(members), span)
}

fn scalars(members: &mut [Member]) {
    for member in members {
        member.value = one_or_all(std::mem::take(&mut member.value));
    }
}

/// Adds values to those that a name has already.
fn merge(members: &mut Vec<Member>, name: &Node, values: Node) {
    let key = name.as_str().unwrap_or_default();
    let span = values.span;
    let more = match values.value {
        Value::Array(items) => items,
        _ => vec![values],
    };
    match members.iter_mut().find(|member| &*member.key == key) {
        Some(Member {
            value: Node {
                value: Value::Array(known),
                ..
            },
            ..
        }) => known.extend(more),
        Some(_) | None => members.push(Member {
            key: key.into(),
            key_span: name.span,
            value: Node::new(Value::Array(more), span),
        }),
    }
}

/// `&{…}` is how a policy document of Terraform writes `${…}`.
fn variables(node: &mut Node) {
    match &mut node.value {
        Value::String(text) if text.contains("&{") => *text = text.replace("&{", "${").into(),
        Value::Array(items) => items.iter_mut().for_each(variables),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {}
    }
}

fn twice(sid: &str, span: Span) -> Fault {
    Fault::new(
        span,
        format!("two statements have the same Sid `{sid}`: give each its own"),
    )
}

const LATEST: &str = "2012-10-17";
const LISTS: &[(&str, &str)] = &[
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
];
