use std::io::{self, Write};

use super::arguments::{Run, option};
use super::output::{WriteReport, print};
use super::packs::{built_in_and, load};
use super::rules_list::{write_json, write_table};
use super::rules_new::new;
use super::rules_test::test;
use super::{CommandError, Status};
use crate::cli::{RulesAction, RulesFormat};
use crate::finding::RuleId;
use crate::report::{clean, count};
use crate::rules::{Check, Pack, Packs, Rule, Unpacked, suggest};
use crate::source::Placeholders;

/// `bucketproof rules`.
pub(super) fn rules(run: &Run<'_>, action: &RulesAction) -> Result<Status, CommandError> {
    let show = |write: WriteReport<'_>| print(run.global.color, &Placeholders::default(), write);
    match action {
        RulesAction::List { rules, format } => {
            let packs = built_in_and(&rules.pack_dirs)?;
            show(&|out| match format {
                RulesFormat::Table => write_table(&packs, run.global.verbose, out),
                RulesFormat::Json => write_json(&packs, out),
            })?;
        }
        RulesAction::Explain { id, rules } => {
            let packs = built_in_and(&rules.pack_dirs)?;
            let id: RuleId = option("rules explain", id)?;
            let unpacked = Unpacked::ALL.into_iter().find(|rule| rule.id == id.as_str());
            match (packs.rule(&id), unpacked) {
                (Some(rule), _) => show(&|out| explain(rule, out))?,
                (None, Some(rule)) => show(&|out| lines(rule.page, "", out))?,
                (None, None) => return Err(unknown(&id, &packs)),
            }
        }
        RulesAction::Check { packs: folders } => {
            let packs = load(&[], folders)?;
            packs.check_pages()?;
            show(&|out| packs.packs().iter().try_for_each(|pack| checked(&packs, pack, out)))?;
        }
        RulesAction::New(arguments) => return new(run, arguments),
        RulesAction::Test { packs, update } => return test(run, packs, *update),
    }
    Ok(Status::Clean)
}

/// That nothing is wrong with a pack, and what to write into the configuration to pin it.
fn checked(packs: &Packs, pack: &Pack, out: &mut dyn Write) -> io::Result<()> {
    let rules = packs.rules().iter().filter(|rule| rule.is_of(&pack.name)).count();
    writeln!(out, "{}: {}, nothing wrong", clean(&pack.name), count(rules, "rule"))?;
    writeln!(out, "    sha256 = \"{}\"", pack.sha256)
}

fn unknown(id: &RuleId, packs: &Packs) -> CommandError {
    let known = packs.rules().iter().map(|rule| rule.id.as_str());
    let help = suggest(id.as_str(), known.chain(Unpacked::ALL.map(|rule| rule.id)));
    CommandError::BadOption {
        option: "rules explain",
        value: id.to_string(),
        problem: format!("there is no such rule: {help}"),
    }
}

/// The page of a rule, with what it does not repeat: title, severity, the rule itself and references.
fn explain(rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    let (id, severity) = (&rule.id, rule.severity.as_str());
    let (title, since) = (clean(&rule.title), clean(&rule.since));
    writeln!(out, "# {title}\n\n`{id}`, {severity}, since {since}")?;
    if rule.deprecated {
        writeln!(out, "\nThis rule is retired and never fires.")?;
    }
    if rule.absolute {
        writeln!(out, "\nIntent cannot permit it away.")?;
    }
    writeln!(out)?;
    lines(&rule.page, "", out)?;
    writeln!(out, "\n## Rule\n")?;
    match &rule.check {
        Check::Grants { policy } => lines(policy, "    ", out)?,
        Check::Settings { select, applies_to } => {
            let kinds: Vec<&str> = applies_to.iter().map(|kind| kind.as_str()).collect();
            writeln!(out, "    {} (of {})", clean(select), kinds.join(", "))?;
        }
    }
    if !rule.references.is_empty() {
        writeln!(out, "\n## References\n")?;
    }
    rule.references
        .iter()
        .try_for_each(|reference| writeln!(out, "- {}", clean(reference)))
}

fn lines(text: &str, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    text.lines().try_for_each(|line| {
        let line = format!("{indent}{}", clean(line));
        writeln!(out, "{}", line.trim_end())
    })
}
