//! What is loaded somewhere else: Security Hub and OCSF, under their schemas.

use bucketproof::report::{Format, Style};
use serde_json::Value;

use crate::attack::{ATTACKS, attacked};
use crate::fixture::{Run, scan};
use crate::schemas::{problems, schema};

const ASFF: &str = include_str!("../data/asff.schema.json");
const OCSF: &str = include_str!("../data/ocsf-compliance-finding.schema.json");

fn values(run: &Run, format: Format) -> Vec<Value> {
    let text = if format == Format::Asff { ASFF } else { OCSF };
    let list = serde_json::from_str(&scan(run, format, Style::default())).expect("JSON");
    assert_eq!(problems(&schema(text), &list), Vec::<String>::new());
    list.as_array().expect("a list").clone()
}

#[test]
fn asff() {
    let run = Run::full();
    let findings = values(&run, Format::Asff);
    insta::assert_json_snapshot!(findings[0]);
    let of = |index: usize, name: &str| findings[index][name].clone();
    assert_eq!(findings.len(), run.findings.len());
    assert_eq!(of(2, "AwsAccountId"), "000000000000", "nobody knows whose it is");
    assert_eq!(of(1, "Resources")[0]["Type"], "AwsIamRole");
    assert_eq!(
        of(1, "Types"),
        serde_json::json!(["Software and Configuration Checks/AWS Security Best Practices"])
    );
    let state = |index: usize| (of(index, "RecordState"), of(index, "Compliance")["Status"].clone());
    assert_eq!(state(0), ("ACTIVE".into(), "FAILED".into()));
    assert_eq!(state(4), ("ARCHIVED".into(), "WARNING".into()));
    assert_eq!(state(5), ("ARCHIVED".into(), "PASSED".into()));
    assert_eq!(
        state(6),
        ("ACTIVE".into(), "FAILED".into()),
        "what was known before is still so"
    );
    assert!(values(&Run::empty(), Format::Asff).is_empty());
}

#[test]
fn ocsf() {
    let run = Run::full();
    let events = values(&run, Format::Ocsf);
    insta::assert_json_snapshot!(events[0]);
    assert_eq!(events.len(), run.findings.len());
    let status = |index: usize| {
        (
            events[index]["status"].clone(),
            events[index]["compliance"]["status"].clone(),
        )
    };
    assert_eq!(status(4), ("Suppressed".into(), "Fail".into()));
    assert_eq!(status(5), ("Suppressed".into(), "Pass".into()));
    assert_eq!(status(6), ("Baseline".into(), "Fail".into()));
    assert_eq!(events[2]["cloud"].get("account"), None);
    assert!(values(&Run::empty(), Format::Ocsf).is_empty());
}

#[test]
fn names_of_any_kind_and_length_fit() {
    let long = "ä𝄞<".repeat(3000);
    for attack in ATTACKS.into_iter().chain([long.as_str()]) {
        for format in [Format::Asff, Format::Ocsf] {
            let run = attacked(attack);
            assert_eq!(values(&run, format).len(), run.findings.len());
        }
    }
}

/// The schemas that were made from documentation refuse what the documentation forbids.
#[test]
fn the_schemas_of_others_are_strict() {
    let check = |text: &str, format: Format, change: fn(&mut Value)| {
        let mut list = Value::from(values(&Run::full(), format));
        change(&mut list[0]);
        assert!(!schema(text).is_valid(&list), "{}", list[0]);
    };
    check(ASFF, Format::Asff, |finding| finding["Title"] = "x".repeat(257).into());
    check(ASFF, Format::Asff, |finding| finding["Description"] = " ".into());
    check(ASFF, Format::Asff, |finding| {
        finding["Severity"]["Label"] = "high".into()
    });
    check(ASFF, Format::Asff, |finding| finding["CreatedAt"] = "2026-01-31".into());
    check(ASFF, Format::Asff, |finding| finding["Types"][0] = "Anything".into());
    check(ASFF, Format::Asff, |finding| finding["AwsAccountId"] = "1".into());
    check(OCSF, Format::Ocsf, |event| event["class_uid"] = 2004.into());
    check(OCSF, Format::Ocsf, |event| event["severity"] = "Low".into());
    check(OCSF, Format::Ocsf, |event| {
        event["compliance"]["status"] = "Pass".into()
    });
    check(OCSF, Format::Ocsf, |event| event["time"] = "now".into());
}
