//! Evaluated resources as what they declare [FMT-100…113].

use super::instance::Evaluated;
use super::organization::organization;
use crate::iam::{AccountId, PolicyKind};
use crate::ingest::document::View;
use crate::ingest::notes::{Notes, Wrong};
use crate::ingest::part::Part;
use crate::ingest::settings;
use crate::ingest::template::{Declared, Defaults, Piece, What, join, not_deployed, policy};
use crate::model::{AccessPoint, NetworkOrigin, ObjectOwnership, Payer, PublicAccessBlock, Role, Setting, Tags};
use crate::source::{Diagnostic, Node, Placeholder, Placeholders, Text, UnknownReason};

/// What is needed to say what a resource declares.
pub(super) struct Declaring<'n> {
    pub names: &'n mut Placeholders,
    pub notes: &'n mut Notes,
    pub account: AccountId,
    pub region: String,
}

/// Adds what these resources declare to the part, joined.
pub(super) fn declare_all(found: &[Evaluated], region: String, defaults: Defaults, part: &mut Part) {
    let mut declaring = Declaring {
        names: &mut part.placeholders,
        notes: &mut part.notes,
        account: defaults.account,
        region,
    };
    let mut declared: Vec<_> = found.iter().flat_map(|found| declaring.declare(found)).collect();
    declared.extend(organization(found, &mut part.notes));
    join(declared, defaults, part);
}

