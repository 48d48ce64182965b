//! Documents and settings as the AWS CLI takes them.

use serde_json::{Value, json};

use super::Command;
use crate::iam::PolicyDocument;
use crate::model::{AccessPoint, Acl, AclGrant, AclGrantee, Bucket, PublicAccessBlock, Role};

/// A command of the AWS CLI, from its words.
pub(super) fn aws(words: &[&str]) -> Command {
    std::iter::once("aws")
        .chain(words.iter().copied())
        .map(ToOwned::to_owned)
        .collect()
}

/// `s3api` on a bucket, which must belong to whom the snapshot says.
pub(super) fn s3api(verb: &str, bucket: &Bucket, more: &[&str]) -> Command {
    let mut command = aws(&["s3api", verb, &format!("--bucket={}", bucket.name)]);
    command.extend(more.iter().map(|word| (*word).to_owned()));
    if let Some(account) = bucket.account {
        command.push(format!("--expected-bucket-owner={account}"));
    }
    command
}

/// What sets a bucket policy, and the document; a policy without statements is deleted.
pub(super) fn set_policy(bucket: &Bucket, policy: Option<&PolicyDocument>, file: &str) -> (Command, Option<Value>) {
    match policy.filter(|policy| !policy.statements.is_empty()) {
        Some(policy) => {
            let from = of_file("policy", file);
            (
                s3api("put-bucket-policy", bucket, &[from.as_str()]),
                Some(policy.to_json()),
            )
        }
        None => (s3api("delete-bucket-policy", bucket, &[]), None),
    }
}

/// The same for an access point.
pub(super) fn set_point_policy(
    point: &AccessPoint,
    policy: Option<&PolicyDocument>,
    file: &str,
) -> (Command, Option<Value>) {
    let account = point
        .account
        .map_or_else(|| "<account>".to_owned(), |id| id.to_string());
    let (account, name) = (format!("--account-id={account}"), format!("--name={}", point.name));
    let named = [account.as_str(), name.as_str()];
    match policy.filter(|policy| !policy.statements.is_empty()) {
        Some(policy) => {
            let from = of_file("policy", file);
            let words = [&["s3control", "put-access-point-policy"], &named[..], &[from.as_str()]].concat();
            (aws(&words), Some(policy.to_json()))
        }
        None => (
            aws(&[&["s3control", "delete-access-point-policy"], &named[..]].concat()),
            None,
        ),
    }
}

/// What sets a trust policy.
pub(super) fn set_trust(role: &Role, file: &str) -> Command {
    let name = format!("--role-name={}", role.name);
    aws(&[
        "iam",
        "update-assume-role-policy",
        &name,
        &of_file("policy-document", file),
    ])
}

/// An option that reads its value from a file. Values stand behind a sign of equality: a name may begin like an option.
pub(super) fn of_file(option: &str, file: &str) -> String {
    format!("--{option}=file://{file}")
}

/// A name of a file that means nothing else, whatever it is made of.
pub(super) fn file_name(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '.' | '_');
    text.chars()
        .map(|char| if is_plain(char) { char } else { '_' })
        .collect()
}

/// What sets the ACL of an object, as a document: the name of an object may be anything, also what the AWS CLI takes for the
/// address of a file.
pub(super) fn object_acl(bucket: &Bucket, key: &str, acl: Option<&Value>) -> Value {
    let mut all = json!({ "Bucket": &*bucket.name, "Key": key });
    if let Some(members) = all.as_object_mut() {
        match acl {
            Some(acl) => members.insert("AccessControlPolicy".into(), acl.clone()),
            None => members.insert("ACL".into(), "private".into()),
        };
        members.extend(
            bucket
                .account
                .map(|id| ("ExpectedBucketOwner".to_owned(), id.to_string().into())),
        );
    }
    all
}

/// An ACL as `--access-control-policy` takes it; none where the snapshot does not tell the owner.
pub(super) fn acl(acl: &Acl) -> Option<Value> {
    let owner = acl.owner.as_ref()?;
    let grants: Option<Vec<Value>> = acl.grants.iter().map(grant).collect();
    Some(json!({ "Owner": { "ID": owner.as_str() }, "Grants": grants? }))
}

fn grant(grant: &AclGrant) -> Option<Value> {
    let group = |uri: &str| json!({ "Type": "Group", "URI": uri });
    let grantee = match &grant.grantee {
        AclGrantee::AllUsers => group("http://acs.amazonaws.com/groups/global/AllUsers"),
        AclGrantee::AuthenticatedUsers => group("http://acs.amazonaws.com/groups/global/AuthenticatedUsers"),
        AclGrantee::LogDelivery => group("http://acs.amazonaws.com/groups/s3/LogDelivery"),
        AclGrantee::OtherGroup(uri) => group(uri),
        AclGrantee::Canonical(id) => json!({ "Type": "CanonicalUser", "ID": id.as_str() }),
        AclGrantee::Email(address) => json!({ "Type": "AmazonCustomerByEmail", "EmailAddress": &**address }),
    };
    Some(json!({ "Grantee": grantee, "Permission": grant.permission.as_str() }))
}

/// A Block Public Access setting in the shorthand of the CLI.
pub(super) fn block(block: PublicAccessBlock) -> String {
    let PublicAccessBlock {
        block_public_acls,
        ignore_public_acls,
        block_public_policy,
        restrict_public_buckets,
    } = block;
    format!(
        "BlockPublicAcls={block_public_acls},IgnorePublicAcls={ignore_public_acls},\
         BlockPublicPolicy={block_public_policy},RestrictPublicBuckets={restrict_public_buckets}"
    )
}
