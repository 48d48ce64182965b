//! How settings are written when they are on, in each kind of file.

use super::value::New;

/// A setting that is on.
pub(super) struct Shape {
    /// What it does, in words.
    pub what: String,
    /// Its file in the folder of a bucket of a snapshot.
    pub bucket_file: &'static str,
    /// Its file in the folder of an account.
    pub account_file: Option<&'static str>,
    /// What that file says.
    pub json: New,
    /// Property of `AWS::S3::Bucket`.
    pub property: &'static str,
    /// What the property says.
    pub template: New,
    /// Resource of Terraform.
    pub resource: &'static str,
    /// Its arguments beside the bucket.
    pub arguments: Vec<Argument>,
    /// Whether something in it must be filled in.
    pub needs_input: bool,
    /// Whether it stands beside others of its kind, and not in the place of the only one.
    pub is_one_of_many: bool,
}

/// An argument or block of a resource of Terraform.
pub(super) enum Argument {
    Value(&'static str, New),
    Block(&'static str, Vec<Argument>),
}

impl Argument {
    /// It as lines.
    pub fn lines(&self, indent: &str, unit: &str) -> Vec<String> {
        written(std::slice::from_ref(self), indent, unit)
    }
}

/// Arguments as `terraform fmt` lays them out: signs below each other, blocks apart.
pub(super) fn written(arguments: &[Argument], indent: &str, unit: &str) -> Vec<String> {
    let names = arguments.iter().filter_map(|argument| match argument {
        Argument::Value(name, _) => Some(name.len()),
        Argument::Block(..) => None,
    });
    let width = names.max().unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    for argument in arguments {
        match argument {
            Argument::Value(name, value) => lines.push(format!("{indent}{name:width$} = {}", literal(value))),
            Argument::Block(name, inner) => {
                if !lines.is_empty() {
                    lines.push(String::new());
                }
                if inner.is_empty() {
                    lines.push(format!("{indent}{name} {{}}"));
                    continue;
                }
                lines.push(format!("{indent}{name} {{"));
                lines.extend(written(inner, &format!("{indent}{unit}"), unit));
                lines.push(format!("{indent}}}"));
            }
        }
    }
    lines
}

fn literal(value: &New) -> String {
    match value {
        New::Text(text) => format!("{text:?}"),
        New::Bool(value) => value.to_string(),
        New::Number(value) => value.to_string(),
        New::Sub(code) | New::Ref(code) | New::Code(code) => code.clone(),
        New::List(_) | New::Object(_) => "null".into(),
    }
}

/// A value as indented JSON.
pub(super) fn pretty(new: &New) -> String {
    serde_json::to_string_pretty(&json(new)).unwrap_or_default()
}

fn json(new: &New) -> serde_json::Value {
    match new {
        New::Text(text) | New::Sub(text) | New::Ref(text) | New::Code(text) => text.clone().into(),
        New::Bool(value) => (*value).into(),
        New::Number(value) => (*value).into(),
        New::List(items) => items.iter().map(json).collect(),
        New::Object(members) => {
            let members = members.iter().map(|(key, value)| (key.clone(), json(value)));
            serde_json::Value::Object(members.collect())
        }
    }
}

/// The ways in which a setting may be switched on, the smallest first.
pub(super) fn shapes(setting: &str) -> Vec<Shape> {
    match setting {
        "public_access_block" => vec![blocks()],
        "ownership" => vec![ownership()],
        "versioning" => vec![versioning()],
        "lifecycle" => vec![lifecycle(true, false), lifecycle(false, true), lifecycle(true, true)],
        "encryption" => vec![encryption()],
        _ => Vec::new(),
    }
}

fn object(members: &[(&str, New)]) -> New {
    New::Object(
        members
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect(),
    )
}

fn text(text: &str) -> New {
    New::Text(text.to_owned())
}

fn blocks() -> Shape {
    let all = [
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
    ];
    let all = New::Object(all.iter().map(|name| ((*name).to_owned(), New::Bool(true))).collect());
    let arguments = [
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    ];
    Shape {
        what: "switch all four settings of Block Public Access on".into(),
        bucket_file: "public-access-block.json",
        account_file: Some("s3control/public-access-block.json"),
        json: New::one("PublicAccessBlockConfiguration", all.clone()),
        property: "PublicAccessBlockConfiguration",
        template: all,
        resource: "aws_s3_bucket_public_access_block",
        arguments: arguments.map(|name| Argument::Value(name, New::Bool(true))).into(),
        needs_input: false,
        is_one_of_many: false,
    }
}

fn ownership() -> Shape {
    let rules = New::one(
        "Rules",
        New::List(vec![New::one("ObjectOwnership", text("BucketOwnerEnforced"))]),
    );
    Shape {
        what: "set Object Ownership to `BucketOwnerEnforced`, which switches ACLs off".into(),
        bucket_file: "bucket-ownership-controls.json",
        account_file: None,
        json: New::one("OwnershipControls", rules.clone()),
        property: "OwnershipControls",
        template: rules,
        resource: "aws_s3_bucket_ownership_controls",
        arguments: vec![Argument::Block(
            "rule",
            vec![Argument::Value("object_ownership", text("BucketOwnerEnforced"))],
        )],
        needs_input: false,
        is_one_of_many: false,
    }
}

fn versioning() -> Shape {
    let on = New::one("Status", text("Enabled"));
    Shape {
        what: "switch versioning on".into(),
        bucket_file: "bucket-versioning.json",
        account_file: None,
        json: on.clone(),
        property: "VersioningConfiguration",
        template: on,
        resource: "aws_s3_bucket_versioning",
        arguments: vec![Argument::Block(
            "versioning_configuration",
            vec![Argument::Value("status", text("Enabled"))],
        )],
        needs_input: false,
        is_one_of_many: false,
    }
}

fn encryption() -> Shape {
    let key = "REPLACE-WITH-KMS-KEY-ARN";
    let by = |name: &str, id: &str| object(&[(name, text("aws:kms")), (id, text(key))]);
    Shape {
        what: "encrypt with a customer managed key by default".into(),
        bucket_file: "bucket-encryption.json",
        account_file: None,
        json: New::one(
            "ServerSideEncryptionConfiguration",
            New::one(
                "Rules",
                New::List(vec![New::one(
                    "ApplyServerSideEncryptionByDefault",
                    by("SSEAlgorithm", "KMSMasterKeyID"),
                )]),
            ),
        ),
        property: "BucketEncryption",
        template: New::one(
            "ServerSideEncryptionConfiguration",
            New::List(vec![New::one(
                "ServerSideEncryptionByDefault",
                by("SSEAlgorithm", "KMSMasterKeyID"),
            )]),
        ),
        resource: "aws_s3_bucket_server_side_encryption_configuration",
        arguments: vec![Argument::Block(
            "rule",
            vec![Argument::Block(
                "apply_server_side_encryption_by_default",
                vec![
                    Argument::Value("sse_algorithm", text("aws:kms")),
                    Argument::Value("kms_master_key_id", text(key)),
                ],
            )],
        )],
        needs_input: true,
        is_one_of_many: false,
    }
}

fn lifecycle(uploads: bool, versions: bool) -> Shape {
    let words = match (uploads, versions) {
        (true, false) => "end uploads that are left incomplete after 7 days",
        (false, true) => "end noncurrent versions after 90 days",
        (true, true) | (false, false) => "end incomplete uploads after 7 days and noncurrent versions after 90",
    };
    let id = if uploads && !versions {
        "end-incomplete-uploads"
    } else {
        "end-old-versions"
    };
    let after = |name: &str, days| New::one(name, New::Number(days));
    let mut json = vec![("ID", text(id)), ("Status", text("Enabled")), ("Filter", object(&[]))];
    let mut template = vec![("Id", text(id)), ("Status", text("Enabled"))];
    let mut rule = vec![
        Argument::Value("id", text(id)),
        Argument::Value("status", text("Enabled")),
        Argument::Block("filter", Vec::new()),
    ];
    if uploads {
        let name = "AbortIncompleteMultipartUpload";
        json.push((name, after("DaysAfterInitiation", 7)));
        template.push((name, after("DaysAfterInitiation", 7)));
        rule.push(Argument::Block(
            "abort_incomplete_multipart_upload",
            vec![Argument::Value("days_after_initiation", New::Number(7))],
        ));
    }
    if versions {
        let name = "NoncurrentVersionExpiration";
        json.push((name, after("NoncurrentDays", 90)));
        template.push((name, after("NoncurrentDays", 90)));
        rule.push(Argument::Block(
            "noncurrent_version_expiration",
            vec![Argument::Value("noncurrent_days", New::Number(90))],
        ));
    }
    Shape {
        what: words.into(),
        bucket_file: "bucket-lifecycle-configuration.json",
        account_file: None,
        json: New::one("Rules", New::List(vec![object(&json)])),
        property: "LifecycleConfiguration",
        template: New::one("Rules", New::List(vec![object(&template)])),
        resource: "aws_s3_bucket_lifecycle_configuration",
        arguments: vec![Argument::Block("rule", rule)],
        needs_input: false,
        is_one_of_many: true,
    }
}
