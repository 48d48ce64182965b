//! `trace`: what a credential, an address or anybody did, by logs of every kind.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Outcome, directory, run, run_with_input};
use crate::schemas::{problems, schema};

const TRACE: &str = include_str!("../../docs/schema/trace.v1.json");

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SESSION: &str = "arn:aws:sts::444455556666:assumed-role/deploy/ci";

/// Events of one afternoon: minute, name, changes.
fn event(minute: u32, name: &str, changes: Value) -> Value {
    let mut event = json!({
        "eventTime": format!("2026-01-31T12:{minute:02}:00Z"), "eventSource": "s3.amazonaws.com", "eventName": name,
        "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7", "eventID": format!("id-{minute}"),
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann", "accountId": "111122223333", "accessKeyId": KEY
        },
        "requestParameters": { "bucketName": "acme", "key": "a.csv" },
        "resources": [{ "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::acme", "accountId": "111122223333" }],
    });
    for (name, value) in changes.as_object().expect("an object") {
        event[name] = value.clone();
    }
    event
}

fn session(key: &str) -> Value {
    json!({ "type": "AssumedRole", "arn": SESSION, "accountId": "444455556666", "accessKeyId": key,
        "sessionContext": { "sessionIssuer": { "arn": "arn:aws:iam::444455556666:role/x/deploy" } } })
}

fn assume(minute: u32, who: Value, key: &str) -> Value {
    event(
        minute,
        "AssumeRole",
        json!({
            "eventSource": "sts.amazonaws.com", "userIdentity": who, "resources": null,
            "requestParameters": { "roleArn": "arn:aws:iam::444455556666:role/x/deploy" },
            "responseElements": { "credentials": { "accessKeyId": key }, "assumedRoleUser": { "arn": SESSION } },
        }),
    )
}

