//! What the documents name: the constants from which classes of callers and strangers are made [OPEN-02].

use ipnet::IpNet;
use std::collections::BTreeSet;

use super::documents::{Documents, Grantor, KeyTable};
use super::glob::{Class, Glob, Reading, Resolved};
use super::literal::KeyId;
use crate::engine::DocumentKind;
use crate::iam::{
    AccountId, AwsPrincipal, BaseOperator, CanonicalId, Condition, Operand, Part, Pattern, Principal, Provider,
};
use crate::model::AclGrantee;

/// The constants of a set of documents.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Wildcard-free values by key, as the operators fold them.
    pub(super) values: Vec<(KeyId, Glob)>,
    /// Texts, wildcards included, that claims of providers are compared with.
    pub(super) claim_texts: Vec<(KeyId, Box<str>)>,
    /// Every account that occurs anywhere.
    pub(super) accounts: BTreeSet<AccountId>,
    /// Accounts that some element treats as the caller's.
    pub(super) caller_accounts: BTreeSet<AccountId>,
    /// Accounts of sources for which services act.
    pub(super) source_accounts: BTreeSet<AccountId>,
    /// Accounts of access points.
    pub(super) access_point_accounts: BTreeSet<AccountId>,
    pub(super) organizations: BTreeSet<Box<str>>,
    pub(super) principals: BTreeSet<AwsPrincipal>,
    /// Unique ids that `aws:userid` is compared with, without session.
    pub(super) unique_ids: BTreeSet<Box<str>>,
    pub(super) canonical_ids: BTreeSet<CanonicalId>,
    pub(super) origin_access_identities: BTreeSet<Box<str>>,
    pub(super) services: BTreeSet<Box<str>>,
    pub(super) providers: BTreeSet<Provider>,
    /// Address ranges that are narrow enough to name somebody [OPEN-05].
    pub(super) networks: Vec<IpNet>,
    /// Patterns with wildcards that caller accounts are compared with.
    pub(super) account_patterns: Vec<Glob>,
    /// Those that accounts are compared with for which services act.
    pub(super) source_patterns: Vec<Glob>,
    /// Those that accounts of access points are compared with.
    pub(super) access_point_patterns: Vec<Glob>,
    pub(super) organization_patterns: Vec<Glob>,
    /// Whether some element applies to everyone.
    pub(super) everyone: bool,
}

impl Named {
    pub(super) fn of(documents: &Documents<'_>, owner: Option<AccountId>) -> Self {
        let mut named = Self::default();
        named.accounts.extend(owner);
        for rule in documents.rules.iter().chain(&documents.set_aside) {
            match rule.grantor {
                Grantor::Policy(element) => {
                    named.everyone |= element.negated;
                    element.entries.iter().for_each(|entry| named.principal(&entry.value));
                }
                Grantor::Acl(grantee) => named.grantee(grantee),
            }
            for condition in rule.statement.iter().flat_map(|statement| &statement.conditions) {
                named.condition(condition, rule.source.document, &documents.keys);
            }
        }
        named
            .accounts
            .extend(named.caller_accounts.iter().chain(&named.source_accounts).copied());
        named.accounts.extend(named.access_point_accounts.iter().copied());
        named
    }

    /// The named values of a key.
    pub(super) fn of_key(&self, key: KeyId) -> impl Iterator<Item = &Glob> {
        self.values
            .iter()
            .filter(move |(named, _)| *named == key)
            .map(|(_, glob)| glob)
    }

    fn principal(&mut self, principal: &Principal) {
        match principal {
            Principal::Everyone => self.everyone = true,
            Principal::Account(account) => {
                self.caller_accounts.insert(*account);
            }
            Principal::Aws(principal) => {
                self.accounts.insert(principal.account);
                self.principals.insert(principal.clone());
            }
            Principal::Canonical(id) => {
                self.canonical_ids.insert(id.clone());
            }
            Principal::OriginAccessIdentity(id) => {
                self.origin_access_identities.insert(id.clone());
            }
            Principal::Service(name) => {
                self.services.insert(name.clone());
            }
            Principal::Federated(provider) => {
                self.providers.insert(provider.clone());
            }
            Principal::Deleted(_) => {}
        }
    }

