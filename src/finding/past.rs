use std::collections::{BTreeMap, BTreeSet};

use super::{Known, KnownResource, Matter};

/// What was found before, with the resources there were.
#[derive(Clone, Debug, Default)]
pub struct Past {
    entries: Vec<Known>,
    resources: BTreeSet<KnownResource>,
}

/// What findings are about, by resource and rule.
type Matters<'k> = BTreeMap<(&'k KnownResource, &'k str), Vec<&'k Matter>>;

impl Past {
    /// What was found before in these resources; those with entries are among them.
    pub fn new(entries: Vec<Known>, resources: impl IntoIterator<Item = KnownResource>) -> Self {
        let with_entries = entries.iter().map(|entry| entry.resource.clone());
        let resources = with_entries.chain(resources).collect();
        Self { entries, resources }
    }

    /// Which findings were there before, and the entries that do not fit any more.
    ///
    /// `found` are the findings as they are known, `now` all resources there are. A resource whose name is not known before
    /// deployment may be called otherwise than before: all that is found in it was there before if all of it was in one
    /// that is gone.
    pub fn settle(&self, found: &[Known], now: &BTreeSet<KnownResource>) -> (Vec<bool>, Vec<&Known>) {
        let moved = self.moved(found, now);
        let renamed: Vec<Known> = moved.iter().flat_map(|(was, is)| self.entries_as(was, is)).collect();
        let then = matters(self.entries.iter().chain(&renamed));
        let known = found.iter().map(|known| is_within(known, &then)).collect();
        let found = matters(found);
        let is_found = |entry: &Known| moved.contains_key(&entry.resource) || is_within(entry, &found);
        (known, self.entries.iter().filter(|entry| !is_found(entry)).collect())
    }

    /// What resources that are gone became.
    fn moved(&self, found: &[Known], now: &BTreeSet<KnownResource>) -> BTreeMap<&KnownResource, KnownResource> {
        let is_gone = |one: &&KnownResource| one.is_unnamed() && !now.contains(*one);
        let mut gone: Vec<&KnownResource> = self.resources.iter().filter(is_gone).collect();
        let mut came: BTreeMap<&KnownResource, Vec<&Known>> = BTreeMap::new();
        for known in found {
            let is_new = known.resource.is_unnamed() && !self.resources.contains(&known.resource);
            if is_new {
                came.entry(&known.resource).or_default().push(known);
            }
        }
        let mut moved = BTreeMap::new();
        for (is, of_it) in came {
            let same = gone.iter().position(|was| {
                let then = self.entries_as(was, is);
                let then = matters(&then);
                of_it.iter().all(|known| is_within(known, &then))
            });
            moved.extend(same.map(|place| (gone.swap_remove(place), is.clone())));
        }
        moved
    }

    fn entries_as(&self, was: &KnownResource, is: &KnownResource) -> Vec<Known> {
        let of_it = self.entries.iter().filter(|entry| entry.resource == *was);
        of_it.map(|entry| entry.renamed(is)).collect()
    }
}

fn matters<'k>(known: impl IntoIterator<Item = &'k Known>) -> Matters<'k> {
    let mut matters = Matters::new();
    for known in known {
        let of_it = matters.entry((&known.resource, known.rule.as_str())).or_default();
        of_it.push(&known.about);
    }
    matters
}

/// Whether those about the same rule and resource together hold all that one says.
fn is_within(known: &Known, others: &Matters<'_>) -> bool {
    let beside = others.get(&(&known.resource, &*known.rule));
    known.about.is_within(beside.map(Vec::as_slice).unwrap_or_default())
}
