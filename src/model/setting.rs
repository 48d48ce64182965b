use crate::source::{Span, Spanned, Unknown, UnknownReason};

/// A setting of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Setting<T> {
    /// It does not exist: AWS's own default holds.
    #[default]
    Absent,
    /// It has this value.
    Set(Spanned<T>),
    /// It could not be known.
    Unknown(Unknown),
}

impl<T> Setting<T> {
    /// A setting with a value and the place that says so.
    pub fn set(value: T, span: Span) -> Self {
        Self::Set(Spanned::new(value, span))
    }

    /// An unknown setting.
    pub fn unknown(reason: UnknownReason, span: Option<Span>) -> Self {
        Self::Unknown(Unknown { reason, span })
    }

    /// The value, if there is one and it is known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(spanned) => Some(&spanned.value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// The reason, if it is unknown.
    pub fn as_unknown(&self) -> Option<&Unknown> {
        match self {
            Self::Unknown(unknown) => Some(unknown),
            Self::Absent | Self::Set(_) => None,
        }
    }

    /// Where the input speaks of it.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Set(spanned) => Some(spanned.span),
            Self::Unknown(unknown) => unknown.span,
            Self::Absent => None,
        }
    }

    /// Whether it is certain that it does not exist.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}
