//! One condition as a predicate on the state of one context key.

use ipnet::IpNet;
use std::net::IpAddr;

use super::glob::{Glob, Reading, Resolved};
use crate::engine::Doubts;
use crate::iam::{BaseOperator, Condition, ConditionValue, Decimal, Effect, Operand, Qualifier, Timestamp, Variable};

/// A context key, by its place in the documents' key table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct KeyId(pub(super) u16);

/// Value of a context key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Absent,
    One(String),
    /// Members of a multivalued key; never empty.
    Many(Vec<String>),
}

/// A predicate on one key. What AWS leaves open is settled here by the doubts, in favour of more access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) key: KeyId,
    /// Its truth where the key is absent [COND-30].
    pub(super) on_absent: bool,
    /// How it ranges over the members of a multivalued key.
    pub(super) range: Range,
    pub(super) test: Test,
    /// Which condition of the statement it comes from; none for the resource itself.
    pub(super) condition: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    /// The key has one value, and so the test is on it.
    One,
    /// Every member passes the test.
    Every,
    /// Some member passes the test.
    Some,
}

/// A predicate on one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Const(bool),
    /// In one of the patterns, or in none if negated.
    Text {
        patterns: Vec<Glob>,
        negated: bool,
    },
    /// In one of the ranges, or in none if negated.
    Address {
        networks: Vec<IpNet>,
        negated: bool,
    },
    /// In one of the intervals, or in none if negated.
    Number {
        intervals: Vec<Interval>,
        negated: bool,
    },
    /// As numbers, in milliseconds.
    Time {
        intervals: Vec<Interval>,
        negated: bool,
    },
    /// One of the truth values, written in any letter case.
    Bool {
        values: Vec<bool>,
    },
    /// These bytes, in Base64.
    Binary {
        values: Vec<Box<[u8]>>,
    },
}

/// What a policy variable stands for; the flag says whether it stands under a negation.
pub(super) type Resolve<'r> = &'r dyn Fn(&Variable, bool) -> Resolved;

/// A closed interval of units: 10⁻¹² for numbers, milliseconds for times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) low: i128,
    pub(super) high: i128,
}

impl Literal {
    /// Its truth for a value of the key.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match (value, self.range) {
            (Value::Absent, _) => self.on_absent,
            (Value::One(one), _) => self.test.passes(one),
            (Value::Many(members), Range::Every) => members.iter().all(|member| self.test.passes(member)),
            (Value::Many(members), Range::Some | Range::One) => members.iter().any(|member| self.test.passes(member)),
        }
    }

    /// The literal of a condition, as far as the values of its policy variables are known.
    pub(super) fn compile(
        condition: &Condition,
        index: u16,
        (key, multivalued): (KeyId, bool),
        (effect, doubts): (Effect, Doubts),
        resolve: Resolve<'_>,
    ) -> Self {
        let operator = condition.operator;
        let favours = effect == Effect::Allow;
        let (range, on_absent) = match (operator.qualifier, operator.if_exists) {
            // [COND-28], [COND-29], [COND-32]
            (Some(Qualifier::ForAllValues), _) => (Range::Every, true),
            (Some(Qualifier::ForAnyValue), false) => (Range::Some, false),
            (Some(Qualifier::ForAnyValue), true) => {
                (Range::Some, favours && doubts.for_any_value_if_exists_favours_access)
            }
            (None, true) => (Range::One, true),
            (None, false) => (Range::One, operator.base.is_negated()),
        };
        let mut literal = Self {
            key,
            on_absent,
            range,
            test: test(operator.base, &condition.values, favours, resolve),
            condition: Some(index),
        };
        // [POL-12]: without values, a qualified operator or one with IfExists holds only where the key is absent.
        if condition.values.is_empty() && (operator.if_exists || operator.qualifier.is_some()) {
            literal.test = Test::Const(false);
        }
        if range == Range::Every && is_request_tag(condition.key.folded()) {
            literal.test.pass_empty();
        }
        if operator.base == BaseOperator::Null {
            literal.null(operator.qualifier, &condition.values);
        } else if multivalued && range == Range::One {
            // [COND-33]: a plain operator on a multivalued key matches nothing; a negated one is undocumented.
            literal.test = Test::Const(operator.base.is_negated() && favours);
        }
        literal
    }

    /// [COND-26], [COND-35]
    fn null(&mut self, qualifier: Option<Qualifier>, values: &[ConditionValue]) {
        let asks = |wanted: bool| values.iter().any(|value| value.operand == Operand::Bool(wanted));
        (self.on_absent, self.test) = match qualifier {
            None => (asks(true), Test::Const(asks(false))),
            Some(Qualifier::ForAllValues) => (true, Test::Const(true)),
            Some(Qualifier::ForAnyValue) => (false, Test::Const(false)),
        };
        self.range = Range::One;
    }
}

