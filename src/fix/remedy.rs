//! What can be done about a grant, the smallest change first.

use std::collections::BTreeMap;

use super::plan::{Remedy, State};
use super::statement::Change;
use super::value::New;
use crate::engine::is_multivalued;
use crate::finding::{DocumentKind, Finding, Grant, GrantSource, Grantee};
use crate::iam::{AccountId, Condition, Effect, Operator, Partition, PolicyDocument, Principal, Qualifier, Statement};
use crate::model::CannedAcl;
use crate::source::{Placeholder, Span};

/// A statement with what it belongs to.
#[derive(Clone, Copy)]
struct Known<'a> {
    statement: &'a Statement,
    /// How many statements the document has.
    of: usize,
    account: Option<AccountId>,
    partition: Partition,
}

/// The statements of an inventory by their places, and who owns them.
pub(super) struct Remedies<'a> {
    state: State<'a>,
    statements: BTreeMap<Span, Known<'a>>,
}

impl<'a> Remedies<'a> {
    pub fn new(state: State<'a>) -> Self {
        let inventory = state.inventory;
        let buckets = inventory.buckets.iter();
        let buckets = buckets.map(|bucket| (bucket.policy.value(), bucket.account, bucket.partition));
        let points = inventory.access_points.iter();
        let points = points.map(|point| (point.policy.value(), point.account, point.partition));
        let roles = inventory.roles.iter();
        let roles = roles.map(|role| (role.trust.value(), role.account, role.partition));
        let mut statements = BTreeMap::new();
        for (document, account, partition) in buckets.chain(points).chain(roles) {
            let document: Option<&PolicyDocument> = document;
            let all = document
                .map(|document| document.statements.as_slice())
                .unwrap_or_default();
            // One that is not known before deployment is named as the template names it.
            let account = account.filter(|account| !Placeholder::is_in(&account.to_string()));
            let known = |statement| Known {
                statement,
                of: all.len(),
                account,
                partition,
            };
            statements.extend(all.iter().map(|statement| (statement.span, known(statement))));
        }
        Self { state, statements }
    }

    /// The statement whose only principal stands at a place, where others stay.
    pub fn statement_of(&self, principal: Span) -> Option<Span> {
        let until = Span {
            end: u32::MAX,
            ..principal
        };
        let (around, known) = self.statements.range(..=until).next_back()?;
        let named = &known.statement.principal;
        let is_only = matches!(named.entries.as_slice(), [one] if one.span == principal);
        (around.file == principal.file && is_only && !named.negated && known.of > 1).then_some(*around)
    }

    /// What can be done where a grant comes from.
    pub fn of(&self, finding: &Finding, grant: &Grant, source: &GrantSource) -> Vec<Remedy> {
        match source.document {
            DocumentKind::BucketAcl | DocumentKind::ObjectAcl => vec![self.of_acl(grant, source)],
            DocumentKind::ResourceControlPolicy => Vec::new(),
            DocumentKind::BucketPolicy | DocumentKind::AccessPointPolicy | DocumentKind::TrustPolicy => {
                match self.statements.get(&source.span) {
                    Some(known) => self.of_statement(finding, grant, source, *known),
                    None => Vec::new(),
                }
            }
        }
    }

    fn of_acl(&self, grant: &Grant, source: &GrantSource) -> Remedy {
        let file = self.state.sources.file(source.span.file);
        let written = file.map(|file| file.slice(source.span)).unwrap_or_default();
        let canned = written.trim_matches(['"', '\'']);
        let is_capital = canned.starts_with(|first: char| first.is_ascii_uppercase());
        let private = CannedAcl::from_name(canned).map(|_| if is_capital { "Private" } else { "private" });
        match private {
            Some(word) => Remedy {
                what: format!("make the ACL `{word}`"),
                changes: vec![Change::Scalar(word.into())],
                needs_input: false,
            },
            None => Remedy {
                what: format!("take the ACL grant of {} out", grant.grantee),
                changes: vec![Change::Remove],
                needs_input: false,
            },
        }
    }

