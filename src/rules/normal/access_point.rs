use super::policy::policy;
use super::{Builder, Document, Wanted, null, text};
use crate::iam::PolicyKind;
use crate::model::{AccessPoint, NetworkOrigin, PublicAccessBlock, Setting};
use crate::rules::rule::DocumentKind;
use crate::source::UnknownReason;

/// An access point as a document.
pub(in crate::rules) fn access_point(access_point: &AccessPoint, wanted: &Wanted<'_>) -> Document {
    let identity = (access_point.arn(), &*access_point.name);
    let (kind, span) = (DocumentKind::AccessPoint, access_point.span);
    let mut document = Builder::new(kind, identity, access_point.account, span, wanted);
    document.when.clone_from(&access_point.when);
    document.optional_text("region", || access_point.region.as_deref().map(str::to_owned));
    document.text("bucket", &access_point.bucket);
    document.optional_text("bucket_account", || {
        access_point.bucket_account.map(|id| id.to_string())
    });
    let (origin, vpc) = match &access_point.origin {
        NetworkOrigin::Internet => ("internet", None),
        NetworkOrigin::Vpc(vpc) => ("vpc", vpc.as_deref()),
    };
    // A policy that stands alone tells neither the bucket nor the origin.
    let known = if access_point.bucket.is_empty() {
        Setting::unknown(UnknownReason::NotInInput, None)
    } else {
        Setting::set(origin, access_point.span)
    };
    document.setting("origin", &known, |origin, span| text(origin, span), null);
    document.optional_text("vpc", || vpc.map(str::to_owned));
    document.setting("policy", &access_point.policy, |document, _| policy(document), null);
    document.lints(&access_point.policy, PolicyKind::AccessPoint);
    // [AP-05]: absent means all four on.
    document.block(
        "public_access_block",
        &access_point.public_access_block,
        PublicAccessBlock::ALL,
    );
    document.finish()
}
