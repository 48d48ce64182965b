//! Which context keys a request can carry, and what their values look like: the rules of coherence, as one table.
//!
//! Source: spec/evaluation.md section 2 [CTX-01…28], spec/open.md [OPEN-03…08]. A key that is not in the table is absent
//! from every request [COND-41]. Keys that are tied to the caller (its ARN, account, organization …) are in the table for
//! their kind only; `callers` gives them their values.

use std::net::IpAddr;

use super::claims;
use crate::engine::claims::is_claim_of;
use crate::iam::{Timestamp, actions};

/// Kinds of callers, as a set of flags.
pub(super) type Kinds = u16;
pub(super) const ANONYMOUS: Kinds = 1;
pub(super) const USER: Kinds = 1 << 1;
pub(super) const ROLE: Kinds = 1 << 2;
pub(super) const ROOT: Kinds = 1 << 3;
pub(super) const FEDERATED_USER: Kinds = 1 << 4;
pub(super) const SERVICE: Kinds = 1 << 5;
/// A caller whose kind is not known: a canonical id, an origin access identity.
pub(super) const OTHER: Kinds = 1 << 6;
/// An identity of a provider, calling STS without AWS credentials.
pub(super) const WEB: Kinds = 1 << 7;
const SIGNED: Kinds = USER | ROLE | ROOT | FEDERATED_USER | OTHER;
const PEOPLE: Kinds = SIGNED | ANONYMOUS | WEB;
const ALL: Kinds = PEOPLE | SERVICE;
const NOBODY: Kinds = 0;

/// What the values of a key look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Tied to the caller; `callers` knows its values.
    Caller,
    /// Any text.
    Text,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A public address.
    PublicAddress,
    /// Any address.
    Address,
    /// A whole number from 0.
    Whole,
    /// A point in time, not in the past.
    Time,
    /// A point in time before now.
    PastTime,
    /// `vpc-…`
    Vpc,
    /// `vpce-…`
    Endpoint,
    /// ARN of a VPC.
    VpcArn,
    /// An account id.
    Account,
    /// An organization id.
    Organization,
    /// Paths in an organization.
    OrganizationPath,
    /// Tied to the source for which a service acts; `callers` knows its values.
    Source,
    /// Tied to the access point of the request; `callers` knows its values.
    AccessPoint,
    /// Constant for the resource; `callers` knows its value.
    Resource,
    /// Name of a role session or the like.
    SessionName,
}

/// What a stranger has fresh: dimensions in which a grant can be confined [OPEN-03], [OPEN-12].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Dimension {
    /// Free for any caller [OPEN-06], or given [OPEN-07].
    Free,
    /// Network origin [OPEN-08].
    Network,
    /// Access point.
    AccessPoint,
    /// Source of a service's call [OPEN-10].
    Source,
    /// External id [OPEN-15].
    ExternalId,
    /// Claims of a provider [OPEN-09].
    Subject,
    /// The caller itself: settled by its class [OPEN-01].
    Caller,
}

/// A set of dimensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Dimensions(u8);

impl Dimensions {
    /// All in which a stranger is fresh.
    pub(super) const STRANGER: Self = Self(
        1 << Dimension::Network as u8
            | 1 << Dimension::AccessPoint as u8
            | 1 << Dimension::Source as u8
            | 1 << Dimension::ExternalId as u8
            | 1 << Dimension::Subject as u8,
    );

    pub(super) fn has(self, dimension: Dimension) -> bool {
        self.0 & (1 << dimension as u8) != 0
    }

    pub(super) fn with(self, dimension: Dimension) -> Self {
        Self(self.0 | 1 << dimension as u8)
    }
}

