use super::decision::Question;
use super::identity::{Belongs, Identity, Owner};
use crate::engine::BucketScope;
use crate::engine::settings::ownership_in_force;
use crate::iam::Action;
use crate::model::{ObjectOwnership, Setting};
use crate::source::{Known, Unknown, UnknownReason};

/// Whether ACLs take part in authorization [OWN-01…04].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Acls {
    /// They do.
    On,
    /// They do not.
    Off,
    /// The input does not tell.
    Unknown(Unknown),
}

/// Whether an object belongs to another account than its bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    /// It does.
    Yes,
    /// It does not, or nothing says so.
    No,
    /// The input does not tell.
    Unknown(Question),
}

/// Who owns the bucket, by every word of the input.
pub(super) fn bucket_owner(scope: &BucketScope<'_>) -> Owner {
    let bucket = scope.bucket;
    let by_account = scope.account.and_then(|account| account.canonical_id.as_ref());
    let by_acl = bucket.acl.value().and_then(|acl| acl.owner.as_ref());
    Owner {
        account: bucket.account,
        canonical: bucket.owner.as_ref().or(by_account).or(by_acl).cloned(),
    }
}

/// Whether ACLs are on for the bucket and its objects.
pub(super) fn acls(scope: &BucketScope<'_>) -> Acls {
    match ownership_in_force(scope.bucket) {
        Known::Known(ObjectOwnership::BucketOwnerEnforced) => Acls::Off,
        Known::Known(ObjectOwnership::BucketOwnerPreferred | ObjectOwnership::ObjectWriter) => Acls::On,
        Known::Unknown(unknown) => Acls::Unknown(unknown),
    }
}

/// Whether the bucket policy's Allow is void on an object because another account owns it [EVAL-17], [OWN-07].
///
/// Writing makes a new object, whoever owns the old one, and the bucket's owner can always delete.
pub(super) fn is_foreign(
    object: Option<&str>,
    action: &Action,
    identity: &Identity<'_>,
    owner: &Owner,
    scope: &BucketScope<'_>,
) -> Foreign {
    let deletes = matches!(action.name, "s3:DeleteObject" | "s3:DeleteObjectVersion");
    if action.name == "s3:PutObject" || deletes && identity.belongs_to(owner) == Belongs::Yes {
        return Foreign::No;
    }
    let acls = acls(scope);
    let Some(object) = object.and_then(|key| scope.bucket.objects.iter().find(|object| *object.key == *key)) else {
        return Foreign::No;
    };
    if acls == Acls::Off {
        return Foreign::No;
    }
    match &object.acl {
        Setting::Absent => Foreign::No,
        Setting::Unknown(unknown) => match unknown.reason {
            UnknownReason::NotInInput => Foreign::No,
            UnknownReason::Refused(_)
            | UnknownReason::Unreadable
            | UnknownReason::Undecided
            | UnknownReason::Invalid
            | UnknownReason::NotDeployed(_) => Foreign::Unknown(Question::Setting("the object's ACL", unknown.clone())),
        },
        Setting::Set(acl) => match (&acl.value.owner, &owner.canonical, acls) {
            (Some(object), Some(bucket), Acls::On | Acls::Off) if object != bucket => Foreign::Yes,
            (Some(object), Some(bucket), Acls::Unknown(unknown)) if object != bucket => {
                Foreign::Unknown(Question::Setting("Object Ownership", unknown))
            }
            // NOTE: where an owner is not in the input, the object counts as the bucket owner's.
            (Some(_) | None, Some(_) | None, Acls::On | Acls::Off | Acls::Unknown(_)) => Foreign::No,
        },
    }
}
