//! What a class of callers gets through one set of Allow rules: the pieces from which grants are merged.

use super::actions::ActionSet;
use super::callers::Class;
use super::keys::Dimensions;
use super::question::{Answer, Ask, Callers, Group, Question, clause, pattern};
use super::residual::not_denied_by;
use super::solve::Model;
use super::states::Restriction;
use super::witness;
use crate::engine::{Confinement, Indeterminate, Request, Residual};

/// One class × rules × actions × object pattern × conditions, with a request that shows it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) class: Class,
    /// The Allow rules it rests on.
    pub(super) allows: Vec<usize>,
    pub(super) actions: ActionSet,
    pub(super) on_objects: bool,
    /// The object pattern of each rule.
    pub(super) pieces: Vec<Option<usize>>,
    /// The resource as an ARN pattern.
    pub(super) resource: String,
    pub(super) conditions: Vec<Residual>,
    /// Conditions that every caller of the class meets anyway.
    pub(super) implied: Vec<Residual>,
    pub(super) open: bool,
    pub(super) confined_by: Vec<Confinement>,
    pub(super) outside: bool,
    pub(super) witness: Request,
}

/// An answer, and how much of a stranger the caller can be.
struct Judged {
    open: bool,
    /// Whether a stranger could have it was not decided.
    in_doubt: bool,
    strange: Dimensions,
    answer: Answer,
}

impl Candidate {
    /// The same for other actions.
    fn of_actions(mut self, actions: ActionSet) -> Self {
        self.actions = actions;
        if let Some(action) = witness::shown_action(actions) {
            self.witness.action = action;
        }
        self
    }
}

/// What was found of one group of actions and one choice of object patterns.
struct Found<'g> {
    group: &'g Group,
    pieces: Vec<Option<usize>>,
    /// Where the candidates lie.
    candidates: std::ops::Range<usize>,
    doubt: Option<Doubt>,
}

/// What was not decided.
#[derive(Clone, Copy)]
enum Doubt {
    /// Whether anything is allowed.
    Whether,
    /// Whether a stranger has it, or somebody of more kinds.
    HowMuch,
}

/// What it costs to spell out a candidate and to merge it with others.
const OF_CANDIDATE: usize = 16;

/// Most ways around conditional Deny rules that are told apart for one candidate.
const MOST_WAYS: usize = 8;

impl<'a> Question<'a> {
    /// Everything the class gets through these Allow rules; what cannot be decided is noted. What a wider class has
    /// anyway is not asked again; `compared` says whether a wider class has something under conditions.
    pub(super) fn candidates(
        &self,
        callers: &Callers<'_, 'a>,
        allows: &[usize],
        settled: &dyn Fn(&Group, &[Option<usize>]) -> bool,
        compared: bool,
        undecided: &mut Vec<Indeterminate>,
    ) -> Vec<Candidate> {
        let rules: Vec<_> = allows
            .iter()
            .filter_map(|index| self.documents.rules.get(*index))
            .collect();
        let Some(first) = rules.first() else { return Vec::new() };
        let mut candidates = Vec::new();
        let mut found: Vec<Found<'_>> = Vec::new();
        for group in &self.groups {
            if !rules.iter().all(|rule| rule.actions.contains_all(group.actions)) {
                continue;
            }
            for pieces in product(rules.iter().map(|rule| Self::pieces(rule, group)).collect()) {
                if settled(group, &pieces) {
                    continue;
                }
                let shown = witness::shown_action(group.actions);
                let start = candidates.len();
                let alike = |known: &&Found<'_>| known.pieces == pieces && self.is_alike(callers, known.group, group);
                let doubt = match found.iter().find(alike) {
                    Some(known) => {
                        let again: Vec<Candidate> = candidates
                            .get(known.candidates.clone())
                            .map(<[_]>::to_vec)
                            .unwrap_or_default();
                        candidates.extend(again.into_iter().map(|known| known.of_actions(group.actions)));
                        known.doubt
                    }
                    None => {
                        let (new, doubt) = self.through_pieces(callers, (allows, group), &pieces, compared);
                        candidates.extend(new);
                        let candidates = start..candidates.len();
                        found.push(Found {
                            group,
                            pieces,
                            candidates,
                            doubt,
                        });
                        doubt
                    }
                };
                let grantee = || callers.class.grantee();
                let reason = match doubt {
                    None => continue,
                    Some(Doubt::Whether) => format!(
                        "whether {} gets {} through this statement is not decided: it depends on {}a policy variable or exceeds the search budget",
                        grantee(),
                        shown.map_or("", |action| action.name),
                        if self.before.as_ref().is_some_and(|before| before.lacks_something()) {
                            "what is not known of the other state, on "
                        } else {
                            ""
                        },
                    ),
                    Some(Doubt::HowMuch) => format!(
                        "whether {} gets more through this statement than is shown is not decided: it depends on a policy variable or exceeds the search budget",
                        grantee(),
                    ),
                };
                undecided.push(Indeterminate {
                    reason,
                    span: Some(first.source.span),
                });
            }
        }
        candidates
    }

