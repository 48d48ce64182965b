//! Answers to single questions: who can, can this, is this impossible.

use std::io;

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width};

use super::access_table::grantee_in_words;
use super::json_answers;
use super::plain::{place, write_inputs};
use super::pretty::write_diagnostics;
use super::words::{request_in_words, value_in_words, visible};
use super::{AccessFormat, Report, Style, clean};
use crate::finding::{
    Answer, Can, Closed, Grant, GrantEffect, GrantSource, Grantee, Outcome, Residual, Step, Unless, Verdict,
};
use crate::iam::Statement;
use crate::source::Sources;

/// What a question was about, as it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The action or pattern of actions.
    pub action: String,
    /// The resources, as ARN patterns.
    pub resources: Vec<String>,
}

/// A statement of access that must be impossible, with what came of it.
#[derive(Clone, Debug)]
pub struct Check {
    /// The statement.
    pub statement: Statement,
    /// Who has it, on each resource that it is about.
    pub answers: Vec<Answer>,
    /// The result.
    pub result: Checked,
}

/// Whether access is impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Checked {
    /// It is.
    Impossible,
    /// Somebody has it.
    Possible,
    /// Nobody is known to have it, and something could not be decided.
    Undecided,
}

impl Checked {
    /// What the answers about all resources come to; `lacks` tells that there may be more of them.
    pub fn of(answers: &[Answer], lacks: bool) -> Self {
        let effective = |grant: &Grant| grant.effect == GrantEffect::Effective;
        if answers.iter().any(|answer| answer.access.grants.iter().any(effective)) {
            Self::Possible
        } else if lacks || answers.iter().any(|answer| !answer.access.indeterminate.is_empty()) {
            Self::Undecided
        } else {
            Self::Impossible
        }
    }

    /// Access Analyzer's word for it [CPC-04]; where it has none, `UNKNOWN`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Impossible => "PASS",
            Self::Possible => "FAIL",
            Self::Undecided => "UNKNOWN",
        }
    }
}

/// Writes who has what was asked about; `lacks` tells that there may be resources of it that could not be read.
///
/// # Errors
/// When the writer fails.
pub fn write_who_can(
    report: &Report<'_>,
    (asked, answers, lacks): (&Named, &[Answer], bool),
    format: AccessFormat,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        AccessFormat::Json => return json_answers::write_who_can(report, asked, (answers, lacks), out),
        AccessFormat::Table => {}
    }
    write_inputs(report, style, out)?;
    let resources = asked.resources.join(", ");
    writeln!(out, "{}", clean(&format!("who can {} on {resources}", asked.action)))?;
    writeln!(out)?;
    write_answers((answers, lacks), report.sources, style, out)?;
    write_diagnostics(report, style, out)
}

/// Writes whether access that must be impossible is.
///
/// # Errors
/// When the writer fails.
pub fn write_checks(
    report: &Report<'_>,
    checks: &[Check],
    format: AccessFormat,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        AccessFormat::Json => return json_answers::write_checks(report, checks, out),
        AccessFormat::Table => {}
    }
    write_inputs(report, style, out)?;
    for check in checks {
        let word = match check.result {
            Checked::Impossible => "impossible",
            Checked::Possible => "POSSIBLE",
            Checked::Undecided => "undecided",
        };
        writeln!(out, "{word}: {}", clean(&statement_in_words(&check.statement)))?;
        writeln!(out)?;
        let lacks = check.result == Checked::Undecided;
        write_answers((&check.answers, lacks), report.sources, style, out)?;
    }
    write_diagnostics(report, style, out)
}

/// A statement as JSON in one line, without what plays no part.
pub fn statement_in_words(statement: &Statement) -> String {
    statement_json(statement).to_string()
}

/// A statement of a question as it was meant.
pub(super) fn statement_json(statement: &Statement) -> serde_json::Value {
    let mut json = statement.to_json();
    if let Some(members) = json.as_object_mut() {
        members.retain(|name, _| name != "Effect" && name != "Sid");
    }
    json
}

