//! bucketproof
pub mod engine;
pub mod finding;
pub mod iam;
pub mod model;
pub mod rules;
pub mod report;
pub mod source;
