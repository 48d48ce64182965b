use super::compare::says;
use super::keys::Keys;
use crate::engine::Doubts;
use crate::iam::{BaseOperator, Condition, Operand, Operator, Qualifier};

/// What a condition is for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// AWS does not document which, by this clause. An Allow counts as matching, a Deny as not matching.
    Undocumented(&'static str),
    /// It depends on tags that the input does not tell.
    Unknown,
}

/// Whether a condition holds.
///
/// Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple
/// context keys or values" [COND-01…45], [POL-12].
pub(super) fn holds(condition: &Condition, keys: &Keys<'_>, doubts: &Doubts) -> Truth {
    if rests_on_unknown_tags(condition, keys) {
        return Truth::Unknown;
    }
    let operator = condition.operator;
    if operator.base == BaseOperator::Null {
        return null(condition, keys.values(&condition.key).is_none());
    }
    let Some(values) = present_values(condition, keys) else {
        return on_absence(operator, doubts);
    };
    // [POL-12]: with nothing to compare with, only a plain negation holds [COND-02].
    if condition.values.is_empty() {
        return (operator.qualifier.is_none() && !operator.if_exists && operator.base.is_negated()).into();
    }
    let members = values.iter().map(|value| member(condition, value, keys));
    match operator.qualifier {
        // [COND-33]: only the qualifiers know sets of values.
        None if keys.is_multivalued(&condition.key) => {
            if operator.base.is_negated() {
                Truth::Undocumented("COND-33")
            } else {
                Truth::False
            }
        }
        None | Some(Qualifier::ForAllValues) => members.fold(Truth::True, Truth::and),
        Some(Qualifier::ForAnyValue) => members.fold(Truth::False, Truth::or),
    }
}

impl Truth {
    /// Whether both hold.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Undocumented(clause), _) | (_, Self::Undocumented(clause)) => Self::Undocumented(clause),
            (Self::True, Self::True) => Self::True,
        }
    }

    /// Whether one of both holds.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Undocumented(clause), _) | (_, Self::Undocumented(clause)) => Self::Undocumented(clause),
            (Self::False, Self::False) => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// [COND-26]; with a qualifier it is a constant [COND-35].
fn null(condition: &Condition, absent: bool) -> Truth {
    match condition.operator.qualifier {
        Some(Qualifier::ForAllValues) => Truth::True,
        Some(Qualifier::ForAnyValue) => Truth::False,
        None => condition
            .values
            .iter()
            .any(|value| value.operand == Operand::Bool(absent))
            .into(),
    }
}

/// [COND-30]
fn on_absence(operator: Operator, doubts: &Doubts) -> Truth {
    match operator.qualifier {
        Some(Qualifier::ForAllValues) => Truth::True,
        // [COND-32]: two documented rules say opposite things.
        Some(Qualifier::ForAnyValue) if operator.if_exists && doubts.for_any_value_if_exists_favours_access => {
            Truth::Undocumented("COND-32")
        }
        Some(Qualifier::ForAnyValue) => Truth::False,
        None => (operator.if_exists || operator.base.is_negated()).into(),
    }
}

/// The values of the key; an empty request tag is no value to `ForAllValues` [COND-07].
fn present_values<'a>(condition: &Condition, keys: &'a Keys<'_>) -> Option<Vec<&'a str>> {
    let mut values = keys.values(&condition.key)?;
    let is_request_tag = ["aws:requesttag/", "s3:requestobjecttag/"]
        .iter()
        .any(|family| condition.key.folded().starts_with(family));
    if is_request_tag && condition.operator.qualifier == Some(Qualifier::ForAllValues) {
        values.retain(|value| !value.is_empty());
    }
    (!values.is_empty()).then_some(values)
}

/// Whether one value of the request satisfies the operator: one of the listed values for a positive one, none for a
/// negated one [COND-02].
fn member(condition: &Condition, value: &str, keys: &Keys<'_>) -> Truth {
    let base = condition.operator.base;
    let found = condition
        .values
        .iter()
        .any(|listed| says(&listed.operand, base, &condition.key, value, keys));
    let unreadable = condition
        .values
        .iter()
        .any(|listed| listed.operand == Operand::Unreadable);
    match (base.is_negated(), found) {
        (false, found) => found.into(),
        (true, true) => Truth::False,
        (true, false) if unreadable => Truth::Undocumented("COND-36"),
        (true, false) => Truth::True,
    }
}

fn rests_on_unknown_tags(condition: &Condition, keys: &Keys<'_>) -> bool {
    let in_values = condition.values.iter().any(|value| match &value.operand {
        Operand::Pattern(pattern) => pattern.variables().any(|variable| keys.is_unknown(&variable.key)),
        Operand::Number(_)
        | Operand::Date(_)
        | Operand::Bool(_)
        | Operand::Binary(_)
        | Operand::Network(_)
        | Operand::Unreadable => false,
    });
    in_values || keys.is_unknown(&condition.key)
}
