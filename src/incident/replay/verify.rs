use std::collections::BTreeMap;

use super::seen::is_contradiction;
use super::{Credentials, Judgement, Remains, Replay, Seen, judge, remaining};
use crate::engine::{Options, Verdict, Zone};
use crate::iam::Timestamp;
use crate::incident::{Incident, Side, Trace};
use crate::model::Inventory;

/// The states that requests are asked of.
#[derive(Clone, Copy, Debug)]
pub struct States<'a> {
    /// While the door was open.
    pub before: &'a Inventory,
    /// After it was shut.
    pub after: &'a Inventory,
    /// Who counts as us after it was shut.
    pub zone: &'a Zone,
    /// How access is decided, and when it is judged after it was shut.
    pub options: &'a Options,
}

/// A request of a log with what came of it then, and what would come of it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The request.
    pub seen: Seen,
    /// While the door was open.
    pub before: Judgement,
    /// After it was shut.
    pub after: Judgement,
}

/// What a log and two states prove about an incident.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// Every distinct request of those who are hostile and of those who work there, the oldest first.
    pub requests: Vec<Replayed>,
    /// What those who are hostile can still do.
    pub remains: Remains,
    /// The keys of the incident, each with why it no longer works, if that is told.
    pub keys: BTreeMap<String, Option<String>>,
    /// Ids of successful hostile requests after everything should have been shut.
    pub contradictions: Vec<String>,
    /// How many requests there was no room for.
    pub left_out: u64,
    /// What those who are hostile touched.
    pub taken: Trace,
    /// How long it took.
    pub metrics: Metrics,
}

/// How long it took, in seconds; none where the description or the log does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// The first hostile request.
    pub first_hostile: Option<Timestamp>,
    /// The last one.
    pub last_hostile: Option<Timestamp>,
    /// From the first hostile request until it was noticed.
    pub time_to_detect: Option<i64>,
    /// From then until it was shut.
    pub time_to_contain: Option<i64>,
    /// From when it was noticed until everything was as it should be.
    pub time_to_recover: Option<i64>,
}

/// Whether an incident is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verified {
    /// It is, as far as documents and log tell.
    Contained,
    /// It is not.
    Open,
    /// It cannot be told.
    Unknown,
}

impl Verified {
    /// The name in the JSON contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contained => "contained",
            Self::Open => "open",
            Self::Unknown => "unknown",
        }
    }
}

/// Asks every request again of both states, and what is left for those who are hostile.
pub fn verify(incident: &Incident, replay: Replay, states: States<'_>) -> Verification {
    let (seen, credentials, left_out, taken) = replay.finish();
    let requests: Vec<Replayed> = seen
        .into_iter()
        .map(|seen| replayed(seen, &credentials, states))
        .collect();
    let hits = taken.hits.iter();
    let contradictions = hits
        .filter(|hit| is_contradiction(hit, incident))
        .map(|hit| hit.event_id.clone());
    Verification {
        remains: remaining(incident, states.after, states.zone, states.options),
        keys: keys(incident, &requests, &credentials, states.options.now),
        contradictions: contradictions.collect(),
        left_out,
        metrics: metrics(incident, &taken),
        requests,
        taken,
    }
}

fn replayed(seen: Seen, credentials: &Credentials, states: States<'_>) -> Replayed {
    let then = Options {
        now: seen.time,
        ..states.options.clone()
    };
    let before = all(&seen, states.before, &then);
    let after = now(&seen, credentials, states);
    Replayed { seen, before, after }
}

/// Why each key of the incident no longer works. Of a key of a session that is told by who used it, when.
fn keys(
    incident: &Incident,
    requests: &[Replayed],
    credentials: &Credentials,
    now: Timestamp,
) -> BTreeMap<String, Option<String>> {
    let dead = |key: &String| {
        let mut users = requests.iter().rev().map(|request| &request.seen);
        let last = users.find(|seen| seen.actor.access_key.as_deref() == Some(key));
        let session = last.and_then(|seen| credentials.dead(&seen.actor, seen.time, now));
        let session = session.map(|reason| format!("the key {key}: {reason}"));
        credentials.dead_key(key).or(session)
    };
    let keys = incident.access_keys.iter();
    keys.map(|key| (key.clone(), dead(key))).collect()
}

