//! Commands: the only module that knows the whole way from files to an exit status.
//!
//! In: the parsed command line and what the program takes from its surroundings. Out: what is printed and written,
//! and a [`Status`]. Each command calls one stage after the other.
//!
//! Invariants: one bad input, or one fault of ours in it, never voids the others; whatever is missing is a diagnostic
//! and shows in the status. Nothing is decided here that a stage could decide.

mod access;
mod arguments;
mod attempt;
mod baseline;
mod beyond;
mod can;
mod cases;
mod contain;
mod declarations;
mod deny_check;
mod diff;
mod error;
mod evidence;
mod files;
mod fix;
mod guard;
mod incident;
mod judge;
mod judging;
mod logs;
mod naming;
mod output;
mod packs;
mod progress;
mod proof;
mod repair;
mod revision;
mod rules;
mod rules_list;
mod rules_new;
mod rules_test;
mod run;
mod scan;
mod schema;
mod script;
mod shell;
mod since;
mod status;
mod timeline;
mod trace;
mod trace_pipe;
mod verify;
mod who_can;
mod write_back;

pub use cases::{Case, CaseFix, CaseOutcome, cases};
pub use error::CommandError;
pub use run::run;
pub use status::Status;
