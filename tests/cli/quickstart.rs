//! The estate that the README shows: one leak of each kind among look-alikes, and nothing else is reported.
//!
//! A new rule that has a leak here gets its line in `LEAKS`; one that has none must leave this test alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Outcome, run};

/// Every finding that counts: its rule, and what it is about.
const LEAKS: &[(&str, &str)] = &[
    ("iam-trust/anyone", "arn:aws:iam::444455556666:role/preview-deployer"),
    (
        "iam-trust/external-without-external-id",
        "arn:aws:iam::111122223333:role/uptime-monitor",
    ),
    ("s3-guardrails/account-block-off", "arn:aws:iam::444455556666:root"),
    (
        "s3-guardrails/access-point-internet-origin",
        "arn:aws:s3:eu-west-1:111122223333:accesspoint/analytics-reports",
    ),
    ("s3-guardrails/bucket-block-off", "arn:aws:s3:::larkspur-staging-assets"),
    ("s3-guardrails/tls-not-required", "arn:aws:s3:::larkspur-inbound-mail"),
    ("s3/external-account", "arn:aws:s3:::larkspur-invoice-feed"),
    ("s3/latent-public", "arn:aws:s3:::larkspur-press-archive"),
    ("s3/public-control-plane", "arn:aws:s3:::larkspur-build-cache"),
    ("s3/public-list", "arn:aws:s3:::larkspur-event-uploads"),
    ("s3/public-read", "arn:aws:s3:::larkspur-customer-exports"),
    ("s3/public-write", "arn:aws:s3:::larkspur-event-uploads"),
    (
        "s3/service-without-source-guard",
        "arn:aws:s3:::larkspur-ebook-downloads",
    ),
    ("unintended-access", "arn:aws:s3:::larkspur-brand-assets"),
    // What everyone writes to was given away by an ACL.
    ("s3-guardrails/acls-enabled", "arn:aws:s3:::larkspur-event-uploads"),
    // What is public has no block that would hold it.
    ("s3-guardrails/bucket-block-off", "arn:aws:s3:::larkspur-build-cache"),
    (
        "s3-guardrails/bucket-block-off",
        "arn:aws:s3:::larkspur-customer-exports",
    ),
    ("s3-guardrails/bucket-block-off", "arn:aws:s3:::larkspur-event-uploads"),
];

/// What intent, partners and suppressions set aside.
const DECLARED: &[(&str, &str, &str)] = &[
    ("intended", "s3/external-account", "arn:aws:s3:::larkspur-audit-feed"),
    ("intended", "s3/latent-public", "arn:aws:s3:::larkspur-campaign-2019"),
    ("intended", "s3/public-read", "arn:aws:s3:::larkspur-www"),
    (
        "intended",
        "unintended-access",
        "arn:aws:iam::111122223333:role/github-deploy",
    ),
    (
        "intended",
        "unintended-access",
        "arn:aws:iam::111122223333:role/ledgerwise-auditor",
    ),
    (
        "intended",
        "unintended-access",
        "arn:aws:iam::111122223333:role/orders-pods",
    ),
    (
        "intended",
        "unintended-access",
        "arn:aws:iam::444455556666:role/github-preview",
    ),
    (
        "intended",
        "unintended-access",
        "arn:aws:iam::444455556666:role/reader-app",
    ),
    ("intended", "unintended-access", "arn:aws:s3:::larkspur-catalog-images"),
    (
        "suppressed",
        "s3-guardrails/acls-enabled",
        "arn:aws:s3:::larkspur-crash-reports",
    ),
    (
        "suppressed",
        "s3-guardrails/acls-enabled",
        "arn:aws:s3:::larkspur-web-logs",
    ),
    (
        "suppressed",
        "s3-guardrails/bucket-block-off",
        "arn:aws:s3:::larkspur-preview-builds",
    ),
    (
        "suppressed",
        "s3-guardrails/bucket-block-off",
        "arn:aws:s3:::larkspur-www",
    ),
    (
        "suppressed",
        "s3-guardrails/tls-not-required",
        "arn:aws:s3:::larkspur-campaign-2019",
    ),
    (
        "suppressed",
        "s3-guardrails/tls-not-required",
        "arn:aws:s3:::larkspur-www",
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn scan(arguments: &str) -> Outcome {
    let at = "--now 2026-11-24T00:00:00Z";
    run(root(), &format!("scan testdata/quickstart {at} {arguments}"))
}

fn report() -> Value {
    serde_json::from_str(&scan("--format json").stdout).expect("JSON")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().expect("a list")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text")
}

#[test]
fn the_findings_are_exactly_the_leaks() {
    let report = report();
    let mut found: Vec<(&str, &str)> = list(&report, "findings")
        .iter()
        .filter(|finding| text(finding, "status") == "new")
        .map(|finding| (text(finding, "rule"), text(finding, "resource")))
        .collect();
    found.sort_unstable();
    let mut leaks = LEAKS.to_vec();
    leaks.sort_unstable();
    assert_eq!(found, leaks);
}

#[test]
fn what_is_declared_is_set_aside() {
    let report = report();
    let mut found: Vec<(&str, &str, &str)> = list(&report, "findings")
        .iter()
        .map(|finding| {
            (
                text(finding, "status"),
                text(finding, "rule"),
                text(finding, "resource"),
            )
        })
        .filter(|(status, _, _)| *status != "new")
        .collect();
    found.sort_unstable();
    assert_eq!(found, DECLARED);
}

#[test]
fn every_bucket_and_role_is_judged_and_nothing_is_left_open() {
    let report = report();
    assert_eq!(report["diagnostics"], Value::Array(Vec::new()));
    assert_eq!(report["summary"]["incomplete"], false);
    let resources = list(&report, "resources");
    for resource in resources {
        assert_eq!(list(resource, "indeterminate"), [] as [Value; 0], "{resource}");
    }
    let judged: BTreeSet<&str> = resources.iter().map(|resource| text(resource, "id")).collect();
    let mut exported = BTreeSet::new();
    for account in ["111122223333", "444455556666"] {
        let at = root().join("testdata/quickstart").join(account);
        for bucket in list(&read(&at.join("s3/buckets.json")), "Buckets") {
            exported.insert(format!("arn:aws:s3:::{}", text(bucket, "Name")));
        }
        let iam = read(&at.join("iam/account-authorization-details.json"));
        for role in list(&iam, "RoleDetailList") {
            exported.insert(text(role, "Arn").to_owned());
        }
    }
    let missing: Vec<&String> = exported.iter().filter(|arn| !judged.contains(arn.as_str())).collect();
    assert_eq!(missing, Vec::<&String>::new());
    assert!(exported.len() > 4 * LEAKS.len() / 2, "look-alikes outnumber the leaks");
}

#[test]
fn the_exit_status_follows_the_fail_level() {
    for (arguments, status) in [
        ("", 1),
        ("--fail-on critical", 1),
        ("--fail-on never", 0),
        ("--format sarif", 1),
    ] {
        let outcome = scan(arguments);
        assert_eq!(outcome.status, Some(status), "{arguments}: {}", outcome.stderr);
        assert_eq!(outcome.stderr, "", "{arguments}");
    }
    let clean = run(
        root(),
        "scan testdata/quickstart/111122223333/s3/larkspur-datalake-raw --fail-on low --now 2026-11-24T00:00:00Z",
    );
    assert_eq!(clean.status, Some(0), "{}", clean.stdout);
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}
