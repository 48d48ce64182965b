//! What is new since an older state: access that it did not grant, and settings that it did not have.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::CommandError;
use super::arguments::Run;
use super::baseline::{mark, resources};
use super::beyond::{beyond, undecided};
use super::judge::{decide, gather, gather_tree};
use super::judging::Judged;
use super::progress::Progress;
use super::revision::Revision;
use crate::cli;
use crate::engine::{NewAccess, Options, Zone};
use crate::finding::{
    DocumentKind, Finding, FindingStatus, Grant, Known, Matter, Past, Request, ResourceAccess, Sharing, Status,
};
use crate::iam::action;
use crate::ingest::{Ingested, Input, InputStatus};
use crate::rules::{Config, Intent, Packs, RulesError, Settings, evaluate};
use crate::source::{Diagnostic, DiagnosticSeverity, Span};

/// What findings are judged by.
#[derive(Clone, Copy)]
pub(super) struct Measure<'a> {
    pub packs: &'a Packs,
    pub intent: &'a Intent,
    pub settings: &'a Settings,
    pub zone: &'a Zone,
    pub options: &'a Options,
}

/// An older state.
pub(super) struct Older {
    ingested: Ingested,
    /// What of it could not be read.
    problems: Vec<Diagnostic>,
}

impl Older {
    /// Reads the older state: a path that exists, or else a revision.
    pub fn read(run: &Run<'_>, name: &str, input: &cli::Input, config: &Config) -> Result<Self, CommandError> {
        let path = Path::new(name);
        if path.exists() {
            let input = cli::Input {
                paths: vec![PathBuf::from(name)],
                ..input.clone()
            };
            let (ingested, faults) = gather(run, &input, config)?;
            return Ok(Self::new(ingested, faults, ""));
        }
        let revision = Revision::read(name, input)?;
        let (ingested, mut faults) = gather_tree(&revision.files, input, config)?;
        faults.extend(revision.missing.iter().map(|path| {
            let message = format!("`{path}` is a submodule or too large, and is not read as it was in `{name}`");
            Diagnostic::new(
                DiagnosticSeverity::Error,
                "bucketproof::commands::not_in_revision",
                message,
            )
            .with_help("check the older revision out, and name the directory")
        }));
        Ok(Self::new(ingested, faults, &format!("{name}:")))
    }

    /// What was wrong with it is told by places in it. What is only doubtful was told when it was new, unless that is why an
    /// answer is missing.
    fn new(mut ingested: Ingested, faults: Vec<Diagnostic>, label: &str) -> Self {
        // Paths need not lead to anything in a revision: then everything there is new.
        let led_nowhere = |input: &Input| !label.is_empty() && input.status == InputStatus::NotRecognised;
        let is_lost = |input: &Input| input.status.is_incomplete() && !led_nowhere(input);
        let nowhere = ingested.inputs.iter().any(led_nowhere);
        let incomplete = ingested.inputs.iter().any(is_lost) || ingested.incomplete && !nowhere;
        let worst = if incomplete {
            DiagnosticSeverity::Warning
        } else {
            DiagnosticSeverity::Error
        };
        let all = std::mem::take(&mut ingested.diagnostics).into_iter().chain(faults);
        let told = all.filter(|found| found.severity <= worst && !(nowhere && found.code == NOTHING_RECOGNISED));
        let mut problems: Vec<Diagnostic> = told.map(|found| located(found, &ingested, label)).collect();
        if incomplete
            && problems
                .iter()
                .all(|problem| problem.severity != DiagnosticSeverity::Error)
        {
            let message = "the older state could not be read as a whole: what is new cannot all be told";
            let code = "bucketproof::commands::older_incomplete";
            problems.push(Diagnostic::new(DiagnosticSeverity::Error, code, message));
        }
        Self { ingested, problems }
    }

    /// Marks the findings that the older state has as well, and says of others what is new about them.
    ///
    /// # Errors
    /// When the rules fail.
    pub fn settle(
        self,
        measure: Measure<'_>,
        judged: &mut Judged,
        findings: Vec<Finding>,
    ) -> Result<Vec<Finding>, RulesError> {
        let (before, after) = (&self.ingested.inventory, &judged.ingested.inventory);
        let mut faults = Vec::new();
        let (was, new) = self.compare(measure, judged, &mut faults);
        let compared = compared(&was, &new);
        let Measure {
            packs,
            intent,
            settings,
            ..
        } = measure;
        let access: Vec<ResourceAccess> = new.iter().map(as_access).collect();
        let of_new = evaluate(packs, intent, settings, after, &access)?.findings;
        // Comments are those of the newer state, and stand at its places.
        let of_older = Settings {
            comments: Vec::new(),
            ..settings.clone()
        };
        let known = evaluate(packs, intent, &of_older, before, &was)?.findings;
        let names = &before.placeholders;
        let known = known
            .iter()
            .map(|finding| Known::of(finding, &self.ingested.sources, names));
        let past = Past::new(known.collect(), resources(&was, &self.ingested));
        let of_new = of_new
            .into_iter()
            .filter(|finding| finding.matter.is_effective() && finding.status.counts());
        let (decided, mut open) = replaced(findings, of_new.collect(), (&compared, &access));
        mark(&past, &judged.access, &judged.ingested, &mut open);
        judged.note(faults);
        judged.note(self.problems);
        let names = self.ingested.inventory.placeholders;
        judged.ingested.inventory.placeholders.merge(names);
        open.extend(decided);
        let key = |finding: &Finding| {
            (
                finding.resource.clone(),
                finding.rule.clone(),
                finding.locations.primary.span,
            )
        };
        open.sort_by_cached_key(key);
        Ok(open)
    }

