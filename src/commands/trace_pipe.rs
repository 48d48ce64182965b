use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

use super::arguments::Run;
use super::error::in_words;
use super::files::{unreadable, with_slashes};
use super::trace::prefiltered;
use super::{CommandError, Status, logs};
use crate::cli;
use crate::incident::{Collector, Partial, Query, partial};
use crate::ingest::{LogFilter, find_logs};
use crate::source::{Diagnostic, DiagnosticSeverity};

/// A line of what `--pipe` writes.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    /// What one event gives.
    Partial(Partial),
    /// What could not be read.
    Problem { problem: Problem },
}

#[derive(Serialize, Deserialize)]
struct Problem {
    path: Option<String>,
    message: String,
    is_error: bool,
}

/// `bucketproof trace --pipe`: names of logs come in, one a line, and what each gives goes out as JSON lines.
pub(super) fn pipe(
    run: &Run<'_>,
    arguments: &cli::Trace,
    query: &Query,
    filter: &LogFilter,
) -> Result<Status, CommandError> {
    let failed = |what| {
        move |error: io::Error| CommandError::System {
            what,
            problem: in_words(&error),
        }
    };
    let filter = prefiltered(filter, query);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut incomplete = false;
    for name in io::stdin().lock().lines() {
        let name = name.map_err(failed("standard input"))?;
        let name = name.trim();
        if name.is_empty() {
            continue;
        }
        let found = find_logs(&[name.into()], None, &filter);
        let give = |event, push: &mut dyn FnMut(Partial)| partial(&event, query).into_iter().for_each(push);
        let mut written = Ok(());
        let said = logs::read(run, &found.files, &filter, give, &mut |one| {
            let line = write_line(&mut out, &Line::Partial(one));
            written = std::mem::replace(&mut written, Ok(())).and(line);
        });
        written.map_err(failed("standard output"))?;
        for diagnostic in found.diagnostics.into_iter().chain(said) {
            let is_error = diagnostic.severity == DiagnosticSeverity::Error;
            incomplete |= is_error;
            let problem = Problem {
                path: diagnostic.path,
                message: diagnostic.message,
                is_error,
            };
            write_line(&mut out, &Line::Problem { problem }).map_err(failed("standard output"))?;
        }
    }
    out.flush().map_err(failed("standard output"))?;
    let unanswered = incomplete && !arguments.logs.allow_incomplete;
    Ok(if unanswered { Status::Unanswered } else { Status::Clean })
}

fn write_line(out: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// `bucketproof trace --merge`: joins what `--pipe` wrote.
pub(super) fn merge(arguments: &cli::Trace, collector: &mut Collector) -> Result<Vec<Diagnostic>, CommandError> {
    let help = "give what `bucketproof trace --pipe` wrote";
    let mut diagnostics = Vec::new();
    for path in &arguments.logs.paths {
        let failed = |error: io::Error| unreadable(path, &error, help);
        let from: Box<dyn Read> = match path.as_os_str() == "-" {
            true => Box::new(io::stdin().lock()),
            false => Box::new(File::open(path).map_err(failed)?),
        };
        let mut lines = BufReader::new(from);
        let mut line = String::new();
        let mut number = 0;
        loop {
            line.clear();
            let len = lines.by_ref().take(LONGEST).read_line(&mut line).map_err(failed)?;
            if len == 0 {
                break;
            }
            number += 1;
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str(&line) {
                Ok(Line::Partial(one)) => collector.add(one),
                Ok(Line::Problem { problem }) => diagnostics.push(problem.into_diagnostic()),
                Err(_) => {
                    let message = format!("line {number} is nothing that `trace --pipe` writes");
                    let code = "bucketproof::commands::bad_partial";
                    let found = Diagnostic::new(DiagnosticSeverity::Error, code, message).with_help(help);
                    diagnostics.push(found.in_path(with_slashes(path)));
                }
            }
        }
    }
    Ok(diagnostics)
}

impl Problem {
    fn into_diagnostic(self) -> Diagnostic {
        let severity = if self.is_error {
            DiagnosticSeverity::Error
        } else {
            DiagnosticSeverity::Note
        };
        let found = Diagnostic::new(severity, "bucketproof::commands::piped", self.message);
        match self.path {
            Some(path) => found.in_path(path),
            None => found,
        }
    }
}

/// Bytes that a line may have.
const LONGEST: u64 = 4 << 20;
