//! What CI servers read: annotations of GitHub, Code Quality of GitLab, JUnit, under what their documentation says.

use bucketproof::report::{Format, Style};
use quick_junit::{NonSuccessKind, TestCaseStatus};
use serde_json::Value;

use crate::attack::{ATTACKS, attacked};
use crate::fixture::{Run, scan};
use crate::schemas::{problems, schema};

fn check_gitlab(run: &Run) -> Value {
    let report = serde_json::from_str(&scan(run, Format::Gitlab, Style::default())).expect("JSON");
    let schema = schema(include_str!("../data/gitlab-code-quality.schema.json"));
    assert_eq!(problems(&schema, &report), Vec::<String>::new());
    report
}

#[test]
fn github() {
    insta::assert_snapshot!(scan(&Run::full(), Format::Github, Style::default()));
    let clean = scan(&Run::empty(), Format::Github, Style::default());
    assert_eq!(clean, "no findings in 0 resources\n");
}

/// The runner takes a line that starts with `::` as a command, up to the next `::` its properties, each up to a comma.
#[test]
fn github_reads_one_command_a_finding_whatever_is_in_it() {
    for attack in ATTACKS {
        let run = attacked(attack);
        let text = scan(&run, Format::Github, Style::default());
        let commands: Vec<&str> = text.split(['\n', '\r']).filter(|line| line.starts_with("::")).collect();
        assert_eq!(commands.len(), 4 + 2, "{text}");
        for command in commands {
            let (head, message) = command
                .strip_prefix("::")
                .and_then(|command| command.split_once("::"))
                .expect("a message");
            let (name, properties) = head.split_once(' ').expect("properties");
            assert!(["error", "warning", "notice"].contains(&name), "{command}");
            for property in properties.split(',') {
                let (name, value) = property.split_once('=').expect("a value");
                assert!(
                    ["file", "line", "col", "endLine", "endColumn", "title"].contains(&name),
                    "{command}"
                );
                assert!(!value.is_empty(), "{command}");
            }
            assert!(!message.is_empty());
        }
        // What is no command is the summary, which holds nothing of the input.
        let rest: Vec<&str> = text.lines().filter(|line| !line.starts_with("::")).collect();
        assert_eq!(rest.len(), 2, "{rest:?}");
    }
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(scan(&Run::full(), Format::Gitlab, Style::default()));
    assert_eq!(check_gitlab(&Run::empty()), serde_json::json!([]));
}

#[test]
fn gitlab_gets_what_it_requires_whatever_is_in_it() {
    for attack in ATTACKS {
        let report = check_gitlab(&attacked(attack));
        let issues = report.as_array().expect("a list");
        assert_eq!(issues.len(), 4, "findings that do not count are none of its business");
        assert!(
            issues[0]["location"]["path"]
                .as_str()
                .is_some_and(|path| path.starts_with(attack))
        );
    }
}

#[test]
fn junit() {
    insta::assert_snapshot!(scan(&Run::full(), Format::Junit, Style::default()));
}

fn read_junit(run: &Run) -> quick_junit::Report {
    let text = scan(run, Format::Junit, Style::default());
    check_structure(&text);
    quick_junit::Report::deserialize_from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The elements and attributes that the schema of the Jenkins xUnit plugin (`junit-10.xsd`) lets them have.
fn check_structure(text: &str) {
    for tag in text.split('<').skip(2).filter(|tag| !tag.starts_with('/')) {
        let tag = tag.split('>').next().expect("a tag ends").trim_end_matches('/');
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let known: &[&str] = match name {
            "testsuites" => &["name", "tests", "failures", "errors"],
            "testsuite" => &["name", "tests", "skipped", "errors", "failures"],
            "testcase" => &["name", "classname"],
            "failure" | "error" | "skipped" => &["message", "type"],
            other => panic!("`{other}` is no element of JUnit"),
        };
        for attribute in attributes.split("\" ").filter(|attribute| !attribute.is_empty()) {
            let (name, _) = attribute.split_once("=\"").expect("a value in quotes");
            assert!(known.contains(&name), "`{name}` in {tag}");
        }
    }
}

#[test]
fn junit_counts_and_says_what_is_missing() {
    let report = read_junit(&Run::full());
    assert_eq!((report.tests, report.failures, report.errors), (8, 4, 1));
    let names: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(names, ["bucket", "role", "input"]);
    // Nothing found is a case that passes; nothing read is one that does not.
    let mut run = Run::full();
    run.findings.clear();
    run.diagnostics.clear();
    let report = read_junit(&run);
    assert_eq!(
        (report.tests, report.failures, report.errors),
        (3, 0, 1),
        "an answer is missing"
    );
    run.incomplete = false;
    assert_eq!(read_junit(&run).errors, 0);
    let empty = read_junit(&Run::empty());
    assert_eq!((empty.tests, empty.failures, empty.errors), (1, 0, 0));
}

#[test]
fn junit_carries_every_name() {
    for attack in ATTACKS {
        let report = read_junit(&attacked(attack));
        assert_eq!((report.tests, report.failures, report.errors), (8, 4, 1), "{attack}");
        let case = &report.test_suites[0].test_cases[0];
        let TestCaseStatus::NonSuccess { kind, message, .. } = &case.status else {
            panic!("{case:?}");
        };
        assert_eq!(*kind, NonSuccessKind::Failure);
        let shown = bucketproof::report::clean(attack);
        // What XML cannot carry is replaced.
        let expected = shown.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
        let message = message.as_ref().expect("a message").as_str();
        assert_eq!(message, format!("{expected} `{expected}`"));
    }
}
