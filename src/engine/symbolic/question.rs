//! One resource, its compiled documents and the classes of its callers: the questions that grants are made of.

use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};
use std::sync::LazyLock;

use super::actions::{self, ActionSet, named_actions};
use super::before::Before;
use super::callers::{Class, Matching, Passing, Shape, Through, shapes};
use super::documents::{Documents, Grantor, ObjectPattern, OnObjects, Place, Rule, Side};
use super::domain::{Demand, KeyState};
use super::effort::Effort;
use super::keys::{Dimension, Dimensions, Rides, key_rule};
use super::named::Named;
use super::role::assuming;
use super::solve::{Clause, Keys, Model, Outcome, Problem, solve};
use super::states::{Ground, KeyStates, Known, Restriction, States};
use crate::engine::{Options, Zone};
use crate::iam::{Effect, Target};

/// The documents of one resource and everything that is the same for all questions about it.
pub(super) struct Question<'a> {
    pub(super) documents: Documents<'a>,
    pub(super) named: Named,
    pub(super) ground: Ground<'a>,
    pub(super) matching: Matching<'a>,
    pub(super) place: Option<Place>,
    /// Places that some of the documents speak of instead: the bucket behind an access point.
    pub(super) other_places: Vec<Place>,
    /// The access point that the requests come through, if the question is about one.
    pub(super) through: Option<Through>,
    pub(super) groups: Vec<Group>,
    /// What the key of an object can be.
    pub(super) object: KeyState,
    /// What it can be where the bucket policy must allow: not the key of an object that another account owns [OWN-07].
    pub(super) own_object: Option<KeyState>,
    /// Dimensions of strangers that some document asks about.
    pub(super) asked: Vec<Dimension>,
    /// What the documents are compared with: then only access that it does not give counts.
    pub(super) before: Option<Before<'a>>,
    pub(super) options: &'a Options,
    pub(super) zone: &'a Zone,
    /// What the decision may still cost.
    pub(super) effort: Effort,
}

/// Most shapes whose states are remembered at a time.
const MOST_STATES: usize = 1024;

/// Actions that every rule treats alike, on one kind of resource.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) actions: ActionSet,
    pub(super) on_objects: bool,
    /// For each key of the table whether requests of these actions can carry it; none where they can carry all.
    carries: Option<Vec<bool>>,
    /// Its place among the groups.
    place: usize,
    /// The rules that cover it.
    rules: Vec<usize>,
    /// Whether requests of these actions can come through access points.
    through_access_points: bool,
}

impl Group {
    /// Whether the same rules cover both, on the same kind of resource, and their requests carry the same keys.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.on_objects == other.on_objects && self.rules == other.rules && self.carries == other.carries
    }
}

/// A class of callers with its shapes and, for each, the rules with policy variables filled in.
#[derive(Clone)]
pub(super) struct Callers<'q, 'a> {
    pub(super) class: &'q Class,
    pub(super) shapes: Vec<Shape>,
    /// Rules with variables, by their indices, as they are for each shape; empty where no rule has any.
    pub(super) filled: Vec<OnceCell<Vec<(usize, Rule<'a>)>>>,
    /// Where the shapes begin for which no value was picked, behind those with picked ones; none where there are no picks.
    pub(super) unpicked: Option<usize>,
    /// Whether there are more shapes than are looked at: then a failure proves nothing where variables are in play.
    pub(super) cut_short: bool,
    /// Whether that holds where no variable is in play, too.
    pub(super) has_more_shapes: bool,
    /// Indices of the Deny rules that apply to the class.
    pub(super) denies: Vec<usize>,
    /// States per shape and restriction, as they are asked for.
    pub(super) states: RefCell<FxHashMap<Asked, Option<Known>>>,
}

/// A shape, a restriction (how strange the caller must be, and whether it must be outside the zone) and, where that
/// matters, a group of actions. Its states are none where no caller of the shape fits it.
type Asked = (usize, Dimensions, bool, Option<usize>);

/// The rules as they are for one shape.
#[derive(Clone, Copy)]
pub(super) struct Rules<'p, 'a> {
    all: &'p [Rule<'a>],
    filled: &'p [(usize, Rule<'a>)],
}

