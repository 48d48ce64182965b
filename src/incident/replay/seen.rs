use std::collections::BTreeMap;

use super::{Asked, Credentials, asked};
use crate::iam::Timestamp;
use crate::incident::trace::{Collector, Hit, Partial, Place, Query, partial, principal};
use crate::incident::{Incident, Side, Trace};
use crate::model::{Actor, ApiEvent};

/// A request of a log: one of possibly many that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// On whose side the caller is.
    pub side: Side,
    /// The first event.
    pub event_id: String,
    /// When it was.
    pub time: Timestamp,
    /// Name of the event.
    pub event_name: String,
    /// Who called, in one text.
    pub principal: String,
    /// The caller.
    pub actor: Actor,
    /// Where from.
    pub source_ip: Option<String>,
    /// What it was about: bucket and key, or ARN of the role.
    pub resource: Option<String>,
    /// Error code where it was refused then [CT-05].
    pub error: Option<String>,
    /// What it stands for; empty where no resource policy speaks of it.
    pub asked: Vec<Asked>,
}

/// What one event of a log is worth for the verification of an incident.
#[derive(Debug)]
pub enum Found {
    /// A request.
    Request {
        /// What was asked.
        seen: Box<Seen>,
        /// The same for the copies of several accounts [CT-21].
        shared: Option<Box<str>>,
        /// What was taken by it, if it is hostile.
        taken: Vec<Partial>,
    },
    /// A change of credentials.
    Credentials(Box<ApiEvent>),
}

/// What an event is worth.
pub fn found(event: &ApiEvent, incident: &Incident, push: &mut dyn FnMut(Found)) {
    if event.insight.is_some() {
        return;
    }
    if Credentials::EVENTS.contains(&&*event.name) {
        push(Found::Credentials(Box::new(event.clone())));
    }
    let place = Place::of(event);
    let Some(side) = incident.side(event, place.bucket.as_deref()) else {
        return;
    };
    let asked = asked(event);
    // Of those who work here only what resource policies decide can be broken by shutting doors.
    if side == Side::Legitimate && (asked.is_empty() || event.error.is_some()) {
        return;
    }
    let taken = match side {
        Side::Hostile => partial(event, &Query::default()),
        Side::Legitimate => Vec::new(),
    };
    let seen = Seen {
        side,
        event_id: event.id.to_string(),
        time: event.time,
        event_name: event.name.to_string(),
        principal: principal(&event.actor),
        actor: event.actor.clone(),
        source_ip: event.source_ip.as_deref().map(ToOwned::to_owned),
        resource: resource(&place, &asked),
        error: event.error.as_deref().map(ToOwned::to_owned),
        asked,
    };
    push(Found::Request {
        seen: Box::new(seen),
        shared: event.shared_id.clone(),
        taken,
    });
}

fn resource(place: &Place, asked: &[Asked]) -> Option<String> {
    match (&place.bucket, &place.key) {
        (Some(bucket), Some(key)) => Some(format!("{bucket}/{key}")),
        (Some(bucket), None) => Some(bucket.clone()),
        (None, _) => asked.first().map(|asked| asked.request.resource.clone()),
    }
}

/// Gathers the requests of logs. The order in which they come does not matter.
#[derive(Debug)]
pub struct Replay {
    seen: BTreeMap<String, Seen>,
    /// Copies of one call in several accounts' logs.
    shared: BTreeMap<Box<str>, Seen>,
    pub(super) credentials: Credentials,
    taken: Collector,
    limit: usize,
    left_out: u64,
}

impl Replay {
    /// An empty one, which keeps so many requests.
    pub fn new(limit: usize) -> Self {
        Self {
            seen: BTreeMap::new(),
            shared: BTreeMap::new(),
            credentials: Credentials::default(),
            taken: Collector::new(Query::default(), limit),
            limit,
            left_out: 0,
        }
    }

    /// Adds what one event was worth.
    pub fn add(&mut self, found: Found) {
        match found {
            Found::Credentials(event) => self.credentials.see(&event),
            Found::Request { seen, shared, taken } => {
                taken.into_iter().for_each(|one| self.taken.add(one));
                match shared {
                    // [CT-21]: the copy that names the caller says more.
                    Some(id) => {
                        let worth = |seen: &Seen| (seen.actor.arn.is_some(), seen.asked.len());
                        let known = self.shared.get(&id).map(&worth);
                        if known.is_none_or(|known| known < worth(&seen)) {
                            self.shared.insert(id, *seen);
                        }
                    }
                    None => self.keep(*seen),
                }
            }
        }
    }

    fn keep(&mut self, seen: Seen) {
        let key = alike(&seen);
        let is_full = self.seen.len() >= self.limit;
        match self.seen.get_mut(&key) {
            Some(known) if (known.time, &known.event_id) <= (seen.time, &seen.event_id) => {}
            Some(known) => *known = seen,
            None if is_full => self.left_out += 1,
            None => _ = self.seen.insert(key, seen),
        }
    }

    /// Everything, the oldest first; how many there was no room for; and what was taken.
    pub fn finish(mut self) -> (Vec<Seen>, Credentials, u64, Trace) {
        for seen in std::mem::take(&mut self.shared).into_values() {
            self.keep(seen);
        }
        let mut all: Vec<Seen> = self.seen.into_values().collect();
        all.sort_by(|a, b| (a.time, &a.event_id).cmp(&(b.time, &b.event_id)));
        (all, self.credentials, self.left_out, self.taken.finish())
    }
}

/// Requests with the same of these are judged alike, whenever they were made.
fn alike(seen: &Seen) -> String {
    let asked: Vec<String> = seen
        .asked
        .iter()
        .map(|asked| {
            format!(
                "{} {} {:?}",
                asked.request.action.name, asked.request.resource, asked.request.context
            )
        })
        .collect();
    format!(
        "{:?}",
        (
            seen.side,
            &seen.event_name,
            &seen.principal,
            &seen.actor.access_key,
            &seen.resource,
            &seen.error,
            asked
        )
    )
}

/// A hit of somebody hostile that succeeded after everything should have been shut.
pub(super) fn is_contradiction(hit: &Hit, incident: &Incident) -> bool {
    hit.error.is_none() && incident.is_shut(hit.time)
}