    fn of_statement(&self, finding: &Finding, grant: &Grant, source: &GrantSource, known: Known<'_>) -> Vec<Remedy> {
        let statement = known.statement;
        if statement.effect == Effect::Deny {
            return Vec::new();
        }
        // What no rule speaks of may well be meant, and be declared: it is not taken away.
        let is_rest = !finding.rule.as_str().contains('/');
        let mut all: Vec<Remedy> = repairs(statement).into_iter().collect();
        match &grant.grantee {
            // A service acts for somebody who may well be meant: it is guarded, and never shut out.
            Grantee::Service(_) => {
                all.extend(self.source_guard(source.span, known).filter(|_| !is_rest));
                return all;
            }
            Grantee::Federated(_) if is_rest => return Vec::new(),
            Grantee::Federated(provider) => all.extend(claims(provider, finding, statement)),
            // Whose it is, is known when it is deployed.
            Grantee::CanonicalUser(id) if Placeholder::is_in(&id.to_string()) => return Vec::new(),
            Grantee::Account(_) | Grantee::Principal(_) if source.document == DocumentKind::TrustPolicy => {
                all.extend(external_id(finding));
            }
            Grantee::Anonymous
            | Grantee::AnyAwsAccount
            | Grantee::Organization(_)
            | Grantee::Account(_)
            | Grantee::CanonicalUser(_)
            | Grantee::Principal(_)
            | Grantee::CloudFrontOai(_)
            | Grantee::Unknown(_) => {}
        }
        let is_wide = self.is_wide(statement, source.focus);
        if is_rest {
            all.extend(self.organization().filter(|_| is_wide));
            return all;
        }
        all.extend(values(grant, statement));
        if is_wide {
            all.extend(self.organization());
        }
        all.extend(drop_entry(grant, source, statement));
        if is_wide {
            all.extend(self.owner(source.span, known));
        }
        all.extend(removal(known.of));
        all.extend(denial(known.of).filter(|_| !is_wide));
        all
    }

    /// Whether what opens the door names everyone, or everyone but some.
    fn is_wide(&self, statement: &Statement, focus: Span) -> bool {
        let entry = statement.principal.entries.iter().find(|entry| entry.span == focus);
        let is_star = entry.or(statement.principal.entries.first());
        statement.principal.negated || is_star.is_some_and(|entry| entry.value == Principal::Everyone)
    }

    fn organization(&self) -> Option<Remedy> {
        let ids: Vec<&str> = self.state.zone.organizations.iter().map(|id| &**id).collect();
        (!ids.is_empty()).then(|| Remedy {
            what: format!("require the organization: `aws:PrincipalOrgID` is {}", ids.join(" or ")),
            changes: vec![Change::Require(
                "StringEquals",
                "aws:PrincipalOrgID".into(),
                New::texts(ids.iter().map(|id| New::Text((*id).into()))),
            )],
            needs_input: false,
        })
    }

    /// Names the account that owns the resource, and nobody else.
    fn owner(&self, span: Span, known: Known<'_>) -> Option<Remedy> {
        let (name, needs_input) = self.owner_arn(span, known);
        let whom = match known.account {
            Some(account) => format!("account {account}"),
            None => "the account that owns it".into(),
        };
        Some(Remedy {
            what: format!("name {whom} as the only principal"),
            changes: vec![Change::Principal(vec![name])],
            needs_input,
        })
    }

    fn owner_arn(&self, span: Span, known: Known<'_>) -> (New, bool) {
        let partition = known.partition;
        match (self.account_in(span), known.account) {
            (Some(Owner::Pseudo), _) => (
                New::Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root".into()),
                false,
            ),
            (_, Some(account)) => (New::Text(format!("arn:{partition}:iam::{account}:root")), false),
            (Some(Owner::Data(name)), None) => (
                New::Code(format!(
                    "\"arn:{partition}:iam::${{data.aws_caller_identity.{name}.account_id}}:root\""
                )),
                false,
            ),
            (None, None) => (New::Text(format!("arn:{partition}:iam::{ACCOUNT}:root")), true),
        }
    }

    /// How templates name the account that they are deployed in.
    fn account_in(&self, span: Span) -> Option<Owner> {
        let file = self.state.sources.file(span.file)?;
        let path = file.path();
        let text = file.text();
        if path.ends_with(".tf") || path.ends_with(".tofu") {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let beside = self
                .state
                .sources
                .iter()
                .filter(|(_, file)| file.path().rsplit_once('/').map_or("", |(folder, _)| folder) == folder);
            let declared = beside.filter_map(|(_, file)| {
                let (_, behind) = file.text().split_once("data \"aws_caller_identity\" \"")?;
                behind.split('"').next().map(str::to_owned)
            });
            return Some(Owner::Data(declared.min().unwrap_or_else(|| CALLER.to_owned())));
        }
        let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        // AWS Config names the types of resources as well.
        let is_template = has(&["Resources:", "\"Resources\""]) && has(&["AWS::S3::", "AWS::IAM::", "AWS::Serverless"]);
        is_template.then_some(Owner::Pseudo)
    }

