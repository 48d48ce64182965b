use std::fs;

use crate::program::{Outcome, directory, run, write};
use crate::schemas::{problems, schema};

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

const CLOSED_BUCKET: (&str, &str) = (
    "snapshot/111122223333/s3/b/public-access-block.json",
    r#"{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true,
        "RestrictPublicBuckets": true}}"#,
);

#[test]
fn a_pack_is_pinned_by_its_digest() {
    let at = directory(&[CLOSED_BUCKET]);
    run(at.path(), "rules new acme/outsiders");
    let checked = run(at.path(), "rules check acme");
    let digest = checked
        .stdout
        .lines()
        .last()
        .and_then(|line| line.trim().strip_prefix("sha256 = "));
    let digest = digest.expect("a digest").to_owned();
    let pin = format!("packs = [{{ path = \"acme\", sha256 = {digest} }}]\n");
    write(at.path(), "bucketproof.toml", &pin);
    let scan = "scan snapshot --fail-on never --format json --config bucketproof.toml";
    let scanned = run(at.path(), scan);
    assert_eq!(scanned.status, Some(0), "{}", told(&scanned));
    assert!(
        scanned.stdout.contains(&format!("\"sha256\": {digest}")),
        "{}",
        scanned.stdout
    );
    assert!(
        run(at.path(), "rules list -v --pack acme")
            .stdout
            .contains(&format!("sha256 = {digest}\n"))
    );
    // Cases, and what hides, are not part of what is pinned: a checkout has a `.git`.
    write(at.path(), "acme/.git", "gitdir: ../.git/modules/acme");
    write(at.path(), "acme/outsiders/cases/good-other.json", "{}");
    assert_eq!(run(at.path(), scan).status, Some(0));
    write(at.path(), "acme/outsiders/notes.md", "new");
    let changed = run(at.path(), scan);
    assert_eq!(changed.status, Some(2), "{}", told(&changed));
    let found = run(at.path(), "rules check acme").stdout;
    let found = found.split('"').nth(1).expect("a digest").to_owned();
    assert!(
        changed.stderr.contains(digest.trim_matches('"')) && changed.stderr.contains(&found),
        "{}",
        changed.stderr
    );
    // A digest is that of one pack.
    fs::create_dir(at.path().join("all")).expect("a folder");
    fs::rename(at.path().join("acme"), at.path().join("all/acme")).expect("a move");
    run(at.path(), "rules new more/outsiders --in all");
    write(at.path(), "bucketproof.toml", &pin.replace("\"acme\"", "\"all\""));
    let several = run(at.path(), scan);
    assert!(
        several.stderr.contains("`all` holds several packs"),
        "{}",
        told(&several)
    );
}

#[cfg(unix)]
#[test]
fn a_link_in_a_pack_is_refused() {
    use std::os::unix::fs::symlink;
    let at = directory(&[("secret.txt", "secret")]);
    for target in ["../../secret.txt", "../../secret.d", "nowhere"] {
        run(at.path(), "rules new acme/outsiders");
        let link = at.path().join("acme/outsiders/link");
        symlink(target, &link).expect("a link");
        let checked = run(at.path(), "rules check acme");
        assert_eq!(checked.status, Some(2), "{}", told(&checked));
        assert!(
            checked
                .stderr
                .contains("`acme/outsiders/link` cannot be read: it is a link"),
            "{}",
            checked.stderr
        );
        assert!(!told(&checked).contains("secret"), "{}", told(&checked));
        fs::remove_file(link).expect("the link");
    }
    // Whoever names a link to a pack means the pack.
    symlink("acme", at.path().join("current")).expect("a link");
    assert_eq!(run(at.path(), "rules check current").status, Some(0));
}

