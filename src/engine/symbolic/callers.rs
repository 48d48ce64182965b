//! Classes of callers, and the shapes that a caller of a class can take.
//!
//! A class fixes to whom a grant would go; inside it every `Principal` element is a constant. A shape fixes what couples
//! several keys (kind of identity, account, organization, network origin, access point, source), so that every key that
//! is left varies on its own (ENGINE.md C1, B4).

use super::documents::{Documents, Grantor, Rule};
use super::fresh::{self, Fresh};
use super::keys::{ANONYMOUS, FEDERATED_USER, Kinds, OTHER, ROLE, ROOT, SERVICE, USER, WEB};
use super::literal::{KeyId, Value};
use super::named::Named;

use crate::engine::{DocumentKind, Doubts, Grantee};
use crate::iam::{AccountId, AwsPrincipal, CanonicalId, Entity, Principal, PrincipalElement, Provider};
use crate::model::{Account, AclGrantee};

/// A class of callers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Anonymous,
    /// A principal of an account that no document names, in no named organization.
    AnyAccount,
    /// A principal of an account that no document names, in this organization.
    Organization(Box<str>),
    /// A service that no document names.
    AnyService,
    Service(Box<str>),
    Federated(Provider),
    /// A principal of this account that no document names.
    Account(AccountId),
    /// Any principal that comes through an access point of this foreign account [AP-06].
    Delegated(AccountId),
    Canonical(CanonicalId),
    Principal(AwsPrincipal),
    /// The user or role with this unique id, in this account or in one that is not known.
    UniqueId(Box<str>, Option<AccountId>),
    OriginAccessIdentity(Box<str>),
}

/// What couples several keys of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) kind: Kinds,
    pub(super) account: Option<AccountId>,
    pub(super) organization: Membership,
    pub(super) network: Network,
    pub(super) access_point: Option<Through>,
    /// The account of the source for which a service acts.
    pub(super) source: Option<AccountId>,
    /// Whether a request to assume a role can pass session tags.
    pub(super) passes_tags: Passing,
    /// Whether it can pass a source identity.
    pub(super) passes_identity: Passing,
    /// Values that the shape gives to keys: because they are coupled, or because a policy variable stands for them.
    pub(super) given: Vec<(KeyId, Value)>,
    /// Keys that could have other values than the picked ones: there, "impossible" proves nothing.
    pub(super) picked: Vec<KeyId>,
}

/// Whether a request can pass what needs an action of its own to be allowed [TRUST-03].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passing {
    Allowed,
    Never,
    /// It depends on conditions of other statements.
    Undecided,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Membership {
    /// No document asks.
    Unasked,
    None,
    Of(Box<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    Internet,
    Endpoint,
    /// A service calls with the caller's credentials [CTX-11].
    Forwarded,
}

/// Through which access point a request comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Through {
    /// Some access point of this account.
    AnyOf(AccountId),
    /// This one.
    One {
        arn: String,
        account: Option<AccountId>,
        vpc: Option<Option<String>>,
    },
}

/// What the surroundings know of accounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) owner: Option<AccountId>,
    pub(super) accounts: &'a [Account],
    pub(super) organization: Option<&'a crate::model::Organization>,
}

