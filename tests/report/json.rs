//! The JSON contract, key by key.

use bucketproof::report::{AccessFormat, Format, Style, write_access};
use serde_json::Value;

use crate::fixture::{Run, scan};

fn scan_json(run: &Run) -> Value {
    serde_json::from_str(&scan(run, Format::Json, Style::default())).expect("the report is JSON")
}

fn access_json(run: &Run) -> Value {
    let mut out = Vec::new();
    write_access(&run.report(), AccessFormat::Json, Style::default(), &mut out).expect("a vector takes everything");
    serde_json::from_slice(&out).expect("the report is JSON")
}

/// The names in a value, in order; of a list those of its first item.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| match shape(value).as_str() {
                    "" => name.clone(),
                    inner => format!("{name}{inner}"),
                })
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => items
            .first()
            .map(shape)
            .filter(|inner| !inner.is_empty())
            .map_or(String::new(), |inner| format!("[{inner}]")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => String::new(),
    }
}

#[test]
fn scan_has_the_names_of_the_contract_in_its_order() {
    let json = scan_json(&Run::full());
    let names = |value: &Value| -> Vec<String> {
        let members = value.as_object().expect("an object");
        members.keys().cloned().collect()
    };
    let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    let check = |value: &Value, expected: &str| assert_eq!(names(value), words(expected));
    check(&json, "schema tool inputs resources findings diagnostics summary");
    assert_eq!(json["schema"], "bucketproof.scan.v1");
    assert_eq!(shape(&json["tool"]), "{version,packs[{name,version,sha256}]}");
    assert_eq!(shape(&json["inputs"]), "[{path,kind,status}]");
    assert_eq!(
        shape(&json["summary"]),
        "{resources,findings{critical,high,medium,low},incomplete}"
    );
    assert_eq!(
        shape(&json["diagnostics"]),
        "[{severity,code,message,help,file,line,column}]"
    );
    assert_eq!(
        shape(&json["findings"]),
        "[{fingerprint,rule,severity,message,resource,grant,locations[{file,line,column,end_line,end_column,label}],\
         witness{principal,action,resource,context{aws:SecureTransport,aws:SourceIp}},remediation,status}]"
    );
    check(
        &json["resources"][0],
        "id kind name account location status grants indeterminate",
    );
    assert_eq!(
        shape(&json["resources"][0]["status"]),
        "{policy_public,acl_public,console,sharing}"
    );
    check(
        &json["resources"][0]["grants"][0],
        "grantee effect blocked_by outside_zone open confined_by levels actions resources conditions assumed sources witness",
    );
    let fenced = &json["resources"][1]["grants"][0];
    assert_eq!(shape(&fenced["grantee"]), "{kind,id}");
    assert_eq!(shape(&fenced["confined_by"]), "[{kind,key,values}]");
    assert_eq!(shape(&fenced["conditions"]), "[{operator,key,values}]");
    assert_eq!(shape(&fenced["assumed"]), "[{unknown,file,line}]");
    assert_eq!(
        shape(&json["resources"][0]["grants"][0]["sources"]),
        "[{document,statement,index,file,line,column}]"
    );
    assert_eq!(shape(&json["resources"][1]["indeterminate"]), "[{reason,file,line}]");
}

#[test]
fn what_is_not_there_is_null() {
    let json = scan_json(&Run::full());
    let null = [
        &json["resources"][2]["account"],
        &json["resources"][3]["status"]["console"],
        &json["resources"][1]["status"]["policy_public"],
        &json["resources"][0]["grants"][0]["grantee"]["id"],
        &json["resources"][1]["grants"][1]["sources"][0]["statement"],
        &json["resources"][1]["grants"][0]["assumed"][0]["file"],
        &json["findings"][2]["grant"],
        &json["findings"][2]["witness"],
        &json["diagnostics"][1]["line"],
        &json["diagnostics"][2]["help"],
    ];
    for value in null {
        assert_eq!(*value, Value::Null);
    }
    assert_eq!(
        json["diagnostics"][1]["file"], "prod/notes\u{1b}[2J.txt",
        "a file without a place still has its name"
    );
}

#[test]
fn access_is_the_same_resources_without_rules() {
    let run = Run::full();
    let (scan, access) = (scan_json(&run), access_json(&run));
    assert_eq!(access["schema"], "bucketproof.access.v1");
    assert_eq!(access["resources"], scan["resources"]);
    assert_eq!(access["diagnostics"], scan["diagnostics"]);
    assert_eq!(shape(&access["summary"]), "{resources,incomplete}");
    assert_eq!(access.get("findings"), None);
}

#[test]
fn only_findings_that_count_are_counted() {
    let json = scan_json(&Run::full());
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(7));
    assert_eq!(json["summary"]["findings"]["low"], 1);
    assert_eq!(json["summary"]["incomplete"], true);
}

#[test]
fn each_item_has_a_line() {
    let run = Run::full();
    let text = scan(&run, Format::Json, Style::default());
    for start in ["    {\"id\": ", "    {\"fingerprint\": ", "    {\"path\": "] {
        assert!(text.lines().any(|line| line.starts_with(start)), "{start}");
    }
    assert_eq!(
        text,
        scan(&run, Format::Json, Style::default()),
        "same input, same bytes"
    );
}
