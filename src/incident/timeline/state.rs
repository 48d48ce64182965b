use std::collections::BTreeMap;

use super::change::{Set, Target};
use super::piece::Piece;
use super::unknown::{doubt, known, unknown_account, unknown_bucket, unknown_role};
use crate::engine::{BucketScope, RoleScope};
use crate::iam::AccountId;
use crate::model::{AccessPoint, Account, Bucket, Inventory, ObjectAcl, Organization, Role, Setting};
use crate::source::UnknownReason;

/// What is known of all accounts at one point in time [CT-95].
#[derive(Debug, Default)]
pub(super) struct State {
    pub accounts: Vec<Account>,
    organization: Option<Organization>,
    buckets: BTreeMap<Box<str>, Bucket>,
    points: BTreeMap<Owned, AccessPoint>,
    roles: BTreeMap<Owned, Role>,
}

/// A name in an account.
type Owned = (Option<AccountId>, Box<str>);

impl State {
    /// What a snapshot tells.
    pub fn new(start: Inventory) -> Self {
        let name = |bucket: Bucket| (bucket.name.clone(), bucket);
        let point = |point: AccessPoint| ((point.account, point.name.clone()), point);
        let role = |role: Role| ((role.account, role.name.clone()), role);
        Self {
            accounts: start.accounts,
            organization: start.organization,
            buckets: start.buckets.into_iter().map(name).collect(),
            points: start.access_points.into_iter().map(point).collect(),
            roles: start.roles.into_iter().map(role).collect(),
        }
    }

    /// A bucket as it is known.
    pub fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    /// A role as it is known.
    pub fn role(&self, name: &str, account: Option<AccountId>) -> Option<&Role> {
        self.roles.get(&(account, name.into()))
    }

    /// What decides about access where this changes: of an access point the bucket behind it.
    pub fn decides(&self, target: &Target, set: &Set) -> Target {
        let Target::AccessPoint(name, account) = target else {
            return target.clone();
        };
        let there = self.points.get(&(*account, name.clone()));
        let point = match set {
            Set::NewPoint(point) => Some(&**point),
            _ => there,
        };
        match point {
            Some(point) => Target::Bucket(point.bucket.clone(), point.bucket_account.or(point.account)),
            None => target.clone(),
        }
    }

    /// Makes room for what is about to change: what is not known of it is unknown [CT-96].
    pub fn expect(&mut self, target: &Target, set: &Set) {
        match (target, set) {
            (_, Set::Nothing | Set::NewBucket(_) | Set::NewRole(_)) => {}
            (Target::Bucket(name, account), _) => {
                let bucket = self.buckets.entry(name.clone()).or_insert_with(|| unknown_bucket(name));
                bucket.account = bucket.account.or(*account);
            }
            (Target::Role(name, account), _) => {
                let key = (*account, name.clone());
                self.roles.entry(key).or_insert_with(|| unknown_role(name, *account));
            }
            (Target::Account(id), _) => {
                if !self.accounts.iter().any(|account| account.id == *id) {
                    self.accounts.push(unknown_account(*id));
                }
            }
            (Target::AccessPoint(..) | Target::Other(_), _) => {}
        }
    }

    /// Whether what is about to be replaced is known [CT-96].
    pub fn knows(&self, target: &Target, set: &Set) -> bool {
        let bucket = || match target {
            Target::Bucket(name, _) => self.buckets.get(name),
            Target::Account(_) | Target::AccessPoint(..) | Target::Role(..) | Target::Other(_) => None,
        };
        match (target, set) {
            (Target::Account(id), Set::AccountBlock(_)) => {
                let account = self.accounts.iter().find(|account| account.id == *id);
                account.is_some_and(|account| known(&account.public_access_block))
            }
            (Target::Role(name, account), Set::Trust(_)) => {
                let role = self.roles.get(&(*account, name.clone()));
                role.is_some_and(|role| known(&role.trust))
            }
            (Target::AccessPoint(name, account), Set::PointPolicy(_)) => {
                let point = self.points.get(&(*account, name.clone()));
                point.is_some_and(|point| known(&point.policy))
            }
            (_, Set::BucketPolicy(_)) => bucket().is_some_and(|bucket| known(&bucket.policy)),
            (_, Set::BucketAcl(_)) => bucket().is_some_and(|bucket| known(&bucket.acl)),
            (_, Set::BucketBlock(_)) => bucket().is_some_and(|bucket| known(&bucket.public_access_block)),
            (_, Set::Ownership(_)) => bucket().is_some_and(|bucket| known(&bucket.ownership)),
            (_, Set::Payer(_)) => bucket().is_some_and(|bucket| known(&bucket.request_payment)),
            (_, Set::Tags(_)) => bucket().is_some_and(|bucket| known(&bucket.tags) || !asks_for_tags(bucket)),
            (_, Set::ObjectAcl(key, _)) => {
                bucket().is_some_and(|bucket| bucket.objects.iter().any(|object| object.key == *key))
            }
            (_, _) => true,
        }
    }

