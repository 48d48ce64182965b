//! Plans edits, and goes round once more to prove what they do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::CommandError;
use super::beyond::beyond;
use super::judging::Judged;
use crate::engine::{Estate, NewAccess, NewGrant, Options, Verdict, Zone, decide_bucket, decide_role};
use crate::finding::{Finding, FindingStatus, Fingerprint, Grant, Matter, Request, ResourceAccess, ResourceKind};
use crate::fix::{Edit, Patch, Plan, State, Step, Tried, plan};
use crate::ingest::{Ingested, Texts};
use crate::report::{Fix, step_in_words};
use crate::source::{Diagnostic, DiagnosticSeverity, Sources, Span};

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
    let mut tried = Tried::new();
    let mut given_up: BTreeMap<usize, String> = BTreeMap::new();
    // Buckets of which S3's own word on the policy no longer fits.
    let mut outdated: BTreeSet<String> = BTreeSet::new();
    let mut reasons: BTreeMap<usize, String> = BTreeMap::new();
    for round in 0..=MOST_TRIES {
        let open: BTreeSet<usize> = chosen
            .iter()
            .filter(|place| !given_up.contains_key(place))
            .copied()
            .collect();
        let state = State {
            inventory: &first.judged.ingested.inventory,
            access: &first.judged.access,
            zone: &first.zone,
            sources: &first.judged.ingested.sources,
        };
        let Plan { mut steps, mut advice } = plan(state, &first.findings, &open, &tried);
        for (place, reason) in &mut advice {
            // Why the last thing that was tried did not do says more.
            if let Some(last) = reasons.get(place) {
                reason.clone_from(last);
            }
        }
        align(&first.judged.ingested, &mut steps, &outdated);
        let there = there(&steps, state.sources);
        let mut patch = Patch::of(&steps, state.sources, &there);
        if !patch.conflicts.is_empty() {
            let places = steps
                .iter()
                .enumerate()
                .filter(|(place, _)| patch.conflicts.contains(place));
            for place in places.flat_map(|(_, step)| step.findings.clone()) {
                given_up.insert(
                    place,
                    "another edit writes to the same place: fix again after it".into(),
                );
            }
            drop_steps(&mut steps, &given_up);
            patch = Patch::of(&steps, state.sources, &there);
        }
        if patch.is_empty() {
            given_up.extend(advice);
            return Ok(nothing(steps, patch, given_up));
        }
        let texts = patch
            .texts()
            .map(|(path, text)| (path.to_owned(), Arc::from(text.as_bytes())));
        let overlay: Texts = Arc::new(texts.collect());
        let second = again(&overlay)?;
        let mut faults = Vec::new();
        let states = (&first.judged.ingested, &second.judged.ingested);
        let gained = beyond(states, &second.zone, options, &mut faults);
        let contradicted = contradicted(first, &second);
        let is_aligned = !contradicted.iter().any(|arn| outdated.insert(arn.clone()));
        let failed = failed(first, &second, &steps, &gained);
        if failed.is_empty() && is_aligned {
            given_up.extend(advice);
            let beyond = beyond((states.1, states.0), &first.zone, options, &mut faults);
            let unclear = beyond.iter().filter(|access| !access.indeterminate.is_empty());
            let undecided = unclear.map(|access| access.resource.arn.clone()).collect();
            let lost = lost(&beyond, first);
            let closed: BTreeSet<usize> = steps.iter().flat_map(|step| step.findings.clone()).collect();
            let refused = refused(first, &second, &closed, options);
            return Ok(Repair {
                steps,
                patch,
                advice: given_up,
                lost,
                undecided,
                refused,
            });
        }
        for (place, reason) in failed {
            *tried.entry(place).or_default() += 1;
            if round + 2 > MOST_TRIES {
                given_up.insert(place, reason.clone());
            }
            reasons.insert(place, reason);
        }
    }
    Ok(nothing(Vec::new(), Patch::default(), given_up))
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