impl<'p, 'a> Rules<'p, 'a> {
    /// The rule of this index.
    pub(super) fn get(self, index: usize) -> Option<&'p Rule<'a>> {
        let filled = self.filled.binary_search_by_key(&index, |(index, _)| *index).ok();
        match filled.and_then(|at| self.filled.get(at)) {
            Some((_, rule)) => Some(rule),
            None => self.all.get(index),
        }
    }
}

/// What is asked of a class: through which Allow rules, which actions, on which objects, with which further demands.
#[derive(Clone, Debug)]
pub(super) struct Ask<'q> {
    /// Indices of the Allow rules that must all apply.
    pub(super) allows: &'q [usize],
    pub(super) group: &'q Group,
    /// For each Allow rule the place of the object pattern; none for the resource itself or a `NotResource`.
    pub(super) pieces: &'q [Option<usize>],
    /// Literals of Deny rules that must be false: rule, and place of the literal in its clause.
    pub(super) escapes: &'q [(usize, usize)],
}

/// An answer with what is needed to spell out a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes { shape: usize, model: Model },
    No,
    Undecided,
}

impl<'a> Question<'a> {
    /// The class with its shapes, as the documents tell them apart.
    pub(super) fn callers<'q>(&'q self, class: &'q Class) -> Callers<'q, 'a> {
        let (base, has_more_shapes) = shapes(
            class,
            &self.documents,
            &self.named,
            self.ground.surroundings,
            self.through.as_ref(),
        );
        let mut callers = Callers {
            class,
            shapes: base,
            filled: Vec::new(),
            unpicked: None,
            cut_short: has_more_shapes,
            has_more_shapes,
            denies: Vec::new(),
            states: RefCell::default(),
        };
        callers.denies = self
            .documents
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.judges(Effect::Deny) && self.matching.applies(rule, class))
            .map(|(index, _)| index)
            .collect();
        if self.matching.trust {
            let (tags, identity) = (
                self.passing(class, "sts:TagSession"),
                self.passing(class, "sts:SetSourceIdentity"),
            );
            for shape in &mut callers.shapes {
                (shape.passes_tags, shape.passes_identity) = (tags, identity);
            }
        }
        if self.documents.rules.iter().any(|rule| rule.has_variables) {
            self.fill_variables(&mut callers);
        }
        callers
    }

    /// Whether a class that may assume the role may also use an action that only goes with that [TRUST-03].
    fn passing(&self, class: &Class, modifier: &str) -> Passing {
        let modifier = named_actions(&[modifier]);
        let assume = assuming(&class.grantee());
        let applying: Vec<&Rule<'_>> = self
            .documents
            .rules
            .iter()
            .filter(|rule| rule.side == Side::Judged && self.matching.applies(rule, class))
            .collect();
        let has = |rule: &Rule<'_>| rule.actions.contains_all(modifier);
        let allows = || applying.iter().filter(|rule| rule.effect == Effect::Allow);
        let denied = |rule: &&Rule<'_>| rule.effect == Effect::Deny && has(rule) && rule.actions.and(assume).is_empty();
        if !allows().any(|rule| has(rule)) {
            return Passing::Never;
        }
        let unconditional = allows().any(|rule| has(rule) && rule.literals.is_empty());
        let together = allows()
            .filter(|rule| !rule.actions.and(assume).is_empty())
            .all(|rule| has(rule));
        if (unconditional || together) && !applying.iter().any(denied) {
            Passing::Allowed
        } else {
            Passing::Undecided
        }
    }

    /// Whether a request is possible; the first shape that has one is taken.
    pub(super) fn ask(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, restriction: &Restriction<'_>) -> Answer {
        if self.is_unchanged(callers, ask) {
            return Answer::No;
        }
        let picks = self.depends_on_picks(callers, ask);
        if picks && !callers.has_more_shapes && self.is_impossible_with_any(callers, ask, restriction) {
            return Answer::No;
        }
        // Only where there are variables it differs from shape to shape what a request must meet.
        let common = callers
            .filled
            .is_empty()
            .then(|| self.problem_by(self.rules(callers, 0), callers, ask));
        let mut undecided = callers.has_more_shapes || picks && callers.cut_short;
        for index in self.shapes_of(callers, ask) {
            if self.effort.is_spent() {
                return Answer::Undecided;
            }
            let outcome = match &common {
                Some(problem) => self.attempt(callers, index, ask, (problem.as_ref(), restriction)),
                None => {
                    let problem = self.problem(callers, index, ask);
                    self.attempt(callers, index, ask, (problem.as_ref(), restriction))
                }
            };
            match outcome {
                Outcome::Possible(model) => return Answer::Yes { shape: index, model },
                Outcome::Impossible => undecided |= picks && callers.has_picks(index),
                Outcome::Undecided => undecided = true,
            }
        }
        if undecided { Answer::Undecided } else { Answer::No }
    }

    /// Whether a request is impossible whatever the policy variables stand for.
    fn is_impossible_with_any(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, restriction: &Restriction<'_>) -> bool {
        let mut shapes = callers.unpicked_shapes();
        callers.unpicked.is_some()
            && shapes.all(|shape| {
                let problem = self.problem(callers, shape, ask);
                self.attempt(callers, shape, ask, (problem.as_ref(), restriction)) == Outcome::Impossible
            })
    }

    /// Whether a stranger of the class has it [OPEN-01].
    pub(super) fn ask_stranger(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Answer {
        self.ask(
            callers,
            ask,
            &Restriction {
                strange: Dimensions::STRANGER,
                outside: None,
            },
        )
    }

    fn attempt(
        &self,
        callers: &Callers<'_, 'a>,
        shape: usize,
        ask: &Ask<'_>,
        (problem, restriction): (Option<&Problem<'_>>, &Restriction<'_>),
    ) -> Outcome {
        let Some(problem) = problem.filter(|_| self.comes_that_way(callers, shape, ask)) else {
            return Outcome::Impossible;
        };
        let Some(states) = self.states(callers, shape, ask.group, restriction) else {
            return Outcome::Impossible;
        };
        let keys = Keys {
            states: &states,
            object: self.object_state(callers, ask),
        };
        match &self.before {
            None => self.solve(problem, keys),
            Some(before) => self.beyond(before, (callers, shape), ask, problem, keys),
        }
    }

    /// Whether the Allow rules are for requests that come as those of a shape do: ACLs are for requests to the bucket
    /// itself [AP-01].
    fn comes_that_way(&self, callers: &Callers<'_, 'a>, shape: usize, ask: &Ask<'_>) -> bool {
        let by_acl = |index: &usize| {
            let rule = self.documents.rules.get(*index);
            rule.is_some_and(|rule| matches!(rule.grantor, Grantor::Acl(_)))
        };
        let shape = callers.shapes.get(shape);
        shape.is_some_and(|shape| shape.access_point.is_none() || !ask.allows.iter().any(by_acl))
    }

    /// Searches for a request that meets a problem, within what the decision may still cost.
    pub(super) fn solve(&self, problem: &Problem<'_>, keys: Keys<'_>) -> Outcome {
        self.effort.within(u32::MAX, |budget| solve(problem, keys, budget))
    }

    /// What a request of a shape must meet.
    pub(super) fn problem<'p>(
        &'p self,
        callers: &'p Callers<'_, 'a>,
        shape: usize,
        ask: &Ask<'_>,
    ) -> Option<Problem<'p>>
    where
        Self: 'p,
        'a: 'p,
    {
        let comes_that_way = self.comes_that_way(callers, shape, ask);
        comes_that_way.then(|| self.problem_by(self.rules(callers, shape), callers, ask))?
    }

    /// What a request must meet: every literal of the Allow rules, and of every applicable Deny rule not all.
    ///
    /// `None` where a Deny rule without any condition covers the whole.
    fn problem_by<'p>(&self, rules: Rules<'p, 'a>, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Option<Problem<'p>> {
        let mut problem = Problem::default();
        self.focus_on(rules, ask.group, &mut problem)?;
        for (index, piece) in ask.allows.iter().zip(ask.pieces) {
            let rule = rules.get(*index)?;
            problem
                .demands
                .extend(rule.literals.iter().map(|literal| Demand { literal, truth: true }));
            if ask.group.on_objects {
                match piece {
                    Some(piece) => {
                        let pattern = rule.resource.objects.get(*piece)?;
                        problem.demands.push(Demand {
                            literal: &pattern.literal,
                            truth: true,
                        });
                    }
                    None => match rule.resource.on_objects() {
                        OnObjects::All => {}
                        OnObjects::None => return None,
                        OnObjects::Some(literal) => problem.demands.push(Demand { literal, truth: true }),
                    },
                }
            } else if !rule.resource.whole {
                return None;
            }
        }
        for index in &callers.denies {
            let rule = rules.get(*index)?;
            if let Some(clause) = clause(rule, ask.group) {
                if clause.is_empty() {
                    return None;
                }
                for (_, literal) in ask.escapes.iter().filter(|(escaped, _)| escaped == index) {
                    problem.demands.push(Demand {
                        literal: clause.iter().nth(*literal)?,
                        truth: false,
                    });
                }
                problem.clauses.push(clause);
            }
        }
        Some(problem)
    }

    /// The rules as they are for a shape.
    pub(super) fn rules<'p>(&'p self, callers: &'p Callers<'_, 'a>, shape: usize) -> Rules<'p, 'a> {
        let filled = callers.filled.get(shape);
        Rules {
            all: &self.documents.rules,
            filled: filled.map_or(&[], |filled| filled.get_or_init(|| self.filled(callers, shape))),
        }
    }

    /// States of all keys for a shape, a group of actions and a restriction; none where no caller of the shape fits it.
    pub(super) fn states<'s>(
        &'s self,
        callers: &'s Callers<'_, 'a>,
        shape: usize,
        group: &'s Group,
        restriction: &'s Restriction<'s>,
    ) -> Option<KeyStates<'s>> {
        let through = callers.shapes.get(shape)?.access_point.is_some();
        if through && !group.through_access_points {
            return None;
        }
        let bound = group.carries.is_some().then_some(group.place);
        let asked = (shape, restriction.strange, restriction.outside.is_some(), bound);
        let view = self.view(callers, shape, restriction)?;
        let mut seen = callers.states.borrow_mut();
        let known = match seen.get(&asked) {
            Some(known) => known.clone(),
            None => {
                self.effort.spend(1 + self.documents.keys.names().count() / 4);
                if seen.len() >= MOST_STATES {
                    seen.clear();
                }
                seen.entry(asked).or_insert_with(|| view.unknown()).clone()
            }
        };
        Some(view.with(known?, group.carries.as_deref()))
    }

    /// What the key of the object can be; none for actions on the resource itself.
    pub(super) fn object_state(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Option<&KeyState> {
        if !ask.group.on_objects {
            return None;
        }
        let Some(own_object) = &self.own_object else {
            return Some(&self.object);
        };
        let by_policy = |index: &usize| {
            let rule = self.documents.rules.get(*index);
            rule.is_some_and(|rule| matches!(rule.grantor, Grantor::Policy(_)))
        };
        let own = callers.class.account().is_some() && callers.class.account() == self.ground.surroundings.owner;
        // Making an object anew needs no say of the old one's owner, and the bucket's owner can always delete.
        let regardless = making().contains_all(ask.group.actions) || own && deleting().contains_all(ask.group.actions);
        Some(if ask.allows.iter().any(by_policy) && !regardless {
            own_object
        } else {
            &self.object
        })
    }

    pub(super) fn view<'s>(
        &'s self,
        callers: &'s Callers<'_, 'a>,
        shape: usize,
        restriction: &'s Restriction<'s>,
    ) -> Option<States<'s>> {
        Some(States {
            ground: &self.ground,
            documents: &self.documents,
            named: &self.named,
            class: callers.class,
            shape: callers.shapes.get(shape)?,
            restriction,
        })
    }

    /// The dimensions of strangers that the documents ask about.
    pub(super) fn dimensions(documents: &Documents<'_>, through: Option<&Through>) -> Vec<Dimension> {
        let mut asked: Vec<Dimension> = documents
            .keys
            .names()
            .map(|name| key_rule(name).map_or(Dimension::Subject, |rule| rule.dimension))
            .collect();
        if matches!(through, Some(Through::One { vpc: Some(_), .. })) {
            asked.push(Dimension::Network);
        }
        asked.sort_unstable();
        asked.dedup();
        asked.retain(|dimension| Dimensions::STRANGER.has(*dimension));
        asked
    }

    /// Splits the actions that some rule allows into groups that every rule treats alike.
    pub(super) fn group(
        documents: &Documents<'_>,
        whole: ActionSet,
        objects: ActionSet,
        special: &[ActionSet],
    ) -> Vec<Group> {
        let allowed = documents
            .allows()
            .fold(ActionSet::default(), |set, rule| set.or(rule.actions));
        let mut parts = vec![(allowed.and(whole), false), (allowed.and(objects), true)];
        let mut split = |by: ActionSet| {
            parts = parts
                .iter()
                .flat_map(|(part, on_objects)| [(part.and(by), *on_objects), (part.minus(by), *on_objects)])
                .filter(|(part, _)| !part.is_empty())
                .collect();
        };
        let through = actions::on(Target::AccessPoint).or(actions::on(Target::AccessPointObject));
        special.iter().for_each(|set| split(*set));
        split(through);
        documents.rules.iter().for_each(|rule| split(rule.actions));
        let bound: Vec<Option<ActionSet>> = documents
            .keys
            .names()
            .map(|name| {
                let rides = key_rule(name).is_some_and(|rule| rule.rides == Rides::OnItsActions);
                rides.then(|| with_modifiers(actions::carrying(name)))
            })
            .collect();
        bound.iter().flatten().for_each(|set| split(*set));
        let carries = |part: ActionSet| -> Option<Vec<bool>> {
            let each: Vec<bool> = bound
                .iter()
                .map(|set| set.is_none_or(|set| set.contains_all(part)))
                .collect();
            each.contains(&false).then_some(each)
        };
        let covering = |part: ActionSet| -> Vec<usize> {
            let rules = documents.rules.iter().enumerate();
            let covering = rules.filter(|(_, rule)| rule.actions.contains_all(part));
            covering.map(|(index, _)| index).collect()
        };
        parts
            .iter()
            .filter(|(part, _)| !part.is_empty())
            .enumerate()
            .map(|(place, (part, on_objects))| Group {
                actions: *part,
                on_objects: *on_objects,
                carries: carries(*part),
                place,
                rules: covering(*part),
                through_access_points: through.contains_all(*part),
            })
            .collect()
    }

    /// The object patterns of an Allow rule, each a question of its own; one `None` for the resource itself and for
    /// `NotResource`.
    pub(super) fn pieces(rule: &Rule<'_>, group: &Group) -> Vec<Option<usize>> {
        if !group.on_objects {
            return if rule.about.whole { vec![None] } else { Vec::new() };
        }
        if rule.resource.negated {
            return vec![None];
        }
        let objects = rule.resource.objects.iter().enumerate();
        let about = objects.filter(|(_, pattern)| rule.has_variables || !pattern.keys.is_empty());
        about.map(|(index, _)| Some(index)).collect()
    }
}

