use std::io::{self, BufRead, BufReader, Read};

use percent_encoding::percent_decode_str;
use serde_json::json;

use super::limits::as_u64;
use super::read::Reading;
use crate::iam::{AccountId, Timestamp};
use crate::model::{Actor, ActorKind, ApiEvent, EventOrigin, EventResource};
use crate::source::Span;

/// Whether a line is one of an S3 server access log: an owner, a bucket, a time in brackets.
pub(super) fn is_line(line: &[u8]) -> bool {
    std::str::from_utf8(line).ok().and_then(Fields::cut).is_some()
}

/// Reads the lines of an access log.
pub(super) fn read(reading: &mut Reading<'_>, bytes: impl Read) -> io::Result<()> {
    let mut lines = BufReader::with_capacity(1 << 16, bytes);
    let mut line = Vec::new();
    loop {
        line.clear();
        let len = lines.by_ref().take(as_u64(LONGEST)).read_until(b'\n', &mut line)?;
        if len == 0 {
            return Ok(());
        }
        reading.outcome.len_bytes += as_u64(len);
        let is_whole = line.ends_with(b"\n") || len < LONGEST;
        if !is_whole {
            skip_line(&mut lines)?;
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        reading.outcome.records += 1;
        let event = std::str::from_utf8(text).ok().filter(|_| is_whole);
        match event.and_then(|text| event_of(text, reading.span())) {
            Some(event) => reading.take(event),
            None => reading.reject("is no line of an S3 server access log"),
        }
    }
}

fn skip_line(lines: &mut impl BufRead) -> io::Result<()> {
    loop {
        let held = lines.fill_buf()?;
        let (len, ends) = match memchr::memchr(b'\n', held) {
            Some(at) => (at + 1, true),
            None => (held.len(), held.is_empty()),
        };
        lines.consume(len);
        if ends {
            return Ok(());
        }
    }
}

/// The fields of a line, `None` where there is `-` [SAL-01].
struct Fields<'a> {
    bucket: &'a str,
    time: &'a str,
    remote_ip: Option<&'a str>,
    requester: Option<&'a str>,
    request_id: &'a str,
    operation: &'a str,
    key: Option<&'a str>,
    status: Option<&'a str>,
    error: Option<&'a str>,
    bytes_sent: Option<&'a str>,
    object_size: Option<&'a str>,
    user_agent: Option<&'a str>,
    /// Fields from the version id on; old lines have fewer, new ones may have more.
    rest: Vec<&'a str>,
}

impl<'a> Fields<'a> {
    /// Cuts a line from both ends, because what callers send may hold quotes [SAL-06].
    fn cut(line: &'a str) -> Option<Self> {
        let (_owner, line) = line.split_once(' ')?;
        let (bucket, line) = line.split_once(" [")?;
        let (time, line) = line.split_once("] ")?;
        let (remote_ip, line) = line.split_once(' ')?;
        let (requester, line) = line.split_once(' ')?;
        let (request_id, line) = line.split_once(' ')?;
        let (operation, line) = line.split_once(' ')?;
        let (key, line) = line.split_once(' ')?;
        let line = behind_request(line)?;
        let mut numbers = line.splitn(7, ' ');
        let mut next = || numbers.next().map(present);
        let (status, error, bytes_sent, object_size) = (next()?, next()?, next()?, next()?);
        let (_total, _turn_around) = (next()?, next()?);
        let (user_agent, rest) = said(numbers.next().unwrap_or_default());
        Some(Self {
            bucket,
            time,
            remote_ip: present(remote_ip),
            requester: present(requester),
            request_id,
            operation,
            key: present(key),
            status,
            error,
            bytes_sent,
            object_size,
            user_agent,
            rest: rest.split_ascii_whitespace().collect(),
        })
    }

    /// A field of those behind the user agent.
    fn late(&self, index: usize) -> Option<&'a str> {
        self.rest.get(index).copied().and_then(present)
    }
}

