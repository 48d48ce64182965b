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
use std::collections::HashSet;
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

/// An entity that a vector is about: type, id, attributes, parents, tags.
pub(super) struct EntityFacts {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) attributes: Vec<(&'static str, RestrictedExpression)>,
    pub(super) parents: Vec<(&'static str, String)>,
    pub(super) tags: Vec<(String, RestrictedExpression)>,
}

impl Vector {
    /// The question as Cedar takes it: request and entities.
    ///
    /// # Errors
    /// When Cedar refuses it, which would be a fault of ours.
    pub(super) fn question(&self, actions: &Entities) -> Result<(Request, Entities), RulesError> {
        let grantee = self.grantee.entity();
        let resource = self.resource.entity();
        let action = uid("Action", self.access.as_str())?;
        let pairs = self.context.pairs(self.level)?;
        let context = Context::from_pairs(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)))
            .map_err(|error| refused(&error))?;
        let principal = uid(grantee.kind, &grantee.id)?;
        let about = uid(resource.kind, &resource.id)?;
        let request = Request::new(principal, action.clone(), about, context, None).map_err(|error| refused(&error))?;
        // The action and its group are enough: Cedar works out who is in whom anew for every set of entities.
        let group = uid("Action", self.access.group())?;
        let own = |entity: &&Entity| entity.uid() == action || entity.uid() == group;
        let actions = actions.iter().filter(own).cloned();
        let entities = actions.chain([grantee.to_entity()?, resource.to_entity()?]);
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
        let attributes = self
            .attributes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()));
        Entity::new_with_tags(uid(self.kind, &self.id)?, attributes, parents, self.tags.clone())
            .map_err(|error: EntityAttrEvaluationError| refused(&error))
    }
}

/// The actions with their groups, as Cedar entities.
pub(super) fn action_entities() -> Result<Entities, RulesError> {
    let mut entities = vec![
        Entity::with_uid(uid("Action", "DataPlane")?),
        Entity::with_uid(uid("Action", "ControlPlane")?),
    ];
    for access in Access::ALL {
        let group = HashSet::from([uid("Action", access.group())?]);
        entities.push(Entity::new_no_attrs(uid("Action", access.as_str())?, group));
    }
    Entities::from_entities(entities, None).map_err(|error| refused(&error))
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
