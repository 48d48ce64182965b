use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::place::Place;
use crate::model::{Actor, ActorKind, ApiEvent};

/// What to look for. Of one kind any fits; what is asked by several kinds must fit all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    principals: Vec<String>,
    access_keys: BTreeSet<String>,
    networks: Vec<IpNet>,
    /// Bucket, and key if an object was named; `*` at the end of a key stands for anything.
    places: Vec<(String, Option<String>)>,
}

/// A question that cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum QueryError {
    /// No ARN, account or `anonymous`.
    #[error("expected an ARN, an account id or `anonymous`")]
    NotAPrincipal,
    /// No address or range.
    #[error("expected an address or a range such as `203.0.113.0/24`")]
    NotANetwork,
    /// No object.
    #[error("expected an object such as `s3://bucket/key`")]
    NotAnObject,
    /// No name of a bucket.
    #[error("expected the name of a bucket")]
    NotABucket,
    /// No access key id.
    #[error("expected an access key id, such as `AKIAIOSFODNN7EXAMPLE`")]
    NotAKey,
}

impl Query {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Also asks for a principal: the ARN of a user, role or session, an account id, or `anonymous`.
    ///
    /// # Errors
    /// When it is none.
    pub fn principal(&mut self, text: &str) -> Result<(), QueryError> {
        let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !text.starts_with("arn:") && !is_account && text != ANONYMOUS {
            return Err(QueryError::NotAPrincipal);
        }
        self.principals.push(text.to_owned());
        Ok(())
    }

    /// Also asks for an access key.
    ///
    /// # Errors
    /// When it is none.
    pub fn access_key(&mut self, text: &str) -> Result<(), QueryError> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(QueryError::NotAKey);
        }
        self.access_keys.insert(text.to_owned());
        Ok(())
    }

    /// Also asks for an address or range.
    ///
    /// # Errors
    /// When it is none.
    pub fn source_ip(&mut self, text: &str) -> Result<(), QueryError> {
        let single = || text.parse::<IpAddr>().map(IpNet::from);
        let network = text.parse::<IpNet>().or_else(|_| single());
        self.networks.push(network.map_err(|_| QueryError::NotANetwork)?);
        Ok(())
    }

    /// Also asks for an object.
    ///
    /// # Errors
    /// When it is none.
    pub fn object(&mut self, text: &str) -> Result<(), QueryError> {
        let path = text
            .strip_prefix("s3://")
            .or_else(|| text.strip_prefix("arn:aws:s3:::"))
            .unwrap_or(text);
        let (bucket, key) = path.split_once('/').ok_or(QueryError::NotAnObject)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(QueryError::NotAnObject);
        }
        self.places.push((bucket.to_owned(), Some(key.to_owned())));
        Ok(())
    }

    /// Also asks for a bucket.
    ///
    /// # Errors
    /// When it is none.
    pub fn bucket(&mut self, text: &str) -> Result<(), QueryError> {
        let name = text
            .strip_prefix("s3://")
            .or_else(|| text.strip_prefix("arn:aws:s3:::"))
            .unwrap_or(text);
        let name = name.trim_end_matches('/');
        if name.is_empty() || name.contains('/') {
            return Err(QueryError::NotABucket);
        }
        self.places.push((name.to_owned(), None));
        Ok(())
    }

    /// Whether callers are asked for, so that their sessions are to be followed.
    pub fn asks_who(&self) -> bool {
        !self.principals.is_empty() || !self.access_keys.is_empty()
    }

    /// Principals, as asked.
    pub fn principals(&self) -> &[String] {
        &self.principals
    }

    /// Access keys, as asked.
    pub fn access_keys(&self) -> &BTreeSet<String> {
        &self.access_keys
    }

    /// Networks, as asked.
    pub fn networks(&self) -> &[IpNet] {
        &self.networks
    }

    /// Buckets and keys, as asked.
    pub fn places(&self) -> &[(String, Option<String>)] {
        &self.places
    }

    /// The same with credentials that were made by those asked for in place of them.
    #[must_use]
    pub fn followed(&self, keys: BTreeSet<String>, sessions: BTreeSet<String>) -> Self {
        Self {
            principals: sessions.into_iter().collect(),
            access_keys: keys,
            ..self.clone()
        }
    }

    /// Texts of which one stands in every record that fits; none where that cannot be said.
    pub fn needles(&self) -> Vec<&str> {
        if self.asks_who() {
            let by_text = self.principals.iter().all(|principal| principal != ANONYMOUS);
            let all = self
                .principals
                .iter()
                .chain(&self.access_keys)
                .flat_map(|text| needles_of(text));
            let all: Vec<&str> = all.collect();
            // To look for very many texts takes longer than to read the record.
            return if by_text && all.len() <= MOST_NEEDLES {
                all
            } else {
                Vec::new()
            };
        }
        // A key may be encoded where it is the source of a copy; the name of a bucket never is.
        let buckets = self.places.iter().map(|(bucket, _)| bucket.as_str());
        if buckets.clone().all(|bucket| bucket != ANYTHING) {
            buckets.collect()
        } else {
            Vec::new()
        }
    }

    /// Whether an event fits, as far as caller and address say.
    pub fn matches_caller(&self, event: &ApiEvent) -> bool {
        (!self.asks_who() || self.matches_actor(&event.actor))
            && (self.networks.is_empty() || self.matches_address(event.source_ip.as_deref()))
    }

    /// Whether an event fits, as far as bucket and object say.
    pub(super) fn matches_place(&self, event: &ApiEvent, place: &Place) -> bool {
        self.places.is_empty() || self.places.iter().any(|asked| matches_place(asked, event, place))
    }

    pub(super) fn matches_actor(&self, actor: &Actor) -> bool {
        let key = actor.access_key.as_deref();
        key.is_some_and(|key| self.access_keys.contains(key))
            || self.principals.iter().any(|principal| is_principal(principal, actor))
    }

    fn matches_address(&self, address: Option<&str>) -> bool {
        let address = address.and_then(|text| text.parse::<IpAddr>().ok());
        address.is_some_and(|address| self.networks.iter().any(|network| network.contains(&address)))
    }
}

