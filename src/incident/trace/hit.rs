use serde::{Deserialize, Serialize};

use super::place::Place;
use super::time_text;
use crate::iam::Timestamp;
use crate::model::{Actor, ApiEvent, EventOrigin};

/// One action that fits a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// When.
    #[serde(with = "time_text")]
    pub time: Timestamp,
    /// `eventID`, or request id of an access log.
    pub event_id: String,
    /// The same for the copies of several accounts [CT-21].
    pub shared_event_id: Option<String>,
    /// Name of the event.
    pub event_name: String,
    /// What kind of action it is.
    pub effect: Effect,
    /// Service that was called.
    pub service: String,
    /// Region; none in an access log.
    pub region: Option<String>,
    /// Account whose log tells it.
    pub account: Option<String>,
    /// Who called, in one text.
    pub principal: String,
    /// Access key that signed.
    pub access_key: Option<String>,
    /// Address, or name of a service [CT-07].
    pub source_ip: Option<String>,
    /// User agent.
    pub user_agent: Option<String>,
    /// Bucket.
    pub bucket: Option<String>,
    /// Object.
    pub key: Option<String>,
    /// Version that was asked for, else the one that was made.
    pub version_id: Option<String>,
    /// Bytes that the caller received.
    pub bytes_out: Option<u64>,
    /// Error code of an attempt [CT-05].
    pub error: Option<String>,
    /// Whether nobody signed [CT-19].
    pub anonymous: bool,
    /// Whether the request was presigned [CT-82].
    pub presigned: bool,
    /// Whether only an ACL allowed it [CT-83].
    pub acl_required: bool,
    /// Whether the caller is of another account than the bucket [CT-21]; none where one is not known.
    pub external: Option<bool>,
    /// `bucket/key` that a copy is made of.
    pub copied_from: Option<String>,
    /// Buckets that a replication copies to.
    pub replicated_to: Vec<String>,
    /// Whether a delete marker was made or removed.
    pub delete_marker: bool,
    /// Whether the log is an access log, which may lack lines [SAL-05].
    pub access_log: bool,
    /// Whether a door was open that the caller could have come through; none where no windows were given.
    pub during_exposure: Option<bool>,
}

/// What kind of action an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Names of objects or buckets were listed.
    List,
    /// An object or setting was read.
    Read,
    /// An object was written.
    Write,
    /// An object was copied, or copying was set up.
    Copy,
    /// Something was deleted.
    Delete,
    /// Credentials were made.
    Session,
    /// Something else was done.
    Other,
}

impl Effect {
    /// Tells by the name [CT-80].
    fn of(name: &str) -> Self {
        match name {
            "CopyObject" | "UploadPartCopy" | "PutBucketReplication" => Self::Copy,
            "PutObject" | "PostObject" | "CompleteMultipartUpload" | "UploadPart" | "CreateMultipartUpload" => {
                Self::Write
            }
            "SelectObjectContent" => Self::Read,
            "GetFederationToken" | "GetSessionToken" => Self::Session,
            _ if name.starts_with("List") => Self::List,
            _ if name.starts_with("Get") || name.starts_with("Head") || name.starts_with("Describe") => Self::Read,
            _ if name.starts_with("Delete") => Self::Delete,
            _ if name.starts_with("Assume") => Self::Session,
            _ => Self::Other,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
            Self::Copy => "copy",
            Self::Delete => "delete",
            Self::Session => "session",
            Self::Other => "other",
        }
    }
}

impl Hit {
    pub(super) fn of(event: &ApiEvent, place: Place) -> Self {
        let text = |text: &Option<Box<str>>| text.as_deref().map(ToOwned::to_owned);
        let caller = event.actor.account;
        let owner = place.owner;
        let copied = place.copied_from.map(|(bucket, key, _)| format!("{bucket}/{key}"));
        Self {
            time: event.time,
            event_id: event.id.to_string(),
            shared_event_id: text(&event.shared_id),
            event_name: event.name.to_string(),
            effect: Effect::of(&event.name),
            service: event.service.to_string(),
            region: Some(event.region.to_string()).filter(|region| !region.is_empty()),
            account: event.account.map(|account| account.to_string()),
            principal: principal(&event.actor),
            access_key: text(&event.actor.access_key),
            source_ip: text(&event.source_ip),
            user_agent: text(&event.user_agent),
            bucket: place.bucket,
            key: place.key,
            version_id: place.version_asked.or(place.version_made),
            bytes_out: event.bytes_out,
            error: text(&event.error),
            anonymous: event.actor.is_anonymous(),
            presigned: event.is_presigned(),
            acl_required: event.acl_required,
            external: caller.zip(owner).map(|(caller, owner)| caller != owner),
            copied_from: copied,
            replicated_to: place.replicated_to,
            delete_marker: place.delete_marker,
            access_log: event.origin == EventOrigin::AccessLog,
            during_exposure: None,
        }
    }

    /// Whether this copy says more about the caller than another one of the same action [CT-21]. The order is total, so that
    /// it does not matter which copy is read first.
    pub(super) fn says_more_than(&self, other: &Self) -> bool {
        let worth = |hit: &Self| {
            (
                hit.principal.starts_with("arn:"),
                hit.access_key.is_some(),
                hit.bytes_out.is_some(),
            )
        };
        let (mine, theirs) = (worth(self), worth(other));
        mine > theirs || (mine == theirs && (&self.account, &self.event_id) < (&other.account, &other.event_id))
    }

    /// Bytes that were taken: those of an error are its text [CT-84].
    pub fn bytes_taken(&self) -> u64 {
        self.bytes_out.filter(|_| self.error.is_none()).unwrap_or_default()
    }
}

/// A caller in one text: the ARN, or the best that the log has.
pub(in crate::incident) fn principal(actor: &Actor) -> String {
    if actor.is_anonymous() {
        return "anonymous".into();
    }
    let id = || {
        actor
            .principal_id
            .as_deref()
            .filter(|id| !id.is_empty())
            .map(ToOwned::to_owned)
    };
    // As the owner of a resource sees a caller of another account [CT-16].
    let foreign = || {
        let account = actor.account?.to_string();
        Some(match id().filter(|id| *id != account) {
            Some(id) => format!("{account}:{id}"),
            None => account,
        })
    };
    let owned = |text: &Option<Box<str>>| text.as_deref().map(ToOwned::to_owned);
    owned(&actor.arn)
        .or_else(|| owned(&actor.invoked_by))
        .or_else(foreign)
        .or_else(|| owned(&actor.user_name))
        .or_else(id)
        .unwrap_or_else(|| "unknown".into())
}
