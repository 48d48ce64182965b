//! Condition keys that requests do not carry, and operators that do not fit their key.

use super::actions::is_of_other_catalogue;
use super::conditions::{demands_key, is_demanded, is_plain_positive, on_absence, outcome};
use super::found::Found;
use super::scope::{Scope, is_modifier};
use crate::engine::{Presence, is_known_key, is_multivalued, key_names, presence};
use crate::iam::{BaseOperator, Condition, Effect, PolicyKind, Principal, Qualifier};
use crate::rules::error::nearest;

pub(super) fn lint(scope: &Scope<'_>, found: &mut Found) {
    for condition in &scope.statement.conditions {
        if is_of_other_catalogue(condition.key.folded()) {
            continue;
        }
        if !is_known_key(condition.key.folded()) {
            unknown(scope, condition, found);
        } else if scope.presence(&condition.key) == Presence::Never {
            never_there(scope, condition, found);
        } else {
            not_for_all_actions(scope, condition, found);
            not_for_all_principals(scope, condition, found);
            qualifier(scope, condition, found);
            unpaired(scope, condition, found);
        }
    }
}

/// [COND-41]
fn unknown(scope: &Scope<'_>, condition: &Condition, found: &mut Found) {
    let name = condition.key.name();
    let Some(holds) = on_absence(condition) else {
        return;
    };
    let near = nearest(name, key_names().iter().map(String::as_str)).filter(|near| !near.ends_with('/'));
    let advice = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let why = format!("no request carries it, so the condition {}{advice}", outcome(holds));
    add(scope, condition, "unknown-condition-key", why, found);
}

/// [CTX-01…28], [TRUST-33]
fn never_there(scope: &Scope<'_>, condition: &Condition, found: &mut Found) {
    // Said of its own: there is no action or principal that the condition could be about.
    if !scope.whole || scope.actions.is_empty() || scope.principals.is_empty() {
        return;
    }
    let Some(holds) = on_absence(condition) else {
        return;
    };
    let why = format!(
        "no request that the statement is about carries it, so the condition {}",
        outcome(holds)
    );
    add(scope, condition, "absent-condition-key", why, found);
}

/// Some of the actions never come with the key, and are allowed or denied otherwise than it seems.
fn not_for_all_actions(scope: &Scope<'_>, condition: &Condition, found: &mut Found) {
    let meant = condition.operator.if_exists || condition.operator.qualifier == Some(Qualifier::ForAllValues);
    let (false, false, Some(holds)) = (meant, scope.statement.action.negated, on_absence(condition)) else {
        return;
    };
    let without: Vec<&str> = scope
        .entries
        .iter()
        .filter(|entry| !entry.matched.is_empty() && entry.matched.iter().any(|action| is_about(scope, action)))
        .filter(|entry| !entry.matched.iter().any(|action| is_modifier(action)))
        .filter(|entry| presence(condition.key.folded(), &scope.principals, &entry.matched) == Presence::Never)
        .map(|entry| entry.text)
        .collect();
    if let [first, more @ ..] = without.as_slice() {
        let others = match more.len() {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        let why = format!(
            "no request for `{first}`{others} carries it, so for that the condition {}",
            outcome(holds)
        );
        add(scope, condition, "absent-condition-key", why, found);
    }
}

fn is_about(scope: &Scope<'_>, action: &crate::iam::Action) -> bool {
    scope.actions.iter().any(|known| known.id == action.id)
}

/// A principal whose requests never carry the key is allowed nothing by the statement.
fn not_for_all_principals(scope: &Scope<'_>, condition: &Condition, found: &mut Found) {
    let allows = scope.statement.effect == Effect::Allow && !scope.statement.principal.negated;
    if !allows || on_absence(condition) != Some(false) || !scope.whole {
        return;
    }
    let without = scope
        .principals
        .iter()
        .take(MOST_PRINCIPALS)
        .find(|principal| scope.presence_of(&condition.key, &[**principal]) == Presence::Never);
    if let Some(principal) = without.filter(|principal| !matches!(principal, Principal::Deleted(_))) {
        let why = format!("no request of `{principal}` carries it, so for that principal the condition never holds");
        add(scope, condition, "absent-condition-key", why, found);
    }
}

fn qualifier(scope: &Scope<'_>, condition: &Condition, found: &mut Found) {
    let key = condition.key.folded();
    let plain = condition.operator.qualifier.is_none() && condition.operator.base != BaseOperator::Null;
    if plain && is_multivalued(key) {
        // [COND-33]
        let why = "it has several values, which only `ForAnyValue:` and `ForAllValues:` compare";
        add(scope, condition, "missing-qualifier", why.to_owned(), found);
    }
    let for_all = condition.operator.qualifier == Some(Qualifier::ForAllValues);
    // `IfExists` says that requests without the key are meant.
    let compares = for_all && condition.operator.base != BaseOperator::Null && !condition.operator.if_exists;
    // [COND-34]: what a caller has none of satisfies it. Lists of tags may well be empty.
    let restricts_callers = !is_multivalued(key) || key.ends_with("orgpaths");
    let allows = scope.statement.effect == Effect::Allow && scope.subject.kind != PolicyKind::ResourceControl;
    let absent = scope.presence(&condition.key) != Presence::Always && !is_demanded(scope.statement, &condition.key);
    if allows && compares && restricts_callers && absent {
        let why = "`ForAllValues:` holds for every request that does not carry it";
        add(scope, condition, "for-all-values-without-key", why.to_owned(), found);
    }
}

/// [CTX-13]: private addresses are the same in every VPC.
fn unpaired(scope: &Scope<'_>, condition: &Condition, found: &mut Found) {
    let allows = scope.statement.effect == Effect::Allow && is_plain_positive(condition);
    let networks = ["aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"];
    let mut others = scope.statement.conditions.iter().filter(|other| demands_key(other));
    if allows
        && condition.key.folded() == "aws:vpcsourceip"
        && !others.any(|other| {
            networks.contains(&other.key.folded())
                || other.key.folded().starts_with("aws:vpceorg")
                || other.key.folded() == "aws:vpceaccount"
        })
    {
        let why = "every VPC of every customer can have these addresses";
        add(scope, condition, "unpaired-condition-key", why.to_owned(), found);
    }
}

fn add(scope: &Scope<'_>, condition: &Condition, check: &'static str, why: String, found: &mut Found) {
    let value = format!("{} {}", condition.operator, condition.key.name());
    found.add(check, scope.statement, (&value, condition.span), why);
}

/// How many principals of a statement are looked at one by one.
const MOST_PRINCIPALS: usize = 64;
