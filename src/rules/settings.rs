use std::collections::BTreeMap;

use super::date::Expiry;
use super::glob::matches;
use super::inline::Inline;
use crate::iam::{AccountId, Timestamp};
use crate::source::FileId;

/// What holds for one evaluation besides rules and intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The time at which expiry is judged.
    pub now: Timestamp,
    /// Accounts that access is shared with on purpose.
    pub partners: Vec<Partner>,
    /// Findings that somebody set aside.
    pub suppressions: Vec<Suppression>,
    /// Comments in the input that set findings aside.
    pub comments: Vec<Inline>,
    /// The configuration that says so, as it is shown to people.
    pub path: Option<String>,
    /// The files of declarations, by their paths: what is over or of no use in one that is here is a finding.
    pub files: BTreeMap<String, FileId>,
    /// Whether the input holds all of some account, so that access which is not there is gone.
    pub whole: bool,
}

/// An account that access is shared with on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// The account.
    pub account: AccountId,
    /// What people call it.
    pub name: Option<String>,
    /// Why.
    pub reason: String,
    /// Until when.
    pub expires: Option<Expiry>,
    /// The line of the configuration that declares it, from 1.
    pub line: usize,
    /// The bytes of the configuration that name the account: the first, and one past the last.
    pub at: (usize, usize),
}

/// Findings that somebody set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Id of the rule.
    pub rule: String,
    /// ARN of the resource, in which `*` and `?` are wildcards.
    pub resource: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub expires: Option<Expiry>,
    /// The line of the configuration that declares it, from 1.
    pub line: usize,
}

impl Settings {
    /// Nothing declared, at a point in time.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            partners: Vec::new(),
            suppressions: Vec::new(),
            comments: Vec::new(),
            path: None,
            files: BTreeMap::new(),
            whole: true,
        }
    }
}

impl Partner {
    /// Whether the declaration holds.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.expires.as_ref().is_none_or(|expires| !expires.is_over(now))
    }

    /// The reason with the partner's name.
    pub(super) fn words(&self) -> String {
        match &self.name {
            Some(name) => format!("partner {name}: {}", self.reason),
            None => format!("partner {}: {}", self.account, self.reason),
        }
    }
}

impl Suppression {
    /// Whether the declaration holds.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.expires.as_ref().is_none_or(|expires| !expires.is_over(now))
    }

    /// Whether it speaks of this finding.
    pub fn covers(&self, rule: &str, resource: &str) -> bool {
        self.rule == rule && matches(&self.resource, resource)
    }
}
