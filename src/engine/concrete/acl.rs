use super::decision::{Element, Outcome, Question, Refusal, Step, Trace};
use super::identity::{Belongs, Identity, Owner};
use super::ownership::{Acls, acls};
use super::side::{Side, cut, spared};
use crate::engine::{Blocks, BucketScope, Caller, DocumentKind, Options};
use crate::iam::{Action, CanonicalId};
use crate::model::{Acl, AclGrant, AclGrantee, AclPermission, Setting};
use crate::source::UnknownReason;

/// A request as ACLs see it.
#[derive(Clone, Copy)]
pub(super) struct AclRequest<'a> {
    /// Who asks.
    pub(super) identity: &'a Identity<'a>,
    /// The action.
    pub(super) action: &'static Action,
    /// The object's key; none for the bucket itself.
    pub(super) object: Option<&'a str>,
    /// Who owns the bucket.
    pub(super) owner: &'a Owner,
    /// The bucket.
    pub(super) scope: &'a BucketScope<'a>,
    /// Whether S3 calls the bucket policy public.
    pub(super) policy_is_public: bool,
    /// Block Public Access as it is in force.
    pub(super) blocks: &'a Blocks,
    /// Readings of what AWS does not document.
    pub(super) options: &'a Options,
}

/// The ACL that speaks of an action, and the permission that the action takes.
#[derive(Clone, Copy)]
struct Wanted {
    document: DocumentKind,
    permission: AclPermission,
}

/// What the ACLs of the bucket and of the object give.
///
/// Source: Amazon S3 User Guide, "Access control list (ACL) overview" [ACL-01…15], [EVAL-18].
pub(super) fn acl_side(request: AclRequest<'_>, trace: &mut Trace) -> Side {
    let Some(wanted) = wanted(request.action.name, request.object.is_some()) else {
        return Side::No(None);
    };
    let Some(setting) = acl_of(wanted.document, request) else {
        return Side::No(None);
    };
    match setting {
        Setting::Absent => Side::No(None),
        Setting::Unknown(unknown) => match unknown.reason {
            UnknownReason::NotInInput => Side::No(None),
            UnknownReason::Refused(_)
            | UnknownReason::Unreadable
            | UnknownReason::Undecided
            | UnknownReason::Invalid
            | UnknownReason::NotDeployed(_) => {
                if acls(request.scope) == Acls::Off {
                    return Side::No(None);
                }
                let step = Step::from(Question::Document(unknown.clone()));
                Side::Unknown(trace.push(Step {
                    document: Some(wanted.document),
                    ..step
                }))
            }
        },
        Setting::Set(acl) => {
            let acl = &acl.value;
            let mut side = Side::No(None);
            for (index, grant) in acl.grants.iter().enumerate() {
                side = side.or(one_grant(index, grant, acl, wanted, request, trace));
            }
            match side {
                Side::Yes(_) => side,
                Side::No(_) | Side::Unknown(_) => side.or(owner_side(acl, wanted, request, trace)),
            }
        }
    }
}

/// Which ACL speaks of an action, and what it takes [ACL-10…14].
fn wanted(action: &str, on_object: bool) -> Option<Wanted> {
    let (document, permission) = match (action, on_object) {
        ("s3:ListBucket" | "s3:ListBucketVersions" | "s3:ListBucketMultipartUploads", false) => {
            (DocumentKind::BucketAcl, AclPermission::Read)
        }
        ("s3:GetBucketAcl", false) => (DocumentKind::BucketAcl, AclPermission::ReadAcp),
        ("s3:PutBucketAcl", false) => (DocumentKind::BucketAcl, AclPermission::WriteAcp),
        ("s3:PutObject" | "s3:DeleteObjectVersion", true) => (DocumentKind::BucketAcl, AclPermission::Write),
        ("s3:GetObject" | "s3:GetObjectVersion", true) => (DocumentKind::ObjectAcl, AclPermission::Read),
        ("s3:GetObjectAcl" | "s3:GetObjectVersionAcl", true) => (DocumentKind::ObjectAcl, AclPermission::ReadAcp),
        ("s3:PutObjectAcl" | "s3:PutObjectVersionAcl", true) => (DocumentKind::ObjectAcl, AclPermission::WriteAcp),
        (_, _) => return None,
    };
    Some(Wanted { document, permission })
}

