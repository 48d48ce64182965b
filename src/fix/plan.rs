//! What to change, chosen by what is wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Path, Syntax, range_of};
use super::edit::Edit;
use super::hcl::is_block;
use super::remedy::Remedies;
use super::setting;
use super::statement::{Change, edits};
use crate::engine::Zone;
use crate::finding::{DocumentKind, Finding, GrantSource, Matter, ResourceAccess};
use crate::model::{Bucket, Inventory};
use crate::source::{FileId, Node, Sources, Span, Value};

/// What was judged.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// What is under audit.
    pub inventory: &'a Inventory,
    /// Who reaches what.
    pub access: &'a [ResourceAccess],
    /// Who counts as us.
    pub zone: &'a Zone,
    /// The files.
    pub sources: &'a Sources,
}

/// What was judged, by the names that findings call it by.
#[derive(Clone, Copy)]
pub(super) struct Named<'s, 'a> {
    pub state: State<'a>,
    pub buckets: &'s BTreeMap<String, &'a Bucket>,
    pub files: &'s BTreeMap<&'a str, FileId>,
    /// The places of what other edits take out.
    pub removed: &'s BTreeSet<Span>,
}

/// How often something was tried for a finding and did not help.
pub type Tried = BTreeMap<usize, usize>;

/// What closes findings.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The steps, each on one place.
    pub steps: Vec<Step>,
    /// Findings for which there is no edit, with the reason.
    pub advice: BTreeMap<usize, String>,
}

/// One change of the source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The findings it is for, by place.
    pub findings: BTreeSet<usize>,
    /// What it does, in words.
    pub what: BTreeSet<String>,
    /// The edits.
    pub edits: Vec<Edit>,
    /// Files that are new or written anew, with their text.
    pub added: Vec<(String, String)>,
    /// Whether something in it must be filled in by somebody who knows.
    pub needs_input: bool,
}

/// A remedy: what to do, in words, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Remedy {
    pub what: String,
    pub changes: Vec<Change>,
    pub needs_input: bool,
}

/// What is to be done at one place of a file.
#[derive(Default)]
struct Spot {
    findings: BTreeSet<usize>,
    remedies: BTreeSet<Remedy>,
}

/// Plans the edits that close findings.
///
/// For a finding for which something was tried already, the next thing is planned; when nothing is left, it gets advice.
pub fn plan(state: State<'_>, findings: &[Finding], chosen: &BTreeSet<usize>, tried: &Tried) -> Plan {
    let mut planner = Planner {
        state,
        buckets: state
            .inventory
            .buckets
            .iter()
            .map(|bucket| (bucket.arn(), bucket))
            .collect(),
        files: state.sources.iter().map(|(id, file)| (file.path(), id)).collect(),
        access: by_arn(state.access),
        remedies: Remedies::new(state),
        outer: BTreeMap::new(),
        spots: BTreeMap::new(),
        plan: Plan::default(),
    };
    for (place, finding) in findings.iter().enumerate().filter(|(place, _)| chosen.contains(place)) {
        let tried = tried.get(&place).copied().unwrap_or_default();
        match &finding.matter {
            Matter::Access(_) => planner.of_grant(place, finding, tried),
            Matter::Setting(path) => planner.of_lint(place, finding, path, tried),
        }
    }
    let removed = planner.removed();
    for (place, finding) in findings.iter().enumerate().filter(|(place, _)| chosen.contains(place)) {
        let tried = tried.get(&place).copied().unwrap_or_default();
        if let Matter::Setting(path) = &finding.matter {
            planner.of_setting((place, finding), path, tried, &removed);
        }
    }
    planner.settle();
    planner.plan
}

struct Planner<'a> {
    state: State<'a>,
    buckets: BTreeMap<String, &'a Bucket>,
    files: BTreeMap<&'a str, FileId>,
    access: BTreeMap<&'a str, Vec<&'a ResourceAccess>>,
    remedies: Remedies<'a>,
    /// The trees of whole files, made once.
    outer: BTreeMap<FileId, Option<Document>>,
    spots: BTreeMap<Span, Spot>,
    plan: Plan,
}

