use super::issuers::{OwnerPart, SharedIssuer, shared_issuer};
use super::symbolic::role_access;
use super::{GrantEffect, Grantee, Options, Request, RoleScope, Zone};
use crate::iam::{
    BaseOperator, Condition, ConditionValue, ContextKey, Effect, Operand, Operator, PolicyDocument, Principal,
    PrincipalElement, Provider, Qualifier, Statement, Version,
};
use crate::model::{Role, Setting};
use crate::source::{Span, Spanned};

/// Which tokens of a provider a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Any; the request shows the subject.
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
/// Asks who assumes the role once more, where these statements also demand what the tokens in question are like.
pub fn admits(
    scope: &RoleScope<'_>,
    statements: &[u32],
    provider: &Provider,
    token: Token<'_>,
    options: &Options,
) -> Admission {
    let (Some(trust), Some(name)) = (scope.role.trust.value(), provider.issuer()) else {
        return Admission::Undecided;
    };
    let issuer = Issuer {
        name,
        shared: shared_issuer(provider),
        asked: trust
            .statements
            .iter()
            .flat_map(|statement| &statement.conditions)
            .collect(),
    };
    let demands: Vec<Condition> = issuer.demands(token).map(|term| issuer.condition(term)).collect();
    let asked = trust.statements.iter().filter_map(|statement| match statement.effect {
        Effect::Deny => Some(statement.clone()),
        Effect::Allow => statements
            .contains(&statement.index)
            .then(|| narrowed(statement, provider, &demands)),
    });
    let trust = PolicyDocument {
        statements: asked.collect(),
        version: trust.version,
        id: None,
        unresolved: trust.unresolved.clone(),
        span: trust.span,
    };
    let role = Role {
        trust: Setting::set(trust, Span::default()),
        ..scope.role.clone()
    };
    let scope = RoleScope { role: &role, ..*scope };
    let access = role_access(&scope, &Zone::default(), options);
    let grantee = Grantee::Federated(provider.to_string().into());
    let grants = access.iter().flat_map(|access| &access.grants);
    let mut found = grants.filter(|grant| grant.grantee == grantee && grant.effect == GrantEffect::Effective);
    match found.next() {
        Some(grant) => Admission::Yes(Box::new(grant.witness.clone())),
        None if access.iter().all(|access| access.indeterminate.is_empty()) => Admission::No,
        None => Admission::Undecided,
    }
}

/// A statement for the identities of one provider only, under further conditions.
fn narrowed(statement: &Statement, provider: &Provider, demands: &[Condition]) -> Statement {
    let span = statement.principal.span;
    let mut narrowed = statement.clone();
    narrowed.principal = PrincipalElement {
        negated: false,
        entries: vec![Spanned::new(Principal::Federated(provider.clone()), span)],
        span,
    };
    narrowed.conditions.extend_from_slice(demands);
    narrowed
}

/// An issuer, and all that the trust policy asks of anybody.
struct Issuer<'a> {
    name: &'a str,
    shared: Option<&'static SharedIssuer>,
    asked: Vec<&'a Condition>,
}

