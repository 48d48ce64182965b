use super::fence::draws_border;
use super::{EntityFacts, Fact, UNNAMED};
use crate::finding::{Resource, ResourceKind};
use crate::iam::PolicyDocument;
use crate::model::{AccessPoint, Bucket, NetworkOrigin, ObjectOwnership, Payer, Role, Setting, Tags};
use crate::rules::policies::Mentions;

/// Facts about a resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::rules) struct ResourceFacts {
    kind: Kind,
    /// Its id, where some policy names it.
    id: Option<String>,
    /// Bucket and account, where some policy names them.
    parents: Vec<(&'static str, String)>,
    /// Its name, where some policy looks at names.
    name: String,
    /// Its tags, where some policy looks at tags.
    tags: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Bucket {
        website: bool,
        requester_pays: bool,
        acls_enabled: bool,
        fenced: bool,
    },
    AccessPoint {
        vpc_only: bool,
        fenced: bool,
    },
    Object,
    Role {
        path: String,
        service_linked: bool,
    },
}

/// What the inventory holds of a resource.
#[derive(Clone, Copy, Default)]
pub(in crate::rules) struct Held<'a> {
    pub(in crate::rules) bucket: Option<&'a Bucket>,
    pub(in crate::rules) access_point: Option<&'a AccessPoint>,
    pub(in crate::rules) role: Option<&'a Role>,
}

impl ResourceFacts {
    /// The facts about a resource, with the names that some policy mentions.
    pub(in crate::rules) fn new(resource: &Resource, held: Held<'_>, mentions: &Mentions) -> Self {
        let kind = kind(resource, held, mentions);
        let bucket = match resource.kind {
            ResourceKind::AccessPoint | ResourceKind::Object => held.bucket.map(|bucket| bucket.name.to_string()),
            ResourceKind::Bucket | ResourceKind::Role => None,
        };
        let parents = [
            bucket.map(|name| ("Bucket", name)),
            resource.account.map(|id| ("Account", id.to_string())),
        ];
        let named = if mentions.names {
            resource.name.clone()
        } else {
            String::new()
        };
        Self {
            id: Some(id(resource)).filter(|id| mentions.names_entity(kind.as_str(), id)),
            parents: parents
                .into_iter()
                .flatten()
                .filter(|(kind, id)| mentions.names_entity(kind, id))
                .collect(),
            name: named,
            tags: if mentions.tags {
                tags(resource, held)
            } else {
                Vec::new()
            },
            kind,
        }
    }

    /// Whether it is a role that AWS made and nobody can edit [TRUST-12].
    pub(in crate::rules) fn is_service_linked(&self) -> bool {
        match self.kind {
            Kind::Role { service_linked, .. } => service_linked,
            Kind::Bucket { .. } | Kind::AccessPoint { .. } | Kind::Object => false,
        }
    }

    /// The resource as an entity.
    pub(in crate::rules) fn entity(&self) -> EntityFacts {
        let mut attributes = self.kind.attributes();
        attributes.push(("name", Fact::Text(self.name.clone())));
        EntityFacts {
            kind: self.kind.as_str(),
            id: self.id.clone().unwrap_or_else(|| UNNAMED.to_owned()),
            attributes,
            parents: self.parents.clone(),
            tags: self.tags.clone(),
        }
    }
}

impl Kind {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Bucket { .. } => "Bucket",
            Self::AccessPoint { .. } => "AccessPoint",
            Self::Object => "Object",
            Self::Role { .. } => "Role",
        }
    }

    fn attributes(&self) -> Vec<(&'static str, Fact)> {
        let bool = Fact::Bool;
        match self {
            Self::Bucket {
                website,
                requester_pays,
                acls_enabled,
                fenced,
            } => vec![
                ("website", bool(*website)),
                ("requester_pays", bool(*requester_pays)),
                ("acls_enabled", bool(*acls_enabled)),
                ("fenced", bool(*fenced)),
            ],
            Self::AccessPoint { vpc_only, fenced } => {
                vec![("vpc_only", bool(*vpc_only)), ("fenced", bool(*fenced))]
            }
            Self::Object => Vec::new(),
            Self::Role { path, service_linked } => vec![
                ("path", Fact::Text(path.clone())),
                ("service_linked", bool(*service_linked)),
            ],
        }
    }
}

/// The id of the resource's entity: the name of a bucket, the ARN of anything else.
fn id(resource: &Resource) -> String {
    match resource.kind {
        ResourceKind::Bucket => resource.name.clone(),
        ResourceKind::AccessPoint | ResourceKind::Object | ResourceKind::Role => resource.arn.clone(),
    }
}

fn kind(resource: &Resource, held: Held<'_>, mentions: &Mentions) -> Kind {
    match resource.kind {
        ResourceKind::Bucket => Kind::Bucket {
            website: held.bucket.is_some_and(|bucket| bucket.website.value() == Some(&true)),
            requester_pays: held
                .bucket
                .is_some_and(|bucket| bucket.request_payment.value() == Some(&Payer::Requester)),
            // What is not known may be on.
            acls_enabled: held
                .bucket
                .is_none_or(|bucket| bucket.ownership.value() != Some(&ObjectOwnership::BucketOwnerEnforced)),
            fenced: held.bucket.is_some_and(|bucket| is_fenced(&bucket.policy)),
        },
        ResourceKind::AccessPoint => Kind::AccessPoint {
            vpc_only: held
                .access_point
                .is_some_and(|access_point| matches!(access_point.origin, NetworkOrigin::Vpc(_))),
            fenced: held
                .access_point
                .is_some_and(|access_point| is_fenced(&access_point.policy)),
        },
        ResourceKind::Object => Kind::Object,
        ResourceKind::Role => Kind::Role {
            path: match held.role {
                Some(role) if mentions.names => role.path.to_string(),
                Some(_) | None => String::new(),
            },
            service_linked: held.role.is_some_and(Role::is_service_linked),
        },
    }
}

fn tags(resource: &Resource, held: Held<'_>) -> Vec<(String, String)> {
    let tags: Option<&Tags> = match resource.kind {
        ResourceKind::Bucket => held.bucket.and_then(|bucket| bucket.tags.value()),
        ResourceKind::Role => held.role.and_then(|role| role.tags.value()),
        ResourceKind::AccessPoint | ResourceKind::Object => None,
    };
    tags.into_iter()
        .flatten()
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect()
}

/// Whether some statement denies everybody but those of an organization, account, network or principal.
fn is_fenced(policy: &Setting<PolicyDocument>) -> bool {
    let mut policies = policy.value().into_iter();
    policies.any(|policy| policy.statements.iter().any(draws_border))
}
