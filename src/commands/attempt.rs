//! What to try next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::repair::Round;
use crate::finding::{Given, Matter};
use crate::fix::{ACCOUNT, Edit, LATER, Patch, Plan, State, Step, Tried, plan};
use crate::ingest::Texts;
use crate::source::{FileId, Sources, Span};

/// What was tried so far.
#[derive(Default)]
pub(super) struct Attempt {
    pub tried: Tried,
    /// Findings for which nothing is tried any more, with the reason.
    pub given_up: BTreeMap<usize, String>,
    /// Those of them that another edit was in the way of.
    pub waiting: BTreeSet<usize>,
    /// Why the last thing did not help.
    pub reasons: BTreeMap<usize, String>,
    /// Buckets whose policy stays public after the edit, so that S3's own word on it still fits.
    pub kept: BTreeSet<String>,
}

impl Attempt {
    /// The next thing to try, and what files become by it.
    pub fn plan(&mut self, first: &Round, chosen: &BTreeSet<usize>) -> (Vec<Step>, Patch) {
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
            if reason == LATER {
                self.waiting.insert(place);
            }
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
                self.waiting.insert(*place);
            }
        }
        for step in &mut steps {
            step.findings.retain(|place| !self.given_up.contains_key(place));
        }
        steps.retain(|step| !step.findings.is_empty());
        let patch = Patch::of(&steps, state.sources, &there);
        (steps, patch)
    }

    pub fn learn(&mut self, failed: BTreeMap<usize, String>, is_last: bool) {
        for (place, reason) in failed {
            *self.tried.entry(place).or_default() += 1;
            if is_last {
                self.given_up.insert(place, reason.clone());
            }
            self.reasons.insert(place, reason);
        }
    }
}

/// The texts of a patch as they are proved: for an account that somebody must fill in stands one that nobody has.
pub(super) fn overlay(patch: &Patch) -> Texts {
    let filled = |text: &str| text.replace(ACCOUNT, NO_ACCOUNT);
    let texts = patch
        .texts()
        .map(|(path, text)| (path.to_owned(), Arc::from(filled(text).as_bytes())));
    Arc::new(texts.collect())
}

/// Whether a patch has an account that somebody must fill in.
pub(super) fn lacks_account(patch: &Patch) -> bool {
    patch.texts().any(|(_, text)| text.contains(ACCOUNT))
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
pub(super) fn there(steps: &[Step], sources: &Sources) -> BTreeMap<String, String> {
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

/// An account that nobody has.
pub(super) const NO_ACCOUNT: &str = "000000000000";
