use std::hash::{Hash, Hasher};

use super::{ConditionValue, Operator, Pattern, Principal};
use crate::source::{Placeholder, Span, Spanned};

/// What a document is attached to, which decides what it may contain [POL-08], [POL-10].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// A bucket policy.
    Bucket,
    /// A policy of an access point.
    AccessPoint,
    /// A role trust policy.
    Trust,
    /// A resource control policy.
    ResourceControl,
}

/// The version of the policy language [POL-02].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `2008-10-17`, also where the element is absent: no policy variables [POL-03].
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// Whether a statement allows or denies [POL-07].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

/// A valid policy document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PolicyDocument {
    /// Its version.
    pub version: Version,
    /// `Id`, without effect [POL-05].
    pub id: Option<Box<str>>,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
    /// What could not be read as a statement, because it depends on this value, which is not known before deployment.
    pub unresolved: Vec<Spanned<Placeholder>>,
    /// Where it was written.
    pub span: Span,
}

/// One statement of a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// Its place in the document, from 0.
    pub index: u32,
    /// `Sid`, without effect [POL-06].
    pub sid: Option<Box<str>>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Who: `Principal` or `NotPrincipal`.
    pub principal: PrincipalElement,
    /// What: `Action` or `NotAction`.
    pub action: ElementList,
    /// On what: `Resource` or `NotResource`; none in a trust policy [POL-08].
    pub resource: Option<ElementList>,
    /// Under which conditions, all of which must hold [COND-01].
    pub conditions: Vec<Condition>,
    /// The values in it that are not known before deployment.
    pub placeholders: Vec<Spanned<Placeholder>>,
    /// Where it was written.
    pub span: Span,
}

/// A `Principal` or `NotPrincipal` element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PrincipalElement {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// The principals; any of them matches [PRIN-14], none matches nobody [POL-11].
    pub entries: Vec<Spanned<Principal>>,
    /// Where the value was written.
    pub span: Span,
}

/// An `Action`, `NotAction`, `Resource` or `NotResource` element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ElementList {
    /// Whether it is the `Not…` form.
    pub negated: bool,
    /// The patterns with their text; any of them matches, none matches nothing [POL-11].
    pub entries: Vec<Spanned<(Box<str>, Pattern)>>,
    /// Where the value was written.
    pub span: Span,
}

/// One operator with one key and its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// The context key.
    pub key: ContextKey,
    /// The values; how they combine depends on the operator [COND-02].
    pub values: Vec<ConditionValue>,
    /// Where key and values were written.
    pub span: Span,
}

/// The name of a context key: equal whatever the letter case [COND-03].
#[derive(Clone, Debug)]
pub struct ContextKey {
    name: Box<str>,
    folded: Box<str>,
}

impl ContextKey {
    /// A key of this name.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            folded: name.to_lowercase().into(),
        }
    }

    /// The name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name in lower case: what keys are compared by.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl PartialEq for ContextKey {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for ContextKey {}

impl PartialOrd for ContextKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ContextKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl Hash for ContextKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl Version {
    /// Whether `${…}` is a variable [VAR-01].
    pub fn has_variables(self) -> bool {
        match self {
            Self::V2008 => false,
            Self::V2012 => true,
        }
    }

    /// The text of the `Version` element.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => "2012-10-17",
        }
    }
}

impl Effect {
    /// The text of the `Effect` element.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}
