use bucketproof::iam::AccountId;
use bucketproof::model::{
    Account, Bucket, Inventory, Organization, OrganizationPolicy, PublicAccessBlock, Setting, Target,
};
use bucketproof::rules::{Intent, Packs, Settings, evaluate};
use bucketproof::source::{DiagnosticSeverity, UnknownReason};

use crate::given::{OWNER, account, now, span, verdicts};

const OFF: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: false,
};

fn on() -> Setting<PublicAccessBlock> {
    Setting::set(PublicAccessBlock::ALL, span(20))
}

fn off() -> Setting<PublicAccessBlock> {
    Setting::set(OFF, span(30))
}

fn refused() -> Setting<PublicAccessBlock> {
    Setting::unknown(UnknownReason::Refused("AccessDenied".into()), Some(span(40)))
}

fn not_given() -> Setting<PublicAccessBlock> {
    Setting::unknown(UnknownReason::NotInInput, None)
}

fn inventory(of_account: Setting<PublicAccessBlock>, of_bucket: Setting<PublicAccessBlock>) -> Inventory {
    let id: AccountId = account(OWNER);
    Inventory {
        accounts: vec![Account {
            id: Some(id),
            public_access_block: of_account,
            span: span(1),
            ..Account::default()
        }],
        buckets: vec![Bucket {
            name: "b".into(),
            account: Some(id),
            public_access_block: of_bucket,
            span: span(2),
            ..Bucket::default()
        }],
        ..Inventory::default()
    }
}

fn with_organization(mut inventory: Inventory, targets: Option<Vec<Target>>) -> Inventory {
    inventory.organization = Some(Organization {
        s3_policies: vec![OrganizationPolicy {
            name: "block".into(),
            content: true,
            targets,
            span: span(50),
        }],
        ..Organization::default()
    });
    inventory
}

/// Findings with the start of their place, and diagnostics as "severity message".
fn check(inventory: &Inventory, expected: &[(&str, u32)], undecided: &[&str]) {
    let packs = Packs::built_in().expect("packs");
    let packs = packs.only(|rule| rule.id.as_str().ends_with("t-block-off") && !rule.id.as_str().contains("point"));
    let evaluation = evaluate(&packs, &Intent::default(), &Settings::at(now()), inventory, &[]).expect("evaluation");
    let starts = evaluation
        .findings
        .iter()
        .map(|finding| finding.locations.primary.span.start);
    let verdicts = verdicts(&evaluation.findings);
    let found: Vec<_> = verdicts.iter().map(String::as_str).zip(starts).collect();
    assert_eq!(found, expected);
    let said: Vec<_> = evaluation
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let severity = match diagnostic.severity {
                DiagnosticSeverity::Error => "error",
                DiagnosticSeverity::Warning => "warning",
                DiagnosticSeverity::Note => "note",
            };
            format!("{severity} {}", diagnostic.message)
        })
        .collect();
    assert_eq!(said, undecided);
}

const ACCOUNT: &str = "s3-guardrails/account-block-off low new";
const BUCKET: &str = "s3-guardrails/bucket-block-off low new";

#[test]
fn a_block_that_is_off_or_missing_is_reported_once_for_each_level() {
    check(&inventory(off(), off()), &[(ACCOUNT, 30), (BUCKET, 30)], &[]);
    check(
        &inventory(Setting::Absent, Setting::Absent),
        &[(ACCOUNT, 1), (BUCKET, 2)],
        &[],
    );
    check(&inventory(off(), on()), &[(ACCOUNT, 30)], &[]);
}

#[test]
fn what_is_held_from_above_is_quiet() {
    check(&inventory(on(), off()), &[], &[]);
    let all = Some(vec![Target::Root]);
    check(&with_organization(inventory(off(), off()), all), &[], &[]);
    let another = Some(vec![Target::Account(account("999999999999"))]);
    check(
        &with_organization(inventory(off(), off()), another),
        &[(ACCOUNT, 30), (BUCKET, 30)],
        &[],
    );
}

#[test]
fn what_is_not_known_is_not_decided() {
    let said = |rule: &str, resource: &str, key: &str| {
        format!(
            "warning `{rule}` cannot be decided for `{resource}`: `{key}` is not known: AWS refused to tell (AccessDenied)"
        )
    };
    let of_account = said(
        "s3-guardrails/account-block-off",
        "arn:aws:iam::111122223333:root",
        "public_access_block",
    );
    let of_bucket = |key: &str| said("s3-guardrails/bucket-block-off", "arn:aws:s3:::b", key);
    check(
        &inventory(refused(), off()),
        &[],
        &[&of_account, &of_bucket("account_public_access_block")],
    );
    check(
        &inventory(off(), refused()),
        &[(ACCOUNT, 30)],
        &[&of_bucket("public_access_block")],
    );
    // Held from above or on by itself: what is not known does not matter.
    check(&inventory(on(), refused()), &[], &[]);
    check(&inventory(refused(), on()), &[], &[&of_account]);
}

#[test]
fn inputs_that_never_tell_are_noted_once() {
    let mut many = inventory(not_given(), not_given());
    let mut second = many.buckets[0].clone();
    second.name = "c".into();
    many.buckets.push(second);
    check(
        &many,
        &[],
        &[
            "note `s3-guardrails/account-block-off` cannot be decided for one resource: the input does not carry `public_access_block`",
            "note `s3-guardrails/bucket-block-off` cannot be decided for 2 resources: the input does not carry `public_access_block`",
        ],
    );
}

/// How a document is written is asked by many rules; that it cannot be read is said once.
#[test]
fn one_reason_is_told_once() {
    let mut inventory = inventory(on(), on());
    inventory.buckets[0].policy = Setting::unknown(UnknownReason::Refused("AccessDenied".into()), Some(span(60)));
    let packs = Packs::load(&["policy-lint".to_owned()], Vec::new()).expect("the pack");
    let evaluation =
        evaluate(&packs, &Intent::default(), &Settings::at(now()), &inventory, &[]).expect("rules can be evaluated");
    let [said] = evaluation.diagnostics.as_slice() else {
        panic!("{:?}", evaluation.diagnostics);
    };
    assert!(
        said.message
            .contains(" more rules cannot be decided for `arn:aws:s3:::b`"),
        "{}",
        said.message
    );
    assert!(evaluation.findings.is_empty());
}
