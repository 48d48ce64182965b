use std::io;

use super::arguments::Run;
use super::evidence::Evidence;
use super::files::with_slashes;
use super::fix::round;
use super::guard::guarded;
use super::incident::read;
use super::judge::gather;
use super::packs::packs;
use super::repair::Round;
use super::{CommandError, Status, evidence, logs};
use crate::cli;
use crate::engine::{Options, Zone};
use crate::finding::{Finding, GrantEffect, Matter};
use crate::incident::{self, Found, Incident, Replay, Start, States, Timeline, Verification, Verified, found};
use crate::ingest::{Ingested, LogFilter, Texts};
use crate::model::ApiEvent;
use crate::report::{InputLine, Proof, VerifyFormat, write_verify};
use crate::source::{Diagnostic, DiagnosticSeverity, Sources};

/// `bucketproof verify`: whether an incident is over.
pub(super) fn verify(run: &Run<'_>, arguments: &cli::Verify) -> Result<Status, CommandError> {
    let incident = read(&arguments.incident)?;
    let (earlier, later) = (arguments.input(&arguments.before), arguments.input(&arguments.after));
    let config = run.config(&later)?;
    let options = run.options(&later)?;
    let packs = packs(&config, &arguments.rules)?;
    let Round {
        mut judged,
        findings,
        zone,
    } = round(
        run,
        &later,
        (&config, &options),
        (&packs, &arguments.rules),
        &Texts::default(),
    )?;
    let (before, faults) = gather(run, &earlier, &config)?;
    let mut problems = without_places(&before, faults);
    let mut read = Read::logs(run, arguments, &incident, &mut problems)?;
    let changes = std::mem::take(&mut read.changes);
    let timeline = timeline(changes, &judged.ingested, &zone, &options);
    let states = States {
        before: &before.inventory,
        after: &judged.ingested.inventory,
        zone: &zone,
        options: &options,
    };
    let verification = guarded(
        || "verify the incident".into(),
        || incident::verify(&incident, read.replay, states),
    );
    let is_lost = verification.is_err();
    let verification: Verification = verification.unwrap_or_else(|fault| {
        problems.push(fault);
        Verification::default()
    });
    judged.note(problems);
    let findings = unintended(findings, &incident, &judged.access);
    let mut report = judged.report(packs.info(), &findings);
    report.inputs.extend(inputs(arguments));
    // What a fault of ours kept from being verified is never contained.
    let incomplete = is_lost || report.incomplete && !(arguments.allow_incomplete || config.allow_incomplete);
    let (verdict, reasons) = verification.verdict(findings.len(), incomplete);
    let proof = Proof {
        incident: &incident,
        verification: &verification,
        verdict,
        reasons: &reasons,
        timeline: &timeline,
    };
    let format = match arguments.format {
        cli::VerifyFormat::Markdown => VerifyFormat::Markdown,
        cli::VerifyFormat::Json => VerifyFormat::Json,
    };
    let write = |out: &mut dyn io::Write| write_verify(&report, proof, format, out);
    run.print(&report, true, &write)?;
    if let Some(folder) = &arguments.evidence {
        let description = std::slice::from_ref(&arguments.incident);
        let inputs = [
            &*arguments.before,
            &arguments.after,
            &arguments.logs,
            &arguments.rules.intent,
            description,
        ];
        let name = match format {
            VerifyFormat::Markdown => "verify.md",
            VerifyFormat::Json => "verify.json",
        };
        let evidence = Evidence {
            inputs: &inputs,
            config: &config.path,
            judges: true,
            name,
        };
        evidence::write(run, folder, &evidence, &report, &write)?;
    }
    Ok(match verdict {
        Verified::Contained => Status::Clean,
        Verified::Open => Status::Findings,
        Verified::Unknown => Status::Unanswered,
    })
}

/// What was read of the logs.
struct Read {
    replay: Replay,
    changes: Vec<ApiEvent>,
}

/// What one event gives.
enum Given {
    Found(Found),
    Change(Box<ApiEvent>),
}

impl Read {
    fn logs(
        run: &Run<'_>,
        arguments: &cli::Verify,
        incident: &Incident,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<Self, CommandError> {
        let named = cli::Logs {
            paths: arguments.logs.clone(),
            ..cli::Logs::default()
        };
        let files = logs::find(&named, &LogFilter::default())?;
        problems.extend(files.diagnostics);
        let mut read = Self {
            replay: Replay::new(arguments.limit),
            changes: Vec::new(),
        };
        let give = |event: ApiEvent, push: &mut dyn FnMut(Given)| {
            found(&event, incident, &mut |found| push(Given::Found(found)));
            if incident::is_change(&event) {
                push(Given::Change(Box::new(event)));
            }
        };
        let said = logs::read(
            run,
            &files.files,
            &LogFilter::default(),
            give,
            &mut |given| match given {
                Given::Found(found) => read.replay.add(found),
                Given::Change(event) => read.changes.push(*event),
            },
        );
        problems.extend(said);
        Ok(read)
    }
}

/// What events changed, for the reader: the verdict does not rest on it.
fn timeline(events: Vec<ApiEvent>, after: &Ingested, zone: &Zone, options: &Options) -> Timeline {
    let start = Start::After(Box::new(after.inventory.clone()));
    let mut sources = Sources::default();
    let told = guarded(
        || "tell what the events changed".into(),
        || incident::timeline(events, start, zone, options, &mut sources),
    );
    told.unwrap_or_default()
}

/// The findings that speak of access to the resources of the incident which is there and was not declared.
pub(super) fn unintended(
    findings: Vec<Finding>,
    incident: &Incident,
    access: &[crate::finding::ResourceAccess],
) -> Vec<Finding> {
    let is_effective = |finding: &Finding| {
        let of = access.iter().filter(|access| access.resource.arn == finding.resource);
        let mut grants = of.filter_map(|access| access.grants.get(finding.grant?));
        grants.any(|grant| grant.effect == GrantEffect::Effective)
    };
    let counts = |finding: &Finding| {
        let is_access = match finding.matter {
            Matter::Access(_) => is_effective(finding),
            Matter::Setting(_) => false,
        };
        is_access && finding.status.counts() && incident.is_about(&finding.resource)
    };
    findings.into_iter().filter(counts).collect()
}

/// Problems with the earlier snapshot: its files are not those of the report.
fn without_places(before: &Ingested, faults: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let all = before.diagnostics.iter().cloned().chain(faults);
    let problems = all.filter(|found| found.severity == DiagnosticSeverity::Error);
    problems
        .map(|found| Diagnostic {
            path: found
                .span
                .map(|span| before.sources.path(span).to_owned())
                .or(found.path),
            span: None,
            ..found
        })
        .collect()
}

fn inputs(arguments: &cli::Verify) -> impl Iterator<Item = InputLine> {
    let line = |kind: &'static str| {
        move |path: &std::path::PathBuf| InputLine {
            path: with_slashes(path),
            kind: kind.into(),
            status: "read".into(),
        }
    };
    let before = arguments.before.iter().map(line("snapshot-before"));
    before.chain(arguments.logs.iter().map(line("logs")))
}
