//! Identity providers: which of them many tenants share, and what their tokens say [TRUST-30…69], [OPEN-09].

use super::domain::{Domain, FILLER, KeyState, Values};
use super::glob::{Class as Chars, Glob};
use super::literal::KeyId;
use super::named::Named;
use crate::iam::Provider;

/// How a shared issuer tells its tenants apart.
#[derive(Debug)]
pub(super) struct Issuer {
    host: &'static str,
    /// The text before the owner in a subject, such as `repo:`.
    owner_after: &'static str,
    /// What ends the owner.
    owner_before: &'static [char],
    /// Whether the audience names the application, so that no other tenant can have it.
    pub(super) audience_is_tenant: bool,
    /// Claims that name a tenant.
    tenant_claims: &'static [&'static str],
    /// Claims that any tenant can have [TRUST-57].
    free_claims: &'static [&'static str],
    likely_subject: &'static str,
}

/// Issuers that serve many tenants under one URL [TRUST-31], [TRUST-32]. Every other issuer's URL names its tenant.
static SHARED: &[Issuer] = &[
    Issuer {
        host: "token.actions.githubusercontent.com",
        owner_after: "repo:",
        owner_before: &['/', '@'],
        audience_is_tenant: false,
        tenant_claims: &["repository", "repository_id", "repository_owner_id", "enterprise_id"],
        free_claims: &[
            "actor",
            "actor_id",
            "job_workflow_ref",
            "workflow",
            "ref",
            "environment",
        ],
        likely_subject: "repo:stranger/repository:ref:refs/heads/main",
    },
    Issuer {
        host: "gitlab.com",
        owner_after: "project_path:",
        owner_before: &['/'],
        audience_is_tenant: false,
        tenant_claims: &["namespace_id", "project_id", "user_email", "user_id", "user_login"],
        free_claims: &[
            "pipeline_source",
            "ref_protected",
            "runner_environment",
            "user_access_level",
        ],
        likely_subject: "project_path:stranger/project:ref_type:branch:ref:main",
    },
    Issuer {
        host: "app.terraform.io",
        owner_after: "organization:",
        owner_before: &[':'],
        audience_is_tenant: false,
        tenant_claims: &[],
        free_claims: &[],
        likely_subject: "organization:stranger:project:p:workspace:w:run_phase:apply",
    },
    Issuer {
        host: "agent.buildkite.com",
        owner_after: "organization:",
        owner_before: &[':'],
        audience_is_tenant: false,
        tenant_claims: &["organization_id", "organization_slug", "pipeline_id", "cluster_id"],
        free_claims: &["pipeline_slug", "cluster_name", "build_branch"],
        likely_subject: "organization:stranger:pipeline:p:ref:refs/heads/main:commit:c:step:s",
    },
    shared(
        "vstoken.actions.githubusercontent.com",
        "repo:",
        &['/', '@'],
        "repo:stranger/repository:ref:refs/heads/main",
    ),
    shared(
        "oidc-configuration.audit-log.githubusercontent.com",
        "",
        &[],
        "https://github.com/stranger",
    ),
    shared("oidc.codefresh.io", "account:", &[':'], "account:stranger:pipeline:p"),
    shared("studio.datachain.ai/api", "", &[], "stranger"),
    shared(
        "scalr.io",
        "account:",
        &[':'],
        "account:stranger:environment:e:workspace:w",
    ),
    shared("tokens.cloud.shisho.dev", "", &[], "stranger"),
    shared("proidc.upbound.io", "", &[], "stranger"),
    tenant_by_audience("api.pulumi.com/oidc"),
    tenant_by_audience("sandboxes.cloud"),
    tenant_by_audience("oidc.vercel.com"),
    tenant_by_audience("cognito-identity.amazonaws.com"),
    tenant_by_audience("accounts.google.com"),
    tenant_by_audience("www.amazon.com"),
    tenant_by_audience("graph.facebook.com"),
];

const fn shared(
    host: &'static str,
    owner_after: &'static str,
    owner_before: &'static [char],
    likely: &'static str,
) -> Issuer {
    Issuer {
        host,
        owner_after,
        owner_before,
        audience_is_tenant: false,
        tenant_claims: &[],
        free_claims: &[],
        likely_subject: likely,
    }
}

const fn tenant_by_audience(host: &'static str) -> Issuer {
    Issuer {
        host,
        owner_after: "",
        owner_before: &[],
        audience_is_tenant: true,
        tenant_claims: &["app_id", "oaud", "google/organization_number", "id", "user_id"],
        free_claims: &["amr"],
        likely_subject: "stranger",
    }
}

/// The issuer, if many tenants share it.
pub(super) fn shared_issuer(provider: &Provider) -> Option<&'static Issuer> {
    let host = provider.issuer()?;
    SHARED.iter().find(|issuer| issuer.host == host)
}

