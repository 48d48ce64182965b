//! Statements that another one of the document covers.

use super::found::Found;
use super::text::{covers, covers_resource};
use crate::iam::{Condition, ElementList, PolicyDocument, PolicyKind, Principal, PrincipalElement, Statement};

pub(super) fn lint(document: &PolicyDocument, kind: PolicyKind, found: &mut Found) {
    if !document.unresolved.is_empty() {
        return;
    }
    let statements = document
        .statements
        .get(..MOST_STATEMENTS.min(document.statements.len()))
        .unwrap_or_default();
    for (place, special) in statements.iter().enumerate() {
        let covering = statements.iter().enumerate().find(|(other, general)| {
            *other != place
                && is_covered(special, general, kind)
                && (*other < place || !is_covered(general, special, kind))
        });
        if let Some((_, general)) = covering {
            let name = |statement: &Statement| match statement.sid.as_deref().filter(|sid| !sid.is_empty()) {
                Some(sid) => format!("`{sid}`"),
                None => format!("number {}", statement.index.saturating_add(1)),
            };
            let why = format!("statement {} says as much", name(general));
            found.add(
                "redundant-statement",
                special,
                (&name(special).replace('`', ""), special.span),
                why,
            );
        }
    }
}

/// Whether one statement applies to no request that the other does not apply to.
fn is_covered(special: &Statement, general: &Statement, kind: PolicyKind) -> bool {
    special.effect == general.effect
        && principals(&special.principal, &general.principal, kind)
        // [ACT-01]
        && elements(&special.action, &general.action, |one, other| covers(&one.to_lowercase(), &other.to_lowercase()))
        && match (&special.resource, &general.resource) {
            (None, None) => true,
            (Some(special), Some(general)) => elements(special, general, covers_resource),
            (None, Some(_)) | (Some(_), None) => false,
        }
        // [COND-01]: fewer conditions are weaker.
        && general.conditions.iter().all(|condition| special.conditions.iter().any(|other| same(condition, other)))
}

fn principals(special: &PrincipalElement, general: &PrincipalElement, kind: PolicyKind) -> bool {
    if special.negated || general.negated {
        return special.negated == general.negated
            && special
                .entries
                .iter()
                .map(|entry| &entry.value)
                .eq(general.entries.iter().map(|entry| &entry.value));
    }
    let everyone = |one: &Principal| match one {
        // [TRUST-08]: in a trust policy it is any AWS principal.
        Principal::Service(_) | Principal::Federated(_) => kind != PolicyKind::Trust,
        Principal::Everyone
        | Principal::Account(_)
        | Principal::Aws(_)
        | Principal::Deleted(_)
        | Principal::Canonical(_)
        | Principal::OriginAccessIdentity(_) => true,
    };
    !special.entries.is_empty()
        && special.entries.iter().all(|one| {
            let by = |other: &Principal| *other == one.value || *other == Principal::Everyone && everyone(&one.value);
            general.entries.iter().any(|other| by(&other.value))
        })
}

fn elements(special: &ElementList, general: &ElementList, covers: fn(&str, &str) -> bool) -> bool {
    fn texts(list: &ElementList) -> impl Iterator<Item = &str> {
        list.entries.iter().map(|entry| &*entry.value.0)
    }
    match (special.negated, general.negated) {
        (false, false) => {
            let small = special.entries.len().saturating_mul(general.entries.len()) <= MOST_PAIRS;
            small && texts(special).all(|one| texts(general).any(|other| covers(other, one)))
        }
        (true, true) => texts(special).eq(texts(general)),
        (true, false) => texts(general).any(|text| text == "*"),
        (false, true) => false,
    }
}

fn same(one: &Condition, other: &Condition) -> bool {
    let texts = |condition: &Condition| {
        condition
            .values
            .iter()
            .map(|value| value.text.clone())
            .collect::<Vec<_>>()
    };
    one.operator == other.operator && one.key == other.key && texts(one) == texts(other)
}

/// How many statements, and entries of two lists, are compared in pairs: hostile documents hold more.
const MOST_STATEMENTS: usize = 64;
const MOST_PAIRS: usize = 256;
