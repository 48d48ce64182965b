use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Hit;
use crate::iam::Timestamp;

/// Numbers of some hits: those of one bucket, one caller, one address, or all.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Actions, attempts included.
    pub events: u64,
    /// Attempts that failed.
    pub denied: u64,
    /// Bytes that callers received [CT-84].
    pub bytes_out: u64,
    /// First and last action.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Actions by name, in order.
    pub actions: Vec<(Box<str>, u64)>,
    /// Callers, as far as they are few.
    pub principals: Few,
    /// Addresses, as far as they are few.
    pub source_ips: Few,
    /// Access keys, as far as they are few.
    pub access_keys: Few,
    /// Buckets, as far as they are few.
    pub buckets: Few,
    objects: HashSet<u128>,
}

/// Names, the first [`Few::MOST`] of them; `more` where there are others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Few {
    /// The names, in order.
    pub names: Vec<Box<str>>,
    /// Whether there are others.
    pub more: bool,
}

impl Few {
    /// How many names are kept.
    pub const MOST: usize = 100;

    /// What is kept are the first in order, so that it does not matter in which order they come.
    fn add(&mut self, name: Option<&String>) {
        let Some(name) = name else {
            return;
        };
        let Err(at) = self.names.binary_search_by(|known| (**known).cmp(name.as_str())) else {
            return;
        };
        self.names.insert(at, name.as_str().into());
        if self.names.len() > Self::MOST {
            self.names.pop();
            self.more = true;
        }
    }
}

impl Tally {
    /// Objects that were named.
    pub fn objects(&self) -> usize {
        self.objects.len()
    }

    /// Whether there is an action of this name.
    pub fn has_action(&self, name: &str) -> bool {
        self.find_action(name).is_ok()
    }

    fn find_action(&self, name: &str) -> Result<usize, usize> {
        self.actions.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    pub(super) fn add(&mut self, hit: &Hit) {
        self.events += 1;
        self.denied += u64::from(hit.error.is_some());
        self.bytes_out = self.bytes_out.saturating_add(hit.bytes_taken());
        let (first, last) = self.span.unwrap_or((hit.time, hit.time));
        self.span = Some((first.min(hit.time), last.max(hit.time)));
        match self.find_action(&hit.event_name) {
            Ok(at) => self.actions.get_mut(at).into_iter().for_each(|(_, count)| *count += 1),
            Err(at) => self.actions.insert(at, (hit.event_name.as_str().into(), 1)),
        }
        self.principals.add(Some(&hit.principal));
        self.source_ips.add(hit.source_ip.as_ref());
        self.access_keys.add(hit.access_key.as_ref());
        self.buckets.add(hit.bucket.as_ref());
        if let (Some(bucket), Some(key)) = (&hit.bucket, &hit.key) {
            self.objects.insert(digest(&[bucket, key]));
        }
    }
}

/// A number that stands for some texts; two of them are the same for different texts once in the life of the universe.
pub(super) fn digest(texts: &[&str]) -> u128 {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        (seed, texts).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
