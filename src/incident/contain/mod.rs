//! How an incident is shut: ordered steps, each with its command, its way back, what it closes and whom it breaks.
//!
//! Every step about a document is applied to the state in memory and decided again before it is told: what it closes is refused
//! then, and nobody gains anything. Who assumes roles is shut out before sessions are revoked, because whoever is not simply begins
//! another one [TRUST-72].

mod aws;
mod credentials;
mod cut;
mod effect;
mod plan;
mod step;

pub use plan::{Containment, Door, Scene, contain};
pub use step::{Broken, Command, Phase, Step};
