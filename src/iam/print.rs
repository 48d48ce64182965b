use serde_json::{Map, Value, json};

use super::{Condition, ElementList, PolicyDocument, Principal, PrincipalElement, Statement};

impl PolicyDocument {
    /// The document as JSON that means the same; every list is written as a list.
    pub fn to_json(&self) -> Value {
        let mut document = Map::new();
        document.insert("Version".into(), self.version.as_str().into());
        if let Some(id) = &self.id {
            document.insert("Id".into(), (**id).into());
        }
        document.insert(
            "Statement".into(),
            self.statements.iter().map(Statement::to_json).collect(),
        );
        Value::Object(document)
    }
}

impl Statement {
    /// The statement as JSON that means the same.
    pub fn to_json(&self) -> Value {
        let mut statement = Map::new();
        if let Some(sid) = &self.sid {
            statement.insert("Sid".into(), (**sid).into());
        }
        statement.insert("Effect".into(), self.effect.as_str().into());
        let name = if self.principal.negated {
            "NotPrincipal"
        } else {
            "Principal"
        };
        statement.insert(name.into(), principals(&self.principal));
        let name = if self.action.negated { "NotAction" } else { "Action" };
        statement.insert(name.into(), texts(&self.action));
        if let Some(resource) = &self.resource {
            let name = if resource.negated { "NotResource" } else { "Resource" };
            statement.insert(name.into(), texts(resource));
        }
        if !self.conditions.is_empty() {
            statement.insert("Condition".into(), conditions(&self.conditions));
        }
        Value::Object(statement)
    }
}

fn principals(element: &PrincipalElement) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for entry in &element.entries {
        let kind = match &entry.value {
            Principal::Everyone
            | Principal::Account(_)
            | Principal::Aws(_)
            | Principal::Deleted(_)
            | Principal::OriginAccessIdentity(_) => "AWS",
            Principal::Canonical(_) => "CanonicalUser",
            Principal::Service(_) => "Service",
            Principal::Federated(_) => "Federated",
        };
        if let Value::Array(list) = map.entry(kind).or_insert_with(|| json!([])) {
            list.push(entry.value.to_string().into());
        }
    }
    Value::Object(map)
}

fn texts(list: &ElementList) -> Value {
    list.entries.iter().map(|entry| Value::from(&*entry.value.0)).collect()
}

fn conditions(conditions: &[Condition]) -> Value {
    let mut operators: Map<String, Value> = Map::new();
    for condition in conditions {
        let values: Value = condition.values.iter().map(|value| Value::from(&*value.text)).collect();
        let keys = operators
            .entry(condition.operator.to_string())
            .or_insert_with(|| json!({}));
        if let Value::Object(keys) = keys {
            keys.insert(unused_spelling(condition.key.name(), keys), values);
        }
    }
    Value::Object(operators)
}

/// The name of a key, in another letter case where an object already has it: all spellings must hold [COND-03].
fn unused_spelling(name: &str, keys: &Map<String, Value>) -> String {
    let mut spelling = name.to_owned();
    let mut lower = name.matches(char::is_lowercase);
    while keys.contains_key(&spelling) {
        let Some(letter) = lower.next() else {
            return spelling;
        };
        spelling = spelling.replacen(letter, &letter.to_uppercase(), 1);
    }
    spelling
}

#[cfg(test)]
mod tests {
    use crate::iam::{PolicyKind, parse_policy};
    use crate::source::{FileId, Limits, Text, parse_json};

    /// One operator in two letter cases with one key: printing them into one object must lose neither.
    #[test]
    fn no_condition_is_lost() {
        let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
            "Resource": "*", "Condition": {"StringLike": {"aws:UserAgent": "a*"}, "stringlike": {"aws:UserAgent": "*b"}}}]}"#;
        let read = |text: &str| {
            let tree = parse_json(&Text::new(FileId(0), text), Limits::default()).expect("json");
            parse_policy(&tree.root, PolicyKind::Bucket).document.expect("valid")
        };
        let conditions = |text: &str| read(text).statements[0].conditions.len();
        assert_eq!(conditions(text), 2);
        assert_eq!(conditions(&read(text).to_json().to_string()), 2);
    }
}