impl Planner<'_> {
    fn of_grant(&mut self, place: usize, finding: &Finding, tried: usize) {
        let access = self.access.get(&*finding.resource).into_iter().flatten();
        let access = access.filter(|access| access.resource.when == finding.when || finding.when.is_empty());
        // Two resources may have one name, in templates for different accounts.
        let at = finding.locations.primary.span;
        let holds = |source: &GrantSource| {
            source.span.file == at.file && source.span.start <= at.start && at.end <= source.span.end
        };
        let grants: Vec<_> = access.filter_map(|access| access.grants.get(finding.grant?)).collect();
        let grant = grants
            .iter()
            .find(|grant| grant.sources.iter().any(holds))
            .or(grants.first());
        let Some(grant) = grant else {
            self.advise(place, "the grant is written nowhere that could be edited");
            return;
        };
        // A grant through an access point is closed at its own policy, whatever the bucket delegates.
        let at_point = grant
            .sources
            .iter()
            .any(|source| source.document == DocumentKind::AccessPointPolicy);
        let sources: Vec<&GrantSource> = grant
            .sources
            .iter()
            .filter(|source| !at_point || source.document == DocumentKind::AccessPointPolicy)
            .collect();
        let mut any = false;
        for source in sources {
            let remedies = self.remedies.of(finding, grant, source);
            let Some(remedy) = remedies.into_iter().nth(tried) else {
                let is_rest = !finding.rule.as_str().contains('/');
                let reason = match tried {
                    0 if is_rest => "only its owner knows whether it is meant: declare it, or take it away",
                    0 => NOTHING_KNOWN,
                    _ => NOTHING_HELPS,
                };
                self.advise(place, reason);
                return;
            };
            any = true;
            self.put(place, source.span, remedy);
        }
        if !any {
            self.advise(place, NOTHING_KNOWN);
        }
    }

    fn put(&mut self, place: usize, span: Span, remedy: Remedy) {
        let spot = self.spots.entry(span).or_default();
        spot.findings.insert(place);
        spot.remedies.insert(remedy);
    }

    fn of_lint(&mut self, place: usize, finding: &Finding, path: &str, tried: usize) {
        if let Some(remedy) = self.remedies.of_lint(path, finding).into_iter().nth(tried) {
            // The entry itself: the statement around it stays, unless it speaks of nobody else.
            let span = finding.locations.primary.span;
            self.put(place, self.remedies.statement_of(span).unwrap_or(span), remedy);
        }
    }

    /// The places of what is to be taken out.
    fn removed(&self) -> BTreeSet<Span> {
        let goes = |spot: &Spot| {
            spot.remedies
                .iter()
                .any(|remedy| remedy.changes.contains(&Change::Remove))
        };
        let gone = self.spots.iter().filter(|(_, spot)| goes(spot));
        gone.map(|(span, _)| *span).collect()
    }

    fn of_setting(&mut self, (place, finding): (usize, &Finding), path: &str, tried: usize, removed: &BTreeSet<Span>) {
        if self.spots.values().any(|spot| spot.findings.contains(&place)) {
            return;
        }
        let named = Named {
            state: self.state,
            buckets: &self.buckets,
            files: &self.files,
            removed,
        };
        match setting::step(named, finding, path, tried) {
            Ok(step) if self.changes(&step) => self.plan.steps.push(Step {
                findings: BTreeSet::from([place]),
                ..step
            }),
            Ok(_) => self.advise(place, "it needs a decision that no edit can take"),
            Err(reason) => self.advise(place, reason),
        }
    }

    /// Whether a step changes anything.
    fn changes(&self, step: &Step) -> bool {
        let is_new = |edit: &Edit| {
            let file = self.state.sources.file(edit.span.file);
            file.is_some_and(|file| file.slice(edit.span) != edit.text)
        };
        !step.added.is_empty() || step.edits.iter().any(is_new)
    }

    fn advise(&mut self, place: usize, reason: impl Into<String>) {
        self.plan.advice.entry(place).or_insert_with(|| reason.into());
    }

    /// Turns what is to be done at each place into edits, those of one list together.
    fn settle(&mut self) {
        let spots = std::mem::take(&mut self.spots);
        let mut removed: BTreeMap<Span, Vec<(Span, Spot)>> = BTreeMap::new();
        for (span, spot) in spots {
            let removes = spot
                .remedies
                .iter()
                .any(|remedy| remedy.changes.contains(&Change::Remove));
            match (removes, self.parent(span)) {
                (true, Some(parent)) => removed.entry(parent).or_default().push((span, spot)),
                (true, None) => self.fail(&spot, "it is not written as an entry of a list that could be taken out"),
                (false, _) => self.edit(span, spot),
            }
        }
        for (_, gone) in removed {
            self.remove(gone);
        }
        let advised: BTreeSet<usize> = self.plan.advice.keys().copied().collect();
        // What is not closed as a whole is not changed for its sake.
        for step in &mut self.plan.steps {
            step.findings.retain(|place| !advised.contains(place));
        }
        self.plan.steps.retain(|step| !step.findings.is_empty());
    }

    fn fail(&mut self, spot: &Spot, reason: &str) {
        for place in spot.findings.clone() {
            self.advise(place, reason);
        }
    }

    fn edit(&mut self, span: Span, spot: Spot) {
        let replaces = |remedy: &Remedy| {
            remedy
                .changes
                .iter()
                .any(|change| matches!(change, Change::Principal(_)))
        };
        let narrows = spot.remedies.iter().any(replaces);
        let mut changes = BTreeSet::new();
        for change in spot.remedies.iter().flat_map(|remedy| &remedy.changes) {
            let is_moot = narrows && matches!(change, Change::DropEntries(_) | Change::Deny);
            if !is_moot {
                changes.insert(change.clone());
            }
        }
        let changes: Vec<Change> = joined(changes);
        let edits = self.in_document(span, |document, path| edits(document, path, &changes));
        match edits.flatten() {
            Some(edits) => self.push(&spot, edits),
            None => self.fail(&spot, NOT_EDITABLE),
        }
    }

    fn remove(&mut self, gone: Vec<(Span, Spot)>) {
        let mut spot = Spot::default();
        for (_, of_one) in &gone {
            spot.findings.extend(&of_one.findings);
            spot.remedies.extend(of_one.remedies.iter().cloned());
        }
        let spans: Vec<Span> = gone.iter().map(|(span, _)| *span).collect();
        let Some(first) = spans.first() else { return };
        let edits = self.in_document(*first, |document, path| {
            let path = entry(document, path);
            let (_, above) = path.split_last()?;
            let parent = document.node(above)?;
            let places: Option<Vec<usize>> = spans
                .iter()
                .map(|span| entry(document, &document.path_of(*span)?).last().copied())
                .collect();
            Some(document.remove(parent, &places?))
        });
        match edits.flatten() {
            Some(edits) => self.push(&spot, edits),
            None => self.fail(&spot, NOT_EDITABLE),
        }
    }

    fn push(&mut self, spot: &Spot, edits: Vec<Edit>) {
        self.plan.steps.push(Step {
            findings: spot.findings.clone(),
            what: spot.remedies.iter().map(|remedy| remedy.what.clone()).collect(),
            edits,
            added: Vec::new(),
            needs_input: spot.remedies.iter().any(|remedy| remedy.needs_input),
        });
    }

    /// The list that holds what was read from a place, by its own place.
    fn parent(&mut self, span: Span) -> Option<Span> {
        self.in_document(span, |document, path: &Path| {
            let path = entry(document, path);
            let (_, above) = path.split_last()?;
            let parent = document.node(above)?;
            let is_list =
                parent.is_array() && parent.tag.is_none() || is_block(parent) && is_block(document.node(&path)?);
            is_list.then(|| document.span(range_of(parent)))
        })
        .flatten()
    }

    /// Looks at what was read from a place, in the text that holds it.
    fn in_document<T>(&mut self, span: Span, look: impl FnOnce(&Document, &Path) -> T) -> Option<T> {
        let file = self.state.sources.file(span.file)?;
        let outer = self.outer.entry(span.file);
        let outer = outer.or_insert_with(|| Document::of_file(span.file, file)).as_ref()?;
        outer.look(span, look)
    }
}

