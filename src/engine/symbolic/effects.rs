//! What Block Public Access, Object Ownership and S3's own rules make of a candidate.

use std::sync::LazyLock;

use super::actions::{ActionSet, named_actions};
use super::callers::Class;
use super::candidates::Candidate;
use super::documents::Grantor;
use super::merge::Settled;
use super::question::Question;
use crate::engine::{Assumption, Block, DocumentKind, GrantEffect, Indeterminate, UnknownLevel};
use crate::model::{AclGrantee, ObjectOwnership, When};
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
    /// The outcomes of unknown tests under which all of it is as it is.
    pub(super) when: Vec<&'s When>,
    /// Accounts whose principals RestrictPublicBuckets spares: the owner's of the bucket and of the access point.
    pub(super) own: Vec<crate::iam::AccountId>,
}

/// Actions that S3 takes only from the bucket owner's own account, whatever a policy says [S3A-23].
pub(super) fn owner_only() -> ActionSet {
    static SET: LazyLock<ActionSet> =
        LazyLock::new(|| named_actions(&["s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"]));
    *SET
}

/// What settings make of the rules that a grant rests on.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) effect: GrantEffect,
    pub(super) blocked_by: Vec<String>,
    pub(super) assumed: Vec<Assumption>,
}

impl Effects<'_> {
    /// Whether some setting is not known.
    pub(super) fn lacks_something(&self) -> bool {
        let unknown = |block: &Block| matches!(block, Block::Unknown(_));
        self.policy_public.is_none()
            || unknown(self.restrict)
            || unknown(self.ignore)
            || matches!(self.ownership, Known::Unknown(_))
    }

    /// Settles a candidate, or says why it cannot be settled.
    pub(super) fn settle(&self, question: &Question<'_>, candidate: Candidate) -> Result<Settled, Indeterminate> {
        let standing = self.standing(question, &candidate.class, candidate.actions, &candidate.allows)?;
        Ok(Settled {
            candidate,
            effect: standing.effect,
            blocked_by: standing.blocked_by,
            assumed: standing.assumed,
        })
    }

    /// What settings make of what Allow rules together give a class, or why that cannot be told.
    pub(super) fn standing(
        &self,
        question: &Question<'_>,
        class: &Class,
        actions: ActionSet,
        allows: &[usize],
    ) -> Result<Standing, Indeterminate> {
        let mut standing = Standing {
            effect: GrantEffect::Effective,
            blocked_by: Vec::new(),
            assumed: Vec::new(),
        };
        for index in allows {
            let Some(rule) = question.documents.rules.get(*index) else {
                continue;
            };
            match rule.source.document {
                DocumentKind::BucketPolicy | DocumentKind::AccessPointPolicy => {
                    self.policy((class, actions), &mut standing, rule.source.span)?;
                }
                DocumentKind::BucketAcl | DocumentKind::ObjectAcl => {
                    if let Grantor::Acl(grantee) = rule.grantor {
                        self.acl(question, class, &mut standing, (grantee, rule.source.span))?;
                    }
                }
                DocumentKind::TrustPolicy | DocumentKind::ResourceControlPolicy => {}
            }
        }
        standing.blocked_by.sort();
        standing.blocked_by.dedup();
        standing.assumed.sort();
        standing.assumed.dedup();
        if standing.effect == GrantEffect::Effective && !standing.blocked_by.is_empty() {
            standing.effect = GrantEffect::Blocked;
        }
        Ok(standing)
    }

    fn is_own(&self, class: &Class) -> bool {
        class.account().is_some_and(|account| self.own.contains(&account))
    }

    /// [BPA-04], [BPA-14], [S3A-23]
    fn policy(
        &self,
        (class, actions): (&Class, ActionSet),
        standing: &mut Standing,
        span: crate::source::Span,
    ) -> Result<(), Indeterminate> {
        if self.is_own(class) {
            return Ok(());
        }
        // Where the owner is not known, an account that is named may be it.
        let maybe_own = self.own.is_empty() && class.account().is_some();
        if owner_only().contains_all(actions) && !maybe_own {
            standing.effect = GrantEffect::Ineffective;
        }
        if class.is_service() {
            return Ok(());
        }
        match self.policy_public {
            Some(false) => Ok(()),
            Some(true) | None => block((class, standing), self.restrict, "RestrictPublicBuckets", span),
        }
    }

    /// [OWN-01], [BPA-02], [BPA-12], [BPA-13], [ACL-08]
    fn acl(
        &self,
        question: &Question<'_>,
        class: &Class,
        standing: &mut Standing,
        (grantee, span): (&AclGrantee, crate::source::Span),
    ) -> Result<(), Indeterminate> {
        let doubts = question.options.doubts;
        match &self.ownership {
            Known::Known(ObjectOwnership::BucketOwnerEnforced) => {
                standing.blocked_by.push("bucket:BucketOwnerEnforced".into());
            }
            Known::Known(ObjectOwnership::BucketOwnerPreferred | ObjectOwnership::ObjectWriter) => {
                // [ACL-29], [OWN-05]: an export shows such a grant only where ACLs are on.
                standing
                    .assumed
                    .extend(self.ownership_assumed.map(|unknown| Assumption {
                        unknown: "Object Ownership is not in the input: ACLs are taken to be on".into(),
                        span: unknown.span,
                    }));
            }
            Known::Unknown(unknown) => {
                return Err(Indeterminate {
                    reason: format!(
                        "{} through an ACL: whether Object Ownership turns ACLs off is unknown: {}",
                        class.grantee(),
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
            block((class, standing), self.ignore, "IgnorePublicAcls", span)?;
        }
        if doubts.restricted_bucket_cuts_acls && self.acl_public && !self.is_own(class) {
            block((class, standing), self.restrict, "RestrictPublicBuckets", span)?;
        }
        Ok(())
    }
}

/// Applies a setting that may be on, off, or unknown at some level.
fn block(
    (class, standing): (&Class, &mut Standing),
    block: &Block,
    name: &str,
    span: crate::source::Span,
) -> Result<(), Indeterminate> {
    match block {
        Block::Off => Ok(()),
        Block::On(levels) => {
            standing
                .blocked_by
                .extend(levels.iter().map(|level| format!("{level}:{name}")));
            Ok(())
        }
        Block::Unknown(levels) => {
            if let Some(refused) = block.refused().next() {
                return Err(Indeterminate {
                    reason: format!(
                        "whether {name} keeps {} out is unknown at the {} level: {}",
                        class.grantee(),
                        refused.level,
                        refused.why.reason
                    ),
                    span: refused.why.span.or(Some(span)),
                });
            }
            standing
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
