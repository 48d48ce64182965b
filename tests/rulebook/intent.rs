use bucketproof::finding::{Grantee, ResourceAccess};
use bucketproof::model::{Bucket, Inventory, Setting};
use bucketproof::rules::{Config, Evaluation, Intent, Packs, Settings, evaluate};

use crate::given::{OTHER, account, bucket, grant, judged, now, role, span, verdicts};

fn intent(text: &str) -> Intent {
    Intent::parse(&[("intent/a.cedar".into(), text.into())]).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn settings(config: &str) -> Settings {
    Config::parse("bucketproof.toml", config)
        .unwrap_or_else(|error| panic!("{error:?}"))
        .settings(now())
}

fn public() -> ResourceAccess {
    bucket(vec![grant(Grantee::Anonymous, &["s3:GetObject", "s3:PutObject"])])
}

fn shared() -> ResourceAccess {
    let mut named = grant(Grantee::Account(account(OTHER)), &["s3:GetObject"]);
    named.open = false;
    bucket(vec![named])
}

fn trusted() -> ResourceAccess {
    let mut named = grant(Grantee::Account(account(OTHER)), &["sts:AssumeRole"]);
    named.open = false;
    role(vec![named])
}

/// Verdicts and codes of diagnostics.
fn check(
    access: ResourceAccess,
    intent: &Intent,
    settings: &Settings,
    expected: &[&str],
    codes: &[&str],
) -> Evaluation {
    let evaluation = judged(&[access], intent, settings);
    assert_eq!(verdicts(&evaluation.findings), expected);
    let found: Vec<_> = evaluation
        .diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.code.strip_prefix("bucketproof::rules::"))
        .collect();
    assert_eq!(found, codes);
    evaluation
}

