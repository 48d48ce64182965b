use std::fmt;

use super::{AccountId, CanonicalId, Partition};
use crate::source::{Placeholder, is_of_placeholder};

/// One entry of a `Principal` or `NotPrincipal` element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// Everyone, anonymous included [PRIN-01].
    Everyone,
    /// A whole account, by id or root ARN [PRIN-02].
    Account(AccountId),
    /// One AWS principal by ARN [PRIN-03…06].
    Aws(AwsPrincipal),
    /// The unique id of an entity that was deleted; matches nobody [PRIN-10].
    Deleted(Box<str>),
    /// An account by its canonical id [PRIN-07].
    Canonical(CanonicalId),
    /// A CloudFront origin access identity, by its id [PRIN-08].
    OriginAccessIdentity(Box<str>),
    /// An AWS service, acting for any customer [PRIN-09].
    Service(Box<str>),
    /// The identities of a provider [PRIN-11].
    Federated(Provider),
}

/// A principal of one account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AwsPrincipal {
    /// Its partition.
    pub partition: Partition,
    /// Its account.
    pub account: AccountId,
    /// What it is there.
    pub entity: Entity,
}

/// What a principal is in its account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// The root user.
    Root,
    /// An IAM user: path and name, without leading slash [PRIN-03].
    User(Box<str>),
    /// A role: path and name, without leading slash [PRIN-04].
    Role(Box<str>),
    /// One session of a role; the role's path is not part of it [PRIN-05].
    AssumedRole {
        /// Name of the role.
        role: Box<str>,
        /// Name of the session.
        session: Box<str>,
    },
    /// A `GetFederationToken` session [PRIN-06].
    FederatedUser(Box<str>),
}

/// An identity provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// A SAML provider of an account [TRUST-29].
    Saml {
        /// The account that holds the provider.
        account: AccountId,
        /// The whole ARN.
        arn: Box<str>,
    },
    /// An OIDC provider of an account [TRUST-33].
    Oidc {
        /// The account that holds the provider.
        account: AccountId,
        /// The issuer without scheme, which prefixes its condition keys.
        issuer: Box<str>,
        /// The whole ARN.
        arn: Box<str>,
    },
    /// One of the four providers that AWS knows by host name.
    BuiltIn(Box<str>),
}

/// Why a text is no principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrincipalError {
    /// A wildcard inside [PRIN-12].
    #[error("a principal cannot contain a wildcard [PRIN-12]")]
    Wildcard,
    /// A group [PRIN-13].
    #[error("an IAM group is not a principal [PRIN-13]")]
    Group,
    /// Neither an ARN of a principal, an account id, nor a unique id.
    #[error("not a principal: expected an account id or the ARN of a user, role or session [PRIN-02]")]
    Format,
    /// A partition that does not exist [PRIN-15].
    #[error("no such partition [PRIN-15]")]
    Partition,
    /// Not 64 hexadecimal digits [PRIN-07].
    #[error("a canonical user id has 64 hexadecimal digits [PRIN-07]")]
    Canonical,
    /// Not the name of a service principal [PRIN-09].
    #[error("not a service principal: expected a name such as `cloudtrail.amazonaws.com` [PRIN-09]")]
    Service,
    /// Not a provider [PRIN-11].
    #[error("not an identity provider: expected the ARN of a SAML or OIDC provider or a built-in host [PRIN-11]")]
    Provider,
}

