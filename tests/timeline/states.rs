//! The state between events [CT-95…CT-100], and the windows that come of it.

use bucketproof::incident::Start;
use serde_json::{Value, json};

use crate::told::{event, lines, timeline_of, unblocked, windows, with};

fn policy(second: usize, principal: Value) -> Value {
    let statement =
        json!({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    event(
        second,
        "PutBucketPolicy",
        json!({"bucketName": "b", "bucketPolicy": document}),
    )
}

fn delete_policy(second: usize) -> Value {
    event(second, "DeleteBucketPolicy", json!({"bucketName": "b"}))
}

fn no_block(second: usize) -> Value {
    event(second, "DeleteBucketPublicAccessBlock", json!({"bucketName": "b"}))
}

fn made(second: usize) -> Value {
    event(second, "CreateBucket", json!({"bucketName": "b"}))
}

const PUBLIC: &str = "anyone on the internet: s3:GetObject on arn:aws:s3:::b/*";

/// [CT-96]
#[test]
fn what_was_before_the_first_event_is_unknown() {
    let told = timeline_of(&[policy(1, json!("*")), delete_policy(2)], Start::Unknown);
    let expected = [
        "PutBucketPolicy arn:aws:s3:::b".to_owned(),
        format!("= {PUBLIC}"),
        "DeleteBucketPolicy arn:aws:s3:::b".to_owned(),
        format!("- {PUBLIC}"),
    ];
    assert_eq!(lines(&told), expected);
    assert_eq!(
        windows(&told),
        ["arn:aws:s3:::b anyone on the internet Read: unknown..e2"]
    );
    // Nothing is lost that nobody knows to have been there.
    let told = timeline_of(&[delete_policy(1)], Start::Unknown);
    assert_eq!(lines(&told), ["DeleteBucketPolicy arn:aws:s3:::b"]);
    assert!(told.entries[0].undecided[0].contains("what was before is not told"));
    assert_eq!(windows(&told), Vec::<String>::new());
}

/// [CT-95]: events are put in order, and what failed changed nothing [CT-05].
#[test]
fn events_count_in_order_and_only_if_they_succeeded() {
    let failed = with(delete_policy(4), json!({"errorCode": "AccessDenied"}));
    let events = [delete_policy(5), failed, policy(3, json!("*")), no_block(2), made(1)];
    let told = timeline_of(&events, Start::Before(Box::new(unblocked())));
    assert_eq!(windows(&told), ["arn:aws:s3:::b anyone on the internet Read: e3..e5"]);
    // Within a second a bucket is made before anything is done to it, whatever the ids.
    let same = with(made(1), json!({"eventID": "z"}));
    let told = timeline_of(&[with(no_block(1), json!({"eventID": "a"})), same], Start::Unknown);
    let names: Vec<&str> = told.entries.iter().map(|entry| &*entry.event.name).collect();
    assert_eq!(names, ["CreateBucket", "DeleteBucketPublicAccessBlock"]);
}

/// [CT-99]: new buckets block everything, so that a policy of their own opens nothing; until 2023 they blocked nothing.
#[test]
fn buckets_are_made_with_the_defaults_of_their_time() {
    let account = json!({"AWS": "arn:aws:iam::666677778888:root"});
    let told = timeline_of(&[made(1), policy(2, account)], Start::Before(Box::new(unblocked())));
    assert_eq!(windows(&told), ["arn:aws:s3:::b account 666677778888 Read: e2..open"]);
    let old = |event: Value, second: usize| with(event, json!({"eventTime": format!("2022-03-09T02:00:{second:02}Z")}));
    let acl = event(
        1,
        "CreateBucket",
        json!({"bucketName": "b", "x-amz-acl": "public-read"}),
    );
    let told = timeline_of(&[old(acl, 1)], Start::Before(Box::new(unblocked())));
    assert_eq!(windows(&told), ["arn:aws:s3:::b anyone on the internet List: e1..open"]);
}

/// [CT-98]
#[test]
fn an_acl_replaces_the_whole_acl() {
    let put = |second, canned: &str| {
        event(
            second,
            "PutBucketAcl",
            json!({"bucketName": "b", "acl": "", "x-amz-acl": canned}),
        )
    };
    let writer = event(
        1,
        "CreateBucket",
        json!({"bucketName": "b", "x-amz-object-ownership": "ObjectWriter"}),
    );
    let events = [
        writer,
        no_block(2),
        put(3, "public-read"),
        put(4, "authenticated-read"),
        put(5, "private"),
    ];
    let told = timeline_of(&events, Start::Before(Box::new(unblocked())));
    let windows = windows(&told);
    assert_eq!(windows.len(), 2, "{windows:?}");
    assert!(
        windows[0].starts_with("arn:aws:s3:::b anyone on the internet") && windows[0].ends_with("e3..e4"),
        "{windows:?}"
    );
    assert!(
        windows[1].starts_with("arn:aws:s3:::b any AWS account") && windows[1].ends_with("e4..e5"),
        "{windows:?}"
    );
}

/// [CT-100]
#[test]
fn what_cannot_have_succeeded_shows_a_gap() {
    let told = timeline_of(&[made(1), policy(2, json!("*"))], Start::Before(Box::new(unblocked())));
    let problems: Vec<&str> = told.diagnostics.iter().map(|problem| &*problem.message).collect();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].contains("BlockPublicPolicy") && problems[0].contains("an event that turned it off is missing")
    );
    // The block is not taken for granted any more: the door is told to be open.
    assert_eq!(windows(&told), ["arn:aws:s3:::b anyone on the internet Read: e2..open"]);
    assert!(
        told.windows[0]
            .assumed
            .iter()
            .any(|assumed| assumed.contains("Block Public Access")),
        "{:?}",
        told.windows
    );
}

#[test]
fn doors_of_a_bucket_that_is_deleted_are_closed() {
    let delete = event(4, "DeleteBucket", json!({"bucketName": "b"}));
    let told = timeline_of(
        &[made(1), no_block(2), policy(3, json!("*")), delete],
        Start::Before(Box::new(unblocked())),
    );
    assert_eq!(windows(&told), ["arn:aws:s3:::b anyone on the internet Read: e3..e4"]);
}

/// A policy that cannot be read leaves unknown whether the door was closed.
#[test]
fn an_end_that_is_not_known_is_not_called_closed() {
    let unread = event(4, "PutBucketPolicy", json!({"bucketName": "b", "bucketPolicy": {}}));
    let told = timeline_of(
        &[made(1), no_block(2), policy(3, json!("*")), unread],
        Start::Before(Box::new(unblocked())),
    );
    assert_eq!(
        windows(&told),
        ["arn:aws:s3:::b anyone on the internet Read: e3..unknown since e4"]
    );
    assert_eq!(told.entries[3].lost.len(), 0);
}

/// Whatever an event holds, it is told or passed over, and nothing falls.
#[test]
fn strange_events_do_no_harm() {
    let strange = [
        json!(null),
        json!([]),
        json!("text"),
        json!({"bucketName": {"a": 1}}),
        json!({"bucketName": "b", "key": 7}),
    ];
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    for name in bucketproof::incident::names().collect::<std::collections::BTreeSet<_>>() {
        for parameters in strange
            .iter()
            .chain([&json!({"bucketName": "b", "bucketPolicy": deep})])
        {
            timeline_of(&[event(1, name, parameters.clone())], Start::Unknown);
        }
    }
}
