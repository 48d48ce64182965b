//! From candidates to the grants that people read: maximal, merged, widest grantee first.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::actions::ActionSet;
use super::callers::Class;
use super::candidates::Candidate;
use super::question::Question;
use super::witness;
use crate::engine::{Assumption, Confinement, Grant, GrantEffect, GrantSource, Grantee, Request, Residual};

/// A candidate with what settings make of it.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) candidate: Candidate,
    pub(super) effect: GrantEffect,
    pub(super) blocked_by: Vec<String>,
    pub(super) assumed: Vec<Assumption>,
}

/// Merges candidates into grants.
pub(super) fn grants(question: &Question<'_>, settled: Vec<Settled>) -> Vec<Grant> {
    let mut items = joined(question, settled);
    // Class by class as they were asked about, and within a class in an order that no document sets.
    for of_class in items.chunk_by_mut(|item, next| item.class == next.class) {
        of_class.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    drop_covered(&mut items);
    let grants = combine(rejoined(items));
    let mut grants: Vec<Grant> = grants.into_iter().filter_map(Item::into_grant).collect();
    grants.sort_by(|a, b| key(a).cmp(&key(b)));
    grants
}

fn key(grant: &Grant) -> impl Ord + '_ {
    (
        &grant.grantee,
        grant.effect,
        !grant.open,
        &grant.resources,
        &grant.actions,
        &grant.conditions,
    )
}

/// Candidates that differ at most in actions, objects and rules.
#[derive(Clone, Debug)]
struct Item {
    class: Class,
    /// Whether no wider class can take its place: in a trust policy `*` is no service [TRUST-08].
    apart: bool,
    terms: Terms,
    /// Conditions that every caller of the class meets anyway.
    implied: Vec<Residual>,
    /// Actions on the resource itself, and on objects.
    whole: ActionSet,
    objects: ActionSet,
    resources: BTreeSet<String>,
    /// Which rule gives which of the actions.
    sources: Vec<(ActionSet, GrantSource)>,
    /// Which request shows which of the actions.
    witnesses: Vec<(ActionSet, Request)>,
}

/// Everything else that tells grants apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Terms {
    grantee: Grantee,
    effect: GrantEffect,
    blocked_by: Vec<String>,
    open: bool,
    outside: bool,
    confined_by: Vec<Confinement>,
    conditions: Vec<Residual>,
    assumed: Vec<Assumption>,
}

impl Item {
    fn of(question: &Question<'_>, settled: Settled) -> Self {
        let candidate = settled.candidate;
        let sources = candidate
            .allows
            .iter()
            .filter_map(|index| question.documents.rules.get(*index));
        let (whole, objects) = if candidate.on_objects {
            (ActionSet::default(), candidate.actions)
        } else {
            (candidate.actions, ActionSet::default())
        };
        Self {
            terms: Terms {
                grantee: candidate.class.grantee(),
                effect: settled.effect,
                blocked_by: settled.blocked_by,
                open: candidate.open,
                outside: candidate.outside,
                confined_by: candidate.confined_by,
                conditions: candidate.conditions,
                assumed: settled.assumed,
            },
            apart: question.matching.trust && candidate.class.is_service(),
            class: candidate.class,
            implied: candidate.implied,
            whole,
            objects,
            resources: BTreeSet::from([candidate.resource]),
            sources: sources.map(|rule| (candidate.actions, rule.source.clone())).collect(),
            witnesses: vec![(candidate.actions, candidate.witness)],
        }
    }

