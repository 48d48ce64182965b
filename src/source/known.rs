use super::{Placeholder, Span};

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownReason {
    /// AWS refused to tell; holds the error code, such as `AccessDenied`.
    Refused(String),
    /// The file that holds it could not be read or understood.
    Unreadable,
    /// It is a document that AWS would have rejected.
    Invalid,
    /// It takes more steps to decide than are allowed, or is outside of what can be decided.
    Undecided,
    /// This kind of input does not carry it.
    NotInInput,
    /// It depends on this value, which is not known before deployment.
    NotDeployed(Placeholder),
}

/// A value that could not be known, with the reason and the place that says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unknown {
    /// Why.
    pub reason: UnknownReason,
    /// Where the input says so, if anywhere.
    pub span: Option<Span>,
}

/// A value, or the reason why it is not known. Never a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// The value.
    Known(T),
    /// The reason.
    Unknown(Unknown),
}

impl<T> Known<T> {
    /// An unknown value.
    pub fn unknown(reason: UnknownReason, span: Option<Span>) -> Self {
        Self::Unknown(Unknown { reason, span })
    }

    /// The value, if it is known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

impl std::fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(code) => write!(f, "AWS refused to tell ({code})"),
            Self::Unreadable => f.write_str("the file could not be read"),
            Self::Invalid => f.write_str("the document is invalid"),
            Self::Undecided => f.write_str("it cannot be decided"),
            Self::NotInInput => f.write_str("the input does not carry it"),
            Self::NotDeployed(value) => write!(f, "`{value}` is not known before deployment"),
        }
    }
}
