use serde::{Deserialize, Serialize};

use super::insight::InsightHit;
use super::place::Place;
use super::sessions::SessionLink;
use super::{Hit, Query};
use crate::model::ApiEvent;

/// What one event gives for a question, to be gathered here or elsewhere: one line of `trace --pipe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partial {
    /// It fits.
    Hit(Box<Hit>),
    /// It made credentials.
    Link {
        /// For whom.
        link: SessionLink,
        /// Whether one of those asked for made them.
        asked: bool,
    },
    /// It is an insight.
    Insight(InsightHit),
}

/// What an event gives for a question.
pub fn partial(event: &ApiEvent, query: &Query) -> Vec<Partial> {
    if let Some(insight) = InsightHit::of(event) {
        return vec![Partial::Insight(insight)];
    }
    let called = query.matches_caller(event);
    let link = if query.asks_who() { SessionLink::of(event) } else { None };
    let mut given = Vec::new();
    given.extend(link.map(|link| Partial::Link {
        link,
        asked: query.matches_actor(&event.actor),
    }));
    if called {
        let place = Place::of(event);
        if query.matches_place(event, &place) {
            given.push(Partial::Hit(Box::new(Hit::of(event, place))));
        }
    }
    given
}
