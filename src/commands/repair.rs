//! Plans edits, and goes round once more to prove what they do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::CommandError;
use super::attempt::{Attempt, lacks_account, overlay, there};
use super::beyond::beyond_in;
use super::judging::Judged;
use super::proof::{changed, contradicted, declared, failed, lost, spoilers, witnesses};
use crate::engine::{Options, Zone};
use crate::finding::{Finding, Fingerprint, Grant, Matter};
use crate::fix::{Patch, Step};
use crate::ingest::Texts;
use crate::report::Fix;

/// A state as it was read and judged by the rules.
pub(super) struct Round {
    pub judged: Judged,
    pub findings: Vec<Finding>,
    pub zone: Zone,
}

/// What reads and judges the input again, with other texts in the place of some files.
pub(super) type Again<'a> = &'a dyn Fn(&Texts) -> Result<Round, CommandError>;

/// What closes findings, and what it does besides.
#[derive(Default)]
pub(super) struct Repair {
    /// The steps that were proved, each with its edits.
    pub steps: Vec<Step>,
    /// The steps as one patch.
    pub patch: Patch,
    /// Findings that no edit closes, with the reason.
    pub advice: BTreeMap<usize, String>,
    /// The steps whose edits are of a text that earlier steps made, by place.
    is_staged: BTreeSet<usize>,
    /// Findings whose edits others were in the way of.
    waiting: BTreeSet<usize>,
    /// Access that is lost, by the ARN of the resource.
    pub lost: Vec<Loss>,
    /// The resources of which it cannot be decided what else is lost.
    pub undecided: BTreeSet<String>,
    /// What becomes of the witness of a finding, in words.
    pub witnesses: BTreeMap<usize, String>,
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
/// What does not hold is tried in another way, and in the end left out with the reason. What the edits lay open, such as
/// access that wider access hid, and what they were in the way of is closed after them.
///
/// # Errors
/// When the input cannot be read again.
pub(super) fn repair(
    first: &Round,
    chosen: &BTreeSet<usize>,
    options: &Options,
    again: Again<'_>,
) -> Result<Repair, CommandError> {
    let mut repair = Repair::default();
    let mut last = stage(first, chosen, options, again, &mut repair)?;
    for _ in 0..MOST_STAGES {
        let Some(round) = last.as_ref().filter(|_| !lacks_account(&repair.patch)) else {
            break;
        };
        let next = laid_open(first, round, chosen, &repair);
        if next.is_empty() {
            break;
        }
        let base = repair.patch.clone();
        let again = |more: &Texts| again(&merged(&overlay(&base), more));
        let mut later = Repair::default();
        let reached = stage(round, &next, options, &again, &mut later)?;
        if reached.is_none() {
            break;
        }
        repair.follow(later, (first, round, chosen));
        last = reached;
    }
    if let Some(round) = &last {
        let mut faults = Vec::new();
        let changed = changed(first, round);
        let states = (&round.judged.ingested, &first.judged.ingested);
        let beyond = beyond_in(
            states,
            &|arn| changed.contains(arn),
            (&first.zone, options),
            &mut faults,
        );
        let unclear = beyond.iter().filter(|access| !access.indeterminate.is_empty());
        repair.undecided = unclear.map(|access| access.resource.arn.clone()).collect();
        repair.undecided.extend(faults.into_iter().map(|fault| fault.message));
        repair.lost = lost(&beyond, first);
        let closed: BTreeSet<usize> = repair.steps.iter().flat_map(|step| step.findings.clone()).collect();
        repair.witnesses = witnesses(first, round, &closed, options);
    }
    Ok(repair)
}

/// Findings that an edit laid open or was in the way of, by their places in what was judged after it.
fn laid_open(first: &Round, round: &Round, chosen: &BTreeSet<usize>, repair: &Repair) -> BTreeSet<usize> {
    let known: BTreeSet<_> = first.findings.iter().map(|finding| &finding.fingerprint).collect();
    let counting = (0..)
        .zip(&first.findings)
        .filter(|(_, finding)| finding.status.counts());
    let are_all: bool = counting.map(|(place, _)| place).all(|place| chosen.contains(&place));
    let of = |places: &mut dyn Iterator<Item = &usize>| -> Vec<&Finding> {
        places.filter_map(|place| first.findings.get(*place)).collect()
    };
    let asked = of(&mut chosen.iter());
    let asked: BTreeSet<_> = asked
        .iter()
        .map(|finding| (&finding.rule, &*finding.resource))
        .collect();
    let waiting = of(&mut repair.waiting.iter());
    let waiting: BTreeSet<_> = waiting.iter().map(|finding| &finding.fingerprint).collect();
    let findings = round
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.status.counts());
    let open = findings.filter(|(_, finding)| {
        // What a setting needs besides; whether other access is meant is another question.
        let is_setting = matches!(finding.matter, Matter::Setting(_));
        let is_asked = are_all && is_setting || asked.contains(&(&finding.rule, &*finding.resource));
        let is_new = !known.contains(&finding.fingerprint) && is_asked;
        is_new || waiting.contains(&finding.fingerprint)
    });
    open.map(|(place, _)| place).collect()
}

