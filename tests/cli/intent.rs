//! Intent as users write it: the examples of docs/intent.md, what ends, and what is of no use.

use serde_json::{Value, json};

use crate::program::{Outcome, directory, run, write};
use crate::schemas::{problems, schema};

const PAGE: &str = include_str!("../../docs/intent.md");

/// The blocks of a language below a heading of the page.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let section = PAGE
        .split("\n## ")
        .find(|section| section.starts_with(heading))
        .expect(heading);
    let blocks = section.split("```").skip(1).step_by(2);
    blocks
        .filter_map(|block| block.strip_prefix(language))
        .map(|block| block.trim().to_owned())
        .collect()
}

/// A snapshot with what an example of the page covers, and its permit in `a.cedar`.
fn example(heading: &str, path: &str) -> tempfile::TempDir {
    let [permit, policy] = ["cedar", "json"].map(|language| blocks(heading, language).swap_remove(0));
    let policy = match path.ends_with("details.json") {
        false => policy,
        true => format!(
            r#"{{"RoleDetailList": [{{"RoleName": "cost-reader", "RoleId": "AROAEXAMPLE0000000001", "Path": "/",
                "Arn": "arn:aws:iam::111122223333:role/cost-reader", "AssumeRolePolicyDocument": {policy}}}]}}"#
        ),
    };
    let at = directory(&[("a.cedar", &permit)]);
    write(at.path(), &format!("snapshot/111122223333/{path}"), &policy);
    at
}

fn scan(at: &tempfile::TempDir, more: &str) -> Outcome {
    run(
        at.path(),
        &format!("scan snapshot --packs s3,iam-trust --now 2026-12-01 --fail-on low {more}"),
    )
}

/// Findings that count, as "rule".
fn counted(outcome: &Outcome) -> Vec<&str> {
    let lines = outcome.stdout.lines().filter(|line| !line.starts_with(' '));
    lines
        .filter_map(|line| line.split_once('[')?.1.split_once("] "))
        .map(|(rule, _)| rule)
        .filter(|rule| !rule.contains("::"))
        .collect()
}

const WEBSITE: &str = "s3/www-example/bucket-policy.json";
const ROLE: &str = "iam/account-authorization-details.json";

#[test]
fn the_examples_of_the_page_cover_what_they_say() {
    let cases = [
        ("A public website", WEBSITE, "s3/public-read", "web team"),
        (
            "An open-data bucket",
            "s3/rainfall/bucket-policy.json",
            "s3/public-read",
            "data office; until 2027-12-31",
        ),
        (
            "A partner with",
            ROLE,
            "unintended-access",
            "finance platform; until 2027-06-30",
        ),
        (
            "A service that",
            "s3/central-logs/bucket-policy.json",
            "unintended-access",
            "network team",
        ),
    ];
    for (heading, path, rule, declared) in cases {
        let at = example(heading, path);
        let tags = r#"{"TagSet": [{"Key": "classification", "Value": "open-data"}]}"#;
        write(at.path(), "snapshot/111122223333/s3/rainfall/bucket-tagging.json", tags);
        let without = scan(&at, "");
        assert!(counted(&without).contains(&rule), "{heading}: {}", without.stdout);
        let with = scan(&at, "--intent a.cedar");
        assert_eq!(
            (with.status, counted(&with)),
            (Some(0), Vec::new()),
            "{heading}: {}",
            with.stdout
        );
        for command in [
            "scan snapshot --packs s3,iam-trust --format pretty -v",
            "access snapshot",
        ] {
            let shown = run(at.path(), &format!("{command} --now 2026-12-01 --intent a.cedar"));
            let words: Vec<&str> = shown.stdout.split_whitespace().collect();
            assert!(words.join(" ").contains(declared), "{heading}: {}", shown.stdout);
        }
    }
}