/// Texts that a record of this principal or key holds: a role's sessions may be named without the role's own ARN.
fn needles_of(text: &str) -> Vec<&str> {
    let role = text
        .split_once(":role/")
        .map(|(_, path)| path.rsplit('/').next().unwrap_or(path));
    std::iter::once(text).chain(role).collect()
}

fn is_principal(asked: &str, actor: &Actor) -> bool {
    if asked == ANONYMOUS {
        return actor.is_anonymous();
    }
    if asked.len() == 12 && !asked.starts_with("arn:") {
        return actor.account.is_some_and(|account| account.to_string() == asked);
    }
    let same = |arn: &Option<Box<str>>| arn.as_deref() == Some(asked);
    same(&actor.arn) || same(&actor.issuer) || is_session_of(asked, actor)
}

/// Whether the caller is a session of this role, by the session's ARN, which leaves out the path of the role.
fn is_session_of(role: &str, actor: &Actor) -> bool {
    // A session that names its role was compared already.
    if actor.kind != ActorKind::AssumedRole || actor.issuer.is_some() {
        return false;
    }
    let Some((account, path)) = role.split_once(":role/") else {
        return false;
    };
    let account = account.rsplit(':').next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or(path);
    let session = format!(":sts::{account}:assumed-role/{name}/");
    actor.arn.as_deref().is_some_and(|arn| arn.contains(&session))
}

fn matches_place((bucket, key): &(String, Option<String>), event: &ApiEvent, place: &Place) -> bool {
    let in_bucket = |name: &str| bucket == ANYTHING || bucket == name;
    let fits = |name: &str, found: Option<&str>| {
        in_bucket(name)
            && key
                .as_deref()
                .is_none_or(|key| found.is_some_and(|found| is_key(key, found)))
    };
    let here = place.bucket.as_deref();
    here.is_some_and(|name| fits(name, place.key.as_deref()))
        || place.copied_from.as_ref().is_some_and(|(name, found, _)| fits(name, Some(found)))
        || (key.is_none() && place.replicated_to.iter().any(|name| in_bucket(name)))
        // The keys are not logged: it may be this one [CT-85].
        || (*event.name == *"DeleteObjects" && here.is_some_and(in_bucket) && place.key.is_none())
}

fn is_key(asked: &str, found: &str) -> bool {
    match asked.strip_suffix('*') {
        Some(prefix) => found.starts_with(prefix),
        None => asked == found,
    }
}

const MOST_NEEDLES: usize = 16;

const ANONYMOUS: &str = "anonymous";

const ANYTHING: &str = "*";
