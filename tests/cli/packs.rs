use std::fs;

use crate::program::{Outcome, directory, run, write};

/// What is wrong where a run did not end as it should.
fn told(outcome: &Outcome) -> String {
    format!("{}{}", outcome.stdout, outcome.stderr)
}

#[test]
fn a_new_rule_passes_check_and_test() {
    let at = directory(&[]);
    for (arguments, cases) in [
        ("rules new acme/outsiders --in security", "2 cases of 1 rule"),
        (
            "rules new acme/no-versions --settings --in security",
            "4 cases of 2 rules",
        ),
        (
            "rules new acme/others --grants --in security/acme",
            "6 cases of 3 rules",
        ),
    ] {
        let new = run(at.path(), arguments);
        assert_eq!(new.status, Some(0), "{}", told(&new));
        assert!(
            new.stdout.contains("bucketproof rules test security/acme"),
            "{}",
            new.stdout
        );
        let checked = run(at.path(), "rules check security/acme");
        assert_eq!(checked.status, Some(0), "{}", told(&checked));
        let tested = run(at.path(), "rules test security/acme");
        assert_eq!(tested.stdout, format!("{cases}: all right\n"), "{}", tested.stderr);
        assert_eq!(tested.status, Some(0));
    }
    let explained = run(at.path(), "rules explain acme/no-versions --pack security/acme");
    assert!(
        explained.stdout.contains("rule = \"acme/no-versions\""),
        "{}",
        told(&explained)
    );
}

#[test]
fn a_new_rule_overwrites_nothing() {
    let at = directory(&[
        ("acme/outsiders/notes.md", "mine"),
        ("other/pack.toml", "name = \"mine\"\nversion = \"1\"\n"),
    ]);
    for (arguments, problem) in [
        ("rules new acme/outsiders", "`acme/outsiders` is there already"),
        ("rules new other/outsiders", "the pack in `other` is called `mine`"),
        (
            "rules new acme/outsiders --in other",
            "the pack in `other` is called `mine`",
        ),
        ("rules new s3/outsiders", "`s3` comes with the program"),
        ("rules new unintended-access", "write `PACK/unintended-access`"),
        ("rules new ../up/outsiders", "a rule id is `pack/rule-name`"),
        ("rules new acme/Outsiders", "a rule id is `pack/rule-name`"),
    ] {
        let refused = run(at.path(), arguments);
        assert_eq!(refused.status, Some(2), "{arguments}: {}", told(&refused));
        assert!(refused.stderr.contains(problem), "{arguments}: {}", refused.stderr);
    }
    assert!(!at.path().join("acme/pack.toml").exists());
    assert_eq!(
        fs::read_to_string(at.path().join("acme/outsiders/notes.md")).expect("a file"),
        "mine"
    );
}

#[test]
fn a_wrong_case_is_told_with_what_was_expected() {
    let at = directory(&[]);
    run(at.path(), "rules new acme/outsiders");
    let cases = "acme/outsiders/cases";
    let bad = fs::read_to_string(at.path().join(cases).join("bad-other-account.json")).expect("a case");
    let good = fs::read_to_string(at.path().join(cases).join("good-own-role.json")).expect("a case");
    write(at.path(), &format!("{cases}/bad-swapped.json"), &good);
    write(at.path(), &format!("{cases}/good-swapped.json"), &bad);
    write(at.path(), &format!("{cases}/unknown-swapped.json"), &good);
    write(at.path(), &format!("{cases}/better.json"), &good);
    write(at.path(), &format!("{cases}/bad-gone.json.snap"), "");
    let tested = run(at.path(), "rules test acme");
    assert_eq!(tested.status, Some(1), "{}", told(&tested));
    insta::assert_snapshot!(tested.stdout);
    fs::remove_file(at.path().join(cases).join("good-own-role.json")).expect("a case");
    fs::remove_file(at.path().join(cases).join("good-swapped.json")).expect("a case");
    let tested = run(at.path(), "rules test acme");
    assert!(
        tested.stdout.contains("acme/outsiders: it has no `good-` case\n"),
        "{}",
        tested.stdout
    );
    write(at.path(), &format!("{cases}/good-nothing.txt"), "nothing");
    let tested = run(at.path(), "rules test acme");
    assert_eq!(tested.status, Some(2), "{}", told(&tested));
    assert!(tested.stdout.contains("1 that cannot be read\n"), "{}", tested.stdout);
}

#[test]
fn a_snapshot_is_compared_and_written() {
    let at = directory(&[]);
    run(at.path(), "rules new acme/outsiders");
    let snapshot = "acme/outsiders/cases/bad-other-account.json.snap";
    write(at.path(), snapshot, "");
    assert_eq!(run(at.path(), "rules test acme").status, Some(1));
    let updated = run(at.path(), "rules test acme --update");
    assert_eq!(updated.stdout, "2 cases of 1 rule: all right, 1 snapshot written\n");
    assert_eq!(
        run(at.path(), "rules test acme").stdout,
        "2 cases of 1 rule: all right\n"
    );
    let shown = fs::read_to_string(at.path().join(snapshot)).expect("a snapshot");
    assert!(
        shown.contains("medium[acme/outsiders]") && shown.contains("bad-other-account.json:6:"),
        "{shown}"
    );
    // It is the same from wherever the pack is named.
    assert_eq!(run(&at.path().join("acme"), "rules test .").status, Some(0));
    write(at.path(), snapshot, &shown.replace("medium[", "high["));
    let tested = run(at.path(), "rules test acme");
    assert_eq!(tested.status, Some(1));
    insta::assert_snapshot!(tested.stdout);
}
