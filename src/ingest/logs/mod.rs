//! Logs: CloudTrail events in whatever wrapping, and S3 server access log lines.
//!
//! In: a file and a [`LogFilter`]. Out: each [`ApiEvent`](crate::model::ApiEvent) that the filter wants, one after the
//! other, and what could not be read. No more than one record is ever held.

mod access_log;
mod csv_rows;
mod discover;
mod filter;
mod limits;
mod name;
mod raw;
mod read;
mod record;
mod split;
mod struct_text;
mod window;
mod word;

pub use discover::{LogFile, LogFiles, find_logs, log_of_bytes};
pub use filter::LogFilter;
pub use read::{LogOutcome, read_log};
