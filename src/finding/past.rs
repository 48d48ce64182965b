use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, FindingStatus, Known, Matter};
use crate::source::{Placeholders, is_identified};

/// What was found before, with the resources there were.
#[derive(Clone, Debug, Default)]
pub struct Past {
    entries: Vec<Known>,
    resources: BTreeSet<String>,
}

/// What findings are about, by resource and rule.
type Matters<'k> = BTreeMap<(&'k str, &'k str), Vec<&'k Matter>>;

impl Past {
    /// What was found before in these resources; those with entries are among them.
    pub fn new(entries: Vec<Known>, resources: impl IntoIterator<Item = String>) -> Self {
        let with_entries = entries.iter().map(|entry| entry.resource.clone());
        let resources = with_entries.chain(resources).collect();
        Self { entries, resources }
    }

    /// Marks the findings that were there before, and returns the entries that do not fit any more.
    ///
    /// `now` are the ARNs of all resources there are. A resource whose name is not known before deployment may be called
    /// otherwise than before: all that is found in it was there before if all of it was in one that is gone.
    pub fn settle(&self, findings: &mut [Finding], now: &BTreeSet<&str>, names: &Placeholders) -> Vec<&Known> {
        let now: BTreeSet<String> = now.iter().map(|arn| names.identify(arn).into_owned()).collect();
        let found: Vec<Known> = findings.iter().map(|finding| Known::of(finding, names)).collect();
        let moved = self.moved(&found, &now);
        let renamed: Vec<Known> = moved.iter().flat_map(|(was, is)| self.entries_as(was, is)).collect();
        let then = matters(self.entries.iter().chain(&renamed));
        for (finding, known) in findings.iter_mut().zip(&found) {
            if finding.status.counts() && is_within(known, &then) {
                finding.status = FindingStatus::Baseline;
            }
        }
        let found = matters(&found);
        let is_found = |entry: &Known| moved.contains_key(&*entry.resource) || is_within(entry, &found);
        self.entries.iter().filter(|entry| !is_found(entry)).collect()
    }

    /// What resources that are gone became.
    fn moved(&self, found: &[Known], now: &BTreeSet<String>) -> BTreeMap<&str, String> {
        let gone = self.resources.iter().map(String::as_str);
        let mut gone: Vec<&str> = gone.filter(|arn| is_identified(arn) && !now.contains(*arn)).collect();
        let came: BTreeSet<&String> = found.iter().map(|known| &known.resource).collect();
        let came = came.into_iter();
        let mut moved = BTreeMap::new();
        for arn in came.filter(|arn| is_identified(arn) && !self.resources.contains(*arn)) {
            let same = gone.iter().position(|was| {
                let then = self.entries_as(was, arn);
                let then = matters(&then);
                let mut of_it = found.iter().filter(|known| known.resource == *arn);
                of_it.all(|known| is_within(known, &then))
            });
            moved.extend(same.map(|place| (gone.swap_remove(place), arn.clone())));
        }
        moved
    }

    fn entries_as(&self, was: &str, is: &str) -> Vec<Known> {
        let of_it = self.entries.iter().filter(|entry| entry.resource == was);
        of_it.map(|entry| entry.renamed(is)).collect()
    }
}

fn matters<'k>(known: impl IntoIterator<Item = &'k Known>) -> Matters<'k> {
    let mut matters = Matters::new();
    for known in known {
        let of_it = matters.entry((&known.resource, &known.rule)).or_default();
        of_it.push(&known.about);
    }
    matters
}

/// Whether those about the same rule and resource together hold all that one says.
fn is_within(known: &Known, others: &Matters<'_>) -> bool {
    let beside = others.get(&(&*known.resource, &*known.rule));
    known.about.is_within(beside.map(Vec::as_slice).unwrap_or_default())
}
