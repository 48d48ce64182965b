//! Reads a case: a raw policy document, or a folder in the shape of a CLI snapshot without the account level.
//!
//! Stands in for `ingest` and reads no more than the cases hold. Whatever has no account belongs to 111122223333.

use std::fs;
use std::path::{Path, PathBuf};

use bucketproof::iam::{CanonicalId, PolicyDocument, PolicyKind, parse_policy};
use bucketproof::model::{
    Account, Acl, AclGrant, AclGrantee, AclPermission, Bucket, Inventory, ObjectAcl, ObjectOwnership, Organization,
    OrganizationPolicy, PublicAccessBlock, Role, Setting, Target,
};
use bucketproof::source::{Limits, Node, SourceFile, Sources, Text, UnknownReason, parse_json};

const OWNER: &str = "111122223333";

/// A read file: its tree, and the text that spans speak of.
enum Read {
    Json(Node),
    /// An error of AWS, by its code.
    Refused(String, bucketproof::source::Span),
}

/// The files and the model of a case.
pub fn read(path: &Path) -> (Sources, Inventory) {
    let mut sources = Sources::default();
    let mut inventory = Inventory::default();
    if path.is_dir() {
        read_folder(path, &mut sources, &mut inventory);
    } else {
        read_document(path, &mut sources, &mut inventory);
    }
    inventory.sort();
    (sources, inventory)
}

fn read_document(path: &Path, sources: &mut Sources, inventory: &mut Inventory) {
    let Read::Json(node) = read_file(path, sources) else {
        panic!("{} is no document", path.display());
    };
    let not_given = || UnknownReason::NotInInput;
    let is_trust = node
        .get("Statement")
        .is_some_and(|list| list.items().iter().all(|one| one.get("Resource").is_none()));
    if is_trust {
        inventory.roles.push(Role {
            name: "case".into(),
            path: "/".into(),
            account: OWNER.parse().ok(),
            trust: policy(&node, PolicyKind::Trust),
            tags: Setting::unknown(not_given(), None),
            span: node.span,
            ..Role::default()
        });
    } else {
        inventory.buckets.push(Bucket {
            name: "b".into(),
            account: OWNER.parse().ok(),
            policy: policy(&node, PolicyKind::Bucket),
            policy_status: Setting::unknown(not_given(), None),
            acl: Setting::unknown(not_given(), None),
            public_access_block: Setting::unknown(not_given(), None),
            ownership: Setting::unknown(not_given(), None),
            request_payment: Setting::unknown(not_given(), None),
            tags: Setting::unknown(not_given(), None),
            span: node.span,
            ..Bucket::default()
        });
    }
    inventory.accounts.push(Account {
        id: OWNER.parse().ok(),
        public_access_block: Setting::unknown(not_given(), None),
        ..Account::default()
    });
}

fn read_folder(path: &Path, sources: &mut Sources, inventory: &mut Inventory) {
    let mut account = Account {
        id: OWNER.parse().ok(),
        ..Account::default()
    };
    let block = path.join("s3control/public-access-block.json");
    if block.is_file() {
        account.public_access_block = setting(read_file(&block, sources), public_access_block);
    }
    let listed = path.join("s3/buckets.json");
    let listed = listed.is_file().then(|| read_file(&listed, sources));
    let listed = match &listed {
        Some(Read::Json(node)) => node.get("Buckets").expect("Buckets").items(),
        Some(Read::Refused(_, _)) | None => &[],
    };
    account.span = listed.first().map(|entry| entry.span).unwrap_or_default();
    inventory.accounts.push(account);
    if path.join("organization").is_dir() {
        inventory.organization = Some(organization(&path.join("organization"), sources));
    }
    for folder in entries(&path.join("s3")).into_iter().filter(|path| path.is_dir()) {
        let mut bucket = bucket(&folder, sources);
        let named = |entry: &&Node| entry.get("Name").and_then(Node::as_str) == Some(&*bucket.name);
        bucket.span = listed.iter().find(named).map(|entry| entry.span).unwrap_or_default();
        inventory.buckets.push(bucket);
    }
}

