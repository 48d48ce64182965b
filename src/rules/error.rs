use miette::{Diagnostic, LabeledSpan, NamedSource, SourceSpan};
use std::sync::Arc;
use thiserror::Error;

/// The text of a pack, intent or configuration file, with its path, for showing a place in it.
pub type FileText = Arc<NamedSource<Arc<str>>>;

/// Everything that is wrong with some packs or intent files.
#[derive(Debug, Error, Diagnostic)]
#[error("{}", count(.0))]
#[diagnostic(code(bucketproof::rules::invalid))]
pub struct PackErrors(#[related] pub Vec<PackError>);

/// Why a pack or an intent file cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum PackError {
    /// Not TOML, or a value of the wrong type.
    #[error("{message}")]
    #[diagnostic(code(bucketproof::rules::not_toml))]
    NotToml {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// A key that does not exist.
    #[error("unknown key `{key}`")]
    #[diagnostic(code(bucketproof::rules::unknown_key))]
    UnknownKey {
        /// The key.
        key: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("not a key of this table")]
        at: SourceSpan,
        /// The nearest key, or all of them.
        #[help]
        help: String,
    },
    /// A value that means nothing.
    #[error("{message}")]
    #[diagnostic(code(bucketproof::rules::bad_value))]
    BadValue {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("here")]
        at: SourceSpan,
        /// What would do.
        #[help]
        help: String,
    },
    /// A message with a placeholder that does not exist.
    #[error("unknown placeholder `{{{name}}}`")]
    #[diagnostic(code(bucketproof::rules::unknown_placeholder))]
    UnknownPlaceholder {
        /// The placeholder.
        name: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("in this message")]
        at: SourceSpan,
        /// The nearest placeholder, or all of them.
        #[help]
        help: String,
    },
    /// A query that is no JSONPath, or one whose answers could be wrong.
    #[error("{message}")]
    #[diagnostic(code(bucketproof::rules::bad_query))]
    BadQuery {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("here")]
        at: SourceSpan,
        /// What would do.
        #[help]
        help: String,
    },
    /// A file that a pack or rule must have.
    #[error("`{path}` is missing")]
    #[diagnostic(code(bucketproof::rules::missing_file))]
    MissingFile {
        /// Its path.
        path: String,
        /// What it is for.
        #[help]
        help: String,
    },
    /// Not Cedar.
    #[error("{message}")]
    #[diagnostic(code(bucketproof::rules::not_cedar))]
    NotCedar {
        /// What Cedar says.
        message: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where, in Cedar's words.
        #[label(collection)]
        labels: Vec<LabeledSpan>,
        /// Cedar's advice.
        #[help]
        help: Option<String>,
    },
    /// Cedar that the schema does not allow, or a policy that can never apply.
    #[error("`{policy}`: {message}")]
    #[diagnostic(code(bucketproof::rules::not_valid))]
    NotValid {
        /// The policy.
        policy: String,
        /// What Cedar says.
        message: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where, in Cedar's words.
        #[label(collection)]
        labels: Vec<LabeledSpan>,
        /// Cedar's advice.
        #[help]
        help: Option<String>,
    },
    /// A `permit` in a pack, or a `forbid` in an intent file.
    #[error("{message}")]
    #[diagnostic(code(bucketproof::rules::wrong_effect))]
    WrongEffect {
        /// What stands where it does not belong.
        message: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("this policy")]
        at: SourceSpan,
        /// Where it belongs.
        #[help]
        help: &'static str,
    },
    /// An annotation that is missing, unknown or unreadable.
    #[error("{message}")]
    #[diagnostic(code(bucketproof::rules::bad_annotation))]
    BadAnnotation {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("this policy")]
        at: SourceSpan,
        /// What would do.
        #[help]
        help: String,
    },
    /// Two rules with one id.
    #[error("rule `{id}` exists twice: in `{first}` and in `{second}`")]
    #[diagnostic(
        code(bucketproof::rules::duplicate_rule),
        help("give the pack another name in its `pack.toml`, or leave one of the packs out")
    )]
    DuplicateRule {
        /// The id.
        id: String,
        /// Where it was first.
        first: String,
        /// Where it was again.
        second: String,
    },
    /// A name that is no rule id.
    #[error("`{path}` is no name for a pack or rule")]
    #[diagnostic(
        code(bucketproof::rules::bad_name),
        help("use lower-case letters, digits and hyphens, and name the problem: `public-read`")
    )]
    BadName {
        /// The path that the name is taken from.
        path: String,
    },
    /// A page of a rule without the sections that it must have.
    #[error("`{path}`: {problem}")]
    #[diagnostic(
        code(bucketproof::rules::bad_page),
        help("a page has the sections `## Reports`, `## Why`, `## Fix` and `## When it is fine`, in this order")
    )]
    BadPage {
        /// The page.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A pack that is not the one that was pinned.
    #[error("the pack in `{path}` is not the one that is pinned: its digest is {found}, and not {pinned}")]
    #[diagnostic(
        code(bucketproof::rules::wrong_digest),
        help("look at what has changed, then write the new digest beside the path in the configuration")
    )]
    WrongDigest {
        /// Its folder.
        path: String,
        /// The digest that the configuration names.
        pinned: String,
        /// The digest that the pack has.
        found: String,
    },
    /// A digest for several packs.
    #[error("`{path}` holds several packs, and a digest is that of one")]
    #[diagnostic(
        code(bucketproof::rules::pinned_together),
        help("name each folder that holds a `pack.toml`, with its own digest")
    )]
    PinnedTogether {
        /// The folder.
        path: String,
    },
    /// A built-in pack that does not exist.
    #[error("there is no pack `{name}`")]
    #[diagnostic(code(bucketproof::rules::no_such_pack))]
    NoSuchPack {
        /// The name.
        name: String,
        /// The nearest name, or all of them.
        #[help]
        help: String,
    },
}

