use crate::iam::{Action, find_action};

/// The actions that S3 asks for when this call is made, by the name of its event [CT-50], [CT-80].
///
/// `versioned` is whether the call names a version. Empty where no resource policy speaks of the call.
///
/// Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3", and the S3 API
/// Reference, which names the permissions of each operation.
pub(super) fn actions(name: &str, versioned: bool) -> Vec<&'static Action> {
    let action = match name {
        "HeadObject" | "SelectObjectContent" | "GetObject" if versioned => "GetObjectVersion",
        "HeadObject" | "SelectObjectContent" => "GetObject",
        "GetObjectAcl" if versioned => "GetObjectVersionAcl",
        "PutObjectAcl" if versioned => "PutObjectVersionAcl",
        "GetObjectTagging" if versioned => "GetObjectVersionTagging",
        "PutObjectTagging" if versioned => "PutObjectVersionTagging",
        "DeleteObjectTagging" if versioned => "DeleteObjectVersionTagging",
        "DeleteObject" if versioned => "DeleteObjectVersion",
        "GetObjectAttributes" if versioned => return both("GetObjectVersion", "GetObjectVersionAttributes"),
        "GetObjectAttributes" => return both("GetObject", "GetObjectAttributes"),
        "PostObject"
        | "CopyObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload" => "PutObject",
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => "ListBucket",
        "ListObjectVersions" => "ListBucketVersions",
        "ListMultipartUploads" => "ListBucketMultipartUploads",
        "ListParts" => "ListMultipartUploadParts",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" | "DeleteBucketPublicAccessBlock" => {
            "PutBucketPublicAccessBlock"
        }
        "DeleteBucketOwnershipControls" => "PutBucketOwnershipControls",
        "GetBucketLifecycle" => "GetLifecycleConfiguration",
        "PutBucketLifecycle" | "DeleteBucketLifecycle" => "PutLifecycleConfiguration",
        "GetBucketReplication" => "GetReplicationConfiguration",
        "PutBucketReplication" | "DeleteBucketReplication" => "PutReplicationConfiguration",
        "GetBucketEncryption" => "GetEncryptionConfiguration",
        "PutBucketEncryption" | "DeleteBucketEncryption" => "PutEncryptionConfiguration",
        "GetBucketCors" => "GetBucketCORS",
        "PutBucketCors" | "DeleteBucketCors" => "PutBucketCORS",
        "DeleteBucketTagging" => "PutBucketTagging",
        other => other,
    };
    find_action(&format!("s3:{action}")).into_iter().collect()
}

fn both(first: &str, second: &str) -> Vec<&'static Action> {
    let found = [first, second].map(|name| find_action(&format!("s3:{name}")));
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_ask_for_the_permissions_of_their_operation() {
        let check = |name: &str, versioned: bool, expected: &[&str]| {
            let names: Vec<&str> = actions(name, versioned).iter().map(|action| action.name).collect();
            assert_eq!(names, expected, "{name} {versioned}");
        };
        check("GetObject", false, &["s3:GetObject"]);
        check("GetObject", true, &["s3:GetObjectVersion"]);
        check("ListObjects", false, &["s3:ListBucket"]);
        check("UploadPart", false, &["s3:PutObject"]);
        check(
            "DeleteBucketPublicAccessBlock",
            false,
            &["s3:PutBucketPublicAccessBlock"],
        );
        check("PutBucketReplication", false, &["s3:PutReplicationConfiguration"]);
        check("PutBucketPolicy", false, &["s3:PutBucketPolicy"]);
        check(
            "GetObjectAttributes",
            false,
            &["s3:GetObject", "s3:GetObjectAttributes"],
        );
        check("NoSuchCall", false, &[]);
    }
}
