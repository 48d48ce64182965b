//! `fix`: what it must not take away, write over or break.

use std::fs;
use std::io::Write as _;

use crate::program::{directory, run};

const OWNER: &str = "--as bucket-policy:b --account 111122223333";

fn policy(statements: &str) -> String {
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [\n{statements}\n]}}\n")
}

/// A statement that only the owner's role reads by.
const OWN: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}"#;

#[test]
fn what_no_rule_speaks_of_is_never_taken_away() {
    let range = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
 "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}"#;
    let at = directory(&[("policy.json", &policy(&format!("{range},\n{OWN}")))]);
    let outcome = run(at.path(), &format!("fix policy.json {OWNER} --rule unintended-access"));
    assert_eq!(outcome.status, Some(1), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("only its owner knows"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("--- a/"), "{}", outcome.stdout);
}

#[test]
fn a_service_is_guarded_and_never_shut_out() {
    let mixed = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app",
 "Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}"#;
    let at = directory(&[("policy.json", &policy(&format!("{mixed},\n{OWN}")))]);
    let outcome = run(at.path(), &format!("fix policy.json {OWNER} --packs s3"));
    let taken = outcome.stdout.contains("take ") || outcome.stdout.contains("edit: deny");
    assert!(!taken, "{}", outcome.stdout);
}

#[test]
fn an_account_that_is_not_known_is_a_placeholder() {
    let open = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#;
    let at = directory(&[("policy.json", &policy(&format!("{open},\n{OWN}")))]);
    let outcome = run(at.path(), "fix policy.json --as bucket-policy:b --rule s3/public-read");
    assert_eq!(outcome.status, Some(1), "{}", outcome.stdout);
    for part in ["NEEDS INPUT", "\"arn:aws:iam::REPLACE-WITH-ACCOUNT-ID:root\""] {
        assert!(outcome.stdout.contains(part), "{}", outcome.stdout);
    }
}

#[test]
fn a_compressed_file_is_not_edited() {
    let at = directory(&[]);
    let file = fs::File::create(at.path().join("policy.json.gz")).expect("a file");
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    let open = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}"#;
    packed.write_all(policy(open).as_bytes()).expect("a file");
    packed.finish().expect("a file");
    let outcome = run(at.path(), &format!("fix policy.json.gz {OWNER}"));
    assert_eq!(outcome.status, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert!(!outcome.stdout.contains("--- a/"), "{}", outcome.stdout);
}

#[test]
fn what_a_new_statement_makes_needless_goes_in_the_same_run() {
    let narrow = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b",
 "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#;
    let at = directory(&[("policy.json", &policy(&format!("{narrow},\n{OWN}")))]);
    let first = run(at.path(), &format!("fix policy.json {OWNER} --write"));
    assert_eq!(first.status, Some(0), "{}{}", first.stdout, first.stderr);
    let again = run(at.path(), &format!("fix policy.json {OWNER}"));
    assert!(!again.stdout.contains("--- a/"), "{}", again.stdout);
}

/// A bucket whose ACL is set beside it.
fn with_acl(acl: &str, more: &str) -> String {
    format!(
        r#"resource "aws_s3_bucket" "b" {{
  bucket = "b-1"
}}

resource "aws_s3_bucket_acl" "b" {{
  bucket = aws_s3_bucket.b.id
  acl    = "{acl}"
}}

resource "aws_s3_bucket_ownership_controls" "b" {{
  bucket = aws_s3_bucket.b.id

  rule {{
    object_ownership = "BucketOwnerPreferred"
  }}
}}
{more}"#
    )
}

#[test]
fn no_acl_is_left_to_set_where_acls_are_switched_off() {
    let arguments = "fix . --packs s3,s3-guardrails --rule s3-guardrails/acls-enabled --rule s3/public-list \
                     --rule s3/public-read --rule s3/latent-public";
    // [OWN-01]: setting one would fail; [OWN-05]: so would switching off before it is closed.
    for acl in ["private", "public-read"] {
        let at = directory(&[("main.tf", &with_acl(acl, ""))]);
        let outcome = run(at.path(), &format!("{arguments} --write"));
        assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
        let text = fs::read_to_string(at.path().join("main.tf")).expect("the file");
        assert!(text.contains("BucketOwnerEnforced"), "{text}");
        assert!(
            !text.contains("aws_s3_bucket_acl") && !text.contains("\n\n\n"),
            "{text}"
        );
    }
    // Log delivery writes by it; somebody refers to it.
    let refers = "\noutput \"acl\" {\n  value = aws_s3_bucket_acl.b.id\n}\n";
    for text in [with_acl("log-delivery-write", ""), with_acl("private", refers)] {
        let at = directory(&[("main.tf", &text)]);
        let outcome = run(at.path(), "fix . --rule s3-guardrails/acls-enabled");
        assert_eq!(outcome.status, Some(1), "{}", outcome.stdout);
        assert!(!outcome.stdout.contains("--- a/"), "{}", outcome.stdout);
    }
}

#[test]
fn what_an_expression_sets_is_not_written_over() {
    let text = r#"variable "versioning" {
  default = false
}

