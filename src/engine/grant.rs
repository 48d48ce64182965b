use std::fmt;

use super::Request;
use crate::iam::{AccountId, ActionId, CanonicalId, Level, Plane, action};
use crate::model::When;
use crate::source::Span;

/// What the documents of one resource grant together.
#[derive(Clone, Debug)]
pub struct ResourceAccess {
    /// The resource.
    pub resource: Resource,
    /// Its state in the words of the S3 console and of Macie.
    pub status: Status,
    /// The grants, widest grantee first.
    pub grants: Vec<Grant>,
    /// What could not be decided.
    pub indeterminate: Vec<Indeterminate>,
}

/// A resource under audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceKind,
    /// Its ARN.
    pub arn: String,
    /// Its name; for an object its key.
    pub name: String,
    /// The account that owns it, where that is known.
    pub account: Option<AccountId>,
    /// The outcomes of tests not known before deployment under which it is as it is judged here.
    pub when: Vec<When>,
    /// Where it was found.
    pub span: Span,
}

/// A kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A bucket.
    Bucket,
    /// An access point.
    AccessPoint,
    /// An object with an ACL of its own.
    Object,
    /// A role.
    Role,
}

/// State of a resource in the words of the S3 console and of Macie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether S3 calls the policy public [PUB-02]; none where there is no such policy to ask about or it is unknown.
    pub policy_public: Option<bool>,
    /// Whether S3 calls the ACL public [PUB-01].
    pub acl_public: Option<bool>,
    /// The label of the S3 console [CON-01…05]; none for anything but buckets and where it is unknown.
    pub console: Option<ConsoleLabel>,
    /// With whom it is shared [MAC-04].
    pub sharing: Sharing,
}

/// Label of the S3 console [CON-01…05].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsoleLabel {
    /// `Public`
    Public,
    /// `Only authorized users of this account`
    OnlyAuthorizedUsers,
    /// `Objects can be public`
    ObjectsCanBePublic,
    /// `Bucket and objects not public`
    NotPublic,
    /// `Error`: AWS refused to tell a setting.
    Error,
}

/// With whom a resource is shared, widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sharing {
    /// Open to anonymous or to any AWS account.
    Public,
    /// Reached from outside the zone of trust.
    External,
    /// What would tell is not known.
    Unknown,
    /// Shared with other accounts inside the zone of trust.
    Internal,
    /// Shared with no other account.
    NotShared,
}

/// One grantee × actions × resources × conditions that the documents of a resource together allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// To whom.
    pub grantee: Grantee,
    /// Whether a request would succeed, as far as resource-side documents decide.
    pub effect: GrantEffect,
    /// What stops a blocked grant: level and setting, such as `bucket:RestrictPublicBuckets`.
    pub blocked_by: Vec<String>,
    /// Whether some of the grantees lie outside the zone of trust.
    pub outside_zone: bool,
    /// Whether a stranger has all of it [OPEN-01].
    pub open: bool,
    /// The named values without which the grant would be refused [OPEN-12].
    pub confined_by: Vec<Confinement>,
    /// The actions.
    pub actions: Vec<ActionId>,
    /// Patterns of the resources, as ARNs.
    pub resources: Vec<String>,
    /// Conditions that remain, all of which must hold.
    pub conditions: Vec<Residual>,
    /// Values that were not known and what was assumed of them.
    pub assumed: Vec<Assumption>,
    /// The statements and ACL grants that allow it.
    pub sources: Vec<GrantSource>,
    /// A request that shows the grant to be real.
    pub witness: Request,
}

/// A class of principals that a grant goes to, widest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grantee {
    /// Everyone, without credentials.
    Anonymous,
    /// Any principal of any AWS account.
    AnyAwsAccount,
    /// Any principal of any account of an organization.
    Organization(Box<str>),
    /// A service acting for any customer; none for any service.
    Service(Option<Box<str>>),
    /// The identities of a provider.
    Federated(Box<str>),
    /// An account: whatever it lets its principals do.
    Account(AccountId),
    /// An account known by its canonical id.
    CanonicalUser(CanonicalId),
    /// One principal, by ARN or unique id.
    Principal(Box<str>),
    /// A CloudFront origin access identity, by its id.
    CloudFrontOai(Box<str>),
    /// Somebody that the input does not tell.
    Unknown(Box<str>),
}

/// Whether requests under a grant succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantEffect {
    /// They do.
    Effective,
    /// Only Block Public Access, Object Ownership or the like stops them.
    Blocked,
    /// The document allows them, S3 never does [S3A-23].
    Ineffective,
}

/// Named values that confine a grant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confinement {
    /// What kind of thing they name.
    pub kind: ConfinementKind,
    /// The context key, as documented.
    pub key: String,
    /// The values.
    pub values: Vec<String>,
}

/// What a confining value names [OPEN-12].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfinementKind {
    /// A VPC, an endpoint, an address range.
    Network,
    /// An organization.
    Organization,
    /// An account or a principal of it.
    Account,
    /// An access point.
    AccessPoint,
    /// The resource or account for which a service acts.
    Source,
    /// An external id.
    ExternalId,
    /// A subject, audience or other claim of a provider.
    Subject,
}

/// A condition that remains on a grant, in IAM's own words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Residual {
    /// The operator.
    pub operator: String,
    /// The context key, as written.
    pub key: String,
    /// The values, as written.
    pub values: Vec<String>,
}

/// A value that was not known and that a grant depends on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Assumption {
    /// What is not known and what was assumed.
    pub unknown: String,
    /// Where the input shows it, if anywhere.
    pub span: Option<Span>,
}