#[test]
fn the_conditions_of_the_examples_are_asked() {
    let guard = r#""Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}"#;
    let external_id = r#""Condition": {"StringEquals": {"sts:ExternalId": "7f3c-91ab"}}"#;
    let cases = [
        (
            "A public website",
            WEBSITE,
            "s3:GetObject",
            "s3:PutObject",
            "s3/public-write",
        ),
        (
            "An open-data bucket",
            "s3/rainfall/bucket-policy.json",
            "",
            "",
            "s3/public-read",
        ),
        (
            "A partner with",
            ROLE,
            external_id,
            "\"Sid\": \"a\"",
            "iam-trust/external-without-external-id",
        ),
        (
            "A service that",
            "s3/central-logs/bucket-policy.json",
            guard,
            "\"Sid\": \"a\"",
            "s3/service-without-source-guard",
        ),
    ];
    for (heading, path, from, to, rule) in cases {
        let at = example(heading, path);
        let path = format!("snapshot/111122223333/{path}");
        let text = std::fs::read_to_string(at.path().join(&path)).expect("a policy");
        write(at.path(), &path, &text.replace(from, to));
        let outcome = scan(&at, "--intent a.cedar");
        assert!(counted(&outcome).contains(&rule), "{heading}: {}", outcome.stdout);
    }
}

#[test]
fn what_has_ended_counts_again_and_is_reported() {
    let at = example("A partner with", ROLE);
    let before = scan(&at, "--intent a.cedar");
    assert_eq!(before.status, Some(0), "{}", before.stdout);
    let after = run(
        at.path(),
        "scan snapshot --packs s3,iam-trust --now 2027-07-01 --fail-on low --intent a.cedar",
    );
    assert_eq!(after.status, Some(1));
    assert_eq!(
        counted(&after),
        ["unintended-access", "expired-intent"],
        "{}",
        after.stdout
    );
    let says =
        "a.cedar:1:1: low[expired-intent] the intent `cost reports by the vendor, contract FIN-12` ended on 2027-06-30";
    assert!(after.stdout.contains(says), "{}", after.stdout);
}

#[test]
fn what_is_of_no_use_is_reported_where_its_subject_is_in_the_input() {
    let at = example("A public website", WEBSITE);
    write(
        at.path(),
        &format!("snapshot/111122223333/{WEBSITE}"),
        r#"{"Version": "2012-10-17", "Statement": []}"#,
    );
    let unused = scan(&at, "--intent a.cedar");
    assert_eq!(counted(&unused), ["unused-intent"], "{}", unused.stdout);
    // The same about something that is not here, by name, by pattern, by tag and by account.
    let elsewhere = [
        r#"resource == Bucket::"other");"#,
        r#"resource is Bucket) when { context.open && resource.name like "open-*" };"#,
        r#"resource is Bucket) when { resource.hasTag("a") && resource.getTag("a") == "b" };"#,
        r#"resource in Account::"444455556666");"#,
        r#"resource is Bucket) unless { context.blocked || resource.name == "www-example" };"#,
    ];
    for scope in elsewhere {
        write(
            at.path(),
            "a.cedar",
            &format!("@reason(\"r\") permit (principal, action, {scope}"),
        );
        let noted = scan(&at, "--intent a.cedar -v");
        assert_eq!(counted(&noted), Vec::<&str>::new(), "{scope}: {}", noted.stdout);
        assert!(
            noted.stdout.contains("note[bucketproof::rules::unused_intent]"),
            "{scope}: {}",
            noted.stdout
        );
    }
    // About anything: of no use where an account was given as a whole.
    write(
        at.path(),
        "a.cedar",
        "@reason(\"r\") permit (principal is Federated, action, resource is Role);",
    );
    write(
        at.path(),
        "bucketproof.toml",
        "[[partner]]\naccount = \"444455556666\"\nreason = \"r\"\n",
    );
    let whole = scan(&at, "--intent a.cedar --config bucketproof.toml");
    assert_eq!(counted(&whole), ["unused-intent"; 2], "{}", whole.stdout);
    assert!(
        whole
            .stdout
            .contains("bucketproof.toml:2:11: low[unused-intent] partner 444455556666"),
        "{}",
        whole.stdout
    );
    let part = run(
        at.path(),
        "scan snapshot/111122223333/s3/www-example --packs s3 --intent a.cedar --config bucketproof.toml -v",
    );
    assert_eq!(counted(&part), Vec::<&str>::new(), "{}", part.stdout);
    assert!(
        part.stdout.contains("note[bucketproof::rules::unused_intent]"),
        "{}",
        part.stdout
    );
}