/// Why rules could not be evaluated: a fault of ours, never a verdict.
#[derive(Debug, Error, Diagnostic)]
pub enum RulesError {
    /// Cedar could not evaluate a policy.
    #[error("`{policy}` could not be evaluated: {message}")]
    #[diagnostic(
        code(bucketproof::rules::evaluation),
        help("this is a fault of the rule or of bucketproof, not of your configuration: please report it")
    )]
    Evaluation {
        /// The policy.
        policy: String,
        /// What Cedar says.
        message: String,
    },
    /// The facts about a grant could not be put to Cedar.
    #[error("the facts about a grant are no Cedar request: {message}")]
    #[diagnostic(
        code(bucketproof::rules::request),
        help("this is a fault of bucketproof, not of your configuration: please report it")
    )]
    Request {
        /// What Cedar says.
        message: String,
    },
    /// A query failed.
    #[error("the query of `{rule}` failed: {message}")]
    #[diagnostic(
        code(bucketproof::rules::query),
        help("this is a fault of the rule, not of your configuration: please report it")
    )]
    Query {
        /// The rule.
        rule: String,
        /// What the query engine says.
        message: String,
    },
}

/// Why a configuration cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum ConfigError {
    /// Not TOML, or a value of the wrong type.
    #[error("{message}")]
    #[diagnostic(code(bucketproof::rules::config_not_toml))]
    NotToml {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("here")]
        at: SourceSpan,
        /// What to do, where that is plain.
        #[help]
        help: Option<&'static str>,
    },
    /// A key that does not exist.
    #[error("unknown key `{key}`")]
    #[diagnostic(code(bucketproof::rules::config_unknown_key))]
    UnknownKey {
        /// The key.
        key: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("not a key of this table")]
        at: SourceSpan,
        /// The nearest key, or all of them.
        #[help]
        help: String,
    },
    /// A value that means nothing.
    #[error("{message}")]
    #[diagnostic(code(bucketproof::rules::config_bad_value))]
    BadValue {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where.
        #[label("here")]
        at: SourceSpan,
        /// What would do.
        #[help]
        help: String,
    },
    /// A partner that is declared twice.
    #[error("account {account} is declared a partner twice")]
    #[diagnostic(
        code(bucketproof::rules::config_duplicate_partner),
        help("keep one of the two declarations")
    )]
    DuplicatePartner {
        /// The account.
        account: String,
        /// The file.
        #[source_code]
        file: FileText,
        /// Where it was first.
        #[label("declared here")]
        first: SourceSpan,
        /// Where it was again.
        #[label("and again here")]
        again: SourceSpan,
    },
}

/// A text as errors show it.
pub(super) fn file_text(path: &str, text: &str) -> FileText {
    Arc::new(NamedSource::new(path, Arc::from(text)))
}

/// The nearest of some known names as advice, or all of them where none is near.
pub fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("known are {}", listed(&known)),
    }
}

/// The known name that somebody may have meant.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        // A name as long as that is none of ours with a slip in it.
        .filter(|_| name.len() <= 128)
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len().max(name.len()) / 3 + 1)
        .map(|(_, candidate)| candidate)
}

fn listed(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn count(errors: &[PackError]) -> String {
    match errors {
        [only] => format!("the rules cannot be used: {only}"),
        more => format!("the rules cannot be used: {} mistakes", more.len()),
    }
}