impl Surroundings<'_> {
    /// The account with this canonical id.
    pub(super) fn account_of(&self, id: &CanonicalId) -> Option<AccountId> {
        self.accounts
            .iter()
            .find(|account| account.canonical_id.as_ref() == Some(id))
            .and_then(|account| account.id)
    }

    /// ARN of the user or role with this unique id.
    pub(super) fn principal_of(&self, unique_id: &str) -> Option<AwsPrincipal> {
        let arn = self
            .accounts
            .iter()
            .find_map(|account| account.unique_ids.get(unique_id))?;
        match Principal::from_aws(arn) {
            Ok(Principal::Aws(principal)) => Some(principal),
            Ok(_) | Err(_) => None,
        }
    }

    /// The user, role or role session that a `aws:userid` names: `AIDA…`, `AROA…` or `AROA…:session`.
    pub(super) fn session_of(&self, user_id: &str) -> Option<AwsPrincipal> {
        let (id, session) = user_id
            .split_once(':')
            .map_or((user_id, None), |(id, session)| (id, Some(session)));
        let principal = self.principal_of(id)?;
        match (session, &principal.entity) {
            (Some(session), Entity::Role(_)) => Some(AwsPrincipal {
                entity: Entity::AssumedRole {
                    role: principal.entity.name().unwrap_or_default().into(),
                    session: session.into(),
                },
                ..principal
            }),
            (None | Some(_), _) => Some(principal),
        }
    }

    /// Unique id of a user or role.
    pub(super) fn unique_id_of(&self, principal: &AwsPrincipal) -> Option<&str> {
        let arn = principal.to_string();
        let mut ids = self.accounts.iter().flat_map(|account| &account.unique_ids);
        ids.find(|(_, known)| ***known == *arn).map(|(id, _)| &**id)
    }

    /// The organization that an account certainly belongs to.
    pub(super) fn organization_of(&self, account: AccountId) -> Option<&str> {
        let organization = self.organization?;
        let member = organization.management_account == Some(account)
            || organization.accounts.contains_key(&account)
            || Some(account) == self.owner;
        organization.id.as_deref().filter(|_| member)
    }
}

impl Class {
    /// To whom a grant of the class goes.
    pub(super) fn grantee(&self) -> Grantee {
        match self {
            Self::Anonymous => Grantee::Anonymous,
            Self::AnyAccount => Grantee::AnyAwsAccount,
            Self::Organization(id) => Grantee::Organization(id.clone()),
            Self::AnyService => Grantee::Service(None),
            Self::Service(name) => Grantee::Service(Some(name.clone())),
            Self::Federated(provider) => Grantee::Federated(provider.to_string().into()),
            Self::Account(account) | Self::Delegated(account) => Grantee::Account(*account),
            Self::Canonical(id) => Grantee::CanonicalUser(id.clone()),
            Self::Principal(principal) => Grantee::Principal(principal.to_string().into()),
            Self::UniqueId(id, _) => Grantee::Principal(id.clone()),
            Self::OriginAccessIdentity(id) => Grantee::CloudFrontOai(id.clone()),
        }
    }

