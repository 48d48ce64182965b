//! Events in a test's own few words, and what a timeline tells about them.

use bucketproof::engine::{Grant, Options, Zone};
use bucketproof::iam::{Timestamp, action};
use bucketproof::incident::{Start, Timeline, WindowEnd, is_change, name_accounts, overwrites, timeline, with_acl};
use bucketproof::ingest::{LogFilter, log_of_bytes, read_log};
use bucketproof::model::Inventory;
use bucketproof::source::Sources;
use serde_json::{Value, json};

/// An event of our own account, a second after the one before.
pub fn event(second: usize, name: &str, parameters: Value) -> Value {
    let service = match name {
        _ if name.contains("Role") || name.contains("User") || name.contains("Key") => "iam",
        _ if name.contains("Logging") || name.contains("Trail") => "cloudtrail",
        _ => "s3",
    };
    json!({
        "eventVersion": "1.11", "eventID": format!("e{second}"), "eventTime": format!("2026-03-09T02:00:{second:02}Z"),
        "eventSource": format!("{service}.amazonaws.com"), "eventName": name, "awsRegion": "eu-central-1",
        "sourceIPAddress": "198.51.100.23", "userAgent": "aws-cli", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "accountId": "111122223333",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "bob"},
        "requestParameters": parameters, "responseElements": null, "eventType": "AwsApiCall",
    })
}

/// Puts members into an event, or in place of others.
pub fn with(mut event: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        event[name] = value.clone();
    }
    event
}

/// The timeline of some events.
pub fn timeline_of(events: &[Value], start: Start) -> Timeline {
    let text = json!({"Records": events}).to_string();
    let mut found = Vec::new();
    let outcome = read_log(
        &log_of_bytes("log.json", text.as_bytes()),
        &LogFilter::default(),
        &mut |event| {
            found.push(event);
        },
    );
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let changes: Vec<_> = found.iter().filter(|event| is_change(event)).cloned().collect();
    let objects = with_acl(changes.iter());
    found.retain(|event| is_change(event) || overwrites(event, &objects));
    let zone = Zone {
        accounts: ["111122223333".parse().expect("an id")].into(),
        ..Zone::default()
    };
    let mut start = start;
    if let Start::Before(inventory) | Start::After(inventory) = &mut start {
        name_accounts(inventory, &found);
    }
    timeline(found, start, &zone, &Options::at(Timestamp(0)), &mut Sources::default())
}

/// A state in which our account blocks nothing, and of which nothing else is told.
pub fn unblocked() -> Inventory {
    Inventory {
        accounts: vec![bucketproof::model::Account {
            id: "111122223333".parse().ok(),
            ..bucketproof::model::Account::default()
        }],
        ..Inventory::default()
    }
}

/// What a timeline tells, one line for each event and each grant: `+` gained, `-` lost, `=` has access, what was before unknown.
pub fn lines(timeline: &Timeline) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in &timeline.entries {
        let refused = if entry.is_attempt() { " refused" } else { "" };
        lines.push(format!("{}{refused} {}", entry.event.name, entry.resource));
        lines.extend(entry.gained.iter().map(|new| grant('+', &new.grant)));
        lines.extend(entry.lost.iter().map(|new| grant('-', &new.grant)));
        lines.extend(entry.standing.iter().map(|standing| grant('=', standing)));
    }
    lines
}

/// The windows, one line each.
pub fn windows(timeline: &Timeline) -> Vec<String> {
    let windows = timeline.windows.iter().map(|window| {
        let levels: Vec<&str> = window.levels.iter().map(|level| level.as_str()).collect();
        let from = match (&window.opened_by, window.known_since) {
            (Some(id), _) => id.to_string(),
            (None, Some(_)) => "unknown".into(),
            (None, None) => "start".into(),
        };
        let to = match &window.end {
            WindowEnd::Closed(_, id) => id.to_string(),
            WindowEnd::Open => "open".into(),
            WindowEnd::Unknown(_, id) => format!("unknown since {id}"),
        };
        format!(
            "{} {} {}: {from}..{to}",
            window.resource,
            window.grantee,
            levels.join("+")
        )
    });
    windows.collect()
}

fn grant(sign: char, grant: &Grant) -> String {
    let actions: Vec<&str> = grant
        .actions
        .iter()
        .filter_map(|id| action(*id))
        .map(|action| action.name)
        .collect();
    let (first, more) = (actions[0], actions.len() - 1);
    let actions = if more == 0 {
        first.to_owned()
    } else {
        format!("{first} and {more} more")
    };
    format!("{sign} {}: {actions} on {}", grant.grantee, grant.resources.join(" "))
}
