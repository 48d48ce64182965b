use crate::iam::AccountId;
use crate::ingest::request::Deployment;
use crate::model::{
    AccessPoint, Acl, CannedAcl, Encryption, Lifecycle, ObjectOwnership, Organization, Payer, PublicAccessBlock, Role,
    Setting, Tags, Versioning, When,
};
use crate::source::{Node, Placeholders, Span};

/// One resource of a template, or a part of one.
#[derive(Clone, Debug)]
pub(in crate::ingest) struct Declared {
    /// How the template calls it: a logical id, or an address such as `module.logs.aws_s3_bucket.this["eu"]`.
    pub address: Box<str>,
    /// What it is.
    pub what: What,
    /// The outcomes of unknown tests under which it is as it is; empty where it always is.
    pub when: Vec<When>,
    /// Where it is declared.
    pub span: Span,
}

/// What a resource declares.
#[derive(Clone, Debug)]
pub(in crate::ingest) enum What {
    /// A bucket of this name, which may be a placeholder of its address.
    Bucket {
        name: Box<str>,
        /// The Region, where it is known.
        region: Option<Box<str>>,
        /// Whether deployment makes it: where it is there already, nobody knows by which defaults it was made [OWN-08].
        is_new: bool,
    },
    /// Something that belongs to the bucket of this name.
    OfBucket { bucket: Box<str>, piece: Piece },
    /// An access point, with its policy if that is declared in the same place.
    AccessPoint(AccessPoint),
    /// The policy of the access point of this ARN or name.
    AccessPointPolicy { point: Box<str>, policy: Node },
    /// A role.
    Role(Role),
    /// The account's own Block Public Access setting.
    AccountBlock(Setting<PublicAccessBlock>),
    /// A policy of the organization.
    Organization(Organization),
}

/// What a bucket is given, as the template writes it.
#[derive(Clone, Debug)]
pub(in crate::ingest) enum Piece {
    /// A policy: an object, a text that holds one, or a placeholder.
    Policy(Node),
    /// A predefined ACL.
    Canned(CannedAcl),
    /// An ACL with its grants.
    Acl(Setting<Acl>),
    Block(Setting<PublicAccessBlock>),
    Ownership(Setting<ObjectOwnership>),
    RequestPayment(Setting<Payer>),
    Tags(Setting<Tags>),
    Versioning(Setting<Versioning>),
    Encryption(Setting<Encryption>),
    Lifecycle(Setting<Lifecycle>),
    Logging(Setting<Box<str>>),
    ObjectLock(Setting<bool>),
    Website(Setting<bool>),
    /// An object with its ACL.
    Object {
        key: Box<str>,
        acl: Setting<Acl>,
    },
}

/// What holds where a template is silent.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Defaults {
    /// The account that the template is deployed in.
    pub account: AccountId,
    /// Whether new buckets have no blocks and take ACLs, as before April 2023 [OWN-08].
    pub legacy: bool,
}

impl Defaults {
    /// What holds in a deployment; an account that is not known is a placeholder.
    pub fn of(deployment: &Deployment, names: &mut Placeholders) -> Self {
        let unknown = || AccountId::from_placeholder(names.add_identity(OWN_ACCOUNT, Span::default()));
        Self {
            account: deployment.account.unwrap_or_else(unknown),
            legacy: deployment.legacy_defaults,
        }
    }
}

impl What {
    /// Something that belongs to a bucket.
    pub fn of_bucket(bucket: &str, piece: Piece) -> Self {
        Self::OfBucket {
            bucket: bucket.into(),
            piece,
        }
    }
}

/// What the account that a template is deployed in is called where it is not known.
const OWN_ACCOUNT: &str = "account";
