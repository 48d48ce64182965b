//! What is written where, and that it is the same every time.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use crate::program::{ACCOUNT_BLOCK, BUCKET_BLOCK, OPEN, directory, program, run, write};

#[test]
fn files_hold_what_would_have_been_printed() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), (BUCKET_BLOCK, OPEN)]);
    let now = "--now 2026-01-31T12:00:00Z";
    let outcome = run(
        at.path(),
        &format!("scan snapshot {now} -o json=a.json -o sarif=a.sarif --output plain=a.txt"),
    );
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
    let read = |name: &str| fs::read_to_string(at.path().join(name)).expect(name);
    assert_eq!(read("a.txt"), outcome.stdout);
    for (name, format) in [("a.json", "json"), ("a.sarif", "sarif")] {
        let printed = run(at.path(), &format!("scan snapshot {now} --format {format}")).stdout;
        assert_eq!(read(name), printed);
    }
}

#[test]
fn every_format_is_written_and_printed() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), (BUCKET_BLOCK, OPEN)]);
    for format in [
        "pretty", "plain", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "html", "csv", "asff",
        "ocsf",
    ] {
        let arguments = format!("scan snapshot --now 2026-01-31 --format {format} -o {format}=a.out");
        let outcome = run(at.path(), &arguments);
        assert_eq!(outcome.status, Some(0), "{format}: {}", outcome.stderr);
        let written = fs::read_to_string(at.path().join("a.out")).expect("a file");
        assert_eq!(written, outcome.stdout, "{format}");
        assert!(written.contains("account-block-off"), "{format}: {written}");
        assert_eq!(
            run(at.path(), &arguments).stdout,
            outcome.stdout,
            "{format}: the same again"
        );
    }
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_and_changes_nothing() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), ("out/keep.txt", "old\n")]);
    let outcome = run(at.path(), "scan snapshot -o json=nowhere/a.json -o plain=out");
    assert_eq!(outcome.status, Some(2));
    assert!(
        outcome.stderr.contains("`nowhere/a.json` cannot be written"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stdout.contains("low[s3-guardrails/account-block-off]"),
        "the findings are printed all the same: {}",
        outcome.stdout
    );
    let names = |path: &str| fs::read_dir(at.path().join(path)).expect(path).count();
    assert_eq!((names(""), names("out")), (2, 1), "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn links_stay_links_and_devices_stay_devices() {
    use std::os::unix::fs::PermissionsExt;
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), ("real.json", "old\n")]);
    std::os::unix::fs::symlink("real.json", at.path().join("link.json")).expect("a link");
    let outcome = run(at.path(), "scan snapshot -o json=link.json -o json=/dev/null");
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
    let link = fs::symlink_metadata(at.path().join("link.json")).expect("the link");
    assert!(link.is_symlink());
    let text = fs::read_to_string(at.path().join("real.json")).expect("the file");
    assert!(text.contains("bucketproof.scan.v1"), "{text}");
    let mode = fs::metadata(at.path().join("real.json"))
        .expect("the file")
        .permissions()
        .mode();
    assert_ne!(mode & 0o044, 0, "others may read a report as any new file: {mode:o}");
    assert!(!fs::metadata("/dev/null").expect("a device").is_file());
}

#[test]
fn every_number_of_threads_writes_the_same_bytes() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN)]);
    for index in 0..40 {
        write(
            at.path(),
            &format!("snapshot/111122223333/s3/b-{index}/public-access-block.json"),
            OPEN,
        );
        write(
            at.path(),
            &format!("snapshot/111122223333/s3/b-{index}/bucket-acl.json"),
            "{",
        );
    }
    let print = |jobs: &str| {
        run(
            at.path(),
            &format!("scan snapshot --format json --now 2026-01-31 --jobs {jobs}"),
        )
        .stdout
    };
    let one = print("1");
    assert!(one.contains("arn:aws:s3:::b-39"), "{one}");
    assert_eq!(one, print("8"));
}

#[test]
fn a_reader_that_stops_is_no_error() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN)]);
    // More than a pipe holds.
    for index in 0..400 {
        write(
            at.path(),
            &format!("snapshot/111122223333/s3/b-{index}/public-access-block.json"),
            OPEN,
        );
    }
    let mut child = program(at.path(), &["scan", "snapshot", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut start = [0; 10];
    stdout.read_exact(&mut start).expect("something is printed");
    drop(stdout);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn quiet_prints_nothing_and_still_writes() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN)]);
    let outcome = run(at.path(), "scan snapshot -q --fail-on low -o plain=a.txt");
    assert_eq!(
        (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str()),
        (Some(1), "", "")
    );
    assert!(at.path().join("a.txt").is_file());
}

#[test]
fn colour_is_for_those_who_ask() {
    let at = directory(&[(ACCOUNT_BLOCK, OPEN)]);
    let coloured = |arguments: &str| run(at.path(), arguments).stdout.contains('\u{1b}');
    assert!(!coloured("scan snapshot --format pretty"), "a pipe is no terminal");
    assert!(coloured("scan snapshot --format pretty --color always"));
    assert!(!coloured("scan snapshot --format pretty --color never"));
    assert!(!coloured("access snapshot"));
}

#[cfg(unix)]
#[test]
fn a_hostile_file_name_is_shown_as_text() {
    let path = "snapshot/111122223333/s3/b\u{1b}[31m\u{202e}<script>/public-access-block.json";
    let at = directory(&[(ACCOUNT_BLOCK, OPEN), (path, "{")]);
    for arguments in [
        "scan snapshot",
        "scan snapshot --format pretty",
        "scan snapshot --format json",
        "access snapshot -v",
    ] {
        let outcome = run(at.path(), arguments);
        let printed = outcome.stdout + &outcome.stderr;
        assert!(!printed.contains(['\u{1b}', '\u{202e}']), "{arguments}: {printed}");
        assert!(printed.contains("script"), "{arguments}: {printed}");
    }
}
