//! The worked examples of the specification that concern a change, each by its clause.

use bucketproof::incident::{Start, Timeline};
use serde_json::{Value, json};

use crate::told::{event, lines, timeline_of, unblocked, with};

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";

/// A bucket made in the log, so that all of it is known, without blocks and with ACLs.
fn open_bucket() -> [Value; 2] {
    let ownership = json!({"bucketName": "b", "x-amz-object-ownership": "ObjectWriter"});
    [
        event(1, "CreateBucket", ownership),
        event(2, "DeleteBucketPublicAccessBlock", json!({"bucketName": "b"})),
    ]
}

/// What the last of some events does to a bucket that is known.
#[track_caller]
fn check(last: Value, expected: &[&str]) {
    let [made, unblocked_] = open_bucket();
    let timeline = timeline_of(&[made, unblocked_, last], Start::Before(Box::new(unblocked())));
    let lines = lines(&timeline);
    assert_eq!(
        lines[..2],
        [
            "CreateBucket arn:aws:s3:::b",
            "DeleteBucketPublicAccessBlock arn:aws:s3:::b"
        ]
    );
    assert_eq!(lines[2..], *expected);
}

fn public_policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*"}]})
}

fn put_policy(second: usize) -> Value {
    event(
        second,
        "PutBucketPolicy",
        json!({"bucketName": "b", "policy": "", "bucketPolicy": public_policy()}),
    )
}

const PUBLIC: &str = "+ anyone on the internet: s3:GetObject on arn:aws:s3:::b/*";

#[test]
fn a_policy_opens_a_bucket() {
    // CT-T01 [CT-30, CT-97]
    check(put_policy(3), &["PutBucketPolicy arn:aws:s3:::b", PUBLIC]);
    // CT-T02 [CT-05]
    let refused = json!({"errorCode": "AccessDenied", "errorMessage": "public policies are blocked"});
    check(
        with(put_policy(3), refused),
        &["PutBucketPolicy refused arn:aws:s3:::b"],
    );
    // CT-T20 [CT-25]: lists of one, as old records have them.
    let old =
        json!({"bucketName": ["b"], "host": ["b.s3.amazonaws.com"], "policy": [""], "bucketPolicy": public_policy()});
    check(
        event(3, "PutBucketPolicy", old),
        &["PutBucketPolicy arn:aws:s3:::b", PUBLIC],
    );
    // [CT-30]: S3 leaves the place empty where it could not read the policy: what holds now is not known.
    let empty = json!({"bucketName": "b", "bucketPolicy": {}});
    check(event(3, "PutBucketPolicy", empty), &["PutBucketPolicy arn:aws:s3:::b"]);
}

#[test]
fn acls_open_a_bucket() {
    let read = "+ anyone on the internet: s3:ListBucket and 2 more on arn:aws:s3:::b";
    let put = |more: Value| with_parameters(event(3, "PutBucketAcl", json!({"bucketName": "b", "acl": ""})), more);
    // CT-T03 [CT-32]
    check(
        put(json!({"x-amz-acl": "public-read"})),
        &["PutBucketAcl arn:aws:s3:::b", read],
    );
    check(
        put(json!({"x-amz-acl": ["private"], "acl": [""]})),
        &["PutBucketAcl arn:aws:s3:::b"],
    );
    // CT-T04 [CT-25]: one grant is an object.
    let group = json!({"xsi:type": "Group", "URI": ALL_USERS});
    let body = json!({"AccessControlPolicy": {"Owner": {"ID": "1f"},
        "AccessControlList": {"Grant": {"Grantee": group, "Permission": "READ"}}}});
    check(put(body), &["PutBucketAcl arn:aws:s3:::b", read]);
    // CT-T05 [CT-32]
    let header = json!({"x-amz-grant-read": format!("uri=\"{ALL_USERS}\"")});
    check(put(header), &["PutBucketAcl arn:aws:s3:::b", read]);
}

fn with_parameters(mut event: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        event["requestParameters"][name] = value.clone();
    }
    event
}

