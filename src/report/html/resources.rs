use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::super::Report;
use super::super::access_table::{console_cell, resource_in_words, sharing_in_words, who};
use super::super::subject::owner;
use super::page::UNKNOWN;
use super::reach::is_shared;
use crate::finding::{Finding, ResourceAccess, Severity};
use crate::model::When;

/// A resource with findings, or one that is shared outside.
#[derive(Serialize)]
pub(super) struct ResourceRow {
    name: String,
    arn: String,
    account: String,
    console: &'static str,
    sharing: &'static str,
    /// One line for each set of levels.
    who: Vec<String>,
    findings: usize,
    /// By which a filter finds the row.
    severities: String,
    rules: String,
}

/// The resources to list, and how many are not.
///
/// Those that are public come first, then by how far they are shared and by their findings.
pub(super) fn resources(report: &Report<'_>) -> (Vec<ResourceRow>, usize) {
    let mut of_resource: HashMap<(&str, &[When]), Vec<&Finding>> = HashMap::new();
    for finding in report.findings.iter().filter(|finding| finding.status.counts()) {
        let key = (finding.resource.as_str(), &*finding.when);
        of_resource.entry(key).or_default().push(finding);
    }
    let mut listed: Vec<(&ResourceAccess, &[&Finding])> = Vec::new();
    for access in report.resources {
        let findings = of_resource
            .get(&(access.resource.arn.as_str(), &*access.resource.when))
            .map_or(&[][..], Vec::as_slice);
        if is_shared(access.status.sharing) || !findings.is_empty() {
            listed.push((access, findings));
        }
    }
    let worst = |findings: &[&Finding]| findings.iter().map(|finding| finding.severity).min();
    // No finding comes behind the mildest one.
    listed.sort_by_key(|(access, findings)| {
        let severity = worst(findings);
        (access.status.sharing, severity.is_none(), severity)
    });
    let quiet = report.resources.len() - listed.len();
    let rows = listed
        .into_iter()
        .map(|(access, findings)| row(access, findings, report));
    (rows.collect(), quiet)
}

fn row(access: &ResourceAccess, findings: &[&Finding], report: &Report<'_>) -> ResourceRow {
    let severities: BTreeSet<Severity> = findings.iter().map(|finding| finding.severity).collect();
    let severities: Vec<&str> = severities.into_iter().map(Severity::as_str).collect();
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    ResourceRow {
        name: report.shown(&resource_in_words(access)),
        arn: report.shown(&access.resource.arn),
        account: owner(access).unwrap_or(UNKNOWN.into()),
        console: console_cell(access),
        sharing: sharing_in_words(access.status.sharing),
        who: who(access).lines().map(|line| report.shown(line)).collect(),
        findings: findings.len(),
        severities: severities.join(" "),
        rules: rules.into_iter().collect::<Vec<_>>().join(" "),
    }
}
