//! Terraform roots.

use bucketproof::ingest::{Deployment, Ingested, Request, assemble, discover_texts, read};
use bucketproof::model::PublicAccessBlock;
use bucketproof::source::Span;

use crate::support::{bucket, codes, ingest_texts, said};

/// Reads one root with one file.
fn root(text: &str) -> Ingested {
    ingest_texts(&[("main.tf", text)])
}

/// Names of the buckets as people read them, in order.
pub fn buckets(got: &Ingested) -> Vec<String> {
    let names = got
        .inventory
        .buckets
        .iter()
        .map(|bucket| got.inventory.placeholders.reveal(&bucket.name).into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The policy of the only bucket as JSON, as people read it.
pub fn policy(got: &Ingested) -> String {
    let [only] = got.inventory.buckets.as_slice() else {
        panic!("not one bucket: {:?} {:?}", buckets(got), said(got));
    };
    let policy = only
        .policy
        .value()
        .unwrap_or_else(|| panic!("no policy: {:?} {:?}", only.policy, said(got)));
    got.inventory
        .placeholders
        .reveal(&policy.to_json().to_string())
        .into_owned()
}

/// What a span shows.
pub fn at(got: &Ingested, span: Span) -> &str {
    got.sources.file(span.file).expect("a file").slice(span)
}

const STATEMENT: &str =
    r#"{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }"#;

#[test]
fn a_policy_is_the_same_however_it_is_written() {
    let encoded = format!("policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{STATEMENT}] }})");
    let heredoc = "policy = <<-JSON\n    {\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\",\n     \
                   \"Action\": \"s3:GetObject\", \"Resource\": \"${aws_s3_bucket.b.arn}/*\"}]}\n    JSON\n";
    let quoted = r#"policy = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\", \"Resource\": \"${aws_s3_bucket.b.arn}/*\"}]}""#;
    let document = "policy = data.aws_iam_policy_document.d.json";
    let data = r#"data "aws_iam_policy_document" "d" {
        statement {
            actions = ["s3:GetObject"]
            resources = ["${aws_s3_bucket.b.arn}/*"]
            principals {
                type = "*"
                identifiers = ["*"]
            }
        }
    }"#;
    let mut shown = Vec::new();
    for policy_text in [encoded.as_str(), heredoc, quoted, document] {
        let got = root(&format!(
            "resource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"data\"\n}}\n{data}\nresource \"aws_s3_bucket_policy\" \"p\" {{\n  bucket = aws_s3_bucket.b.id\n  {policy_text}\n}}\n"
        ));
        assert_eq!(codes(&got), [""; 0], "{policy_text}");
        shown.push(policy(&got));
        let found = bucket(&got, "data");
        let statement = &found.policy.value().expect("a policy").statements[0];
        let action = at(&got, statement.action.entries[0].span);
        assert!(action.contains("s3:GetObject"), "{policy_text}: {action}");
        assert!(action.len() < 20, "{policy_text}: {action}");
    }
    assert!(shown.iter().all(|one| *one == shown[0]), "{shown:#?}");
}

/// A module that very many people use writes its policies this way.
#[test]
fn a_policy_with_stand_ins_keeps_its_places() {
    let got = root(
        r#"
        variable "suffix" {}
        resource "aws_s3_bucket" "b" { bucket = "data-${var.suffix}" }
        data "aws_iam_policy_document" "d" {
            statement {
                actions = ["s3:GetObject"]
                resources = ["_ARN_/*"]
                principals {
                    type = "AWS"
                    identifiers = [var.suffix]
                }
            }
        }
        resource "aws_s3_bucket_policy" "p" {
            bucket = aws_s3_bucket.b.id
            policy = replace(join("", data.aws_iam_policy_document.d.*.json), "_ARN_", aws_s3_bucket.b.arn)
        }
        "#,
    );
    assert_eq!(said(&got), [""; 0]);
    let text = policy(&got);
    assert!(
        text.contains("arn:aws:s3:::data-${var.suffix}/*") && text.contains("\"${var.suffix}\""),
        "{text}"
    );
    let statement = &got.inventory.buckets[0].policy.value().expect("a policy").statements[0];
    assert_eq!(at(&got, statement.action.entries[0].span), "\"s3:GetObject\"");
}

#[test]
fn names_join_however_they_are_spelt() {
    let got = root(
        r#"
        variable "prefix" {}
        locals { name = "${var.prefix}-logs" }
        resource "aws_s3_bucket" "a" { bucket = local.name }
        resource "aws_s3_bucket" "b" {}
        resource "aws_s3_bucket_public_access_block" "a" {
            bucket = "${var.prefix}-logs"
            block_public_acls = true
        }
        resource "aws_s3_bucket_public_access_block" "b" { bucket = aws_s3_bucket.b.bucket }
        resource "aws_s3_bucket_versioning" "b" {
            bucket = replace(aws_s3_bucket.b.arn, "arn:aws:s3:::", "")
            versioning_configuration { status = "Enabled" }
        }
        "#,
    );
    assert_eq!(codes(&got), [""; 0]);
    assert_eq!(buckets(&got), ["${aws_s3_bucket.b}", "${var.prefix}-logs"]);
    for found in &got.inventory.buckets {
        let block = found.public_access_block.value().expect("a block");
        // [FMT-103]: what is not written is off.
        let first = found.name.ends_with("-logs");
        let expected = PublicAccessBlock {
            block_public_acls: first,
            ..PublicAccessBlock::default()
        };
        assert_eq!(*block, expected);
        assert_eq!(found.versioning.value().is_some(), !first);
    }
}

#[test]
fn every_instance_is_a_bucket() {
    let got = root(
        r#"
        variable "names" { default = { eu = "x-eu", us = "x-us" } }
        variable "more" { type = list(string) }
        resource "aws_s3_bucket" "each" {
            for_each = var.names
            bucket = each.value
        }
        resource "aws_s3_bucket" "count" {
            count = 2
            bucket = "n-${count.index}"
        }
        resource "aws_s3_bucket" "none" { count = 0 }
        resource "aws_s3_bucket" "any" {
            for_each = toset(var.more)
            bucket = each.key
        }
        resource "aws_s3_bucket_public_access_block" "each" {
            for_each = aws_s3_bucket.each
            bucket = each.value.id
        }
        "#,
    );
    assert_eq!(codes(&got), [""; 0]);
    assert_eq!(buckets(&got), ["${var.more[*]}", "n-0", "n-1", "x-eu", "x-us"]);
    let off = PublicAccessBlock::default();
    assert_eq!(bucket(&got, "x-eu").public_access_block.value(), Some(&off));
    assert_eq!(
        bucket(&got, "n-0").public_access_block.value(),
        Some(&PublicAccessBlock::ALL)
    );
}

#[test]
fn a_module_is_judged_where_it_is_called() {
    let got = ingest_texts(&[
        (
            "app/main.tf",
            r#"
            module "logs" {
                source = "../modules/bucket"
                for_each = toset(["a", "b"])
                name = "logs-${each.key}"
                readers = ["111122223333"]
            }
            resource "aws_s3_bucket_request_payment_configuration" "a" {
                bucket = module.logs["a"].id
                payer = "Requester"
            }
            "#,
        ),
        (
            "modules/bucket/main.tf",
            r#"
            variable "name" {}
            variable "readers" { default = ["*"] }
            resource "aws_s3_bucket" "this" { bucket = var.name }
            data "aws_iam_policy_document" "this" {
                statement {
                    actions = ["s3:GetObject"]
                    resources = ["${aws_s3_bucket.this.arn}/*"]
                    principals {
                        type = "AWS"
                        identifiers = formatlist("arn:aws:iam::%s:root", var.readers)
                    }
                }
            }
            resource "aws_s3_bucket_policy" "this" {
                bucket = aws_s3_bucket.this.id
                policy = data.aws_iam_policy_document.this.json
            }
            output "id" { value = aws_s3_bucket.this.id }
            "#,
        ),
    ]);
    assert_eq!(codes(&got), [""; 0]);
    assert_eq!(buckets(&got), ["logs-a", "logs-b"]);
    let text = bucket(&got, "logs-a")
        .policy
        .value()
        .expect("a policy")
        .to_json()
        .to_string();
    assert!(text.contains("\"AWS\":[\"111122223333\"]"), "{text}");
    assert!(bucket(&got, "logs-a").request_payment.value().is_some());
    assert!(bucket(&got, "logs-b").request_payment.value().is_none());
}

#[test]
fn values_of_variables_come_from_files_and_from_the_command_line() {
    let main = r#"
        variable "a" { default = "default" }
        variable "b" { default = "default" }
        variable "c" { type = list(string) }
        variable "d" {
            type = object({ name = string, on = optional(bool, true) })
            default = { name = "d" }
        }
        resource "aws_s3_bucket" "a" { bucket = "a-${var.a}" }
        resource "aws_s3_bucket" "b" { bucket = "b-${var.b}" }
        resource "aws_s3_bucket" "c" { bucket = "c-${var.c[0]}" }
        resource "aws_s3_bucket" "d" { bucket = "d-${var.d.on}" }
    "#;
    let files = [
        ("main.tf", main),
        ("terraform.tfvars", "a = \"file\"\nb = \"file\"\n"),
        ("z.auto.tfvars.json", r#"{"b": "auto"}"#),
    ];
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect();
    let request = Request {
        deployment: Deployment {
            variables: vec![("c".to_owned(), r#"["line"]"#.to_owned())],
            ..Deployment::default()
        },
        ..Request::default()
    };
    let discovery = discover_texts("memory", files, &request);
    let parts = discovery.units.iter().map(read).collect();
    let got = assemble(discovery, parts);
    assert_eq!(codes(&got), [""; 0]);
    assert_eq!(buckets(&got), ["a-file", "b-auto", "c-line", "d-true"]);
}

#[test]
fn an_unknown_test_makes_two_outcomes() {
    let got = root(
        r#"
        variable "open" { type = bool }
        resource "aws_s3_bucket" "b" { bucket = "data" }
        resource "aws_s3_bucket_public_access_block" "b" {
            count = var.open ? 0 : 1
            bucket = aws_s3_bucket.b.id
            block_public_acls = true
            block_public_policy = true
            ignore_public_acls = true
            restrict_public_buckets = var.open == false
        }
        resource "aws_s3_bucket_policy" "b" {
            count = var.open ? 1 : 0
            bucket = aws_s3_bucket.b.id
            policy = jsonencode({ Version = "2012-10-17", Statement = [] })
        }
        "#,
    );
    let whens: Vec<Vec<(&str, bool)>> = got
        .inventory
        .buckets
        .iter()
        .map(|bucket| bucket.when.iter().map(|when| (&*when.test, when.holds)).collect())
        .collect();
    assert!(whens.contains(&vec![("var.open", true)]), "{whens:?}");
    assert!(
        whens
            .iter()
            .flatten()
            .any(|(test, holds)| *test == "var.open" && !holds),
        "{whens:?}"
    );
}

#[test]
fn policy_documents_merge_by_sid() {
    // [FMT-122], FX-T15
    let got = root(
        r#"
        resource "aws_s3_bucket" "b" { bucket = "data" }
        data "aws_iam_policy_document" "source" {
            statement {
                sid = "A"
                effect = "Deny"
                actions = ["s3:*"]
                resources = ["arn:aws:s3:::data"]
                principals {
                    type = "AWS"
                    identifiers = ["*"]
                }
            }
            statement {
                sid = "B"
                actions = ["s3:ListBucket"]
                resources = ["arn:aws:s3:::data"]
                principals {
                    type = "AWS"
                    identifiers = ["111122223333"]
                }
            }
        }
        data "aws_iam_policy_document" "override" {
            statement {
                sid = "A"
                actions = ["s3:GetObject"]
                resources = ["arn:aws:s3:::data/&{aws:username}/*"]
                principals {
                    type = "AWS"
                    identifiers = ["111122223333"]
                }
                principals {
                    type = "AWS"
                    identifiers = ["444455556666"]
                }
                condition {
                    test = "StringEquals"
                    variable = "aws:SourceVpce"
                    values = ["vpce-1"]
                }
                condition {
                    test = "StringEquals"
                    variable = "aws:SourceVpce"
                    values = ["vpce-2"]
                }
            }
        }
        data "aws_iam_policy_document" "all" {
            source_policy_documents = [data.aws_iam_policy_document.source.json, ""]
            override_policy_documents = [data.aws_iam_policy_document.override.json]
        }
        resource "aws_s3_bucket_policy" "b" {
            bucket = aws_s3_bucket.b.id
            policy = data.aws_iam_policy_document.all.json
        }
        "#,
    );
    assert_eq!(codes(&got), [""; 0]);
    let found = policy(&got);
    for expected in [
        "data/${aws:username}/*",
        "vpce-1",
        "vpce-2",
        "444455556666",
        "s3:ListBucket",
    ] {
        assert!(found.contains(expected), "{expected} in {found}");
    }
    assert!(!found.contains("Deny"), "{found}");
}

#[test]
fn json_syntax_says_the_same() {
    let got = ingest_texts(&[(
        "main.tf.json",
        r#"{
          "locals": {"name": "data"},
          "resource": {
            "aws_s3_bucket": {"b": {"bucket": "${local.name}"}},
            "aws_s3_bucket_policy": {"b": [{"bucket": "${aws_s3_bucket.b.id}",
              "policy": "${data.aws_iam_policy_document.d.json}"}]}
          },
          "data": {"aws_iam_policy_document": {"d": {"statement": {
            "actions": ["s3:GetObject"], "resources": ["${aws_s3_bucket.b.arn}/*"],
            "principals": [{"type": "*", "identifiers": ["*"]}]}}}}
        }"#,
    )]);
    assert_eq!(codes(&got), [""; 0]);
    assert!(policy(&got).contains("arn:aws:s3:::data/*"), "{}", policy(&got));
}

/// Found by the fuzzer: the place that was spoken of lay in no text.
#[test]
fn a_file_that_is_no_text_can_be_shown() {
    let got = ingest_texts(&[("main.tf", b"# \xf1\xf1\nlocals {}\n".as_slice())]);
    assert_eq!(codes(&got), ["ingest::not_utf8"]);
    let span = got.diagnostics.iter().find_map(|said| said.span).expect("a place");
    let file = got.sources.file(span.file).expect("a file");
    assert!(file.text().get(span.range()).is_some(), "{span:?}");
}

#[test]
fn overriding_files_change_what_others_declare() {
    let got = ingest_texts(&[
        (
            "a_override.tf",
            "resource \"aws_s3_bucket\" \"b\" { bucket = \"over\" }\n",
        ),
        (
            "main.tf",
            "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"main\"\n}\n",
        ),
    ]);
    assert_eq!(said(&got), [""; 0]);
    assert_eq!(buckets(&got), ["over"]);
}

#[test]
fn what_cannot_be_parsed_leaves_the_other_files() {
    let got = ingest_texts(&[
        ("broken.tf", "resource \"aws_s3_bucket\" {"),
        (
            "good.tf",
            "\u{feff}resource \"aws_s3_bucket\" \"b\" { bucket = \"data\" }\n",
        ),
    ]);
    assert_eq!(codes(&got), ["ingest::not_hcl"]);
    assert_eq!(buckets(&got), ["data"]);
    assert!(got.incomplete);
}

#[test]
fn what_terraform_takes_and_the_parser_does_not_is_read() {
    let got = root(
        "locals {\n  a = { x = 1, x = 2 }\n  b = { for k in [\"a\"] : k => k == \"a\" ?\n    \"yes\" :\n    \"no\" }\n}\n\
         resource \"aws_s3_bucket\" \"b\" { bucket = \"n${local.a.x}-${local.b.a}\" }\n",
    );
    assert_eq!(said(&got), [""; 0]);
    assert_eq!(buckets(&got), ["n2-yes"]);
}

#[test]
fn hostile_roots_end_with_a_clear_word() {
    let doubling: String = (0..60)
        .map(|n| format!("s{} = \"${{local.s{n}}}${{local.s{n}}}\"\n", n + 1))
        .collect();
    let nesting: String = (0..60)
        .map(|n| format!("s{} = [local.s{n}, local.s{n}]\n", n + 1))
        .collect();
    let chain: String = (0..3000).map(|n| format!("s{} = local.s{n}\n", n + 1)).collect();
    let name = |locals: &str, value: &str| {
        format!(
            "locals {{\ns0 = \"xxxxxxxxxxxxxxxx\"\n{locals}}}\nresource \"aws_s3_bucket\" \"b\" {{ bucket = {value} }}\n"
        )
    };
    let cases = [
        (name("a = local.b\nb = local.a\n", "local.a"), "depends on itself"),
        (name(&doubling, "local.s60"), "longer than"),
        (name(&nesting, "jsonencode(local.s60)"), "work"),
        (name(&chain, "local.s3000"), "levels deep"),
        (
            name(
                "",
                "join(\"\", [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]][0])",
            ),
            "work",
        ),
        (
            "resource \"aws_s3_bucket\" \"b\" { count = 1000000000 }".to_owned(),
            "more than 10000",
        ),
        (
            name("", "length(setproduct(range(1000), range(1000), range(1000)))"),
            "more than 100000",
        ),
        (
            "module \"m\" { source = \"./\" }\nresource \"aws_s3_bucket\" \"b\" { bucket = \"b\" }".to_owned(),
            "levels deep",
        ),
    ];
    for (text, expected) in cases {
        let got = root(&text);
        let all = said(&got).join("\n");
        assert!(
            all.contains(expected),
            "{expected}: {all}\n{}",
            text.chars().take(200).collect::<String>()
        );
    }
}

#[test]
fn files_outside_are_not_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let inside = directory.path().join("root");
    std::fs::create_dir(&inside).expect("made");
    std::fs::write(directory.path().join("secret.txt"), "secret").expect("written");
    std::fs::write(inside.join("own.txt"), "own").expect("written");
    let text = r#"
        resource "aws_s3_bucket" "a" { bucket = file("../secret.txt") }
        resource "aws_s3_bucket" "b" { bucket = file("${path.module}/own.txt") }
        resource "aws_s3_bucket" "c" { bucket = file("/etc/hostname") }
    "#;
    std::fs::write(inside.join("main.tf"), text).expect("written");
    let got = crate::support::ingest(&crate::support::paths(&[&inside]));
    assert_eq!(codes(&got), ["ingest::file_not_here", "ingest::file_not_here"]);
    assert_eq!(
        buckets(&got),
        ["${file(../secret.txt)}", "${file(/etc/hostname)}", "own"]
    );
}

/// What four unknown tests leave open is tried; that a fifth is not is an answer lost [FMT-79].
#[test]
fn too_many_tests_are_told() {
    let tests: String = (0..5).map(|test| format!("var.v{test} ? \"a\" : \"b\",")).collect();
    let variables: String = (0..5).map(|test| format!("variable \"v{test}\" {{}}\n")).collect();
    let got = root(&format!(
        "{variables}resource \"aws_s3_bucket\" \"b\" {{\n  bucket = join(\"-\", [{tests}])\n}}\n"
    ));
    assert!(codes(&got).contains(&"ingest::too_many_tests"), "{:?}", said(&got));
    assert!(got.incomplete);
}

/// What is there only under some outcome protects nobody for certain.
#[test]
fn an_account_block_that_may_not_be_there_is_not_known() {
    let block = |count: &str| {
        let got = root(&format!(
            "variable \"on\" {{}}\nresource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"data\"\n}}\n\
             resource \"aws_s3_account_public_access_block\" \"a\" {{\n  {count}\n  restrict_public_buckets = true\n}}\n"
        ));
        got.inventory.accounts[0].public_access_block.value().copied()
    };
    assert!(block("").is_some_and(|block| block.restrict_public_buckets));
    assert_eq!(block("count = var.on ? 1 : 0"), None);
}