/// One condition: operator, claim, values.
type Term = (Operator, &'static str, Vec<String>);

impl<'a> Issuer<'a> {
    /// What a token must be like; a claim that nobody asks about may be whatever it is.
    fn demands(&self, token: Token<'_>) -> impl Iterator<Item = Term> {
        let demands = match token {
            Token::Any => vec![plain(BaseOperator::StringNotEquals, "sub", ["-".to_owned()])],
            Token::FreshOwner { any_workflow } => self.of_fresh_owner(any_workflow),
            Token::OtherOwner(subject) => vec![plain(BaseOperator::StringNotLike, "sub", self.same_owner(subject))],
            Token::FreshRepository => self.of_fresh_repository(),
            Token::FreshAudience => vec![plain(BaseOperator::StringEquals, self.audience(), [FRESH.to_owned()])],
            Token::Guest => {
                let all = Operator {
                    qualifier: Some(Qualifier::ForAllValues),
                    ..Operator::plain(BaseOperator::StringEquals)
                };
                vec![
                    (all, "amr", vec!["unauthenticated".into()]),
                    plain(BaseOperator::Null, "amr", ["false".to_owned()]),
                ]
            }
        };
        let matters: Vec<Term> = demands
            .into_iter()
            .filter(|(_, claim, _)| token == Token::Any || self.conditions_on(claim).next().is_some())
            .collect();
        matters.into_iter()
    }

    fn of_fresh_owner(&self, any_workflow: bool) -> Vec<Term> {
        let fresh = |part: &OwnerPart| -> Vec<String> {
            let owner = if part.numeric { FRESH_ID } else { FRESH };
            let ends = part.before.iter();
            ends.map(|end| format!("{}{owner}{end}*", part.after)).collect()
        };
        let mut subjects: Vec<String> = self.owners().iter().flat_map(fresh).collect();
        if subjects.is_empty() {
            subjects.push(format!("{FRESH}*"));
        }
        let workflow = if any_workflow {
            "*".to_owned()
        } else {
            format!("{FRESH}/*")
        };
        if self.is_github() {
            subjects.extend(self.free_heads().iter().map(|head| format!("{head}*")));
            subjects.push(format!("job_workflow_ref:{workflow}"));
        }
        let mut demands = vec![
            plain(BaseOperator::StringLike, "sub", subjects),
            if_there("job_workflow_ref", [workflow]),
        ];
        for claim in self.shared.map_or(&[][..], |issuer| issuer.tenant_claims) {
            let fresh = match *claim {
                "repository" => format!("{FRESH}/*"),
                "organization_slug" => FRESH.to_owned(),
                _ => FRESH_ID.to_owned(),
            };
            demands.push(if_there(claim, [fresh]));
        }
        demands
    }

    fn of_fresh_repository(&self) -> Vec<Term> {
        let heads: &[&str] = if self.is_github() {
            &["repo:", "repository:"]
        } else {
            &["project_path:"]
        };
        let texts = ["sub", "repository"]
            .into_iter()
            .flat_map(|claim| self.conditions_on(claim))
            .flat_map(|condition| &condition.values);
        let mut folders: Vec<String> = texts.filter_map(|value| folder(&value.text, heads)).collect();
        folders.push(FRESH.to_owned());
        let in_folders = |head: &str, end: &str| -> Vec<String> {
            let names = folders.iter().map(|folder| format!("{head}{folder}/{FRESH}{end}"));
            names.collect()
        };
        let mut subjects: Vec<String> = Vec::new();
        for head in heads {
            subjects.extend(in_folders(head, ":*"));
            subjects.extend(in_folders(head, "@*"));
        }
        if self.is_github() {
            let of_owners = [
                "repository_owner:",
                "repository_owner_id:",
                "enterprise:",
                "enterprise_id:",
            ];
            subjects.extend(of_owners.iter().chain(self.free_heads()).map(|head| format!("{head}*")));
            subjects.push(format!("repository_id:{FRESH_ID}:*"));
            subjects.push(format!("job_workflow_ref:{FRESH}/*"));
        }
        vec![
            plain(BaseOperator::StringLike, "sub", subjects),
            if_there("repository", in_folders("", "")),
            if_there("job_workflow_ref", [format!("{FRESH}/*")]),
            if_there("repository_id", [FRESH_ID.to_owned()]),
            if_there("project_id", [FRESH_ID.to_owned()]),
        ]
    }

    /// What the trust policy asks of a claim.
    fn conditions_on(&self, claim: &str) -> impl Iterator<Item = &'a Condition> {
        let key = self.key(claim);
        let conditions = self.asked.iter().copied();
        conditions.filter(move |condition| condition.key == key)
    }

    fn key(&self, claim: &str) -> ContextKey {
        ContextKey::new(&format!("{}:{claim}", self.name))
    }

    fn condition(&self, (operator, claim, values): Term) -> Condition {
        Condition {
            operator,
            key: self.key(claim),
            values: values.iter().map(|text| value(text, operator.base)).collect(),
            span: Span::default(),
        }
    }

    /// Patterns of all subjects with the owner of this one.
    fn same_owner(&self, subject: &str) -> Vec<String> {
        let of_part = |part: &OwnerPart| -> Option<Vec<String>> {
            let (owner, _) = subject.strip_prefix(part.after)?.split_once(part.before)?;
            let ends = part.before.iter();
            Some(ends.map(|end| format!("{}{owner}{end}*", part.after)).collect())
        };
        let owner = self.owners().iter().find_map(of_part);
        owner.unwrap_or_else(|| vec![subject.to_owned()])
    }

    fn is_github(&self) -> bool {
        self.shared.is_some_and(SharedIssuer::is_github)
    }

    fn owners(&self) -> &'static [OwnerPart] {
        self.shared.map_or(&[], |issuer| issuer.owners)
    }

    fn free_heads(&self) -> &'static [&'static str] {
        self.shared.map_or(&[], |issuer| issuer.free_heads)
    }

    /// The claim that names the application a token was issued for [TRUST-65].
    fn audience(&self) -> &'static str {
        match self.name {
            "graph.facebook.com" | "www.amazon.com" => "app_id",
            _ => "aud",
        }
    }
}

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

/// The claim is one of these, or is not there.
fn if_there(claim: &'static str, values: impl IntoIterator<Item = String>) -> Term {
    let (operator, claim, values) = plain(BaseOperator::StringLike, claim, values);
    let operator = Operator {
        if_exists: true,
        ..operator
    };
    (operator, claim, values)
}

fn plain(base: BaseOperator, claim: &'static str, values: impl IntoIterator<Item = String>) -> Term {
    (Operator::plain(base), claim, values.into_iter().collect())
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
