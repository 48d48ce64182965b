use std::collections::BTreeMap;

use super::{Acl, Setting, When};
use crate::iam::{AccountId, CanonicalId, Partition, PolicyDocument, Timestamp};
use crate::source::Span;

/// Tags by key.
pub type Tags = BTreeMap<Box<str>, Box<str>>;

/// One bucket with everything that decides who reaches it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: Box<str>,
    /// The account that owns it, where the input tells.
    pub account: Option<AccountId>,
    /// Canonical id of the owner, where the input tells.
    pub owner: Option<CanonicalId>,
    /// Its partition.
    pub partition: Partition,
    /// Its Region, where the input tells.
    pub region: Option<Box<str>>,
    /// When it was created, where the input tells.
    pub created: Option<Timestamp>,
    /// Its policy.
    pub policy: Setting<PolicyDocument>,
    /// What S3 itself said about the policy being public [STAT-01].
    pub policy_status: Setting<bool>,
    /// Its ACL.
    pub acl: Setting<Acl>,
    /// Its own Block Public Access setting.
    pub public_access_block: Setting<PublicAccessBlock>,
    /// Its Object Ownership.
    pub ownership: Setting<ObjectOwnership>,
    /// Who pays for requests.
    pub request_payment: Setting<Payer>,
    /// Its tags.
    pub tags: Setting<Tags>,
    /// Whether its tags take part in authorization [CTX-27].
    pub abac: Setting<bool>,
    /// Its versioning.
    pub versioning: Setting<Versioning>,
    /// Its default encryption.
    pub encryption: Setting<Encryption>,
    /// What its lifecycle rules do.
    pub lifecycle: Setting<Lifecycle>,
    /// The bucket its access logs go to.
    pub logging: Setting<Box<str>>,
    /// Whether Object Lock is on.
    pub object_lock: Setting<bool>,
    /// Whether it is served as a website.
    pub website: Setting<bool>,
    /// ACLs of single objects, by key.
    pub objects: Vec<ObjectAcl>,
    /// The outcomes of unknown tests under which it is as it is.
    pub when: Vec<When>,
    /// Where it was found.
    pub span: Span,
}

/// The ACL of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectAcl {
    /// The object's key.
    pub key: Box<str>,
    /// Its ACL.
    pub acl: Setting<Acl>,
    /// Where it was found.
    pub span: Span,
}

/// The four Block Public Access settings of one level [BPA-01…04].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicAccessBlock {
    /// `BlockPublicAcls`: new public ACLs are refused [BPA-01].
    pub block_public_acls: bool,
    /// `IgnorePublicAcls`: public ACLs have no effect [BPA-02].
    pub ignore_public_acls: bool,
    /// `BlockPublicPolicy`: new public policies are refused [BPA-03].
    pub block_public_policy: bool,
    /// `RestrictPublicBuckets`: a public policy reaches only the own account and services [BPA-04].
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// All four on.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// Who owns new objects, and whether ACLs take part at all [OWN-01…03].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectOwnership {
    /// ACLs are off.
    BucketOwnerEnforced,
    /// ACLs are on; the bucket owner can be made the owner.
    BucketOwnerPreferred,
    /// ACLs are on; the writer owns.
    ObjectWriter,
}

/// Who pays for requests [WEB-03].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payer {
    /// The bucket's owner.
    BucketOwner,
    /// The requester, who therefore cannot be anonymous.
    Requester,
}

/// Versioning of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versioning {
    /// Whether new versions are kept.
    pub enabled: bool,
    /// Whether deleting a version needs MFA.
    pub mfa_delete: bool,
}

/// What the lifecycle rules of a bucket do that are on and narrowed to no part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Whether noncurrent versions expire.
    pub expires_noncurrent_versions: bool,
    /// Whether multipart uploads that nobody finished are ended.
    pub aborts_incomplete_uploads: bool,
}

/// Default encryption of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: Box<str>,
    /// The KMS key, where one is named.
    pub key: Option<Box<str>>,
}

/// One access point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessPoint {
    /// Its name.
    pub name: Box<str>,
    /// The account that owns the access point.
    pub account: Option<AccountId>,
    /// Its Region, where the input tells.
    pub region: Option<Box<str>>,
    /// Its partition.
    pub partition: Partition,
    /// The bucket behind it.
    pub bucket: Box<str>,
    /// The account that owns the bucket, where the input tells.
    pub bucket_account: Option<AccountId>,
    /// From where it takes requests.
    pub origin: NetworkOrigin,
    /// Its policy.
    pub policy: Setting<PolicyDocument>,
    /// Its own Block Public Access setting; absent means all four on [AP-05].
    pub public_access_block: Setting<PublicAccessBlock>,
    /// The outcomes of unknown tests under which it is as it is.
    pub when: Vec<When>,
    /// Where it was found.
    pub span: Span,
}

/// From where an access point takes requests [AP-04].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NetworkOrigin {
    /// From anywhere.
    #[default]
    Internet,
    /// Only through this VPC.
    Vpc(Option<Box<str>>),
}

impl Bucket {
    /// The bucket's ARN.
    pub fn arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.name)
    }
}

impl AccessPoint {
    /// The access point's ARN; an unknown Region or account is left empty.
    pub fn arn(&self) -> String {
        let region = self.region.as_deref().unwrap_or_default();
        let account = self.account.map(|id| id.to_string()).unwrap_or_default();
        format!("arn:{}:s3:{region}:{account}:accesspoint/{}", self.partition, self.name)
    }
}

impl ObjectOwnership {
    /// The ownership of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "BucketOwnerEnforced" => Some(Self::BucketOwnerEnforced),
            "BucketOwnerPreferred" => Some(Self::BucketOwnerPreferred),
            "ObjectWriter" => Some(Self::ObjectWriter),
            _ => None,
        }
    }

    /// AWS's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }
}
