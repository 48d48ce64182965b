use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::CommandError;
use super::error::in_words;
use super::files::{read_text, unreadable, with_slashes};
use super::judge::{decide, read};
use super::judging::Judged;
use super::progress::Progress;
use super::repair::{Round, repair};
use crate::engine::{Options, Zone};
use crate::finding::{Grant, RuleId};
use crate::iam::{AccountId, Timestamp};
use crate::ingest::{Attachment, Deployment, Ingested, InputStatus, Request, Texts, discover};
use crate::model::{Account, Setting};
use crate::report::{Format, Style, write_scan};
use crate::rules::{Config, Evaluation, Expected, Intent, Packs, Told, evaluate};
use crate::source::{DiagnosticSeverity, UnknownReason};

/// One input of a rule, with what it should show.
#[derive(Clone, Debug)]
pub struct Case {
    /// The rule.
    pub rule: RuleId,
    /// File or folder name: `bad-…`, `good-…` or `unknown-…`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// What rules made of a case.
pub struct CaseOutcome {
    /// What they said.
    pub evaluation: Evaluation,
    judged: Judged,
}

/// What `fix` does about a case.
pub struct CaseFix {
    /// What the edits do, in words.
    pub what: BTreeSet<String>,
    /// Whether somebody must fill something in.
    pub needs_input: bool,
    /// Why findings are left.
    pub advice: BTreeSet<String>,
    /// The edits as a unified diff.
    pub diff: String,
    /// What is lost by them.
    pub lost: Vec<Grant>,
    /// Whether all that is lost could be told.
    pub tells_all: bool,
}

/// The cases in the folder of a rule, by name; none where it has no `cases`. Snapshots are no cases.
///
/// # Errors
/// When the folder cannot be read.
pub fn cases(folder: &Path, rule: &RuleId) -> Result<Vec<Case>, CommandError> {
    let files = entries(&folder.join("cases"))?.into_iter();
    let cases = files.filter(|(name, _)| !name.ends_with(SNAPSHOT));
    Ok(cases
        .map(|(name, path)| Case {
            rule: rule.clone(),
            name,
            path,
        })
        .collect())
}

/// Snapshots in the folder of a rule that belong to no case.
pub(super) fn stray_snapshots(folder: &Path) -> Result<Vec<String>, CommandError> {
    let files = entries(&folder.join("cases"))?;
    let is_case = |name: &str| files.iter().any(|(known, _)| known == name);
    let stray = files.iter().filter(|(name, _)| {
        let case = name.strip_suffix(SNAPSHOT);
        case.is_some_and(|case| !is_case(case))
    });
    Ok(stray.map(|(name, _)| name.clone()).collect())
}

/// Names and paths of what lies in a folder, hidden files left out; nothing where there is no such folder.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, CommandError> {
    let failed = |error: io::Error| unreadable(folder, &error, "a rule keeps its cases there");
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut found: Vec<(String, PathBuf)> = paths
        .collect::<io::Result<Vec<PathBuf>>>()
        .map_err(failed)?
        .into_iter()
        .filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), path)))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    found.sort();
    Ok(found)
}

impl Case {
    /// What the case should show; none where its name does not say so.
    pub fn expected(&self) -> Option<Expected> {
        Expected::from_name(&self.name)
    }

    /// The file in which what the user sees of it is kept, if it is.
    pub(super) fn snapshot(&self) -> Option<PathBuf> {
        let mut name = self.path.clone().into_os_string();
        name.push(SNAPSHOT);
        Some(PathBuf::from(name)).filter(|path| is_file(path))
    }

    /// Judges the case by some rules: a policy document alone, a template, or a folder in the shape of a snapshot without
    /// the account level, which may hold a `bucketproof.toml` and an `intent.cedar`. Whatever has no account belongs to
    /// 111122223333, and it is the first of December 2026.
    ///
    /// # Errors
    /// When the case, its configuration or its intent cannot be read.
    pub fn run(&self, packs: &Packs) -> Result<CaseOutcome, CommandError> {
        let (outcome, _) = self.run_with(packs, &Texts::default())?;
        Ok(outcome)
    }

