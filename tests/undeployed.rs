//! Values that are not known before deployment: each stands for one fixed literal without wildcards, what follows from it is
//! marked, and where no literal could stand the statement is undecided.

#[cfg(test)]
#[path = "support/document.rs"]
mod document;

#[cfg(test)]
mod undeployed {
    use bucketproof::engine::{Estate, Options, ResourceAccess, Zone, bucket_access, role_access};
    use bucketproof::iam::{PolicyKind, Timestamp};
    use bucketproof::model::{Bucket, Inventory, Role, Setting};
    use bucketproof::source::{Placeholder, Placeholders, Span};
    use serde_json::{Value, json};

    use super::document::document;

    /// A value called `var.x`.
    fn unknown() -> String {
        Placeholder::of("var.x").to_string()
    }

    fn names() -> Placeholders {
        let mut names = Placeholders::default();
        names.add("var.x", Span::default());
        names
    }

    fn options(strict: bool) -> Options {
        Options {
            unknowns_are_anything: strict,
            ..Options::at(Timestamp(1_780_000_000_000))
        }
    }

    fn of_bucket(statements: &Value, strict: bool) -> Vec<String> {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let policy = document(&policy, PolicyKind::Bucket).unwrap_or_else(|problems| panic!("{problems:?}"));
        let inventory = Inventory {
            buckets: vec![Bucket {
                name: "b".into(),
                account: "111122223333".parse().ok(),
                policy: Setting::set(policy, Span::default()),
                ..Bucket::default()
            }],
            ..Inventory::default()
        };
        let estate = Estate::new(&inventory);
        let access = bucket_access(
            &estate.bucket(&inventory.buckets[0]),
            &Zone::default(),
            &options(strict),
        );
        lines(&access)
    }

    fn of_role(statement: &Value) -> Vec<String> {
        let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        let policy = document(&policy, PolicyKind::Trust).unwrap_or_else(|problems| panic!("{problems:?}"));
        let inventory = Inventory {
            roles: vec![Role {
                name: "r".into(),
                path: "/".into(),
                account: "111122223333".parse().ok(),
                trust: Setting::set(policy, Span::default()),
                ..Role::default()
            }],
            ..Inventory::default()
        };
        let estate = Estate::new(&inventory);
        let access = role_access(&estate.role(&inventory.roles[0]), &Zone::default(), &options(false));
        lines(&access)
    }

    /// The grants that leave the own account and what is undecided, with names for what is not known.
    fn lines(access: &[ResourceAccess]) -> Vec<String> {
        let mut lines = Vec::new();
        for access in access {
            for grant in &access.grants {
                let grantee = format!("{} {}", grant.grantee.kind(), grant.grantee.id().unwrap_or_default());
                if grantee == "account 111122223333" {
                    continue;
                }
                let kinds: Vec<_> = grant
                    .confined_by
                    .iter()
                    .map(|named| format!("{:?} {}", named.kind, named.values.join(",")))
                    .collect();
                let how = if grant.open {
                    "open".to_owned()
                } else {
                    kinds.join("; ")
                };
                let assumed = if grant.assumed.is_empty() { "" } else { " assumed" };
                let line = format!("{} {how}{assumed}", grantee.trim());
                lines.push(names().reveal(line.replace("  ", " ").trim()).into_owned());
            }
            let undecided = access
                .indeterminate
                .iter()
                .map(|found| format!("undecided: {}", found.reason));
            lines.extend(undecided.map(|line| names().reveal(&line).into_owned()));
        }
        lines
    }

    fn granting(principal: &Value, condition: &Value) -> Value {
        let mut statement = json!({
            "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
        });
        if !condition.is_null() {
            statement["Condition"] = condition.clone();
        }
        statement
    }

    fn check(statements: &Value, expected: &[&str]) {
        assert_eq!(of_bucket(statements, false), expected, "{statements}");
    }

    #[test]
    fn a_principal_that_is_not_known_is_one_account_and_not_everybody() {
        let x = unknown();
        for principal in [x.clone(), format!("arn:aws:iam::{x}:root")] {
            check(
                &granting(&json!({"AWS": principal}), &Value::Null),
                &["account ${var.x} assumed"],
            );
        }
        check(
            &granting(&json!({"AWS": [x, "444455556666"]}), &Value::Null),
            &["account 444455556666", "account ${var.x} assumed"],
        );
        let x = unknown();
        check(
            &granting(&json!({"AWS": format!("arn:aws:iam::{x}:role/x")}), &Value::Null),
            &["principal arn:aws:iam::${var.x}:role/x assumed"],
        );
        check(
            &granting(
                &json!({"AWS": format!("arn:aws:iam::444455556666:role/{x}")}),
                &Value::Null,
            ),
            &["principal arn:aws:iam::444455556666:role/${var.x} assumed"],
        );
    }

