//! One line a finding: JSON for pipelines under its schema, and a table for spreadsheets.

use bucketproof::report::{Format, Style};
use serde_json::Value;

use crate::attack::{ATTACKS, attacked};
use crate::fixture::{Run, scan};
use crate::schemas::{problems, schema};

fn lines(run: &Run) -> Vec<Value> {
    let schema = schema(include_str!("../../docs/schema/finding.v1.json"));
    let text = scan(run, Format::Jsonl, Style::default());
    let lines = text.lines().map(|line| {
        let line = serde_json::from_str(line).expect("JSON");
        assert_eq!(problems(&schema, &line), Vec::<String>::new());
        line
    });
    lines.collect()
}

#[test]
fn jsonl() {
    let run = Run::full();
    let text = scan(&run, Format::Jsonl, Style::default());
    insta::assert_snapshot!(text.lines().next().expect("a line"));
    let values = lines(&run);
    assert_eq!(values.len(), run.findings.len());
    assert_eq!(values[0]["grant"]["grantee"]["kind"], "anonymous");
    assert_eq!(values[0]["account"], "111122223333");
    assert_eq!(values[2]["grant"], Value::Null);
    assert_eq!(values[2]["account"], Value::Null);
    assert_eq!(values[4]["reason"], "published data set");
    assert_eq!(scan(&Run::empty(), Format::Jsonl, Style::default()), "");
}

/// As strict as the schema of the whole report, of which it has the parts.
#[test]
fn the_schema_of_a_line_is_strict_and_says_the_same() {
    let text = include_str!("../../docs/schema/finding.v1.json");
    let line = &lines(&Run::full())[0];
    let strict = schema(text);
    for name in line.as_object().expect("an object").keys() {
        let mut less = line.clone();
        less.as_object_mut().expect("an object").shift_remove(name);
        assert!(!strict.is_valid(&less), "it may lack `{name}`");
        let mut wrong = line.clone();
        wrong[name] = serde_json::json!({"a": [1.5]});
        assert!(!strict.is_valid(&wrong), "`{name}` may be anything");
    }
    let definitions = |text: &str| -> Value {
        let schema: Value = serde_json::from_str(text).expect("JSON");
        schema["$defs"].clone()
    };
    let whole = definitions(include_str!("../../docs/schema/scan.v1.json"));
    for (name, definition) in definitions(text).as_object().expect("definitions") {
        assert_eq!(whole.get(name), Some(definition), "{name}");
    }
}

#[test]
fn csv() {
    insta::assert_snapshot!(scan(&Run::full(), Format::Csv, Style::default()));
    let empty = scan(&Run::empty(), Format::Csv, Style::default());
    assert_eq!(
        empty.lines().count(),
        1,
        "the header is there for whoever appends: {empty}"
    );
}

#[test]
fn no_cell_is_a_formula_and_no_finding_has_two_lines() {
    for attack in ATTACKS.into_iter().chain(["-1+1", "+1", "\t=1", "＝1"]) {
        let run = attacked(attack);
        let text = scan(&run, Format::Csv, Style::default());
        assert_eq!(text.lines().count(), 1 + run.findings.len(), "{text}");
        let mut table = ::csv::Reader::from_reader(text.as_bytes());
        for record in table.records() {
            let record = record.expect("every line has as many cells");
            assert_eq!(record.len(), 15);
            for cell in &record {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '＝', '\t', '\r', '\n']),
                    "{cell}"
                );
            }
        }
    }
}

#[test]
fn a_program_gets_the_name_as_it_is() {
    let long = "ä𝄞<".repeat(3000);
    for attack in ATTACKS.into_iter().chain([long.as_str()]) {
        let run = attacked(attack);
        let lines = lines(&run);
        assert_eq!(lines.len(), run.findings.len());
        assert_eq!(lines[0]["name"], format!("{attack}acme-reports"));
    }
}
