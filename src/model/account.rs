use std::collections::BTreeMap;

use super::{PublicAccessBlock, Setting};
use crate::iam::{AccountId, CanonicalId, PolicyDocument};
use crate::source::{Span, Unknown};

/// One account and what holds for all of it.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Its id; none where the input does not name it.
    pub id: Option<AccountId>,
    /// Its canonical id, by which ACLs know it [FMT-41].
    pub canonical_id: Option<CanonicalId>,
    /// The account-level Block Public Access setting.
    pub public_access_block: Setting<PublicAccessBlock>,
    /// ARNs of users and roles by their unique ids.
    pub unique_ids: BTreeMap<Box<str>, Box<str>>,
    /// Where it was found.
    pub span: Span,
}

/// The organization that the accounts belong to.
#[derive(Clone, Debug, Default)]
pub struct Organization {
    /// Its id, such as `o-exampleorgid`.
    pub id: Option<Box<str>>,
    /// Its management account.
    pub management_account: Option<AccountId>,
    /// Its member accounts with their paths (`o-…/r-…/ou-…/`), where the input tells them.
    pub accounts: BTreeMap<AccountId, Vec<Box<str>>>,
    /// S3 policies: whether Block Public Access is assigned to all accounts under the targets [BPA-09].
    pub s3_policies: Vec<OrganizationPolicy<bool>>,
    /// Resource control policies [EVAL-13].
    pub resource_control_policies: Vec<ResourceControlPolicy>,
    /// What could not be read of it.
    pub unknown: Vec<Unknown>,
}

/// A policy of an organization and what it is attached to.
#[derive(Clone, Debug)]
pub struct OrganizationPolicy<T> {
    /// Its name.
    pub name: Box<str>,
    /// What it says.
    pub content: T,
    /// What it is attached to; none where the input does not tell.
    pub targets: Option<Vec<Target>>,
    /// Where it was written.
    pub span: Span,
}

/// A resource control policy.
pub type ResourceControlPolicy = OrganizationPolicy<PolicyDocument>;

/// What an organization's policy is attached to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The root: every account.
    Root,
    /// An organizational unit, by id.
    Unit(Box<str>),
    /// One account.
    Account(AccountId),
}

impl Account {
    /// Adds what another reading of the same account holds.
    pub fn merge(&mut self, other: Self) {
        self.canonical_id = self.canonical_id.take().or(other.canonical_id);
        if self.public_access_block.is_absent() {
            self.public_access_block = other.public_access_block;
        }
        self.unique_ids.extend(other.unique_ids);
    }
}

impl Organization {
    /// Adds what another reading of the organization holds.
    pub fn merge(&mut self, other: Self) {
        self.id = self.id.take().or(other.id);
        self.management_account = self.management_account.or(other.management_account);
        self.accounts.extend(other.accounts);
        self.s3_policies.extend(other.s3_policies);
        self.resource_control_policies.extend(other.resource_control_policies);
        self.unknown.extend(other.unknown);
    }

    /// Whether a policy with these targets covers a member account; unknown where the input does not tell.
    pub fn covers(&self, targets: Option<&[Target]>, account: AccountId) -> Option<bool> {
        let targets = targets?;
        let direct = targets.iter().any(|target| match target {
            Target::Root => true,
            Target::Account(id) => *id == account,
            Target::Unit(_) => false,
        });
        if direct {
            return Some(true);
        }
        let mut units = targets.iter().filter_map(|target| match target {
            Target::Unit(unit) => Some(unit),
            Target::Root | Target::Account(_) => None,
        });
        match self.accounts.get(&account) {
            Some(paths) if !paths.is_empty() => {
                Some(units.any(|unit| paths.iter().any(|path| path.split('/').any(|part| part == &**unit))))
            }
            Some(_) | None => {
                if units.next().is_some() {
                    None
                } else {
                    Some(false)
                }
            }
        }
    }
}
