//! What is written as JSON, under the schemas that say what may be.

use bucketproof::report::{AccessFormat, Format, Style, write_access};
use serde_json::{Map, Value};

use crate::fixture::{Run, scan};
use crate::schemas::{problems, schema};

const SCAN: &str = include_str!("../../docs/schema/scan.v1.json");
const ACCESS: &str = include_str!("../../docs/schema/access.v1.json");

fn scan_json(run: &Run) -> Value {
    serde_json::from_str(&scan(run, Format::Json, Style::default())).expect("the report is JSON")
}

fn access_json(run: &Run) -> Value {
    let mut out = Vec::new();
    write_access(&run.report(), AccessFormat::Json, Style::default(), &mut out).expect("a vector takes everything");
    serde_json::from_slice(&out).expect("the report is JSON")
}

#[test]
fn every_report_fits_its_schema() {
    let (for_scan, for_access) = (schema(SCAN), schema(ACCESS));
    for run in [Run::full(), Run::empty()] {
        assert_eq!(problems(&for_scan, &scan_json(&run)), Vec::<String>::new());
        assert_eq!(problems(&for_access, &access_json(&run)), Vec::<String>::new());
        assert_ne!(problems(&for_scan, &access_json(&run)), Vec::<String>::new());
    }
}

/// The schemas leave nothing open: a member more or less anywhere, or a null where none may be, does not fit.
#[test]
fn the_schemas_are_strict() {
    for (text, report) in [(SCAN, scan_json(&Run::full())), (ACCESS, access_json(&Run::full()))] {
        let schema = schema(text);
        assert!(schema.is_valid(&report));
        for pointer in objects(&report, String::new()) {
            // The keys of a request are free.
            if pointer.ends_with("/context") {
                continue;
            }
            let members = |value: &Value| -> Map<String, Value> {
                let found = value.pointer(&pointer).and_then(Value::as_object);
                found.expect("an object").clone()
            };
            let changed = |change: &dyn Fn(&mut Map<String, Value>)| {
                let mut other = report.clone();
                let found = other.pointer_mut(&pointer).and_then(Value::as_object_mut);
                change(found.expect("an object"));
                other
            };
            let more = changed(&|members| drop(members.insert("surprise".to_owned(), Value::Null)));
            assert!(!schema.is_valid(&more), "{pointer} may hold anything");
            for name in members(&report).keys() {
                let less = changed(&|members| drop(members.shift_remove(name)));
                assert!(!schema.is_valid(&less), "{pointer} may lack `{name}`");
                let wrong = changed(&|members| drop(members.insert(name.clone(), serde_json::json!({"a": [1.5]}))));
                assert!(!schema.is_valid(&wrong), "{pointer}/{name} may be anything");
            }
        }
    }
}

/// What both reports have in common is said twice, so that each schema stands alone; and said the same.
#[test]
fn both_schemas_say_the_same_of_what_they_share() {
    let [scan, access] = [SCAN, ACCESS].map(|text| -> Value { serde_json::from_str(text).expect("JSON") });
    let definitions = |schema: &Value| schema["$defs"].as_object().expect("definitions").clone();
    let (scan, access) = (definitions(&scan), definitions(&access));
    for (name, definition) in access.iter().filter(|(name, _)| *name != "summary") {
        assert_eq!(scan.get(name), Some(definition), "{name}");
    }
}

/// Pointers to all objects in a value.
fn objects(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let below = members
                .iter()
                .flat_map(|(name, value)| objects(value, format!("{at}/{}", escaped(name))));
            let below: Vec<String> = below.collect();
            [vec![at], below].concat()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(index, value)| objects(value, format!("{at}/{index}")))
                .collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
