use super::symbolic::role_access;
use super::{GrantEffect, Grantee, Options, Request, RoleScope, Zone};
use crate::iam::{
    BaseOperator, Condition, ConditionValue, ContextKey, Effect, ElementList, Operand, Operator, Pattern, Principal,
    PrincipalElement, Provider, Qualifier, Statement, Version,
};
use crate::model::{Role, Setting};
use crate::source::{Span, Spanned};

/// Which tokens of a provider a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Any, with its subject.
    Any,
    /// Of an owner that no policy can have in mind [OPEN-09]; `any_workflow` says whether the workflow may still be a
    /// reusable one of somebody else [TRUST-56].
    FreshOwner {
        /// Whether what `job_workflow_ref` names is left open.
        any_workflow: bool,
    },
    /// Of another owner than the one of this subject.
    OtherOwner(&'a str),
    /// Of a new repository, whose owner may be one that the trust policy names [TRUST-44].
    FreshRepository,
    /// Issued for an audience that no policy can have in mind [TRUST-34].
    FreshAudience,
    /// Of somebody who never signed in: a guest of a Cognito identity pool [TRUST-63].
    Guest,
}

/// Whether such a token is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// This request is.
    Yes(Box<Request>),
    /// None is.
    No,
    /// It cannot be told.
    Undecided,
}

/// Whether some statements of a role's trust policy, given by their places, let a token of a provider in.
///
/// Asks who assumes the role once more, with one Deny for whatever the tokens in question are not.
pub fn admits(
    scope: &RoleScope<'_>,
    statements: &[u32],
    provider: &Provider,
    token: Token<'_>,
    options: &Options,
) -> Admission {
    let (Some(trust), Some(issuer)) = (scope.role.trust.value(), provider.issuer()) else {
        return Admission::Undecided;
    };
    let issuer = Issuer {
        name: issuer,
        texts: texts(trust.statements.iter(), issuer),
    };
    let mut narrowed = trust.clone();
    narrowed
        .statements
        .retain(|statement| statement.effect == Effect::Deny || statements.contains(&statement.index));
    let denies = issuer.others(token).into_iter().zip(u32::MAX / 2..);
    narrowed
        .statements
        .extend(denies.map(|(conditions, index)| deny(provider, conditions, index)));
    let role = Role {
        trust: Setting::set(narrowed, scope.role.trust.span().unwrap_or_default()),
        ..scope.role.clone()
    };
    let scope = RoleScope { role: &role, ..*scope };
    let access = role_access(&scope, &Zone::default(), options);
    let name = Grantee::Federated(provider.to_string().into());
    let grants = access.iter().flat_map(|access| &access.grants);
    let mut found = grants.filter(|grant| grant.grantee == name && grant.effect == GrantEffect::Effective);
    match found.next() {
        Some(grant) => Admission::Yes(Box::new(grant.witness.clone())),
        None if access.iter().all(|access| access.indeterminate.is_empty()) => Admission::No,
        None => Admission::Undecided,
    }
}

/// The texts that statements compare the subject or the repository of a token with.
fn texts<'a>(statements: impl Iterator<Item = &'a Statement>, issuer: &str) -> Vec<&'a str> {
    let keys = ["sub", "repository"].map(|claim| ContextKey::new(&format!("{issuer}:{claim}")));
    statements
        .flat_map(|statement| &statement.conditions)
        .filter(|condition| keys.contains(&condition.key))
        .flat_map(|condition| condition.values.iter().map(|value| &*value.text))
        .collect()
}

/// An issuer, and what the trust policy says of its subjects.
struct Issuer<'a> {
    name: &'a str,
    texts: Vec<&'a str>,
}

