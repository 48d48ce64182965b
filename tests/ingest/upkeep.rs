//! Versions, encryption, lifecycle, logs and locks of buckets, whatever the format.

use super::support::{UPKEEP, bucket, codes, ingest_file, ingest_texts, settings};
use bucketproof::ingest::Ingested;

/// The settings that decide about nobody's access, as far as they are there.
fn upkeep(got: &Ingested, name: &str) -> Vec<String> {
    let lines = settings(bucket(got, name)).into_iter();
    lines
        .filter(|line| UPKEEP.iter().any(|name| line.starts_with(name)) && !line.ends_with(" -"))
        .collect()
}

const EVERYTHING: [&str; 5] = [
    "versioning true false",
    "encryption aws:kms",
    "lifecycle true true",
    "logging logs",
    "object lock true",
];

#[test]
fn a_snapshot_carries_them() {
    let at = |name: &str| format!("111122223333/s3/data/{name}.json");
    let got = ingest_texts(&[
        (
            &*at("bucket-versioning"),
            r#"{"Status": "Enabled", "MFADelete": "Enabled"}"#,
        ),
        (
            &*at("bucket-encryption"),
            r#"{"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault":
                {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}]}}"#,
        ),
        (
            &*at("bucket-lifecycle-configuration"),
            r#"{"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}]}"#,
        ),
        (
            &*at("bucket-logging"),
            r#"{"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": ""}}"#,
        ),
        (
            &*at("object-lock-configuration"),
            r#"{"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}"#,
        ),
    ]);
    assert_eq!(codes(&got), [""; 0]);
    let expected = [
        "versioning true true",
        "encryption aws:kms",
        "lifecycle true false",
        "logging logs",
        "object lock true",
    ];
    assert_eq!(upkeep(&got, "data"), expected);
}

/// An exporter that asked no bucket for a setting says nothing about it.
#[test]
fn what_was_asked_of_no_bucket_is_not_absent() {
    let got = ingest_texts(&[
        ("111122223333/s3/a/bucket-versioning.json", ""),
        (
            "111122223333/s3/b/public-access-block.json",
            "{\"PublicAccessBlockConfiguration\": {}}",
        ),
    ]);
    let rest = [
        "encryption not in input",
        "lifecycle not in input",
        "logging not in input",
        "object lock not in input",
    ];
    assert_eq!(upkeep(&got, "a"), rest);
    assert_eq!(upkeep(&got, "b"), rest);
}

/// The lifecycle of a bucket with these rules, in the API's shape.
fn lifecycle(rules: &str) -> String {
    let text = format!("{{\"Rules\": {rules}}}");
    let got = ingest_texts(&[("111122223333/s3/b/bucket-lifecycle-configuration.json", text)]);
    let lines = upkeep(&got, "b");
    let line = lines.iter().find(|line| line.starts_with("lifecycle"));
    line.cloned().unwrap_or_else(|| format!("{:?}", codes(&got)))
}

