//! Plans edits, and goes round once more to prove what they do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::CommandError;
use super::beyond::beyond_in;
use super::judging::Judged;
use crate::engine::{Estate, NewAccess, NewGrant, Options, Verdict, Zone, decide_bucket, decide_role};
use crate::finding::{Finding, FindingStatus, Fingerprint, Given, Grant, Grantee, Matter, Request, ResourceKind};
use crate::fix::{Edit, Patch, Plan, State, Step, Tried, plan};
use crate::ingest::Texts;
use crate::model::Bucket;
use crate::report::{Fix, step_in_words};
use crate::source::{Diagnostic, DiagnosticSeverity, FileId, Sources, Span};

/// A state as it was read and judged by the rules.
pub(super) struct Round {
    pub judged: Judged,
    pub findings: Vec<Finding>,
    pub zone: Zone,
}

/// What reads and judges the input again, with other texts in the place of some files.
pub(super) type Again<'a> = &'a dyn Fn(&Texts) -> Result<Round, CommandError>;

/// What closes findings, and what it does besides.
pub(super) struct Repair {
    /// The steps that were proved, each with its edits.
    pub steps: Vec<Step>,
    /// The steps as one patch.
    pub patch: Patch,
    /// Findings that no edit closes, with the reason.
    pub advice: BTreeMap<usize, String>,
    /// Access that is lost, by the ARN of the resource.
    pub lost: Vec<Loss>,
    /// The resources of which it cannot be decided what else is lost.
    pub undecided: BTreeSet<String>,
    /// Why the witness of a finding is refused now.
    pub refused: BTreeMap<usize, String>,
}

/// Access that an edit takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    pub resource: String,
    pub grant: Grant,
    /// Whether nobody called it unintended: it is of our own accounts, or declared.
    pub is_legitimate: bool,
}

/// Plans edits for findings and proves them: the findings are gone, nobody gains access.
///
/// What does not hold is tried in another way, and in the end left out with the reason.
///
/// # Errors
/// When the input cannot be read again.
pub(super) fn repair(
    first: &Round,
    chosen: &BTreeSet<usize>,
    options: &Options,
    again: Again<'_>,
) -> Result<Repair, CommandError> {
    let mut attempt = Attempt::default();
    // At the end what does not hold is left out, and the rest is proved without it.
    for is_last in (1..MOST_TRIES + MORE_PROOFS).map(|round| round >= MOST_TRIES) {
        let (steps, patch) = attempt.plan(first, chosen);
        if patch.is_empty() {
            return Ok(nothing(steps, patch, attempt.given_up));
        }
        let second = again(&overlay(&patch))?;
        let contradicted = contradicted(first, &second);
        let is_aligned = contradicted.is_empty();
        attempt.kept.extend(contradicted);
        let states = (&first.judged.ingested, &second.judged.ingested);
        let changed = changed(first, &second);
        let is_asked = |arn: &str| changed.contains(arn);
        let mut faults = Vec::new();
        let gained = beyond_in(states, &is_asked, (&second.zone, options), &mut faults);
        let failed = failed(first, &second, &steps, &gained);
        if failed.is_empty() && is_aligned {
            let beyond = beyond_in((states.1, states.0), &is_asked, (&first.zone, options), &mut faults);
            let unclear = beyond.iter().filter(|access| !access.indeterminate.is_empty());
            let closed: BTreeSet<usize> = steps.iter().flat_map(|step| step.findings.clone()).collect();
            return Ok(Repair {
                refused: refused(first, &second, &closed, options),
                undecided: unclear.map(|access| access.resource.arn.clone()).collect(),
                lost: lost(&beyond, first),
                steps,
                patch,
                advice: attempt.given_up,
            });
        }
        attempt.learn(failed, is_last);
    }
    let open = chosen.iter().filter(|place| !attempt.given_up.contains_key(place));
    let unproved: Vec<usize> = open.copied().collect();
    let reason = "together with other edits it could not be proved: fix it alone with `--only`";
    attempt
        .given_up
        .extend(unproved.into_iter().map(|place| (place, reason.into())));
    Ok(nothing(Vec::new(), Patch::default(), attempt.given_up))
}

