use std::io;

use super::arguments::Run;
use super::evidence::Evidence;
use super::fix::round;
use super::guard::guarded;
use super::incident::{read, replay};
use super::output::complain;
use super::packs::packs;
use super::repair::Round;
use super::script::write_script;
use super::verify::unintended;
use super::{CommandError, Status, evidence};
use crate::cli;
use crate::fix::{Action, LeftOut, Script, Stage};
use crate::incident::{self, Containment, Credentials, Door, Phase, Scene, Step};
use crate::ingest::Texts;
use crate::report::{ContainFormat, write_contain};

/// `bucketproof contain`: how to shut an incident.
pub(super) fn contain(run: &Run<'_>, arguments: &cli::Contain) -> Result<Status, CommandError> {
    let incident = read(&arguments.incident)?;
    let config = run.config(&arguments.input)?;
    let options = run.options(&arguments.input)?;
    let packs = packs(&config, &arguments.rules)?;
    let Round {
        mut judged,
        findings,
        zone,
    } = round(
        run,
        &arguments.input,
        (&config, &options),
        (&packs, &arguments.rules),
        &Texts::default(),
    )?;
    let mut problems = Vec::new();
    let (seen, credentials) = match arguments.logs.is_empty() {
        true => (Vec::new(), Credentials::default()),
        false => {
            let (seen, credentials, _, _) =
                replay(run, &arguments.logs, (&incident, options.now), &mut problems)?.finish();
            (seen, credentials)
        }
    };
    let doors = unintended(findings, &incident, &judged.access);
    let doors = doors.iter().filter_map(|finding| {
        let mut of = judged
            .access
            .iter()
            .filter(|access| access.resource.arn == finding.resource);
        let grant = of.find_map(|access| access.grants.get(finding.grant?))?;
        Some(Door {
            resource: finding.resource.clone(),
            grant: grant.clone(),
        })
    });
    let scene = Scene {
        incident: &incident,
        inventory: &judged.ingested.inventory,
        seen: &seen,
        credentials: &credentials,
        zone: &zone,
        options: &options,
    };
    let planned = guarded(
        || "plan how to shut the incident".into(),
        || incident::contain(scene, doors.collect()),
    );
    let plan = planned.unwrap_or_else(|fault| {
        let left = vec![fault.message.clone()];
        problems.push(fault);
        Containment {
            left,
            ..Containment::default()
        }
    });
    judged.note(problems);
    let report = judged.report(packs.info(), &[]);
    let format = match arguments.format {
        cli::ContainFormat::Markdown => ContainFormat::Markdown,
        cli::ContainFormat::Json => ContainFormat::Json,
    };
    let write = |out: &mut dyn io::Write| write_contain(&report, (&incident, &plan), format, out);
    run.print(&report, true, &write)?;
    if let Some(folder) = &arguments.evidence {
        let inputs = [
            &*arguments.input.paths,
            &arguments.logs,
            std::slice::from_ref(&arguments.incident),
        ];
        let name = match format {
            ContainFormat::Markdown => "contain.md",
            ContainFormat::Json => "contain.json",
        };
        let evidence = Evidence {
            inputs: &inputs,
            config: &config.path,
            judges: true,
            name,
        };
        evidence::write(run, folder, &evidence, &report, &write)?;
    }
    if let Some(folder) = &arguments.aws_cli {
        write_script(folder, &scripted(&plan))?;
        complain(&format!("wrote fix.sh and rollback.sh into {}", folder.display()));
    }
    let is_shut = plan.left.is_empty() && plan.foreign.is_empty();
    let allowed = arguments.input.allow_incomplete || config.allow_incomplete;
    Ok(judged.status(allowed, if is_shut { Status::Clean } else { Status::Findings }))
}

/// The plan as commands of a shell. A step in which something must be filled in is left out, and said to be.
fn scripted(plan: &Containment) -> Script {
    let mut script = Script::default();
    for step in &plan.steps {
        if step.needs_input || step.commands.is_empty() {
            script.left_out.push(LeftOut {
                path: step.resource.clone(),
                reason: format!("{}: something in it must be filled in: see the plan", step.what),
            });
            continue;
        }
        let closes = step.closes.iter().map(|closed| format!("closes {closed}"));
        let breaks = step.breaks.iter().map(|broken| {
            let on = broken.resource.as_deref().unwrap_or_default();
            format!(
                "breaks {} by {} {on}: {}",
                broken.event_name, broken.principal, broken.by
            )
        });
        script.actions.push(Action {
            account: step.account.as_deref().and_then(|account| account.parse().ok()),
            stage: stage(step.phase),
            resource: step.resource.clone(),
            path: String::new(),
            what: step.what.clone(),
            notes: step.notes.iter().cloned().chain(closes).chain(breaks).collect(),
            commands: inlined(&step.commands, step),
            rollback: inlined(&step.rollback, step),
        });
    }
    script
}

fn stage(phase: Phase) -> Stage {
    match phase {
        Phase::Keys => Stage::Keys,
        Phase::Trust => Stage::Trust,
        Phase::Sessions => Stage::Sessions,
        Phase::ControlPlane => Stage::ControlPlane,
        Phase::DataPlane => Stage::DataPlane,
        Phase::Acls => Stage::Acls,
        Phase::Blocks => Stage::Blocks,
    }
}

/// Commands with the documents in the place of the files that they name.
fn inlined(commands: &[Vec<String>], step: &Step) -> Vec<Vec<String>> {
    let argument = |argument: &String| {
        let named = argument.split_once("file://");
        let document = named.and_then(|(option, name)| {
            let found = step.documents.iter().find(|(known, _)| known == name)?;
            Some(format!("{option}{}", found.1))
        });
        document.unwrap_or_else(|| argument.clone())
    };
    let command = |command: &Vec<String>| command.iter().map(argument).collect();
    commands.iter().map(command).collect()
}