fn bucket(folder: &Path, sources: &mut Sources) -> Bucket {
    let mut bucket = Bucket {
        name: folder.file_name().expect("a name").to_string_lossy().into(),
        account: OWNER.parse().ok(),
        ..Bucket::default()
    };
    for file in entries(folder).into_iter().filter(|path| path.is_file()) {
        let read = read_file(&file, sources);
        match file.file_stem().expect("a name").to_string_lossy().as_ref() {
            "bucket-policy" => {
                bucket.policy = match read {
                    Read::Json(node) => policy(&node, PolicyKind::Bucket),
                    Read::Refused(code, span) => Setting::unknown(UnknownReason::Refused(code), Some(span)),
                }
            }
            "bucket-acl" => bucket.acl = setting(read, acl),
            "public-access-block" => bucket.public_access_block = setting(read, public_access_block),
            "bucket-ownership-controls" => bucket.ownership = setting(read, ownership),
            other => panic!("the stand-in for ingest does not read `{other}`"),
        }
    }
    for file in entries(&folder.join("objects")) {
        let Read::Json(node) = read_file(&file, sources) else {
            panic!("{} is no object", file.display());
        };
        bucket.objects.push(ObjectAcl {
            key: node.get("Key").and_then(Node::as_str).expect("Key").into(),
            acl: Setting::set(acl(node.get("Acl").expect("Acl")), node.span),
            span: node.span,
        });
    }
    bucket
}

fn policy(node: &Node, kind: PolicyKind) -> Setting<PolicyDocument> {
    match parse_policy(node, kind).document {
        Ok(document) => Setting::set(document, node.span),
        Err(_) => Setting::unknown(UnknownReason::Invalid, Some(node.span)),
    }
}

fn setting<T>(read: Read, value: impl Fn(&Node) -> T) -> Setting<T> {
    match read {
        // The answer's one member is what the setting says.
        Read::Json(node) => {
            let span = node.members().first().map_or(node.span, |member| member.value.span);
            Setting::set(value(&node), span)
        }
        Read::Refused(code, span) => Setting::unknown(UnknownReason::Refused(code), Some(span)),
    }
}

fn public_access_block(node: &Node) -> PublicAccessBlock {
    let inner = node.get("PublicAccessBlockConfiguration").expect("a configuration");
    let flag = |name: &str| inner.get(name).and_then(Node::as_bool).unwrap_or_default();
    PublicAccessBlock {
        block_public_acls: flag("BlockPublicAcls"),
        ignore_public_acls: flag("IgnorePublicAcls"),
        block_public_policy: flag("BlockPublicPolicy"),
        restrict_public_buckets: flag("RestrictPublicBuckets"),
    }
}

fn ownership(node: &Node) -> ObjectOwnership {
    let rules = node
        .get("OwnershipControls")
        .and_then(|controls| controls.get("Rules"))
        .expect("rules");
    let name = rules.items()[0]
        .get("ObjectOwnership")
        .and_then(Node::as_str)
        .expect("a name");
    ObjectOwnership::from_name(name).expect(name)
}

fn acl(node: &Node) -> Acl {
    let text = |node: &Node, name: &str| node.get(name).and_then(Node::as_str).map(str::to_owned);
    let owner = node.get("Owner").and_then(|owner| text(owner, "ID"));
    let grants = node.get("Grants").map(Node::items).unwrap_or_default();
    Acl {
        owner: owner.map(|id| CanonicalId::new(&id)),
        grants: grants
            .iter()
            .map(|grant| {
                let grantee = grant.get("Grantee").expect("Grantee");
                let permission = text(grant, "Permission").expect("Permission");
                AclGrant {
                    grantee: match text(grantee, "URI") {
                        Some(uri) => AclGrantee::from_uri(&uri),
                        None => AclGrantee::Canonical(CanonicalId::new(&text(grantee, "ID").expect("ID"))),
                    },
                    permission: AclPermission::from_name(&permission).expect("a permission"),
                    span: grant.span,
                }
            })
            .collect(),
    }
}

/// An S3 policy at the root.
fn organization(folder: &Path, sources: &mut Sources) -> Organization {
    let Read::Json(node) = read_file(&folder.join("policies.json"), sources) else {
        panic!("no policies");
    };
    let assigned = node.items().iter().map(|policy| OrganizationPolicy {
        name: "block".into(),
        content: true,
        targets: Some(vec![Target::Root]),
        span: policy.span,
    });
    Organization {
        s3_policies: assigned.collect(),
        ..Organization::default()
    }
}

fn read_file(path: &Path, sources: &mut Sources) -> Read {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let id = sources.add(SourceFile::new(path.to_string_lossy(), text));
    let file = sources.file(id).expect("the file just added");
    let content = Text::of_file(id, file);
    if let Some((_, rest)) = file.text().split_once("An error occurred (") {
        let code = rest.split(')').next().expect("a code").to_owned();
        return Read::Refused(code, content.span(0, file.text().trim_end().len()));
    }
    let parsed = parse_json(&content, Limits::default()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // A policy inside an answer is a text.
    match parsed.root.get("Policy") {
        Some(policy) => {
            let inner = content.of_string(policy);
            let parsed =
                parse_json(&inner, Limits::default()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            Read::Json(parsed.root)
        }
        None => Read::Json(parsed.root),
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    entries
}
