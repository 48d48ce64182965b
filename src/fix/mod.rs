//! What closes findings: the smallest edits of the source text, as one diff.
//!
//! In: findings, the grants they are about, and the files. Out: a [`Plan`] of steps, each with its edits, and a [`Patch`]
//! that shows them. What is done is chosen by what is wrong, in the order of [`plan`]'s tries; whether it helps is told by
//! reading and judging the patched text again, which is done in `commands`.
//!
//! Invariants: every byte that need not change stays. Nothing is written here. Where only the owner knows what is meant,
//! the edit holds a placeholder and says so; where nothing is known to help, there is advice and no edit.

mod acl;
mod document;
mod edit;
mod hcl;
mod patch;
mod plan;
mod remedy;
mod script;
mod setting;
mod shape;
mod statement;
mod tls;
mod value;

pub use acl::LATER;
pub use edit::Edit;
pub use patch::Patch;
pub use plan::{Plan, State, Step, Tried, plan};
pub use remedy::ACCOUNT;
pub use script::{Action, Direction, LeftOut, Script, Stage, render, script};
