//! What a request still has to meet, in the words of IAM: conditions that vary, and the negations of Deny conditions.

use super::callers::Through;
use super::domain::{Check, Demand};
use super::keys::{Rides, is_multivalued, key_rule};
use super::literal::{Literal, Test, is_request_tag};
use super::question::{Ask, Callers, Group, Question, clause};
use super::solve::{Keys, Outcome};
use super::states::Restriction;
use crate::engine::{DocumentKind, GrantSource, Residual};
use crate::iam::{BaseOperator, Condition, ConditionValue, Operand, Operator, Qualifier};

impl<'a> Question<'a> {
    /// What an access point in a VPC asks of every request [AP-04].
    pub(super) fn vpc_residual(&self) -> Option<Residual> {
        match &self.through {
            Some(Through::One { vpc: Some(vpc), .. }) => Some(Residual {
                operator: vpc.as_ref().map_or("Null", |_| "StringEquals").into(),
                key: "aws:SourceVpc".into(),
                values: vec![vpc.clone().unwrap_or_else(|| "false".into())],
            }),
            Some(Through::One { vpc: None, .. } | Through::AnyOf(_)) | None => None,
        }
    }

    /// Whether a Deny rule stops some of the requests that the Allow rules alone would let pass.
    pub(super) fn matters(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, deny: usize) -> bool {
        let none = Restriction::none();
        callers.cut_short
            || self.effort.is_spent()
            || self.shapes_of(callers, ask).any(|shape| {
                let Some(states) = self.states(callers, shape, ask.group, &none) else {
                    return false;
                };
                let rules = self.rules(callers, shape);
                let Some(literals) = rules.get(deny).and_then(|rule| clause(rule, ask.group)) else {
                    return false;
                };
                let Some(mut problem) = self.problem(callers, shape, ask) else {
                    return false;
                };
                if literals.iter().any(|literal| is_picked(callers, shape, literal)) {
                    return true;
                }
                problem.clauses.clear();
                problem
                    .demands
                    .extend(literals.iter().map(|literal| Demand { literal, truth: true }));
                let keys = Keys {
                    states: &states,
                    object: self.object_state(callers, ask),
                };
                self.solve(&problem, keys) != Outcome::Impossible
            })
    }

