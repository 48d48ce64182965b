use bucketproof::iam::{PolicyDocument, Principal, Statement};
use std::collections::BTreeMap;

use super::World;

/// What statements name, in their order.
#[derive(Default)]
pub struct Constants {
    /// Entries of `Principal` and `NotPrincipal`.
    pub principals: Vec<Principal>,
    /// Values by key, in lower case.
    pub values: BTreeMap<String, Vec<String>>,
    /// Patterns of actions.
    pub actions: Vec<String>,
    /// Patterns of resources.
    pub resources: Vec<String>,
}

/// The constants of these statements.
pub fn constants<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Constants {
    let mut constants = Constants::default();
    for statement in statements {
        let principals = statement.principal.entries.iter();
        constants.principals.extend(principals.map(|entry| entry.value.clone()));
        let actions = statement.action.entries.iter();
        constants.actions.extend(actions.map(|entry| entry.value.0.to_string()));
        let resources = statement.resource.iter().flat_map(|list| &list.entries);
        constants
            .resources
            .extend(resources.map(|entry| entry.value.0.to_string()));
        for condition in &statement.conditions {
            let values = constants.values.entry(condition.key.folded().to_owned()).or_default();
            values.extend(condition.values.iter().map(|value| value.text.to_string()));
        }
    }
    constants
}

/// Every statement of every document of a world.
pub fn statements(world: &World) -> Vec<&Statement> {
    documents(world).flat_map(|document| &document.statements).collect()
}

fn documents(world: &World) -> impl Iterator<Item = &PolicyDocument> {
    let inventory = &world.inventory;
    let buckets = inventory.buckets.iter().filter_map(|bucket| bucket.policy.value());
    let access_points = inventory
        .access_points
        .iter()
        .filter_map(|access_point| access_point.policy.value());
    let roles = inventory.roles.iter().filter_map(|role| role.trust.value());
    let controls = inventory
        .organization
        .iter()
        .flat_map(|organization| &organization.resource_control_policies);
    buckets
        .chain(access_points)
        .chain(roles)
        .chain(controls.map(|policy| &policy.content))
}

impl Constants {
    /// Values that documents compare a key with.
    pub fn of(&self, key: &str) -> &[String] {
        self.values.get(&key.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// Whether documents ask for a key.
    pub fn ask_for(&self, key: &str) -> bool {
        self.values.contains_key(&key.to_lowercase())
    }
}