fn story() -> Vec<Value> {
    let ann = event(0, "x", json!({}))["userIdentity"].clone();
    let anonymous = json!({ "type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL" });
    let taken = |bytes: u64| json!({ "bytesTransferredOut": bytes });
    vec![
        event(
            1,
            "PutObject",
            json!({ "responseElements": { "x-amz-version-id": "v1" } }),
        ),
        event(
            2,
            "GetObject",
            json!({ "userIdentity": anonymous, "additionalEventData": taken(100), "sourceIPAddress": "198.51.100.9" }),
        ),
        event(
            3,
            "GetObject",
            json!({ "userIdentity": anonymous, "additionalEventData": taken(243), "errorCode": "AccessDenied" }),
        ),
        assume(4, ann, "ASIAFIRST"),
        assume(5, session("ASIAFIRST"), "ASIASECOND"),
        event(
            6,
            "CopyObject",
            json!({ "userIdentity": session("ASIASECOND"),
            "requestParameters": { "bucketName": "loot", "key": "b.csv", "x-amz-copy-source": "acme/a.csv" },
            "resources": [{ "ARN": "arn:aws:s3:::loot", "accountId": "999900001111" }] }),
        ),
        event(
            7,
            "PutObject",
            json!({ "responseElements": { "x-amz-version-id": "v2" } }),
        ),
        event(
            8,
            "DeleteObject",
            json!({ "responseElements": { "x-amz-version-id": "m1", "x-amz-delete-marker": "true" } }),
        ),
        event(
            9,
            "DeleteObjects",
            json!({ "requestParameters": { "bucketName": "acme" }, "userIdentity": session("ASIASECOND") }),
        ),
        event(
            10,
            "GetObject",
            json!({ "requestParameters": { "bucketName": "other", "key": "a.csv" },
            "resources": [{ "ARN": "arn:aws:s3:::other/a.csv" }], "additionalEventData": taken(1000) }),
        ),
    ]
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

/// Runs `trace` on the story and returns its JSON, which fits the schema.
fn trace(at: &Path, arguments: &str) -> Value {
    let outcome = run(at, &format!("trace {arguments} --format json"));
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
    checked(&outcome)
}

fn checked(outcome: &Outcome) -> Value {
    let value: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {}", outcome.stderr));
    assert_eq!(problems(&schema(TRACE), &value), Vec::<String>::new());
    value
}

fn ids(value: &Value) -> Vec<&str> {
    let hits = value["hits"].as_array().expect("hits");
    hits.iter()
        .map(|hit| hit["event_id"].as_str().expect("an id"))
        .collect()
}

/// [CT-75]: both sessions are of the key, at once and in turn.
#[test]
fn a_key_is_followed_through_its_sessions() {
    let at = directory(&[("l/a.json", &lines(&story()))]);
    let value = trace(at.path(), &format!("l --access-key {KEY}"));
    assert_eq!(
        ids(&value),
        ["id-1", "id-4", "id-5", "id-6", "id-7", "id-8", "id-9", "id-10"]
    );
    let sessions = value["sessions"].as_array().expect("sessions");
    let keys: Vec<&Value> = sessions.iter().map(|session| &session["key"]).collect();
    assert_eq!(keys, ["ASIAFIRST", "ASIASECOND"]);
    // From the last session on, the others are what leads to it.
    let value = trace(at.path(), "l --access-key ASIASECOND");
    assert_eq!(ids(&value), ["id-6", "id-9"]);
    let leads: Vec<&Value> = value["sessions"]
        .as_array()
        .expect("sessions")
        .iter()
        .map(|one| &one["leads_to"])
        .collect();
    assert_eq!(leads, [true, true]);
}

#[test]
fn principals_are_users_roles_sessions_accounts_and_nobody() {
    let at = directory(&[("l/a.json", &lines(&story()))]);
    let count = |principal: &str| trace(at.path(), &format!("l --principal {principal}"))["summary"]["events"].clone();
    assert_eq!(count("arn:aws:iam::111122223333:user/ann"), 8);
    assert_eq!(count("arn:aws:iam::444455556666:role/x/deploy"), 3);
    assert_eq!(count(SESSION), 3);
    assert_eq!(count("444455556666"), 3);
    let value = trace(at.path(), "l --principal anonymous");
    // CT-T11 [CT-86]; what an error sends is not taken [CT-84].
    assert_eq!(value["summary"]["bytes_out"], 100);
    assert_eq!(value["summary"]["denied"], 1);
}

#[test]
fn objects_are_found_in_any_bucket_and_as_sources_of_copies() {
    let at = directory(&[("l/a.json", &lines(&story()))]);
    let found = |question: &str| {
        let value = trace(at.path(), &format!("l {question}"));
        ids(&value)
            .iter()
            .map(|id| id.trim_start_matches("id-").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    // The keys of DeleteObjects are not logged: it may be any [CT-85].
    assert_eq!(found("--object s3://acme/a.csv"), "1 2 3 6 7 8 9");
    assert_eq!(found("--object s3://acme/a*"), "1 2 3 6 7 8 9");
    assert_eq!(found("--object s3://*/a.csv"), "1 2 3 6 7 8 9 10");
    assert_eq!(found("--bucket acme"), "1 2 3 6 7 8 9");
    assert_eq!(found("--bucket loot"), "6");
    assert_eq!(found("--source-ip 198.51.100.0/24"), "2");
    // Of several kinds, all must fit.
    assert_eq!(
        found("--bucket acme --principal anonymous --source-ip 198.51.100.9"),
        "2"
    );
}

#[test]
fn copies_and_removals_are_told() {
    let at = directory(&[("l/a.json", &lines(&story()))]);
    let value = trace(at.path(), "l --bucket acme");
    let copies = value["copies"].as_array().expect("copies");
    assert_eq!(copies.len(), 1);
    assert_eq!(
        (&copies[0]["from"], &copies[0]["to"], &copies[0]["foreign"]),
        (&json!("acme/a.csv"), &json!("loot/b.csv"), &json!(true))
    );
    let removals = value["removals"].as_array().expect("removals");
    let told: Vec<[&Value; 3]> = removals
        .iter()
        .map(|one| [&one["what"], &one["version_id"], &one["previous_version_id"]])
        .collect();
    assert_eq!(
        told,
        [
            [&json!("overwritten"), &json!("v2"), &json!("v1")],
            [&json!("hidden"), &json!("m1"), &json!("v2")],
            [&json!("some-deleted"), &Value::Null, &Value::Null],
        ]
    );
}

/// CT-T21 [CT-21], [CT-01].
#[test]
fn copies_of_an_event_count_once() {
    let mut theirs = event(
        1,
        "GetObject",
        json!({ "sharedEventID": "s", "eventID": "theirs", "recipientAccountId": "999900001111" }),
    );
    theirs["userIdentity"] = json!({ "type": "AWSAccount", "accountId": "111122223333", "principalId": "AIDAEXAMPLE" });
    let ours = event(1, "GetObject", json!({ "sharedEventID": "s", "eventID": "ours" }));
    for events in [[&theirs, &ours, &ours], [&ours, &theirs, &theirs]] {
        let text: String = events.iter().map(|event| format!("{event}\n")).collect();
        let at = directory(&[
            ("l/a.json", &text),
            ("l/b.json", &lines(&story()[..1])),
            ("l/c.json", &lines(&story()[..1])),
        ]);
        let value = trace(at.path(), "l --bucket acme");
        assert_eq!(value["summary"]["events"], 2);
        assert!(
            value["hits"]
                .as_array()
                .expect("hits")
                .iter()
                .any(|hit| hit["event_id"] == "ours")
        );
    }
}

#[test]
fn windows_tell_what_was_done_while_a_door_was_open() {
    let window = |from: &str, to: Value| {
        json!({ "schema": "bucketproof.timeline.v1", "windows": [
            { "resource": "arn:aws:s3:::acme", "grantee": { "kind": "anonymous", "id": null }, "from": from, "to": to }] })
        .to_string()
    };
    let at = directory(&[
        ("l/a.json", &lines(&story())),
        ("w.json", &window("2026-01-31T12:02:00Z", json!("2026-01-31T12:07:00Z"))),
        ("open.json", &window("2026-01-31T12:07:00Z", Value::Null)),
    ]);
    let value = trace(at.path(), "l --bucket acme --windows w.json");
    let during: Vec<bool> = value["hits"]
        .as_array()
        .expect("hits")
        .iter()
        .map(|hit| hit["during_exposure"] == true)
        .collect();
    assert_eq!(during, [false, true, true, false, false, false, false]);
    assert_eq!(
        ids(&trace(at.path(), "l --bucket acme --during-exposure --windows w.json")),
        ["id-2", "id-3"]
    );
    assert_eq!(
        ids(&trace(
            at.path(),
            "l --bucket acme --during-exposure --windows open.json"
        )),
        ["id-7", "id-8", "id-9"]
    );
    let outcome = run(at.path(), "trace l --bucket acme --windows l/a.json");
    assert_eq!(outcome.status, Some(2));
    assert!(outcome.stderr.contains("bucketproof.timeline.v1"), "{}", outcome.stderr);
}

/// The door of one object is no door of the others, and one for an account is no door for other callers.
#[test]
fn windows_are_of_an_object_and_for_somebody() {
    let at = directory(&[("l/a.json", &lines(&story()))]);
    let all = trace(at.path(), "l --bucket acme");
    let hits = all["hits"].as_array().expect("hits").clone();
    let of_key = hits.iter().find(|hit| hit["key"].is_string()).expect("an object");
    let (key, caller) = (
        of_key["key"].as_str().expect("a key"),
        of_key["principal"].as_str().expect("a caller"),
    );
    let during = |resource: String, grantee: Value| {
        let windows = json!({ "schema": "bucketproof.timeline.v1", "windows": [
            { "resource": resource, "grantee": grantee, "from": null, "to": null }] });
        crate::program::write(at.path(), "w.json", &windows.to_string());
        let found = trace(at.path(), "l --bucket acme --during-exposure --windows w.json");
        found["hits"].as_array().expect("hits").clone()
    };
    let anyone = json!({ "kind": "anonymous", "id": null });
    let of_object = during(format!("arn:aws:s3:::acme/{key}"), anyone);
    assert!(
        !of_object.is_empty() && of_object.iter().all(|hit| hit["key"] == key),
        "{of_object:?}"
    );
    let one = during("arn:aws:s3:::acme".into(), json!({ "kind": "principal", "id": caller }));
    assert!(
        !one.is_empty() && one.iter().all(|hit| hit["principal"] == caller),
        "{one:?}"
    );
    assert!(
        during(
            "arn:aws:s3:::acme".into(),
            json!({ "kind": "account", "id": "000000000000" })
        )
        .is_empty()
    );
}

/// What parts give, joined, is what the whole gives.
#[test]
fn parts_are_joined() {
    let story = story();
    let at = directory(&[("l/a.json", &lines(&story[..5])), ("l/b.json", &lines(&story[5..]))]);
    for question in ["--bucket acme", "--principal anonymous"] {
        let piped = |name: &str| {
            let outcome = run_with_input(at.path(), &format!("trace --pipe {question}"), &format!("{name}\n"));
            assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
            outcome.stdout
        };
        let parts = format!("{}{}", piped("l/b.json"), piped("l/a.json"));
        let merged = run_with_input(at.path(), &format!("trace --merge - {question} --format json"), &parts);
        assert_eq!(checked(&merged), trace(at.path(), &format!("l {question}")));
    }
    // A session that the parts did not look for is asked for.
    let question = format!("--access-key {KEY}");
    let part = run_with_input(at.path(), &format!("trace --pipe {question}"), "l/a.json\nl/b.json\n").stdout;
    let merged = run_with_input(at.path(), &format!("trace --merge - {question}"), &part);
    assert_eq!(merged.status, Some(2));
    assert!(merged.stdout.contains("--access-key ASIASECOND"), "{}", merged.stdout);
}

#[test]
fn what_is_broken_is_told_and_the_rest_is_answered() {
    let broken = format!("{}{{\"eventTime\": \"acme\n", lines(&story()));
    let at = directory(&[
        ("l/a.json", &broken),
        ("l/x.json", "{\"Records\":[{\"acme\":1}]}"),
        ("l/README", "acme"),
    ]);
    let outcome = run(at.path(), "trace l --bucket acme --format json");
    assert_eq!(outcome.status, Some(2));
    let value = checked(&outcome);
    assert_eq!(
        (value["summary"]["events"].clone(), value["incomplete"].clone()),
        (json!(7), json!(true))
    );
    assert_eq!(value["diagnostics"].as_array().map(Vec::len), Some(3));
    let outcome = run(at.path(), "trace l --bucket acme --allow-incomplete");
    assert_eq!(outcome.status, Some(0));
}

#[test]
fn a_log_writes_nothing_of_its_own_on_the_terminal() {
    let hostile = event(1, "GetObject\u{1b}[2J", json!({ "errorCode": "a\u{202e}b" }));
    let at = directory(&[("l/a.json", &lines(&[hostile]))]);
    let outcome = run(at.path(), "trace l --bucket acme");
    assert!(!outcome.stdout.contains(['\u{1b}', '\u{202e}']), "{}", outcome.stdout);
}

#[test]
fn the_table_tells_the_story() {
    let at = directory(&[("l/a.json", &lines(&story()))]);
    insta::assert_snapshot!(run(at.path(), &format!("trace l --access-key {KEY}")).stdout);
}

#[test]
fn the_question_is_printed_as_sql() {
    let at = directory(&[]);
    let question =
        format!("--access-key {KEY} --bucket o'b --source-ip 203.0.113.7/24 --object s3://*/a_* --from 2026-01-31");
    let outcome = run(at.path(), &format!("trace --print-sql athena {question}"));
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn questions_that_cannot_be_asked_are_errors() {
    let at = directory(&[("l/a.json", "")]);
    for (arguments, message) in [
        ("l", "say what to look for"),
        ("--bucket a", "name the logs"),
        ("l --principal ann", "expected an ARN"),
        ("l --source-ip 1.2.3", "expected an address"),
        ("l --object a", "expected an object"),
        ("l --bucket a/b", "expected the name of a bucket"),
        ("l --bucket a --from yesterday", "not a date"),
    ] {
        let outcome = run(at.path(), &format!("trace {arguments}"));
        assert_eq!(outcome.status, Some(2), "{arguments}");
        assert!(outcome.stderr.contains(message), "{}", outcome.stderr);
    }
}

/// [CT-01]: what a name says about a file is enough to leave it closed.
#[test]
fn files_are_chosen_by_their_names() {
    let name = |account: &str, service: &str, stamp: &str| {
        format!("AWSLogs/{account}/{service}/eu-west-1/2026/01/{account}_{service}_eu-west-1_{stamp}_ABCDEF.json")
    };
    let story = json!({ "Records": story() }).to_string();
    // What must not be opened would be an error.
    let at = directory(&[
        (&name("111122223333", "CloudTrail", "20260131T1215Z"), &story),
        (&name("111122223333", "CloudTrail-Digest", "20260131T1215Z"), "broken"),
        (&name("444455556666", "CloudTrail", "20260131T1215Z"), "broken"),
        (&name("111122223333", "CloudTrail", "20260130T1215Z"), "broken"),
        ("AWSLogs/README.md", "acme"),
    ]);
    let value = trace(
        at.path(),
        "AWSLogs --bucket acme --account 111122223333 --from 2026-01-31T12:05:00Z",
    );
    assert_eq!(ids(&value), ["id-6", "id-7", "id-8", "id-9"]);
    let notes: Vec<&Value> = value["diagnostics"]
        .as_array()
        .expect("notes")
        .iter()
        .map(|one| &one["severity"])
        .collect();
    assert_eq!(notes, ["note", "note", "note"]);
    let outcome = run(at.path(), "trace AWSLogs --bucket acme --region us-east-1");
    assert!(
        outcome.stdout.contains("there are no logs to read"),
        "{}",
        outcome.stdout
    );
    assert_eq!(outcome.status, Some(2));
}

#[test]
fn replication_and_objects_in_foreign_buckets_are_copies() {
    let replicate = json!({ "requestParameters": { "bucketName": "acme", "ReplicationConfiguration": {
        "Rule": { "Destination": { "Bucket": "arn:aws:s3:::mirror" }, "Status": "Enabled" } } } });
    let foreign = json!({ "resources": [{ "ARN": "arn:aws:s3:::loot/a.csv", "accountId": "999900001111" }],
        "requestParameters": { "bucketName": "loot", "key": "a.csv" } });
    let within =
        json!({ "requestParameters": { "bucketName": "acme", "key": "b.csv", "x-amz-copy-source": "/acme/a.csv" } });
    let events = [
        event(1, "PutBucketReplication", replicate),
        event(2, "PutObject", foreign),
        event(3, "CopyObject", within),
    ];
    let at = directory(&[("l/a.json", &lines(&events))]);
    let value = trace(at.path(), &format!("l --access-key {KEY}"));
    let copies = value["copies"].as_array().expect("copies");
    let told: Vec<[&Value; 3]> = copies
        .iter()
        .map(|one| [&one["from"], &one["to"], &one["foreign"]])
        .collect();
    let expected = [
        [&json!("acme"), &json!("mirror"), &Value::Null],
        [&Value::Null, &json!("loot/a.csv"), &json!(true)],
    ];
    assert_eq!(told, expected);
}

/// [CT-92].
#[test]
fn insights_fit_by_caller_or_call() {
    let insight = |minute: u32, name: &str, arn: &str| {
        json!({ "eventTime": format!("2026-01-31T12:{minute:02}:00Z"), "eventID": format!("in-{minute}"),
            "awsRegion": "eu-west-1", "recipientAccountId": "111122223333", "eventCategory": "Insight",
            "insightDetails": { "state": "Start", "eventSource": "s3.amazonaws.com", "eventName": name,
                "insightType": "ApiCallRateInsight",
                "insightContext": { "statistics": { "baseline": { "average": 0.5 }, "insight": { "average": 90 } },
                    "attributions": [{ "attribute": "userIdentityArn", "insight": [{ "value": arn, "average": 90 }] }] } } })
    };
    let mut events = story();
    events.push(insight(20, "DeleteObject", "arn:aws:iam::111122223333:user/ann"));
    events.push(insight(21, "DeleteObject", "arn:aws:iam::111122223333:user/bob"));
    let at = directory(&[("l/a.json", &lines(&events))]);
    let value = trace(at.path(), &format!("l --access-key {KEY}"));
    let insights = value["insights"].as_array().expect("insights");
    assert_eq!(insights.len(), 1);
    assert_eq!(
        (&insights[0]["event_id"], &insights[0]["seen"]),
        (&json!("in-20"), &json!("90"))
    );
}

#[test]
fn what_is_not_kept_is_counted_and_told() {
    let at = directory(&[("l/a.json", &lines(&story()))]);
    let value = trace(at.path(), "l --bucket acme --limit 2");
    assert_eq!(ids(&value), ["id-1", "id-2"]);
    assert_eq!(
        (&value["summary"]["events"], &value["summary"]["hits_left_out"]),
        (&json!(7), &json!(5))
    );
    assert_eq!(value["diagnostics"][0]["severity"], "warning");
}
