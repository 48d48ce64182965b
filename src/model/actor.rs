use crate::iam::AccountId;

/// Who made a call, as `userIdentity` tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// Kind of identity.
    pub kind: ActorKind,
    /// ARN of the user or session.
    pub arn: Option<Box<str>>,
    /// Account of the caller.
    pub account: Option<AccountId>,
    /// `accountId` as written, where it is no account id, such as `ANONYMOUS_PRINCIPAL`.
    pub account_text: Option<Box<str>>,
    /// Unique id, with the name of the session for roles; of an access log line the canonical id.
    pub principal_id: Option<Box<str>>,
    /// Name of the user.
    pub user_name: Option<Box<str>>,
    /// Access key that signed the request.
    pub access_key: Option<Box<str>>,
    /// ARN of the role or user that the session was made from.
    pub issuer: Option<Box<str>>,
    /// When the session was made, as written.
    pub session_created: Option<Box<str>>,
    /// Whether the session was made with a second factor.
    pub mfa: Option<bool>,
    /// Identity that the session was first made for.
    pub source_identity: Option<Box<str>>,
    /// Identity provider of a federated caller.
    pub provider: Option<Box<str>>,
    /// Service that called, or that called on behalf of the caller [CT-20].
    pub invoked_by: Option<Box<str>>,
}

/// Kind of a caller [CT-10…CT-18].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActorKind {
    /// Root of an account.
    Root,
    /// An IAM user.
    IamUser,
    /// A session of a role.
    AssumedRole,
    /// A role without a session.
    Role,
    /// A session of a federated user.
    FederatedUser,
    /// A caller whom a SAML provider vouched for.
    SamlUser,
    /// A caller whom a web identity provider vouched for.
    WebIdentityUser,
    /// A caller of another account, or an anonymous one.
    AwsAccount,
    /// An AWS service.
    AwsService,
    /// A user of a directory.
    Directory,
    /// A user of IAM Identity Center.
    IdentityCenterUser,
    /// Nobody in particular.
    Anonymous,
    /// A canonical id of an access log [SAL-02].
    CanonicalUser,
    /// CloudTrail does not know.
    #[default]
    Unknown,
}

impl ActorKind {
    /// The kind with this name in `userIdentity`; what is not listed is not known [CT-18].
    pub fn from_name(name: &str) -> Self {
        match name {
            "Root" => Self::Root,
            "IAMUser" => Self::IamUser,
            "AssumedRole" => Self::AssumedRole,
            "Role" => Self::Role,
            "FederatedUser" => Self::FederatedUser,
            "SAMLUser" => Self::SamlUser,
            "WebIdentityUser" => Self::WebIdentityUser,
            "AWSAccount" => Self::AwsAccount,
            "AWSService" => Self::AwsService,
            "Directory" => Self::Directory,
            "IdentityCenterUser" => Self::IdentityCenterUser,
            "Anonymous" => Self::Anonymous,
            _ => Self::Unknown,
        }
    }
}

impl Actor {
    /// Whether nobody signed the request [CT-19].
    pub fn is_anonymous(&self) -> bool {
        let says_so = |text: &str| ANONYMOUS.iter().any(|name| name.eq_ignore_ascii_case(text));
        if self.account_text.as_deref().is_some_and(says_so) {
            return true;
        }
        let nameless = self.account.is_none() && self.account_text.is_none() && self.access_key.is_none();
        match self.kind {
            ActorKind::Anonymous => nameless,
            // A service or a user of a directory without an account is somebody all the same.
            ActorKind::Unknown => nameless && self.arn.is_none() && self.invoked_by.is_none() && self.nobody(),
            ActorKind::Root
            | ActorKind::IamUser
            | ActorKind::AssumedRole
            | ActorKind::Role
            | ActorKind::FederatedUser
            | ActorKind::SamlUser
            | ActorKind::WebIdentityUser
            | ActorKind::AwsAccount
            | ActorKind::AwsService
            | ActorKind::Directory
            | ActorKind::IdentityCenterUser
            | ActorKind::CanonicalUser => false,
        }
    }

    fn nobody(&self) -> bool {
        let empty = |text: &Option<Box<str>>| text.as_deref().is_none_or(str::is_empty);
        empty(&self.principal_id) && empty(&self.user_name)
    }

    /// Name of the session, if the caller is one.
    pub fn session_name(&self) -> Option<&str> {
        let of_arn = self.arn.as_deref().filter(|arn| arn.contains(":assumed-role/"));
        let of_id = || self.principal_id.as_deref().and_then(|id| id.split_once(':'));
        of_arn
            .and_then(|arn| arn.rsplit('/').next())
            .or_else(|| of_id().map(|(_, name)| name))
    }
}

const ANONYMOUS: &[&str] = &["ANONYMOUS_PRINCIPAL", "anonymous"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_callers_are_told_by_what_they_lack() {
        let of = |kind, account_text: Option<&str>| Actor {
            kind,
            account_text: account_text.map(Into::into),
            ..Actor::default()
        };
        // [CT-19]
        assert!(of(ActorKind::AwsAccount, Some("ANONYMOUS_PRINCIPAL")).is_anonymous());
        assert!(of(ActorKind::AwsAccount, Some("Anonymous")).is_anonymous());
        assert!(of(ActorKind::Unknown, None).is_anonymous());
        assert!(of(ActorKind::Anonymous, None).is_anonymous());
        assert!(!of(ActorKind::AwsAccount, None).is_anonymous());
        assert!(!of(ActorKind::AwsService, None).is_anonymous());
        let known = Actor {
            access_key: Some("AKIAIOSFODNN7EXAMPLE".into()),
            ..Actor::default()
        };
        assert!(!known.is_anonymous());
    }

    #[test]
    fn sessions_have_names() {
        let of = |arn: Option<&str>, id: Option<&str>| {
            let actor = Actor {
                arn: arn.map(Into::into),
                principal_id: id.map(Into::into),
                ..Actor::default()
            };
            actor.session_name().map(ToOwned::to_owned)
        };
        let arn = "arn:aws:sts::111122223333:assumed-role/deploy/ci";
        assert_eq!(of(Some(arn), None).as_deref(), Some("ci"));
        assert_eq!(of(None, Some("AROAEXAMPLE:ci")).as_deref(), Some("ci"));
        assert_eq!(of(Some("arn:aws:iam::111122223333:user/a"), Some("AIDAEXAMPLE")), None);
    }
}
