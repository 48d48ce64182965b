//! bucketproof
pub mod engine;
pub mod finding;
pub mod iam;
pub mod ingest;
pub mod model;
pub mod report;
pub mod rules;
pub mod source;
