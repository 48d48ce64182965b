use super::access_point::describe;
use super::authorization::role;
use super::config_bucket::{all_unknown, bucket};
use super::document::{View, inside};
use super::notes::{Notes, Wrong};
use super::part::Part;
use super::settings::{four_settings, time};
use crate::iam::{AccountId, PolicyKind, Timestamp};
use crate::model::{AccessPoint, Bucket, PublicAccessBlock, Role, Setting};
use crate::source::{DuplicateKey, Span, UnknownReason};

/// One configuration item: what AWS Config saw of a resource at one time.
#[derive(Debug)]
pub(super) struct Capture {
    pub account: Option<AccountId>,
    /// Resource type and id: what is the same resource.
    pub resource: (String, String),
    pub time: Option<Timestamp>,
    pub captured: Captured,
    pub span: Span,
}

/// What was seen.
#[derive(Debug)]
pub(super) enum Captured {
    Bucket(Box<Bucket>),
    AccountBlock(Setting<PublicAccessBlock>),
    AccessPoint(Box<AccessPoint>),
    Role(Box<Role>),
    /// A user or role, by unique id and ARN.
    Identity(Box<str>, Box<str>),
    /// That it is gone or no longer recorded [FMT-52].
    Gone,
}

/// Whether a value is one of those that [`read_config`] reads.
pub(super) fn is_config(view: View<'_>) -> bool {
    let first = view.items().next().unwrap_or(view);
    if let Some(results) = view.get("Results") {
        return results.items().next().is_none_or(|item| item.node.as_str().is_some());
    }
    ENVELOPES.iter().any(|name| first.has(name)) || is_item(first) || first.get("detail").is_some_and(is_event)
}

fn is_event(view: View<'_>) -> bool {
    view.has("ConfigurationItem") || view.has("ConfigurationItemSummary")
}

fn is_item(view: View<'_>) -> bool {
    let recorded = view.has("ConfigurationItemStatus") || view.has("ConfigurationItemCaptureTime");
    let selected = view.has("SupplementaryConfiguration") || view.has("Configuration");
    recorded
        || view
            .text_of("ResourceType")
            .is_some_and(|kind| kind.starts_with("AWS::"))
            && selected
}

/// Reads the items of a delivered file [FMT-51], an API answer [FMT-50], [FMT-59] or an event [FMT-60].
pub(super) fn read_config(view: View<'_>, duplicates: &[DuplicateKey], part: &mut Part) {
    each_item(view, duplicates, 0, part);
}

fn each_item(view: View<'_>, duplicates: &[DuplicateKey], depth: usize, part: &mut Part) {
    if depth > ENVELOPE_DEPTH {
        let wrong = Wrong::at(view.span(), "lists inside lists hold no configuration items");
        return part.notes.wrong(wrong, COMMAND);
    }
    if view.node.as_str().is_some() {
        match view.decode() {
            Ok(decoded) => each_item(decoded.view(), decoded.duplicates(), depth + 1, part),
            Err(error) => part.notes.push(error.to_diagnostic()),
        }
        return;
    }
    if view.node.is_array() {
        view.items()
            .for_each(|item| each_item(item, duplicates, depth + 1, part));
        return;
    }
    let inner = view.get("detail").filter(|detail| is_event(*detail)).unwrap_or(view);
    part.notes.repeated(inner, ENVELOPES);
    let mut envelopes = ENVELOPES.iter().filter_map(|name| inner.get(name)).peekable();
    if envelopes.peek().is_none() {
        read_item(view, duplicates, part);
    }
    envelopes.for_each(|inner| each_item(inner, duplicates, depth + 1, part));
}

fn read_item(item: View<'_>, duplicates: &[DuplicateKey], part: &mut Part) {
    let kind = item.text_of("ResourceType").or_else(|| looks_like_a_bucket(item));
    let Some(kind) = kind.filter(|kind| AUDITED.contains(kind)) else {
        return;
    };
    let mut repeated = inside(duplicates, item.span()).to_vec();
    let captured = match item.text_of("ConfigurationItemStatus") {
        Some("ResourceDeleted" | "ResourceNotRecorded" | "ResourceDeletedNotRecorded") => Captured::Gone,
        Some(_) | None => match capture(kind, item, &mut repeated, &mut part.notes) {
            Ok(captured) => captured,
            Err(wrong) => {
                part.notes.wrong(wrong, COMMAND);
                match kind {
                    ACCOUNT_BLOCK => Captured::AccountBlock(unreadable(item)),
                    _ => return,
                }
            }
        },
    };
    let captured = if repeated.is_empty() {
        captured
    } else {
        captured.doubted(item)
    };
    part.notes.duplicates(&repeated);
    let account = item.text_of("AccountId").or(item.text_of("AwsAccountId"));
    let account: Option<AccountId> = account.and_then(|id| id.parse().ok());
    let named = |name| item.text_of(name).filter(|text| !text.is_empty());
    let id = named("ResourceId").or(named("ResourceName")).map(str::to_owned);
    part.captures.push(Capture {
        account: account.or_else(|| captured.account()),
        resource: (kind.to_owned(), id.or_else(|| captured.name()).unwrap_or_default()),
        time: item.get("ConfigurationItemCaptureTime").and_then(time),
        captured,
        span: item.span(),
    });
}

