use super::change::{Set, Target};
use super::piece::Piece;
use super::state::State;
use crate::engine::{Blocks, PolicyOf, bucket_blocks, policy_is_public};
use crate::model::{Acl, Setting};

/// Why an event cannot have succeeded in the state that is taken for granted, if so: something is missing in the log [CT-100].
pub(super) fn gap(state: &State, before: &Piece, target: &Target, set: &Set) -> Option<String> {
    let Target::Bucket(name, _) = target else {
        return None;
    };
    let blocks = bucket_blocks(&state.bucket_scope(before, before.buckets.get(name)?));
    let (what, setting) = refused(&blocks, set)?;
    Some(format!(
        "a public {what} was set while {setting} is taken to be on, which S3 refuses: an event that turned it off is missing"
    ))
}

fn refused(blocks: &Blocks, set: &Set) -> Option<(&'static str, &'static str)> {
    let public = |acl: &Setting<Acl>| acl.value().is_some_and(Acl::is_public);
    match set {
        Set::BucketPolicy(Setting::Set(policy)) => {
            let public = policy_is_public(&policy.value, PolicyOf::Bucket).public;
            (public && blocks.block_public_policy.is_on()).then_some(("policy", "BlockPublicPolicy"))
        }
        Set::BucketAcl(acl) => (public(acl) && blocks.block_public_acls.is_on()).then_some(("ACL", "BlockPublicAcls")),
        Set::ObjectAcl(_, acl) | Set::NewObject(_, acl) => {
            (public(acl) && blocks.block_public_acls.is_on()).then_some(("ACL of an object", "BlockPublicAcls"))
        }
        _ => None,
    }
}
