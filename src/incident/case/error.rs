use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// Why the description of an incident cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum IncidentError {
    /// Not TOML, an unknown key, or a value of the wrong type.
    #[error("{message}")]
    #[diagnostic(
        code(bucketproof::incident::not_an_incident),
        help("`bucketproof incident new` writes one with every key and what it means")
    )]
    NotAnIncident {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        file: Arc<NamedSource<Arc<str>>>,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// A value that means nothing.
    #[error("{message}")]
    #[diagnostic(code(bucketproof::incident::bad_value))]
    BadValue {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        file: Arc<NamedSource<Arc<str>>>,
        /// Where.
        #[label("here")]
        at: SourceSpan,
        /// What would do.
        #[help]
        help: &'static str,
    },
}
