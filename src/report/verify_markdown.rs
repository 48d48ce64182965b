//! The report after an incident, for a ticket or a wiki.

use std::collections::BTreeMap;
use std::io;

use super::markdown_text::{code, inline};
use super::summary::count;
use super::timeline_words::{caller, from_in_words, grantee_of, levels_of, to_in_words, what};
use super::verify::{Proof, verdict};
use super::words::request_in_words;
use super::{Report, Style, clean};
use crate::finding::Verdict;
use crate::incident::{Entry, Metrics, Replayed, Side, Window};

/// Writes it, section by section; what is empty is left out where that says nothing.
pub(super) fn write(report: &Report<'_>, proof: Proof<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let title = proof.incident.title.as_deref().unwrap_or("incident");
    writeln!(out, "# {}\n", inline(&clean(title)))?;
    writeln!(
        out,
        "**{}**{}\n",
        proof.verdict.as_str(),
        if proof.reasons.is_empty() { "." } else { ":" }
    )?;
    list(out, proof.reasons.iter().map(String::as_str))?;
    facts(proof, out)?;
    taken(proof, out)?;
    timeline(proof, out)?;
    requests(proof, out)?;
    left(report, proof, out)?;
    collateral(proof, out)?;
    gaps(report, proof, out)
}

fn list<'a>(out: &mut dyn io::Write, lines: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let lines: Vec<String> = lines.map(|line| format!("- {}\n", inline(&clean(line)))).collect();
    match lines.is_empty() {
        true => Ok(()),
        false => writeln!(out, "{}", lines.concat()),
    }
}

fn facts(proof: Proof<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let incident = proof.incident;
    let Metrics {
        first_hostile,
        last_hostile,
        time_to_detect,
        time_to_contain,
        time_to_recover,
    } = proof.verification.metrics;
    let time = |time: Option<crate::iam::Timestamp>| time.map(|time| time.to_string());
    let rows = [
        ("ticket", incident.ticket.clone()),
        ("data", incident.classification.clone()),
        ("first hostile request", time(first_hostile)),
        ("last hostile request", time(last_hostile)),
        ("noticed", time(incident.detected)),
        ("shut", time(incident.contained)),
        ("recovered", time(incident.recovered)),
        ("time to detect", time_to_detect.map(length)),
        ("time to contain", time_to_contain.map(length)),
        ("time to recover", time_to_recover.map(length)),
    ];
    writeln!(out, "## Summary\n\n| | |\n| --- | --- |")?;
    for (name, value) in rows {
        let value = value.map_or_else(|| "not told".into(), |value| code(&clean(&value)));
        writeln!(out, "| {name} | {value} |")?;
    }
    writeln!(out)
}

fn length(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {minutes} min"),
        (days, hours) => format!("{days} d {hours} h {minutes} min"),
    }
}

fn taken(proof: Proof<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let taken = &proof.verification.taken;
    writeln!(out, "## What was touched\n")?;
    if taken.by_bucket.is_empty() {
        return writeln!(out, "The log shows no hostile request to a bucket.\n");
    }
    writeln!(
        out,
        "| bucket | requests | refused | objects | bytes out |\n| --- | --- | --- | --- | --- |"
    )?;
    for (bucket, tally) in &taken.by_bucket {
        let numbers = [tally.events, tally.denied]
            .map(|number| number.to_string())
            .join(" | ");
        let (bucket, objects) = (code(&clean(bucket)), tally.objects());
        writeln!(out, "| {bucket} | {numbers} | {objects} | {} |", tally.bytes_out)?;
    }
    writeln!(out)?;
    let copies = taken
        .copies
        .iter()
        .map(|copy| format!("copied by `{}` at `{}`", copy.event_name, copy.time));
    let removed = taken.removals.len();
    let removed = (removed > 0).then(|| format!("{} deleted or written over", count(removed, "object")));
    let lines: Vec<String> = copies.take(SHOWN).chain(removed).collect();
    list(out, lines.iter().map(String::as_str))
}

fn timeline(proof: Proof<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let since = proof.incident.from;
    let counts = |entry: &&Entry| since.is_none_or(|from| entry.event.time >= from);
    let entries: Vec<&Entry> = proof.timeline.entries.iter().filter(counts).collect();
    if !entries.is_empty() {
        writeln!(out, "## Changes\n\n| time | who | what |\n| --- | --- | --- |")?;
    }
    for entry in &entries {
        let (who, what) = (caller(&entry.event), what(entry));
        writeln!(
            out,
            "| {} | {} | {} |",
            entry.event.time,
            inline(&clean(&who)),
            inline(&clean(&what))
        )?;
    }
    let windows: Vec<&Window> = proof
        .timeline
        .windows
        .iter()
        .filter(|window| window.is_changed)
        .collect();
    if !windows.is_empty() {
        writeln!(out, "\n## Exposure windows\n\n| resource | who | access | from | to |")?;
        writeln!(out, "| --- | --- | --- | --- | --- |")?;
    }
    for window in windows {
        let (resource, who) = (code(&clean(&window.resource)), inline(&clean(&grantee_of(window))));
        let (from, to) = (from_in_words(window), to_in_words(window));
        writeln!(out, "| {resource} | {who} | {} | {from} | {to} |", levels_of(window))?;
    }
    writeln!(out)
}

