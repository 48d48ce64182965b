use crate::iam::Timestamp;
use crate::model::{Bucket, ObjectOwnership, Setting};
use crate::source::{Known, UnknownReason};

/// The Object Ownership that is in force for a bucket.
///
/// Without ownership controls a bucket behaves as with ObjectWriter [OWN-04]. Where the input does not
/// carry the setting, AWS's default for the bucket's age holds [OWN-08].
pub(super) fn ownership_in_force(bucket: &Bucket) -> Known<ObjectOwnership> {
    match &bucket.ownership {
        Setting::Set(ownership) => Known::Known(ownership.value),
        Setting::Absent => Known::Known(ObjectOwnership::ObjectWriter),
        Setting::Unknown(unknown) => match unknown.reason {
            UnknownReason::NotInInput if has_new_defaults(bucket) => Known::Known(ObjectOwnership::BucketOwnerEnforced),
            UnknownReason::NotInInput => Known::Known(ObjectOwnership::ObjectWriter),
            UnknownReason::Refused(_)
            | UnknownReason::Unreadable
            | UnknownReason::Undecided
            | UnknownReason::Invalid
            | UnknownReason::NotDeployed(_) => Known::Unknown(unknown.clone()),
        },
    }
}

/// Whether a bucket was certainly created under the defaults of April 2023: ACLs off, all four blocks on [OWN-08].
///
/// A bucket whose age is not known counts as old.
pub(super) fn has_new_defaults(bucket: &Bucket) -> bool {
    bucket.created.is_some_and(|created| created >= ROLLED_OUT)
}

/// 2023-04-27T00:00:00Z
const ROLLED_OUT: Timestamp = Timestamp(1_682_553_600_000);
