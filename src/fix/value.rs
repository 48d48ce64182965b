//! What is written into a document, in the document's own way.

use super::document::Syntax;

/// A value to write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum New {
    /// A text.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(u32),
    /// A text with references to what CloudFormation knows, such as `${AWS::AccountId}`.
    Sub(String),
    /// A reference of CloudFormation to a parameter or resource.
    Ref(String),
    /// An expression of Terraform.
    Code(String),
    /// A list.
    List(Vec<New>),
    /// An object.
    Object(Vec<(String, New)>),
}

/// How the surroundings are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub syntax: Syntax,
    /// The line feed of the file.
    pub newline: &'static str,
    /// White space in front of one level more than none.
    pub unit: String,
    /// Whether every member has a line of its own.
    pub is_tall: bool,
    /// What stands behind a colon.
    pub colon: &'static str,
    /// Whether a value of YAML is written between brackets.
    pub is_flow: bool,
    /// Whether keys of HCL are quoted, and followed by a colon.
    pub quotes_keys: bool,
    pub colon_keys: bool,
}

impl New {
    /// A list of texts, or the only one.
    pub fn texts(texts: impl IntoIterator<Item = New>) -> New {
        let mut all: Vec<New> = texts.into_iter().collect();
        match all.len() {
            1 => all.remove(0),
            _ => New::List(all),
        }
    }

    /// An object of one member.
    pub fn one(key: &str, value: New) -> New {
        New::Object(vec![(key.to_owned(), value)])
    }

    fn is_scalar(&self) -> bool {
        match self {
            New::Text(_) | New::Bool(_) | New::Number(_) | New::Sub(_) | New::Ref(_) | New::Code(_) => true,
            New::List(_) | New::Object(_) => false,
        }
    }
}

impl Style {
    /// The value as text, on a line that begins with this white space.
    pub fn value(&self, new: &New, indent: &str) -> String {
        match self.syntax {
            Syntax::Json => self.json(new, indent),
            Syntax::Hcl => self.hcl(new, indent),
            Syntax::Yaml if self.is_flow => self.flow(new),
            Syntax::Yaml => self.block(new, indent),
        }
    }

    /// A member of an object as text.
    pub fn member(&self, key: &str, new: &New, indent: &str) -> String {
        match self.syntax {
            Syntax::Json => format!("{}:{}{}", quoted(key), self.colon, self.json(new, indent)),
            Syntax::Hcl => format!("{}{}{}", self.hcl_key(key), self.hcl_assign(), self.hcl(new, indent)),
            Syntax::Yaml if self.is_flow => format!("{}: {}", yaml_text(key), self.flow(new)),
            Syntax::Yaml => format!("{}:{}", yaml_text(key), self.behind_colon(new, indent)),
        }
    }

