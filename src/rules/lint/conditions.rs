//! What a condition says whatever the request: on absence, and about its key.

use crate::iam::{BaseOperator, Condition, ContextKey, Operand, Qualifier, Statement};

/// What a condition is where its key is absent; none where that is not documented [COND-30], [COND-32], [COND-35].
pub(super) fn on_absence(condition: &Condition) -> Option<bool> {
    let operator = condition.operator;
    match (operator.qualifier, operator.base) {
        (Some(Qualifier::ForAllValues), _) => Some(true),
        (Some(Qualifier::ForAnyValue), _) => (!operator.if_exists).then_some(false),
        (None, BaseOperator::Null) => Some(null_wants(condition, true)),
        (None, base) => Some(operator.if_exists || base.is_negated()),
    }
}

/// Whether a condition is a plain positive one: it holds only where the key has one of its values.
pub(super) fn is_plain_positive(condition: &Condition) -> bool {
    let operator = condition.operator;
    let plain = operator.qualifier.is_none() && !operator.if_exists;
    plain && operator.base != BaseOperator::Null && !operator.base.is_negated()
}

/// Whether a condition can only hold where its key is present.
pub(super) fn demands_key(condition: &Condition) -> bool {
    let is_null = condition.operator.base == BaseOperator::Null;
    on_absence(condition) == Some(false) && (!is_null || null_wants(condition, false))
}

/// Whether a `Null` condition accepts an absent (`true`) or a present key (`false`) [COND-26].
pub(super) fn null_wants(condition: &Condition, absent: bool) -> bool {
    let wanted = Operand::Bool(absent);
    condition.values.iter().any(|value| value.operand == wanted)
}

/// Whether some condition of the statement demands a key to be present.
pub(super) fn is_demanded(statement: &Statement, key: &ContextKey) -> bool {
    statement
        .conditions
        .iter()
        .any(|other| other.key == *key && demands_key(other))
}

/// How a group of operators compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Letter by letter.
    Text,
    /// In either letter case.
    TextIgnoringCase,
    /// With wildcards.
    Pattern,
    /// Field by field, with wildcards.
    Arn,
    Number,
    Date,
    Truth,
    Bytes,
    Address,
    Absence,
}

/// How an operator compares [COND-10…26].
pub(super) fn family(base: BaseOperator) -> Family {
    match base {
        BaseOperator::StringEquals | BaseOperator::StringNotEquals => Family::Text,
        BaseOperator::StringEqualsIgnoreCase | BaseOperator::StringNotEqualsIgnoreCase => Family::TextIgnoringCase,
        BaseOperator::StringLike | BaseOperator::StringNotLike => Family::Pattern,
        BaseOperator::ArnEquals | BaseOperator::ArnNotEquals | BaseOperator::ArnLike | BaseOperator::ArnNotLike => {
            Family::Arn
        }
        BaseOperator::NumericEquals
        | BaseOperator::NumericNotEquals
        | BaseOperator::NumericLessThan
        | BaseOperator::NumericLessThanEquals
        | BaseOperator::NumericGreaterThan
        | BaseOperator::NumericGreaterThanEquals => Family::Number,
        BaseOperator::DateEquals
        | BaseOperator::DateNotEquals
        | BaseOperator::DateLessThan
        | BaseOperator::DateLessThanEquals
        | BaseOperator::DateGreaterThan
        | BaseOperator::DateGreaterThanEquals => Family::Date,
        BaseOperator::Bool => Family::Truth,
        BaseOperator::BinaryEquals => Family::Bytes,
        BaseOperator::IpAddress | BaseOperator::NotIpAddress => Family::Address,
        BaseOperator::Null => Family::Absence,
    }
}

/// The same for words.
pub(super) fn outcome(holds: bool) -> &'static str {
    if holds { "always holds" } else { "never holds" }
}