    /// Conditions of the Allow rules that not every caller of the class meets.
    pub(super) fn residuals(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Vec<Residual> {
        let mut residuals = Vec::new();
        for index in ask.allows {
            let Some(rule) = self.documents.rules.get(*index) else {
                continue;
            };
            let Some(statement) = rule.statement else { continue };
            for (place, condition) in statement.conditions.iter().enumerate() {
                let varies = callers.has_more_shapes
                    || self.effort.is_spent()
                    || callers.cut_short && rule.has_variables
                    || self.shapes_of(callers, ask).any(|shape| {
                        let literal = self
                            .rules(callers, shape)
                            .get(*index)
                            .and_then(|rule| rule.literals.get(place));
                        literal.is_some_and(|literal| {
                            self.can_be(callers, shape, ask.group, Demand { literal, truth: false })
                        })
                    });
                if varies {
                    residuals.push(in_common_terms(
                        rule.source.document,
                        residual(condition, condition.operator),
                    ));
                }
            }
            if rule.resource.negated && ask.group.on_objects {
                residuals.extend(not_resource(rule.resource.texts()));
            }
        }
        residuals
    }

    /// Conditions of these rules that no caller of the class can fail: what a wider class may still have to meet.
    pub(super) fn implied(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Vec<Residual> {
        let mut implied = Vec::new();
        let always = |rule: usize, place: usize, truth: bool| {
            !callers.cut_short
                && !self.effort.is_spent()
                && self.shapes_of(callers, ask).all(|shape| {
                    let literal = self
                        .rules(callers, shape)
                        .get(rule)
                        .and_then(|rule| rule.literals.get(place));
                    literal.is_none_or(|literal| {
                        !self.can_be(callers, shape, ask.group, Demand { literal, truth: !truth })
                    })
                })
        };
        let stated = |index: &usize| {
            let rule = self.documents.rules.get(*index)?;
            Some((rule, rule.statement?))
        };
        for index in ask.allows {
            let Some((rule, statement)) = stated(index) else {
                continue;
            };
            for (place, condition) in statement.conditions.iter().enumerate() {
                if always(*index, place, true) {
                    implied.push(in_common_terms(
                        rule.source.document,
                        residual(condition, condition.operator),
                    ));
                }
            }
        }
        for index in &callers.denies {
            let Some((rule, statement)) = stated(index) else {
                continue;
            };
            for (condition, literal) in statement.conditions.iter().zip(&rule.literals) {
                let place = usize::from(literal.condition.unwrap_or_default());
                if always(*index, place, false) {
                    let negation = negation(condition, literal);
                    implied.extend(negation.map(|residual| in_common_terms(rule.source.document, residual)));
                }
            }
        }
        implied
    }

    fn can_be(&self, callers: &Callers<'_, 'a>, shape: usize, group: &Group, demand: Demand<'_>) -> bool {
        let none = Restriction::none();
        let Some(states) = self.states(callers, shape, group, &none) else {
            return false;
        };
        if is_picked(callers, shape, demand.literal) {
            return true;
        }
        let Some(state) = states.get(demand.literal.key) else {
            return false;
        };
        self.effort.within(1000, |budget| {
            // Looking is not free, either.
            *budget = budget.saturating_sub(1);
            *budget == 0 || state.check(&[demand], budget) != Check::Impossible
        })
    }

    /// The condition under which one literal of a Deny rule is false.
    pub(super) fn negated(&self, (rule, place): (usize, usize), group: &Group) -> Option<Residual> {
        let rule = self.documents.rules.get(rule)?;
        let literals = clause(rule, group)?;
        let literal = literals.iter().nth(place)?;
        match literal.condition {
            None => {
                let texts = rule.resource.texts();
                if rule.resource.negated {
                    return Some(Residual {
                        operator: "Resource".into(),
                        key: "Resource".into(),
                        values: texts,
                    });
                }
                not_resource(texts)
            }
            Some(index) => {
                let condition = rule.statement?.conditions.get(usize::from(index))?;
                Some(in_common_terms(rule.source.document, negation(condition, literal)?))
            }
        }
    }
}

/// Whether the key of the literal has but one of many values in this shape.
fn is_picked(callers: &Callers<'_, '_>, shape: usize, literal: &Literal) -> bool {
    callers
        .shapes
        .get(shape)
        .is_some_and(|shape| shape.picked.contains(&literal.key))
}

fn residual(condition: &Condition, operator: Operator) -> Residual {
    Residual {
        operator: operator.to_string(),
        key: condition.key.name().to_owned(),
        values: values(condition),
    }
}

pub(super) fn values(condition: &Condition) -> Vec<String> {
    condition.values.iter().map(written).collect()
}

/// A condition's value as the current version of the policy language writes it.
pub(super) fn written(value: &ConditionValue) -> String {
    match &value.operand {
        Operand::Pattern(pattern) => pattern.in_current_version(&value.text),
        Operand::Number(_)
        | Operand::Date(_)
        | Operand::Bool(_)
        | Operand::Binary(_)
        | Operand::Network(_)
        | Operand::Unreadable => value.text.to_string(),
    }
}

/// More ways around a Deny rule than are told apart: it stands for itself.
pub(super) fn not_denied_by(source: &GrantSource) -> Residual {
    let name = source
        .sid
        .as_deref()
        .map_or_else(|| source.index.to_string(), Into::into);
    Residual {
        operator: "NotDeniedBy".into(),
        key: "Statement".into(),
        values: vec![name],
    }
}

fn not_resource(values: Vec<String>) -> Option<Residual> {
    (!values.is_empty()).then(|| Residual {
        operator: "NotResource".into(),
        key: "Resource".into(),
        values,
    })
}

/// To the policy of an access point the resource is the access point; a residual speaks of the whole way in [CTX-27].
fn in_common_terms(kind: DocumentKind, residual: Residual) -> Residual {
    const OWN_TAG: &str = "aws:ResourceTag/";
    match residual.key.split_at_checked(OWN_TAG.len()) {
        Some((family, tag)) if kind == DocumentKind::AccessPointPolicy && family.eq_ignore_ascii_case(OWN_TAG) => {
            Residual {
                key: format!("s3:AccessPointTag/{tag}"),
                ..residual
            }
        }
        Some(_) | None => residual,
    }
}

/// The condition that holds exactly where this one does not, in IAM's own words; none where that is always.
fn negation(condition: &Condition, literal: &Literal) -> Option<Residual> {
    if let Test::Const(present) = literal.test {
        // No value that can be read: all that matters is whether the key is there [POL-12], [COND-26], [COND-36].
        return (present || literal.on_absent).then(|| null(condition, present));
    }
    let readable = condition.values.iter().any(is_readable);
    if !readable && !condition.operator.base.is_negated() {
        // Never true of a value: it can only hold where the key is absent.
        return literal.on_absent.then(|| null(condition, false));
    }
    Some(opposite(condition))
}

fn is_readable(value: &ConditionValue) -> bool {
    value.operand != Operand::Unreadable
}

fn opposite(condition: &Condition) -> Residual {
    let operator = condition.operator;
    let negated = match operator.base {
        BaseOperator::Null | BaseOperator::Bool => return negated_truth(condition),
        base => base.negation(),
    };
    let Some(negated) = negated else {
        return residual(condition, operator).renamed(format!("Not{operator}"));
    };
    let multivalued = is_multivalued(condition.key.folded());
    let by_tag = is_request_tag(condition.key.folded());
    // What cannot be read matches nothing [COND-36].
    let readable = condition.values.iter().filter(|value| is_readable(value));
    let mut listed = farthest(condition).map_or_else(|| readable.map(written).collect(), |value| vec![written(value)]);
    // Where the key is absent the negation must hold exactly if the condition did not [COND-30].
    let (qualifier, if_exists) = match (operator.qualifier, operator.if_exists) {
        // An empty tag passes the condition [COND-07].
        (Some(Qualifier::ForAllValues), _) if by_tag => {
            if negated.is_negated() {
                listed.push(String::new());
            } else if any_matches_empty(condition) {
                return residual(condition, operator).renamed(format!("Not{operator}"));
            }
            (Some(Qualifier::ForAnyValue), false)
        }
        (Some(Qualifier::ForAllValues), _) => (Some(Qualifier::ForAnyValue), false),
        (Some(Qualifier::ForAnyValue), _) if multivalued => (Some(Qualifier::ForAllValues), false),
        (Some(Qualifier::ForAnyValue), _) => (None, !negated.is_negated()),
        (None, true) => (negated.is_negated().then_some(Qualifier::ForAnyValue), false),
        (None, false) if operator.base.is_negated() => (negated.is_negated().then_some(Qualifier::ForAnyValue), false),
        (None, false) => (None, !negated.is_negated()),
    };
    let negation = Operator {
        qualifier,
        base: negated,
        if_exists,
    };
    Residual {
        values: listed,
        ..residual(condition, negation)
    }
}

/// Whether some listed pattern matches the empty text.
fn any_matches_empty(condition: &Condition) -> bool {
    condition
        .values
        .iter()
        .any(|value| value.text.chars().all(|character| character == '*'))
}

/// Of the values of an operator that compares by order, the one that every other implies: past it, all are missed.
fn farthest(condition: &Condition) -> Option<&ConditionValue> {
    use BaseOperator as Base;
    let units = |value: &&ConditionValue| match &value.operand {
        Operand::Number(number) => Some(number.units()),
        Operand::Date(time) => Some(time.0.into()),
        Operand::Pattern(_) | Operand::Bool(_) | Operand::Binary(_) | Operand::Network(_) | Operand::Unreadable => None,
    };
    let readable = condition.values.iter().filter(|value| units(value).is_some());
    match condition.operator.base {
        Base::NumericLessThan | Base::NumericLessThanEquals | Base::DateLessThan | Base::DateLessThanEquals => {
            readable.max_by_key(units)
        }
        Base::NumericGreaterThan
        | Base::NumericGreaterThanEquals
        | Base::DateGreaterThan
        | Base::DateGreaterThanEquals => readable.min_by_key(units),
        _ => None,
    }
}

/// That the key of a condition is absent, or that it is present [COND-26].
fn null(condition: &Condition, absent: bool) -> Residual {
    Residual {
        operator: "Null".into(),
        key: condition.key.name().to_owned(),
        values: vec![absent.to_string()],
    }
}

/// The negation of `Bool` or `Null`: the truth values that it does not list.
fn negated_truth(condition: &Condition) -> Residual {
    let operator = condition.operator;
    let lists = |truth: bool| {
        condition
            .values
            .iter()
            .any(|value| value.operand == Operand::Bool(truth))
    };
    let others: Vec<bool> = [true, false].into_iter().filter(|truth| !lists(*truth)).collect();
    let is_null = operator.base == BaseOperator::Null;
    if others.is_empty() && !is_null {
        // Any value at all would do: the key must be absent.
        return null(condition, true);
    }
    let always = key_rule(condition.key.folded()).is_some_and(|rule| rule.maybe == 0 && rule.rides == Rides::Freely);
    let absent = match (operator.qualifier, operator.if_exists) {
        (Some(Qualifier::ForAllValues), _) | (None, true) => false,
        (Some(Qualifier::ForAnyValue), _) | (None, false) => !always && !is_null,
    };
    Residual {
        operator: Operator {
            if_exists: absent,
            qualifier: None,
            ..operator
        }
        .to_string(),
        key: condition.key.name().to_owned(),
        values: others.iter().map(ToString::to_string).collect(),
    }
}

impl Residual {
    fn renamed(self, operator: String) -> Self {
        Self { operator, ..self }
    }
}
