//! Plans and states as JSON [FMT-90…96].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::configuration::Configuration;
use super::declare::declare_all;
use super::eval::Evaluator;
use super::files::{Files, Tree};
use super::instance::Evaluated;
use super::kinds::{not_audited, wanted};
use crate::iam::AccountId;
use crate::ingest::document::View;
use crate::ingest::part::Part;
use crate::ingest::template::Defaults;
use crate::ingest::unit::Given;
use crate::source::{Member, Node, Placeholder, Value};

/// A resource of a plan or a state.
pub(super) struct Planned<'p> {
    pub address: String,
    /// The address of its module with a full stop behind it.
    pub module: String,
    pub kind: &'p str,
    pub name: &'p str,
    pub is_data: bool,
    /// Its key, as it stands behind its address.
    pub suffix: String,
    pub values: &'p Node,
    /// What of it is known only after apply.
    pub unknown: Option<&'p Node>,
    /// Whether the plan makes it.
    pub is_new: bool,
}

/// Whether a value is a plan of Terraform.
pub(in crate::ingest) fn is_plan(view: View<'_>) -> bool {
    let node = view.node;
    let versioned = node.get("format_version").is_some() || node.get("terraform_version").is_some();
    let shown = node.get("planned_values").is_some_and(Node::is_object);
    shown || versioned && node.get("resource_changes").is_some_and(Node::is_array)
}

/// Whether a value is a state of Terraform, as `terraform show -json` or Terraform itself writes it.
pub(in crate::ingest) fn is_state(view: View<'_>) -> bool {
    let node = view.node;
    let shown = node
        .get("values")
        .is_some_and(|values| values.get("root_module").is_some());
    let raw = node.get("version").is_some() && node.get("terraform_version").is_some();
    let filled = node.get("resources").is_some_and(Node::is_array) || node.get("modules").is_some_and(Node::is_array);
    let empty =
        node.members().len() == 2 && node.get("format_version").is_some() && node.get("terraform_version").is_some();
    shown && node.get("terraform_version").is_some() || raw && filled || empty
}

/// Reads a plan or a state.
pub(in crate::ingest) fn read_plan(view: View<'_>, given: &Given, part: &mut Part) {
    let root = view.node;
    let planned = resources(root);
    let mut defaults = Defaults::of(&given.deployment, &mut part.placeholders);
    if given.deployment.account.is_none()
        && let Some(account) = account(&planned)
    {
        defaults.account = account;
    }
    let files = Files::new(Arc::new(Tree::default()), "", 0);
    let evaluator = Evaluator::new(&files, defaults.account);
    let configuration = Configuration::new(view, &planned, &evaluator);
    let mut found = Vec::new();
    for resource in planned.iter().filter(|resource| !resource.is_data) {
        if let Some(wanted) = wanted(resource.kind) {
            let properties = configuration.properties(resource, wanted);
            found.push(Evaluated {
                kind: resource.kind.into(),
                address: resource.address.as_str().into(),
                properties,
                when: Vec::new(),
                is_new: resource.is_new,
                span: resource.values.span,
            });
        }
        let beyond = not_audited(resource.kind).map(|what| (resource.values.span, what.to_owned()));
        part.not_audited.extend(beyond);
    }
    drop_computed(&mut found);
    let region = evaluator.region(root.span);
    let mut state = evaluator.state.into_inner();
    part.placeholders.merge(std::mem::take(&mut state.names));
    state.diagnostics.drain(..).for_each(|said| part.notes.push(said));
    declare_all(&found, region, defaults, part);
}

/// The account that everything belongs to, where a value tells.
fn account(planned: &[Planned<'_>]) -> Option<AccountId> {
    let text = |resource: &Planned<'_>, name: &str| {
        resource
            .values
            .get(name)
            .and_then(Node::as_str)
            .map(str::to_owned)
            .filter(|text| !Placeholder::is_in(text))
    };
    let caller = planned
        .iter()
        .filter(|resource| resource.is_data && resource.kind == "aws_caller_identity");
    let caller = caller.filter_map(|resource| text(resource, "account_id")).next();
    let role = planned
        .iter()
        .filter(|resource| !resource.is_data && resource.kind == "aws_iam_role");
    let role = role.filter_map(|resource| text(resource, "arn")).next();
    let of_role = role.and_then(|arn| arn.split(':').nth(4).map(str::to_owned));
    caller.or(of_role)?.parse().ok()
}