/// The literals of a Deny rule that must not all hold; `None` where the rule does not apply to the group at all.
pub(super) fn clause<'r>(rule: &'r Rule<'_>, group: &Group) -> Option<Clause<'r>> {
    if !rule.actions.contains_all(group.actions) {
        return None;
    }
    let mut clause = Clause {
        of_rule: &rule.literals,
        others: Vec::new(),
    };
    if group.on_objects {
        match rule.resource.on_objects() {
            OnObjects::All => {}
            OnObjects::None => return None,
            OnObjects::Some(literal) => clause.others.push(literal),
        }
    } else if !rule.resource.whole {
        return None;
    }
    Some(clause)
}

/// The object pattern that a piece names.
pub(super) fn pattern<'r>(rule: &'r Rule<'_>, piece: Option<usize>) -> Option<&'r ObjectPattern> {
    piece.and_then(|piece| rule.resource.objects.get(piece))
}

/// Actions that make an object, whoever owned one of that key before [EVAL-17].
pub(super) fn making() -> ActionSet {
    static SET: LazyLock<ActionSet> = LazyLock::new(|| named_actions(&["s3:PutObject"]));
    *SET
}

/// Actions that delete objects.
pub(super) fn deleting() -> ActionSet {
    static SET: LazyLock<ActionSet> = LazyLock::new(|| named_actions(&["s3:DeleteObject", "s3:DeleteObjectVersion"]));
    *SET
}

/// Actions that only go with assuming a role are asked for in the same request, and so with the same keys [TRUST-02].
fn with_modifiers(carrying: ActionSet) -> ActionSet {
    let assume = named_actions(&[
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
    ]);
    if carrying.and(assume).is_empty() {
        return carrying;
    }
    carrying.or(named_actions(&[
        "sts:TagSession",
        "sts:SetSourceIdentity",
        "sts:SetContext",
    ]))
}
