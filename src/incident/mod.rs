//! Incidents: what logs tell about access that was used.
//!
//! In: [`ApiEvent`](crate::model::ApiEvent)s, in any order. Out: who touched what, when, and as whom.
//!
//! Nothing here reads files, prints, or uses threads. What a log does not say is not known, never "did not happen".

mod trace;

pub use trace::{
    Collector, Copied, Effect, Exposure, Exposures, ExposuresError, Few, Hit, InsightHit, Partial, Query, QueryError,
    Removal, Session, SessionLink, Tally, Trace, athena, partial,
};
