use super::{Builder, Document, Wanted};
use crate::iam::AccountId;
use crate::model::{Account, Organization, PublicAccessBlock, Setting};
use crate::rules::rule::DocumentKind;
use crate::source::UnknownReason;

/// An account as a document.
pub(in crate::rules) fn account(
    account: &Account,
    organization: Option<&Organization>,
    wanted: &Wanted<'_>,
) -> Document {
    let id = account.id.map(|id| id.to_string());
    let arn = format!("arn:aws:iam::{}:root", id.as_deref().unwrap_or_default());
    let name = id.as_deref().unwrap_or("(id unknown)");
    let mut document = Builder::new(DocumentKind::Account, (arn, name), account.id, account.span, wanted);
    document.optional_text("canonical_id", || {
        account.canonical_id.as_ref().map(ToString::to_string)
    });
    // [BPA-07]
    document.block(
        "public_access_block",
        &account.public_access_block,
        PublicAccessBlock::default(),
    );
    let assigned = organization_block(organization, account.id);
    document.block(
        "organization_public_access_block",
        &assigned,
        PublicAccessBlock::default(),
    );
    document.finish()
}

/// What the organization assigns to an account: all four settings or nothing [BPA-09].
pub(in crate::rules) fn organization_block(
    organization: Option<&Organization>,
    account: Option<AccountId>,
) -> Setting<PublicAccessBlock> {
    let (Some(organization), Some(account)) = (organization, account) else {
        return Setting::Absent;
    };
    let mut block = Setting::Absent;
    for policy in organization.s3_policies.iter().filter(|policy| policy.content) {
        match organization.covers(policy.targets.as_deref(), account) {
            Some(true) => return Setting::set(PublicAccessBlock::ALL, policy.span),
            Some(false) => {}
            None => block = Setting::unknown(UnknownReason::NotInInput, Some(policy.span)),
        }
    }
    block
}