    /// Lets a service act only for the account that owns the resource.
    fn source_guard(&self, span: Span, known: Known<'_>) -> Option<Remedy> {
        let is_service = |entry: &Principal| matches!(entry, Principal::Service(_));
        let entries = &known.statement.principal.entries;
        if known.statement.principal.negated || !entries.iter().all(|entry| is_service(&entry.value)) {
            return None;
        }
        let (account, needs_input) = match (self.account_in(span), known.account) {
            (Some(Owner::Pseudo), _) => (New::Ref("AWS::AccountId".into()), false),
            (_, Some(account)) => (New::Text(account.to_string()), false),
            (Some(Owner::Data(name)), None) => {
                (New::Code(format!("data.aws_caller_identity.{name}.account_id")), false)
            }
            (None, None) => (New::Text(ACCOUNT.into()), true),
        };
        Some(Remedy {
            what: "let the service act only for the account that owns it: `aws:SourceAccount`".into(),
            changes: vec![Change::Require("StringEquals", "aws:SourceAccount".into(), account)],
            needs_input,
        })
    }

    /// What can be done about an entry of a document that says nothing.
    pub fn of_lint(&self, path: &str, finding: &Finding) -> Vec<Remedy> {
        let lint = path.split('\'').find(|part| LINTS.contains(part));
        let span = finding.locations.primary.span;
        let is_statement = self.statements.get(&span);
        let can_go = is_statement.is_none_or(|known| known.of > 1);
        match lint {
            Some(_) if can_go => vec![Remedy {
                what: "take the entry out, which changes nothing".into(),
                changes: vec![Change::Remove],
                needs_input: false,
            }],
            Some(_) | None => Vec::new(),
        }
    }
}

/// How a template names its own account.
enum Owner {
    /// `AWS::AccountId`.
    Pseudo,
    /// `data.aws_caller_identity` of this name.
    Data(String),
}

/// Takes the holes out of the conditions of a statement.
fn repairs(statement: &Statement) -> Option<Remedy> {
    let mut changes = Vec::new();
    let mut words = Vec::new();
    for condition in &statement.conditions {
        if let Some(to) = repaired(condition) {
            let (key, from, to) = (condition.key.name(), condition.operator.to_string(), to.to_string());
            words.push(format!("`{from}` on `{key}` becomes `{to}`"));
            changes.push(Change::Operator(key.to_owned(), from, to));
        }
    }
    (!changes.is_empty()).then(|| Remedy {
        what: words.join("; "),
        changes,
        needs_input: false,
    })
}

/// The operator that does not hold where the key is absent.
fn repaired(condition: &Condition) -> Option<Operator> {
    let from = condition.operator;
    let is_hole = from.if_exists || from.qualifier == Some(Qualifier::ForAllValues);
    let qualifier = match from.qualifier {
        Some(Qualifier::ForAllValues) if is_multivalued(condition.key.folded()) => Some(Qualifier::ForAnyValue),
        Some(Qualifier::ForAllValues) => None,
        other => other,
    };
    (is_hole && !from.base.is_negated()).then_some(Operator {
        qualifier,
        if_exists: false,
        ..from
    })
}

/// Takes those out of a condition's values whom the grant goes to.
fn values(grant: &Grant, statement: &Statement) -> Option<Remedy> {
    let id = match &grant.grantee {
        Grantee::Organization(id) => id.to_string(),
        Grantee::Account(account) => account.to_string(),
        Grantee::Principal(arn) => arn.to_string(),
        Grantee::Anonymous
        | Grantee::AnyAwsAccount
        | Grantee::Service(_)
        | Grantee::Federated(_)
        | Grantee::CanonicalUser(_)
        | Grantee::CloudFrontOai(_)
        | Grantee::Unknown(_) => return None,
    };
    let (condition, texts) = statement.conditions.iter().find_map(|condition| {
        let named = condition.values.iter().filter(|value| value.text.contains(&id));
        let named: Vec<String> = named.map(|value| value.text.to_string()).collect();
        let some_stay = named.len() < condition.values.len();
        (!named.is_empty() && some_stay && !condition.operator.base.is_negated()).then_some((condition, named))
    })?;
    Some(Remedy {
        what: format!("take {} out of `{}`", texts.join(", "), condition.key.name()),
        changes: vec![Change::DropValues(
            condition.operator.to_string(),
            condition.key.name().to_owned(),
            texts,
        )],
        needs_input: false,
    })
}

