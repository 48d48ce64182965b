use std::collections::{BTreeMap, BTreeSet};
use std::io;

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width};

use super::plain::write_inputs;
use super::pretty::write_diagnostics;
use super::summary::{count, listed};
use super::{Report, Style, clean};
use crate::finding::{ConsoleLabel, Declaration, Grant, GrantEffect, Grantee, ResourceAccess, ResourceKind, Sharing};
use crate::iam::Level;

/// Writes one row a resource, then problems with the input, then how many are shared with whom.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    write_inputs(report, style, out)?;
    if !report.resources.is_empty() {
        let table = table(report, style);
        for line in table.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)?;
    }
    let page = Style {
        width: style.width.min(WIDEST_PAGE),
        ..style
    };
    write_diagnostics(report, page, out)?;
    writeln!(out, "{}", sharing_line(report.resources))?;
    report
        .problems_line(style)
        .map_or(Ok(()), |problems| writeln!(out, "{problems}"))
}

fn table(report: &Report<'_>, style: Style) -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(style.width).unwrap_or(u16::MAX))
        .enforce_styling()
        .set_header(HEADER);
    for (place, access) in report.resources.iter().enumerate() {
        table.add_row(row(access, place, report));
    }
    let constraints = [
        ColumnConstraint::UpperBoundary(Width::Fixed(30)),
        ColumnConstraint::LowerBoundary(Width::Fixed(14)),
        ColumnConstraint::UpperBoundary(Width::Fixed(13)),
        ColumnConstraint::LowerBoundary(Width::Fixed(12)),
        ColumnConstraint::LowerBoundary(Width::Fixed(20)),
    ];
    let is_narrow = style.width < usize::from(u16::MAX);
    for (column, constraint) in table.column_iter_mut().zip(constraints) {
        column.set_padding((0, 2));
        if is_narrow {
            column.set_constraint(constraint);
        }
    }
    table
}

fn row(access: &ResourceAccess, place: usize, report: &Report<'_>) -> [Cell; 5] {
    let names = report.placeholders;
    let account = access.resource.account;
    let account = account.map_or("-".into(), |account| account.to_string());
    [
        Cell::new(names.reveal(&clean(&resource_in_words(access)))),
        Cell::new(names.reveal(&account)),
        Cell::new(console_cell(access)),
        sharing_cell(access.status.sharing),
        Cell::new(names.reveal(&who_as_declared(access, &|grant| report.intended.get(&(place, grant))))),
    ]
}

/// The name of a resource, with its kind where it is no bucket.
pub(super) fn resource_in_words(access: &ResourceAccess) -> String {
    let resource = &access.resource;
    match resource.kind {
        ResourceKind::Bucket => resource.name.clone(),
        ResourceKind::AccessPoint => format!("access point {}", resource.name),
        ResourceKind::Object => resource.arn.replacen("arn:aws:s3:::", "object ", 1),
        ResourceKind::Role => format!("role {}", resource.name),
    }
}

/// What the S3 console shows, or why there is nothing to show.
pub(super) fn console_cell(access: &ResourceAccess) -> &'static str {
    match (access.status.console, access.resource.kind) {
        (Some(label), _) => console_in_words(label),
        (None, ResourceKind::Bucket) => "unknown",
        (None, ResourceKind::AccessPoint | ResourceKind::Object | ResourceKind::Role) => "-",
    }
}

/// Who has access, one line for each set of levels, widest grantee first.
pub(super) fn who(access: &ResourceAccess) -> String {
    who_as_declared(access, &|_| None)
}

/// The same with why it is intended, where it is.
fn who_as_declared<'a>(access: &ResourceAccess, intended: &dyn Fn(usize) -> Option<&'a Declaration>) -> String {
    let mut lines = Vec::new();
    for (effect, lead) in [(GrantEffect::Effective, ""), (GrantEffect::Blocked, "blocked: ")] {
        for (levels, grantees) in by_levels(access, effect, intended) {
            lines.push(format!("{lead}{levels}: {}", grantees.join(", ")));
        }
    }
    if !access.indeterminate.is_empty() {
        lines.push(format!("undecided: {}", count(access.indeterminate.len(), "question")));
    }
    if lines.is_empty() {
        lines.push("-".into());
    }
    lines.join("\n")
}

