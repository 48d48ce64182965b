use cedar_policy::{Authorizer, PolicySet};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::access::Access;
use super::error::RulesError;
use super::facts::Vector;
use super::part::{Part, Scoped};

/// Asks Cedar which policies of a set apply, at most once for every distinct vector of facts.
pub(super) struct Judge<'a, V> {
    policies: Vec<Scoped<'a>>,
    /// What each policy stands for, by its id; a policy that is not here stands for nothing.
    meanings: &'a BTreeMap<String, V>,
    authorizer: Authorizer,
    /// By type of grantee, level, and type of resource.
    parts: FxHashMap<(&'static str, Access, &'static str), Part<V>>,
    decided: FxHashMap<Vector, Arc<[V]>>,
}

impl<'a, V: Copy> Judge<'a, V> {
    pub(super) fn new(policies: &'a PolicySet, meanings: &'a BTreeMap<String, V>) -> Self {
        Self {
            policies: policies.policies().map(Scoped::new).collect(),
            meanings,
            authorizer: Authorizer::new(),
            parts: FxHashMap::default(),
            decided: FxHashMap::default(),
        }
    }

    /// What all policies that apply stand for, in the order of their ids. The policies of a set have one effect, so
    /// Cedar names every one of them.
    ///
    /// # Errors
    /// When Cedar fails to evaluate a policy: never silence.
    pub(super) fn decide(&mut self, vector: Vector) -> Result<Arc<[V]>, RulesError> {
        if self.meanings.is_empty() {
            return Ok(Arc::from([]));
        }
        if let Some(known) = self.decided.get(&vector) {
            return Ok(Arc::clone(known));
        }
        let question = vector.question();
        let part = match self
            .parts
            .entry((question.grantee.kind, question.access, question.resource.kind))
        {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Part::new(&question, &self.policies)?),
        };
        let verdict = part.decide(question, &self.authorizer, self.meanings)?;
        self.decided.insert(vector, Arc::clone(&verdict));
        Ok(verdict)
    }
}

#[cfg(test)]
mod tests {
    use cedar_policy::{Entities, Request};
    use std::collections::BTreeSet;
    use std::str::FromStr;

    use super::*;
    use crate::engine::{Caller, Context};
    use crate::finding::{
        self, Confinement, ConfinementKind, DocumentKind, Grant, GrantEffect, GrantSource, Grantee, Resource,
        ResourceKind,
    };
    use crate::iam::{Action, CanonicalId, actions};
    use crate::rules::facts::{
        ContextFacts, GranteeFacts, Held, LevelFacts, ResourceFacts, Surroundings, TokenFacts, action_entities,
    };
    use crate::rules::policies::Mentions;
    use crate::rules::schema::schema;
    use crate::source::Span;

    /// A grant in which every word that the schema knows occurs.
    fn grant(grantee: Grantee, action: &'static Action, federated_open: bool) -> Grant {
        use ConfinementKind::{AccessPoint, Account, ExternalId, Network, Organization, Source, Subject};
        let confinements = [Network, Organization, Account, AccessPoint, Source, ExternalId, Subject];
        use DocumentKind::{AccessPointPolicy, BucketAcl, BucketPolicy, ObjectAcl, TrustPolicy};
        let documents = [BucketPolicy, BucketAcl, ObjectAcl, AccessPointPolicy, TrustPolicy];
        let holders = ["organization:A", "account:A", "bucket:A", "access-point:A", "other"];
        Grant {
            grantee,
            effect: GrantEffect::Blocked,
            blocked_by: holders.map(String::from).to_vec(),
            outside_zone: true,
            open: federated_open,
            confined_by: confinements
                .map(|kind| Confinement {
                    kind,
                    key: String::new(),
                    values: Vec::new(),
                })
                .to_vec(),
            actions: vec![action.id],
            resources: Vec::new(),
            conditions: Vec::new(),
            assumed: Vec::new(),
            sources: documents
                .map(|document| GrantSource {
                    document,
                    sid: None,
                    index: 0,
                    span: Span::default(),
                    focus: Span::default(),
                })
                .to_vec(),
            witness: finding::Request {
                caller: Caller::Anonymous,
                action,
                resource: String::new(),
                context: Context::default(),
            },
        }
    }

    fn grantees() -> [Grantee; 10] {
        [
            Grantee::Anonymous,
            Grantee::AnyAwsAccount,
            Grantee::Organization("o-exampleorgid".into()),
            Grantee::Service(None),
            Grantee::Federated("cognito-identity.amazonaws.com".into()),
            Grantee::Account("444455556666".parse().expect("an id")),
            Grantee::CanonicalUser(CanonicalId::new("x")),
            Grantee::Principal("arn:aws:iam::444455556666:user/u".into()),
            Grantee::CloudFrontOai("E1".into()),
            Grantee::Unknown("somebody".into()),
        ]
    }

