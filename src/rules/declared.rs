use std::collections::{BTreeMap, BTreeSet};

use super::facts::account_of;
use super::intent::Intent;
use super::packs::Packs;
use super::settings::Settings;
use super::unpacked::Unpacked;
use crate::finding::{Declaration, Finding, FindingStatus, Grantee};
use crate::iam::AccountId;
use crate::source::{Diagnostic, DiagnosticSeverity, Span};

/// What people declared, and what of it was of use.
pub(super) struct Declared<'a> {
    pub(super) settings: &'a Settings,
    pub(super) intent: &'a Intent,
    pub(super) used_permits: BTreeSet<usize>,
    pub(super) used_partners: BTreeSet<usize>,
    used_suppressions: BTreeSet<usize>,
    /// Comments, each with the rule that it set aside.
    used_comments: BTreeSet<(usize, String)>,
}

impl<'a> Declared<'a> {
    pub(super) fn new(settings: &'a Settings, intent: &'a Intent) -> Self {
        Self {
            settings,
            intent,
            used_permits: BTreeSet::new(),
            used_partners: BTreeSet::new(),
            used_suppressions: BTreeSet::new(),
            used_comments: BTreeSet::new(),
        }
    }

    /// The partner accounts whose declaration holds.
    pub(super) fn partners_in_force(&self) -> BTreeSet<AccountId> {
        let partners = self.settings.partners.iter();
        partners
            .filter(|partner| partner.is_in_force(self.settings.now))
            .map(|partner| partner.account)
            .collect()
    }

    /// Why access is meant: a permit that applies, or the grantee's account being a partner.
    pub(super) fn reason(&mut self, permits: &[usize], grantee: &Grantee) -> Option<Declaration> {
        let now = self.settings.now;
        let account = account_of(grantee);
        let permits: Vec<usize> = permits
            .iter()
            .copied()
            .filter(|place| {
                self.intent
                    .permits
                    .get(*place)
                    .is_some_and(|permit| permit.is_in_force(now))
            })
            .collect();
        let partner = self
            .settings
            .partners
            .iter()
            .position(|partner| Some(partner.account) == account && partner.is_in_force(now));
        self.used_permits.extend(&permits);
        self.used_partners.extend(partner);
        let permit = permits.first().and_then(|place| self.intent.permits.get(*place));
        let partner = partner.and_then(|place| self.settings.partners.get(place));
        let of_permit = permit.map(|permit| Declaration {
            reason: permit.reason.clone(),
            owner: permit.owner.clone(),
            expires: permit.expires.as_ref().map(ToString::to_string),
        });
        of_permit.or_else(|| {
            partner.map(|partner| Declaration {
                reason: partner.words(),
                owner: None,
                expires: partner.expires.as_ref().map(ToString::to_string),
            })
        })
    }

    /// Sets findings aside that somebody suppressed. `resources` are the places of resources by their ARNs.
    pub(super) fn suppress(&mut self, findings: &mut [Finding], resources: &BTreeMap<&str, Span>) {
        for finding in findings.iter_mut().filter(|finding| finding.status.counts()) {
            let covering = self
                .settings
                .suppressions
                .iter()
                .enumerate()
                .filter(|(_, suppression)| {
                    suppression.is_in_force(self.settings.now)
                        && suppression.covers(finding.rule.as_str(), &finding.resource)
                });
            for (place, suppression) in covering {
                self.used_suppressions.insert(place);
                if finding.status.counts() {
                    finding.status = FindingStatus::Suppressed(suppression.reason.clone());
                }
            }
            let resource = resources.get(&*finding.resource).copied();
            let comments = self.settings.comments.iter().enumerate();
            let covering = comments
                .filter(|(_, comment)| comment.is_in_force(self.settings.now) && comment.covers(finding, resource));
            let covering: Vec<_> = covering.collect();
            for (place, comment) in covering {
                self.used_comments.insert((place, finding.rule.to_string()));
                if finding.status.counts() {
                    finding.status = FindingStatus::Suppressed(comment.reason.clone());
                }
            }
        }
    }

    /// Suppressions and comments that no longer hold, and those that changed nothing.
    /// `judged` tells whether a pattern of ARNs fits a resource that was judged.
    pub(super) fn leftovers(&self, packs: &Packs, judged: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
        let mut found = self.suppression_leftovers(packs, judged);
        found.extend(self.comment_leftovers(packs));
        found
    }

    fn suppression_leftovers(&self, packs: &Packs, judged: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
        let suppressions = self.settings.suppressions.iter().enumerate();
        suppressions
            .filter_map(|(place, suppression)| {
                let (rule, resource, line) = (&suppression.rule, &suppression.resource, suppression.line);
                let new = |code, text: String| Diagnostic::new(DiagnosticSeverity::Warning, code, text);
                let diagnostic = match &suppression.expires {
                    Some(expires) if expires.is_over(self.settings.now) => new(
                        "bucketproof::rules::expired_suppression",
                        format!("the suppression of `{rule}` on line {line} ended on {expires} and is not in force"),
                    )
                    .with_help("mend the finding, or write a new `expires` with the reason for it"),
                    Some(_) | None if self.used_suppressions.contains(&place) => return None,
                    Some(_) | None if !is_known(packs, rule) => new(
                        "bucketproof::rules::dead_suppression",
                        format!("the suppression on line {line} names `{rule}`, which is no rule in force"),
                    )
                    .with_help(super::error::suggest(rule, known(packs))),
                    // A part of what the configuration speaks of may have been named only.
                    Some(_) | None if !judged(resource) => Diagnostic::new(
                        DiagnosticSeverity::Note,
                        "bucketproof::rules::dead_suppression",
                        format!("the suppression on line {line} sets nothing aside: `{resource}` is not in the input"),
                    )
                    .with_help("take it out if the resource is gone"),
                    Some(_) | None => new(
                        "bucketproof::rules::dead_suppression",
                        format!(
                            "the suppression on line {line} sets nothing aside: `{rule}` has no finding on `{resource}`"
                        ),
                    )
                    .with_help("take it out"),
                };
                Some(self.in_config(diagnostic))
            })
            .collect()
    }

    fn comment_leftovers(&self, packs: &Packs) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (place, comment) in self.settings.comments.iter().enumerate() {
            if let Some(expires) = comment.expires.as_ref().filter(|day| day.is_over(self.settings.now)) {
                found.push(comment.expired(expires));
                continue;
            }
            let dead = |rule: &&String| !self.used_comments.contains(&(place, (*rule).clone()));
            found.extend(
                comment
                    .rules
                    .iter()
                    .filter(dead)
                    .map(|rule| match is_known(packs, rule) {
                        true => comment.leftover(rule),
                        false => comment.unknown(rule, super::error::suggest(rule, known(packs))),
                    }),
            );
        }
        found
    }

    fn in_config(&self, diagnostic: Diagnostic) -> Diagnostic {
        match &self.settings.path {
            Some(path) => diagnostic.in_path(path),
            None => diagnostic,
        }
    }
}

fn is_known(packs: &Packs, rule: &str) -> bool {
    known(packs).any(|known| known == rule)
}

fn known(packs: &Packs) -> impl Iterator<Item = &str> {
    let of_no_pack = Unpacked::ALL.iter().map(|rule| rule.id);
    packs.rules().iter().map(|rule| rule.id.as_str()).chain(of_no_pack)
}