/// Whether a claim, given as a lower-case key, names a tenant of a shared issuer.
pub(super) fn names_tenant(provider: &Provider, key: &str) -> bool {
    let claim = provider
        .issuer()
        .and_then(|issuer| key.strip_prefix(&*issuer.to_lowercase())?.strip_prefix(':'));
    match (shared_issuer(provider), claim) {
        (Some(issuer), Some(claim)) => {
            claim == "sub" || claim == "aud" && issuer.audience_is_tenant || issuer.tenant_claims.contains(&claim)
        }
        (Some(_) | None, _) => claim == Some("sub"),
    }
}

/// The state of a key that is a claim of the provider; `None` for keys that are no claims.
///
/// A claim of another issuer is absent, and so is one that AWS does not pass on [TRUST-33], [TRUST-35].
pub(super) fn state(provider: &Provider, key: &str, id: KeyId, named: &Named, strange: bool) -> Option<KeyState> {
    let Some(issuer) = provider.issuer() else {
        return saml(key);
    };
    let folded = issuer.to_lowercase();
    let Some(claim) = key.strip_prefix(&*folded).and_then(|rest| rest.strip_prefix(':')) else {
        return foreign_claim(key).then_some(KeyState::Fixed(super::literal::Value::Absent));
    };
    Some(match shared_issuer(provider) {
        Some(shared) => shared.claim(claim, id, named, strange),
        None => private_claim(claim),
    })
}

impl Issuer {
    fn claim(&self, claim: &str, id: KeyId, named: &Named, strange: bool) -> KeyState {
        let tenant = match claim {
            "sub" => return self.subject(id, named, strange),
            "aud" => self.audience_is_tenant,
            _ if self.tenant_claims.contains(&claim) => true,
            _ if self.free_claims.contains(&claim) => false,
            _ => return KeyState::Fixed(super::literal::Value::Absent),
        };
        let mut without: Vec<Glob> = Vec::new();
        if tenant && strange {
            without.extend(named.of_key(id).cloned());
            // `repository` begins with the owner as the subject does.
            if claim == "repository" {
                without.extend(
                    owners(named, id, "", &['/'])
                        .into_iter()
                        .map(|owner| begins_with(&owner)),
                );
            }
        }
        let always = matches!(
            claim,
            "aud"
                | "amr"
                | "repository"
                | "ref"
                | "workflow"
                | "actor"
                | "repository_id"
                | "repository_owner_id"
                | "actor_id"
        );
        let multivalued = claim == "amr";
        KeyState::Free(Domain {
            absent: !always,
            multivalued,
            values: Values::text(Vec::new(), without, likely_claim(claim)),
        })
    }

    fn subject(&self, id: KeyId, named: &Named, strange: bool) -> KeyState {
        let mut without = Vec::new();
        if strange {
            without.extend(named.of_key(id).cloned());
            if !self.owner_before.is_empty() {
                let mut heads = owners(named, id, self.owner_after, self.owner_before);
                if self.host.ends_with("actions.githubusercontent.com") {
                    let templates = GITHUB_TENANTS.iter();
                    heads.extend(templates.flat_map(|(after, before)| owners(named, id, after, before)));
                }
                without.extend(heads.into_iter().map(|head| begins_with(&head)));
            }
        }
        KeyState::Free(Domain {
            absent: false,
            multivalued: false,
            values: Values::Text {
                within: self.subject_shapes().into(),
                without,
                likely: vec![self.likely_subject.to_owned()],
                filler: self.likely_subject.split_once('/').map_or(FILLER, |(_, rest)| rest),
            },
        })
    }

    /// What subjects look like where that is documented [TRUST-40], [TRUST-41], [TRUST-60], [TRUST-61].
    fn subject_shapes(&self) -> Vec<Glob> {
        let some = |class| [(class, false), (class, true)];
        let rest = Glob::of_classes(":", &some(Chars::Any));
        match self.host {
            "token.actions.githubusercontent.com" | "vstoken.actions.githubusercontent.com" => {
                let owner = Glob::of_classes("repo:", &some(Chars::Name));
                let repository = Glob::of_classes("/", &some(Chars::Name));
                let classic = owner.then(&repository).then(&rest);
                // A customised template starts with some other claim.
                let custom = GITHUB_TEMPLATES
                    .iter()
                    .map(|claim| Glob::of_classes(claim, &[]).then(&rest));
                std::iter::once(classic).chain(custom).collect()
            }
            "gitlab.com" => vec![
                Glob::of_classes("project_path:", &some(Chars::Name))
                    .then(&Glob::of_classes("/", &some(Chars::NotColon)))
                    .then(&rest),
            ],
            "app.terraform.io" | "agent.buildkite.com" => {
                vec![Glob::of_classes("organization:", &some(Chars::NotColon)).then(&rest)]
            }
            _ => Vec::new(),
        }
    }
}