#[test]
fn a_rule_counts_that_is_on_for_the_whole_bucket() {
    let rule = |rest: &str| {
        format!(r#"[{{"Status": "Enabled", "NoncurrentVersionExpiration": {{"NoncurrentDays": 1}}{rest}}}]"#)
    };
    for rest in [
        "",
        r#", "Prefix": """#,
        r#", "Filter": {}"#,
        r#", "Filter": {"Prefix": ""}"#,
        r#", "Filter": {"And": {"Prefix": "", "Tags": []}}"#,
    ] {
        assert_eq!(lifecycle(&rule(rest)), "lifecycle true false", "{rest}");
    }
    for rest in [
        r#", "Prefix": "logs/""#,
        r#", "Filter": {"Prefix": "logs/"}"#,
        r#", "Filter": {"Tag": {"Key": "k", "Value": "v"}}"#,
        r#", "Filter": {"ObjectSizeGreaterThan": 500}"#,
        r#", "Filter": {"And": {"Prefix": "", "Tags": [{"Key": "k", "Value": "v"}]}}"#,
    ] {
        assert_eq!(lifecycle(&rule(rest)), "lifecycle false false", "{rest}");
    }
    assert_eq!(
        lifecycle(&rule("").replace("Enabled", "Disabled")),
        "lifecycle false false"
    );
    let two = r#"[{"Status": "Enabled", "Expiration": {"Days": 3}},
        {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]"#;
    assert_eq!(lifecycle(two), "lifecycle false true");
}

#[test]
fn aws_config_carries_most_of_them() {
    let item = |more: &str| {
        let members = r#""AccessControlList": "{\"owner\": {\"id\": \"x\"}, \"grantList\": []}", "BucketPolicy": {"policyText": null}"#;
        let text = format!(
            r#"{{"fileVersion": "1.0", "configurationItems": [{{"configurationItemVersion": "1.3", "awsAccountId": "111122223333",
                "configurationItemStatus": "OK", "resourceType": "AWS::S3::Bucket", "resourceId": "b", "resourceName": "b",
                "configurationItemCaptureTime": "2024-01-01T00:00:00Z", "awsRegion": "eu-west-1", "configuration": {{"name": "b"}},
                "supplementaryConfiguration": {{{members}{more}}}}}]}}"#
        );
        ingest_texts(&[("config.json", text)])
    };
    let got = item(
        r#", "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": true},
        "BucketLifecycleConfiguration": {"rules": [
            {"id": "a", "prefix": null, "status": "Enabled", "filter": {"predicate": null}, "noncurrentVersionExpirationInDays": -1,
             "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1}},
            {"id": "b", "status": "Enabled", "filter": {"predicate": {"type": "LifecyclePrefixPredicate", "prefix": "x/"}},
             "noncurrentVersionExpirationInDays": 30}]}"#,
    );
    assert_eq!(codes(&got), [""; 0]);
    assert_eq!(
        upkeep(&got, "b"),
        [
            "versioning true true",
            "lifecycle false true",
            "object lock not in input"
        ]
    );
    assert_eq!(upkeep(&item(""), "b"), ["object lock not in input"]);
}

#[test]
fn a_template_of_cloudformation_carries_them() {
    let got = ingest_file(
        "t.yaml",
        "
Parameters: {Key: {Type: String}, Days: {Type: Number}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: b
      ObjectLockEnabled: true
      VersioningConfiguration: {Status: Enabled}
      LoggingConfiguration: {DestinationBucketName: logs}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms, KMSMasterKeyID: !Ref Key}
      LifecycleConfiguration:
        Rules:
          - Status: Enabled
            NoncurrentVersionExpiration: {NoncurrentDays: !Ref Days, NewerNoncurrentVersions: 3}
            AbortIncompleteMultipartUpload: {DaysAfterInitiation: 7}
  Itself:
    Type: AWS::S3::Bucket
    Properties: {BucketName: itself, LoggingConfiguration: {LogFilePrefix: x/}}
  Bare:
    Type: AWS::S3::Bucket
    Properties: {BucketName: bare}
",
        None,
    );
    assert_eq!(codes(&got), [""; 0]);
    assert_eq!(upkeep(&got, "b"), EVERYTHING);
    assert_eq!(upkeep(&got, "itself"), ["logging itself"]);
    assert_eq!(upkeep(&got, "bare"), [""; 0]);
}

#[test]
fn what_is_not_known_before_deployment_stays_so() {
    let got = ingest_file(
        "t.yaml",
        "
Parameters: {X: {Type: String}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: b
      ObjectLockEnabled: !Ref X
      VersioningConfiguration: {Status: !Ref X}
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: !Ref X}}]
      LifecycleConfiguration: {Rules: [{Status: !Ref X, NoncurrentVersionExpirationInDays: 3}]}
",
        None,
    );
    let unknown = ["versioning", "encryption", "lifecycle", "object lock"].map(|name| format!("{name} not deployed"));
    assert_eq!(upkeep(&got, "b"), unknown);
    let got = ingest_texts(&[(
        "main.tf",
        r#"
        variable "x" {}
        resource "aws_s3_bucket" "b" { bucket = "b" }
        resource "aws_s3_bucket_versioning" "b" {
            bucket = aws_s3_bucket.b.id
            versioning_configuration { status = var.x }
        }
        resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
            bucket = aws_s3_bucket.b.id
            rule {
                apply_server_side_encryption_by_default { sse_algorithm = var.x }
            }
        }
        resource "aws_s3_bucket_lifecycle_configuration" "b" {
            bucket = aws_s3_bucket.b.id
            rule {
                id = "x"
                status = "Enabled"
                filter { prefix = var.x }
                abort_incomplete_multipart_upload { days_after_initiation = 7 }
            }
        }
        "#,
    )]);
    assert_eq!(upkeep(&got, "b"), unknown[..3]);
}