    /// What the class gets of one group of actions through one choice of object patterns.
    fn through_pieces(
        &self,
        callers: &Callers<'_, 'a>,
        (allows, group): (&[usize], &Group),
        pieces: &[Option<usize>],
        compared: bool,
    ) -> (Vec<Candidate>, Option<Doubt>) {
        let ask = Ask {
            allows,
            group,
            pieces,
            escapes: &[],
        };
        self.effort.gave_up();
        let judged = self.judge(callers, &ask);
        let gave_up = self.effort.gave_up();
        let in_doubt = judged.in_doubt;
        match judged.answer {
            Answer::No => (Vec::new(), None),
            Answer::Undecided => (Vec::new(), Some(Doubt::Whether)),
            Answer::Yes { .. } => {
                let (ways, open) = self.ways(callers, &ask, judged, compared);
                (ways, (gave_up || in_doubt || open).then_some(Doubt::HowMuch))
            }
        }
    }

    /// Whether every question about the class has the same answer for both groups of actions.
    fn is_alike(&self, callers: &Callers<'_, 'a>, one: &Group, other: &Group) -> bool {
        let through = || callers.shapes.iter().any(|shape| shape.access_point.is_some());
        self.before.is_none() && self.own_object.is_none() && one.is_alike(other) && !through()
    }

