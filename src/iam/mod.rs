//! The IAM JSON policy language: documents, principals, actions, resources, conditions.
//!
//! In: a spanned tree. Out: a [`PolicyDocument`] in which every element keeps its span, or
//! diagnostics that name the clause of the specification that the document breaks. A document that
//! AWS would have rejected yields no [`PolicyDocument`]: its verdict is unknown, never "no access"
//! [POL-18].
//!
//! What a document *means* is decided in `engine`; nothing here matches a pattern.

mod account;
mod catalogue;
mod document;
mod operator;
mod parse;
mod pattern;
mod principal;
mod print;
mod undeployed;
mod value;

pub use account::{AccountId, CanonicalId, Partition};
pub use catalogue::{Action, ActionId, Level, Plane, Target, action, actions, find_action};
pub use document::{
    Condition, ContextKey, Effect, ElementList, PolicyDocument, PolicyKind, PrincipalElement, Statement, Version,
};
pub use operator::{BaseOperator, Operator, Qualifier};
pub use parse::{ParsedPolicy, parse_policy};
pub use pattern::{Part, Pattern, PatternError, Variable};
pub use principal::{AwsPrincipal, Entity, Principal, PrincipalError, Provider};
pub use value::{ConditionValue, Decimal, Operand, Timestamp};
