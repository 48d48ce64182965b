//! Declarations of intent that are over, or of no use.

use cedar_policy::{EntityUid, PolicyId, ResourceConstraint};

use super::about::{About, about};
use super::date::Expiry;
use super::declared::Declared;
use super::error::RulesError;
use super::estate::Estate;
use super::intent::Permit;
use super::settings::Partner;
use super::unpacked::Unpacked;
use crate::finding::{
    Finding, FindingStatus, Fingerprint, FingerprintParts, Location, Locations, Matter, ResourceAccess, RuleId,
    Severity,
};
use crate::source::{Diagnostic, DiagnosticSeverity, Span};

/// What is told of declarations: a finding, or a note where what they speak of is not in the input.
#[derive(Default)]
pub(super) struct Leftovers {
    pub(super) findings: Vec<Finding>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A declaration that is over or of no use.
struct Leftover<'a> {
    /// What it is, as a sentence begins with it.
    name: String,
    /// File, line, and bytes.
    place: (&'a str, usize, (usize, usize)),
    /// The day on which it ended, if it has.
    over: Option<&'a Expiry>,
    /// Whether what it speaks of may not be in the input.
    elsewhere: bool,
    /// What it speaks of: an ARN, or a pattern.
    resource: String,
    /// What tells it from others, wherever it is written.
    identity: String,
}

impl Declared<'_> {
    /// Declarations of intent, and partners, that no longer hold, and those that changed nothing.
    pub(super) fn of_no_use(&self, estate: &Estate<'_>, access: &[ResourceAccess]) -> Result<Leftovers, RulesError> {
        let mut leftovers = Leftovers::default();
        let permits = self.permits(estate, access)?;
        for leftover in permits.into_iter().chain(self.partners()) {
            match self.settings.files.get(leftover.place.0) {
                Some(file) if leftover.over.is_some() || !leftover.elsewhere => {
                    let (start, end) = leftover.place.2;
                    leftovers.findings.push(leftover.finding(Span::new(*file, start, end)));
                }
                Some(_) | None => leftovers.diagnostics.push(leftover.diagnostic()),
            }
        }
        Ok(leftovers)
    }

    fn permits(&self, estate: &Estate<'_>, access: &[ResourceAccess]) -> Result<Vec<Leftover<'_>>, RulesError> {
        let now = self.settings.now;
        let is_over = |permit: &Permit| !permit.is_in_force(now);
        let permits = self.intent.permits.iter().enumerate();
        let left: Vec<(usize, &Permit)> = permits
            .filter(|(place, permit)| is_over(permit) || !self.used_permits.contains(place))
            .collect();
        let unused = left
            .iter()
            .filter(|(_, permit)| !is_over(permit))
            .map(|(place, _)| *place);
        let about = about(self.intent, &unused.collect(), estate, access)?;
        let leftovers = left.into_iter().map(|(place, permit)| {
            let policy = self.intent.policies.policy(&PolicyId::new(&permit.id));
            let named = policy.and_then(|policy| named(&policy.resource_constraint()));
            let json = policy.and_then(|policy| policy.to_json().ok());
            Leftover {
                name: format!("the intent `{}`", permit.reason),
                place: (&permit.path, permit.line, permit.at),
                over: permit.expires.as_ref().filter(|_| is_over(permit)),
                elsewhere: match about.get(&place) {
                    Some(About::Nothing) => true,
                    Some(About::Anything) => !self.settings.whole,
                    Some(About::Judged) | None => false,
                },
                resource: named.map_or_else(|| ANYTHING.to_owned(), |named| arn(&named, access)),
                identity: json.map_or_else(|| permit.reason.clone(), |json| json.to_string()),
            }
        });
        Ok(leftovers.collect())
    }

    fn partners(&self) -> impl Iterator<Item = Leftover<'_>> {
        let now = self.settings.now;
        let partners = self.settings.partners.iter().enumerate();
        let left =
            partners.filter(move |(place, partner)| !partner.is_in_force(now) || !self.used_partners.contains(place));
        left.map(move |(_, partner)| {
            let Partner {
                account,
                line,
                at,
                expires,
                ..
            } = partner;
            Leftover {
                name: format!("partner {account}"),
                place: (self.settings.path.as_deref().unwrap_or_default(), *line, *at),
                over: expires.as_ref().filter(|_| !partner.is_in_force(now)),
                elsewhere: !self.settings.whole,
                resource: format!("arn:aws:iam::{account}:root"),
                identity: account.to_string(),
            }
        })
    }
}

