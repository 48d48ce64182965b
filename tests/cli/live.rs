//! The scripts on a counterpart that answers as AWS does: a snapshot is taken, closed, taken again, and opened again.
//!
//! The counterpart is moto's server on loopback, spoken to by the AWS CLI; both are used where `PATH` has them, and never
//! installed. Where moto differs from AWS: it keeps the white space of policies; it sets an object's ACL to that of its bucket,
//! whatever it is told, so objects are left to `script.rs`; it knows no Region's endpoint, so it serves as proxy for that of
//! the account's Block Public Access; and `list-buckets` names another owner than the ACLs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::program::{directory, run};

const MAKE: &str = r#"
aws s3api create-bucket --bucket by-policy
aws s3api put-bucket-policy --bucket by-policy --policy '{"Version":"2012-10-17","Statement":[{"Sid":"All","Effect":"Allow",
    "Principal":"*","Action":["s3:GetObject","s3:PutBucketPolicy"],"Resource":["arn:aws:s3:::by-policy","arn:aws:s3:::by-policy/*"]}]}'
aws s3api create-bucket --bucket by-acl
aws s3api put-bucket-ownership-controls --bucket by-acl --ownership-controls 'Rules=[{ObjectOwnership=ObjectWriter}]'
aws s3api put-bucket-acl --bucket by-acl --acl public-read
aws iam create-role --role-name wide --assume-role-policy-document '{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
"#;

/// As in `docs/snapshot.md`, with less of what lets nobody in.
const EXPORT: &str = r#"
keep() {
    file=$1
    shift
    mkdir -p "$(dirname "$file")"
    if ! aws "$@" --output json >"$file" 2>"$file.error"; then
        cp "$file.error" "$file"
    fi
    rm -f "$file.error"
}
account=$(aws sts get-caller-identity --query Account --output text)
to=$0/$account
keep "$to/iam/account-authorization-details.json" iam get-account-authorization-details --filter Role
keep "$to/s3control/public-access-block.json" s3control get-public-access-block --account-id "$account"
keep "$to/s3/buckets.json" s3api list-buckets
for bucket in by-policy by-acl; do
    for what in bucket-policy bucket-acl public-access-block bucket-ownership-controls; do
        keep "$to/s3/$bucket/$what.json" s3api "get-$what" --bucket "$bucket"
    done
done
"#;

/// A server that ends with the test.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// None where it, or the AWS CLI, is not installed.
    fn start() -> Option<Self> {
        let has_cli = Command::new("aws")
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success());
        let mut command = Command::new("moto_server");
        command
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if !has_cli {
            return None;
        }
        let mut child = command.spawn().ok()?;
        let lines = BufReader::new(child.stderr.take()?).lines();
        let mut lines = lines.map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.split("Running on ").nth(1)?.trim().to_owned()));
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let mut server = Self {
            child,
            address: String::new(),
        };
        server.address = address?;
        Some(server)
    }

    fn sh(&self, directory: &Path, arguments: &[&str]) -> String {
        let mut command = Command::new("/bin/sh");
        command.arg("-eu").args(arguments).current_dir(directory);
        command
            .env("AWS_ENDPOINT_URL", &self.address)
            .env("http_proxy", &self.address);
        command.env(
            "AWS_ENDPOINT_URL_S3_CONTROL",
            "http://s3-control.us-east-1.amazonaws.com",
        );
        command.envs([
            ("AWS_ACCESS_KEY_ID", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ]);
        let output = command.output().expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }
}

/// All files of a folder, by path; the moment of an answer does not count.
fn files(folder: &Path) -> Vec<(String, String)> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    let files = walk
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file());
    files
        .map(|file| {
            let path = file.path().strip_prefix(folder).expect("below").display().to_string();
            (path, fs::read_to_string(file.path()).expect("a text"))
        })
        .collect()
}

#[test]
fn what_is_open_is_closed_and_opened_again() {
    let Some(server) = Server::start() else {
        eprintln!("SKIPPED: `moto_server` and `aws` are not both installed, so the scripts were run on nothing");
        return;
    };
    let at = directory(&[]);
    let wide = [
        "[s3/public-read]",
        "[s3/public-list]",
        "[s3/public-policy]",
        "[iam-trust/anyone]",
        "account-block-off",
        "bucket-block-off",
    ];
    let found = |snapshot: &str| {
        let outcome = run(at.path(), &format!("scan {snapshot} --format plain"));
        let found: Vec<&str> = wide.into_iter().filter(|rule| outcome.stdout.contains(rule)).collect();
        found.join(" ")
    };
    server.sh(at.path(), &["-c", MAKE]);
    server.sh(at.path(), &["-c", EXPORT, "before"]);
    let before = found("before");
    assert!(
        before.contains("public-read") && before.contains("public-list") && before.contains("anyone"),
        "{before}"
    );
    let outcome = run(at.path(), "fix before --aws-cli out");
    assert!(!outcome.stderr.contains("left out of the script"), "{}", outcome.stderr);
    server.sh(at.path(), &["out/fix.sh"]);
    server.sh(at.path(), &["-c", EXPORT, "after"]);
    assert_eq!(found("after"), "");
    server.sh(at.path(), &["out/rollback.sh"]);
    server.sh(at.path(), &["-c", EXPORT, "back"]);
    assert_eq!(files(&at.path().join("back")), files(&at.path().join("before")));
}
