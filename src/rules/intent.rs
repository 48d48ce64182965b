use cedar_policy::{Policy, PolicySet};
use miette::SourceSpan;
use std::collections::BTreeMap;

use super::date::Expiry;
use super::error::{FileText, PackError, PackErrors, file_text, suggest};
use super::policies::{Mentions, is_forbid, parse, validate};
use super::schema::{is_surely_valid, schema};
use crate::iam::Timestamp;

/// Access that somebody declared as meant.
#[derive(Debug, Default)]
pub struct Intent {
    pub(super) permits: Vec<Permit>,
    pub(super) policies: PolicySet,
    pub(super) mentions: Mentions,
    /// Place among the permits by policy id.
    pub(super) places: BTreeMap<String, usize>,
}

/// One `permit` of an intent file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// The file.
    pub path: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// The bytes of the file that hold it: the first, and one past the last.
    pub at: (usize, usize),
    /// Why the access is meant.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Until when it is meant.
    pub expires: Option<Expiry>,
    /// The id of its policy.
    pub(super) id: String,
}

impl Intent {
    /// Reads intent files, given as (path, text).
    ///
    /// # Errors
    /// Everything that is wrong with the files, with its place: no Cedar, not valid against the schema, a `forbid`, a
    /// missing `@reason`, an `@expires` that is no date.
    pub fn parse(files: &[(String, String)]) -> Result<Self, PackErrors> {
        let mut intent = Self::default();
        if files.is_empty() {
            return Ok(intent);
        }
        let mut errors = Vec::new();
        let read = files.iter().map(|(path, text)| {
            let id = |index: usize| format!("{path}#{}", index + 1);
            parse(path, text, id)
        });
        let read: Vec<_> = read.collect();
        let all: Vec<_> = read.iter().flatten().flatten().cloned().collect();
        let schema = match is_surely_valid(&all) {
            true => None,
            false => Some(schema().map_err(|error| PackErrors(vec![error]))?),
        };
        for ((path, text), read) in files.iter().zip(read) {
            match read {
                Err(found) => errors.extend(found),
                Ok(policies) => {
                    let schema = schema.iter();
                    errors.extend(schema.flat_map(|schema| validate(&policies, schema, path, text)));
                    for policy in policies {
                        errors.extend(intent.add(policy.policy, policy.at, path, text).err());
                    }
                }
            }
        }
        if errors.is_empty() {
            Ok(intent)
        } else {
            Err(PackErrors(errors))
        }
    }

    /// What is declared, in the order of the files.
    pub fn permits(&self) -> &[Permit] {
        &self.permits
    }

    fn add(&mut self, policy: Policy, at: SourceSpan, path: &str, text: &str) -> Result<(), PackError> {
        let file = file_text(path, text);
        if is_forbid(&policy) {
            return Err(PackError::WrongEffect {
                message: "a `forbid` in an intent file".to_owned(),
                file,
                at,
                help: "intent says what is meant; what is never meant goes into a rule of a pack",
            });
        }
        let permit = permit(&policy, at, &file, path, text)?;
        self.mentions.add(&policy, text);
        self.places.insert(policy.id().to_string(), self.permits.len());
        self.permits.push(permit);
        self.policies.add(policy).map_err(|error| PackError::NotCedar {
            message: error.to_string(),
            file,
            labels: Vec::new(),
            help: Some("the same file was given twice".to_owned()),
        })
    }
}

impl Permit {
    /// Whether the declaration holds.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.expires.as_ref().is_none_or(|expires| !expires.is_over(now))
    }
}

fn permit(policy: &Policy, at: SourceSpan, file: &FileText, path: &str, text: &str) -> Result<Permit, PackError> {
    let bad = |message: String, help: String| PackError::BadAnnotation {
        message,
        file: file.clone(),
        at,
        help,
    };
    let (mut reason, mut owner, mut expires) = (None, None, None);
    for (name, value) in policy.annotations() {
        match name {
            "reason" => reason = Some(value.trim().to_owned()).filter(|reason| !reason.is_empty()),
            "owner" => owner = Some(value.to_owned()),
            "expires" => {
                expires = Some(Expiry::from_day(value).ok_or_else(|| {
                    bad(
                        format!("`@expires(\"{value}\")` is no date"),
                        "write the last day on which it is meant: `@expires(\"2027-01-31\")`".to_owned(),
                    )
                })?);
            }
            other => {
                return Err(bad(
                    format!("`@{other}` means nothing in an intent file"),
                    suggest(other, ["reason", "owner", "expires"]),
                ));
            }
        }
    }
    let reason = reason.ok_or_else(|| {
        bad(
            "`@reason` is missing".to_owned(),
            "say why the access is meant: `@reason(\"public website, ticket WEB-7\")`".to_owned(),
        )
    })?;
    let before = text.get(..at.offset()).unwrap_or_default();
    Ok(Permit {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        at: (at.offset(), at.offset() + at.len()),
        id: policy.id().to_string(),
        reason,
        owner,
        expires,
    })
}