/// What was tried so far.
#[derive(Default)]
struct Attempt {
    tried: Tried,
    /// Findings for which nothing is tried any more, with the reason.
    given_up: BTreeMap<usize, String>,
    /// Why the last thing did not help.
    reasons: BTreeMap<usize, String>,
    /// Buckets whose policy stays public after the edit, so that S3's own word on it still fits.
    kept: BTreeSet<String>,
}

impl Attempt {
    /// The next thing to try, and what files become by it.
    fn plan(&mut self, first: &Round, chosen: &BTreeSet<usize>) -> (Vec<Step>, Patch) {
        let open = chosen.iter().filter(|place| !self.given_up.contains_key(place));
        let state = State {
            inventory: &first.judged.ingested.inventory,
            access: &first.judged.access,
            zone: &first.zone,
            sources: &first.judged.ingested.sources,
        };
        let Plan { mut steps, advice } = plan(state, &first.findings, &open.copied().collect(), &self.tried);
        for (place, reason) in advice {
            // Why the last thing that was tried did not do says more.
            let reason = self.reasons.get(&place).cloned().unwrap_or(reason);
            self.given_up.insert(place, reason);
        }
        align(first, &mut steps, &self.kept);
        let there = there(&steps, state.sources);
        let patch = Patch::of(&steps, state.sources, &there);
        if patch.conflicts.is_empty() {
            return (steps, patch);
        }
        for (_, step) in steps
            .iter()
            .enumerate()
            .filter(|(place, _)| patch.conflicts.contains(place))
        {
            for place in &step.findings {
                let reason = "another edit writes to the same place: fix again after it";
                self.given_up.insert(*place, reason.into());
            }
        }
        for step in &mut steps {
            step.findings.retain(|place| !self.given_up.contains_key(place));
        }
        steps.retain(|step| !step.findings.is_empty());
        let patch = Patch::of(&steps, state.sources, &there);
        (steps, patch)
    }

    fn learn(&mut self, failed: BTreeMap<usize, String>, is_last: bool) {
        for (place, reason) in failed {
            *self.tried.entry(place).or_default() += 1;
            if is_last {
                self.given_up.insert(place, reason.clone());
            }
            self.reasons.insert(place, reason);
        }
    }
}

fn overlay(patch: &Patch) -> Texts {
    let texts = patch
        .texts()
        .map(|(path, text)| (path.to_owned(), Arc::from(text.as_bytes())));
    Arc::new(texts.collect())
}

/// The ARNs of resources whose grants are not what they were, wherever these are written.
fn changed(first: &Round, second: &Round) -> BTreeSet<String> {
    let mut grants: BTreeMap<&str, [Vec<Grant>; 2]> = BTreeMap::new();
    for (side, round) in [first, second].into_iter().enumerate() {
        for access in &round.judged.access {
            let of_arn = grants.entry(&access.resource.arn).or_default();
            let told = access.grants.iter().map(|grant| Grant {
                sources: Vec::new(),
                assumed: Vec::new(),
                ..grant.clone()
            });
            if let Some(of_side) = of_arn.get_mut(side) {
                of_side.extend(told);
            }
        }
    }
    let differ = grants.into_iter().filter(|(_, [before, after])| before != after);
    // An object or an access point is decided with its bucket.
    differ.flat_map(|(arn, _)| owners(arn, first)).collect()
}

fn nothing(steps: Vec<Step>, patch: Patch, advice: BTreeMap<usize, String>) -> Repair {
    Repair {
        steps,
        patch,
        advice,
        lost: Vec::new(),
        undecided: BTreeSet::new(),
        refused: BTreeMap::new(),
    }
}

