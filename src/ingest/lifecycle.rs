//! Lifecycle configurations, whoever writes them: the CLI, AWS Config, CloudFormation, Terraform.

use super::document::View;
use super::notes::Wrong;
use super::template::{not_deployed, placeholder_in};
use crate::model::{Lifecycle, Setting};
use crate::source::{Node, Placeholder, Value};

/// The names that a format gives to the parts of a rule.
pub(super) struct Names {
    /// Whether the rule is on.
    pub status: &'static str,
    /// What narrows it to some objects.
    pub filters: &'static [&'static str],
    /// What expires noncurrent versions.
    pub noncurrent: &'static [&'static str],
    /// What ends uploads that nobody finished.
    pub uploads: &'static str,
}

/// The API's own names, also CloudFormation's and, in camel case, those of AWS Config.
const API: Names = Names {
    status: "Status",
    filters: &[
        "Filter",
        "Prefix",
        "TagFilters",
        "ObjectSizeGreaterThan",
        "ObjectSizeLessThan",
    ],
    noncurrent: &["NoncurrentVersionExpiration", "NoncurrentVersionExpirationInDays"],
    uploads: "AbortIncompleteMultipartUpload",
};

/// `get-bucket-lifecycle-configuration`, and what is written in its shape.
pub(super) fn lifecycle(view: View<'_>) -> Result<Setting<Lifecycle>, Wrong> {
    let rules = view.get("Rules").ok_or_else(|| Wrong::missing(view, "Rules"))?;
    Ok(of_rules(rules, &API))
}

/// What rules do together: a list of them, or the only one.
pub(super) fn of_rules(rules: View<'_>, names: &Names) -> Setting<Lifecycle> {
    let single = (!rules.node.is_array()).then_some(rules);
    let (mut expires, mut aborts) = (Some(false), Some(false));
    for rule in single.into_iter().chain(rules.items()) {
        let (in_force, noncurrent, uploads) = effect(rule, names);
        expires = either(expires, both(in_force, noncurrent));
        aborts = either(aborts, both(in_force, uploads));
    }
    match (expires, aborts) {
        (Some(expires_noncurrent_versions), Some(aborts_incomplete_uploads)) => {
            let lifecycle = Lifecycle {
                expires_noncurrent_versions,
                aborts_incomplete_uploads,
            };
            Setting::set(lifecycle, rules.span())
        }
        (None, _) | (_, None) => not_deployed(placeholder_in(rules.node).unwrap_or(rules.node)),
    }
}

/// Whether a rule is on for every object, whether it expires noncurrent versions, and whether it ends uploads.
fn effect(rule: View<'_>, names: &Names) -> (Option<bool>, Option<bool>, Option<bool>) {
    if is_unknown(rule.node) {
        return (None, None, None);
    }
    let any = |names: &[&str], says: fn(&Node) -> Option<bool>| {
        let parts = names.iter().filter_map(|name| rule.get(name));
        parts.map(|view| says(view.node)).fold(Some(false), either)
    };
    let on = rule.get(names.status).map_or(Some(false), |status| is_on(status.node));
    let everywhere = any(names.filters, something).map(|narrowed| !narrowed);
    let uploads = any(&[names.uploads], acts);
    (both(on, everywhere), any(names.noncurrent, acts), uploads)
}

fn is_on(status: &Node) -> Option<bool> {
    if is_unknown(status) {
        return None;
    }
    Some(status.as_bool() == Some(true) || matches!(status.as_str(), Some("Enabled" | "true")))
}

/// Whether an action is there: after how many days need not be known.
fn acts(node: &Node) -> Option<bool> {
    match &node.value {
        Value::Array(items) => items.iter().map(acts).fold(Some(false), either),
        Value::Object(_) => Some(something(node) != Some(false)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => something(node),
    }
}

/// Whether a value says anything: not empty through and through, and as a number above nought.
fn something(node: &Node) -> Option<bool> {
    match &node.value {
        Value::Null => Some(false),
        Value::Bool(value) => Some(*value),
        Value::Number(text) => Some(above_nought(text)),
        Value::String(text) if Placeholder::is_in(text) => None,
        Value::String(text) => Some(!text.is_empty() && (text.parse::<f64>().is_err() || above_nought(text))),
        Value::Array(items) => items.iter().map(something).fold(Some(false), either),
        Value::Object(members) => {
            let values = members.iter().map(|member| something(&member.value));
            values.fold(Some(false), either)
        }
    }
}

fn above_nought(number: &str) -> bool {
    number.parse::<f64>().is_ok_and(|number| number > 0.0)
}

fn is_unknown(node: &Node) -> bool {
    node.as_str().is_some_and(Placeholder::is_in)
}

/// Either, where one that is true settles it.
fn either(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        (None, _) | (_, None) => None,
    }
}

/// Both, where one that is false settles it.
fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        (None, _) | (_, None) => None,
    }
}
