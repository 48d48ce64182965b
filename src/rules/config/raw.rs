//! The file as TOML has it, and the checks of its values.

use ipnet::IpNet;
use miette::SourceSpan;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::value::Datetime;

use super::{FailLevel, PackChoice};
use crate::engine::{Terms, works_on_nothing};
use crate::finding::{RuleId, Severity};
use crate::iam::AccountId;
use crate::rules::date::Expiry;
use crate::rules::error::{ConfigError, FileText, suggest};
use crate::rules::never::Never;
use crate::rules::settings::{Partner, Suppression};
use crate::rules::toml_text::{Below, Keys, TomlProblem, span};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Raw {
    pub(super) account: Option<Spanned<String>>,
    pub(super) organization: Option<Spanned<String>>,
    pub(super) fail_on: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) packs: Vec<Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) intent: Vec<String>,
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    #[serde(default)]
    pub(super) allow_incomplete: bool,
    #[serde(default)]
    pub(super) zone_of_trust: RawZone,
    #[serde(default)]
    pub(super) partner: Vec<RawPartner>,
    #[serde(default)]
    pub(super) suppress: Vec<RawSuppression>,
    #[serde(default)]
    pub(super) never: Vec<Spanned<RawNever>>,
}

#[derive(Default, Deserialize)]
pub(super) struct RawZone {
    pub(super) accounts: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) organizations: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) networks: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
pub(super) struct RawPartner {
    pub(super) account: Spanned<String>,
    pub(super) name: Option<String>,
    pub(super) reason: Spanned<String>,
    pub(super) expires: Option<Spanned<Datetime>>,
}

#[derive(Deserialize)]
pub(super) struct RawSuppression {
    pub(super) rule: Spanned<String>,
    pub(super) resource: Spanned<String>,
    pub(super) reason: Spanned<String>,
    pub(super) expires: Option<Spanned<Datetime>>,
}

#[derive(Deserialize)]
pub(super) struct RawNever {
    #[serde(default)]
    pub(super) actions: Vec<String>,
    #[serde(default)]
    pub(super) resources: Vec<String>,
    #[serde(default)]
    pub(super) principals: Vec<String>,
    #[serde(default)]
    pub(super) except: Vec<String>,
    pub(super) severity: Option<Spanned<String>>,
    pub(super) reason: Spanned<String>,
}

pub(super) const KEYS: Keys = &[
    ("account", Below::Value),
    ("organization", Below::Value),
    ("fail-on", Below::Value),
    (
        "packs",
        Below::Table(&[("path", Below::Value), ("sha256", Below::Value)]),
    ),
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
    (
        "never",
        Below::Table(&[
            ("actions", Below::Value),
            ("resources", Below::Value),
            ("principals", Below::Value),
            ("except", Below::Value),
            ("severity", Below::Value),
            ("reason", Below::Value),
        ]),
    ),
];

/// Whether a text is the id of an organization.
pub fn is_organization(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    let rest = text.strip_prefix("o-");
    rest.is_some_and(|rest| (10..=32).contains(&rest.len()) && rest.bytes().all(fits))
}

/// What the id of an organization looks like.
pub const ORGANIZATION: &str = "an organization id is `o-` and 10 to 32 lower-case letters or digits";

/// Whether a text is a SHA-256 digest in hexadecimal, as we write it.
fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// An entry of `networks`.
pub(super) enum Network {
    Endpoint(Box<str>),
    Range(IpNet),
}

/// Reads values, with the place to complain about.
pub(super) struct Reader<'a> {
    pub(super) file: FileText,
    pub(super) text: &'a str,
}

