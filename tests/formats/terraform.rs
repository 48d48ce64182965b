use serde_json::Value;

use super::case::Case;
use super::hcl::{expression, heredoc as in_heredoc, quoted};
use super::snapshot::{OWNER, SETTINGS, is_on};

/// A policy as an expression; none where it cannot be written so.
type PolicyAs = fn(&str, name: &str) -> Option<(String, String)>;

/// The case with its policies in `jsonencode`.
pub fn jsonencode(case: &Case) -> Option<Vec<(String, String)>> {
    written(case, |text, _| {
        let document: Value = serde_json::from_str(text).ok()?;
        Some((format!("jsonencode({})", expression(&document, 1)), String::new()))
    })
}

/// The case with its policies as text.
pub fn heredoc(case: &Case) -> Option<Vec<(String, String)>> {
    written(case, |text, _| Some((in_heredoc(text), String::new())))
}

/// The case with its policies as `aws_iam_policy_document`.
pub fn document(case: &Case) -> Option<Vec<(String, String)>> {
    written(case, |text, name| {
        let block = super::hcl_document::block(text, name)?;
        Some((format!("data.aws_iam_policy_document.{name}.json"), block))
    })
}

fn written(case: &Case, policy: PolicyAs) -> Option<Vec<(String, String)>> {
    let mut text = String::new();
    if let Some(names) = &case.blocks.account {
        resource("aws_s3_account_public_access_block", "a", &block(names), &mut text);
    }
    if let Some(name) = &case.bucket {
        bucket(case, name, policy, &mut text)?;
    }
    if let Some(role) = &case.role {
        let (path, name) = split_path(role);
        let (trust, more) = policy(case.trust_policy.as_ref()?, "trust")?;
        let mut lines = vec![
            format!("name = {}", quoted(name)),
            format!("path = {}", quoted(&path)),
            format!("assume_role_policy = {trust}"),
        ];
        lines.extend(tags(case));
        resource("aws_iam_role", "r", &lines, &mut text);
        text.push_str(&more);
    }
    Some(vec![("main.tf".into(), text)])
}

fn bucket(case: &Case, name: &str, policy: PolicyAs, text: &mut String) -> Option<()> {
    let mut lines = vec![format!("bucket = {}", quoted(name))];
    lines.extend(tags(case));
    resource("aws_s3_bucket", "b", &lines, text);
    let of = |line: &str| vec!["bucket = aws_s3_bucket.b.id".to_owned(), line.to_owned()];
    let names = case.blocks.bucket.as_deref().unwrap_or_default();
    let mut lines = block(names);
    lines.insert(0, "bucket = aws_s3_bucket.b.bucket".into());
    resource("aws_s3_bucket_public_access_block", "b", &lines, text);
    let ownership = case.ownership.as_deref().unwrap_or("ObjectWriter");
    let rule = format!("rule {{\n    object_ownership = {}\n  }}", quoted(ownership));
    resource("aws_s3_bucket_ownership_controls", "b", &of(&rule), text);
    if let Some(document) = &case.bucket_policy {
        let (document, more) = policy(document, "policy")?;
        resource("aws_s3_bucket_policy", "b", &of(&format!("policy = {document}")), text);
        text.push_str(&more);
    }
    if let Some(grants) = &case.bucket_acl {
        let line = match canned(grants) {
            Some((name, _)) => format!("acl = {}", quoted(name)),
            None => access_control_policy(grants)?,
        };
        resource("aws_s3_bucket_acl", "b", &of(&line), text);
    }
    if let Some(requester) = case.requester_pays {
        let payer = if requester { "Requester" } else { "BucketOwner" };
        let line = format!("payer = {}", quoted(payer));
        resource("aws_s3_bucket_request_payment_configuration", "b", &of(&line), text);
    }
    for (index, object) in case.objects.iter().enumerate() {
        let acl = if object.acl.is_empty() {
            "private"
        } else {
            canned(&object.acl)?.0
        };
        let line = format!("key = {}\n  acl = {}", quoted(&object.key), quoted(acl));
        resource("aws_s3_object", &format!("o{index}"), &of(&line), text);
    }
    for (index, point) in case.access_points.iter().enumerate() {
        // The examples name a Region in ARNs, which nothing tells Terraform's files.
        if point.account.is_some() || point.policy.is_some() || point.region.is_some() {
            return None;
        }
        let mut lines = of(&format!("name = {}", quoted(&point.name)));
        if let Some(names) = &point.blocks {
            let inner = block(names).join("\n    ");
            lines.push(format!("public_access_block_configuration {{\n    {inner}\n  }}"));
        }
        if let Some(vpc) = &point.vpc {
            lines.push(format!("vpc_configuration {{\n    vpc_id = {}\n  }}", quoted(vpc)));
        }
        resource("aws_s3_access_point", &format!("p{index}"), &lines, text);
    }
    Some(())
}

