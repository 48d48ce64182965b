//! Logs: every carrier, what identifies a caller, what is broken.

use std::io::Write;

use bucketproof::ingest::{LogFilter, LogOutcome, log_of_bytes, read_log};
use bucketproof::model::ApiEvent;
use serde_json::{Value, json};

pub fn read(bytes: &[u8]) -> (Vec<ApiEvent>, LogOutcome) {
    filtered(bytes, &LogFilter::default())
}

fn filtered(bytes: &[u8], filter: &LogFilter) -> (Vec<ApiEvent>, LogOutcome) {
    let mut events = Vec::new();
    let outcome = read_log(&log_of_bytes("a.json", bytes), filter, &mut |event| events.push(event));
    (events, outcome)
}

/// The events of a log of which every record can be read.
pub fn sound(bytes: &[u8]) -> Vec<ApiEvent> {
    let (events, outcome) = read(bytes);
    assert_eq!(outcome.diagnostics, []);
    events
}

pub fn problem(bytes: &[u8]) -> String {
    let (_, outcome) = read(bytes);
    let messages: Vec<_> = outcome.diagnostics.into_iter().map(|found| found.message).collect();
    messages.join("; ")
}

fn event(id: &str) -> Value {
    json!({
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROAEXAMPLE:ci", "accountId": "111122223333",
            "arn": "arn:aws:sts::111122223333:assumed-role/deploy/ci", "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "sessionContext": {
                "sessionIssuer": { "type": "Role", "arn": "arn:aws:iam::111122223333:role/deploy" },
                "attributes": { "creationDate": "2026-01-31T11:00:00Z", "mfaAuthenticated": "false" },
            },
        },
        "eventTime": "2026-01-31T12:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.7", "userAgent": "[a \"b\" c]",
        "requestParameters": { "bucketName": "acme", "key": "a/b" }, "responseElements": null,
        "additionalEventData": {
            "AuthenticationMethod": "QueryString", "bytesTransferredOut": 1024.0, "aclRequired": "Yes"
        },
        "resources": [{ "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::acme", "accountId": "444455556666" }],
        "eventID": id, "recipientAccountId": "111122223333", "readOnly": true,
    })
}

fn ids(events: &[ApiEvent]) -> Vec<&str> {
    events.iter().map(|event| &*event.id).collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).expect("it is memory");
    writer.finish().expect("it is memory")
}