#[test]
fn terraform_carries_them_in_resources_and_in_arguments() {
    let new = r#"
        variable "days" {}
        resource "aws_s3_bucket" "b" {
            bucket = "b"
            object_lock_enabled = true
        }
        resource "aws_s3_bucket_versioning" "b" {
            bucket = aws_s3_bucket.b.id
            versioning_configuration { status = "Enabled" }
        }
        resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
            bucket = aws_s3_bucket.b.id
            rule {
                apply_server_side_encryption_by_default {
                    sse_algorithm = "aws:kms"
                    kms_master_key_id = aws_kms_key.k.arn
                }
            }
        }
        resource "aws_s3_bucket_logging" "b" {
            bucket = aws_s3_bucket.b.id
            target_bucket = "logs"
            target_prefix = "b/"
        }
        resource "aws_s3_bucket_lifecycle_configuration" "b" {
            bucket = aws_s3_bucket.b.id
            rule {
                id = "versions"
                status = "Enabled"
                filter {}
                noncurrent_version_expiration { noncurrent_days = var.days }
            }
            rule {
                id = "uploads"
                status = "Enabled"
                abort_incomplete_multipart_upload { days_after_initiation = 7 }
            }
        }
        "#;
    let old = r#"
        resource "aws_s3_bucket" "b" {
            bucket = "b"
            versioning { enabled = true }
            logging { target_bucket = "logs" }
            object_lock_configuration { object_lock_enabled = "Enabled" }
            server_side_encryption_configuration {
                rule {
                    apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
                }
            }
            lifecycle_rule {
                enabled = true
                abort_incomplete_multipart_upload_days = 7
                noncurrent_version_expiration { days = 30 }
            }
        }
        "#;
    for text in [new, old] {
        let got = ingest_texts(&[("main.tf", text)]);
        assert_eq!(codes(&got), [""; 0]);
        assert_eq!(upkeep(&got, "b"), EVERYTHING);
    }
    let mfa = new.replace(
        "versioning_configuration { status = \"Enabled\" }",
        "versioning_configuration {\nstatus = \"Enabled\"\nmfa_delete = \"Enabled\"\n}",
    );
    let got = ingest_texts(&[("main.tf", mfa)]);
    assert_eq!(upkeep(&got, "b")[0], "versioning true true");
}

#[test]
fn a_state_carries_them() {
    let state = r#"{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {"resources": [
        {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {
            "bucket": "b", "versioning": [{"enabled": true, "mfa_delete": false}], "logging": [{"target_bucket": "logs", "target_prefix": ""}],
            "object_lock_enabled": true, "object_lock_configuration": [],
            "server_side_encryption_configuration": [{"rule": [{"apply_server_side_encryption_by_default":
                [{"kms_master_key_id": "", "sse_algorithm": "aws:kms"}], "bucket_key_enabled": false}]}],
            "lifecycle_rule": []}},
        {"address": "aws_s3_bucket_lifecycle_configuration.b", "mode": "managed", "type": "aws_s3_bucket_lifecycle_configuration",
         "name": "b", "values": {"bucket": "b", "rule": [{"id": "x", "status": "Enabled", "prefix": "",
            "filter": [{"and": [], "object_size_greater_than": null, "object_size_less_than": null, "prefix": "", "tag": []}],
            "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}], "expiration": [], "transition": [],
            "noncurrent_version_expiration": [{"newer_noncurrent_versions": null, "noncurrent_days": 30}]}]}}]}}}"#;
    let got = ingest_texts(&[("state.json", state)]);
    assert_eq!(codes(&got), [""; 0]);
    assert_eq!(upkeep(&got, "b"), EVERYTHING);
}
