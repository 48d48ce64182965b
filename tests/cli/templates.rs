//! CloudFormation templates, from the file to the finding.

use crate::program::{directory, run};

const TEMPLATE: &str = "AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Partner: {Type: String}
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration: {BlockPublicAcls: true}
  Access:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: '*'
            Action: s3:GetObject
            Resource: !Sub '${Data.Arn}/*'
            Condition: {StringEquals: {aws:PrincipalAccount: !Ref Partner}}
          - Effect: Allow
            Principal: '*'
            Action: s3:PutObject
            Resource: !Sub '${Data.Arn}/*'
";

#[test]
fn a_finding_points_at_the_line_of_the_template() {
    let at = directory(&[
        ("app/template.yaml", TEMPLATE),
        (".github/workflows/ci.yml", "on: push\n"),
    ]);
    let outcome = run(at.path(), "scan . --account 111122223333");
    let public = outcome.stdout.lines().find(|line| line.contains("s3/public-write"));
    let public = public.unwrap_or_else(|| panic!("{}", outcome.stdout));
    assert!(public.starts_with("app/template.yaml:22:24:"), "{public}");
    assert!(public.contains("arn:aws:s3:::${Data}/*"), "{public}");
    assert!(!outcome.stdout.contains("ci.yml"), "{}", outcome.stdout);
    assert_eq!(outcome.status, Some(1));
}

#[test]
fn parameters_are_given_in_a_file() {
    let given = r#"{"Parameters": {"Partner": "444455556666"}}"#;
    let at = directory(&[("t.yaml", TEMPLATE), ("p.json", given)]);
    let who = |arguments: &str| run(at.path(), &format!("access t.yaml {arguments}")).stdout;
    assert!(who("").contains("${Partner}"), "{}", who(""));
    let known = who("--parameters p.json --account 111122223333");
    assert!(
        known.contains("444455556666") && known.contains("111122223333"),
        "{known}"
    );
    assert!(!known.contains("${Partner}"), "{known}");
    let outcome = run(at.path(), "access t.yaml --parameters nowhere.json");
    assert_eq!(outcome.status, Some(2), "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn a_file_that_is_no_template_is_an_error_where_it_is_named() {
    let at = directory(&[("ci.yml", "on: push\n"), ("t.yaml", TEMPLATE)]);
    assert_eq!(run(at.path(), "access ci.yml").status, Some(2));
    assert_eq!(run(at.path(), "access .").status, Some(0));
    assert_eq!(run(at.path(), "access t.yaml --kind cloudformation").status, Some(0));
    assert_eq!(run(at.path(), "access t.yaml --kind policy").status, Some(2));
}

#[test]
fn a_template_of_something_else_has_nothing_to_judge() {
    let at = directory(&[("queue.yaml", "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n")]);
    assert_eq!(run(at.path(), "scan queue.yaml").status, Some(0));
    let at = directory(&[("main.tf", "resource \"aws_sqs_queue\" \"q\" {}\n")]);
    assert_eq!(run(at.path(), "scan .").status, Some(0));
}

/// A bucket whose policy differs by a test that nobody knows yet, and a partner that nobody knows yet.
const ROOT: &str = r#"variable "public" { type = bool }
variable "partner" {}

resource "aws_s3_bucket" "b" {
  bucket = "acme-data"
}

resource "aws_s3_bucket_public_access_block" "b" {
  bucket            = aws_s3_bucket.b.id
  block_public_acls = true
}

resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.b.arn}/*"
        Principal = var.public ? "*" : { AWS = "arn:aws:iam::111122223333:root" }
      },
      {
        Effect    = "Allow"
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.b.arn}/*"
        Principal = { AWS = var.partner }
      },
    ]
  })
}
"#;

#[test]
fn what_is_not_known_before_deployment_is_assumed_and_told() {
    let at = directory(&[("main.tf", ROOT)]);
    let outcome = run(
        at.path(),
        "scan . --account 111122223333 --format json --allow-incomplete",
    );
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let schema = include_str!("../../docs/schema/scan.v1.json");
    let schema: serde_json::Value = serde_json::from_str(schema).expect("a schema");
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("a schema")
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
    let findings = report["findings"].as_array().expect("a list");
    let of = |rule: &str| -> Vec<_> { findings.iter().filter(|finding| finding["rule"] == rule).collect() };
    // The leak is there only where the test holds; the partner gets in whatever it is, and is told once.
    let [public] = of("s3/public-read")[..] else {
        panic!("{findings:?}")
    };
    assert_eq!(public["when"][0]["test"], "var.public");
    assert_eq!(public["when"][0]["holds"], true);
    let [partner] = of("s3/external-account")[..] else {
        panic!("{findings:?}")
    };
    let message = partner["message"].as_str().expect("a text");
    assert!(message.contains("account ${var.partner}"), "{message}");
    let strict = run(at.path(), "scan . --account 111122223333 --unknowns strict");
    assert_eq!(strict.status, Some(2), "{}", strict.stdout);
    let known = "scan . --account 111122223333 --var public=false --var partner=111122223333";
    assert_eq!(run(at.path(), known).status, Some(0));
}
