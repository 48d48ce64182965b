//! Conditions that always hold, and values that add nothing to others beside them.

use super::conditions::{Family, family, is_demanded, null_wants};
use super::elements::repeated;
use super::found::Found;
use super::scope::Scope;
use super::text::{covers, covers_arn};
use crate::engine::{Presence, is_multivalued};
use crate::iam::{BaseOperator, Condition, ConditionValue, Operand, Qualifier};

pub(super) fn lint(scope: &Scope<'_>, found: &mut Found) {
    for condition in &scope.statement.conditions {
        // [CTX-19]
        if ["aws:resourceaccount", "s3:resourceaccount"].contains(&condition.key.folded()) {
            let why = "it is the account of the resource itself, so the condition holds always or never";
            let value = format!("{} {}", condition.operator, condition.key.name());
            found.add("constant-condition-key", scope.statement, (&value, condition.span), why);
        } else if let Some(why) = always_holds(scope, condition) {
            let value = format!("{} {}", condition.operator, condition.key.name());
            found.add("redundant-condition", scope.statement, (&value, condition.span), why);
        }
        values(scope, condition, found);
    }
}

fn always_holds(scope: &Scope<'_>, condition: &Condition) -> Option<String> {
    let key = condition.key.folded();
    let operator = condition.operator;
    let always_there = || scope.presence(&condition.key) == Presence::Always;
    if operator.base == BaseOperator::Null {
        return match operator.qualifier {
            // [COND-35]
            Some(Qualifier::ForAllValues) => Some("`ForAllValues:Null` always holds".to_owned()),
            Some(Qualifier::ForAnyValue) => None,
            None if null_wants(condition, true) && null_wants(condition, false) => {
                Some("it holds with and without the key".to_owned())
            }
            None if null_wants(condition, true) || !null_wants(condition, false) => None,
            None if is_demanded_elsewhere(scope, condition) => {
                Some("another condition demands the key already".to_owned())
            }
            None if always_there() => Some("every request that the statement is about carries the key".to_owned()),
            None => None,
        };
    }
    let takes_all = matches!(family(operator.base), Family::Pattern)
        && !operator.base.is_negated()
        && condition.values.iter().any(|value| &*value.text == "*");
    let single = operator.qualifier.is_none() && !is_multivalued(key);
    let passes_absence = operator.if_exists && single || operator.qualifier == Some(Qualifier::ForAllValues);
    (takes_all && (passes_absence || single && always_there())).then(|| "`*` matches every value".to_owned())
}

fn is_demanded_elsewhere(scope: &Scope<'_>, condition: &Condition) -> bool {
    let mut others = scope.statement.clone();
    others.conditions.retain(|other| other != condition);
    is_demanded(&others, &condition.key)
}

/// [COND-02]: a value adds nothing where another one of the list says as much.
fn values(scope: &Scope<'_>, condition: &Condition, found: &mut Found) {
    let again = |general: &ConditionValue, special: &ConditionValue| match family(condition.operator.base) {
        Family::Text => general.text == special.text,
        Family::TextIgnoringCase => general.text.eq_ignore_ascii_case(&special.text),
        Family::Pattern => covers(&general.text, &special.text),
        // Field by field, a wildcard covers less.
        Family::Arn => covers_arn(&general.text, &special.text),
        Family::Address => match (&general.operand, &special.operand) {
            (Operand::Network(one), Operand::Network(other)) => one.contains(other),
            _ => false,
        },
        Family::Number | Family::Date | Family::Truth | Family::Bytes | Family::Absence => {
            general.operand == special.operand && general.operand != Operand::Unreadable
        }
    };
    for (first, later) in repeated(&condition.values, again) {
        let why = format!("`{}` beside it says as much", first.text);
        found.add("redundant-element", scope.statement, (&later.text, later.span), why);
    }
}