fn access_control_policy(grants: &[String]) -> Option<String> {
    let mut text = "access_control_policy {\n".to_owned();
    for grant in grants {
        let (grantee, permission) = grant.rsplit_once(' ')?;
        let (kind, key, id) = grantee_of(grantee)?;
        text.push_str(&format!(
            "    grant {{\n      grantee {{\n        type = \"{kind}\"\n        {key} = {}\n      }}\n      permission = \"{permission}\"\n    }}\n",
            quoted(&id)
        ));
    }
    text.push_str(&format!(
        "    owner {{\n      id = \"{}\"\n    }}\n  }}",
        "0".repeat(64)
    ));
    Some(text)
}

fn resource(kind: &str, name: &str, lines: &[String], text: &mut String) {
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    text.push_str(&format!("resource \"{kind}\" \"{name}\" {{\n{lines}}}\n\n"));
}

fn block(names: &[String]) -> Vec<String> {
    let attributes = [
        "block_public_acls",
        "ignore_public_acls",
        "block_public_policy",
        "restrict_public_buckets",
    ];
    let settings = attributes.iter().zip(SETTINGS);
    settings
        .map(|(attribute, setting)| format!("{attribute} = {}", is_on(names, setting)))
        .collect()
}

fn tags(case: &Case) -> Option<String> {
    let tags = case.tags.as_ref()?.iter();
    let tags: Vec<String> = tags
        .map(|(key, value)| format!("{} = {}", quoted(key), quoted(value)))
        .collect();
    Some(format!("tags = {{ {} }}", tags.join(", ")))
}

/// Path and name of a role.
pub fn split_path(role: &str) -> (String, &str) {
    match role.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), role),
    }
}

/// Type, attribute and value of a grantee in words, such as `AllUsers` and `canonical:ID`.
pub fn grantee_of(grantee: &str) -> Option<(&'static str, &'static str, String)> {
    let group = |name: &str| ("Group", "uri", format!("http://acs.amazonaws.com/groups/{name}"));
    Some(match grantee.split_once(':') {
        Some(("canonical", id)) => ("CanonicalUser", "id", id.to_owned()),
        Some(("group", uri)) => ("Group", "uri", uri.to_owned()),
        Some(_) => return None,
        None => match grantee {
            "AllUsers" => group("global/AllUsers"),
            "AuthenticatedUsers" => group("global/AuthenticatedUsers"),
            "LogDelivery" => group("s3/LogDelivery"),
            _ => return None,
        },
    })
}

/// The predefined ACL that makes these grants, for requests and for CloudFormation.
pub fn canned(grants: &[String]) -> Option<(&'static str, &'static str)> {
    let grants: Vec<&str> = grants.iter().map(String::as_str).collect();
    Some(match &*grants {
        [] => ("private", "Private"),
        ["AllUsers READ"] => ("public-read", "PublicRead"),
        ["AllUsers READ", "AllUsers WRITE"] => ("public-read-write", "PublicReadWrite"),
        ["AuthenticatedUsers READ"] => ("authenticated-read", "AuthenticatedRead"),
        ["LogDelivery WRITE", "LogDelivery READ_ACP"] => ("log-delivery-write", "LogDeliveryWrite"),
        _ => return None,
    })
}

/// The ARN of a role of the owner.
pub fn role_arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::{OWNER}:role{path}{name}")
}
