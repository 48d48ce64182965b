use super::policy::policy;
use super::upkeep::add_upkeep;
use super::{Builder, Document, Wanted, bool, null, object, text, transport};
use crate::engine::{BucketScope, Options};
use crate::finding::Status;
use crate::iam::PolicyKind;
use crate::model::{Acl, AclGrant, AclGrantee, Bucket, ObjectOwnership, PublicAccessBlock, Setting};
use crate::rules::rule::DocumentKind;
use crate::source::{Node, Span, UnknownReason, Value};

/// What stands above a bucket.
pub(in crate::rules) struct Levels<'a> {
    /// The account's block.
    pub(in crate::rules) account: &'a Setting<PublicAccessBlock>,
    /// What the organization assigns.
    pub(in crate::rules) organization: &'a Setting<PublicAccessBlock>,
    /// What the engine says of the bucket.
    pub(in crate::rules) status: Option<Status>,
    /// What decides about it.
    pub(in crate::rules) scope: &'a BucketScope<'a>,
    pub(in crate::rules) options: &'a Options,
}

/// A bucket as a document.
pub(in crate::rules) fn bucket(bucket: &Bucket, levels: &Levels<'_>, wanted: &Wanted<'_>) -> Document {
    let identity = (bucket.arn(), &*bucket.name);
    let mut document = Builder::new(DocumentKind::Bucket, identity, bucket.account, bucket.span, wanted);
    document.when.clone_from(&bucket.when);
    document.optional_text("region", || bucket.region.as_deref().map(str::to_owned));
    document.optional_text("created", || bucket.created.map(|time| time.to_string()));
    document.lints(&bucket.policy, PolicyKind::Bucket);
    let public = levels.status.and_then(|status| status.policy_public);
    document.setting("policy", &bucket.policy, |document, _| policy(document), null);
    document.setting(
        "policy_public",
        &policy_public(bucket, public),
        |public, span| bool(*public, span),
        null,
    );
    let is_public = |public: &bool, span| object([("is_public", bool(*public, span))], span);
    document.setting("policy_status", said(&bucket.policy_status), is_public, null);
    document.setting("acl", &bucket.acl, acl, null);
    let none = PublicAccessBlock::default();
    document.block("public_access_block", &bucket.public_access_block, none);
    document.block("account_public_access_block", levels.account, none);
    document.block("organization_public_access_block", levels.organization, none);
    // [OWN-04]: none set behaves like ObjectWriter.
    document.setting(
        "ownership",
        &bucket.ownership,
        |ownership, span| self::ownership(*ownership, true, span),
        |span| self::ownership(ObjectOwnership::ObjectWriter, false, span),
    );
    // Costs a decision, so only if some rule asks.
    if wanted.has("transport") {
        document.setting(
            "transport",
            &transport::tls_only(levels.scope, levels.options),
            |tls_only, span| transport::transport(*tls_only, true, span),
            |span| transport::transport(false, false, span),
        );
    }
    document.tags(&bucket.tags);
    add_upkeep(&mut document, bucket);
    document.finish()
}

/// What S3 said; where the input does not carry its word, it said nothing.
fn said(status: &Setting<bool>) -> &Setting<bool> {
    match status {
        Setting::Unknown(unknown) if unknown.reason == UnknownReason::NotInInput => &Setting::Absent,
        Setting::Unknown(_) | Setting::Set(_) | Setting::Absent => status,
    }
}

/// Whether S3 calls the policy public: absent without a policy, unknown where the engine cannot tell.
fn policy_public(bucket: &Bucket, public: Option<bool>) -> Setting<bool> {
    match (public, &bucket.policy) {
        (Some(public), policy) => Setting::set(public, policy.span().unwrap_or(bucket.span)),
        (None, Setting::Absent) => Setting::Absent,
        (None, Setting::Set(policy)) => Setting::unknown(UnknownReason::NotInInput, Some(policy.span)),
        (None, Setting::Unknown(unknown)) => Setting::Unknown(unknown.clone()),
    }
}

fn ownership(ownership: ObjectOwnership, set: bool, span: Span) -> Node {
    let acls = ownership != ObjectOwnership::BucketOwnerEnforced;
    object(
        [
            ("set", self::bool(set, span)),
            ("object_ownership", text(ownership.as_str(), span)),
            ("acls_enabled", self::bool(acls, span)),
        ],
        span,
    )
}

fn acl(acl: &Acl, span: Span) -> Node {
    let owner = acl
        .owner
        .as_ref()
        .map_or_else(|| null(span), |id| text(id.as_str(), span));
    let grants = acl.grants.iter().map(acl_grant).collect();
    object(
        [
            ("owner", owner),
            ("public", self::bool(acl.is_public(), span)),
            ("grants", Node::new(Value::Array(grants), span)),
        ],
        span,
    )
}

fn acl_grant(grant: &AclGrant) -> Node {
    let grantee = match &grant.grantee {
        AclGrantee::AllUsers => "AllUsers",
        AclGrantee::AuthenticatedUsers => "AuthenticatedUsers",
        AclGrantee::LogDelivery => "LogDelivery",
        AclGrantee::Canonical(id) => id.as_str(),
        AclGrantee::Email(address) => address,
        AclGrantee::OtherGroup(uri) => uri,
    };
    object(
        [
            ("grantee", text(grantee, grant.span)),
            ("permission", text(grant.permission.as_str(), grant.span)),
        ],
        grant.span,
    )
}
