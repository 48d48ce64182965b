use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::discover::Texts;
use crate::iam::AccountId;
use crate::model::Inventory;
use crate::source::{Comment, Diagnostic, Sources};

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files and directories; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// The kind that every input must be of; none lets the content tell.
    pub kind: Option<Kind>,
    /// What a raw document belongs to.
    pub attach: Option<Attachment>,
    /// Globs over the shown path; what matches is left out.
    pub exclude: Vec<String>,
    /// The bytes of standard input, for the path `-`.
    pub stdin: Option<Vec<u8>>,
    /// How templates are deployed.
    pub deployment: Deployment,
    /// Texts that stand for those of files, or for files that are not there yet, by the paths as they are shown.
    pub overlay: Texts,
}

/// How templates are deployed, as far as they do not say so themselves.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// The account that they are deployed in, if it is known.
    pub account: Option<AccountId>,
    /// Whether new buckets have the defaults of before April 2023 [OWN-08].
    pub legacy_defaults: bool,
    /// Files with the parameters of CloudFormation templates; a later one wins.
    pub parameters: Vec<PathBuf>,
    /// Values of variables of Terraform roots, by name.
    pub variables: Vec<(String, String)>,
    /// Files with values of variables of Terraform roots; a later one wins.
    pub variable_files: Vec<PathBuf>,
}

/// A kind of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A directory of raw AWS CLI answers, laid out as DESIGN section 5.1 says.
    CliSnapshot,
    /// A directory of answers by command, `s3-get-bucket-policy/<bucket>`, as cloudmapper writes it.
    FlatExport,
    /// One answer of the AWS CLI alone.
    CliAnswer,
    /// The output of `iam get-account-authorization-details`.
    AuthorizationDetails,
    /// A snapshot, a history or single items of AWS Config.
    AwsConfig,
    /// A policy document alone.
    Policy,
    /// Answers of AWS recorded by a test suite.
    Recording,
    /// A template of AWS CloudFormation, AWS SAM or the AWS CDK, in JSON or YAML.
    CloudFormation,
    /// A directory with Terraform files.
    Terraform,
    /// A plan of Terraform as JSON.
    TerraformPlan,
    /// A state of Terraform as JSON.
    TerraformState,
}

/// How the reading of an input went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputStatus {
    /// All of it was read.
    Read,
    /// Recognised, but nothing in it is under audit yet, such as an identity policy.
    NotAudited,
    /// A part of it is unknown: refused by AWS, damaged or invalid.
    Incomplete,
    /// Nothing in it was recognised.
    NotRecognised,
    /// It could not be read at all.
    Refused,
}

/// One input of a run: a path as the user named it with a kind found there, or a file that failed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// The path as it is shown.
    pub path: String,
    /// The kind found there, if any.
    pub kind: Option<Kind>,
    /// How it went.
    pub status: InputStatus,
}

/// What a document alone belongs to: `bucket-policy:NAME` and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// The policy of the bucket of this name or ARN.
    BucketPolicy(String),
    /// The ACL of the bucket of this name or ARN.
    BucketAcl(String),
    /// The policy of the access point of this name or ARN.
    AccessPointPolicy(String),
    /// The trust policy of the role of this name or ARN.
    TrustPolicy(String),
}

/// A text that is no [`Attachment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `bucket-policy:NAME`, `bucket-acl:NAME`, `access-point-policy:NAME` or `trust-policy:NAME`")]
pub struct AttachmentError;

/// A text that is no [`Kind`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of input: expected one of {list}", list = Kind::ALL.map(Kind::as_str).join(", "))]
pub struct KindError(pub String);

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Ingested {
    /// What is under audit.
    pub inventory: Inventory,
    /// The files, for showing places. A file that no span speaks of has lost its text.
    pub sources: Sources,
    /// Problems, sorted by file, place and code.
    pub diagnostics: Vec<Diagnostic>,
    /// Comments that speak to this program.
    pub comments: Vec<Comment>,
    /// What was read, by path and kind.
    pub inputs: Vec<Input>,
    /// Whether an answer is missing: an input was refused, is incomplete, or was named and not recognised.
    pub incomplete: bool,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::CliSnapshot,
        Self::FlatExport,
        Self::CliAnswer,
        Self::AuthorizationDetails,
        Self::AwsConfig,
        Self::Policy,
        Self::Recording,
        Self::CloudFormation,
        Self::Terraform,
        Self::TerraformPlan,
        Self::TerraformState,
    ];

    /// The name, as `--kind` takes it and reports show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CliSnapshot => "cli-snapshot",
            Self::FlatExport => "flat-export",
            Self::CliAnswer => "cli-answer",
            Self::AuthorizationDetails => "authorization-details",
            Self::AwsConfig => "aws-config",
            Self::Policy => "policy",
            Self::Recording => "recording",
            Self::CloudFormation => "cloudformation",
            Self::Terraform => "terraform",
            Self::TerraformPlan => "terraform-plan",
            Self::TerraformState => "terraform-state",
        }
    }

    /// Whether it declares what will be deployed, of which buckets and roles need be no part.
    pub fn is_template(self) -> bool {
        match self {
            Self::CloudFormation | Self::Terraform | Self::TerraformPlan | Self::TerraformState => true,
            Self::CliSnapshot
            | Self::FlatExport
            | Self::CliAnswer
            | Self::AuthorizationDetails
            | Self::AwsConfig
            | Self::Policy
            | Self::Recording => false,
        }
    }
}

impl InputStatus {
    /// The name, as reports show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::NotAudited => "not-audited",
            Self::Incomplete => "incomplete",
            Self::NotRecognised => "not-recognised",
            Self::Refused => "refused",
        }
    }

    /// Whether an answer is missing because of it.
    pub fn is_incomplete(self) -> bool {
        match self {
            Self::Read | Self::NotAudited => false,
            Self::Incomplete | Self::NotRecognised | Self::Refused => true,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| KindError(text.to_owned()))
    }
}

impl fmt::Display for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BucketPolicy(name) => write!(f, "bucket-policy:{name}"),
            Self::BucketAcl(name) => write!(f, "bucket-acl:{name}"),
            Self::AccessPointPolicy(name) => write!(f, "access-point-policy:{name}"),
            Self::TrustPolicy(name) => write!(f, "trust-policy:{name}"),
        }
    }
}

impl FromStr for Attachment {
    type Err = AttachmentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, name) = text.split_once(':').ok_or(AttachmentError)?;
        let name = Some(name.to_owned())
            .filter(|name| !name.is_empty())
            .ok_or(AttachmentError)?;
        match kind {
            "bucket-policy" => Ok(Self::BucketPolicy(name)),
            "bucket-acl" => Ok(Self::BucketAcl(name)),
            "access-point-policy" => Ok(Self::AccessPointPolicy(name)),
            "trust-policy" => Ok(Self::TrustPolicy(name)),
            _ => Err(AttachmentError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for text in [
            "bucket-policy:b",
            "bucket-acl:arn:aws:s3:::b",
            "access-point-policy:p",
            "trust-policy:r",
        ] {
            assert_eq!(
                text.parse::<Attachment>().map(|found| found.to_string()),
                Ok(text.into())
            );
        }
        for text in ["bucket-policy", "bucket-policy:", "queue-policy:q", ""] {
            assert!(text.parse::<Attachment>().is_err(), "{text}");
        }
    }
}