    #[test]
    fn a_fence_whose_value_is_not_known_is_a_fence() {
        let fenced = |operator: &str, key: &str, expected: &[&str]| {
            check(&granting(&json!("*"), &json!({operator: {key: unknown()}})), expected);
        };
        fenced(
            "StringEquals",
            "aws:SourceVpce",
            &["anonymous Network ${var.x} assumed"],
        );
        fenced("StringEquals", "aws:SourceVpc", &["anonymous Network ${var.x} assumed"]);
        fenced("IpAddress", "aws:SourceIp", &["anonymous Network ${var.x} assumed"]);
        fenced(
            "StringEquals",
            "aws:PrincipalOrgID",
            &["organization ${var.x} Organization ${var.x} assumed"],
        );
        fenced(
            "StringEquals",
            "aws:PrincipalAccount",
            &["account ${var.x} Account ${var.x} assumed"],
        );
        fenced(
            "StringEquals",
            "aws:SourceAccount",
            &["service Source ${var.x} assumed"],
        );
        fenced("ArnLike", "aws:SourceArn", &["service Source ${var.x} assumed"]);
    }

    #[test]
    fn a_negation_or_a_header_with_a_value_that_is_not_known_keeps_nobody_out() {
        let fenced = |operator: &str, key: &str| {
            check(
                &granting(&json!("*"), &json!({operator: {key: unknown()}})),
                &["anonymous open assumed"],
            );
        };
        fenced("StringNotEquals", "aws:PrincipalOrgID");
        fenced("NotIpAddress", "aws:SourceIp");
        fenced("StringEquals", "aws:Referer");
    }

    #[test]
    fn a_deny_with_a_value_that_is_not_known_is_assumed_to_spare_others() {
        let deny = json!({"Effect": "Deny", "Principal": {"AWS": unknown()}, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"});
        check(
            &json!([granting(&json!("*"), &Value::Null), deny]),
            &["anonymous open assumed"],
        );
    }

    #[test]
    fn where_no_literal_can_stand_the_statement_is_undecided_and_the_rest_is_not() {
        let undecided = "undecided: what a statement says is not decided: `${var.x}` is not known before deployment";
        let x = unknown();
        let mut effect = granting(&json!("*"), &Value::Null);
        effect["Effect"] = x.clone().into();
        let mut action = granting(&json!("*"), &Value::Null);
        action["Action"] = json!(format!("s3:{x}"));
        let secure = granting(&json!("*"), &json!({"Bool": {"aws:SecureTransport": x}}));
        let block = granting(&json!("*"), &x.clone().into());
        for statement in [x.into(), effect, action, secure, block] {
            check(&json!([statement]), &[undecided]);
            let open = granting(&json!({"AWS": "444455556666"}), &Value::Null);
            check(&json!([statement, open]), &["account 444455556666", undecided]);
        }
    }

    /// What is known in a list that only adds to a statement is certain: who gets in, to do what, and who is kept out.
    #[test]
    fn what_is_not_known_in_a_list_does_not_spoil_the_list() {
        let undecided = "undecided: what a statement says is not decided: `${var.x}` is not known before deployment";
        let x = unknown();
        let mut actions = granting(&json!("*"), &Value::Null);
        actions["Action"] = json!([format!("s3:{x}"), "s3:GetObject"]);
        check(&actions, &["anonymous open", undecided]);
        let mut resources = granting(&json!("*"), &Value::Null);
        resources["Resource"] = json!([x, "arn:aws:s3:::b/*"]);
        check(&resources, &["anonymous open", undecided]);
        let federated = granting(&json!({"AWS": "444455556666", "Federated": x}), &Value::Null);
        check(&federated, &["account 444455556666", undecided]);
        let all = granting(&json!({"AWS": "444455556666"}), &Value::Null);
        let mut deny = json!({"Effect": "Deny", "Principal": "*", "Resource": "arn:aws:s3:::b/*"});
        deny["Action"] = json!(["s3:GetObject", format!("s3:{x}")]);
        check(&json!([all, deny]), &[undecided]);
        // What a negated list leaves out is not known: nothing of the statement is.
        let mut all_but = granting(&json!("*"), &Value::Null);
        all_but.as_object_mut().expect("an object").remove("Action");
        all_but["NotAction"] = json!(["s3:PutObject", format!("s3:{x}")]);
        check(&all_but, &[undecided]);
    }

    #[test]
    fn strictly_what_is_not_known_may_be_anything() {
        let statement = granting(&json!({"AWS": unknown()}), &Value::Null);
        assert_eq!(
            of_bucket(&statement, true),
            [
                "account ${var.x} assumed",
                "undecided: `${var.x}` may be anything before it is deployed"
            ]
        );
        assert_eq!(
            of_bucket(&granting(&json!("*"), &Value::Null), true),
            ["anonymous open"]
        );
    }

    #[test]
    fn a_trust_policy_with_values_that_are_not_known() {
        let x = unknown();
        let provider = format!("arn:aws:iam::{x}:oidc-provider/token.actions.githubusercontent.com");
        let github = json!({
            "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": format!("repo:{x}/app:*")}},
        });
        let expected = "federated arn:aws:iam::${var.x}:oidc-provider/token.actions.githubusercontent.com Subject repo:${var.x}/app:* assumed";
        assert_eq!(of_role(&github), [expected]);
        let partner = json!({
            "Effect": "Allow", "Principal": {"AWS": x}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": unknown()}},
        });
        assert_eq!(of_role(&partner), ["account ${var.x} ExternalId ${var.x} assumed"]);
    }
}
