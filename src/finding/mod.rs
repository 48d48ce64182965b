//! What a rule found: the last thing the engine's grants become before they are reported.
//!
//! In: a verdict of a rule on a grant or a setting. Out: a [`Finding`] with a place, a message and
//! a fingerprint that survives moves and reformatting. Rules are loaded and evaluated in `rules`.

mod fingerprint;
mod found;
mod known;
mod matter;
mod past;
mod rule_id;
mod severity;

pub use crate::engine::{
    Answer, Assumption, Caller, Can, Closed, Confinement, ConfinementKind, ConsoleLabel, ContextValue, DocumentKind,
    Grant, GrantEffect, GrantSource, Grantee, Indeterminate, NewAccess, NewGrant, Outcome, Request, Residual, Resource,
    ResourceAccess, ResourceKind, Sharing, Status, Step, Unless, Verdict,
};
pub use fingerprint::{Fingerprint, FingerprintParts};
pub use found::{Declaration, Finding, FindingStatus, Intended, Location, Locations, PackInfo};
pub use known::{Known, KnownResource};
pub use matter::{Given, Matter};
pub use past::Past;
pub use rule_id::{RuleId, RuleIdError};
pub use severity::Severity;
