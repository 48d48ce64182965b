//! Ten changes that give nobody anything: silence.

use std::fs;

use crate::repository::{Edit, Repository};

const BUCKETS: &str = "infra/buckets.tf";
const PACKAGES: &str = "infra/policies/packages.json";
const ROLES: &str = "infra/roles.tf";
const DATA: &str = "stacks/data.yaml";

fn check(edits: &[Edit<'_>]) {
    silent(&Repository::with(edits));
}

fn silent(repository: &Repository) {
    let (known, _) = repository.findings("--since main", "baseline");
    assert_eq!(repository.findings("--since main", "new"), (Vec::new(), Some(0)));
    assert!(known.len() > 3, "what was there is still there: {known:?}");
}

#[test]
fn a_bucket_with_another_address() {
    let repository = Repository::new();
    let text = fs::read_to_string(repository.path().join(BUCKETS)).expect("a file");
    let text = text.replace("aws_s3_bucket.reports", "aws_s3_bucket.audit");
    let text = text.replace("\"aws_s3_bucket\" \"reports\"", "\"aws_s3_bucket\" \"audit\"");
    let moved = "\nmoved {\n  from = aws_s3_bucket.reports\n  to   = aws_s3_bucket.audit\n}\n";
    repository.write(BUCKETS, &(text + moved));
    repository.commit("another address");
    silent(&repository);
}

#[test]
fn a_bucket_that_aws_names_with_another_address() {
    let repository = Repository::new();
    let text = fs::read_to_string(repository.path().join(BUCKETS)).expect("a file");
    let text = text.replace("aws_s3_bucket.exchange", "aws_s3_bucket.inbox");
    repository.write(
        BUCKETS,
        &text.replace("\"aws_s3_bucket\" \"exchange\"", "\"aws_s3_bucket\" \"inbox\""),
    );
    repository.commit("another address");
    silent(&repository);
}

#[test]
fn a_file_moved() {
    let repository = Repository::new();
    repository.git(&["mv", "infra/roles.tf", "infra/trust.tf"]);
    repository.git(&["mv", "stacks/data.yaml", "stacks/storage.yaml"]);
    repository.commit("other names");
    silent(&repository);
}

#[test]
fn a_document_reformatted() {
    let repository = Repository::new();
    let text = fs::read_to_string(repository.path().join(PACKAGES)).expect("a file");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    repository.write(PACKAGES, &value.to_string());
    repository.commit("one line");
    silent(&repository);
}

#[test]
fn a_statement_split() {
    check(&[(
        BUCKETS,
        r#"      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = [aws_s3_bucket.reports.arn, "${aws_s3_bucket.reports.arn}/*"]
    }]"#,
        r#"      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.reports.arn}/*"
      }, {
      Sid       = "AuditorLists"
      Effect    = "Allow"
      Principal = { AWS = "444455556666" }
      Action    = "s3:ListBucket"
      Resource  = aws_s3_bucket.reports.arn
    }]"#,
    )]);
}

#[test]
fn statements_in_another_order_and_with_other_names() {
    let repository = Repository::new();
    let text = fs::read_to_string(repository.path().join(PACKAGES)).expect("a file");
    let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let statements = value["Statement"].as_array_mut().expect("statements");
    statements.reverse();
    statements
        .iter_mut()
        .for_each(|statement| statement["Sid"] = "Renamed".into());
    statements[0]["Sid"] = "Other".into();
    repository.write(PACKAGES, &value.to_string());
    repository.commit("another order");
    silent(&repository);
}

#[test]
fn a_document_written_as_a_data_source() {
    let repository = Repository::new();
    let text = fs::read_to_string(repository.path().join(BUCKETS)).expect("a file");
    let (before, rest) = text.split_once("  policy = jsonencode({").expect("the first policy");
    let (_, after) = rest.split_once("\n}\n").expect("its end");
    let source = r#"
data "aws_iam_policy_document" "reports" {
  statement {
    sid       = "Auditor"
    actions   = ["s3:ListBucket", "s3:GetObject"]
    resources = ["${aws_s3_bucket.reports.arn}/*", aws_s3_bucket.reports.arn]
    principals {
      type        = "AWS"
      identifiers = ["444455556666"]
    }
  }
}
"#;
    let policy = "  policy = data.aws_iam_policy_document.reports.json";
    let text = format!("{before}{policy}\n}}\n{after}{source}");
    repository.write(BUCKETS, &text);
    repository.commit("a data source");
    silent(&repository);
}

#[test]
fn a_module_made_of_a_bucket() {
    let repository = Repository::new();
    let text = fs::read_to_string(repository.path().join(BUCKETS)).expect("a file");
    let (before, rest) = text.split_once("# Packages that").expect("the packages");
    let (packages, after) = rest.split_once("# A site that").expect("the site");
    let module = packages.replace("${path.module}/policies", "${path.module}/../../infra/policies");
    repository.write("modules/packages/main.tf", &format!("#{module}"));
    let call = "module \"packages\" {\n  source = \"../modules/packages\"\n}\n\n";
    repository.write(BUCKETS, &format!("{before}{call}# A site that{after}"));
    repository.commit("a module");
    silent(&repository);
    // The old state is read where modules lie outside of the paths as well.
    repository.git(&["branch", "--quiet", "--force", "main", "HEAD"]);
    repository.edit(BUCKETS, "\n# A site", "\n\n# The site");
    assert_eq!(repository.findings("infra --since main", "new"), (Vec::new(), Some(0)));
}

#[test]
fn functions_and_conditions_spelt_otherwise() {
    check(&[
        (
            DATA,
            "Resource: !Sub arn:aws:s3:::${Exports}/*\n            Condition:\n              StringEquals:\n                aws:PrincipalOrgID: o-exampleorgid",
            "Resource: !Join ['/', [!GetAtt Exports.Arn, '*']]\n            Condition: {StringLike: {AWS:principalorgid: [o-exampleorgid]}}",
        ),
        (
            DATA,
            "RestrictPublicBuckets: false\n  ExportsPolicy",
            "RestrictPublicBuckets: 'false'\n  ExportsPolicy",
        ),
    ]);
}

#[test]
fn values_that_became_variables() {
    let partner = "[\"arn:aws:iam::777788889999:root\"]";
    let partners = "\nvariable \"partners\" {\n  type    = set(string)\n  default = [\"777788889999\"]\n}\n";
    let last = "resource \"aws_iam_role\" \"partner\"";
    check(&[
        (ROLES, partner, "[for id in var.partners : \"arn:aws:iam::${id}:root\"]"),
        (ROLES, last, &format!("{partners}\n{last}")),
    ]);
}
