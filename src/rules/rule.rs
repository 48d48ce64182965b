use miette::SourceSpan;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

use super::error::{FileText, PackError, file_text, suggest};
use super::message::Message;
use super::normal::member_names;
use super::policies::{Parsed, is_forbid, parse, with_ids};
use super::query::{Query, QueryError};
use super::toml_text::{Below, Keys, TomlProblem, read, span};
use crate::finding::{RuleId, Severity};

/// One rule of a pack.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id: pack and folder.
    pub id: RuleId,
    /// What is wrong where it fires, as a title.
    pub title: String,
    /// How bad, where no policy of the rule says otherwise.
    pub severity: Severity,
    /// The message with its placeholders.
    pub message: String,
    /// What to do.
    pub remediation: String,
    /// Where to read more.
    pub references: Vec<String>,
    /// The version that brought it.
    pub since: String,
    /// Whether intent and partners cannot permit it away.
    pub absolute: bool,
    /// Where its findings point.
    pub place: Place,
    /// Whether it is retired: it stays for its id and never fires.
    pub deprecated: bool,
    /// Its page: Reports, Why, Fix, When it is fine.
    pub page: String,
    /// What it looks at.
    pub check: Check,
    /// Its folder, as it is shown to people.
    pub path: String,
    pub(super) template: Message,
    pub(super) query: Option<Query>,
}

impl Rule {
    /// Whether it belongs to the pack of this name.
    pub fn is_of(&self, pack: &str) -> bool {
        self.id.as_str().split('/').next() == Some(pack)
    }
}

/// Where the findings of a rule about grants point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// At what grants.
    #[default]
    Grant,
    /// At the Deny that should have kept the caller out.
    Fence,
}

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Grants, by Cedar policies.
    Grants {
        /// Text of the policies.
        policy: String,
    },
    /// Settings, by a JSONPath query over normalised documents.
    Settings {
        /// The query.
        select: String,
        /// The kinds of document it is put to.
        applies_to: Vec<DocumentKind>,
    },
}

/// A kind of normalised document (docs/normalised.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// An account.
    Account,
    /// A bucket.
    Bucket,
    /// An access point.
    AccessPoint,
    /// A role.
    Role,
}

impl DocumentKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Account, Self::Bucket, Self::AccessPoint, Self::Role];

    /// The name in `applies-to`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Bucket => "bucket",
            Self::AccessPoint => "access-point",
            Self::Role => "role",
        }
    }
}

/// The files of one rule folder, by their path inside it.
pub(super) struct RuleFolder<'a> {
    pub(super) id: RuleId,
    /// The folder as it is shown.
    pub(super) path: String,
    pub(super) files: BTreeMap<&'a str, &'a str>,
    /// Its policies, where they were read together with others.
    pub(super) policies: Option<Vec<Parsed>>,
}

/// A policy of a rule, with the severity it gives.
pub(super) struct RulePolicy {
    pub(super) parsed: Parsed,
    pub(super) severity: Severity,
    /// Whether it speaks beside default deny, not in its place.
    pub(super) beside: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Manifest {
    title: Spanned<String>,
    severity: Spanned<String>,
    message: Spanned<String>,
    remediation: String,
    #[serde(default)]
    references: Vec<String>,
    since: String,
    select: Option<Spanned<String>>,
    applies_to: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    place: Place,
    #[serde(default)]
    absolute: bool,
    #[serde(default)]
    deprecated: bool,
}

const KEYS: Keys = &[
    ("title", Below::Value),
    ("severity", Below::Value),
    ("message", Below::Value),
    ("remediation", Below::Value),
    ("references", Below::Value),
    ("since", Below::Value),
    ("select", Below::Value),
    ("applies-to", Below::Value),
    ("place", Below::Value),
    ("absolute", Below::Value),
    ("deprecated", Below::Value),
];

/// Reads one rule from its folder, with its policies.
pub(super) fn load(folder: &RuleFolder<'_>) -> Result<(Rule, Vec<RulePolicy>), Vec<PackError>> {
    let text = folder.text("rule.toml", "title, severity, message and remediation of the rule")?;
    let page = folder.text(
        "README.md",
        "the page that `bucketproof rules explain` prints: Reports, Why, Fix, When it is fine",
    )?;
    let file = file_text(&folder.shown("rule.toml"), text);
    let manifest: Manifest = read(text, KEYS).map_err(|problem| vec![toml_error(problem, &file)])?;
    let severity = severity(manifest.severity.get_ref(), &file, span(&manifest.severity.span()))?;
    let (check, query) = check(folder, &manifest, &file)?;
    let policies = match &check {
        Check::Grants { policy } => policies(folder, policy, severity)?,
        Check::Settings { .. } => Vec::new(),
    };
    let message = manifest.message.get_ref();
    let about_grant = query.is_none();
    let template = Message::parse(message, about_grant, &file, span(&manifest.message.span()))?;
    let rule = Rule {
        id: folder.id.clone(),
        title: manifest.title.into_inner(),
        severity,
        message: message.clone(),
        remediation: manifest.remediation,
        references: manifest.references,
        since: manifest.since,
        absolute: manifest.absolute,
        place: manifest.place,
        deprecated: manifest.deprecated,
        page: page.to_owned(),
        check,
        path: folder.path.clone(),
        template,
        query,
    };
    Ok((rule, policies))
}

impl<'a> RuleFolder<'a> {
    fn text(&self, name: &str, purpose: &str) -> Result<&'a str, PackError> {
        self.files.get(name).copied().ok_or_else(|| PackError::MissingFile {
            path: self.shown(name),
            help: format!("it holds {purpose}"),
        })
    }

