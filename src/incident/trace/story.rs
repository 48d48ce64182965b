use std::collections::BTreeMap;

use serde::Serialize;

use super::{Effect, Hit, time_text};
use crate::iam::Timestamp;

/// Data that left its bucket: a copy, a replication, an object written to somebody else's bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// When.
    #[serde(with = "time_text")]
    pub time: Timestamp,
    /// `eventID`.
    pub event_id: String,
    /// Name of the event.
    pub event_name: String,
    /// Who did it.
    pub principal: String,
    /// `bucket/key` or bucket that it comes from, where the log says so.
    pub from: Option<String>,
    /// `bucket/key` or bucket that it goes to.
    pub to: String,
    /// Whether the bucket it goes to is of another account than the caller; none where that is not known.
    pub foreign: Option<bool>,
    /// Error code: nothing was copied.
    pub error: Option<String>,
}

/// Something that was deleted or written over, with what to restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// When.
    #[serde(with = "time_text")]
    pub time: Timestamp,
    /// `eventID`.
    pub event_id: String,
    /// Name of the event.
    pub event_name: String,
    /// Who did it.
    pub principal: String,
    /// Bucket.
    pub bucket: String,
    /// Object; none where the log does not name it [CT-85].
    pub key: Option<String>,
    /// Version that was deleted or made, or the delete marker.
    pub version_id: Option<String>,
    /// Version that stood there before, as far as the hits tell.
    pub previous_version_id: Option<String>,
    /// What it means.
    pub what: Removed,
}

/// What a removal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Removed {
    /// A delete marker hides the object: to remove the marker restores it.
    Hidden,
    /// One version is gone for good.
    VersionDeleted,
    /// Deleted; the log names no version.
    Deleted,
    /// Objects were deleted that the log does not name [CT-85].
    SomeDeleted,
    /// A new version stands in place of the one before.
    Overwritten,
    /// The bucket is gone.
    BucketDeleted,
}

impl Removed {
    /// What it is, and what restores it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden by a delete marker",
            Self::VersionDeleted => "version deleted",
            Self::Deleted => "deleted",
            Self::SomeDeleted => "objects deleted that are not named",
            Self::Overwritten => "overwritten",
            Self::BucketDeleted => "bucket deleted",
        }
    }
}

/// Copies to elsewhere, in the order of the hits.
pub(super) fn copies<'a>(hits: impl Iterator<Item = &'a Hit>) -> Vec<Copied> {
    hits.flat_map(copies_of).collect()
}

fn copies_of(hit: &Hit) -> Vec<Copied> {
    let copied = |from: Option<String>, to: String| Copied {
        time: hit.time,
        event_id: hit.event_id.clone(),
        event_name: hit.event_name.clone(),
        principal: hit.principal.clone(),
        from,
        to,
        foreign: hit.external,
        error: hit.error.clone(),
    };
    let Some(bucket) = &hit.bucket else {
        return Vec::new();
    };
    let here = || {
        hit.key
            .as_ref()
            .map_or_else(|| bucket.clone(), |key| format!("{bucket}/{key}"))
    };
    if !hit.replicated_to.is_empty() {
        let to = hit.replicated_to.iter();
        return to
            .map(|to| Copied {
                // The log does not say whose the other bucket is.
                foreign: None,
                ..copied(Some(bucket.clone()), to.clone())
            })
            .collect();
    }
    match (&hit.copied_from, hit.effect) {
        (Some(from), _) if from.split('/').next() != Some(bucket) => vec![copied(Some(from.clone()), here())],
        (None, Effect::Write) if hit.external == Some(true) && !hit.anonymous => vec![copied(None, here())],
        _ => Vec::new(),
    }
}

/// Deletions and overwrites that succeeded, in the order of the hits.
pub(super) fn removals<'a>(hits: impl Iterator<Item = &'a Hit>) -> Vec<Removal> {
    let mut last: BTreeMap<(&str, &str), Option<&String>> = BTreeMap::new();
    let mut found = Vec::new();
    for hit in hits.filter(|hit| hit.error.is_none()) {
        let Some(bucket) = hit.bucket.as_deref() else {
            continue;
        };
        let here = hit.key.as_deref().map(|key| (bucket, key));
        let before = here.and_then(|here| last.get(&here).copied());
        let what = removed(hit, before.is_some());
        if let Some(what) = what {
            found.push(Removal {
                time: hit.time,
                event_id: hit.event_id.clone(),
                event_name: hit.event_name.clone(),
                principal: hit.principal.clone(),
                bucket: bucket.to_owned(),
                key: hit.key.clone(),
                version_id: hit.version_id.clone(),
                previous_version_id: before.flatten().cloned(),
                what,
            });
        }
        if let (Some(here), true) = (here, is_whole_write(hit)) {
            last.insert(here, hit.version_id.as_ref());
        }
    }
    found
}

fn removed(hit: &Hit, was_written: bool) -> Option<Removed> {
    match hit.event_name.as_str() {
        "DeleteBucket" => Some(Removed::BucketDeleted),
        "DeleteObject" if hit.delete_marker => Some(Removed::Hidden),
        "DeleteObject" if hit.version_id.is_some() => Some(Removed::VersionDeleted),
        "DeleteObject" => Some(Removed::Deleted),
        "DeleteObjects" => Some(Removed::SomeDeleted),
        _ if was_written && is_whole_write(hit) => Some(Removed::Overwritten),
        _ => None,
    }
}

fn is_whole_write(hit: &Hit) -> bool {
    let name = hit.event_name.as_str();
    matches!(
        name,
        "PutObject" | "PostObject" | "CopyObject" | "CompleteMultipartUpload"
    )
}