    /// The account of the callers, where the class fixes it.
    pub(super) fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(*account),
            Self::Principal(principal) => Some(principal.account),
            Self::UniqueId(_, account) => *account,
            Self::Anonymous
            | Self::AnyAccount
            | Self::Organization(_)
            | Self::AnyService
            | Self::Service(_)
            | Self::Federated(_)
            | Self::Delegated(_)
            | Self::Canonical(_)
            | Self::OriginAccessIdentity(_) => None,
        }
    }

    pub(super) fn is_service(&self) -> bool {
        matches!(self, Self::AnyService | Self::Service(_))
    }

    /// Whether the question "can a stranger do it?" is asked of the class [OPEN-01].
    pub(super) fn has_strangers(&self) -> bool {
        match self {
            Self::Anonymous | Self::AnyAccount | Self::AnyService | Self::Service(_) | Self::Federated(_) => true,
            Self::Organization(_)
            | Self::Account(_)
            | Self::Delegated(_)
            | Self::Canonical(_)
            | Self::Principal(_)
            | Self::UniqueId(..)
            | Self::OriginAccessIdentity(_) => false,
        }
    }

    /// Whether whoever is in `other` could as well make the request as one of this class.
    pub(super) fn is_wider_than(&self, other: &Self) -> bool {
        match self {
            Self::Anonymous => *other != Self::Anonymous,
            Self::AnyAccount => match other {
                Self::Organization(_)
                | Self::AnyService
                | Self::Service(_)
                | Self::Account(_)
                | Self::Delegated(_)
                | Self::Canonical(_)
                | Self::Principal(_)
                | Self::UniqueId(..)
                | Self::OriginAccessIdentity(_) => true,
                Self::Anonymous | Self::AnyAccount | Self::Federated(_) => false,
            },
            Self::AnyService => matches!(other, Self::Service(_)),
            Self::Account(account) => match other {
                Self::Principal(_) | Self::UniqueId(..) => other.account() == Some(*account),
                Self::Anonymous
                | Self::AnyAccount
                | Self::Organization(_)
                | Self::AnyService
                | Self::Service(_)
                | Self::Federated(_)
                | Self::Account(_)
                | Self::Delegated(_)
                | Self::Canonical(_)
                | Self::OriginAccessIdentity(_) => false,
            },
            Self::Principal(role) => match other {
                // A role covers its sessions [PRIN-20].
                Self::Principal(session) => role != session && covers_session(role, session),
                Self::Anonymous
                | Self::AnyAccount
                | Self::Organization(_)
                | Self::AnyService
                | Self::Service(_)
                | Self::Federated(_)
                | Self::Account(_)
                | Self::Delegated(_)
                | Self::Canonical(_)
                | Self::UniqueId(..)
                | Self::OriginAccessIdentity(_) => false,
            },
            // The same id in an account that is not known covers it in any account.
            Self::UniqueId(id, None) => matches!(other, Self::UniqueId(same, Some(_)) if same == id),
            Self::Organization(_)
            | Self::Service(_)
            | Self::Federated(_)
            | Self::Delegated(_)
            | Self::Canonical(_)
            | Self::UniqueId(_, Some(_))
            | Self::OriginAccessIdentity(_) => false,
        }
    }
}

/// Whether a session is one of a role; the role's path is no part of the session's ARN [TRUST-11].
pub(super) fn covers_session(role: &AwsPrincipal, session: &AwsPrincipal) -> bool {
    match (&role.entity, &session.entity) {
        (Entity::Role(_), Entity::AssumedRole { role: name, .. }) => {
            role.account == session.account && role.entity.name() == Some(name)
        }
        (
            Entity::Root | Entity::User(_) | Entity::Role(_) | Entity::AssumedRole { .. } | Entity::FederatedUser(_),
            Entity::Root | Entity::User(_) | Entity::Role(_) | Entity::AssumedRole { .. } | Entity::FederatedUser(_),
        ) => false,
    }
}

/// How a `Principal` or `NotPrincipal` element or an ACL grantee applies to a class.
pub(super) struct Matching<'a> {
    pub(super) surroundings: Surroundings<'a>,
    pub(super) doubts: Doubts,
    /// Whether the documents are trust policies, where `*` means AWS principals alone [TRUST-08].
    pub(super) trust: bool,
}

