use serde_json::{Value, json};

use super::case::Case;
use super::terraform::{grantee_of, split_path};

/// The case as the answers of the AWS CLI.
pub fn written(case: &Case) -> Option<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut file = |path: String, value: Value| files.push((path, value.to_string()));
    if let Some(names) = &case.blocks.account {
        file(format!("{OWNER}/s3control/public-access-block.json"), block(names));
    }
    if let Some(name) = &case.bucket {
        let of = |answer: &str| format!("{OWNER}/s3/{name}/{answer}.json");
        file(of("bucket-location"), json!({"LocationConstraint": null}));
        if let Some(policy) = &case.bucket_policy {
            file(of("bucket-policy"), json!({"Policy": policy}));
        }
        if let Some(grants) = &case.bucket_acl {
            file(of("bucket-acl"), acl(grants)?);
        }
        if let Some(names) = &case.blocks.bucket {
            file(of("public-access-block"), block(names));
        }
        if let Some(ownership) = &case.ownership {
            file(
                of("bucket-ownership-controls"),
                json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": ownership}]}}),
            );
        }
        if let Some(requester) = case.requester_pays {
            let payer = if requester { "Requester" } else { "BucketOwner" };
            file(of("bucket-request-payment"), json!({"Payer": payer}));
        }
        if let Some(tags) = &case.tags {
            let tags: Vec<Value> = tags
                .iter()
                .map(|(key, value)| json!({"Key": key, "Value": value}))
                .collect();
            file(of("bucket-tagging"), json!({"TagSet": tags}));
        }
        for (index, object) in case.objects.iter().enumerate() {
            file(
                of(&format!("objects/{index}")),
                json!({"Key": object.key, "Acl": acl(&object.acl)?}),
            );
        }
        if case.access_points.iter().any(|point| point.account.is_some()) {
            return None;
        }
        for point in &case.access_points {
            let of = |answer: &str| format!("{OWNER}/s3control/access-points/{}/{answer}.json", point.name);
            let region = point.region.as_deref().unwrap_or("us-east-1");
            let mut answer = json!({
                "Name": point.name,
                "Bucket": name,
                "BucketAccountId": OWNER,
                "NetworkOrigin": point.origin.as_deref().unwrap_or("Internet"),
                "AccessPointArn": format!("arn:aws:s3:{region}:{OWNER}:accesspoint/{}", point.name),
            });
            if let Some(vpc) = &point.vpc {
                answer["VpcConfiguration"] = json!({"VpcId": vpc});
            }
            let names = point.blocks.clone().unwrap_or_else(|| vec!["all".into()]);
            answer["PublicAccessBlockConfiguration"] = block(&names)["PublicAccessBlockConfiguration"].clone();
            file(of("access-point"), answer);
            if let Some(policy) = &point.policy {
                file(of("access-point-policy"), json!({"Policy": policy}));
            }
        }
    }
    if let Some(role) = &case.role {
        if case.tags.is_some() {
            return None;
        }
        let (path, name) = split_path(role);
        let trust: Value = serde_json::from_str(case.trust_policy.as_ref()?).ok()?;
        let role = json!({
            "Path": path, "RoleName": name, "RoleId": "AROAEXAMPLE0000000001", "CreateDate": "2020-01-01T00:00:00Z",
            "Arn": format!("arn:aws:iam::{OWNER}:role{path}{name}"), "AssumeRolePolicyDocument": trust,
        });
        file(
            format!("{OWNER}/iam/account-authorization-details.json"),
            json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}),
        );
    }
    Some(files)
}

pub fn is_on(names: &[String], setting: &str) -> bool {
    names.iter().any(|name| name == setting || name == "all")
}

fn block(names: &[String]) -> Value {
    let settings = SETTINGS.map(|setting| (setting.to_owned(), Value::from(is_on(names, setting))));
    json!({"PublicAccessBlockConfiguration": settings.into_iter().collect::<serde_json::Map<_, _>>()})
}

fn acl(grants: &[String]) -> Option<Value> {
    let grants: Option<Vec<Value>> = grants
        .iter()
        .map(|grant| {
            let (grantee, permission) = grant.rsplit_once(' ')?;
            let (kind, key, id) = grantee_of(grantee)?;
            let key = if key == "uri" { "URI" } else { "ID" };
            Some(json!({"Grantee": {"Type": kind, key: id}, "Permission": permission}))
        })
        .collect();
    Some(json!({"Owner": {"ID": "0".repeat(64)}, "Grants": grants?}))
}

pub const SETTINGS: [&str; 4] = [
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];
pub const OWNER: &str = "111122223333";
