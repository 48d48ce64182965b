//! `contain`: the plan for the incident of `testdata/incident`, and what it makes of the snapshot.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Outcome, directory, run, write};
use crate::schemas::{problems, schema};

const CONTAIN: &str = include_str!("../../docs/schema/contain.v1.json");

fn exercise() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/incident")
}

fn of_exercise(more: &str) -> Outcome {
    let arguments = "contain snapshots/compromised --logs logs --incident ../incident-told/incident.toml --config ../incident-told/intent.toml";
    // The log ends before anybody does anything about it.
    run(&exercise(), &format!("{arguments} --now 2026-03-09T12:00:00Z {more}"))
}

fn json(outcome: &Outcome) -> Value {
    let value: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(problems(&schema(CONTAIN), &value), Vec::<String>::new());
    value
}

fn steps(value: &Value) -> Vec<(&str, &str)> {
    let steps = value["steps"].as_array().expect("steps").iter();
    steps
        .map(|step| {
            let of = |name: &str| step[name].as_str().expect("a text");
            (of("phase"), of("resource"))
        })
        .collect()
}

#[test]
fn the_plan_of_the_exercise() {
    let outcome = of_exercise("");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""));
    // The documents are tested below.
    let mut shown = String::new();
    let mut in_json = false;
    for line in outcome.stdout.lines() {
        in_json = line == "{" || (in_json && line != "}");
        if !in_json {
            shown.push_str(line);
            shown.push('\n');
        }
    }
    insta::assert_snapshot!("contain-exercise", shown);
}

#[test]
fn the_order_of_the_plan() {
    let value = json(&of_exercise("--format json"));
    assert_eq!(
        steps(&value),
        [
            ("keys", "AKIABOBEXAMPLE000002"),
            ("keys", "AKIASTOLENEXAMPLE004"),
            ("trust", "arn:aws:iam::111122223333:role/deploy"),
            // [TRUST-72]: whoever may still assume the role would begin another session.
            ("sessions", "arn:aws:iam::111122223333:role/deploy"),
            ("data-plane", "arn:aws:s3:::marlow-orders"),
            ("acls", "arn:aws:s3:::marlow-exports/tmp/c.csv"),
            ("blocks", "arn:aws:s3:::marlow-exports"),
            ("blocks", "arn:aws:s3:::marlow-orders"),
        ]
    );
    assert_eq!(value["left"], json!([]));
    assert_eq!(value, json(&of_exercise("--format json --jobs 1")));
}

/// What the commands would set, put into the snapshot, passes `verify`: for what nobody signed and for whom we do not know.
#[test]
fn the_plan_shuts_the_exercise() {
    let plan = json(&of_exercise("--format json"));
    let documents = |name: &str| {
        let steps = plan["steps"].as_array().expect("steps").iter();
        let mut all = steps.filter_map(|step| step["documents"].get(name));
        all.next().expect(name).clone()
    };
    let directory = directory(&[]);
    let here = directory.path();
    copy(&exercise().join("snapshots/compromised"), &here.join("after"));
    let s3 = "after/111122223333/s3";
    let policy = documents("marlow-orders-data-plane-policy-after.json");
    let set = |path: &str, value: Value| write(here, path, &value.to_string());
    set(
        &format!("{s3}/marlow-orders/bucket-policy.json"),
        json!({ "Policy": policy.to_string() }),
    );
    let block = json!({ "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true });
    for bucket in ["marlow-orders", "marlow-exports"] {
        let block = json!({ "PublicAccessBlockConfiguration": block });
        set(&format!("{s3}/{bucket}/public-access-block.json"), block);
    }
    let acl = documents("marlow-exports-object-0-acls-acl-after.json");
    let object = json!({ "Key": "tmp/c.csv", "Acl": acl["AccessControlPolicy"] });
    set(&format!("{s3}/marlow-exports/objects/0.json"), object);
    let path = "after/111122223333/iam/account-authorization-details.json";
    let mut details: Value = serde_json::from_str(&fs::read_to_string(here.join(path)).expect("a file")).expect("JSON");
    let roles = details["RoleDetailList"].as_array_mut().expect("roles");
    let deploy = roles
        .iter_mut()
        .find(|role| role["RoleName"] == "deploy")
        .expect("the role");
    deploy["AssumeRolePolicyDocument"] = documents("deploy-trust-policy-after.json");
    set(path, details);
    let of = |name: &str| exercise().join(name).display().to_string();
    let states = format!(
        "--before {} --after after --logs {}",
        of("snapshots/compromised"),
        of("logs")
    );
    let more = format!(
        "--incident {} --config {}",
        of("../incident-told/incident.toml"),
        of("../incident-told/intent.toml")
    );
    let outcome = run(
        here,
        &format!("verify {states} {more} --now 2026-03-23T00:00:00Z --format json"),
    );
    let verdict: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(
        (&verdict["verdict"], &verdict["reasons"]),
        (&json!("contained"), &json!([]))
    );
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => _ = fs::copy(entry.path(), target).expect("a file"),
        }
    }
}

