//! The documents that others are compared with: access is new where they do not give it.
//!
//! A request is new where the judged documents allow it and these do not: some Deny of these applies, or every way in
//! which they could allow it fails in one of its literals (ENGINE.md C9).

use std::collections::BTreeMap;
use std::ops::Range;

use super::actions::{ActionSet, named_actions};
use super::bucket::Anonymous;
use super::callers::{Class, Through};
use super::documents::{Documents, Grantor, OnObjects, RESOURCE, Rule, Side};
use super::domain::Demand;
use super::effects::Effects;
use super::glob::Glob;
use super::keys::{ROOT, passed_by};
use super::literal::{KeyId, Literal, Range as Members, Test};
use super::question::{Ask, Callers, Group, Question, Rules, clause, deleting, making};
use super::solve::{Clause, Keys, Outcome, Problem};
use super::states::Restriction;
use crate::engine::{DocumentKind, GrantEffect, GrantSource};
use crate::iam::{AccountId, Effect};

/// What the rules of [`Side::Before`] stand under.
pub(super) struct Before<'a> {
    /// What settings make of the rules, by where these stand among all.
    pub(super) effects: Vec<(Range<usize>, Effects<'a>)>,
    /// Whether unsigned requests were taken.
    pub(super) anonymous: Anonymous,
    /// The account of the owner, whose root user needs no statement [EVAL-09]; none for a role.
    pub(super) owner: Option<AccountId>,
    /// That the object belongs to the bucket's owner, where some do not [OWN-07].
    pub(super) own_object: Option<Literal>,
    /// That the request comes from the VPC of the access point [AP-04].
    pub(super) from_vpc: Option<Literal>,
    /// The ACL grants to the owner, which its account's principals have [ACL-07].
    pub(super) to_owner: Vec<usize>,
    /// Whether something is not known that could allow anything.
    pub(super) unknown: bool,
    /// Rules that ask for a fact of the resource that is another one now: what they gave and denied is not known.
    pub(super) shifted: Vec<usize>,
    /// For each statement of one side the same statement of the other, if it has one.
    pub(super) twins: Vec<Option<usize>>,
}

impl Before<'_> {
    /// Whether something is not known that decided what was allowed.
    pub(super) fn lacks_something(&self) -> bool {
        self.unknown
            || matches!(self.anonymous, Anonymous::Unknown(_))
            || self.effects.iter().any(|(_, effects)| effects.lacks_something())
    }
}

/// The literals that must all hold for one way in which a request was allowed.
type Way<'p> = Vec<&'p Literal>;

