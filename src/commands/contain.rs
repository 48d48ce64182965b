use std::io;

use super::arguments::Run;
use super::evidence::Evidence;
use super::fix::round;
use super::guard::guarded;
use super::incident::{read, replay};
use super::packs::packs;
use super::repair::Round;
use super::verify::unintended;
use super::{CommandError, Status, evidence};
use crate::cli;
use crate::incident::{self, Containment, Credentials, Door, Scene};
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
        problems.push(fault);
        Containment::default()
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
    let is_shut = plan.left.is_empty() && plan.foreign.is_empty();
    let allowed = arguments.input.allow_incomplete || config.allow_incomplete;
    Ok(judged.status(allowed, if is_shut { Status::Clean } else { Status::Findings }))
}
