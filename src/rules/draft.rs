use std::collections::BTreeSet;
use std::sync::Arc;

use super::default_deny;
use super::facts::{Held, subject_claim};
use super::message::{Words, few};
use super::rule::{Place, Rule};
use super::witness::{Replay, witness};
use crate::finding::{
    Confinement, DocumentKind, Finding, FindingStatus, Fingerprint, FingerprintParts, Grant, GrantEffect, GrantSource,
    Grantee, Location, Locations, Matter, ResourceAccess, ResourceKind, RuleId, Severity,
};
use crate::iam::{Action, Operator, Target};
use crate::model::{Account, PublicAccessBlock, Setting};

/// What a finding is about.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) access: &'a ResourceAccess,
    pub(super) account: Option<&'a Account>,
    pub(super) held: Held<'a>,
    pub(super) grant: &'a Grant,
    /// The grant's place.
    pub(super) index: usize,
    pub(super) replay: Replay<'a>,
}

/// What the engine says of a grant besides.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Deny statements that were meant to keep strangers out, each at the condition by which they pass.
    pub(super) fences: Vec<Location>,
    /// A subject of a provider that has it.
    pub(super) subject: Option<String>,
}

/// A finding in the making: grants that differ only in the statement they rest on come together in one.
pub(super) struct Draft<'a> {
    subject: Subject<'a>,
    /// None for default deny.
    rule: Option<&'a Rule>,
    id: RuleId,
    fingerprint: Fingerprint,
    severity: Severity,
    actions: Vec<&'static Action>,
    sources: Vec<GrantSource>,
    status: FindingStatus,
    evidence: Arc<Evidence>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        subject: Subject<'a>,
        rule: Option<&'a Rule>,
        severity: Severity,
        actions: Vec<&'static Action>,
        (status, evidence): (FindingStatus, Arc<Evidence>),
    ) -> Self {
        let id = rule.map_or_else(RuleId::unintended_access, |rule| rule.id.clone());
        let fingerprint = Fingerprint::new(FingerprintParts {
            rule: &id,
            resource: &subject.access.resource.arn,
            grant: Some(subject.grant),
            detail: "",
        });
        Self {
            subject,
            rule,
            id,
            fingerprint,
            severity,
            actions,
            sources: subject.grant.sources.clone(),
            status,
            evidence,
        }
    }

    /// Whether both say the same of one resource.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }

    /// Takes in what the same finding rests on besides.
    pub(super) fn merge(&mut self, other: Self) {
        self.severity = self.severity.min(other.severity);
        self.actions.extend(other.actions);
        let known = &mut self.sources;
        let more: Vec<_> = other
            .sources
            .into_iter()
            .filter(|source| !known.contains(source))
            .collect();
        known.extend(more);
        if other.status.counts() {
            self.status = other.status;
        }
    }

    pub(super) fn finish(mut self) -> Finding {
        self.actions.sort_by_key(|action| action.id);
        self.actions.dedup();
        self.actions.sort_by_key(|action| telling(action));
        let words = self.words();
        let (title, message, remediation, references) = match self.rule {
            Some(rule) => (
                rule.title.clone(),
                rule.template.fill(&words),
                rule.remediation.clone(),
                rule.references.clone(),
            ),
            None => (
                default_deny::UNINTENDED_ACCESS_TITLE.to_owned(),
                default_deny::message(&words),
                default_deny::REMEDIATION.to_owned(),
                Vec::new(),
            ),
        };
        Finding {
            locations: self.locations(),
            fingerprint: self.fingerprint,
            rule: self.id,
            title,
            severity: self.severity,
            message,
            resource: self.subject.access.resource.arn.clone(),
            when: self.subject.access.resource.when.clone(),
            matter: Matter::of(self.subject.grant, self.actions.iter().map(|action| action.name)),
            grant: Some(self.subject.index),
            witness: Some(witness(&self.subject, &self.actions, self.subject.replay)),
            remediation,
            references,
            status: self.status,
        }
    }

    fn words(&self) -> Words {
        let resource = &self.subject.access.resource;
        Words {
            grantee: grantee(self.subject.grant),
            actions: few(self.actions.iter().map(|action| action.name), 3),
            resources: few(self.patterns().into_iter(), 2),
            subjects: few(subjects(self.subject.grant).into_iter(), 3),
            subject: self
                .evidence
                .subject
                .clone()
                .unwrap_or_else(|| "any subject".to_owned()),
            resource: resource.arn.clone(),
            name: resource.name.clone(),
            account: resource.account.map(|id| id.to_string()).unwrap_or_default(),
            ..Words::default()
        }
    }

    /// The resource patterns that the finding's actions can work on, as far as a pattern's shape tells.
    fn patterns(&self) -> Vec<&str> {
        let resource = &self.subject.access.resource;
        let all: Vec<&str> = self.subject.grant.resources.iter().map(String::as_str).collect();
        let works_on = |targets: [Target; 2]| {
            self.actions
                .iter()
                .any(|action| targets.iter().any(|target| action.targets.contains(target)))
        };
        let on_objects = works_on([Target::Object, Target::AccessPointObject]);
        let on_the_rest = works_on([Target::Bucket, Target::AccessPoint]);
        let fits = |pattern: &&str| {
            pattern.ends_with('*') && !pattern.contains('/')
                || (if pattern.contains('/') { on_objects } else { on_the_rest })
        };
        let fitting: Vec<&str> = match resource.kind {
            ResourceKind::Bucket => all.iter().copied().filter(fits).collect(),
            ResourceKind::AccessPoint | ResourceKind::Object | ResourceKind::Role => Vec::new(),
        };
        match (fitting.is_empty(), all.is_empty()) {
            (false, _) => fitting,
            (true, false) => all,
            (true, true) => vec![&resource.arn],
        }
    }

    fn locations(&self) -> Locations {
        let sources = self.sources.iter().map(location);
        let fences = self.evidence.fences.iter().cloned();
        let mut all: Vec<Location> = match self.rule.map_or(Place::Grant, |rule| rule.place) {
            Place::Grant => sources.chain(fences).collect(),
            Place::Fence => fences.chain(sources).collect(),
        };
        all.extend(self.gaps());
        let mut all = all.into_iter();
        let primary = all.next().unwrap_or_else(|| Location {
            span: self.subject.access.resource.span,
            label: "this resource".to_owned(),
        });
        let mut secondary = Vec::new();
        for place in all {
            if place != primary && !secondary.contains(&place) {
                secondary.push(place);
            }
        }
        Locations { primary, secondary }
    }

    /// Settings that are off and would have stopped the grant.
    fn gaps(&self) -> Vec<Location> {
        let Subject {
            held, account, grant, ..
        } = self.subject;
        if grant.effect != GrantEffect::Effective || !grant.is_public() {
            return Vec::new();
        }
        let own = match self.subject.access.resource.kind {
            ResourceKind::Bucket | ResourceKind::Object => held.bucket.map(|of| (&of.public_access_block, "bucket")),
            ResourceKind::AccessPoint => held.access_point.map(|of| (&of.public_access_block, "access point")),
            ResourceKind::Role => return Vec::new(),
        };
        let above = account.map(|of| (&of.public_access_block, "account"));
        let missing: BTreeSet<_> = self
            .sources
            .iter()
            .filter_map(|source| barrier(source.document))
            .collect();
        own.into_iter()
            .chain(above)
            .flat_map(|(block, level)| missing.iter().filter_map(move |barrier| barrier.gap(block, level)))
            .collect()
    }
}

