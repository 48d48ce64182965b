//! The question itself: the statement that tells which requests are asked about, and why a class gets none of them.

use std::collections::{BTreeMap, BTreeSet};

use super::actions::ActionSet;
use super::callers::{Class, classes};
use super::candidates::product;
use super::documents::{Grantor, OnObjects, Rule};
use super::domain::Demand;
use super::merge::matches_all;
use super::question::{Answer, Ask, Callers, Group, Question, Rules, clause};
use super::solve::{Keys, Outcome, Problem};
use super::states::Restriction;
use crate::engine::{Closed, Grant, GrantSource};
use crate::iam::{Effect, Principal};
use crate::source::Spanned;

impl<'a> Question<'a> {
    /// Leaves only the actions that are asked about.
    pub(super) fn narrow(&mut self) {
        let Some(actions) = self.focus().map(|rule| rule.actions) else {
            return;
        };
        self.groups.retain(|group| actions.contains_all(group.actions));
    }

    /// Leaves of grants only the actions that are asked about.
    pub(super) fn keep_asked(&self, grants: &mut Vec<Grant>) {
        let Some(actions) = self.focus().map(|rule| rule.actions) else {
            return;
        };
        grants.retain_mut(|grant| {
            grant
                .actions
                .retain(|action| actions.contains_all(ActionSet::of([*action])));
            !grant.actions.is_empty()
        });
    }

    /// The resources of a grant, no wider than what is asked about.
    pub(super) fn narrowed(&self, text: String) -> String {
        let asked = self.focus().map(|rule| rule.resource.texts()).unwrap_or_default();
        match asked.as_slice() {
            [one] if matches_all(&text, &self.as_own(one)) => self.as_own(one),
            _ => text,
        }
    }

