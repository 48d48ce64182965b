use serde_json::Value;

use super::hcl::quoted;

/// A policy as a block `aws_iam_policy_document`; none where the block cannot say it [FMT-120].
pub fn block(text: &str, name: &str) -> Option<String> {
    let document: Value = serde_json::from_str(text).ok()?;
    let mut block = format!("data \"aws_iam_policy_document\" \"{name}\" {{\n");
    // A document without a version is of the older one, which the block writes only if it is told to [POL-02].
    let version = document
        .get("Version")
        .map_or("2008-10-17", |version| version.as_str().unwrap_or_default());
    block.push_str(&format!("  version = {}\n", quoted(version)));
    let statements = match document.get("Statement")? {
        Value::Array(statements) => statements.iter().collect(),
        one => vec![one],
    };
    for one in statements {
        block.push_str(&statement(one)?);
    }
    block.push_str("}\n\n");
    Some(block)
}

fn statement(statement: &Value) -> Option<String> {
    let mut block = "  statement {\n".to_owned();
    for (name, value) in statement.as_object()? {
        let lines = match &**name {
            "Sid" => format!("    sid = {}\n", variables(&quoted(value.as_str()?))),
            "Effect" => format!("    effect = {}\n", quoted(value.as_str()?)),
            "Action" => format!("    actions = {}\n", list(value)?),
            "NotAction" => format!("    not_actions = {}\n", list(value)?),
            "Resource" => format!("    resources = {}\n", list(value)?),
            "NotResource" => format!("    not_resources = {}\n", list(value)?),
            "Principal" => principals("principals", value)?,
            "NotPrincipal" => principals("not_principals", value)?,
            "Condition" => conditions(value)?,
            _ => return None,
        };
        block.push_str(&lines);
    }
    block.push_str("  }\n");
    Some(block)
}

fn principals(name: &str, value: &Value) -> Option<String> {
    let block = |kind: &str, identifiers: &str| {
        format!(
            "    {name} {{\n      type = {}\n      identifiers = {identifiers}\n    }}\n",
            quoted(kind)
        )
    };
    match value {
        Value::String(text) if text == "*" => Some(block("*", "[\"*\"]")),
        Value::Object(members) if !members.is_empty() => members
            .iter()
            .map(|(kind, value)| Some(block(kind, &list(value)?)))
            .collect(),
        _ => None,
    }
}

fn conditions(value: &Value) -> Option<String> {
    let mut blocks = String::new();
    for (test, keys) in value.as_object()? {
        for (variable, values) in keys.as_object()? {
            blocks.push_str(&format!(
                "    condition {{\n      test = {}\n      variable = {}\n      values = {}\n    }}\n",
                quoted(test),
                quoted(variable),
                list(values)?
            ));
        }
    }
    Some(blocks)
}

/// A scalar or list of scalars as a list of strings; an empty one cannot be told from none.
fn list(value: &Value) -> Option<String> {
    let items = match value {
        Value::Array(items) if items.is_empty() => return None,
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    let texts: Option<Vec<String>> = items.into_iter().map(text).collect();
    Some(format!("[{}]", texts?.join(", ")))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(variables(&quoted(text))),
        Value::Number(number) => Some(format!("\"{number}\"")),
        Value::Bool(value) => Some(format!("\"{value}\"")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Policy variables as the block writes them [FMT-121].
fn variables(quoted: &str) -> String {
    quoted.replace("$${", "&{")
}
