use std::collections::BTreeSet;

use memchr::memmem::{Finder, find_iter};

use super::name::LogName;
use crate::iam::{AccountId, Timestamp};
use crate::model::ApiEvent;

/// Which events are wanted. What is left empty restricts nothing.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// Nothing before this.
    pub from: Option<Timestamp>,
    /// Nothing from this on.
    pub to: Option<Timestamp>,
    /// Accounts whose trails are of interest.
    pub accounts: BTreeSet<AccountId>,
    /// Regions of interest.
    pub regions: BTreeSet<String>,
    names: BTreeSet<String>,
    needles: Vec<Finder<'static>>,
}

impl LogFilter {
    /// The same for events of these names, and of access log lines all.
    #[must_use]
    pub fn named<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.names.extend(names.into_iter().map(ToOwned::to_owned));
        self
    }

    /// The same for records in which one of these texts stands, or that have one of the names. An access log line or a
    /// record with escapes is not judged by its text: there, more comes through than was asked for.
    #[must_use]
    pub fn with_text<'a>(mut self, needles: impl IntoIterator<Item = &'a str>) -> Self {
        let finders = needles.into_iter().map(|needle| Finder::new(needle).into_owned());
        self.needles.extend(finders);
        self
    }

    /// Whether a file can hold events that are wanted, by its name [CT-01].
    pub(super) fn wants_file(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let Some(name) = LogName::read(name) else {
            return true;
        };
        // Nothing is delivered before it happens, but clocks may differ; most is delivered in minutes, but late files are known.
        let too_early = self
            .from
            .is_some_and(|from| name.delivered.0.saturating_add(SKEW) < from.0);
        let too_late = self.to.is_some_and(|to| name.delivered.0.saturating_sub(LATE) > to.0);
        let (accounts, regions) = (&self.accounts, &self.regions);
        !too_early
            && !too_late
            && (accounts.is_empty() || accounts.contains(&name.account))
            && (regions.is_empty() || regions.contains(name.region))
    }

    /// Whether a record may hold an event that is wanted, by its bytes alone.
    pub(super) fn may_want(&self, record: &[u8]) -> bool {
        if self.needles.is_empty() && self.names.is_empty() {
            return true;
        }
        self.needles.iter().any(|needle| needle.find(record).is_some())
            || (!self.names.is_empty() && self.may_be_named(record))
            || (!self.needles.is_empty() && has_escapes(record))
    }

    /// Whether some `eventName` in the record is wanted, or cannot be told.
    fn may_be_named(&self, record: &[u8]) -> bool {
        let mut any = false;
        for at in find_iter(record, b"\"eventName\"") {
            any = true;
            let rest = record.get(at + b"\"eventName\"".len()..).unwrap_or_default();
            let rest = rest.trim_ascii_start().strip_prefix(b":").unwrap_or_default();
            let Some(rest) = rest.trim_ascii_start().strip_prefix(b"\"") else {
                return true;
            };
            let end = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default();
            if rest.get(end) != Some(&b'"') || std::str::from_utf8(name).is_ok_and(|name| self.names.contains(name)) {
                return true;
            }
        }
        // Another spelling, or an event in a text of its own.
        !any
    }

    /// Whether the event is wanted, as far as time, account and region say.
    pub(super) fn wants(&self, event: &ApiEvent) -> bool {
        let of_account = |id| self.accounts.is_empty() || self.accounts.contains(&id);
        self.from.is_none_or(|from| event.time >= from)
            && self.to.is_none_or(|to| event.time < to)
            && event.account.is_none_or(of_account)
            // An access log does not name its region.
            && (self.regions.is_empty() || event.region.is_empty() || self.regions.contains(&*event.region))
    }
}

/// Whether a text may be written in another way than its bytes say.
fn has_escapes(record: &[u8]) -> bool {
    memchr::memmem::find(record, b"\\u").is_some() || memchr::memmem::find(record, b"\\/").is_some()
}

/// Milliseconds by which clocks may differ.
const SKEW: i64 = 15 * 60 * 1000;

/// Milliseconds by which a delivery may be late.
const LATE: i64 = 24 * 60 * 60 * 1000;