fn write_answers(
    (answers, lacks): (&[Answer], bool),
    sources: &Sources,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let grants = || answers.iter().flat_map(|answer| &answer.access.grants);
    if grants().next().is_some() {
        for line in table(grants(), sources, style).lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)?;
    }
    if grants().any(|grant| grant.effect == GrantEffect::Effective) {
        return grants()
            .filter(|grant| grant.effect == GrantEffect::Effective)
            .take(if style.verbose { usize::MAX } else { 1 })
            .try_for_each(|grant| {
                let words = request_in_words(&grant.witness, Some(grant));
                writeln!(out, "witness: {}\n", clean(&words))
            });
    }
    let undecided: Vec<_> = answers.iter().flat_map(|answer| &answer.access.indeterminate).collect();
    if !undecided.is_empty() {
        for indeterminate in undecided {
            writeln!(out, "undecided: {}", clean(&indeterminate.reason))?;
        }
        return writeln!(out);
    }
    if lacks {
        writeln!(
            out,
            "undecided: some input could not be read, and may hold what this is about"
        )?;
        return writeln!(out);
    }
    for line in nobody(answers, sources) {
        writeln!(out, "{}", clean(&line))?;
    }
    writeln!(out)
}

/// Why nobody has it.
fn nobody(answers: &[Answer], sources: &Sources) -> Vec<String> {
    let closed: Vec<&Closed> = answers.iter().flat_map(|answer| &answer.closed).collect();
    let blocked = answers.iter().flat_map(|answer| &answer.access.grants).next().is_some();
    if closed.is_empty() {
        return vec![match blocked {
            true => "nobody: everything that allows it is blocked, or is nothing that S3 takes".into(),
            false => "nobody: no statement and no ACL grant allows it to any request that there can be".into(),
        }];
    }
    let lines = closed.iter().map(|closed| {
        let denied_by: Vec<String> = closed
            .denied_by
            .iter()
            .map(|source| source_in_words(source, sources))
            .collect();
        let allow = source_in_words(&closed.allow, sources);
        format!(
            "nobody: {allow} allows it, but is denied by {}",
            denied_by.join(" and ")
        )
    });
    lines.collect()
}

fn table<'a>(grants: impl Iterator<Item = &'a Grant>, sources: &Sources, style: Style) -> Table {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(style.width).unwrap_or(u16::MAX))
        .enforce_styling()
        .set_header(["who", "resources", "how", "through"]);
    for grant in grants {
        let through: Vec<String> = grant
            .sources
            .iter()
            .map(|source| source_in_words(source, sources))
            .collect();
        table.add_row([
            Cell::new(clean(&grantee_in_words(grant))),
            Cell::new(lines(&grant.resources)),
            Cell::new(lines(&how(grant))),
            Cell::new(lines(&through)),
        ]);
    }
    let constraints = [12, 12, 10, 20].map(|width| ColumnConstraint::LowerBoundary(Width::Fixed(width)));
    for (column, constraint) in table.column_iter_mut().zip(constraints) {
        column.set_padding((0, 2)).set_constraint(constraint);
    }
    table
}

/// Texts as the lines of one cell.
fn lines(texts: &[String]) -> String {
    let lines: Vec<_> = texts.iter().map(|text| clean(text)).collect();
    lines.join("\n")
}

/// Whether a grant takes effect, and under which conditions.
fn how(grant: &Grant) -> Vec<String> {
    let effect = match grant.effect {
        GrantEffect::Effective => None,
        GrantEffect::Blocked => Some(format!("blocked by {}", grant.blocked_by.join(", "))),
        GrantEffect::Ineffective => Some("S3 takes this from the owner's account only".into()),
    };
    let lines: Vec<String> = effect
        .into_iter()
        .chain(conditions_in_words(&grant.conditions))
        .collect();
    if lines.is_empty() { vec!["-".into()] } else { lines }
}

/// Conditions that remain, each as `if OPERATOR KEY VALUES`.
pub(super) fn conditions_in_words(conditions: &[Residual]) -> Vec<String> {
    let words = conditions.iter().map(|condition| {
        let Residual { operator, key, values } = condition;
        let values: Vec<&str> = values.iter().map(|value| visible(value)).collect();
        match operator.as_str() {
            "NotDeniedBy" => format!("if not denied by statement {}", values.join(" or ")),
            "Resource" | "NotResource" => format!("if {operator} {}", values.join(" or ")),
            _ => format!("if {operator} {key} {}", values.join(" or ")),
        }
    });
    words.collect()
}

/// A statement or ACL grant with its place.
pub(super) fn source_in_words(source: &GrantSource, sources: &Sources) -> String {
    let document = source.document.as_str().replace('-', " ");
    let name = source.sid.as_deref().map(|sid| format!(" `{sid}`")).unwrap_or_default();
    let place = place(sources, source.span);
    format!("statement {}{name} of the {document} ({place})", source.index)
}

