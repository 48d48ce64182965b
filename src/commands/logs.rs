use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::CommandError;
use super::arguments::{Run, option};
use super::files::{STDIN_LIMIT, read_stdin};
use super::guard::guarded;
use super::progress::Progress;
use crate::cli;
use crate::ingest::{LogFile, LogFiles, LogFilter, LogOutcome, find_logs, read_log};
use crate::model::ApiEvent;
use crate::source::{Diagnostic, DiagnosticSeverity};

/// What the command line says about which events are wanted.
pub(super) fn filter(logs: &cli::Logs) -> Result<LogFilter, CommandError> {
    let time = |name, text: &Option<String>| text.as_deref().map(|text| option(name, text)).transpose();
    let mut filter = LogFilter::default();
    filter.from = time("--from", &logs.from)?;
    filter.to = time("--to", &logs.to)?;
    for id in &logs.accounts {
        filter.accounts.insert(option("--account", id)?);
    }
    filter.regions.extend(logs.regions.iter().cloned());
    Ok(filter)
}

/// Finds the logs of a command, and says what was passed over.
pub(super) fn find(logs: &cli::Logs, filter: &LogFilter) -> Result<LogFiles, CommandError> {
    if logs.paths.is_empty() {
        return Err(CommandError::BadOption {
            option: "LOGS",
            value: String::new(),
            problem: "name the logs to read: files, directories, or `-`".into(),
        });
    }
    let stdin = match logs.paths.iter().any(|path| path.as_os_str() == "-") {
        true => Some(read_stdin()?),
        false => None,
    };
    let is_cut = stdin
        .as_ref()
        .is_some_and(|bytes| u64::try_from(bytes.len()).is_ok_and(|len| len >= STDIN_LIMIT));
    let mut found = find_logs(&logs.paths, stdin, filter);
    if is_cut {
        let message = format!(
            "standard input holds more than {} MiB: the rest was not read",
            STDIN_LIMIT >> 20
        );
        let cut = Diagnostic::new(DiagnosticSeverity::Error, "bucketproof::commands::long_input", message);
        found.diagnostics.push(cut.with_help("give the logs as files"));
    }
    let passed = [
        (
            found.left_out,
            "cannot hold what is asked for, by their names, and were not opened",
        ),
        (found.beside, "stand beside logs and hold no events, such as digests"),
        (
            found.others,
            "are no logs by the endings of their names, and were not opened",
        ),
    ];
    for (count, what) in passed.into_iter().filter(|(count, _)| *count > 0) {
        let message = format!("{count} files {what}");
        let code = "bucketproof::commands::passed_over";
        found
            .diagnostics
            .push(Diagnostic::new(DiagnosticSeverity::Note, code, message));
    }
    if found.files.is_empty() {
        let message = "there are no logs to read";
        let found_none = Diagnostic::new(DiagnosticSeverity::Error, "bucketproof::commands::no_logs", message);
        found
            .diagnostics
            .push(found_none.with_help("name the folder that holds `AWSLogs`, or the files"));
    }
    Ok(found)
}

/// Reads logs, several at once; what events give comes to `take` in the order of the files, whatever the number of threads.
///
/// What a file gives is kept until those before it are done; a long one is read alone, and nothing of it is kept.
pub(super) fn read<T: Send>(
    run: &Run<'_>,
    files: &[LogFile],
    filter: &LogFilter,
    give: impl Fn(ApiEvent, &mut dyn FnMut(T)) + Sync,
    take: &mut dyn FnMut(T),
) -> Vec<Diagnostic> {
    let bytes = files.iter().map(LogFile::len_bytes).sum();
    let progress = Progress::of_bytes(bytes, run.wants_progress());
    progress.phase("reading");
    let mut diagnostics = Vec::new();
    let mut done = |file: &LogFile, outcome: Result<LogOutcome, Diagnostic>| {
        progress.advance(file.len_bytes());
        match outcome {
            Ok(outcome) => diagnostics.extend(outcome.diagnostics),
            Err(fault) => diagnostics.push(fault),
        }
    };
    // What these give is held at the same time.
    let at_once = rayon::current_num_threads().saturating_mul(2);
    let together = |a: &LogFile, b: &LogFile| !a.is_long() && !b.is_long();
    for run_of_files in files.chunk_by(together) {
        if let [file] = run_of_files {
            let outcome = guarded(|| what(file), || read_log(file, filter, &mut |event| give(event, take)));
            done(file, outcome);
            continue;
        }
        for some in run_of_files.chunks(at_once) {
            let read_one = |file: &LogFile| {
                let mut given = Vec::new();
                let push = &mut |one| given.push(one);
                let outcome = guarded(|| what(file), || read_log(file, filter, &mut |event| give(event, push)));
                (given, outcome)
            };
            let read: Vec<_> = some.par_iter().map(read_one).collect();
            for (file, (given, outcome)) in some.iter().zip(read) {
                given.into_iter().for_each(&mut *take);
                done(file, outcome);
            }
        }
    }
    diagnostics
}

fn what(file: &LogFile) -> String {
    format!("read `{}`", file.path())
}