/// Where an action stands among those that say most.
fn telling(action: &Action) -> usize {
    let place = TELLING.iter().position(|name| *name == action.name);
    place.unwrap_or(TELLING.len())
}

/// Actions that say most about what a grant gives, gravest first [S3A-22].
const TELLING: &[&str] = &[
    "sts:AssumeRole",
    "s3:PutBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutObjectAcl",
    "s3:PutReplicationConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListBucket",
    "s3:GetBucketPolicy",
    "s3:GetBucketAcl",
];

/// A Block Public Access setting that acts on requests [BPA-05].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Barrier {
    IgnorePublicAcls,
    RestrictPublicBuckets,
}

impl Barrier {
    /// Where the setting is written down as off.
    fn gap(self, block: &Setting<PublicAccessBlock>, level: &str) -> Option<Location> {
        let value = block.value()?;
        let (on, name) = match self {
            Self::IgnorePublicAcls => (value.ignore_public_acls, "IgnorePublicAcls"),
            Self::RestrictPublicBuckets => (value.restrict_public_buckets, "RestrictPublicBuckets"),
        };
        let span = block.span().filter(|_| !on)?;
        let label = format!("`{name}` is off for the {level}");
        Some(Location { span, label })
    }
}

fn barrier(document: DocumentKind) -> Option<Barrier> {
    match document {
        DocumentKind::BucketAcl | DocumentKind::ObjectAcl => Some(Barrier::IgnorePublicAcls),
        DocumentKind::BucketPolicy | DocumentKind::AccessPointPolicy => Some(Barrier::RestrictPublicBuckets),
        DocumentKind::TrustPolicy | DocumentKind::ResourceControlPolicy => None,
    }
}

