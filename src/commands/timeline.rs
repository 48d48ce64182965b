use std::collections::BTreeMap;
use std::io;

use super::arguments::Run;
use super::evidence::Evidence;
use super::files::with_slashes;
use super::guard::guarded;
use super::judge::gather;
use super::judging::Judged;
use super::{CommandError, Status, evidence, logs};
use crate::cli;
use crate::incident::{self, Start, Timeline};
use crate::ingest::{Ingested, LogFile, LogFiles, LogFilter};
use crate::model::ApiEvent;
use crate::report::{InputLine, TimelineFormat, write_timeline};
use crate::source::{Diagnostic, SourceFile, Sources, Span};

/// `bucketproof timeline`: what events changed of who reaches what.
pub(super) fn timeline(run: &Run<'_>, arguments: &cli::Timeline) -> Result<Status, CommandError> {
    let input = cli::Input::of(arguments.snapshot.clone());
    let config = run.config(&input)?;
    let options = run.options(&input)?;
    let (mut ingested, mut faults) = match input.paths.is_empty() {
        true => (Ingested::default(), Vec::new()),
        false => gather(run, &input, &config)?,
    };
    let filter = logs::filter(&arguments.logs)?;
    let LogFiles { files, diagnostics, .. } = logs::find(&arguments.logs, &filter)?;
    faults.extend(diagnostics);
    let mut events = changes(run, &files, &filter, &mut faults);
    place(&mut events, &files, &mut ingested.sources);
    incident::name_accounts(&mut ingested.inventory, &events);
    let zone = config.zone(&ingested.inventory);
    let start = start(arguments, &ingested);
    let sources = &mut ingested.sources;
    let told = guarded(
        || "tell what the events changed".into(),
        || incident::timeline(events, start, &zone, &options, sources),
    );
    let mut timeline = told.unwrap_or_else(|fault| {
        faults.push(fault);
        Timeline::default()
    });
    faults.append(&mut timeline.diagnostics);
    let judged = Judged::new(ingested, Vec::new(), faults, options.now);
    let mut report = judged.report(Vec::new(), &[]);
    report.inputs.extend(arguments.logs.paths.iter().map(|path| InputLine {
        path: with_slashes(path),
        kind: "logs".into(),
        status: "read".into(),
    }));
    report.incomplete |= timeline.undecided;
    let format = match arguments.format {
        cli::TimelineFormat::Plain => TimelineFormat::Plain,
        cli::TimelineFormat::Json => TimelineFormat::Json,
        cli::TimelineFormat::Markdown => TimelineFormat::Markdown,
    };
    run.print(&report, format == TimelineFormat::Json, &|out| {
        write_timeline(&report, &timeline, format, run.style(), out)
    })?;
    if let Some(folder) = &arguments.evidence {
        let name = match format {
            TimelineFormat::Plain => "timeline.txt",
            TimelineFormat::Json => "timeline.json",
            TimelineFormat::Markdown => "timeline.md",
        };
        let write = |out: &mut dyn io::Write| write_timeline(&report, &timeline, format, run.file_style(), out);
        let inputs = [&*arguments.logs.paths, &arguments.snapshot];
        let evidence = Evidence {
            inputs: &inputs,
            config: &config.path,
            judges: false,
            name,
        };
        evidence::write(run, folder, &evidence, &report, &write)?;
    }
    let allowed = arguments.logs.allow_incomplete || config.allow_incomplete;
    Ok(match report.incomplete && !allowed {
        true => Status::Unanswered,
        false => Status::Clean,
    })
}

/// The events that belong on a timeline.
fn changes(run: &Run<'_>, files: &[LogFile], filter: &LogFilter, faults: &mut Vec<Diagnostic>) -> Vec<ApiEvent> {
    let mut events = Vec::new();
    let named = filter.clone().named(incident::names());
    let wanted = named.with_text(incident::SETS_ACL.iter().copied());
    let keep_changes = |event: ApiEvent, keep: &mut dyn FnMut(ApiEvent)| {
        if incident::is_change(&event) {
            keep(event);
        }
    };
    faults.extend(logs::read(run, files, &wanted, keep_changes, &mut |event| {
        events.push(event)
    }));
    let objects = incident::with_acl(events.iter());
    if objects.is_empty() {
        return events;
    }
    // What takes these objects away is one of millions of events, and is looked for only now. Problems are told already.
    let wanted = filter.clone().named(incident::OVERWRITES.iter().copied());
    let keep_overwrites = |event: ApiEvent, keep: &mut dyn FnMut(ApiEvent)| {
        if incident::overwrites(&event, &objects) {
            keep(event);
        }
    };
    logs::read(run, files, &wanted, keep_overwrites, &mut |event| events.push(event));
    events
}

/// Says of each event which log it is from, in the list of sources.
fn place(events: &mut [ApiEvent], files: &[LogFile], sources: &mut Sources) {
    let mut known = BTreeMap::new();
    for event in events {
        let log = event.span.file;
        let file = *known.entry(log).or_insert_with(|| {
            let place = usize::try_from(log.0).unwrap_or(usize::MAX);
            let path = files.get(place).map_or("", LogFile::path);
            sources.add(SourceFile::new(path, ""))
        });
        event.span = Span::new(file, 0, 0);
    }
}

fn start(arguments: &cli::Timeline, ingested: &Ingested) -> Start {
    let inventory = Box::new(ingested.inventory.clone());
    match arguments.snapshot_is {
        cli::SnapshotIs::Before => Start::Before(inventory),
        cli::SnapshotIs::After => Start::After(inventory),
    }
}