#[test]
fn objects_carry_acls_of_their_own() {
    let read = "+ anyone on the internet: s3:GetObject and 1 more on arn:aws:s3:::b/k";
    // [CT-33]: what the ACL of an object that was there gave is not told.
    let put = event(
        3,
        "PutObjectAcl",
        json!({"bucketName": "b", "key": "k", "acl": "", "x-amz-acl": "public-read"}),
    );
    check(put, &["PutObjectAcl arn:aws:s3:::b", &read.replace('+', "=")]);
    // What is copied is made.
    let copy = json!({"bucketName": "b", "key": "k", "x-amz-copy-source": "a/k", "x-amz-acl": "public-read"});
    check(event(3, "CopyObject", copy), &["CopyObject arn:aws:s3:::b", read]);
}

#[test]
fn blocks_are_taken_away() {
    let on = json!({"BlockPublicPolicy": false, "BlockPublicAcls": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true});
    let block = |second, flags: Value| {
        let parameters = json!({"bucketName": "b", "publicAccessBlock": "", "PublicAccessBlockConfiguration": flags});
        event(second, "PutBucketPublicAccessBlock", parameters)
    };
    let [made, _] = open_bucket();
    let before = || Start::Before(Box::new(unblocked()));
    let set = block(2, on);
    // CT-T06 [CT-34]
    let off = json!({"BlockPublicPolicy": "false", "BlockPublicAcls": "true", "IgnorePublicAcls": "true", "RestrictPublicBuckets": "false"});
    let told = timeline_of(&[made.clone(), set.clone(), put_policy(3), block(4, off)], before());
    let [opened, last] = last_two(&told);
    assert_eq!(
        (&*opened, &*last),
        ("PutBucketPublicAccessBlock arn:aws:s3:::b", PUBLIC)
    );
    // Until then services and the own account only were let through [BPA-04].
    assert_eq!(lines(&told).iter().filter(|line| *line == PUBLIC).count(), 1);
    // CT-T07 [CT-35, CT-95]
    let delete = event(4, "DeletePublicAccessBlock", json!({"bucketName": "b"}));
    let told = timeline_of(&[made.clone(), set, put_policy(3), delete], before());
    let [opened, last] = last_two(&told);
    assert_eq!((&*opened, &*last), ("DeletePublicAccessBlock arn:aws:s3:::b", PUBLIC));
}

fn last_two(told: &Timeline) -> [String; 2] {
    let lines = lines(told);
    let last = lines.last_chunk::<2>().expect("two lines");
    last.clone()
}

#[test]
fn blocks_of_the_account_cover_its_buckets() {
    // CT-T08 [CT-36]
    let all = json!({"BlockPublicPolicy": true, "BlockPublicAcls": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true});
    let parameters =
        json!({"Host": "111122223333.s3-control.eu-central-1.amazonaws.com", "PublicAccessBlockConfiguration": all});
    let [made, off] = open_bucket();
    for name in ["PutAccountPublicAccessBlock", "PutPublicAccessBlock"] {
        let put = event(4, name, parameters.clone());
        let told = timeline_of(
            &[made.clone(), off.clone(), put_policy(3), put],
            Start::Before(Box::new(unblocked())),
        );
        let account = format!("{name} arn:aws:iam::111122223333:root");
        assert_eq!(lines(&told)[4..], [account, PUBLIC.replace('+', "-")]);
    }
}

#[test]
fn roles_are_opened() {
    let trust = |account: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}}]})
    };
    let percent: String = trust("111122223333")
        .to_string()
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let own = "+ account 111122223333: sts:AssumeRole on arn:aws:iam::111122223333:role/svc/r";
    // CT-T10 [CT-60]: the request and the answer tell the same.
    let response = json!({"role": {"roleName": "r", "path": "/svc/", "arn": "arn:aws:iam::111122223333:role/svc/r",
        "assumeRolePolicyDocument": percent}});
    let made = event(1, "CreateRole", json!({"roleName": "r", "path": "/svc/"}));
    let by_answer = with(made.clone(), json!({"responseElements": response}));
    let by_request = with_parameters(
        made,
        json!({"assumeRolePolicyDocument": trust("111122223333").to_string()}),
    );
    for made in [by_answer, by_request] {
        // CT-T09 [CT-61]
        let policy = json!({"roleName": "r", "policyDocument": trust("666677778888").to_string()});
        let opened = event(2, "UpdateAssumeRolePolicy", policy);
        let told = timeline_of(
            &[made, opened, event(3, "DeleteRole", json!({"roleName": "r"}))],
            Start::Unknown,
        );
        let stranger = "+ account 666677778888: sts:AssumeRole on arn:aws:iam::111122223333:role/svc/r";
        assert_eq!(
            lines(&told),
            [
                "CreateRole arn:aws:iam::111122223333:role/svc/r",
                own,
                "UpdateAssumeRolePolicy arn:aws:iam::111122223333:role/svc/r",
                stranger,
                &own.replace('+', "-"),
                "DeleteRole arn:aws:iam::111122223333:role/svc/r",
                &stranger.replace('+', "-"),
            ],
        );
    }
}

