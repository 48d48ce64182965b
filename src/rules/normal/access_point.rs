use super::policy::policy;
use super::{Builder, Document, null};
use crate::model::{AccessPoint, NetworkOrigin, PublicAccessBlock};
use crate::rules::rule::DocumentKind;

/// An access point as a document.
pub(in crate::rules) fn access_point(access_point: &AccessPoint) -> Document {
    let kind = DocumentKind::AccessPoint;
    let mut document = Builder::new(
        kind,
        access_point.arn(),
        &access_point.name,
        access_point.account,
        access_point.span,
    );
    document.optional_text("region", access_point.region.as_deref());
    document.text("bucket", &access_point.bucket);
    let owner = access_point.bucket_account.map(|id| id.to_string());
    document.optional_text("bucket_account", owner.as_deref());
    let (origin, vpc) = match &access_point.origin {
        NetworkOrigin::Internet => ("internet", None),
        NetworkOrigin::Vpc(vpc) => ("vpc", vpc.as_deref()),
    };
    document.text("origin", origin);
    document.optional_text("vpc", vpc);
    document.setting("policy", &access_point.policy, |document, _| policy(document), null);
    // [AP-05]: absent means all four on.
    document.block(
        "public_access_block",
        &access_point.public_access_block,
        PublicAccessBlock::ALL,
    );
    document.finish()
}
