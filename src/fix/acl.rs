//! ACLs that stand in the way of switching ACLs off.

use super::document::{Syntax, range_of};
use super::edit::Edit;
use super::plan::State;
use super::setting::{open, resource};
use crate::model::{AclGrantee, Bucket};

/// What takes out the resource that would set the ACL of a bucket: without ACLs, setting one fails [OWN-01].
///
/// # Errors
/// The reason, where somebody needs the ACL.
pub(super) fn unset(state: State<'_>, bucket: &Bucket) -> Result<Vec<Edit>, String> {
    let Some(span) = bucket.acl.span() else {
        return Ok(Vec::new());
    };
    let grants = bucket.acl.value().map(|acl| acl.grants.as_slice());
    let is_delivery = |grantee: &AclGrantee| *grantee == AclGrantee::LogDelivery;
    if grants
        .unwrap_or_default()
        .iter()
        .any(|grant| is_delivery(&grant.grantee))
    {
        return Err(DELIVERY.into());
    }
    let document = open(state, span).filter(|document| document.syntax == Syntax::Hcl);
    let Some((document, (block, name))) = document.as_ref().and_then(|document| {
        let (block, kind, name) = resource(document, span)?;
        (kind == "aws_s3_bucket_acl").then_some((document, (block, name)))
    }) else {
        return Ok(Vec::new());
    };
    // [OWN-05]: what it gives has to be taken away before.
    if grants.is_none_or(|grants| !grants.is_empty()) {
        return Err(LATER.into());
    }
    let reference = format!("aws_s3_bucket_acl.{name}");
    if state.sources.iter().any(|(_, file)| file.text().contains(&reference)) {
        return Err(format!("`{reference}` would fail without ACLs, and others refer to it"));
    }
    let text = document.text();
    let range = range_of(block);
    let rest = text.get(range.end..).unwrap_or_default();
    let blanks = rest.len() - rest.trim_start().len();
    // The empty line above goes along where it is the last of its file.
    let (start, end) = match rest.trim_start().is_empty() {
        true => {
            let before = text.get(..range.start).unwrap_or_default().trim_end().len();
            (before, range.end)
        }
        false => (range.start, range.end + blanks),
    };
    Ok(vec![document.splice(start..end, "")])
}

/// Why it has to wait for the edits of other findings.
pub const LATER: &str = "its ACL gives access, which S3 would refuse to set then: fix again after it";

const DELIVERY: &str = "log delivery writes by its ACL: let `logging.s3.amazonaws.com` write by the policy first";
