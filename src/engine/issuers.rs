//! Issuers of tokens that many tenants share, and how their tokens tell the tenants apart.
//!
//! Source: IAM User Guide, "Identity-provider controls for shared OIDC providers" [TRUST-31], and the built-in
//! providers [TRUST-32]; subjects as in [TRUST-40…61], [OPEN-09]. Every other issuer's URL names its tenant.

use crate::iam::Provider;

/// An issuer that serves many tenants under one URL.
#[derive(Debug, PartialEq, Eq)]
pub struct SharedIssuer {
    /// Its URL without the scheme.
    pub name: &'static str,
    /// What of a token no other tenant can have.
    pub tenant: Tenant,
    /// How subjects name an owner, the ordinary way first; none where it is not known how.
    pub(super) owners: &'static [OwnerPart],
    /// Beginnings of subjects that name nobody.
    pub(super) free_heads: &'static [&'static str],
    /// Claims beside the subject that name a tenant or something of a tenant.
    pub(super) tenant_claims: &'static [&'static str],
    /// Claims that any tenant can have [TRUST-57].
    pub(super) free_claims: &'static [&'static str],
    /// A subject of some tenant that nothing names.
    pub(super) likely_subject: &'static str,
}

/// What of a token no tenant but its own can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenant {
    /// Its subject, by the owner in it.
    Subject,
    /// The audience, which is the tenant's application.
    Audience,
    /// The name of the session that the issuer makes with it.
    SessionName,
}

/// Where a subject names its owner.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OwnerPart {
    /// The text before the owner, such as `repo:`.
    pub(super) after: &'static str,
    /// What can end the owner.
    pub(super) before: &'static [char],
    /// Whether the owner is a number.
    pub(super) numeric: bool,
}

/// The issuer, if many tenants share it.
pub fn shared_issuer(provider: &Provider) -> Option<&'static SharedIssuer> {
    // The documented URL of Sentinel's issuer ends in a slash.
    let name = provider.issuer()?.trim_end_matches('/');
    SHARED.iter().find(|issuer| issuer.name == name)
}

impl SharedIssuer {
    /// Whether subjects are those of GitHub's workflows.
    pub(super) fn is_github(&self) -> bool {
        self.name.ends_with("actions.githubusercontent.com")
    }
}

const fn named(after: &'static str, before: &'static [char]) -> OwnerPart {
    OwnerPart {
        after,
        before,
        numeric: false,
    }
}

const fn numbered(after: &'static str) -> OwnerPart {
    OwnerPart {
        after,
        before: &[':'],
        numeric: true,
    }
}

/// The ordinary subject, and what customised ones can begin with [TRUST-40].
const GITHUB: &[OwnerPart] = &[
    named("repo:", &['/', '@']),
    named("repository:", &['/']),
    named("repository_owner:", &[':']),
    numbered("repository_owner_id:"),
    numbered("repository_id:"),
    named("enterprise:", &[':']),
    numbered("enterprise_id:"),
];

const GITHUB_FREE: &[&str] = &[
    "ref:",
    "context:",
    "environment:",
    "actor:",
    "actor_id:",
    "workflow:",
    "event_name:",
    "runner_environment:",
    "repository_visibility:",
];

static SHARED: &[SharedIssuer] = &[
    SharedIssuer {
        tenant_claims: &["repository", "repository_id", "repository_owner_id", "enterprise_id"],
        free_claims: &[
            "actor",
            "actor_id",
            "job_workflow_ref",
            "workflow",
            "ref",
            "environment",
        ],
        ..github("token.actions.githubusercontent.com")
    },
    github("vstoken.actions.githubusercontent.com"),
    SharedIssuer {
        tenant_claims: &["namespace_id", "project_id", "user_email", "user_id", "user_login"],
        free_claims: &[
            "pipeline_source",
            "ref_protected",
            "runner_environment",
            "user_access_level",
        ],
        ..by_subject(
            "gitlab.com",
            &[named("project_path:", &['/'])],
            "project_path:stranger/project:ref_type:branch:ref:main",
        )
    },
    by_subject(
        "app.terraform.io",
        &[named("organization:", &[':'])],
        "organization:stranger:project:p:workspace:w:run_phase:apply",
    ),
    SharedIssuer {
        tenant_claims: &["organization_id", "organization_slug", "pipeline_id", "cluster_id"],
        free_claims: &["pipeline_slug", "cluster_name", "build_branch"],
        ..by_subject(
            "agent.buildkite.com",
            &[named("organization:", &[':'])],
            "organization:stranger:pipeline:p:ref:refs/heads/main:commit:c:step:s",
        )
    },
    by_subject(
        "oidc-configuration.audit-log.githubusercontent.com",
        &[],
        "https://github.com/stranger",
    ),
    by_subject(
        "oidc.codefresh.io",
        &[named("account:", &[':'])],
        "account:stranger:pipeline:p",
    ),
    by_subject("studio.datachain.ai/api", &[], "stranger"),
    by_subject(
        "scalr.io",
        &[named("account:", &[':'])],
        "account:stranger:environment:e:workspace:w",
    ),
    by_subject("tokens.cloud.shisho.dev", &[], "stranger"),
    by_subject("proidc.upbound.io", &[], "stranger"),
    by_audience("api.pulumi.com/oidc"),
    by_audience("sandboxes.cloud"),
    by_audience("oidc.vercel.com"),
    by_audience("cognito-identity.amazonaws.com"),
    by_audience("accounts.google.com"),
    by_audience("www.amazon.com"),
    by_audience("graph.facebook.com"),
    // Azure Sentinel: one application for all its customers.
    SharedIssuer {
        tenant: Tenant::SessionName,
        ..by_subject("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", &[], "sentinel")
    },
];

const fn github(name: &'static str) -> SharedIssuer {
    SharedIssuer {
        free_heads: GITHUB_FREE,
        ..by_subject(name, GITHUB, "repo:stranger/repository:ref:refs/heads/main")
    }
}

const fn by_subject(name: &'static str, owners: &'static [OwnerPart], likely: &'static str) -> SharedIssuer {
    SharedIssuer {
        name,
        tenant: Tenant::Subject,
        owners,
        free_heads: &[],
        tenant_claims: &[],
        free_claims: &[],
        likely_subject: likely,
    }
}

const fn by_audience(name: &'static str) -> SharedIssuer {
    SharedIssuer {
        tenant: Tenant::Audience,
        tenant_claims: &["app_id", "oaud", "google/organization_number", "id", "user_id"],
        free_claims: &["amr"],
        ..by_subject(name, &[], "stranger")
    }
}
