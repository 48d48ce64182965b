use crate::iam::CanonicalId;
use crate::model::{Acl, AclGrant, AclGrantee, AclPermission, CannedAcl, Setting};
use crate::source::Span;

/// The grants to others that a predefined ACL makes on a bucket [ACL-20…27].
pub(super) fn canned_acl(canned: CannedAcl, span: Span) -> Setting<Acl> {
    use AclPermission::{Read, ReadAcp, Write};
    let grants: &[(AclGrantee, AclPermission)] = &match canned {
        // The two of the bucket owner do nothing on a bucket [ACL-25], [ACL-26].
        CannedAcl::Private | CannedAcl::BucketOwnerRead | CannedAcl::BucketOwnerFullControl => vec![],
        CannedAcl::PublicRead => vec![(AclGrantee::AllUsers, Read)],
        CannedAcl::PublicReadWrite => vec![(AclGrantee::AllUsers, Read), (AclGrantee::AllUsers, Write)],
        CannedAcl::AuthenticatedRead => vec![(AclGrantee::AuthenticatedUsers, Read)],
        CannedAcl::AwsExecRead => vec![(AclGrantee::Canonical(CanonicalId::new(EC2)), Read)],
        CannedAcl::LogDeliveryWrite => vec![(AclGrantee::LogDelivery, Write), (AclGrantee::LogDelivery, ReadAcp)],
    };
    made_of(grants, span)
}

/// The grants to others that a predefined ACL makes on an object of the bucket's owner.
pub(in crate::ingest) fn object_acl(canned: CannedAcl, span: Span) -> Setting<Acl> {
    match canned {
        // On an object WRITE means nothing, and logs are delivered to buckets [ACL-11], [ACL-27].
        CannedAcl::PublicReadWrite => canned_acl(CannedAcl::PublicRead, span),
        CannedAcl::LogDeliveryWrite => canned_acl(CannedAcl::Private, span),
        CannedAcl::Private
        | CannedAcl::PublicRead
        | CannedAcl::AuthenticatedRead
        | CannedAcl::AwsExecRead
        | CannedAcl::BucketOwnerRead
        | CannedAcl::BucketOwnerFullControl => canned_acl(canned, span),
    }
}

fn made_of(grants: &[(AclGrantee, AclPermission)], span: Span) -> Setting<Acl> {
    let grant = |(grantee, permission): &(AclGrantee, AclPermission)| AclGrant {
        grantee: grantee.clone(),
        permission: *permission,
        span,
    };
    let acl = Acl {
        owner: None,
        grants: grants.iter().map(grant).collect(),
    };
    Setting::set(acl, span)
}

/// The canonical id by which EC2 reads bundles of images [ACL-24].
const EC2: &str = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";