/// Takes the entry out that opens the door, where others stay.
fn drop_entry(grant: &Grant, source: &GrantSource, statement: &Statement) -> Option<Remedy> {
    let entries = &statement.principal.entries;
    let is_one = entries.iter().any(|entry| entry.span == source.focus);
    let others = entries.iter().any(|entry| entry.span != source.focus);
    (is_one && others && !statement.principal.negated).then(|| Remedy {
        what: format!("take {} out of `Principal`", grant.grantee),
        changes: vec![Change::DropEntries(vec![source.focus])],
        needs_input: false,
    })
}

fn removal(statements: usize) -> Option<Remedy> {
    (statements > 1).then(|| Remedy {
        what: "take the statement out".into(),
        changes: vec![Change::Remove],
        needs_input: false,
    })
}

/// A document must have a statement: the only one denies what it allowed.
fn denial(statements: usize) -> Option<Remedy> {
    (statements == 1).then(|| Remedy {
        what: "deny what the only statement allows".into(),
        changes: vec![Change::Deny],
        needs_input: false,
    })
}

fn external_id(finding: &Finding) -> Option<Remedy> {
    let is_asked = finding.remediation.contains("sts:ExternalId");
    is_asked.then(|| Remedy {
        what: "require the external id that the other side gave you: `sts:ExternalId`".into(),
        changes: vec![Change::Require(
            "StringEquals",
            "sts:ExternalId".into(),
            New::Text("REPLACE-WITH-EXTERNAL-ID".into()),
        )],
        needs_input: true,
    })
}

/// What a provider's tokens must say [TRUST-40…]: what the rule asks for, by the claim that its remediation names.
fn claims(provider: &str, finding: &Finding, statement: &Statement) -> Vec<Remedy> {
    let host = provider
        .rsplit_once("oidc-provider/")
        .map_or(provider, |(_, host)| host)
        .to_owned();
    let require = |operator, claim: &str, value: &str, needs_input| Remedy {
        what: format!("require `{host}:{claim}`"),
        changes: vec![Change::Require(
            operator,
            format!("{host}:{claim}"),
            New::Text(value.into()),
        )],
        needs_input,
    };
    if provider.contains(":saml-provider/") {
        // [TRUST-29]: the audience of sign-in.
        let audience = New::Text("https://signin.aws.amazon.com/saml".into());
        return vec![Remedy {
            what: "require `SAML:aud`".into(),
            changes: vec![Change::Require("StringEquals", "SAML:aud".into(), audience)],
            needs_input: false,
        }];
    }
    let is_github = host == "token.actions.githubusercontent.com";
    let asks = |claim: &str| finding.remediation.contains(claim);
    let mut all = Vec::new();
    if asks(":amr") {
        all.push(require("ForAnyValue:StringLike", "amr", "authenticated", false));
    } else if asks(":aud") {
        let audience = if is_github {
            "sts.amazonaws.com"
        } else {
            "REPLACE-WITH-AUDIENCE"
        };
        all.push(require("StringEquals", "aud", audience, !is_github));
    } else {
        all.extend(separated(&host, statement));
        let subject = match is_github {
            true => "repo:REPLACE-WITH-OWNER/REPLACE-WITH-REPOSITORY:ref:refs/heads/main",
            false => "REPLACE-WITH-SUBJECT",
        };
        all.push(require("StringEquals", "sub", subject, true));
    }
    all
}

/// Ends names of owners before a wildcard, so that no other owner's name begins with them [TRUST-44].
fn separated(host: &str, statement: &Statement) -> Option<Remedy> {
    let end = if host == "app.terraform.io" { ':' } else { '/' };
    let mut changes = Vec::new();
    for condition in statement
        .conditions
        .iter()
        .filter(|condition| condition.key.folded().starts_with(host))
    {
        for value in &condition.values {
            let Some((before, after)) = value.text.split_once('*') else {
                continue;
            };
            let name = before.rsplit(':').next().unwrap_or_default();
            if !name.is_empty() && !name.contains('/') && !before.ends_with(end) {
                let (key, operator) = (condition.key.name().to_owned(), condition.operator.to_string());
                let to = format!("{before}{end}*{after}");
                changes.push(Change::Value(operator, key, value.text.to_string(), to));
            }
        }
    }
    (!changes.is_empty()).then(|| Remedy {
        what: format!("end the owner's name before the wildcard by `{end}`"),
        changes,
        needs_input: false,
    })
}

/// The data source that names the account, where none is declared.
pub(super) const CALLER: &str = "current";

/// What stands for the account until somebody writes it.
pub const ACCOUNT: &str = "REPLACE-WITH-ACCOUNT-ID";

/// Lints about entries that do nothing.
const LINTS: &[&str] = &["redundant-element", "redundant-statement", "deleted-principal"];