/// The proved edits as reports show them, by finding.
pub(super) fn shown(first: &Round, repair: &Repair) -> BTreeMap<Fingerprint, Fix> {
    let sources = &first.judged.ingested.sources;
    let mut fixes = BTreeMap::new();
    for place in repair.steps.iter().flat_map(|step| &step.findings) {
        let Some(finding) = first.findings.get(*place) else {
            continue;
        };
        let of_it = repair.steps.iter().filter(|step| step.findings.contains(place));
        let steps: Vec<Step> = of_it.cloned().collect();
        let fix = Fix {
            what: steps.iter().flat_map(|step| step.what.clone()).collect(),
            needs_input: steps.iter().any(|step| step.needs_input),
            edits: steps
                .iter()
                .flat_map(|step| &step.edits)
                .map(|edit| (edit.span, edit.text.clone()))
                .collect(),
            diff: Patch::of(&steps, sources, &there(&steps, sources)).diff(),
        };
        fixes.insert(finding.fingerprint.clone(), fix);
    }
    fixes
}

/// The findings whose steps do not do what they should, with the reason.
fn failed(first: &Round, second: &Round, steps: &[Step], gained: &[NewAccess]) -> BTreeMap<usize, String> {
    let counts = |finding: &&Finding| finding.status.counts();
    let known: BTreeSet<_> = first
        .findings
        .iter()
        .filter(counts)
        .map(|finding| &finding.fingerprint)
        .collect();
    let subjects: BTreeSet<_> = first.findings.iter().filter(counts).map(subject).collect();
    let left = by_resource(second);
    let (told_before, told_after) = (told(first), told(second));
    let gaining: BTreeSet<&str> = gained
        .iter()
        .filter(|access| !(access.grants.is_empty() && access.indeterminate.is_empty()))
        .map(|access| &*access.resource.arn)
        .collect();
    let mut failed = BTreeMap::new();
    let broken = broken(&first.judged.diagnostics, &second.judged);
    let sources = &first.judged.ingested.sources;
    let pairs = steps
        .iter()
        .flat_map(|step| step.findings.iter().map(move |place| (step, *place)));
    for (step, place) in pairs {
        let Some(finding) = first.findings.get(place) else {
            continue;
        };
        let arn = &*finding.resource;
        let of_it = || left.get(arn).into_iter().flatten();
        let still = of_it().any(|other| {
            let is_changed = !known.contains(&other.fingerprint) && subject(other) == subject(finding);
            other.fingerprint == finding.fingerprint || is_changed
        });
        let new = of_it().find(|other| {
            // Access that is left was there before, whatever a rule says of it now.
            let is_rest = matches!(other.matter, Matter::Access(_)) && !other.rule.as_str().contains('/');
            let is_access = matches!(other.matter, Matter::Access(_));
            let is_new = !known.contains(&other.fingerprint) && !subjects.contains(&subject(other));
            is_access && is_new && !is_rest && other.severity <= finding.severity
        });
        let is_gone = told_before.contains(arn) && !told_after.contains(arn);
        let gains = gaining.contains(arn);
        let in_broken = || {
            let mut paths = step.edits.iter().map(|edit| sources.path(edit.span));
            paths.any(|path| broken.iter().any(|broken| *broken == path || broken.is_empty()))
        };
        let reason = if !broken.is_empty() && in_broken() {
            "the edited text could not be read again".to_owned()
        } else if is_gone {
            "the edited text no longer declares the resource".to_owned()
        } else if still {
            "it is still found after the edit".to_owned()
        } else if gains {
            "somebody would gain access by the edit".to_owned()
        } else if let Some(new) = new {
            format!("the edit would bring up {}: {}", new.rule, new.message)
        } else {
            continue;
        };
        failed.insert(place, reason);
    }
    failed
}

/// Whether a finding is about what S3 itself said of a policy.
fn is_of_status(finding: &Finding) -> bool {
    matches!(&finding.matter, Matter::Setting(path) if path.contains("policy_status"))
}

/// The buckets of which S3's word on the policy does not fit the edited policy.
fn contradicted(first: &Round, second: &Round) -> BTreeSet<String> {
    let before: BTreeSet<_> = first.findings.iter().map(|finding| &finding.fingerprint).collect();
    let new = second.findings.iter().filter(|finding| is_of_status(finding));
    new.filter(|finding| !before.contains(&finding.fingerprint))
        .map(|finding| finding.resource.clone())
        .collect()
}

