use super::{Setting, Tags, When};
use crate::iam::{AccountId, Partition, PolicyDocument};
use crate::source::Span;

/// One IAM role.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// Its name.
    pub name: Box<str>,
    /// Its path with both slashes, such as `/` or `/service-role/`.
    pub path: Box<str>,
    /// Its unique id (`AROA…`), where the input tells.
    pub unique_id: Option<Box<str>>,
    /// Its account, where the input tells.
    pub account: Option<AccountId>,
    /// Its partition.
    pub partition: Partition,
    /// Its trust policy [TRUST-01].
    pub trust: Setting<PolicyDocument>,
    /// Its tags.
    pub tags: Setting<Tags>,
    /// Names or ARNs of the permissions policies on it, for the reader.
    pub policies: Vec<Box<str>>,
    /// The outcomes of unknown tests under which it is as it is.
    pub when: Vec<When>,
    /// Where it was found.
    pub span: Span,
}

impl Role {
    /// The role's ARN; an unknown account is left empty.
    pub fn arn(&self) -> String {
        let account = self.account.map(|id| id.to_string()).unwrap_or_default();
        format!("arn:{}:iam::{account}:role{}{}", self.partition, self.path, self.name)
    }

    /// Whether AWS made the role and its trust cannot be edited [TRUST-12].
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }
}
