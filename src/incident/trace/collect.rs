use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::insight::InsightHit;
use super::partial::Partial;
use super::sessions::Links;
use super::story::{copies, removals};
use super::tally::digest;
use super::{Copied, Exposures, Hit, Query, Removal, Session, Tally};
use crate::iam::Timestamp;

/// Gathers hits into an answer. The order in which they come does not matter.
#[derive(Debug, Default)]
pub struct Collector {
    query: Query,
    windows: Option<Exposures>,
    only_exposed: bool,
    limit: usize,
    /// Actions that were counted.
    seen: HashSet<u128>,
    /// Copies of one action in several accounts' logs [CT-21], by what they share.
    shared: BTreeMap<u128, Hit>,
    hits: BTreeMap<(Timestamp, u128), Hit>,
    left_out: u64,
    links: Links,
    insights: BTreeSet<InsightHit>,
    /// Ids of the events asked for that made credentials.
    first: BTreeSet<String>,
    /// Keys and sessions that were looked for in addition.
    followed: BTreeSet<String>,
    used: BTreeSet<String>,
    total: Tally,
    by_bucket: BTreeMap<String, Tally>,
    by_principal: BTreeMap<String, Tally>,
    by_source: BTreeMap<String, Tally>,
}

/// The answer to a question.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// All numbers.
    pub total: Tally,
    /// Those of each bucket.
    pub by_bucket: BTreeMap<String, Tally>,
    /// Those of each caller.
    pub by_principal: BTreeMap<String, Tally>,
    /// Those of each address.
    pub by_source: BTreeMap<String, Tally>,
    /// The actions, the oldest first.
    pub hits: Vec<Hit>,
    /// How many later ones are left out.
    pub hits_left_out: u64,
    /// Sessions that lead to the callers asked for, or on from them.
    pub sessions: Vec<Session>,
    /// Copies to elsewhere.
    pub copies: Vec<Copied>,
    /// What was deleted or written over.
    pub removals: Vec<Removal>,
    /// Insights that fit.
    pub insights: Vec<InsightHit>,
}

impl Collector {
    /// An empty one for a question. `limit` is how many hits are kept one by one; all are counted.
    pub fn new(query: Query, limit: usize) -> Self {
        Self {
            query,
            limit,
            ..Self::default()
        }
    }

    /// The same with windows of exposure, and whether nothing outside of them counts.
    #[must_use]
    pub fn within(mut self, windows: Option<Exposures>, only: bool) -> Self {
        (self.windows, self.only_exposed) = (windows, only);
        self
    }

    /// Adds what one event gave.
    pub fn add(&mut self, partial: Partial) {
        match partial {
            Partial::Link { link, asked } => {
                if asked {
                    self.first.insert(link.event_id.clone());
                }
                self.links.add(link);
            }
            Partial::Insight(insight) => _ = self.insights.insert(insight),
            Partial::Hit(hit) => self.hit(*hit),
        }
    }

    fn hit(&mut self, mut hit: Hit) {
        if let Some(windows) = &self.windows {
            let open = windows.was_open(&hit);
            hit.during_exposure = Some(open);
            if self.only_exposed && !open {
                return;
            }
        }
        self.used.extend(hit.access_key.clone());
        match hit.shared_event_id.as_deref().map(|id| digest(&[id, &hit.event_name])) {
            // [CT-21]: which copy tells more is known when all were seen.
            Some(id) => match self.shared.get(&id) {
                Some(known) if !hit.says_more_than(known) => {}
                Some(_) | None => _ = self.shared.insert(id, hit),
            },
            None => self.count(hit),
        }
    }

    /// Counts an action, once.
    fn count(&mut self, hit: Hit) {
        // The id alone would do, but what is not AWS's own may have ids that stand for several [CT-01].
        let id = digest(&[&hit.event_id, &hit.time.to_string(), &hit.event_name]);
        if !self.seen.insert(id) {
            return;
        }
        self.total.add(&hit);
        self.by_principal.entry(hit.principal.clone()).or_default().add(&hit);
        if let Some(bucket) = &hit.bucket {
            self.by_bucket.entry(bucket.clone()).or_default().add(&hit);
        }
        if let Some(address) = &hit.source_ip {
            self.by_source.entry(address.clone()).or_default().add(&hit);
        }
        self.hits.insert((hit.time, id), hit);
        if self.hits.len() > self.limit {
            self.hits.pop_last();
            self.left_out += 1;
        }
    }

    /// The question for sessions that the callers asked for went on to, if there are some that were not looked for yet [CT-75].
    pub fn follow_up(&mut self) -> Option<Query> {
        if !self.query.asks_who() {
            return None;
        }
        let (mut keys, mut sessions) = self.links.made_from(&self.query, &self.first);
        keys.retain(|key| !self.used.contains(key) && !self.followed.contains(key));
        sessions.retain(|session| !self.followed.contains(session));
        if keys.is_empty() && sessions.is_empty() {
            return None;
        }
        self.followed.extend(keys.iter().chain(&sessions).cloned());
        Some(self.query.followed(keys, sessions))
    }

    /// The answer.
    pub fn finish(mut self) -> Trace {
        for hit in std::mem::take(&mut self.shared).into_values() {
            self.count(hit);
        }
        let sessions = self
            .links
            .of_answer(&self.query, &self.first, &self.followed, &self.used);
        let hits: Vec<Hit> = self.hits.into_values().collect();
        let (total, by_principal) = (&self.total, &self.by_principal);
        let fits = |insight: &InsightHit| {
            insight.principals.iter().any(|arn| by_principal.contains_key(arn))
                || (insight.principals.is_empty() && total.has_action(&insight.event_name))
        };
        Trace {
            insights: self.insights.iter().filter(|insight| fits(insight)).cloned().collect(),
            copies: copies(hits.iter()),
            removals: removals(hits.iter()),
            hits,
            hits_left_out: self.left_out,
            sessions,
            total: self.total,
            by_bucket: self.by_bucket,
            by_principal: self.by_principal,
            by_source: self.by_source,
        }
    }
}