impl Matching<'_> {
    pub(super) fn applies(&self, rule: &Rule<'_>, class: &Class) -> bool {
        match rule.grantor {
            Grantor::Acl(grantee) => self.acl(grantee, class),
            // A resource control policy applies to every caller [EVAL-13].
            Grantor::Policy(_) if rule.source.document == DocumentKind::ResourceControlPolicy => true,
            Grantor::Policy(element) if element.negated => !self.spared(element, class, rule.effect),
            Grantor::Policy(element) => element.entries.iter().any(|entry| self.entry(&entry.value, class)),
        }
    }

    /// Whether a `NotPrincipal` element leaves the class out [PRIN-16], [PRIN-17].
    fn spared(&self, element: &PrincipalElement, class: &Class, effect: crate::iam::Effect) -> bool {
        let listed = |test: &dyn Fn(&Principal) -> bool| element.entries.iter().any(|entry| test(&entry.value));
        if !listed(&|principal| self.entry(principal, class)) {
            return false;
        }
        if effect == crate::iam::Effect::Allow || self.doubts.listed_principal_is_spared {
            return true;
        }
        // [PRIN-16], the safe reading: a principal is spared only if its account is listed as well.
        class.account().is_none_or(|account| {
            listed(&|principal| *principal == Principal::Account(account) || *principal == Principal::Everyone)
        })
    }

    /// Whether one entry names callers of the class.
    fn entry(&self, principal: &Principal, class: &Class) -> bool {
        match principal {
            Principal::Everyone => match class {
                Class::AnyService | Class::Service(_) => !self.trust && self.doubts.star_covers_services,
                Class::Federated(_) => false,
                Class::Anonymous | Class::OriginAccessIdentity(_) => !self.trust,
                Class::AnyAccount
                | Class::Organization(_)
                | Class::Account(_)
                | Class::Delegated(_)
                | Class::Canonical(_)
                | Class::Principal(_)
                | Class::UniqueId(..) => true,
            },
            Principal::Account(account) => class.account() == Some(*account),
            Principal::Aws(named) => match class {
                Class::Principal(principal) => named == principal || covers_session(named, principal),
                Class::Anonymous
                | Class::AnyAccount
                | Class::Organization(_)
                | Class::AnyService
                | Class::Service(_)
                | Class::Federated(_)
                | Class::Account(_)
                | Class::Delegated(_)
                | Class::Canonical(_)
                | Class::UniqueId(..)
                | Class::OriginAccessIdentity(_) => false,
            },
            // Unsigned callers match `*` only [PRIN-01].
            Principal::Canonical(id) if id.is_anonymous() => false,
            Principal::Canonical(id) => match self.surroundings.account_of(id) {
                Some(account) => class.account() == Some(account),
                None => *class == Class::Canonical(id.clone()),
            },
            Principal::OriginAccessIdentity(id) => *class == Class::OriginAccessIdentity(id.clone()),
            Principal::Service(name) => *class == Class::Service(name.clone()),
            Principal::Federated(provider) => self.trust && *class == Class::Federated(provider.clone()),
            Principal::Deleted(_) => false,
        }
    }

    fn acl(&self, grantee: &AclGrantee, class: &Class) -> bool {
        match grantee {
            // [ACL-03]
            AclGrantee::AllUsers => true,
            AclGrantee::AuthenticatedUsers => match class {
                Class::AnyAccount
                | Class::Organization(_)
                | Class::Account(_)
                | Class::Canonical(_)
                | Class::Principal(_)
                | Class::UniqueId(..)
                | Class::OriginAccessIdentity(_) => true,
                Class::Anonymous
                | Class::AnyService
                | Class::Service(_)
                | Class::Federated(_)
                | Class::Delegated(_) => false,
            },
            AclGrantee::LogDelivery => *class == Class::Service(super::named::LOG_DELIVERY.into()),
            AclGrantee::Canonical(id) if id.is_anonymous() => *class == Class::Anonymous,
            AclGrantee::Canonical(id) => match self.surroundings.account_of(id) {
                Some(account) => class.account() == Some(account),
                None => *class == Class::Canonical(id.clone()),
            },
            AclGrantee::Email(_) | AclGrantee::OtherGroup(_) => false,
        }
    }
}