/// A statement or ACL grant that a grant rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantSource {
    /// The document.
    pub document: DocumentKind,
    /// `Sid` of the statement.
    pub sid: Option<Box<str>>,
    /// Place in the document, from 0.
    pub index: u32,
    /// The whole statement or ACL grant.
    pub span: Span,
    /// The very element that opens the door: the principal or grantee.
    pub focus: Span,
}

/// A kind of document that grants access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// A bucket policy.
    BucketPolicy,
    /// The ACL of a bucket.
    BucketAcl,
    /// The ACL of an object.
    ObjectAcl,
    /// The policy of an access point.
    AccessPointPolicy,
    /// The trust policy of a role.
    TrustPolicy,
    /// A resource control policy, which only denies.
    ResourceControlPolicy,
}

/// A question that could not be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Indeterminate {
    /// Why.
    pub reason: String,
    /// Where the input shows it, if anywhere.
    pub span: Option<Span>,
}

impl Assumption {
    /// That a test that is not known before deployment has this outcome.
    pub fn of(when: &When) -> Self {
        let holds = if when.holds { "hold" } else { "not hold" };
        Self {
            unknown: format!("`{}` is not known before deployment: it is taken to {holds}", when.test),
            span: Some(when.span),
        }
    }

    /// Whether it is about the outcome of this test.
    pub fn is_about(&self, when: &When) -> bool {
        *self == Self::of(when)
    }
}

impl Grant {
    /// The access levels of the actions, in AWS's order, without repetition.
    pub fn levels(&self) -> Vec<Level> {
        let mut levels: Vec<Level> = self
            .actions
            .iter()
            .filter_map(|id| action(*id))
            .map(|action| action.level)
            .collect();
        levels.sort();
        levels.dedup();
        levels
    }

    /// Whether some action has this level on this plane.
    pub fn touches(&self, level: Level, plane: Plane) -> bool {
        self.actions
            .iter()
            .filter_map(|id| action(*id))
            .any(|action| action.level == level && action.plane() == plane)
    }

    /// Whether the grant is open to anonymous or to any AWS account.
    pub fn is_public(&self) -> bool {
        let wide = match self.grantee {
            Grantee::Anonymous | Grantee::AnyAwsAccount => true,
            Grantee::Organization(_)
            | Grantee::Service(_)
            | Grantee::Federated(_)
            | Grantee::Account(_)
            | Grantee::CanonicalUser(_)
            | Grantee::Principal(_)
            | Grantee::CloudFrontOai(_)
            | Grantee::Unknown(_) => false,
        };
        wide && self.open
    }
}

impl Grantee {
    /// Whether it is IAM Roles Anywhere, which needs three actions at once [TRUST-26].
    pub(super) fn is_roles_anywhere(&self) -> bool {
        matches!(self, Self::Service(Some(name)) if **name == *"rolesanywhere.amazonaws.com")
    }

    /// The kind, as the JSON contract names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::AnyAwsAccount => "any-aws-account",
            Self::Organization(_) => "organization",
            Self::Service(_) => "service",
            Self::Federated(_) => "federated",
            Self::Account(_) => "account",
            Self::CanonicalUser(_) => "canonical-user",
            Self::Principal(_) => "principal",
            Self::CloudFrontOai(_) => "cloudfront-oai",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The id, where the kind has one.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Anonymous | Self::AnyAwsAccount | Self::Service(None) => None,
            Self::Account(account) => Some(account.to_string()),
            Self::CanonicalUser(id) => Some(id.to_string()),
            Self::Service(Some(id))
            | Self::Organization(id)
            | Self::Federated(id)
            | Self::Principal(id)
            | Self::CloudFrontOai(id)
            | Self::Unknown(id) => Some(id.to_string()),
        }
    }
}

/// The grantee as a message names it.
impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anyone on the internet"),
            Self::AnyAwsAccount => f.write_str("any AWS account"),
            Self::Organization(id) => write!(f, "any account of organization {id}"),
            Self::Service(None) => f.write_str("any AWS service"),
            Self::Service(Some(name)) => write!(f, "the service {name}"),
            Self::Federated(provider) => write!(f, "any identity of {provider}"),
            Self::Account(account) => write!(f, "account {account}"),
            Self::CanonicalUser(id) => write!(f, "the account with canonical id {id}"),
            Self::Principal(arn) => f.write_str(arn),
            Self::CloudFrontOai(id) => write!(f, "CloudFront origin access identity {id}"),
            Self::Unknown(what) => f.write_str(what),
        }
    }
}

macro_rules! names {
    ($type:ident, $doc:literal, $($variant:ident => $name:literal,)*) => {
        impl $type {
            #[doc = $doc]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

names!(ResourceKind, "The name in the JSON contract.",
    Bucket => "bucket", AccessPoint => "access-point", Object => "object", Role => "role",);
names!(ConsoleLabel, "The name in the JSON contract.",
    Public => "public", OnlyAuthorizedUsers => "only-authorized-users",
    ObjectsCanBePublic => "objects-can-be-public", NotPublic => "not-public", Error => "error",);
names!(Sharing, "The name in the JSON contract.",
    Public => "public", External => "external", Unknown => "unknown", Internal => "internal", NotShared => "not-shared",);
names!(GrantEffect, "The name in the JSON contract.",
    Effective => "effective", Blocked => "blocked", Ineffective => "ineffective",);
names!(ConfinementKind, "The name in the JSON contract.",
    Network => "network", Organization => "organization", Account => "account", AccessPoint => "access-point",
    Source => "source", ExternalId => "external-id", Subject => "subject",);
names!(DocumentKind, "The name in the JSON contract.",
    BucketPolicy => "bucket-policy", BucketAcl => "bucket-acl", ObjectAcl => "object-acl",
    AccessPointPolicy => "access-point-policy", TrustPolicy => "trust-policy",
    ResourceControlPolicy => "resource-control-policy",);
