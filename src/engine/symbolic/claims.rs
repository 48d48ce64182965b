//! What the tokens of identity providers say [TRUST-30…69], [OPEN-09].

use super::domain::{Domain, FILLER, KeyState, Values};
use super::glob::{Class as Chars, Glob};
use super::literal::KeyId;
use super::named::Named;
use crate::engine::issuers::{SharedIssuer, Tenant, shared_issuer};
use crate::iam::Provider;

/// Whether a key, in lower case, names a tenant of a shared issuer.
pub(super) fn names_tenant(provider: &Provider, key: &str) -> bool {
    if is_session_of_tenant(provider, key) {
        return true;
    }
    let claim = provider
        .issuer()
        .and_then(|issuer| key.strip_prefix(&*issuer.to_lowercase())?.strip_prefix(':'));
    match (shared_issuer(provider), claim) {
        (Some(issuer), Some(claim)) => {
            claim == "sub" && issuer.tenant != Tenant::SessionName
                || claim == "aud" && issuer.tenant == Tenant::Audience
                || issuer.tenant_claims.contains(&claim)
        }
        (Some(_) | None, _) => claim == Some("sub"),
    }
}

/// Whether a key, in lower case, is the name of a session by which the issuer tells its tenants apart [TRUST-31].
pub(super) fn is_session_of_tenant(provider: &Provider, key: &str) -> bool {
    key == "sts:rolesessionname" && shared_issuer(provider).is_some_and(|issuer| issuer.tenant == Tenant::SessionName)
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

impl SharedIssuer {
    fn claim(&self, claim: &str, id: KeyId, named: &Named, strange: bool) -> KeyState {
        let tenant = match claim {
            "sub" => return self.subject(id, named, strange),
            "aud" => self.tenant == Tenant::Audience,
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
        if strange && self.tenant != Tenant::SessionName {
            without.extend(named.of_key(id).cloned());
            let parts = self.owners.iter();
            let heads = parts.flat_map(|part| owners(named, id, part.after, part.before));
            without.extend(heads.map(|head| begins_with(&head)));
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
        match self.name {
            _ if self.is_github() => {
                let owner = Glob::of_classes("repo:", &some(Chars::Name));
                let repository = Glob::of_classes("/", &some(Chars::Name));
                let classic = owner.then(&repository).then(&rest);
                // A customised template starts with some other claim.
                let others = self.owners.iter().skip(1).map(|part| part.after);
                let custom = others
                    .chain(self.free_heads.iter().copied())
                    .chain(["job_workflow_ref:"]);
                std::iter::once(classic)
                    .chain(custom.map(|head| Glob::of_classes(head, &some(Chars::Any))))
                    .collect()
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
