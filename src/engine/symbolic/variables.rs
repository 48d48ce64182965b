//! Policy variables: the rules as they are for callers for whom the variables have these values.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::documents::{Rule, Side, variables};
use super::domain::{Domain, KeyState, Values};
use super::glob::Resolved;
use super::literal::{KeyId, Value};
use super::question::{Ask, Callers, Group, Question};
use super::states::Restriction;
use crate::iam::Effect;

/// Most shapes of one class, each with other values for the keys that policy variables stand for.
const MOST_SHAPES: usize = 256;

impl Callers<'_, '_> {
    /// Whether keys of a shape have but one of many values.
    pub(super) fn has_picks(&self, shape: usize) -> bool {
        self.shapes.get(shape).is_some_and(|shape| !shape.picked.is_empty())
    }

    /// The shapes for which no value was picked. Their rules stand for all values at once, see [`bound`].
    pub(super) fn unpicked_shapes(&self) -> Range<usize> {
        let all = self.shapes.len();
        self.unpicked.unwrap_or(all)..all
    }
}

/// What a variable of many values stands for, so that the rule is met, or broken, wherever it is with any of the values:
/// if a request is impossible then, no value of the variable makes it possible.
fn bound(rule: &Rule<'_>, is_negated: bool) -> Resolved {
    let must_hold = match rule.side {
        Side::Judged => rule.effect == Effect::Allow,
        Side::Before => rule.effect == Effect::Deny,
        Side::Asked => true,
    };
    if must_hold == is_negated {
        Resolved::Nothing
    } else {
        Resolved::Anything
    }
}

