use cedar_policy::{
    ActionConstraint, AuthorizationError, Authorizer, Entity, Policy, PolicySet, PrincipalConstraint,
    ResourceConstraint,
};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::access::Access;
use super::error::RulesError;
use super::facts::{Question, action_entities};
use super::policies::Words;

/// A policy with what its scope lets it apply to.
pub(super) struct Scoped<'a> {
    policy: &'a Policy,
    words: Arc<Words>,
    /// Type of the grantee, where the scope names one.
    grantee: Option<String>,
    /// Levels and groups of levels, where the scope names some.
    actions: Option<Vec<String>>,
    /// Type of the resource, where the scope names one.
    resource: Option<String>,
}

/// The policies of a set that can apply to one type of grantee and resource at one level.
///
/// Few of a set can, and they look at few facts. So Cedar is asked about these policies only, with the facts that
/// they look at, and once for all questions that differ in other facts.
pub(super) struct Part<V> {
    policies: PolicySet,
    words: Vec<Arc<Words>>,
    /// The level with its group, where some policy speaks of the group.
    actions: Vec<Entity>,
    decided: FxHashMap<Question, Arc<[V]>>,
}

impl<'a> Scoped<'a> {
    pub(super) fn new(policy: &'a Policy) -> Self {
        Self {
            policy,
            words: Arc::new(Words::new(policy)),
            grantee: match policy.principal_constraint() {
                PrincipalConstraint::Is(kind) | PrincipalConstraint::IsIn(kind, _) => Some(kind.to_string()),
                PrincipalConstraint::Eq(uid) => Some(uid.type_name().to_string()),
                PrincipalConstraint::Any | PrincipalConstraint::In(_) => None,
            },
            actions: match policy.action_constraint() {
                ActionConstraint::Eq(uid) => Some(vec![uid.id().unescaped().to_owned()]),
                ActionConstraint::In(uids) => Some(uids.iter().map(|uid| uid.id().unescaped().to_owned()).collect()),
                ActionConstraint::Any => None,
            },
            resource: match policy.resource_constraint() {
                ResourceConstraint::Is(kind) | ResourceConstraint::IsIn(kind, _) => Some(kind.to_string()),
                ResourceConstraint::Eq(uid) => Some(uid.type_name().to_string()),
                ResourceConstraint::Any | ResourceConstraint::In(_) => None,
            },
        }
    }

    fn can_apply(&self, question: &Question) -> bool {
        let is = |kind: &Option<String>, known: &str| kind.as_ref().is_none_or(|kind| kind == known);
        let level = [question.access.as_str(), question.access.group()];
        is(&self.grantee, question.grantee.kind)
            && is(&self.resource, question.resource.kind)
            && (self.actions.as_ref()).is_none_or(|actions| actions.iter().any(|name| level.contains(&name.as_str())))
    }
}

impl<V: Copy> Part<V> {
    /// The part of a set that can have an answer to a question, and to every other one of the same types and level.
    ///
    /// # Errors
    /// When Cedar refuses the action or the policies, which would be a fault of ours.
    pub(super) fn new(question: &Question, all: &[Scoped<'_>]) -> Result<Self, RulesError> {
        let mut part = Self {
            policies: PolicySet::new(),
            words: Vec::new(),
            actions: Vec::new(),
            decided: FxHashMap::default(),
        };
        for scoped in all.iter().filter(|scoped| scoped.can_apply(question)) {
            part.words.push(Arc::clone(&scoped.words));
            part.policies
                .add(scoped.policy.clone())
                .map_err(|error| RulesError::Request {
                    message: error.to_string(),
                })?;
        }
        if Access::ALL.iter().any(|level| part.looks_at(level.group())) {
            part.actions = action_entities(question.access)?.into();
        }
        Ok(part)
    }

    /// Whether some policy may look at what has this name.
    fn looks_at(&self, name: &str) -> bool {
        self.words.iter().any(|words| words.contains(name))
    }

    /// What all policies that apply stand for, in the order of their ids.
    ///
    /// # Errors
    /// When Cedar fails to evaluate a policy: never silence.
    pub(super) fn decide(
        &mut self,
        question: Question,
        authorizer: &Authorizer,
        meanings: &BTreeMap<String, V>,
    ) -> Result<Arc<[V]>, RulesError> {
        if self.policies.is_empty() {
            return Ok(Arc::from([]));
        }
        let question = question.only(|attribute| self.looks_at(attribute));
        if let Some(known) = self.decided.get(&question) {
            return Ok(Arc::clone(known));
        }
        let (request, entities) = question.put(&self.actions)?;
        let response = authorizer.is_authorized(&request, &self.policies, &entities);
        if let Some(AuthorizationError::PolicyEvaluationError(error)) = response.diagnostics().errors().next() {
            return Err(RulesError::Evaluation {
                policy: error.policy_id().to_string(),
                message: error.to_string(),
            });
        }
        let mut ids: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        ids.sort_unstable();
        let verdict: Arc<[V]> = ids.iter().filter_map(|id| meanings.get(id)).copied().collect();
        self.decided.insert(question, Arc::clone(&verdict));
        Ok(verdict)
    }
}
