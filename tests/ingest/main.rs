//! What `ingest` makes of every kind of input, seen from outside.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests stop at the first surprise"
)]

mod access_log;
mod bad_input;
mod config;
mod console;
mod layouts;
mod logs;
mod plans;
mod single;
mod snapshot;
mod support;
mod templates;
mod terraform;
mod upkeep;