fn location(source: &GrantSource) -> Location {
    let statement = match &source.sid {
        Some(sid) if !sid.is_empty() => format!("statement `{sid}`"),
        Some(_) | None => format!("statement {}", source.index + 1),
    };
    let label = match source.document {
        DocumentKind::BucketPolicy => format!("granted by {statement} of the bucket policy"),
        DocumentKind::AccessPointPolicy => format!("granted by {statement} of the access point policy"),
        DocumentKind::TrustPolicy => format!("granted by {statement} of the trust policy"),
        DocumentKind::ResourceControlPolicy => format!("{statement} of a resource control policy"),
        DocumentKind::BucketAcl => "granted by the bucket's ACL".to_owned(),
        DocumentKind::ObjectAcl => "granted by the object's ACL".to_owned(),
    };
    Location {
        span: source.focus,
        label,
    }
}

/// The patterns that the subjects of a provider must match.
fn subjects(grant: &Grant) -> Vec<&str> {
    let claim = format!(":{}", subject_claim(grant));
    let named = grant.conditions.iter().filter(|condition| {
        let asks = Operator::from_name(&condition.operator).is_some_and(|operator| !operator.base.is_negated());
        asks && condition.key.to_lowercase().ends_with(&claim)
    });
    let named: Vec<&str> = named
        .flat_map(|condition| &condition.values)
        .map(String::as_str)
        .collect();
    if named.is_empty() { vec!["*"] } else { named }
}

/// The grantee with what confines it, where its name alone says too much.
fn grantee(grant: &Grant) -> String {
    let confined = match &grant.grantee {
        Grantee::Anonymous | Grantee::AnyAwsAccount | Grantee::Service(_) | Grantee::Federated(_) => !grant.open,
        Grantee::Organization(_)
        | Grantee::Account(_)
        | Grantee::CanonicalUser(_)
        | Grantee::Principal(_)
        | Grantee::CloudFrontOai(_)
        | Grantee::Unknown(_) => false,
    };
    let by: Vec<String> = grant.confined_by.iter().filter(|_| confined).map(fence).collect();
    match (by.as_slice(), &grant.grantee) {
        ([], grantee) => grantee.to_string(),
        // Behind a fence nobody comes from just anywhere.
        (by, Grantee::Anonymous) => format!("anyone {}", by.join(" and ")),
        (by, grantee) => format!("{grantee} {}", by.join(" and ")),
    }
}

/// What confines a grant, as it stands behind its grantee.
fn fence(by: &Confinement) -> String {
    let values = few(by.values.iter().map(String::as_str), 2);
    match by.key.as_str() {
        "aws:SourceVpce" | "aws:SourceVpc" => format!("through {values}"),
        "aws:SourceIp" => format!("from {values}"),
        key => format!("with {key} {values}"),
    }
}
