//! Help as people read it.

use std::fs;
use std::path::Path;

use crate::program::{directory, run, write};

#[test]
fn what_is_reported_can_be_explained() {
    let at = directory(&[]);
    let outcome = run(at.path(), "rules explain unintended-access");
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
    assert!(
        outcome.stdout.starts_with("# Access that nobody declared\n"),
        "{}",
        outcome.stdout
    );
    assert!(run(at.path(), "rules list").stdout.contains("\nunintended-access "));
    let outcome = run(at.path(), "rules explain forbidden-access");
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("`[[never]]`"), "{}", outcome.stdout);
    let outcome = run(at.path(), "rules explain s3/public-raed");
    assert_eq!(outcome.status, Some(2));
    assert!(
        outcome.stderr.contains("did you mean `s3/public-read`?"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn help() {
    let at = directory(&[]);
    let outcome = run(at.path(), "--help");
    assert_eq!(outcome.status, Some(0));
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn help_of_scan() {
    let at = directory(&[]);
    let outcome = run(at.path(), "scan -h");
    assert_eq!(outcome.status, Some(0));
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn help_of_access() {
    let at = directory(&[]);
    let outcome = run(at.path(), "access -h");
    assert_eq!(outcome.status, Some(0));
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn help_of_diff() {
    let at = directory(&[]);
    let outcome = run(at.path(), "diff -h");
    assert_eq!(outcome.status, Some(0));
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn the_version_is_that_of_the_package() {
    let at = directory(&[]);
    let outcome = run(at.path(), "--version");
    assert_eq!(outcome.stdout, format!("bucketproof {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn rules_are_listed_explained_and_checked() {
    let at = directory(&[]);
    let list = run(at.path(), "rules list");
    assert_eq!(list.status, Some(0), "{}", list.stderr);
    let line = list.stdout.lines().find(|line| line.starts_with("s3/public-read "));
    assert!(line.is_some_and(|line| line.contains(" critical ")), "{}", list.stdout);
    let hygiene = list
        .stdout
        .lines()
        .find(|line| line.starts_with("s3-hygiene/versioning-off "));
    assert!(
        hygiene.is_some_and(|line| line.ends_with(" (not by default)")),
        "{}",
        list.stdout
    );
    assert!(!line.is_some_and(|line| line.contains("by default")), "{}", list.stdout);
    let page = run(at.path(), "rules explain s3/public-read");
    for part in [
        "# ",
        "## Reports",
        "## Why",
        "## Fix",
        "## Rule",
        "forbid (",
        "## References",
    ] {
        assert!(page.stdout.contains(part), "{part}: {}", page.stdout);
    }
    let unknown = run(at.path(), "rules explain s3/public-raed");
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.stderr.contains("there is no such rule"), "{}", unknown.stderr);
}

#[test]
fn a_mistake_in_a_pack_is_shown_where_it_is() {
    let page = "## Reports\n\nx\n\n## Why\n\nx\n\n## Fix\n\nx\n\n## When it is fine\n\nx\n";
    let rule = "title = \"T\"\nseverity = \"low\"\nmessage = \"{grantee}\"\nremediation = \"r\"\nreferences = []\nsince = \"1\"\n";
    let good = "forbid (principal is Anonymous, action, resource is Bucket) when { context.open };\n";
    let at = directory(&[
        ("mine/pack.toml", "name = \"mine\"\nversion = \"1\"\n"),
        ("mine/some-rule/rule.toml", rule),
        ("mine/some-rule/README.md", page),
        ("mine/some-rule/policy.cedar", good),
    ]);
    let outcome = run(at.path(), "rules check mine");
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
    assert!(
        outcome
            .stdout
            .starts_with("mine: 1 rule, nothing wrong\n    sha256 = \""),
        "{}",
        outcome.stdout
    );
    write(
        at.path(),
        "mine/some-rule/policy.cedar",
        &good.replace("context.open", "context.opne"),
    );
    let outcome = run(at.path(), "rules check mine");
    assert_eq!(outcome.status, Some(2), "{}", outcome.stdout);
    assert!(
        outcome.stderr.contains("mine/some-rule/policy.cedar:1:") && outcome.stderr.contains("opne"),
        "{}",
        outcome.stderr
    );
}

/// Without rules there are no findings, and nothing seems wrong.
#[test]
fn a_folder_without_a_pack_is_no_pack() {
    let at = directory(&[
        ("rules/notes.md", "x"),
        ("snapshot/111122223333/s3control/public-access-block.json", "{}"),
    ]);
    for question in [
        "rules check rules",
        "rules list --pack rules",
        "scan snapshot --pack rules",
    ] {
        let outcome = run(at.path(), question);
        assert_eq!(outcome.status, Some(2), "{question}: {}", outcome.stdout);
        assert!(
            outcome.stderr.contains("no `pack.toml`"),
            "{question}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn every_shell_is_helped() {
    let at = directory(&[]);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let outcome = run(at.path(), &format!("completions {shell}"));
        assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
        for word in ["bucketproof", "deny-check-file", "fail-on"] {
            assert!(outcome.stdout.contains(word), "{shell} does not know `{word}`");
        }
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let at = directory(&[]);
    let page = run(at.path(), "man").stdout;
    assert!(page.contains(".TH bucketproof 1"), "{page}");
    assert_eq!(run(at.path(), "man pages/man1").status, Some(0));
    let mut pages: Vec<String> = fs::read_dir(at.path().join("pages/man1"))
        .expect("the folder")
        .map(|entry| entry.expect("a page").file_name().to_string_lossy().into_owned())
        .collect();
    pages.sort();
    let expected = ["bucketproof.1", "bucketproof-scan.1", "bucketproof-rules-explain.1"];
    assert!(
        expected.iter().all(|page| pages.iter().any(|name| name == page)),
        "{pages:?}"
    );
    assert_eq!(
        fs::read_to_string(at.path().join("pages/man1/bucketproof.1")).expect("the page"),
        page
    );
    let linked = page.split("bucketproof\\-").skip(1);
    let linked = linked.filter_map(|rest| rest.split_once("(1)")).map(|(name, _)| name);
    for name in linked.filter(|name| !name.contains('\n') && *name != "help") {
        assert!(pages.contains(&format!("bucketproof-{name}.1")), "{name}: {pages:?}");
    }
}

#[test]
fn every_schema_is_printed() {
    let at = directory(&[]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the schemas")
        .map(|entry| {
            entry
                .expect("a schema")
                .file_name()
                .to_string_lossy()
                .replace(".json", "")
        })
        .collect();
    names.sort();
    let listed = run(at.path(), "schema").stdout;
    assert_eq!(listed.lines().collect::<Vec<_>>(), names);
    for name in names {
        let text = fs::read_to_string(folder.join(format!("{name}.json"))).expect("a schema");
        assert_eq!(run(at.path(), &format!("schema {name}")).stdout, text);
        assert_eq!(run(at.path(), &format!("schema bucketproof.{name}")).stdout, text);
    }
    let outcome = run(at.path(), "schema scan.v2");
    assert_eq!(outcome.status, Some(2));
    assert!(outcome.stderr.contains("did you mean `scan.v1`?"), "{}", outcome.stderr);
}