resource "aws_s3_bucket" "b" {
  bucket = "b-1"
}

resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id

  versioning_configuration {
    status = var.versioning ? "Enabled" : "Suspended"
  }
}
"#;
    let at = directory(&[("main.tf", text)]);
    let outcome = run(at.path(), "fix . --packs s3-hygiene --rule s3-hygiene/versioning-off");
    assert_eq!(outcome.status, Some(1), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("set by an expression"), "{}", outcome.stdout);
}

#[test]
fn new_resources_are_laid_out_as_terraform_does() {
    let at = directory(&[("main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b-1\"\n}\n")]);
    let outcome = run(
        at.path(),
        "fix . --packs s3-hygiene --rule s3-hygiene/incomplete-uploads-kept --write",
    );
    assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let text = fs::read_to_string(at.path().join("main.tf")).expect("the file");
    let (_, added) = text.split_once("}\n\n").expect("a resource behind it");
    assert_eq!(
        added,
        r#"resource "aws_s3_bucket_lifecycle_configuration" "b" {
  bucket = aws_s3_bucket.b.id

  rule {
    id     = "end-incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}
"#
    );
}

#[test]
fn two_findings_that_need_one_new_member_are_closed_one_after_the_other() {
    let text = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      VersioningConfiguration:\n        \
                Status: Enabled\n";
    let at = directory(&[("template.yaml", text)]);
    let rules = "--rule s3-hygiene/incomplete-uploads-kept --rule s3-hygiene/noncurrent-versions-kept \
                 --rule s3-hygiene/without-kms-key";
    let outcome = run(at.path(), &format!("fix . --packs s3-hygiene {rules}"));
    assert!(outcome.stdout.contains("3 findings closed"), "{}", outcome.stdout);
}

#[test]
fn a_service_that_acts_for_a_named_account_keeps_its_access() {
    let trail = r#"{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
 "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"aws:SourceArn":
 "arn:aws:cloudtrail:eu-west-1:444455556666:trail/all"}}}"#;
    let at = directory(&[("policy.json", &policy(trail))]);
    let outcome = run(at.path(), &format!("fix policy.json {OWNER} --rule unintended-access"));
    assert!(!outcome.stdout.contains("--- a/"), "{}", outcome.stdout);
}

#[test]
fn an_item_of_aws_config_is_no_template() {
    let item = r#"{
  "version": "1.3",
  "accountId": "111122223333",
  "configurationItemStatus": "OK",
  "arn": "arn:aws:iam::111122223333:role/r",
  "resourceType": "AWS::IAM::Role",
  "resourceId": "AROAEXAMPLE",
  "resourceName": "r",
  "awsRegion": "global",
  "configuration": {
    "path": "/",
    "roleName": "r",
    "arn": "arn:aws:iam::111122223333:role/r",
    "assumeRolePolicyDocument": {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}
      ]
    }
  },
  "supplementaryConfiguration": {}
}
"#;
    let at = directory(&[("item.json", item)]);
    let outcome = run(at.path(), "fix item.json --rule iam-trust/confused-deputy");
    assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(
        outcome.stdout.contains(r#""aws:SourceAccount": "111122223333""#),
        "{}",
        outcome.stdout
    );
}

#[test]
fn only_the_entry_that_adds_nothing_goes() {
    let own = OWN.replace("\"s3:PutObject\"", "[\"s3:PutObject\", \"s3:Put*\"]");
    let other = OWN.replace("role/app", "role/other");
    let text = policy(&format!("{own},\n{other}"));
    let at = directory(&[("policy.json", &text)]);
    let arguments = format!("fix policy.json {OWNER} --rule policy-lint/redundant-element --write");
    let outcome = run(at.path(), &arguments);
    assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(!outcome.stdout.contains("lost:"), "{}", outcome.stdout);
    let after = fs::read_to_string(at.path().join("policy.json")).expect("the file");
    assert_eq!(after, text.replacen("\"s3:PutObject\", ", "", 1));
}

#[test]
fn no_new_resource_is_called_as_another_is() {
    let template = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n  BPolicy:\n    Type: AWS::S3::BucketPolicy\n    \
                    Properties:\n      Bucket: other\n      PolicyDocument:\n        Statement:\n          - Effect: \
                    Deny\n            Principal: '*'\n            Action: s3:*\n            Resource: arn:aws:s3:::other/*\n";
    let root = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b-1\"\n}\n\nresource \"aws_s3_bucket_policy\" \"b\" {\n  \
                bucket = \"other\"\n  policy = jsonencode({})\n}\n";
    for (name, text, expected) in [
        ("template.yaml", template, "\n+  BTlsPolicy:\n"),
        ("main.tf", root, "\n+resource \"aws_s3_bucket_policy\" \"b_bucket\" {\n"),
    ] {
        let at = directory(&[(name, text)]);
        let outcome = run(at.path(), "fix . --rule s3-guardrails/tls-not-required");
        assert!(outcome.stdout.contains(expected), "{}", outcome.stdout);
        assert!(!outcome.stdout.contains("${BPolicy}"), "{}", outcome.stdout);
    }
}
