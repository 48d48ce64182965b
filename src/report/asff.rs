use std::collections::BTreeMap;
use std::io;

use serde::{Serialize, Serializer};

use super::plain::place;
use super::subject::{Subject, SubjectKind};
use super::words::{Witnesses, cut};
use super::{Report, json_format};
use crate::finding::{Finding, FindingStatus, GrantEffect, Severity};

/// Writes findings in the AWS Security Finding Format, a list such as `aws securityhub batch-import-findings` takes.
///
/// Where the account is not known, `000000000000` stands for it; the region, in which findings are imported and which no
/// export tells, is `REGION`. What is suppressed or intended is archived.
///
/// Source: AWS Security Hub User Guide, "AWS Security Finding Format"; limits by its API Reference, `AwsSecurityFinding`.
pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    json_format::write(&Findings(report), INDENTED, out)
}

struct Findings<'a>(&'a Report<'a>);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let witnesses = Witnesses::new(report);
        let findings = report.findings.iter();
        serializer.collect_seq(findings.map(|finding| SecurityFinding::of(finding, report, &witnesses)))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SecurityFinding {
    schema_version: &'static str,
    id: String,
    product_arn: String,
    product_name: &'static str,
    company_name: &'static str,
    generator_id: String,
    aws_account_id: String,
    types: Vec<&'static str>,
    created_at: String,
    updated_at: String,
    severity: SeverityView,
    title: String,
    description: String,
    remediation: Remediation,
    product_fields: BTreeMap<&'static str, String>,
    resources: [Resource; 1],
    compliance: Compliance,
    record_state: &'static str,
    finding_provider_fields: ProviderFields,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SeverityView {
    label: &'static str,
    original: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Remediation {
    recommendation: Recommendation,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Recommendation {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    #[serde(rename = "Type")]
    kind: &'static str,
    id: String,
    partition: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Compliance {
    status: &'static str,
}

/// What a provider may change later; Security Hub ignores later changes at the top level.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ProviderFields {
    severity: SeverityView,
    types: Vec<&'static str>,
}

impl SecurityFinding {
    fn of(finding: &Finding, report: &Report<'_>, witnesses: &Witnesses<'_>) -> Self {
        let subject = Subject::of(finding, witnesses);
        let account = account(&subject, report);
        let partition = partition(&finding.resource);
        let severity = severity(finding.severity);
        let types = types(finding, subject.kind, witnesses);
        let (record_state, status) = state(&finding.status);
        let (product_arn, now) = (product_arn(&partition, &account), report.time.to_string());
        Self {
            schema_version: "2018-10-08",
            id: format!("bucketproof/{}", finding.fingerprint),
            product_arn,
            product_name: "bucketproof",
            company_name: "bucketproof",
            generator_id: cut(&format!("bucketproof/{}", finding.rule), 512),
            aws_account_id: account,
            types: types.clone(),
            created_at: now.clone(),
            updated_at: now,
            severity,
            title: cut(&report.shown(&finding.title), 256),
            description: cut(&report.shown(&description(finding, witnesses)), 1024),
            remediation: Remediation {
                recommendation: Recommendation {
                    text: cut(&report.shown(&finding.remediation), 512),
                },
            },
            product_fields: product_fields(finding, report, witnesses),
            resources: [Resource {
                kind: resource_type(subject.kind),
                id: resource_id(finding, &subject, report),
                partition,
            }],
            compliance: Compliance { status },
            record_state,
            finding_provider_fields: ProviderFields { severity, types },
        }
    }
}

/// The account that a finding belongs to.
fn account(subject: &Subject<'_>, report: &Report<'_>) -> String {
    let account = subject.account.as_deref().map(|account| report.shown(account));
    let known = account.filter(|account| account.len() == UNKNOWN_ACCOUNT.len());
    known.unwrap_or(UNKNOWN_ACCOUNT.into())
}

/// Whether Security Hub shows it, and what became of the check.
fn state(status: &FindingStatus) -> (&'static str, &'static str) {
    match status {
        FindingStatus::New | FindingStatus::Baseline => ("ACTIVE", "FAILED"),
        FindingStatus::Suppressed(_) => ("ARCHIVED", "WARNING"),
        FindingStatus::Intended(_) => ("ARCHIVED", "PASSED"),
    }
}

/// The product of an integration of one's own, in the account that imports.
fn product_arn(partition: &str, account: &str) -> String {
    format!("arn:{partition}:securityhub:REGION:{account}:product/{account}/default")
}

fn description(finding: &Finding, witnesses: &Witnesses<'_>) -> String {
    match witnesses.of(finding) {
        Some(witness) => format!("{} (witness: {witness})", finding.message),
        None => finding.message.clone(),
    }
}

fn partition(arn: &str) -> String {
    let known = arn.split(':').nth(1);
    known
        .filter(|partition| PARTITIONS.contains(partition))
        .unwrap_or("aws")
        .to_owned()
}

fn severity(severity: Severity) -> SeverityView {
    SeverityView {
        label: match severity {
            Severity::Critical => "CRITICAL",
            Severity::High => "HIGH",
            Severity::Medium => "MEDIUM",
            Severity::Low => "LOW",
        },
        original: severity.as_str(),
    }
}

/// Every finding is about a configuration; one about data that others get now is about its effect as well.
fn types(finding: &Finding, kind: SubjectKind, witnesses: &Witnesses<'_>) -> Vec<&'static str> {
    let exposes = |effect: GrantEffect, outside: bool| effect == GrantEffect::Effective && outside;
    let exposed = witnesses
        .grant(finding)
        .is_some_and(|grant| exposes(grant.effect, grant.outside_zone));
    let holds_data = match kind {
        SubjectKind::Bucket | SubjectKind::AccessPoint | SubjectKind::Object => true,
        SubjectKind::Role | SubjectKind::Account | SubjectKind::Other => false,
    };
    let mut types = vec!["Software and Configuration Checks/AWS Security Best Practices"];
    if exposed && holds_data {
        types.push("Effects/Data Exposure");
    }
    types
}

fn resource_type(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Bucket => "AwsS3Bucket",
        SubjectKind::AccessPoint => "AwsS3AccessPoint",
        SubjectKind::Object => "AwsS3Object",
        SubjectKind::Role => "AwsIamRole",
        SubjectKind::Account => "AwsAccount",
        SubjectKind::Other => "Other",
    }
}

/// Accounts have an id of their own kind in Security Hub.
fn resource_id(finding: &Finding, subject: &Subject<'_>, report: &Report<'_>) -> String {
    match (subject.kind, &subject.account) {
        (SubjectKind::Account, Some(account)) => format!("AWS::::Account:{}", report.shown(account)),
        (_, _) => report.shown(&finding.resource),
    }
}

fn product_fields(finding: &Finding, report: &Report<'_>, witnesses: &Witnesses<'_>) -> BTreeMap<&'static str, String> {
    let fields = [
        ("bucketproof/Rule", Some(finding.rule.to_string())),
        ("bucketproof/Status", Some(finding.status.as_str().to_owned())),
        ("bucketproof/Reason", finding.status.reason().map(str::to_owned)),
        (
            "bucketproof/Place",
            Some(place(report.sources, finding.locations.primary.span)),
        ),
        ("bucketproof/Witness", witnesses.of(finding)),
        ("bucketproof/Version", Some(report.tool.version.clone())),
    ];
    let given = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given
        .map(|(name, value)| (name, cut(&report.shown(&value), LONGEST_FIELD)))
        .collect()
}

const UNKNOWN_ACCOUNT: &str = "000000000000";

const PARTITIONS: [&str; 5] = ["aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b"];

/// Characters of the value of a product field.
const LONGEST_FIELD: usize = 2048;

/// One line a finding.
const INDENTED: usize = 1;
