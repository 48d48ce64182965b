use std::collections::BTreeMap;

use super::unknown::is_not_told;
use crate::engine::Assumption;
use crate::iam::AccountId;
use crate::model::{AccessPoint, Account, Bucket, Role, Setting};

/// The part of a state that one event may change.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub buckets: BTreeMap<Box<str>, Bucket>,
    points: Vec<AccessPoint>,
    accounts: Vec<Account>,
    pub role: Option<Role>,
    /// What is taken for granted about buckets where an ACL gives access.
    assumed: BTreeMap<Box<str>, Assumption>,
}

impl Piece {
    /// What is taken for granted about a bucket where an ACL gives access.
    pub fn assumed(&self, bucket: &str) -> Option<&Assumption> {
        self.assumed.get(bucket)
    }

    /// These buckets with what decides about them, or this role.
    pub fn new(buckets: &[&Bucket], points: Vec<AccessPoint>, accounts: &[Account], role: Option<Role>) -> Self {
        let owners = accounts.iter();
        let owners = owners.filter(|account| buckets.iter().any(|bucket| bucket.account == account.id));
        let mut piece = Self {
            points,
            accounts: owners.map(without_names).collect(),
            role,
            ..Self::default()
        };
        buckets.iter().for_each(|bucket| piece.add(bucket));
        piece
    }

    /// The access points in front of its buckets.
    pub fn points(&self) -> impl Iterator<Item = &AccessPoint> {
        self.points.iter()
    }

    /// The account with this id.
    pub fn account(&self, id: Option<AccountId>) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// Adds a bucket. A policy that nothing tells denies nothing, which is said: all would be undecided otherwise.
    fn add(&mut self, bucket: &Bucket) {
        let name = &bucket.name;
        let mut bucket = bucket.clone();
        if is_not_told(&bucket.policy) {
            bucket.policy = Setting::Absent;
            let unknown = format!("the policy of bucket `{name}` is not told: it is taken to deny nothing");
            let assumed = Assumption { unknown, span: None };
            self.assumed.insert(name.clone(), assumed);
        }
        self.buckets.insert(bucket.name.clone(), bucket);
    }
}

/// An account without its index of names, which is the same before and after.
fn without_names(account: &Account) -> Account {
    Account {
        unique_ids: BTreeMap::new(),
        ..account.clone()
    }
}
