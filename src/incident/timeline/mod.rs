//! Every event that changed who reaches a bucket or assumes a role, with the access gained and lost by it, and the windows in
//! which somebody from outside had access.

mod acl;
mod change;
mod differs;
mod forget;
mod gap;
mod iam_change;
mod notes;
mod order;
mod parameters;
mod piece;
mod reach;
mod replay;
mod s3_change;
mod s3_words;
mod state;
mod unknown;
mod windows;

pub use acl::SETS_ACL;
pub use order::{OVERWRITES, is_change, names, overwrites};
pub use replay::{Entry, Start, Timeline, name_accounts, timeline, with_acl};
pub use windows::{Window, WindowEnd};
