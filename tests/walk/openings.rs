//! Ten ways in which a pull request opens something: one finding each, at the line that does it.

use crate::repository::{Edit, Repository};

const BUCKETS: &str = "infra/buckets.tf";
const PACKAGES: &str = "infra/policies/packages.json";
const ROLES: &str = "infra/roles.tf";
const DATA: &str = "stacks/data.yaml";

fn check(edits: &[Edit<'_>], expected: &str) {
    let repository = Repository::with(edits);
    let (new, status) = repository.findings("--since main", "new");
    assert_eq!(new, [expected]);
    assert_eq!(status, Some(1));
}

#[test]
fn a_wildcard_for_a_principal() {
    let edit = (
        BUCKETS,
        "{ AWS = \"arn:aws:iam::444455556666:root\" }\n      Action    = [\"s3:GetObject\", \"s3:ListBucket\"]",
        "\"*\"\n      Action    = [\"s3:GetObject\"]",
    );
    check(&[edit], "infra/buckets.tf:21 s3/public-read");
}

#[test]
fn a_deny_removed() {
    let text = include_str!("base/infra/policies/packages.json");
    let (_, rest) = text.split_once(",\n    {").expect("a second statement");
    let (deny, _) = rest.split_once("\n  ]").expect("its end");
    let edit = (PACKAGES, &*format!(",\n    {{{deny}"), "");
    check(&[edit], "infra/policies/packages.json:7 s3/public-read");
}

#[test]
fn a_condition_weakened() {
    let edit = (
        DATA,
        "StringEquals:\n                aws:PrincipalOrgID: o-exampleorgid",
        "StringLike:\n                aws:PrincipalOrgID: o-*",
    );
    check(&[edit], "stacks/data.yaml:21 s3/any-aws-account");
}

#[test]
fn a_block_switched_off() {
    let edit = (
        BUCKETS,
        "restrict_public_buckets = true",
        "restrict_public_buckets = false",
    );
    check(&[edit], "infra/buckets.tf:65 s3/public-read");
}

#[test]
fn the_ownership_changed() {
    let path = "snapshot/111122223333/s3/acme-images/bucket-ownership-controls.json";
    let edit = (path, "BucketOwnerEnforced", "BucketOwnerPreferred");
    check(
        &[edit],
        "snapshot/111122223333/s3/acme-images/objects/1.json:6 s3/public-read",
    );
}

#[test]
fn an_acl() {
    let edit = (DATA, "AccessControl: Private", "AccessControl: PublicRead");
    check(&[edit], "stacks/data.yaml:31 s3/public-list");
}

#[test]
fn a_trust_widened() {
    let edit = (
        ROLES,
        "identifiers = [\"arn:aws:iam::111122223333:root\"]",
        "identifiers = [\"*\"]",
    );
    check(&[edit], "infra/roles.tf:24 iam-trust/anyone");
}

#[test]
fn a_pattern_of_subjects_loosened() {
    let edit = (ROLES, "repo:acme/app:*", "repo:acme*");
    check(&[edit], "infra/roles.tf:7 iam-trust/oidc-foreign-owner");
}

#[test]
fn an_access_point_that_everybody_may_use() {
    let edit = (
        DATA,
        "Principal:\n              AWS: arn:aws:iam::111122223333:root",
        "Principal: \"*\"",
    );
    check(&[edit], "stacks/data.yaml:78 s3/access-point-public");
}

#[test]
fn one_more_partner() {
    let one = "[\"arn:aws:iam::777788889999:root\"]";
    let both = "[\"arn:aws:iam::777788889999:root\", \"arn:aws:iam::888899990000:root\"]";
    check(&[(ROLES, one, both)], "infra/roles.tf:40 unintended-access");
}
