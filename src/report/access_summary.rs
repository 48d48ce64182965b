//! Who has access, counted: one row an account and one for all, as Macie's bucket statistics have it [MAC-05].

use std::collections::BTreeMap;
use std::io;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::json::{Diagnostics, INDENTED, ToolView};
use super::pretty::write_diagnostics;
use super::{AccessFormat, Report, Style, json_format};
use crate::finding::{GrantEffect, ResourceAccess, ResourceKind, Sharing};
use crate::iam::{AccountId, Level};

/// Writes how many resources of each account are reached by whom.
///
/// # Errors
/// When the writer fails.
pub fn write_access_summary(
    report: &Report<'_>,
    format: AccessFormat,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (accounts, total) = tally(report.resources);
    match format {
        AccessFormat::Table => {
            for line in table(&accounts, total).lines() {
                writeln!(out, "{}", line.trim_end())?;
            }
            writeln!(out)?;
            write_diagnostics(report, style, out)?;
            report
                .problems_line(style)
                .map_or(Ok(()), |problems| writeln!(out, "{problems}"))
        }
        AccessFormat::Json => {
            let view = SummaryView {
                schema: "bucketproof.access-summary.v1",
                tool: ToolView::of(report),
                accounts: accounts
                    .into_iter()
                    .map(|(account, tally)| AccountView {
                        account: account.map(|id| id.to_string()),
                        tally,
                    })
                    .collect(),
                total,
                diagnostics: Diagnostics(report),
                incomplete: report.incomplete,
            };
            json_format::write(&view, INDENTED, out)
        }
    }
}

/// What one resource comes to, whatever the outcomes of unknown tests: the widest.
#[derive(Clone, Copy)]
struct Reach {
    kind: ResourceKind,
    sharing: Sharing,
    readable: bool,
    writable: bool,
}

impl Reach {
    fn of(access: &ResourceAccess) -> Self {
        let grants = access.grants.iter();
        let public = grants.filter(|grant| grant.effect == GrantEffect::Effective && grant.is_public());
        let levels: Vec<Level> = public.flat_map(|grant| grant.levels()).collect();
        let reads = |level: &Level| match level {
            Level::List | Level::Read => true,
            Level::Write | Level::Tagging | Level::PermissionsManagement => false,
        };
        Self {
            kind: access.resource.kind,
            sharing: access.status.sharing,
            readable: levels.iter().any(reads),
            writable: !levels.iter().all(reads),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            kind: self.kind,
            sharing: self.sharing.min(other.sharing),
            readable: self.readable || other.readable,
            writable: self.writable || other.writable,
        }
    }
}

/// The numbers of one account, or of what the input attributes to none.
type AccountTally = (Option<AccountId>, Tally);

/// Numbers of resources.
#[derive(Clone, Copy, Default, Serialize)]
struct Tally {
    buckets: Buckets,
    access_points: Shared,
    objects: Shared,
    roles: Shared,
}

/// Numbers of buckets; a bucket can be readable and writable.
#[derive(Clone, Copy, Default, Serialize)]
struct Buckets {
    publicly_readable: usize,
    publicly_writable: usize,
    #[serde(flatten)]
    shared: Shared,
}

/// Numbers by with whom something is shared.
#[derive(Clone, Copy, Default, Serialize)]
struct Shared {
    count: usize,
    public: usize,
    external: usize,
    unknown: usize,
    internal: usize,
    not_shared: usize,
}

impl Tally {
    fn add(&mut self, reach: Reach) {
        match reach.kind {
            ResourceKind::Bucket => {
                self.buckets.publicly_readable += usize::from(reach.readable);
                self.buckets.publicly_writable += usize::from(reach.writable);
                self.buckets.shared.add(reach.sharing);
            }
            ResourceKind::AccessPoint => self.access_points.add(reach.sharing),
            ResourceKind::Object => self.objects.add(reach.sharing),
            ResourceKind::Role => self.roles.add(reach.sharing),
        }
    }
}

impl Shared {
    fn add(&mut self, sharing: Sharing) {
        self.count += 1;
        *match sharing {
            Sharing::Public => &mut self.public,
            Sharing::External => &mut self.external,
            Sharing::Unknown => &mut self.unknown,
            Sharing::Internal => &mut self.internal,
            Sharing::NotShared => &mut self.not_shared,
        } += 1;
    }

    fn cells(self) -> [usize; 6] {
        let Self {
            count,
            public,
            external,
            unknown,
            internal,
            not_shared,
        } = self;
        [count, public, external, unknown, internal, not_shared]
    }
}

/// The numbers of each account, those that the input attributes to none last, and of all.
fn tally(resources: &[ResourceAccess]) -> (Vec<AccountTally>, Tally) {
    let mut reaches: BTreeMap<(bool, Option<AccountId>, &str), Reach> = BTreeMap::new();
    for access in resources {
        // One that is not known before deployment is none that the input tells.
        let account = access.resource.account.filter(|id| id.placeholder().is_none());
        let reach = Reach::of(access);
        reaches
            .entry((account.is_none(), account, &access.resource.arn))
            .and_modify(|known| *known = known.or(reach))
            .or_insert(reach);
    }
    let (mut accounts, mut total): (Vec<AccountTally>, _) = (Vec::new(), Tally::default());
    for ((_, account, _), reach) in reaches {
        total.add(reach);
        match accounts.last_mut().filter(|(last, _)| *last == account) {
            Some((_, tally)) => tally.add(reach),
            None => {
                let mut tally = Tally::default();
                tally.add(reach);
                accounts.push((account, tally));
            }
        }
    }
    (accounts, total)
}

/// A block of rows for each kind of resource that there is.
fn table(accounts: &[AccountTally], total: Tally) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    type OfKind = fn(&Tally) -> Shared;
    let kinds: [(&str, OfKind); 4] = [
        ("buckets", |tally| tally.buckets.shared),
        ("access points", |tally| tally.access_points),
        ("objects with an ACL", |tally| tally.objects),
        ("roles", |tally| tally.roles),
    ];
    for (kind, shared) in kinds {
        if shared(&total).count == 0 {
            continue;
        }
        let is_bucket = kind == "buckets";
        if table.row_count() > 0 {
            table.add_row([""]);
        }
        let public: &[&str] = if is_bucket { &["readable", "writable"] } else { &[] };
        let header = [kind, "count", "public", "external", "unknown", "internal", "not shared"];
        table.add_row(header.iter().chain(public));
        let mut row = |name: String, tally: &Tally| {
            let buckets = [tally.buckets.publicly_readable, tally.buckets.publicly_writable];
            let public: &[usize] = if is_bucket { &buckets } else { &[] };
            let numbers = shared(tally).cells().into_iter().chain(public.iter().copied());
            table.add_row(std::iter::once(name).chain(numbers.map(|number| number.to_string())));
        };
        for (account, tally) in accounts.iter().filter(|(_, tally)| shared(tally).count > 0) {
            let name = account.map_or("no account".into(), |id| id.to_string());
            row(name, tally);
        }
        row("total".into(), &total);
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if place > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

#[derive(Serialize)]
struct SummaryView<'a> {
    schema: &'static str,
    tool: ToolView<'a>,
    accounts: Vec<AccountView>,
    total: Tally,
    diagnostics: Diagnostics<'a>,
    incomplete: bool,
}

#[derive(Serialize)]
struct AccountView {
    account: Option<String>,
    #[serde(flatten)]
    tally: Tally,
}
