use std::collections::BTreeMap;

use super::facts::Held;
use crate::engine;
use crate::finding::{Resource, ResourceKind};
use crate::iam::AccountId;
use crate::model::{AccessPoint, Account, Bucket, Inventory, Role, When};

/// An index from resources to what the inventory holds of them.
pub(super) struct Estate<'a> {
    pub(super) inventory: &'a Inventory,
    /// What decides about each resource.
    pub(super) scopes: engine::Estate<'a>,
    buckets: BTreeMap<(&'a str, &'a [When]), &'a Bucket>,
    access_points: BTreeMap<String, Vec<&'a AccessPoint>>,
    roles: BTreeMap<(String, &'a [When]), &'a Role>,
    accounts: BTreeMap<Option<AccountId>, &'a Account>,
}

impl<'a> Estate<'a> {
    pub(super) fn new(inventory: &'a Inventory) -> Self {
        let mut access_points: BTreeMap<String, Vec<&AccessPoint>> = BTreeMap::new();
        for point in &inventory.access_points {
            access_points.entry(point.arn()).or_default().push(point);
        }
        Self {
            inventory,
            scopes: engine::Estate::new(inventory),
            buckets: inventory
                .buckets
                .iter()
                .map(|bucket| ((&*bucket.name, &*bucket.when), bucket))
                .collect(),
            access_points,
            roles: inventory
                .roles
                .iter()
                .map(|role| ((role.arn(), &*role.when), role))
                .collect(),
            accounts: inventory.accounts.iter().map(|account| (account.id, account)).collect(),
        }
    }

    /// What the inventory holds of a resource.
    pub(super) fn held(&self, resource: &Resource) -> Held<'a> {
        match resource.kind {
            ResourceKind::Bucket => self.bucket(&resource.name, &resource.when),
            // `arn:aws:s3:::bucket/key`: a bucket's name has no slash.
            ResourceKind::Object => {
                let path = resource.arn.rsplit_once(":::").map_or("", |(_, path)| path);
                self.bucket(path.split('/').next().unwrap_or_default(), &resource.when)
            }
            ResourceKind::AccessPoint => self.access_point(resource),
            ResourceKind::Role => Held {
                role: self.roles.get(&(resource.arn.clone(), &*resource.when)).copied(),
                ..Held::default()
            },
        }
    }

    /// An access point, with the bucket behind it as it is where the access point is as it is judged.
    fn access_point(&self, resource: &Resource) -> Held<'a> {
        let points = self.access_points.get(&resource.arn).into_iter().flatten();
        let mut held = points.filter_map(|point| {
            let of_bucket = resource.when.strip_suffix(&*point.when)?;
            Some(Held {
                access_point: Some(point),
                ..self.bucket(&point.bucket, of_bucket)
            })
        });
        held.next().unwrap_or_default()
    }

    /// The account with this id, if its state was given.
    pub(super) fn account(&self, id: Option<AccountId>) -> Option<&'a Account> {
        self.accounts.get(&id).copied()
    }

    fn bucket(&self, name: &str, when: &[When]) -> Held<'a> {
        Held {
            bucket: self.buckets.get(&(name, when)).copied(),
            ..Held::default()
        }
    }
}