/// What stands behind the request, which ends before a status.
fn behind_request(line: &str) -> Option<&str> {
    let Some(request) = line.strip_prefix('"') else {
        return line.strip_prefix("- ");
    };
    let ends = request
        .match_indices("\" ")
        .map(|(at, quote)| request.get(at + quote.len()..));
    ends.flatten().find(|rest| {
        let status = rest.split(' ').next().unwrap_or_default();
        status == "-" || (status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// The user agent, and what stands behind it.
fn said(text: &str) -> (Option<&str>, &str) {
    let Some((quoted, rest)) = text.rsplit_once('"') else {
        return (None, text);
    };
    // The referer stands before it; where either holds quotes, the cut between the two is the first that fits.
    let agent = quoted.split_once("\" \"").map(|(_, agent)| agent);
    let agent = agent.or_else(|| quoted.strip_prefix("- \""));
    (agent.and_then(present), rest)
}

fn present(field: &str) -> Option<&str> {
    Some(field).filter(|field| *field != "-")
}

fn event_of(line: &str, span: Span) -> Option<ApiEvent> {
    let fields = Fields::cut(line)?;
    let failed = fields.status.is_some_and(|status| status.starts_with(['4', '5']));
    let by_status = || fields.status.filter(|_| failed).map(|status| format!("HTTP {status}"));
    let key = fields.key.map(decoded);
    let version = fields.late(0);
    let arn = match &key {
        Some(key) => format!("arn:aws:s3:::{}/{key}", fields.bucket),
        None => format!("arn:aws:s3:::{}", fields.bucket),
    };
    let parameters = json!({ "bucketName": fields.bucket, "key": key, "versionId": version });
    let writes = fields.operation.contains(".PUT.") || fields.operation.contains(".POST.");
    Some(ApiEvent {
        id: fields.request_id.into(),
        shared_id: None,
        time: timestamp(fields.time)?,
        service: "s3.amazonaws.com".into(),
        name: name(fields.operation, key.is_some()).into(),
        region: "".into(),
        account: None,
        actor: requester(fields.requester),
        user_agent: fields.user_agent.map(Into::into),
        source_ip: fields.remote_ip.map(Into::into),
        error: fields.error.map(Into::into).or_else(|| by_status().map(Into::into)),
        error_message: None,
        parameters: Some(parameters.to_string().into()),
        response: None,
        resources: vec![EventResource {
            arn: Some(arn.into()),
            kind: Some(
                if key.is_some() {
                    "AWS::S3::Object"
                } else {
                    "AWS::S3::Bucket"
                }
                .into(),
            ),
            account: None,
        }],
        bytes_out: fields.bytes_sent.and_then(|bytes| bytes.parse().ok()),
        bytes_in: fields
            .object_size
            .filter(|_| writes)
            .and_then(|bytes| bytes.parse().ok()),
        // [SAL-03]
        authentication: fields.late(4).map(Into::into),
        tls: fields.rest.get(3).map(|cipher| *cipher != "-"),
        acl_required: fields
            .late(8)
            .is_some_and(|required| required.eq_ignore_ascii_case("yes")),
        vpc_endpoint: None,
        insight: None,
        origin: EventOrigin::AccessLog,
        span,
    })
}

/// A key is percent-encoded, some of it twice.
fn decoded(key: &str) -> String {
    let once = percent_decode_str(key).decode_utf8_lossy().into_owned();
    match once.contains("%2") {
        true => percent_decode_str(&once).decode_utf8_lossy().into_owned(),
        false => once,
    }
}

/// Who asked [SAL-02].
fn requester(text: Option<&str>) -> Actor {
    let Some(text) = text else {
        return Actor {
            kind: ActorKind::Anonymous,
            ..Actor::default()
        };
    };
    let account = text.split(':').nth(4).and_then(|id| id.parse::<AccountId>().ok());
    let kind = match text {
        _ if text.contains(":assumed-role/") => ActorKind::AssumedRole,
        _ if text.contains(":federated-user/") => ActorKind::FederatedUser,
        _ if text.contains(":user/") => ActorKind::IamUser,
        _ if text.ends_with(":root") => ActorKind::Root,
        _ if text.starts_with("svc:") => ActorKind::AwsService,
        _ => ActorKind::CanonicalUser,
    };
    let is_arn = text.starts_with("arn:");
    Actor {
        kind,
        account,
        arn: is_arn.then(|| text.into()),
        invoked_by: text.strip_prefix("svc:").map(Into::into),
        principal_id: (!is_arn && kind == ActorKind::CanonicalUser).then(|| text.into()),
        ..Actor::default()
    }
}

/// Reads `06/Feb/2019:00:00:38 +0000`.
fn timestamp(text: &str) -> Option<Timestamp> {
    let (date, zone) = text.split_once(' ')?;
    let (date, time) = date.split_once(':')?;
    let mut parts = date.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let (hours, minutes) = zone.split_at_checked(3)?;
    format!("{year}-{month:02}-{day}T{time}{hours}:{minutes}").parse().ok()
}

/// The operation in CloudTrail's words, where it has some [SAL-04].
fn name(operation: &str, of_object: bool) -> &str {
    match (operation, of_object) {
        ("REST.GET.ACL", true) => return "GetObjectAcl",
        ("REST.GET.ACL", false) => return "GetBucketAcl",
        ("REST.PUT.ACL", true) => return "PutObjectAcl",
        ("REST.PUT.ACL", false) => return "PutBucketAcl",
        _ => {}
    }
    let found = NAMES.iter().find(|(known, _)| *known == operation);
    found.map_or(operation, |(_, name)| name)
}

/// Bytes that a line may have; key, request, referer and user agent are of a few thousand each.
const LONGEST: usize = 1 << 20;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

const NAMES: &[(&str, &str)] = &[
    ("REST.GET.OBJECT", "GetObject"),
    ("WEBSITE.GET.OBJECT", "GetObject"),
    ("REST.HEAD.OBJECT", "HeadObject"),
    ("WEBSITE.HEAD.OBJECT", "HeadObject"),
    ("REST.PUT.OBJECT", "PutObject"),
    ("REST.POST.OBJECT", "PostObject"),
    ("REST.COPY.OBJECT", "CopyObject"),
    ("REST.DELETE.OBJECT", "DeleteObject"),
    ("BATCH.DELETE.OBJECT", "DeleteObject"),
    ("REST.POST.MULTI_OBJECT_DELETE", "DeleteObjects"),
    ("REST.POST.UPLOADS", "CreateMultipartUpload"),
    ("REST.PUT.PART", "UploadPart"),
    ("REST.COPY.PART", "UploadPartCopy"),
    ("REST.POST.UPLOAD", "CompleteMultipartUpload"),
    ("REST.GET.BUCKET", "ListObjects"),
    ("REST.GET.BUCKETVERSIONS", "ListObjectVersions"),
    ("REST.HEAD.BUCKET", "HeadBucket"),
    ("REST.PUT.BUCKETPOLICY", "PutBucketPolicy"),
    ("REST.DELETE.BUCKETPOLICY", "DeleteBucketPolicy"),
    ("REST.GET.BUCKETPOLICY", "GetBucketPolicy"),
];