/// What would come of the request now. A credential of ours that is known to be dead signs nothing; of one that nothing is
/// known of, what its identity policies allow must not be taken for refused.
fn now(seen: &Seen, credentials: &Credentials, states: States<'_>) -> Judgement {
    let is_ours = seen.actor.account.is_some_and(|id| states.zone.accounts.contains(&id));
    let is_hostile = seen.side == Side::Hostile;
    let dead = credentials.dead(&seen.actor, seen.time, states.options.now);
    match dead.filter(|_| is_hostile && is_ours) {
        Some(reason) => Judgement::new(Verdict::Denied, reason),
        None => match all(seen, states.after, states.options) {
            Judgement { verdict, by } if is_hostile && is_ours && verdict == Verdict::Allowed => Judgement::new(
                Verdict::Unknown,
                format!("nothing tells whether the credential still works; if it does: {by}"),
            ),
            other => other,
        },
    }
}

/// Whether all that a call asks for is allowed.
fn all(seen: &Seen, inventory: &Inventory, options: &Options) -> Judgement {
    let answers = seen.asked.iter().map(|asked| judge(asked, inventory, options));
    let worst = |judgement: &Judgement| match judgement.verdict {
        Verdict::Denied => 0,
        Verdict::Unknown => 1,
        Verdict::Allowed => 2,
    };
    answers.min_by_key(worst).unwrap_or_else(|| {
        Judgement::new(
            Verdict::Unknown,
            "no policy of a resource speaks of it: the identity's own policies decide",
        )
    })
}

fn metrics(incident: &Incident, taken: &Trace) -> Metrics {
    let between = |from: Option<Timestamp>, to: Option<Timestamp>| Some(to?.0.saturating_sub(from?.0).div_euclid(1000));
    let (first, last) = taken.total.span.unzip();
    Metrics {
        first_hostile: first,
        last_hostile: last,
        time_to_detect: between(first, incident.detected),
        time_to_contain: between(incident.detected, incident.contained),
        time_to_recover: between(incident.detected, incident.recovered),
    }
}

impl Verification {
    /// Requests of those who are hostile.
    pub fn hostile(&self) -> impl Iterator<Item = &Replayed> {
        self.requests
            .iter()
            .filter(|request| request.seen.side == Side::Hostile)
    }

    /// Requests of those who work there that were let through and no longer are.
    pub fn collateral(&self) -> impl Iterator<Item = &Replayed> {
        let ours = self
            .requests
            .iter()
            .filter(|request| request.seen.side == Side::Legitimate);
        ours.filter(|request| request.before.verdict == Verdict::Allowed && request.after.verdict == Verdict::Denied)
    }

    /// The verdict, and each reason for it that is not that all is well.
    ///
    /// `findings` is how many unintended grants the rules find on the resources of the incident; `incomplete` whether some
    /// input could not be read or decided.
    pub fn verdict(&self, findings: usize, incomplete: bool) -> (Verified, Vec<String>) {
        let of = |verdict| {
            self.hostile()
                .filter(|request| request.after.verdict == verdict)
                .count()
        };
        let open = [
            (
                of(Verdict::Allowed),
                "hostile requests of the log that would still be allowed",
            ),
            (
                self.contradictions.len(),
                "hostile requests that succeeded after the time at which it was shut",
            ),
            (
                self.remains.access.len(),
                "grants that are left to those who are hostile",
            ),
            (
                findings,
                "findings of unintended access on the resources of the incident",
            ),
        ];
        let left_out = usize::try_from(self.left_out).unwrap_or(usize::MAX);
        let live = self.keys.values().filter(|dead| dead.is_none()).count();
        let unknown = [
            (
                of(Verdict::Unknown),
                "hostile requests of the log that cannot be decided",
            ),
            (
                self.remains.undecided.len(),
                "questions about what is left that cannot be decided",
            ),
            (
                self.remains.foreign.len(),
                "resources of the incident that are not in the later snapshot",
            ),
            (live, "keys of the incident that are not known to be dead"),
            (left_out, "requests that were left out (raise `--limit`)"),
        ];
        let told = |reasons: &[(usize, &str)]| -> Vec<String> {
            let some = reasons.iter().filter(|(count, _)| *count > 0);
            some.map(|(count, what)| format!("{what}: {count}")).collect()
        };
        let none = self.hostile().next().is_none();
        let none =
            none.then(|| "the log shows no hostile request: see that the incident is described as it was".into());
        let partly = incomplete.then(|| "some of the input or the log could not be read or decided".to_owned());
        let (open, mut unknown) = (told(&open), told(&unknown));
        unknown.extend(none.into_iter().chain(partly));
        let verdict = match (open.is_empty(), unknown.is_empty()) {
            (false, _) => Verified::Open,
            (true, false) => Verified::Unknown,
            (true, true) => Verified::Contained,
        };
        (verdict, [open, unknown].concat())
    }
}
