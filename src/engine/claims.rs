/// What a context key with an issuer's name in front of it means to a caller of one issuer [TRUST-33], [TRUST-35].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClaimKey {
    /// It is no claim at all: a key of AWS itself.
    NoClaim,
    /// A claim of this issuer that AWS turns into a key.
    Known,
    /// A claim that never becomes a key: of another issuer, or one that AWS does not know.
    NeverThere,
}

/// How a key, in lower case, relates to the issuer of a caller; callers of no issuer have none of its claims.
///
/// Source: IAM User Guide, "Available keys for AWS OIDC federation"; Service Authorization Reference for AWS STS.
pub(super) fn claim_key(folded: &str, issuer: Option<&str>) -> ClaimKey {
    let issuer = issuer.map(str::to_lowercase);
    let own = issuer
        .as_deref()
        .and_then(|issuer| folded.strip_prefix(issuer)?.strip_prefix(':'));
    match (issuer.as_deref(), own) {
        (Some(issuer), Some(claim)) => {
            if is_claim_of(issuer, claim) {
                ClaimKey::Known
            } else {
                ClaimKey::NeverThere
            }
        }
        // An issuer is a host name, and so has a dot; no key space of AWS has one.
        (Some(_) | None, Some(_) | None) => match folded.split_once(':') {
            Some((space, _)) if space.contains('.') => ClaimKey::NeverThere,
            Some(_) | None => ClaimKey::NoClaim,
        },
    }
}

/// Whether AWS turns a claim of an issuer, both in lower case, into a context key [TRUST-35].
///
/// Claims that are only named for the built-in providers come from the condition keys listed there [TRUST-64], [TRUST-65].
pub(super) fn is_claim_of(issuer: &str, claim: &str) -> bool {
    EVERY_ISSUER.contains(&claim) || provider_claims(issuer).contains(&claim)
}

fn provider_claims(issuer: &str) -> &'static [&'static str] {
    let host = issuer.split('/').next().unwrap_or(issuer);
    match host {
        "token.actions.githubusercontent.com" => GITHUB,
        "gitlab.com" => GITLAB,
        "accounts.google.com" => &["oaud", "google/organization_number"],
        "graph.facebook.com" => &["app_id", "id"],
        "www.amazon.com" => &["app_id", "user_id"],
        "oidc.circleci.com" => &["oidc.circleci.com/project-id"],
        "agent.buildkite.com" => BUILDKITE,
        _ if host.starts_with("token.actions.") && host.ends_with(".ghe.com") => GITHUB,
        _ => OTHER,
    }
}

const EVERY_ISSUER: &[&str] = &["aud", "sub", "amr"];

const GITHUB: &[&str] = &[
    "actor",
    "actor_id",
    "job_workflow_ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
    "ref",
    "environment",
    "enterprise_id",
];

const GITLAB: &[&str] = &[
    "namespace_id",
    "project_id",
    "pipeline_source",
    "ref_protected",
    "runner_environment",
    "user_access_level",
    "user_email",
    "user_id",
    "user_login",
];

const BUILDKITE: &[&str] = &[
    "organization_id",
    "organization_slug",
    "pipeline_id",
    "pipeline_slug",
    "cluster_id",
    "cluster_name",
    "build_branch",
];

/// Oracle Cloud's own claim; its issuers' host names are not documented by AWS.
const OTHER: &[&str] = &["rpst_id"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_documented_claims_of_the_own_issuer_are_keys() {
        let github = Some("token.actions.githubusercontent.com");
        let check = |key: &str, issuer, expected| assert_eq!(claim_key(key, issuer), expected, "{key}");
        check("aws:principalarn", None, ClaimKey::NoClaim);
        check("saml:aud", None, ClaimKey::NoClaim);
        check("token.actions.githubusercontent.com:sub", github, ClaimKey::Known);
        check(
            "token.actions.githubusercontent.com:environment",
            github,
            ClaimKey::Known,
        );
        check(
            "token.actions.githubusercontent.com:repository_owner",
            github,
            ClaimKey::NeverThere,
        );
        check("token.actions.githubusercontent.com:sub", None, ClaimKey::NeverThere);
        check("gitlab.com:sub", github, ClaimKey::NeverThere);
        check(
            "token.actions.githubusercontent.com/acme:repository",
            Some("token.actions.githubusercontent.com/Acme"),
            ClaimKey::Known,
        );
        check(
            "oidc.circleci.com/org/1:oidc.circleci.com/project-id",
            Some("oidc.circleci.com/org/1"),
            ClaimKey::Known,
        );
        check("gitlab.com:project_path", Some("gitlab.com"), ClaimKey::NeverThere);
    }
}
