use crate::iam::CanonicalId;
use crate::source::Span;

/// An access control list: owner and grants [ACL-01].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acl {
    /// The owner, where the input names it.
    pub owner: Option<CanonicalId>,
    /// The grants, in order.
    pub grants: Vec<AclGrant>,
}

/// One grant of an ACL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclGrant {
    /// To whom.
    pub grantee: AclGrantee,
    /// What.
    pub permission: AclPermission,
    /// Where it was written.
    pub span: Span,
}

/// Whom an ACL can name [ACL-02].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AclGrantee {
    /// Everyone, anonymous included [ACL-03].
    AllUsers,
    /// Any AWS account's signed requests [ACL-04].
    AuthenticatedUsers,
    /// S3's own delivery of access logs [ACL-05].
    LogDelivery,
    /// An account, by its canonical id.
    Canonical(CanonicalId),
    /// An account, by an e-mail address that only AWS can resolve.
    Email(Box<str>),
    /// A group that is not documented [ACL-05], [ACL-06].
    OtherGroup(Box<str>),
}

/// What an ACL can give [ACL-10…14].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AclPermission {
    /// `READ`
    Read,
    /// `WRITE`
    Write,
    /// `READ_ACP`
    ReadAcp,
    /// `WRITE_ACP`
    WriteAcp,
    /// `FULL_CONTROL`
    FullControl,
}

/// A predefined ACL [ACL-20…27].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CannedAcl {
    /// `private`
    Private,
    /// `public-read`
    PublicRead,
    /// `public-read-write`
    PublicReadWrite,
    /// `authenticated-read`
    AuthenticatedRead,
    /// `aws-exec-read`
    AwsExecRead,
    /// `bucket-owner-read`
    BucketOwnerRead,
    /// `bucket-owner-full-control`
    BucketOwnerFullControl,
    /// `log-delivery-write`
    LogDeliveryWrite,
}

impl AclGrantee {
    /// The group of this URI, compared exactly [ACL-06].
    pub fn from_uri(uri: &str) -> Self {
        match uri {
            "http://acs.amazonaws.com/groups/global/AllUsers" => Self::AllUsers,
            "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" => Self::AuthenticatedUsers,
            "http://acs.amazonaws.com/groups/s3/LogDelivery" => Self::LogDelivery,
            other => Self::OtherGroup(other.into()),
        }
    }

    /// Whether a grant to it makes an ACL public in S3's sense [PUB-01].
    pub fn is_public_group(&self) -> bool {
        match self {
            Self::AllUsers | Self::AuthenticatedUsers => true,
            Self::LogDelivery | Self::Canonical(_) | Self::Email(_) | Self::OtherGroup(_) => false,
        }
    }
}

impl AclPermission {
    /// The permission of this name, as S3 (`READ_ACP`) or AWS Config (`ReadAcp`) writes it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "READ" | "Read" => Some(Self::Read),
            "WRITE" | "Write" => Some(Self::Write),
            "READ_ACP" | "ReadAcp" => Some(Self::ReadAcp),
            "WRITE_ACP" | "WriteAcp" => Some(Self::WriteAcp),
            "FULL_CONTROL" | "FullControl" => Some(Self::FullControl),
            _ => None,
        }
    }

    /// The name, as S3 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::ReadAcp => "READ_ACP",
            Self::WriteAcp => "WRITE_ACP",
            Self::FullControl => "FULL_CONTROL",
        }
    }
}

impl CannedAcl {
    /// The predefined ACL of this name, as requests (`public-read`) or CloudFormation (`PublicRead`) write it.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "private" | "Private" => Self::Private,
            "public-read" | "PublicRead" => Self::PublicRead,
            "public-read-write" | "PublicReadWrite" => Self::PublicReadWrite,
            "authenticated-read" | "AuthenticatedRead" => Self::AuthenticatedRead,
            "aws-exec-read" | "AwsExecRead" => Self::AwsExecRead,
            "bucket-owner-read" | "BucketOwnerRead" => Self::BucketOwnerRead,
            "bucket-owner-full-control" | "BucketOwnerFullControl" => Self::BucketOwnerFullControl,
            "log-delivery-write" | "LogDeliveryWrite" => Self::LogDeliveryWrite,
            _ => return None,
        })
    }
}

impl Acl {
    /// Whether S3 calls the ACL public: any grant to one of the two global groups [PUB-01].
    pub fn is_public(&self) -> bool {
        self.grants.iter().any(|grant| grant.grantee.is_public_group())
    }
}
