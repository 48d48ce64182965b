use serde_json::{Value, json};

use super::case::Case;
use super::snapshot::{SETTINGS, is_on};
use super::terraform::{canned, role_arn, split_path};

/// The case as `terraform show -json` of a plan, with policies as text [FMT-91].
pub fn written(case: &Case) -> Option<Vec<(String, String)>> {
    if case
        .access_points
        .iter()
        .any(|point| point.account.is_some() || point.policy.is_some() || point.region.is_some())
    {
        return None;
    }
    let mut resources = Vec::new();
    if let Some(names) = &case.blocks.account {
        resources.push(resource(
            "aws_s3_account_public_access_block",
            "a",
            block(names, json!({})),
        ));
    }
    if let Some(name) = &case.bucket {
        bucket(case, name, &mut resources)?;
    }
    if let Some(role) = &case.role {
        let (path, name) = split_path(role);
        let values = json!({
            "name": name, "path": path, "arn": role_arn(&path, name), "assume_role_policy": case.trust_policy.as_ref()?,
            "tags": case.tags,
        });
        resources.push(resource("aws_iam_role", "r", values));
    }
    let plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": resources.iter().map(|resource| {
            let mut change = resource.clone();
            change["change"] = json!({"actions": ["create"], "before": null, "after": resource["values"], "after_unknown": {}});
            change.as_object_mut().map(|change| change.remove("values"));
            change
        }).collect::<Value>(),
        "configuration": {"root_module": {}},
    });
    Some(vec![("plan.json".into(), plan.to_string())])
}

fn bucket(case: &Case, name: &str, resources: &mut Vec<Value>) -> Option<()> {
    let mut add = |kind: &str, name: &str, values: Value| resources.push(resource(kind, name, values));
    add("aws_s3_bucket", "b", json!({"bucket": name, "tags": case.tags}));
    let names = case.blocks.bucket.as_deref().unwrap_or_default();
    add(
        "aws_s3_bucket_public_access_block",
        "b",
        block(names, json!({"bucket": name})),
    );
    let ownership = case.ownership.as_deref().unwrap_or("ObjectWriter");
    let rule = json!([{"object_ownership": ownership}]);
    add(
        "aws_s3_bucket_ownership_controls",
        "b",
        json!({"bucket": name, "rule": rule}),
    );
    if let Some(policy) = &case.bucket_policy {
        add("aws_s3_bucket_policy", "b", json!({"bucket": name, "policy": policy}));
    }
    if let Some(grants) = &case.bucket_acl {
        add(
            "aws_s3_bucket_acl",
            "b",
            json!({"bucket": name, "acl": canned(grants)?.0, "access_control_policy": []}),
        );
    }
    if let Some(requester) = case.requester_pays {
        let payer = if requester { "Requester" } else { "BucketOwner" };
        add(
            "aws_s3_bucket_request_payment_configuration",
            "b",
            json!({"bucket": name, "payer": payer}),
        );
    }
    for (index, object) in case.objects.iter().enumerate() {
        let acl = if object.acl.is_empty() {
            "private"
        } else {
            canned(&object.acl)?.0
        };
        add(
            "aws_s3_object",
            &format!("o{index}"),
            json!({"bucket": name, "key": object.key, "acl": acl}),
        );
    }
    for (index, point) in case.access_points.iter().enumerate() {
        let mut values = json!({"bucket": name, "name": point.name});
        if let Some(names) = &point.blocks {
            values["public_access_block_configuration"] = json!([block(names, json!({}))]);
        }
        if let Some(vpc) = &point.vpc {
            values["vpc_configuration"] = json!([{"vpc_id": vpc}]);
        }
        add("aws_s3_access_point", &format!("p{index}"), values);
    }
    Some(())
}

fn resource(kind: &str, name: &str, values: Value) -> Value {
    json!({
        "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": values,
    })
}

fn block(names: &[String], mut values: Value) -> Value {
    let attributes = [
        "block_public_acls",
        "ignore_public_acls",
        "block_public_policy",
        "restrict_public_buckets",
    ];
    for (attribute, setting) in attributes.iter().zip(SETTINGS) {
        values[*attribute] = is_on(names, setting).into();
    }
    values
}
