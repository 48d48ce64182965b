//! The file as TOML has it, and the checks of its values.

use std::fmt::Display;
use std::sync::Arc;

use miette::{NamedSource, SourceSpan};
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::IncidentError;
use crate::iam::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[derive(Default)]
pub(super) struct Raw {
    pub title: Option<String>,
    pub ticket: Option<String>,
    pub classification: Option<String>,
    pub from: Option<Spanned<Datetime>>,
    pub to: Option<Spanned<Datetime>>,
    pub detected: Option<Spanned<Datetime>>,
    pub contained: Option<Spanned<Datetime>>,
    pub recovered: Option<Spanned<Datetime>>,
    pub accounts: Vec<Spanned<String>>,
    pub buckets: Vec<Spanned<String>>,
    pub roles: Vec<Spanned<String>>,
    pub access_keys: Vec<Spanned<String>>,
    pub hostile: RawHostile,
    pub legitimate: RawLegitimate,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawHostile {
    pub principals: Vec<Spanned<String>>,
    pub addresses: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawLegitimate {
    pub principals: Vec<Spanned<String>>,
}

/// Reads values, with the place to complain about.
pub(super) struct Reader {
    file: Arc<NamedSource<Arc<str>>>,
}

impl Reader {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self {
            file: Arc::new(NamedSource::new(path, Arc::from(text))),
        }
    }

    pub(super) fn raw(&self, text: &str) -> Result<Raw, IncidentError> {
        toml::from_str(text).map_err(|error| {
            let message = error.message().trim_end().replace('\n', ": ");
            IncidentError::NotAnIncident {
                message: message.replace("unknown field", "unknown key"),
                file: self.file.clone(),
                at: error.span().unwrap_or(0..0).into(),
            }
        })
    }

    pub(super) fn time(&self, time: Option<&Spanned<Datetime>>) -> Result<Option<Timestamp>, IncidentError> {
        let help = "write it as `2026-01-31T12:00:00Z`, without quotes";
        let read = |time: &Spanned<Datetime>| {
            let text = time.get_ref().to_string();
            let has_zone = time.get_ref().offset.is_some();
            let read = text.parse().ok().filter(|_| has_zone);
            read.ok_or_else(|| self.bad(format!("`{text}` is no time in a zone"), time, help))
        };
        time.map(read).transpose()
    }

    /// Every entry as `read` takes it.
    pub(super) fn all<E: Display>(
        &self,
        entries: &[Spanned<String>],
        help: &'static str,
        mut read: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), IncidentError> {
        for entry in entries {
            let text = entry.get_ref();
            read(text).map_err(|error| self.bad(format!("`{text}`: {error}"), entry, help))?;
        }
        Ok(())
    }

    fn bad<T>(&self, message: String, at: &Spanned<T>, help: &'static str) -> IncidentError {
        IncidentError::BadValue {
            message,
            file: self.file.clone(),
            at: SourceSpan::from(at.span()),
            help,
        }
    }
}
