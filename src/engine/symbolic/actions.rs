//! Sets of actions of the catalogue.

use rustc_hash::FxHashMap;
use std::cell::RefCell;

use super::glob::{Glob, Reading, Resolved};
use crate::iam::{ActionId, ElementList, Target, actions, find_action};

/// A set of actions, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ActionSet {
    low: u128,
    high: u128,
}

impl ActionSet {
    pub(super) fn of(ids: impl IntoIterator<Item = ActionId>) -> Self {
        let mut set = Self::default();
        for id in ids {
            match id.0 {
                bit @ 0..128 => set.low |= 1 << bit,
                bit @ 128..256 => set.high |= 1 << (bit - 128),
                256.. => {}
            }
        }
        set
    }

    pub(super) fn is_empty(self) -> bool {
        self.low == 0 && self.high == 0
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            low: self.low & other.low,
            high: self.high & other.high,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            low: self.low | other.low,
            high: self.high | other.high,
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            low: self.low & !other.low,
            high: self.high & !other.high,
        }
    }

    pub(super) fn contains_all(self, other: Self) -> bool {
        other.minus(self).is_empty()
    }

    pub(super) fn has(self, id: ActionId) -> bool {
        !self.and(Self::of([id])).is_empty()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = ActionId> {
        let bits = |mut word: u128, offset: u16| {
            std::iter::from_fn(move || {
                let bit = u16::try_from(word.trailing_zeros()).ok().filter(|bit| *bit < 128)?;
                word &= word - 1;
                Some(ActionId(bit + offset))
            })
        };
        bits(self.low, 0).chain(bits(self.high, 128))
    }

    pub(super) fn first(self) -> Option<ActionId> {
        self.iter().next()
    }
}

/// All actions that work on a kind of resource.
pub(super) fn on(target: Target) -> ActionSet {
    static SETS: std::sync::LazyLock<FxHashMap<Target, ActionSet>> = std::sync::LazyLock::new(|| {
        let targets = [
            Target::Bucket,
            Target::Object,
            Target::AccessPoint,
            Target::AccessPointObject,
            Target::Role,
        ];
        targets
            .into_iter()
            .map(|target| {
                let fits = actions().iter().filter(|action| action.targets.contains(&target));
                (target, ActionSet::of(fits.map(|action| action.id)))
            })
            .collect()
    });
    SETS.get(&target).copied().unwrap_or_default()
}

/// The actions that an `Action` or `NotAction` element covers.
pub(super) fn covered(element: &ElementList) -> ActionSet {
    let listed = element.entries.iter().fold(ActionSet::default(), |set, entry| {
        set.or(pattern(&entry.value.0, entry))
    });
    if element.negated { all().minus(listed) } else { listed }
}

/// The actions that may carry a service-specific key, by its lower-case name.
pub(super) fn carrying(key: &str) -> ActionSet {
    CARRYING.with_borrow_mut(|cache| {
        if let Some(set) = cache.get(key) {
            return *set;
        }
        let set = ActionSet::of(
            actions()
                .iter()
                .filter(|action| action.has_key(key))
                .map(|action| action.id),
        );
        remember(cache, key, set);
        set
    })
}

fn all() -> ActionSet {
    static ALL: std::sync::LazyLock<ActionSet> =
        std::sync::LazyLock::new(|| ActionSet::of(actions().iter().map(|action| action.id)));
    *ALL
}

fn pattern(text: &str, entry: &crate::source::Spanned<(Box<str>, crate::iam::Pattern)>) -> ActionSet {
    if text == "*" {
        return all();
    }
    PATTERNS.with_borrow_mut(|cache| {
        if let Some(set) = cache.get(text) {
            return *set;
        }
        let set = match Glob::compile(&entry.value.1, Reading::Text, &|_| Resolved::Nothing) {
            Some(glob) => match glob.as_exact() {
                Some(name) => ActionSet::of(find_action(name).map(|action| action.id)),
                None => ActionSet::of(
                    actions()
                        .iter()
                        .filter(|action| glob.matches(&action.folded))
                        .map(|action| action.id),
                ),
            },
            None => ActionSet::default(),
        };
        remember(cache, text, set);
        set
    })
}

/// Caches are small: a policy that holds thousands of different patterns must not grow them without bound.
fn remember(cache: &mut FxHashMap<Box<str>, ActionSet>, key: &str, set: ActionSet) {
    if cache.len() < 4096 {
        cache.insert(key.into(), set);
    }
}

thread_local! {
    static PATTERNS: RefCell<FxHashMap<Box<str>, ActionSet>> = RefCell::default();
    static CARRYING: RefCell<FxHashMap<Box<str>, ActionSet>> = RefCell::default();
}

/// The actions of these names.
pub(super) fn named_actions(names: &[&str]) -> ActionSet {
    let known = names.iter().filter_map(|name| find_action(name));
    ActionSet::of(known.map(|action| action.id))
}
