//! Comments that set findings aside.

use crate::repository::Repository;

const BUCKETS: &str = "infra/buckets.tf";
const DATA: &str = "stacks/data.yaml";
const AUDITOR: &str = "      Principal = { AWS = \"arn:aws:iam::444455556666:root\" }\n      Action    = [";
const REPORTS: &str = "resource \"aws_s3_bucket\" \"reports\" {";
const RULE: &str = "s3/external-account";

/// The base with a text in front of another one, or behind a line.
fn with(path: &str, at: &str, comment: &str) -> Repository {
    let repository = Repository::new();
    repository.edit(path, at, comment);
    repository
}

fn suppressed(repository: &Repository, arguments: &str) -> Vec<String> {
    repository.findings(arguments, "suppressed").0
}

#[test]
fn a_comment_above_or_behind_the_line_sets_it_aside() {
    let above = format!("      # bucketproof: ignore[{RULE}] the auditor\n{AUDITOR}");
    let behind = AUDITOR.replace(
        "}\n",
        &format!("}} // bucketproof: ignore[{RULE}] until 2026-12-31 the auditor\n"),
    );
    let resource = format!("# bucketproof: ignore[s3/public-read, {RULE}] the auditor\n{REPORTS}");
    for (at, comment, line) in [(AUDITOR, &above, 22), (AUDITOR, &behind, 21), (REPORTS, &resource, 22)] {
        let repository = with(BUCKETS, at, comment);
        assert_eq!(
            suppressed(&repository, "infra"),
            [format!("infra/buckets.tf:{line} {RULE}")],
            "{comment}"
        );
    }
}

#[test]
fn templates_in_yaml_have_comments_as_well() {
    let from = "            Principal: \"*\"\n            Action: s3:GetObject\n            Resource: !Sub arn:aws:s3:::${Exports}/*\n            Condition:\n              StringEquals:\n                aws:PrincipalOrgID: o-exampleorgid";
    let to = "            Principal: \"*\" # bucketproof: ignore[s3/public-read] open data\n            Action: s3:GetObject\n            Resource: !Sub arn:aws:s3:::${Exports}/*";
    let repository = with(DATA, from, to);
    assert_eq!(
        suppressed(&repository, "stacks"),
        ["stacks/data.yaml:21 s3/public-read"]
    );
}

#[test]
fn what_is_in_a_text_is_no_comment() {
    let text = format!(
        "  bucket = \"acme-reports\"\n  tags = {{ why = <<-X\n      # bucketproof: ignore[{RULE}] not a comment\n      X\n  }}"
    );
    let repository = with(BUCKETS, "  bucket = \"acme-reports\"", &text);
    assert_eq!(suppressed(&repository, "infra"), [""; 0]);
    assert!(!repository.shown("scan infra -v").contains("this comment"));
    let yaml = "AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: |\n  # bucketproof: nonsense\n";
    let repository = with(DATA, "AWSTemplateFormatVersion: \"2010-09-09\"\n", yaml);
    assert!(!repository.shown("scan stacks -v").contains("this comment"));
}

#[test]
fn comments_that_do_nothing_are_told() {
    let check = |comment: &str, expected: &str| {
        let repository = with(BUCKETS, AUDITOR, &format!("      # bucketproof: {comment}\n{AUDITOR}"));
        let shown = repository.shown("scan infra");
        assert!(
            shown.contains(&format!(
                "infra/buckets.tf:21:7: warning[bucketproof::rules::{expected}"
            )),
            "{shown}"
        );
        assert_eq!(suppressed(&repository, "infra"), [""; 0], "{comment}");
    };
    check("ignore[s3/external-account]", "no_reason] this comment gives no reason");
    check(
        "ignore the auditor",
        "comment_not_understood] this comment is not understood",
    );
    check(
        "ignore[s3/public-read] why",
        "dead_suppression] this comment sets nothing aside: `s3/public-read` has",
    );
    check(
        "ignore[s3/external-acount] why",
        "dead_suppression] this comment names `s3/external-acount`, which is no",
    );
    check(
        "ignore[s3/external-account] until 2025-12-31 why",
        "expired_suppression] this comment ended on 2025-12-31",
    );
}

#[test]
fn comments_need_not_count() {
    let repository = with(
        BUCKETS,
        AUDITOR,
        &format!("      # bucketproof: ignore[{RULE}] the auditor\n{AUDITOR}"),
    );
    let arguments = "infra --no-inline-suppressions";
    assert_eq!(suppressed(&repository, arguments), [""; 0]);
    let shown = repository.shown(&format!("scan {arguments}"));
    let listed = format!(
        "infra/buckets.tf:21:7: warning[bucketproof::rules::inline_suppression] a comment would set `{RULE}` aside: the auditor"
    );
    assert!(shown.contains(&listed), "{shown}");
    assert!(
        shown.contains(&format!("infra/buckets.tf:22:19: medium[{RULE}] account")),
        "{shown}"
    );
}
