//! Grants as sets: which classes of principals reach what, under which conditions, with a witness.

mod access_point;
mod actions;
mod bucket;
mod callers;
mod candidates;
mod claims;
mod confine;
mod documents;
mod domain;
mod effects;
mod glob;
mod keys;
mod literal;
mod merge;
mod named;
mod object;
mod product;
mod question;
mod residual;
mod role;
mod solve;
mod states;
mod variables;
mod witness;

pub use bucket::bucket_access;
pub use role::role_access;
