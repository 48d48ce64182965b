//! A plan to shut an incident, as a list to tick off.

use std::io;

use super::markdown_text::{code, fence, inline};
use super::{Report, Style, clean};
use crate::incident::{Containment, Incident, Phase, Step};

/// Writes it.
pub(super) fn write(
    report: &Report<'_>,
    incident: &Incident,
    plan: &Containment,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let title = incident.title.as_deref().unwrap_or("incident");
    writeln!(out, "# How to shut: {}\n", inline(&clean(title)))?;
    writeln!(out, "{ORDER}\n")?;
    let mut phase: Option<Phase> = None;
    for (place, step) in plan.steps.iter().enumerate() {
        if phase != Some(step.phase) {
            writeln!(out, "## {}\n", step.phase.title())?;
            phase = Some(step.phase);
        }
        of_step(place + 1, step, out)?;
    }
    if !plan.foreign.is_empty() {
        writeln!(out, "## Not under your control: contact the owner\n")?;
        list(plan.foreign.iter().map(|name| code(&clean(name))), out)?;
    }
    let problems = report
        .shown_diagnostics(Style::default())
        .map(|found| found.message.as_str());
    let left: Vec<&str> = plan.left.iter().map(String::as_str).chain(problems).collect();
    if !left.is_empty() {
        writeln!(out, "## What no step shuts, or cannot be told\n")?;
        list(left.iter().map(|line| inline(&clean(line))), out)?;
    }
    writeln!(out, "## Afterwards\n\n{AFTERWARDS}")
}

fn of_step(number: usize, step: &Step, out: &mut dyn io::Write) -> io::Result<()> {
    let account = step.account.as_deref().map(|id| format!(" (account {id})"));
    let account = account.unwrap_or_default();
    let resource = code(&clean(&step.resource));
    writeln!(out, "### {number}. {resource}{account}\n")?;
    let input = if step.needs_input {
        "; fill in what stands in angle brackets"
    } else {
        ""
    };
    writeln!(out, "- [ ] {}{input}\n", inline(&clean(&step.what)))?;
    commands(&step.commands, out)?;
    list(step.notes.iter().map(|note| inline(&clean(note))), out)?;
    titled("Closes", step.closes.iter().cloned(), out)?;
    let breaks = step.breaks.iter().map(|broken| {
        let on = broken.resource.as_deref().unwrap_or_default();
        format!("`{}` {} {on}: {}", broken.principal, broken.event_name, broken.by)
    });
    titled("Breaks, by the log", breaks, out)?;
    for (name, document) in &step.documents {
        let text = serde_json::to_string_pretty(document).map_err(io::Error::other)?;
        writeln!(out, "{}:\n\n{}", code(&clean(name)), fence(&lines(&text)))?;
    }
    if !step.rollback.is_empty() {
        writeln!(out, "Way back:\n")?;
        commands(&step.rollback, out)?;
    }
    Ok(())
}

fn titled(title: &str, lines: impl Iterator<Item = String>, out: &mut dyn io::Write) -> io::Result<()> {
    let lines: Vec<String> = lines.map(|line| inline(&clean(&line))).collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}:\n")?;
    list(lines.into_iter(), out)
}

fn list(lines: impl Iterator<Item = String>, out: &mut dyn io::Write) -> io::Result<()> {
    let lines: String = lines.map(|line| format!("- {line}\n")).collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "{lines}")
}

fn commands(commands: &[Vec<String>], out: &mut dyn io::Write) -> io::Result<()> {
    let lines: Vec<String> = commands.iter().map(|command| in_shell(command)).collect();
    writeln!(out, "{}", fence(&lines.join("\n")))
}

/// A command as a shell reads it: every word that could mean something else is quoted.
fn in_shell(command: &[String]) -> String {
    let word = |word: &String| {
        let word = clean(word);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@+%".contains(&byte);
        match !word.is_empty() && word.bytes().all(is_plain) {
            true => word.into_owned(),
            false => format!("'{}'", word.replace('\'', "'\\''")),
        }
    };
    command.iter().map(word).collect::<Vec<String>>().join(" ")
}

/// Lines with whatever could do more than show itself escaped.
fn lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

const ORDER: &str = "Do the steps in this order: whoever can still change who has access undoes what comes after. Save what is there before \
     you change it; ways back are taken from the last step to the first.";

const AFTERWARDS: &str = "- [ ] export the accounts again and run `bucketproof verify` with the logs\n\
     - [ ] look with `bucketproof timeline` for keys, users, roles and replications that were made\n\
     - [ ] look with `bucketproof trace` for what was taken, deleted and written over";
