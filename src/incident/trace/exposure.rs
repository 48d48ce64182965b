use serde::Deserialize;

use super::Hit;
use crate::iam::Timestamp;

/// The time during which a door was open, as `timeline` finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Name of the bucket, `bucket/key` of an object, or ARN of the role.
    pub resource: String,
    /// The account or principal that could come through; none where more could, or it is not told.
    pub grantee: Option<String>,
    /// Since when; none where it was open before the first event.
    pub from: Option<Timestamp>,
    /// Until when; none where it still is.
    pub to: Option<Timestamp>,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposures(pub Vec<Exposure>);

/// A text that holds no windows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ExposuresError {
    /// Not the JSON of a timeline.
    #[error("it is no `bucketproof.timeline.v1`: {0}")]
    NotATimeline(String),
    /// A time that is none.
    #[error("`{0}` is no time")]
    NotATime(String),
}

#[derive(Deserialize)]
struct RawTimeline {
    schema: String,
    windows: Vec<RawWindow>,
}

#[derive(Deserialize)]
struct RawWindow {
    resource: String,
    grantee: Option<RawGrantee>,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Deserialize)]
struct RawGrantee {
    kind: String,
    id: Option<String>,
}

impl RawGrantee {
    /// The one whom a caller's name tells.
    fn one(self) -> Option<String> {
        self.id.filter(|_| matches!(&*self.kind, "account" | "principal"))
    }
}

impl Exposures {
    /// Reads the windows of a `bucketproof.timeline.v1`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, ExposuresError> {
        let wrong = |error: serde_json::Error| ExposuresError::NotATimeline(error.to_string());
        let raw: RawTimeline = serde_json::from_str(text).map_err(wrong)?;
        if raw.schema != "bucketproof.timeline.v1" {
            return Err(ExposuresError::NotATimeline(format!("its schema is `{}`", raw.schema)));
        }
        let time = |text: Option<String>| -> Result<Option<Timestamp>, ExposuresError> {
            text.map(|text| text.parse().map_err(|_| ExposuresError::NotATime(text)))
                .transpose()
        };
        let window = |raw: RawWindow| {
            Ok(Exposure {
                resource: raw.resource.rsplit(":::").next().unwrap_or_default().to_owned(),
                grantee: raw.grantee.and_then(RawGrantee::one),
                from: time(raw.from)?,
                to: time(raw.to)?,
            })
        };
        raw.windows.into_iter().map(window).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a door of the bucket or object was open then to the caller.
    pub fn was_open(&self, hit: &Hit) -> bool {
        let object = hit.bucket.as_deref().zip(hit.key.as_deref());
        self.0.iter().any(|window| {
            let of_bucket = hit.bucket.as_deref() == Some(&*window.resource);
            let of_object = || {
                object.is_some_and(|(bucket, key)| {
                    window
                        .resource
                        .strip_prefix(bucket)
                        .and_then(|rest| rest.strip_prefix('/'))
                        == Some(key)
                })
            };
            let lets_in = window
                .grantee
                .as_ref()
                .is_none_or(|one| hit.principal.contains(one.as_str()));
            (of_bucket || of_object())
                && lets_in
                && window.from.is_none_or(|from| hit.time >= from)
                && window.to.is_none_or(|to| hit.time < to)
        })
    }
}
