use std::fmt;
use std::str::FromStr;

use crate::source::Placeholder;

/// A 12-digit AWS account id, or the placeholder of one that is not known before deployment; the default is twelve
/// zeros, which no account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

/// A text that is no account id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account id has 12 digits")]
pub struct NotAnAccountId;

impl AccountId {
    /// The id with these digits, if there are no more than 12.
    pub fn from_number(number: u64) -> Option<Self> {
        (number < PLACEHOLDERS).then_some(Self(number))
    }

    /// The account that is not known before deployment.
    pub fn from_placeholder(placeholder: Placeholder) -> Self {
        Self(PLACEHOLDERS + placeholder.number())
    }

    /// The placeholder, where the account is not known before deployment.
    pub fn placeholder(self) -> Option<Placeholder> {
        self.0.checked_sub(PLACEHOLDERS).and_then(Placeholder::from_number)
    }
}

impl FromStr for AccountId {
    type Err = NotAnAccountId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(placeholder) = text.parse() {
            return Ok(Self::from_placeholder(placeholder));
        }
        if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAnAccountId);
        }
        text.parse().map(Self).map_err(|_| NotAnAccountId)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.placeholder() {
            Some(placeholder) => write!(f, "{placeholder}"),
            None => write!(f, "{:012}", self.0),
        }
    }
}

/// The id by which ACLs know an account: 64 hexadecimal digits, or the short id of the anonymous user.
///
/// Source: Amazon S3 User Guide, "Access control list (ACL) overview" [ACL-02], [ACL-08].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CanonicalId(Box<str>);

impl CanonicalId {
    /// The canonical id of unsigned callers [ACL-08].
    pub const ANONYMOUS: &'static str = "65a011a29cdf8ec533ec3d1ccaae921c";

    /// A canonical id as written; ids are compared exactly.
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the anonymous user [ACL-08].
    pub fn is_anonymous(&self) -> bool {
        &*self.0 == Self::ANONYMOUS
    }
}

impl fmt::Display for CanonicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of AWS that principals never leave [PRIN-15].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(&'static str);

impl Default for Partition {
    fn default() -> Self {
        Self::AWS
    }
}

impl Partition {
    /// The commercial partition.
    pub const AWS: Self = Self("aws");

    /// The partition of this name, if there is one.
    ///
    /// Source: IAM User Guide, "Amazon Resource Names (ARNs)"; `aws-eusc` is unverified [PRIN-15].
    pub fn from_name(name: &str) -> Option<Self> {
        PARTITIONS.iter().find(|known| **known == name).map(|known| Self(known))
    }

    /// The partition of a Region.
    pub fn of_region(region: &str) -> Self {
        let name = match region {
            _ if region.starts_with("cn-") => "aws-cn",
            _ if region.starts_with("us-gov-") => "aws-us-gov",
            _ if region.starts_with("us-iso-") => "aws-iso",
            _ if region.starts_with("us-isob-") => "aws-iso-b",
            _ if region.starts_with("eu-isoe-") => "aws-iso-e",
            _ if region.starts_with("us-isof-") => "aws-iso-f",
            _ if region.starts_with("eusc-") => "aws-eusc",
            _ => "aws",
        };
        Self::from_name(name).unwrap_or_default()
    }

    /// The name, as ARNs spell it.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Account ids are below; numbers from here on stand for accounts that are not known before deployment.
const PLACEHOLDERS: u64 = 1_000_000_000_000;

const PARTITIONS: &[&str] = &[
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_keep_leading_zeros() {
        assert_eq!(
            "012345678901".parse::<AccountId>().map(|id| id.to_string()),
            Ok("012345678901".into())
        );
        for text in [
            "12345678901",
            "1234567890123",
            "12345678901x",
            "",
            "１２３４５６７８９０１２",
        ] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
    }
}
