//! The example for Spark in the page, run as it stands where PySpark and Java are at hand.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{directory, run};

/// One event of a trail.
fn event(id: u32, bucket: &str) -> String {
    format!(
        r#"{{"eventID": "id-{id}", "eventTime": "2026-01-31T12:00:{id:02}Z", "eventSource": "s3.amazonaws.com",
            "eventName": "GetObject", "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
            "sourceIPAddress": "198.51.100.7", "eventType": "AwsApiCall", "eventVersion": "1.10",
            "userIdentity": {{"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}},
            "requestParameters": {{"bucketName": "{bucket}", "key": "k{id}"}}}}"#
    )
    .replace('\n', " ")
}

/// The lines of the page that speak to Spark.
fn example() -> String {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/incident.md")).expect("the page");
    let (_, behind) = page.split_once("With Spark, ").expect("the example");
    let lines = behind.lines().skip_while(|line| !line.starts_with("    "));
    lines
        .take_while(|line| line.starts_with("    "))
        .map(|line| format!("{}\n", line.trim()))
        .collect()
}

fn is_at_hand() -> bool {
    let works = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .output()
            .is_ok_and(|output| output.status.success())
    };
    works("java", &["-version"]) && works("python3", &["-c", "import pyspark"])
}

#[test]
fn the_example_for_spark_gives_what_the_whole_gives() {
    if !is_at_hand() {
        eprintln!("SKIPPED: PySpark (PyPI) or Java is not at hand: the example for Spark was not run");
        return;
    }
    let names: Vec<String> = (0..4).map(|file| format!("l/{file}.json")).collect();
    let text = |file: u32| {
        let bucket = |id: u32| if id.is_multiple_of(3) { "other" } else { "acme-data" };
        (0..5)
            .map(|id| event(file * 5 + id, bucket(id)) + "\n")
            .collect::<String>()
    };
    let texts: Vec<String> = (0..4).map(text).collect();
    let files: Vec<(&str, &str)> = names
        .iter()
        .map(String::as_str)
        .zip(texts.iter().map(String::as_str))
        .collect();
    let at = directory(&files);
    let script = format!(
        "from pyspark import SparkContext\n\
         sc = SparkContext('local[2]', 'bucketproof')\n\
         sc.setLogLevel('ERROR')\n\
         names = {names:?}\n\
         {}\
         open('parts', 'w').write('\\n'.join(parts) + '\\n')\n",
        example()
            .replace("200", "2")
            .replace("/usr/local/bin/bucketproof", env!("CARGO_BIN_EXE_bucketproof"))
    );
    let output = Command::new("python3")
        .args(["-c", &script])
        .current_dir(at.path())
        .output()
        .expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let merged = run(at.path(), "trace --merge parts --bucket acme-data --format json");
    let whole = run(at.path(), "trace l --bucket acme-data --format json");
    assert_eq!(merged.status, Some(0), "{}", merged.stderr);
    assert!(whole.stdout.contains("\"id-1\""), "{}", whole.stdout);
    assert_eq!(merged.stdout, whole.stdout);
}
