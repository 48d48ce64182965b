//! Settings that decide about nobody's access by themselves: versions, encryption, logs, locks, lifecycle.

use super::declare::{Declaring, blocks, first, given, is_unknown};
use crate::ingest::document::View;
use crate::ingest::lifecycle::{Names, of_rules};
use crate::ingest::notes::Wrong;
use crate::ingest::template::{Piece, not_deployed};
use crate::model::{Encryption, Setting, Versioning};
use crate::source::{Node, Text};

impl Declaring<'_> {
    /// An argument of `aws_s3_bucket`, as the provider had them before version 4 and its states still do.
    pub(super) fn upkeep_of_bucket(&mut self, name: &str, node: &Node) -> Option<Piece> {
        match name {
            "versioning" => self.versioning(node, "enabled"),
            "logging" if is_unknown(node) => Some(Piece::Logging(not_deployed(node))),
            "logging" => self.logging(first(node)?.get("target_bucket").and_then(given)?),
            "website" => first(node).map(|block| Piece::Website(Setting::set(true, block.span))),
            "server_side_encryption_configuration" if is_unknown(node) => Some(Piece::Encryption(not_deployed(node))),
            "server_side_encryption_configuration" => self.encryption(first(node)?.get("rule")?),
            "object_lock_configuration" if is_unknown(node) => Some(Piece::ObjectLock(not_deployed(node))),
            "object_lock_configuration" => self.object_lock(first(node)?.get("object_lock_enabled")?),
            "object_lock_enabled" => self.object_lock(given(node)?),
            "lifecycle_rule" => lifecycle(node, &OLD),
            _ => None,
        }
    }

    /// A resource of its own, with the place of what it sets.
    pub(super) fn upkeep<'n>(&mut self, kind: &str, properties: &'n Node) -> Option<(&'n Node, Piece)> {
        let name = match kind {
            "aws_s3_bucket_versioning" => "versioning_configuration",
            "aws_s3_bucket_logging" => "target_bucket",
            "aws_s3_bucket_server_side_encryption_configuration" | "aws_s3_bucket_lifecycle_configuration" => "rule",
            _ => return None,
        };
        let node = properties.get(name).and_then(given)?;
        let piece = match kind {
            "aws_s3_bucket_versioning" => self.versioning(node, "status"),
            "aws_s3_bucket_logging" => self.logging(node),
            "aws_s3_bucket_lifecycle_configuration" => lifecycle(node, &NEW),
            _ => self.encryption(node),
        };
        Some((node, piece?))
    }

    fn versioning(&mut self, node: &Node, status: &str) -> Option<Piece> {
        if is_unknown(node) {
            return Some(Piece::Versioning(not_deployed(node)));
        }
        let block = first(node)?;
        let enabled = block.get(status).and_then(given);
        let mfa_delete = block.get("mfa_delete").and_then(given);
        let span = enabled.map_or(block.span, |node| node.span);
        let mut is_on = |node: Option<&Node>| node.map_or(Setting::Absent, |node| self.read(node, switch));
        let versioning = match (is_on(enabled), is_on(mfa_delete)) {
            (Setting::Unknown(unknown), _) | (_, Setting::Unknown(unknown)) => Setting::Unknown(unknown),
            (enabled, mfa_delete) => {
                let versioning = Versioning {
                    enabled: enabled.value() == Some(&true),
                    mfa_delete: mfa_delete.value() == Some(&true),
                };
                Setting::set(versioning, span)
            }
        };
        Some(Piece::Versioning(versioning))
    }

    /// The name may be known by its address only: it is a bucket all the same.
    fn logging(&mut self, target: &Node) -> Option<Piece> {
        let Some(name) = target.as_str() else {
            self.wrong(Wrong::at(target.span, "this should be a bucket name"));
            return None;
        };
        Some(Piece::Logging(Setting::set(name.into(), target.span)))
    }

    fn encryption(&mut self, rules: &Node) -> Option<Piece> {
        if is_unknown(rules) {
            return Some(Piece::Encryption(not_deployed(rules)));
        }
        let default = first(rules)?
            .get("apply_server_side_encryption_by_default")
            .and_then(first)?;
        let algorithm = default.get("sse_algorithm").and_then(given)?;
        let read = |view: View<'_>| {
            let name = view.node.as_str().ok_or_else(|| Wrong::new(view, "an algorithm"))?;
            Ok(Encryption {
                algorithm: name.into(),
                key: default.get("kms_master_key_id").and_then(Node::as_str).map(Into::into),
            })
        };
        Some(Piece::Encryption(self.read(algorithm, read)))
    }

    fn object_lock(&mut self, node: &Node) -> Option<Piece> {
        Some(Piece::ObjectLock(self.read(node, switch)))
    }
}

fn lifecycle(rules: &Node, names: &Names) -> Option<Piece> {
    if !is_unknown(rules) && blocks(rules).next().is_none() && !rules.items().iter().any(is_unknown) {
        return None;
    }
    let text = Text::new(rules.span.file, "");
    Some(Piece::Lifecycle(of_rules(View::new(&text, rules), names)))
}

/// A switch as a truth value or as AWS spells it.
fn switch(view: View<'_>) -> Result<bool, Wrong> {
    match (view.node.as_bool(), view.node.as_str()) {
        (Some(on), _) => Ok(on),
        (None, Some("Enabled" | "true")) => Ok(true),
        (None, Some("Disabled" | "Suspended" | "false")) => Ok(false),
        (None, Some(_) | None) => Err(Wrong::new(view, "`Enabled` or `Disabled`")),
    }
}

/// `aws_s3_bucket_lifecycle_configuration`.
const NEW: Names = Names {
    status: "status",
    filters: &["filter", "prefix"],
    noncurrent: &["noncurrent_version_expiration"],
    uploads: "abort_incomplete_multipart_upload",
};

/// `lifecycle_rule` of `aws_s3_bucket`.
const OLD: Names = Names {
    status: "enabled",
    filters: &["prefix", "tags"],
    noncurrent: &["noncurrent_version_expiration"],
    uploads: "abort_incomplete_multipart_upload_days",
};
