//! S3's own definition of public, which GetBucketPolicyStatus and Block Public Access go by.
//!
//! In: a policy. Out: S3's verdict, with the undocumented readings that it rests on. It looks at the text
//! of the policy only and says nothing about who really gets in: that is what the grants are for.

mod trusted;

use trusted::reads_as_fixed;

use crate::iam::{Effect, ElementList, PolicyDocument, Principal, Statement, Version};
use crate::model::NetworkOrigin;
use crate::source::Span;

/// What a policy is attached to, as far as S3's definition of public tells them apart [PUB-41].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyOf<'a> {
    /// A bucket.
    Bucket,
    /// An access point with this origin.
    AccessPoint(&'a NetworkOrigin),
}

/// Whether S3 calls a policy public, and which readings that rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicVerdict {
    /// Whether it does.
    pub public: bool,
    /// Readings that AWS does not document, where the verdict depends on one.
    pub notes: Vec<PublicNote>,
}

/// A reading that AWS does not document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicNote {
    /// The clause of the specification that settles it.
    pub clause: &'static str,
    /// What it says.
    pub message: &'static str,
    /// The condition or statement that it is about.
    pub span: Span,
}

/// Whether S3 calls a policy public: what GetBucketPolicyStatus and Block Public Access go by.
///
/// A policy is presumed public; it is not if every Allow statement grants to fixed values only [PUB-02].
/// Actions and resources do not matter [PUB-04], and no Deny makes a public policy non-public [PUB-07]. This is
/// S3's own classification, not real reach; both differ in both directions [PUB-50], [PUB-51].
///
/// Source: Amazon S3 User Guide, "The meaning of public".
pub fn policy_is_public(document: &PolicyDocument, policy_of: PolicyOf<'_>) -> PublicVerdict {
    // [PUB-40]
    if let PolicyOf::AccessPoint(NetworkOrigin::Vpc(_)) = policy_of {
        return PublicVerdict {
            public: false,
            notes: Vec::new(),
        };
    }
    let mut notes = Vec::new();
    let mut public = false;
    for statement in &document.statements {
        public |= statement_is_public(statement, document.version, policy_of, &mut notes);
    }
    if public {
        notes.extend(deny_does_not_count(document));
    }
    notes.sort();
    notes.dedup();
    PublicVerdict { public, notes }
}

fn statement_is_public(
    statement: &Statement,
    version: Version,
    policy_of: PolicyOf<'_>,
    notes: &mut Vec<PublicNote>,
) -> bool {
    if statement.effect == Effect::Deny || grants_nothing(statement) || names_fixed_principals(statement) {
        return false;
    }
    let mut fixed = false;
    for condition in &statement.conditions {
        let reading = reads_as_fixed(condition, version, policy_of);
        if let Some((clause, message)) = reading.note {
            notes.push(PublicNote {
                clause,
                message,
                span: condition.span,
            });
        }
        fixed |= reading.fixed;
    }
    !fixed
}

/// An Allow without any action or resource grants nothing [PUB-08], [POL-11].
///
/// Unverified: S3 might look at the principals and conditions only.
fn grants_nothing(statement: &Statement) -> bool {
    let is_empty = |list: &ElementList| !list.negated && list.entries.is_empty();
    is_empty(&statement.action) || statement.resource.as_ref().is_some_and(is_empty)
}

/// Whether the principals alone fix to whom the statement grants [PUB-10].
///
/// `*` anywhere in the list [PUB-35], a federated provider [PUB-30] and `NotPrincipal` [PUB-34] fix nobody.
/// An empty list and deleted principals are nobody, and so fixed [PUB-08].
fn names_fixed_principals(statement: &Statement) -> bool {
    !statement.principal.negated
        && statement.principal.entries.iter().all(|entry| match &entry.value {
            Principal::Everyone | Principal::Federated(_) => false,
            Principal::Account(_)
            | Principal::Aws(_)
            | Principal::Deleted(_)
            | Principal::Canonical(_)
            | Principal::OriginAccessIdentity(_)
            | Principal::Service(_) => true,
        })
}

/// Whether a Deny can make a public Allow non-public is not documented: it does not count [PUB-07].
fn deny_does_not_count(document: &PolicyDocument) -> Option<PublicNote> {
    let deny = document
        .statements
        .iter()
        .find(|statement| statement.effect == Effect::Deny)?;
    Some(PublicNote {
        clause: "PUB-07",
        message: "a Deny does not make a public policy non-public",
        span: deny.span,
    })
}