/// How the presence of a key depends on more than the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rides {
    /// It does not.
    Freely,
    /// Only on requests that come over the internet, not through an endpoint [COND-42].
    OnInternet,
    /// Only on requests through a VPC endpoint [CTX-13].
    OnEndpoint,
    /// Only on requests that a service makes with the caller's credentials [CTX-11].
    OnForwardedAccess,
    /// Only on requests through an access point [CTX-21].
    OnAccessPoint,
    /// Only on actions that the catalogue lists it for.
    OnItsActions,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct KeyRule {
    /// The name in lower case; a trailing `*` stands for a family of tag keys.
    pub(super) name: &'static str,
    /// The documented spelling, up to a family's `/`.
    pub(super) spelling: &'static str,
    pub(super) multivalued: bool,
    pub(super) shape: Shape,
    pub(super) dimension: Dimension,
    pub(super) rides: Rides,
    /// Callers whose requests always carry it (where it rides).
    pub(super) always: Kinds,
    /// Callers whose requests may carry it.
    pub(super) maybe: Kinds,
}

/// What a request to assume a role carries only by a right of its own [TRUST-03].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// Session tags, by `sts:TagSession`.
    Tags,
    /// A source identity, by `sts:SetSourceIdentity`.
    Identity,
}

/// The right by which a request to assume a role carries a key, given in lower case; none for other keys.
pub(super) fn passed_by(folded: &str) -> Option<Passed> {
    match folded {
        _ if folded.starts_with("aws:requesttag/") => Some(Passed::Tags),
        "aws:tagkeys" | "sts:transitivetagkeys" => Some(Passed::Tags),
        "sts:sourceidentity" => Some(Passed::Identity),
        _ => None,
    }
}

/// The row of a key, by its lower-case name.
pub(super) fn key_rule(folded: &str) -> Option<&'static KeyRule> {
    TABLE.iter().find(|rule| match rule.name.strip_suffix('*') {
        Some(family) => folded.strip_prefix(family).is_some_and(|rest| !rest.is_empty()),
        None => rule.name == folded,
    })
}

/// The documented names in the table, but for what stands for every other key of S3.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|rule| rule.spelling).filter(|name| *name != "s3:")
}

/// Whether requests carry a set of values under a key, given in lower case [COND-44], claims of tokens included.
pub(super) fn is_multivalued(folded: &str) -> bool {
    match key_rule(folded) {
        Some(rule) => rule.multivalued,
        None => claims::is_multivalued(folded),
    }
}

/// Whether there are requests that carry a key, given in lower case [COND-41], [TRUST-35].
pub(super) fn is_known(folded: &str) -> bool {
    match key_rule(folded) {
        Some(rule) if rule.rides == Rides::OnItsActions => actions().iter().any(|action| action.has_key(folded)),
        Some(_) => true,
        None => match folded.split_once(':') {
            Some(("saml", claim)) => !claim.is_empty(),
            Some((issuer, claim)) => issuer.contains('.') && is_claim_of(issuer, claim),
            None => false,
        },
    }
}

/// Whether a key, given in lower case, can have this value: no more is asked than that it can be read.
pub(super) fn can_have(folded: &str, value: &str) -> bool {
    match key_rule(folded).map(|rule| rule.shape) {
        Some(Shape::PublicAddress | Shape::Address) => value.parse::<IpAddr>().is_ok(),
        Some(Shape::Whole) => value.parse::<u64>().is_ok(),
        Some(Shape::Time | Shape::PastTime) => value.parse::<Timestamp>().is_ok(),
        Some(shape) if shape == BOOL => ["true", "false"].iter().any(|bool| value.eq_ignore_ascii_case(bool)),
        Some(_) | None => true,
    }
}

/// The documented spelling of a key given in lower case; the key itself where the table does not know it.
pub(super) fn spelling(folded: &str) -> String {
    match key_rule(folded) {
        Some(rule) => match rule.name.strip_suffix('*') {
            Some(family) => format!("{}{}", rule.spelling, folded.strip_prefix(family).unwrap_or_default()),
            None => rule.spelling.to_owned(),
        },
        None => folded.to_owned(),
    }
}