/// The classes that the documents tell apart, widest first.
pub(super) fn classes(named: &Named, surroundings: Surroundings<'_>, trust: bool) -> Vec<Class> {
    let mut classes = Vec::new();
    if named.everyone {
        if !trust {
            classes.push(Class::Anonymous);
        }
        classes.push(Class::AnyAccount);
        classes.extend(named.organizations.iter().map(|id| Class::Organization(id.clone())));
        if !trust {
            classes.push(Class::AnyService);
        }
        let foreign = named
            .access_point_accounts
            .iter()
            .filter(|account| Some(**account) != surroundings.owner);
        classes.extend(foreign.map(|account| Class::Delegated(*account)));
    }
    if named.canonical_ids.iter().any(CanonicalId::is_anonymous) && !classes.contains(&Class::Anonymous) {
        classes.insert(0, Class::Anonymous);
    }
    classes.extend(named.services.iter().map(|name| Class::Service(name.clone())));
    classes.extend(
        named
            .providers
            .iter()
            .filter(|_| trust)
            .map(|provider| Class::Federated(provider.clone())),
    );
    let mapped = named.canonical_ids.iter().filter_map(|id| surroundings.account_of(id));
    let mut accounts: Vec<AccountId> = named
        .caller_accounts
        .iter()
        .copied()
        .chain(surroundings.owner)
        .chain(mapped)
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    classes.extend(accounts.iter().map(|account| Class::Account(*account)));
    let foreign = named
        .canonical_ids
        .iter()
        .filter(|id| !id.is_anonymous() && surroundings.account_of(id).is_none());
    classes.extend(foreign.map(|id| Class::Canonical(id.clone())));
    classes.extend(
        named
            .principals
            .iter()
            .map(|principal| Class::Principal(principal.clone())),
    );
    for id in &named.unique_ids {
        match surroundings.session_of(id) {
            Some(principal) => classes.push(Class::Principal(principal)),
            None => {
                classes.push(Class::UniqueId(id.clone(), None));
                classes.extend(
                    accounts
                        .iter()
                        .map(|account| Class::UniqueId(id.clone(), Some(*account))),
                );
            }
        }
    }
    classes.extend(
        named
            .origin_access_identities
            .iter()
            .map(|id| Class::OriginAccessIdentity(id.clone())),
    );
    let mut seen = std::collections::BTreeSet::new();
    classes.retain(|class| seen.insert(class.clone()));
    classes
}

/// The shapes of callers of a class that the documents can tell apart, the most ordinary first, and whether there are
/// more.
pub(super) fn shapes(
    class: &Class,
    documents: &Documents<'_>,
    named: &Named,
    surroundings: Surroundings<'_>,
    through: Option<&Through>,
) -> (Vec<Shape>, bool) {
    let keys = &documents.keys;
    let kinds = kinds(
        class,
        keys.mentions(BY_KIND) || keys.mentions_family("aws:principaltag/"),
    );
    let (accounts, mut cut_short) = accounts(class, named);
    let (organizations, fewer) = if keys.mentions(&["aws:principalorgid", "aws:principalorgpaths"]) {
        organizations(class, named, surroundings)
    } else {
        (vec![Membership::Unasked], false)
    };
    cut_short |= fewer;
    let networks = networks(class, documents, through);
    let (access_points, fewer) = access_points(class, documents, named, surroundings, through);
    cut_short |= fewer;
    let (sources, fewer) = if class.is_service() && keys.mentions(SOURCE) {
        sources(named)
    } else {
        (vec![None], false)
    };
    cut_short |= fewer;
    let couplings = couplings(documents);
    let parts = [
        access_points.len(),
        sources.len(),
        organizations.len(),
        networks.len(),
        accounts.len(),
        kinds.len(),
    ];
    let count = parts
        .iter()
        .fold(couplings.len(), |count, part| count.saturating_mul(*part));
    let mut shapes = Vec::with_capacity(count.min(MOST_SHAPES));
    for access_point in &access_points {
        for source in &sources {
            for organization in &organizations {
                for network in &networks {
                    for account in &accounts {
                        for kind in &kinds {
                            if shapes.len() >= MOST_SHAPES {
                                return (shapes, true);
                            }
                            shapes.extend(couplings.iter().map(|given| Shape {
                                kind: *kind,
                                account: *account,
                                organization: organization.clone(),
                                network: *network,
                                access_point: access_point.clone(),
                                source: *source,
                                passes_tags: Passing::Allowed,
                                passes_identity: Passing::Allowed,
                                given: given.clone(),
                                picked: Vec::new(),
                            }));
                        }
                    }
                }
            }
        }
    }
    (shapes, cut_short)
}

/// Most shapes of one class.
const MOST_SHAPES: usize = 2048;