/// One patch, and what the input is judged as after it; none where nothing could be proved.
fn stage(
    first: &Round,
    chosen: &BTreeSet<usize>,
    options: &Options,
    again: Again<'_>,
    repair: &mut Repair,
) -> Result<Option<Round>, CommandError> {
    let mut attempt = Attempt::default();
    // At the end what does not hold is left out, and the rest is proved without it.
    for is_last in (1..MOST_TRIES + MORE_PROOFS).map(|round| round >= MOST_TRIES) {
        let (steps, patch) = attempt.plan(first, chosen);
        if patch.is_empty() {
            repair.advice = attempt.given_up;
            return Ok(None);
        }
        let second = again(&overlay(&patch))?;
        let contradicted = contradicted(first, &second);
        let is_aligned = contradicted.is_empty();
        attempt.kept.extend(contradicted);
        let changed = changed(first, &second);
        let mut faults = Vec::new();
        let states = (&first.judged.ingested, &second.judged.ingested);
        let gained = beyond_in(
            states,
            &|arn| changed.contains(arn),
            (&second.zone, options),
            &mut faults,
        );
        let mut failed = failed(first, &second, &steps, &gained);
        let declared = declared(first);
        let is_at_risk = |arn: &str| changed.contains(arn) && declared.contains_key(arn);
        let lost = beyond_in((states.1, states.0), &is_at_risk, (&first.zone, options), &mut faults);
        let reason = "access that was declared intended would be lost by the edit";
        failed.extend(
            spoilers(first, &lost, &steps)
                .into_iter()
                .map(|place| (place, reason.to_owned())),
        );
        // What could not be compared is not proved.
        if let Some(fault) = faults.first() {
            let all = steps.iter().flat_map(|step| step.findings.clone());
            failed.extend(all.map(|place| (place, fault.message.clone())));
        }
        if failed.is_empty() && is_aligned {
            repair.steps = steps;
            repair.patch = patch;
            repair.waiting = attempt.waiting;
            repair.advice = attempt.given_up;
            return Ok(Some(second));
        }
        attempt.learn(failed, is_last);
    }
    let open = chosen.iter().filter(|place| !attempt.given_up.contains_key(place));
    let unproved: Vec<usize> = open.copied().collect();
    let reason = "together with other edits it could not be proved: fix it alone with `--only`";
    attempt
        .given_up
        .extend(unproved.into_iter().map(|place| (place, reason.into())));
    repair.advice = attempt.given_up;
    Ok(None)
}

/// Texts with others put in their place.
fn merged(base: &Texts, more: &Texts) -> Texts {
    let texts = base
        .iter()
        .chain(more.iter())
        .map(|(path, text)| (path.clone(), text.clone()));
    Arc::new(texts.collect())
}

impl Repair {
    /// Adds what was done on top, under the findings that it is closest to.
    fn follow(&mut self, later: Self, (first, round, chosen): (&Round, &Round, &BTreeSet<usize>)) {
        let place = |place: &usize| {
            let found = round.findings.get(*place)?;
            let of_it = |known: &&usize, same: &dyn Fn(&Finding) -> bool| first.findings.get(**known).is_some_and(same);
            let same = chosen
                .iter()
                .find(|known| of_it(known, &|finding| finding.fingerprint == found.fingerprint));
            let alike = |finding: &Finding| finding.rule == found.rule && finding.resource == found.resource;
            let near = || chosen.iter().find(|known| of_it(known, &alike));
            let beside = || {
                chosen
                    .iter()
                    .find(|known| of_it(known, &|finding| finding.resource == found.resource))
            };
            same.or_else(near).or_else(beside).copied()
        };
        for step in later.steps {
            let findings: BTreeSet<usize> = step.findings.iter().filter_map(place).collect();
            for place in &findings {
                self.advice.remove(place);
            }
            self.steps.push(Step { findings, ..step });
            self.is_staged.insert(self.steps.len() - 1);
        }
        self.patch.follow(later.patch);
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
        let all = repair.steps.iter().enumerate();
        let of_it: Vec<(usize, &Step)> = all.filter(|(_, step)| step.findings.contains(place)).collect();
        // An edit of what another edit made cannot be shown alone.
        if of_it.iter().any(|(place, _)| repair.is_staged.contains(place)) {
            continue;
        }
        let steps: Vec<Step> = of_it.into_iter().map(|(_, step)| step.clone()).collect();
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

/// How often something else is tried.
const MOST_TRIES: usize = 4;

/// How often what edits lay open is closed after them.
const MOST_STAGES: usize = 2;

/// How often the rest is proved once more, when nothing else is tried.
const MORE_PROOFS: usize = 3;