impl Leftover<'_> {
    fn id(&self) -> RuleId {
        match self.over {
            Some(_) => RuleId::expired_intent(),
            None => RuleId::unused_intent(),
        }
    }

    fn words(&self) -> (String, &'static str) {
        match self.over {
            Some(day) => (
                format!("{} ended on {day} and is not in force", self.name),
                "take the access away, or agree on it again and write a new day",
            ),
            None if self.elsewhere => (
                format!("{} permits nothing in this input", self.name),
                "take it out if the access is gone everywhere",
            ),
            None => (
                format!("{} permits nothing that would be reported", self.name),
                "take it out if the access is gone, or mend it if it speaks of something else than was meant",
            ),
        }
    }

    fn finding(self, span: Span) -> Finding {
        let rule = self.id();
        let (message, remediation) = self.words();
        let of_rule = Unpacked::ALL.iter().find(|known| known.id == rule.as_str());
        Finding {
            fingerprint: Fingerprint::new(FingerprintParts {
                rule: &rule,
                resource: &self.resource,
                grant: None,
                detail: &self.identity,
            }),
            matter: Matter::Setting(self.name.clone()),
            title: of_rule.map(|known| known.title.to_owned()).unwrap_or_default(),
            rule,
            severity: Severity::Low,
            message,
            resource: self.resource,
            when: Vec::new(),
            grant: None,
            locations: Locations {
                primary: Location {
                    span,
                    label: "declared here".to_owned(),
                },
                secondary: Vec::new(),
            },
            witness: None,
            remediation: remediation.to_owned(),
            references: Vec::new(),
            status: FindingStatus::New,
        }
    }

    fn diagnostic(self) -> Diagnostic {
        let (message, help) = self.words();
        let (path, line, _) = self.place;
        let (severity, code) = match self.over {
            Some(_) => (DiagnosticSeverity::Warning, "bucketproof::rules::expired_intent"),
            None => (DiagnosticSeverity::Note, "bucketproof::rules::unused_intent"),
        };
        let diagnostic = Diagnostic::new(severity, code, format!("{message} (line {line})")).with_help(help);
        match path {
            "" => diagnostic,
            path => diagnostic.in_path(path),
        }
    }
}

/// The entity that a permit names as its resource.
fn named(resource: &ResourceConstraint) -> Option<EntityUid> {
    match resource {
        ResourceConstraint::Eq(uid) | ResourceConstraint::In(uid) | ResourceConstraint::IsIn(_, uid) => {
            Some(uid.clone())
        }
        ResourceConstraint::Any | ResourceConstraint::Is(_) => None,
    }
}

/// The ARN of an entity, of a bucket in the partition in which it was judged.
fn arn(uid: &EntityUid, access: &[ResourceAccess]) -> String {
    let id = uid.id().unescaped();
    match uid.type_name().to_string().as_str() {
        "Bucket" => {
            let end = format!(":::{id}");
            let judged = access.iter().find(|access| access.resource.arn.ends_with(&end));
            judged.map_or_else(|| format!("arn:aws:s3{end}"), |access| access.resource.arn.clone())
        }
        "Account" => format!("arn:aws:iam::{id}:root"),
        _ if id.starts_with("arn:") => id.to_owned(),
        _ => ANYTHING.to_owned(),
    }
}

/// The resource of a finding about a declaration that names none.
const ANYTHING: &str = "arn:*";
