use std::collections::BTreeMap;

use super::facts::Held;
use crate::engine;
use crate::finding::{Resource, ResourceKind};
use crate::iam::AccountId;
use crate::model::{AccessPoint, Account, Bucket, Inventory, Role};

/// An index from resources to what the inventory holds of them.
pub(super) struct Estate<'a> {
    pub(super) inventory: &'a Inventory,
    /// What decides about each resource.
    pub(super) scopes: engine::Estate<'a>,
    buckets: BTreeMap<&'a str, &'a Bucket>,
    access_points: BTreeMap<String, &'a AccessPoint>,
    roles: BTreeMap<String, &'a Role>,
    accounts: BTreeMap<Option<AccountId>, &'a Account>,
}

impl<'a> Estate<'a> {
    pub(super) fn new(inventory: &'a Inventory) -> Self {
        Self {
            inventory,
            scopes: engine::Estate::new(inventory),
            buckets: inventory.buckets.iter().map(|bucket| (&*bucket.name, bucket)).collect(),
            access_points: inventory
                .access_points
                .iter()
                .map(|point| (point.arn(), point))
                .collect(),
            roles: inventory.roles.iter().map(|role| (role.arn(), role)).collect(),
            accounts: inventory.accounts.iter().map(|account| (account.id, account)).collect(),
        }
    }

    /// What the inventory holds of a resource.
    pub(super) fn held(&self, resource: &Resource) -> Held<'a> {
        match resource.kind {
            ResourceKind::Bucket => self.bucket(&resource.name),
            // `arn:aws:s3:::bucket/key`: a bucket's name has no slash.
            ResourceKind::Object => {
                let path = resource.arn.rsplit_once(":::").map_or("", |(_, path)| path);
                self.bucket(path.split('/').next().unwrap_or_default())
            }
            ResourceKind::AccessPoint => {
                let access_point = self.access_points.get(&resource.arn).copied();
                Held {
                    access_point,
                    ..self.bucket(access_point.map_or("", |access_point| &access_point.bucket))
                }
            }
            ResourceKind::Role => Held {
                role: self.roles.get(&resource.arn).copied(),
                ..Held::default()
            },
        }
    }

    /// The account with this id, if its state was given.
    pub(super) fn account(&self, id: Option<AccountId>) -> Option<&'a Account> {
        self.accounts.get(&id).copied()
    }

    fn bucket(&self, name: &str) -> Held<'a> {
        Held {
            bucket: self.buckets.get(name).copied(),
            ..Held::default()
        }
    }
}
