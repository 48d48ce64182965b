use ipnet::IpNet;
use miette::SourceSpan;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::value::Datetime;

use super::date::Expiry;
use super::error::{ConfigError, FileText, file_text, suggest};
use super::settings::{Partner, Settings, Suppression};
use super::toml_text::{Below, Keys, TomlProblem, read, span};
use crate::engine::Zone;
use crate::finding::{RuleId, Severity};
use crate::iam::{AccountId, Timestamp};
use crate::model::Inventory;

/// A read `bucketproof.toml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Its path, as it is shown to people.
    pub path: String,
    /// Owner of templates.
    pub account: Option<AccountId>,
    /// Organization of the owner of templates.
    pub organization: Option<Box<str>>,
    /// From which severity on findings fail a run.
    pub fail_on: Option<FailLevel>,
    /// The packs in force; empty for all that are built in.
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
    Folder(String),
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
            true => Self::Folder(text.to_owned()),
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
            account: raw.account.map(|id| reader.account(&id)).transpose()?,
            organization: raw.organization.map(|id| reader.organization(&id)).transpose()?,
            fail_on: raw.fail_on.map(|name| reader.fail_level(&name)).transpose()?,
            packs: raw.packs.iter().map(|text| PackChoice::from_text(text)).collect(),
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
            suppressions: self.suppressions.clone(),
            path: Some(self.path.clone()).filter(|path| !path.is_empty()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Raw {
    account: Option<Spanned<String>>,
    organization: Option<Spanned<String>>,
    fail_on: Option<Spanned<String>>,
    #[serde(default)]
    packs: Vec<String>,
    #[serde(default)]
    intent: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    allow_incomplete: bool,
    #[serde(default)]
    zone_of_trust: RawZone,
    #[serde(default)]
    partner: Vec<RawPartner>,
    #[serde(default)]
    suppress: Vec<RawSuppression>,
}

#[derive(Default, Deserialize)]
struct RawZone {
    accounts: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    organizations: Vec<Spanned<String>>,
    #[serde(default)]
    networks: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
struct RawPartner {
    account: Spanned<String>,
    name: Option<String>,
    reason: Spanned<String>,
    expires: Option<Spanned<Datetime>>,
}

#[derive(Deserialize)]
struct RawSuppression {
    rule: Spanned<String>,
    resource: Spanned<String>,
    reason: Spanned<String>,
    expires: Option<Spanned<Datetime>>,
}

const KEYS: Keys = &[
    ("account", Below::Value),
    ("organization", Below::Value),
    ("fail-on", Below::Value),
    ("packs", Below::Value),
    ("intent", Below::Value),
    ("exclude", Below::Value),
    ("allow-incomplete", Below::Value),
    (
        "zone-of-trust",
        Below::Table(&[
            ("accounts", Below::Value),
            ("organizations", Below::Value),
            ("networks", Below::Value),
        ]),
    ),
    (
        "partner",
        Below::Table(&[
            ("account", Below::Value),
            ("name", Below::Value),
            ("reason", Below::Value),
            ("expires", Below::Value),
        ]),
    ),
    (
        "suppress",
        Below::Table(&[
            ("rule", Below::Value),
            ("resource", Below::Value),
            ("reason", Below::Value),
            ("expires", Below::Value),
        ]),
    ),
];

enum Network {
    Endpoint(Box<str>),
    Range(IpNet),
}

/// Reads values, with the place to complain about.
struct Reader<'a> {
    file: FileText,
    text: &'a str,
}

impl Reader<'_> {
    fn problem(&self, problem: TomlProblem) -> ConfigError {
        match problem {
            TomlProblem::Invalid { message, at } => ConfigError::NotToml {
                message,
                file: self.file.clone(),
                at,
            },
            TomlProblem::UnknownKey { key, at, known } => ConfigError::UnknownKey {
                help: suggest(&key, known),
                key,
                file: self.file.clone(),
                at,
            },
        }
    }

    fn bad(&self, message: String, at: SourceSpan, help: impl Into<String>) -> ConfigError {
        ConfigError::BadValue {
            message,
            file: self.file.clone(),
            at,
            help: help.into(),
        }
    }

    fn account(&self, id: &Spanned<String>) -> Result<AccountId, ConfigError> {
        id.get_ref().parse().map_err(|_| {
            let message = format!("`{}` is no account id", id.get_ref());
            self.bad(
                message,
                span(&id.span()),
                "an account id has 12 digits, leading zeros included",
            )
        })
    }

    fn organization(&self, id: &Spanned<String>) -> Result<Box<str>, ConfigError> {
        let text = id.get_ref();
        let fits = text.strip_prefix("o-").is_some_and(|rest| {
            (10..=32).contains(&rest.len())
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
        });
        match fits {
            true => Ok(text.as_str().into()),
            false => Err(self.bad(
                format!("`{text}` is no organization id"),
                span(&id.span()),
                "an organization id is `o-` and 10 to 32 lower-case letters or digits",
            )),
        }
    }

    fn network(&self, network: &Spanned<String>) -> Result<Network, ConfigError> {
        let text = network.get_ref();
        let id = text.strip_prefix("vpce-").or(text.strip_prefix("vpc-"));
        if id.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            return Ok(Network::Endpoint(text.as_str().into()));
        }
        let range = text.parse::<IpNet>().map_err(|_| {
            self.bad(
                format!("`{text}` is no network"),
                span(&network.span()),
                "write the id of a VPC or VPC endpoint, or a range such as `203.0.113.0/24`",
            )
        })?;
        if range.trunc() == range {
            return Ok(Network::Range(range));
        }
        Err(self.bad(
            format!("`{text}` has bits beyond its mask"),
            span(&network.span()),
            format!("write `{}` if the whole range is meant", range.trunc()),
        ))
    }

    fn fail_level(&self, name: &Spanned<String>) -> Result<FailLevel, ConfigError> {
        FailLevel::from_name(name.get_ref()).ok_or_else(|| {
            let known = Severity::ALL.map(Severity::as_str).into_iter().chain(["never"]);
            let message = format!("`{}` is no level to fail on", name.get_ref());
            self.bad(message, span(&name.span()), suggest(name.get_ref(), known))
        })
    }

    fn partners(&self, raw: Vec<RawPartner>) -> Result<Vec<Partner>, ConfigError> {
        let mut places = BTreeMap::new();
        let mut partners = Vec::new();
        for entry in raw {
            let account = self.account(&entry.account)?;
            let at = span(&entry.account.span());
            if let Some(first) = places.insert(account, at) {
                return Err(ConfigError::DuplicatePartner {
                    account: account.to_string(),
                    file: self.file.clone(),
                    first,
                    again: at,
                });
            }
            partners.push(Partner {
                account,
                name: entry.name,
                reason: self.reason(&entry.reason)?,
                expires: entry.expires.map(|date| self.expiry(&date)).transpose()?,
                line: self.line(at),
            });
        }
        Ok(partners)
    }

    fn suppression(&self, entry: RawSuppression) -> Result<Suppression, ConfigError> {
        let at = span(&entry.rule.span());
        let rule = entry.rule.into_inner();
        if let Err(error) = rule.parse::<RuleId>() {
            return Err(self.bad(format!("`{rule}` is no rule id"), at, error.to_string()));
        }
        let resource = entry.resource.get_ref();
        if !resource.starts_with("arn:") && !resource.starts_with('*') {
            return Err(self.bad(
                format!("`{resource}` is no ARN"),
                span(&entry.resource.span()),
                format!("write `arn:aws:s3:::{resource}` for a bucket; `*` and `?` are wildcards"),
            ));
        }
        Ok(Suppression {
            resource: resource.clone(),
            rule,
            reason: self.reason(&entry.reason)?,
            expires: entry.expires.map(|date| self.expiry(&date)).transpose()?,
            line: self.line(at),
        })
    }

    fn reason(&self, reason: &Spanned<String>) -> Result<String, ConfigError> {
        match reason.get_ref().trim() {
            "" => Err(self.bad(
                "the reason is empty".to_owned(),
                span(&reason.span()),
                "say why, with a ticket",
            )),
            text => Ok(text.to_owned()),
        }
    }

    fn expiry(&self, date: &Spanned<Datetime>) -> Result<Expiry, ConfigError> {
        let text = date.get_ref().to_string();
        Expiry::from_day(&text).ok_or_else(|| {
            let message = format!("`{text}` is no day");
            self.bad(
                message,
                span(&date.span()),
                "write the last day on which it holds: `2027-01-31`",
            )
        })
    }

    fn line(&self, at: SourceSpan) -> usize {
        let before = self.text.get(..at.offset()).unwrap_or_default();
        before.matches('\n').count() + 1
    }
}