fn acl_of<'a>(document: DocumentKind, request: AclRequest<'a>) -> Option<&'a Setting<Acl>> {
    let bucket = request.scope.bucket;
    if document == DocumentKind::BucketAcl {
        return Some(&bucket.acl);
    }
    let key = request.object?;
    bucket
        .objects
        .iter()
        .find(|object| *object.key == *key)
        .map(|object| &object.acl)
}

fn one_grant(
    index: usize,
    grant: &AclGrant,
    acl: &Acl,
    wanted: Wanted,
    request: AclRequest<'_>,
    trace: &mut Trace,
) -> Side {
    let permits = (grant.permission == wanted.permission || grant.permission == AclPermission::FullControl)
        && may_write(&grant.grantee, request);
    let (outcome, side): (Outcome, fn(usize) -> Side) = match (covers(&grant.grantee, request.identity), permits) {
        (Belongs::No, _) => (Outcome::Differs(Element::Principal), |_| Side::No(None)),
        (Belongs::Yes | Belongs::Unknown, false) => (Outcome::Differs(Element::Action), |_| Side::No(None)),
        (Belongs::Unknown, true) => (Outcome::Open(Question::Grantee), Side::Unknown),
        // [ACL-07]
        (Belongs::Yes, true) if names_account(&grant.grantee) => (Outcome::Delegates, Side::Yes),
        (Belongs::Yes, true) => (Outcome::Allows, Side::Yes),
    };
    let step = trace.push(Step {
        index: u32::try_from(index).ok(),
        span: Some(grant.span),
        ..Step::about(wanted.document, outcome)
    });
    let ignorable = is_ignorable(&grant.grantee, acl, request.options);
    in_force(side(step), ignorable, acl, request, trace)
}

/// An object's owner has full control of it, granted or not [ACL-08].
fn owner_side(acl: &Acl, wanted: Wanted, request: AclRequest<'_>, trace: &mut Trace) -> Side {
    let owner = acl
        .owner
        .as_ref()
        .filter(|_| wanted.document == DocumentKind::ObjectAcl);
    let Some(owner) = owner.filter(|owner| is_canonical(owner, request.identity)) else {
        return Side::No(None);
    };
    let step = trace.push(Step::about(wanted.document, Outcome::Delegates));
    let ignorable = owner.is_anonymous() && request.options.doubts.ignored_acl_drops_anonymous_id;
    in_force(Side::Yes(step), ignorable, acl, request, trace)
}

/// What is left of a grant under Block Public Access and Object Ownership.
fn in_force(side: Side, ignorable: bool, acl: &Acl, request: AclRequest<'_>, trace: &mut Trace) -> Side {
    let mut side = side;
    if ignorable {
        side = cut(
            side,
            "IgnorePublicAcls",
            &request.blocks.ignore_public_acls,
            Belongs::No,
            trace,
        );
    }
    // [BPA-13]: by default the setting concerns policies only.
    if request.options.doubts.restricted_bucket_cuts_acls && (request.policy_is_public || acl.is_public()) {
        let spared = spared(request.identity.caller, request.identity.belongs_to(request.owner));
        side = cut(
            side,
            "RestrictPublicBuckets",
            &request.blocks.restrict_public_buckets,
            spared,
            trace,
        );
    }
    match (side, acls(request.scope)) {
        (Side::No(_), _) | (_, Acls::On) => side,
        (Side::Yes(_) | Side::Unknown(_), Acls::Off) => Side::No(Some(trace.push(Refusal::AclsOff.into()))),
        (Side::Yes(_) | Side::Unknown(_), Acls::Unknown(unknown)) => {
            Side::Unknown(trace.push(Question::Setting("Object Ownership", unknown).into()))
        }
    }
}