fn capture(kind: &str, item: View<'_>, repeated: &mut Vec<DuplicateKey>, notes: &mut Notes) -> Result<Captured, Wrong> {
    if kind == BUCKET {
        return bucket(item, notes).map(Box::new).map(Captured::Bucket);
    }
    let configuration = item.get("Configuration");
    let configuration = configuration.ok_or_else(|| Wrong::missing(item, "configuration"))?;
    let decoded = configuration.decode();
    let decoded = decoded.map_err(|_| Wrong::value(configuration, "configuration in JSON"))?;
    let inner = decoded.view();
    repeated.extend_from_slice(decoded.duplicates());
    match kind {
        ACCOUNT_BLOCK => four_settings(inner).map(Captured::AccountBlock),
        "AWS::IAM::User" => {
            let id = inner.text_of("UserId").ok_or_else(|| Wrong::missing(inner, "userId"))?;
            let arn = inner.text_of("Arn").ok_or_else(|| Wrong::missing(inner, "arn"))?;
            Ok(Captured::Identity(id.into(), arn.into()))
        }
        "AWS::IAM::Role" => role(inner, notes).map(Box::new).map(Captured::Role),
        _ => {
            let Some(mut found) = describe(inner)? else {
                return Ok(Captured::Gone);
            };
            found.region = found.region.or(item.text_of("AwsRegion").map(Into::into));
            found.policy = match inner.get("Policy") {
                Some(policy) => notes.policy(policy, PolicyKind::AccessPoint),
                None => Setting::Absent,
            };
            Ok(Captured::AccessPoint(Box::new(found)))
        }
    }
}

fn unreadable<T>(item: View<'_>) -> Setting<T> {
    Setting::unknown(UnknownReason::Unreadable, Some(item.span()))
}

/// A result of an advanced query that selected no resource type [FMT-59].
fn looks_like_a_bucket(item: View<'_>) -> Option<&'static str> {
    let more = item.get("SupplementaryConfiguration")?;
    let fields = ["AccessControlList", "BucketPolicy", "PublicAccessBlockConfiguration"];
    fields.iter().any(|name| more.has(name)).then_some(BUCKET)
}

impl Captured {
    /// The same where names stand twice, so that nobody knows which of two values holds.
    fn doubted(self, item: View<'_>) -> Self {
        match self {
            Self::Bucket(mut bucket) => {
                all_unknown(&mut bucket, &UnknownReason::Unreadable);
                Self::Bucket(bucket)
            }
            Self::AccountBlock(_) => Self::AccountBlock(unreadable(item)),
            Self::AccessPoint(mut point) => {
                point.policy = unreadable(item);
                point.public_access_block = unreadable(item);
                Self::AccessPoint(point)
            }
            Self::Role(mut role) => {
                role.trust = unreadable(item);
                Self::Role(role)
            }
            Self::Identity(id, arn) => Self::Identity(id, arn),
            Self::Gone => Self::Gone,
        }
    }

    fn name(&self) -> Option<String> {
        match self {
            Self::Bucket(bucket) => Some(bucket.name.to_string()),
            Self::AccessPoint(point) => Some(point.arn()),
            Self::Role(role) => Some(role.arn()),
            Self::AccountBlock(_) | Self::Identity(..) | Self::Gone => None,
        }
    }

    fn account(&self) -> Option<AccountId> {
        match self {
            Self::AccessPoint(point) => point.account,
            Self::Role(role) => role.account,
            Self::Bucket(_) | Self::AccountBlock(_) | Self::Identity(..) | Self::Gone => None,
        }
    }
}

const ENVELOPES: &[&str] = &[
    "configurationItems",
    "baseConfigurationItems",
    "configurationItem",
    "configurationItemSummary",
    "invokingEvent",
    "Results",
];
const ENVELOPE_DEPTH: usize = 8;
const BUCKET: &str = "AWS::S3::Bucket";
const ACCOUNT_BLOCK: &str = "AWS::S3::AccountPublicAccessBlock";
const AUDITED: &[&str] = &[
    BUCKET,
    ACCOUNT_BLOCK,
    "AWS::S3::AccessPoint",
    "AWS::IAM::Role",
    "AWS::IAM::User",
];
const COMMAND: &str = "configservice get-resource-config-history";