/// Whether the key is the value of a tag that a request carries.
///
/// An empty one is no value to `ForAllValues` [COND-07].
pub(super) fn is_request_tag(key: &str) -> bool {
    ["aws:requesttag/", "s3:requestobjecttag/"]
        .iter()
        .any(|family| key.starts_with(family))
}

impl Test {
    /// Lets the empty text pass, too.
    fn pass_empty(&mut self) {
        match self {
            Self::Text {
                patterns,
                negated: true,
            } => {
                *patterns = patterns.iter().filter_map(Glob::without_empty).collect();
            }
            Self::Text {
                patterns,
                negated: false,
            } => patterns.push(Glob::exact("")),
            Self::Const(_)
            | Self::Address { .. }
            | Self::Number { .. }
            | Self::Time { .. }
            | Self::Bool { .. }
            | Self::Binary { .. } => {}
        }
    }

    /// Its truth for one value.
    pub(super) fn passes(&self, value: &str) -> bool {
        match self {
            Self::Const(truth) => *truth,
            Self::Text { patterns, negated } => patterns.iter().any(|glob| glob.matches(value)) != *negated,
            Self::Address { networks, negated } => match value.parse::<IpAddr>() {
                Ok(address) => networks.iter().any(|network| network.contains(&address)) != *negated,
                Err(_) => *negated,
            },
            Self::Number { intervals, negated } => match value.parse::<Decimal>() {
                Ok(number) => contains(intervals, number.units()) != *negated,
                Err(_) => *negated,
            },
            Self::Time { intervals, negated } => match value.parse::<Timestamp>() {
                Ok(time) => contains(intervals, time.0.into()) != *negated,
                Err(_) => *negated,
            },
            Self::Bool { values } => values
                .iter()
                .any(|wanted| value.eq_ignore_ascii_case(if *wanted { "true" } else { "false" })),
            Self::Binary { values } => {
                use base64::Engine;
                let decoded = base64::engine::general_purpose::STANDARD.decode(value);
                decoded.is_ok_and(|bytes| values.iter().any(|wanted| **wanted == *bytes))
            }
        }
    }
}

fn contains(intervals: &[Interval], value: i128) -> bool {
    intervals
        .iter()
        .any(|interval| interval.low <= value && value <= interval.high)
}