    /// Every kind of grantee at every access level on every kind of resource.
    fn vectors(mentions: &Mentions) -> Vec<Vector> {
        use ResourceKind::{AccessPoint, Bucket, Object, Role};
        let partners = BTreeSet::new();
        let around = Surroundings {
            owner: None,
            partners: &partners,
            organization: None,
            accounts: &[],
        };
        let mut vectors = Vec::new();
        for (kind, grantee) in [Bucket, AccessPoint, Object, Role]
            .into_iter()
            .flat_map(|kind| grantees().map(|grantee| (kind, grantee)))
        {
            let resource = Resource {
                kind,
                arn: "arn:x".into(),
                name: "x".into(),
                account: "111122223333".parse().ok(),
                when: Vec::new(),
                span: Span::default(),
            };
            for action in actions() {
                let Some(access) = Access::of(action, kind) else {
                    continue;
                };
                let grant = grant(grantee.clone(), action, access == Access::AssumeRole);
                vectors.push(Vector {
                    grantee: Arc::new(GranteeFacts::new(&grant.grantee, around, mentions)),
                    access,
                    resource: Arc::new(ResourceFacts::new(&resource, Held::default(), mentions)),
                    context: Arc::new(ContextFacts::new(&grant, TokenFacts::default(), false, mentions)),
                    level: LevelFacts {
                        metadata_only: false,
                        log_delivery: false,
                        also_public: false,
                    },
                });
            }
        }
        vectors
    }

    #[test]
    fn every_question_conforms_to_the_schema() {
        let schema = schema().expect("the schema");
        let actions: BTreeMap<_, _> = Access::ALL
            .into_iter()
            .flat_map(|level| action_entities(level).expect("a level with its group"))
            .map(|entity| (entity.uid(), entity))
            .collect();
        let actions = Entities::from_entities(actions.into_values(), None).expect("the actions");
        assert!(actions.deep_eq(&schema.action_entities().expect("the actions of the schema")));
        let mut seen = BTreeSet::new();
        for vector in vectors(&Mentions::default()) {
            let own = action_entities(vector.access).expect("a level with its group");
            let (request, entities) = vector.question().put(&own).expect("a question");
            let [principal, action, resource] = [request.principal(), request.action(), request.resource()];
            let (principal, action, resource) = (principal.expect("one"), action.expect("one"), resource.expect("one"));
            let kinds = (
                principal.type_name().to_string(),
                action.to_string(),
                resource.type_name().to_string(),
            );
            if !seen.insert(kinds) {
                continue;
            }
            let context = request.context().expect("a context").clone();
            Request::new(
                principal.clone(),
                action.clone(),
                resource.clone(),
                context,
                Some(&schema),
            )
            .unwrap_or_else(|error| panic!("{principal} {action} {resource}: {error}"));
            let own = entities
                .iter()
                .filter(|entity| entity.uid().type_name().to_string() != "Action");
            Entities::from_entities(own.cloned(), Some(&schema)).expect("entities of the schema");
        }
        // Ten grantees at eight levels on three kinds of resource, and ten that assume roles.
        assert_eq!(seen.len(), 10 * 8 * 3 + 10);
    }

    #[test]
    fn cedar_is_asked_once_for_every_distinct_vector() {
        let text = r#"forbid (principal, action, resource) when { context.blocked };"#;
        let policies = PolicySet::from_str(text).expect("a policy");
        let meanings = BTreeMap::from([("policy0".to_owned(), 7)]);
        let mut judge = Judge::new(&policies, &meanings);
        let vectors = vectors(&Mentions::default());
        for vector in &vectors {
            assert_eq!(*judge.decide(vector.clone()).expect("a verdict"), [7]);
        }
        assert!(vectors.len() > 5_000);
        assert_eq!(judge.decided.len(), 10 * 8 * 3 + 10);
    }

    #[test]
    fn a_failing_policy_is_an_error() {
        let policies =
            PolicySet::from_str("forbid (principal, action, resource) when { context.nonsense };").expect("a policy");
        let meanings = BTreeMap::from([("policy0".to_owned(), ())]);
        let mut judge = Judge::new(&policies, &meanings);
        let vector = vectors(&Mentions::default()).swap_remove(0);
        assert!(matches!(judge.decide(vector), Err(RulesError::Evaluation { .. })));
    }
}
