use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// A labelled case of which somebody has said what is true.
#[derive(Deserialize)]
pub struct Label {
    /// The file, relative to the corpus.
    pub case: String,
    /// Whom the document lets in.
    pub truth: Truth,
    /// Why.
    pub why: String,
    /// What the file holds where it is no whole policy.
    pub document: Option<Document>,
    /// The account that owns what the document belongs to.
    pub own_account: Option<String>,
    /// What the peer was told when it judged the case.
    #[serde(default)]
    pub options: Options,
    /// The resource of a template that the label is about; none for all of them.
    pub resource: Option<String>,
    pub format: Format,
}

/// Whom a document lets in, as `SOURCES.md` of the corpus defines it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// Anyone, or any AWS account, not pinned to a fixed set by a condition.
    Public,
    /// Certainly other accounts or identity providers.
    External,
    /// The own account only.
    Internal,
    /// Whoever is pinned, a service, an account of unknown relation, or nobody.
    NotPublic,
    /// The document is malformed, or depends on what is not in the file.
    Unknown,
}

/// What a file holds that is no whole policy.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// Some members of one statement.
    Statement,
    /// A bucket or a role as the product Panther describes it.
    PantherResource,
}

/// What a case is written in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Policy,
    Config,
    Terraform,
    Cloudformation,
}

/// What a peer was told; the rest of its options do not bear on whom a document lets in.
#[derive(Default, Deserialize)]
pub struct Options {
    /// Accounts that the peer takes for known: a list, or an empty object.
    #[serde(default)]
    pub allowed_accounts: Value,
    /// Accounts that the peer trusts.
    #[serde(default)]
    pub trusted_account_ids: Value,
    /// Organizations that the peer takes for known.
    #[serde(default)]
    pub allowed_orgid: Value,
}

impl Label {
    /// Whether the case is a template.
    pub fn is_template(&self) -> bool {
        match self.format {
            Format::Policy | Format::Config => false,
            Format::Terraform | Format::Cloudformation => true,
        }
    }
}

/// All labels with a truth. A label without one may have any shape.
pub fn labels(corpus: &Path) -> Vec<Label> {
    let text = fs::read_to_string(corpus.join("labels.jsonl")).expect("the labels");
    let lines = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line).expect("a label is JSON");
        value
    });
    lines
        .filter(|value| value.get("truth").is_some())
        .map(|value| serde_json::from_value(value).expect("a label with a truth"))
        .collect()
}
