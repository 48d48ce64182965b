//! What people know about an incident: when, where, who, and who else works there.

mod error;
mod parties;
mod raw;

use std::collections::BTreeSet;

use super::trace::Query;
use crate::iam::{AccountId, Timestamp};
pub use error::IncidentError;
pub use parties::Side;
use raw::Reader;

/// A read description of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incident {
    /// What happened, in one line.
    pub title: Option<String>,
    /// Where it is worked on.
    pub ticket: Option<String>,
    /// What kind of data is concerned.
    pub classification: Option<String>,
    /// Since when somebody hostile was there.
    pub from: Option<Timestamp>,
    /// Until when, as far as is known.
    pub to: Option<Timestamp>,
    /// When it was noticed.
    pub detected: Option<Timestamp>,
    /// When it was shut.
    pub contained: Option<Timestamp>,
    /// When everything was as it should be.
    pub recovered: Option<Timestamp>,
    /// Our accounts that are concerned.
    pub accounts: BTreeSet<AccountId>,
    /// Our buckets that are concerned, by name.
    pub buckets: BTreeSet<String>,
    /// Our roles that are concerned, by ARN.
    pub roles: BTreeSet<String>,
    /// Our access keys in the wrong hands.
    pub access_keys: BTreeSet<String>,
    /// Principals that are hostile, as written: ARNs, account ids, `anonymous`.
    pub hostile: Vec<String>,
    /// Principals that must still be able to work.
    pub legitimate: Vec<String>,
    hostile_callers: Query,
    hostile_addresses: Query,
    legitimate_callers: Query,
}

impl Incident {
    /// Reads a description.
    ///
    /// # Errors
    /// For broken TOML, an unknown key, and values that mean nothing, each with its place.
    pub fn parse(path: &str, text: &str) -> Result<Self, IncidentError> {
        let reader = Reader::new(path, text);
        let raw = reader.raw(text)?;
        let mut incident = Self {
            from: reader.time(raw.from.as_ref())?,
            to: reader.time(raw.to.as_ref())?,
            detected: reader.time(raw.detected.as_ref())?,
            contained: reader.time(raw.contained.as_ref())?,
            recovered: reader.time(raw.recovered.as_ref())?,
            title: raw.title,
            ticket: raw.ticket,
            classification: raw.classification,
            ..Self::default()
        };
        reader.all(&raw.accounts, ACCOUNT, |text| {
            text.parse::<AccountId>().map(|id| _ = incident.accounts.insert(id))
        })?;
        let mut buckets = Query::default();
        reader.all(&raw.buckets, BUCKET, |text| buckets.bucket(text))?;
        incident.buckets = buckets.places().iter().map(|(bucket, _)| bucket.clone()).collect();
        reader.all(&raw.roles, ROLE, |text| match text.contains(":role/") {
            true => Ok(_ = incident.roles.insert(text.to_owned())),
            false => Err("expected the ARN of a role"),
        })?;
        let callers = &mut incident.hostile_callers;
        reader.all(&raw.access_keys, KEY, |text| callers.access_key(text))?;
        incident.access_keys = callers.access_keys().clone();
        reader.all(&raw.hostile.principals, PRINCIPAL, |text| callers.principal(text))?;
        incident.hostile = callers.principals().to_vec();
        let addresses = &mut incident.hostile_addresses;
        reader.all(&raw.hostile.addresses, ADDRESS, |text| addresses.source_ip(text))?;
        let callers = &mut incident.legitimate_callers;
        reader.all(&raw.legitimate.principals, PRINCIPAL, |text| callers.principal(text))?;
        incident.legitimate = callers.principals().to_vec();
        Ok(incident)
    }

    /// A description with every key and what it means, to be filled in.
    pub fn template() -> &'static str {
        include_str!("template.toml")
    }
}

const ACCOUNT: &str = "an account id has 12 digits, leading zeros included";

const BUCKET: &str = "name the bucket, such as `acme-data`";

const ROLE: &str = "write it as `arn:aws:iam::111122223333:role/NAME`";

const KEY: &str = "name the id of the key, never the secret";

const PRINCIPAL: &str = "write an ARN, an account id, or `anonymous`";

const ADDRESS: &str = "write an address, or a range such as `203.0.113.0/24`";