/// The resources of a plan or a state; what will be gone is left out [FMT-92].
fn resources(root: &Node) -> Vec<Planned<'_>> {
    let mut found = Vec::new();
    for change in root.get("resource_changes").map(Node::items).unwrap_or_default() {
        let Some(what) = change.get("change") else {
            continue;
        };
        let actions = what.get("actions").map(Node::items).unwrap_or_default();
        let only = |name: &str| matches!(actions, [only] if only.as_str() == Some(name));
        if only("delete") || only("forget") {
            continue;
        }
        let Some(after) = what.get("after") else {
            continue;
        };
        let is_new = actions.iter().any(|action| action.as_str() == Some("create"));
        let resource = planned(change, after, what.get("after_unknown"), "");
        found.extend(resource.map(|resource| Planned { is_new, ..resource }));
    }
    let known: std::collections::BTreeSet<String> = found.iter().map(|resource| resource.address.clone()).collect();
    let mut shown = Vec::new();
    for name in ["planned_values", "values"] {
        if let Some(module) = root.get(name).and_then(|values| values.get("root_module")) {
            walk(module, "", 0, &mut shown);
        }
    }
    // Data that was read before the plan stands in the state before it.
    let prior = root
        .get("prior_state")
        .and_then(|state| state.get("values"))
        .and_then(|values| values.get("root_module"));
    if let Some(module) = prior {
        let mut before = Vec::new();
        walk(module, "", 0, &mut before);
        shown.extend(before.into_iter().filter(|resource| resource.is_data));
    }
    found.extend(shown.into_iter().filter(|resource| !known.contains(&resource.address)));
    if root.get("version").is_some() {
        raw(root, &mut found);
    }
    found
}

fn walk<'p>(module: &'p Node, address: &str, depth: usize, found: &mut Vec<Planned<'p>>) {
    let path = if address.is_empty() {
        String::new()
    } else {
        format!("{address}.")
    };
    for resource in module.get("resources").map(Node::items).unwrap_or_default() {
        if let Some(values) = resource.get("values") {
            found.extend(planned(resource, values, None, &path));
        }
    }
    if depth < DEEPEST {
        for child in module.get("child_modules").map(Node::items).unwrap_or_default() {
            let address = child.get("address").and_then(Node::as_str).unwrap_or_default();
            walk(child, address, depth + 1, found);
        }
    }
}

fn planned<'p>(resource: &'p Node, values: &'p Node, unknown: Option<&'p Node>, module: &str) -> Option<Planned<'p>> {
    let text = |name: &str| resource.get(name).and_then(Node::as_str);
    let (kind, name) = (text("type")?, text("name")?);
    let suffix = resource.get("index").map(suffix).unwrap_or_default();
    let is_data = text("mode") == Some("data");
    let module = match text("module_address") {
        Some(address) => format!("{address}."),
        None => module.to_owned(),
    };
    let data = if is_data { "data." } else { "" };
    let address = text("address").map_or_else(|| format!("{module}{data}{kind}.{name}{suffix}"), str::to_owned);
    Some(Planned {
        address,
        module,
        kind,
        name,
        is_data,
        suffix,
        values,
        unknown,
        is_new: false,
    })
}

/// A key as it stands behind an address.
fn suffix(key: &Node) -> String {
    match &key.value {
        Value::Number(index) => format!("[{index}]"),
        Value::String(key) => format!("[\"{key}\"]"),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A state as Terraform keeps it, version 4 [FMT-95]; version 3 has its resources in modules.
fn raw<'p>(root: &'p Node, found: &mut Vec<Planned<'p>>) {
    for resource in root.get("resources").map(Node::items).unwrap_or_default() {
        let text = |name: &str| resource.get(name).and_then(Node::as_str);
        let (Some(kind), Some(name)) = (text("type"), text("name")) else {
            continue;
        };
        let is_data = text("mode") == Some("data");
        let module = text("module").map(|module| format!("{module}.")).unwrap_or_default();
        for instance in resource.get("instances").map(Node::items).unwrap_or_default() {
            let Some(values) = instance.get("attributes") else {
                continue;
            };
            let suffix = instance.get("index_key").map(suffix).unwrap_or_default();
            let data = if is_data { "data." } else { "" };
            found.push(Planned {
                address: format!("{module}{data}{kind}.{name}{suffix}"),
                module: module.clone(),
                kind,
                name,
                is_data,
                suffix,
                values,
                unknown: None,
                is_new: false,
            });
        }
    }
}

/// Takes away what the provider only tells of buckets: their policy and grants belong to resources of their own.
fn drop_computed(found: &mut [Evaluated]) {
    let of = |resource: &Evaluated| {
        resource
            .properties
            .get("bucket")
            .and_then(Node::as_str)
            .map(str::to_owned)
    };
    let mut own: BTreeMap<(String, &str), ()> = BTreeMap::new();
    for resource in found.iter() {
        let what = match &*resource.kind {
            "aws_s3_bucket_policy" => "policy",
            "aws_s3_bucket_acl" => "grant",
            _ => continue,
        };
        own.extend(of(resource).map(|bucket| ((bucket, what), ())));
    }
    for resource in found.iter_mut().filter(|resource| &*resource.kind == "aws_s3_bucket") {
        let bucket = of(resource).unwrap_or_default();
        let has_acl = resource.properties.get("acl").is_some_and(|acl| acl.as_str().is_some());
        if let Value::Object(members) = &mut resource.properties.value {
            members.retain(|member: &Member| match &*member.key {
                "policy" => member.value.as_str() != Some("") && !own.contains_key(&(bucket.clone(), "policy")),
                "grant" => !has_acl && !own.contains_key(&(bucket.clone(), "grant")) && !of_owner(&member.value),
                _ => true,
            });
        }
    }
}

/// Whether grants are those that every bucket has: full control for its owner.
fn of_owner(grants: &Node) -> bool {
    matches!(grants.items(), [only] if only.get("type").and_then(Node::as_str) == Some("CanonicalUser"))
        || grants.items().is_empty()
}

const DEEPEST: usize = 32;
