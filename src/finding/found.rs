use std::collections::BTreeMap;
use std::fmt;

use super::{Fingerprint, Matter, Request, RuleId, Severity};
use crate::model::When;
use crate::source::Span;

/// A grant that a rule forbids, or a setting that a rule rejects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Identity of the finding over time.
    pub fingerprint: Fingerprint,
    /// The rule.
    pub rule: RuleId,
    /// The rule's title.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// One sentence that names grantee, action and resource.
    pub message: String,
    /// ARN of the resource, or of the account as `arn:aws:iam::ID:root`.
    pub resource: String,
    /// The outcomes of tests not known before deployment under which the resource is as it is judged.
    pub when: Vec<When>,
    /// Which of the resource's grants, where it is about one.
    pub grant: Option<usize>,
    /// What of the resource it is about, as findings are compared over time.
    pub matter: Matter,
    /// Where: the first is what grants, the others are what failed to block.
    pub locations: Locations,
    /// A request that shows it, where it is about a grant.
    pub witness: Option<Request>,
    /// What to do.
    pub remediation: String,
    /// Where to read more.
    pub references: Vec<String>,
    /// Whether it counts.
    pub status: FindingStatus,
}

/// Places of a finding: one primary and any number of secondary ones, so that none is without a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locations {
    /// What grants.
    pub primary: Location,
    /// What else has part in it.
    pub secondary: Vec<Location>,
}

/// A place with the words to show beside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Where.
    pub span: Span,
    /// What is there.
    pub label: String,
}

/// Whether a finding counts towards the exit status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingStatus {
    /// It counts.
    New,
    /// It was known before.
    Baseline,
    /// Somebody set it aside, with a reason.
    Suppressed(String),
    /// Somebody declared the access intended, with a reason, and with owner and end where they are given.
    Intended(String),
}

/// Why access is intended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The reason.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds, such as `2027-01-31`.
    pub expires: Option<String>,
}

/// The grants that are intended as a whole, by the places of resource and grant.
pub type Intended = BTreeMap<(usize, usize), Declaration>;

/// One loaded pack, for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Digest over all its files, in hexadecimal.
    pub sha256: String,
}

/// The reason, with owner and end: `public website, ticket WEB-7 (web team; until 2027-01-31)`.
impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.expires.as_ref().map(|day| format!("until {day}"));
        let more: Vec<String> = self.owner.clone().into_iter().chain(end).collect();
        f.write_str(&self.reason)?;
        match more.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", more.join("; ")),
        }
    }
}

impl FindingStatus {
    /// The name in the JSON contract.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Baseline => "baseline",
            Self::Suppressed(_) => "suppressed",
            Self::Intended(_) => "intended",
        }
    }

    /// Why it does not count, where somebody said so.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::New | Self::Baseline => None,
            Self::Suppressed(reason) | Self::Intended(reason) => Some(reason),
        }
    }

    /// Whether it counts towards the exit status.
    pub fn counts(&self) -> bool {
        *self == Self::New
    }
}
