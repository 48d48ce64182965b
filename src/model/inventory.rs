use super::{AccessPoint, Account, Bucket, Organization, Role};
use crate::iam::AccountId;
use crate::source::Placeholders;

/// Everything under audit.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The accounts whose state was given, by id; an unnamed account comes first.
    pub accounts: Vec<Account>,
    /// Their organization, if it was given.
    pub organization: Option<Organization>,
    /// Buckets by account and name.
    pub buckets: Vec<Bucket>,
    /// Access points by owner account and name.
    pub access_points: Vec<AccessPoint>,
    /// Roles by account and name.
    pub roles: Vec<Role>,
    /// What the placeholders in all of these stand for.
    pub placeholders: Placeholders,
}

impl Inventory {
    /// The account with this id, or the one unnamed account for `None`.
    pub fn account(&self, id: Option<AccountId>) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The bucket that an ARN is of or lies in, and the access point, where it leads through one.
    pub fn holder(&self, arn: &str) -> Option<(&Bucket, Option<&AccessPoint>)> {
        let is_in = |own: &str| {
            let rest = arn.strip_prefix(own);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let point = self.access_points.iter().find(|point| is_in(&point.arn()));
        let bucket = self.buckets.iter().find(|bucket| match point {
            Some(point) => bucket.name == point.bucket,
            None => is_in(&bucket.arn()),
        })?;
        Some((bucket, point))
    }

    /// Adds what another inventory holds.
    pub fn merge(&mut self, other: Self) {
        for account in other.accounts {
            match self.accounts.iter_mut().find(|known| known.id == account.id) {
                Some(known) => known.merge(account),
                None => self.accounts.push(account),
            }
        }
        match (&mut self.organization, other.organization) {
            (Some(known), Some(more)) => known.merge(more),
            (none @ None, more) => *none = more,
            (Some(_), None) => {}
        }
        self.buckets.extend(other.buckets);
        self.access_points.extend(other.access_points);
        self.roles.extend(other.roles);
        self.placeholders.merge(other.placeholders);
    }

    /// Gives what belongs to no named account to this one.
    pub fn attribute(&mut self, account: AccountId) {
        let owners = self.buckets.iter_mut().map(|bucket| &mut bucket.account);
        let owners = owners.chain(self.access_points.iter_mut().map(|point| &mut point.account));
        let owners = owners.chain(self.roles.iter_mut().map(|role| &mut role.account));
        for owner in owners {
            *owner = owner.or(Some(account));
        }
        let unnamed = self.accounts.iter().position(|known| known.id.is_none());
        if let Some(index) = unnamed {
            let mut found = self.accounts.remove(index);
            found.id = Some(account);
            self.merge(Self {
                accounts: vec![found],
                ..Self::default()
            });
        }
        self.sort();
    }

    /// Brings everything into the documented order.
    pub fn sort(&mut self) {
        self.accounts.sort_by_key(|account| account.id);
        self.buckets
            .sort_by(|a, b| (a.account, &a.name).cmp(&(b.account, &b.name)));
        self.access_points
            .sort_by(|a, b| (a.account, &a.name).cmp(&(b.account, &b.name)));
        self.roles
            .sort_by(|a, b| (a.account, &a.path, &a.name).cmp(&(b.account, &b.path, &b.name)));
    }
}
