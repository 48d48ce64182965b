mod raw;

use ipnet::IpNet;
use toml::Spanned;

use super::error::{ConfigError, file_text};
use super::never::Never;
use super::settings::{Partner, Settings, Suppression};
use super::toml_text::read;
use crate::engine::Zone;
use crate::finding::Severity;
use crate::iam::{AccountId, Timestamp};
use crate::model::Inventory;
use raw::{KEYS, Network, Raw, Reader};
pub use raw::{ORGANIZATION, is_organization};

/// A read `bucketproof.toml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Its path, as it is shown to people.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Owner of templates.
    pub account: Option<AccountId>,
    /// Organization of the owner of templates.
    pub organization: Option<Box<str>>,
    /// From which severity on findings fail a run.
    pub fail_on: Option<FailLevel>,
    /// The packs in force; empty for those that are built in and used by default.
    pub packs: Vec<PackChoice>,
    /// Patterns of intent files.
    pub intent: Vec<String>,
    /// Patterns of paths that are not read.
    pub exclude: Vec<String>,
    /// Whether inputs that could not be read are no failure.
    pub allow_incomplete: bool,
    /// Accounts that count as ours; none for those whose snapshots are given.
    pub accounts: Option<Vec<AccountId>>,
    /// Organizations that count as ours.
    pub organizations: Vec<Box<str>>,
    /// VPCs and VPC endpoints that count as ours.
    pub endpoints: Vec<Box<str>>,
    /// Address ranges that count as ours.
    pub networks: Vec<IpNet>,
    /// Accounts that access is shared with on purpose.
    pub partners: Vec<Partner>,
    /// Findings that are set aside.
    pub suppressions: Vec<Suppression>,
    /// Access that must be impossible.
    pub never: Vec<Never>,
}

/// From which severity on findings fail a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailLevel {
    /// From this one on.
    At(Severity),
    /// Findings never fail it.
    Never,
}

/// A pack that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackChoice {
    /// A built-in pack, by name.
    BuiltIn(String),
    /// A folder, relative to the configuration.
    Folder {
        /// The folder.
        path: String,
        /// The digest that the pack in it must have, in hexadecimal.
        sha256: Option<String>,
    },
}

impl FailLevel {
    /// The level of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "never" => Some(Self::Never),
            other => Severity::from_name(other).map(Self::At),
        }
    }
}

impl PackChoice {
    /// What an entry of `packs` means: a folder where it is written like a path.
    pub fn from_text(text: &str) -> Self {
        match text.contains(['/', '\\']) || text.starts_with('.') {
            true => Self::Folder {
                path: text.to_owned(),
                sha256: None,
            },
            false => Self::BuiltIn(text.to_owned()),
        }
    }
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// For broken TOML, an unknown key, and values that mean nothing, each with its place.
    pub fn parse(path: &str, text: &str) -> Result<Self, ConfigError> {
        let reader = Reader {
            file: file_text(path, text),
            text,
        };
        let raw: Raw = read(text, KEYS).map_err(|problem| reader.problem(problem))?;
        let mut config = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            account: raw.account.map(|id| reader.account(&id)).transpose()?,
            organization: raw.organization.map(|id| reader.organization(&id)).transpose()?,
            fail_on: raw.fail_on.map(|name| reader.fail_level(&name)).transpose()?,
            packs: raw
                .packs
                .iter()
                .map(|entry| reader.pack(entry))
                .collect::<Result<_, _>>()?,
            intent: raw.intent,
            exclude: raw.exclude,
            allow_incomplete: raw.allow_incomplete,
            ..Self::default()
        };
        let zone = raw.zone_of_trust;
        let accounts = |ids: Vec<Spanned<String>>| ids.iter().map(|id| reader.account(id)).collect();
        config.accounts = zone.accounts.map(accounts).transpose()?;
        for id in &zone.organizations {
            config.organizations.push(reader.organization(id)?);
        }
        for network in &zone.networks {
            match reader.network(network)? {
                Network::Endpoint(id) => config.endpoints.push(id),
                Network::Range(range) => config.networks.push(range),
            }
        }
        config.partners = reader.partners(raw.partner)?;
        config.suppressions = raw
            .suppress
            .into_iter()
            .map(|entry| reader.suppression(entry))
            .collect::<Result<_, _>>()?;
        config.never = reader.never(raw.never)?;
        Ok(config)
    }

    /// Who counts as us: what the configuration says, or else the accounts whose state was given.
    pub fn zone(&self, inventory: &Inventory) -> Zone {
        let given = inventory.accounts.iter().filter_map(|account| account.id);
        let accounts = match &self.accounts {
            Some(accounts) => accounts.iter().copied().chain(self.account).collect(),
            None => given.chain(self.account).collect(),
        };
        Zone {
            accounts,
            organizations: self.organizations.iter().chain(&self.organization).cloned().collect(),
            endpoints: self.endpoints.iter().cloned().collect(),
            networks: self.networks.clone(),
        }
    }

    /// What holds for an evaluation at a point in time.
    pub fn settings(&self, now: Timestamp) -> Settings {
        Settings {
            now,
            partners: self.partners.clone(),
            comments: Vec::new(),
            suppressions: self.suppressions.clone(),
            path: Some(self.path.clone()).filter(|path| !path.is_empty()),
            ..Settings::at(now)
        }
    }
}
