use bucketproof::engine::{Caller, Context, Request};
use bucketproof::finding::{
    Confinement, ConfinementKind, DocumentKind, Finding, Grant, GrantEffect, GrantSource, Grantee, Residual, Resource,
    ResourceAccess, ResourceKind, Sharing, Status,
};
use bucketproof::iam::{AccountId, Timestamp, find_action};
use bucketproof::model::Inventory;
use bucketproof::rules::{Evaluation, Intent, Packs, Settings, evaluate};
use bucketproof::source::{FileId, Span};

pub const OWNER: &str = "111122223333";
pub const OTHER: &str = "444455556666";

pub fn account(id: &str) -> AccountId {
    id.parse().expect(id)
}

pub fn now() -> Timestamp {
    "2026-12-01".parse().expect("a date")
}

pub fn span(start: usize) -> Span {
    Span::new(FileId(0), start, start + 1)
}

/// A grant to somebody outside, open unless said otherwise, by the first statement of a document.
pub fn grant(grantee: Grantee, actions: &[&str]) -> Grant {
    let first = find_action(actions[0]).expect(actions[0]);
    Grant {
        grantee,
        effect: GrantEffect::Effective,
        blocked_by: Vec::new(),
        outside_zone: true,
        open: true,
        confined_by: Vec::new(),
        actions: actions.iter().map(|name| find_action(name).expect(name).id).collect(),
        resources: vec!["arn:aws:s3:::b/*".into()],
        conditions: Vec::new(),
        assumed: Vec::new(),
        sources: vec![source(DocumentKind::BucketPolicy, 10)],
        witness: Request {
            caller: Caller::Anonymous,
            action: first,
            resource: "arn:aws:s3:::b/key".into(),
            context: Context::default(),
        },
    }
}

pub fn source(document: DocumentKind, start: usize) -> GrantSource {
    GrantSource {
        document,
        sid: None,
        index: 0,
        span: span(start),
        focus: span(start),
    }
}

pub fn confined(mut grant: Grant, kind: ConfinementKind, key: &str, value: &str) -> Grant {
    grant.open = false;
    grant.confined_by = vec![Confinement {
        kind,
        key: key.into(),
        values: vec![value.into()],
    }];
    grant
}

pub fn conditioned(mut grant: Grant, operator: &str, key: &str, value: &str) -> Grant {
    grant.conditions.push(Residual {
        operator: operator.into(),
        key: key.into(),
        values: vec![value.into()],
    });
    grant
}

pub fn blocked(mut grant: Grant, by: &str) -> Grant {
    grant.effect = GrantEffect::Blocked;
    grant.blocked_by = vec![by.into()];
    grant
}

pub fn bucket(grants: Vec<Grant>) -> ResourceAccess {
    resource(ResourceKind::Bucket, "arn:aws:s3:::b", "b", grants)
}

pub fn role(grants: Vec<Grant>) -> ResourceAccess {
    resource(ResourceKind::Role, "arn:aws:iam::111122223333:role/r", "r", grants)
}

pub fn resource(kind: ResourceKind, arn: &str, name: &str, grants: Vec<Grant>) -> ResourceAccess {
    ResourceAccess {
        resource: Resource {
            kind,
            arn: arn.into(),
            name: name.into(),
            account: Some(account(OWNER)),
            when: Vec::new(),
            span: span(0),
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

/// Judges resources by the built-in packs.
pub fn judged(access: &[ResourceAccess], intent: &Intent, settings: &Settings) -> Evaluation {
    let packs = Packs::built_in().expect("built-in packs");
    evaluate(&packs, intent, settings, &Inventory::default(), access).expect("rules can be evaluated")
}

/// Findings as "rule severity status".
pub fn verdicts(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            format!(
                "{} {} {}",
                finding.rule,
                finding.severity.as_str(),
                finding.status.as_str()
            )
        })
        .collect()
}

/// What the built-in rules say of some grants of one resource.
pub fn check(access: ResourceAccess, expected: &[&str]) {
    let evaluation = judged(&[access], &Intent::default(), &Settings::at(now()));
    assert_eq!(verdicts(&evaluation.findings), expected);
}
