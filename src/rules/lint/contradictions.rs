//! Conditions that never hold together, so that their statement is dead.

use ipnet::IpNet;

use super::conditions::{Family, demands_key, family, is_plain_positive, null_wants};
use super::found::Found;
use super::scope::Scope;
use super::text::is_plain;
use crate::engine::{Presence, is_multivalued};
use crate::iam::{BaseOperator, Condition, Operand, Qualifier};
use crate::rules::glob::matches;

pub(super) fn lint(scope: &Scope<'_>, found: &mut Found) {
    let conditions = &scope.statement.conditions;
    for (index, condition) in conditions.iter().enumerate().take(MOST_CONDITIONS) {
        let reason = alone(scope, condition).or_else(|| {
            let mut earlier = conditions.iter().take(index).filter(|other| other.key == condition.key);
            earlier.find_map(|other| together(other, condition).or_else(|| together(condition, other)))
        });
        if let Some(reason) = reason {
            let value = format!("{} {}", condition.operator, condition.key.name());
            found.add(
                "contradictory-condition",
                scope.statement,
                (&value, condition.span),
                reason,
            );
        }
    }
}

fn alone(scope: &Scope<'_>, condition: &Condition) -> Option<String> {
    let null = condition.operator.base == BaseOperator::Null;
    // [COND-35]
    if null && condition.operator.qualifier == Some(Qualifier::ForAnyValue) {
        return Some("`ForAnyValue:Null` never holds".to_owned());
    }
    let absent_only = null && condition.operator.qualifier.is_none() && !null_wants(condition, false);
    (absent_only && scope.presence(&condition.key) == Presence::Always)
        .then(|| "every request that the statement is about carries the key".to_owned())
}

/// Why two conditions on one key never hold together.
fn together(first: &Condition, second: &Condition) -> Option<String> {
    let null =
        |condition: &Condition| condition.operator.base == BaseOperator::Null && condition.operator.qualifier.is_none();
    // [COND-45]
    if null(first) && null_wants(first, true) && !null_wants(first, false) && demands_key(second) {
        return Some(format!(
            "`Null` demands that the key is absent, `{}` that it is there",
            second.operator
        ));
    }
    if !is_plain_positive(first) || is_multivalued(first.key.folded()) || first.values.is_empty() {
        return None;
    }
    let other = second.operator;
    if other.qualifier.is_some() || second.values.is_empty() || !meets_nothing(first, second) {
        return None;
    }
    Some(format!("no value satisfies both it and `{other}` on the same key"))
}

/// Whether no value satisfies the first, plain positive condition and also the second.
fn meets_nothing(first: &Condition, second: &Condition) -> bool {
    let (one, other) = (family(first.operator.base), family(second.operator.base));
    if ordered(other) && one == other {
        return bounds(first)
            .zip(bounds(second))
            .is_some_and(|(one, other)| !overlap(one, other));
    }
    // Only texts that stand for themselves can be tried one by one.
    let exact = matches!(one, Family::Text)
        || matches!(one, Family::Pattern | Family::Arn) && first.values.iter().all(|value| is_plain(&value.text));
    first.values.len().saturating_mul(second.values.len()) <= MOST_PAIRS
        && match one {
            Family::Truth | Family::Address => {
                one == other && first.values.iter().all(|value| excludes(&value.operand, second))
            }
            _ if exact => first
                .values
                .iter()
                .all(|value| is_plain(&value.text) && excludes_text(&value.text, second)),
            _ => false,
        }
}

