use super::estate::Estate;
use super::evaluate::Evaluation;
use super::setting_rules::CANNOT_DECIDE;
use super::witness::{Replay, shows};
use crate::engine::Options;
use crate::finding::{Finding, ResourceAccess, RuleId};
use crate::iam::Timestamp;
use crate::model::Inventory;
use crate::source::{DiagnosticSeverity, Sources};

/// What a case should show, as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `bad-…`: the rule fires.
    Finding,
    /// `good-…`: the rule is silent, and sure of it.
    Silence,
    /// `unknown-…`: the rule says that it cannot decide.
    Undecided,
}

/// What a rule made of a case, with what it was made from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What the rule said, and nothing of other rules.
    pub evaluation: &'a Evaluation,
    /// What the case grants.
    pub access: &'a [ResourceAccess],
    /// What the case holds.
    pub inventory: &'a Inventory,
    /// The files of the case.
    pub sources: &'a Sources,
    /// The point in time at which it was judged.
    pub now: Timestamp,
}

impl Expected {
    /// What a case of this name should show.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.split_once('-')? {
            ("bad", _) => Some(Self::Finding),
            ("good", _) => Some(Self::Silence),
            ("unknown", _) => Some(Self::Undecided),
            _ => None,
        }
    }

    /// How it is told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "a finding",
            Self::Silence => "silence",
            Self::Undecided => "that it cannot decide",
        }
    }

    /// What is wrong with what a rule made of a case, in words.
    ///
    /// A finding must count, point at less than a whole file, and where it is about a grant show a request that gets in
    /// when it is decided anew.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn judge(self, rule: &RuleId, told: Told<'_>) -> Result<(), String> {
        let found = || {
            let findings = told.evaluation.findings.iter();
            findings.filter(|finding| finding.rule == *rule)
        };
        let counts = |finding: &&Finding| finding.status.counts();
        match self {
            Self::Finding if found().next().is_none() && told.cannot_decide() => Err("the rule cannot decide".into()),
            Self::Finding if found().next().is_none() => Err("the rule is silent".into()),
            Self::Finding => found().try_for_each(|finding| told.is_sound(finding)),
            Self::Silence => match found().find(counts) {
                Some(finding) => Err(format!("the rule fires: {}", finding.message)),
                None if told.cannot_decide() => Err("the rule cannot decide".into()),
                None => Ok(()),
            },
            Self::Undecided => match found().next() {
                Some(finding) => Err(format!("the rule fires: {}", finding.message)),
                None if told.cannot_decide() => Ok(()),
                None => Err("the rule is silent".into()),
            },
        }
    }
}

impl Told<'_> {
    /// Whether something could not be decided.
    pub fn cannot_decide(self) -> bool {
        let mut diagnostics = self.evaluation.diagnostics.iter();
        diagnostics.any(|found| found.code == CANNOT_DECIDE && found.severity == DiagnosticSeverity::Warning)
    }

    fn is_sound(self, finding: &Finding) -> Result<(), String> {
        let primary = finding.locations.primary.span;
        let Some(file) = self.sources.file(primary.file) else {
            return Err("the finding has no file".into());
        };
        if primary.range() == (0..file.text().len()) {
            return Err("the finding points at the whole file".into());
        }
        if !finding.status.counts() {
            return Err(format!("the finding is {} and does not count", finding.status.as_str()));
        }
        match (finding.grant, &finding.witness) {
            (Some(_), None) => Err("the finding has no witness".into()),
            (Some(_), Some(_)) if !self.is_let_in(finding) => {
                Err("the witness of the finding is not let in when it is decided anew".into())
            }
            (Some(_), Some(_)) | (None, _) => Ok(()),
        }
    }

    /// Whether the concrete evaluator lets the witness in. One of a grant that is held back by a block cannot get in.
    fn is_let_in(self, finding: &Finding) -> bool {
        let of_resource =
            |access: &&ResourceAccess| access.resource.arn == finding.resource && access.resource.when == finding.when;
        let Some(access) = self.access.iter().find(of_resource) else {
            return false;
        };
        let grant = finding.grant.and_then(|place| access.grants.get(place));
        let estate = Estate::new(self.inventory);
        let replay = Replay {
            estate: &estate.scopes,
            options: &Options::at(self.now),
        };
        let held = estate.held(&access.resource);
        grant
            .zip(finding.witness.as_ref())
            .is_some_and(|(grant, witness)| shows(grant, witness, held, replay))
    }
}
