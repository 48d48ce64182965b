use std::collections::BTreeMap;

use serde::Serialize;

use super::super::Report;
use super::super::subject::{Subject, owner};
use super::super::words::Witnesses;
use super::page::UNKNOWN;
use crate::finding::{ResourceKind, Severity, Sharing};

/// What there is in one account.
#[derive(Default, Serialize)]
pub(super) struct AccountRow {
    account: String,
    buckets: usize,
    roles: usize,
    others: usize,
    public: usize,
    external: usize,
    unknown: usize,
    internal: usize,
    not_shared: usize,
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
}

/// A row for each account, those with the worst findings first.
pub(super) fn accounts(report: &Report<'_>) -> Vec<AccountRow> {
    let mut rows: BTreeMap<String, AccountRow> = BTreeMap::new();
    for access in report.resources {
        let row = rows.entry(owner(access).unwrap_or(UNKNOWN.into())).or_default();
        *match access.resource.kind {
            ResourceKind::Bucket => &mut row.buckets,
            ResourceKind::Role => &mut row.roles,
            ResourceKind::AccessPoint | ResourceKind::Object => &mut row.others,
        } += 1;
        *match access.status.sharing {
            Sharing::Public => &mut row.public,
            Sharing::External => &mut row.external,
            Sharing::Unknown => &mut row.unknown,
            Sharing::Internal => &mut row.internal,
            Sharing::NotShared => &mut row.not_shared,
        } += 1;
    }
    let witnesses = Witnesses::new(report);
    for finding in report.findings.iter().filter(|finding| finding.status.counts()) {
        let account = Subject::of(finding, &witnesses).account;
        let row = rows.entry(account.unwrap_or(UNKNOWN.into())).or_default();
        *match finding.severity {
            Severity::Critical => &mut row.critical,
            Severity::High => &mut row.high,
            Severity::Medium => &mut row.medium,
            Severity::Low => &mut row.low,
        } += 1;
    }
    let named = rows.into_iter().map(|(account, row)| AccountRow { account, ..row });
    let mut rows: Vec<AccountRow> = named.collect();
    let worst = |row: &AccountRow| (row.critical, row.high, row.medium, row.public, row.external, row.low);
    rows.sort_by_key(|row| std::cmp::Reverse(worst(row)));
    rows
}