/// Leaves out what was for findings that nothing helps.
fn drop_steps(steps: &mut Vec<Step>, given_up: &BTreeMap<usize, String>) {
    for step in steps.iter_mut() {
        step.findings.retain(|place| !given_up.contains_key(place));
    }
    steps.retain(|step| !step.findings.is_empty());
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
    let left: Vec<&Finding> = second.findings.iter().filter(counts).collect();
    let mut failed = BTreeMap::new();
    let broken = broken(&first.judged.diagnostics, &second.judged);
    for (step, place) in steps
        .iter()
        .flat_map(|step| step.findings.iter().map(move |place| (step, *place)))
    {
        let Some(finding) = first.findings.get(place) else {
            continue;
        };
        let of_it = || left.iter().filter(|other| other.resource == finding.resource);
        let still = of_it().any(|other| {
            other.fingerprint == finding.fingerprint
                || other.rule == finding.rule && !known.contains(&other.fingerprint)
        });
        let new = of_it().find(|other| {
            // Access that is left was there before, whatever a rule says of it now.
            let is_rest = matches!(other.matter, Matter::Access(_)) && !other.rule.as_str().contains('/');
            let is_access = matches!(other.matter, Matter::Access(_));
            let is_new = !known.contains(&other.fingerprint);
            is_access && is_new && !is_rest && other.severity <= finding.severity
        });
        // An object whose ACL gives nothing is no longer told of.
        let is_told = |access: &ResourceAccess| {
            access.resource.arn == finding.resource && access.resource.kind != ResourceKind::Object
        };
        let is_gone = !second.judged.access.iter().any(is_told) && first.judged.access.iter().any(is_told);
        let gains = gained.iter().any(|access| {
            access.resource.arn == finding.resource && !(access.grants.is_empty() && access.indeterminate.is_empty())
        });
        let sources = &first.judged.ingested.sources;
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

/// The buckets of which S3's word on the policy no longer fits the edited policy.
fn contradicted(first: &Round, second: &Round) -> BTreeSet<String> {
    let before: BTreeSet<_> = first.findings.iter().map(|finding| &finding.fingerprint).collect();
    let new = second.findings.iter().filter(|finding| is_of_status(finding));
    new.filter(|finding| !before.contains(&finding.fingerprint))
        .map(|finding| finding.resource.clone())
        .collect()
}

/// Lets a snapshot say of an edited policy what S3 will say of it.
fn align(ingested: &Ingested, steps: &mut [Step], outdated: &BTreeSet<String>) {
    for bucket in ingested
        .inventory
        .buckets
        .iter()
        .filter(|bucket| outdated.contains(&bucket.arn()))
    {
        let (Some(span), Some(policy)) = (bucket.policy_status.span(), bucket.policy.span()) else {
            continue;
        };
        let Some(file) = ingested.sources.file(span.file) else {
            continue;
        };
        let Some(at) = file.slice(span).find("true") else {
            continue;
        };
        let start = span.start as usize + at;
        let edit = Edit {
            span: Span::new(span.file, start, start + "true".len()),
            text: "false".into(),
        };
        let on_policy = |step: &&mut Step| step.edits.iter().any(|edit| edit.span.file == policy.file);
        for step in steps.iter_mut().filter(|step| on_policy(step)) {
            step.edits.push(edit.clone());
        }
    }
}

/// The texts of files that steps write anew though they are there.
fn there(steps: &[Step], sources: &Sources) -> BTreeMap<String, String> {
    let added = steps.iter().flat_map(|step| &step.added).map(|(path, _)| path);
    let known = added.filter(|path| sources.iter().any(|(_, file)| file.path() == *path));
    known
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

/// What is lost, each grantee of each resource once.
fn lost(beyond: &[NewAccess], first: &Round) -> Vec<Loss> {
    let mut lost: Vec<Loss> = Vec::new();
    for access in beyond {
        for NewGrant { grant, .. } in &access.grants {
            lost.push(Loss {
                resource: access.resource.arn.clone(),
                grant: grant.clone(),
                is_legitimate: !grant.outside_zone || is_declared(first, &access.resource.arn, grant),
            });
        }
    }
    lost
}

/// Whether somebody declared the access intended.
fn is_declared(first: &Round, resource: &str, grant: &Grant) -> bool {
    first.findings.iter().any(|finding| {
        let intended = matches!(finding.status, FindingStatus::Intended(_));
        let own = first
            .judged
            .access
            .iter()
            .find(|access| access.resource.arn == resource);
        let of = own.and_then(|access| access.grants.get(finding.grant?));
        intended && finding.resource == resource && of.is_some_and(|known| known.grantee == grant.grantee)
    })
}

/// By what the witness of each finding is refused after the edits.
fn refused(first: &Round, second: &Round, closed: &BTreeSet<usize>, options: &Options) -> BTreeMap<usize, String> {
    let estate = Estate::new(&second.judged.ingested.inventory);
    let findings = closed
        .iter()
        .filter_map(|place| Some((*place, first.findings.get(*place)?)));
    findings
        .filter_map(|(place, finding)| {
            let witness = finding.witness.as_ref()?;
            Some((place, refusal(second, &estate, finding, witness, options)?))
        })
        .collect()
}

fn refusal(
    second: &Round,
    estate: &Estate<'_>,
    finding: &Finding,
    witness: &Request,
    options: &Options,
) -> Option<String> {
    let inventory = &second.judged.ingested.inventory;
    let bucket = inventory.buckets.iter().find(|bucket| {
        let arn = bucket.arn();
        let at_point = || {
            let points = inventory
                .access_points
                .iter()
                .filter(|point| point.bucket == bucket.name);
            points
                .into_iter()
                .any(|point| finding.resource.ends_with(&format!("accesspoint/{}", point.name)))
        };
        finding.resource == arn || finding.resource.starts_with(&format!("{arn}/")) || at_point()
    });
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

/// How often something else is tried.
const MOST_TRIES: usize = 5;
