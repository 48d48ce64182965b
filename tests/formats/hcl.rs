use serde_json::Value;

/// A text as an HCL string: what JSON escapes, HCL escapes alike, and templates start with `$${` and `%%{`.
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace("${", "$${").replace("%{", "%%{")
}

/// A value as an HCL expression, objects with a member a line.
pub fn expression(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth + 1);
    let end = "  ".repeat(depth);
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| expression(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let lines: String = members
                .iter()
                .map(|(key, value)| format!("{indent}{} = {}\n", attribute(key), expression(value, depth + 1)))
                .collect();
            format!("{{\n{lines}{end}}}")
        }
    }
}

/// A name as an attribute: bare where HCL takes it so.
fn attribute(name: &str) -> String {
    let bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if bare { name.to_owned() } else { quoted(name) }
}

/// A text as a heredoc that keeps every byte but its templates.
pub fn heredoc(text: &str) -> String {
    format!("<<EOF\n{}\nEOF", text.replace("${", "$${").replace("%{", "%%{"))
}
