//! What a rule found: the last thing the engine's grants become before they are reported.
//!
//! In: a verdict of a rule on a grant or a setting. Out: a [`Finding`] with a place, a message and
//! a fingerprint that survives moves and reformatting. Rules are loaded and evaluated in `rules`.

mod fingerprint;
mod found;
mod rule_id;
mod severity;

pub use crate::engine::{
    Assumption, Caller, Confinement, ConfinementKind, ConsoleLabel, ContextValue, DocumentKind, Grant, GrantEffect,
    GrantSource, Grantee, Indeterminate, Request, Residual, Resource, ResourceAccess, ResourceKind, Sharing, Status,
};
pub use fingerprint::{Fingerprint, FingerprintParts};
pub use found::{Finding, FindingStatus, Location, Locations, PackInfo};
pub use rule_id::{RuleId, RuleIdError};
pub use severity::Severity;
