//! Grants as sets: which classes of principals reach what, under which conditions, with a witness.

use super::{BucketScope, Options, ResourceAccess, RoleScope, Zone};

/// What a bucket grants, and each of its objects and access points that grants something of its own.
///
/// The bucket comes first, then access points by ARN, then objects by key.
pub fn bucket_access(_scope: &BucketScope<'_>, _zone: &Zone, _options: &Options) -> Vec<ResourceAccess> {
    Vec::new()
}

/// Who can assume a role.
pub fn role_access(_scope: &RoleScope<'_>, _zone: &Zone, _options: &Options) -> Vec<ResourceAccess> {
    Vec::new()
}