/// The grantees that have the same levels, under those levels, in the order of the grants.
fn by_levels<'a>(
    access: &ResourceAccess,
    effect: GrantEffect,
    intended: &dyn Fn(usize) -> Option<&'a Declaration>,
) -> Vec<(String, Vec<String>)> {
    let mut levels_of: Vec<(String, BTreeSet<Level>)> = Vec::new();
    let grants = access.grants.iter().enumerate();
    for (place, grant) in grants.filter(|(_, grant)| grant.effect == effect) {
        let grantee = match intended(place) {
            Some(why) => format!("{} [intended: {why}]", grantee_in_words(grant)),
            None => grantee_in_words(grant),
        };
        let grantee = clean(&grantee).into_owned();
        match levels_of.iter_mut().find(|(known, _)| *known == grantee) {
            Some((_, levels)) => levels.extend(grant.levels()),
            None => levels_of.push((grantee, grant.levels().into_iter().collect())),
        }
    }
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for (grantee, levels) in levels_of {
        let levels = match access.resource.kind {
            // Every way to assume a role is of level Write, which would tell nobody anything.
            ResourceKind::Role => "assume".into(),
            ResourceKind::Bucket | ResourceKind::AccessPoint | ResourceKind::Object => {
                let names: Vec<&str> = levels.into_iter().map(Level::as_str).collect();
                names.join(", ")
            }
        };
        match lines.iter_mut().find(|(known, _)| *known == levels) {
            Some((_, grantees)) => grantees.push(grantee),
            None => lines.push((levels, vec![grantee])),
        }
    }
    lines
}

/// A grantee, short enough for a table, with the fence around it.
pub(super) fn grantee_in_words(grant: &Grant) -> String {
    let grantee = match &grant.grantee {
        Grantee::Principal(arn) => short_arn(arn),
        Grantee::Federated(provider) => {
            let issuer = provider.split_once("-provider/").map_or(&**provider, |(_, name)| name);
            format!("identities of {issuer}")
        }
        Grantee::CanonicalUser(id) => {
            let start: String = id.as_str().chars().take(12).collect();
            format!("canonical id {start}…")
        }
        Grantee::Anonymous => "anyone".into(),
        Grantee::AnyAwsAccount
        | Grantee::Organization(_)
        | Grantee::Service(_)
        | Grantee::Account(_)
        | Grantee::CloudFrontOai(_)
        | Grantee::Unknown(_) => grant.grantee.to_string(),
    };
    let mut fences: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for confinement in &grant.confined_by {
        let values = confinement.values.iter().map(String::as_str);
        fences.entry(confinement.kind.as_str()).or_default().extend(values);
    }
    if fences.is_empty() {
        return grantee;
    }
    let fences: Vec<String> = fences
        .iter()
        .map(|(kind, values)| format!("{kind} {}", values.join(" or ")))
        .collect();
    format!("{grantee} (only {})", fences.join(", "))
}

/// `arn:aws:iam::444455556666:role/x` as `444455556666 role/x`.
pub(super) fn short_arn(arn: &str) -> String {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    match fields.as_slice() {
        ["arn", _, "iam" | "sts", "", account, entity] => format!("{account} {entity}"),
        _ => arn.to_owned(),
    }
}

/// The label as the S3 console words it.
fn console_in_words(label: ConsoleLabel) -> &'static str {
    match label {
        ConsoleLabel::Public => "public",
        ConsoleLabel::OnlyAuthorizedUsers => "only authorized users",
        ConsoleLabel::ObjectsCanBePublic => "objects can be public",
        ConsoleLabel::NotPublic => "not public",
        ConsoleLabel::Error => "error",
    }
}

fn sharing_cell(sharing: Sharing) -> Cell {
    let words = sharing_in_words(sharing);
    match sharing {
        Sharing::Public => Cell::new(words).fg(comfy_table::Color::Red),
        Sharing::External | Sharing::Unknown => Cell::new(words).fg(comfy_table::Color::Yellow),
        Sharing::Internal | Sharing::NotShared => Cell::new(words),
    }
}

/// With whom a resource is shared.
pub(super) fn sharing_in_words(sharing: Sharing) -> &'static str {
    match sharing {
        Sharing::Public => "public",
        Sharing::External => "external",
        Sharing::Unknown => "unknown",
        Sharing::Internal => "internal",
        Sharing::NotShared => "not shared",
    }
}

fn sharing_line(resources: &[ResourceAccess]) -> String {
    let counts = [
        Sharing::Public,
        Sharing::External,
        Sharing::Unknown,
        Sharing::Internal,
        Sharing::NotShared,
    ]
    .map(|sharing| {
        let shared = resources.iter().filter(|access| access.status.sharing == sharing);
        (shared.count(), sharing_in_words(sharing))
    });
    let total = count(resources.len(), "resource");
    if resources.is_empty() {
        return total;
    }
    format!("{total}: {}", listed(&counts))
}

const HEADER: [&str; 5] = ["name", "account", "console", "sharing", "who has access"];

/// Columns beyond which sentences are hard to read.
const WIDEST_PAGE: usize = 160;
