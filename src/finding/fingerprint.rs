use sha2::{Digest, Sha256};
use std::fmt;

use super::{Grant, RuleId};

/// Identity of a finding over time: what is exposed, by which rule, to whom. Never a line or a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(Box<str>);

/// What a fingerprint is made of.
#[derive(Clone, Copy, Debug)]
pub struct FingerprintParts<'a> {
    /// The rule.
    pub rule: &'a RuleId,
    /// ARN of the resource.
    pub resource: &'a str,
    /// The grant, where the finding is about one.
    pub grant: Option<&'a Grant>,
    /// What else tells two findings of one rule on one resource apart, such as the name of a setting.
    pub detail: &'a str,
}

impl Fingerprint {
    /// The fingerprint of a finding: stable against moves, reformatting and the order of statements.
    pub fn new(parts: FingerprintParts<'_>) -> Self {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            // Lengths keep neighbouring parts apart.
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        };
        add(parts.rule.as_str());
        add(parts.resource);
        add(parts.detail);
        if let Some(grant) = parts.grant {
            add(grant.grantee.kind());
            add(grant.grantee.id().as_deref().unwrap_or_default());
            add(grant.effect.as_str());
            let mut resources: Vec<&str> = grant.resources.iter().map(String::as_str).collect();
            resources.sort_unstable();
            resources.into_iter().for_each(&mut add);
            let mut conditions = grant.conditions.clone();
            for condition in &mut conditions {
                condition.key = condition.key.to_lowercase();
                condition.values.sort();
            }
            conditions.sort();
            for condition in conditions {
                add(&condition.operator);
                add(&condition.key);
                condition.values.iter().for_each(|value| add(value));
            }
        }
        let digest = hash.finalize();
        Self(
            digest
                .iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
                .into(),
        )
    }

    /// The fingerprint as 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