#[test]
fn what_changes_no_grant_is_told_in_words() {
    let words = |event: Value| {
        let told = timeline_of(&[event], Start::Unknown);
        told.entries
            .first()
            .map(|entry| format!("{}: {}", entry.resource, entry.words))
    };
    // CT-T14 [CT-62]
    let revoked = json!({"roleName": "r", "policyName": "AWSRevokeOlderSessions", "policyDocument": "{}"});
    assert_eq!(
        words(event(1, "PutRolePolicy", revoked)).as_deref(),
        Some("arn:aws:iam::111122223333:role/r: sessions of role `r` that are older revoked")
    );
    // [CT-67]: a user that is not named is the caller.
    let key = json!({"responseElements": {"accessKey": {"accessKeyId": "AKIANEW", "status": "Active"}}});
    assert_eq!(
        words(with(event(1, "CreateAccessKey", Value::Null), key)).as_deref(),
        Some("arn:aws:iam::111122223333:user/bob: access key `AKIANEW` made for user `bob`")
    );
    // CT-T19 [CT-05]: the parameters of what IAM refuses are not told.
    let refused = json!({"errorCode": "AccessDenied", "errorMessage": "User: arn:aws:iam::111122223333:user/bob is not authorized \
        to perform: iam:AttachRolePolicy on resource: role r because no identity-based policy allows it"});
    assert_eq!(
        words(with(event(1, "AttachRolePolicy", Value::Null), refused)).as_deref(),
        Some("role: policy `?` attached to role `?`")
    );
    // [CT-45]
    let destination = json!({"Bucket": "arn:aws:s3:::x", "Account": "666677778888"});
    let replication = json!({"bucketName": "b", "ReplicationConfiguration": {"Rule": {"Destination": destination}}});
    assert_eq!(
        words(event(1, "PutBucketReplication", replication)).as_deref(),
        Some("arn:aws:s3:::b: replication set: to `arn:aws:s3:::x` of account 666677778888, which is another one")
    );
    // CT-T22 [CT-40]
    assert_eq!(
        words(event(1, "CreateBucket", json!({"bucketName": "b"}))).as_deref(),
        Some("arn:aws:s3:::b: bucket made")
    );
    // Reading is no change.
    assert_eq!(words(event(1, "GetBucketPolicy", json!({"bucketName": "b"}))), None);
}

#[test]
fn each_call_counts_once() {
    // [CT-01]: files overlap.
    let told = timeline_of(&[put_policy(1), put_policy(1)], Start::Unknown);
    assert_eq!(told.entries.len(), 1);
    // CT-T21 [CT-21]: the owner's copy counts, with what only the caller's tells.
    let resources = json!([{"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::b", "accountId": "111122223333"}]);
    let shared = json!({"sharedEventID": "s", "resources": resources});
    let owner = with(put_policy(1), shared.clone());
    let owner = with(
        owner,
        json!({"userIdentity": {"type": "AWSAccount", "accountId": "666677778888", "principalId": "AIDAX"}}),
    );
    let caller = json!({"eventID": "other", "recipientAccountId": "666677778888",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::666677778888:user/eve", "accountId": "666677778888"}});
    let caller = with(with(put_policy(1), shared), caller);
    for events in [[owner.clone(), caller.clone()], [caller, owner]] {
        let told = timeline_of(&events, Start::Unknown);
        let entries: Vec<_> = told
            .entries
            .iter()
            .map(|entry| (&*entry.event.id, entry.event.actor.arn.as_deref()))
            .collect();
        assert_eq!(entries, [("e1", Some("arn:aws:iam::666677778888:user/eve"))]);
    }
}
