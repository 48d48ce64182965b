//! Resources as people name them on the command line.

use super::CommandError;
use crate::model::{Inventory, Role};

/// The ARN patterns that a text names: an ARN or pattern as it is; `BUCKET` with all that is in it; `BUCKET/KEY`,
/// `s3://BUCKET/KEY`; a role or access point by its name.
pub(super) fn resources(option: &'static str, text: &str, inventory: &Inventory) -> Result<Vec<String>, CommandError> {
    if text == "*" || text.starts_with("arn:") {
        return Ok(vec![text.to_owned()]);
    }
    let path = text.strip_prefix("s3://").unwrap_or(text);
    let (name, key) = path
        .split_once('/')
        .map_or((path, None), |(name, key)| (name, (!key.is_empty()).then_some(key)));
    let mut found = Vec::new();
    for bucket in inventory.buckets.iter().filter(|bucket| *bucket.name == *name) {
        push(&mut found, &bucket.arn(), "/", key);
    }
    for point in inventory.access_points.iter().filter(|point| *point.name == *name) {
        push(&mut found, &point.arn(), "/object/", key);
    }
    if key.is_none() {
        let named = |role: &&Role| *role.name == *name;
        found.extend(inventory.roles.iter().filter(named).map(Role::arn));
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        return Err(CommandError::BadOption {
            option,
            value: text.to_owned(),
            problem: "no bucket, access point or role in the input has this name; name an ARN otherwise".into(),
        });
    }
    Ok(found)
}

fn push(found: &mut Vec<String>, arn: &str, separator: &str, key: Option<&str>) {
    match key {
        Some(key) => found.push(format!("{arn}{separator}{key}")),
        None => found.extend([arn.to_owned(), format!("{arn}{separator}*")]),
    }
}
