//! Snapshots of any size, in the layout of `docs/snapshot.md`: the same for the same number of buckets.
//!
//! What a large organization has: log buckets, websites, data behind endpoints, partners, buckets without a policy,
//! old ones with ACLs, here and there a mistake, a setting that is not there, and one that could not be read.

use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;

const BUCKETS_OF_AN_ACCOUNT: usize = 500;
const ORGANIZATION: &str = "o-bench12345";
const OWNER: &str = "9b3cf1c0a7d84c6eb1a2f86d2a71e4c5c0b8c9d7e6f5041328a9b7c6d5e4f301";

/// Writes a snapshot with so many buckets, and a role for every twenty of them.
pub fn write(folder: &Path, buckets: usize) -> io::Result<()> {
    let accounts = buckets.div_ceil(BUCKETS_OF_AN_ACCOUNT);
    for index in 0..accounts {
        let first = index * BUCKETS_OF_AN_ACCOUNT;
        let last = buckets.min(first + BUCKETS_OF_AN_ACCOUNT);
        account(&folder.join(id(index)), index, first..last)?;
    }
    let list = (0..accounts).map(|index| json!({ "Id": id(index), "Status": "ACTIVE" }));
    let organization = folder.join("organization");
    save(
        &organization.join("organization.json"),
        &json!({ "Organization": { "Id": ORGANIZATION } }),
    )?;
    save(
        &organization.join("accounts.json"),
        &json!({ "Accounts": list.collect::<Vec<_>>() }),
    )
}

fn id(account: usize) -> String {
    format!("{:012}", 111_122_223_333 + account * 1_001)
}