/// One condition: operator, claim, values.
type Term = (Operator, &'static str, Vec<String>);

impl Issuer<'_> {
    /// What the other tokens are like: each list of conditions describes some that are not meant.
    fn others(&self, token: Token<'_>) -> Vec<Vec<Term>> {
        match token {
            Token::Any => vec![vec![plain(BaseOperator::StringEquals, "sub", ["-".to_owned()])]],
            Token::FreshOwner { any_workflow } => self.not_of_fresh_owner(any_workflow),
            Token::OtherOwner(subject) => vec![vec![plain(BaseOperator::StringLike, "sub", self.same_owner(subject))]],
            Token::FreshRepository => self.not_of_fresh_repository(),
            Token::FreshAudience => vec![vec![plain(
                BaseOperator::StringNotEquals,
                self.audience(),
                [FRESH.to_owned()],
            )]],
            Token::Guest => {
                let signed_in = Operator {
                    qualifier: Some(Qualifier::ForAnyValue),
                    ..Operator::plain(BaseOperator::StringNotEquals)
                };
                vec![
                    vec![(signed_in, "amr", vec!["unauthenticated".into()])],
                    vec![plain(BaseOperator::Null, "amr", ["true".to_owned()])],
                ]
            }
        }
    }

    fn not_of_fresh_owner(&self, any_workflow: bool) -> Vec<Vec<Term>> {
        let mut others = Vec::new();
        let mut heads: Vec<&Head> = self.heads().iter().collect();
        let workflow = Head("job_workflow_ref:", &["/"], FRESH);
        if !any_workflow && self.is_github() {
            heads.push(&workflow);
            others.push(known_and_other("job_workflow_ref", [format!("{FRESH}/*")]));
        }
        if heads.is_empty() {
            others.push(vec![plain(BaseOperator::StringNotLike, "sub", [format!("{FRESH}*")])]);
        } else {
            let of_owners = heads.iter().map(|Head(head, _, _)| format!("{head}*"));
            let fresh = heads
                .iter()
                .flat_map(|Head(head, ends, owner)| ends.iter().map(move |end| format!("{head}{owner}{end}*")));
            others.push(vec![
                plain(BaseOperator::StringLike, "sub", of_owners),
                plain(BaseOperator::StringNotLike, "sub", fresh),
            ]);
        }
        for claim in self.tenant_claims() {
            let fresh = match *claim {
                "repository" => format!("{FRESH}/*"),
                "organization_slug" => FRESH.to_owned(),
                _ => FRESH_ID.to_owned(),
            };
            others.push(known_and_other(claim, [fresh]));
        }
        others
    }

    fn not_of_fresh_repository(&self) -> Vec<Vec<Term>> {
        let heads = if self.is_github() {
            &["repo:", "repository:"][..]
        } else {
            &["project_path:"]
        };
        let mut folders: Vec<String> = self.texts.iter().filter_map(|text| folder(text, heads)).collect();
        folders.push(FRESH.to_owned());
        let in_folders = |head: &'static str, end: &'static str| {
            let folders = folders.clone().into_iter();
            folders.map(move |folder| format!("{head}{folder}/{FRESH}{end}"))
        };
        let named = heads.iter().map(|head| format!("{head}*"));
        let fresh = heads
            .iter()
            .flat_map(|head| [":*", "@*"].into_iter().flat_map(|end| in_folders(head, end)));
        let mut others = vec![vec![
            plain(BaseOperator::StringLike, "sub", named),
            plain(BaseOperator::StringNotLike, "sub", fresh),
        ]];
        if self.is_github() {
            others.push(known_and_other("repository", in_folders("", "")));
            others.push(known_and_other("job_workflow_ref", [format!("{FRESH}/*")]));
        }
        let id = if self.is_github() {
            "repository_id"
        } else {
            "project_id"
        };
        others.push(known_and_other(id, [FRESH_ID.to_owned()]));
        others
    }

    /// Patterns of all subjects with the owner of this one.
    fn same_owner(&self, subject: &str) -> Vec<String> {
        let of_head = |Head(head, ends, _): &Head| -> Option<Vec<String>> {
            let rest = subject.strip_prefix(head)?;
            let end = rest.find(|char: char| ends.iter().any(|end| end.starts_with(char)))?;
            let owner = rest.get(..end)?;
            Some(ends.iter().map(|end| format!("{head}{owner}{end}*")).collect())
        };
        let owner = self.heads().iter().find_map(of_head);
        owner.unwrap_or_else(|| vec![subject.to_owned()])
    }

    fn is_github(&self) -> bool {
        matches!(
            self.name,
            "token.actions.githubusercontent.com" | "vstoken.actions.githubusercontent.com"
        )
    }

    /// How subjects name their owner [TRUST-40], [TRUST-41], [TRUST-60], [TRUST-61].
    fn heads(&self) -> &'static [Head] {
        match self.name {
            "token.actions.githubusercontent.com" | "vstoken.actions.githubusercontent.com" => GITHUB,
            "gitlab.com" => &[Head("project_path:", &["/"], FRESH)],
            "app.terraform.io" | "agent.buildkite.com" => &[Head("organization:", &[":"], FRESH)],
            "oidc.codefresh.io" | "scalr.io" => &[Head("account:", &[":"], FRESH)],
            _ => &[],
        }
    }

    /// Claims that name an owner or something of an owner [TRUST-35].
    fn tenant_claims(&self) -> &'static [&'static str] {
        match self.name {
            "token.actions.githubusercontent.com" => {
                &["repository", "repository_id", "repository_owner_id", "enterprise_id"]
            }
            "gitlab.com" => &["namespace_id", "project_id"],
            "agent.buildkite.com" => &["organization_slug", "organization_id", "pipeline_id", "cluster_id"],
            _ => &[],
        }
    }

    /// The claim that names the application a token was issued for [TRUST-65].
    fn audience(&self) -> &'static str {
        match self.name {
            "graph.facebook.com" | "www.amazon.com" => "app_id",
            _ => "aud",
        }
    }
}