    /// The part that an event about this may change.
    pub fn piece(&self, target: &Target) -> Piece {
        let buckets: Vec<&Bucket> = match target {
            Target::Bucket(name, _) => self.buckets.get(name).into_iter().collect(),
            Target::Account(id) => {
                let own = self.buckets.values().filter(|bucket| bucket.account == *id);
                own.collect()
            }
            Target::AccessPoint(..) | Target::Role(..) | Target::Other(_) => Vec::new(),
        };
        let role = match target {
            Target::Role(name, account) => self.roles.get(&(*account, name.clone())).cloned(),
            Target::Account(_) | Target::Bucket(..) | Target::AccessPoint(..) | Target::Other(_) => None,
        };
        let points = self.points.values();
        let points = points.filter(|point| buckets.iter().any(|bucket| bucket.name == point.bucket));
        Piece::new(&buckets, points.cloned().collect(), &self.accounts, role)
    }

    /// Everything, as one piece for each resource.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        let buckets = self.buckets.values();
        let buckets = buckets.map(|bucket| Target::Bucket(bucket.name.clone(), bucket.account));
        let roles = self
            .roles
            .keys()
            .map(|(account, name)| Target::Role(name.clone(), *account));
        buckets.chain(roles)
    }

    /// The ARN of what an event is about.
    pub fn arn(&self, target: &Target) -> String {
        let id = |account: &Option<AccountId>| account.map(|id| id.to_string()).unwrap_or_default();
        match target {
            Target::Account(account) => format!("arn:aws:iam::{}:root", id(account)),
            Target::Bucket(name, _) => match self.buckets.get(name) {
                Some(bucket) => bucket.arn(),
                None => format!("arn:aws:s3:::{name}"),
            },
            Target::AccessPoint(name, account) => match self.points.get(&(*account, name.clone())) {
                Some(point) => point.arn(),
                None => format!("arn:aws:s3::{}:accesspoint/{name}", id(account)),
            },
            Target::Role(name, account) => match self.roles.get(&(*account, name.clone())) {
                Some(role) => role.arn(),
                None => format!("arn:aws:iam::{}:role/{name}", id(account)),
            },
            Target::Other(name) => name.clone(),
        }
    }

    /// Does what a successful event did [CT-95].
    pub fn apply(&mut self, target: Target, set: Set) {
        match target {
            Target::Account(id) => {
                let account = self.accounts.iter_mut().find(|account| account.id == id);
                if let (Some(account), Set::AccountBlock(block)) = (account, set) {
                    account.public_access_block = block;
                }
            }
            Target::Bucket(name, _) => self.apply_to_bucket(name, set),
            Target::AccessPoint(name, account) => {
                let key = (account, name);
                match set {
                    Set::NewPoint(point) => {
                        self.points.insert(key, *point);
                    }
                    Set::NoPoint => {
                        self.points.remove(&key);
                    }
                    Set::PointPolicy(policy) => {
                        if let Some(point) = self.points.get_mut(&key) {
                            point.policy = policy;
                        }
                    }
                    _ => {}
                }
            }
            Target::Role(name, account) => {
                let key = (account, name);
                match set {
                    Set::NewRole(role) => {
                        self.roles.insert(key, *role);
                    }
                    Set::NoRole => {
                        self.roles.remove(&key);
                    }
                    Set::Trust(trust) => {
                        if let Some(role) = self.roles.get_mut(&key) {
                            role.trust = trust;
                        }
                    }
                    _ => {}
                }
            }
            Target::Other(_) => {}
        }
    }

    fn apply_to_bucket(&mut self, name: Box<str>, set: Set) {
        let there = self.buckets.get_mut(&name);
        match (there, set) {
            // In us-east-1 to make a bucket that one has succeeds, and sets its ACL anew.
            (Some(bucket), Set::NewBucket(new)) => bucket.acl = new.acl,
            (None, Set::NewBucket(new)) => {
                self.buckets.insert(name, *new);
            }
            (_, Set::NoBucket) => {
                self.buckets.remove(&name);
            }
            (Some(bucket), set) => set_of_bucket(bucket, set),
            (None, _) => {}
        }
    }

    /// Marks as unknown what an event says cannot have been as it is taken to be [CT-100].
    pub fn doubt_blocks(&mut self, target: &Target) {
        if let Target::Bucket(name, _) = target
            && let Some(bucket) = self.buckets.get_mut(name)
        {
            doubt(&mut bucket.public_access_block);
            // Nor the defaults of its age.
            bucket.created = None;
            let owner = bucket.account;
            for account in self.accounts.iter_mut().filter(|account| account.id == owner) {
                doubt(&mut account.public_access_block);
            }
        }
    }

    /// What decides about a bucket of a piece.
    pub fn bucket_scope<'a>(&'a self, piece: &'a Piece, bucket: &'a Bucket) -> BucketScope<'a> {
        let points = piece.points().filter(|point| point.bucket == bucket.name);
        BucketScope {
            bucket,
            account: piece.account(bucket.account),
            organization: self.organization.as_ref(),
            access_points: points.collect(),
            accounts: &self.accounts,
        }
    }

    /// What decides about a role.
    pub fn role_scope<'a>(&'a self, role: &'a Role) -> RoleScope<'a> {
        RoleScope {
            role,
            organization: self.organization.as_ref(),
            accounts: &self.accounts,
        }
    }
}

