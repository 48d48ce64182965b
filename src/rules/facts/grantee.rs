use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::tokens::is_by_audience;
use super::{ANY, EntityFacts, Fact, UNNAMED};
use crate::engine::shared_issuer;
use crate::finding::{DocumentKind, Grant, Grantee};
use crate::iam::{AccountId, Principal, Provider};
use crate::model::{Account, Organization};
use crate::rules::access::Access;
use crate::rules::policies::Mentions;

/// Facts about a grantee.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::rules) struct GranteeFacts {
    kind: Kind,
    /// Its id, where some policy names it.
    id: Option<String>,
    /// Its account and organization, where some policy names them.
    parents: Vec<(&'static str, String)>,
}

/// The entity type with its attributes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Anonymous,
    AnyAwsAccount,
    Organization,
    Service { any: bool },
    Federated(Federation),
    Account(Standing),
    Principal(Standing),
    CanonicalUser,
    CloudFrontOai,
    Unknown,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Federation {
    saml: bool,
    own: bool,
    shared: bool,
    by_audience: bool,
    issuer: String,
}

/// How an account stands to the one that owns the resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Standing {
    own: bool,
    partner: bool,
}

/// What the facts about grantees depend on besides the grant.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Surroundings<'a> {
    /// The account that owns the resource.
    pub(in crate::rules) owner: Option<AccountId>,
    /// Partner accounts in force.
    pub(in crate::rules) partners: &'a BTreeSet<AccountId>,
    /// The organization that was given.
    pub(in crate::rules) organization: Option<&'a Organization>,
    /// All accounts that were given.
    pub(in crate::rules) accounts: &'a [Account],
}

impl GranteeFacts {
    /// The facts about a grantee, with the names that some policy mentions.
    pub(in crate::rules) fn new(grantee: &Grantee, around: Surroundings<'_>, mentions: &Mentions) -> Self {
        let kind = kind(grantee, around, mentions);
        // What is not known has words instead of an id.
        let id = grantee
            .id()
            .filter(|id| kind != Kind::Unknown && mentions.names_entity(kind.as_str(), id));
        let account = account_of(grantee);
        let organization = around
            .organization
            .filter(|organization| account.is_some_and(|id| organization.accounts.contains_key(&id)));
        let parents = [
            account.map(|id| ("Account", id.to_string())),
            organization
                .and_then(|of| of.id.as_ref())
                .map(|id| ("Organization", id.to_string())),
        ];
        let is_account = matches!(kind, Kind::Account(_));
        let parents = parents
            .into_iter()
            .flatten()
            .filter(|(kind, id)| mentions.names_entity(kind, id) && !(is_account && *kind == "Account"))
            .collect();
        Self { kind, id, parents }
    }

    /// The grantee as an entity.
    pub(super) fn entity(&self) -> EntityFacts {
        EntityFacts {
            kind: self.kind.as_str(),
            id: self.id.clone().unwrap_or_else(|| self.kind.unnamed().to_owned()),
            attributes: self.kind.attributes(),
            parents: self.parents.clone(),
            tags: Vec::new(),
        }
    }
}

impl Kind {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Anonymous => "Anonymous",
            Self::AnyAwsAccount => "AnyAwsAccount",
            Self::Organization => "Organization",
            Self::Service { .. } => "Service",
            Self::Federated(_) => "Federated",
            Self::Account(_) => "Account",
            Self::Principal(_) => "Principal",
            Self::CanonicalUser => "CanonicalUser",
            Self::CloudFrontOai => "CloudFrontOai",
            Self::Unknown => "Unknown",
        }
    }

    /// The id where no policy speaks of the grantee by name.
    fn unnamed(&self) -> &'static str {
        match self {
            Self::Anonymous | Self::AnyAwsAccount | Self::Service { any: true } | Self::Unknown => ANY,
            Self::Organization
            | Self::Service { any: false }
            | Self::Federated(_)
            | Self::Account(_)
            | Self::Principal(_)
            | Self::CanonicalUser
            | Self::CloudFrontOai => UNNAMED,
        }
    }

    fn attributes(&self) -> Vec<(&'static str, Fact)> {
        let bool = Fact::Bool;
        match self {
            Self::Anonymous
            | Self::AnyAwsAccount
            | Self::Organization
            | Self::CanonicalUser
            | Self::CloudFrontOai
            | Self::Unknown => Vec::new(),
            Self::Service { any } => vec![("any", bool(*any))],
            Self::Federated(federation) => vec![
                ("saml", bool(federation.saml)),
                ("own", bool(federation.own)),
                ("shared", bool(federation.shared)),
                ("by_audience", bool(federation.by_audience)),
                ("issuer", Fact::Text(federation.issuer.clone())),
            ],
            Self::Account(standing) | Self::Principal(standing) => {
                vec![("own", bool(standing.own)), ("partner", bool(standing.partner))]
            }
        }
    }
}

