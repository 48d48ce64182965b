use super::Span;

/// How bad a problem with the input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something could not be read or understood: an answer is missing.
    Error,
    /// Something was read, but probably does not mean what its author thinks.
    Warning,
    /// Something worth knowing, such as a documented doubt that the answer depends on.
    Note,
}

/// A problem with the input: what, where, and what to do next.
///
/// The message is lower case, has no final full stop and quotes input in backticks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where, if it has a place in a file.
    pub span: Option<Span>,
    /// Path of the file or directory, where there is no span to take it from.
    pub path: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// Stable code, such as `bucketproof::iam::invalid_principal`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place in a file.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message).at(span)
    }

    /// A warning at a place in a file.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message).at(span)
    }

    /// A diagnostic without a place.
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            span: None,
            path: None,
            severity,
            code,
            message: message.into(),
            help: None,
        }
    }

    /// The same at a place in a file.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same about a whole file or directory.
    #[must_use]
    pub fn in_path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same with the next step.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
