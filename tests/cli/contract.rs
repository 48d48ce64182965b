//! Machine formats of real runs, under their schemas.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{ACCOUNT_BLOCK, BUCKET_BLOCK, OPEN, directory, run};
use crate::schemas::{problems, schema};

const SCAN: &str = include_str!("../../docs/schema/scan.v1.json");
const ACCESS: &str = include_str!("../../docs/schema/access.v1.json");
const SUMMARY: &str = include_str!("../../docs/schema/access-summary.v1.json");
const SARIF: &str = include_str!("../data/sarif-2.1.0.schema.json");
const FINDING: &str = include_str!("../../docs/schema/finding.v1.json");
const GITLAB: &str = include_str!("../data/gitlab-code-quality.schema.json");
const ASFF: &str = include_str!("../data/asff.schema.json");
const OCSF: &str = include_str!("../data/ocsf-compliance-finding.schema.json");

/// Runs both commands on an input and checks what they print; how many findings there are.
fn check(at: &Path, input: &str) -> usize {
    let printed = |arguments: &str| -> Value {
        let outcome = run(at, &format!("{arguments} --now 2026-01-31"));
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{arguments}: {error}: {}", outcome.stderr))
    };
    let scan = printed(&format!("scan {input} --format json"));
    let access = printed(&format!("access {input} --format json"));
    let summary = printed(&format!("access {input} --summary --format json"));
    let in_format = |format: &str| printed(&format!("scan {input} --format {format}"));
    let (sarif, gitlab, asff, ocsf) = (
        in_format("sarif"),
        in_format("gitlab"),
        in_format("asff"),
        in_format("ocsf"),
    );
    let all = [
        (SCAN, &scan),
        (ACCESS, &access),
        (SUMMARY, &summary),
        (SARIF, &sarif),
        (GITLAB, &gitlab),
        (ASFF, &asff),
        (OCSF, &ocsf),
    ];
    for (text, report) in all {
        assert_eq!(problems(&schema(text), report), Vec::<String>::new(), "{input}");
    }
    assert_eq!(scan["resources"], access["resources"], "{input}");
    counted(&access, &summary);
    let lines = run(at, &format!("scan {input} --format jsonl --now 2026-01-31")).stdout;
    let finding = schema(FINDING);
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        assert_eq!(problems(&finding, &line), Vec::<String>::new(), "{input}");
    }
    let findings = scan["findings"].as_array().map_or(0, Vec::len);
    let counts = [
        lines.lines().count(),
        asff.as_array().map_or(0, Vec::len),
        ocsf.as_array().map_or(0, Vec::len),
    ];
    assert_eq!(counts, [findings; 3], "{input}");
    findings
}

#[test]
fn snapshots_and_configuration_data() {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let folders = fs::read_dir(testdata.join("ingest")).expect("inputs").flatten();
    let mut names: Vec<String> = folders
        .map(|folder| format!("ingest/{}", folder.file_name().to_string_lossy()))
        .collect();
    names.push("quickstart".to_owned());
    let inputs = names.iter().filter(|name| testdata.join(name).is_dir());
    let findings: usize = inputs.map(|name| check(&testdata, name)).sum();
    assert!(findings > 3, "{findings} findings show too little");
}

#[test]
fn nothing_and_bad_input() {
    let at = directory(&[
        ("empty/.keep", ""),
        (ACCOUNT_BLOCK, OPEN),
        (BUCKET_BLOCK, "{\"PublicAccessBlock"),
        (
            "snapshot/111122223333/s3/data-2/bucket-policy.json",
            "{\"Policy\": \"{}\"}",
        ),
        ("snapshot/111122223333/s3/<script>/bucket-acl.json", "{\"Grants\": []}"),
        ("snapshot/notes.json", "{\"a\": 1}"),
    ]);
    for input in ["empty", "nowhere", "snapshot"] {
        check(at.path(), input);
    }
}

#[test]
fn single_documents_of_no_known_account() {
    let everyone = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}]}"#;
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "", "Effect": "Allow", "Action": "sts:*",
        "Principal": {"AWS": ["444455556666", "AROAEXAMPLE1234567890"], "Service": "config.amazonaws.com",
        "Federated": "cognito-identity.amazonaws.com"}}]}"#;
    let at = directory(&[("everyone.json", everyone), ("trust.json", trust)]);
    assert!(check(at.path(), "everyone.json") > 0);
    assert!(check(at.path(), "trust.json") > 0);
}

#[test]
fn templates_of_an_account_that_nobody_knows() {
    let template = r#"
        variable "name" {}
        resource "aws_s3_bucket" "b" {
          bucket = var.name
        }
        resource "aws_s3_bucket_policy" "b" {
          bucket = aws_s3_bucket.b.id
          policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*",
            Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }] })
        }"#;
    let at = directory(&[("main.tf", template)]);
    assert!(check(at.path(), "main.tf") > 0);
}

/// A summary counts each resource once, with whom it is shared at the widest.
fn counted(access: &Value, summary: &Value) {
    let widest_first = ["public", "external", "unknown", "internal", "not-shared"];
    let mut resources = std::collections::BTreeMap::new();
    for resource in access["resources"].as_array().expect("resources") {
        let text = |key: &str| resource[key].as_str().map(str::to_owned);
        let sharing = resource["status"]["sharing"].as_str().expect("a sharing");
        let rank = widest_first.iter().position(|known| *known == sharing).expect(sharing);
        let known = resources
            .entry((text("kind"), text("account"), text("id")))
            .or_insert(rank);
        *known = rank.min(*known);
    }
    for (kind, member) in [
        ("bucket", "buckets"),
        ("access-point", "access_points"),
        ("object", "objects"),
        ("role", "roles"),
    ] {
        let of_kind = || {
            resources
                .iter()
                .filter(|((known, ..), _)| known.as_deref() == Some(kind))
        };
        let total = &summary["total"][member];
        assert_eq!(total["count"], of_kind().count(), "{kind}");
        for (rank, sharing) in widest_first.iter().enumerate() {
            let expected = of_kind().filter(|(_, known)| **known == rank).count();
            assert_eq!(total[sharing.replace('-', "_")], expected, "{kind} {sharing}");
        }
        let accounts = summary["accounts"].as_array().expect("accounts").iter();
        let sum: u64 = accounts.filter_map(|account| account[member]["count"].as_u64()).sum();
        assert_eq!(total["count"], sum, "{kind}");
    }
}
