//! Changes to one statement of a policy, however it is written.

use super::document::{Document, Path, is_text, range_of};
use super::edit::Edit;
use super::hcl::is_block;
use super::value::New;
use crate::source::{Member, Node, Span, Value};

/// A change to a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// Take it out.
    Remove,
    /// Name these principals of the kind `AWS`, and nobody else.
    Principal(Vec<New>),
    /// Take the principals out that are written there.
    DropEntries(Vec<Span>),
    /// Require a condition besides those there are.
    Require(&'static str, String, New),
    /// Test a key with another operator: key, from, to.
    Operator(String, String, String),
    /// Take values of a condition out: operator, key, values.
    DropValues(String, String, Vec<String>),
    /// Write a value of a condition otherwise: operator, key, from, to.
    Value(String, String, String, String),
    /// Deny what it allows.
    Deny,
    /// Write another text in the place of one that stands alone.
    Scalar(String),
}

/// The edits that changes to one statement need, without its removal; none where it is written in a way that cannot be edited.
pub(super) fn edits(document: &Document, path: &Path, changes: &[Change]) -> Option<Vec<Edit>> {
    let statement = document.node(path)?;
    if let [Change::Scalar(text)] = changes {
        let range = range_of(statement);
        let old = statement.as_str()?;
        let written = document.text().get(range.clone())?;
        return Some(vec![document.splice(range, &written.replace(old, text))]);
    }
    if !statement.is_object() {
        return None;
    }
    let way = Way { document, statement };
    let mut edits = Vec::new();
    for change in changes {
        match change {
            Change::Remove | Change::Require(..) | Change::Scalar(_) => {}
            Change::Value(operator, key, from, to) => edits.push(way.value((operator, key), from, to)?),
            Change::Deny => edits.extend(way.deny()),
            Change::Principal(names) => edits.extend(way.principal(names)?),
            Change::DropEntries(spans) => edits.extend(way.drop_entries(spans)?),
            Change::Operator(key, from, to) => edits.extend(way.operator(key, from, to)?),
            Change::DropValues(operator, key, values) => edits.extend(way.drop_values((operator, key), values)?),
        }
    }
    let required: Vec<(&str, &str, &New)> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Require(operator, key, value) => Some((*operator, key.as_str(), value)),
            _ => None,
        })
        .collect();
    edits.extend(way.require(&required)?);
    Some(edits)
}

struct Way<'d> {
    document: &'d Document,
    statement: &'d Node,
}

