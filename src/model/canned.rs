use super::{Acl, AclGrant, AclGrantee, AclPermission, CannedAcl};
use crate::iam::CanonicalId;
use crate::source::Span;

impl CannedAcl {
    /// The grants to others that it makes on a bucket [ACL-20…27].
    pub fn on_bucket(self, span: Span) -> Acl {
        use AclPermission::{Read, ReadAcp, Write};
        let grants: &[(AclGrantee, AclPermission)] = &match self {
            // The two of the bucket owner do nothing on a bucket [ACL-25], [ACL-26].
            Self::Private | Self::BucketOwnerRead | Self::BucketOwnerFullControl => vec![],
            Self::PublicRead => vec![(AclGrantee::AllUsers, Read)],
            Self::PublicReadWrite => vec![(AclGrantee::AllUsers, Read), (AclGrantee::AllUsers, Write)],
            Self::AuthenticatedRead => vec![(AclGrantee::AuthenticatedUsers, Read)],
            Self::AwsExecRead => vec![(AclGrantee::Canonical(CanonicalId::new(EC2)), Read)],
            Self::LogDeliveryWrite => vec![(AclGrantee::LogDelivery, Write), (AclGrantee::LogDelivery, ReadAcp)],
        };
        made_of(grants, span)
    }

    /// The grants to others that it makes on an object of the bucket's owner.
    pub fn on_object(self, span: Span) -> Acl {
        match self {
            // On an object WRITE means nothing, and logs are delivered to buckets [ACL-11], [ACL-27].
            Self::PublicReadWrite => Self::PublicRead.on_bucket(span),
            Self::LogDeliveryWrite => Self::Private.on_bucket(span),
            Self::Private
            | Self::PublicRead
            | Self::AuthenticatedRead
            | Self::AwsExecRead
            | Self::BucketOwnerRead
            | Self::BucketOwnerFullControl => self.on_bucket(span),
        }
    }
}

fn made_of(grants: &[(AclGrantee, AclPermission)], span: Span) -> Acl {
    let grant = |(grantee, permission): &(AclGrantee, AclPermission)| AclGrant {
        grantee: grantee.clone(),
        permission: *permission,
        span,
    };
    Acl {
        owner: None,
        grants: grants.iter().map(grant).collect(),
    }
}

/// The canonical id by which EC2 reads bundles of images [ACL-24].
const EC2: &str = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";
