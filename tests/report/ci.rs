//! What CI servers read: annotations of GitHub, Code Quality of GitLab, JUnit, under what their documentation says.

use bucketproof::report::{Format, Style};
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
            let (head, message) = command[2..].split_once("::").expect("a message");
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
