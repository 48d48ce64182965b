use super::change::Told;
use super::parameters::Field;
use crate::iam::AccountId;
use crate::model::{ObjectOwnership, PublicAccessBlock};

/// Where objects are replicated to, and whose buckets these are.
pub(super) fn destinations(told: &Told<'_>) -> String {
    let rules = told
        .field("ReplicationConfiguration")
        .and_then(|field| field.get("Rule"));
    let own = told.account();
    let named = rules.into_iter().flat_map(Field::each).filter_map(|rule| {
        let destination = rule.get("Destination")?;
        let bucket = destination.text("Bucket")?;
        let account: Option<AccountId> = destination.text("Account").and_then(|id| id.parse().ok());
        Some(match account {
            Some(account) if Some(account) != own => {
                format!("to `{bucket}` of account {account}, which is another one")
            }
            Some(_) | None => format!("to `{bucket}`"),
        })
    });
    let named: Vec<String> = named.collect();
    match named.is_empty() {
        true => "the event does not tell to where".into(),
        false => named.join(", "),
    }
}

/// Which of the four settings are on.
pub(super) fn in_words(block: PublicAccessBlock) -> String {
    let on = [
        ("BlockPublicAcls", block.block_public_acls),
        ("IgnorePublicAcls", block.ignore_public_acls),
        ("BlockPublicPolicy", block.block_public_policy),
        ("RestrictPublicBuckets", block.restrict_public_buckets),
    ];
    let off: Vec<&str> = on.iter().filter(|(_, on)| !on).map(|(name, _)| *name).collect();
    match off.len() {
        0 => "all on".into(),
        4 => "all off".into(),
        _ => format!("off: {}", off.join(", ")),
    }
}

/// The name of an Object Ownership.
pub(super) fn ownership_in_words(ownership: ObjectOwnership) -> &'static str {
    match ownership {
        ObjectOwnership::BucketOwnerEnforced => "BucketOwnerEnforced",
        ObjectOwnership::BucketOwnerPreferred => "BucketOwnerPreferred",
        ObjectOwnership::ObjectWriter => "ObjectWriter",
    }
}
