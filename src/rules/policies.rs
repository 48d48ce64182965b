//! Cedar policies as packs and intent hold them: parsed with their ids, validated against the schema.

use cedar_policy::{
    Effect, ParseErrors, Policy, PolicyId, PolicySet, Schema, ValidationMode, ValidationResult, Validator,
};
use miette::{Diagnostic, LabeledSpan, SourceSpan};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::access::Access;
use super::error::{FileText, PackError, file_text, suggest};

/// One policy of a file, in the order of the file.
#[derive(Clone)]
pub(super) struct Parsed {
    pub(super) policy: Policy,
    pub(super) at: SourceSpan,
}

/// Reads the policies of a file; `id` gives each one its id by its place.
pub(super) fn parse(path: &str, text: &str, id: impl Fn(usize) -> String) -> Result<Vec<Parsed>, Vec<PackError>> {
    let file = file_text(path, text);
    let set = PolicySet::from_str(text).map_err(|errors| not_cedar(&errors, &file))?;
    if let Some(template) = set.templates().next() {
        return Err(vec![PackError::NotCedar {
            message: format!("`{}` is a template, which nothing links", template.id()),
            file,
            labels: Vec::new(),
            help: Some("write the policy without `?principal` and `?resource`".to_owned()),
        }]);
    }
    Ok(with_ids(in_order(&set), id))
}

/// Reads the policies of several files as one text: Cedar builds its tables anew for every text that it reads.
///
/// The files that hold some, by path, and with the ids that Cedar gives. Where anything is wrong there are none: only
/// reading one file after the other tells in which. What validation said of them would point into the one text.
pub(super) fn parse_together<'a>(files: &[(&'a str, &str)]) -> BTreeMap<&'a str, Vec<Parsed>> {
    let text: String = files.iter().flat_map(|(_, text)| [*text, "\n"]).collect();
    let mut by_path: BTreeMap<&str, Vec<Parsed>> = BTreeMap::new();
    let Some(set) = PolicySet::from_str(&text)
        .ok()
        .filter(|set| set.templates().next().is_none())
    else {
        return by_path;
    };
    let mut policies = in_order(&set).into_iter().peekable();
    let mut start = 0;
    for (path, text) in files {
        let end = start + text.len() + 1;
        while let Some(Parsed { policy, at }) = policies.next_if(|parsed| parsed.at.offset() < end) {
            let at = SourceSpan::from((at.offset() - start, at.len()));
            by_path.entry(path).or_default().push(Parsed { policy, at });
        }
        start = end;
    }
    by_path
}

fn in_order(set: &PolicySet) -> Vec<Parsed> {
    let place = |policy: &Policy| policy.as_ref().loc().map(|loc| loc.span);
    let mut parsed: Vec<Parsed> = set
        .policies()
        .map(|policy| Parsed {
            at: place(policy).unwrap_or_else(|| SourceSpan::from(0..0)),
            policy: policy.clone(),
        })
        .collect();
    parsed.sort_by_key(|parsed| parsed.at.offset());
    parsed
}

/// The policies of a file with the ids of their places.
pub(super) fn with_ids(policies: Vec<Parsed>, id: impl Fn(usize) -> String) -> Vec<Parsed> {
    let policies = policies.into_iter().enumerate();
    policies
        .map(|(index, Parsed { policy, at })| Parsed {
            policy: policy.new_id(PolicyId::new(id(index))),
            at,
        })
        .collect()
}

/// Everything that strict validation has against some policies of one file; a policy that can never apply included.
pub(super) fn validate(policies: &[Parsed], schema: &Schema, path: &str, text: &str) -> Vec<PackError> {
    let mut set = PolicySet::new();
    for parsed in policies {
        // Ids are given by place, so none is there twice.
        if let Err(error) = set.add(parsed.policy.clone()) {
            return vec![PackError::NotCedar {
                message: error.to_string(),
                file: file_text(path, text),
                labels: Vec::new(),
                help: None,
            }];
        }
    }
    let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
    complaints(&result, &file_text(path, text))
}

fn complaints(result: &ValidationResult, file: &FileText) -> Vec<PackError> {
    let errors = result.validation_errors().map(|error| {
        let diagnostic: &dyn Diagnostic = error;
        (error.policy_id(), diagnostic)
    });
    let warnings = result.validation_warnings().map(|warning| {
        let diagnostic: &dyn Diagnostic = warning;
        (warning.policy_id(), diagnostic)
    });
    let mut complaints: Vec<Complaint> = errors
        .chain(warnings)
        .map(|(policy, diagnostic)| Complaint {
            policy: policy.to_string(),
            place: place(diagnostic),
            message: without_policy(&diagnostic.to_string(), policy),
            labels: labels(diagnostic),
            help: known_action(&diagnostic.to_string())
                .or_else(|| help(diagnostic).map(|help| without_policy(&help, policy))),
        })
        .collect();
    // Cedar says the same for every action and type, in no order: once for each place is enough.
    complaints.sort_by(|a, b| (&a.policy, a.place, &a.message).cmp(&(&b.policy, b.place, &b.message)));
    complaints.dedup_by(|a, b| (&a.policy, a.place) == (&b.policy, b.place));
    let places: Vec<_> = complaints
        .iter()
        .map(|complaint| (complaint.policy.clone(), complaint.place))
        .collect();
    complaints
        .into_iter()
        .filter(|complaint| !places.iter().any(|(policy, place)| complaint.is_around(policy, *place)))
        .map(|complaint| complaint.into_error(file))
        .collect()
}

