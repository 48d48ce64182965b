//! `bucketproof timeline`: what events change, when doors stand open, and the exercise of `testdata/incident`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests stop at the first surprise"
)]

mod events;
mod exercise;
#[path = "../support/contract.rs"]
mod schemas;
mod states;
mod told;
