use std::io;

use serde::{Serialize, Serializer};

use super::json_access::{PlaceView, WitnessView};
use super::ocsf_event::{
    Account, Analytic, Cloud, Compliance, Event, FindingInfo, Metadata, Product, Remediation, Resource, Unmapped,
};
use super::subject::{Subject, SubjectKind};
use super::words::Witnesses;
use super::{Report, json_format};
use crate::finding::{Finding, FindingStatus, Severity};

/// Writes findings as events of the Open Cybersecurity Schema Framework 1.3, class Compliance Finding (2003).
///
/// Not Detection Finding (2004), which tells of something that happened: a configuration was held against a rule, and nobody
/// needs to have come in.
///
/// Source: schema.ocsf.io, 1.3.0, class `compliance_finding`, profile `cloud`.
pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    json_format::write(&Events(report), INDENTED, out)
}

struct Events<'a>(&'a Report<'a>);

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let witnesses = Witnesses::new(report);
        let findings = report.findings.iter();
        serializer.collect_seq(findings.map(|finding| event(finding, report, &witnesses)))
    }
}

fn event<'a>(finding: &'a Finding, report: &'a Report<'_>, witnesses: &Witnesses<'a>) -> Event<'a> {
    let subject = Subject::of(finding, witnesses);
    let (severity_id, severity) = severity(finding.severity);
    let (status_id, status) = status(&finding.status);
    Event {
        activity_id: 1,
        activity_name: "Create",
        category_uid: 2,
        category_name: "Findings",
        class_uid: 2003,
        class_name: "Compliance Finding",
        type_uid: 200_301,
        type_name: "Compliance Finding: Create",
        time: report.time.0,
        severity_id,
        severity,
        status_id,
        status,
        status_detail: finding.status.reason(),
        message: &finding.message,
        metadata: metadata(report),
        cloud: cloud(&subject),
        finding_info: finding_info(finding, report.time.0),
        compliance: compliance(finding),
        resources: [resource(finding, &subject)],
        remediation: Remediation {
            desc: &finding.remediation,
        },
        unmapped: Unmapped {
            status: finding.status.as_str(),
            location: PlaceView::of(finding.locations.primary.span, report.sources),
            witness: finding.witness.as_ref().map(WitnessView::of),
            references: &finding.references,
        },
    }
}

fn cloud(subject: &Subject<'_>) -> Cloud {
    Cloud {
        provider: "AWS",
        account: subject.account.as_ref().map(|account| Account {
            uid: account.clone(),
            type_id: 10,
            name: "AWS Account",
        }),
    }
}

fn metadata<'a>(report: &'a Report<'_>) -> Metadata<'a> {
    Metadata {
        version: "1.3.0",
        profiles: ["cloud"],
        product: Product {
            name: "bucketproof",
            vendor_name: "bucketproof",
            version: &report.tool.version,
        },
    }
}

fn finding_info(finding: &Finding, time: i64) -> FindingInfo<'_> {
    FindingInfo {
        uid: finding.fingerprint.as_str(),
        title: &finding.title,
        desc: &finding.message,
        created_time: time,
        analytic: Analytic {
            uid: finding.rule.as_str(),
            name: finding.rule.as_str(),
            type_id: 1,
            kind: "Rule",
        },
    }
}

/// The pack stands for the standard, the rule for the control.
fn compliance(finding: &Finding) -> Compliance<'_> {
    let rule = finding.rule.as_str();
    let pack = rule.split_once('/').map_or("built-in", |(pack, _)| pack);
    let (status_id, status) = match finding.status {
        FindingStatus::New | FindingStatus::Baseline | FindingStatus::Suppressed(_) => (3, "Fail"),
        FindingStatus::Intended(_) => (1, "Pass"),
    };
    Compliance {
        control: rule,
        standards: [format!("bucketproof/{pack}")],
        status_id,
        status,
    }
}

fn resource<'a>(finding: &'a Finding, subject: &Subject<'a>) -> Resource<'a> {
    let fields: Vec<&str> = finding.resource.splitn(5, ':').collect();
    let (partition, region) = match fields.as_slice() {
        ["arn", partition, _, region, ..] => (Some(*partition), Some(*region).filter(|region| !region.is_empty())),
        _ => (None, None),
    };
    Resource {
        uid: &finding.resource,
        name: subject.name,
        kind: match subject.kind {
            SubjectKind::Bucket => "AWS::S3::Bucket",
            SubjectKind::AccessPoint => "AWS::S3::AccessPoint",
            SubjectKind::Object => "AWS::S3::Object",
            SubjectKind::Role => "AWS::IAM::Role",
            SubjectKind::Account => "AWS::::Account",
            SubjectKind::Other => "Other",
        },
        cloud_partition: partition,
        region,
    }
}

fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Critical => (5, "Critical"),
        Severity::High => (4, "High"),
        Severity::Medium => (3, "Medium"),
        Severity::Low => (2, "Low"),
    }
}

fn status(status: &FindingStatus) -> (u8, &'static str) {
    match status {
        FindingStatus::New => (1, "New"),
        // No word of the schema means known before and still open.
        FindingStatus::Baseline => (99, "Baseline"),
        FindingStatus::Suppressed(_) | FindingStatus::Intended(_) => (3, "Suppressed"),
    }
}

/// One line an event.
const INDENTED: usize = 1;