/// Takes an object away, as far as that can be told: where versions are kept, what is deleted or overwritten is there still.
fn take_away(bucket: &mut Bucket, key: &str) {
    match &bucket.versioning {
        Setting::Absent => bucket.objects.retain(|object| *object.key != *key),
        Setting::Set(versioning) if versioning.value.enabled => {}
        Setting::Set(_) | Setting::Unknown(_) => {
            let named = bucket.objects.iter_mut().filter(|object| *object.key == *key);
            named.for_each(|object| object.acl = Setting::unknown(UnknownReason::Undecided, None));
        }
    }
}

/// Whether access may depend on the tags of a bucket.
fn asks_for_tags(bucket: &Bucket) -> bool {
    let policy = bucket.policy.value().map(|policy| policy.to_json().to_string());
    let named = policy.is_some_and(|policy| policy.to_ascii_lowercase().contains("tag"));
    named || bucket.abac.value() == Some(&true) || !known(&bucket.policy)
}

fn set_of_bucket(bucket: &mut Bucket, set: Set) {
    match set {
        Set::ObjectAcl(key, acl) | Set::NewObject(key, acl) => {
            bucket.objects.retain(|object| object.key != key);
            let span = acl.span().unwrap_or(bucket.span);
            bucket.objects.push(ObjectAcl { key, acl, span });
        }
        Set::NoObject(key) => take_away(bucket, &key),
        Set::BucketPolicy(policy) => bucket.policy = policy,
        Set::BucketAcl(acl) => bucket.acl = acl,
        Set::BucketBlock(block) => bucket.public_access_block = block,
        Set::Ownership(ownership) => bucket.ownership = ownership,
        Set::Payer(payer) => bucket.request_payment = payer,
        Set::Tags(tags) => bucket.tags = tags,
        Set::Versioning(versioning) => bucket.versioning = versioning,
        Set::AccountBlock(_)
        | Set::NewBucket(_)
        | Set::NoBucket
        | Set::NewPoint(_)
        | Set::PointPolicy(_)
        | Set::NoPoint
        | Set::NewRole(_)
        | Set::Trust(_)
        | Set::NoRole
        | Set::Nothing => {}
    }
}