/// The test of an operator with its values. A value that the operator cannot read never matches; under a negated operator
/// it is undocumented, and taken to match in an Allow and not in a Deny [COND-36].
fn test(base: BaseOperator, values: &[ConditionValue], favours: bool, resolve: Resolve<'_>) -> Test {
    let negated = base.is_negated();
    if negated && !favours && values.iter().any(|value| value.operand == Operand::Unreadable) {
        return Test::Const(false);
    }
    match base {
        BaseOperator::StringEquals
        | BaseOperator::StringNotEquals
        | BaseOperator::StringLike
        | BaseOperator::StringNotLike => text(values, Reading::Text, negated, resolve),
        BaseOperator::StringEqualsIgnoreCase | BaseOperator::StringNotEqualsIgnoreCase => {
            text(values, Reading::IgnoreCase, negated, resolve)
        }
        BaseOperator::ArnEquals | BaseOperator::ArnNotEquals | BaseOperator::ArnLike | BaseOperator::ArnNotLike => {
            text(values, Reading::Arn, negated, resolve)
        }
        BaseOperator::NumericEquals
        | BaseOperator::NumericNotEquals
        | BaseOperator::NumericLessThan
        | BaseOperator::NumericLessThanEquals
        | BaseOperator::NumericGreaterThan
        | BaseOperator::NumericGreaterThanEquals => Test::Number {
            intervals: intervals(base, values),
            negated,
        },
        BaseOperator::DateEquals
        | BaseOperator::DateNotEquals
        | BaseOperator::DateLessThan
        | BaseOperator::DateLessThanEquals
        | BaseOperator::DateGreaterThan
        | BaseOperator::DateGreaterThanEquals => Test::Time {
            intervals: intervals(base, values),
            negated,
        },
        BaseOperator::Bool | BaseOperator::Null => Test::Bool {
            values: operands(values, |operand| match operand {
                Operand::Bool(value) => Some(*value),
                Operand::Pattern(_)
                | Operand::Number(_)
                | Operand::Date(_)
                | Operand::Binary(_)
                | Operand::Network(_)
                | Operand::Unreadable => None,
            }),
        },
        BaseOperator::BinaryEquals => Test::Binary {
            values: operands(values, |operand| match operand {
                Operand::Binary(bytes) => Some(bytes.clone()),
                Operand::Pattern(_)
                | Operand::Number(_)
                | Operand::Date(_)
                | Operand::Bool(_)
                | Operand::Network(_)
                | Operand::Unreadable => None,
            }),
        },
        BaseOperator::IpAddress | BaseOperator::NotIpAddress => Test::Address {
            networks: operands(values, |operand| match operand {
                Operand::Network(network) => Some(*network),
                Operand::Pattern(_)
                | Operand::Number(_)
                | Operand::Date(_)
                | Operand::Bool(_)
                | Operand::Binary(_)
                | Operand::Unreadable => None,
            }),
            negated,
        },
    }
}

fn operands<T>(values: &[ConditionValue], pick: impl Fn(&Operand) -> Option<T>) -> Vec<T> {
    values.iter().filter_map(|value| pick(&value.operand)).collect()
}

fn text(values: &[ConditionValue], reading: Reading, negated: bool, resolve: Resolve<'_>) -> Test {
    let resolve = |variable: &Variable| resolve(variable, negated);
    let patterns = values.iter().filter_map(|value| match &value.operand {
        Operand::Pattern(pattern) => Glob::compile(pattern, reading, &resolve),
        Operand::Number(_)
        | Operand::Date(_)
        | Operand::Bool(_)
        | Operand::Binary(_)
        | Operand::Network(_)
        | Operand::Unreadable => None,
    });
    Test::Text {
        patterns: patterns.collect(),
        negated,
    }
}

fn intervals(base: BaseOperator, values: &[ConditionValue]) -> Vec<Interval> {
    let units = values.iter().filter_map(|value| match &value.operand {
        Operand::Number(number) => Some(number.units()),
        Operand::Date(time) => Some(time.0.into()),
        Operand::Pattern(_) | Operand::Bool(_) | Operand::Binary(_) | Operand::Network(_) | Operand::Unreadable => None,
    });
    units.map(|unit| interval(base, unit)).collect()
}

fn interval(base: BaseOperator, unit: i128) -> Interval {
    let (low, high) = match base {
        BaseOperator::NumericLessThan | BaseOperator::DateLessThan => (i128::MIN, unit - 1),
        BaseOperator::NumericLessThanEquals | BaseOperator::DateLessThanEquals => (i128::MIN, unit),
        BaseOperator::NumericGreaterThan | BaseOperator::DateGreaterThan => (unit + 1, i128::MAX),
        BaseOperator::NumericGreaterThanEquals | BaseOperator::DateGreaterThanEquals => (unit, i128::MAX),
        BaseOperator::StringEquals
        | BaseOperator::StringNotEquals
        | BaseOperator::StringEqualsIgnoreCase
        | BaseOperator::StringNotEqualsIgnoreCase
        | BaseOperator::StringLike
        | BaseOperator::StringNotLike
        | BaseOperator::NumericEquals
        | BaseOperator::NumericNotEquals
        | BaseOperator::DateEquals
        | BaseOperator::DateNotEquals
        | BaseOperator::Bool
        | BaseOperator::BinaryEquals
        | BaseOperator::IpAddress
        | BaseOperator::NotIpAddress
        | BaseOperator::ArnEquals
        | BaseOperator::ArnNotEquals
        | BaseOperator::ArnLike
        | BaseOperator::ArnNotLike
        | BaseOperator::Null => (unit, unit),
    };
    Interval { low, high }
}