/// The beginning of a subject, what can end the owner behind it, and an owner that no policy has in mind.
struct Head(&'static str, &'static [&'static str], &'static str);

const GITHUB: &[Head] = &[
    Head("repo:", &["/", "@"], FRESH),
    Head("repository:", &["/"], FRESH),
    Head("repository_owner:", &[":"], FRESH),
    Head("repository_owner_id:", &[":"], FRESH_ID),
    Head("repository_id:", &[":"], FRESH_ID),
    Head("enterprise:", &[":"], FRESH),
    Head("enterprise_id:", &[":"], FRESH_ID),
];

/// A name that stands in no pattern.
const FRESH: &str = "q7zk4w";

/// A number that stands in no pattern.
const FRESH_ID: &str = "907199254740";

/// The folder of a text such as `repo:acme/app:*` or `acme/*`: what stands before the last slash of its fixed beginning;
/// of `repo:acme*` one that fits.
fn folder(text: &str, heads: &[&str]) -> Option<String> {
    let rest = heads.iter().find_map(|head| text.strip_prefix(head)).unwrap_or(text);
    let fixed = rest.split([':', '*', '?']).next()?;
    match fixed.rsplit_once('/') {
        Some((folder, _)) => (!folder.is_empty()).then(|| folder.to_owned()),
        None => Some(format!("{fixed}{FRESH}")),
    }
}

/// The claim is there and is nothing of these.
fn known_and_other(claim: &'static str, values: impl IntoIterator<Item = String>) -> Vec<Term> {
    vec![
        plain(BaseOperator::Null, claim, ["false".to_owned()]),
        plain(BaseOperator::StringNotLike, claim, values),
    ]
}

fn plain(base: BaseOperator, claim: &'static str, values: impl IntoIterator<Item = String>) -> Term {
    (Operator::plain(base), claim, values.into_iter().collect())
}

/// A Deny for the identities of a provider under conditions on their claims.
fn deny(provider: &Provider, conditions: Vec<Term>, index: u32) -> Statement {
    let issuer = provider.issuer().unwrap_or_default();
    let span = Span::default();
    Statement {
        index,
        sid: None,
        effect: Effect::Deny,
        principal: PrincipalElement {
            negated: false,
            entries: vec![Spanned::new(Principal::Federated(provider.clone()), span)],
            span,
        },
        action: ElementList {
            negated: false,
            entries: Pattern::glob("*", Version::V2012)
                .into_iter()
                .map(|pattern| Spanned::new(("*".into(), pattern), span))
                .collect(),
            span,
        },
        resource: None,
        conditions: conditions
            .into_iter()
            .map(|(operator, claim, values)| Condition {
                operator,
                key: ContextKey::new(&format!("{issuer}:{claim}")),
                values: values.iter().map(|text| value(text, operator.base)).collect(),
                span,
            })
            .collect(),
        span,
    }
}

fn value(text: &str, base: BaseOperator) -> ConditionValue {
    ConditionValue {
        text: text.into(),
        operand: Operand::read(text, base, Version::V2012).unwrap_or(Operand::Unreadable),
        span: Span::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_what_a_new_repository_would_lie_in() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(folder(text, &["repo:", "project_path:"]).as_deref(), expected, "{text}");
        };
        check("repo:acme/*", Some("acme"));
        check("repo:acme/app:ref:refs/heads/main", Some("acme"));
        check("repo:acme@1234/app@5678:*", Some("acme@1234"));
        check("project_path:acme/team/*", Some("acme/team"));
        check("acme/*", Some("acme"));
        check("repo:acme*", Some("acmeq7zk4w"));
        check("repo:*", Some("q7zk4w"));
    }
}
