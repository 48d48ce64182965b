//! What counts as older, and what is said where it cannot be read.

use std::fs;

use crate::repository::Repository;

const BUCKETS: &str = "infra/buckets.tf";
const REPORTS: &str = "Action    = [\"s3:GetObject\", \"s3:ListBucket\"]";

/// A branch on which the auditor may write as well.
fn grown() -> Repository {
    Repository::with(&[(
        BUCKETS,
        REPORTS,
        "Action    = [\"s3:GetObject\", \"s3:ListBucket\", \"s3:PutObject\"]",
    )])
}

#[test]
fn of_a_grant_that_grew_the_new_part_is_shown() {
    let shown = grown().shown("scan infra --since main");
    let expected = "infra/buckets.tf:21:19: high[s3/external-account] account 444455556666 has s3:PutObject on \
                    arn:aws:s3:::acme-reports/*\n    witness: arn:aws:iam::444455556666:role/example: s3:PutObject";
    assert!(shown.contains(expected), "{shown}");
    assert!(shown.contains("\n1 finding in "), "{shown}");
    assert!(shown.ends_with("exit status 1\n"), "{shown}");
}

#[test]
fn what_was_there_is_listed_only_on_demand() {
    let shown = grown().shown("scan infra --since main -v");
    assert!(
        shown.contains("medium[s3/external-account] (baseline)") || shown.contains("(baseline) "),
        "{shown}"
    );
}

#[test]
fn the_formats_say_what_is_new() {
    let output = grown().run("scan infra --since main --format sarif");
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let states = |state: &str| results.iter().filter(|result| result["baselineState"] == state).count();
    assert_eq!(states("new"), 1);
    assert_eq!(states("unchanged"), results.len() - 1);
    assert!(results.len() > 1);
}

#[test]
fn a_path_that_exists_wins_over_a_revision() {
    let repository = grown();
    repository.git(&["worktree", "add", "--quiet", "../older", "main"]);
    let older = repository.path().parent().expect("a parent").join("older");
    let (new, _) = repository.findings("infra --since ../older/infra", "new");
    assert_eq!(new, ["infra/buckets.tf:21 s3/external-account"]);
    fs::remove_dir_all(older).expect("removed");
    // The same state has nothing new.
    fs::create_dir(repository.path().join("main")).expect("a directory");
    let shown = repository.shown("scan infra --since main");
    assert!(shown.ends_with("exit status 2\n"), "{shown}");
}

#[test]
fn the_paths_are_found_from_everywhere() {
    let repository = grown();
    let all = repository.path().join("infra");
    let absolute = format!("{} --since main", all.display());
    let (new, status) = repository.findings(&absolute, "new");
    assert_eq!((new.len(), status), (1, Some(1)));
    for paths in ["./infra", "infra/", "infra stacks", "infra/../infra"] {
        let (new, status) = repository.findings(&format!("{paths} --since main"), "new");
        assert_eq!((new.len(), status), (1, Some(1)), "{paths}");
    }
}

#[test]
fn values_are_taken_from_the_older_state_as_well() {
    let text = "variable \"who\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"acme-b\"\n}\n\
                resource \"aws_s3_bucket_policy\" \"b\" {\n  bucket = aws_s3_bucket.b.id\n  policy = jsonencode({\n\
                Statement = [{ Effect = \"Allow\", Action = \"s3:GetObject\", Resource = \"arn:aws:s3:::acme-b/*\",\n\
                Principal = { AWS = var.who } }] })\n}\n";
    let repository = Repository::new();
    repository.write("vars/main.tf", text);
    repository.write("values/production.tfvars", "who = \"444455556666\"\n");
    repository.commit("values");
    repository.git(&["branch", "--quiet", "--force", "main", "HEAD"]);
    repository.write("values/production.tfvars", "who = \"777788889999\"\n");
    let (new, _) = repository.findings("vars --var-file values/production.tfvars --since main", "new");
    assert_eq!(new.len(), 1, "{new:?}");
    assert!(new[0].ends_with("s3/external-account"), "{new:?}");
}

#[test]
fn an_older_state_that_is_not_there_is_an_error() {
    let repository = grown();
    for name in [
        "no-such-branch",
        "--output=x",
        "-h",
        "main:infra",
        "--upload-pack=touch${IFS}x",
    ] {
        let shown = repository.shown(&format!("scan infra --since={name}"));
        assert!(shown.ends_with("exit status 2\n"), "{name}: {shown}");
        assert!(
            shown.contains("it is neither a path that exists nor a revision"),
            "{name}: {shown}"
        );
    }
    let shown = repository.shown("scan - --since main");
    assert!(shown.contains("standard input has no older revision"), "{shown}");
}