    fn hcl_assign(&self) -> &'static str {
        if self.colon_keys { " : " } else { " = " }
    }

    fn hcl_key(&self, key: &str) -> String {
        let is_word = key.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
        if is_word && !self.quotes_keys {
            key.to_owned()
        } else {
            hcl_text(key)
        }
    }

    /// A list or object with its parts, each a text.
    fn bracketed(&self, (open, close): (&str, &str), parts: &[String], comma: &str, indent: &str) -> String {
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        match self.is_tall {
            true => {
                let newline = self.newline;
                let inner = format!("{indent}{}", self.unit);
                let between = format!("{comma}{newline}{inner}");
                format!("{open}{newline}{inner}{}{newline}{indent}{close}", parts.join(&between))
            }
            false => {
                let between = if self.colon.is_empty() { "," } else { ", " };
                let pad = if self.syntax == Syntax::Hcl && open == "{" {
                    " "
                } else {
                    ""
                };
                format!("{open}{pad}{}{pad}{close}", parts.join(between))
            }
        }
    }

    fn json(&self, new: &New, indent: &str) -> String {
        let inner = format!("{indent}{}", self.unit);
        match new {
            New::Text(text) => quoted(text),
            New::Bool(value) => value.to_string(),
            New::Number(value) => value.to_string(),
            New::Sub(text) => self.json(&New::one("Fn::Sub", New::Text(text.clone())), indent),
            New::Ref(name) => self.json(&New::one("Ref", New::Text(name.clone())), indent),
            // A text of Terraform with values in it is written in a heredoc as it is.
            New::Code(code) if code.starts_with('"') => code.clone(),
            New::Code(code) => quoted(&format!("${{{code}}}")),
            New::List(items) => {
                let parts: Vec<String> = items.iter().map(|item| self.json(item, &inner)).collect();
                self.bracketed(("[", "]"), &parts, ",", indent)
            }
            New::Object(members) => {
                let parts = members.iter().map(|(key, value)| self.member(key, value, &inner));
                let parts: Vec<String> = parts.collect();
                self.bracketed(("{", "}"), &parts, ",", indent)
            }
        }
    }

    fn hcl(&self, new: &New, indent: &str) -> String {
        let inner = format!("{indent}{}", self.unit);
        match new {
            New::Text(text) => hcl_text(text),
            New::Bool(value) => value.to_string(),
            New::Number(value) => value.to_string(),
            New::Code(code) | New::Sub(code) | New::Ref(code) => code.clone(),
            New::List(items) => {
                let is_tall = self.is_tall && items.iter().any(|item| !item.is_scalar());
                let style = Self {
                    is_tall,
                    ..self.clone()
                };
                let parts: Vec<String> = items.iter().map(|item| style.hcl(item, &inner)).collect();
                style.bracketed(("[", "]"), &parts, ",", indent)
            }
            New::Object(members) => {
                let written = members
                    .iter()
                    .map(|(key, value)| (self.hcl_key(key), self.hcl(value, &inner)));
                let comma = if self.is_tall { "" } else { "," };
                self.bracketed(("{", "}"), &self.aligned(written.collect()), comma, indent)
            }
        }
    }

    /// Members as `terraform fmt` lays them out: neighbours of one line each have their signs below each other.
    fn aligned(&self, members: Vec<(String, String)>) -> Vec<String> {
        let is_line = |(_, value): &(String, String)| self.is_tall && !value.contains('\n');
        let groups = members.chunk_by(|one, other| is_line(one) && is_line(other));
        let groups = groups.flat_map(|group| {
            let width = group.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
            group
                .iter()
                .map(move |(key, value)| format!("{key:width$}{}{value}", self.hcl_assign()))
        });
        groups.collect()
    }

    fn flow(&self, new: &New) -> String {
        match new {
            New::Text(text) => yaml_text(text),
            New::Bool(value) => value.to_string(),
            New::Number(value) => value.to_string(),
            New::Sub(text) => format!("!Sub {}", yaml_quoted(text)),
            New::Ref(name) => format!("!Ref {}", yaml_text(name)),
            New::Code(code) => yaml_quoted(&format!("${{{code}}}")),
            New::List(items) => {
                let parts: Vec<String> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", parts.join(", "))
            }
            New::Object(members) => {
                let parts = members
                    .iter()
                    .map(|(key, value)| format!("{}: {}", yaml_text(key), self.flow(value)));
                let parts: Vec<String> = parts.collect();
                format!("{{ {} }}", parts.join(", "))
            }
        }
    }

    /// A value behind the colon of its name, whose line begins with this white space.
    fn behind_colon(&self, new: &New, indent: &str) -> String {
        match new {
            New::List(items) if items.is_empty() => " []".into(),
            New::List(_) | New::Object(_) => {
                let inner = format!("{indent}{}", self.unit);
                format!("{}{inner}{}", self.newline, self.block(new, &inner))
            }
            scalar => format!(" {}", self.block_scalar(scalar)),
        }
    }

    fn block_scalar(&self, new: &New) -> String {
        match new {
            // A plain `!Sub` reads better, and nothing in an ARN needs quotes.
            New::Sub(text) if is_plain(&text.replace("${", "").replace('}', "")) => format!("!Sub {text}"),
            other => self.flow(other),
        }
    }

    /// Lines of YAML; the first one stands where it is put.
    fn block(&self, new: &New, indent: &str) -> String {
        let between = format!("{}{indent}", self.newline);
        match new {
            New::List(items) => {
                let inner = format!("{indent}  ");
                let items: Vec<String> = items
                    .iter()
                    .map(|item| format!("- {}", self.block(item, &inner)))
                    .collect();
                items.join(&between)
            }
            New::Object(members) => {
                let members = members.iter().map(|(key, value)| self.member(key, value, indent));
                let members: Vec<String> = members.collect();
                members.join(&between)
            }
            scalar => self.block_scalar(scalar),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

fn hcl_text(text: &str) -> String {
    quoted(&text.replace("${", "$${").replace("%{", "%%{"))
}

fn yaml_quoted(text: &str) -> String {
    if text.contains(['\'', '\n', '\r', '\t', '\\']) {
        quoted(text)
    } else {
        format!("'{text}'")
    }
}

fn yaml_text(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        yaml_quoted(text)
    }
}

/// Whether a text may stand in YAML without quotes and is read as a text.
fn is_plain(text: &str) -> bool {
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"];
    let is_word = words.contains(&text.to_lowercase().as_str());
    let starts = text.chars().next().is_some_and(|char| char.is_ascii_alphabetic());
    let rest = text
        .chars()
        .all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '/' | ':'));
    starts && rest && !is_word && !text.ends_with(':') && !text.contains(": ")
}