/// Lets a snapshot say of an edited policy what S3 will say of it: that it is not public.
fn align(first: &Round, steps: &mut [Step], kept: &BTreeSet<String>) {
    let ingested = &first.judged.ingested;
    let mut words: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    let public = ingested.inventory.buckets.iter().filter(|bucket| {
        let says_so = bucket.policy_status.value() == Some(&true);
        says_so && !kept.contains(&bucket.arn())
    });
    for (status, policy) in public.filter_map(|bucket| bucket.policy_status.span().zip(bucket.policy.span())) {
        let written = ingested.sources.file(status.file).map(|file| file.slice(status));
        let Some(at) = written.and_then(|written| written.find("true")) else {
            continue;
        };
        let start = status.start as usize + at;
        words.entry(policy.file).or_default().push(Edit {
            span: Span::new(status.file, start, start + "true".len()),
            text: "false".into(),
        });
    }
    let opens = |place: &usize| {
        let finding = first.findings.get(*place);
        let kind = |given: &Given| matches!(&*given.grantee.0, "anonymous" | "any-aws-account" | "service");
        finding.is_some_and(|finding| matches!(&finding.matter, Matter::Access(given) if kind(given)))
    };
    for step in steps.iter_mut().filter(|step| step.findings.iter().any(opens)) {
        let files: BTreeSet<FileId> = step.edits.iter().map(|edit| edit.span.file).collect();
        let of_files = files.iter().filter_map(|file| words.get(file));
        // A file of many buckets does not tell whose policy it is.
        let alone = of_files.filter(|edits| edits.len() == 1).flatten();
        step.edits.extend(alone.cloned());
    }
}

/// The texts of files that steps write anew though they are there.
fn there(steps: &[Step], sources: &Sources) -> BTreeMap<String, String> {
    let added: BTreeSet<&String> = steps
        .iter()
        .flat_map(|step| &step.added)
        .map(|(path, _)| path)
        .collect();
    if added.is_empty() {
        return BTreeMap::new();
    }
    let known: BTreeSet<&str> = sources.iter().map(|(_, file)| file.path()).collect();
    added
        .into_iter()
        .filter(|path| known.contains(path.as_str()))
        .filter_map(|path| Some((path.clone(), std::fs::read_to_string(path).ok()?)))
        .collect()
}

/// Files with errors that were not there before; an empty path where the error has none.
fn broken(before: &[Diagnostic], second: &Judged) -> BTreeSet<String> {
    let after = &second.diagnostics;
    let is_error = |found: &&Diagnostic| found.severity == DiagnosticSeverity::Error;
    let count = |all: &[Diagnostic], code: &str| all.iter().filter(is_error).filter(|found| found.code == code).count();
    let new = after
        .iter()
        .filter(is_error)
        .filter(|found| count(after, found.code) > count(before, found.code));
    let path = |found: &Diagnostic| match found.span {
        Some(span) => second.ingested.sources.path(span).to_owned(),
        None => found.path.clone().unwrap_or_default(),
    };
    new.map(path).collect()
}

/// What is lost.
fn lost(beyond: &[NewAccess], first: &Round) -> Vec<Loss> {
    let declared = declared(first);
    let mut lost: Vec<Loss> = Vec::new();
    for access in beyond {
        let arn = &access.resource.arn;
        for NewGrant { grant, .. } in &access.grants {
            let of_it = declared.get(arn.as_str()).into_iter().flatten();
            lost.push(Loss {
                resource: arn.clone(),
                grant: grant.clone(),
                is_legitimate: !grant.outside_zone || of_it.clone().any(|grantee| **grantee == grant.grantee),
            });
        }
    }
    lost
}

/// The grantees of whom somebody declared the access intended, by resource.
fn declared(first: &Round) -> BTreeMap<&str, Vec<&Grantee>> {
    let access = first.judged.access.iter();
    let access: BTreeMap<&str, _> = access.map(|access| (&*access.resource.arn, access)).collect();
    let mut declared: BTreeMap<&str, Vec<&Grantee>> = BTreeMap::new();
    let intended = |finding: &&Finding| matches!(finding.status, FindingStatus::Intended(_));
    for finding in first.findings.iter().filter(intended) {
        let of_it = access.get(&*finding.resource);
        let grant = of_it.and_then(|access| access.grants.get(finding.grant?));
        let grantees = declared.entry(&finding.resource).or_default();
        grantees.extend(grant.map(|grant| &grant.grantee));
    }
    declared
}

