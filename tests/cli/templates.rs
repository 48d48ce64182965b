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
