use std::collections::BTreeSet;

use crate::iam::{AccountId, ElementList, Partition, PolicyDocument};

/// The fields of an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The fields of a text, if it is an ARN.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut fields = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut next = || fields.next();
        Some(Self {
            partition: next()?,
            service: next()?,
            region: next()?,
            account: next()?,
            resource: next()?,
        })
    }

    /// The account, if it is one.
    pub fn account_id(self) -> Option<AccountId> {
        self.account.parse().ok()
    }

    /// The partition, if it is one.
    pub fn known_partition(self) -> Partition {
        Partition::from_name(self.partition).unwrap_or_default()
    }

    /// The access point that the ARN names, or whose objects it names [RES-03].
    pub fn access_point(self) -> Option<&'a str> {
        let name = self.resource.strip_prefix("accesspoint/")?.split('/').next()?;
        (self.service == "s3" && is_fixed(name)).then_some(name)
    }

    /// The bucket that the ARN names, or whose objects it names [RES-03]; none where a pattern stands for it.
    pub fn bucket(self) -> Option<&'a str> {
        let name = self.resource.split('/').next()?;
        (self.service == "s3" && self.region.is_empty() && self.account.is_empty() && is_fixed(name)).then_some(name)
    }
}

/// The bucket of a name or an ARN.
pub(super) fn bucket_name(text: &str) -> (&str, Partition) {
    match Arn::parse(text) {
        Some(arn) => (arn.bucket().unwrap_or(arn.resource), arn.known_partition()),
        None => (text, Partition::AWS),
    }
}

/// Path with both slashes and name of a role, from its ARN's last field or a bare name.
pub(super) fn role_path(resource: &str) -> (Box<str>, &str) {
    let inner = resource.strip_prefix("role/").unwrap_or(resource);
    match inner.rsplit_once('/') {
        Some((path, name)) => (format!("/{}/", path.trim_matches('/')).into(), name),
        None => ("/".into(), inner),
    }
}

/// Whether S3 could have a bucket of this name, old names in us-east-1 included.
pub(super) fn could_be_bucket(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (3..=255).contains(&name.len()) && name.bytes().all(letter)
}

/// The other bucket that a policy names, if it names others and not this one [FMT-42].
pub(super) fn other_bucket<'d>(policy: &'d PolicyDocument, bucket: &str) -> Option<&'d str> {
    let mut named = BTreeSet::new();
    let elements = policy
        .statements
        .iter()
        .filter_map(|statement| statement.resource.as_ref());
    for text in elements.flat_map(texts) {
        named.insert(Arn::parse(text).and_then(Arn::bucket)?);
    }
    (!named.contains(bucket)).then(|| named.first().copied()).flatten()
}

fn texts(element: &ElementList) -> impl Iterator<Item = &str> {
    element.entries.iter().map(|entry| &*entry.value.0)
}

/// Whether a part of an ARN stands for itself only.
fn is_fixed(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?']) && !text.contains("${")
}
