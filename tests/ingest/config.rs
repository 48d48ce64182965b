//! AWS Config: snapshots, items, queries, events [FMT-50…60].

use std::io::Write;

use bucketproof::ingest::{Ingested, Kind};

use super::support::{
    block, bucket, codes, fixture, ingest, ingest_texts, paths, said, settings, shown, slice, statuses,
};

/// Everything about access in an inventory, without places.
fn facts(got: &Ingested) -> Vec<String> {
    let inventory = &got.inventory;
    let mut facts = Vec::new();
    for account in &inventory.accounts {
        facts.push(format!(
            "account {:?} {:?} {} {:?}",
            account.id,
            account.canonical_id,
            shown(&account.public_access_block, block),
            account.unique_ids
        ));
    }
    for bucket in &inventory.buckets {
        facts.push(format!(
            "{} {:?} {:?} {:?} {:?}",
            bucket.arn(),
            bucket.account,
            bucket.owner,
            bucket.region,
            bucket.created
        ));
        let same = |line: &String| !DIFFERENT.iter().any(|name| line.starts_with(name));
        facts.extend(settings(bucket).into_iter().filter(same));
    }
    for role in &inventory.roles {
        let trust = shown(&role.trust, |trust| trust.to_json().to_string());
        facts.push(format!(
            "{} {:?} {:?} {trust}",
            role.arn(),
            role.unique_id,
            role.policies
        ));
    }
    facts
}

/// What AWS Config does not carry.
const DIFFERENT: [&str; 4] = ["ownership", "policy status", "abac", "object lock"];

#[test]
fn the_formats_agree() {
    let snapshot = ingest(&paths(&[&fixture("agree/snapshot")]));
    let expected = facts(&snapshot);
    assert_eq!(expected.len(), 13, "{expected:#?}");
    assert!(!snapshot.incomplete, "{:?}", said(&snapshot));
    let directory = tempfile::tempdir().expect("a directory");
    for name in ["config-items.json", "config-snapshot.json", "config-query.json"] {
        let path = fixture("agree").join(name);
        let zipped = directory.path().join(format!("{name}.gz"));
        let mut encoder = flate2::write::GzEncoder::new(
            std::fs::File::create(&zipped).expect("created"),
            flate2::Compression::default(),
        );
        encoder
            .write_all(&std::fs::read(&path).expect("a fixture"))
            .expect("written");
        encoder.finish().expect("finished");
        for path in [&path, &zipped] {
            let got = ingest(&paths(&[path]));
            assert_eq!(facts(&got), expected, "{name}");
            assert_eq!(
                (statuses(&got), got.inputs[0].kind),
                (vec!["read"], Some(Kind::AwsConfig)),
                "{:?}",
                said(&got)
            );
            let found = bucket(&got, "agreed-data");
            let unknown: Vec<_> = settings(found)
                .into_iter()
                .filter(|line| line.ends_with("not in input"))
                .collect();
            assert_eq!(unknown.len(), DIFFERENT.len(), "{unknown:?}");
            // Spans reach through every layer of encoding.
            let policy = found.policy.value().expect("a policy");
            let second = &policy.statements[1];
            assert!(slice(&got, second.action.entries[0].span).contains("s3:DeleteObject"));
            assert!(slice(&got, second.span).contains("Löschen"));
            let acl = found.acl.value().expect("an ACL");
            assert!(slice(&got, acl.grants[1].span).contains("LogDelivery"));
            let trust = got.inventory.roles[0].trust.value().expect("a trust policy");
            assert!(slice(&got, trust.statements[0].action.entries[0].span).contains("sts%3AAssumeRole"));
        }
    }
}

fn item(name: &str, time: &str, status: &str, more: &str) -> String {
    format!(
        r#"{{"version":"1.3","accountId":"111122223333","configurationItemCaptureTime":{time},"configurationItemStatus":"{status}",
        "resourceType":"AWS::S3::Bucket","resourceId":"{name}","resourceName":"{name}","awsRegion":"us-east-1",
        "configuration":"{{\"name\":\"{name}\"}}","supplementaryConfiguration":{{{more}}}}}"#
    )
}