#[test]
fn an_older_state_that_cannot_be_read_is_an_error_with_its_place() {
    let repository = Repository::new();
    repository.write("infra/broken.tf", "resource \"aws_s3_bucket\" {\n");
    repository.commit("broken");
    repository.git(&["branch", "--quiet", "--force", "main", "HEAD"]);
    fs::remove_file(repository.path().join("infra/broken.tf")).expect("removed");
    let shown = repository.shown("scan infra --since main");
    assert!(shown.contains("main:infra/broken.tf:"), "{shown}");
    assert!(shown.ends_with("exit status 2\n"), "{shown}");
}

#[test]
fn git_runs_nothing_that_the_repository_names() {
    let repository = grown();
    let marker = repository.path().join("ran");
    let touch = format!("touch {}", marker.display());
    repository.write(".gitattributes", "* diff=odd filter=odd\n");
    for key in [
        "core.fsmonitor",
        "diff.odd.textconv",
        "filter.odd.smudge",
        "core.pager",
        "alias.ls-tree",
    ] {
        repository.git(&["config", key, &touch]);
    }
    let (new, _) = repository.findings("infra --since main", "new");
    assert_eq!(new.len(), 1);
    assert!(!marker.exists());
}

#[test]
fn a_directory_without_an_older_state_is_new() {
    let repository = Repository::new();
    let text = fs::read_to_string(repository.path().join(BUCKETS)).expect("a file");
    let (reports, _) = text.split_once("# Packages").expect("the packages");
    repository.write("more/buckets.tf", &reports.replace("acme-", "acme-more-"));
    let (new, status) = repository.findings("more --since main", "new");
    assert!(
        new.contains(&"more/buckets.tf:21 s3/external-account".to_owned()),
        "{new:?}"
    );
    assert_eq!(status, Some(1));
}

/// A template with a bucket that AWS names, whose address others have as well.
const TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Bucket:
    Type: AWS::S3::Bucket
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {AWS: '444455556666'}
            Action: s3:GetObject
            Resource: !Sub ${Bucket.Arn}/*
";

#[test]
fn a_template_is_no_cover_for_another_one() {
    let repository = Repository::new();
    repository.write("stacks/one.yaml", TEMPLATE);
    repository.commit("one");
    repository.git(&["branch", "--quiet", "--force", "main", "HEAD"]);
    repository.run("scan --write-baseline bucketproof-baseline.json");
    repository.write("stacks/two.yaml", TEMPLATE);
    for arguments in ["--since main", "--baseline bucketproof-baseline.json"] {
        let (new, _) = repository.findings(arguments, "new");
        assert_eq!(new, ["stacks/two.yaml:12 s3/external-account"], "{arguments}");
    }
    // What has only moved is no news.
    fs::remove_file(repository.path().join("stacks/one.yaml")).expect("removed");
    for arguments in ["--since main", "--baseline bucketproof-baseline.json"] {
        assert_eq!(
            repository.findings(arguments, "new"),
            (Vec::new(), Some(0)),
            "{arguments}"
        );
    }
}

#[test]
fn a_state_has_nothing_new_beside_itself() {
    let repository = Repository::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    for inputs in ["quickstart", "terraform", "ingest"] {
        let path = root.join(inputs);
        let arguments = format!("{0} --since {0} --allow-incomplete", path.display());
        assert_eq!(
            repository.findings(&arguments, "new"),
            (Vec::new(), Some(0)),
            "{inputs}"
        );
    }
}

#[test]
fn what_a_submodule_held_is_missing_only_where_it_is_judged() {
    let repository = grown();
    let other = Repository::new();
    let module = other.path().display().to_string();
    let allowed = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add"];
    repository.git(&[&allowed[..], &[&module, "vendor"]].concat());
    repository.commit("a submodule");
    repository.git(&["branch", "--quiet", "--force", "main", "HEAD"]);
    let (_, status) = repository.findings("infra --since main", "new");
    assert_eq!(status, Some(0));
    let shown = repository.shown("scan . --since main");
    assert!(shown.contains("`vendor` is a submodule or too large"), "{shown}");
    assert!(shown.ends_with("exit status 2\n"), "{shown}");
}
