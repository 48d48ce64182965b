//! Reads every file of the corpus of public test data, where it lies beside the repository.
#![expect(clippy::expect_used, reason = "helpers of tests stop at the first surprise")]

#[cfg(test)]
#[path = "support/corpus.rs"]
mod corpus;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bucketproof::ingest::{Ingested, InputStatus, Kind, Request, assemble, discover, read};
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
    print_rows(&rows);
}

fn print_rows(rows: &BTreeMap<String, Row>) {
    println!("source | files | understood | not audited | not recognised | incomplete | refused | because of");
    for (source, row) in rows {
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

/// Every template is understood, but for those that CloudFormation does not take either.
fn templates_of_the_corpus_are_understood(corpus: &Path) {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut lost = Vec::new();
    let mut told: BTreeMap<&'static str, usize> = BTreeMap::new();
    for entry in walkdir::WalkDir::new(corpus).min_depth(2).sort_by_file_name() {
        let entry = entry.expect("an entry");
        let path = entry
            .path()
            .strip_prefix(corpus)
            .expect("below")
            .to_string_lossy()
            .into_owned();
        let name = entry.file_name().to_string_lossy();
        let may_be = [".yaml", ".yml", ".json", ".template"]
            .iter()
            .any(|suffix| name.ends_with(suffix));
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        if !may_be || !text.contains("Resources") || !text.contains("AWS::") {
            continue;
        }
        let got = ingest(entry.path());
        spans_fit(&got);
        let kind = got.inputs.first().and_then(|input| input.kind);
        let refused = got.inputs.iter().any(|input| input.status == InputStatus::Refused);
        if kind != Some(Kind::CloudFormation) && !refused {
            continue;
        }
        let source = path.split('/').next().expect("a source").to_owned();
        rows.entry(source).or_default().count(&got);
        // What SAM refuses may be malformed.
        let loud = got.diagnostics.iter().filter(|_| !path.contains("/input/error_"));
        for said in loud.filter(|said| said.severity != DiagnosticSeverity::Note) {
            *told.entry(said.code).or_default() += 1;
        }
        if refused && !REFUSED.contains(&&*path) {
            lost.push(path);
        }
    }
    print_rows(&rows);
    println!("{told:#?}");
    assert_eq!(lost, Vec::<String>::new());
    // Nothing in all of these is a function, or is given in a way, that is not understood.
    for code in [
        "unknown_function",
        "misused_function",
        "too_deep",
        "too_large",
        "circular_name",
        "unknown_loop",
    ] {
        let code = format!("bucketproof::ingest::{code}");
        assert_eq!(told.get(&*code), None, "{code}");
    }
}

/// The roles that AWS SAM makes, by its own tests: what we make of a template, and of what SAM makes of it, is the same.
fn roles_of_serverless_templates_are_those_of_sam(corpus: &Path) {
    let tests = corpus.join("serverless-application-model/tests/translator");
    let roles = |path: &Path| -> BTreeSet<String> {
        let got = ingest(path);
        let roles = got.inventory.roles.iter();
        let shown = roles.map(|role| {
            let trust = role.trust.value().map(|policy| policy.to_json().to_string());
            got.inventory
                .placeholders
                .reveal(&format!("{} {trust:?}", role.arn()))
                .into_owned()
        });
        shown.collect()
    };
    let mut compared = 0;
    for entry in std::fs::read_dir(tests.join("output")).expect("a directory") {
        let output = entry.expect("an entry").path();
        let name = output.file_stem().expect("a name").to_string_lossy().into_owned();
        // What SAM refuses has no roles there.
        if !name.starts_with("error_") {
            let input = tests.join("input").join(format!("{name}.yaml"));
            assert_eq!(roles(&input), roles(&output), "{name}");
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared}");
}

/// Templates of templates: Jinja, and one that is broken on purpose.
const REFUSED: &[&str] = &[
    "localstack-snapshots/tests/aws/templates/apigateway-url-output.yaml",
    "localstack-snapshots/tests/aws/templates/dynamicparameter_ssm_list.yaml",
    "localstack-snapshots/tests/aws/templates/for_removal_setup.yaml",
    "localstack-snapshots/tests/aws/templates/iam_policy_attachments.yaml",
    "localstack-snapshots/tests/aws/templates/s3_bucketpolicy.yaml",
    "terrascan/pkg/iac-providers/cft/v1/testdata/deploy.yaml",
];

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
        corpus::trial(
            "roles_of_serverless_templates_are_those_of_sam",
            roles_of_serverless_templates_are_those_of_sam,
        ),
        corpus::trial(
            "templates_of_the_corpus_are_understood",
            templates_of_the_corpus_are_understood,
        ),
    ];
    libtest_mimic::run(&arguments, tests).exit_code()
}
