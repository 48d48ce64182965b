use std::sync::LazyLock;

use super::{Document, Levels, Wanted, access_point, account, bucket, role};
use crate::engine::{Estate, Options};
use crate::iam::Timestamp;
use crate::model::{AccessPoint, Account, Bucket, Inventory, Role, Setting};
use crate::rules::rule::DocumentKind;
use crate::source::{Node, Value};

/// The names of the members that every document of a kind has.
pub(in crate::rules) fn member_names(kind: DocumentKind) -> &'static [String] {
    static NAMES: LazyLock<Vec<(DocumentKind, Vec<String>)>> =
        LazyLock::new(|| DocumentKind::ALL.map(|kind| (kind, names(kind))).into());
    let known = NAMES.iter().find(|(known, _)| *known == kind);
    known.map_or(&[], |(_, names)| names)
}

fn names(kind: DocumentKind) -> Vec<String> {
    let wanted = Wanted::by([("", false)].into_iter());
    let document = match kind {
        DocumentKind::Account => account(&Account::default(), None, &wanted),
        DocumentKind::AccessPoint => access_point(&AccessPoint::default(), &wanted),
        DocumentKind::Role => role(&Role::default(), &wanted),
        DocumentKind::Bucket => any_bucket(&wanted),
    };
    let below = members(&document.root).into_iter().flat_map(|(_, node)| members(node));
    below.map(|(name, _)| name.to_owned()).collect()
}

fn any_bucket(wanted: &Wanted<'_>) -> Document {
    let (inventory, bucket) = (Inventory::default(), Bucket::default());
    let levels = Levels {
        account: &Setting::Absent,
        organization: &Setting::Absent,
        status: None,
        scope: &Estate::new(&inventory).bucket(&bucket),
        options: &Options::at(Timestamp(0)),
    };
    self::bucket(&bucket, &levels, wanted)
}

fn members(node: &Node) -> Vec<(&str, &Node)> {
    match &node.value {
        Value::Object(members) => members.iter().map(|member| (&*member.key, &member.value)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Vec::new(),
    }
}
