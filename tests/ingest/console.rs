//! The answers of Terraform's console that the evaluator is held against are still those of the console.

use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn the_recorded_answers_are_those_of_the_console() {
    let recorded = include_str!("../../testdata/terraform/console.tsv");
    let cases: Vec<(&str, &str)> = recorded.lines().filter_map(|line| line.split_once('\t')).collect();
    assert!(cases.len() > 150, "{}", cases.len());
    let all: Vec<&str> = cases.iter().map(|(expression, _)| *expression).collect();
    let Some(output) = console(&format!("jsonencode([{}])\n", all.join(", "))) else {
        println!("skipped: terraform is not here");
        return;
    };
    let plain = output.trim().replace("$${", "${").replace("%%{", "%{");
    let json: String = serde_json::from_str(&plain).expect("a string");
    let answers: Vec<serde_json::Value> = serde_json::from_str(&json).expect("a list in it");
    assert_eq!(answers.len(), cases.len());
    for ((expression, expected), found) in cases.iter().zip(answers) {
        let expected: serde_json::Value = serde_json::from_str(expected).expect("recorded as JSON");
        assert_eq!(found, expected, "{expression}");
    }
}

/// What the console prints; none where there is no Terraform.
fn console(input: &str) -> Option<String> {
    let directory = tempfile::tempdir().expect("a directory");
    let mut child = Command::new("terraform")
        .arg("console")
        .current_dir(directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(input.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()
}
