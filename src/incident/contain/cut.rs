//! A document without what lets somebody in.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Grantee;
use crate::iam::{AwsPrincipal, Effect, PolicyDocument, Principal, Statement};
use crate::model::Acl;

/// Statements or ACL grants by their places, each with those whom it lets in.
pub(super) type Cuts = BTreeMap<u32, Vec<Grantee>>;

/// The policy without what is cut: of a statement that names others as well, only those are taken out who must go.
pub(super) fn policy(policy: &PolicyDocument, cuts: &Cuts) -> PolicyDocument {
    let keep = |statement: &Statement| match cuts.get(&statement.index) {
        None => Some(statement.clone()),
        Some(grantees) => without(statement, grantees),
    };
    PolicyDocument {
        statements: policy.statements.iter().filter_map(keep).collect(),
        ..policy.clone()
    }
}

/// The same where something must be left: a role has a trust policy, and a policy has statements. What allowed somebody
/// denies it then.
pub(super) fn trust(before: &PolicyDocument, cuts: &Cuts) -> PolicyDocument {
    let after = policy(before, cuts);
    if !after.statements.is_empty() {
        return after;
    }
    let deny = |statement: &Statement| Statement {
        effect: Effect::Deny,
        ..statement.clone()
    };
    PolicyDocument {
        statements: before.statements.iter().map(deny).collect(),
        ..after
    }
}

/// Those whom cuts shut out, in words.
pub(super) fn whom(cuts: &Cuts) -> String {
    let all: BTreeSet<String> = cuts.values().flatten().map(ToString::to_string).collect();
    let all: Vec<String> = all.into_iter().collect();
    all.join(", ")
}

/// The statement without these; none where nobody is left, or where it names those that it leaves out.
fn without(statement: &Statement, grantees: &[Grantee]) -> Option<Statement> {
    if statement.principal.negated {
        return None;
    }
    let mut left = statement.clone();
    let goes = |principal: &Principal| grantees.iter().any(|grantee| is_named(principal, grantee));
    left.principal.entries.retain(|entry| !goes(&entry.value));
    // Where nobody was taken out, the grant comes about in another way: all of it goes.
    let is_cut = left.principal.entries.len() < statement.principal.entries.len();
    (is_cut && !left.principal.entries.is_empty()).then_some(left)
}

/// Whether a principal of a document is what gives a grantee access.
fn is_named(principal: &Principal, grantee: &Grantee) -> bool {
    match (principal, grantee) {
        (Principal::Everyone, Grantee::Anonymous | Grantee::AnyAwsAccount | Grantee::Organization(_)) => true,
        // What everyone is given, each one has as well.
        (Principal::Everyone, Grantee::Account(_) | Grantee::Principal(_) | Grantee::Service(_)) => true,
        (Principal::Account(account), Grantee::Account(granted)) => account == granted,
        (Principal::Account(account), Grantee::Principal(arn)) => {
            matches!(Principal::from_aws(arn), Ok(Principal::Aws(AwsPrincipal { account: of, .. })) if of == *account)
        }
        (Principal::Canonical(id), Grantee::CanonicalUser(granted)) => id == granted,
        (Principal::Service(name), Grantee::Service(Some(granted))) => name == granted,
        (Principal::Aws(_) | Principal::Federated(_) | Principal::OriginAccessIdentity(_), _) => {
            grantee.id().is_some_and(|id| id == principal.to_string())
        }
        _ => false,
    }
}

/// The ACL without the grants at these places.
pub(super) fn acl(acl: &Acl, cuts: &Cuts) -> Acl {
    let places = acl.grants.iter().enumerate();
    let stays = |place: &usize| u32::try_from(*place).is_ok_and(|place| !cuts.contains_key(&place));
    Acl {
        owner: acl.owner.clone(),
        grants: places
            .filter(|(place, _)| stays(place))
            .map(|(_, grant)| grant.clone())
            .collect(),
    }
}
