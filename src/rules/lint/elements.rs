//! Entries of lists that add nothing to others beside them.

use super::found::Found;
use super::scope::Scope;
use super::text::{covers, covers_resource};
use crate::iam::{ElementList, Principal};

pub(super) fn lint(scope: &Scope<'_>, found: &mut Found) {
    let statement = scope.statement;
    let mut add = |list: &ElementList, covers: fn(&str, &str) -> bool| {
        for (first, later) in repeated(&list.entries, |one, other| covers(&one.value.0, &other.value.0)) {
            let why = format!("`{}` beside it says as much", first.value.0);
            found.add("redundant-element", statement, (&later.value.0, later.span), why);
        }
    };
    // [ACT-01]: actions compare without letter case.
    add(&statement.action, |one, other| {
        covers(&one.to_lowercase(), &other.to_lowercase())
    });
    statement.resource.iter().for_each(|list| add(list, covers_resource));
    for (first, later) in repeated(&statement.principal.entries, |general, special| {
        general.value == special.value
    }) {
        let same = matches!(later.value, Principal::Account(_) | Principal::Everyone);
        let why = if same {
            "the same principal stands beside it, perhaps in another form"
        } else {
            "it stands there twice"
        };
        found.add(
            "redundant-element",
            statement,
            (&first.value.to_string(), later.span),
            why,
        );
    }
}

/// Entries that another one of the list covers, with that one; of equal ones the later.
pub(super) fn repeated<T>(list: &[T], covers: impl Fn(&T, &T) -> bool) -> Vec<(&T, &T)> {
    let list = list.get(..MOST_ENTRIES.min(list.len())).unwrap_or_default();
    let mut found = Vec::new();
    for (place, special) in list.iter().enumerate() {
        let covered = |(other, general): &(usize, &T)| {
            *other != place && covers(general, special) && (*other < place || !covers(special, general))
        };
        found.extend(
            list.iter()
                .enumerate()
                .find(covered)
                .map(|(_, general)| (general, special)),
        );
    }
    found
}

/// How many entries of one list are compared in pairs: hostile documents hold more.
const MOST_ENTRIES: usize = 128;