impl Principal {
    /// The principal that `"AWS": text` names.
    ///
    /// # Errors
    /// When AWS would refuse the text, with the clause.
    pub fn from_aws(text: &str) -> Result<Self, PrincipalError> {
        if text == "*" {
            return Ok(Self::Everyone);
        }
        if let Ok(account) = text.parse() {
            return Ok(Self::Account(account));
        }
        if is_unique_id(text) {
            return Ok(Self::Deleted(text.into()));
        }
        if text.contains(['*', '?']) {
            return Err(PrincipalError::Wildcard);
        }
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let &[scheme, partition, service, region, account, entity] = fields.as_slice() else {
            return Err(PrincipalError::Format);
        };
        if scheme != "arn" || !region.is_empty() {
            return Err(PrincipalError::Format);
        }
        if let Some(id) = entity.strip_prefix("user/CloudFront Origin Access Identity ")
            && (service, account) == ("iam", "cloudfront")
        {
            return Ok(Self::OriginAccessIdentity(id.into()));
        }
        let partition = Partition::from_name(partition).ok_or(PrincipalError::Partition)?;
        let account = account.parse().map_err(|_| PrincipalError::Format)?;
        if (service, entity) == ("iam", "root") {
            return Ok(Self::Account(account));
        }
        let (kind, name) = entity.split_once('/').ok_or(PrincipalError::Format)?;
        let entity = match (service, kind) {
            ("iam", "group") => return Err(PrincipalError::Group),
            ("iam", "user") if is_path_and_name(name) => Entity::User(name.into()),
            ("iam", "role") if is_path_and_name(name) => Entity::Role(name.into()),
            ("sts", "assumed-role") => {
                let (role, session) = name.split_once('/').ok_or(PrincipalError::Format)?;
                if role.is_empty() || session.is_empty() || session.contains('/') {
                    return Err(PrincipalError::Format);
                }
                Entity::AssumedRole {
                    role: role.into(),
                    session: session.into(),
                }
            }
            ("sts", "federated-user") if !name.is_empty() => Entity::FederatedUser(name.into()),
            (_, _) => return Err(PrincipalError::Format),
        };
        Ok(Self::Aws(AwsPrincipal {
            partition,
            account,
            entity,
        }))
    }

    /// The principal that `"CanonicalUser": text` names [PRIN-07].
    ///
    /// # Errors
    /// When the text is no canonical id.
    pub fn from_canonical(text: &str) -> Result<Self, PrincipalError> {
        if text.parse::<Placeholder>().is_ok() {
            return Ok(Self::Canonical(CanonicalId::new(text)));
        }
        let hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex || text == CanonicalId::ANONYMOUS {
            return Ok(Self::Canonical(CanonicalId::new(text)));
        }
        Err(PrincipalError::Canonical)
    }

    /// The principal that `"Service": text` names [PRIN-09].
    ///
    /// # Errors
    /// When the text is no service name.
    pub fn from_service(text: &str) -> Result<Self, PrincipalError> {
        if text.contains(['*', '?']) {
            return Err(PrincipalError::Wildcard);
        }
        if text.parse::<Placeholder>().is_ok() {
            return Ok(Self::Service(text.into()));
        }
        // A Region that is not known before deployment: `states.${AWS::Region}.amazonaws.com`.
        let known: String = text.chars().filter(|char| !is_of_placeholder(*char)).collect();
        let label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let suffix = [
            ".amazonaws.com",
            ".amazonaws.com.cn",
            ".aws.internal",
            ".amazon.com",
            ".amazonaws.eu",
        ];
        if known.bytes().all(label)
            && suffix
                .iter()
                .any(|suffix| text.len() > suffix.len() && text.ends_with(suffix))
        {
            return Ok(Self::Service(text.into()));
        }
        Err(PrincipalError::Service)
    }

    /// The principal that `"Federated": text` names [PRIN-11].
    ///
    /// # Errors
    /// When the text is no provider.
    pub fn from_federated(text: &str) -> Result<Self, PrincipalError> {
        Provider::from_text(text).map(Self::Federated)
    }
}

impl Provider {
    /// The provider of this ARN or host name.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn from_text(text: &str) -> Result<Self, PrincipalError> {
        if text.contains(['*', '?']) {
            return Err(PrincipalError::Wildcard);
        }
        if BUILT_IN.contains(&text) {
            return Ok(Self::BuiltIn(text.into()));
        }
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let &["arn", partition, "iam", "", account, resource] = fields.as_slice() else {
            return Err(PrincipalError::Provider);
        };
        Partition::from_name(partition).ok_or(PrincipalError::Partition)?;
        let account = account.parse().map_err(|_| PrincipalError::Provider)?;
        match resource.split_once('/') {
            Some(("saml-provider", name)) if !name.is_empty() => Ok(Self::Saml {
                account,
                arn: text.into(),
            }),
            Some(("oidc-provider", issuer)) if !issuer.is_empty() => Ok(Self::Oidc {
                account,
                issuer: issuer.into(),
                arn: text.into(),
            }),
            Some(_) | None => Err(PrincipalError::Provider),
        }
    }

    /// The issuer that prefixes the provider's condition keys; none for SAML [TRUST-33].
    pub fn issuer(&self) -> Option<&str> {
        match self {
            Self::Oidc { issuer, .. } => Some(issuer),
            Self::BuiltIn(host) => Some(host),
            Self::Saml { .. } => None,
        }
    }
}

