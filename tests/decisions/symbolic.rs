use std::collections::BTreeSet;

use bucketproof::engine::{
    Grant, GrantEffect, Grantee, ResourceAccess, Verdict, Zone, bucket_access, decide_bucket, decide_role, role_access,
};
use bucketproof::iam::AccountId;

use super::case::Case;
use super::told::misfits;
use super::world::World;

/// What a case expects among the grants that leave the own account.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedGrant {
    /// Kind and id of the grantee, as in `account:444455556666`.
    pub grantee: String,
    /// `open`, `confined:KIND,…`, `confined`, `blocked`, `ineffective`; empty for a named grantee.
    pub how: String,
}

/// Runs the evaluator of sets on a case: the grants are those expected, and every witness is allowed.
pub fn check(case: &Case, world: &World) -> Vec<String> {
    let mut problems = Vec::new();
    let access = access(world);
    for resource in &access {
        for grant in &resource.grants {
            problems.extend(replay(grant, world));
        }
    }
    let sharing = access.first().map(|resource| resource.status.sharing.as_str());
    if case.sharing.is_some() && case.sharing.as_deref() != sharing {
        problems.push(format!("  sharing: {sharing:?}\n  expected: {:?}", case.sharing));
    }
    let Some(stated) = &case.grants else { return problems };
    let mut expected = BTreeSet::new();
    for text in stated {
        match expected_grant(text) {
            Ok(grant) => {
                expected.insert(grant);
            }
            Err(problem) => problems.push(problem),
        }
    }
    let owner = world.inventory.accounts.first().and_then(|account| account.id);
    let outside = access.iter().flat_map(|resource| &resource.grants);
    let conditions: BTreeSet<String> = outside
        .filter(|grant| !is_own(grant, owner))
        .flat_map(|grant| &grant.conditions)
        .map(|asked| format!("{} {} {}", asked.operator, asked.key, asked.values.join(",")))
        .collect();
    if case.conditions.as_ref().is_some_and(|expected| *expected != conditions) {
        problems.push(format!(
            "  conditions: {conditions:?}\n  expected: {:?}",
            case.conditions
        ));
    }
    let found: BTreeSet<ExpectedGrant> = access
        .iter()
        .flat_map(|resource| &resource.grants)
        .filter(|grant| !is_own(grant, owner))
        .map(summary)
        .collect();
    if found != expected {
        problems.push(format!("  grants: {}\n  expected: {}", list(&found), list(&expected)));
    }
    problems
}

/// What is written about a case fits the schemas.
pub fn reports_of(world: &World) -> Vec<String> {
    misfits(&world.inventory, &access(world), &world.options)
}

fn access(world: &World) -> Vec<ResourceAccess> {
    let estate = world.estate();
    let zone = Zone {
        accounts: world
            .inventory
            .accounts
            .first()
            .and_then(|account| account.id)
            .into_iter()
            .collect(),
        ..Zone::default()
    };
    let buckets = world.inventory.buckets.iter();
    let roles = world.inventory.roles.iter();
    buckets
        .flat_map(|bucket| bucket_access(&estate.bucket(bucket), &zone, &world.options))
        .chain(roles.flat_map(|role| role_access(&estate.role(role), &zone, &world.options)))
        .collect()
}

/// An effective grant's witness is allowed by the other evaluator; any other grant's is not, unless by another document.
fn replay(grant: &Grant, world: &World) -> Option<String> {
    let estate = world.estate();
    let bucket = world.inventory.buckets.first();
    let role = world.inventory.roles.first();
    let decision = match (bucket, role) {
        (Some(bucket), _) => decide_bucket(&grant.witness, &estate.bucket(bucket), &world.options),
        (None, Some(role)) => decide_role(&grant.witness, &estate.role(role), &world.options),
        (None, None) => return None,
    };
    let by = decision.deciding().and_then(|step| step.document);
    let allowed = decision.verdict == Verdict::Allowed;
    let fits = match grant.effect {
        GrantEffect::Effective => allowed,
        GrantEffect::Blocked | GrantEffect::Ineffective => {
            !allowed || !grant.sources.iter().any(|source| Some(source.document) == by)
        }
    };
    if fits {
        return None;
    }
    let context: Vec<String> = grant
        .witness
        .context
        .iter()
        .map(|(key, value)| format!("{}={value:?}", key.name()))
        .collect();
    let deciding = decision.deciding().map(ToString::to_string).unwrap_or_default();
    Some(format!(
        "  witness of {:?}: {} {} {} {context:?}: {:?} because {deciding}",
        summary(grant),
        grant.witness.caller,
        grant.witness.action.name,
        grant.witness.resource,
        decision.verdict,
    ))
}

