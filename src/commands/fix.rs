use std::collections::BTreeSet;
use std::io::{self, Write};

use super::arguments::Run;
use super::declarations::Declarations;
use super::judge::judge_with;
use super::output::complain;
use super::packs::packs;
use super::repair::{Loss, Repair, Round, repair};
use super::script::{script_of, write_script};
use super::write_back::write_back;
use super::{CommandError, Status};
use crate::cli;
use crate::engine::Options;
use crate::finding::{Finding, Severity};
use crate::fix::LeftOut;
use crate::ingest::Texts;
use crate::report::clean;
use crate::rules::{Config, Inline, Packs, evaluate};
use crate::source::DiagnosticSeverity;

/// `bucketproof fix`.
pub(super) fn fix(run: &Run<'_>, arguments: &cli::Fix) -> Result<Status, CommandError> {
    let config = run.config(&arguments.input)?;
    let options = run.options(&arguments.input)?;
    let packs = packs(&config, &arguments.rules)?;
    let again = |overlay: &Texts| {
        round(
            run,
            &arguments.input,
            (&config, &options),
            (&packs, &arguments.rules),
            overlay,
        )
    };
    let first = again(&Texts::default())?;
    let chosen = chosen(arguments, &first.findings);
    let mut repaired = repair(&first, &chosen, &options, &again)?;
    if arguments.write || arguments.aws_cli.is_some() {
        let open = needs_input(&repaired);
        if !open.is_empty() {
            let sure: BTreeSet<usize> = chosen.difference(&open).copied().collect();
            repaired = repair(&first, &sure, &options, &again)?;
        }
        let reason = "it needs input: see the diff without `--write` or `--aws-cli`";
        let open = open.into_iter().map(|place| (place, reason.to_owned()));
        repaired.advice.extend(open);
    }
    let is_written = write(arguments, &first, &repaired)?;
    print(run, arguments, &first, &repaired)?;
    tell_problems(&first);
    let allowed = arguments.input.allow_incomplete || config.allow_incomplete;
    let closed: BTreeSet<usize> = repaired.steps.iter().flat_map(|step| step.findings.clone()).collect();
    let open = needs_input(&repaired);
    let all = is_written
        && chosen
            .iter()
            .all(|place| closed.contains(place) && !open.contains(place));
    Ok(first
        .judged
        .status(allowed, if all { Status::Clean } else { Status::Findings }))
}

/// Reads and judges the input, with other texts in the place of some files.
pub(super) fn round(
    run: &Run<'_>,
    input: &cli::Input,
    (config, options): (&Config, &Options),
    (packs, rules): (&Packs, &cli::Rules),
    overlay: &Texts,
) -> Result<Round, CommandError> {
    let mut warnings = Vec::new();
    let declared = Declarations::read(config, &rules.intent, &mut warnings)?;
    let mut judged = judge_with(run, input, config, options, overlay)?;
    let mut settings = declared.settings(config, options.now, &mut judged.ingested);
    let comments = judged.ingested.comments.iter();
    settings
        .comments
        .extend(comments.filter_map(|comment| Inline::parse(comment).ok()));
    let inventory = &judged.ingested.inventory;
    let evaluation = evaluate(packs, &declared.intent, &settings, inventory, &judged.access)?;
    judged.note(warnings);
    judged.note(evaluation.diagnostics);
    let zone = config.zone(&judged.ingested.inventory);
    Ok(Round {
        judged,
        findings: evaluation.findings,
        zone,
    })
}

/// Writes what is to be written; gives whether that is all of the patch.
fn write(arguments: &cli::Fix, first: &Round, repaired: &Repair) -> Result<bool, CommandError> {
    if arguments.write {
        for path in write_back(&repaired.patch, &arguments.input.paths)? {
            complain(&format!("edited {path}"));
        }
    }
    let Some(folder) = &arguments.aws_cli else {
        return Ok(true);
    };
    let script = script_of(first, repaired);
    for LeftOut { path, reason } in &script.left_out {
        complain(&format!("left out of the script: {path}: {reason}"));
    }
    if script.actions.is_empty() {
        complain("there is nothing that a command could do: no script is written");
    } else {
        write_script(folder, &script)?;
        complain(&format!("wrote fix.sh and rollback.sh into {}", folder.display()));
    }
    Ok(script.left_out.is_empty())
}

/// What could not be read or decided: there may be findings behind it that nothing closes.
fn tell_problems(first: &Round) {
    let sources = &first.judged.ingested.sources;
    let names = &first.judged.ingested.inventory.placeholders;
    let errors = first.judged.diagnostics.iter();
    for error in errors.filter(|found| found.severity == DiagnosticSeverity::Error) {
        let place = match error.span {
            Some(span) => format!("{}:{}", sources.path(span), sources.start(span).line),
            None => error.path.clone().unwrap_or_default(),
        };
        complain(&names.reveal(&format!("{place}: error[{}] {}", error.code, error.message)));
    }
}