#[test]
fn an_event_keeps_what_it_says() {
    let event = sound(event("1").to_string().as_bytes()).remove(0);
    assert_eq!(event.time.to_string(), "2026-01-31T12:00:00Z");
    assert_eq!(
        (&*event.service, &*event.name, &*event.region),
        ("s3.amazonaws.com", "GetObject", "eu-west-1")
    );
    // [CT-12]
    assert_eq!(
        event.actor.issuer.as_deref(),
        Some("arn:aws:iam::111122223333:role/deploy")
    );
    assert_eq!(event.actor.session_name(), Some("ci"));
    assert_eq!(event.actor.mfa, Some(false));
    assert_eq!(
        event.parameters.as_deref(),
        Some(r#"{"bucketName":"acme","key":"a/b"}"#)
    );
    assert_eq!(event.response, None);
    assert_eq!(event.user_agent.as_deref(), Some("[a \"b\" c]"));
    // CT-T13 [CT-82], CT-T15 [CT-83]
    assert!(event.is_presigned());
    assert!(event.acl_required);
    assert_eq!(event.bytes_out, Some(1024));
    // CT-T12 [CT-21], [CT-52]
    let owner = event.resources.first().and_then(|resource| resource.account);
    assert_eq!(owner.map(|id| id.to_string()).as_deref(), Some("444455556666"));
}

/// CT-T16, CT-T17 [CT-01], [CT-02], [CT-90], [CT-91].
#[test]
fn every_carrier_gives_the_same_event() {
    let bare = event("1");
    let text = bare.to_string();
    let mut row = serde_json::Map::new();
    for (name, value) in bare.as_object().expect("an object") {
        let cell = match value {
            Value::Object(_) if name != "userIdentity" => Value::String(value.to_string()),
            other => other.clone(),
        };
        row.insert(name.to_lowercase(), cell);
    }
    let expected = sound(text.as_bytes());
    for (what, carrier) in [
        ("a trail file", json!({ "Records": [bare] })),
        ("a list", json!([bare])),
        (
            "EventBridge",
            json!({ "version": "0", "detail-type": "AWS API Call via CloudTrail", "account": "1", "detail": bare }),
        ),
        (
            "CloudWatch Logs",
            json!({ "owner": "1", "logEvents": [{ "id": "3", "timestamp": 7, "message": text }] }),
        ),
        (
            "an export of CloudWatch Logs",
            json!({ "events": [{ "message": text }] }),
        ),
        (
            "lookup-events",
            json!({ "Events": [{ "EventId": "1", "ReadOnly": "false", "CloudTrailEvent": text }], "NextToken": "t" }),
        ),
        ("Lake", json!([{ "eventData": bare }])),
        ("Athena", Value::Object(row)),
        ("a list of envelopes", json!([{ "data": { "Records": [bare] } }])),
    ] {
        for written in [carrier.to_string(), format!("\u{feff}\r\n {carrier}\n")] {
            assert_eq!(sound(written.as_bytes()), expected, "{what}");
            assert_eq!(sound(&packed(written.as_bytes())), expected, "{what}, packed");
        }
    }
}

#[test]
fn lines_lists_and_members_of_gzip_follow_each_other() {
    let lines = format!(
        "{}\n\n{}\r\n{}",
        event("1"),
        event("2"),
        json!({ "Records": [event("3")] })
    );
    assert_eq!(ids(&sound(lines.as_bytes())), ["1", "2", "3"]);
    let members = [
        packed(format!("{}\n", event("1")).as_bytes()),
        packed(event("2").to_string().as_bytes()),
    ]
    .concat();
    assert_eq!(ids(&sound(&members)), ["1", "2"]);
    assert_eq!(ids(&sound(b"{\"Records\":[]}")), [""; 0]);
    assert_eq!(ids(&sound(b"")), [""; 0]);
}

/// [CT-10…CT-20]; CT-T11 [CT-19].
#[test]
fn callers_are_told_apart() {
    let actor = |identity: Value| {
        let mut event = event("1");
        event["userIdentity"] = identity;
        sound(event.to_string().as_bytes()).remove(0).actor
    };
    assert!(actor(json!({"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"})).is_anonymous());
    assert!(actor(json!({"type": "AWSAccount", "accountId": "anonymous"})).is_anonymous());
    let external = actor(json!({"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "444455556666"}));
    assert!(!external.is_anonymous());
    assert_eq!(
        external.account.map(|id| id.to_string()).as_deref(),
        Some("444455556666")
    );
    let service = actor(json!({"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}));
    assert_eq!(service.invoked_by.as_deref(), Some("cloudtrail.amazonaws.com"));
    assert!(!service.is_anonymous());
    // Of a type that is not known, nothing is lost.
    assert_eq!(
        actor(json!({"type": "New", "userName": "a"})).user_name.as_deref(),
        Some("a")
    );
}

/// [CT-92].
#[test]
fn insights_are_events_about_calls() {
    let insight = json!({
        "eventVersion": "1.09", "eventTime": "2026-01-31T12:00:00Z", "awsRegion": "us-east-1", "eventID": "1",
        "eventType": "AwsCloudTrailInsight", "eventCategory": "Insight", "sharedEventID": "s",
        "insightDetails": { "state": "Start", "eventSource": "s3.amazonaws.com", "eventName": "DeleteBucket" },
    });
    let event = sound(insight.to_string().as_bytes()).remove(0);
    assert_eq!((&*event.name, event.shared_id.as_deref()), ("DeleteBucket", Some("s")));
    assert!(event.insight.is_some_and(|details| details.contains("Start")));
}

#[test]
fn tables_are_read_by_their_columns() {
    let json = r#"{""type"":""IAMUser"",""arn"":""arn:aws:iam::111122223333:user/a""}"#;
    for identity in [
        json,
        "{type=IAMUser, arn=arn:aws:iam::111122223333:user/a, sessioncontext=null}",
    ] {
        row_is_read(identity);
    }
}

fn row_is_read(identity: &str) {
    let table = format!(
        "eventname,eventtime,eventsource,eventid,useridentity,requestparameters\n\
         GetObject,2026-01-31 12:00:00.000,s3.amazonaws.com,1,\"{identity}\",\"{{\"\"bucketName\"\":\"\"acme\"\"}}\"\n"
    );
    let event = sound(table.as_bytes()).remove(0);
    assert_eq!(event.actor.arn.as_deref(), Some("arn:aws:iam::111122223333:user/a"));
    assert_eq!(event.parameters.as_deref(), Some(r#"{"bucketName":"acme"}"#));
    assert_eq!(event.time.to_string(), "2026-01-31T12:00:00Z");
}

#[test]
fn what_is_broken_is_told_and_the_rest_is_read() {
    let check = |bytes: &[u8], expected: &[&str], message: &str| {
        let (events, _) = read(bytes);
        assert_eq!(ids(&events), expected);
        assert!(problem(bytes).contains(message), "{}", problem(bytes));
    };
    let lines = |middle: &str| format!("{}\n{middle}\n{}\n", event("1"), event("2"));
    check(lines("{\"eventTime\": nonsense}").as_bytes(), &["1", "2"], "record 2");
    check(lines("{\"a: 1}").as_bytes(), &["1", "2"], "is no JSON");
    check(lines("{\"a\": 1}").as_bytes(), &["1", "2"], "has no `eventTime`");
    check(lines("7").as_bytes(), &["1", "2"], "record 2");
    check(
        lines("{\"userIdentity\": 7, \"eventTime\": 1}").as_bytes(),
        &["1", "2"],
        "record 2",
    );
    let cut = lines("").replace("\n\n", "\n");
    check(&cut.as_bytes()[..cut.len() - 20], &["1"], "cut off");
    let broken = format!("{{\"Records\":[{},{{\"a\n\":1}},{}]}}", event("1"), event("2"));
    check(broken.as_bytes(), &["1"], "what follows it in the file was not read");
    let mut bad = lines("{\"eventName\":\"~\"}").into_bytes();
    let at = bad.iter().position(|byte| *byte == b'~').expect("it is there");
    bad[at] = 0xff;
    check(&bad, &["1", "2"], "is no UTF-8");
    check(b"hello\n", &[], "no log of AWS");
    let whole = packed(lines("").as_bytes());
    check(&whole[..whole.len() / 2], &[], "could not be read");
    let long = lines(&format!("{{\"a\":\"{}\"}}", "x".repeat(17 << 20)));
    check(long.as_bytes(), &["1", "2"], "longer than 16 MiB");
    check(lines(&"[".repeat(100_000)).as_bytes(), &["1"], "record");
}

#[test]
fn what_unpacks_out_of_proportion_is_not_unpacked() {
    let bomb = packed(&vec![b' '; 80 << 20]);
    assert!(bomb.len() < 1 << 20);
    assert!(problem(&bomb).contains("times its size"), "{}", problem(&bomb));
}

#[test]
fn filters_let_nothing_through_that_is_not_wanted() {
    let log = format!(
        "{}\n{}",
        event("1"),
        event("2").to_string().replace("GetObject", "Put\\u004fbject")
    );
    let named = |name: &str| filtered(log.as_bytes(), &LogFilter::default().named([name])).0.len();
    // A name with an escape cannot be told by its bytes: it comes through.
    assert_eq!((named("GetObject"), named("Other")), (2, 1));
    let with = |text: &str| {
        filtered(log.as_bytes(), &LogFilter::default().with_text([text]))
            .0
            .len()
    };
    assert_eq!((with("ASIAIOSFODNN7EXAMPLE"), with("AKIAOTHER")), (2, 1));
    let noon = "2026-01-31T12:00:00Z".parse().expect("a time");
    let (mut from, mut to) = (LogFilter::default(), LogFilter::default());
    (from.from, to.to) = (Some(noon), Some(noon));
    assert_eq!(
        (
            filtered(log.as_bytes(), &from).0.len(),
            filtered(log.as_bytes(), &to).0.len()
        ),
        (2, 0)
    );
}
