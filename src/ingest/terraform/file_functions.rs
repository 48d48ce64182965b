//! Functions that read files, inside of what the root may read only, and those on paths.

use std::rc::Rc;

use super::eval::{Eval, Evaluator, Fault};
use super::functions::is_hazy;
use super::instance::{Env, Instance, Repetition};
use super::parse::parse_template;
use super::template::text_of_file;
use super::value::{Data, Val};
use crate::source::{Diagnostic, Span};

impl Evaluator<'_> {
    /// A function on files or paths, if it is one.
    pub fn file_function(&self, name: &str, values: &[Val], span: Span, env: Env<'_>) -> Option<Eval> {
        match name {
            "file" | "fileexists" | "templatefile" | "basename" | "dirname" | "abspath" | "pathexpand" => {
                Some(self.on_path(name, values, span, env))
            }
            _ => None,
        }
    }

    fn on_path(&self, name: &str, values: &[Val], span: Span, env: Env<'_>) -> Eval {
        let path = self.argument(values, 0, span)?;
        if is_hazy(path) {
            return Ok(self.unknown_result(name, values, span));
        }
        let path = self.to_text(path)?;
        match name {
            "basename" => {
                let base = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                return Ok(Val::text(base, span));
            }
            "dirname" => return Ok(Val::text(dirname(&path), span)),
            "pathexpand" if !path.starts_with('~') => return Ok(Val::text(path, span)),
            "abspath" | "pathexpand" => return Ok(self.unknown_result(name, values, span)),
            _ => {}
        }
        let Some(loaded) = self.files.open(&path) else {
            if name == "fileexists" {
                return Ok(Val::bool(false, span));
            }
            let message = format!("`{path}` is no file that can be read here: what it holds is not known");
            let said = Diagnostic::warning("bucketproof::ingest::file_not_here", span, message);
            self.say(said.with_help("only files inside the directory that was named, or the current one, are read"));
            return Ok(self.unknown_result(name, values, span));
        };
        if name == "fileexists" {
            return Ok(Val::bool(true, span));
        }
        let text = loaded.text();
        if name == "file" {
            let clean = text.as_str().replace(crate::source::is_of_placeholder, "\u{FFFD}");
            return Ok(text_of_file(&clean, text.file(), text.span(0, 0).start, span));
        }
        let variables = values.get(1).cloned().unwrap_or_else(|| Val::object(Vec::new(), span));
        if let Data::Unknown(_) = variables.data {
            return Ok(self.unknown_result(name, values, span));
        }
        self.filled_in(&text, &variables, span, &env.instance.path)
    }

    /// A template with the values of its variables.
    fn filled_in(&self, text: &crate::source::Text<'_>, variables: &Val, span: Span, path: &str) -> Eval {
        let pieces = parse_template(text).map_err(|found| Fault::new(found.span.unwrap_or(span), found.message))?;
        let nothing = Rc::new(Instance {
            id: usize::MAX,
            module: Rc::default(),
            path: path.into(),
            call: None,
            depth: 0,
        });
        let whole = text.span(0, text.as_str().len());
        self.deeper(span, || {
            self.with_all(
                variables.as_object().unwrap_or_default(),
                Env {
                    instance: &nothing,
                    repetition: &Repetition::None,
                    bound: None,
                },
                &|env| self.template(&pieces, whole, env),
            )
        })
    }

    /// `data.template_file.….rendered`, by which templates were once filled in.
    pub fn old_template(&self, resource: &super::instance::ResourceRef, span: Span) -> Eval {
        let variables = self
            .written(resource, "vars")?
            .unwrap_or_else(|| Val::object(Vec::new(), span));
        let Some(template) = self.written(resource, "template")? else {
            return Ok(Val::unknown(format!("{}.rendered", resource.address()), span));
        };
        if template.as_unknown().is_some() || variables.as_object().is_none() {
            return Ok(self.unknown_result("templatefile", &[template, variables], span));
        }
        let source = self.to_text(&template)?;
        let places = match &template.data {
            Data::Text(text) => match &text.inside {
                super::value::Inside::Places(_, places) => places.to_vec(),
                super::value::Inside::Nothing | super::value::Inside::Tree(_) => Vec::new(),
            },
            _ => Vec::new(),
        };
        let places = if places.is_empty() {
            vec![template.span.start; source.len() + 1]
        } else {
            places
        };
        let text = crate::source::Text::mapped(template.span.file, source, places);
        self.filled_in(&text, &variables, span, &resource.instance.path)
    }

    /// Evaluates something where each member of an object is a variable.
    fn with_all(&self, members: &[super::value::Entry], env: Env<'_>, then: &dyn Fn(Env<'_>) -> Eval) -> Eval {
        match members.split_first() {
            None => then(env),
            Some((first, rest)) => {
                let bound = env.bind(&first.key, first.value.clone());
                self.deeper(first.key_span, || self.with_all(rest, env.within(&bound), then))
            }
        }
    }
}

fn dirname(path: &str) -> String {
    // As Go's does: without what leads nowhere.
    let path = match super::files::join("", path) {
        Some(clean) if !clean.is_empty() && !path.starts_with('/') => clean,
        Some(_) | None => path.to_owned(),
    };
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((directory, _)) => directory.to_owned(),
        None => ".".to_owned(),
    }
}