const ACL: &str = r#""AccessControlList":"\"{\\\"grantSet\\\":null,\\\"grantList\\\":[{\\\"grantee\\\":\\\"AllUsers\\\",\\\"permission\\\":\\\"Read\\\"}],\\\"owner\\\":null}\"""#;

#[test]
fn documents_are_opened_through_every_layer() {
    // FX-T06, FX-T07, FX-T08, FX-T22
    let more = format!(r#"{ACL},"BucketPolicy":"{{\"policyText\":null}}","IsRequesterPaysEnabled":"true""#);
    let got = ingest_texts(&[("item.json", item("data", "1502617462.927", "OK", &more))]);
    let found = settings(bucket(&got, "data"));
    assert_eq!(
        found[..6],
        [
            "policy -",
            "policy status not in input",
            "acl AllUsers READ",
            "block -",
            "ownership not in input",
            "payer Requester"
        ]
    );
    let account = &got.inventory.accounts[0];
    assert_eq!(shown(&account.public_access_block, block), "not in input");
    assert!(!got.incomplete, "{:?}", said(&got));
}

#[test]
fn the_newest_capture_counts() {
    let old = item("data", "\"2024-01-01T00:00:00Z\"", "OK", ACL);
    let new = item(
        "data",
        "\"2024-06-01T00:00:00Z\"",
        "OK",
        r#""BucketPolicy":"{\"policyText\":null}""#,
    );
    let gone = item("data", "\"2024-07-01T00:00:00+02:00\"", "ResourceDeleted", "");
    let policy = |files: &[(&str, String)]| {
        let got = ingest_texts(files);
        let found = got.inventory.buckets.first().map(|bucket| settings(bucket)[0].clone());
        assert!(got.inventory.buckets.len() < 2);
        found
    };
    let absent = Some("policy -".to_owned());
    let unknown = Some("policy not in input".to_owned());
    assert_eq!(policy(&[("a.json", format!("[{new},{old}]"))]), absent);
    assert_eq!(policy(&[("a.json", new.clone()), ("b.json", old.clone())]), absent);
    assert_eq!(policy(&[("a.json", old.clone())]), unknown);
    // FX-T20
    assert_eq!(
        policy(&[("a.json", format!("{{\"configurationItems\":[{gone},{new}]}}"))]),
        None
    );
    assert_eq!(policy(&[("a.json", gone), ("b.json", old)]), None);
}

#[test]
fn events_and_queries_are_opened() {
    let inner = item("data", "\"2024-01-01T00:00:00Z\"", "OK", ACL);
    let event = format!(r#"{{"configurationItem":{inner},"messageType":"ConfigurationItemChangeNotification"}}"#);
    let invoking = serde_json::json!({ "invokingEvent": event, "ruleParameters": "{}" }).to_string();
    let bridge = format!(r#"{{"detail-type":"Config Configuration Item Change","detail":{event}}}"#);
    let query = serde_json::json!({ "Results": [inner], "QueryInfo": {} }).to_string();
    for text in [event.clone(), invoking, bridge, query] {
        let got = ingest_texts(&[("event.json", &text)]);
        assert_eq!(settings(bucket(&got, "data"))[2], "acl AllUsers READ", "{text}");
    }
    // [FMT-60]
    let summary = r#"{"configurationItemSummary":{"changeType":"UPDATE","awsAccountId":"111122223333","configurationItemStatus":"OK",
        "configurationItemCaptureTime":"2024-01-01T00:00:00Z","resourceType":"AWS::S3::Bucket","resourceId":"data","awsRegion":"us-east-1"},
        "messageType":"OversizedConfigurationItemChangeNotification"}"#;
    let got = ingest_texts(&[("event.json", summary)]);
    assert!(
        settings(bucket(&got, "data"))[..4]
            .iter()
            .all(|line| line.ends_with("not in input"))
    );
    assert_eq!(codes(&got), ["ingest::oversized_item"]);
}

#[test]
fn a_query_that_selected_little_leaves_the_rest_unknown() {
    let row = r#"{"Results":["{\"supplementaryConfiguration\":{\"BucketPolicy\":{\"policyText\":null}},\"configuration\":{\"name\":\"data\"}}"]}"#;
    let got = ingest_texts(&[("query.json", row)]);
    let found = settings(bucket(&got, "data"));
    assert_eq!(
        (&*found[0], &*found[2], &*found[3]),
        ("policy -", "acl not in input", "block not in input")
    );
}

#[test]
fn access_points_are_written_in_upper_case() {
    // [FMT-56]
    let text = r#"{"version":"1.3","accountId":"111122223333","configurationItemStatus":"ResourceDiscovered","resourceType":"AWS::S3::AccessPoint",
        "configurationItemCaptureTime":"2024-01-01T00:00:00Z","resourceId":"arn:aws:s3:us-west-2:111122223333:accesspoint/p","awsRegion":"us-west-2",
        "configuration":{"Name":"p","Bucket":"data","BucketAccountId":"444455556666","NetworkOrigin":"VPC","VpcConfiguration":{"VpcId":"vpc-1"},
        "PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":false,"RestrictPublicBuckets":true},
        "Policy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}}}"#;
    let got = ingest_texts(&[("item.json", text)]);
    let [point] = &*got.inventory.access_points else {
        panic!("one access point: {:?}", said(&got));
    };
    assert_eq!(point.arn(), "arn:aws:s3:us-west-2:111122223333:accesspoint/p");
    assert_eq!(shown(&point.public_access_block, block), "1101");
    assert!(point.policy.value().is_some());
}

#[test]
fn damage_in_one_item_leaves_the_others() {
    let good = item("good-data", "1", "OK", ACL);
    let twice = good
        .replace("good-data", "twice-data")
        .replace(r#""awsRegion""#, r#""accountId":"444455556666","awsRegion""#);
    let broken = item("broken-data", "1", "OK", r#""BucketPolicy":"{\"policyText\":""#);
    let invalid = item(
        "invalid-data",
        "1",
        "OK",
        r#""BucketPolicy":{"policyText":"{\"Statement\":[]"}"#,
    );
    let got = ingest_texts(&[("items.json", format!("[{good},{twice},{broken},{invalid}]"))]);
    assert_eq!(settings(bucket(&got, "good-data"))[2], "acl AllUsers READ");
    assert!(
        settings(bucket(&got, "twice-data"))
            .iter()
            .all(|line| line.ends_with("unreadable"))
    );
    assert_eq!(settings(bucket(&got, "broken-data"))[0], "policy unreadable");
    assert_eq!(settings(bucket(&got, "invalid-data"))[0], "policy invalid");
    assert_eq!(
        codes(&got),
        [
            "ingest::duplicate_key",
            "source::truncated_json",
            "ingest::not_a_policy"
        ],
        "{:?}",
        said(&got)
    );
    assert!(got.incomplete);
}

#[test]
fn a_flood_of_repeated_names_is_told_once() {
    let flood = "\"a\":1,".repeat(20_000);
    let good = item("good-data", "1", "OK", ACL);
    let got = ingest_texts(&[
        ("items.json", format!("[{{{flood}\"b\":1}},{good}]")),
        ("gaad.json", format!("{{{flood}\"RoleDetailList\":[]}}")),
    ]);
    assert_eq!(settings(bucket(&got, "good-data"))[2], "acl AllUsers READ");
    let lost = format!("{{\"configurationItems\":[{good}],\"configurationItems\":[{good}]}}");
    assert_eq!(codes(&ingest_texts(&[("items.json", lost)])), ["ingest::duplicate_key"]);
    let lost = r#"{"RoleDetailList":[],"RoleDetailList":[]}"#;
    assert_eq!(codes(&ingest_texts(&[("gaad.json", lost)])), ["ingest::duplicate_key"]);
    let twice = good.replace(r#""awsRegion""#, &format!(r#"{flood}"awsRegion""#));
    let got = ingest_texts(&[("items.json", twice)]);
    assert_eq!(settings(bucket(&got, "good-data"))[2], "acl unreadable");
    assert_eq!(codes(&got), ["ingest::duplicate_key"; 10]);
}
