use std::io;
use std::path::Path;

use super::arguments::Run;
use super::evidence::Evidence;
use super::files::{read_text, with_slashes};
use super::output::print;
use super::{CommandError, Status, evidence, logs, trace_pipe};
use crate::cli;
use crate::finding::Intended;
use crate::iam::Timestamp;
use crate::incident::{Collector, Exposures, Partial, Query, QueryError, athena, partial};
use crate::ingest::LogFilter;
use crate::report::{Report, Tool, TraceFormat, write_trace};
use crate::source::{Diagnostic, DiagnosticSeverity, Placeholders, Sources};

/// `bucketproof trace`.
pub(super) fn trace(run: &Run<'_>, arguments: &cli::Trace) -> Result<Status, CommandError> {
    let query = query(arguments)?;
    let filter = logs::filter(&arguments.logs)?;
    if let Some(cli::Dialect::Athena) = arguments.print_sql {
        let sql = athena(&query, &arguments.table, filter.from, filter.to);
        print(run.global.color, &Placeholders::default(), &|out| {
            out.write_all(sql.as_bytes())
        })?;
        return Ok(Status::Clean);
    }
    if arguments.pipe {
        return trace_pipe::pipe(run, arguments, &query, &filter);
    }
    let windows = arguments.windows.as_deref().map(exposures).transpose()?;
    let mut collector = Collector::new(query, arguments.limit).within(windows, arguments.during_exposure);
    let mut diagnostics = if arguments.merge {
        let mut diagnostics = trace_pipe::merge(arguments, &mut collector)?;
        diagnostics.extend(collector.follow_up().map(|more| not_followed(&more)));
        diagnostics
    } else {
        search(run, arguments, &filter, &mut collector)?
    };
    let trace = collector.finish();
    if trace.hits_left_out > 0 {
        let message = format!(
            "{} later actions are counted, but not kept: copies and deletions among them are missing",
            trace.hits_left_out
        );
        let found = Diagnostic::new(DiagnosticSeverity::Warning, "bucketproof::commands::limit", message);
        diagnostics.push(found.with_help("raise `--limit`, or ask for less"));
    }
    diagnostics.sort();
    diagnostics.dedup();
    let incomplete = diagnostics
        .iter()
        .any(|found| found.severity == DiagnosticSeverity::Error);
    let (sources, names) = (Sources::default(), Placeholders::default());
    let report = report(run, &diagnostics, &sources, &names, incomplete);
    let format = match arguments.format.unwrap_or(cli::TraceFormat::Table) {
        cli::TraceFormat::Table => TraceFormat::Table,
        cli::TraceFormat::Json => TraceFormat::Json,
    };
    run.print(&report, format == TraceFormat::Json, &|out| {
        write_trace(&report, &trace, format, run.table_style(), out)
    })?;
    if let Some(folder) = &arguments.evidence {
        let name = match format {
            TraceFormat::Table => "trace.txt",
            TraceFormat::Json => "trace.json",
        };
        let write = |out: &mut dyn io::Write| write_trace(&report, &trace, format, run.file_style(), out);
        let windows = arguments.windows.as_slice();
        let inputs = [&*arguments.logs.paths, windows];
        let evidence = Evidence {
            inputs: &inputs,
            config: "",
            judges: false,
            name,
        };
        evidence::write(run, folder, &evidence, &report, &write)?;
    }
    let unanswered = incomplete && !arguments.logs.allow_incomplete;
    Ok(if unanswered { Status::Unanswered } else { Status::Clean })
}

/// Reads the logs, and again where credentials turn up that those asked for went on with [CT-75].
fn search(
    run: &Run<'_>,
    arguments: &cli::Trace,
    filter: &LogFilter,
    collector: &mut Collector,
) -> Result<Vec<Diagnostic>, CommandError> {
    let mut found = logs::find(&arguments.logs, filter)?;
    let mut diagnostics = std::mem::take(&mut found.diagnostics);
    let mut next = Some(query(arguments)?);
    while let Some(query) = next {
        let filter = prefiltered(filter, &query);
        let give = |event, push: &mut dyn FnMut(Partial)| partial(&event, &query).into_iter().for_each(push);
        let said = logs::read(run, &found.files, &filter, give, &mut |one| collector.add(one));
        diagnostics.extend(said);
        next = collector.follow_up();
    }
    Ok(diagnostics)
}

/// The filter with what must stand in a record for it to be of use.
pub(super) fn prefiltered(filter: &LogFilter, query: &Query) -> LogFilter {
    let needles = query.needles();
    let filter = filter.clone();
    if needles.is_empty() {
        return filter;
    }
    let filter = filter
        .with_text(needles)
        .with_text(["insightDetails", "insightdetails"]);
    match query.asks_who() {
        // What makes credentials is followed, whoever asks for them.
        true => filter.with_text(["sts.amazonaws.com"]),
        false => filter,
    }
}

fn query(arguments: &cli::Trace) -> Result<Query, CommandError> {
    let mut query = Query::default();
    type Ask = fn(&mut Query, &str) -> Result<(), QueryError>;
    let asked: [(&'static str, &[String], Ask); 5] = [
        ("--principal", &arguments.principals, Query::principal),
        ("--access-key", &arguments.access_keys, Query::access_key),
        ("--source-ip", &arguments.source_ips, Query::source_ip),
        ("--object", &arguments.objects, Query::object),
        ("--bucket", &arguments.buckets, Query::bucket),
    ];
    for (option, values, ask) in asked {
        for value in values {
            ask(&mut query, value).map_err(|error| CommandError::BadOption {
                option,
                value: value.clone(),
                problem: error.to_string(),
            })?;
        }
    }
    if query.is_empty() {
        return Err(CommandError::BadOption {
            option: "trace",
            value: String::new(),
            problem: "say what to look for, such as `--access-key` or `--bucket`".into(),
        });
    }
    Ok(query)
}

fn exposures(path: &Path) -> Result<Exposures, CommandError> {
    let help = "give what `bucketproof timeline --format json` writes";
    let text = read_text(path, help)?;
    Exposures::parse(&text).map_err(|error| CommandError::Unreadable {
        path: with_slashes(path),
        problem: error.to_string(),
        help,
    })
}

/// Sessions that only another search can follow.
fn not_followed(more: &Query) -> Diagnostic {
    let keys = more.access_keys().iter().map(|key| format!("--access-key {key}"));
    let sessions = more.principals().iter().map(|session| format!("--principal {session}"));
    let all: Vec<String> = keys.chain(sessions).take(20).collect();
    let message = "credentials that were made for those asked for have not been looked for";
    Diagnostic::new(
        DiagnosticSeverity::Error,
        "bucketproof::commands::not_followed",
        message,
    )
    .with_help(format!("search again with {} as well", all.join(" ")))
}

fn report<'a>(
    run: &Run<'_>,
    diagnostics: &'a [Diagnostic],
    sources: &'a Sources,
    placeholders: &'a Placeholders,
    incomplete: bool,
) -> Report<'a> {
    Report {
        tool: Tool {
            version: env!("CARGO_PKG_VERSION").into(),
            packs: Vec::new(),
        },
        time: Timestamp(run.environment.now_millis),
        inputs: Vec::new(),
        resources: &[],
        intended: Intended::new(),
        findings: &[],
        diagnostics,
        sources,
        placeholders,
        incomplete,
        fixes: std::collections::BTreeMap::new(),
    }
}