#[test]
fn intent_covers_levels_resources_and_grantees() {
    let none = Settings::at(now());
    let read = r#"@reason("website") permit (principal, action == Action::"Read", resource == Bucket::"b");"#;
    check(
        public(),
        &intent(read),
        &none,
        &["s3/public-read critical intended", "s3/public-write critical new"],
        &[],
    );
    let elsewhere = read.replace(r#"Bucket::"b""#, r#"Bucket::"c""#);
    check(
        public(),
        &intent(&elsewhere),
        &none,
        &["s3/public-read critical new", "s3/public-write critical new"],
        &["unused_intent"],
    );
    // An id is no pattern.
    let star = read.replace(r#"Bucket::"b""#, r#"Bucket::"*""#);
    check(
        public(),
        &intent(&star),
        &none,
        &["s3/public-read critical new", "s3/public-write critical new"],
        &["unused_intent"],
    );
    let everyone = r#"@reason("website") permit (principal == Anonymous::"*", action, resource);"#;
    let meant = ["s3/public-read critical intended", "s3/public-write critical intended"];
    check(public(), &intent(everyone), &none, &meant, &[]);
    let partner = r#"@reason("feed") permit (principal in Account::"444455556666", action, resource);"#;
    check(
        shared(),
        &intent(partner),
        &none,
        &["s3/external-account medium intended"],
        &[],
    );
    check(
        public(),
        &intent(partner),
        &none,
        &["s3/public-read critical new", "s3/public-write critical new"],
        &["unused_intent"],
    );
    let by_account = r#"@reason("sandbox") permit (principal, action, resource in Account::"111122223333");"#;
    check(
        shared(),
        &intent(by_account),
        &none,
        &["s3/external-account medium intended"],
        &[],
    );
}

#[test]
fn intent_speaks_of_tags_and_names() {
    let tags = [("public".into(), "yes".into())].into_iter().collect();
    let inventory = Inventory {
        buckets: vec![Bucket {
            name: "b".into(),
            tags: Setting::set(tags, span(3)),
            ..Bucket::default()
        }],
        ..Inventory::default()
    };
    let packs = Packs::built_in()
        .expect("packs")
        .only(|rule| rule.id.as_str() == "s3/public-read");
    let verdict = |condition: &str| {
        let text = format!(
            r#"@reason("open data") permit (principal, action == Action::"Read", resource is Bucket) when {{ {condition} }};"#
        );
        let access = [bucket(vec![grant(Grantee::Anonymous, &["s3:GetObject"])])];
        let evaluation =
            evaluate(&packs, &intent(&text), &Settings::at(now()), &inventory, &access).expect("evaluation");
        verdicts(&evaluation.findings)
    };
    let meant = ["s3/public-read critical intended"];
    let new = ["s3/public-read critical new"];
    assert_eq!(
        verdict(r#"resource.hasTag("public") && resource.getTag("public") == "yes""#),
        meant
    );
    assert_eq!(
        verdict(r#"resource.hasTag("public") && resource.getTag("public") == "no""#),
        new
    );
    assert_eq!(verdict(r#"resource.name like "b*""#), meant);
    assert_eq!(verdict(r#"resource["\u{6e}ame"] == "b""#), meant);
    assert_eq!(verdict(r#"resource.name like "c*""#), new);
}

#[test]
fn absolute_rules_cannot_be_permitted_away() {
    let all = r#"@reason("everything") permit (principal, action, resource);"#;
    let control = bucket(vec![grant(Grantee::Anonymous, &["s3:PutBucketAcl"])]);
    let none = Settings::at(now());
    check(
        control,
        &intent(all),
        &none,
        &["s3/public-control-plane critical new"],
        &["unused_intent"],
    );
    let anyone = role(vec![grant(Grantee::AnyAwsAccount, &["sts:AssumeRole"])]);
    check(
        anyone,
        &intent(all),
        &none,
        &["iam-trust/anyone critical new"],
        &["unused_intent"],
    );
}

#[test]
fn intent_ends_with_its_last_day() {
    let until = |day: &str| {
        intent(&format!(
            r#"@reason("website") @expires("{day}") permit (principal, action, resource);"#
        ))
    };
    let none = Settings::at(now());
    check(
        shared(),
        &until("2026-12-01"),
        &none,
        &["s3/external-account medium intended"],
        &[],
    );
    let evaluation = check(
        shared(),
        &until("2026-11-30"),
        &none,
        &["s3/external-account medium new"],
        &["expired_intent"],
    );
    assert_eq!(evaluation.diagnostics[0].path.as_deref(), Some("intent/a.cedar"));
    assert_eq!(
        evaluation.diagnostics[0].message,
        "the intent `website` ended on 2026-11-30 and is not in force (line 1)"
    );
}

#[test]
fn undeclared_access_that_is_meant_is_shown_as_meant() {
    let mut distribution = grant(
        Grantee::CloudFrontOai("E1EXAMPLE".into()),
        &["s3:GetObject", "s3:PutObject"],
    );
    distribution.open = false;
    let text = r#"@reason("our website") permit (principal == CloudFrontOai::"E1EXAMPLE", action, resource);"#;
    let none = Settings::at(now());
    check(
        bucket(vec![distribution.clone()]),
        &intent(text),
        &none,
        &["unintended-access high intended"],
        &[],
    );
    let reading = text.replace("action,", r#"action == Action::"Read","#);
    let evaluation = check(
        bucket(vec![distribution]),
        &intent(&reading),
        &none,
        &["unintended-access high new"],
        &[],
    );
    assert_eq!(
        evaluation.findings[0].message,
        "CloudFront origin access identity E1EXAMPLE, outside the zone of trust, can use s3:PutObject on arn:aws:s3:::b/*"
    );
}

#[test]
fn partners_are_intended_until_their_last_day() {
    let none = Intent::default();
    let partner = |expires: &str| {
        settings(&format!(
            "[[partner]]\naccount = \"444455556666\"\nname = \"auditor\"\nreason = \"SEC-12\"\n{expires}"
        ))
    };
    let evaluation = check(
        shared(),
        &none,
        &partner(""),
        &["s3/external-account medium intended"],
        &[],
    );
    assert_eq!(
        format!("{:?}", evaluation.findings[0].status),
        "Intended(\"partner auditor: SEC-12\")"
    );
    check(
        trusted(),
        &none,
        &partner("expires = 2026-12-01"),
        &["iam-trust/external-without-external-id high intended"],
        &[],
    );
    check(
        shared(),
        &none,
        &partner("expires = 2026-11-30"),
        &["s3/external-account medium new"],
        &["expired_intent"],
    );
    check(
        public(),
        &none,
        &partner(""),
        &["s3/public-read critical new", "s3/public-write critical new"],
        &["unused_intent"],
    );
}

#[test]
fn suppressions_set_findings_aside_and_die() {
    let none = Intent::default();
    let suppress = |rule: &str, resource: &str, expires: &str| {
        settings(&format!(
            "[[suppress]]\nrule = \"{rule}\"\nresource = \"{resource}\"\nreason = \"known\"\n{expires}"
        ))
    };
    let aside = ["s3/external-account medium suppressed"];
    let new = ["s3/external-account medium new"];
    let rule = "s3/external-account";
    check(shared(), &none, &suppress(rule, "arn:aws:s3:::b", ""), &aside, &[]);
    check(shared(), &none, &suppress(rule, "arn:aws:s3:::?*", ""), &aside, &[]);
    check(
        shared(),
        &none,
        &suppress(rule, "arn:aws:s3:::c*", ""),
        &new,
        &["dead_suppression"],
    );
    let over = suppress(rule, "arn:aws:s3:::b", "expires = 2026-11-30");
    check(shared(), &none, &over, &new, &["expired_suppression"]);
    let misspelt = suppress("s3/external-acount", "arn:aws:s3:::b", "");
    let evaluation = check(shared(), &none, &misspelt, &new, &["dead_suppression"]);
    assert_eq!(
        evaluation.diagnostics[0].help.as_deref(),
        Some("did you mean `s3/external-account`?")
    );
}