impl Way<'_> {
    fn member(&self, names: &[&str]) -> Option<&Member> {
        let members = self.statement.members().iter();
        members.into_iter().find(|member| names.contains(&&*member.key))
    }

    /// The blocks of these kinds, by place.
    fn blocks(&self, kinds: &[&str]) -> Vec<(usize, &Member)> {
        let members = self.statement.members().iter().enumerate();
        members.filter(|(_, member)| kinds.contains(&&*member.key)).collect()
    }

    fn principal(&self, names: &[New]) -> Option<Vec<Edit>> {
        if is_block(self.statement) {
            let blocks = self.blocks(&["principals", "not_principals"]);
            let (first, others) = blocks.split_first()?;
            let block = &first.1.value;
            let set = |name: &str, new: &New| {
                let member = block.members().iter().find(|member| &*member.key == name)?;
                Some(self.document.set(member, new))
            };
            let mut edits = vec![
                set("type", &New::Text("AWS".into()))?,
                set("identifiers", &New::List(names.to_vec()))?,
            ];
            if &*first.1.key == "not_principals" {
                edits.push(self.document.splice(first.1.key_span.range(), "principals"));
            }
            let others: Vec<usize> = others.iter().map(|(place, _)| *place).collect();
            if !others.is_empty() {
                edits.extend(self.document.remove(self.statement, &others));
            }
            return Some(edits);
        }
        let member = self.member(&["Principal", "NotPrincipal"])?;
        let mut edits = Vec::new();
        if &*member.key == "NotPrincipal" {
            let written = self.document.text().get(member.key_span.range())?;
            let name = written.replace("NotPrincipal", "Principal");
            edits.push(self.document.splice(member.key_span.range(), &name));
        }
        // One name in the place of one leaves the rest as it is written.
        let own = member.value.get("AWS").filter(|_| member.value.members().len() == 1);
        let single = own.filter(|own| own.as_str().is_some() && own.tag.is_none());
        let new = New::texts(names.to_vec());
        let only = member.value.members().first();
        match (single, only) {
            (Some(_), Some(only)) => edits.push(self.document.set(only, &new)),
            _ => edits.push(self.document.set(member, &New::one("AWS", new))),
        }
        Some(edits)
    }

    fn value(&self, (operator, key): (&str, &str), from: &str, to: &str) -> Option<Edit> {
        let (_, tested) = self.condition(operator, key)?;
        let node = match tested.value.items() {
            [] => &tested.value,
            items => items.iter().find(|item| is_text(item, from))?,
        };
        let written = self.document.text().get(range_of(node))?;
        let is_plain = is_text(node, from) && written.contains(from);
        is_plain.then(|| self.document.splice(range_of(node), &written.replace(from, to)))
    }

    fn deny(&self) -> Vec<Edit> {
        let name = if is_block(self.statement) { "effect" } else { "Effect" };
        let deny = New::Text("Deny".into());
        match self.member(&[name]) {
            Some(member) => vec![self.document.set(member, &deny)],
            None => self.document.add_member(self.statement, name, &deny),
        }
    }

    fn drop_entries(&self, spans: &[Span]) -> Option<Vec<Edit>> {
        let is_gone = |node: &Node| spans.contains(&self.document.span(range_of(node)));
        let all_gone = |node: &Node| match node.items() {
            [] => is_gone(node),
            items => items.iter().all(is_gone) || is_gone(node),
        };
        let some = |list: &Node| -> Vec<usize> {
            let items = list.items().iter().enumerate();
            items
                .filter(|(_, item)| is_gone(item))
                .map(|(place, _)| place)
                .collect()
        };
        let mut edits = Vec::new();
        if is_block(self.statement) {
            let blocks = self.blocks(&["principals"]);
            let names = |member: &Member| member.value.get("identifiers").cloned();
            let gone = blocks
                .iter()
                .filter(|(_, block)| names(block).is_some_and(|names| all_gone(&names)));
            let gone: Vec<usize> = gone.map(|(place, _)| *place).collect();
            if gone.len() == blocks.len() {
                return None;
            }
            if !gone.is_empty() {
                edits.extend(self.document.remove(self.statement, &gone));
            }
            for (_, block) in blocks.iter().filter(|(place, _)| !gone.contains(place)) {
                let names = block.value.get("identifiers")?;
                let gone = some(names);
                if !gone.is_empty() {
                    edits.extend(self.document.remove(names, &gone));
                }
            }
            return (!edits.is_empty()).then_some(edits);
        }
        let principal = &self.member(&["Principal"])?.value;
        let kinds = principal.members();
        let gone: Vec<usize> = (0..kinds.len())
            .filter(|place| kinds.get(*place).is_some_and(|kind| all_gone(&kind.value)))
            .collect();
        if kinds.is_empty() || gone.len() == kinds.len() {
            return None;
        }
        if !gone.is_empty() {
            edits.extend(self.document.remove(principal, &gone));
        }
        for (_, kind) in kinds.iter().enumerate().filter(|(place, _)| !gone.contains(place)) {
            let gone = some(&kind.value);
            if !gone.is_empty() {
                edits.extend(self.document.remove(&kind.value, &gone));
            }
        }
        (!edits.is_empty()).then_some(edits)
    }

    fn require(&self, required: &[(&str, &str, &New)]) -> Option<Vec<Edit>> {
        if required.is_empty() {
            return Some(Vec::new());
        }
        let mut edits = Vec::new();
        if is_block(self.statement) {
            for (operator, key, value) in required {
                let values = match value {
                    New::List(_) => (*value).clone(),
                    one => New::List(vec![(*one).clone()]),
                };
                let attributes = [
                    ("test", New::Text((*operator).to_owned())),
                    ("variable", New::Text((*key).to_owned())),
                    ("values", values),
                ];
                edits.extend(self.document.add_block(self.statement, "condition", &attributes));
            }
            return Some(edits);
        }
        let condition = self.member(&["Condition"]).map(|member| &member.value);
        let condition = condition.filter(|value| !value.is_null());
        let mut operators: Vec<(String, Vec<(String, New)>)> = Vec::new();
        for (operator, key, value) in required {
            let member = ((*key).to_owned(), (*value).clone());
            match operators.iter_mut().find(|(known, _)| known == operator) {
                Some((_, keys)) => keys.push(member),
                None => operators.push(((*operator).to_owned(), vec![member])),
            }
        }
        let Some(condition) = condition else {
            let operators = operators.into_iter().map(|(name, keys)| (name, New::Object(keys)));
            let new = New::Object(operators.collect());
            return Some(self.document.add_member(self.statement, "Condition", &new));
        };
        if !condition.is_object() || condition.tag.is_some() {
            return None;
        }
        for (operator, keys) in operators {
            match condition.get(&operator) {
                Some(known) if known.is_object() => {
                    for (key, value) in keys {
                        match known
                            .members()
                            .iter()
                            .find(|member| member.key.eq_ignore_ascii_case(&key))
                        {
                            Some(member) => edits.push(self.document.set(member, &value)),
                            None => edits.extend(self.document.add_member(known, &key, &value)),
                        }
                    }
                }
                Some(_) => return None,
                None => edits.extend(self.document.add_member(condition, &operator, &New::Object(keys))),
            }
        }
        Some(edits)
    }

    /// The operator and the key's member in it, or the block that tests them.
    fn condition(&self, operator: &str, key: &str) -> Option<(&Member, &Member)> {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        if is_block(self.statement) {
            return self.blocks(&["condition"]).into_iter().find_map(|(_, block)| {
                let attribute = |name: &str| block.value.members().iter().find(|member| &*member.key == name);
                let is = |name: &str, text: &str| {
                    let own = attribute(name).and_then(|member| member.value.as_str());
                    own.is_some_and(|own| same(own, text))
                };
                let fits = is("test", operator) && is("variable", key);
                fits.then_some((attribute("test")?, attribute("values")?))
            });
        }
        let condition = &self.member(&["Condition"])?.value;
        let operator = condition.members().iter().find(|member| same(&member.key, operator))?;
        let key = operator.value.members().iter().find(|member| same(&member.key, key))?;
        Some((operator, key))
    }

    fn operator(&self, key: &str, from: &str, to: &str) -> Option<Vec<Edit>> {
        let (operator, tested) = self.condition(from, key)?;
        if is_block(self.statement) {
            return Some(vec![self.document.set(operator, &New::Text(to.to_owned()))]);
        }
        let written = self.document.text().get(operator.key_span.range())?;
        if operator.value.members().len() == 1 {
            let name = written.replace(&*operator.key, to);
            return Some(vec![self.document.splice(operator.key_span.range(), &name)]);
        }
        let place = operator
            .value
            .members()
            .iter()
            .position(|member| member.key == tested.key)?;
        let mut edits = self.document.remove(&operator.value, &[place]);
        let value = copied(&tested.value)?;
        let condition = &self.member(&["Condition"])?.value;
        match condition.get(to) {
            Some(known) => edits.extend(self.document.add_member(known, &tested.key, &value)),
            None => edits.extend(self.document.add_member(condition, to, &New::one(&tested.key, value))),
        }
        Some(edits)
    }

    fn drop_values(&self, (operator, key): (&str, &str), values: &[String]) -> Option<Vec<Edit>> {
        let (_, tested) = self.condition(operator, key)?;
        let items = tested.value.items().iter().enumerate();
        let gone = items.filter(|(_, item)| values.iter().any(|value| is_text(item, value)));
        let gone: Vec<usize> = gone.map(|(place, _)| place).collect();
        let some_stay = gone.len() < tested.value.items().len();
        (some_stay && !gone.is_empty()).then(|| self.document.remove(&tested.value, &gone))
    }
}

/// A value as it can be written anew.
fn copied(node: &Node) -> Option<New> {
    match &node.value {
        Value::String(text) if node.tag.is_none() => Some(New::Text(text.to_string())),
        Value::Bool(value) => Some(New::Bool(*value)),
        Value::Array(items) if node.tag.is_none() => Some(New::List(items.iter().map(copied).collect::<Option<_>>()?)),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
