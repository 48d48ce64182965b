use super::{Builder, bool, null, object, text};
use crate::model::{Bucket, Lifecycle, Payer, Versioning};
use crate::source::{Node, Span};

/// Settings that decide about nobody's access by themselves.
pub(super) fn add_upkeep(document: &mut Builder<'_>, bucket: &Bucket) {
    let switch = |on: &bool, span| switch(*on, true, span);
    let off = |span| self::switch(false, false, span);
    let payer = |payer: &Payer, span| {
        let requester = *payer == Payer::Requester;
        object([("requester_pays", bool(requester, span))], span)
    };
    let nobody = |span| payer(&Payer::BucketOwner, span);
    document.setting("request_payment", &bucket.request_payment, payer, nobody);
    document.setting("abac", &bucket.abac, switch, off);
    document.setting(
        "versioning",
        &bucket.versioning,
        |found, span| versioning(*found, true, span),
        |span| versioning(Versioning::default(), false, span),
    );
    document.setting(
        "encryption",
        &bucket.encryption,
        |found, span| encryption(found.key.as_deref(), (&found.algorithm, true), span),
        |span| encryption(None, (DEFAULT_ALGORITHM, false), span),
    );
    document.setting(
        "lifecycle",
        &bucket.lifecycle,
        |found, span| lifecycle(*found, true, span),
        |span| lifecycle(Lifecycle::default(), false, span),
    );
    document.setting(
        "logging",
        &bucket.logging,
        |target, span| logging(text(target, span), true, span),
        |span| logging(null(span), false, span),
    );
    document.setting("object_lock", &bucket.object_lock, switch, off);
    document.setting("website", &bucket.website, switch, off);
}

fn switch(enabled: bool, set: bool, span: Span) -> Node {
    object([("set", bool(set, span)), ("enabled", bool(enabled, span))], span)
}

fn versioning(versioning: Versioning, set: bool, span: Span) -> Node {
    let members = [
        ("set", bool(set, span)),
        ("enabled", bool(versioning.enabled, span)),
        ("mfa_delete", bool(versioning.mfa_delete, span)),
    ];
    object(members, span)
}

fn encryption(key: Option<&str>, (algorithm, set): (&str, bool), span: Span) -> Node {
    let key = key.map_or_else(|| null(span), |key| text(key, span));
    let members = [
        ("set", bool(set, span)),
        ("algorithm", text(algorithm, span)),
        ("key", key),
    ];
    object(members, span)
}

fn lifecycle(lifecycle: Lifecycle, set: bool, span: Span) -> Node {
    let (versions, uploads) = (
        lifecycle.expires_noncurrent_versions,
        lifecycle.aborts_incomplete_uploads,
    );
    let members = [
        ("set", bool(set, span)),
        ("expires_noncurrent_versions", bool(versions, span)),
        ("aborts_incomplete_uploads", bool(uploads, span)),
    ];
    object(members, span)
}

fn logging(target: Node, set: bool, span: Span) -> Node {
    object([("set", bool(set, span)), ("target_bucket", target)], span)
}

/// Since January 2023 S3 encrypts whatever comes without a word about encryption so.
const DEFAULT_ALGORITHM: &str = "AES256";
