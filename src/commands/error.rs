use std::io;

use miette::Diagnostic;
use thiserror::Error;

use crate::incident::IncidentError;
use crate::rules::{ConfigError, PackErrors, RulesError};

/// Why a command could not do its work.
#[derive(Debug, Error, Diagnostic)]
pub enum CommandError {
    /// An option with a value that means nothing.
    #[error("`{option} {value}`: {problem}")]
    #[diagnostic(code(bucketproof::usage), help("see `bucketproof help`"))]
    BadOption {
        /// The option.
        option: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A configuration, pack or intent file that cannot be read.
    #[error("`{path}` cannot be read: {problem}")]
    #[diagnostic(code(bucketproof::commands::unreadable))]
    Unreadable {
        /// The path.
        path: String,
        /// Why.
        problem: String,
        /// The next step.
        #[help]
        help: &'static str,
    },
    /// A file that cannot be written.
    #[error("`{path}` cannot be written: {problem}")]
    #[diagnostic(
        code(bucketproof::commands::unwritable),
        help("nothing was changed there; name a file in a directory that exists and can be written")
    )]
    Unwritable {
        /// The path.
        path: String,
        /// Why.
        problem: String,
    },
    /// Standard output, input or threads that fail.
    #[error("{what} failed: {problem}")]
    #[diagnostic(code(bucketproof::commands::system))]
    System {
        /// What failed.
        what: &'static str,
        /// Why.
        problem: String,
    },
    /// A configuration that cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(Box<ConfigError>),
    /// A description of an incident that cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Incident(#[from] IncidentError),
    /// Packs or intent files that cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Packs(#[from] PackErrors),
    /// Rules that could not be evaluated.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rules(#[from] RulesError),
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        Self::Config(Box::new(error))
    }
}

/// What the system says about an error, without its number.
pub(super) fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::InvalidData => "it is not UTF-8".into(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_lowercase()
        }
    }
}