fn account(folder: &Path, account: usize, buckets: std::ops::Range<usize>) -> io::Result<()> {
    let list = buckets
        .clone()
        .map(|index| json!({ "Name": name(index), "CreationDate": "2021-03-29T09:14:27+00:00" }));
    save(
        &folder.join("s3/buckets.json"),
        &json!({ "Buckets": list.collect::<Vec<_>>(), "Owner": { "ID": OWNER } }),
    )?;
    if account % 3 == 2 {
        save(&folder.join("s3control/public-access-block.json"), &block(true))?;
    }
    for index in buckets.clone() {
        bucket(&folder.join("s3").join(name(index)), index, &id(account))?;
    }
    let roles = buckets.step_by(20).map(|index| role(index, &id(account)));
    save(
        &folder.join("iam/account-authorization-details.json"),
        &json!({ "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles.collect::<Vec<_>>(), "Policies": [] }),
    )
}

fn name(index: usize) -> String {
    let uses = [
        "logs",
        "website",
        "exports",
        "datalake",
        "backups",
        "artifacts",
        "reports",
    ];
    let what = uses.get(index % uses.len()).copied().unwrap_or_default();
    format!("team{:02}-{what}-{index:05}", index % 37)
}

fn bucket(folder: &Path, index: usize, account: &str) -> io::Result<()> {
    let file = |name: &str| folder.join(name);
    let name = name(index);
    // Who took the snapshot was not allowed to see some policies.
    if index % 97 == 50 {
        let error = "An error occurred (AccessDenied) when calling the GetBucketPolicy operation: Access Denied";
        fs::create_dir_all(folder)?;
        fs::write(file("bucket-policy.json"), error)?;
    } else if let Some((statements, public)) = policy(index, &name, account) {
        let document = json!({ "Version": "2012-10-17", "Statement": statements });
        save(&file("bucket-policy.json"), &json!({ "Policy": document.to_string() }))?;
        save(
            &file("bucket-policy-status.json"),
            &json!({ "PolicyStatus": { "IsPublic": public } }),
        )?;
    }
    save(&file("bucket-acl.json"), &acl(index))?;
    if index % 10 < 8 {
        let rules = json!([{ "ObjectOwnership": "BucketOwnerEnforced" }]);
        save(
            &file("bucket-ownership-controls.json"),
            &json!({ "OwnershipControls": { "Rules": rules } }),
        )?;
    }
    match index % 12 {
        0 => {}
        1 => save(&file("public-access-block.json"), &block(false))?,
        _ => save(&file("public-access-block.json"), &block(true))?,
    }
    if index % 10 < 7 {
        let tags = json!([
            { "Key": "team", "Value": format!("team{:02}", index % 37) },
            { "Key": "stage", "Value": "production" },
        ]);
        save(&file("bucket-tagging.json"), &json!({ "TagSet": tags }))?;
    }
    save(
        &file("bucket-location.json"),
        &json!({ "LocationConstraint": "eu-west-1" }),
    )?;
    save(&file("bucket-versioning.json"), &json!({ "Status": "Enabled" }))?;
    let sse =
        json!([{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" }, "BucketKeyEnabled": false }]);
    save(
        &file("bucket-encryption.json"),
        &json!({ "ServerSideEncryptionConfiguration": { "Rules": sse } }),
    )
}

/// All four settings, on, or on for ACLs only.
fn block(on: bool) -> Value {
    json!({ "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": true,
        "IgnorePublicAcls": true,
        "BlockPublicPolicy": on,
        "RestrictPublicBuckets": on,
    } })
}

fn acl(index: usize) -> Value {
    let mut grants = vec![json!({
        "Grantee": { "ID": OWNER, "Type": "CanonicalUser" },
        "Permission": "FULL_CONTROL",
    })];
    let group = |uri: &str, permission: &str| {
        let uri = format!("http://acs.amazonaws.com/groups/{uri}");
        json!({ "Grantee": { "Type": "Group", "URI": uri }, "Permission": permission })
    };
    if index % 29 == 8 {
        grants.push(group("s3/LogDelivery", "WRITE"));
        grants.push(group("s3/LogDelivery", "READ_ACP"));
    }
    if index % 40 == 9 {
        grants.push(group("global/AllUsers", "READ"));
    }
    json!({ "Owner": { "ID": OWNER }, "Grants": grants })
}

/// The statements of a bucket's policy, and whether S3 calls it public.
fn policy(index: usize, bucket: &str, account: &str) -> Option<(Vec<Value>, bool)> {
    let objects = format!("arn:aws:s3:::{bucket}/*");
    let both = json!([format!("arn:aws:s3:::{bucket}"), objects]);
    let grant = |principal: Value, actions: Value, condition: Value| json!({ "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": objects, "Condition": condition });
    let deny = |condition: Value| json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": both, "Condition": condition });
    let own = |role: &str| json!({ "AWS": format!("arn:aws:iam::{account}:role/{role}-{}", index % 90) });
    let service = |name: &str| json!({ "Service": name });
    let tls = deny(json!({ "Bool": { "aws:SecureTransport": "false" } }));
    let endpoint = format!("vpce-0a1b2c3d4e{:07x}", index % 60);
    let partner = format!("arn:aws:iam::{:012}:role/feed", 555_566_667_000 + index % 25);
    let read = json!(["s3:GetObject", "s3:GetObjectVersion"]);
    let none = json!({});
    Some(match index % 20 {
        0..=3 => return None,
        4..=7 => (
            vec![
                grant(own("service"), json!(["s3:GetObject", "s3:PutObject"]), none),
                tls,
            ],
            false,
        ),
        8 => {
            let arn = format!("arn:aws:cloudfront::{account}:distribution/E{index:013}");
            let by = json!({ "StringEquals": { "AWS:SourceArn": arn } });
            (
                vec![
                    grant(service("cloudfront.amazonaws.com"), json!("s3:GetObject"), by),
                    tls,
                ],
                false,
            )
        }
        9 => {
            let by = json!({
                "StringEquals": { "aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control" },
                "ArnLike": { "aws:SourceArn": format!("arn:aws:logs:eu-west-1:{account}:*") },
            });
            (
                vec![grant(service("delivery.logs.amazonaws.com"), json!("s3:PutObject"), by)],
                false,
            )
        }
        10 => {
            let arn = format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/t{}", index % 7);
            let by = json!({ "StringEquals": { "aws:SourceArn": arn } });
            (
                vec![grant(service("cloudtrail.amazonaws.com"), json!("s3:PutObject"), by)],
                false,
            )
        }
        11 => (vec![grant(json!({ "AWS": partner }), read, none), tls], false),
        12 => {
            let by = json!({ "StringEquals": { "aws:PrincipalOrgID": ORGANIZATION } });
            (vec![grant(json!("*"), read, by), tls], false)
        }
        13 => {
            let by = json!({ "StringEquals": { "aws:SourceVpce": endpoint } });
            (
                vec![grant(json!("*"), json!(["s3:GetObject", "s3:PutObject"]), by)],
                false,
            )
        }
        14 => {
            let by = json!({ "IpAddress": { "aws:SourceIp": ["203.0.113.0/24", format!("198.51.100.{}/32", index % 250)] } });
            (vec![grant(json!("*"), read, by), tls], false)
        }
        15 => {
            let fence = deny(json!({ "StringNotEquals": { "aws:SourceVpce": endpoint } }));
            (vec![grant(json!("*"), read, none), fence], true)
        }
        16 => (vec![grant(json!("*"), json!("s3:GetObject"), none)], true),
        17 => (
            vec![grant(
                json!({ "AWS": partner }),
                json!(["s3:ReplicateObject", "s3:ReplicateDelete"]),
                none,
            )],
            false,
        ),
        18 => {
            let by = json!({ "ArnLike": { "aws:PrincipalArn": format!("arn:aws:iam::{account}:role/etl-*") } });
            (
                vec![grant(json!("*"), json!(["s3:Get*", "s3:PutObject"]), by), tls],
                false,
            )
        }
        _ => (shared(index, bucket, account), false),
    })
}

/// A bucket that a dozen teams share, each below a prefix of its own.
fn shared(index: usize, bucket: &str, account: &str) -> Vec<Value> {
    let teams = (0..12).flat_map(|team| {
        let principal = json!({ "AWS": format!("arn:aws:iam::{account}:role/team-{team}-{}", index % 90) });
        [
            json!({ "Effect": "Allow", "Principal": principal, "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                "Resource": format!("arn:aws:s3:::{bucket}/team-{team}/*") }),
            json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:ListBucket",
                "Resource": format!("arn:aws:s3:::{bucket}"),
                "Condition": { "StringLike": { "s3:prefix": format!("team-{team}/*") } } }),
        ]
    });
    teams.collect()
}

fn role(index: usize, account: &str) -> Value {
    let external = json!({ "StringEquals": { "sts:ExternalId": format!("x-{index}") } });
    let github = json!({ "StringEquals": { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
        "StringLike": { "token.actions.githubusercontent.com:sub": format!("repo:example/app-{index}:*") } });
    let provider = format!("arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com");
    let (action, principal, condition) = match index / 20 % 4 {
        0 => ("sts:AssumeRole", json!({ "Service": "ec2.amazonaws.com" }), json!({})),
        1 => (
            "sts:AssumeRole",
            json!({ "AWS": format!("arn:aws:iam::{account}:root") }),
            json!({}),
        ),
        2 => (
            "sts:AssumeRole",
            json!({ "AWS": "arn:aws:iam::555566667777:root" }),
            external,
        ),
        _ => (
            "sts:AssumeRoleWithWebIdentity",
            json!({ "Federated": provider }),
            github,
        ),
    };
    let name = format!("role-{index:05}");
    json!({
        "Path": "/",
        "RoleName": name,
        "RoleId": format!("AROABENCH{index:012}"),
        "Arn": format!("arn:aws:iam::{account}:role/{name}"),
        "CreateDate": "2021-03-29T09:14:27+00:00",
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition }
        ] },
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
    })
}

fn save(path: &Path, value: &Value) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, format!("{value:#}\n"))
}
