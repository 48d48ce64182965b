//! Calls of functions.

use super::eval::{Eval, Evaluator, Fault};
use super::instance::Env;
use super::syntax::Expr;
use super::value::{Data, Val};
use crate::source::{Placeholder, Span};

impl Evaluator<'_> {
    /// The result of a function.
    pub fn call(&self, name: &str, arguments: &[Expr], expand: bool, span: Span, env: Env<'_>) -> Eval {
        match name {
            "try" => return self.try_each(arguments, span, env),
            "can" => {
                let result = arguments.iter().map(|argument| self.eval(argument, env)).last();
                return match result {
                    Some(Err(fault)) if fault.is_limit => Err(fault),
                    Some(Ok(value)) if value.as_unknown().is_some() => Ok(self.unknown_result("can", &[value], span)),
                    result => Ok(Val::bool(matches!(result, Some(Ok(_))), span)),
                };
            }
            _ => {}
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.eval(argument, env)?;
            values.push(self.expanded(&value)?);
        }
        if expand && let Some(last) = values.pop() {
            match &last.data {
                Data::List(items) => values.extend(items.iter().cloned()),
                Data::Unknown(name) => values.push(Val::unknown(format!("{name}[*]"), last.span)),
                _ => return Err(Fault::new(last.span, "`...` needs a list")),
            }
        }
        self.charge(values.len(), span)?;
        self.function(name, &values, span, env)
    }

    fn try_each(&self, arguments: &[Expr], span: Span, env: Env<'_>) -> Eval {
        let mut last = Fault::new(span, "`try` without an argument");
        for argument in arguments {
            match self.eval(argument, env) {
                Ok(value) => return Ok(value),
                Err(fault) if fault.is_limit => return Err(fault),
                Err(fault) => last = fault,
            }
        }
        Err(last)
    }

    fn function(&self, name: &str, values: &[Val], span: Span, env: Env<'_>) -> Eval {
        let known = None
            .or_else(|| self.list_function(name, values, span))
            .or_else(|| self.map_function(name, values, span))
            .or_else(|| self.text_function(name, values, span))
            .or_else(|| self.format_function(name, values, span))
            .or_else(|| self.network_function(name, values, span))
            .or_else(|| self.number_function(name, values, span))
            .or_else(|| self.encoding_function(name, values, span))
            .or_else(|| self.file_function(name, values, span, env));
        if let Some(result) = known {
            return result;
        }
        match name {
            // What they give changes with every run, or is a secret.
            "timestamp" | "plantimestamp" | "uuid" | "bcrypt" => Ok(Val::unknown(
                format!("{}{name}()@{}", env.instance.path, span.start),
                span,
            )),
            _ if KNOWN.contains(&name) => Ok(self.unknown_result(name, values, span)),
            _ => Err(Fault::new(span, format!("there is no function `{name}`"))),
        }
    }

    /// One of the arguments.
    ///
    /// # Errors
    /// When there are not so many.
    pub fn argument<'v>(&self, values: &'v [Val], place: usize, span: Span) -> Result<&'v Val, Fault> {
        values
            .get(place)
            .ok_or_else(|| Fault::new(span, "an argument is missing"))
    }

    /// The elements of a list.
    ///
    /// # Errors
    /// When it is none.
    pub fn list_of<'v>(&self, value: &'v Val) -> Result<&'v [Val], Fault> {
        value.as_list().ok_or_else(|| {
            Fault::new(
                value.span,
                format!("this is {}, and a list is needed here", value.kind()),
            )
        })
    }
}

/// Whether a value, or a part of it, is not known.
pub(super) fn is_hazy(value: &Val) -> bool {
    match &value.data {
        Data::Unknown(_) | Data::Resource(_) | Data::Module(_) => true,
        Data::Text(text) => Placeholder::is_in(&text.text),
        Data::List(items) => items.iter().any(is_hazy),
        Data::Object(members) => members
            .iter()
            .any(|member| Placeholder::is_in(&member.key) || is_hazy(&member.value)),
        Data::Null | Data::Bool(_) | Data::Number(_) => false,
    }
}

/// Functions that Terraform has and that are not evaluated here: their results are not known.
const KNOWN: &[&str] = &[
    "base64gzip",
    "base64sha256",
    "base64sha512",
    "csvdecode",
    "ephemeralasnull",
    "filebase64",
    "filebase64sha256",
    "filebase64sha512",
    "filemd5",
    "filesha1",
    "filesha256",
    "filesha512",
    "fileset",
    "formatdate",
    "issensitive",
    "rsadecrypt",
    "templatestring",
    "textdecodebase64",
    "textencodebase64",
    "timeadd",
    "timecmp",
    "type",
    "uuidv5",
    "yamlencode",
];
