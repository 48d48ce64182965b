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
    // Within a second events stand as they can have succeeded, whatever their ids.
    let same = |event: Value, id: &str| with(event, json!({"eventID": id}));
    let delete = event(1, "DeleteBucket", json!({"bucketName": "b"}));
    let events = [
        same(delete, "a"),
        same(policy(1, json!("*")), "b"),
        same(no_block(1), "c"),
        same(made(1), "d"),
    ];
    let told = timeline_of(&events, Start::Before(Box::new(unblocked())));
    assert_eq!(windows(&told), ["arn:aws:s3:::b anyone on the internet Read: b..a"]);
    assert_eq!(told.diagnostics.len(), 0);
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

/// Whoever deletes or overwrites an object takes its ACL away, unless versions are kept.
#[test]
fn doors_of_an_object_are_closed_with_it() {
    let writer = json!({"bucketName": "b", "x-amz-object-ownership": "ObjectWriter"});
    let made = || vec![event(1, "CreateBucket", writer.clone()), no_block(2)];
    let public = event(
        4,
        "CopyObject",
        json!({"bucketName": "b", "key": "k", "x-amz-acl": "public-read"}),
    );
    let check = |versioning: Option<&str>, last: Value, expected: &str| {
        let mut events = made();
        let status = |status: &str| json!({"bucketName": "b", "VersioningConfiguration": {"Status": status}});
        events.extend(versioning.map(|name| event(3, "PutBucketVersioning", status(name))));
        events.extend([public.clone(), last]);
        let told = timeline_of(&events, Start::Before(Box::new(unblocked())));
        let window = format!("arn:aws:s3:::b/k anyone on the internet Read: e4..{expected}");
        assert_eq!(windows(&told), [window]);
    };
    let put = |name: &str, key: &str| event(5, name, json!({"bucketName": "b", "key": key}));
    check(None, put("DeleteObject", "k"), "e5");
    check(None, put("PutObject", "k"), "e5");
    check(None, put("PutObject", "other"), "open");
    check(
        None,
        event(
            5,
            "DeleteObject",
            json!({"bucketName": "b", "key": "k", "versionId": "v"}),
        ),
        "open",
    );
    check(Some("Enabled"), put("DeleteObject", "k"), "open");
    check(Some("Suspended"), put("DeleteObject", "k"), "unknown since e5");
}

/// [CT-42], [CT-43]: an access point is decided with its bucket, and blocks everything public unless it says otherwise.
#[test]
fn access_points_open_their_bucket() {
    let off = json!({"BlockPublicAcls": false, "IgnorePublicAcls": false, "BlockPublicPolicy": false, "RestrictPublicBuckets": false});
    let request = json!({"Bucket": "b", "PublicAccessBlockConfiguration": off});
    let point = event(
        3,
        "CreateAccessPoint",
        json!({"name": "p", "CreateAccessPointRequest": request}),
    );
    let arn = "arn:aws:s3:eu-central-1:111122223333:accesspoint/p";
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::666677778888:root"}, "Action": "s3:GetObject",
        "Resource": format!("{arn}/object/*")});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let policy = event(
        5,
        "PutAccessPointPolicy",
        json!({"name": "p", "PutAccessPointPolicyRequest": {"Policy": document}}),
    );
    let own = json!({"AWS": "arn:aws:iam::666677778888:root"});
    let events = [
        made(1),
        no_block(2),
        point,
        self::policy(4, own),
        policy,
        event(6, "DeleteAccessPoint", json!({"name": "p"})),
    ];
    let told = timeline_of(&events, Start::Before(Box::new(unblocked())));
    let windows = windows(&told);
    assert!(
        windows.contains(&format!("{arn} account 666677778888 Read: e5..e6")),
        "{windows:?}\n{:?}",
        lines(&told)
    );
}

/// A snapshot of afterwards with which the events do not end shows that one of the two is not complete.
#[test]
fn a_later_snapshot_is_compared_with_the_end() {
    let bucket = |created: bool| {
        let mut inventory = unblocked();
        let account = "111122223333".parse().ok();
        let absent = bucketproof::model::Bucket {
            name: "b".into(),
            account,
            ..Default::default()
        };
        inventory.buckets.extend(created.then_some(absent));
        Start::After(Box::new(inventory))
    };
    let problems = |events: &[Value]| timeline_of(events, bucket(true)).diagnostics.len();
    assert_eq!(problems(&[policy(1, json!("*")), delete_policy(2)]), 0);
    assert_eq!(problems(&[policy(1, json!("*"))]), 1);
    assert_eq!(
        timeline_of(&[policy(1, json!("*"))], bucket(false)).diagnostics.len(),
        0
    );
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
