//! bucketproof
pub mod iam;
pub mod model;
pub mod source;