/// Writes whether a request succeeds.
///
/// # Errors
/// When the writer fails.
pub fn write_can(
    report: &Report<'_>,
    can: &Can,
    format: AccessFormat,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        AccessFormat::Json => return json_answers::write_can(report, can, out),
        AccessFormat::Table => {}
    }
    write_inputs(report, style, out)?;
    let request = &can.request;
    let answer = match can.decision.verdict {
        Verdict::Allowed => "yes",
        Verdict::Denied => "no",
        Verdict::Unknown => "not decided",
    };
    let words = format!(
        "{answer}: {} on {} by {}",
        request.action.name, request.resource, request.caller
    );
    writeln!(out, "{}", clean(&words))?;
    let mut details: Vec<(&str, String)> = Vec::new();
    details.extend(
        can.decision
            .deciding()
            .map(|step| ("because", step_in_words(step, report.sources))),
    );
    details.extend(circumstances(can));
    let filled = can.filled.iter().filter_map(|key| {
        let value = request.context.get(key)?;
        Some(format!("{} = {}", key.name(), value_in_words(value)))
    });
    details.push(("taken to be", filled.collect::<Vec<_>>().join(", ")));
    let undecided = can.indeterminate.iter();
    details.extend(undecided.map(|indeterminate| ("undecided", indeterminate.reason.clone())));
    if style.verbose {
        let trace = can.decision.trace.iter();
        details.extend(trace.map(|step| ("step", step_in_words(step, report.sources))));
    }
    for (label, text) in details.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(out, "    {label}: {}", clean(text))?;
    }
    writeln!(out)?;
    write_diagnostics(report, style, out)
}

/// What one step of a decision said, and where.
pub fn step_in_words(step: &Step, sources: &Sources) -> String {
    match step.span.filter(|span| sources.file(span.file).is_some()) {
        Some(span) => format!("{step} ({})", place(sources, span)),
        None => step.to_string(),
    }
}

/// What the answer hangs on beside what was stated.
fn circumstances(can: &Can) -> Vec<(&'static str, String)> {
    let ways = can.ways.iter().map(|grant| {
        let words = conditions_in_words(&grant.conditions).join(" and ");
        let words = if words.is_empty() {
            format!("as in {}", request_in_words(&grant.witness, Some(grant)))
        } else {
            words
        };
        // From where is part of the words; an account stands for its root user, who was asked about.
        let who = if grant.grantee == Grantee::Anonymous {
            "anyone".to_owned()
        } else if is_root(can) {
            can.request.caller.to_string()
        } else {
            grant.grantee.to_string()
        };
        ("but yes", format!("{words}, for {who}"))
    });
    let mut found: Vec<(&str, String)> = ways.collect();
    match (&can.unless, can.decision.verdict) {
        (Unless::When(changes), _) => {
            let changes = changes.iter().map(|(key, value)| match value {
                Some(value) => format!("{} = {}", key.name(), value_in_words(value)),
                None => format!("no {}", key.name()),
            });
            found.push(("but not with", changes.collect::<Vec<_>>().join(" and ")));
        }
        (Unless::Never, _) if can.indeterminate.is_empty() => {
            found.push(("and", "whatever else the request carries".into()));
        }
        // What an identity policy gives a principal of the owner's account is not known, and so what is left of it.
        (Unless::NotAsked, Verdict::Denied)
            if can.ways.is_empty() && can.indeterminate.is_empty() && !has_identity_policies(can) =>
        {
            found.push(("and", "nothing else that the request could carry changes that".into()));
        }
        (Unless::Never | Unless::NotAsked, _) => {}
    }
    if is_up_to_identity_policies(can) {
        let note = "identity policies of the owner's account, which are not read, can allow it";
        found.push(("note", note.into()));
    } else if can.decision.verdict == Verdict::Denied && has_identity_policies(can) {
        let note =
            "where no statement denies it, identity policies of the owner's account, which are not read, can allow it";
        found.push(("note", note.into()));
    }
    found
}

/// Whether a refusal only means that no document of the resource allows a principal of the owner's own account [EVAL-03].
pub(super) fn is_up_to_identity_policies(can: &Can) -> bool {
    let nothing = can
        .decision
        .deciding()
        .is_some_and(|step| step.outcome == Outcome::NothingAllows);
    nothing && has_identity_policies(can)
}

fn is_root(can: &Can) -> bool {
    can.request.context.one("aws:PrincipalType") == Some("Account")
}

/// Whether the caller is a principal of the owner's own account, other than the root user, to whom identity policies give
/// access without any statement of the resource's documents [EVAL-03].
fn has_identity_policies(can: &Can) -> bool {
    let owner = can.request.context.one("aws:ResourceAccount");
    let is_role = can.request.action.name.starts_with("sts:");
    let own = can.request.caller.account().map(|account| account.to_string());
    !is_role && !is_root(can) && own.is_some() && own.as_deref() == owner
}
