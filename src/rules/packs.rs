use cedar_policy::{PolicySet, Schema};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use toml::Spanned;

use super::error::{PackError, PackErrors, file_text, suggest};
use super::policies::{Mentions, Parsed, parse_together, validate};
use super::rule::{Rule, RuleFolder, RulePolicy, bad_value, load, toml_error};
use super::schema::schema;
use super::toml_text::{Below, Keys, read, span};
use crate::finding::{PackInfo, RuleId, Severity};

/// The files of a pack, or of a folder of packs, as somebody read them.
#[derive(Clone, Debug, Default)]
pub struct PackFiles {
    /// The folder as it is shown to people.
    pub path: String,
    /// Path inside the folder, with forward slashes, and text of every file.
    pub files: Vec<(String, String)>,
    /// The digest that the one pack in it must have, in hexadecimal.
    pub sha256: Option<String>,
}

/// The rules in force.
#[derive(Clone, Debug, Default)]
pub struct Packs {
    packs: Vec<Pack>,
    rules: Vec<Rule>,
    pub(super) policies: PolicySet,
    pub(super) mentions: Mentions,
    /// What each policy stands for, by its id.
    pub(super) verdicts: BTreeMap<String, Verdict>,
}

/// What a policy of a rule stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    /// The rule's place.
    pub(super) rule: usize,
    pub(super) severity: Severity,
    /// Whether it speaks beside default deny, not in its place.
    pub(super) beside: bool,
}

/// One pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its name: the first part of the ids of its rules.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it is used where nobody names any pack.
    pub default: bool,
    /// What the configuration should tell it, with the reason.
    pub parameters: BTreeMap<String, String>,
    /// Digest over all its files but the cases, in hexadecimal.
    pub sha256: String,
}

/// How the policies of packs are read.
enum Reading<'a> {
    /// Ours, read together, by path below `rules/`. They are not validated: a test has done it.
    Trusted(BTreeMap<&'a str, Vec<Parsed>>),
    /// Policies from elsewhere are read one file after the other, and validated.
    Strict(Option<Schema>),
}

impl Reading<'_> {
    /// The policies of a rule, where they have been read.
    fn policies(&mut self, id: &RuleId) -> Option<Vec<Parsed>> {
        match self {
            Self::Trusted(read) => read.remove(format!("{id}/policy.cedar").as_str()),
            Self::Strict(_) => None,
        }
    }
}

impl Packs {
    /// The name that stands for every pack that comes with the program.
    pub const ALL: &'static str = "all";

    /// All packs that come with the program. They are not validated here: a test has done it.
    ///
    /// # Errors
    /// When a built-in pack is broken, which the tests of the program exclude.
    pub fn built_in() -> Result<Self, PackErrors> {
        Self::load(&[Self::ALL.to_owned()], Vec::new())
    }

    /// The built-in packs that are used where nobody names any.
    ///
    /// # Errors
    /// When a built-in pack is broken, which the tests of the program exclude.
    pub fn by_default() -> Result<Self, PackErrors> {
        Self::load(&Self::default_names()?, Vec::new())
    }

    /// Names of the built-in packs that are used where nobody names any.
    ///
    /// # Errors
    /// When a built-in pack is broken, which the tests of the program exclude.
    pub fn default_names() -> Result<Vec<String>, PackErrors> {
        let manifests = BUILT_IN.iter().filter_map(|(path, text)| {
            let name = path.strip_suffix("/pack.toml")?;
            Some(pack(&format!("rules/{name}"), &BTreeMap::from([("pack.toml", *text)])))
        });
        let packs: Result<Vec<Pack>, PackError> = manifests.collect();
        let packs = packs.map_err(|error| PackErrors(vec![error]))?;
        Ok(packs
            .into_iter()
            .filter(|pack| pack.default)
            .map(|pack| pack.name)
            .collect())
    }

    /// The name that a `pack.toml` gives its pack.
    ///
    /// # Errors
    /// When it is no manifest of a pack.
    pub fn name_of(path: &str, manifest: &str) -> Result<String, PackErrors> {
        let shown = path.strip_suffix("/pack.toml").unwrap_or(".");
        match pack(shown, &BTreeMap::from([("pack.toml", manifest)])) {
            Ok(pack) => Ok(pack.name),
            Err(error) => Err(PackErrors(vec![error])),
        }
    }

