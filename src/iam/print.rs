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
            keys.insert(condition.key.name().into(), values);
        }
    }
    Value::Object(operators)
}
