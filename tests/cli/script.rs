//! `fix --aws-cli`: what the scripts say, whatever the input holds.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::program::{directory, program, run, write};

const POLICY: &str = "snapshot/111122223333/s3/data-1/bucket-policy.json";
const OBJECT: &str = "snapshot/111122223333/s3/data-1/objects/1.json";
const ROLES: &str = "snapshot/111122223333/iam/account-authorization-details.json";
const WIDE: &str = r#"{"RoleDetailList": [{"RoleName": "wide", "Arn": "arn:aws:iam::111122223333:role/wide", "Path": "/",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
    "Action": "sts:AssumeRole"}]}}]}"#;
const PUBLIC: &str = concat!(
    r#"{"Policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Sid\": \"It's $(touch policy) `touch policy` \\u001b[0m\", "#,
    r#"\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::data-1/*\"}]}"}"#
);

fn object(key: &str) -> String {
    let acl = r#"{"Owner": {"ID": "aa"}, "Grants": [{"Grantee": {"Type": "Group",
        "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}]}"#;
    let key = serde_json::Value::from(key);
    format!("{{\"Key\": {key}, \"Acl\": {acl}}}")
}

/// A shell that finds an `aws` which writes its arguments down, each with its end marked.
fn shell(directory: &Path, script: &str, variables: &[(&str, &str)]) -> (bool, String, String) {
    let aws = "#!/bin/sh\ncase $1 in sts) echo 111122223333; exit ;; esac\nprintf '%s\\n--end--\\n' \"$@\" >>said\n";
    write(directory, "bin/aws", aws);
    let mut command = Command::new("/bin/sh");
    let path = format!("{}/bin:/usr/bin:/bin", directory.display());
    command.args(["-c", "chmod +x bin/aws; exec /bin/sh \"$0\"", script]);
    command.current_dir(directory).env_clear().env("PATH", path);
    command.envs(variables.iter().copied());
    let output = command.stdin(Stdio::null()).output().expect("a shell");
    let said = fs::read_to_string(directory.join("said")).unwrap_or_default();
    let _ = fs::remove_file(directory.join("said"));
    (
        output.status.success(),
        said,
        String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

#[test]
fn what_gives_most_goes_first_and_comes_back_last() {
    let at = directory(&[(POLICY, PUBLIC), (ROLES, WIDE)]);
    let outcome = run(at.path(), "fix snapshot --aws-cli out");
    assert!(
        outcome.stderr.contains("wrote fix.sh and rollback.sh into out"),
        "{}",
        outcome.stderr
    );
    assert!(!outcome.stdout.contains("+++"), "{}", outcome.stdout);
    let operations = |said: &str| -> Vec<String> {
        let arguments: Vec<&str> = said.split("\n--end--\n").collect();
        let services = ["iam", "s3api", "s3control"];
        let pairs = arguments.windows(2).filter(|pair| services.contains(&pair[0]));
        pairs.map(|pair| pair[1].to_owned()).collect()
    };
    let (is_done, forth, _) = shell(at.path(), "out/fix.sh", &[]);
    assert!(is_done);
    let forth = operations(&forth);
    let order = [
        "update-assume-role-policy",
        "put-bucket-policy",
        "put-bucket-ownership-controls",
        "put-public-access-block",
        "put-public-access-block",
    ];
    assert_eq!(forth, order);
    let (is_done, back, _) = shell(at.path(), "out/rollback.sh", &[]);
    assert!(is_done);
    let order = [
        "delete-public-access-block",
        "delete-public-access-block",
        "delete-bucket-ownership-controls",
        "put-bucket-policy",
        "update-assume-role-policy",
    ];
    assert_eq!(operations(&back), order);
}

#[test]
fn nothing_is_run_dry_or_in_another_account() {
    let at = directory(&[(POLICY, PUBLIC)]);
    run(at.path(), "fix snapshot --aws-cli out");
    let (is_done, said, shown) = shell(at.path(), "out/fix.sh", &[("DRY_RUN", "1")]);
    assert!(is_done && said.is_empty(), "{said}");
    assert!(shown.contains("would run: aws s3api put-bucket-policy"), "{shown}");
    let other = at.path().join("snapshot/444455556666");
    fs::rename(at.path().join("snapshot/111122223333"), other).expect("another name");
    run(at.path(), "fix snapshot --aws-cli other");
    let (is_done, said, _) = shell(at.path(), "other/fix.sh", &[]);
    assert!(!is_done && said.is_empty(), "{said}");
    let (is_done, said, _) = shell(at.path(), "other/fix.sh", &[("SKIP_ACCOUNT_CHECK", "1")]);
    assert!(is_done && said.contains("put-bucket-policy"), "{said}");
}

#[test]
fn an_older_way_back_is_not_lost() {
    let at = directory(&[(POLICY, PUBLIC), ("out/rollback.sh", "mine")]);
    let outcome = run(at.path(), "fix snapshot --aws-cli out");
    assert_eq!(outcome.status, Some(2), "{}", outcome.stderr);
    assert_eq!(
        fs::read_to_string(at.path().join("out/rollback.sh")).expect("it stays"),
        "mine"
    );
    assert!(!at.path().join("out/fix.sh").exists());
}

/// Names and documents are data: the shell sees nothing in them, and they reach AWS as they are.
#[test]
fn nothing_in_the_input_acts() {
    let keys = [
        "it's $(touch key) `touch key` \"x\"",
        "'; touch key; '",
        "\n touch key\n",
        "--profile",
        "file:///etc/passwd",
        "\u{1b}[2J\u{202e}\\",
    ];
    for key in keys {
        let at = directory(&[(POLICY, PUBLIC), (OBJECT, &object(key))]);
        let owner = r#"{"Owner": {"ID": "aa"}, "Grants": []}"#;
        write(at.path(), "snapshot/111122223333/s3/data-1/bucket-acl.json", owner);
        let strange = "snapshot/111122223333/s3/$(touch name)'\n#/bucket-policy.json";
        write(at.path(), strange, PUBLIC);
        let output = program(at.path(), &["fix", "snapshot", "--aws-cli", "out"])
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        for (script, grants) in [("out/fix.sh", 0), ("out/rollback.sh", 1)] {
            let text = fs::read_to_string(at.path().join(script)).unwrap_or_else(|_| panic!("{key:?}: {said}"));
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{key:?}");
            let (is_done, sent, _) = shell(at.path(), script, &[]);
            assert!(is_done, "{key:?}: {text}");
            let arguments: Vec<&str> = sent.split("\n--end--\n").collect();
            let input = arguments
                .windows(2)
                .find(|pair| pair[0] == "--cli-input-json")
                .expect("an ACL");
            let input: serde_json::Value = serde_json::from_str(input[1]).expect("JSON");
            assert_eq!(input["Key"], key);
            assert_eq!(
                input["AccessControlPolicy"]["Grants"].as_array().map(Vec::len),
                Some(grants),
                "{key:?}"
            );
        }
        for name in ["key", "policy", "name"] {
            assert!(!at.path().join(name).exists(), "{key:?} made {name}");
        }
    }
}