/// Claims that a customised subject of GitHub can begin with [TRUST-40].
const GITHUB_TEMPLATES: &[&str] = &[
    "repository_owner_id",
    "repository_owner",
    "repository_id",
    "repository",
    "repository_visibility",
    "enterprise",
    "enterprise_id",
    "job_workflow_ref",
    "ref",
    "context",
    "environment",
    "actor",
    "actor_id",
    "workflow",
    "event_name",
    "runner_environment",
];

/// Claims that a customised subject of GitHub can begin with and that name a tenant [TRUST-40].
const GITHUB_TENANTS: &[(&str, &[char])] = &[
    ("repository_owner_id:", &[':']),
    ("repository_owner:", &[':']),
    ("repository_id:", &[':']),
    ("repository:", &['/']),
    ("enterprise:", &[':']),
    ("enterprise_id:", &[':']),
];

/// The heads of named subjects up to the end of the owner: `repo:acme/`. Both endings of an owner count: `repo:acme@`.
fn owners(named: &Named, id: KeyId, after: &str, before: &[char]) -> Vec<String> {
    let mut heads = Vec::new();
    for text in named
        .claim_texts
        .iter()
        .filter(|(key, _)| *key == id)
        .map(|(_, text)| &**text)
    {
        let Some(rest) = text.strip_prefix(after) else { continue };
        if let Some((owner, _)) = rest.split_once(before)
            && !owner.is_empty()
            && !owner.contains(['*', '?'])
        {
            heads.extend(before.iter().map(|end| format!("{after}{owner}{end}")));
        }
    }
    heads.sort();
    heads.dedup();
    heads
}

/// Names of owners are not told apart by letter case.
fn begins_with(head: &str) -> Glob {
    Glob::folded_prefix(head)
}

/// Claims of an issuer whose URL names the tenant: whatever that tenant puts into its tokens.
fn private_claim(claim: &str) -> KeyState {
    let text = || Values::text(Vec::new(), Vec::new(), likely_claim(claim));
    match claim {
        "sub" | "aud" => super::states::free(text()),
        // [TRUST-35]
        "amr" => KeyState::Free(Domain {
            absent: true,
            multivalued: true,
            values: text(),
        }),
        _ if PRIVATE_CLAIMS.contains(&claim) => super::states::maybe(text()),
        _ => KeyState::Fixed(super::literal::Value::Absent),
    }
}

/// Claims that AWS passes on for issuers of single tenants, such as GitHub Enterprise, CircleCI or Oracle [TRUST-35].
const PRIVATE_CLAIMS: &[&str] = &[
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
    "oidc.circleci.com/project-id",
    "rpst_id",
    "organization_id",
    "organization_slug",
    "pipeline_id",
    "pipeline_slug",
    "cluster_id",
    "cluster_name",
    "build_branch",
];

/// Keys of SAML assertions [TRUST-29].
fn saml(key: &str) -> Option<KeyState> {
    let Some(claim) = key.strip_prefix("saml:") else {
        return foreign_claim(key).then_some(KeyState::Fixed(super::literal::Value::Absent));
    };
    let text = Values::text(Vec::new(), Vec::new(), likely_claim(claim));
    Some(match claim {
        "aud" => super::states::free(Values::text(
            vec![Glob::of_classes("https://", &[(Chars::Any, false), (Chars::Any, true)])],
            Vec::new(),
            vec!["https://signin.aws.amazon.com/saml".into()],
        )),
        "edupersonaffiliation" => KeyState::Free(Domain {
            absent: true,
            multivalued: true,
            values: text,
        }),
        _ => super::states::maybe(text),
    })
}

/// Whether a claim, given as a lower-case key, has several values: how somebody signed in, and what a directory says of
/// somebody's affiliations [TRUST-29], [TRUST-35].
pub(super) fn is_multivalued(key: &str) -> bool {
    key == "saml:edupersonaffiliation" || foreign_claim(key) && key.ends_with(":amr")
}

/// Whether a key looks like a claim at all: it is no key of a service.
fn foreign_claim(key: &str) -> bool {
    let prefix = key.split(':').next().unwrap_or_default();
    prefix.contains('.') || prefix == "saml"
}

fn likely_claim(claim: &str) -> Vec<String> {
    let text = match claim {
        "aud" => "sts.amazonaws.com",
        "amr" => "authenticated",
        "ref" => "refs/heads/main",
        "repository" => "stranger/repository",
        "environment" => "production",
        "job_workflow_ref" => "stranger/repository/.github/workflows/build.yml@refs/heads/main",
        _ => "stranger",
    };
    vec![text.to_owned()]
}
