//! `incident new`, and what is said about a description that cannot be used.

use crate::program::{directory, run, write};

#[test]
fn a_description_is_written_once() {
    let directory = directory(&[]);
    let outcome = run(directory.path(), "incident new");
    assert_eq!(
        (outcome.status, outcome.stdout.as_str()),
        (Some(0), "wrote incident.toml\n")
    );
    let text = std::fs::read_to_string(directory.path().join("incident.toml")).expect("it was written");
    // What stands in comments is meant to be used.
    let mut filled = String::new();
    for line in text.lines() {
        let key = line.strip_prefix("# ").filter(|line| line.contains(" = "));
        filled.push_str(key.unwrap_or(line));
        filled.push('\n');
    }
    for text in [&text, &filled] {
        if let Err(error) = bucketproof::incident::Incident::parse("incident.toml", text) {
            panic!("{error}");
        }
    }
    // What somebody wrote is not written over.
    write(directory.path(), "incident.toml", "title = 'mine'");
    let outcome = run(directory.path(), "incident new");
    assert_eq!(outcome.status, Some(2));
    assert!(outcome.stderr.contains("it is there already"), "{}", outcome.stderr);
}

#[test]
fn mistakes_are_told_with_their_place() {
    let check = |text: &str, expected: &str| {
        let error = bucketproof::incident::Incident::parse("incident.toml", text).expect_err(text);
        assert!(error.to_string().contains(expected), "{text}: {error}");
    };
    check("bucket = []", "unknown key `bucket`");
    check("[hostile]\naddress = []", "unknown key `address`");
    check("accounts = ['1']", "`1`");
    check("roles = ['deploy']", "`deploy`: expected the ARN of a role");
    check("access-keys = ['no key']", "`no key`: expected an access key id");
    check("from = 2026-01-31", "`2026-01-31` is no time in a zone");
    check("hostile.addresses = ['office']", "`office`: expected an address");
    check("hostile.principals = ['bob']", "`bob`: expected an ARN");
    check("legitimate.principals = [''", "");
}
