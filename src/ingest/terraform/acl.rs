//! ACLs of buckets and objects: predefined ones, and lists of grants.

use super::computed::OWN_CANONICAL_ID;
use super::declare::{Declaring, blocks, first, given};
use super::instance::Evaluated;
use crate::iam::CanonicalId;
use crate::ingest::notes::Wrong;
use crate::ingest::template::{Piece, not_deployed};
use crate::model::{Acl, AclGrant, AclGrantee, AclPermission, CannedAcl, Setting};
use crate::source::{Node, Placeholder, UnknownReason};

impl Declaring<'_> {
    /// A predefined ACL.
    pub fn canned(&mut self, node: &Node) -> Option<Piece> {
        let text = node.as_str().unwrap_or_default();
        if let Some(canned) = CannedAcl::from_name(text) {
            return Some(Piece::Canned(canned));
        }
        if Placeholder::is_in(text) {
            return Some(Piece::Acl(not_deployed(node)));
        }
        if node.is_null() || text.is_empty() {
            return None;
        }
        self.wrong(Wrong::at(node.span, format!("`{text}` is no predefined ACL")));
        Some(Piece::Acl(Setting::unknown(UnknownReason::Invalid, Some(node.span))))
    }

    pub fn acl<'f>(&mut self, found: &'f Evaluated) -> Option<(&'f Node, Piece)> {
        if let Some(node) = found.properties.get("acl").and_then(given) {
            return self.canned(node).map(|piece| (node, piece));
        }
        let written = found.properties.get("access_control_policy").and_then(first)?;
        let owner = written
            .get("owner")
            .and_then(first)
            .and_then(|owner| owner.get("id"))
            .and_then(Node::as_str);
        let mut grants = Vec::new();
        for grant in written.get("grant").into_iter().flat_map(blocks) {
            let grantee = grant.get("grantee").and_then(first);
            let permission = grant.get("permission");
            let (Some(grantee), Some(permission)) = (grantee, permission) else {
                self.wrong(Wrong::at(grant.span, "a grant without a grantee or a permission"));
                return Some((
                    written,
                    Piece::Acl(Setting::unknown(UnknownReason::Invalid, Some(grant.span))),
                ));
            };
            match self.grant(grantee, &[permission]) {
                Ok(found) => grants.extend(found),
                Err(setting) => return Some((written, Piece::Acl(setting))),
            }
        }
        let acl = Acl {
            owner: Some(owner.map_or_else(|| self.own(written), CanonicalId::new)),
            grants,
        };
        Some((written, Piece::Acl(Setting::set(acl, written.span))))
    }

    /// The grants that `aws_s3_bucket` had itself.
    pub fn old_grants(&mut self, written: &[&Node]) -> Setting<Acl> {
        let mut grants = Vec::new();
        for grant in written {
            let permissions = grant.get("permissions").map(Node::items).unwrap_or_default();
            let permissions: Vec<&Node> = permissions.iter().collect();
            match self.grant(grant, &permissions) {
                Ok(found) => grants.extend(found),
                Err(setting) => return setting,
            }
        }
        let span = written.first().map(|grant| grant.span).unwrap_or_default();
        let owner = written.first().map(|grant| self.own(grant));
        Setting::set(Acl { owner, grants }, span)
    }

    /// The canonical id of the own account.
    fn own(&mut self, node: &Node) -> CanonicalId {
        let name = self.names.add_identity(OWN_CANONICAL_ID, node.span).to_string();
        CanonicalId::new(&name)
    }

    fn grant(&mut self, grantee: &Node, permissions: &[&Node]) -> Result<Vec<AclGrant>, Setting<Acl>> {
        let text = |name: &str| grantee.get(name).and_then(Node::as_str).filter(|text| !text.is_empty());
        let uri = text("uri");
        if let Some(node) = grantee
            .get("uri")
            .filter(|node| node.as_str().is_some_and(Placeholder::is_in))
        {
            return Err(not_deployed(node));
        }
        let to = None
            .or_else(|| uri.map(AclGrantee::from_uri))
            .or_else(|| text("id").map(|id| AclGrantee::Canonical(CanonicalId::new(id))))
            .or_else(|| text("email_address").map(|address| AclGrantee::Email(address.into())));
        let Some(to) = to else {
            self.wrong(Wrong::at(grantee.span, "a grant that names nobody"));
            return Err(Setting::unknown(UnknownReason::Invalid, Some(grantee.span)));
        };
        let mut grants = Vec::new();
        for node in permissions {
            let name = node.as_str().unwrap_or_default();
            if Placeholder::is_in(name) {
                return Err(not_deployed(node));
            }
            let Some(permission) = AclPermission::from_name(name) else {
                self.wrong(Wrong::at(node.span, format!("`{name}` is no permission of an ACL")));
                return Err(Setting::unknown(UnknownReason::Invalid, Some(node.span)));
            };
            grants.push(AclGrant {
                grantee: to.clone(),
                permission,
                span: grantee.span,
            });
        }
        Ok(grants)
    }
}