/// The findings that were asked for, by place.
fn chosen(arguments: &cli::Fix, findings: &[Finding]) -> BTreeSet<usize> {
    let worst = arguments.severity.map(|level| match level {
        cli::SeverityLevel::Critical => Severity::Critical,
        cli::SeverityLevel::High => Severity::High,
        cli::SeverityLevel::Medium => Severity::Medium,
        cli::SeverityLevel::Low => Severity::Low,
    });
    let is_asked = |finding: &Finding| {
        let rule = arguments.rule.is_empty() || arguments.rule.iter().any(|rule| *rule == finding.rule.as_str());
        let only = &arguments.only;
        let print = only.is_empty() || only.iter().any(|print| finding.fingerprint.as_str().starts_with(print));
        rule && print && worst.is_none_or(|worst| finding.severity <= worst)
    };
    let all = findings.iter().enumerate();
    all.filter(|(_, finding)| finding.status.counts() && is_asked(finding))
        .map(|(place, _)| place)
        .collect()
}

/// The findings that are closed only when somebody fills something in.
fn needs_input(repaired: &Repair) -> BTreeSet<usize> {
    let open = repaired.steps.iter().filter(|step| step.needs_input);
    open.flat_map(|step| step.findings.clone()).collect()
}

/// Prints what was done and what was not, and behind it the diff.
fn print(run: &Run<'_>, arguments: &cli::Fix, first: &Round, repaired: &Repair) -> Result<(), CommandError> {
    let names = &first.judged.ingested.inventory.placeholders;
    let lines = summary(first, repaired);
    let mut out = String::new();
    if !run.global.quiet {
        for line in lines {
            out.push_str(&format!("# {}\n", clean(&names.reveal(&line))));
        }
    }
    if !arguments.write && arguments.aws_cli.is_none() {
        let diff = repaired.patch.diff();
        match run.environment.stdout_is_terminal {
            true => diff
                .lines()
                .for_each(|line| out.push_str(&format!("{}\n", clean(line)))),
            false => out.push_str(&diff),
        }
    }
    // Bytes that a program applies: nothing is taken out of them.
    let mut stdout = io::stdout().lock();
    match stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::System {
            what: "standard output",
            problem: error.to_string(),
        }),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn summary(first: &Round, repaired: &Repair) -> Vec<String> {
    let mut lines = Vec::new();
    let sources = &first.judged.ingested.sources;
    let told = |place: &usize| {
        first.findings.get(*place).map(|finding| {
            let at = sources.start(finding.locations.primary.span);
            let path = sources.path(finding.locations.primary.span);
            format!(
                "{}[{}] {} ({path}:{})",
                finding.severity.as_str(),
                finding.rule,
                finding.message,
                at.line
            )
        })
    };
    for step in &repaired.steps {
        for place in &step.findings {
            lines.extend(told(place));
            lines.extend(repaired.witnesses.get(place).map(|words| format!("    {words}")));
        }
        for what in &step.what {
            lines.push(format!("    edit: {what}"));
        }
        if step.needs_input {
            lines.push("    NEEDS INPUT: replace what is written in capitals before you apply it".into());
        }
    }
    lines.extend(losses(repaired.lost.iter()));
    let unclear = repaired.undecided.iter();
    lines.extend(unclear.map(|arn| format!("lost: what else is lost on {arn} cannot be decided")));
    for (place, reason) in &repaired.advice {
        lines.extend(told(place));
        lines.push(format!("    no edit: {reason}"));
        if let Some(finding) = first.findings.get(*place) {
            lines.push(format!("    advice: {}", finding.remediation));
        }
    }
    let closed: usize = repaired
        .steps
        .iter()
        .flat_map(|step| &step.findings)
        .collect::<BTreeSet<_>>()
        .len();
    lines.push(format!(
        "{closed} findings closed by {} edits, {} without an edit",
        repaired.steps.len(),
        repaired.advice.len()
    ));
    lines
}

/// What is lost, each grantee of each resource once.
pub(super) fn losses<'a>(lost: impl Iterator<Item = &'a Loss>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for Loss {
        resource,
        grant,
        is_legitimate,
    } in lost
    {
        let levels: Vec<&str> = grant.levels().iter().map(|level| level.as_str()).collect();
        let mark = match is_legitimate {
            true => " (LEGITIMATE: inside the zone of trust, or declared)",
            false => "",
        };
        let line = format!("lost: {} on {resource} by {}{mark}", levels.join(", "), grant.grantee);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