impl Declaring<'_> {
    /// What a resource declares.
    pub fn declare(&mut self, found: &Evaluated) -> Vec<Declared> {
        match &*found.kind {
            "aws_s3_bucket" => self.bucket(found),
            "aws_iam_role" => vec![self.role(found)],
            "aws_s3_access_point" => vec![self.access_point(found)],
            "aws_s3control_access_point_policy" => self.access_point_policy(found),
            "aws_s3_account_public_access_block" => {
                let block = self.block(&found.properties, false);
                vec![found.declares(What::AccountBlock(block))]
            }
            _ => self.of_bucket(found),
        }
    }

    fn bucket(&mut self, found: &Evaluated) -> Vec<Declared> {
        let properties = &found.properties;
        let name = found.text("bucket").unwrap_or_default();
        let region = found.text("region").filter(|region| !Placeholder::is_in(region));
        let mut declared = vec![found.declares(What::Bucket {
            name: name.into(),
            region: region.map(Into::into),
            is_new: found.is_new,
        })];
        let mut grants = Vec::new();
        for member in properties.members() {
            let node = &member.value;
            let piece = match &*member.key {
                "acl" => self.canned(node),
                "policy" => given(node).map(|node| Piece::Policy(node.clone())),
                "request_payer" => given(node).map(|payer| Piece::RequestPayment(self.read(payer, payer_of))),
                "tags" => given(node).map(|tags| Piece::Tags(tags_of(tags))),
                "grant" => {
                    grants.extend(blocks(node));
                    None
                }
                other => self.upkeep_of_bucket(other, node),
            };
            declared.extend(piece.map(|piece| found.declares_at(node, What::of_bucket(name, piece))));
        }
        if !grants.is_empty() {
            let acl = self.old_grants(&grants);
            let span = grants.first().map_or(found.span, |grant| grant.span);
            let what = What::of_bucket(name, Piece::Acl(acl));
            declared.push(Declared {
                span,
                ..found.declares(what)
            });
        }
        declared
    }

    /// What has a bucket as its `bucket`.
    fn of_bucket(&mut self, found: &Evaluated) -> Vec<Declared> {
        let properties = &found.properties;
        let Some(bucket) = found.text("bucket") else {
            // Null is what a module gives that makes no bucket.
            if !found.kind.starts_with("aws_organizations_") && properties.get("bucket").is_none() {
                self.wrong(Wrong::at(
                    found.span,
                    format!("`{}` does not say which bucket it is for", found.address),
                ));
            }
            return Vec::new();
        };
        let bucket = bucket.strip_prefix("arn:aws:s3:::").unwrap_or(bucket).to_owned();
        let inner = |name: &str| properties.get(name);
        let piece = match &*found.kind {
            "aws_s3_bucket_policy" => inner("policy")
                .and_then(given)
                .map(|node| (node, Piece::Policy(node.clone()))),
            "aws_s3_bucket_acl" => self.acl(found),
            "aws_s3_bucket_public_access_block" => {
                let block = self.block(properties, false);
                return vec![found.declares(What::of_bucket(&bucket, Piece::Block(block)))];
            }
            "aws_s3_bucket_ownership_controls" if inner("rule").is_some_and(is_unknown) => {
                inner("rule").map(|node| (node, Piece::Ownership(not_deployed(node))))
            }
            "aws_s3_bucket_ownership_controls" => inner("rule")
                .and_then(first)
                .and_then(|rule| rule.get("object_ownership"))
                .map(|node| (node, Piece::Ownership(self.read(node, ownership)))),
            "aws_s3_bucket_request_payment_configuration" => {
                inner("payer").map(|node| (node, Piece::RequestPayment(self.read(node, payer_of))))
            }
            "aws_s3_bucket_website_configuration" => {
                let website = Piece::Website(Setting::set(true, found.span));
                return vec![found.declares(What::of_bucket(&bucket, website))];
            }
            "aws_s3_bucket_object_lock_configuration" => {
                let lock = Piece::ObjectLock(Setting::set(true, found.span));
                return vec![found.declares(What::of_bucket(&bucket, lock))];
            }
            "aws_s3_object" | "aws_s3_bucket_object" | "aws_s3_object_copy" => self.object(found),
            other => self.upkeep(other, properties),
        };
        let declared = piece.map(|(node, piece)| found.declares_at(node, What::of_bucket(&bucket, piece)));
        declared.into_iter().collect()
    }

    /// The four settings; what is not written is `silent` [FMT-103], [FMT-107].
    fn block(&mut self, node: &Node, silent: bool) -> Setting<PublicAccessBlock> {
        let names = [
            "block_public_acls",
            "ignore_public_acls",
            "block_public_policy",
            "restrict_public_buckets",
        ];
        let mut on = [silent; 4];
        for (name, on) in names.into_iter().zip(&mut on) {
            let Some(value) = node.get(name).and_then(given) else {
                continue;
            };
            match self.read(value, settings::boolean) {
                Setting::Set(found) => *on = found.value,
                Setting::Unknown(unknown) => return Setting::Unknown(unknown),
                Setting::Absent => {}
            }
        }
        let [
            block_public_acls,
            ignore_public_acls,
            block_public_policy,
            restrict_public_buckets,
        ] = on;
        let block = PublicAccessBlock {
            block_public_acls,
            ignore_public_acls,
            block_public_policy,
            restrict_public_buckets,
        };
        Setting::set(block, node.span)
    }

    fn object<'f>(&mut self, found: &'f Evaluated) -> Option<(&'f Node, Piece)> {
        let key = found.text("key").unwrap_or_default().into();
        let grants: Vec<&Node> = found
            .properties
            .get("grant")
            .map(|node| blocks(node).collect())
            .unwrap_or_default();
        if let Some(first) = grants.first() {
            let acl = self.old_grants(&grants);
            return Some((first, Piece::Object { key, acl }));
        }
        let node = found.properties.get("acl").and_then(given)?;
        let acl = match self.canned(node)? {
            Piece::Canned(canned) => Setting::set(canned.on_object(node.span), node.span),
            Piece::Acl(acl) => acl,
            _ => Setting::unknown(UnknownReason::Invalid, Some(node.span)),
        };
        Some((node, Piece::Object { key, acl }))
    }

    fn role(&mut self, found: &Evaluated) -> Declared {
        let trust = match found.properties.get("assume_role_policy") {
            Some(document) => policy(document, PolicyKind::Trust, self.notes),
            None => Setting::unknown(UnknownReason::NotInInput, Some(found.span)),
        };
        let role = Role {
            name: found.text("name").unwrap_or_default().into(),
            path: found.text("path").unwrap_or("/").into(),
            trust,
            tags: found
                .properties
                .get("tags")
                .and_then(given)
                .map_or(Setting::Absent, tags_of),
            span: found.span,
            ..Role::default()
        };
        found.declares(What::Role(role))
    }

    fn access_point(&mut self, found: &Evaluated) -> Declared {
        let properties = &found.properties;
        let vpc = properties
            .get("vpc_configuration")
            .and_then(first)
            .and_then(|block| block.get("vpc_id"));
        let account = |name: &str| found.text(name).and_then(account_of);
        let block = properties.get("public_access_block_configuration").and_then(given);
        let point = AccessPoint {
            name: found.text("name").unwrap_or_default().into(),
            account: account("account_id").or(Some(self.account)),
            bucket: found.text("bucket").unwrap_or_default().into(),
            bucket_account: account("bucket_account_id"),
            region: Some(self.region.as_str().into()),
            origin: vpc.map_or(NetworkOrigin::Internet, |vpc| {
                NetworkOrigin::Vpc(vpc.as_str().map(Into::into))
            }),
            policy: match properties.get("policy").and_then(given) {
                Some(document) => policy(document, PolicyKind::AccessPoint, self.notes),
                None => Setting::Absent,
            },
            public_access_block: match block {
                Some(block) if is_unknown(block) => not_deployed(block),
                Some(block) => first(block).map_or(Setting::Absent, |block| self.block(block, true)),
                None => Setting::Absent,
            },
            span: found.span,
            ..AccessPoint::default()
        };
        found.declares(What::AccessPoint(point))
    }

    fn access_point_policy(&mut self, found: &Evaluated) -> Vec<Declared> {
        let (Some(point), Some(policy)) = (found.text("access_point_arn"), found.properties.get("policy")) else {
            return Vec::new();
        };
        vec![found.declares_at(
            policy,
            What::AccessPointPolicy {
                point: point.into(),
                policy: policy.clone(),
            },
        )]
    }

    /// Reads a value; what is not known before deployment stays so.
    pub(super) fn read<T>(&mut self, node: &Node, read: impl FnOnce(View<'_>) -> Result<T, Wrong>) -> Setting<T> {
        if is_unknown(node) {
            return not_deployed(node);
        }
        let text = Text::new(node.span.file, "");
        match read(View::new(&text, node)) {
            Ok(value) => Setting::set(value, node.span),
            Err(wrong) => {
                self.wrong(wrong);
                Setting::unknown(UnknownReason::Invalid, Some(node.span))
            }
        }
    }

    pub fn wrong(&mut self, wrong: Wrong) {
        let (span, message) = wrong.into_parts();
        self.notes.push(
            Diagnostic::error("bucketproof::ingest::wrong_property", span, message)
                .with_help("correct the argument; what it sets is not known"),
        );
    }
}