    fn grantee(&mut self, grantee: &AclGrantee) {
        match grantee {
            AclGrantee::Canonical(id) => {
                self.canonical_ids.insert(id.clone());
            }
            AclGrantee::LogDelivery => {
                self.services.insert(LOG_DELIVERY.into());
            }
            AclGrantee::AllUsers | AclGrantee::AuthenticatedUsers => self.everyone = true,
            AclGrantee::Email(_) | AclGrantee::OtherGroup(_) => {}
        }
    }

    fn condition(&mut self, condition: &Condition, kind: DocumentKind, keys: &KeyTable) {
        let folded = condition.key.folded();
        let Some(key) = keys.find_in(kind, &condition.key) else {
            return;
        };
        for value in &condition.values {
            match &value.operand {
                Operand::Pattern(pattern) => {
                    if let Some(glob) = fixed(pattern, condition.operator.base) {
                        self.values.push((key, glob));
                    }
                    if folded.split(':').next().is_some_and(|prefix| prefix.contains('.')) {
                        self.claim_texts.push((key, value.text.clone()));
                    }
                    self.parts(folded, pattern);
                }
                Operand::Network(network) if is_narrow(network) => self.networks.push(*network),
                Operand::Network(_)
                | Operand::Number(_)
                | Operand::Date(_)
                | Operand::Bool(_)
                | Operand::Binary(_)
                | Operand::Unreadable => {}
            }
        }
    }

    /// Accounts, organizations, principals and services inside a value.
    fn parts(&mut self, key: &str, pattern: &Pattern) {
        let head = match pattern.parts.first() {
            Some(Part::Text(text)) => &**text,
            Some(Part::Star | Part::One | Part::Variable(_)) | None => "",
        };
        let whole = pattern.as_text();
        let account = whole
            .and_then(|text| text.parse().ok())
            .or_else(|| arn_account(pattern));
        match key {
            "aws:principalaccount" | "aws:principalarn" | "ec2:sourceinstancearn" | "lambda:sourcefunctionarn" => {
                self.caller_accounts.extend(account);
                if let Some(Ok(Principal::Aws(principal))) = whole.map(Principal::from_aws)
                    && key == "aws:principalarn"
                {
                    self.principals.insert(principal);
                }
                if account.is_none() {
                    self.account_patterns.extend(account_patterns(pattern));
                }
            }
            "aws:userid" => {
                self.caller_accounts.extend(account);
                // Of root users it is the account, of federated ones it begins with it.
                if account.is_none() {
                    self.account_patterns.extend(first_field(pattern, ':'));
                }
                if let Some(id) = unique_id(head) {
                    // A whole value with a session names that session alone, if there can be one of that name.
                    let session = whole.filter(|text| text.starts_with("AROA") && has_session(text));
                    self.unique_ids.insert(session.unwrap_or(id).into());
                }
            }
            "aws:sourceaccount" | "aws:sourceowner" | "aws:sourcearn" => {
                self.source_accounts.extend(account);
                if account.is_none() {
                    self.source_patterns.extend(account_patterns(pattern));
                }
            }
            "s3:dataaccesspointaccount" | "s3:dataaccesspointarn" => {
                self.access_point_accounts.extend(account);
                if account.is_none() {
                    self.access_point_patterns.extend(account_patterns(pattern));
                }
            }
            "aws:principalservicename" | "aws:principalservicenameslist" => {
                self.services.extend(whole.map(Into::into));
            }
            _ => self.accounts.extend(account),
        }
        if key.ends_with("orgid") || key.ends_with("orgpaths") {
            let (id, complete) = head
                .split_once('/')
                .map_or((head, whole.is_some()), |(id, _)| (id, true));
            if complete && !id.is_empty() {
                self.organizations.insert(id.into());
            } else if key.starts_with("aws:principalorg") {
                self.organization_patterns.extend(first_field(pattern, '/'));
            }
        }
    }
}

/// The name under which S3 delivers access logs [ACL-05].
pub(super) const LOG_DELIVERY: &str = "logging.s3.amazonaws.com";

