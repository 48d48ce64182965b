//! Reports: access, findings and answers to questions, as people and programs read them.
//!
//! In: a [`Report`], the results of one run with the sources they point into. Out: bytes in an
//! `io::Write` that the caller gives. Text for people carries ANSI colour; the caller strips it
//! where nobody wants it.
//!
//! Invariants: nothing here judges, sorts or filters by severity; nothing reads files, clock or
//! terminal; same input, same bytes. Whatever comes from the input is data: no control or bidi
//! character of it reaches a terminal.

mod access_summary;
mod access_table;
mod answers;
mod asff;
mod clean;
mod contain;
mod contain_markdown;
mod csv_table;
mod difference;
mod excerpt;
mod github;
mod gitlab;
mod html;
mod input;
mod json;
mod json_access;
mod json_answers;
mod json_contain;
mod json_difference;
mod json_format;
mod json_timeline;
mod json_trace;
mod json_verify;
mod jsonl;
mod junit;
mod markdown;
mod markdown_text;
mod ocsf;
mod ocsf_event;
mod plain;
mod pretty;
mod sarif;
mod sarif_log;
mod snippet;
mod subject;
mod summary;
mod timeline;
mod timeline_markdown;
mod timeline_words;
mod trace;
mod verify;
mod verify_markdown;
mod words;
mod write;

pub use access_summary::write_access_summary;
pub use answers::{Check, Checked, Named, statement_in_words, step_in_words, write_can, write_checks, write_who_can};
pub use clean::clean;
pub use contain::{ContainFormat, write_contain};
pub use difference::{Diff, DiffSide, write_diff};
pub use input::{Fix, InputLine, Report, Style, Tool};
pub use summary::{Counts, Summary, count};
pub use timeline::{TimelineFormat, write_timeline};
pub use trace::{TraceFormat, write_trace};
pub use verify::{Proof, VerifyFormat, write_verify};
pub use write::{AccessFormat, Format, write_access, write_scan};
