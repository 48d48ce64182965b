use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use crate::iam::{AccountId, Timestamp};
use crate::model::{AccessPoint, Account, Bucket, Inventory, Organization, ResourceControlPolicy, Role};

/// The documents that together decide about one bucket, its objects and its access points.
#[derive(Clone, Debug)]
pub struct BucketScope<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The account that owns it, if its state was given.
    pub account: Option<&'a Account>,
    /// The organization, if it was given.
    pub organization: Option<&'a Organization>,
    /// The access points in front of it.
    pub access_points: Vec<&'a AccessPoint>,
    /// All accounts, to name principals by unique and canonical id.
    pub accounts: &'a [Account],
}

/// The documents that together decide who can assume one role.
#[derive(Clone, Debug)]
pub struct RoleScope<'a> {
    /// The role.
    pub role: &'a Role,
    /// The organization, if it was given.
    pub organization: Option<&'a Organization>,
    /// All accounts, to name principals by unique id.
    pub accounts: &'a [Account],
}

/// Who counts as "us" [OPEN-13].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// Our accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Our organizations.
    pub organizations: BTreeSet<Box<str>>,
    /// Our VPCs and VPC endpoints, by id.
    pub endpoints: BTreeSet<Box<str>>,
    /// Our address ranges.
    pub networks: Vec<IpNet>,
}

impl Zone {
    /// Whether some VPC, VPC endpoint or address range is ours.
    pub(super) fn has_networks(&self) -> bool {
        !self.endpoints.is_empty() || !self.networks.is_empty()
    }
}

/// How the engine is to read what AWS leaves open, and how far it may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The time at which access is judged [OPEN-07].
    pub now: Timestamp,
    /// Readings of what AWS does not document.
    pub doubts: Doubts,
    /// States that one search may visit before the answer is *indeterminate*; all of a decision about one resource may
    /// cost half as much again.
    pub budget: u32,
    /// Whether a value that is not known before deployment may be anything, and not only one fixed literal.
    pub unknowns_are_anything: bool,
}

/// Questions that AWS's documentation leaves open. Every default is the reading that reports more access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubts {
    /// Whether IgnorePublicAcls drops a mixed ACL as a whole, grants to named accounts included [BPA-12].
    pub ignored_acl_drops_named_grants: bool,
    /// Whether RestrictPublicBuckets also cuts access that an ACL gives [BPA-13].
    pub restricted_bucket_cuts_acls: bool,
    /// Whether `{"AWS": "*"}` covers service principals (`"*"` always does).
    pub star_covers_services: bool,
    /// Whether a principal is spared by `NotPrincipal` with `Deny` when only its own ARN is listed, not its account [PRIN-16].
    pub listed_principal_is_spared: bool,
    /// Whether `ForAnyValue:…IfExists` holds in an Allow, and not in a Deny, where the key is absent [COND-32].
    pub for_any_value_if_exists_favours_access: bool,
    /// Whether IgnorePublicAcls also ignores grants to the anonymous canonical id [ACL-08].
    pub ignored_acl_drops_anonymous_id: bool,
}

impl Default for Doubts {
    fn default() -> Self {
        Self {
            ignored_acl_drops_named_grants: false,
            restricted_bucket_cuts_acls: false,
            star_covers_services: true,
            listed_principal_is_spared: true,
            for_any_value_if_exists_favours_access: true,
            ignored_acl_drops_anonymous_id: false,
        }
    }
}

impl Options {
    /// The documented defaults at a point in time.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            doubts: Doubts::default(),
            budget: 50_000,
            unknowns_are_anything: false,
        }
    }
}

impl<'a> BucketScope<'a> {
    /// Resource control policies that cover the bucket [EVAL-13], [EVAL-14].
    pub fn resource_control_policies(&self) -> impl Iterator<Item = &'a ResourceControlPolicy> {
        covering(self.organization, self.bucket.account)
    }
}

impl<'a> RoleScope<'a> {
    /// Resource control policies that cover the role [TRUST-22].
    pub fn resource_control_policies(&self) -> impl Iterator<Item = &'a ResourceControlPolicy> {
        // A service-linked role is not restricted by any [EVAL-13].
        let organization = self.organization.filter(|_| !self.role.is_service_linked());
        covering(organization, self.role.account)
    }
}

/// The policies that certainly cover the account. One whose targets are not known covers nobody: that reports more access.
fn covering(
    organization: Option<&Organization>,
    account: Option<AccountId>,
) -> impl Iterator<Item = &ResourceControlPolicy> {
    organization.into_iter().flat_map(move |organization| {
        organization.resource_control_policies.iter().filter(move |policy| {
            account.is_some_and(|account| {
                organization.management_account != Some(account)
                    && organization.covers(policy.targets.as_deref(), account) == Some(true)
            })
        })
    })
}

/// An index from buckets to what decides about them; built once a run.
#[derive(Debug)]
pub struct Estate<'a> {
    inventory: &'a Inventory,
    accounts: BTreeMap<Option<AccountId>, &'a Account>,
    access_points: BTreeMap<&'a str, Vec<&'a AccessPoint>>,
}

impl<'a> Estate<'a> {
    /// An index of an inventory.
    pub fn new(inventory: &'a Inventory) -> Self {
        let mut access_points: BTreeMap<&str, Vec<&AccessPoint>> = BTreeMap::new();
        for access_point in &inventory.access_points {
            access_points
                .entry(&access_point.bucket)
                .or_default()
                .push(access_point);
        }
        Self {
            inventory,
            accounts: inventory.accounts.iter().map(|account| (account.id, account)).collect(),
            access_points,
        }
    }

    /// What decides about a bucket.
    pub fn bucket(&self, bucket: &'a Bucket) -> BucketScope<'a> {
        let access_points = self.access_points.get(&*bucket.name).cloned().unwrap_or_default();
        BucketScope {
            bucket,
            account: self.accounts.get(&bucket.account).copied(),
            organization: self.inventory.organization.as_ref(),
            access_points,
            accounts: &self.inventory.accounts,
        }
    }

    /// What decides about a role.
    pub fn role(&self, role: &'a Role) -> RoleScope<'a> {
        RoleScope {
            role,
            organization: self.inventory.organization.as_ref(),
            accounts: &self.inventory.accounts,
        }
    }
}