/// Whether a condition does not hold for a text.
fn excludes_text(text: &str, condition: &Condition) -> bool {
    let hit = |listed: &str| match family(condition.operator.base) {
        Family::Text => Some(is_literal(listed).then_some(listed)? == text),
        Family::TextIgnoringCase => {
            Some(is_literal(listed).then_some(listed)?.eq_ignore_ascii_case(text)).filter(|_| text.is_ascii())
        }
        // An ARN pattern matches no more than the same text as a pattern would, and an exact one the same.
        Family::Pattern => is_literal(listed).then(|| matches(listed, text)),
        // [COND-40]
        Family::Arn if is_plain(listed) => Some(listed == text && text.split(':').count() >= 6),
        Family::Arn if is_literal(listed) && !matches(listed, text) => Some(false),
        Family::Arn
        | Family::Number
        | Family::Date
        | Family::Truth
        | Family::Bytes
        | Family::Address
        | Family::Absence => None,
    };
    let hits: Option<Vec<bool>> = condition.values.iter().map(|value| hit(&value.text)).collect();
    hits.is_some_and(|hits| hits.contains(&true) == condition.operator.base.is_negated())
}

/// Whether a text holds no variable and is known before deployment; wildcards may be in it.
fn is_literal(text: &str) -> bool {
    is_plain(&text.replace(['*', '?'], ""))
}

/// Whether a condition does not hold for any value that another one's operand stands for.
fn excludes(operand: &Operand, condition: &Condition) -> bool {
    let negated = condition.operator.base.is_negated();
    let apart = |listed: &Operand| match (operand, listed) {
        (Operand::Bool(one), Operand::Bool(other)) => one != other,
        (Operand::Network(one), Operand::Network(other)) => !touch(one, other),
        _ => false,
    };
    let within = |listed: &Operand| match (operand, listed) {
        (Operand::Network(one), Operand::Network(other)) => other.contains(one),
        _ => false,
    };
    if negated {
        condition.values.iter().any(|value| within(&value.operand))
    } else {
        condition.values.iter().all(|value| apart(&value.operand))
    }
}

fn touch(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

fn ordered(family: Family) -> bool {
    matches!(family, Family::Number | Family::Date)
}

/// The interval of the values that satisfy a positive condition, both ends included, in units of its operands.
fn bounds(condition: &Condition) -> Option<(i128, i128)> {
    let units: Option<Vec<i128>> = condition
        .values
        .iter()
        .map(|value| match &value.operand {
            Operand::Number(number) => Some(number.units()),
            Operand::Date(date) => Some(i128::from(date.0)),
            Operand::Pattern(_) | Operand::Bool(_) | Operand::Binary(_) | Operand::Network(_) | Operand::Unreadable => {
                None
            }
        })
        .collect();
    let (least, most) = (units.as_ref()?.iter().min()?, units.as_ref()?.iter().max()?);
    match condition.operator.base {
        BaseOperator::NumericEquals | BaseOperator::DateEquals => Some((*least, *most)),
        BaseOperator::NumericLessThan | BaseOperator::DateLessThan => Some((i128::MIN, most - 1)),
        BaseOperator::NumericLessThanEquals | BaseOperator::DateLessThanEquals => Some((i128::MIN, *most)),
        BaseOperator::NumericGreaterThan | BaseOperator::DateGreaterThan => Some((least + 1, i128::MAX)),
        BaseOperator::NumericGreaterThanEquals | BaseOperator::DateGreaterThanEquals => Some((*least, i128::MAX)),
        BaseOperator::StringEquals
        | BaseOperator::StringNotEquals
        | BaseOperator::StringEqualsIgnoreCase
        | BaseOperator::StringNotEqualsIgnoreCase
        | BaseOperator::StringLike
        | BaseOperator::StringNotLike
        | BaseOperator::NumericNotEquals
        | BaseOperator::DateNotEquals
        | BaseOperator::Bool
        | BaseOperator::BinaryEquals
        | BaseOperator::IpAddress
        | BaseOperator::NotIpAddress
        | BaseOperator::ArnEquals
        | BaseOperator::ArnNotEquals
        | BaseOperator::ArnLike
        | BaseOperator::ArnNotLike
        | BaseOperator::Null => None,
    }
}

fn overlap(one: (i128, i128), other: (i128, i128)) -> bool {
    one.0.max(other.0) <= one.1.min(other.1)
}

/// How much of one statement is compared in pairs: hostile documents hold more.
const MOST_CONDITIONS: usize = 64;
const MOST_PAIRS: usize = 4096;