    /// The built-in packs of these names, and packs from elsewhere.
    ///
    /// # Errors
    /// Everything that is wrong with the packs, with its place. Packs from elsewhere are validated strictly.
    pub fn load(names: &[String], external: Vec<PackFiles>) -> Result<Self, PackErrors> {
        let wanted = |name: &str| names.iter().any(|known| known == name || known == Self::ALL);
        let mut packs = Self::default();
        let mut errors = unknown_names(names);
        let built_in: Vec<_> = BUILT_IN.iter().filter(|(path, _)| wanted(top(path))).copied().collect();
        let policies: Vec<_> = built_in
            .iter()
            .filter(|(path, _)| path.ends_with("/policy.cedar"))
            .copied()
            .collect();
        let mut reading = Reading::Trusted(parse_together(&policies));
        packs.add_folder(("rules", None), &built_in, &mut reading, &mut errors);
        let schema = match external.is_empty() {
            true => None,
            false => schema().map_err(|error| errors.push(error)).ok(),
        };
        let mut reading = Reading::Strict(schema);
        for folder in &external {
            let files: Vec<_> = folder
                .files
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_str()))
                .collect();
            let folder = (folder.path.as_str(), folder.sha256.as_deref());
            packs.add_folder(folder, &files, &mut reading, &mut errors);
        }
        if errors.is_empty() {
            Ok(packs)
        } else {
            Err(PackErrors(errors))
        }
    }

    /// The same with some rules only.
    #[must_use]
    pub fn only(self, keep: impl Fn(&Rule) -> bool) -> Self {
        let mut places = BTreeMap::new();
        let mut rules = Vec::new();
        for (index, rule) in self.rules.into_iter().enumerate().filter(|(_, rule)| keep(rule)) {
            places.insert(index, rules.len());
            rules.push(rule);
        }
        // A policy without a verdict may fire and means nothing.
        let verdicts = self.verdicts.into_iter().filter_map(|(id, verdict)| {
            places
                .get(&verdict.rule)
                .map(|rule| (id, Verdict { rule: *rule, ..verdict }))
        });
        Self {
            rules,
            verdicts: verdicts.collect(),
            ..self
        }
    }

    /// What is wrong with the pages of the rules. Nobody is kept from using a rule by its page.
    ///
    /// # Errors
    /// Every page that lacks a section.
    pub fn check_pages(&self) -> Result<(), PackErrors> {
        let mistakes: Vec<PackError> = self.rules.iter().filter_map(Rule::mistake_in_page).collect();
        match mistakes.is_empty() {
            true => Ok(()),
            false => Err(PackErrors(mistakes)),
        }
    }

    /// The rules, by pack and name.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of this id.
    pub fn rule(&self, id: &RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == *id)
    }

    /// The packs, in the order they were given.
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The packs, for the report.
    pub fn info(&self) -> Vec<PackInfo> {
        self.packs
            .iter()
            .map(|pack| PackInfo {
                name: pack.name.clone(),
                version: pack.version.clone(),
                sha256: pack.sha256.clone(),
            })
            .collect()
    }

    /// Adds the packs of a folder: the folder itself where it holds a `pack.toml`, else every folder in it that does.
    fn add_folder(
        &mut self,
        (shown, pinned): (&str, Option<&str>),
        files: &[(&str, &str)],
        reading: &mut Reading<'_>,
        errors: &mut Vec<PackError>,
    ) {
        let manifests: Vec<&str> = files
            .iter()
            .filter_map(|(path, _)| path.strip_suffix("pack.toml"))
            .filter(|folder| folder.is_empty() || folder.matches('/').count() == 1 && folder.ends_with('/'))
            .collect();
        if manifests.is_empty() && !files.is_empty() {
            errors.push(PackError::MissingFile {
                path: format!("{shown}/pack.toml"),
                help: "it holds name and version of the pack".to_owned(),
            });
        }
        if pinned.is_some() && manifests.len() > 1 {
            let path = shown.to_owned();
            return errors.push(PackError::PinnedTogether { path });
        }
        for prefix in manifests {
            let inside: BTreeMap<&str, &str> = files
                .iter()
                .filter_map(|(path, text)| path.strip_prefix(prefix).map(|path| (path, *text)))
                .filter(|(path, _)| !path.split('/').any(|part| part == "cases"))
                .collect();
            let shown = format!("{shown}/{prefix}");
            self.add_pack((shown.trim_end_matches('/'), pinned), &inside, reading, errors);
        }
    }

    fn add_pack(
        &mut self,
        (shown, pinned): (&str, Option<&str>),
        files: &BTreeMap<&str, &str>,
        reading: &mut Reading<'_>,
        errors: &mut Vec<PackError>,
    ) {
        let pack = match pack(shown, files) {
            Ok(pack) => pack,
            Err(error) => return errors.push(error),
        };
        // What is not what somebody looked at is not read any further.
        if let Some(error) = pinned.and_then(|pinned| wrong_digest(shown, pinned, &pack)) {
            return errors.push(error);
        }
        for (name, files) in rule_folders(files) {
            let path = format!("{shown}/{name}");
            let Ok(id) = format!("{}/{name}", pack.name).parse() else {
                errors.push(PackError::BadName { path });
                continue;
            };
            let policies = reading.policies(&id);
            let folder = RuleFolder {
                id,
                path,
                files,
                policies,
            };
            match load(&folder) {
                Ok((rule, policies)) => {
                    let text = folder.files.get("policy.cedar").copied().unwrap_or_default();
                    if let Reading::Strict(Some(schema)) = reading {
                        errors.extend(check(&policies, schema, &folder.path, text));
                    }
                    errors.extend(self.add_rule(rule, policies, text).err());
                }
                Err(found) => errors.extend(found),
            }
        }
        self.packs.push(pack);
    }

    fn add_rule(&mut self, rule: Rule, policies: Vec<RulePolicy>, text: &str) -> Result<(), PackError> {
        let duplicate = |first: String| PackError::DuplicateRule {
            id: rule.id.to_string(),
            first,
            second: rule.path.clone(),
        };
        if let Some(known) = self.rules.iter().find(|known| known.id == rule.id) {
            return Err(duplicate(known.path.clone()));
        }
        let index = self.rules.len();
        // A retired rule stays for its id and never fires.
        for policy in policies.into_iter().filter(|_| !rule.deprecated) {
            let id = policy.parsed.policy.id().to_string();
            self.mentions.add(&policy.parsed.policy, text);
            let verdict = Verdict {
                rule: index,
                severity: policy.severity,
                beside: policy.beside,
            };
            self.verdicts.insert(id, verdict);
            self.policies
                .add(policy.parsed.policy)
                .map_err(|error| duplicate(error.to_string()))?;
        }
        self.rules.push(rule);
        Ok(())
    }
}

