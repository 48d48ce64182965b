//! `docs/pull-requests.md` shows what the program prints on the repository of this test.

use std::fs;
use std::path::Path;

use crate::repository::{Edit, Repository};

const BUCKETS: &str = "infra/buckets.tf";

fn check(repository: &Repository, arguments: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pull-requests.md");
    let page = fs::read_to_string(path).expect("a page");
    let shown = format!("$ bucketproof {arguments}\n{}", repository.shown(arguments));
    let shown = shown
        .replace("exit status 1\n", "$ echo $?\n1\n")
        .replace("exit status 0\n", "$ echo $?\n0\n");
    assert!(
        page.contains(&format!("```text\n{shown}```\n")),
        "the page lacks:\n{shown}"
    );
}

#[test]
fn the_page_shows_real_output() {
    let write: Edit<'_> = (
        BUCKETS,
        "Action    = [\"s3:GetObject\", \"s3:ListBucket\"]",
        "Action    = [\"s3:GetObject\", \"s3:ListBucket\", \"s3:PutObject\"]",
    );
    let open: Edit<'_> = (
        BUCKETS,
        "restrict_public_buckets = true",
        "restrict_public_buckets = false",
    );
    check(&Repository::with(&[open]), "scan --since main --format pretty");
    check(&Repository::with(&[write]), "scan --since main");
    check(&Repository::with(&[]), "scan --since main");
    let repository = Repository::with(&[]);
    repository.run("scan --write-baseline bucketproof-baseline.json");
    repository.edit(write.0, write.1, write.2);
    check(&repository, "scan --baseline bucketproof-baseline.json");
    let text = fs::read_to_string(repository.path().join("bucketproof-baseline.json")).expect("a baseline");
    let line = text
        .lines()
        .find(|line| line.contains("444455556666 has s3:GetObject"))
        .expect("a line");
    let page = include_str!("../../docs/pull-requests.md");
    assert!(page.contains(line), "the page lacks:\n{line}");
}
