use crate::engine::Caller;
use crate::iam::{AccountId, AwsPrincipal, CanonicalId, Entity, Principal};
use crate::model::Account;

/// A caller with everything the input tells about it.
#[derive(Debug)]
pub(super) struct Identity<'a> {
    /// The caller, as the request names it.
    pub(super) caller: &'a Caller,
    /// The principal it is, where that is known: by its ARN, or by its unique id.
    pub(super) principal: Option<AwsPrincipal>,
    /// Its account, where that is known.
    pub(super) account: Option<AccountId>,
    /// The canonical id of its account, where that is known.
    pub(super) canonical: Option<CanonicalId>,
}

/// An account as the owner of a resource.
#[derive(Clone, Debug, Default)]
pub(super) struct Owner {
    /// Its id, where the input tells.
    pub(super) account: Option<AccountId>,
    /// Its canonical id, where the input tells.
    pub(super) canonical: Option<CanonicalId>,
}

/// Whether a caller belongs to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The input does not tell.
    Unknown,
}

impl<'a> Identity<'a> {
    /// What the input tells about a caller; `owner` is known beside the accounts.
    pub(super) fn new(caller: &'a Caller, accounts: &[Account], owner: &Owner) -> Self {
        let mut identity = Self {
            caller,
            principal: None,
            account: None,
            canonical: None,
        };
        match caller {
            Caller::Aws(principal) => {
                identity.account = Some(principal.account);
                identity.canonical = canonical_of(principal.account, accounts, owner);
                identity.principal = Some(principal.clone());
            }
            Caller::Canonical(id) => {
                identity.account = account_of(id, accounts, owner);
                identity.canonical = Some(id.clone());
            }
            Caller::UniqueId(id) => {
                identity.principal = principal_of(id, accounts);
                identity.account = identity.principal.as_ref().map(|principal| principal.account);
                identity.canonical = identity
                    .account
                    .and_then(|account| canonical_of(account, accounts, owner));
            }
            Caller::Anonymous | Caller::Service(_) | Caller::OriginAccessIdentity(_) | Caller::Federated(_) => {}
        }
        identity
    }

    /// Whether the caller is a principal of the owner's account.
    pub(super) fn belongs_to(&self, owner: &Owner) -> Belongs {
        match self.caller {
            // [PRIN-08]: an origin access identity is a principal of no account.
            Caller::Anonymous | Caller::Service(_) | Caller::OriginAccessIdentity(_) | Caller::Federated(_) => {
                return Belongs::No;
            }
            Caller::Aws(_) | Caller::Canonical(_) | Caller::UniqueId(_) => {}
        }
        let same = match (self.account, owner.account) {
            (Some(own), Some(owner)) => Some(own == owner),
            (Some(_), None) | (None, Some(_) | None) => match (&self.canonical, &owner.canonical) {
                (Some(own), Some(owner)) => Some(own == owner),
                (Some(_), None) | (None, Some(_) | None) => None,
            },
        };
        match same {
            Some(true) => Belongs::Yes,
            Some(false) => Belongs::No,
            None => Belongs::Unknown,
        }
    }

    /// Whether the caller is the root user of this account.
    pub(super) fn is_root_of(&self, account: Option<AccountId>) -> bool {
        self.principal
            .as_ref()
            .is_some_and(|principal| principal.entity == Entity::Root && Some(principal.account) == account)
    }

    /// Whether the caller is a session of a service-linked role, which no RCP restricts [EVAL-11], [TRUST-12].
    pub(super) fn is_service_linked(&self) -> bool {
        match self.principal.as_ref().map(|principal| &principal.entity) {
            Some(Entity::Role(path)) => path.starts_with("aws-service-role/"),
            Some(Entity::AssumedRole { role, .. }) => role.starts_with("AWSServiceRoleFor"),
            Some(Entity::Root | Entity::User(_) | Entity::FederatedUser(_)) | None => false,
        }
    }
}

/// Pairs of ids that the input tells.
fn ids<'a>(accounts: &'a [Account], owner: &'a Owner) -> impl Iterator<Item = (AccountId, &'a CanonicalId)> {
    let listed = accounts.iter().map(|account| (account.id, &account.canonical_id));
    listed
        .chain([(owner.account, &owner.canonical)])
        .filter_map(|(id, canonical)| Some((id?, canonical.as_ref()?)))
}

fn canonical_of(account: AccountId, accounts: &[Account], owner: &Owner) -> Option<CanonicalId> {
    ids(accounts, owner)
        .find(|(id, _)| *id == account)
        .map(|(_, canonical)| canonical.clone())
}

fn account_of(canonical: &CanonicalId, accounts: &[Account], owner: &Owner) -> Option<AccountId> {
    ids(accounts, owner)
        .find(|(_, known)| *known == canonical)
        .map(|(id, _)| id)
}

/// The user or role of a unique id, with or without a session name behind it.
fn principal_of(unique_id: &str, accounts: &[Account]) -> Option<AwsPrincipal> {
    let id = unique_id.split(':').next()?;
    let arn = accounts.iter().find_map(|account| account.unique_ids.get(id))?;
    match Principal::from_aws(arn).ok()? {
        Principal::Aws(principal) => Some(principal),
        Principal::Everyone
        | Principal::Account(_)
        | Principal::Deleted(_)
        | Principal::Canonical(_)
        | Principal::OriginAccessIdentity(_)
        | Principal::Service(_)
        | Principal::Federated(_) => None,
    }
}
