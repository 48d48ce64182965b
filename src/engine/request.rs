use std::collections::BTreeMap;
use std::fmt;

use crate::iam::{AccountId, Action, AwsPrincipal, CanonicalId, ContextKey, Provider};

/// One concrete request: who does what on what under which circumstances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub caller: Caller,
    /// The action.
    pub action: &'static Action,
    /// ARN of the bucket, object, access point, object through an access point, or role.
    pub resource: String,
    /// Every context key that the request carries; a key that is not here is absent.
    pub context: Context,
}

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caller {
    /// Nobody in particular: an unsigned request.
    Anonymous,
    /// A principal of an account. [`Entity::Role`](crate::iam::Entity::Role) stands for some session of that role.
    Aws(AwsPrincipal),
    /// A principal of an unknown account that an ACL or policy knows by canonical id.
    Canonical(CanonicalId),
    /// A user or role session known by its unique id alone (`AROA…`, `AIDA…`).
    UniqueId(Box<str>),
    /// An AWS service, acting for some customer.
    Service(Box<str>),
    /// A CloudFront origin access identity, by its id.
    OriginAccessIdentity(Box<str>),
    /// An identity of a provider, calling STS.
    Federated(Provider),
}

/// The context keys of a request, by name without regard to letter case [COND-03].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    keys: BTreeMap<ContextKey, ContextValue>,
}

/// Value of a context key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContextValue {
    /// One value.
    One(String),
    /// The values of a multivalued key; empty counts as absent [COND-28].
    Many(Vec<String>),
}

impl Context {
    /// The value of a key, by its lower-case name.
    pub fn get(&self, key: &ContextKey) -> Option<&ContextValue> {
        self.keys.get(key)
    }

    /// The single value of a key.
    pub fn one(&self, name: &str) -> Option<&str> {
        match self.keys.get(&ContextKey::new(name))? {
            ContextValue::One(value) => Some(value),
            ContextValue::Many(_) => None,
        }
    }

    /// Sets a single-valued key.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.keys.insert(ContextKey::new(name), ContextValue::One(value.into()));
    }

    /// Sets a multivalued key.
    pub fn set_many(&mut self, name: &str, values: Vec<String>) {
        self.keys.insert(ContextKey::new(name), ContextValue::Many(values));
    }

    /// Sets a key to a value of either kind.
    pub fn insert(&mut self, key: ContextKey, value: ContextValue) {
        self.keys.insert(key, value);
    }

    /// Takes a key away.
    pub fn remove(&mut self, key: &ContextKey) {
        self.keys.remove(key);
    }

    /// Whether the key is there.
    pub fn contains(&self, name: &str) -> bool {
        self.keys.contains_key(&ContextKey::new(name))
    }

    /// All keys in order of their lower-case names.
    pub fn iter(&self) -> impl Iterator<Item = (&ContextKey, &ContextValue)> {
        self.keys.iter()
    }
}

impl Caller {
    /// The account the caller belongs to, where that is known.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Aws(principal) => Some(principal.account),
            Self::Anonymous
            | Self::Canonical(_)
            | Self::UniqueId(_)
            | Self::Service(_)
            | Self::OriginAccessIdentity(_)
            | Self::Federated(_) => None,
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Aws(principal) => write!(f, "{principal}"),
            Self::Canonical(id) => write!(f, "{id}"),
            Self::UniqueId(id) => f.write_str(id),
            Self::Service(name) => f.write_str(name),
            Self::OriginAccessIdentity(id) => {
                write!(f, "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {id}")
            }
            Self::Federated(provider) => write!(f, "{provider}"),
        }
    }
}
