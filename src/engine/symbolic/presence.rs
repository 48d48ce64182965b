//! Whether requests carry a context key at all, by who makes them and what they do.

use std::sync::LazyLock;

use super::claims;
use super::keys::{
    ANONYMOUS, Dimension, FEDERATED_USER, Kinds, OTHER, ROLE, ROOT, Rides, SERVICE, USER, WEB, key_rule, names,
};
use crate::engine::claims::{ClaimKey, claim_key};
use crate::iam::{Action, AwsPrincipal, Entity, Principal, actions};

/// Whether the requests of a kind carry a context key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// None of them does.
    Never,
    /// Some of them do, or it is not known.
    Sometimes,
    /// All of them do.
    Always,
}

/// Whether requests for some of these actions by some of these principals carry a key, given in lower case [CTX-01…28].
pub fn presence(folded: &str, principals: &[&Principal], actions: &[&Action]) -> Presence {
    let Some(rule) = key_rule(folded) else {
        let each = || principals.iter().map(|principal| claim_presence(folded, principal));
        return match (each().min(), each().max()) {
            (Some(least), Some(most)) if least == most => most,
            (_, most) => most.map_or(Presence::Never, |most| most.min(Presence::Sometimes)),
        };
    };
    let in_trust_policy = actions.iter().all(|action| action.folded.starts_with("sts:"));
    let kinds = principals
        .iter()
        .fold(0, |all, principal| all | kinds(principal, in_trust_policy));
    let by_action = rule.rides == Rides::OnItsActions;
    let rides = |action: &&Action| !by_action || action.has_key(folded);
    if kinds & (rule.always | rule.maybe) == 0 || !actions.iter().any(rides) {
        return Presence::Never;
    }
    // Which keys of a caller an origin access identity has is documented nowhere.
    let is_told = |principal: &&Principal| match principal {
        Principal::OriginAccessIdentity(_) => rule.dimension != Dimension::Caller,
        Principal::Everyone
        | Principal::Account(_)
        | Principal::Aws(_)
        | Principal::Deleted(_)
        | Principal::Canonical(_)
        | Principal::Service(_)
        | Principal::Federated(_) => true,
    };
    let always = kinds & !rule.always == 0 && principals.iter().all(is_told);
    match rule.rides {
        Rides::Freely | Rides::OnItsActions if always && actions.iter().all(rides) => Presence::Always,
        Rides::Freely
        | Rides::OnItsActions
        | Rides::OnInternet
        | Rides::OnEndpoint
        | Rides::OnForwardedAccess
        | Rides::OnAccessPoint => Presence::Sometimes,
    }
}

/// The documented names of context keys; a family of tag keys ends in `/`.
pub fn key_names() -> &'static [String] {
    &NAMES
}

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let of_actions = actions()
        .iter()
        .flat_map(Action::keys)
        .map(|key| key.trim_end_matches('*'));
    let mut all: Vec<String> = names().chain(of_actions).map(str::to_owned).collect();
    // The table knows the spelling, the catalogue only lower case.
    all.sort_by_cached_key(|name| (name.to_lowercase(), name.to_lowercase() == *name));
    all.dedup_by(|later, first| later.eq_ignore_ascii_case(first));
    all.retain(|name| !name.is_empty());
    all
});

/// A token's claims are keys of the call that brings the token [TRUST-33]. Which of them later requests carry is not said.
fn claim_presence(folded: &str, principal: &Principal) -> Presence {
    match principal {
        Principal::Federated(provider) => match claim_key(folded, provider.issuer()) {
            ClaimKey::Known if claims::is_multivalued(folded) => Presence::Sometimes,
            // [TRUST-38]
            ClaimKey::Known if folded.ends_with(":sub") || folded.ends_with(":aud") => Presence::Always,
            ClaimKey::Known => Presence::Sometimes,
            ClaimKey::NoClaim if provider.issuer().is_none() && folded.starts_with("saml:") => Presence::Sometimes,
            ClaimKey::NoClaim | ClaimKey::NeverThere => Presence::Never,
        },
        Principal::Everyone
        | Principal::Account(_)
        | Principal::Aws(_)
        | Principal::Deleted(_)
        | Principal::Canonical(_)
        | Principal::OriginAccessIdentity(_)
        | Principal::Service(_) => Presence::Sometimes,
    }
}

/// The kinds of callers that a principal stands for.
fn kinds(principal: &Principal, in_trust_policy: bool) -> Kinds {
    let signed = USER | ROLE | ROOT | FEDERATED_USER;
    match principal {
        // [TRUST-08]: in a trust policy it is any AWS principal.
        Principal::Everyone if in_trust_policy => signed,
        Principal::Everyone => signed | ANONYMOUS | SERVICE | OTHER,
        Principal::Account(_) | Principal::Canonical(_) => signed,
        Principal::Aws(AwsPrincipal { entity, .. }) => match entity {
            Entity::Root => ROOT,
            Entity::User(_) => USER,
            Entity::Role(_) | Entity::AssumedRole { .. } => ROLE,
            Entity::FederatedUser(_) => FEDERATED_USER,
        },
        Principal::Deleted(_) | Principal::OriginAccessIdentity(_) => signed | OTHER,
        Principal::Service(_) => SERVICE,
        Principal::Federated(_) => WEB,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{Provider, find_action};

    #[test]
    fn presence_goes_by_caller_and_action() {
        let check = |key: &str, principal: &Principal, action: &str, expected| {
            let action = find_action(action).expect(action);
            assert_eq!(
                presence(key, &[principal], &[action]),
                expected,
                "{key} {principal} {}",
                action.name
            );
        };
        let role = Principal::from_aws("arn:aws:iam::111122223333:role/r").expect("a role");
        let service = Principal::Service("cloudtrail.amazonaws.com".into());
        let get = "s3:GetObject";
        // [CTX-01], [CTX-02], [CTX-10]
        check("aws:principalarn", &role, get, Presence::Always);
        check("aws:principalarn", &Principal::Everyone, get, Presence::Sometimes);
        check("aws:principalorgid", &service, get, Presence::Never);
        check("aws:sourcearn", &role, get, Presence::Never);
        check("aws:sourcearn", &service, get, Presence::Sometimes);
        let oai = Principal::OriginAccessIdentity("E1EXAMPLE".into());
        check("aws:principalaccount", &oai, get, Presence::Sometimes);
        // [CTX-14], [CTX-24]
        check("aws:securetransport", &Principal::Everyone, get, Presence::Always);
        check("s3:prefix", &Principal::Everyone, get, Presence::Never);
        check("s3:prefix", &Principal::Everyone, "s3:ListBucket", Presence::Sometimes);
        check("aws:sourcevpce", &role, get, Presence::Sometimes);
        // [TRUST-33], [TRUST-38]
        let google = Principal::Federated(Provider::BuiltIn("accounts.google.com".into()));
        let assume = "sts:AssumeRoleWithWebIdentity";
        check("accounts.google.com:sub", &google, assume, Presence::Always);
        check("gitlab.com:sub", &google, assume, Presence::Never);
        check(
            "aws:principalarn",
            &Principal::Everyone,
            "sts:AssumeRole",
            Presence::Always,
        );
    }

    #[test]
    fn names_of_keys_are_told_once() {
        for name in [
            "aws:PrincipalOrgID",
            "s3:prefix",
            "aws:PrincipalTag/",
            "sts:ExternalId",
            "s3:x-amz-acl",
        ] {
            assert_eq!(key_names().iter().filter(|known| *known == name).count(), 1, "{name}");
        }
    }
}