    /// Where it stands among the items of its class.
    fn order(&self) -> impl Ord + '_ {
        let rest = (&self.resources, &self.implied, self.whole, self.objects);
        (&self.terms, rest)
    }

    fn absorb(&mut self, other: Self) {
        self.whole = self.whole.or(other.whole);
        self.objects = self.objects.or(other.objects);
        self.resources.extend(other.resources);
        self.sources.extend(other.sources);
        self.witnesses.extend(other.witnesses);
    }

    /// The most telling of the requests, of an action that it shows.
    fn take_witness(&mut self) -> Option<Request> {
        let mine = self.actions();
        let shown = std::mem::take(&mut self.witnesses)
            .into_iter()
            .map(|(actions, request)| (actions.and(mine), request));
        let (actions, request) = shown
            .filter(|(actions, _)| !actions.is_empty())
            .min_by_key(|(actions, _)| witness::rank(*actions))?;
        Some(Request {
            action: witness::shown_action(actions)?,
            ..request
        })
    }

    /// The rules it rests on.
    fn documents(&self) -> BTreeSet<&GrantSource> {
        self.sources.iter().map(|(_, source)| source).collect()
    }

    fn actions(&self) -> ActionSet {
        self.whole.or(self.objects)
    }

    fn into_grant(mut self) -> Option<Grant> {
        let witness = self.take_witness()?;
        Some(Grant {
            actions: self.actions().iter().collect(),
            grantee: self.terms.grantee,
            effect: self.terms.effect,
            blocked_by: self.terms.blocked_by,
            outside_zone: self.terms.outside,
            open: self.terms.open,
            confined_by: self.terms.confined_by,
            resources: self.resources.into_iter().collect(),
            conditions: self.terms.conditions,
            assumed: self.terms.assumed,
            sources: self
                .sources
                .into_iter()
                .map(|(_, source)| source)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            witness,
        })
    }
}

/// One item for each class, terms and resource: the actions of several rules together.
fn joined(question: &Question<'_>, settled: Vec<Settled>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut words: Vec<Residual> = Vec::new();
    for settled in settled {
        let mut item = Item::of(question, settled);
        reword(&mut item.terms.conditions, &mut words);
        reword(&mut item.implied, &mut words);
        let same = items.iter_mut().find(|known| {
            known.terms == item.terms
                && known.implied == item.implied
                && known.resources == item.resources
                && known.whole.is_empty() == item.whole.is_empty()
        });
        match same {
            Some(known) => known.absorb(item),
            None => items.push(item),
        }
    }
    items
}

/// The same once more, whatever is implied: that only tells what a wider item gives anyway.
fn rejoined(items: Vec<Item>) -> Vec<Item> {
    let mut joined: Vec<Item> = Vec::new();
    for item in items {
        let same = joined.iter_mut().find(|known| {
            known.terms == item.terms
                && known.resources == item.resources
                && known.whole.is_empty() == item.whole.is_empty()
        });
        match same {
            Some(known) => known.absorb(item),
            None => joined.push(item),
        }
    }
    joined
}

/// Takes away what a wider item gives anyway: to a wider class or the same one, on no fewer resources, under no more
/// conditions.
fn drop_covered(items: &mut Vec<Item>) {
    let mut index = 0;
    while index < items.len() {
        let mut remaining = items.get(index).map(Item::actions).unwrap_or_default();
        let mut absorbed: Vec<(usize, Vec<(ActionSet, GrantSource)>)> = Vec::new();
        if let Some(item) = items.get(index) {
            for (other_index, other) in items.iter().enumerate().filter(|(other, _)| *other != index) {
                if covers(other, item, other_index < index) && !remaining.and(other.actions()).is_empty() {
                    remaining = remaining.minus(other.actions());
                    if other.terms.grantee == item.terms.grantee {
                        absorbed.push((other_index, item.sources.clone()));
                    }
                }
            }
        }
        for (into, sources) in absorbed {
            if let Some(other) = items.get_mut(into) {
                other.sources.extend(sources);
            }
        }
        if remaining.is_empty() {
            items.remove(index);
            continue;
        }
        if let Some(item) = items.get_mut(index) {
            item.whole = item.whole.and(remaining);
            item.objects = item.objects.and(remaining);
            item.sources.retain(|(actions, _)| !actions.and(remaining).is_empty());
        }
        index += 1;
    }
}

