use std::collections::BTreeMap;

use super::reach::is_exposure;
use crate::engine::{Confinement, Grantee, ResourceAccess, ResourceKind};
use crate::iam::{Level, Timestamp};

/// From when to when somebody from outside had access to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// ARN of the resource.
    pub resource: String,
    /// What it is.
    pub kind: ResourceKind,
    /// Who.
    pub grantee: Grantee,
    /// The named values without which there was no access.
    pub confined_by: Vec<Confinement>,
    /// What they could do.
    pub levels: Vec<Level>,
    /// When it was opened; none where that was before what is known.
    pub from: Option<Timestamp>,
    /// The event that opened it.
    pub opened_by: Option<Box<str>>,
    /// The first point in time at which it is known to be open; none where a snapshot tells it from the start.
    pub known_since: Option<Timestamp>,
    /// How it ended.
    pub end: WindowEnd,
    /// What is not told and was taken for granted.
    pub assumed: Vec<String>,
    /// Whether some event changed who reaches the resource.
    pub is_changed: bool,
}

/// How a window ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WindowEnd {
    /// By this event, then.
    Closed(Timestamp, Box<str>),
    /// It is open after the last event.
    Open,
    /// After this event it could not be decided any more.
    Unknown(Timestamp, Box<str>),
}

/// An event that may open and close windows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn<'e> {
    pub time: Timestamp,
    pub event: &'e str,
    /// Whether what was before it is known.
    pub knows_before: bool,
}

/// What one window is about.
type Door = (String, ResourceKind, Grantee, Vec<Confinement>, Level);

#[derive(Clone, Debug)]
struct Ajar {
    from: Option<(Timestamp, Box<str>)>,
    known_since: Option<Timestamp>,
    assumed: Vec<String>,
}

/// The windows while events go by.
#[derive(Debug, Default)]
pub(super) struct Windows {
    open: BTreeMap<Door, Ajar>,
    ended: Vec<(Door, Ajar, WindowEnd)>,
    changed: Vec<String>,
}

impl Windows {
    /// What is open from the start.
    pub fn start(&mut self, access: &[ResourceAccess]) {
        for (door, assumed) in doors(access) {
            let ajar = Ajar {
                from: None,
                known_since: None,
                assumed,
            };
            self.open.insert(door, ajar);
        }
    }

    /// Who reaches these resources before and after an event.
    pub fn turn(&mut self, turn: Turn<'_>, before: &[ResourceAccess], after: &[ResourceAccess]) {
        let doors = doors(after);
        let arns = before.iter().chain(after).map(|access| access.resource.arn.as_str());
        let mut arns: Vec<&str> = arns.collect();
        arns.sort_unstable();
        arns.dedup();
        self.changed.extend(arns.iter().map(|arn| (*arn).to_owned()));
        let gone: Vec<Door> = self
            .open
            .keys()
            .filter(|door| arns.contains(&door.0.as_str()) && !doors.contains_key(*door))
            .cloned()
            .collect();
        for door in gone {
            let undecided = after
                .iter()
                .any(|access| access.resource.arn == door.0 && !access.indeterminate.is_empty());
            let end = match undecided {
                true => WindowEnd::Unknown(turn.time, turn.event.into()),
                false => WindowEnd::Closed(turn.time, turn.event.into()),
            };
            if let Some(ajar) = self.open.remove(&door) {
                self.ended.push((door, ajar, end));
            }
        }
        for (door, assumed) in doors {
            self.open.entry(door).or_insert_with(|| Ajar {
                from: turn.knows_before.then(|| (turn.time, turn.event.into())),
                known_since: Some(turn.time),
                assumed,
            });
        }
    }

    /// All windows, those that differ in nothing but the level as one.
    pub fn finish(mut self) -> Vec<Window> {
        self.changed.sort();
        self.changed.dedup();
        let open = std::mem::take(&mut self.open).into_iter();
        let open = open.map(|(door, ajar)| (door, ajar, WindowEnd::Open));
        let mut windows: BTreeMap<String, Vec<Window>> = BTreeMap::new();
        for ((resource, kind, grantee, confined_by, level), ajar, end) in self.ended.into_iter().chain(open) {
            let (from, opened_by) = ajar.from.unzip();
            let is_changed = self.changed.binary_search(&resource).is_ok();
            let one = Window {
                resource,
                kind,
                grantee,
                confined_by,
                levels: vec![level],
                from,
                opened_by,
                known_since: ajar.known_since,
                end,
                assumed: ajar.assumed,
                is_changed,
            };
            let of_resource = windows.entry(one.resource.clone()).or_default();
            match of_resource.iter_mut().find(|known| known.is_beside(&one)) {
                Some(known) => known.levels.push(level),
                None => of_resource.push(one),
            }
        }
        let mut windows: Vec<Window> = windows.into_values().flatten().collect();
        windows.iter_mut().for_each(|window| window.levels.sort());
        windows.sort_by(|a, b| a.order().cmp(&b.order()));
        windows
    }
}

impl Window {
    /// Whether another one differs in its level only.
    fn is_beside(&self, other: &Self) -> bool {
        let same = |window: &Self| Self {
            levels: Vec::new(),
            ..window.clone()
        };
        same(self) == same(other)
    }

    fn order(&self) -> impl Ord {
        let began = self.from.or(self.known_since);
        let (resource, grantee) = (self.resource.clone(), self.grantee.clone());
        (
            self.kind,
            resource,
            began,
            grantee,
            self.end.clone(),
            self.levels.clone(),
        )
    }
}

/// The doors that stand open, each with what was taken for granted.
fn doors(access: &[ResourceAccess]) -> BTreeMap<Door, Vec<String>> {
    let mut doors: BTreeMap<Door, Vec<String>> = BTreeMap::new();
    for access in access {
        for grant in access.grants.iter().filter(|grant| is_exposure(grant)) {
            for level in grant.levels() {
                let resource = &access.resource;
                let (grantee, confined_by) = (grant.grantee.clone(), grant.confined_by.clone());
                let assumed = doors
                    .entry((resource.arn.clone(), resource.kind, grantee, confined_by, level))
                    .or_default();
                assumed.extend(grant.assumed.iter().map(|assumed| assumed.unknown.clone()));
                assumed.sort();
                assumed.dedup();
            }
        }
    }
    doors
}