#[test]
fn absolute_rules_are_not_set_aside_by_intent_or_partners() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "s3:PutBucketAcl", "Resource": "arn:aws:s3:::data-1"}]}"#;
    let trust = r#"{"RoleDetailList": [{"RoleName": "r", "RoleId": "AROAEXAMPLE0000000001", "Path": "/",
        "Arn": "arn:aws:iam::111122223333:role/r", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}}]}"#;
    let at = directory(&[
        ("a.cedar", "@reason(\"all\") permit (principal, action, resource);"),
        ("snapshot/111122223333/s3/data-1/bucket-policy.json", policy),
        ("snapshot/111122223333/iam/account-authorization-details.json", trust),
    ]);
    let outcome = scan(&at, "--intent a.cedar");
    assert_eq!(outcome.status, Some(1), "{}", outcome.stdout);
    let found = counted(&outcome);
    for rule in ["s3/public-control-plane", "iam-trust/anyone"] {
        assert!(found.contains(&rule), "{}", outcome.stdout);
    }
}

/// Machine formats say of the grant why it is intended, and of the finding too; what an absolute rule reports is not intended.
#[test]
fn intended_grants_are_told_with_their_reason() {
    let at = example("An open-data bucket", "s3/rainfall/bucket-policy.json");
    let tags = r#"{"TagSet": [{"Key": "classification", "Value": "open-data"}]}"#;
    write(at.path(), "snapshot/111122223333/s3/rainfall/bucket-tagging.json", tags);
    let control = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:PutBucketAcl",
        "Resource": "arn:aws:s3:::data-1"}]}"#;
    write(at.path(), "snapshot/111122223333/s3/data-1/bucket-policy.json", control);
    let permit = blocks("An open-data bucket", "cedar").swap_remove(0);
    let all = "@reason(\"all\") permit (principal, action, resource == Bucket::\"data-1\");";
    write(at.path(), "a.cedar", &format!("{permit}\n{all}\n"));
    write(at.path(), "bucketproof.toml", "intent = [\"*.cedar\"]\n");
    for (command, contract) in [
        ("scan", include_str!("../../docs/schema/scan.v1.json")),
        ("access", include_str!("../../docs/schema/access.v1.json")),
    ] {
        let outcome = run(at.path(), &format!("{command} snapshot --format json --now 2026-12-01"));
        let value: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        assert_eq!(problems(&schema(contract), &value), Vec::<String>::new(), "{command}");
        let grants = |name: &str| {
            let resources = value["resources"].as_array().expect("resources");
            let resource = resources.iter().find(|resource| resource["name"] == name).expect(name);
            let grants = resource["grants"].as_array().expect("grants").iter();
            grants
                .filter(|grant| grant["grantee"]["kind"] == "anonymous")
                .cloned()
                .collect::<Vec<Value>>()
        };
        let declared =
            json!({"reason": "published data set, agreement OD-3", "owner": "data office", "expires": "2027-12-31"});
        assert!(!grants("rainfall").is_empty() && !grants("data-1").is_empty());
        assert!(
            grants("rainfall").iter().all(|grant| grant["intended"] == declared),
            "{command}: {}",
            outcome.stdout
        );
        assert!(
            grants("data-1").iter().all(|grant| grant.get("intended").is_none()),
            "{command}: {}",
            outcome.stdout
        );
    }
}