fn covers(wide: &Item, narrow: &Item, earlier: bool) -> bool {
    let same_class = wide.class == narrow.class;
    // What an account's access points let through, they let through for everybody; the condition says that it is theirs.
    let is_let_through = matches!(wide.class, Class::Delegated(_)) && Class::AnyAccount.is_wider_than(&narrow.class);
    let class = wide.class.is_wider_than(&narrow.class) && !narrow.apart || same_class || is_let_through;
    let mutual = same_class
        && wide.terms.effect == narrow.terms.effect
        && wide.terms.open == narrow.terms.open
        && wide.terms.conditions == narrow.terms.conditions
        && wide.resources == narrow.resources;
    class
        && (!mutual || is_preferred(&wide.terms, &narrow.terms, earlier))
        && (wide.terms.effect == narrow.terms.effect
            || wide.terms.effect == GrantEffect::Effective && narrow.terms.effect == GrantEffect::Blocked)
        && (wide.terms.open || !narrow.terms.open)
        && wide
            .terms
            .conditions
            .iter()
            .all(|condition| narrow.terms.conditions.contains(condition) || narrow.implied.contains(condition))
        && (!same_class || wide.terms.conditions.len() <= narrow.terms.conditions.len())
        && narrow
            .resources
            .iter()
            .all(|resource| wide.resources.iter().any(|wide| matches_all(wide, resource)))
}

/// Puts what is the same in the words in which it was told first.
fn reword(conditions: &mut Vec<Residual>, words: &mut Vec<Residual>) {
    for condition in conditions.iter_mut() {
        match words.iter().find(|known| is_same(known, condition)) {
            Some(known) if known == condition => {}
            Some(known) => condition.clone_from(known),
            None => words.push(condition.clone()),
        }
    }
    conditions.sort();
    conditions.dedup();
}

/// Whether two conditions are the same but for the order of their values and the letter case of the key [COND-02],
/// [COND-03].
fn is_same(one: &Residual, other: &Residual) -> bool {
    let among = |values: &[String], others: &[String]| values.iter().all(|value| others.contains(value));
    one.operator == other.operator
        && one.key.eq_ignore_ascii_case(&other.key)
        && among(&one.values, &other.values)
        && among(&other.values, &one.values)
}

/// Which of two items stays that cover each other: the one that rests on fewer assumptions and named values [OPEN-12], of
/// equals the earlier one.
fn is_preferred(one: &Terms, other: &Terms, earlier: bool) -> bool {
    let needs = |terms: &Terms| (terms.assumed.len(), terms.confined_by.len());
    match needs(one).cmp(&needs(other)).then_with(|| one.cmp(other)) {
        Ordering::Less => true,
        Ordering::Equal => earlier,
        Ordering::Greater => false,
    }
}

/// Whether every resource of one pattern is plainly one of the other.
pub(super) fn matches_all(wide: &str, narrow: &str) -> bool {
    use super::glob::{Glob, Reading, Resolved};
    use crate::iam::{Pattern, Version};
    if wide == narrow {
        return true;
    }
    if !wide.contains('$') && !narrow.contains('$') {
        match wide.strip_suffix('*') {
            Some(prefix) if !prefix.contains(['*', '?']) => return narrow.starts_with(prefix),
            None if !wide.contains(['*', '?']) => return false,
            Some(_) | None => {}
        }
    }
    let compile = |text: &str| {
        let pattern = Pattern::glob(text, Version::V2012).ok()?;
        Glob::compile(&pattern, Reading::Text, &|_| Resolved::Nothing)
    };
    match (compile(wide), compile(narrow)) {
        (Some(wide), Some(narrow)) => wide.plainly_covers(&narrow),
        (Some(_) | None, _) => false,
    }
}

/// Joins items of the same terms: objects with the same actions into one list, then the resource itself with its objects.
fn combine(items: Vec<Item>) -> Vec<Item> {
    let mut joined: Vec<Item> = Vec::new();
    for item in items {
        let same = joined
            .iter_mut()
            .find(|known| known.terms == item.terms && known.whole == item.whole && known.objects == item.objects);
        match same {
            Some(known) => known.absorb(item),
            None => joined.push(item),
        }
    }
    let mut combined: Vec<Item> = Vec::new();
    for item in joined {
        let other_half = combined.iter_mut().find(|known| {
            known.terms == item.terms
                && known.documents() == item.documents()
                && known.whole.is_empty() != item.whole.is_empty()
                && known.objects.is_empty() != item.objects.is_empty()
        });
        match other_half {
            Some(known) => known.absorb(item),
            None => combined.push(item),
        }
    }
    combined
}
