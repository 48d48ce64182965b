use super::Surroundings;
use crate::engine::{self, Admission, Tenant, Token, admits, shared_issuer};
use crate::finding::{DocumentKind, Grant, Grantee, Request};
use crate::iam::Provider;
use crate::model::Role;

/// Facts about the tokens by which identities of a provider have a grant. Nothing for other grantees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::rules) struct TokenFacts {
    /// How far the subjects reach: a word of the schema's `Subject`.
    pub(in crate::rules) subject: &'static str,
    /// Whether the audience decides; none where only the conditions can tell.
    pub(in crate::rules) checks_audience: Option<bool>,
    /// Whether identities that never signed in have it.
    pub(in crate::rules) guests: bool,
}

/// What is asked of the engine about the tokens of one grant.
struct Asked<'a> {
    scope: engine::RoleScope<'a>,
    options: &'a engine::Options,
    provider: Provider,
    statements: Vec<u32>,
}

/// The facts about a grant's tokens with a subject that shows them.
pub(in crate::rules) fn tokens(
    grant: &Grant,
    role: Option<&Role>,
    around: Surroundings<'_>,
    options: &engine::Options,
) -> (TokenFacts, Option<String>) {
    let Some(provider) = provider(grant) else {
        return (TokenFacts::default(), None);
    };
    let role = role.filter(|role| role.trust.value().is_some() && provider.issuer().is_some());
    let Some(role) = role else {
        return (without_asking(grant, &provider), None);
    };
    let asked = Asked {
        scope: engine::RoleScope {
            role,
            organization: around.organization,
            accounts: around.accounts,
        },
        options,
        provider,
        statements: statements(grant),
    };
    let subject = asked.subject(grant);
    let facts = TokenFacts {
        subject,
        checks_audience: Some(!asked.may_be(Token::FreshAudience)),
        guests: is_cognito(&asked.provider) && asked.may_be(Token::Guest),
    };
    (facts, asked.example(grant, subject))
}

impl Default for TokenFacts {
    fn default() -> Self {
        Self {
            subject: "none",
            checks_audience: None,
            guests: false,
        }
    }
}

impl Asked<'_> {
    fn admits(&self, token: Token<'_>) -> Admission {
        admits(&self.scope, &self.statements, &self.provider, token, self.options)
    }

    /// Whether such a token is let in; what cannot be told may be.
    fn may_be(&self, token: Token<'_>) -> bool {
        self.admits(token) != Admission::No
    }

    /// How far the subjects reach [OPEN-09], [TRUST-42…57].
    fn subject(&self, grant: &Grant) -> &'static str {
        if grant.open {
            if is_by_audience(&self.provider) || self.may_be(Token::FreshOwner { any_workflow: false }) {
                return "any";
            }
            if self.may_be(Token::FreshOwner { any_workflow: true }) {
                return "workflow";
            }
            // A stranger who is the only one that fits is whom the pattern means: `repo:acme?app:*`.
            let shown = self.shown(&grant.witness, "sub");
            if shown.is_none_or(|subject| self.may_be(Token::OtherOwner(subject))) {
                return "owner-prefix";
            }
        }
        if self.names_repositories() && self.may_be(Token::FreshRepository) {
            "owner"
        } else {
            "confined"
        }
    }

    /// A claim of a request's token.
    fn shown<'r>(&self, request: &'r Request, claim: &str) -> Option<&'r str> {
        let key = format!("{}:{claim}", self.provider.issuer()?);
        request.context.one(&key)
    }

    fn names_repositories(&self) -> bool {
        matches!(
            self.provider.issuer(),
            Some("token.actions.githubusercontent.com" | "vstoken.actions.githubusercontent.com" | "gitlab.com")
        )
    }

    /// A subject that is let in; of a second owner where that is the point.
    fn example(&self, grant: &Grant, reach: &str) -> Option<String> {
        let claim = subject_claim(grant);
        let of = |request: &Request| self.shown(request, claim).map(str::to_owned);
        let asked = |token: Token<'_>| match self.admits(token) {
            Admission::Yes(request) => of(&request),
            Admission::No | Admission::Undecided => None,
        };
        let shown = of(&grant.witness).or_else(|| asked(Token::Any));
        match &shown {
            // Of two owners with a similar name the longer one is hardly the one that is meant.
            Some(first) if reach == "owner-prefix" => {
                let other = asked(Token::OtherOwner(first));
                [other, shown].into_iter().flatten().max_by_key(String::len)
            }
            Some(_) | None => shown,
        }
    }
}

/// The claim that says whose a token is, as far as the conditions tell: `sub`, or `repository` where only that is asked for.
pub(in crate::rules) fn subject_claim(grant: &Grant) -> &'static str {
    let asks = |claim: &str| {
        let mut keys = grant.conditions.iter().map(|condition| condition.key.to_lowercase());
        keys.any(|key| key.ends_with(claim))
    };
    if !asks(":sub") && asks(":repository") {
        "repository"
    } else {
        "sub"
    }
}

/// The facts where there is no trust policy to ask: hand-made access, SAML.
fn without_asking(grant: &Grant, provider: &Provider) -> TokenFacts {
    TokenFacts {
        subject: if grant.open { "any" } else { "confined" },
        checks_audience: None,
        guests: is_cognito(provider),
    }
}

fn provider(grant: &Grant) -> Option<Provider> {
    match &grant.grantee {
        Grantee::Federated(provider) => Provider::from_text(provider).ok(),
        Grantee::Anonymous
        | Grantee::AnyAwsAccount
        | Grantee::Organization(_)
        | Grantee::Service(_)
        | Grantee::Account(_)
        | Grantee::CanonicalUser(_)
        | Grantee::Principal(_)
        | Grantee::CloudFrontOai(_)
        | Grantee::Unknown(_) => None,
    }
}

fn statements(grant: &Grant) -> Vec<u32> {
    let sources = grant.sources.iter();
    sources
        .filter(|source| source.document == DocumentKind::TrustPolicy)
        .map(|source| source.index)
        .collect()
}

fn is_cognito(provider: &Provider) -> bool {
    provider.issuer() == Some("cognito-identity.amazonaws.com")
}

/// Whether the audience says whose application a token is for, so that without it anybody's application will do.
pub(super) fn is_by_audience(provider: &Provider) -> bool {
    shared_issuer(provider).is_some_and(|issuer| issuer.tenant == Tenant::Audience)
}
