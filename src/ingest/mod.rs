//! Reads every input format into the one model.
//!
//! In: the paths of a [`Request`]. Out: [`Ingested`]: inventory, sources, diagnostics and what became of each input.
//! [`discover`] finds the files and groups them into units, [`read`] reads one unit, in any order and at the same time
//! as others, [`assemble`] joins what they gave.
//!
//! Invariant: reading never stops at the first problem and nothing is lost in silence. What could not be read is an
//! unknown setting with its reason, or a diagnostic, and makes the result incomplete. Whatever comes from input is
//! kept as it is: escaping is up to `report`.
//!
//! Nothing here decides access, prints, or uses threads.

mod access_point;
mod accounts;
mod acl;
mod assemble;
mod authorization;
mod bucket;
mod capture;
mod cloudformation;
mod comments;
mod config_bucket;
mod context;
mod discover;
mod document;
mod drafts;
mod file;
mod join;
mod layout;
mod lifecycle;
mod logs;
mod loose;
mod names;
mod notes;
mod organization;
mod part;
mod raw;
mod read;
mod recording;
mod report;
mod request;
mod settings;
mod template;
mod terraform;
mod unit;
mod yaml;

pub use assemble::assemble;
pub use discover::{Texts, discover, discover_texts, discover_tree};
pub use logs::{LogFile, LogFiles, LogFilter, LogOutcome, find_logs, log_of_bytes, read_log};
pub use part::Part;
pub use read::read;
pub use request::{Attachment, AttachmentError, Deployment, Ingested, Input, InputStatus, Kind, KindError, Request};
pub use terraform::seen_from;
pub use unit::{Discovery, Unit};
