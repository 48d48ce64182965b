//! What rules cost: loading them, and judging many grants.

use bucketproof::engine::{Caller, Context, Request};
use bucketproof::finding::{
    Confinement, ConfinementKind, DocumentKind, Grant, GrantEffect, GrantSource, Grantee, Resource, ResourceAccess,
    ResourceKind, Sharing, Status,
};
use bucketproof::iam::{Timestamp, actions};
use bucketproof::model::{Account, Bucket, Inventory};
use bucketproof::rules::{Check, Intent, Packs, Rule, Settings, evaluate};
use bucketproof::source::Span;
use divan::Bencher;

const BUCKETS: usize = 10_000;

fn main() {
    divan::main();
}

#[divan::bench]
fn load_built_in_packs() -> Option<Packs> {
    Packs::built_in().ok()
}

/// With an intent file the schema is parsed and the file validated.
#[divan::bench]
fn load_an_intent_file() -> Option<Intent> {
    let text = "@reason(\"website\") permit (principal, action == Action::\"Read\", resource == Bucket::\"www\");";
    Intent::parse(&[("intent.cedar".into(), text.into())]).ok()
}

/// One bucket, one grant: what is paid once whatever is scanned.
#[divan::bench]
fn judge_one_grant(bencher: Bencher<'_, '_>) {
    judge(bencher, 1, |_| true);
}

/// Three grants of two levels for each of 10,000 buckets, settings included.
#[divan::bench(sample_count = 5)]
fn judge_ten_thousand_buckets(bencher: Bencher<'_, '_>) {
    judge(bencher, BUCKETS, |_| true);
}

/// The same without rules about settings.
#[divan::bench(sample_count = 5)]
fn judge_grants_of_ten_thousand_buckets(bencher: Bencher<'_, '_>) {
    judge(bencher, BUCKETS, |rule| matches!(rule.check, Check::Grants { .. }));
}

fn judge(bencher: Bencher<'_, '_>, buckets: usize, keep: impl Fn(&Rule) -> bool) {
    let (Ok(packs), Ok(now)) = (Packs::built_in(), "2026-12-01".parse::<Timestamp>()) else {
        return;
    };
    let packs = packs.only(keep);
    let inventory = Inventory {
        accounts: vec![Account::default()],
        buckets: (0..buckets).map(|index| named(&name(index))).collect(),
        ..Inventory::default()
    };
    let access: Vec<ResourceAccess> = (0..buckets).map(|index| access(&name(index), index)).collect();
    bencher.bench(|| {
        evaluate(&packs, &Intent::default(), &Settings::at(now), &inventory, &access)
            .map(|evaluation| evaluation.findings.len())
            .ok()
    });
}

fn name(index: usize) -> String {
    format!("bucket-{index}")
}

fn named(name: &str) -> Bucket {
    Bucket {
        name: name.into(),
        ..Bucket::default()
    }
}

/// A bucket that grants to its own account, to a foreign one, and to everyone behind an endpoint.
fn access(name: &str, index: usize) -> ResourceAccess {
    let account = |id: usize| {
        format!("{:012}", 100_000_000_000 + id % 50)
            .parse()
            .map(Grantee::Account)
    };
    let foreign = account(index).unwrap_or(Grantee::AnyAwsAccount);
    let own = account(7).unwrap_or(Grantee::AnyAwsAccount);
    let grants = vec![
        grant(name, Grantee::Anonymous, true, "aws:SourceVpce"),
        grant(name, foreign, true, ""),
        grant(name, own, false, ""),
    ];
    ResourceAccess {
        resource: Resource {
            kind: ResourceKind::Bucket,
            arn: format!("arn:aws:s3:::{name}"),
            name: name.to_owned(),
            account: None,
            when: Vec::new(),
            span: Span::default(),
        },
        status: Status {
            policy_public: Some(false),
            acl_public: Some(false),
            console: None,
            sharing: Sharing::NotShared,
        },
        grants,
        indeterminate: Vec::new(),
    }
}

fn grant(bucket: &str, grantee: Grantee, outside_zone: bool, confined_by: &str) -> Grant {
    let action = |name: &str| actions().iter().find(|action| action.name == name);
    let [read, list] = ["s3:GetObject", "s3:ListBucket"].map(|name| action(name).or(actions().first()));
    let (Some(read), Some(list)) = (read, list) else {
        unreachable!("the catalogue holds actions");
    };
    let confinement = Confinement {
        kind: ConfinementKind::Network,
        key: confined_by.to_owned(),
        values: vec!["vpce-1a2b3c4d".to_owned()],
    };
    Grant {
        grantee,
        effect: GrantEffect::Effective,
        blocked_by: Vec::new(),
        outside_zone,
        open: false,
        confined_by: Some(confinement)
            .filter(|_| !confined_by.is_empty())
            .into_iter()
            .collect(),
        actions: vec![read.id, list.id],
        resources: vec![format!("arn:aws:s3:::{bucket}/*"), format!("arn:aws:s3:::{bucket}")],
        conditions: Vec::new(),
        assumed: Vec::new(),
        sources: vec![GrantSource {
            document: DocumentKind::BucketPolicy,
            sid: None,
            index: 0,
            span: Span::default(),
            focus: Span::default(),
        }],
        witness: Request {
            caller: Caller::Anonymous,
            action: read,
            resource: format!("arn:aws:s3:::{bucket}/key"),
            context: Context::default(),
        },
    }
}
