//! Resources as one tree for every input, for rules about settings. Described in docs/normalised.md.

mod access_point;
mod account;
mod bucket;
mod names;
mod policy;
mod role;
mod transport;
mod upkeep;

use std::collections::BTreeSet;

use super::lint::Subject;
use super::rule::DocumentKind;
use crate::iam::{AccountId, PolicyDocument, PolicyKind};
use crate::model::{PublicAccessBlock, Setting, Tags, When};
use crate::source::{Member, Node, Span, Unknown, UnknownReason, Value};

pub(super) use access_point::access_point;
pub(super) use account::{account, organization_block};
pub(super) use bucket::{Levels, bucket};
pub(super) use names::member_names;
pub(super) use role::role;

/// A normalised document.
pub(super) struct Document {
    /// ARN of the resource.
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) account: Option<AccountId>,
    /// An object with one member: the kind, and below it the resource.
    pub(super) root: Node,
    /// Settings that are not known, by the name of the member.
    pub(super) unknown: Vec<(&'static str, Unknown)>,
    /// The outcomes of unknown tests under which the resource is as it is.
    pub(super) when: Vec<When>,
    pub(super) span: Span,
}

/// The members that some query looks at: the others need not be built.
pub(super) struct Wanted<'a> {
    /// The words of the queries; none where some query does not name what it looks at.
    words: Option<BTreeSet<&'a str>>,
}

impl<'a> Wanted<'a> {
    /// What queries look at, given as (text, whether it names every member that it looks at).
    pub(super) fn by(queries: impl Iterator<Item = (&'a str, bool)>) -> Self {
        let texts: Option<Vec<&str>> = queries.map(|(text, names)| Some(text).filter(|_| names)).collect();
        let is_between = |char: char| !char.is_ascii_alphanumeric() && char != '_';
        Self {
            words: texts.map(|texts| texts.iter().flat_map(|text| text.split(is_between)).collect()),
        }
    }

    fn has(&self, key: &str) -> bool {
        self.words.as_ref().is_none_or(|words| words.contains(key))
    }
}

/// Collects the members of a resource.
pub(super) struct Builder<'w> {
    wanted: &'w Wanted<'w>,
    kind: DocumentKind,
    arn: String,
    name: String,
    account: Option<AccountId>,
    span: Span,
    when: Vec<When>,
    members: Vec<Member>,
    unknown: Vec<(&'static str, Unknown)>,
}

impl<'w> Builder<'w> {
    fn new(
        kind: DocumentKind,
        (arn, name): (String, &str),
        account: Option<AccountId>,
        span: Span,
        wanted: &'w Wanted<'w>,
    ) -> Self {
        let mut builder = Self {
            wanted,
            kind,
            arn: arn.clone(),
            name: name.to_owned(),
            account,
            span,
            when: Vec::new(),
            members: Vec::new(),
            unknown: Vec::new(),
        };
        builder.text("kind", kind.as_str());
        builder.text("arn", &arn);
        builder.text("name", name);
        builder.optional_text("account", || account.map(|id| id.to_string()));
        builder
    }

    fn add(&mut self, key: &str, node: impl FnOnce(Span) -> Node) {
        if self.wanted.has(key) {
            self.members.push(member(key, node(self.span)));
        }
    }

    fn text(&mut self, key: &str, value: &str) {
        self.add(key, |span| text(value, span));
    }

    fn optional_text(&mut self, key: &str, value: impl FnOnce() -> Option<String>) {
        self.add(key, |span| {
            value().map_or_else(|| null(span), |value| text(&value, span))
        });
    }

    fn bool(&mut self, key: &str, value: bool) {
        self.add(key, |span| bool(value, span));
    }

    /// A setting: what it is, what its absence means, or `{"unknown": "<why>"}`.
    fn setting<T>(
        &mut self,
        key: &'static str,
        setting: &Setting<T>,
        known: impl FnOnce(&T, Span) -> Node,
        absent: impl FnOnce(Span) -> Node,
    ) {
        if !self.wanted.has(key) {
            return;
        }
        let node = match setting {
            Setting::Set(value) => known(&value.value, value.span),
            Setting::Absent => absent(self.span),
            Setting::Unknown(unknown) => {
                self.unknown.push((key, unknown.clone()));
                let span = unknown.span.unwrap_or(self.span);
                object([("unknown", text(&unknown.reason.to_string(), span))], span)
            }
        };
        self.members.push(member(key, node));
    }

