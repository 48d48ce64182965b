//! Finds unintended access to S3 buckets and IAM roles from exported state.
//!
//! Data flows one way. Each arrow is a plain function call from an earlier stage's output type to the next.
//!
//! ```text
//! files ─ingest→ Inventory ─engine→ Vec<Grant> ─rules→ Vec<Finding> ─report→ text, JSON, SARIF
//! ```
//!
//! - An [`Inventory`](model::Inventory) is every account, bucket and role under audit, in one form, each value with the
//!   span it came from.
//! - A [`Grant`](engine::Grant) is which requests one bucket or role allows, to whom, because of which statements.
//! - A [`Finding`](finding::Finding) is a grant that a rule says was not intended, with spans and a *witness*: one
//!   concrete request that proves it.
//!
//! `docs/architecture.md` says who may use whom, and what is deliberately not there.

pub mod cli;
pub mod commands;
pub mod engine;
pub mod finding;
pub mod fix;
pub mod iam;
pub mod incident;
pub mod ingest;
pub mod model;
pub mod report;
pub mod rules;
pub mod source;
