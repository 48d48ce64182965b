//! The requests of a log, asked again: of the state while the door was open, and of the state after it was shut.

mod actions;
mod credentials;
mod judge;
mod remaining;
mod request;
mod seen;
mod verify;

pub use credentials::Credentials;
pub use judge::{Judgement, judge};
pub use remaining::{Remaining, Remains, remaining};
pub use request::{Asked, asked};
pub use seen::{Found, Replay, Seen, found};
pub use verify::{Metrics, Replayed, States, Verification, Verified, verify};