    /// What a document says that cannot be meant. One that the input does not carry says nothing.
    fn lints(&mut self, document: &Setting<PolicyDocument>, kind: PolicyKind) {
        let not_given = matches!(document, Setting::Unknown(unknown) if unknown.reason == UnknownReason::NotInInput);
        let arn = self.arn.clone();
        let lint = |document: &PolicyDocument, _| policy::lint(document, Subject { kind, arn: &arn });
        let document = if not_given { &Setting::Absent } else { document };
        self.setting("lints", document, lint, null);
    }

    fn block(&mut self, key: &'static str, setting: &Setting<PublicAccessBlock>, absent: PublicAccessBlock) {
        self.setting(
            key,
            setting,
            |block, span| block_node(block, true, span),
            |span| block_node(&absent, false, span),
        );
    }

    fn tags(&mut self, setting: &Setting<Tags>) {
        let list = |tags: &Tags, span| {
            let tags = tags
                .iter()
                .map(|(key, value)| object([("key", text(key, span)), ("value", text(value, span))], span));
            Node::new(Value::Array(tags.collect()), span)
        };
        self.setting("tags", setting, list, |span| Node::new(Value::Array(Vec::new()), span));
    }

    fn finish(self) -> Document {
        let resource = Node::new(Value::Object(self.members), self.span);
        Document {
            root: object([(self.kind.member(), resource)], self.span),
            arn: self.arn,
            name: self.name,
            account: self.account,
            when: self.when,
            unknown: self.unknown,
            span: self.span,
        }
    }
}

impl DocumentKind {
    /// The member of the root that holds the resource.
    fn member(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Bucket => "bucket",
            Self::AccessPoint => "access_point",
            Self::Role => "role",
        }
    }
}

fn block_node(block: &PublicAccessBlock, set: bool, span: Span) -> Node {
    let flag = |value| bool(value, span);
    object(
        [
            ("set", flag(set)),
            ("block_public_acls", flag(block.block_public_acls)),
            ("ignore_public_acls", flag(block.ignore_public_acls)),
            ("block_public_policy", flag(block.block_public_policy)),
            ("restrict_public_buckets", flag(block.restrict_public_buckets)),
            ("all_on", flag(*block == PublicAccessBlock::ALL)),
        ],
        span,
    )
}

fn object<const N: usize>(members: [(&str, Node); N], span: Span) -> Node {
    let members = members.into_iter().map(|(key, node)| member(key, node)).collect();
    Node::new(Value::Object(members), span)
}

fn member(key: &str, value: Node) -> Member {
    Member {
        key: key.into(),
        key_span: value.span,
        value,
    }
}

fn text(value: &str, span: Span) -> Node {
    Node::new(Value::String(value.into()), span)
}

fn bool(value: bool, span: Span) -> Node {
    Node::new(Value::Bool(value), span)
}

fn null(span: Span) -> Node {
    Node::new(Value::Null, span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{BucketScope, Options};
    use crate::iam::Timestamp;
    use crate::model::{AccessPoint, Account, Bucket, Role};

    #[test]
    fn every_member_is_in_the_documentation() {
        let all = Wanted { words: None };
        let none = Setting::Absent;
        let plain = Bucket::default();
        let scope = BucketScope {
            bucket: &plain,
            account: None,
            organization: None,
            access_points: Vec::new(),
            accounts: &[],
        };
        let levels = Levels {
            account: &none,
            organization: &none,
            status: None,
            scope: &scope,
            options: &Options::at(Timestamp(0)),
        };
        let documents = [
            account(&Account::default(), None, &all),
            bucket(&plain, &levels, &all),
            access_point(&AccessPoint::default(), &all),
            role(&Role::default(), &all),
        ];
        let page = include_str!("../../../docs/normalised.md");
        for root in documents.map(|document| document.root) {
            for member in root.members().iter().chain(root.members()[0].value.members()) {
                assert!(page.contains(&format!("`{}`", member.key)), "{}", member.key);
            }
        }
    }
}