/// By what the witness of each finding is refused after the edits.
fn refused(first: &Round, second: &Round, closed: &BTreeSet<usize>, options: &Options) -> BTreeMap<usize, String> {
    let inventory = &second.judged.ingested.inventory;
    let estate = Estate::new(inventory);
    let buckets = inventory.buckets.iter();
    let buckets: BTreeMap<String, &Bucket> = buckets.map(|bucket| (bucket.arn(), bucket)).collect();
    let findings = closed
        .iter()
        .filter_map(|place| Some((*place, first.findings.get(*place)?)));
    findings
        .filter_map(|(place, finding)| {
            let witness = finding.witness.as_ref()?;
            Some((
                place,
                refusal(second, (&estate, &buckets), finding, (witness, options))?,
            ))
        })
        .collect()
}

fn refusal(
    second: &Round,
    (estate, buckets): (&Estate<'_>, &BTreeMap<String, &Bucket>),
    finding: &Finding,
    (witness, options): (&Request, &Options),
) -> Option<String> {
    let inventory = &second.judged.ingested.inventory;
    let bucket = owners(&finding.resource, second)
        .into_iter()
        .find_map(|arn| buckets.get(&arn));
    let decision = match bucket {
        Some(bucket) => decide_bucket(witness, &estate.bucket(bucket), options),
        None => {
            let role = inventory.roles.iter().find(|role| role.arn() == finding.resource)?;
            decide_role(witness, &estate.role(role), options)
        }
    };
    let step = decision.deciding().filter(|_| decision.verdict == Verdict::Denied)?;
    Some(step_in_words(step, &second.judged.ingested.sources))
}

/// What a finding is about, whatever the conditions.
fn subject(finding: &Finding) -> (&str, &str, &str, &str) {
    let (kind, id) = match &finding.matter {
        Matter::Setting(path) => (path.as_str(), ""),
        Matter::Access(given) => (given.grantee.0.as_str(), given.grantee.1.as_deref().unwrap_or_default()),
    };
    (finding.rule.as_str(), &finding.resource, kind, id)
}

/// Findings that count, by resource.
fn by_resource(round: &Round) -> BTreeMap<&str, Vec<&Finding>> {
    let mut all: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in round.findings.iter().filter(|finding| finding.status.counts()) {
        all.entry(&finding.resource).or_default().push(finding);
    }
    all
}

/// The ARNs of resources that are told of; an object whose ACL gives nothing is not.
fn told(round: &Round) -> BTreeSet<&str> {
    let access = round.judged.access.iter();
    let lasting = access.filter(|access| access.resource.kind != ResourceKind::Object);
    lasting.map(|access| &*access.resource.arn).collect()
}

/// The ARN of a resource, and that of the bucket that it is decided with.
fn owners(arn: &str, round: &Round) -> Vec<String> {
    let inventory = &round.judged.ingested.inventory;
    let bucket = match arn.split_once(":accesspoint/") {
        Some((_, point)) => {
            let points = inventory.access_points.iter().filter(|known| *known.name == *point);
            let named: BTreeSet<&str> = points.map(|point| &*point.bucket).collect();
            let buckets = inventory.buckets.iter().filter(|bucket| named.contains(&*bucket.name));
            buckets.map(Bucket::arn).collect()
        }
        None => arn
            .split_once('/')
            .filter(|_| arn.contains(":s3:::"))
            .map(|(bucket, _)| bucket.to_owned())
            .into_iter()
            .collect::<Vec<_>>(),
    };
    bucket.into_iter().chain([arn.to_owned()]).collect()
}

/// How often something else is tried.
const MOST_TRIES: usize = 4;

/// How often the rest is proved once more, when nothing else is tried.
const MORE_PROOFS: usize = 3;
