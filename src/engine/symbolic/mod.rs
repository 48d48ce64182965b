//! Grants as sets: which classes of principals reach what, under which conditions, with a witness.

mod access_point;
mod actions;
mod asked;
mod assumed;
mod before;
mod bucket;
mod callers;
mod candidates;
mod claims;
mod confine;
mod documents;
mod domain;
mod effects;
mod effort;
mod fresh;
mod glob;
mod inquiry;
mod keys;
mod literal;
mod merge;
mod named;
mod object;
mod past;
mod product;
mod question;
mod residual;
mod role;
mod solve;
mod states;
mod variables;
mod witness;

pub use bucket::bucket_access;
pub(super) use inquiry::{
    actions_of, bucket_answers, bucket_beyond, can_have, is_known_key, is_multivalued, role_answer, role_beyond,
};
pub use role::role_access;
