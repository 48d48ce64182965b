//! Findings that were written down once: they do not count until they grow.

use std::fs;

use crate::repository::Repository;
use crate::schemas::{problems, schema};

const BUCKETS: &str = "infra/buckets.tf";
const REPORTS: &str = "Action    = [\"s3:GetObject\", \"s3:ListBucket\"]";

/// A repository whose findings are written down.
fn written() -> Repository {
    let repository = Repository::new();
    let output = repository.run("scan --write-baseline baseline.json");
    assert_eq!(output.status.code(), Some(1));
    repository
}

fn new(repository: &Repository) -> Vec<String> {
    repository.findings("--baseline baseline.json", "new").0
}

#[test]
fn what_is_written_down_does_not_count() {
    let repository = written();
    assert_eq!(
        repository.findings("--baseline baseline.json", "new"),
        (Vec::new(), Some(0))
    );
    let text = fs::read_to_string(repository.path().join("baseline.json")).expect("a baseline");
    // Writing it again changes nothing, and each finding has a line for reviewers.
    repository.run("scan --baseline baseline.json --write-baseline again.json");
    assert_eq!(
        fs::read_to_string(repository.path().join("again.json")).expect("a baseline"),
        text
    );
    let schema = schema(include_str!("../../docs/schema/baseline.v1.json"));
    assert_eq!(problems(&schema, &serde_json::from_str(&text).expect("JSON")), [""; 0]);
    let line = text
        .lines()
        .find(|line| line.contains("444455556666 has s3:GetObject"))
        .expect("a line");
    for part in [
        "\"rule\":\"s3/external-account\"",
        "account 444455556666 has s3:GetObject, s3:ListBucket on",
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn moves_and_other_words_are_no_news() {
    let repository = written();
    repository.git(&["mv", "infra/roles.tf", "infra/trust.tf"]);
    repository.edit(
        BUCKETS,
        "Action    = [\"s3:GetObject\", \"s3:ListBucket\"]\n      Resource  = [aws_s3_bucket.reports.arn, \"${aws_s3_bucket.reports.arn}/*\"]",
        "Action    = \"s3:GetObject\"\n      Resource  = \"${aws_s3_bucket.reports.arn}/*\"\n    }, {\n      Effect = \"Allow\"\n      Principal = { AWS = \"444455556666\" }\n      Action = \"s3:ListBucket\"\n      Resource = aws_s3_bucket.reports.arn",
    );
    assert_eq!(new(&repository), [""; 0]);
}

#[test]
fn a_bucket_that_aws_names_may_move() {
    let repository = written();
    let text = fs::read_to_string(repository.path().join(BUCKETS)).expect("a file");
    let text = text.replace("aws_s3_bucket.exchange", "aws_s3_bucket.inbox");
    repository.write(
        BUCKETS,
        &text.replace("\"aws_s3_bucket\" \"exchange\"", "\"aws_s3_bucket\" \"inbox\""),
    );
    assert_eq!(new(&repository), [""; 0]);
    repository.edit(BUCKETS, "\"s3:PutObject\"", "[\"s3:PutObject\", \"s3:GetObject\"]");
    assert_eq!(new(&repository), ["infra/buckets.tf:81 s3/external-account"]);
}

#[test]
fn what_grew_is_new_again() {
    let check = |path, from, to, expected: &str| {
        let repository = written();
        repository.edit(path, from, to);
        assert_eq!(new(&repository), [expected], "{to}");
    };
    let with_put = "Action    = [\"s3:GetObject\", \"s3:ListBucket\", \"s3:PutObject\"]";
    check(BUCKETS, REPORTS, with_put, "infra/buckets.tf:21 s3/external-account");
    let roles = "infra/roles.tf";
    let condition = "      Condition = { StringEquals = { \"sts:ExternalId\" = \"acme-7f3a\" } }\n";
    check(
        roles,
        condition,
        "",
        "infra/roles.tf:40 iam-trust/external-without-external-id",
    );
    check(
        roles,
        "repo:acme/app:*",
        "repo:acme/*",
        "infra/roles.tf:7 iam-trust/oidc-any-repository",
    );
}

#[test]
fn what_is_gone_is_told() {
    let repository = written();
    repository.edit(BUCKETS, "\"s3:PutObject\"", "\"s3:PutObjectTagging\"");
    let shown = repository.shown("scan --baseline baseline.json -v");
    assert!(
        shown.contains("baseline.json: note[bucketproof::commands::stale_baseline]"),
        "{shown}"
    );
    assert!(shown.contains("write the baseline anew"), "{shown}");
}

#[test]
fn a_file_that_is_no_baseline_is_an_error() {
    let repository = Repository::new();
    for text in [
        "",
        "[]",
        "{\"schema\": \"bucketproof.baseline.v9\", \"findings\": []}",
        "{\"schema\": \"bucketproof.baseline.v1\", \"findings\": [{}]}",
    ] {
        repository.write("baseline.json", text);
        let shown = repository.shown("scan --baseline baseline.json");
        assert!(shown.contains("`baseline.json` cannot be read"), "{shown}");
        assert!(shown.ends_with("exit status 2\n"), "{shown}");
    }
}