/// That a way fails.
fn fails(way: Way<'_>) -> Clause<'_> {
    Clause {
        of_rule: &[],
        others: way,
    }
}

/// The ways in which requests of one shape and group were allowed.
#[derive(Default)]
struct Ways<'p> {
    certain: Vec<(Vec<usize>, Way<'p>)>,
    /// Those where a setting is not known.
    uncertain: Vec<Way<'p>>,
}

/// A literal that says that the object's key is none of these.
pub(super) fn other_than(keys: &[String]) -> Option<Literal> {
    (!keys.is_empty()).then(|| Literal {
        key: RESOURCE,
        on_absent: true,
        range: Members::One,
        test: Test::Text {
            patterns: keys.iter().map(|key| Glob::exact(key)).collect(),
            negated: true,
        },
        condition: None,
    })
}

/// A literal that says that a key has this value.
pub(super) fn equals(key: KeyId, value: &str) -> Literal {
    Literal {
        key,
        on_absent: false,
        range: Members::One,
        test: Test::Text {
            patterns: vec![Glob::exact(value)],
            negated: false,
        },
        condition: None,
    }
}

impl<'a> Question<'a> {
    /// Whether the request of the question can be allowed now and not before.
    pub(super) fn beyond<'p>(
        &'p self,
        before: &'p Before<'a>,
        (callers, shape): (&'p Callers<'_, 'a>, usize),
        ask: &Ask<'_>,
        problem: &Problem<'p>,
        keys: Keys<'_>,
    ) -> Outcome {
        let solve = |problem: &Problem<'_>| self.solve(problem, keys);
        if *callers.class == Class::Anonymous && before.anonymous == Anonymous::Refused {
            return solve(problem);
        }
        let mut undecided = false;
        let Ways { certain, uncertain } = self.ways_before(before, (callers, shape), ask.group);
        let mut open = problem.clone();
        open.clauses.extend(certain.into_iter().map(|(_, way)| fails(way)));
        if uncertain.is_empty() {
            let outcome = solve(&open);
            if settles(&outcome, &mut undecided) {
                return outcome;
            }
        } else {
            let mut certainly = open.clone();
            certainly.clauses.extend(uncertain.into_iter().map(fails));
            let outcome = solve(&certainly);
            if settles(&outcome, &mut undecided) {
                return outcome;
            }
            // What may or may not have been allowed before may or may not be new.
            undecided |= solve(&open) != Outcome::Impossible;
        }
        let rules = self.rules(callers, shape);
        let denies = self
            .before_rules(Effect::Deny, callers.class)
            .filter_map(|index| Some((index, clause(rules.get(index)?, ask.group)?)));
        // [EVAL-09]: no bucket policy takes the policy verbs from the owner's root user.
        let by_root = is_root_of(before.owner, callers, shape) && policy_verbs().contains_all(ask.group.actions);
        let counts = |index: usize| {
            let rule = self.documents.rules.get(index);
            !by_root || rule.is_none_or(|rule| rule.source.document != DocumentKind::BucketPolicy)
        };
        for (index, literals) in denies.filter(|(index, _)| counts(*index)) {
            if self.is_unsure(before, callers.class, index) {
                undecided = true;
                continue;
            }
            let mut denied = problem.clone();
            let holds = |literal| Demand { literal, truth: true };
            denied.demands.extend(literals.iter().map(holds));
            let outcome = solve(&denied);
            if settles(&outcome, &mut undecided) {
                return outcome;
            }
        }
        if undecided {
            Outcome::Undecided
        } else {
            Outcome::Impossible
        }
    }

    /// The rules that gave part of what is now given, so that only the rest is new.
    pub(super) fn already(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Vec<GrantSource> {
        let Some(before) = &self.before else { return Vec::new() };
        let none = Restriction::none();
        let mut sources = Vec::new();
        for shape in self.shapes_of(callers, ask) {
            let (Some(problem), Some(states)) = (
                self.problem(callers, shape, ask),
                self.states(callers, shape, ask.group, &none),
            ) else {
                continue;
            };
            let keys = Keys {
                states: &states,
                object: self.object_state(callers, ask),
            };
            let rules = self.rules(callers, shape);
            let denies: Vec<Clause<'_>> = self
                .before_rules(Effect::Deny, callers.class)
                .filter_map(|index| clause(rules.get(index)?, ask.group))
                .collect();
            for (indices, way) in self.ways_before(before, (callers, shape), ask.group).certain {
                let mut both = problem.clone();
                let holds = |literal| Demand { literal, truth: true };
                both.demands.extend(way.into_iter().map(holds));
                both.clauses.extend(denies.iter().cloned());
                let outcome = self.solve(&both, keys);
                if matches!(outcome, Outcome::Possible(_)) {
                    let rules = indices.iter().filter_map(|index| self.documents.rules.get(*index));
                    sources.extend(rules.map(|rule| rule.source.clone()));
                }
            }
        }
        sources
    }

    /// Whether it is open what a rule of before gave or denied: it asks for a fact that changed, or for something that only
    /// other rights let a request carry, and these changed [TRUST-03].
    fn is_unsure(&self, before: &Before<'a>, class: &Class, index: usize) -> bool {
        let statement = self.documents.rules.get(index).and_then(|rule| rule.statement);
        let mut keys = statement.iter().flat_map(|statement| &statement.conditions);
        before.shifted.contains(&index)
            || self.matching.trust
                && keys.any(|condition| passed_by(condition.key.folded()).is_some())
                && !self.passes_as_before(before, class)
    }

    /// Whether the class may pass tags and a source identity by the same statements as before.
    fn passes_as_before(&self, before: &Before<'a>, class: &Class) -> bool {
        let passing = named_actions(&["sts:TagSession", "sts:SetSourceIdentity"]);
        let mut rules = self.documents.rules.iter().enumerate();
        rules.all(|(index, rule)| {
            let counts = rule.side != Side::Asked && self.matching.applies(rule, class);
            !counts || rule.actions.and(passing).is_empty() || before.twins.get(index).is_some_and(Option::is_some)
        })
    }

    /// Indices of the rules of before that apply to the class.
    pub(super) fn before_rules(&self, effect: Effect, class: &Class) -> impl Iterator<Item = usize> {
        let rules = self.documents.rules.iter().enumerate();
        let applies = |index: usize, rule: &Rule<'_>| match &self.before {
            Some(before) if before.to_owner.contains(&index) => {
                before.owner.is_some() && class.account() == before.owner
            }
            Some(_) | None => self.matching.applies(rule, class),
        };
        rules
            .filter(move |(index, rule)| rule.side == Side::Before && rule.effect == effect && applies(*index, rule))
            .map(|(index, _)| index)
    }

    fn ways_before<'p>(
        &'p self,
        before: &'p Before<'a>,
        (callers, shape): (&'p Callers<'_, 'a>, usize),
        group: &Group,
    ) -> Ways<'p> {
        let mut ways = Ways::default();
        let class = callers.class;
        let Some(described) = callers.shapes.get(shape) else {
            return ways;
        };
        if before.unknown || *class == Class::Anonymous && matches!(before.anonymous, Anonymous::Unknown(_)) {
            ways.uncertain.push(Vec::new());
        }
        if is_root_of(before.owner, callers, shape) {
            ways.certain.push((Vec::new(), Vec::new()));
        }
        let rules = self.rules(callers, shape);
        let applying: Vec<usize> = self
            .before_rules(Effect::Allow, class)
            .filter(|index| {
                rules
                    .get(*index)
                    .is_some_and(|rule| rule.actions.contains_all(group.actions))
            })
            .collect();
        for combination in self.combinations(&applying) {
            let Some(way) = self.way(before, (class, group), &combination, rules) else {
                continue;
            };
            // ACLs are for requests to the bucket itself [AP-01].
            let is_acl = |index: &usize| rules.get(*index).is_some_and(is_acl);
            if described.access_point.is_some() && combination.iter().any(is_acl) {
                continue;
            }
            let standings = combination.iter().map(|index| {
                let effects = before.effects.iter().find(|(range, _)| range.contains(index));
                effects.map_or(Ok(GrantEffect::Effective), |(_, effects)| {
                    let standing = effects.standing(self, class, group.actions, &[*index]);
                    standing.map(|standing| standing.effect)
                })
            });
            let shifted = combination.iter().any(|index| self.is_unsure(before, class, *index));
            match standings.collect::<Result<Vec<_>, _>>() {
                // With another fact it could have allowed anything that the rest of it does not rule out.
                _ if shifted => ways.uncertain.push(Vec::new()),
                Ok(effects) if effects.iter().all(|effect| *effect == GrantEffect::Effective) => {
                    ways.certain.push((combination, way));
                }
                Ok(_) => {}
                Err(_) => ways.uncertain.push(way),
            }
        }
        ways
    }

    /// What must hold for these rules to allow a request of the group; none where they allow none.
    fn way<'p>(
        &self,
        before: &'p Before<'a>,
        (class, group): (&Class, &Group),
        combination: &[usize],
        rules: Rules<'p, 'a>,
    ) -> Option<Way<'p>> {
        let mut way: Way<'p> = before.from_vpc.iter().collect();
        let own = class.account().is_some() && class.account() == before.owner;
        let regardless = making().contains_all(group.actions) || own && deleting().contains_all(group.actions);
        for index in combination {
            let rule = rules.get(*index)?;
            way.extend(&rule.literals);
            if !group.on_objects {
                rule.resource.whole.then_some(())?;
                continue;
            }
            match rule.resource.on_objects() {
                OnObjects::All => {}
                OnObjects::None => return None,
                OnObjects::Some(literal) => way.push(literal),
            }
            if !is_acl(rule) && !regardless {
                way.extend(&before.own_object);
            }
        }
        Some(way)
    }

    /// Whether the same statements gave the same before, word for word, and no other Deny stood against them.
    pub(super) fn is_unchanged(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> bool {
        let Some(before) = &self.before else { return false };
        let same_place = match (&self.through, &before.from_vpc) {
            (Some(Through::One { vpc, .. }), from) => vpc.is_none() == from.is_none() && vpc.is_none(),
            (Some(Through::AnyOf(_)) | None, from) => from.is_none(),
        };
        let refused = *callers.class == Class::Anonymous && before.anonymous != Anonymous::Taken;
        if before.own_object.is_some() || !same_place || refused {
            return false;
        }
        let twin = |index: usize| before.twins.get(index).copied().flatten();
        let shifted = |index: usize| self.is_unsure(before, callers.class, index);
        let stands = |index: usize| {
            let effects = before.effects.iter().find(|(range, _)| range.contains(&index));
            let stands = effects.is_none_or(|(_, effects)| {
                let standing = effects.standing(self, callers.class, ask.group.actions, &[index]);
                standing.is_ok_and(|standing| standing.effect == GrantEffect::Effective)
            });
            stands && !shifted(index)
        };
        ask.allows.iter().all(|index| twin(*index).is_some_and(stands))
            && self
                .before_rules(Effect::Deny, callers.class)
                .all(|index| twin(index).is_some() && !shifted(index))
    }
}