    fn shown(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }
}

fn check(folder: &RuleFolder<'_>, manifest: &Manifest, file: &FileText) -> Result<(Check, Option<Query>), PackError> {
    match (&manifest.select, folder.files.get("policy.cedar")) {
        (None, None) => Err(PackError::MissingFile {
            path: folder.shown("policy.cedar"),
            help: "a rule about grants has `forbid` policies, a rule about settings has `select` in its rule.toml"
                .to_owned(),
        }),
        (None, Some(policy)) => match &manifest.applies_to {
            None => {
                let policy = (*policy).to_owned();
                Ok((Check::Grants { policy }, None))
            }
            Some(applies_to) => Err(bad_value(
                "`applies-to` belongs to a rule about settings".to_owned(),
                file,
                span(&applies_to.span()),
                "take it out: the policy itself says what it applies to".to_owned(),
            )),
        },
        (Some(select), None) => settings_check(manifest, select, file),
        (Some(select), Some(_)) => Err(bad_value(
            "a rule has `select` or a `policy.cedar`, not both".to_owned(),
            file,
            span(&select.span()),
            "make two rules of it".to_owned(),
        )),
    }
}

fn settings_check(
    manifest: &Manifest,
    select: &Spanned<String>,
    file: &FileText,
) -> Result<(Check, Option<Query>), PackError> {
    let at = span(&select.span());
    let query = Query::parse(select.get_ref()).map_err(|error| bad_query(&error, select, file))?;
    let Some(applies_to) = &manifest.applies_to else {
        let message = "`applies-to` is missing: the kinds of document that `select` is put to".to_owned();
        return Err(bad_value(message, file, at, known_kinds("")));
    };
    let applies_to = applies_to
        .get_ref()
        .iter()
        .map(|name| {
            let known = DocumentKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == name.get_ref());
            known.ok_or_else(|| {
                let message = format!("there is no kind of document `{}`", name.get_ref());
                bad_value(message, file, span(&name.span()), known_kinds(name.get_ref()))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    check_members(&query, &applies_to, select, file)?;
    let select = select.get_ref().clone();
    Ok((Check::Settings { select, applies_to }, Some(query)))
}

/// A query that we do not take, at the place where it goes wrong.
fn bad_query(error: &QueryError, select: &Spanned<String>, file: &FileText) -> PackError {
    let (help, place) = match error {
        QueryError::NestedFilter => ("filter the normalised document once, on its own members", None),
        QueryError::Syntax { at, .. } => (WRITE_A_QUERY, *at),
        QueryError::Function(_) => (WRITE_A_QUERY, None),
    };
    PackError::BadQuery {
        help: help.to_owned(),
        message: error.to_string(),
        file: file.clone(),
        at: within(select, place, 0),
    }
}

/// A member that no document has would never be picked, and the rule would be silent for ever.
fn check_members(
    query: &Query,
    applies_to: &[DocumentKind],
    select: &Spanned<String>,
    file: &FileText,
) -> Result<(), PackError> {
    let known: BTreeSet<&str> = applies_to
        .iter()
        .flat_map(|kind| member_names(*kind))
        .map(String::as_str)
        .collect();
    let Some(name) = query.members().into_iter().find(|name| !known.contains(*name)) else {
        return Ok(());
    };
    let kinds: Vec<&str> = applies_to.iter().map(|kind| kind.as_str()).collect();
    let message = format!("a document of kind {} has no member `{name}`", kinds.join(" or "));
    let help = suggest(name, known);
    let at = within(select, select.get_ref().find(name), name.len());
    Err(bad_value(message, file, at, help))
}

/// A part of a query, where nothing in it is escaped and the text is as long as what it stands for; else all of it.
fn within(select: &Spanned<String>, start: Option<usize>, len: usize) -> SourceSpan {
    let whole = select.span();
    let is_plain = whole.len() == select.get_ref().len() + 2;
    match start.filter(|_| is_plain) {
        // Behind the quote.
        Some(start) => SourceSpan::from(whole.start + 1 + start..whole.start + 1 + start + len),
        None => span(&whole),
    }
}

fn known_kinds(name: &str) -> String {
    suggest(name, DocumentKind::ALL.map(DocumentKind::as_str))
}

fn policies(folder: &RuleFolder<'_>, text: &str, severity: Severity) -> Result<Vec<RulePolicy>, Vec<PackError>> {
    let path = folder.shown("policy.cedar");
    let file = file_text(&path, text);
    let id = |index: usize| match index {
        0 => folder.id.to_string(),
        more => format!("{}#{}", folder.id, more + 1),
    };
    let parsed = match &folder.policies {
        Some(policies) => with_ids(policies.clone(), id),
        None => parse(&path, text, id)?,
    };
    if parsed.is_empty() {
        return Err(vec![PackError::NotCedar {
            message: "the file holds no policy".to_owned(),
            file,
            labels: Vec::new(),
            help: Some("write at least one `forbid`".to_owned()),
        }]);
    }
    parsed
        .into_iter()
        .map(|parsed| rule_policy(parsed, severity, &file))
        .collect::<Result<_, _>>()
        .map_err(|error| vec![error])
}

fn rule_policy(parsed: Parsed, severity: Severity, file: &FileText) -> Result<RulePolicy, PackError> {
    if !is_forbid(&parsed.policy) {
        return Err(PackError::WrongEffect {
            message: "a `permit` in a pack".to_owned(),
            file: file.clone(),
            at: parsed.at,
            help: "rules say what is never meant; what is meant goes into an intent file",
        });
    }
    let (mut own, mut beside) = (severity, false);
    for (name, value) in parsed.policy.annotations() {
        match (name.to_string().as_str(), value) {
            ("severity", value) => own = self::severity(value, file, parsed.at)?,
            ("beside", "unintended-access") => beside = true,
            (name, _) => {
                return Err(PackError::BadAnnotation {
                    message: format!("`@{name}` means nothing in a rule"),
                    file: file.clone(),
                    at: parsed.at,
                    help: "`@severity(\"…\")` can stand here, where a policy differs from its rule, and \
                           `@beside(\"unintended-access\")`, where it does not take the place of that"
                        .to_owned(),
                });
            }
        }
    }
    Ok(RulePolicy {
        parsed,
        severity: own,
        beside,
    })
}

fn severity(name: &str, file: &FileText, at: SourceSpan) -> Result<Severity, PackError> {
    Severity::from_name(name).ok_or_else(|| {
        let help = suggest(name, Severity::ALL.map(Severity::as_str));
        bad_value(format!("there is no severity `{name}`"), file, at, help)
    })
}

/// A value that means nothing.
pub(super) fn bad_value(message: String, file: &FileText, at: SourceSpan, help: String) -> PackError {
    PackError::BadValue {
        message,
        file: file.clone(),
        at,
        help,
    }
}

/// A problem of a manifest as an error.
pub(super) fn toml_error(problem: TomlProblem, file: &FileText) -> PackError {
    match problem {
        TomlProblem::Invalid { message, at } => PackError::NotToml {
            message,
            file: file.clone(),
            at,
        },
        TomlProblem::UnknownKey { key, at, known } => PackError::UnknownKey {
            help: suggest(&key, known),
            key,
            file: file.clone(),
            at,
        },
    }
}

impl From<PackError> for Vec<PackError> {
    fn from(error: PackError) -> Self {
        vec![error]
    }
}

const WRITE_A_QUERY: &str = "write a query of RFC 9535 over the document of docs/normalised.md";
