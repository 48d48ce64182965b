use std::collections::BTreeMap;

use super::arguments::Run;
use super::declarations::Declarations;
use super::fix::round;
use super::guard::guarded;
use super::judge::judge;
use super::output::write_file;
use super::packs::packs;
use super::repair::{Round, repair, shown};
use super::since::{Measure, Older};
use super::who_can::answers;
use super::{CommandError, Status, baseline};
use crate::cli;
use crate::finding::{Finding, Severity};
use crate::ingest::{Ingested, Texts};
use crate::report::{Format, Report, write_scan};
use crate::rules::{Config, Evaluation, FailLevel, Inline, Settings, evaluate, forbidden};
use crate::source::Diagnostic;

/// `bucketproof scan`.
pub(super) fn scan(run: &Run<'_>, arguments: &cli::Scan) -> Result<Status, CommandError> {
    let config = run.config(&arguments.input)?;
    let options = run.options(&arguments.input)?;
    // Rules come first: a mistake in them is told before minutes are spent on the input.
    let packs = packs(&config, &arguments.rules)?;
    let mut warnings = Vec::new();
    let declared = Declarations::read(&config, &arguments.rules.intent, &mut warnings)?;
    let since = arguments.since.as_deref();
    let older = since.map(|name| Older::read(run, name, &arguments.input, &config));
    let older = older.transpose()?;
    let mut judged = judge(run, &arguments.input, &config, &options)?;
    let mut settings = declared.settings(&config, options.now, &mut judged.ingested);
    let inventory = &judged.ingested.inventory;
    warnings.extend(comments(arguments, &judged.ingested, &mut settings));
    let evaluation = guarded(
        || "judge access by the rules".into(),
        || evaluate(&packs, &declared.intent, &settings, inventory, &judged.access),
    );
    let is_judged = evaluation.is_ok();
    let evaluation = match evaluation {
        Ok(evaluation) => evaluation?,
        // What was read and decided is still worth telling.
        Err(fault) => Evaluation {
            diagnostics: vec![fault],
            ..Evaluation::default()
        },
    };
    let mut findings = evaluation.findings;
    if let Some(older) = older {
        let zone = config.zone(&judged.ingested.inventory);
        let measure = Measure {
            packs: &packs,
            intent: &declared.intent,
            settings: &settings,
            zone: &zone,
            options: &options,
        };
        findings = older.settle(measure, &mut judged, findings)?;
    }
    if let Some(path) = &arguments.baseline {
        baseline::settle(path, &mut judged, &mut findings)?;
    }
    // What no rule has looked at must not become the state that is known.
    if let Some(path) = arguments.write_baseline.as_ref().filter(|_| is_judged) {
        baseline::write(path, &judged.ingested, &findings)?;
    }
    for never in &config.never {
        let zone = config.zone(&judged.ingested.inventory);
        let answers = answers(
            &judged.ingested.inventory,
            &never.statement,
            &zone,
            &options,
            &mut warnings,
        );
        let (forbidden, diagnostics) = forbidden(never, &answers, &config.path);
        findings.extend(forbidden);
        warnings.extend(diagnostics);
    }
    judged.note(warnings);
    judged.note(evaluation.diagnostics);
    let mut fixes = BTreeMap::new();
    if arguments.fixes {
        let zone = config.zone(&judged.ingested.inventory);
        let first = Round { judged, findings, zone };
        let again = |overlay: &Texts| {
            round(
                run,
                &arguments.input,
                (&config, &options),
                (&packs, &arguments.rules),
                overlay,
            )
        };
        let counts = first
            .findings
            .iter()
            .enumerate()
            .filter(|(_, finding)| finding.status.counts());
        let repaired = repair(&first, &counts.map(|(place, _)| place).collect(), &options, &again)?;
        fixes = shown(&first, &repaired);
        Round { judged, findings, .. } = first;
    }
    let mut report = judged.report(packs.info(), &findings);
    report.intended = evaluation.intended;
    report.fixes = fixes;
    write(run, arguments, &report)?;
    let allowed = arguments.input.allow_incomplete || config.allow_incomplete;
    let failed = fails(&findings, level(arguments.fail_on, &config));
    Ok(judged.status(allowed, if failed { Status::Findings } else { Status::Clean }))
}

/// Takes over what comments in the input set aside; returns those that do not count.
fn comments(arguments: &cli::Scan, ingested: &Ingested, settings: &mut Settings) -> Vec<Diagnostic> {
    let mut said = Vec::new();
    for comment in &ingested.comments {
        match Inline::parse(comment) {
            Ok(inline) if arguments.no_inline_suppressions => said.push(inline.listed()),
            Ok(inline) => settings.comments.push(inline),
            Err(problem) => said.push(problem),
        }
    }
    said
}

/// Writes the files that were asked for, and prints; a file that cannot be written does not keep the rest from the reader.
fn write(run: &Run<'_>, arguments: &cli::Scan, report: &Report<'_>) -> Result<(), CommandError> {
    let style = run.file_style();
    let written: Vec<_> = arguments
        .outputs
        .iter()
        .map(|output| {
            let format = format(output.format);
            write_file(&output.path, report.placeholders, &|out| {
                write_scan(report, format, style, out)
            })
        })
        .collect();
    let on_terminal = run.environment.stdout_is_terminal;
    let by_default = if on_terminal { Format::Pretty } else { Format::Plain };
    let format = arguments.format.map_or(by_default, format);
    run.print(report, format.is_machine(), &|out| {
        write_scan(report, format, run.style(), out)
    })?;
    written.into_iter().collect()
}

fn format(format: cli::ScanFormat) -> Format {
    match format {
        cli::ScanFormat::Pretty => Format::Pretty,
        cli::ScanFormat::Plain => Format::Plain,
        cli::ScanFormat::Json => Format::Json,
        cli::ScanFormat::Jsonl => Format::Jsonl,
        cli::ScanFormat::Sarif => Format::Sarif,
        cli::ScanFormat::Github => Format::Github,
        cli::ScanFormat::Gitlab => Format::Gitlab,
        cli::ScanFormat::Junit => Format::Junit,
        cli::ScanFormat::Markdown => Format::Markdown,
        cli::ScanFormat::Html => Format::Html,
        cli::ScanFormat::Csv => Format::Csv,
        cli::ScanFormat::Asff => Format::Asff,
        cli::ScanFormat::Ocsf => Format::Ocsf,
    }
}

fn level(fail_on: Option<cli::FailOn>, config: &Config) -> FailLevel {
    match fail_on {
        Some(cli::FailOn::Critical) => FailLevel::At(Severity::Critical),
        Some(cli::FailOn::High) => FailLevel::At(Severity::High),
        Some(cli::FailOn::Medium) => FailLevel::At(Severity::Medium),
        Some(cli::FailOn::Low) => FailLevel::At(Severity::Low),
        Some(cli::FailOn::Never) => FailLevel::Never,
        None => config.fail_on.unwrap_or(FailLevel::At(Severity::Medium)),
    }
}

fn fails(findings: &[Finding], level: FailLevel) -> bool {
    match level {
        FailLevel::Never => false,
        // Severities are ordered worst first.
        FailLevel::At(level) => findings
            .iter()
            .any(|finding| finding.status.counts() && finding.severity <= level),
    }
}
