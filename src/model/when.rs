use crate::source::Span;

/// A test that is not known before deployment, with the outcome under which something is as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct When {
    /// The test, such as the name of a template's condition.
    pub test: Box<str>,
    /// Its outcome.
    pub holds: bool,
    /// Where it is asked.
    pub span: Span,
}
