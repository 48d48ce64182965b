use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::raw::{RawAdditional, RawIdentity, RawInsight, RawRecord, RawResource};
use super::struct_text::as_json;
use super::word::Word;
use crate::iam::Timestamp;
use crate::model::{Actor, ActorKind, ApiEvent, EventOrigin, EventResource};
use crate::source::Span;

/// What is wrong with a record, in words that follow "a record".
pub(super) type Wrong = Cow<'static, str>;

/// Hands on every event of a record: the record itself, or what it wraps [CT-01], [CT-02].
///
/// # Errors
/// What is wrong with it; the events before that were handed on.
pub(super) fn events(text: &str, span: Span, each: &mut dyn FnMut(ApiEvent)) -> Result<(), Wrong> {
    unwrap(text, span, DEEPEST, each)
}

fn unwrap(text: &str, span: Span, depth: usize, each: &mut dyn FnMut(ApiEvent)) -> Result<(), Wrong> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err("is wrapped too often".into());
    };
    if text.trim_start().starts_with('[') {
        return list(text, span, depth, each);
    }
    let raw: RawRecord<'_> = serde_json::from_str(text).map_err(|error| in_words(&error))?;
    if raw.event_time.text().is_some() {
        each(event(&raw, span)?);
        return Ok(());
    }
    let wrapped = [
        raw.detail,
        raw.cloud_trail_event,
        raw.event_data,
        raw.data,
        raw.records,
        raw.message,
    ];
    match wrapped.into_iter().flatten().next() {
        Some(inner) => unwrap(&content(inner)?, span, depth, each),
        None => Err("is no CloudTrail event: it has no `eventTime`".into()),
    }
}

fn list(text: &str, span: Span, depth: usize, each: &mut dyn FnMut(ApiEvent)) -> Result<(), Wrong> {
    let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| in_words(&error))?;
    let mut outcome = Ok(());
    for item in items {
        let one = unwrap(item.get(), span, depth, each);
        outcome = outcome.and(one);
    }
    outcome
}

/// The JSON of a member that is JSON itself, or a text that holds some [CT-90].
fn content(raw: &RawValue) -> Result<Cow<'_, str>, Wrong> {
    let text = raw.get();
    if !text.starts_with('"') {
        return Ok(Cow::Borrowed(text));
    }
    serde_json::from_str::<Cow<'_, str>>(text).map_err(|error| in_words(&error))
}

fn event(raw: &RawRecord<'_>, span: Span) -> Result<ApiEvent, Wrong> {
    let insight = json(raw.insight_details)?;
    let (service, name) = match &insight {
        Some(details) => {
            let told: RawInsight<'_> = read(details, "insightDetails")?;
            (told.event_source.keep(), told.event_name.keep())
        }
        None => (raw.event_source.keep(), raw.event_name.keep()),
    };
    let additional = json(raw.additional_event_data)?;
    let additional: RawAdditional<'_> = match &additional {
        Some(text) => read(text, "additionalEventData")?,
        None => RawAdditional::default(),
    };
    let time = raw.event_time.text().unwrap_or_default();
    Ok(ApiEvent {
        id: raw.event_id.keep().unwrap_or_default(),
        shared_id: raw.shared_event_id.keep(),
        time: timestamp(time).ok_or("has an `eventTime` that is no time")?,
        service: service.ok_or("is no CloudTrail event: it has no `eventSource`")?,
        name: name.ok_or("is no CloudTrail event: it has no `eventName`")?,
        region: raw.aws_region.keep().unwrap_or_default(),
        account: raw.recipient_account_id.text().and_then(|id| id.parse().ok()),
        actor: actor(raw)?,
        user_agent: raw.user_agent.keep(),
        source_ip: raw.source_ip_address.keep(),
        error: raw.error_code.keep(),
        error_message: raw.error_message.keep(),
        parameters: json(raw.request_parameters)?.map(Into::into),
        response: json(raw.response_elements)?.map(Into::into),
        resources: resources(raw)?,
        bytes_out: bytes(&additional.bytes_out),
        bytes_in: bytes(&additional.bytes_in),
        authentication: additional.authentication.keep(),
        tls: additional.cipher.text().map(|_| true),
        acl_required: additional.acl_required.is_yes(),
        vpc_endpoint: raw.vpc_endpoint_id.keep(),
        insight: insight.map(Into::into),
        origin: EventOrigin::CloudTrail,
        span,
    })
}

/// The JSON of a member, unless there is none.
fn json(raw: Option<&RawValue>) -> Result<Option<Cow<'_, str>>, Wrong> {
    let text = raw.map(content).transpose()?.map(as_json);
    Ok(text.filter(|text| !matches!(text.trim(), "" | "null")))
}

fn read<'a, T: Deserialize<'a>>(text: &'a str, name: &str) -> Result<T, Wrong> {
    let wrong = |error: serde_json::Error| format!("{} in `{name}`", in_words(&error)).into();
    serde_json::from_str(text).map_err(wrong)
}

/// CloudTrail's time, or that of a table, which has a space in place of `T` and no zone [CT-90].
fn timestamp(text: &str) -> Option<Timestamp> {
    let of_table = || format!("{}Z", text.replacen(' ', "T", 1)).parse().ok();
    text.parse().ok().or_else(of_table)
}

/// A number of bytes, which some records write as `1024.0`.
fn bytes(word: &Word<'_>) -> Option<u64> {
    let text = word.text()?;
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}

fn actor(record: &RawRecord<'_>) -> Result<Actor, Wrong> {
    let Some(text) = json(record.user_identity)? else {
        return Ok(Actor::default());
    };
    let raw: RawIdentity<'_> = read(&text, "userIdentity")?;
    let account = raw.account_id.text().and_then(|id| id.parse().ok());
    let session = raw.session_context.unwrap_or_default();
    let attributes = session.attributes.unwrap_or_default();
    let federation = session.web_id_federation_data.unwrap_or_default();
    Ok(Actor {
        kind: raw.kind.text().map_or(ActorKind::Unknown, ActorKind::from_name),
        arn: raw.arn.keep(),
        account,
        account_text: raw.account_id.keep().filter(|_| account.is_none()),
        principal_id: raw.principal_id.keep(),
        user_name: raw.user_name.keep(),
        access_key: raw.access_key_id.keep(),
        issuer: session.session_issuer.unwrap_or_default().arn.keep(),
        session_created: attributes.creation_date.keep(),
        mfa: attributes
            .mfa_authenticated
            .text()
            .map(|_| attributes.mfa_authenticated.is_yes()),
        source_identity: session.source_identity.keep(),
        provider: raw
            .identity_provider
            .keep()
            .or_else(|| federation.federated_provider.keep()),
        invoked_by: raw.invoked_by.keep(),
    })
}

fn resources(record: &RawRecord<'_>) -> Result<Vec<EventResource>, Wrong> {
    let Some(text) = json(record.resources)? else {
        return Ok(Vec::new());
    };
    let raw: Vec<RawResource<'_>> = read(&text, "resources")?;
    let resource = |raw: RawResource<'_>| EventResource {
        arn: raw.arn.keep().or_else(|| raw.prefix.keep()),
        kind: raw.kind.keep(),
        account: raw.account.text().and_then(|id| id.parse().ok()),
    };
    Ok(raw.into_iter().map(resource).collect())
}

fn in_words(error: &serde_json::Error) -> Wrong {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("cannot be read: {text}").into()
}

/// How deep events may be wrapped.
const DEEPEST: usize = 6;
