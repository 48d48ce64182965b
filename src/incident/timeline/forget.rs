//! What a later snapshot tells of the time before: everything but what events changed.

use super::change::{Set, Target};
use super::unknown::{not_told, unknown_bucket};
use crate::iam::AccountId;
use crate::model::{AccessPoint, Account, Bucket, Inventory, Role};

/// Takes from a later state what an event set: what was before it is not known.
pub(super) fn forget(inventory: &mut Inventory, target: &Target, set: &Set) {
    match (target, set) {
        (_, Set::Nothing) => {}
        (Target::Bucket(name, _), Set::NewBucket(_)) => inventory.buckets.retain(|bucket| bucket.name != *name),
        (Target::Bucket(name, _), set) => {
            let named = inventory.buckets.iter_mut().filter(|bucket| bucket.name == *name);
            named.for_each(|bucket| forget_bucket(bucket, set));
        }
        (Target::Role(name, account), set) => forget_role(&mut inventory.roles, (name, *account), set),
        (Target::AccessPoint(name, account), set) => forget_point(&mut inventory.access_points, (name, *account), set),
        (Target::Account(id), _) => forget_account(&mut inventory.accounts, *id),
        (Target::Other(_), _) => {}
    }
}

/// Takes from a bucket what an event set.
fn forget_bucket(bucket: &mut Bucket, set: &Set) {
    match set {
        Set::BucketPolicy(_) => bucket.policy = not_told(),
        Set::BucketAcl(_) => bucket.acl = not_told(),
        // The defaults of its age are no more known to have held.
        Set::BucketBlock(_) => (bucket.public_access_block, bucket.created) = (not_told(), None),
        Set::Ownership(_) => (bucket.ownership, bucket.created) = (not_told(), None),
        Set::Payer(_) => bucket.request_payment = not_told(),
        Set::Tags(_) => bucket.tags = not_told(),
        Set::Versioning(_) => bucket.versioning = not_told(),
        Set::ObjectAcl(key, _) | Set::NewObject(key, _) | Set::NoObject(key) => {
            bucket.objects.retain(|object| object.key != *key);
        }
        // A later one of the same name.
        Set::NoBucket => *bucket = unknown_bucket(&bucket.name),
        Set::AccountBlock(_)
        | Set::NewBucket(_)
        | Set::NewPoint(_)
        | Set::PointPolicy(_)
        | Set::NoPoint
        | Set::NewRole(_)
        | Set::Trust(_)
        | Set::NoRole
        | Set::Nothing => {}
    }
}

/// Takes from a role what an event set, or the role that an event made.
fn forget_role(roles: &mut Vec<Role>, (name, account): (&str, Option<AccountId>), set: &Set) {
    let is_it = |role: &Role| *role.name == *name && role.account == account;
    match set {
        Set::NewRole(_) => roles.retain(|role| !is_it(role)),
        _ => roles
            .iter_mut()
            .filter(|role| is_it(role))
            .for_each(|role| role.trust = not_told()),
    }
}

/// Takes from an access point what an event set, or the one that an event made.
fn forget_point(points: &mut Vec<AccessPoint>, (name, account): (&str, Option<AccountId>), set: &Set) {
    let is_it = |point: &AccessPoint| *point.name == *name && point.account == account;
    match set {
        Set::NewPoint(_) => points.retain(|point| !is_it(point)),
        _ => points
            .iter_mut()
            .filter(|point| is_it(point))
            .for_each(|point| point.policy = not_told()),
    }
}

/// Takes from an account what an event set.
fn forget_account(accounts: &mut [Account], id: Option<AccountId>) {
    let named = accounts.iter_mut().filter(|account| account.id == id);
    named.for_each(|account| account.public_access_block = not_told());
}
