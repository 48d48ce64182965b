//! Which resources matter, and which of their attributes.

/// The attributes and blocks of a kind of resource that matter; none for a kind that does not.
pub(super) fn wanted(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "aws_s3_bucket" => &[
            "bucket",
            "bucket_prefix",
            "acl",
            "grant",
            "policy",
            "versioning",
            "logging",
            "website",
            "server_side_encryption_configuration",
            "lifecycle_rule",
            "object_lock_enabled",
            "object_lock_configuration",
            "request_payer",
            "region",
            "tags",
        ],
        "aws_s3_bucket_policy" => &["bucket", "policy"],
        "aws_s3_bucket_acl" => &["bucket", "acl", "access_control_policy"],
        "aws_s3_bucket_public_access_block" => &[
            "bucket",
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        ],
        "aws_s3_account_public_access_block" => &[
            "account_id",
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        ],
        "aws_s3_bucket_ownership_controls" => &["bucket", "rule"],
        "aws_s3_bucket_request_payment_configuration" => &["bucket", "payer"],
        "aws_s3_bucket_website_configuration" => &["bucket"],
        "aws_s3_bucket_versioning" => &["bucket", "versioning_configuration"],
        "aws_s3_bucket_logging" => &["bucket", "target_bucket"],
        "aws_s3_bucket_server_side_encryption_configuration" => &["bucket", "rule"],
        "aws_s3_bucket_lifecycle_configuration" => &["bucket", "rule"],
        "aws_s3_bucket_object_lock_configuration" => &["bucket", "object_lock_enabled"],
        "aws_s3_object" | "aws_s3_bucket_object" => &["bucket", "key", "acl"],
        "aws_s3_object_copy" => &["bucket", "key", "acl", "grant"],
        "aws_s3_access_point" => &[
            "name",
            "bucket",
            "account_id",
            "bucket_account_id",
            "policy",
            "public_access_block_configuration",
            "vpc_configuration",
        ],
        "aws_s3control_access_point_policy" => &["access_point_arn", "policy"],
        "aws_iam_role" => &["name", "name_prefix", "path", "assume_role_policy", "tags"],
        "aws_organizations_policy" => &["id", "name", "type", "content"],
        "aws_organizations_policy_attachment" => &["policy_id", "target_id"],
        _ => return None,
    })
}

/// Kinds of resources that give access and are not judged yet: what they are.
pub(super) fn not_audited(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "aws_s3control_multi_region_access_point" | "aws_s3control_multi_region_access_point_policy" => {
            "a multi-Region access point"
        }
        "aws_s3control_object_lambda_access_point" | "aws_s3control_object_lambda_access_point_policy" => {
            "an Object Lambda access point"
        }
        "aws_s3control_bucket_policy" => "a bucket policy of S3 on Outposts",
        "aws_s3control_access_grant" | "aws_s3control_access_grants_instance_resource_policy" => "an S3 Access Grant",
        "aws_s3_directory_bucket" => "a directory bucket",
        "awscc_s3_bucket" | "awscc_s3_bucket_policy" | "awscc_s3_access_point" | "awscc_iam_role" => {
            "a resource of the provider awscc"
        }
        _ => return None,
    })
}
