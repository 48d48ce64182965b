//! What one state gives beyond another, and no longer gives.

use std::io;

use super::access_table::grantee_in_words;
use super::answers::{conditions_in_words, source_in_words};
use super::json_difference;
use super::pretty::write_diagnostics;
use super::summary::count;
use super::words::request_in_words;
use super::{AccessFormat, Report, Style, clean};
use crate::finding::{Grant, NewAccess, NewGrant, Resource};
use crate::iam;
use crate::source::Sources;

/// Two states compared.
#[derive(Clone, Debug)]
pub struct Diff<'a> {
    /// The older state, with what it gives beyond the newer one: what is lost.
    pub before: DiffSide<'a>,
    /// The newer state, with what it gives beyond the older one: what is gained.
    pub after: DiffSide<'a>,
}

/// One of two states.
#[derive(Clone, Debug)]
pub struct DiffSide<'a> {
    /// What was read, with its problems.
    pub report: Report<'a>,
    /// What it gives beyond the other one, by resource.
    pub beyond: &'a [NewAccess],
}

/// Writes what is gained and what is lost.
///
/// # Errors
/// When the writer fails.
pub fn write_diff(diff: &Diff<'_>, format: AccessFormat, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        AccessFormat::Json => return json_difference::write(diff, out),
        AccessFormat::Table => {}
    }
    let Diff { before, after } = diff;
    for resource in resources(diff) {
        writeln!(out, "{} {}", resource.kind.as_str(), clean(&resource.arn))?;
        let sides = [("gained", after, before), ("lost", before, after)];
        for (word, side, other) in sides {
            for access in side.beyond.iter().filter(|access| access.resource.arn == resource.arn) {
                let sources = (side.report.sources, other.report.sources);
                for new in &access.grants {
                    write_grant(word, new, sources, out)?;
                }
                for indeterminate in &access.indeterminate {
                    let reason = clean(&indeterminate.reason);
                    writeln!(out, "  what is {word} is not all decided: {reason}")?;
                }
            }
        }
        writeln!(out)?;
    }
    write_diagnostics(&before.report, style, out)?;
    write_diagnostics(&after.report, style, out)?;
    let number = |side: &DiffSide<'_>| side.beyond.iter().map(|access| access.grants.len()).sum::<usize>();
    let open = |side: &DiffSide<'_>| {
        let mut undecided = side.beyond.iter().map(|access| !access.indeterminate.is_empty());
        side.report.incomplete || undecided.any(|open| open)
    };
    let open = open(before) || open(after);
    let summary = match (number(after), number(before)) {
        (0, 0) if open => "no access is known to be gained or lost, but not all could be decided".to_owned(),
        (0, 0) => "no access gained or lost".to_owned(),
        (gained, lost) => {
            let more = if open { "; not all could be decided" } else { "" };
            format!("{} gained, {} lost{more}", count(gained, "grant"), count(lost, "grant"))
        }
    };
    writeln!(out, "{summary}")
}

/// The resources that differ or could not all be decided, by ARN.
pub(super) fn resources<'a>(diff: &'a Diff<'_>) -> Vec<&'a Resource> {
    let all = diff.after.beyond.iter().chain(diff.before.beyond);
    let differ = all.filter(|access| !access.grants.is_empty() || !access.indeterminate.is_empty());
    let mut resources: Vec<&Resource> = differ.map(|access| &access.resource).collect();
    resources.sort_by(|a, b| (a.kind, &a.arn).cmp(&(b.kind, &b.arn)));
    resources.dedup_by(|a, b| (a.kind, &a.arn) == (b.kind, &b.arn));
    resources
}

/// Whom a grant that came or went is for, and what it is.
pub(super) fn change_in_words(grant: &Grant) -> String {
    let actions: Vec<&str> = grant
        .actions
        .iter()
        .filter_map(|id| iam::action(*id))
        .map(|action| action.name)
        .collect();
    let actions = match actions.as_slice() {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        all => all.join(", "),
    };
    let conditions = conditions_in_words(&grant.conditions);
    let conditions = if conditions.is_empty() {
        String::new()
    } else {
        format!(" {}", conditions.join(" and "))
    };
    let resources = grant.resources.join(", ");
    format!("{}: {actions} on {resources}{conditions}", grantee_in_words(grant))
}

fn write_grant(
    word: &str,
    new: &NewGrant,
    (sources, others): (&Sources, &Sources),
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let grant = &new.grant;
    let part = if new.already.is_empty() { "" } else { ", in part" };
    let line = format!("{word}{part}: {}", change_in_words(grant));
    writeln!(out, "  {}", clean(&line))?;
    for source in &grant.sources {
        writeln!(out, "      by {}", clean(&source_in_words(source, sources)))?;
    }
    for source in &new.already {
        let words = source_in_words(source, others);
        writeln!(out, "      the rest stays as it is, by {}", clean(&words))?;
    }
    let witness = request_in_words(&grant.witness, Some(grant));
    writeln!(out, "      witness: {}", clean(&witness))
}
