//! What Block Public Access, Object Ownership and S3's own rules make of a candidate.

use super::actions::{ActionSet, named_actions};
use super::callers::Class;
use super::candidates::Candidate;
use super::documents::Grantor;
use super::merge::Settled;
use super::question::Question;
use crate::engine::{Assumption, Block, DocumentKind, GrantEffect, Indeterminate, UnknownLevel};
use crate::model::{AclGrantee, ObjectOwnership};
use crate::source::{Known, Unknown};

/// The settings that stand between documents and requests.
pub(super) struct Effects<'s> {
    /// Whether S3 calls the policy public; none where that is not known.
    pub(super) policy_public: Option<bool>,
    pub(super) restrict: &'s Block,
    pub(super) ignore: &'s Block,
    /// The Object Ownership in force [OWN-08].
    pub(super) ownership: Known<ObjectOwnership>,
    /// Why Object Ownership itself is not known, where it is not.
    pub(super) ownership_assumed: Option<&'s Unknown>,
    /// Whether some grant of the ACL makes it public.
    pub(super) acl_public: bool,
    /// Accounts whose principals RestrictPublicBuckets spares: the owner's of the bucket and of the access point.
    pub(super) own: Vec<crate::iam::AccountId>,
}

/// Actions that S3 takes only from the bucket owner's own account, whatever a policy says [S3A-23].
pub(super) fn owner_only() -> ActionSet {
    named_actions(&["s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"])
}

impl Effects<'_> {
    /// Settles a candidate, or says why it cannot be settled.
    pub(super) fn settle(&self, question: &Question<'_>, candidate: Candidate) -> Result<Settled, Indeterminate> {
        let mut settled = Settled {
            candidate,
            effect: GrantEffect::Effective,
            blocked_by: Vec::new(),
            assumed: Vec::new(),
        };
        for index in settled.candidate.allows.clone() {
            let Some(rule) = question.documents.rules.get(index) else {
                continue;
            };
            match rule.source.document {
                DocumentKind::BucketPolicy | DocumentKind::AccessPointPolicy => {
                    self.policy(&mut settled, rule.source.span)?;
                }
                DocumentKind::BucketAcl | DocumentKind::ObjectAcl => {
                    if let Grantor::Acl(grantee) = rule.grantor {
                        self.acl(question, &mut settled, grantee, rule.source.span)?;
                    }
                }
                DocumentKind::TrustPolicy | DocumentKind::ResourceControlPolicy => {}
            }
        }
        settled.blocked_by.sort();
        settled.blocked_by.dedup();
        settled.assumed.sort();
        settled.assumed.dedup();
        if settled.effect == GrantEffect::Effective && !settled.blocked_by.is_empty() {
            settled.effect = GrantEffect::Blocked;
        }
        Ok(settled)
    }

    fn is_own(&self, class: &Class) -> bool {
        class.account().is_some_and(|account| self.own.contains(&account))
    }

    /// [BPA-04], [BPA-14], [S3A-23]
    fn policy(&self, settled: &mut Settled, span: crate::source::Span) -> Result<(), Indeterminate> {
        let class = &settled.candidate.class;
        if self.is_own(class) {
            return Ok(());
        }
        // Where the owner is not known, an account that is named may be it.
        let maybe_own = self.own.is_empty() && class.account().is_some();
        if owner_only().contains_all(settled.candidate.actions) && !maybe_own {
            settled.effect = GrantEffect::Ineffective;
        }
        if class.is_service() {
            return Ok(());
        }
        match self.policy_public {
            Some(false) => Ok(()),
            Some(true) | None => block(settled, self.restrict, "RestrictPublicBuckets", span),
        }
    }

    /// [OWN-01], [BPA-02], [BPA-12], [BPA-13], [ACL-08]
    fn acl(
        &self,
        question: &Question<'_>,
        settled: &mut Settled,
        grantee: &AclGrantee,
        span: crate::source::Span,
    ) -> Result<(), Indeterminate> {
        let doubts = question.options.doubts;
        match &self.ownership {
            Known::Known(ObjectOwnership::BucketOwnerEnforced) => {
                settled.blocked_by.push("bucket:BucketOwnerEnforced".into());
            }
            Known::Known(ObjectOwnership::BucketOwnerPreferred | ObjectOwnership::ObjectWriter) => {
                // [ACL-29], [OWN-05]: an export shows such a grant only where ACLs are on.
                settled.assumed.extend(self.ownership_assumed.map(|unknown| Assumption {
                    unknown: "Object Ownership is not in the input: ACLs are taken to be on".into(),
                    span: unknown.span,
                }));
            }
            Known::Unknown(unknown) => {
                return Err(Indeterminate {
                    reason: format!(
                        "{} through an ACL: whether Object Ownership turns ACLs off is unknown: {}",
                        settled.candidate.class.grantee(),
                        unknown.reason
                    ),
                    span: unknown.span.or(Some(span)),
                });
            }
        }
        let anonymous_id = matches!(grantee, AclGrantee::Canonical(id) if id.is_anonymous());
        let ignored = grantee.is_public_group()
            || (anonymous_id && doubts.ignored_acl_drops_anonymous_id)
            || (self.acl_public && doubts.ignored_acl_drops_named_grants);
        if ignored {
            block(settled, self.ignore, "IgnorePublicAcls", span)?;
        }
        if doubts.restricted_bucket_cuts_acls && self.acl_public && !self.is_own(&settled.candidate.class) {
            block(settled, self.restrict, "RestrictPublicBuckets", span)?;
        }
        Ok(())
    }
}

/// Applies a setting that may be on, off, or unknown at some level.
fn block(settled: &mut Settled, block: &Block, name: &str, span: crate::source::Span) -> Result<(), Indeterminate> {
    match block {
        Block::Off => Ok(()),
        Block::On(levels) => {
            settled
                .blocked_by
                .extend(levels.iter().map(|level| format!("{level}:{name}")));
            Ok(())
        }
        Block::Unknown(levels) => {
            if let Some(refused) = block.refused().next() {
                return Err(Indeterminate {
                    reason: format!(
                        "whether {name} keeps {} out is unknown at the {} level: {}",
                        settled.candidate.class.grantee(),
                        refused.level,
                        refused.why.reason
                    ),
                    span: refused.why.span.or(Some(span)),
                });
            }
            settled
                .assumed
                .extend(levels.iter().map(|level| assumption(level, name)));
            Ok(())
        }
    }
}

fn assumption(level: &UnknownLevel, name: &str) -> Assumption {
    Assumption {
        unknown: format!(
            "the {} level of Block Public Access is not in the input: {name} is taken to be off there",
            level.level
        ),
        span: level.why.span,
    }
}