fn kind(grantee: &Grantee, around: Surroundings<'_>, mentions: &Mentions) -> Kind {
    match grantee {
        Grantee::Anonymous => Kind::Anonymous,
        Grantee::AnyAwsAccount => Kind::AnyAwsAccount,
        Grantee::Organization(_) => Kind::Organization,
        Grantee::Service(name) => Kind::Service { any: name.is_none() },
        Grantee::Federated(provider) => Kind::Federated(federation(provider, around, mentions)),
        Grantee::Account(_) => Kind::Account(standing(account_of(grantee), around)),
        Grantee::Principal(_) => Kind::Principal(standing(account_of(grantee), around)),
        Grantee::CanonicalUser(_) => Kind::CanonicalUser,
        Grantee::CloudFrontOai(_) => Kind::CloudFrontOai,
        Grantee::Unknown(_) => Kind::Unknown,
    }
}

fn standing(account: Option<AccountId>, around: Surroundings<'_>) -> Standing {
    Standing {
        own: account.is_some() && account == around.owner,
        partner: account.is_some_and(|id| around.partners.contains(&id)),
    }
}

fn federation(provider: &str, around: Surroundings<'_>, mentions: &Mentions) -> Federation {
    let Ok(provider) = Provider::from_text(provider) else {
        return Federation::default();
    };
    let issuer = provider.issuer().unwrap_or_default();
    let account = match &provider {
        Provider::Saml { account, .. } | Provider::Oidc { account, .. } => Some(*account),
        Provider::BuiltIn(_) => None,
    };
    Federation {
        saml: matches!(provider, Provider::Saml { .. }),
        own: account.is_some() && account == around.owner,
        shared: shared_issuer(&provider).is_some(),
        by_audience: is_by_audience(&provider),
        issuer: if mentions.issuers {
            issuer.to_owned()
        } else {
            String::new()
        },
    }
}

/// The account that a grantee is, or belongs to.
pub(in crate::rules) fn account_of(grantee: &Grantee) -> Option<AccountId> {
    match grantee {
        Grantee::Account(account) => Some(*account),
        Grantee::Principal(arn) => match Principal::from_aws(arn).ok()? {
            Principal::Aws(principal) => Some(principal.account),
            Principal::Account(account) => Some(account),
            Principal::Everyone
            | Principal::Deleted(_)
            | Principal::Canonical(_)
            | Principal::OriginAccessIdentity(_)
            | Principal::Service(_)
            | Principal::Federated(_) => None,
        },
        Grantee::Anonymous
        | Grantee::AnyAwsAccount
        | Grantee::Organization(_)
        | Grantee::Service(_)
        | Grantee::Federated(_)
        | Grantee::CanonicalUser(_)
        | Grantee::CloudFrontOai(_)
        | Grantee::Unknown(_) => None,
    }
}

/// Whether AWS itself delivers logs by a grant and needs this level for it.
///
/// An account known by its canonical id has what AWS put into the ACL when the delivery was set up: full control. An ACL
/// can name one service, S3's delivery of access logs, which works for buckets of the same account only [ACL-05].
pub(in crate::rules) fn delivers_logs(grant: &Grant, level: Access) -> bool {
    match &grant.grantee {
        Grantee::CanonicalUser(id) => LOG_DELIVERY.canonical.contains_key(id.as_str()),
        Grantee::Account(_) | Grantee::Principal(_) => {
            let known = account_of(&grant.grantee).is_some_and(|id| LOG_DELIVERY.accounts.contains_key(&id));
            known && level.is_log_delivery()
        }
        Grantee::Service(_) => grant
            .sources
            .iter()
            .all(|source| source.document == DocumentKind::BucketAcl),
        Grantee::Anonymous
        | Grantee::AnyAwsAccount
        | Grantee::Organization(_)
        | Grantee::Federated(_)
        | Grantee::CloudFrontOai(_)
        | Grantee::Unknown(_) => false,
    }
}

#[derive(Default)]
struct LogDelivery {
    accounts: BTreeMap<AccountId, &'static str>,
    canonical: BTreeMap<&'static str, &'static str>,
}

static LOG_DELIVERY: LazyLock<LogDelivery> = LazyLock::new(|| {
    let mut known = LogDelivery::default();
    for line in include_str!("log-delivery.tsv").lines() {
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            ["account", id, service] => known
                .accounts
                .extend(id.parse().ok().map(|id: AccountId| (id, *service))),
            ["canonical", id, service] => {
                known.canonical.insert(id, service);
            }
            _ => {}
        }
    }
    known
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_log_delivery_accounts_is_read_whole() {
        let rows = include_str!("log-delivery.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .count();
        assert_eq!(LOG_DELIVERY.accounts.len() + LOG_DELIVERY.canonical.len(), rows);
        assert!(rows > 80);
    }
}
