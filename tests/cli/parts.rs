//! A part of a snapshot is judged with what lies around it and decides about it.

use crate::program::{ACCOUNT_BLOCK, BUCKET_BLOCK, CLOSED, OPEN, Outcome, directory, run};

const BUCKET_POLICY: &str = "snapshot/111122223333/s3/data-1/bucket-policy.json";

const PUBLIC: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow", "Principal": "*",
    "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::data-1/*"}]}"#;

fn counts(outcome: &Outcome, rule: &str) -> usize {
    outcome.stdout.matches(&format!("[{rule}]")).count()
}

#[test]
fn the_account_holds_a_bucket_that_is_named_alone() {
    let at = directory(&[(ACCOUNT_BLOCK, CLOSED), (BUCKET_BLOCK, OPEN), (BUCKET_POLICY, PUBLIC)]);
    for path in [
        "snapshot",
        "snapshot/111122223333/s3",
        "snapshot/111122223333/s3/data-1",
        BUCKET_POLICY,
    ] {
        let outcome = run(at.path(), &format!("scan {path}"));
        let found = ["s3/latent-public", "s3/public-read", "s3-guardrails/account-block-off"]
            .map(|rule| counts(&outcome, rule));
        assert_eq!(found, [1, 0, 0], "{path}: {}", outcome.stdout);
    }
    let outcome = run(&at.path().join("snapshot/111122223333"), "scan s3/data-1");
    assert_eq!(counts(&outcome, "s3/latent-public"), 1, "{}", outcome.stdout);
}

#[test]
fn a_file_alone_is_judged_with_the_rest_of_its_bucket() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), (BUCKET_BLOCK, CLOSED), (BUCKET_POLICY, PUBLIC)]);
    let outcome = run(at.path(), &format!("scan {BUCKET_POLICY}"));
    assert_eq!(counts(&outcome, "s3/latent-public"), 1, "{}", outcome.stdout);
    assert_eq!(counts(&outcome, "s3/public-read"), 0, "{}", outcome.stdout);
}

/// What lies below two paths is read once, and both are read.
#[test]
fn a_path_below_another_one_is_no_mistake() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), (BUCKET_BLOCK, CLOSED), (BUCKET_POLICY, PUBLIC)]);
    for paths in [
        format!("snapshot {BUCKET_POLICY}"),
        format!("{BUCKET_POLICY} snapshot"),
        "snapshot snapshot".to_owned(),
    ] {
        let outcome = run(at.path(), &format!("access {paths}"));
        assert_eq!(outcome.status, Some(0), "{paths}: {}", outcome.stdout);
        assert!(outcome.stdout.contains("1 resource"), "{paths}: {}", outcome.stdout);
    }
}

#[test]
fn suppressions_of_what_is_not_named_are_not_called_dead() {
    let suppress = |resource: &str| {
        format!("[[suppress]]\nrule = \"s3-guardrails/bucket-block-off\"\nresource = \"{resource}\"\nreason = \"x\"\n")
    };
    let elsewhere = suppress("arn:aws:s3:::other");
    let at = directory(&[(BUCKET_BLOCK, CLOSED), ("bucketproof.toml", &elsewhere)]);
    let outcome = run(at.path(), "scan snapshot");
    assert!(!outcome.stdout.contains("dead_suppression"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("1 note (`-v` shows it)"), "{}", outcome.stdout);
    let outcome = run(at.path(), "scan snapshot -v");
    let says = "`arn:aws:s3:::other` is not in the input";
    assert!(outcome.stdout.contains(says), "{}", outcome.stdout);
    let here = suppress("arn:aws:s3:::data-1");
    let at = directory(&[(BUCKET_BLOCK, CLOSED), ("bucketproof.toml", &here)]);
    let outcome = run(at.path(), "scan snapshot");
    assert!(
        outcome.stdout.contains("warning[bucketproof::rules::dead_suppression]"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn a_missing_account_block_is_reported_where_aws_says_so() {
    let none = "\nAn error occurred (NoSuchPublicAccessBlockConfiguration) when calling the GetPublicAccessBlock operation: -\n";
    let roles = r#"{"RoleDetailList": [{"RoleName": "r", "RoleId": "AROAEXAMPLE0000000001", "Path": "/",
        "Arn": "arn:aws:iam::111122223333:role/r", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}]}"#;
    let iam = "snapshot/111122223333/iam/account-authorization-details.json";
    let at = directory(&[(ACCOUNT_BLOCK, none), (iam, roles)]);
    let outcome = run(at.path(), "scan snapshot");
    let place = format!("{ACCOUNT_BLOCK}:1:1: low[s3-guardrails/account-block-off]");
    assert!(outcome.stdout.contains(&place), "{}", outcome.stdout);
}

#[test]
fn the_witness_shows_what_the_finding_says() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), (BUCKET_BLOCK, OPEN), (BUCKET_POLICY, PUBLIC)]);
    let outcome = run(at.path(), "scan snapshot");
    let witness = |rule: &str| {
        let mut lines = outcome.stdout.lines().skip_while(|line| !line.contains(rule));
        lines.nth(1).unwrap_or_default().to_owned()
    };
    assert!(
        witness("s3/public-read").contains(": s3:GetObject "),
        "{}",
        outcome.stdout
    );
    assert!(
        witness("s3/public-write").contains(": s3:PutObject "),
        "{}",
        outcome.stdout
    );
}

#[test]
fn the_worst_comes_first() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), (BUCKET_BLOCK, OPEN), (BUCKET_POLICY, PUBLIC)]);
    let outcome = run(at.path(), "scan snapshot");
    let places: Vec<usize> = ["critical[", "low["]
        .into_iter()
        .flat_map(|severity| outcome.stdout.match_indices(severity))
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places.len(), 6, "{}", outcome.stdout);
    assert!(places.is_sorted(), "{}", outcome.stdout);
}

#[test]
fn a_table_for_a_program_breaks_no_names() {
    let bucket = format!(
        "snapshot/111122223333/s3/{}/public-access-block.json",
        "long-".repeat(12) + "x"
    );
    let at = directory(&[(bucket.as_str(), CLOSED)]);
    let outcome = run(at.path(), "access snapshot");
    assert!(
        outcome.stdout.contains(&("long-".repeat(12) + "x")),
        "{}",
        outcome.stdout
    );
}

/// What decides about the bucket and cannot be read is not taken for absent.
#[cfg(unix)]
#[test]
fn what_lies_around_and_cannot_be_read_is_told() {
    use std::os::unix::fs::symlink;
    let at = directory(&[(BUCKET_BLOCK, OPEN), (BUCKET_POLICY, PUBLIC)]);
    let control = at.path().join("snapshot/111122223333/s3control");
    symlink(&control, &control).expect("a link to itself");
    let outcome = run(at.path(), "scan snapshot/111122223333/s3/data-1 --format plain");
    assert_eq!(outcome.status, Some(2), "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains("snapshot/111122223333/s3control: error["),
        "{}",
        outcome.stdout
    );

    let at = directory(&[(ACCOUNT_BLOCK, CLOSED), (BUCKET_BLOCK, OPEN), (BUCKET_POLICY, PUBLIC)]);
    let block = at.path().join(ACCOUNT_BLOCK);
    std::fs::rename(&block, at.path().join("block.json")).expect("moved");
    symlink(at.path().join("block.json"), &block).expect("a link");
    let outcome = run(at.path(), "scan snapshot/111122223333/s3/data-1 --format plain");
    let says = format!("the symbolic link `{ACCOUNT_BLOCK}` is not followed");
    assert!(outcome.stdout.contains(&says), "{}", outcome.stdout);
}