/// The value as its operator folds it, where it has no wildcard and no variable [PUB-03].
fn fixed(pattern: &Pattern, base: BaseOperator) -> Option<Glob> {
    if pattern.has_wildcard() || pattern.variables().next().is_some() {
        return None;
    }
    let reading = match base {
        BaseOperator::StringEqualsIgnoreCase | BaseOperator::StringNotEqualsIgnoreCase => Reading::IgnoreCase,
        _ => Reading::Text,
    };
    Glob::compile(pattern, reading, &|_| Resolved::Nothing)
}

fn plain(pattern: &Pattern) -> Option<Glob> {
    Glob::compile(pattern, Reading::Text, &|_| Resolved::Nothing)
}

/// The account in the fifth field of an ARN pattern, where that is a literal account id.
fn arn_account(pattern: &Pattern) -> Option<AccountId> {
    account_field_text(pattern)?.parse().ok()
}

/// What a pattern says about an account, where it has wildcards but is more than `*`: its fifth field if it is one of
/// ARNs, else the whole.
fn account_patterns(pattern: &Pattern) -> Vec<Glob> {
    let text = with_wildcards(pattern);
    if let Some(field) = account_field_text(pattern) {
        return as_glob(&field).into_iter().collect();
    }
    if !text.contains(':') {
        return as_glob(&text).into_iter().collect();
    }
    // A wildcard that leaves its field, such as those of `*7:role/x`, `arn:aws:iam::4*` and `arn:*44*`, may end in the
    // account.
    let parts = text.split(':').flat_map(|field| {
        let beginning = field.split_inclusive('*').next();
        let end = field.rfind('*').and_then(|at| field.get(at..));
        [beginning, end, Some(field)]
    });
    let of_account = |part: &&str| {
        part.contains(|char: char| char.is_ascii_digit())
            && part
                .chars()
                .all(|char| char.is_ascii_digit() || matches!(char, '*' | '?'))
    };
    let mut found: Vec<&str> = parts.flatten().filter(of_account).collect();
    found.dedup();
    found.into_iter().filter_map(as_glob).collect()
}

/// What stands before the first of these characters, where it has wildcards but is more than `*`.
fn first_field(pattern: &Pattern, end: char) -> Option<Glob> {
    as_glob(with_wildcards(pattern).split(end).next()?)
}

fn as_glob(text: &str) -> Option<Glob> {
    if text == "*" || !text.contains(['*', '?']) || text.contains(OPEN) {
        return None;
    }
    plain(&Pattern::glob(text, crate::iam::Version::V2008).ok()?)
}

/// The text of a pattern, where [`OPEN`] stands for a variable.
fn with_wildcards(pattern: &Pattern) -> String {
    let mut text = String::new();
    for part in &pattern.parts {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Star => text.push('*'),
            Part::One => text.push('?'),
            Part::Variable(_) => text.push(OPEN),
        }
    }
    text
}

const OPEN: char = '\u{0}';

fn account_field_text(pattern: &Pattern) -> Option<String> {
    let text = with_wildcards(pattern);
    let mut fields = text.splitn(6, ':');
    let field = fields.nth(4)?;
    // Without a sixth field it is no ARN.
    fields.next()?;
    (text.starts_with("arn:")).then(|| field.to_owned())
}

/// The unique id at the head of a `aws:userid` value: `AROA…:` or a whole `AIDA…`.
fn unique_id(head: &str) -> Option<&str> {
    let id = head.split(':').next().unwrap_or(head);
    let ends = head.len() > id.len() || id.starts_with("AIDA");
    let fits = id.len() >= 5 && id.chars().all(|char| Class::Upper.has(char));
    (ends && fits && (id.starts_with("AROA") || id.starts_with("AIDA"))).then_some(id)
}

/// Whether what follows the unique id could be the name of a session: without characters that none can have.
fn has_session(userid: &str) -> bool {
    let session = userid.split_once(':').map_or("", |(_, session)| session);
    !session.is_empty() && session.chars().all(|char| Class::Name.has(char))
}

/// Whether a range names somebody: at most a /8 of IPv4 or a /32 of IPv6 [OPEN-05].
pub(super) fn is_narrow(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => network.prefix_len() >= 8,
        IpNet::V6(network) => network.prefix_len() >= 32,
    }
}