/// Values of keys that depend on one another, in every way in which they can go together: without TLS there is no TLS
/// version, and the age of an MFA sign-in comes only with one.
fn couplings(documents: &Documents<'_>) -> Vec<Vec<(KeyId, Value)>> {
    let find = |name| documents.keys.find(name);
    let one = |text: &str| Value::One(text.to_owned());
    let mut all: Vec<Vec<(KeyId, Value)>> = vec![Vec::new()];
    let mut combine = |ways: Vec<Vec<(KeyId, Value)>>| {
        let before = std::mem::take(&mut all);
        all = before
            .iter()
            .flat_map(|given| ways.iter().map(|way| [given.as_slice(), way].concat()))
            .collect();
    };
    if let (Some(secure), Some(version)) = (find("aws:securetransport"), find("s3:tlsversion")) {
        combine(vec![
            vec![(secure, one("true"))],
            vec![(secure, one("false")), (version, Value::Absent)],
        ]);
    }
    if let (Some(present), Some(age)) = (find("aws:multifactorauthpresent"), find("aws:multifactorauthage")) {
        combine(vec![
            vec![(present, one("true"))],
            vec![(present, one("false")), (age, Value::Absent)],
            vec![(present, Value::Absent), (age, Value::Absent)],
        ]);
    }
    all
}

/// Keys whose presence or form depends on the kind of identity.
const BY_KIND: &[&str] = &[
    "aws:principalarn",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:tokenissuetime",
    "aws:sourceidentity",
    "aws:federatedprovider",
    "aws:assumedroot",
    "aws:ec2instancesourcevpc",
    "aws:ec2instancesourceprivateipv4",
    "ec2:sourceinstancearn",
    "ec2:roledelivery",
    "lambda:sourcefunctionarn",
    "s3:accessgrantsinstancearn",
];

