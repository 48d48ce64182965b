//! One request, decided by the book.
//!
//! In: a [`Request`](super::Request) with every context key it carries, and the documents and settings of
//! one bucket or role. Out: a [`Decision`] with the step that settled it and every other step.
//!
//! Written to be obviously right, not fast: every statement of every document is read for every
//! request, in the order of the documents. The answer goes as far as resource-side documents decide
//! [EVAL-04]: identity policies, boundaries, SCPs and endpoint policies are not here. What AWS leaves
//! open follows [`Doubts`](super::Doubts); what the input leaves open makes the answer unknown.

mod access_point;
mod acl;
mod bucket;
mod compare;
mod complete;
mod condition;
mod decision;
mod glob;
mod identity;
mod keys;
mod ownership;
mod place;
mod principal;
mod role;
mod side;
mod statement;

pub use bucket::decide_bucket;
pub use complete::complete;
pub use decision::{Decision, Element, Outcome, Question, Refusal, Step, Verdict};
pub use role::decide_role;
