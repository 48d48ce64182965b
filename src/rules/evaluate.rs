use std::collections::{BTreeMap, BTreeSet};

use super::declared::Declared;
use super::error::RulesError;
use super::estate::Estate;
use super::glob::matches;
use super::grant_rules::GrantJudge;
use super::intent::Intent;
use super::packs::Packs;
use super::setting_rules::{self, CANNOT_DECIDE};
use super::settings::Settings;
use super::witness::Replay;
use crate::engine::Options;
use crate::finding::{Finding, Fingerprint, Intended, ResourceAccess, Severity, Status};
use crate::model::{Inventory, When};
use crate::source::Diagnostic;

/// What the rules say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Findings by resource, rule and grant.
    pub findings: Vec<Finding>,
    /// What could not be decided, and declarations that are over or of no use.
    pub diagnostics: Vec<Diagnostic>,
    /// The grants of which everything that would be reported is intended.
    pub intended: Intended,
}

/// States of resources, by ARN and the outcomes of unknown tests under which they are so.
pub(super) type Statuses<'a> = BTreeMap<(&'a str, &'a [When]), Status>;

/// Judges what an inventory grants by rules and intent.
///
/// Every rule that fires on a grant is a finding; an effective grant that leaves the zone of trust and that no rule and
/// no intent speaks of is one as well. What intent or a partner's declaration covers has the status *intended*, except
/// under an absolute rule; what the configuration sets aside is *suppressed*.
///
/// # Errors
/// When Cedar or a query fails. That is a fault of ours, never a verdict.
pub fn evaluate(
    packs: &Packs,
    intent: &Intent,
    settings: &Settings,
    inventory: &Inventory,
    access: &[ResourceAccess],
) -> Result<Evaluation, RulesError> {
    let estate = Estate::new(inventory);
    let mut declared = Declared::new(settings, intent);
    let options = Options::at(settings.now);
    let replay = Replay {
        estate: &estate.scopes,
        options: &options,
    };
    let mut grants = GrantJudge::new(packs, intent, &estate, replay, declared.partners_in_force());
    let mut evaluation = Evaluation::default();
    for (place, access) in access.iter().enumerate() {
        let judged = grants.judge(access, &mut declared)?;
        evaluation.findings.extend(judged.findings);
        let intended = judged.intended.into_iter();
        evaluation
            .intended
            .extend(intended.map(|(grant, why)| ((place, grant), why)));
        evaluation.diagnostics.extend(undecided(access));
    }
    let statuses: Statuses<'_> = access
        .iter()
        .map(|access| ((access.resource.arn.as_str(), &*access.resource.when), access.status))
        .collect();
    let settings = setting_rules::judge(packs, &estate, (&statuses, &options))?;
    evaluation.findings.extend(settings.findings);
    evaluation.diagnostics.extend(settings.diagnostics);
    let leftovers = declared.of_no_use(&estate, access)?;
    evaluation.findings.extend(leftovers.findings);
    evaluation.diagnostics.extend(leftovers.diagnostics);
    let resources = access
        .iter()
        .map(|access| (access.resource.arn.as_str(), access.resource.span))
        .collect();
    declared.suppress(&mut evaluation.findings, &resources);
    let judged = |pattern: &str| {
        let accounts = inventory.accounts.iter().filter_map(|account| account.id);
        statuses.keys().any(|(arn, _)| matches(pattern, arn))
            || accounts
                .map(|id| format!("arn:aws:iam::{id}:root"))
                .any(|arn| matches(pattern, &arn))
    };
    evaluation.diagnostics.extend(declared.leftovers(packs, &judged));
    sort(&mut evaluation.findings);
    only_once(&mut evaluation.findings);
    Ok(evaluation)
}

/// What the engine could not decide about a resource.
fn undecided(access: &ResourceAccess) -> impl Iterator<Item = Diagnostic> {
    access.indeterminate.iter().map(|indeterminate| {
        let span = indeterminate.span.unwrap_or(access.resource.span);
        let message = format!(
            "who reaches `{}` cannot be decided: {}",
            access.resource.arn, indeterminate.reason
        );
        Diagnostic::warning(CANNOT_DECIDE, span, message).with_help("take it as reachable until it is decided")
    })
}

/// Leaves one finding of those that a resource has in several of the ways in which it may be deployed: one that counts before
/// one that does not, and the worst before others.
fn only_once(findings: &mut Vec<Finding>) {
    let mut best: BTreeMap<Fingerprint, (bool, Severity, usize)> = BTreeMap::new();
    for (place, finding) in findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| !finding.when.is_empty())
    {
        let rank = (!finding.status.counts(), finding.severity, place);
        let known = best.entry(finding.fingerprint.clone()).or_insert(rank);
        *known = rank.min(*known);
    }
    let kept: BTreeSet<usize> = best.into_values().map(|(_, _, place)| place).collect();
    let mut place = 0..;
    findings.retain(|finding| {
        let place = place.next().unwrap_or_default();
        finding.when.is_empty() || kept.contains(&place)
    });
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.grant, finding.locations.primary.span);
        (&a.resource, &a.rule, key(a), &a.fingerprint).cmp(&(&b.resource, &b.rule, key(b), &b.fingerprint))
    });
}
