use std::fmt;
use std::str::FromStr;

/// Id of a rule: pack and folder, such as `s3/public-read`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Box<str>);

/// A text that is no rule id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rule id is `pack/rule-name` in lower-case letters, digits and hyphens")]
pub struct RuleIdError;

impl RuleId {
    /// The finding for access that no rule and no intent speaks of.
    pub fn unintended_access() -> Self {
        Self("unintended-access".into())
    }

    /// The finding for access that the configuration says must be impossible.
    pub fn forbidden_access() -> Self {
        Self("forbidden-access".into())
    }

    /// The finding for a declaration of intent that has ended.
    pub fn expired_intent() -> Self {
        Self("expired-intent".into())
    }

    /// The finding for a declaration of intent that permits nothing that would be reported.
    pub fn unused_intent() -> Self {
        Self("unused-intent".into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RuleId {
    type Err = RuleIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let part = |part: &str| {
            let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !part.is_empty() && !part.starts_with('-') && !part.ends_with('-') && part.bytes().all(fits)
        };
        match text.split_once('/') {
            Some((pack, rule)) if part(pack) && part(rule) => Ok(Self(text.into())),
            None if WITHOUT_PACK.contains(&text) => Ok(Self(text.into())),
            Some(_) | None => Err(RuleIdError),
        }
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Ids of rules that belong to no pack.
const WITHOUT_PACK: [&str; 4] = [
    "expired-intent",
    "forbidden-access",
    "unintended-access",
    "unused-intent",
];
