//! Edits of a snapshot as commands of the AWS CLI, each with what undoes it.
//!
//! In: a [`Patch`](super::Patch) of a snapshot, whose files are answers of AWS before and after. Out: [`Action`]s in the order in
//! which they are to be done, and [`render`], which writes them as shell scripts.
//!
//! Invariants: documents are taken from the texts as they stand, never from the model, so nothing that AWS said is lost. What
//! comes from input is data: it is quoted as a whole, and nothing in it acts. An action without a way back is none.

mod action;
mod actions;
mod answers;
mod comment;
mod document;
mod lockout;
mod prelude;
mod roles;
mod shell;

pub use action::{Action, LeftOut, Script, Stage};
pub use actions::script;
pub use shell::{Direction, render};