const SOURCE: &[&str] = &[
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

fn kinds(class: &Class, asked: bool) -> Vec<Kinds> {
    match class {
        Class::Anonymous => vec![ANONYMOUS],
        Class::AnyService | Class::Service(_) => vec![SERVICE],
        Class::Federated(_) => vec![WEB],
        Class::Canonical(_) | Class::OriginAccessIdentity(_) => vec![OTHER],
        Class::Principal(principal) => vec![match principal.entity {
            Entity::Root => ROOT,
            Entity::User(_) => USER,
            Entity::Role(_) | Entity::AssumedRole { .. } => ROLE,
            Entity::FederatedUser(_) => FEDERATED_USER,
        }],
        Class::UniqueId(id, _) => vec![if id.starts_with("AIDA") { USER } else { ROLE }],
        Class::AnyAccount | Class::Organization(_) | Class::Account(_) | Class::Delegated(_) if asked => {
            vec![ROLE, USER, ROOT, FEDERATED_USER]
        }
        Class::AnyAccount | Class::Organization(_) | Class::Account(_) | Class::Delegated(_) => vec![ROLE],
    }
}

/// Accounts of the caller: its own, or fresh ones, one for each way in which account patterns can treat them.
fn accounts(class: &Class, named: &Named) -> Fresh<Option<AccountId>> {
    match class {
        Class::AnyAccount | Class::Organization(_) | Class::Delegated(_) => {
            let (fresh, cut_short) = fresh::accounts(named, &named.account_patterns);
            (fresh.into_iter().map(Some).collect(), cut_short)
        }
        Class::Account(_)
        | Class::Principal(_)
        | Class::UniqueId(..)
        | Class::Anonymous
        | Class::AnyService
        | Class::Service(_)
        | Class::Federated(_)
        | Class::Canonical(_)
        | Class::OriginAccessIdentity(_) => (vec![class.account()], false),
    }
}

fn organizations(class: &Class, named: &Named, surroundings: Surroundings<'_>) -> Fresh<Membership> {
    let (fresh, cut_short) = fresh::organizations(named);
    let memberships = match class {
        Class::AnyAccount | Class::Delegated(_) => std::iter::once(Membership::None)
            .chain(fresh.into_iter().map(Membership::Of))
            .collect(),
        Class::Organization(id) => vec![Membership::Of(id.clone())],
        Class::Account(_) | Class::Principal(_) | Class::UniqueId(..) | Class::Canonical(_) => {
            let known = class
                .account()
                .and_then(|account| surroundings.organization_of(account));
            match known {
                Some(id) => vec![Membership::Of(id.into())],
                None => named
                    .organizations
                    .iter()
                    .cloned()
                    .map(Membership::Of)
                    .chain([Membership::None])
                    .chain(fresh.into_iter().map(Membership::Of))
                    .collect(),
            }
        }
        Class::Anonymous
        | Class::AnyService
        | Class::Service(_)
        | Class::Federated(_)
        | Class::OriginAccessIdentity(_) => vec![Membership::None],
    };
    (memberships, cut_short)
}

fn networks(class: &Class, documents: &Documents<'_>, through: Option<&Through>) -> Vec<Network> {
    let keys = &documents.keys;
    if let Some(Through::One { vpc: Some(_), .. }) = through {
        // A service comes from no VPC [AP-04].
        return if class.is_service() {
            Vec::new()
        } else {
            vec![Network::Endpoint]
        };
    }
    if class.is_service() {
        return vec![Network::Internet];
    }
    let mut networks = vec![Network::Internet];
    if keys.mentions(NETWORK) {
        networks.push(Network::Endpoint);
    }
    let forwards = match class {
        Class::Anonymous | Class::Federated(_) | Class::OriginAccessIdentity(_) => false,
        Class::AnyAccount
        | Class::Organization(_)
        | Class::Account(_)
        | Class::Delegated(_)
        | Class::Canonical(_)
        | Class::Principal(_)
        | Class::UniqueId(..) => true,
        Class::AnyService | Class::Service(_) => false,
    };
    if forwards
        && keys.mentions(&[
            "aws:viaawsservice",
            "aws:calledvia",
            "aws:calledviafirst",
            "aws:calledvialast",
        ])
    {
        networks.push(Network::Forwarded);
    }
    networks
}

const NETWORK: &[&str] = &[
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "s3:accesspointnetworkorigin",
];

const ACCESS_POINT: &[&str] = &[
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "s3:accesspointnetworkorigin",
];

fn access_points(
    class: &Class,
    documents: &Documents<'_>,
    named: &Named,
    surroundings: Surroundings<'_>,
    through: Option<&Through>,
) -> Fresh<Option<Through>> {
    if let Some(through) = through {
        return (vec![Some(through.clone())], false);
    }
    if let Class::Delegated(account) = class {
        return (vec![Some(Through::AnyOf(*account))], false);
    }
    let mut access_points = vec![None];
    let mut cut_short = false;
    // [AP-10]: no anonymous requests through access points.
    let asked = documents.keys.mentions(ACCESS_POINT) || documents.keys.mentions_family("s3:accesspointtag/");
    if asked
        && !matches!(
            class,
            Class::Anonymous | Class::AnyService | Class::OriginAccessIdentity(_) | Class::Federated(_)
        )
    {
        let (fresh, fewer) = fresh::accounts(named, &named.access_point_patterns);
        cut_short |= fewer;
        access_points.extend(fresh.into_iter().map(|account| Some(Through::AnyOf(account))));
        access_points.extend(surroundings.owner.map(|owner| Some(Through::AnyOf(owner))));
        // Everybody else who comes through one of these accounts is a class of its own.
        let listed = |account: &&AccountId| Some(**account) != surroundings.owner && *class != Class::AnyAccount;
        let named = named.access_point_accounts.iter().filter(listed);
        access_points.extend(named.map(|account| Some(Through::AnyOf(*account))));
    }
    (access_points, cut_short)
}

fn sources(named: &Named) -> Fresh<Option<AccountId>> {
    let (fresh, cut_short) = fresh::accounts(named, &named.source_patterns);
    let sources = fresh.into_iter().chain(named.source_accounts.iter().copied()).map(Some);
    (sources.chain([None]).collect(), cut_short)
}
