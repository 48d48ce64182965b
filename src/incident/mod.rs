//! Incidents: what logs tell about access that was given, and access that was used.
//!
//! In: [`ApiEvent`](crate::model::ApiEvent)s, in any order, and the state of accounts where it is given. Out: a [`Timeline`],
//! what each event changed of who has access, and from when to when somebody from outside had it; a [`Trace`], who touched
//! what, when, and as whom.
//!
//! Nothing here reads files, prints, or uses threads; access is decided in `engine`. What a log does not say is not known,
//! never "did not happen"; what was before the first event is unknown unless a snapshot tells it.

mod case;
mod contain;
mod replay;
mod timeline;
mod trace;

pub use case::{Incident, IncidentError, Side};
pub use contain::{Broken, Command, Containment, Door, Phase, Scene, Step, contain};
pub use replay::{
    Asked, Credentials, Found, Judgement, Metrics, Remaining, Remains, Replay, Replayed, Seen, States, Verification,
    Verified, asked, found, judge, remaining, verify,
};
pub use timeline::{
    Entry, OVERWRITES, SETS_ACL, Start, Timeline, Window, WindowEnd, is_change, name_accounts, names, overwrites,
    timeline, with_acl,
};
pub use trace::{
    Collector, Copied, Effect, Exposure, Exposures, ExposuresError, Few, Hit, InsightHit, Partial, Query, QueryError,
    Removal, Session, SessionLink, Tally, Trace, athena, partial,
};
