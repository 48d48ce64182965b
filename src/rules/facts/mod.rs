//! Facts about one grant at one access level: what Cedar sees, and all that it sees.
//!
//! A [`Vector`] holds words and truth values only. Names and ids are in it where some policy
//! speaks of that very name or id, so that decisions can be remembered by vector.

mod context;
mod fence;
mod grantee;
mod resource;
mod tokens;

pub(super) use context::{ContextFacts, metadata_only};
pub(super) use fence::broken_fences;
pub(super) use grantee::{GranteeFacts, Surroundings, account_of, delivers_logs};
pub(super) use resource::{Held, ResourceFacts};
pub(super) use tokens::{TokenFacts, subject_claim, tokens};

use cedar_policy::{
    Context, Entities, Entity, EntityAttrEvaluationError, EntityId, EntityTypeName, EntityUid, Request,
    RestrictedExpression,
};
use std::collections::{BTreeSet, HashSet};
use std::str::FromStr;
use std::sync::Arc;

use super::access::Access;
use super::error::RulesError;

/// All facts of one question to Cedar.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Vector {
    pub(super) grantee: Arc<GranteeFacts>,
    pub(super) access: Access,
    pub(super) resource: Arc<ResourceFacts>,
    pub(super) context: Arc<ContextFacts>,
    pub(super) level: LevelFacts,
}

/// Facts about a grant at one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct LevelFacts {
    /// Whether the actions of this level leave contents alone.
    pub(super) metadata_only: bool,
    /// Whether AWS itself needs this level to deliver logs.
    pub(super) log_delivery: bool,
    /// Whether the same statements give it to everyone: then the rules about public access speak of it.
    pub(super) also_public: bool,
}

/// What an attribute says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Bool(bool),
    Text(String),
    Texts(BTreeSet<String>),
    /// One of the words of an enumeration, which comes first.
    Word(&'static str, &'static str),
    /// Some of the words of an enumeration.
    Words(&'static str, BTreeSet<&'static str>),
}

/// A vector as policies see it: by the names of the schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) grantee: EntityFacts,
    pub(super) access: Access,
    pub(super) resource: EntityFacts,
    pub(super) context: Vec<(&'static str, Fact)>,
}

/// An entity that a vector is about: type, id, attributes, parents, tags.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct EntityFacts {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) attributes: Vec<(&'static str, Fact)>,
    pub(super) parents: Vec<(&'static str, String)>,
    pub(super) tags: Vec<(String, String)>,
}

impl Vector {
    /// The question that the facts make.
    pub(super) fn question(&self) -> Question {
        Question {
            grantee: self.grantee.entity(),
            access: self.access,
            resource: self.resource.entity(),
            context: self.context.pairs(self.level),
        }
    }
}

impl Question {
    /// The same with some attributes only.
    pub(super) fn only(mut self, keep: impl Fn(&str) -> bool) -> Self {
        let Self {
            grantee,
            resource,
            context,
            access: _,
        } = &mut self;
        for attributes in [&mut grantee.attributes, &mut resource.attributes, context] {
            attributes.retain(|(name, _)| keep(name));
        }
        self
    }

    /// The question as Cedar takes it, request and entities, among some actions.
    ///
    /// # Errors
    /// When Cedar refuses it, which would be a fault of ours.
    pub(super) fn put(&self, actions: &[Entity]) -> Result<(Request, Entities), RulesError> {
        let pairs = expressions(&self.context)?;
        let context = Context::from_pairs(pairs).map_err(|error| refused(&error))?;
        let [principal, action, resource] = [
            uid(self.grantee.kind, &self.grantee.id)?,
            uid("Action", self.access.as_str())?,
            uid(self.resource.kind, &self.resource.id)?,
        ];
        let request = Request::new(principal, action, resource, context, None).map_err(|error| refused(&error))?;
        let own = [self.grantee.to_entity()?, self.resource.to_entity()?];
        let entities = actions.iter().cloned().chain(own);
        let entities = Entities::from_entities(entities, None).map_err(|error| refused(&error))?;
        Ok((request, entities))
    }
}

impl EntityFacts {
    pub(super) fn to_entity(&self) -> Result<Entity, RulesError> {
        let parents = self
            .parents
            .iter()
            .map(|(kind, id)| uid(kind, id))
            .collect::<Result<Vec<_>, _>>()?;
        let tags = self
            .tags
            .iter()
            .map(|(key, value)| (key.clone(), RestrictedExpression::new_string(value.clone())));
        Entity::new_with_tags(
            uid(self.kind, &self.id)?,
            expressions(&self.attributes)?,
            parents,
            tags.collect::<Vec<_>>(),
        )
        .map_err(|error: EntityAttrEvaluationError| refused(&error))
    }
}

impl Fact {
    fn expression(&self) -> Result<RestrictedExpression, RulesError> {
        let word = |kind: &str, word: &str| uid(kind, word).map(RestrictedExpression::new_entity_uid);
        match self {
            Self::Bool(value) => Ok(RestrictedExpression::new_bool(*value)),
            Self::Text(text) => Ok(RestrictedExpression::new_string(text.clone())),
            Self::Texts(texts) => {
                let texts = texts.iter().cloned().map(RestrictedExpression::new_string);
                Ok(RestrictedExpression::new_set(texts))
            }
            Self::Word(kind, id) => word(kind, id),
            Self::Words(kind, ids) => {
                let words = ids.iter().map(|id| word(kind, id)).collect::<Result<Vec<_>, _>>()?;
                Ok(RestrictedExpression::new_set(words))
            }
        }
    }
}

fn expressions(facts: &[(&'static str, Fact)]) -> Result<Vec<(String, RestrictedExpression)>, RulesError> {
    let facts = facts.iter();
    facts
        .map(|(name, fact)| Ok(((*name).to_owned(), fact.expression()?)))
        .collect()
}

/// An action with its group, as Cedar entities.
///
/// The two are enough: Cedar works out who is in whom anew for every set of entities.
pub(super) fn action_entities(access: Access) -> Result<[Entity; 2], RulesError> {
    let group = uid("Action", access.group())?;
    let parents = HashSet::from([group.clone()]);
    Ok([
        Entity::with_uid(group),
        Entity::new_no_attrs(uid("Action", access.as_str())?, parents),
    ])
}

/// The id of an entity.
pub(super) fn uid(kind: &str, id: &str) -> Result<EntityUid, RulesError> {
    let kind = EntityTypeName::from_str(kind).map_err(|error| refused(&error))?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn refused(error: &dyn std::error::Error) -> RulesError {
    RulesError::Request {
        message: error.to_string(),
    }
}

/// The id of an entity that no policy speaks of by name; no bucket, account or ARN is called so.
pub(super) const UNNAMED: &str = "(unnamed)";

/// The id of the one entity of its type: everyone, any account, any service.
pub(super) const ANY: &str = "*";
