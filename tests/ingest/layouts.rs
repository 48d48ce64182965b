//! Walking directories, cloudmapper's layout, globs, links.

use std::fs;

use bucketproof::ingest::{Kind, Request};

use super::support::{bucket, codes, fixture, ingest, ingest_texts, is_bare, paths, said, settings, statuses};

const ACL: &str = r#"{"Grants":[]}"#;

#[test]
fn a_flat_export_is_read() {
    let policy = r#"{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::one-data/*\"}]}"}"#;
    let got = ingest_texts(&[
        (
            "demo/us-east-1/s3-list-buckets.json",
            r#"{"Buckets":[{"Name":"one-data"},{"Name":"two-data"},{"Name":"three-data"}],"Owner":{"ID":"f00"}}"#,
        ),
        ("demo/us-east-1/s3-get-bucket-policy/one-data", policy),
        ("demo/us-east-1/s3-get-bucket-acl/one-data", ACL),
        ("demo/us-east-1/s3-get-bucket-acl/two-data", ACL),
        (
            "demo/us-east-1/sts-get-caller-identity.json",
            r#"{"UserId":"A","Account":"111122223333","Arn":"x"}"#,
        ),
        (
            "demo/us-east-1/iam-get-role/r",
            r#"{"Role":{"RoleName":"r","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[]}}}"#,
        ),
    ]);
    let one = bucket(&got, "one-data");
    assert!(one.policy.value().is_some() && one.acl.value().is_some());
    assert_eq!(one.account.map(|id| id.to_string()).as_deref(), Some("111122223333"));
    // FX-T03: policies were exported and this bucket has none; blocks were not exported.
    let two = settings(bucket(&got, "two-data"));
    assert_eq!(
        (&*two[0], &*two[2], &*two[3]),
        ("policy -", "acl ", "block not in input")
    );
    assert!(
        settings(bucket(&got, "three-data"))
            .iter()
            .all(|line| line.ends_with("not in input"))
    );
    assert_eq!(got.inventory.roles[0].arn(), "arn:aws:iam::111122223333:role/r");
    assert_eq!(got.inputs[0].kind, Some(Kind::FlatExport));
    assert!(!got.incomplete, "{:?}", said(&got));
}

#[test]
fn a_directory_with_two_answers_is_a_bucket() {
    let got = ingest_texts(&[
        ("mine/my-data/bucket-acl.json", ACL),
        ("mine/my-data/get-bucket-location.json", "{}"),
    ]);
    assert_eq!(bucket(&got, "my-data").region.as_deref(), Some("us-east-1"));
    assert!(bucket(&got, "my-data").acl.value().is_some());
}

#[test]
fn paths_can_be_excluded() {
    let request = Request {
        exclude: vec!["**/locked-data/**".into(), "**/444455556666".into()],
        ..paths(&[&fixture("two-accounts")])
    };
    let got = ingest(&request);
    let names: Vec<_> = got.inventory.buckets.iter().map(|bucket| &*bucket.name).collect();
    assert_eq!(names, ["open-data"]);
    assert!(!codes(&got).contains(&"ingest::listed_only"));
    assert_eq!(got.inventory.accounts.len(), 1);
    let got = ingest(&Request {
        exclude: vec!["a[".into()],
        ..request
    });
    assert!(codes(&got).contains(&"ingest::bad_exclude") && got.incomplete);
}

#[test]
fn a_bucket_without_files_is_a_bucket() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(directory.path().join("111122223333/s3/bare-data")).expect("made");
    let got = ingest(&paths(&[directory.path()]));
    let found = bucket(&got, "bare-data");
    assert!(is_bare(found));
    assert!(got.sources.path(found.span).ends_with("111122223333/s3/bare-data"));
    assert_eq!(statuses(&got), ["read"]);
}

#[test]
fn several_unnamed_accounts_never_hide_behind_one_block() {
    let four = r#"{"PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}}"#;
    let got = ingest_texts(&[
        ("dev/s3control/public-access-block.json", four),
        ("dev/s3/dev-data/bucket-acl.json", ACL),
        ("prod/s3/prod-data/bucket-acl.json", ACL),
    ]);
    assert_eq!(codes(&got), ["ingest::unnamed_accounts", "ingest::two_states"]);
    assert!(got.inventory.accounts[0].public_access_block.as_unknown().is_some());
}

#[test]
fn two_states_of_one_bucket_are_reported() {
    let read = ACL.replace("[]", r#"[{"Grantee":{"ID":"f00"},"Permission":"READ"}]"#);
    let got = ingest_texts(&[
        ("a/111122223333/s3/my-data/bucket-acl.json", ACL),
        ("b/111122223333/s3/my-data/bucket-acl.json", &read),
    ]);
    assert_eq!(codes(&got), ["ingest::two_states"]);
    assert_eq!(settings(bucket(&got, "my-data"))[2], "acl ");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let outside = tempfile::tempdir().expect("a directory");
    fs::write(outside.path().join("get-bucket-acl-out.json"), ACL).expect("written");
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    fs::create_dir_all(at("s3/my-data")).expect("made");
    fs::write(at("s3/my-data/bucket-acl.json"), ACL).expect("written");
    std::os::unix::fs::symlink(directory.path(), at("s3/loop")).expect("linked");
    let got = ingest(&paths(&[directory.path()]));
    assert_eq!((got.inventory.buckets.len(), said(&got).len()), (1, 0));
    std::os::unix::fs::symlink(outside.path(), at("out")).expect("linked");
    let got = ingest(&paths(&[directory.path()]));
    assert_eq!((got.inventory.buckets.len(), codes(&got)), (1, vec!["ingest::link"]));
    // A link that the user names is followed.
    let got = ingest(&paths(&[&at("out")]));
    assert_eq!(&*bucket(&got, "out").name, "out");
}

#[test]
fn files_of_one_bucket_can_be_named_one_by_one() {
    let policy = fixture("two-accounts/111122223333/s3/open-data/bucket-policy.json");
    let acl = fixture("two-accounts/111122223333/s3/open-data/bucket-acl.json");
    let got = ingest(&paths(&[&policy, &acl]));
    let found = bucket(&got, "open-data");
    assert!(found.policy.value().is_some() && found.acl.value().is_some());
    assert_eq!(statuses(&got), ["read", "read"]);
    assert!(!got.incomplete, "{:?}", said(&got));
}

#[test]
fn units_can_be_read_on_any_thread() {
    fn check<T: Send + Sync>() {}
    check::<bucketproof::ingest::Unit>();
    check::<bucketproof::ingest::Part>();
}