fn by_arn(all: &[ResourceAccess]) -> BTreeMap<&str, Vec<&ResourceAccess>> {
    let mut by_arn: BTreeMap<&str, Vec<&ResourceAccess>> = BTreeMap::new();
    for access in all {
        by_arn.entry(&access.resource.arn).or_default().push(access);
    }
    by_arn
}

/// The way to the entry that can go as a whole: a grant is told of by its grantee.
fn entry(document: &Document, path: &Path) -> Path {
    let Some((last, above)) = path.split_last() else {
        return path.clone();
    };
    let name = document.node(above).and_then(|parent| parent.members().get(*last));
    match name {
        Some(member) if member.key.eq_ignore_ascii_case("grantee") => above.to_vec(),
        Some(_) | None => path.clone(),
    }
}

/// Changes to one statement with those of one kind put together.
fn joined(changes: BTreeSet<Change>) -> Vec<Change> {
    let mut dropped = BTreeSet::new();
    let mut others = Vec::new();
    for change in changes {
        match change {
            Change::DropEntries(spans) => dropped.extend(spans),
            other => others.push(other),
        }
    }
    if !dropped.is_empty() {
        others.push(Change::DropEntries(dropped.into_iter().collect()));
    }
    others
}

/// Whether a document is a template of CloudFormation.
pub(super) fn is_cloudformation(document: &Document) -> bool {
    let is_object = |node: &Node| matches!(node.value, Value::Object(_));
    document.syntax != Syntax::Hcl && document.root.get("Resources").is_some_and(is_object)
}

const NOTHING_KNOWN: &str = "there is no edit that is known to close it";
const NOTHING_HELPS: &str = "no edit that was tried closes it without giving or taking other access";
const NOT_EDITABLE: &str = "it is written in a way that cannot be edited: by an expression, or in a template";
