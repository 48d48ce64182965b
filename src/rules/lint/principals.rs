//! Principals that nobody is, elements that allow all but what they name, and actions that do not fit who calls.

use super::actions::matched;
use super::found::Found;
use super::scope::{ASSUMING, Scope};
use crate::iam::{Effect, PolicyKind, Principal, Provider, Statement, find_action};
use crate::source::Spanned;

pub(super) fn lint(scope: &Scope<'_>, found: &mut Found) {
    let statement = scope.statement;
    for entry in &statement.principal.entries {
        if let Principal::Deleted(id) = &entry.value {
            let why = match (statement.effect, statement.principal.negated) {
                (Effect::Allow, false) => "it is the id of a deleted user or role and allows nobody",
                (Effect::Deny, false) => "it is the id of a deleted user or role and denies nobody",
                (Effect::Allow | Effect::Deny, true) => "it is the id of a deleted user or role and exempts nobody",
            };
            found.add("deleted-principal", statement, (id, entry.span), why);
        }
    }
    all_but(statement, found);
    if scope.subject.kind == PolicyKind::Trust && statement.effect == Effect::Allow {
        mismatched(scope, found);
        incomplete(scope, found);
        foreign_providers(scope, found);
    }
}

fn all_but(statement: &Statement, found: &mut Found) {
    let principal = statement.principal.negated.then_some(statement.principal.span);
    match (statement.effect, principal) {
        // [PRIN-17]
        (Effect::Allow, Some(span)) => {
            let why = "everyone else is allowed, anonymous callers too";
            found.add("allow-not-principal", statement, ("NotPrincipal", span), why);
        }
        // [PRIN-16]
        (Effect::Deny, Some(span)) => {
            let why = "a session of a role that it names is denied all the same, unless its account and the session are named too";
            found.add("deny-not-principal", statement, ("NotPrincipal", span), why);
        }
        (Effect::Allow | Effect::Deny, None) => {}
    }
    let lists = [
        ("NotAction", Some(&statement.action)),
        ("NotResource", statement.resource.as_ref()),
    ];
    for (name, list) in lists {
        let Some(list) = list.filter(|list| list.negated && statement.effect == Effect::Allow) else {
            continue;
        };
        // [ACT-03], [RES-06]
        let why = "all others are allowed, those to come too";
        found.add("allow-all-but", statement, (name, list.span), why);
    }
}

/// [TRUST-02]: each kind of principal has one action by which it assumes roles.
fn mismatched(scope: &Scope<'_>, found: &mut Found) {
    if scope.statement.action.negated || !scope.whole {
        return;
    }
    let has = |name: &str| scope.actions.iter().any(|action| action.name == name);
    let given: Vec<&str> = ASSUMING.iter().copied().filter(|name| has(name)).collect();
    let Some(first) = given.first() else {
        return;
    };
    for entry in &scope.statement.principal.entries {
        let wanted = match &entry.value {
            Principal::Federated(Provider::Saml { .. }) => "sts:AssumeRoleWithSAML",
            Principal::Federated(Provider::Oidc { .. } | Provider::BuiltIn(_)) => "sts:AssumeRoleWithWebIdentity",
            Principal::Everyone | Principal::Account(_) | Principal::Aws(_) | Principal::Service(_) => "sts:AssumeRole",
            Principal::Deleted(_) | Principal::Canonical(_) | Principal::OriginAccessIdentity(_) => continue,
        };
        if find_action(wanted).is_some() && !given.contains(&wanted) {
            let why = format!("it assumes roles by `{wanted}`, not by `{first}`");
            found.add(
                "mismatched-assume-action",
                scope.statement,
                (&entry.value.to_string(), entry.span),
                why,
            );
        }
    }
}

/// [TRUST-26], [TRUST-27]: services that always pass tags, or a source identity as well.
fn incomplete(scope: &Scope<'_>, found: &mut Found) {
    if scope.statement.action.negated || !scope.whole {
        return;
    }
    for entry in &scope.statement.principal.entries {
        let Principal::Service(service) = &entry.value else {
            continue;
        };
        let wanted: &[&str] = match &**service {
            "rolesanywhere.amazonaws.com" => &["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            "pods.eks.amazonaws.com" => &["sts:AssumeRole", "sts:TagSession"],
            _ => continue,
        };
        let missing = wanted.iter().find(|name| !is_allowed(scope, &entry.value, name));
        if let Some(missing) = missing {
            let why = format!("its calls need `{missing}` as well");
            found.add("incomplete-assume-action", scope.statement, (service, entry.span), why);
        }
    }
}

/// Whether some statement of the document allows a principal an action.
fn is_allowed(scope: &Scope<'_>, principal: &Principal, action: &str) -> bool {
    scope.document.statements.iter().any(|statement| {
        let names = |list: &[Spanned<Principal>]| list.iter().any(|entry| entry.value == *principal);
        let matches = statement
            .action
            .entries
            .iter()
            .flat_map(|entry| matched(&entry.value.0))
            .any(|known| known.name == action);
        statement.effect == Effect::Allow
            && names(&statement.principal.entries) != statement.principal.negated
            && matches != statement.action.negated
    })
}

/// [TRUST-29]: a role trusts providers of its own account only.
fn foreign_providers(scope: &Scope<'_>, found: &mut Found) {
    let own = scope.subject.arn.split(':').nth(4).unwrap_or_default();
    let is_known = |account: &str| account.bytes().all(|byte| byte.is_ascii_digit()) && !account.is_empty();
    for entry in &scope.statement.principal.entries {
        let Principal::Federated(Provider::Saml { account, arn } | Provider::Oidc { account, arn, .. }) = &entry.value
        else {
            continue;
        };
        let account = account.to_string();
        if is_known(own) && is_known(&account) && account != own {
            let why = format!("it is a provider of account {account}, the role is in {own}");
            found.add("foreign-provider", scope.statement, (arn, entry.span), why);
        }
    }
}