impl<'a> Question<'a> {
    /// The shapes to look at: those with picked values only where some rule in play holds a variable. Elsewhere the picks
    /// would leave out callers with other values.
    pub(super) fn shapes_of(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Range<usize> {
        let all = callers.shapes.len();
        match callers.unpicked {
            None => 0..all,
            Some(unpicked) if self.depends_on_picks(callers, ask) => 0..unpicked,
            Some(_) => callers.unpicked_shapes(),
        }
    }

    /// Where values were picked for variables, a failure proves nothing if some rule in play holds a variable.
    pub(super) fn depends_on_picks(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> bool {
        let before = [Effect::Allow, Effect::Deny].map(|effect| self.before_rules(effect, callers.class));
        let mut in_play = ask
            .allows
            .iter()
            .chain(&callers.denies)
            .copied()
            .chain(before.into_iter().flatten());
        in_play.any(|index| {
            let rule = self.documents.rules.get(index);
            let holds = rule.is_some_and(|rule| rule.has_variables && rule.actions.contains_all(ask.group.actions));
            holds && (0..callers.shapes.len()).any(|shape| self.is_about(callers, shape, index, ask.group))
        })
    }

    /// Whether a rule is about some resource of the group's kind: with the variables as they are for a shape or, where they
    /// could stand for more than was picked, whatever they stand for.
    fn is_about(&self, callers: &Callers<'_, 'a>, shape: usize, rule: usize, group: &Group) -> bool {
        let about = if callers.has_picks(shape) {
            self.documents.rules.get(rule).map(|rule| rule.about)
        } else {
            let rules = self.rules(callers, shape);
            rules.get(rule).map(|rule| rule.resource.about())
        };
        about.is_some_and(|about| if group.on_objects { about.objects } else { about.whole })
    }

    /// Gives values to the keys that policy variables stand for: the one they have, or some that they could have
    /// (ENGINE.md B1), and compiles the rules for each.
    pub(super) fn fill_variables(&self, callers: &mut Callers<'_, 'a>) {
        let rules = self.documents.rules.iter();
        let mut keys: Vec<KeyId> = rules
            .filter_map(|rule| Some((rule.source.document, rule.statement?)))
            .flat_map(|(kind, statement)| {
                variables(statement).filter_map(move |variable| self.documents.keys.find_in(kind, &variable.key))
            })
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let unpicked = callers.shapes.clone();
        for key in keys {
            let mut expanded = Vec::new();
            for index in 0..callers.shapes.len() {
                let Some(shape) = callers.shapes.get(index) else {
                    continue;
                };
                for (value, picked) in self.values_of(callers, index, key) {
                    let mut shape = shape.clone();
                    if picked {
                        shape.given.push((key, value));
                        shape.picked.push(key);
                    }
                    expanded.push(shape);
                }
            }
            callers.cut_short |= expanded.len() > MOST_SHAPES;
            expanded.truncate(MOST_SHAPES);
            callers.shapes = expanded;
            callers.states.borrow_mut().clear();
        }
        if callers.shapes.iter().any(|shape| !shape.picked.is_empty()) {
            callers.unpicked = Some(callers.shapes.len());
            callers.shapes.extend(unpicked);
            callers.states.borrow_mut().clear();
        }
        callers.filled = callers.shapes.iter().map(|_| OnceCell::new()).collect();
    }

    /// Values of a key for a shape; `true` marks those that were picked among others.
    fn values_of(&self, callers: &Callers<'_, 'a>, shape: usize, key: KeyId) -> Vec<(Value, bool)> {
        let none = Restriction::none();
        let states = self
            .view(callers, shape, &none)
            .and_then(|view| view.unknown().map(|known| view.with(known, None)));
        match states.as_ref().and_then(|states| states.get(key)) {
            None => vec![(Value::Absent, false)],
            Some(KeyState::Fixed(value)) => vec![(value.clone(), false)],
            // [VAR-02]: a multivalued key never resolves.
            Some(KeyState::Free(Domain { multivalued: true, .. })) => vec![(Value::Absent, false)],
            Some(KeyState::Free(domain)) => {
                let mut values: Vec<Value> = Vec::new();
                let mut candidates: Vec<String> = Vec::new();
                match &domain.values {
                    Values::Text { likely, .. } => candidates.extend(likely.iter().take(2).cloned()),
                    Values::OneOf(values) => candidates.extend(values.iter().take(2).map(ToString::to_string)),
                    Values::Address { .. } | Values::Whole | Values::Unknown | Values::Time { .. } => {}
                }
                // A value that stands in no pattern makes most other demands easy.
                candidates.push("q7zk4w".into());
                candidates.extend(
                    self.named
                        .of_key(key)
                        .take(4)
                        .map(|glob| glob.as_exact().map_or_else(|| glob.example("x"), str::to_owned)),
                );
                let possible = |text: &String| match &domain.values {
                    Values::Text { within, without, .. } => {
                        (within.is_empty() || within.iter().any(|glob| glob.matches(text)))
                            && !without.iter().any(|glob| glob.matches(text))
                    }
                    Values::OneOf(values) => values.iter().any(|value| value == text),
                    Values::Address { .. } | Values::Whole | Values::Unknown | Values::Time { .. } => false,
                };
                let mut seen = BTreeSet::new();
                candidates.retain(|text| possible(text) && seen.insert(text.clone()));
                values.extend(candidates.into_iter().map(Value::One));
                if domain.absent {
                    values.push(Value::Absent);
                }
                values.into_iter().map(|value| (value, true)).collect()
            }
        }
    }

    /// The rules with variables as they are for a shape.
    pub(super) fn filled(&self, callers: &Callers<'_, 'a>, shape: usize) -> Vec<(usize, Rule<'a>)> {
        let none = Restriction::none();
        let states = self
            .view(callers, shape, &none)
            .and_then(|view| view.unknown().map(|known| view.with(known, None)));
        let rules = self.documents.rules.iter().enumerate();
        let rules = rules.filter(|(_, rule)| rule.has_variables).map(|(index, rule)| {
            self.effort.spend(10);
            let mut filled = rule.clone();
            let kind = rule.source.document;
            let open = callers.unpicked_shapes().contains(&shape);
            self.documents.fill(&mut filled, &|variable, is_negated| {
                let key = self.documents.keys.find_in(kind, &variable.key);
                let state = key.and_then(|key| states.as_ref()?.get(key));
                match state {
                    Some(KeyState::Fixed(Value::One(text))) => Resolved::Text(text.clone()),
                    Some(KeyState::Free(Domain { multivalued: false, .. })) if open => bound(rule, is_negated),
                    Some(KeyState::Fixed(_) | KeyState::Free(_)) | None => variable
                        .default
                        .as_deref()
                        .map_or(Resolved::Nothing, |text| Resolved::Text(text.into())),
                }
            });
            (index, filled)
        });
        rules.collect()
    }
}
