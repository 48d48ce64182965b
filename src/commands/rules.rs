use std::io::{self, Write};

use super::arguments::{Run, option};
use super::output::print;
use super::packs::{built_in_and, load};
use super::rules_new::new;
use super::rules_test::test;
use super::{CommandError, Status};
use crate::cli::RulesAction;
use crate::finding::RuleId;
use crate::report::clean;
use crate::rules::{
    Check, FORBIDDEN_ACCESS_PAGE, Packs, Rule, UNINTENDED_ACCESS_PAGE, UNINTENDED_ACCESS_TITLE, suggest,
};
use crate::source::Placeholders;

/// `bucketproof rules`.
pub(super) fn rules(run: &Run<'_>, action: &RulesAction) -> Result<Status, CommandError> {
    match action {
        RulesAction::List(rules) => {
            let packs = built_in_and(&rules.pack_dirs)?;
            print(run.global.color, &Placeholders::default(), &|out| list(&packs, out))?;
        }
        RulesAction::Explain { id, rules } => {
            let packs = built_in_and(&rules.pack_dirs)?;
            let id: RuleId = option("rules explain", id)?;
            match packs.rule(&id) {
                Some(rule) => print(run.global.color, &Placeholders::default(), &|out| explain(rule, out))?,
                None if id == RuleId::unintended_access() => {
                    print(run.global.color, &Placeholders::default(), &|out| {
                        lines(UNINTENDED_ACCESS_PAGE, "", out)
                    })?;
                }
                None if id == RuleId::forbidden_access() => {
                    print(run.global.color, &Placeholders::default(), &|out| {
                        lines(FORBIDDEN_ACCESS_PAGE, "", out)
                    })?;
                }
                None => return Err(unknown(&id, &packs)),
            }
        }
        RulesAction::Check { packs: folders } => {
            let packs = load(&[], folders)?;
            let count = packs.rules().len();
            let names: Vec<&str> = packs.packs().iter().map(|pack| pack.name.as_str()).collect();
            let names = names.join(", ");
            let rules = if count == 1 { "rule" } else { "rules" };
            print(run.global.color, &Placeholders::default(), &|out| {
                writeln!(out, "{}: {count} {rules}, nothing wrong", clean(&names))
            })?;
        }
        RulesAction::New(arguments) => return new(run, arguments),
        RulesAction::Test { packs, update } => return test(run, packs, *update),
    }
    Ok(Status::Clean)
}

fn unknown(id: &RuleId, packs: &Packs) -> CommandError {
    let known = packs.rules().iter().map(|rule| rule.id.as_str());
    let (unintended, forbidden) = (RuleId::unintended_access(), RuleId::forbidden_access());
    let help = suggest(id.as_str(), known.chain([unintended.as_str(), forbidden.as_str()]));
    CommandError::BadOption {
        option: "rules explain",
        value: id.to_string(),
        problem: format!("there is no such rule: {help}"),
    }
}

fn list(packs: &Packs, out: &mut dyn Write) -> io::Result<()> {
    let shown = || packs.rules().iter().filter(|rule| !rule.deprecated);
    let widest = shown().map(|rule| rule.id.as_str().len()).max().unwrap_or_default();
    for rule in shown() {
        let (id, severity) = (rule.id.as_str(), rule.severity.as_str());
        let by_default = packs.packs().iter().any(|pack| pack.default && rule.is_of(&pack.name));
        let mark = if by_default { "" } else { " (not by default)" };
        writeln!(out, "{id:widest$}  {severity:8}  {}{mark}", clean(&rule.title))?;
    }
    let id = RuleId::unintended_access();
    writeln!(out, "{:widest$}  {:8}  {UNINTENDED_ACCESS_TITLE}", id.as_str(), "high")
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
