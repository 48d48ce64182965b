//! Running the program on a directory made for the test.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run came to.
pub struct Outcome {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A bucket that nobody else reaches, with everything switched on.
pub const CLOSED: &str = r#"{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true,
    "BlockPublicPolicy": true, "RestrictPublicBuckets": true}}"#;

/// The same with everything switched off: a finding of severity low.
pub const OPEN: &str = r#"{"PublicAccessBlockConfiguration": {"BlockPublicAcls": false, "IgnorePublicAcls": false,
    "BlockPublicPolicy": false, "RestrictPublicBuckets": false}}"#;

/// Where the account's Block Public Access setting lies in a snapshot.
pub const ACCOUNT_BLOCK: &str = "snapshot/111122223333/s3control/public-access-block.json";

/// Where that of the bucket `data-1` lies.
pub const BUCKET_BLOCK: &str = "snapshot/111122223333/s3/data-1/public-access-block.json";

/// The bucket's ownership controls and its policy, as they should be, by their paths.
pub const GUARDED: [(&str, &str); 2] = [
    (
        "snapshot/111122223333/s3/data-1/bucket-ownership-controls.json",
        r#"{"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}"#,
    ),
    (
        "snapshot/111122223333/s3/data-1/bucket-policy.json",
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": ["arn:aws:s3:::data-1", "arn:aws:s3:::data-1/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#,
    ),
];

/// A directory with these files.
pub fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (path, text) in files {
        write(directory.path(), path, text);
    }
    directory
}

pub fn write(directory: &Path, path: &str, text: &str) {
    let path = directory.join(path);
    fs::create_dir_all(path.parent().expect("a file lies in a directory")).expect("a directory");
    fs::write(path, text).expect("a file");
}

/// The program, to be run in a directory with nothing in its environment.
pub fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bucketproof"));
    command.args(arguments).current_dir(directory).env_clear();
    command
}

/// Runs the program in a directory; `arguments` are separated by spaces.
pub fn run(directory: &Path, arguments: &str) -> Outcome {
    run_with_input(directory, arguments, "")
}

/// The same with something on standard input.
pub fn run_with_input(directory: &Path, arguments: &str, input: &str) -> Outcome {
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let mut child = program(directory, &arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that does not read its input is none the worse for it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    Outcome {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}