/// Whether IgnorePublicAcls takes a grant away: the two global groups [BPA-02]; the rest by the doubts
/// [BPA-12], [ACL-08].
fn is_ignorable(grantee: &AclGrantee, acl: &Acl, options: &Options) -> bool {
    let doubts = options.doubts;
    let with_the_rest = doubts.ignored_acl_drops_named_grants && acl.is_public();
    match grantee {
        AclGrantee::AllUsers | AclGrantee::AuthenticatedUsers => true,
        AclGrantee::Canonical(id) => with_the_rest || doubts.ignored_acl_drops_anonymous_id && id.is_anonymous(),
        AclGrantee::LogDelivery | AclGrantee::Email(_) | AclGrantee::OtherGroup(_) => with_the_rest,
    }
}

/// Whether a grantee of an ACL covers a caller [ACL-02…08].
fn covers(grantee: &AclGrantee, identity: &Identity<'_>) -> Belongs {
    let yes = match (grantee, identity.caller) {
        (AclGrantee::AllUsers, _) => true,
        // [ACL-04]: signed requests of AWS accounts; a service has none.
        (
            AclGrantee::AuthenticatedUsers,
            Caller::Aws(_) | Caller::Canonical(_) | Caller::UniqueId(_) | Caller::OriginAccessIdentity(_),
        ) => true,
        (AclGrantee::AuthenticatedUsers, Caller::Anonymous | Caller::Service(_) | Caller::Federated(_)) => false,
        (AclGrantee::LogDelivery, caller) => is_service(caller, LOG_DELIVERY),
        (AclGrantee::Canonical(id), _) => is_canonical(id, identity),
        // Only AWS can tell whose address it is.
        (AclGrantee::Email(_), Caller::Aws(_) | Caller::Canonical(_) | Caller::UniqueId(_)) => return Belongs::Unknown,
        (
            AclGrantee::Email(_),
            Caller::Anonymous | Caller::Service(_) | Caller::OriginAccessIdentity(_) | Caller::Federated(_),
        ) => false,
        // [ACL-05]
        (AclGrantee::OtherGroup(_), _) => return Belongs::Unknown,
    };
    if yes { Belongs::Yes } else { Belongs::No }
}

/// Whether the caller is, or belongs to, the account of this canonical id [ACL-08], [ACL-28].
fn is_canonical(id: &CanonicalId, identity: &Identity<'_>) -> bool {
    let anonymous = id.is_anonymous() && *identity.caller == Caller::Anonymous;
    let log_files = id.as_str() == AWS_LOGS_DELIVERY && is_service(identity.caller, DELIVERY_LOGS);
    anonymous || log_files || identity.canonical.as_ref() == Some(id)
}

fn is_service(caller: &Caller, name: &str) -> bool {
    match caller {
        Caller::Service(own) => **own == *name,
        Caller::Anonymous
        | Caller::Aws(_)
        | Caller::Canonical(_)
        | Caller::UniqueId(_)
        | Caller::OriginAccessIdentity(_)
        | Caller::Federated(_) => false,
    }
}

fn names_account(grantee: &AclGrantee) -> bool {
    match grantee {
        AclGrantee::Canonical(id) => !id.is_anonymous(),
        AclGrantee::AllUsers
        | AclGrantee::AuthenticatedUsers
        | AclGrantee::LogDelivery
        | AclGrantee::Email(_)
        | AclGrantee::OtherGroup(_) => false,
    }
}

/// Of the actions behind a bucket's `WRITE`, deleting versions takes that the grantee is the bucket's owner [ACL-11].
fn may_write(grantee: &AclGrantee, request: AclRequest<'_>) -> bool {
    match grantee {
        AclGrantee::Canonical(id) if Some(id) == request.owner.canonical.as_ref() => true,
        AclGrantee::AllUsers
        | AclGrantee::AuthenticatedUsers
        | AclGrantee::LogDelivery
        | AclGrantee::Canonical(_)
        | AclGrantee::Email(_)
        | AclGrantee::OtherGroup(_) => request.action.name != "s3:DeleteObjectVersion",
    }
}

/// The service behind the group LogDelivery [INV-01].
const LOG_DELIVERY: &str = "logging.s3.amazonaws.com";

/// The service behind [`AWS_LOGS_DELIVERY`].
const DELIVERY_LOGS: &str = "delivery.logs.amazonaws.com";

/// Canonical id of CloudFront's standard logging; the value is unverified [ACL-28].
const AWS_LOGS_DELIVERY: &str = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";
