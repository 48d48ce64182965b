use super::declared::{Declared, Piece, What};
use crate::model::When;

/// The resources that can be in force together, with what that depends on.
pub(super) struct Alternative<'d> {
    pub resources: Vec<&'d Declared>,
    pub when: Vec<When>,
}

/// A bucket has one policy and one ACL: of several the one that is deployed last is in force, and a template does not say
/// which that is [FMT-73]. Each of them may be.
///
/// # Errors
/// The resources, where there are more alternatives than are tried.
pub(super) fn alternatives<'d>(resources: Vec<&'d Declared>) -> Result<Vec<Alternative<'d>>, Vec<&'d Declared>> {
    let taking = |slot: fn(&Declared) -> bool| resources.iter().filter(|resource| slot(resource)).count().max(1);
    if taking(is_policy).saturating_mul(taking(is_acl)) > MOST {
        return Err(resources);
    }
    let mut all = vec![Alternative {
        resources,
        when: Vec::new(),
    }];
    for slot in [is_policy, is_acl] {
        all = all.into_iter().flat_map(|one| one.by(slot)).collect();
    }
    Ok(all)
}

/// Whether several resources give a bucket a policy, or an ACL.
pub(super) fn has_several(resources: &[&Declared]) -> bool {
    [is_policy, is_acl]
        .iter()
        .any(|slot| resources.iter().filter(|resource| slot(resource)).count() > 1)
}

impl<'d> Alternative<'d> {
    /// One for each resource that takes this slot, where several do.
    fn by(self, slot: fn(&Declared) -> bool) -> Vec<Self> {
        let taking: Vec<&'d Declared> = self
            .resources
            .iter()
            .copied()
            .filter(|resource| slot(resource))
            .collect();
        if taking.len() < 2 {
            return vec![self];
        }
        let with = |last: &&'d Declared| {
            let stays = |resource: &&&Declared| !slot(resource) || std::ptr::eq(**resource, *last);
            let mut when = self.when.clone();
            when.push(When {
                test: format!("{} is deployed last", last.address).into(),
                holds: true,
                span: last.span,
            });
            Self {
                resources: self.resources.iter().filter(stays).copied().collect(),
                when,
            }
        };
        taking.iter().map(with).collect()
    }
}

fn is_policy(declared: &Declared) -> bool {
    matches!(
        &declared.what,
        What::OfBucket {
            piece: Piece::Policy(_),
            ..
        }
    )
}

fn is_acl(declared: &Declared) -> bool {
    let What::OfBucket { piece, .. } = &declared.what else {
        return false;
    };
    matches!(piece, Piece::Canned(_) | Piece::Acl(_))
}

/// More would be more than anybody reads.
const MOST: usize = 16;
