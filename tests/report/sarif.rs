//! SARIF under its official schema, and what the schema cannot say.

use bucketproof::report::{Format, Style};
use bucketproof::source::{SourceFile, Sources};
use serde_json::Value;

use crate::fixture::{Run, scan};
use crate::schemas::{problems, schema};

fn log(run: &Run) -> Value {
    serde_json::from_str(&scan(run, Format::Sarif, Style::default())).expect("the log is JSON")
}

fn check_schema(log: &Value) {
    let schema = schema(include_str!("../data/sarif-2.1.0.schema.json"));
    assert_eq!(problems(&schema, log), Vec::<String>::new());
}

#[test]
fn every_log_fits_the_official_schema() {
    check_schema(&log(&Run::full()));
    check_schema(&log(&Run::empty()));
}

/// The official schema refuses what is wrong, and so the checks against it say something.
#[test]
fn the_official_schema_is_strict() {
    let schema = schema(include_str!("../data/sarif-2.1.0.schema.json"));
    let refused = |change: fn(&mut Value)| {
        let mut log = log(&Run::full());
        change(&mut log);
        !schema.is_valid(&log)
    };
    assert!(refused(|log| log["version"] = "2.0.0".into()));
    assert!(refused(|log| log["runs"][0]["surprise"] = 1.into()));
    assert!(refused(|log| log["runs"][0]["results"][0]["level"] = "critical".into()));
    assert!(refused(|log| log["runs"][0]["results"][0]["message"] = "a text".into()));
    assert!(refused(
        |log| log["runs"][0]["results"][0]["partialFingerprints"]["x"] = 1.into()
    ));
    let region = |log: &mut Value, name: &str, value: Value| {
        log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"][name] = value;
    };
    assert!(!refused(|_| {}));
    let mut log = log(&Run::full());
    region(&mut log, "startLine", 0.into());
    assert!(!schema.is_valid(&log));
    region(&mut log, "startLine", 1.into());
    assert!(schema.is_valid(&log));
    let artifact = &mut log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    artifact["uri"] = "no uri: <here>".into();
    assert!(!schema.is_valid(&log), "formats are checked too");
}

#[test]
fn regions_are_the_very_bytes() {
    let run = Run::full();
    let log = log(&run);
    for (index, finding) in run.findings.iter().enumerate() {
        let region = &log["runs"][0]["results"][index]["locations"][0]["physicalLocation"]["region"];
        let number = |name: &str| usize::try_from(region[name].as_u64().expect(name)).expect(name);
        let span = finding.locations.primary.span;
        let text = run.sources.file(span.file).expect("a file").text();
        let range = number("byteOffset")..number("byteOffset") + number("byteLength");
        assert_eq!(range, span.range());
        // Line and column, counted another way.
        let counted = |offset: usize| {
            let before = text.get(..offset).expect("on a boundary");
            let line = before.rsplit('\n').next().expect("at least one");
            (before.matches('\n').count() + 1, line.chars().count() + 1)
        };
        assert_eq!((number("startLine"), number("startColumn")), counted(range.start));
        assert_eq!((number("endLine"), number("endColumn")), counted(range.end));
    }
    assert_eq!(log["runs"][0]["columnKind"], "unicodeCodePoints");
}

#[test]
fn results_name_their_rule_and_carry_identity_and_state() {
    let run = Run::full();
    let log = log(&run);
    let sarif = &log["runs"][0];
    for result in sarif["results"].as_array().expect("results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("an index");
        assert_eq!(sarif["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let fingerprint = result["partialFingerprints"]["bucketproof/v1"].as_str();
        assert_eq!(fingerprint.map(str::len), Some(32));
    }
    let state = |index: usize| {
        let result = &sarif["results"][index];
        (
            result["baselineState"].as_str(),
            result["suppressions"][0]["justification"].as_str(),
        )
    };
    assert_eq!(state(0), (Some("new"), None));
    assert_eq!(state(4), (Some("new"), Some("published data set")));
    assert_eq!(state(5), (Some("new"), Some("yearly audit, ticket SEC-12")));
    assert_eq!(state(6), (Some("unchanged"), None));
    assert_eq!(sarif["results"][0]["level"], "error");
    assert_eq!(
        sarif["tool"]["driver"]["rules"][3]["properties"]["security-severity"],
        "9.5"
    );
    assert_eq!(sarif["invocations"][0]["executionSuccessful"], false);
    assert_eq!(sarif["automationDetails"]["id"], "bucketproof/");
}

#[test]
fn without_a_baseline_nothing_is_compared_with_one() {
    let mut run = Run::full();
    run.findings.truncate(4);
    assert_eq!(log(&run)["runs"][0]["results"][0].get("baselineState"), None);
}

#[test]
fn paths_become_uri_references() {
    let check = |path: &str, uri: &str| {
        let mut run = Run::full();
        run.findings.truncate(1);
        run.findings[0].locations.secondary.clear();
        let text = run
            .sources
            .file(bucketproof::source::FileId(0))
            .expect("a file")
            .text()
            .to_owned();
        run.diagnostics.clear();
        run.resources.clear();
        run.sources = Sources::from_files(vec![SourceFile::new(path, text)]);
        let log = log(&run);
        check_schema(&log);
        let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], uri);
    };
    check("a/b c.json", "a/b%20c.json");
    check("./a/b.json", "a/b.json");
    check("c:d/e#f?g%.json", "c%3Ad/e%23f%3Fg%25.json");
    check("ä/日.json", "%C3%A4/%E6%97%A5.json");
    check("../up/b.json", "../up/b.json");
    check("/abs/b.json", "file:///abs/b.json");
}

#[test]
fn a_name_cannot_become_a_link() {
    let mut run = Run::full();
    run.findings.truncate(1);
    run.findings[0].message = "objects under `[click](https://example.com)` are public".into();
    let log = log(&run);
    let text = log["runs"][0]["results"][0]["message"]["text"]
        .as_str()
        .expect("a text");
    assert!(text.contains("[click\\](https://example.com)"), "{text}");
}
