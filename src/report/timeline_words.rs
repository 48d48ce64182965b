//! Events and windows of a timeline in words.

use std::collections::{BTreeMap, BTreeSet};

use super::access_table::short_arn;
use super::answers::source_in_words;
use super::difference::change_in_words;
use super::words::request_in_words;
use crate::finding::{Grant, Grantee, NewGrant, ResourceKind};
use crate::iam::{Level, Timestamp};
use crate::incident::{Entry, Window, WindowEnd};
use crate::model::ApiEvent;
use crate::source::Sources;

/// Who made a call, with which key, and from where.
pub(super) fn caller(event: &ApiEvent) -> String {
    let actor = &event.actor;
    let who = match &actor.arn {
        Some(arn) => short_arn(arn),
        None if actor.is_anonymous() => "anonymous".into(),
        None => {
            let names = [&actor.user_name, &actor.invoked_by, &actor.principal_id];
            let name = names.into_iter().flatten().find(|name| !name.is_empty());
            let account = actor.account.map(|id| format!("account {id}"));
            let name = name.map(|name| name.to_string());
            account.or(name).unwrap_or_else(|| "somebody".into())
        }
    };
    let key = actor.access_key.as_deref().map(|key| format!(" ({key})"));
    let address = event.source_ip.as_deref().map(|address| format!(" from {address}"));
    format!("{who}{}{}", key.unwrap_or_default(), address.unwrap_or_default())
}

/// What a call did, and to what.
pub(super) fn what(entry: &Entry) -> String {
    let Entry {
        event, resource, words, ..
    } = entry;
    let resource = short_resource(resource);
    match &event.error {
        Some(error) => format!("{} {resource}: refused ({error}): {words}", event.name),
        None => format!("{} {resource}: {words}", event.name),
    }
}

/// Buckets are known by their names.
fn short_resource(arn: &str) -> String {
    match arn.split_once(":s3:::") {
        Some((_, name)) => name.to_owned(),
        None => short_arn(arn),
    }
}

/// What an event changed, one line each.
pub(super) fn changed(entry: &Entry, sources: &Sources, verbose: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for new in &entry.gained {
        grant_in_words("gained", &new.grant, is_in_part(new), (sources, verbose), &mut lines);
    }
    for new in &entry.lost {
        grant_in_words("lost", &new.grant, is_in_part(new), (sources, verbose), &mut lines);
    }
    for grant in &entry.standing {
        grant_in_words("has access now", grant, "", (sources, verbose), &mut lines);
    }
    lines.extend(entry.undecided.iter().map(|reason| format!("unknown: {reason}")));
    let grants = entry.gained.iter().chain(&entry.lost).map(|new| &new.grant);
    let grants = grants.chain(&entry.standing);
    let assumed: BTreeSet<&str> = grants
        .flat_map(|grant| &grant.assumed)
        .map(|assumed| &*assumed.unknown)
        .collect();
    lines.extend(assumed.iter().map(|assumed| format!("assumed: {assumed}")));
    lines
}

fn is_in_part(new: &NewGrant) -> &'static str {
    if new.already.is_empty() { "" } else { ", in part" }
}

fn grant_in_words(
    word: &str,
    grant: &Grant,
    part: &str,
    (sources, verbose): (&Sources, bool),
    lines: &mut Vec<String>,
) {
    lines.push(format!("{word}{part}: {}", change_in_words(grant)));
    if verbose {
        let by = grant.sources.iter().map(|source| source_in_words(source, sources));
        lines.extend(by.map(|source| format!("    by {source}")));
    }
    let witness = request_in_words(&grant.witness, Some(grant));
    lines.push(format!("    witness: {witness}"));
}

/// One window: who, what, from when to when; below it by which events, and on what that rests.
pub(super) fn window_in_words(window: &Window, names: &BTreeMap<&str, &str>) -> Vec<String> {
    let levels = levels_of(window);
    let length = match (window.from, &window.end) {
        (Some(from), WindowEnd::Closed(to, _)) => format!(" ({})", length(from, *to)),
        (_, WindowEnd::Closed(..) | WindowEnd::Open | WindowEnd::Unknown(..)) => String::new(),
    };
    let who = grantee_of(window);
    let (from, to) = (from_in_words(window), to_in_words(window));
    let mut lines = vec![format!("{who}: {levels}: {from} – {to}{length}")];
    let by = |id: &str| format!("{} {id}", names.get(id).copied().unwrap_or("event"));
    let opened = window.opened_by.as_deref().map(|id| format!("opened by {}", by(id)));
    let closed = match &window.end {
        WindowEnd::Closed(_, id) => Some(format!("closed by {}", by(id))),
        WindowEnd::Unknown(_, id) => Some(format!("not decided since {}", by(id))),
        WindowEnd::Open => None,
    };
    let events: Vec<String> = opened.into_iter().chain(closed).collect();
    if !events.is_empty() {
        lines.push(events.join(", "));
    }
    lines.extend(window.assumed.iter().map(|assumed| format!("assumed: {assumed}")));
    lines
}

/// Who, with the fence around them.
pub(super) fn grantee_of(window: &Window) -> String {
    let who = match &window.grantee {
        Grantee::Anonymous if window.confined_by.is_empty() => "public".to_owned(),
        Grantee::Principal(arn) => short_arn(arn),
        other => other.to_string(),
    };
    let fences: Vec<String> = window
        .confined_by
        .iter()
        .map(|fence| format!("{} {}", fence.kind.as_str(), fence.values.join(" or ")))
        .collect();
    match fences.is_empty() {
        true => who,
        false => format!("{who} within {}", fences.join(" and ")),
    }
}

/// What they could do: every way to assume a role is of level Write, which would tell nobody anything.
pub(super) fn levels_of(window: &Window) -> String {
    let levels: Vec<&str> = window.levels.iter().map(|level| Level::as_str(*level)).collect();
    match window.kind {
        ResourceKind::Role => "assume".into(),
        ResourceKind::Bucket | ResourceKind::AccessPoint | ResourceKind::Object => levels.join(", "),
    }
}

pub(super) fn from_in_words(window: &Window) -> String {
    match (window.from, window.known_since) {
        (Some(from), _) => from.to_string(),
        (None, Some(since)) => format!("unknown, at the latest {since}"),
        (None, None) => "before the first event".into(),
    }
}

pub(super) fn to_in_words(window: &Window) -> String {
    match &window.end {
        WindowEnd::Closed(to, _) => to.to_string(),
        WindowEnd::Open => "still open".into(),
        WindowEnd::Unknown(..) => "unknown".into(),
    }
}

/// How long, to the two largest units.
pub(super) fn length(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.0.saturating_sub(from.0) / 1000;
    let units = [
        ("d", seconds / 86_400),
        ("h", seconds / 3600 % 24),
        ("min", seconds / 60 % 60),
        ("s", seconds % 60),
    ];
    let parts = units.iter().skip_while(|(_, number)| *number == 0).take(2);
    let parts: Vec<String> = parts.map(|(unit, number)| format!("{number} {unit}")).collect();
    if parts.is_empty() {
        "0 s".into()
    } else {
        parts.join(" ")
    }
}
