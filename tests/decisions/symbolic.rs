use super::case::Case;
use super::world::World;

/// What a case expects among the grants that leave the own account.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedGrant {
    /// Kind and id of the grantee, as in `account:444455556666`.
    pub grantee: String,
    /// `open`, `confined:KIND,…`, `confined`, `blocked`, `ineffective`; empty for a named grantee.
    pub how: String,
}

/// Runs the evaluator of sets on a case.
///
/// HOOK: this is where `engine::symbolic` joins. Until then it only sees that the expectations are well written.
pub fn check(case: &Case, _world: &World) -> Vec<String> {
    let stated = case.grants.iter().flatten();
    stated.filter_map(|text| expected_grant(text).err()).collect()
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