impl Evaluated {
    fn declares(&self, what: What) -> Declared {
        Declared {
            address: self.address.clone(),
            what,
            when: self.when.clone(),
            span: self.span,
        }
    }

    fn declares_at(&self, node: &Node, what: What) -> Declared {
        Declared {
            span: node.span,
            ..self.declares(what)
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.properties
            .get(name)
            .and_then(Node::as_str)
            .filter(|text| !text.is_empty())
    }
}

/// A value that is not null.
pub(super) fn given(node: &Node) -> Option<&Node> {
    (!node.is_null()).then_some(node)
}

/// Blocks: a list of objects, or the only one.
pub(super) fn blocks(node: &Node) -> impl Iterator<Item = &Node> {
    let single = node.is_object().then_some(node);
    single.into_iter().chain(node.items())
}

pub(super) fn first(node: &Node) -> Option<&Node> {
    blocks(node).next()
}

fn payer_of(view: View<'_>) -> Result<Payer, Wrong> {
    match view.node.as_str() {
        Some("BucketOwner") => Ok(Payer::BucketOwner),
        Some("Requester") => Ok(Payer::Requester),
        Some(_) | None => Err(Wrong::value(view, "payer")),
    }
}

fn ownership(view: View<'_>) -> Result<ObjectOwnership, Wrong> {
    let found = view.node.as_str().and_then(ObjectOwnership::from_name);
    found.ok_or_else(|| Wrong::value(view, "Object Ownership"))
}

fn tags_of(node: &Node) -> Setting<Tags> {
    if is_unknown(node) {
        return not_deployed(node);
    }
    let mut tags = Tags::new();
    for member in node.members() {
        // A name that is not known may be any, and a value that is no text is none that a policy could ask for.
        match member.value.as_str() {
            Some(value) if !Placeholder::is_in(&member.key) => tags.insert(member.key.clone(), value.into()),
            Some(_) | None => return Setting::unknown(UnknownReason::NotInInput, Some(member.value.span)),
        };
    }
    Setting::set(tags, node.span)
}

/// Whether a value, where a block or an object is wanted, is not known before deployment.
pub(super) fn is_unknown(node: &Node) -> bool {
    node.as_str().is_some_and(Placeholder::is_in)
}

/// An account id, or the placeholder of one.
fn account_of(text: &str) -> Option<AccountId> {
    text.parse().ok()
}
