//! What is asked about a resource, and what comes of it.

use super::actions;
use super::assumed;
use super::bucket::{self, Anonymous, decide};
use super::callers::classes;
use super::candidates::product;
use super::effects::Effects;
use super::keys;
use super::question::{Ask, Group, Question};
use super::role;
use crate::engine::{
    Answer, BucketScope, Closed, Grant, GrantEffect, GrantSource, Indeterminate, NewAccess, NewGrant, Options,
    ResourceAccess, RoleScope, Zone,
};
use crate::iam::{ActionId, ElementList, Statement};
use crate::source::Unknown;

/// What is asked about a resource; `S` is what decides about it.
pub(super) struct Inquiry<'a, S> {
    pub(super) zone: &'a Zone,
    pub(super) options: &'a Options,
    /// The statement that tells which requests are asked about; none for all.
    pub(super) focus: Option<&'a Statement>,
    /// What only access beyond is asked about; none for all.
    pub(super) before: Option<&'a S>,
}

/// What was found of one resource, before it is known which.
pub(super) struct Found {
    pub(super) grants: Vec<Grant>,
    closed: Vec<Closed>,
    already: Vec<Vec<GrantSource>>,
}

/// The answer about one resource.
pub(super) struct Answered {
    pub(super) access: ResourceAccess,
    /// What closes it, where nobody has what is asked about.
    pub(super) closed: Vec<Closed>,
    /// For each grant the rules of before that gave part of it.
    pub(super) already: Vec<Vec<GrantSource>>,
}

impl<'a, S> Inquiry<'a, S> {
    pub(super) fn about_all(zone: &'a Zone, options: &'a Options) -> Self {
        Self {
            zone,
            options,
            focus: None,
            before: None,
        }
    }
}

impl Found {
    /// The answer about this resource.
    pub(super) fn about(self, access: ResourceAccess) -> Answered {
        let Self {
            grants,
            closed,
            already,
        } = self;
        Answered {
            access: ResourceAccess { grants, ..access },
            closed,
            already,
        }
    }
}

/// Decides a question, with what goes with its answer.
pub(super) fn answer(
    question: &Question<'_>,
    effects: &Effects<'_>,
    anonymous: &Anonymous,
    unknown_policy: Option<&Unknown>,
    undecided: &mut Vec<Indeterminate>,
) -> Found {
    let mut grants = decide(question, effects, anonymous, unknown_policy, undecided);
    assumed::mark(question, &effects.when, &mut grants, undecided);
    let somebody = grants.iter().any(|grant| grant.effect == GrantEffect::Effective);
    let closed = if question.documents.focus.is_some() && !somebody {
        question.closed()
    } else {
        Vec::new()
    };
    let already = match &question.before {
        None => Vec::new(),
        Some(_) => grants.iter().map(|grant| already(question, grant)).collect(),
    };
    Found {
        grants,
        closed,
        already,
    }
}

/// The rules of before that gave part of a grant.
fn already(question: &Question<'_>, grant: &Grant) -> Vec<GrantSource> {
    let mut sources = Vec::new();
    let classes = classes(&question.named, question.ground.surroundings, question.matching.trust);
    for class in classes.iter().filter(|class| class.grantee() == grant.grantee) {
        let callers = question.callers(class);
        let mut allowing = question.allowing(class);
        allowing.retain(|index| {
            let rule = question.documents.rules.get(*index);
            rule.is_some_and(|rule| grant.sources.contains(&rule.source))
        });
        for combination in question.combinations(&allowing) {
            let rules: Vec<_> = combination
                .iter()
                .filter_map(|index| question.documents.rules.get(*index))
                .collect();
            let is_part = |group: &&Group| {
                rules.iter().all(|rule| rule.actions.contains_all(group.actions))
                    && group.actions.iter().all(|action| grant.actions.contains(&action))
            };
            for group in question.groups.iter().filter(is_part) {
                for pieces in product(rules.iter().map(|rule| Question::pieces(rule, group)).collect()) {
                    let ask = Ask {
                        allows: &combination,
                        group,
                        pieces: &pieces,
                        escapes: &[],
                    };
                    sources.extend(question.already(&callers, &ask));
                }
            }
        }
    }
    sources.sort();
    sources.dedup();
    sources
}

/// The answers about what a statement covers: the bucket, its access points and objects, as far as it is about them.
pub(in crate::engine) fn bucket_answers(
    scope: &BucketScope<'_>,
    asked: &Statement,
    zone: &Zone,
    options: &Options,
) -> Vec<Answer> {
    let inquiry = Inquiry {
        focus: Some(asked),
        ..Inquiry::about_all(zone, options)
    };
    let answers = bucket::answers(scope, &inquiry).into_iter();
    answers.map(Answer::from).collect()
}

/// The answer about what a statement covers, if it is about the role.
pub(in crate::engine) fn role_answer(
    scope: &RoleScope<'_>,
    asked: &Statement,
    zone: &Zone,
    options: &Options,
) -> Option<Answer> {
    let inquiry = Inquiry {
        focus: Some(asked),
        ..Inquiry::about_all(zone, options)
    };
    role::answers(scope, &inquiry).map(Answer::from)
}

/// What a bucket gives that it did not give before.
pub(in crate::engine) fn bucket_beyond(
    before: &BucketScope<'_>,
    after: &BucketScope<'_>,
    zone: &Zone,
    options: &Options,
) -> Vec<NewAccess> {
    let inquiry = Inquiry {
        before: Some(before),
        ..Inquiry::about_all(zone, options)
    };
    let answers = bucket::answers(after, &inquiry).into_iter();
    answers.map(NewAccess::from).collect()
}

/// Who can assume a role and could not before.
pub(in crate::engine) fn role_beyond(
    before: &RoleScope<'_>,
    after: &RoleScope<'_>,
    zone: &Zone,
    options: &Options,
) -> Option<NewAccess> {
    let inquiry = Inquiry {
        before: Some(before),
        ..Inquiry::about_all(zone, options)
    };
    role::answers(after, &inquiry).map(NewAccess::from)
}

impl From<Answered> for Answer {
    fn from(answered: Answered) -> Self {
        Self {
            access: answered.access,
            closed: answered.closed,
        }
    }
}

impl From<Answered> for NewAccess {
    fn from(answered: Answered) -> Self {
        let grants = answered.access.grants.into_iter().zip(answered.already);
        Self {
            resource: answered.access.resource,
            grants: grants
                .filter(|(grant, _)| grant.effect == GrantEffect::Effective)
                .map(|(grant, already)| NewGrant { grant, already })
                .collect(),
            indeterminate: answered.access.indeterminate,
        }
    }
}

/// The actions that an `Action` element covers.
pub(in crate::engine) fn actions_of(element: &ElementList) -> Vec<ActionId> {
    actions::covered(element).iter().collect()
}

/// Whether a context key has several values, by its lower-case name.
pub fn is_multivalued(key: &str) -> bool {
    keys::is_multivalued(key)
}

/// Whether there are requests that carry a key, given in lower case; every other one is absent from all [COND-41].
pub fn is_known_key(key: &str) -> bool {
    keys::is_known(key)
}

/// Whether a key, given in lower case, can have this value at all.
pub(in crate::engine) fn can_have(key: &str, value: &str) -> bool {
    keys::can_have(key, value)
}