fn check(policies: &[RulePolicy], schema: &Schema, path: &str, text: &str) -> Vec<PackError> {
    let policies: Vec<_> = policies.iter().map(|policy| policy.parsed.clone()).collect();
    validate(&policies, schema, &format!("{path}/policy.cedar"), text)
}

/// The files of each rule, by folder: everything one level below the pack.
fn rule_folders<'a>(files: &BTreeMap<&'a str, &'a str>) -> BTreeMap<&'a str, BTreeMap<&'a str, &'a str>> {
    let mut folders: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for (path, text) in files {
        if let Some((folder, file)) = path.split_once('/') {
            folders.entry(folder).or_default().insert(file, text);
        }
    }
    folders
}

#[derive(Deserialize)]
struct Manifest {
    name: Spanned<String>,
    version: String,
    #[serde(default = "yes")]
    default: bool,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

const KEYS: Keys = &[
    ("name", Below::Value),
    ("version", Below::Value),
    ("default", Below::Value),
    ("parameters", Below::Any),
];

fn yes() -> bool {
    true
}

fn pack(shown: &str, files: &BTreeMap<&str, &str>) -> Result<Pack, PackError> {
    let path = format!("{shown}/pack.toml");
    let text = files.get("pack.toml").copied().unwrap_or_default();
    let file = file_text(&path, text);
    let manifest: Manifest = read(text, KEYS).map_err(|problem| toml_error(problem, &file))?;
    let name = manifest.name.get_ref();
    if format!("{name}/x").parse::<RuleId>().is_err() {
        let help = "use lower-case letters, digits and hyphens".to_owned();
        let message = format!("`{name}` is no name for a pack");
        return Err(bad_value(message, &file, span(&manifest.name.span()), help));
    }
    Ok(Pack {
        name: name.clone(),
        version: manifest.version,
        default: manifest.default,
        parameters: manifest.parameters,
        sha256: digest(files),
    })
}

fn wrong_digest(shown: &str, pinned: &str, pack: &Pack) -> Option<PackError> {
    (pinned != pack.sha256).then(|| PackError::WrongDigest {
        path: shown.to_owned(),
        pinned: pinned.to_owned(),
        found: pack.sha256.clone(),
    })
}

fn digest(files: &BTreeMap<&str, &str>) -> String {
    let mut hash = Sha256::new();
    for text in files.iter().flat_map(|(path, text)| [path, text]) {
        // Lengths keep neighbouring parts apart.
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unknown_names(names: &[String]) -> Vec<PackError> {
    let mut known: Vec<&str> = BUILT_IN
        .iter()
        .filter(|(path, _)| path.contains('/'))
        .map(|(path, _)| top(path))
        .collect();
    known.dedup();
    names
        .iter()
        .filter(|name| *name != Packs::ALL && !known.contains(&name.as_str()))
        .map(|name| PackError::NoSuchPack {
            name: name.clone(),
            help: suggest(name, known.iter().copied().chain([Packs::ALL])),
        })
        .collect()
}

/// The pack that a file belongs to.
fn top(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// Path below `rules/` and text of every file of the built-in packs, by path; made by build.rs.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/packs.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise decisions would be remembered by resource, and Cedar asked once for each.
    #[test]
    fn built_in_rules_speak_of_nobody_by_name() {
        let mentions = Packs::built_in().expect("built-in packs").mentions;
        assert_eq!(
            [mentions.names, mentions.tags, mentions.issuers, mentions.keys],
            [false; 4]
        );
        for kind in ["Account", "Principal", "Organization", "Bucket", "Role", "Object"] {
            assert!(!mentions.names_kind(kind), "{kind}");
        }
    }
}