    /// What the older state gives, and what the newer one gives beyond it.
    fn compare(
        &self,
        Measure { zone, options, .. }: Measure<'_>,
        judged: &Judged,
        faults: &mut Vec<Diagnostic>,
    ) -> (Vec<ResourceAccess>, Vec<NewAccess>) {
        let quiet = Progress::new(0, false);
        let was = decide(&self.ingested.inventory, zone, options, &quiet, faults);
        let new = beyond((&self.ingested, &judged.ingested), zone, options, faults);
        faults.extend(new.iter().flat_map(undecided));
        (was, new)
    }
}

/// The ARNs of resources that were there before, and about which the engine could tell all that is new.
fn compared<'w>(was: &'w [ResourceAccess], new: &[NewAccess]) -> BTreeSet<&'w str> {
    let undecided = new.iter().filter(|access| !access.indeterminate.is_empty());
    let undecided: BTreeSet<&str> = undecided.map(|access| &*access.resource.arn).collect();
    let there = was.iter().map(|access| &*access.resource.arn);
    there.filter(|arn| !undecided.contains(arn)).collect()
}

/// Puts findings about what is new in the place of those about all that is given: those that the engine decided, and those
/// that it could not compare.
fn replaced(
    findings: Vec<Finding>,
    mut of_new: Vec<Finding>,
    (compared, access): (&BTreeSet<&str>, &[ResourceAccess]),
) -> (Vec<Finding>, Vec<Finding>) {
    let (mut decided, mut open) = (Vec::new(), Vec::new());
    for mut finding in findings {
        let is_compared = compared.contains(&*finding.resource) && finding.matter.is_effective();
        if !is_compared || !finding.status.counts() {
            open.push(finding);
            continue;
        }
        match of_new.iter().position(|new| is_part(new, &finding)) {
            Some(place) => decided.push(Finding {
                fingerprint: finding.fingerprint,
                grant: finding.grant,
                ..of_new.remove(place)
            }),
            None => {
                match witness_within(access, &finding) {
                    // The rule is silent about the new part alone: the whole is reported, with what is new about it.
                    Some(witness) => finding.witness = Some(witness),
                    None => finding.status = FindingStatus::Baseline,
                }
                decided.push(finding);
            }
        }
    }
    // What no finding about the whole speaks of is reported all the same.
    let rest = of_new.into_iter().filter(|new| compared.contains(&*new.resource));
    let rest = rest.map(|new| Finding { grant: None, ..new });
    decided.extend(rest);
    (decided, open)
}

/// Whether a finding about what is new speaks of a part of what another one does.
fn is_part(new: &Finding, whole: &Finding) -> bool {
    new.rule == whole.rule
        && new.resource == whole.resource
        && new.matter.overlaps(&whole.matter)
        && speaks_of(whole, new.locations.primary.span)
}

fn speaks_of(finding: &Finding, span: Span) -> bool {
    let locations = &finding.locations;
    let mut places = std::iter::once(&locations.primary).chain(&locations.secondary);
    places.any(|place| place.span == span)
}

/// A request that is new and that a finding speaks of: same grantee, action and statement.
fn witness_within(new: &[ResourceAccess], finding: &Finding) -> Option<Request> {
    let of_it = new.iter().filter(|access| access.resource.arn == finding.resource);
    let within = |grant: &&Grant| {
        let actions = grant.actions.iter().filter_map(|id| action(*id));
        let matter = Matter::of(grant, actions.map(|action| action.name));
        matter.overlaps(&finding.matter) && grant.sources.iter().any(|source| speaks_of(finding, source.focus))
    };
    let grant = of_it.flat_map(|access| &access.grants).find(within);
    grant.map(|grant| grant.witness.clone())
}

/// What is new about a resource, as if it were all that it gives.
fn as_access(new: &NewAccess) -> ResourceAccess {
    ResourceAccess {
        resource: new.resource.clone(),
        // Rules about settings look at the state; what they find is not taken from here.
        status: Status {
            policy_public: None,
            acl_public: None,
            console: None,
            sharing: Sharing::Unknown,
        },
        grants: new.grants.iter().map(|new| own_first(&new.grant)).collect(),
        indeterminate: Vec::new(),
    }
}

/// A grant with what its resource's own document says before what the bucket behind it says.
fn own_first(grant: &Grant) -> Grant {
    let mut grant = grant.clone();
    grant
        .sources
        .sort_by_key(|source| source.document != DocumentKind::AccessPointPolicy);
    grant
}

/// A problem with its place in words: the report shows texts of the newer state only.
fn located(found: Diagnostic, ingested: &Ingested, label: &str) -> Diagnostic {
    let place = match found.span {
        Some(span) => {
            let start = ingested.sources.start(span);
            let path = ingested.sources.path(span);
            Some(format!("{path}:{}:{}", start.line, start.column))
        }
        None => found.path.clone(),
    };
    Diagnostic {
        span: None,
        path: place.map(|place| format!("{label}{place}")),
        ..found
    }
}

/// Code of the problem that a path leads to nothing that is understood.
const NOTHING_RECOGNISED: &str = "bucketproof::ingest::nothing_recognised";