impl Reader<'_> {
    pub(super) fn problem(&self, problem: TomlProblem) -> ConfigError {
        match problem {
            TomlProblem::Invalid { message, at } => ConfigError::NotToml {
                help: message
                    .ends_with("expected a string")
                    .then_some("write it in quotes, account ids as well"),
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

    pub(super) fn account(&self, id: &Spanned<String>) -> Result<AccountId, ConfigError> {
        id.get_ref().parse().map_err(|_| {
            let message = format!("`{}` is no account id", id.get_ref());
            self.bad(
                message,
                span(&id.span()),
                "an account id has 12 digits, leading zeros included",
            )
        })
    }

    pub(super) fn organization(&self, id: &Spanned<String>) -> Result<Box<str>, ConfigError> {
        let text = id.get_ref();
        match is_organization(text) {
            true => Ok(text.as_str().into()),
            false => Err(self.bad(
                format!("`{text}` is no organization id"),
                span(&id.span()),
                ORGANIZATION,
            )),
        }
    }

    pub(super) fn network(&self, network: &Spanned<String>) -> Result<Network, ConfigError> {
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

    /// The name or folder of a pack, or a table with the folder and the digest of the pack in it.
    pub(super) fn pack(&self, entry: &Spanned<toml::Value>) -> Result<PackChoice, ConfigError> {
        let text = |value: Option<&toml::Value>| {
            let text = value.and_then(toml::Value::as_str).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let value = entry.get_ref();
        let pinned = || {
            Some(PackChoice::Folder {
                path: text(value.get("path"))?,
                sha256: Some(text(value.get("sha256")).filter(|digest| is_digest(digest))?),
            })
        };
        let named = text(Some(value)).map(|text| PackChoice::from_text(&text));
        named.or_else(pinned).ok_or_else(|| {
            let help = "write the name of a built-in pack, a folder such as `\"./security/rules\"`, or \
                        `{ path = \"…\", sha256 = \"…\" }` with the digest that `bucketproof rules check` prints";
            self.bad("this names no pack".to_owned(), span(&entry.span()), help)
        })
    }

    pub(super) fn fail_level(&self, name: &Spanned<String>) -> Result<FailLevel, ConfigError> {
        FailLevel::from_name(name.get_ref()).ok_or_else(|| {
            let message = format!("`{}` is no level to fail on", name.get_ref());
            // `never` is listed and not guessed: nobody should take it on trust.
            let near = suggest(name.get_ref(), Severity::ALL.map(Severity::as_str));
            let help = match near.strip_prefix("known are ") {
                Some(known) => format!("write one of {known}, or `never`"),
                None => near,
            };
            self.bad(message, span(&name.span()), help)
        })
    }

    pub(super) fn partners(&self, raw: Vec<RawPartner>) -> Result<Vec<Partner>, ConfigError> {
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
                at: (at.offset(), at.offset() + at.len()),
            });
        }
        Ok(partners)
    }

    pub(super) fn suppression(&self, entry: RawSuppression) -> Result<Suppression, ConfigError> {
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

    pub(super) fn never(&self, raw: Vec<Spanned<RawNever>>) -> Result<Vec<Never>, ConfigError> {
        let mut lines: BTreeMap<String, usize> = BTreeMap::new();
        let read = raw.into_iter().map(|entry| {
            let at = span(&entry.span());
            let entry = entry.into_inner();
            let reason = self.reason(&entry.reason)?;
            let severity = match &entry.severity {
                None => Severity::High,
                Some(name) => Severity::from_name(name.get_ref()).ok_or_else(|| {
                    let message = format!("`{}` is no severity", name.get_ref());
                    let known = Severity::ALL.map(Severity::as_str);
                    self.bad(message, span(&name.span()), suggest(name.get_ref(), known))
                })?,
            };
            let terms = Terms {
                actions: entry.actions,
                resources: entry.resources,
                principals: entry.principals,
                except: entry.except,
            };
            let help = "write actions such as `s3:Get*`, resources as ARNs, principals as account ids or ARNs";
            let statement = terms
                .statement()
                .map_err(|problems| self.bad(problems.join("; "), at, help))?;
            if works_on_nothing(&statement) {
                let problem = "no action of the entry works on a resource of the entry".to_owned();
                let help = "object actions work on `arn:aws:s3:::BUCKET/*`, bucket actions on `arn:aws:s3:::BUCKET`";
                return Err(self.bad(problem, at, help));
            }
            if let Some(line) = lines.insert(statement.to_json().to_string(), self.line(at)) {
                let problem = format!("the entry forbids the same as the one on line {line}");
                return Err(self.bad(problem, at, "write one entry, with both reasons"));
            }
            Ok(Never {
                statement,
                reason,
                severity,
                line: self.line(at),
            })
        });
        read.collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key that is read is in the schema that editors use, and no other.
    #[test]
    fn keys_are_those_of_the_schema() {
        let text = include_str!("../../../docs/schema/config.v1.json");
        let schema: serde_json::Value = serde_json::from_str(text).expect("the schema is JSON");
        check(KEYS, &schema, &schema);
    }

    fn check(keys: Keys, at: &serde_json::Value, schema: &serde_json::Value) {
        let properties = at["properties"].as_object().expect("properties");
        let mut names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
        let mut known: Vec<&str> = properties.keys().map(String::as_str).collect();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
        for (name, below) in keys {
            if let Below::Table(keys) = below {
                let property = &properties[*name];
                let item = property.get("items").unwrap_or(property);
                let reference = item["$ref"].as_str().and_then(|text| text.strip_prefix('#'));
                let table = reference.map_or(item, |pointer| schema.pointer(pointer).expect(pointer));
                check(keys, table, schema);
            }
        }
    }
}
