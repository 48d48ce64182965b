//! One reader for each answer about a bucket: the AWS CLI's shapes [FMT-11…21].

use super::document::View;
use super::notes::Wrong;
use crate::iam::Timestamp;
use crate::model::{Encryption, ObjectOwnership, Payer, PublicAccessBlock, Setting, Tags, Versioning};
use crate::source::Value;

type Read<T> = Result<Setting<T>, Wrong>;

/// `get-public-access-block` [FMT-15], [FMT-16].
pub(super) fn public_access_block(view: View<'_>) -> Read<PublicAccessBlock> {
    let name = "PublicAccessBlockConfiguration";
    four_settings(view.get(name).ok_or_else(|| Wrong::missing(view, name))?)
}

/// The four settings; one that is not written is off [BPA-07].
pub(super) fn four_settings(view: View<'_>) -> Read<PublicAccessBlock> {
    let names = [
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
    ];
    let members = view.node.members();
    if !view.node.is_object() || !members.is_empty() && !names.iter().any(|name| view.has(name)) {
        return Err(Wrong::missing(view, "BlockPublicAcls"));
    }
    let on = |name| view.get(name).map_or(Ok(false), boolean);
    let block = PublicAccessBlock {
        block_public_acls: on("BlockPublicAcls")?,
        ignore_public_acls: on("IgnorePublicAcls")?,
        block_public_policy: on("BlockPublicPolicy")?,
        restrict_public_buckets: on("RestrictPublicBuckets")?,
    };
    Ok(Setting::set(block, view.span()))
}

/// `get-bucket-ownership-controls` [FMT-17].
pub(super) fn ownership(view: View<'_>) -> Read<ObjectOwnership> {
    let controls = view.get("OwnershipControls");
    let controls = controls.ok_or_else(|| Wrong::missing(view, "OwnershipControls"))?;
    let rule = controls.items_of("Rules").next();
    let rule = rule.ok_or_else(|| Wrong::missing(controls, "Rules"))?;
    let value = rule.get("ObjectOwnership");
    let value = value.ok_or_else(|| Wrong::missing(rule, "ObjectOwnership"))?;
    let ownership = value.node.as_str().and_then(ObjectOwnership::from_name);
    let ownership = ownership.ok_or_else(|| Wrong::value(value, "Object Ownership"))?;
    Ok(Setting::set(ownership, value.span()))
}

/// `get-bucket-policy-status` [FMT-12].
pub(super) fn policy_status(view: View<'_>) -> Read<bool> {
    let status = view.get("PolicyStatus");
    let status = status.ok_or_else(|| Wrong::missing(view, "PolicyStatus"))?;
    let public = status.get("IsPublic");
    let public = public.ok_or_else(|| Wrong::missing(status, "IsPublic"))?;
    Ok(Setting::set(boolean(public)?, public.span()))
}

/// `get-bucket-tagging` [FMT-18].
pub(super) fn tagging(view: View<'_>) -> Read<Tags> {
    let set = view.get("TagSet").ok_or_else(|| Wrong::missing(view, "TagSet"))?;
    tags(set)
}

/// A list of keys and values.
pub(super) fn tags(set: View<'_>) -> Read<Tags> {
    if !set.node.is_array() {
        return Err(Wrong::new(set, "a list of tags"));
    }
    let mut tags = Tags::new();
    for tag in set.items() {
        let key = tag.text_of("Key").ok_or_else(|| Wrong::missing(tag, "Key"))?;
        let value = tag.text_of("Value").unwrap_or_default();
        tags.insert(key.into(), value.into());
    }
    Ok(Setting::set(tags, set.span()))
}

/// `get-bucket-location` [FMT-19].
pub(super) fn location(view: View<'_>) -> Read<Box<str>> {
    let region = match view.text_of("LocationConstraint") {
        None if !view.node.is_object() => return Err(Wrong::missing(view, "LocationConstraint")),
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    };
    Ok(Setting::set(region.into(), view.span()))
}

/// `get-bucket-request-payment` [FMT-20].
pub(super) fn payer(view: View<'_>) -> Read<Payer> {
    let payer = view.get("Payer").ok_or_else(|| Wrong::missing(view, "Payer"))?;
    match payer.node.as_str() {
        Some("BucketOwner") => Ok(Setting::set(Payer::BucketOwner, payer.span())),
        Some("Requester") => Ok(Setting::set(Payer::Requester, payer.span())),
        Some(_) | None => Err(Wrong::value(payer, "payer")),
    }
}