/// A snapshot with one role, or one bucket, and what is known about it.
fn small(files: &[(&str, &str)], incident: &str) -> (Value, Option<i32>) {
    let mut files = files.to_vec();
    files.push(("incident.toml", incident));
    let directory = directory(&files);
    let outcome = run(
        directory.path(),
        "contain snapshot --incident incident.toml --format json --now 2026-02-10T00:00:00Z",
    );
    assert!(!outcome.stdout.is_empty(), "{}", outcome.stderr);
    (json(&outcome), outcome.status)
}

/// Who shares a statement with somebody hostile keeps what it gives.
#[test]
fn others_in_a_statement_stay() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:role/app",
        "666677778888"]}, "Action": ["s3:GetObject", "s3:PutObjectAcl"], "Resource": "arn:aws:s3:::data-1/*"}]}"#;
    let incident = "buckets = ['data-1', 'loot']\n[hostile]\nprincipals = ['666677778888']";
    let (plan, status) = small(
        &[("snapshot/111122223333/s3/data-1/bucket-policy.json", policy)],
        incident,
    );
    // A bucket that is not ours is shut by its owner.
    assert_eq!((status, &plan["not_in_snapshot"]), (Some(1), &json!(["loot"])));
    let first = &plan["steps"][0];
    assert_eq!(first["phase"], "control-plane");
    let after = &first["documents"]["data-1-control-plane-policy-after.json"]["Statement"][0];
    assert_eq!(
        after["Principal"],
        json!({ "AWS": ["arn:aws:iam::111122223333:role/app"] })
    );
    assert_eq!(plan["left"], json!([]));
}

#[test]
fn a_policy_of_which_nothing_is_left_is_deleted() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::data-1/*"}]}"#;
    let path = "snapshot/111122223333/s3/data-1/bucket-policy.json";
    let incident = "buckets = ['data-1']\n[hostile]\nprincipals = ['anonymous']";
    let (plan, _) = small(&[(path, policy)], incident);
    let first = &plan["steps"][0];
    assert_eq!(first["commands"][0][2], "delete-bucket-policy");
    assert_eq!(first["rollback"][0][2], "put-bucket-policy");
    assert_eq!(first["documents"].as_object().expect("documents").len(), 1);
}

/// A role keeps a trust policy: who alone was let in is denied it.
#[test]
fn a_trust_policy_is_never_empty() {
    let details = r#"{"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [{"Path": "/", "RoleName": "door",
        "RoleId": "AROAEXAMPLE", "Arn": "arn:aws:iam::111122223333:role/door", "AssumeRolePolicyDocument": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "666677778888"}, "Action": "sts:AssumeRole"}]}}]}"#;
    let incident = "roles = ['arn:aws:iam::111122223333:role/door']\n[hostile]\nprincipals = ['666677778888']";
    let path = "snapshot/111122223333/iam/account-authorization-details.json";
    let (plan, status) = small(&[(path, details)], incident);
    assert_eq!(status, Some(0));
    assert_eq!(steps(&plan)[0].0, "trust");
    let after = &plan["steps"][0]["documents"]["door-trust-policy-after.json"];
    assert_eq!(after["Statement"][0]["Effect"], "Deny");
}

/// Whose key it is no snapshot tells.
#[test]
fn what_is_not_known_is_to_be_filled_in() {
    let (plan, _) = small(
        &[(
            "snapshot/111122223333/s3/data-1/bucket-policy.json",
            r#"{"Version": "2012-10-17", "Statement": []}"#,
        )],
        "access-keys = ['AKIAIOSFODNN7EXAMPLE']\nbuckets = ['data-1']",
    );
    assert_eq!(plan["steps"][0]["needs_input"], true);
    assert_eq!(plan["steps"][0]["commands"][0][3], "--user-name=<user>");
}

/// The plan as scripts: every command of the plan, documents inline, and nothing that the shell would act upon.
#[test]
fn the_plan_is_written_as_scripts() {
    let at = directory(&[]);
    let folder = at.path().join("out");
    let outcome = of_exercise(&format!("--format json --aws-cli {}", folder.display()));
    let plan = json(&outcome);
    let commands: usize = plan["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .filter(|step| step["needs_input"] != true)
        .map(|step| step["commands"].as_array().map_or(0, Vec::len))
        .sum();
    let forth = fs::read_to_string(folder.join("fix.sh")).expect("a script");
    let back = fs::read_to_string(folder.join("rollback.sh")).expect("a script");
    assert_eq!(forth.matches("\nrun aws ").count(), commands, "{forth}");
    assert!(!forth.contains("file://") && !back.contains("file://"), "{forth}");
    let (trust, sessions) = (
        forth.find("update-assume-role-policy"),
        forth.find("AWSRevokeOlderSessions"),
    );
    assert!(
        trust < sessions && sessions < forth.find("put-public-access-block"),
        "{forth}"
    );
    for script in ["fix.sh", "rollback.sh"] {
        let output = std::process::Command::new("sh")
            .arg(folder.join(script))
            .env("DRY_RUN", "1")
            .env("SKIP_ACCOUNT_CHECK", "1")
            .output()
            .expect("a shell");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("would run: aws "));
    }
}
