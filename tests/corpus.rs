//! Reads every file of the corpus of public test data, where it lies beside the repository.
#![expect(clippy::expect_used, reason = "helpers of tests stop at the first surprise")]

#[cfg(test)]
#[path = "support/corpus.rs"]
mod corpus;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bucketproof::ingest::{Ingested, InputStatus, Request, assemble, discover, read};
use bucketproof::source::DiagnosticSeverity;

fn ingest(path: &Path) -> Ingested {
    let discovery = discover(&Request {
        paths: vec![path.to_owned()],
        ..Request::default()
    });
    let parts = discovery.units.iter().map(read).collect();
    assemble(discovery, parts)
}

/// How many files of one source ended how.
#[derive(Default)]
struct Row {
    files: usize,
    understood: usize,
    not_audited: usize,
    not_recognised: usize,
    incomplete: usize,
    refused: usize,
    codes: BTreeMap<&'static str, usize>,
}

impl Row {
    fn count(&mut self, got: &Ingested) {
        self.files += 1;
        let worst = got.inputs.iter().map(|input| input.status).max();
        match worst.expect("every file is an input") {
            InputStatus::Read => self.understood += 1,
            InputStatus::NotAudited => self.not_audited += 1,
            InputStatus::Incomplete => self.incomplete += 1,
            InputStatus::NotRecognised => self.not_recognised += 1,
            InputStatus::Refused => self.refused += 1,
        }
        if matches!(worst, Some(InputStatus::Incomplete | InputStatus::Refused)) {
            let told = got
                .diagnostics
                .iter()
                .filter(|said| said.severity != DiagnosticSeverity::Note);
            let codes: BTreeSet<_> = told.map(|said| said.code).collect();
            codes
                .into_iter()
                .for_each(|code| *self.codes.entry(code).or_default() += 1);
        }
    }
}

fn every_file_of_the_corpus_is_read(corpus: &Path) {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let entries = walkdir::WalkDir::new(corpus).min_depth(2).sort_by_file_name();
    for entry in entries
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
    {
        let path = entry.path();
        let source = path
            .strip_prefix(corpus)
            .expect("below")
            .iter()
            .next()
            .expect("a source");
        let source = source.to_string_lossy().into_owned();
        let name = entry.file_name().to_string_lossy();
        let is_data = name.ends_with(".json")
            || name.ends_with(".gz")
            || source == "cloudmapper" && !name.contains('.') && name != "LICENSE";
        if is_data {
            let got = ingest(path);
            spans_fit(&got);
            rows.entry(source).or_default().count(&got);
        }
    }
    println!("source | files | understood | not audited | not recognised | incomplete | refused | because of");
    for (source, row) in &rows {
        let codes = row
            .codes
            .iter()
            .map(|(code, count)| format!("{} {count}", code.trim_start_matches("bucketproof::")));
        let codes = codes.collect::<Vec<_>>().join(", ");
        let Row {
            files,
            understood,
            not_audited,
            not_recognised,
            incomplete,
            refused,
            ..
        } = row;
        println!(
            "{source} | {files} | {understood} | {not_audited} | {not_recognised} | {incomplete} | {refused} | {codes}"
        );
    }
}

fn every_source_of_the_corpus_is_read_as_a_whole(corpus: &Path) {
    for entry in walkdir::WalkDir::new(corpus)
        .min_depth(1)
        .max_depth(1)
        .sort_by_file_name()
    {
        let entry = entry.expect("an entry");
        if entry.file_type().is_dir() {
            let got = ingest(entry.path());
            spans_fit(&got);
            let inventory = &got.inventory;
            println!(
                "{}: {} buckets, {} roles, {} access points, {} accounts, {} diagnostics",
                entry.file_name().to_string_lossy(),
                inventory.buckets.len(),
                inventory.roles.len(),
                inventory.access_points.len(),
                inventory.accounts.len(),
                got.diagnostics.len()
            );
        }
    }
}

/// Every place that is spoken of lies inside its file.
fn spans_fit(got: &Ingested) {
    for span in got.diagnostics.iter().filter_map(|said| said.span) {
        let file = got.sources.file(span.file).expect("a file");
        let fits = span.start <= span.end && file.text().get(span.range()).is_some();
        assert!(fits, "{} {span:?}", file.path());
    }
}

fn main() -> std::process::ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    let tests = vec![
        corpus::trial("every_file_of_the_corpus_is_read", every_file_of_the_corpus_is_read),
        corpus::trial(
            "every_source_of_the_corpus_is_read_as_a_whole",
            every_source_of_the_corpus_is_read_as_a_whole,
        ),
    ];
    libtest_mimic::run(&arguments, tests).exit_code()
}