    /// Judges the case with other texts in the place of some of its files.
    fn run_with(&self, packs: &Packs, overlay: &Texts) -> Result<(CaseOutcome, Zone), CommandError> {
        let config = Config::parse(BESIDE_CONFIG, &self.beside(BESIDE_CONFIG)?.unwrap_or_default())?;
        let intent = self.beside(BESIDE_INTENT)?.map(|text| (BESIDE_INTENT.to_owned(), text));
        let intent = Intent::parse(intent.as_slice())?;
        let judged = self.judged(&config, overlay)?;
        let inventory = &judged.ingested.inventory;
        let evaluation = evaluate(packs, &intent, &config.settings(NOW), inventory, &judged.access)?;
        let zone = config.zone(inventory);
        Ok((CaseOutcome { evaluation, judged }, zone))
    }

    /// What `fix` does about what the case's rule finds in it.
    ///
    /// # Errors
    /// When the case cannot be read.
    pub fn fix(&self, packs: &Packs) -> Result<CaseFix, CommandError> {
        let again = |overlay: &Texts| {
            let (CaseOutcome { evaluation, judged }, zone) = self.run_with(packs, overlay)?;
            Ok(Round {
                judged,
                findings: evaluation.findings,
                zone,
            })
        };
        let first = again(&Texts::default())?;
        let findings = first.findings.iter().enumerate();
        let own = findings.filter(|(_, finding)| finding.status.counts() && finding.rule == self.rule);
        let own = own.map(|(place, _)| place).collect();
        let repaired = repair(&first, &own, &Options::at(NOW), &again)?;
        Ok(CaseFix {
            what: repaired.steps.iter().flat_map(|step| step.what.clone()).collect(),
            needs_input: repaired.steps.iter().any(|step| step.needs_input),
            advice: repaired.advice.into_values().collect(),
            diff: repaired.patch.diff(),
            tells_all: repaired.undecided.is_empty(),
            lost: repaired.lost.into_iter().map(|loss| loss.grant).collect(),
        })
    }

    /// A file of the case, where it is a folder that holds it.
    fn beside(&self, name: &str) -> Result<Option<String>, CommandError> {
        let path = self.path.join(name);
        match is_file(&path) {
            true => read_text(&path, "it belongs to a case").map(Some),
            false => Ok(None),
        }
    }

    fn judged(&self, config: &Config, overlay: &Texts) -> Result<Judged, CommandError> {
        if !is_file(&self.path) && !is_folder(&self.path) {
            return Err(CommandError::Unreadable {
                path: with_slashes(&self.path),
                problem: "it is a link or no file".into(),
                help: "put the file itself there",
            });
        }
        let owner = AccountId::from_number(OWNER);
        let request = Request {
            paths: vec![self.path.clone()],
            attach: self.attachment()?,
            deployment: Deployment {
                account: owner,
                ..Deployment::default()
            },
            overlay: overlay.clone(),
            ..Request::default()
        };
        let progress = Progress::new(0, false);
        let (mut ingested, mut faults) = read(discover(&request), &progress);
        if overlay.is_empty() {
            self.is_case(&ingested)?;
        }
        let inventory = &mut ingested.inventory;
        if let Some(owner) = owner {
            inventory.attribute(owner);
        }
        if inventory.accounts.is_empty() {
            inventory.accounts.push(Account {
                id: owner,
                public_access_block: Setting::unknown(UnknownReason::NotInInput, None),
                ..Account::default()
            });
        }
        let zone = config.zone(&ingested.inventory);
        let access = decide(&ingested.inventory, &zone, &Options::at(NOW), &progress, &mut faults);
        Ok(Judged::new(ingested, access, faults, NOW))
    }