const fn row(
    name: &'static str,
    spelling: &'static str,
    shape: Shape,
    dimension: Dimension,
    rides: Rides,
    (always, maybe): (Kinds, Kinds),
) -> KeyRule {
    KeyRule {
        name,
        spelling,
        multivalued: false,
        shape,
        dimension,
        rides,
        always,
        maybe,
    }
}

const fn many(rule: KeyRule) -> KeyRule {
    KeyRule {
        multivalued: true,
        ..rule
    }
}

const BOOL: Shape = Shape::OneOf(&["true", "false"]);

use Dimension as D;
use Rides as R;
use Shape as S;

#[rustfmt::skip]
static TABLE: &[KeyRule] = &[
    // The caller [CTX-01…09].
    row("aws:principalarn", "aws:PrincipalArn", S::Caller, D::Caller, R::Freely, (SIGNED, NOBODY)),
    row("aws:principalaccount", "aws:PrincipalAccount", S::Caller, D::Caller, R::Freely, (ANONYMOUS | SIGNED, SERVICE)),
    row("aws:principaltype", "aws:PrincipalType", S::Caller, D::Caller, R::Freely, (ANONYMOUS | SIGNED | SERVICE, WEB)),
    row("aws:userid", "aws:userid", S::Caller, D::Caller, R::Freely, (ANONYMOUS | SIGNED, SERVICE)),
    row("aws:username", "aws:username", S::Caller, D::Caller, R::Freely, (USER, OTHER)),
    row("aws:principalorgid", "aws:PrincipalOrgID", S::Caller, D::Caller, R::Freely, (NOBODY, SIGNED)),
    many(row("aws:principalorgpaths", "aws:PrincipalOrgPaths", S::Caller, D::Caller, R::Freely, (NOBODY, SIGNED))),
    row("aws:principalisawsservice", "aws:PrincipalIsAWSService", S::Caller, D::Caller, R::Freely, (SIGNED | SERVICE, WEB)),
    row("aws:principalservicename", "aws:PrincipalServiceName", S::Caller, D::Caller, R::Freely, (SERVICE, NOBODY)),
    many(row("aws:principalservicenameslist", "aws:PrincipalServiceNamesList", S::Caller, D::Caller, R::Freely, (SERVICE, NOBODY))),
    row("aws:principaltag/*", "aws:PrincipalTag/", S::Text, D::Free, R::Freely, (NOBODY, USER | ROLE | FEDERATED_USER | OTHER)),
    row("aws:multifactorauthpresent", "aws:MultiFactorAuthPresent", BOOL, D::Free, R::Freely, (NOBODY, USER | ROLE | ROOT | FEDERATED_USER | OTHER)),
    row("aws:multifactorauthage", "aws:MultiFactorAuthAge", S::Whole, D::Free, R::Freely, (NOBODY, USER | ROLE | ROOT | FEDERATED_USER | OTHER)),
    row("aws:tokenissuetime", "aws:TokenIssueTime", S::PastTime, D::Free, R::Freely, (ROLE | FEDERATED_USER, USER | ROOT | OTHER)),
    row("aws:sourceidentity", "aws:SourceIdentity", S::SessionName, D::Free, R::Freely, (NOBODY, ROLE | OTHER)),
    row("aws:federatedprovider", "aws:FederatedProvider", S::Text, D::Caller, R::Freely, (NOBODY, ROLE | OTHER)),
    row("aws:assumedroot", "aws:AssumedRoot", BOOL, D::Free, R::Freely, (NOBODY, ROOT)),
    row("aws:ec2instancesourcevpc", "aws:Ec2InstanceSourceVpc", S::Vpc, D::Network, R::Freely, (NOBODY, ROLE)),
    row("aws:ec2instancesourceprivateipv4", "aws:Ec2InstanceSourcePrivateIPv4", S::Address, D::Free, R::Freely, (NOBODY, ROLE)),
    row("ec2:sourceinstancearn", "ec2:SourceInstanceArn", S::Text, D::Caller, R::Freely, (NOBODY, ROLE)),
    row("ec2:roledelivery", "ec2:RoleDelivery", S::OneOf(&["2.0", "1.0"]), D::Free, R::Freely, (NOBODY, ROLE)),
    row("lambda:sourcefunctionarn", "lambda:SourceFunctionArn", S::Text, D::Caller, R::Freely, (NOBODY, ROLE)),
    // The service and its source [CTX-10].
    row("aws:sourcearn", "aws:SourceArn", S::Source, D::Source, R::Freely, (NOBODY, SERVICE)),
    row("aws:sourceaccount", "aws:SourceAccount", S::Source, D::Source, R::Freely, (NOBODY, SERVICE)),
    row("aws:sourceowner", "aws:SourceOwner", S::Source, D::Source, R::Freely, (NOBODY, SERVICE)),
    row("aws:sourceorgid", "aws:SourceOrgID", S::Organization, D::Source, R::Freely, (NOBODY, SERVICE)),
    many(row("aws:sourceorgpaths", "aws:SourceOrgPaths", S::OrganizationPath, D::Source, R::Freely, (NOBODY, SERVICE))),
    row("aws:viaawsservice", "aws:ViaAWSService", S::Caller, D::Free, R::Freely, (PEOPLE | SERVICE, NOBODY)),
    many(row("aws:calledvia", "aws:CalledVia", S::Text, D::Free, R::OnForwardedAccess, (SIGNED, NOBODY))),
    row("aws:calledviafirst", "aws:CalledViaFirst", S::Text, D::Free, R::OnForwardedAccess, (SIGNED, NOBODY)),
    row("aws:calledvialast", "aws:CalledViaLast", S::Text, D::Free, R::OnForwardedAccess, (SIGNED, NOBODY)),
    // The network [CTX-12…14].
    row("aws:sourceip", "aws:SourceIp", S::PublicAddress, D::Network, R::OnInternet, (PEOPLE, SERVICE)),
    row("aws:sourcevpc", "aws:SourceVpc", S::Vpc, D::Network, R::OnEndpoint, (PEOPLE, NOBODY)),
    row("aws:sourcevpce", "aws:SourceVpce", S::Endpoint, D::Network, R::OnEndpoint, (PEOPLE, NOBODY)),
    row("aws:vpcsourceip", "aws:VpcSourceIp", S::Address, D::Free, R::OnEndpoint, (PEOPLE, NOBODY)),
    row("aws:sourcevpcarn", "aws:SourceVpcArn", S::VpcArn, D::Network, R::OnEndpoint, (NOBODY, PEOPLE)),
    row("aws:vpceaccount", "aws:VpceAccount", S::Account, D::Network, R::OnEndpoint, (NOBODY, PEOPLE)),
    row("aws:vpceorgid", "aws:VpceOrgID", S::Organization, D::Network, R::OnEndpoint, (NOBODY, PEOPLE)),
    many(row("aws:vpceorgpaths", "aws:VpceOrgPaths", S::OrganizationPath, D::Network, R::OnEndpoint, (NOBODY, PEOPLE))),
    row("aws:securetransport", "aws:SecureTransport", BOOL, D::Free, R::Freely, (ALL, NOBODY)),
    row("s3:tlsversion", "s3:TlsVersion", S::OneOf(&["1.3", "1.2", "1.1", "1.0"]), D::Free, R::OnItsActions, (NOBODY, ALL)),
    // The request [CTX-15…18], [CTX-24].
    row("aws:currenttime", "aws:CurrentTime", S::Time, D::Free, R::Freely, (ALL, NOBODY)),
    row("aws:epochtime", "aws:EpochTime", S::Time, D::Free, R::Freely, (ALL, NOBODY)),
    row("aws:requestedregion", "aws:RequestedRegion", S::Text, D::Free, R::Freely, (ALL, NOBODY)),
    row("aws:useragent", "aws:UserAgent", S::Text, D::Free, R::Freely, (ALL, NOBODY)),
    row("aws:referer", "aws:Referer", S::Text, D::Free, R::Freely, (NOBODY, PEOPLE)),
    row("aws:requesttag/*", "aws:RequestTag/", S::Text, D::Free, R::OnItsActions, (NOBODY, ALL)),
    many(row("aws:tagkeys", "aws:TagKeys", S::Text, D::Free, R::OnItsActions, (NOBODY, ALL))),
    // The resource [CTX-19], [CTX-25], [CTX-27].
    row("aws:resourceaccount", "aws:ResourceAccount", S::Resource, D::Free, R::Freely, (ALL, NOBODY)),
    row("s3:resourceaccount", "s3:ResourceAccount", S::Resource, D::Free, R::Freely, (ALL, NOBODY)),
    row("aws:resourceorgid", "aws:ResourceOrgID", S::Resource, D::Free, R::Freely, (NOBODY, ALL)),
    many(row("aws:resourceorgpaths", "aws:ResourceOrgPaths", S::Resource, D::Free, R::Freely, (NOBODY, ALL))),
    row("aws:resourcetag/*", "aws:ResourceTag/", S::Resource, D::Free, R::Freely, (NOBODY, ALL)),
    row("s3:buckettag/*", "s3:BucketTag/", S::Resource, D::Free, R::Freely, (NOBODY, ALL)),
    row("iam:resourcetag/*", "iam:ResourceTag/", S::Resource, D::Free, R::Freely, (NOBODY, ALL)),
    row("s3:existingobjecttag/*", "s3:ExistingObjectTag/", S::Text, D::Free, R::OnItsActions, (NOBODY, ALL)),
    // The access point [CTX-21].
    row("s3:dataaccesspointarn", "s3:DataAccessPointArn", S::AccessPoint, D::AccessPoint, R::OnAccessPoint, (ALL, NOBODY)),
    row("s3:dataaccesspointaccount", "s3:DataAccessPointAccount", S::AccessPoint, D::AccessPoint, R::OnAccessPoint, (ALL, NOBODY)),
    row("s3:accesspointnetworkorigin", "s3:AccessPointNetworkOrigin", S::OneOf(&["Internet", "VPC"]), D::Free, R::OnAccessPoint, (ALL, NOBODY)),
    row("s3:accesspointtag/*", "s3:AccessPointTag/", S::Text, D::Free, R::OnAccessPoint, (NOBODY, ALL)),
    // How the request is signed [CTX-22], [CTX-23]: unsigned ones carry none of these.
    row("s3:authtype", "s3:authType", S::OneOf(&["REST-HEADER", "REST-QUERY-STRING", "POST"]), D::Free, R::OnItsActions, (SIGNED, SERVICE)),
    row("s3:signatureversion", "s3:signatureversion", S::OneOf(&["AWS4-HMAC-SHA256", "AWS"]), D::Free, R::OnItsActions, (SIGNED, SERVICE)),
    row("s3:signatureage", "s3:signatureAge", S::Whole, D::Free, R::OnItsActions, (SIGNED, SERVICE)),
    row("s3:max-keys", "s3:max-keys", S::Whole, D::Free, R::OnItsActions, (ALL, NOBODY)),
    row("s3:object-lock-remaining-retention-days", "s3:object-lock-remaining-retention-days", S::Whole, D::Free, R::OnItsActions, (NOBODY, ALL)),
    row("s3:accessgrantsinstancearn", "s3:AccessGrantsInstanceArn", S::Text, D::Caller, R::OnItsActions, (NOBODY, ROLE)),
    many(row("s3:requestobjecttagkeys", "s3:RequestObjectTagKeys", S::Text, D::Free, R::OnItsActions, (NOBODY, ALL))),
    many(row("s3:inventoryaccessibleoptionalfields", "s3:InventoryAccessibleOptionalFields", S::Text, D::Free, R::OnItsActions, (NOBODY, ALL))),
    // Every other parameter and header of S3.
    row("s3:*", "s3:", S::Text, D::Free, R::OnItsActions, (NOBODY, ALL)),
    // STS. Some services pass an external id on behalf of their customer, Data Firehose the account's.
    row("sts:externalid", "sts:ExternalId", S::Text, D::ExternalId, R::OnItsActions, (NOBODY, SIGNED | SERVICE)),
    row("sts:rolesessionname", "sts:RoleSessionName", S::SessionName, D::Free, R::OnItsActions, (SIGNED | WEB, SERVICE)),
    row("sts:sourceidentity", "sts:SourceIdentity", S::SessionName, D::Free, R::OnItsActions, (NOBODY, ALL)),
    row("sts:roleauthorizedbyidp", "sts:RoleAuthorizedByIdp", BOOL, D::Free, R::OnItsActions, (NOBODY, WEB)),
    many(row("sts:transitivetagkeys", "sts:TransitiveTagKeys", S::Text, D::Free, R::OnItsActions, (NOBODY, ALL))),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        for rule in TABLE {
            assert_eq!(rule.name, rule.name.to_lowercase());
            assert_eq!(rule.name.trim_end_matches('*'), rule.spelling.to_lowercase());
            assert_eq!(rule.always & rule.maybe, 0, "{}", rule.name);
            let first = TABLE.iter().position(|other| other.name == rule.name);
            assert_eq!(
                TABLE.iter().filter(|other| other.name == rule.name).count(),
                1,
                "{first:?}"
            );
        }
    }

    #[test]
    fn presence_follows_the_context_table() {
        let rule = |name: &str| key_rule(name).expect(name);
        // [CTX-01]
        assert_eq!(
            (rule("aws:principalarn").always | rule("aws:principalarn").maybe) & ANONYMOUS,
            0
        );
        // [CTX-03]
        assert_ne!(rule("aws:principalaccount").always & ANONYMOUS, 0);
        // [CTX-08]
        assert_eq!(rule("aws:principalisawsservice").always & ANONYMOUS, 0);
        // [CTX-10]
        assert_eq!(rule("aws:sourcearn").maybe & SIGNED, 0);
        assert_eq!(spelling("aws:principaltag/team"), "aws:PrincipalTag/team");
        assert_eq!(spelling("s3:prefix"), "s3:prefix");
        assert!(key_rule("aws:nosuchkey").is_none());
        for known in [
            "aws:sourcevpce",
            "aws:requesttag/team",
            "s3:prefix",
            "sts:externalid",
            "saml:aud",
            "token.actions.githubusercontent.com:sub",
            "oidc.circleci.com/org/1:oidc.circleci.com/project-id",
        ] {
            assert!(is_known(known), "{known}");
        }
        for unknown in [
            "aws:nosuchkey",
            "s3:nosuchkey",
            "oops",
            "gitlab.com:project_path",
            "aws:requesttag/",
        ] {
            assert!(!is_known(unknown), "{unknown}");
        }
        for (key, value, readable) in [
            ("aws:sourceip", "2001:db8::1", true),
            ("aws:sourceip", "203.0.113.0/24", false),
            ("aws:securetransport", "True", true),
            ("aws:securetransport", "yes", false),
            ("aws:currenttime", "2026-01-01T00:00:00Z", true),
            ("aws:currenttime", "tomorrow", false),
            ("s3:max-keys", "-1", false),
            ("s3:prefix", "", true),
        ] {
            assert_eq!(can_have(key, value), readable, "{key} {value}");
        }
        // [COND-44]
        for name in [
            "aws:principalorgpaths",
            "aws:calledvia",
            "aws:tagkeys",
            "s3:requestobjecttagkeys",
        ] {
            assert!(rule(name).multivalued, "{name}");
        }
    }
}