    /// The statement that tells what is asked about.
    fn focus(&self) -> Option<&Rule<'a>> {
        self.documents.rules.get(self.documents.focus?)
    }

    /// Whether callers of the class are asked about.
    pub(super) fn is_asked_about(&self, class: &Class) -> bool {
        self.focus().is_none_or(|rule| match rule.grantor {
            Grantor::Acl(_) => true,
            Grantor::Policy(element) => {
                let anonymous =
                    |entry: &Spanned<Principal>| matches!(&entry.value, Principal::Canonical(id) if id.is_anonymous());
                if *class == Class::Anonymous && element.entries.iter().any(anonymous) {
                    return !element.negated;
                }
                let everyone = || element.entries.iter().any(|entry| entry.value == Principal::Everyone);
                // Here `*` is everybody, services and federated identities included, whatever the document.
                !element.negated && everyone() || self.matching.applies(rule, class)
            }
        })
    }

    /// Asks only about requests that the question's statement covers; none where that is none of the group.
    pub(super) fn focus_on<'p>(&self, rules: Rules<'p, 'a>, group: &Group, problem: &mut Problem<'p>) -> Option<()> {
        let Some(rule) = self.documents.focus.and_then(|index| rules.get(index)) else {
            return Some(());
        };
        let holds = |literal| Demand { literal, truth: true };
        problem.demands.extend(rule.literals.iter().map(holds));
        if !group.on_objects {
            return rule.resource.whole.then_some(());
        }
        match rule.resource.on_objects() {
            OnObjects::All => Some(()),
            OnObjects::None => None,
            OnObjects::Some(literal) => {
                problem.demands.push(holds(literal));
                Some(())
            }
        }
    }

    /// Allow rules that would give somebody what is asked about, each with the Deny rules that keep it from that.
    pub(super) fn closed(&self) -> Vec<Closed> {
        let mut closed: BTreeMap<GrantSource, BTreeSet<GrantSource>> = BTreeMap::new();
        let classes = classes(&self.named, self.ground.surroundings, self.matching.trust);
        for class in classes.iter().filter(|class| self.is_asked_about(class)) {
            let callers = self.callers(class);
            for combination in self.combinations(&self.allowing(class)) {
                let rules: Vec<&Rule<'_>> = combination
                    .iter()
                    .filter_map(|index| self.documents.rules.get(*index))
                    .collect();
                let Some(first) = rules.first() else { continue };
                let asked = self.focus().map(|rule| rule.actions);
                let covers = |group: &&Group| {
                    asked.is_none_or(|actions| actions.contains_all(group.actions))
                        && rules.iter().all(|rule| rule.actions.contains_all(group.actions))
                };
                for group in self.groups.iter().filter(covers) {
                    for pieces in product(rules.iter().map(|rule| Self::pieces(rule, group)).collect()) {
                        let ask = Ask {
                            allows: &combination,
                            group,
                            pieces: &pieces,
                            escapes: &[],
                        };
                        let denying = self.denying(&callers, &ask);
                        if !denying.is_empty() {
                            closed.entry(first.source.clone()).or_default().extend(denying);
                        }
                    }
                }
            }
        }
        let closed = closed.into_iter();
        closed
            .map(|(allow, denied_by)| Closed {
                allow,
                denied_by: denied_by.into_iter().collect(),
            })
            .collect()
    }

    /// Indices of the Allow rules that apply to the class.
    pub(super) fn allowing(&self, class: &Class) -> Vec<usize> {
        let rules = self.documents.rules.iter().enumerate();
        rules
            .filter(|(_, rule)| rule.judges(Effect::Allow) && self.matching.applies(rule, class))
            .map(|(index, _)| index)
            .collect()
    }

    /// The Deny rules without which a request would be allowed: each that does it alone, else all that take part.
    fn denying(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Vec<GrantSource> {
        let without_any = self.outcome(callers, ask, &|_| false);
        if self.ask(callers, ask, &Restriction::none()) != Answer::No || !matches!(without_any, Outcome::Possible(_)) {
            return Vec::new();
        }
        let speaking: Vec<usize> = callers
            .denies
            .iter()
            .copied()
            .filter(|index| {
                let rule = self.documents.rules.get(*index);
                rule.is_some_and(|rule| clause(rule, ask.group).is_some())
            })
            .collect();
        let alone = speaking
            .iter()
            .copied()
            .filter(|index| self.outcome(callers, ask, &|other| other == *index) == Outcome::Impossible);
        let mut deciding: Vec<usize> = alone.collect();
        if deciding.is_empty() {
            deciding = speaking;
        }
        let sources = deciding.iter().filter_map(|index| self.documents.rules.get(*index));
        sources.map(|rule| rule.source.clone()).collect()
    }

    /// Whether some request of one of these actions on the resource itself is allowed, new or not.
    pub(super) fn lets_use(&self, callers: &Callers<'_, 'a>, actions: ActionSet) -> bool {
        self.allowing(callers.class).into_iter().any(|index| {
            let groups = self
                .groups
                .iter()
                .filter(|group| !group.actions.and(actions).is_empty());
            let rule = self.documents.rules.get(index);
            let mut covered = groups.filter(|group| rule.is_some_and(|rule| rule.actions.contains_all(group.actions)));
            covered.any(|group| {
                let ask = Ask {
                    allows: &[index],
                    group,
                    pieces: &[None],
                    escapes: &[],
                };
                // In doubt the right is kept, and the request that shows it is decided alone.
                self.outcome(callers, &ask, &|_| true) != Outcome::Impossible
            })
        })
    }

    /// Whether a request would be allowed if of the Deny rules only those counted that `counts` says.
    fn outcome(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, counts: &dyn Fn(usize) -> bool) -> Outcome {
        let none = Restriction::none();
        let mut kept = callers.clone();
        kept.denies.retain(|index| counts(*index));
        let mut outcome = Outcome::Impossible;
        for shape in self.shapes_of(&kept, ask) {
            let (Some(problem), Some(states)) = (
                self.problem(&kept, shape, ask),
                self.states(&kept, shape, ask.group, &none),
            ) else {
                continue;
            };
            let keys = Keys {
                states: &states,
                object: self.object_state(&kept, ask),
            };
            match self.solve(&problem, keys) {
                possible @ Outcome::Possible(_) => return possible,
                Outcome::Undecided => outcome = Outcome::Undecided,
                Outcome::Impossible => {}
            }
        }
        outcome
    }
}
