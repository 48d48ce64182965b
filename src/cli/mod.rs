//! The command line: clap types, and what the program takes from its surroundings.
//!
//! In: arguments, clock, terminal. Out: plain values. Nothing here knows what a command does; the only place that
//! reads the clock or the environment.

mod environment;
mod examples;
mod incident;
mod logs;
mod options;
mod timeline;
mod trace;

pub use environment::Environment;
pub use incident::{Contain, ContainFormat, EvidenceAction, IncidentAction, Verify, VerifyFormat};
pub use logs::Logs;
pub use options::{
    Access, AccessFormat, Cli, Color, Command, Diff, DiffFormat, FailOn, Fix, Global, Input, NewRule, Output, Question,
    Rules, RulesAction, RulesFormat, RulesIn, Scan, ScanFormat, SeverityLevel, Shell, Unknowns,
};
pub use timeline::{SnapshotIs, Timeline, TimelineFormat};
pub use trace::{Dialect, Trace, TraceFormat};
