//! What a policy document says that cannot be meant: elements that match nothing, conditions that never or always hold,
//! repetitions.
//!
//! In: a valid document and what it is attached to. Out: [`Lint`]s, each at the element that it is about. What AWS refuses
//! outright is no document and never gets here. What is not known before deployment is neither reported nor in the way.

mod actions;
mod conditions;
mod contradictions;
mod elements;
mod found;
mod keys;
mod principals;
mod redundant;
mod scope;
mod statements;
mod text;
mod values;

use crate::iam::{PolicyDocument, PolicyKind};

pub(super) use found::Lint;

use found::Found;
use scope::Scope;

/// What a document is attached to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) kind: PolicyKind,
    /// ARN of the bucket, access point or role.
    pub(super) arn: &'a str,
}

/// Everything there is to say about a document, by check and place.
pub(super) fn lints(document: &PolicyDocument, subject: Subject<'_>) -> Vec<Lint> {
    let mut found = Found::default();
    for statement in &document.statements {
        let scope = Scope::new(document, statement, subject);
        actions::lint(&scope, &mut found);
        principals::lint(&scope, &mut found);
        keys::lint(&scope, &mut found);
        values::lint(&scope, &mut found);
        contradictions::lint(&scope, &mut found);
        redundant::lint(&scope, &mut found);
        elements::lint(&scope, &mut found);
    }
    statements::lint(document, subject.kind, &mut found);
    found.finish()
}