    /// Possible for a stranger, else for somebody; and whether for a stranger.
    fn judge(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Judged {
        let answer = if self.strangers_count(callers.class, ask) {
            self.ask_stranger(callers, ask)
        } else {
            Answer::No
        };
        if let Answer::Yes { .. } = answer {
            return Judged {
                open: true,
                in_doubt: false,
                strange: Dimensions::STRANGER,
                answer,
            };
        }
        let in_doubt = answer == Answer::Undecided;
        let (strange, answer) = self.least_confined(callers, ask);
        Judged {
            open: false,
            in_doubt,
            strange,
            answer,
        }
    }

    /// One candidate for each way in which the request can get around the conditional Deny rules.
    ///
    /// The flag says whether some way was not decided.
    fn ways(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, judged: Judged, compared: bool) -> (Vec<Candidate>, bool) {
        let mut common: Vec<Residual> = self.residuals(callers, ask);
        common.extend(self.vpc_residual());
        if let Class::Delegated(account) = callers.class {
            common.push(Residual {
                operator: "StringEquals".into(),
                key: "s3:DataAccessPointAccount".into(),
                values: vec![account.to_string()],
            });
        }
        let mut choices: Vec<Vec<(usize, usize)>> = Vec::new();
        for index in &callers.denies {
            let Some(rule) = self.documents.rules.get(*index) else {
                continue;
            };
            let Some(literals) = clause(rule, ask.group) else {
                continue;
            };
            if !self.matters(callers, ask, *index) {
                continue;
            }
            let escapes = self.escapes(callers, ask, *index, literals.len());
            match escapes.as_slice() {
                [one] => common.extend(self.negated(*one, ask.group)),
                _ if choices.iter().map(Vec::len).product::<usize>() * escapes.len() <= MOST_WAYS => {
                    choices.push(escapes);
                }
                _ => common.push(not_denied_by(&rule.source)),
            }
        }
        let implied = if compared {
            self.implied(callers, ask)
        } else {
            Vec::new()
        };
        if choices.is_empty() {
            let candidate = self.candidate(callers, ask, judged, common, implied);
            return (candidate.into_iter().collect(), false);
        }
        let mut candidates = Vec::new();
        let mut in_doubt = false;
        for escapes in product(choices) {
            let asked = Ask {
                escapes: &escapes,
                ..ask.clone()
            };
            let mut conditions = common.clone();
            conditions.extend(escapes.iter().filter_map(|escape| self.negated(*escape, ask.group)));
            let judged = self.judge(callers, &asked);
            in_doubt |= judged.in_doubt || judged.answer == Answer::Undecided;
            candidates.extend(self.candidate(callers, &asked, judged, conditions, implied.clone()));
        }
        (candidates, in_doubt)
    }

    /// The literals of a Deny rule by which a request can get around it.
    fn escapes(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, rule: usize, literals: usize) -> Vec<(usize, usize)> {
        (0..literals)
            .map(|literal| (rule, literal))
            .filter(|escape| {
                let with = [*escape];
                let asked = Ask {
                    escapes: &with,
                    ..ask.clone()
                };
                literals == 1 || self.ask(callers, &asked, &Restriction::none()) != Answer::No
            })
            .collect()
    }

    fn candidate(
        &self,
        callers: &Callers<'_, 'a>,
        ask: &Ask<'_>,
        judged: Judged,
        mut conditions: Vec<Residual>,
        implied: Vec<Residual>,
    ) -> Option<Candidate> {
        self.effort.spend(OF_CANDIDATE);
        let Judged {
            open, strange, answer, ..
        } = judged;
        let Answer::Yes { shape, model } = answer else {
            return None;
        };
        conditions.sort();
        conditions.dedup();
        let confined_by = if open {
            Vec::new()
        } else {
            self.confinement(callers, ask, shape, &model, strange)
        };
        let outside = self.is_outside(callers, ask, open, &confined_by);
        let mut restriction = Restriction { strange, outside: None };
        let mut shown = (shape, model);
        // Who comes from outside the zone is shown with an address from outside.
        if outside && self.zone.has_networks() {
            let from_outside = Restriction {
                outside: Some(self.zone),
                ..restriction
            };
            if let Answer::Yes { shape, model } = self.ask(callers, ask, &from_outside) {
                (restriction, shown) = (from_outside, (shape, model));
            }
        }
        let witness = self.spell(callers, shown.0, ask, &shown.1, &restriction)?;
        Some(Candidate {
            class: callers.class.clone(),
            allows: ask.allows.to_vec(),
            actions: ask.group.actions,
            on_objects: ask.group.on_objects,
            pieces: ask.pieces.to_vec(),
            resource: self.resource_text(ask),
            conditions,
            implied,
            open,
            outside,
            confined_by,
            witness,
        })
    }

    /// The resource of an answer as an ARN pattern: of several patterns that must all match, the narrowest.
    fn resource_text(&self, ask: &Ask<'_>) -> String {
        let place = self.place.as_ref();
        if !ask.group.on_objects {
            return place.map(|place| place.whole.clone()).unwrap_or_default();
        }
        let rules = ask.allows.iter().filter_map(|index| self.documents.rules.get(*index));
        let patterns = rules.zip(ask.pieces).filter_map(|(rule, piece)| pattern(rule, *piece));
        let narrowest = patterns.map(|pattern| self.as_own(&pattern.text));
        let all = place.map(|place| format!("{}*", place.objects)).unwrap_or_default();
        self.narrowed(narrowest.max_by_key(String::len).unwrap_or(all))
    }

    /// A pattern that stands in another document's terms, in the terms of this resource.
    pub(super) fn as_own(&self, text: &str) -> String {
        let Some(place) = &self.place else {
            return text.to_owned();
        };
        for other in &self.other_places {
            if let Some(key) = text.strip_prefix(&*other.objects) {
                return format!("{}{key}", place.objects);
            }
        }
        text.to_owned()
    }

    fn spell(
        &self,
        callers: &Callers<'_, 'a>,
        shape: usize,
        ask: &Ask<'_>,
        model: &Model,
        restriction: &Restriction<'_>,
    ) -> Option<Request> {
        let group = ask.group;
        let states = self.states(callers, shape, group, restriction)?;
        let object = self.object_state(callers, ask);
        witness::request(
            self,
            callers.class,
            callers.shapes.get(shape)?,
            group,
            (&states, object),
            model,
        )
    }
}

/// Every choice of one item from each list.
pub(super) fn product<T: Clone>(lists: Vec<Vec<T>>) -> Vec<Vec<T>> {
    lists.into_iter().fold(vec![Vec::new()], |done, list| {
        done.iter()
            .flat_map(|chosen| {
                list.iter().map(move |item| {
                    let mut chosen = chosen.clone();
                    chosen.push(item.clone());
                    chosen
                })
            })
            .collect()
    })
}