#[test]
fn the_list_is_under_its_schema() {
    let at = directory(&[]);
    run(at.path(), "rules new acme/outsiders");
    let list = run(at.path(), "rules list --format json --pack acme");
    assert_eq!(list.status, Some(0), "{}", told(&list));
    let value: serde_json::Value = serde_json::from_str(&list.stdout).expect("JSON");
    let schema = schema(include_str!("../../docs/schema/rules.v1.json"));
    assert_eq!(problems(&schema, &value), Vec::<String>::new());
    let ids: Vec<&str> = value["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .filter_map(|rule| rule["id"].as_str())
        .collect();
    for id in [
        "acme/outsiders",
        "s3/public-read",
        "unintended-access",
        "forbidden-access",
    ] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    let table = run(at.path(), "rules list --pack acme").stdout;
    assert!(table.contains("\nacme 0.1.0, 1 rule\nacme/outsiders "), "{table}");
    assert!(!table.contains("sha256"), "{table}");
}

/// What a mistake in the example of `rules new` is told as: file, what it changes there, and parts of the message.
#[test]
fn common_mistakes_are_told_with_place_and_advice() {
    let at = directory(&[]);
    run(at.path(), "rules new acme/outsiders");
    run(at.path(), "rules new acme/no-versions --settings");
    let [policy, rule] = ["policy.cedar", "rule.toml"].map(|name| format!("acme/outsiders/{name}"));
    let (page, settings) = (
        "acme/outsiders/README.md".to_owned(),
        "acme/no-versions/rule.toml".to_owned(),
    );
    let cases = [
        (
            &policy,
            "context.outside_zone",
            "context.outside_zon",
            "3:29]",
            "did you mean `outside_zone`?",
        ),
        (
            &policy,
            "Action::\"Write\"",
            "Action::\"Wirte\"",
            "2:47]",
            "did you mean `Write`?",
        ),
        (
            &policy,
            "Action::\"Write\"",
            "Action::\"s3:PutObject\"",
            "2:47]",
            "known are `List`, `Read`, `Write`",
        ),
        (&policy, "is Bucket", "is Buket", "2:77]", "did you mean `Bucket`?"),
        (
            &policy,
            "forbid (",
            "permit (",
            "2:1]",
            "what is meant goes into an intent file",
        ),
        (
            &policy,
            "context.effective &&",
            "context.effective == \"yes\" &&",
            "3:8]",
            "help: both operands",
        ),
        (&rule, "severity =", "severty =", "2:1]", "did you mean `severity`?"),
        (&rule, "\"medium\"", "\"meduim\"", "2:12]", "did you mean `medium`?"),
        (&rule, "{grantee}", "{grante}", "3:11]", "did you mean `grantee`?"),
        (&rule, "title = \"", "title = ", "1:9]", "missing opening quote"),
        (&rule, "since = \"0.1.0\"\n", "", "1:1]", "missing key `since`"),
        (
            &page,
            "## Fix",
            "Fix",
            "acme/outsiders/README.md`",
            "the section `Fix` is missing",
        ),
        (
            &page,
            "## Why",
            "## Because",
            "acme/outsiders/README.md`",
            "the section `Why` is missing",
        ),
        (&settings, "false]", "false", "8:38]", "not a JSONPath query: expected"),
        (
            &settings,
            "@.versioning",
            "@.versionng",
            "8:16]",
            "did you mean `versioning`?",
        ),
        (
            &settings,
            "].versioning",
            "].lifecycl",
            "8:45]",
            "did you mean `lifecycle`?",
        ),
        (
            &settings,
            "[\"bucket\"]",
            "[\"buckets\"]",
            "7:15]",
            "did you mean `bucket`?",
        ),
    ];
    for (path, from, to, place, says) in cases {
        let right = fs::read_to_string(at.path().join(path)).expect("a file");
        assert!(right.contains(from), "{path} has no {from}");
        write(at.path(), path, &right.replacen(from, to, 1));
        let checked = run(at.path(), "rules check acme");
        assert_eq!(checked.status, Some(2), "{to}: {}", told(&checked));
        let said = checked.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(place) && said.contains(says), "{to}: {}", checked.stderr);
        write(at.path(), path, &right);
    }
    assert_eq!(run(at.path(), "rules check acme").status, Some(0));
}

/// A pack may come from anybody: its cases are inputs like others, and nothing outside is read or written for them.
#[cfg(unix)]
#[test]
fn hostile_cases_are_told_and_do_no_harm() {
    use std::os::unix::fs::symlink;
    let at = directory(&[("secret.json", "secret")]);
    run(at.path(), "rules new acme/outsiders");
    let cases = at.path().join("acme/outsiders/cases");
    fs::write(cases.join("bad-bomb.json"), "[".repeat(100_000)).expect("a case");
    fs::write(cases.join("bad-utf.json"), [0xFF, 0xFE]).expect("a case");
    fs::write(cases.join("bad-\u{1b}[31m.txt"), "{").expect("a case");
    symlink("../../../secret.json", cases.join("bad-link.json")).expect("a link");
    symlink(".", cases.join("bad-loop")).expect("a link");
    symlink("../../../secret.json", cases.join("good-own-role.json.snap")).expect("a link");
    let tested = run(at.path(), "rules test acme --update");
    assert_eq!(tested.status, Some(2), "{}", told(&tested));
    for name in ["bad-bomb.json", "bad-utf.json", "bad-link.json", "bad-loop"] {
        let line = format!("acme/outsiders::{name}: ");
        assert!(tested.stdout.contains(&line), "{name}: {}", tested.stdout);
    }
    assert!(
        !tested.stdout.contains('\u{1b}') && !tested.stdout.contains("secret"),
        "{}",
        tested.stdout
    );
    assert_eq!(
        fs::read_to_string(at.path().join("secret.json")).expect("a file"),
        "secret"
    );
}
