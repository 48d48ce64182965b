//! What other programs run: the scripts of the action, of the GitLab job and of the hook, as they stand in the files.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::repository::Repository;

/// Opens a bucket that one account could read before.
const OPENING: (&str, &str, &str) = (
    "infra/buckets.tf",
    "{ AWS = \"arn:aws:iam::444455556666:root\" }\n      Action    = [\"s3:GetObject\", \"s3:ListBucket\"]",
    "\"*\"\n      Action    = [\"s3:GetObject\"]",
);

/// The lines of the last block that begins with `key`, without their indentation, up to the next line that is not further in.
fn block(path: &str, key: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path);
    let (_, after) = text.rsplit_once(&format!("{key}\n")).expect(key);
    let depth = |line: &str| line.len() - line.trim_start().len();
    let first = after.lines().next().map(depth).unwrap_or_default();
    let inside = after.lines().take_while(|line| line.is_empty() || depth(line) >= first);
    inside
        .map(|line| format!("{}\n", line.get(first..).unwrap_or_default()))
        .collect()
}

/// Runs a script in a repository, with the program on the path and where the action puts it.
fn bash(repository: &Repository, script: &str, environment: &[(&str, &str)]) -> Output {
    let place = repository.path().join(".git/runner/bucketproof/bin");
    fs::create_dir_all(&place).expect("a folder");
    let program = place.join("bucketproof");
    if !program.exists() {
        fs::hard_link(env!("CARGO_BIN_EXE_bucketproof"), &program)
            .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_bucketproof"), &program).map(drop))
            .expect("the program");
    }
    Command::new("bash")
        .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script])
        .current_dir(repository.path())
        .env_clear()
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", place.display()))
        .env("RUNNER_TEMP", repository.path().join(".git/runner"))
        .envs(environment.iter().copied())
        .output()
        .expect("bash")
}

#[test]
fn the_action_tells_a_pull_request_what_it_opens() {
    let script = block(".github/actions/scan/action.yml", "run: |");
    let inputs = |since| {
        [
            ("PATHS", "infra stacks"),
            ("SINCE", since),
            ("FAIL_ON", "medium"),
            ("SARIF", "out.sarif"),
            ("ARGUMENTS", "--jobs 1"),
            ("GITHUB_STEP_SUMMARY", ".git/summary"),
            ("GITHUB_OUTPUT", ".git/outputs"),
        ]
    };
    let repository = Repository::with(&[OPENING]);
    let read = |path: &str| fs::read_to_string(repository.path().join(path)).expect(path);
    let ended = bash(&repository, &script, &inputs("main"));
    let told = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(
        ended.status.code(),
        Some(1),
        "{told}{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    assert_eq!(told.matches("::error ").count(), 1, "{told}");
    assert_eq!(read(".git/outputs"), "status=1\n");
    assert!(
        read(".git/summary").contains("s3/public-read"),
        "{}",
        read(".git/summary")
    );
    assert!(read("out.sarif").contains("\"2.1.0\""));
    let ended = bash(&repository, &script, &inputs("HEAD"));
    assert_eq!(
        ended.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    assert_eq!(read(".git/outputs"), "status=1\nstatus=0\n");
}

#[test]
fn the_job_of_gitlab_writes_what_its_widgets_read() {
    let script = block("docs/gitlab-ci.yml", "script:")
        .replace("- ", "")
        .replace('\n', " ");
    let repository = Repository::with(&[OPENING]);
    let ended = bash(&repository, &script, &[("CI_MERGE_REQUEST_DIFF_BASE_SHA", "main")]);
    assert_eq!(
        ended.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    for (path, part) in [
        ("gl-code-quality-report.json", "s3/public-read"),
        ("bucketproof.xml", "<testsuites"),
        ("bucketproof.html", "<!doctype html>"),
    ] {
        let text = fs::read_to_string(repository.path().join(path)).expect(path);
        assert!(text.to_lowercase().contains(part), "{path}: {text}");
    }
}

#[test]
fn the_hook_tells_what_a_commit_opens() {
    let hooks =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).expect("the hooks");
    let of = |key: &str| {
        hooks
            .lines()
            .find_map(|line| line.trim().strip_prefix(key))
            .expect(key)
            .to_owned()
    };
    let arguments = of("args: [").trim_end_matches(']').replace(',', "");
    let command = format!("{} {arguments}", of("entry: "));
    let repository = Repository::new();
    assert_eq!(bash(&repository, &command, &[]).status.code(), Some(0));
    let (path, from, to) = OPENING;
    repository.edit(path, from, to);
    let ended = bash(&repository, &command, &[]);
    let told = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("s3/public-read"), "{told}");
}
