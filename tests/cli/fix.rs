//! `fix`: what it prints, what it writes, and what it leaves alone.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::program::{directory, run, write};

/// A policy that everyone reads by, in this many lines.
const POLICY: &str = r#"{
	"Version": "2012-10-17",
	"Statement": [
		{
			"Sid": "Site",
			"Effect": "Allow",
			"Principal": "*",
			"Action": "s3:GetObject",
			"Resource": "arn:aws:s3:::b/*"
		}
	]
}"#;

const ARGUMENTS: &str = "--as bucket-policy:b --account 111122223333 --rule s3/public-read";

/// A root of Terraform with comments, a heredoc, and blocks that are off.
const ROOT: &str = r#"# The site.
resource "aws_s3_bucket" "site" {
  bucket = "site-1" # do not rename
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  block_public_policy     = false # for the policy below
  ignore_public_acls      = true
  restrict_public_buckets = false
}

resource "aws_s3_account_public_access_block" "account" {
  block_public_acls = false
}

resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.id
  policy = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.site.arn}/*"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "s3:PutObject",
         "Resource": "${aws_s3_bucket.site.arn}/*"}
      ]
    }
  POLICY
}
"#;

fn git_apply(at: &Path, diff: &str) {
    let mut git = Command::new("git")
        .args(["apply"])
        .current_dir(at)
        .env("GIT_CEILING_DIRECTORIES", at)
        .stdin(Stdio::piped())
        .spawn()
        .expect("git");
    std::io::Write::write_all(&mut git.stdin.take().expect("a pipe"), diff.as_bytes()).expect("a pipe");
    assert!(git.wait().expect("git").success(), "{diff}");
}

#[test]
fn the_diff_is_applied_as_it_is_printed() {
    let at = directory(&[("main.tf", ROOT)]);
    let outcome = run(at.path(), "fix . --packs s3,s3-guardrails --rule s3/public-read");
    assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    git_apply(at.path(), &outcome.stdout);
    let text = fs::read_to_string(at.path().join("main.tf")).expect("the file");
    // Everything but the one principal is as it was, and the account is named as Terraform knows it.
    let (site, others) = (r#""Principal": "*""#, "data.aws_caller_identity.current.account_id");
    assert!(!text.contains(site) && text.contains(others), "{text}");
    assert!(text.contains(r#"data "aws_caller_identity" "current" {}"#), "{text}");
    let kept = ROOT.lines().filter(|line| !line.contains(site));
    kept.for_each(|line| assert!(text.contains(line), "{line}"));
    let again = run(at.path(), "fix . --packs s3,s3-guardrails --rule s3/public-read");
    assert!(!again.stdout.contains("--- a/"), "{}", again.stdout);
    let scan = run(at.path(), "scan . --packs s3 --format json");
    assert!(!scan.stdout.contains("\"s3/public-read\""), "{}", scan.stdout);
}

#[cfg(unix)]
#[test]
fn no_name_of_a_file_ends_a_line_of_the_diff() {
    for name in ["a\n+++ b\n", "a b", "a\tb", "a\"b", "a\\b"] {
        let name = format!("{name}.tf");
        let at = directory(&[(&name, ROOT)]);
        let outcome = run(at.path(), "fix . --packs s3 --rule s3/public-read");
        assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
        git_apply(at.path(), &outcome.stdout);
        let text = fs::read_to_string(at.path().join(&name)).expect("the file");
        assert!(!text.contains(r#""Principal": "*""#), "{text}");
    }
}

#[test]
fn a_carriage_return_alone_ends_no_line_of_the_diff() {
    let text = POLICY.replace('\n', "\r");
    let at = directory(&[("policy.json", &text)]);
    let outcome = run(at.path(), &format!("fix policy.json {ARGUMENTS}"));
    assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    git_apply(at.path(), &outcome.stdout);
    let after = fs::read_to_string(at.path().join("policy.json")).expect("the file");
    assert!(after.contains("111122223333") && !after.contains('\n'), "{after:?}");
}

#[test]
fn comments_and_alignment_stay_where_blocks_are_switched_on() {
    let at = directory(&[("main.tf", ROOT)]);
    let arguments = "fix . --packs s3-guardrails --rule s3-guardrails/bucket-block-off --write";
    let outcome = run(at.path(), arguments);
    assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let expected = ROOT
        .replace("block_public_policy     = false #", "block_public_policy     = true #")
        .replace("restrict_public_buckets = false", "restrict_public_buckets = true");
    assert_eq!(
        fs::read_to_string(at.path().join("main.tf")).expect("the file"),
        expected
    );
}

#[test]
fn tabs_line_ends_and_the_missing_last_one_stay() {
    for newline in ["\n", "\r\n"] {
        let text = POLICY.replace('\n', newline);
        let at = directory(&[("policy.json", &text)]);
        let outcome = run(at.path(), &format!("fix policy.json {ARGUMENTS} --write"));
        assert_eq!(outcome.status, Some(0), "{}{}", outcome.stdout, outcome.stderr);
        let after = fs::read_to_string(at.path().join("policy.json")).expect("the file");
        let owner = "{\n\t\t\t\t\"AWS\": \"arn:aws:iam::111122223333:root\"\n\t\t\t}".replace('\n', newline);
        assert_eq!(after, text.replace("\"*\"", &owner));
    }
}

#[test]
fn what_needs_input_is_shown_and_never_written() {
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
  "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole"}]}"#;
    let at = directory(&[("trust.json", trust)]);
    let arguments = "fix trust.json --as trust-policy:r --account 111122223333 --packs iam-trust";
    let shown = run(at.path(), arguments);
    assert_eq!(shown.status, Some(1));
    assert!(
        shown.stdout.contains("NEEDS INPUT") && shown.stdout.contains("REPLACE-WITH-EXTERNAL-ID"),
        "{}",
        shown.stdout
    );
    let written = run(at.path(), &format!("{arguments} --write"));
    assert_eq!(written.status, Some(1));
    assert!(written.stdout.contains("it needs input"), "{}", written.stdout);
    assert_eq!(
        fs::read_to_string(at.path().join("trust.json")).expect("the file"),
        trust
    );
}

#[test]
fn findings_are_chosen_by_rule_severity_and_fingerprint() {
    let at = directory(&[("main.tf", ROOT)]);
    let edits = |arguments: &str| {
        let outcome = run(at.path(), &format!("fix . --packs s3,s3-guardrails {arguments}"));
        let first = outcome
            .stdout
            .lines()
            .filter(|line| line.contains(" findings closed by "));
        first.map(str::to_owned).collect::<String>()
    };
    let count = |arguments: &str| {
        let line = edits(arguments);
        line.trim_start_matches("# ")
            .split(' ')
            .next()
            .and_then(|count| count.parse::<u32>().ok())
            .expect("a count")
    };
    let all = count("");
    assert!(all >= 2);
    assert_eq!(count("--severity critical"), 1);
    assert_eq!(count("--rule s3/public-read"), 1);
    let scan = run(at.path(), "scan . --packs s3 --format jsonl");
    let line = scan
        .stdout
        .lines()
        .find(|line| line.contains("s3/public-read"))
        .expect("the finding");
    let (_, behind) = line.split_once("\"fingerprint\":").expect("a fingerprint");
    let print = behind.trim_start_matches([' ', '"']).get(..12).expect("its beginning");
    assert_eq!(count(&format!("--only {print}")), 1);
    assert_eq!(count("--only 0000"), 0);
}

#[test]
fn a_file_that_changed_since_it_was_read_or_lies_outside_is_not_written() {
    let at = directory(&[("inside/main.tf", ""), ("outside/main.tf", ROOT)]);
    let link = at.path().join("inside/main.tf");
    fs::remove_file(&link).expect("a file");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../outside/main.tf", &link).expect("a link");
        let outcome = run(at.path(), "fix inside/main.tf --packs s3 --write");
        assert_eq!(outcome.status, Some(2), "{}", outcome.stdout);
        assert!(
            outcome.stderr.contains("outside of the paths that were named"),
            "{}",
            outcome.stderr
        );
        let text = fs::read_to_string(at.path().join("outside/main.tf")).expect("the file");
        assert_eq!(text, ROOT);
    }
}

#[cfg(unix)]
#[test]
fn modes_stay_and_nothing_is_left_beside_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let at = directory(&[("policy.json", POLICY)]);
    let path = at.path().join("policy.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("permissions");
    let outcome = run(at.path(), &format!("fix policy.json {ARGUMENTS} --write"));
    assert_eq!(outcome.status, Some(0), "{}", outcome.stderr);
    let mode = fs::metadata(&path).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(fs::read_dir(at.path()).expect("the folder").count(), 1);
}

#[test]
fn escapes_of_the_input_do_not_reach_the_summary() {
    let at = directory(&[]);
    let hostile = POLICY.replace("Site", "\\u001b[31mred");
    write(at.path(), "policy.json", &hostile);
    let outcome = run(at.path(), &format!("fix policy.json {ARGUMENTS}"));
    assert!(!outcome.stdout.contains('\u{1b}'), "{}", outcome.stdout);
}

#[test]
fn help() {
    let at = directory(&[]);
    let outcome = run(at.path(), "fix -h");
    assert_eq!(outcome.status, Some(0));
    insta::assert_snapshot!(outcome.stdout);
}

/// What is left of the example estate is what needs input or a decision, and what is meant to be public still is.
#[test]
fn the_example_estate_ends_clean_but_for_what_somebody_must_decide() {
    let at = directory(&[]);
    copy_all(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/quickstart"),
        at.path(),
    );
    let outcome = run(at.path(), "fix . --write");
    assert_eq!(outcome.status, Some(1), "{}", outcome.stderr);
    let scan = run(at.path(), "scan . --format json");
    let scan: serde_json::Value = serde_json::from_str(&scan.stdout).expect("JSON");
    let findings = scan["findings"].as_array().expect("findings").iter();
    let mut left: Vec<&str> = findings
        .filter(|finding| finding["status"] == "new")
        .filter_map(|finding| finding["rule"].as_str())
        .collect();
    left.sort_unstable();
    let expected = [
        "iam-trust/external-without-external-id",
        "s3-guardrails/access-point-internet-origin",
        "s3-guardrails/account-block-off",
    ];
    assert_eq!(left, expected);
    let resources = scan["resources"].as_array().expect("resources").iter();
    let site = resources
        .into_iter()
        .find(|resource| resource["name"] == "larkspur-www")
        .expect("the site");
    let grants = site["grants"].as_array().expect("grants");
    let is_open = |grant: &serde_json::Value| grant["grantee"]["kind"] == "anonymous" && grant["effect"] == "effective";
    assert!(grants.iter().any(is_open), "{site:#}");
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy_all(&path, &copy),
            false => drop(fs::copy(&path, &copy).expect("a copy")),
        }
    }
}