impl Entity {
    /// Name of a user, role, session or federated user, without any path; none for root.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Root => None,
            Self::User(path) | Self::Role(path) => Some(path.rsplit('/').next().unwrap_or(path)),
            Self::AssumedRole { session, .. } => Some(session),
            Self::FederatedUser(name) => Some(name),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::Account(account) => write!(f, "{account}"),
            Self::Aws(principal) => write!(f, "{principal}"),
            Self::Deleted(id) => f.write_str(id),
            Self::Canonical(id) => write!(f, "{id}"),
            Self::OriginAccessIdentity(id) => {
                write!(f, "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {id}")
            }
            Self::Service(name) => f.write_str(name),
            Self::Federated(provider) => write!(f, "{provider}"),
        }
    }
}

impl fmt::Display for AwsPrincipal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (partition, account) = (self.partition, self.account);
        match &self.entity {
            Entity::Root => write!(f, "arn:{partition}:iam::{account}:root"),
            Entity::User(name) => write!(f, "arn:{partition}:iam::{account}:user/{name}"),
            Entity::Role(name) => write!(f, "arn:{partition}:iam::{account}:role/{name}"),
            Entity::AssumedRole { role, session } => {
                write!(f, "arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
            }
            Entity::FederatedUser(name) => write!(f, "arn:{partition}:sts::{account}:federated-user/{name}"),
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Saml { arn, .. } | Self::Oidc { arn, .. } => f.write_str(arn),
            Self::BuiltIn(host) => f.write_str(host),
        }
    }
}

/// Whether the text is the unique id of a user or role, with or without a session name [PRIN-10].
fn is_unique_id(text: &str) -> bool {
    let (id, session) = text
        .split_once(':')
        .map_or((text, None), |(id, session)| (id, Some(session)));
    let shape = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let session_fits = session.is_none_or(|name| !name.is_empty() && !name.contains(['*', '?', ':']));
    (id.starts_with("AIDA") || id.starts_with("AROA")) && id.len() >= 16 && id.bytes().all(shape) && session_fits
}

fn is_path_and_name(text: &str) -> bool {
    !text.is_empty() && !text.ends_with('/') && !text.starts_with('/') && !text.contains(':')
}

/// Providers that need no provider resource [PRIN-11].
const BUILT_IN: &[&str] = &[
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
    "graph.facebook.com",
    "www.amazon.com",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_principal_form_is_read_and_printed() {
        let aws = [
            ("*", "*"),
            ("111122223333", "111122223333"),
            ("arn:aws:iam::111122223333:root", "111122223333"),
            (
                "arn:aws:iam::111122223333:user/eng/bob",
                "arn:aws:iam::111122223333:user/eng/bob",
            ),
            (
                "arn:aws-cn:iam::111122223333:role/a",
                "arn:aws-cn:iam::111122223333:role/a",
            ),
            (
                "arn:aws:sts::111122223333:assumed-role/r/s",
                "arn:aws:sts::111122223333:assumed-role/r/s",
            ),
            (
                "arn:aws:sts::111122223333:federated-user/f",
                "arn:aws:sts::111122223333:federated-user/f",
            ),
            ("AROAEXAMPLE1234567890:s", "AROAEXAMPLE1234567890:s"),
            (
                "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
                "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
            ),
        ];
        for (text, printed) in aws {
            assert_eq!(
                Principal::from_aws(text).map(|principal| principal.to_string()),
                Ok(printed.into()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_aws_refuses_names_its_clause() {
        let cases = [
            ("arn:aws:iam::111122223333:role/*", PrincipalError::Wildcard),
            ("arn:aws:iam::*:root", PrincipalError::Wildcard),
            ("arn:aws:iam::111122223333:group/g", PrincipalError::Group),
            ("arn:aws:iam::1111:root", PrincipalError::Format),
            ("arn:aws:iam::AccountB:role/x", PrincipalError::Format),
            ("arn:moon:iam::111122223333:role/x", PrincipalError::Partition),
            ("arn:aws:s3:::b", PrincipalError::Format),
            ("1234", PrincipalError::Format),
            ("", PrincipalError::Format),
        ];
        for (text, error) in cases {
            assert_eq!(Principal::from_aws(text), Err(error), "{text}");
        }
        assert_eq!(Principal::from_service("*"), Err(PrincipalError::Wildcard));
        assert_eq!(Principal::from_service("ec2"), Err(PrincipalError::Service));
        assert_eq!(Principal::from_canonical("abc"), Err(PrincipalError::Canonical));
        assert_eq!(Principal::from_federated("example.com"), Err(PrincipalError::Provider));
    }
}
