use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// One file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    pub case: Vec<Case>,
}

/// One configuration and what must come of it; the head of `main.rs` explains every field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub id: String,
    pub clauses: Vec<String>,
    pub about: String,
    pub owner: Option<String>,
    pub owner_canonical: Option<String>,
    pub now: Option<String>,
    pub bucket: Option<String>,
    pub created: Option<String>,
    pub bucket_policy: Option<String>,
    pub bucket_acl: Option<Vec<String>>,
    pub ownership: Option<String>,
    #[serde(default)]
    pub blocks: Blocks,
    pub requester_pays: Option<bool>,
    pub abac: Option<bool>,
    pub tags: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub objects: Vec<Object>,
    #[serde(default)]
    pub access_points: Vec<AccessPointCase>,
    pub role: Option<String>,
    pub trust_policy: Option<String>,
    pub organization: Option<OrganizationCase>,
    #[serde(default)]
    pub rcps: Vec<String>,
    #[serde(default)]
    pub canonical_ids: BTreeMap<String, String>,
    #[serde(default)]
    pub unique_ids: BTreeMap<String, String>,
    #[serde(default)]
    pub refused: Vec<String>,
    #[serde(default)]
    pub not_in_input: Vec<String>,
    #[serde(default)]
    pub doubts: BTreeMap<String, bool>,
    pub policy_public: Option<bool>,
    pub acl_public: Option<bool>,
    pub console: Option<String>,
    pub sharing: Option<String>,
    #[serde(default)]
    pub invalid: bool,
    pub out_of_scope: Option<String>,
    pub grants: Option<Vec<String>>,
    pub conditions: Option<BTreeSet<String>>,
    #[serde(default)]
    pub request: Vec<RequestCase>,
}

/// Block Public Access by level.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    pub bucket: Option<Vec<String>>,
    pub account: Option<Vec<String>>,
    pub organization: Option<String>,
}

/// An object with its ACL.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    pub key: String,
    pub owner: Option<String>,
    #[serde(default)]
    pub acl: Vec<String>,
}

/// An access point in front of the bucket.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessPointCase {
    pub name: String,
    pub account: Option<String>,
    pub region: Option<String>,
    pub origin: Option<String>,
    pub vpc: Option<String>,
    pub policy: Option<String>,
    pub blocks: Option<Vec<String>>,
    pub public: Option<bool>,
}

/// The organization around the case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationCase {
    pub id: String,
    pub management: Option<String>,
    #[serde(default)]
    pub accounts: BTreeMap<String, Vec<String>>,
}

/// One request and the answer it must get.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestCase {
    pub principal: String,
    pub action: String,
    pub resource: String,
    #[serde(default)]
    pub context: BTreeMap<String, KeyValue>,
    pub expect: Expectation,
    pub because: Option<String>,
}

/// Value of a context key.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum KeyValue {
    One(String),
    Many(Vec<String>),
}

/// The answer a request must get.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Expectation {
    Allow,
    Deny,
    Unknown,
}
