use super::Actor;
use crate::iam::{AccountId, Timestamp};
use crate::source::Span;

/// One call of AWS as a log tells it: a CloudTrail event, or a line of an S3 server access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiEvent {
    /// `eventID`; of an access log line the request id.
    pub id: Box<str>,
    /// `sharedEventID`: the same for the caller's and the owner's copy [CT-21].
    pub shared_id: Option<Box<str>>,
    /// When, in UTC.
    pub time: Timestamp,
    /// Service that was called, such as `s3.amazonaws.com`.
    pub service: Box<str>,
    /// Name of the event, such as `PutBucketPolicy`; of an access log line the operation in CloudTrail's words.
    pub name: Box<str>,
    /// Region that logged it; empty in an access log.
    pub region: Box<str>,
    /// Account whose trail this copy is of.
    pub account: Option<AccountId>,
    /// Who called.
    pub actor: Actor,
    /// User agent, as the caller gave it.
    pub user_agent: Option<Box<str>>,
    /// Address of the caller, or name of a service [CT-07].
    pub source_ip: Option<Box<str>>,
    /// Error code: the event is an attempt that changed nothing [CT-05].
    pub error: Option<Box<str>>,
    /// What AWS said about the error.
    pub error_message: Option<Box<str>>,
    /// `requestParameters` as JSON text, if there are any.
    pub parameters: Option<Box<str>>,
    /// `responseElements` as JSON text, if there are any.
    pub response: Option<Box<str>>,
    /// What the event is about [CT-52].
    pub resources: Vec<EventResource>,
    /// Bytes that the caller received; of an error those of its text [CT-84].
    pub bytes_out: Option<u64>,
    /// Bytes that the caller sent.
    pub bytes_in: Option<u64>,
    /// How the request was signed: `AuthHeader`, `QueryString` (presigned) or `HtmlForm` [CT-82].
    pub authentication: Option<Box<str>>,
    /// Whether the request came over TLS, where the log tells [CT-82], [SAL-01].
    pub tls: Option<bool>,
    /// Whether only an ACL allowed the request [CT-83].
    pub acl_required: bool,
    /// VPC endpoint that the request came through.
    pub vpc_endpoint: Option<Box<str>>,
    /// `insightDetails` as JSON text: the event is about a rate of calls and is no call itself [CT-92].
    pub insight: Option<Box<str>>,
    /// Which log tells it.
    pub origin: EventOrigin,
    /// The file; logs are not kept, so there is no place inside it.
    pub span: Span,
}

impl ApiEvent {
    /// Whether the request was presigned [CT-82].
    pub fn is_presigned(&self) -> bool {
        self.authentication.as_deref() == Some("QueryString")
    }
}

/// A resource of an event [CT-52].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventResource {
    /// ARN, or what it begins with.
    pub arn: Option<Box<str>>,
    /// Kind, such as `AWS::S3::Object`.
    pub kind: Option<Box<str>>,
    /// Account that owns it.
    pub account: Option<AccountId>,
}

/// Which log tells an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventOrigin {
    /// CloudTrail, in whatever wrapping.
    CloudTrail,
    /// An S3 server access log, which is delivered on a best-effort basis [SAL-05].
    AccessLog,
}
