use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::iam::AccountId;
use crate::model::ApiEvent;

/// What an event is about: bucket and object, and where a copy comes from or goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::incident) struct Place {
    pub bucket: Option<String>,
    pub key: Option<String>,
    /// Version that the request names.
    pub version_asked: Option<String>,
    /// Version that the answer names.
    pub version_made: Option<String>,
    /// Whether the answer says that a delete marker was made, or removed.
    pub delete_marker: bool,
    /// Bucket, key and version that a copy is made of.
    pub copied_from: Option<(String, String, Option<String>)>,
    /// Buckets that a replication copies to.
    pub replicated_to: Vec<String>,
    /// Account that owns the bucket.
    pub owner: Option<AccountId>,
}

impl Place {
    /// Reads it in parameters and answer, and in the resources where those say nothing [CT-52], [CT-81].
    pub fn of(event: &ApiEvent) -> Self {
        let parameters = members(event.parameters.as_deref());
        let response = members(event.response.as_deref());
        let asked = |name: &str| text(&parameters, name);
        let made = |name: &str| text(&response, name);
        let mut place = Self {
            bucket: asked("bucketName"),
            key: asked("key"),
            version_asked: asked("versionId"),
            version_made: made("x-amz-version-id").or_else(|| made("versionId")),
            delete_marker: made("x-amz-delete-marker").is_some_and(|marker| marker == "true"),
            copied_from: asked("x-amz-copy-source").and_then(|source| copy_source(&source)),
            replicated_to: Vec::new(),
            owner: event.resources.iter().find_map(|resource| resource.account),
        };
        if &*event.name == "PutBucketReplication" {
            let mut found = BTreeSet::new();
            parameters.values().for_each(|value| destinations(value, &mut found));
            place.replicated_to = found.into_iter().collect();
        }
        place.by_resources(event);
        place
    }

    fn by_resources(&mut self, event: &ApiEvent) {
        for arn in event.resources.iter().filter_map(|resource| resource.arn.as_deref()) {
            let Some(name) = arn.split_once(":s3:::").map(|(_, name)| name) else {
                continue;
            };
            let (bucket, key) = name
                .split_once('/')
                .map_or((name, None), |(bucket, key)| (bucket, Some(key)));
            let bucket = self.bucket.get_or_insert_with(|| bucket.to_owned()) == bucket;
            if let Some(key) = key.filter(|key| bucket && !key.is_empty()) {
                self.key.get_or_insert_with(|| key.to_owned());
            }
        }
    }
}

fn members(json: Option<&str>) -> Map<String, Value> {
    json.and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}

/// A member by its name, whatever its case; older records hold texts in lists of one [CT-25].
fn text(members: &Map<String, Value>, name: &str) -> Option<String> {
    let found = members.get(name).or_else(|| {
        let same = |(known, _): &(&String, &Value)| known.eq_ignore_ascii_case(name);
        members.iter().find(same).map(|(_, value)| value)
    })?;
    let found = match found {
        Value::Array(items) => items.first()?,
        other => other,
    };
    match found {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Reads `/bucket/key?versionId=v`, which is percent-encoded.
fn copy_source(text: &str) -> Option<(String, String, Option<String>)> {
    let (path, version) = match text.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version.to_owned())),
        None => (text, None),
    };
    let path = decoded(path);
    let (bucket, key) = path.trim_start_matches('/').split_once('/')?;
    Some((bucket.to_owned(), key.to_owned(), version))
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy()
}

/// Buckets under `Destination`, however deep.
fn destinations(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let bucket = members
                .get("Destination")
                .and_then(|destination| destination.get("Bucket"));
            if let Some(bucket) = bucket.and_then(Value::as_str) {
                found.insert(bucket.rsplit(':').next().unwrap_or(bucket).to_owned());
            }
            members.values().for_each(|member| destinations(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| destinations(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
