use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hit::principal;
use super::{Query, time_text};
use crate::iam::Timestamp;
use crate::model::ApiEvent;

/// Credentials that were made for somebody: a link between the one who asked and the one who then acts [CT-71], [CT-75].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionLink {
    /// When.
    #[serde(with = "time_text")]
    pub time: Timestamp,
    /// `eventID`.
    pub event_id: String,
    /// `AssumeRole` and the like.
    pub event_name: String,
    /// Who asked.
    pub by: String,
    /// With which key.
    pub by_key: Option<String>,
    /// From where.
    pub source_ip: Option<String>,
    /// ARN of the role, if it is one.
    pub role: Option<String>,
    /// ARN of the session that was made.
    pub session: Option<String>,
    /// Its access key.
    pub key: Option<String>,
}

/// A link that belongs to an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Session {
    /// The link.
    #[serde(flatten)]
    pub link: SessionLink,
    /// Whether it leads to what was asked for, and not on from it.
    pub leads_to: bool,
    /// Whether what the session did is part of the answer.
    pub followed: bool,
}

impl SessionLink {
    /// The link that an event is, if it made credentials; a refused one made none [CT-05].
    pub(super) fn of(event: &ApiEvent) -> Option<Self> {
        if *event.service != *"sts.amazonaws.com" || event.error.is_some() {
            return None;
        }
        let parse = |json: &Option<Box<str>>| -> Value {
            let read = json.as_deref().and_then(|json| serde_json::from_str(json).ok());
            read.unwrap_or(Value::Null)
        };
        let (asked, made) = (parse(&event.parameters), parse(&event.response));
        let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).map(ToOwned::to_owned);
        let key = text(&made, "/credentials/accessKeyId");
        let session = text(&made, "/assumedRoleUser/arn").or_else(|| text(&made, "/federatedUser/arn"));
        if key.is_none() && session.is_none() {
            return None;
        }
        Some(Self {
            time: event.time,
            event_id: event.id.to_string(),
            event_name: event.name.to_string(),
            by: principal(&event.actor),
            by_key: event.actor.access_key.as_deref().map(ToOwned::to_owned),
            source_ip: event.source_ip.as_deref().map(ToOwned::to_owned),
            role: text(&asked, "/roleArn"),
            session,
            key,
        })
    }

    /// Whether this is made by one of these credentials: the key decides; without one, the ARN of the caller does.
    fn is_made_by(&self, keys: &BTreeSet<String>, sessions: &BTreeSet<String>) -> bool {
        match &self.by_key {
            Some(key) => keys.contains(key) || sessions.contains(&self.by),
            None => sessions.contains(&self.by),
        }
    }
}

/// All links that were seen, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(BTreeMap<(Timestamp, String), SessionLink>);

impl Links {
    pub fn add(&mut self, link: SessionLink) {
        self.0.insert((link.time, link.event_id.clone()), link);
    }

    /// Credentials that those asked for made, at once or in turn: keys, and sessions of which no key is known [CT-75].
    pub fn made_from(&self, query: &Query, first: &BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut keys, mut sessions) = (BTreeSet::new(), BTreeSet::new());
        let asked: BTreeSet<String> = query.principals().iter().cloned().collect();
        loop {
            let before = (keys.len(), sessions.len());
            for link in self.0.values() {
                let made_by_first = first.contains(&link.event_id) || link.is_made_by(query.access_keys(), &asked);
                if !made_by_first && !link.is_made_by(&keys, &sessions) {
                    continue;
                }
                match (&link.key, &link.session) {
                    (Some(key), _) => _ = keys.insert(key.clone()),
                    (None, Some(session)) => _ = sessions.insert(session.clone()),
                    (None, None) => {}
                }
            }
            if before == (keys.len(), sessions.len()) {
                return (keys, sessions);
            }
        }
    }

    /// The links of an answer: those that lead to the credentials asked for, and those that lead on from them.
    pub fn of_answer(
        &self,
        query: &Query,
        first: &BTreeSet<String>,
        followed: &BTreeSet<String>,
        used: &BTreeSet<String>,
    ) -> Vec<Session> {
        if !query.asks_who() {
            return Vec::new();
        }
        let (keys, sessions) = self.made_from(query, first);
        let before = self.leading_to(used);
        let links = self.0.values().filter_map(|link| {
            let made = link.key.as_ref().is_some_and(|key| keys.contains(key))
                || (link.key.is_none() && link.session.as_ref().is_some_and(|session| sessions.contains(session)));
            let leads_to = before.contains(&link.event_id);
            let name = link.key.as_ref().or(link.session.as_ref());
            let followed = name.is_some_and(|name| followed.contains(name) || used.contains(name));
            (made || leads_to).then(|| Session {
                link: link.clone(),
                leads_to: leads_to && !made,
                followed,
            })
        });
        links.collect()
    }

    /// Ids of the links through which these keys came about.
    fn leading_to(&self, used: &BTreeSet<String>) -> BTreeSet<String> {
        let mut wanted = used.clone();
        let mut found = BTreeSet::new();
        // A key is made after the one that it is made with: from the last to the first is enough, but for clocks.
        loop {
            let before = found.len();
            for link in self.0.values().rev() {
                if link.key.as_ref().is_some_and(|key| wanted.contains(key)) && found.insert(link.event_id.clone()) {
                    wanted.extend(link.by_key.clone());
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }
}