fn is_own(grant: &Grant, owner: Option<AccountId>) -> bool {
    match (&grant.grantee, owner) {
        (Grantee::Account(account), Some(owner)) => *account == owner,
        (Grantee::Principal(arn), Some(owner)) => arn.contains(&format!("::{owner}:")),
        _ => false,
    }
}

fn summary(grant: &Grant) -> ExpectedGrant {
    let grantee = match grant.grantee.id() {
        Some(id) => format!("{}:{id}", grant.grantee.kind()),
        None => grant.grantee.kind().to_owned(),
    };
    let named = matches!(
        grant.grantee,
        Grantee::Account(_)
            | Grantee::Principal(_)
            | Grantee::CanonicalUser(_)
            | Grantee::CloudFrontOai(_)
            | Grantee::Unknown(_)
    );
    let mut kinds: Vec<&str> = grant
        .confined_by
        .iter()
        .map(|confinement| confinement.kind.as_str())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let how = match grant.effect {
        GrantEffect::Blocked | GrantEffect::Ineffective => grant.effect.as_str().to_owned(),
        GrantEffect::Effective if named => String::new(),
        GrantEffect::Effective if grant.open => "open".to_owned(),
        GrantEffect::Effective if kinds.is_empty() => "confined".to_owned(),
        GrantEffect::Effective => format!("confined:{}", kinds.join(",")),
    };
    ExpectedGrant { grantee, how }
}

fn list(grants: &BTreeSet<ExpectedGrant>) -> String {
    let texts: Vec<String> = grants
        .iter()
        .map(|grant| format!("{} {}", grant.grantee, grant.how))
        .collect();
    format!("[{}]", texts.join(", "))
}

/// Reads one entry of `grants`.
fn expected_grant(text: &str) -> Result<ExpectedGrant, String> {
    let (grantee, how) = text.split_once(' ').unwrap_or((text, ""));
    let (kind, id) = match grantee.split_once(':') {
        Some((kind, id)) => (kind, Some(id)),
        None => (grantee, None),
    };
    let needs_id = match kind {
        "anonymous" | "any-aws-account" => Some(false),
        "service" => None,
        "account" | "principal" | "canonical-user" | "organization" | "federated" | "cloudfront-oai" | "unknown" => {
            Some(true)
        }
        _ => return Err(format!("`{text}`: no such grantee")),
    };
    if needs_id.is_some_and(|needed| needed != id.is_some()) {
        return Err(format!("`{text}`: the grantee has an id too many or too few"));
    }
    let named = matches!(
        kind,
        "account" | "principal" | "canonical-user" | "cloudfront-oai" | "unknown"
    );
    let fits = match how.split_once(':') {
        Some(("confined", kinds)) => !named && kinds.split(',').all(|kind| KINDS.contains(&kind)),
        Some(_) => false,
        None => match how {
            "" => named,
            "open" | "confined" => !named,
            "blocked" | "ineffective" => true,
            _ => false,
        },
    };
    if !fits {
        return Err(format!("`{text}`: not a way to hold a grant"));
    }
    Ok(ExpectedGrant {
        grantee: grantee.to_owned(),
        how: how.to_owned(),
    })
}

const KINDS: &[&str] = &[
    "network",
    "organization",
    "account",
    "access-point",
    "source",
    "external-id",
    "subject",
];