    /// Refuses what holds nothing to judge, or could not be read.
    fn is_case(&self, ingested: &Ingested) -> Result<(), CommandError> {
        let is_none = |status| matches!(status, InputStatus::NotRecognised | InputStatus::Refused);
        if !ingested.inputs.is_empty() && !ingested.inputs.iter().any(|input| is_none(input.status)) {
            return Ok(());
        }
        let mut said = ingested.diagnostics.iter();
        let error = said.find(|diagnostic| diagnostic.severity == DiagnosticSeverity::Error);
        let nothing = || "there is no policy, template or snapshot in it".into();
        Err(CommandError::Unreadable {
            path: with_slashes(&self.path),
            problem: error.map_or_else(nothing, |diagnostic| diagnostic.message.clone()),
            help: "a case is a policy document, a template, or a folder in the shape of a snapshot",
        })
    }

    /// What a policy alone belongs to: one without resources is a trust policy. A template says so itself.
    fn attachment(&self) -> Result<Option<Attachment>, CommandError> {
        if self.path.extension().is_none_or(|extension| extension != "json") || !is_file(&self.path) {
            return Ok(None);
        }
        let text = read_text(&self.path, "it is a case of a rule")?;
        let has = |member: &str| text.contains(member);
        Ok(if has("\"Resources\"") || has("\"planned_values\"") {
            None
        } else if has("\"Resource\"") {
            Some(Attachment::BucketPolicy("b".into()))
        } else {
            Some(Attachment::TrustPolicy("case".into()))
        })
    }
}

/// Whether there is a file, and no link to one: a pack must not make us read or write what lies outside.
fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

impl CaseOutcome {
    /// What is wrong with it, in words.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn judge(&self, case: &Case) -> Result<(), String> {
        let Some(expected) = case.expected() else {
            return Err("a case is called `bad-…`, `good-…` or `unknown-…`".into());
        };
        let judged = expected.judge(&case.rule, self.told());
        judged.map_err(|problem| format!("expected {}, but {problem}", expected.as_str()))
    }

    /// Whether something could not be decided.
    pub fn cannot_decide(&self) -> bool {
        self.told().cannot_decide()
    }

    /// What the user sees of the rule, without colour.
    pub(super) fn shown(&self, case: &Case) -> Result<String, CommandError> {
        let findings = self.evaluation.findings.iter();
        let findings: Vec<_> = findings.filter(|finding| finding.rule == case.rule).cloned().collect();
        let mut report = self.judged.report(Vec::new(), &findings);
        report.diagnostics = &self.evaluation.diagnostics;
        let mut written = anstream::StripStream::new(Vec::new());
        let style = Style {
            width: 100,
            verbose: false,
        };
        write_scan(&report, Format::Pretty, style, &mut written).map_err(|error| CommandError::System {
            what: "writing a report",
            problem: in_words(&error),
        })?;
        let written = String::from_utf8_lossy(&written.into_inner()).into_owned();
        // The case is called by its name, wherever its pack is.
        let path = case.path.strip_prefix(".").unwrap_or(&case.path);
        let written = written.replace(&with_slashes(path), &case.name);
        Ok(report.placeholders.reveal(&written).into_owned())
    }

    fn told(&self) -> Told<'_> {
        Told {
            evaluation: &self.evaluation,
            access: &self.judged.access,
            inventory: &self.judged.ingested.inventory,
            sources: &self.judged.ingested.sources,
            now: NOW,
        }
    }
}

/// The point in time at which cases are judged: 2026-12-01T00:00:00Z.
const NOW: Timestamp = Timestamp(1_796_083_200_000);

/// The account that owns what a case gives no owner.
const OWNER: u64 = 111_122_223_333;

/// What the name of a snapshot ends with, behind the name of its case.
const SNAPSHOT: &str = ".snap";

const BESIDE_CONFIG: &str = "bucketproof.toml";
const BESIDE_INTENT: &str = "intent.cedar";