/// Requests that are alike, with their number.
fn requests(proof: Proof<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut groups: BTreeMap<[String; 6], usize> = BTreeMap::new();
    for request in proof.verification.hostile() {
        *groups.entry(cells(request)).or_default() += 1;
    }
    writeln!(out, "## Hostile requests, then and now\n")?;
    if groups.is_empty() {
        return writeln!(out, "The log shows none.\n");
    }
    writeln!(out, "| who | call | on | then | now | decided by | requests |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for (cells, number) in &groups {
        writeln!(out, "| {} | {number} |", cells.join(" | "))?;
    }
    writeln!(out)?;
    let keys = proof.verification.keys.iter().map(|(key, dead)| match dead {
        Some(reason) => reason.clone(),
        None => format!("nothing tells that the key {key} is inactive"),
    });
    let keys: Vec<String> = keys.collect();
    list(out, keys.iter().map(String::as_str))
}

fn cells(request: &Replayed) -> [String; 6] {
    let seen = &request.seen;
    let resource = seen.resource.as_deref().unwrap_or_default();
    let resource = if seen.asked.is_empty() { "" } else { resource };
    let bucket = match resource.starts_with("arn:") {
        true => resource,
        false => resource.split('/').next().unwrap_or_default(),
    };
    [
        code(&clean(&seen.principal)),
        match seen.asked.is_empty() {
            true => "what no policy of a resource speaks of".into(),
            false => inline(&clean(&seen.event_name)),
        },
        if bucket.is_empty() {
            String::new()
        } else {
            code(&clean(bucket))
        },
        verdict(request.before.verdict).into(),
        verdict(request.after.verdict).into(),
        inline(&clean(&request.after.by)),
    ]
}

fn left(report: &Report<'_>, proof: Proof<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## What is left\n")?;
    let access = proof.verification.remains.access.iter();
    let access = access.map(|left| request_in_words(&left.grant.witness, Some(&left.grant)));
    let findings = report
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.rule, finding.message));
    let lines: Vec<String> = access.chain(findings).collect();
    match lines.is_empty() {
        true => writeln!(
            out,
            "Nothing: no grant to those who are hostile, and no finding of unintended access.\n"
        ),
        false => list(out, lines.iter().map(String::as_str)),
    }
}

fn collateral(proof: Proof<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "## Legitimate requests\n")?;
    let all = proof
        .verification
        .requests
        .iter()
        .filter(|request| request.seen.side == Side::Legitimate);
    let (mut passing, mut unknown) = (0, 0);
    for request in all {
        match request.after.verdict {
            Verdict::Allowed => passing += 1,
            Verdict::Unknown => unknown += 1,
            Verdict::Denied => {}
        }
    }
    let broken: Vec<String> = proof
        .verification
        .collateral()
        .map(|request| {
            let seen = &request.seen;
            let resource = seen.resource.as_deref().unwrap_or_default();
            format!(
                "broken: {} {} {resource}: {}",
                seen.principal, seen.event_name, request.after.by
            )
        })
        .collect();
    writeln!(
        out,
        "{passing} distinct ones still pass, {} no longer do, {unknown} cannot be decided.\n",
        broken.len()
    )?;
    list(out, broken.iter().take(SHOWN).map(String::as_str))
}

fn gaps(report: &Report<'_>, proof: Proof<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let verification = proof.verification;
    let foreign = verification.remains.foreign.iter();
    let foreign = foreign.map(|name| format!("`{name}` is not in the later snapshot: ask its owner"));
    let undecided = verification.remains.undecided.iter().cloned();
    let unknown = verification
        .hostile()
        .filter(|request| request.after.verdict == Verdict::Unknown);
    let unknown: BTreeMap<&str, &str> = unknown
        .map(|request| (request.after.by.as_str(), request.seen.event_id.as_str()))
        .collect();
    let unknown = unknown
        .into_iter()
        .map(|(reason, id)| format!("{reason} (event `{id}` and its like)"));
    let problems = report
        .shown_diagnostics(Style::default())
        .map(|found| found.message.clone());
    let lines: Vec<String> = foreign.chain(undecided).chain(unknown).chain(problems).collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "## What could not be answered\n")?;
    list(out, lines.iter().map(String::as_str))
}

/// Lines of one kind before the rest is left to the JSON.
const SHOWN: usize = 50;
