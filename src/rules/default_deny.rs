//! Access that leaves the zone of trust and that no rule and no intent speaks of.

use super::access::Access;
use super::facts::{ResourceFacts, delivers_logs};
use super::message::Words;
use crate::finding::{Grant, GrantEffect, Severity};

/// The title of its findings.
pub(super) const UNINTENDED_ACCESS_TITLE: &str = "Access that nobody declared";

pub(super) const REMEDIATION: &str =
    "take the grant away, confine it to your accounts, organizations or networks, or declare it in an intent file";

/// The levels at which a grant must be declared, and how bad it is where it is not.
///
/// Not for roles that AWS made: nobody can edit their trust [TRUST-12]. Not for what AWS's own accounts do when they
/// deliver logs: they are other accounts, but no strangers.
pub(super) fn levels(grant: &Grant, resource: &ResourceFacts) -> impl Iterator<Item = (Access, Severity)> {
    let leaves = grant.effect == GrantEffect::Effective && grant.outside_zone && !resource.is_service_linked();
    Access::ALL
        .into_iter()
        .filter(move |level| leaves && !delivers_logs(grant, *level))
        .map(|level| (level, severity(level)))
}

fn severity(level: Access) -> Severity {
    if level.is_grave() {
        Severity::High
    } else {
        Severity::Medium
    }
}

/// One sentence about such access.
pub(super) fn message(words: &Words) -> String {
    let Words {
        grantee,
        actions,
        resources,
        ..
    } = words;
    format!("{grantee}, outside the zone of trust, can use {actions} on {resources}")
}