/// `get-bucket-versioning`: without a status versioning was never enabled; AWS Config calls that `Off`.
pub(super) fn versioning(view: View<'_>) -> Read<Versioning> {
    if !view.node.is_object() {
        return Err(Wrong::missing(view, "Status"));
    }
    let status = match view.text_of("Status") {
        None | Some("Off") => return Ok(Setting::Absent),
        Some(status) => status,
    };
    let mfa = view.get("IsMfaDeleteEnabled").and_then(|on| on.node.as_bool());
    let versioning = Versioning {
        enabled: status == "Enabled",
        mfa_delete: view.text_of("MFADelete") == Some("Enabled") || mfa == Some(true),
    };
    Ok(Setting::set(versioning, view.span()))
}

/// `get-bucket-encryption` [FMT-21].
pub(super) fn encryption(view: View<'_>) -> Read<Encryption> {
    let name = "ServerSideEncryptionConfiguration";
    let configuration = view.get(name).ok_or_else(|| Wrong::missing(view, name))?;
    let rule = configuration.items_of("Rules").next();
    let rule = rule.ok_or_else(|| Wrong::missing(configuration, "Rules"))?;
    let default = rule.get("ApplyServerSideEncryptionByDefault").unwrap_or(rule);
    let algorithm = default.text_of("SSEAlgorithm");
    let algorithm = algorithm.ok_or_else(|| Wrong::missing(default, "SSEAlgorithm"))?;
    let encryption = Encryption {
        algorithm: algorithm.into(),
        key: default.text_of("KMSMasterKeyID").map(Into::into),
    };
    Ok(Setting::set(encryption, rule.span()))
}

/// `get-bucket-logging`: an empty object means no logging [FMT-21].
pub(super) fn logging(view: View<'_>) -> Read<Box<str>> {
    if !view.node.is_object() {
        return Err(Wrong::missing(view, "LoggingEnabled"));
    }
    let Some(enabled) = view.get("LoggingEnabled") else {
        return Ok(Setting::Absent);
    };
    let target = enabled.text_of("TargetBucket");
    let target = target.ok_or_else(|| Wrong::missing(enabled, "TargetBucket"))?;
    Ok(Setting::set(target.into(), enabled.span()))
}

/// `get-object-lock-configuration`.
pub(super) fn object_lock(view: View<'_>) -> Read<bool> {
    let name = "ObjectLockConfiguration";
    let lock = view.get(name).ok_or_else(|| Wrong::missing(view, name))?;
    let enabled = lock.text_of("ObjectLockEnabled") == Some("Enabled");
    Ok(Setting::set(enabled, lock.span()))
}

/// `get-bucket-website`: whatever it says, the bucket is served as a website.
pub(super) fn website(view: View<'_>) -> Read<bool> {
    if !view.node.is_object() {
        return Err(Wrong::new(view, "an object"));
    }
    Ok(Setting::set(true, view.span()))
}

/// `get-bucket-abac` [CTX-27].
pub(super) fn abac(view: View<'_>) -> Read<bool> {
    let status = view.get("AbacStatus");
    let status = status.ok_or_else(|| Wrong::missing(view, "AbacStatus"))?;
    match status.text_of("Status") {
        Some("Enabled") => Ok(Setting::set(true, status.span())),
        Some("Disabled") => Ok(Setting::set(false, status.span())),
        Some(_) | None => Err(Wrong::missing(status, "Status")),
    }
}

/// A truth value, also where an exporter wrote it as a string.
pub(super) fn boolean(view: View<'_>) -> Result<bool, Wrong> {
    match (view.node.as_bool(), view.node.as_str()) {
        (Some(value), _) => Ok(value),
        (None, Some("true")) => Ok(true),
        (None, Some("false")) => Ok(false),
        (None, Some(_) | None) => Err(Wrong::new(view, "true or false")),
    }
}

/// A point in time: ISO 8601 or epoch seconds with or without a fraction [FMT-39].
pub(super) fn time(view: View<'_>) -> Option<Timestamp> {
    let text = match &view.node.value {
        Value::String(text) | Value::Number(text) => text,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let (seconds, fraction) = text.split_once('.')?;
    let seconds: i64 = seconds.parse().ok()?;
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    seconds.checked_mul(1000)?.checked_add(millis).map(Timestamp)
}