/// What validation has against a policy.
struct Complaint {
    policy: String,
    /// First byte, and one past the last.
    place: (usize, usize),
    message: String,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

impl Complaint {
    /// Whether another complaint about the policy is more to the point: this one follows from it.
    fn is_around(&self, policy: &str, (start, end): (usize, usize)) -> bool {
        self.policy == policy && self.place != (start, end) && self.place.0 <= start && end <= self.place.1
    }

    fn into_error(self, file: &FileText) -> PackError {
        PackError::NotValid {
            policy: self.policy,
            message: self.message,
            file: file.clone(),
            labels: self.labels,
            help: self.help,
        }
    }
}

fn place(diagnostic: &dyn Diagnostic) -> (usize, usize) {
    let first = diagnostic.labels().and_then(|mut labels| labels.next());
    first.map_or((0, usize::MAX), |label| (label.offset(), label.offset() + label.len()))
}

/// Cedar says "for policy `id`, …"; the id is already in front of our message.
fn without_policy(message: &str, policy: &PolicyId) -> String {
    let rest = message.strip_prefix(&format!("for policy `{policy}`"));
    rest.and_then(|rest| rest.strip_prefix(", ").or(rest.strip_prefix(": ")))
        .unwrap_or(message)
        .to_owned()
}

/// What to write in place of an action that the schema does not know. Cedar names the nearest, however far it is; an action
/// of IAM is near to none.
fn known_action(message: &str) -> Option<String> {
    let (_, name) = message.split_once("unrecognized action `Action::\"")?;
    let known = Access::ALL
        .map(Access::as_str)
        .into_iter()
        .chain(["DataPlane", "ControlPlane"]);
    Some(suggest(name.trim_end_matches(['`', '"']), known))
}

fn not_cedar(errors: &ParseErrors, file: &FileText) -> Vec<PackError> {
    errors
        .iter()
        .map(|error| PackError::NotCedar {
            message: error.to_string(),
            file: file.clone(),
            labels: labels(error),
            help: help(error),
        })
        .collect()
}

fn labels(diagnostic: &dyn Diagnostic) -> Vec<LabeledSpan> {
    diagnostic.labels().into_iter().flatten().collect()
}

fn help(diagnostic: &dyn Diagnostic) -> Option<String> {
    diagnostic.help().map(|help| help.to_string())
}

/// What a set of policies speaks of by name. Nothing else of a name can change its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Mentions {
    /// Ids by entity type.
    entities: BTreeMap<String, BTreeSet<String>>,
    /// Whether some policy may look at the name or path of a resource.
    pub(super) names: bool,
    /// Whether some policy may look at tags.
    pub(super) tags: bool,
    /// Whether some policy may look at an issuer.
    pub(super) issuers: bool,
    /// Whether some policy may look at the keys of conditions.
    pub(super) keys: bool,
}

impl Mentions {
    /// Adds what one policy and its text speak of.
    ///
    /// Attributes are looked for in the text, without lines of comment: one too many costs time, never an answer.
    pub(super) fn add(&mut self, policy: &Policy, text: &str) {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        // An escape can spell anything: `resource["\u{6e}ame"]`.
        let contains = |word: &str| lines.clone().any(|line| line.contains(word) || line.contains('\\'));
        self.names |= contains("name") || contains("path");
        self.tags |= contains("hasTag") || contains("getTag");
        self.issuers |= contains("issuer");
        self.keys |= contains("condition_keys");
        for uid in policy.entity_literals() {
            let ids = self.entities.entry(uid.type_name().to_string()).or_default();
            ids.insert(uid.id().unescaped().to_owned());
        }
    }

    /// Whether some policy names an entity of this type.
    #[cfg(test)]
    pub(super) fn names_kind(&self, kind: &str) -> bool {
        self.entities.contains_key(kind)
    }

    /// Whether some policy names this entity.
    pub(super) fn names_entity(&self, kind: &str, id: &str) -> bool {
        self.entities.get(kind).is_some_and(|ids| ids.contains(id))
    }
}

/// The names that the text of a policy holds: no other attribute can change what it answers.
#[derive(Debug)]
pub(super) struct Words {
    /// None where there may be names that the text does not show.
    names: Option<BTreeSet<String>>,
}

impl Words {
    /// Those of a policy, comments included: one too many costs time, never an answer.
    pub(super) fn new(policy: &Policy) -> Self {
        let text = policy.as_ref().loc().and_then(|loc| loc.snippet());
        // An escape can spell anything: `context["\u{6f}pen"]`.
        let text = text.filter(|text| !text.contains('\\'));
        let names = |text: &str| {
            let names = text.split(|char: char| char != '_' && !char.is_ascii_alphanumeric());
            names.map(str::to_owned).collect()
        };
        Self { names: text.map(names) }
    }

    /// Whether a name is among them.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.contains(name))
    }
}

/// Whether a policy is what a pack may hold.
pub(super) fn is_forbid(policy: &Policy) -> bool {
    match policy.effect() {
        Effect::Forbid => true,
        Effect::Permit => false,
    }
}