/// Whether a case is decided for the whole; one that is not decided leaves the whole so.
fn settles(outcome: &Outcome, undecided: &mut bool) -> bool {
    *undecided |= *outcome == Outcome::Undecided;
    matches!(outcome, Outcome::Possible(_))
}

/// Whether callers of a shape are the root user of the account.
fn is_root_of(owner: Option<AccountId>, callers: &Callers<'_, '_>, shape: usize) -> bool {
    let is_root = callers.shapes.get(shape).is_some_and(|shape| shape.kind == ROOT);
    is_root && owner.is_some() && callers.class.account() == owner
}

/// Actions that the owner's root user has in spite of the bucket policy [EVAL-09].
pub(super) fn policy_verbs() -> ActionSet {
    named_actions(&["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"])
}

fn is_acl(rule: &Rule<'_>) -> bool {
    matches!(rule.grantor, Grantor::Acl(_))
}

/// For each statement of one side the same one of the other: in a document of the same kind, and the same but for its
/// place and name.
pub(super) fn twins(documents: &Documents<'_>) -> Vec<Option<usize>> {
    let mut places: BTreeMap<(bool, DocumentKind, bool, String), usize> = BTreeMap::new();
    let key = |rule: &Rule<'_>, is_before: bool| {
        let mut json = rule.statement?.to_json();
        if let Some(members) = json.as_object_mut() {
            members.remove("Sid");
        }
        Some((is_before, rule.source.document, rule.has_variables, json.to_string()))
    };
    let sides = [Side::Judged, Side::Before];
    let compared = || {
        let rules = documents.rules.iter().enumerate();
        rules.filter(|(_, rule)| sides.contains(&rule.side))
    };
    for (index, rule) in compared() {
        if let Some(key) = key(rule, rule.side == Side::Before) {
            places.entry(key).or_insert(index);
        }
    }
    let mut twins = vec![None; documents.rules.len()];
    for (index, rule) in compared() {
        if let Some(twin) = twins.get_mut(index) {
            *twin = key(rule, rule.side != Side::Before).and_then(|key| places.get(&key).copied());
        }
    }
    twins
}
