use super::identity::Identity;
use crate::engine::{Caller, Doubts};
use crate::iam::{AwsPrincipal, Effect, Entity, PolicyKind, Principal, PrincipalElement};

/// Whether a `Principal` or `NotPrincipal` element speaks of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    /// It does not.
    No,
    /// It does, by naming the caller's account only: what the account allows is its own affair [PRIN-02].
    ByAccount,
    /// It does.
    Yes,
}

/// Whether an element of a statement with this effect speaks of a caller [PRIN-01…21], and the clause that this
/// rests on where AWS does not document it.
///
/// Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
pub(super) fn speaks_of(
    element: &PrincipalElement,
    effect: Effect,
    kind: PolicyKind,
    identity: &Identity<'_>,
    doubts: &Doubts,
) -> (Match, Option<&'static str>) {
    let named = |entry: &Principal| names(entry, identity, kind, doubts);
    let mut listed = element
        .entries
        .iter()
        .map(|entry| &entry.value)
        .filter(|entry| named(entry));
    if !element.negated {
        let matched = listed.map(|entry| {
            if is_account(entry) {
                Match::ByAccount
            } else {
                Match::Yes
            }
        });
        return (matched.max().unwrap_or(Match::No), None);
    }
    match effect {
        // [PRIN-17]
        Effect::Allow if listed.next().is_none() => (Match::Yes, None),
        Effect::Allow => (Match::No, None),
        Effect::Deny => deny_unless_listed(&listed.collect::<Vec<_>>(), doubts),
    }
}

/// `NotPrincipal` with `Deny`, given the entries that name the caller.
///
/// Whoever is listed by account, or is no AWS principal, is spared. Of a principal whose own ARN is listed
/// and whose account is not AWS says that it may deny the account first [PRIN-16].
fn deny_unless_listed(listed: &[&Principal], doubts: &Doubts) -> (Match, Option<&'static str>) {
    let by_own_arn = |entry: &&Principal| matches!(entry, Principal::Aws(_));
    if listed.is_empty() {
        (Match::Yes, None)
    } else if !listed.iter().all(by_own_arn) {
        (Match::No, None)
    } else if doubts.listed_principal_is_spared {
        (Match::No, Some("PRIN-16"))
    } else {
        (Match::Yes, Some("PRIN-16"))
    }
}

fn is_account(entry: &Principal) -> bool {
    matches!(entry, Principal::Account(_))
}

/// Whether one entry names the caller.
fn names(entry: &Principal, identity: &Identity<'_>, kind: PolicyKind, doubts: &Doubts) -> bool {
    match entry {
        Principal::Everyone => everyone_covers(identity.caller, kind, doubts),
        Principal::Account(account) => identity.account == Some(*account),
        Principal::Aws(named) => identity.principal.as_ref().is_some_and(|own| covers(named, own)),
        // [PRIN-10]
        Principal::Deleted(_) => false,
        // NOTE: unsigned callers have a canonical id, but match `*` only [PRIN-01].
        Principal::Canonical(id) => identity.canonical.as_ref() == Some(id),
        Principal::OriginAccessIdentity(id) => match identity.caller {
            Caller::OriginAccessIdentity(own) => own == id,
            Caller::Anonymous
            | Caller::Aws(_)
            | Caller::Canonical(_)
            | Caller::UniqueId(_)
            | Caller::Service(_)
            | Caller::Federated(_) => false,
        },
        Principal::Service(name) => match identity.caller {
            Caller::Service(own) => same_service(own, name),
            Caller::Anonymous
            | Caller::Aws(_)
            | Caller::Canonical(_)
            | Caller::UniqueId(_)
            | Caller::OriginAccessIdentity(_)
            | Caller::Federated(_) => false,
        },
        Principal::Federated(provider) => match identity.caller {
            Caller::Federated(own) => own == provider,
            Caller::Anonymous
            | Caller::Aws(_)
            | Caller::Canonical(_)
            | Caller::UniqueId(_)
            | Caller::Service(_)
            | Caller::OriginAccessIdentity(_) => false,
        },
    }
}

/// Whom `*` covers: in a resource policy every kind of caller [PRIN-01], in a trust policy AWS principals
/// only [TRUST-08], in an RCP whoever asks [EVAL-13].
///
/// NOTE: a document does not tell `"*"` from `{"AWS": "*"}`, so the doubt about services speaks of both.
fn everyone_covers(caller: &Caller, kind: PolicyKind, doubts: &Doubts) -> bool {
    match (kind, caller) {
        (PolicyKind::ResourceControl, _) => true,
        (_, Caller::Aws(_) | Caller::Canonical(_) | Caller::UniqueId(_)) => true,
        (PolicyKind::Trust, Caller::Anonymous | Caller::Service(_) | Caller::OriginAccessIdentity(_)) => false,
        (PolicyKind::Bucket | PolicyKind::AccessPoint, Caller::Service(_)) => doubts.star_covers_services,
        (PolicyKind::Bucket | PolicyKind::AccessPoint, Caller::Anonymous | Caller::OriginAccessIdentity(_)) => true,
        (PolicyKind::Bucket | PolicyKind::AccessPoint | PolicyKind::Trust, Caller::Federated(_)) => false,
    }
}

/// Whether a named principal covers a caller: itself, and as a role all its sessions [PRIN-03…06].
///
/// The path of a role is no part of its sessions' ARN, so a session is compared by the role's name [TRUST-11].
fn covers(named: &AwsPrincipal, own: &AwsPrincipal) -> bool {
    if named == own {
        return true;
    }
    if (named.account, named.partition) != (own.account, own.partition) {
        return false;
    }
    match (&named.entity, &own.entity) {
        (Entity::Role(_), Entity::AssumedRole { role, .. }) => {
            named.entity.name().is_some_and(|name| name.eq_ignore_ascii_case(role))
        }
        (
            Entity::Root | Entity::User(_) | Entity::Role(_) | Entity::AssumedRole { .. } | Entity::FederatedUser(_),
            Entity::Root | Entity::User(_) | Entity::Role(_) | Entity::AssumedRole { .. } | Entity::FederatedUser(_),
        ) => false,
    }
}

/// Whether two names are the same service principal: China writes another suffix [TRUST-28].
fn same_service(left: &str, right: &str) -> bool {
    let normal = |name: &str| name.strip_suffix(".cn").unwrap_or(name).to_owned();
    normal(left) == normal(right)
}
