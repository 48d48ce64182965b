use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::access::Access;
use super::declared::Declared;
use super::default_deny;
use super::draft::{Draft, Evidence, Subject};
use super::error::RulesError;
use super::estate::Estate;
use super::facts::{
    ContextFacts, GranteeFacts, Held, LevelFacts, ResourceFacts, Surroundings, Vector, broken_fences, delivers_logs,
    metadata_only, tokens,
};
use super::intent::Intent;
use super::judge::Judge;
use super::packs::{Packs, Verdict};
use super::policies::Mentions;
use super::witness::Replay;
use crate::finding::{Declaration, Finding, FindingStatus, Grant, Grantee, ResourceAccess, Severity};
use crate::iam::{AccountId, Action, ActionId, action};

/// Judges grants: rules and default deny on one side, intent and partners on the other.
pub(super) struct GrantJudge<'a> {
    packs: &'a Packs,
    intent: &'a Intent,
    estate: &'a Estate<'a>,
    replay: Replay<'a>,
    rules: Judge<'a, Verdict>,
    permits: Judge<'a, usize>,
    partners: BTreeSet<AccountId>,
}

/// One grant with everything that is asked about it.
struct Question<'g> {
    grant: &'g Grant,
    levels: BTreeMap<Access, Vec<&'static Action>>,
    /// Levels that the same wildcard gives to everyone.
    also_public: BTreeSet<Access>,
    /// The facts as rules see them.
    rules: View,
    /// The facts as intent sees them.
    intent: View,
    evidence: Arc<Evidence>,
}

/// Facts about a grant with the names that one set of policies mentions.
#[derive(Clone)]
struct View {
    grantee: Arc<GranteeFacts>,
    resource: Arc<ResourceFacts>,
    context: Arc<ContextFacts>,
}

/// What one rule has against a grant.
#[derive(Default)]
struct Fired {
    /// How bad at each level.
    levels: BTreeMap<Access, Severity>,
    /// Whether some of it takes the place of default deny, and at which levels.
    speaks: BTreeSet<Access>,
}

/// What one rule, or default deny, has against a grant.
struct Charge {
    /// The rule's place; none for default deny.
    rule: Option<usize>,
    /// How bad at each level.
    levels: BTreeMap<Access, Severity>,
    /// Why all of it is intended, where it is.
    intended: Option<Declaration>,
}

/// What is to be said about one resource.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    /// The grants that are intended as a whole, by their places.
    pub(super) intended: Vec<(usize, Declaration)>,
}

impl<'a> GrantJudge<'a> {
    pub(super) fn new(
        packs: &'a Packs,
        intent: &'a Intent,
        estate: &'a Estate<'a>,
        replay: Replay<'a>,
        partners: BTreeSet<AccountId>,
    ) -> Self {
        Self {
            packs,
            intent,
            estate,
            replay,
            rules: Judge::new(&packs.policies, &packs.verdicts),
            permits: Judge::new(&intent.policies, &intent.places),
            partners,
        }
    }

    /// The findings about one resource.
    pub(super) fn judge(&mut self, access: &ResourceAccess, declared: &mut Declared<'_>) -> Result<Judged, RulesError> {
        let mut judged = Judged::default();
        let held = self.estate.held(&access.resource);
        let facts = |mentions| Arc::new(ResourceFacts::new(&access.resource, held, mentions));
        let (for_rules, for_intent) = (facts(&self.packs.mentions), facts(&self.intent.mentions));
        let mut drafts: Vec<Draft<'_>> = Vec::new();
        for (index, grant) in access.grants.iter().enumerate() {
            let subject = Subject {
                access,
                account: self.estate.account(access.resource.account),
                held,
                grant,
                index,
                replay: self.replay,
            };
            let question = self.question(access, grant, held, [&for_rules, &for_intent]);
            let charges = self.charges(&question, declared)?;
            let intended = charges.iter().map(|charge| charge.intended.clone());
            if let Some(why) = intended
                .collect::<Option<Vec<_>>>()
                .and_then(|all| all.into_iter().next())
            {
                judged.intended.push((index, why));
            }
            for charge in charges {
                let draft = self.draft(&subject, &question, charge);
                match drafts.iter_mut().find(|known| known.is_same(&draft)) {
                    Some(known) => known.merge(draft),
                    None => drafts.push(draft),
                }
            }
        }
        judged.findings = drafts.into_iter().map(Draft::finish).collect();
        Ok(judged)
    }

    fn question<'g>(
        &self,
        access: &ResourceAccess,
        grant: &'g Grant,
        held: Held<'_>,
        [for_rules, for_intent]: [&Arc<ResourceFacts>; 2],
    ) -> Question<'g> {
        let around = Surroundings {
            owner: access.resource.account,
            partners: &self.partners,
            organization: self.estate.inventory.organization.as_ref(),
            accounts: &self.estate.inventory.accounts,
        };
        let mut levels: BTreeMap<Access, Vec<&'static Action>> = BTreeMap::new();
        for action in grant.actions.iter().filter_map(|id| action(*id)) {
            if let Some(level) = Access::of(action, access.resource.kind) {
                levels.entry(level).or_default().push(action);
            }
        }
        let (token_facts, subject) = tokens(grant, held.role, around, self.replay.options);
        let fences = broken_fences(grant, held, self.replay.estate, self.replay.options);
        let view = |mentions: &Mentions, resource: &Arc<ResourceFacts>| View {
            grantee: Arc::new(GranteeFacts::new(&grant.grantee, around, mentions)),
            resource: Arc::clone(resource),
            context: Arc::new(ContextFacts::new(grant, token_facts, !fences.is_empty(), mentions)),
        };
        Question {
            grant,
            also_public: also_public(access, grant, &levels),
            levels,
            rules: view(&self.packs.mentions, for_rules),
            intent: view(&self.intent.mentions, for_intent),
            evidence: Arc::new(Evidence { fences, subject }),
        }
    }

    /// What is to be reported about a grant, and what intent makes of it.
    fn charges(&mut self, question: &Question<'_>, declared: &mut Declared<'_>) -> Result<Vec<Charge>, RulesError> {
        let fired = self.fired(question)?;
        let mut charges = Vec::new();
        let (mut reported, mut spoken) = (false, false);
        for (rule, Fired { levels, speaks }) in &fired {
            let absolute = self.packs.rules().get(*rule).is_some_and(|rule| rule.absolute);
            let reasons = match absolute {
                true => BTreeMap::new(),
                false => self.reasons(question, levels, declared)?,
            };
            let charge = weigh(Some(*rule), levels, &reasons);
            reported |= charge.intended.is_none() && !speaks.is_empty();
            spoken |= !speaks.is_empty();
            charges.push(charge);
        }
        let spoken_of: BTreeSet<Access> = fired.values().flat_map(|fired| &fired.speaks).copied().collect();
        let silent = default_deny::levels(question.grant, &question.rules.resource)
            .filter(|(level, _)| question.levels.contains_key(level))
            .filter(|(level, _)| !spoken_of.contains(level) && !question.also_public.contains(level))
            .collect();
        let reasons = self.reasons(question, &silent, declared)?;
        let charge = weigh(None, &silent, &reasons);
        // A grant that is reported is not reported again; one that is meant as a whole is shown as meant once.
        if !silent.is_empty() && !reported && (charge.intended.is_none() || !spoken) {
            charges.push(charge);
        }
        Ok(charges)
    }

    /// The rules that fire, each with the levels at which it does.
    fn fired(&mut self, question: &Question<'_>) -> Result<BTreeMap<usize, Fired>, RulesError> {
        let mut fired: BTreeMap<usize, Fired> = BTreeMap::new();
        for level in question.levels.keys() {
            for verdict in self.rules.decide(question.vector(*level, &question.rules))?.iter() {
                let of_rule = fired.entry(verdict.rule).or_default();
                let worst = of_rule.levels.entry(*level).or_insert(verdict.severity);
                *worst = (*worst).min(verdict.severity);
                of_rule.speaks.extend(Some(*level).filter(|_| !verdict.beside));
            }
        }
        Ok(fired)
    }

    /// Why access at these levels is meant, for the levels at which it is.
    fn reasons(
        &mut self,
        question: &Question<'_>,
        levels: &BTreeMap<Access, Severity>,
        declared: &mut Declared<'_>,
    ) -> Result<BTreeMap<Access, Declaration>, RulesError> {
        let mut reasons = BTreeMap::new();
        for level in levels.keys() {
            let permits = self.permits.decide(question.vector(*level, &question.intent))?;
            let reason = declared.reason(&permits, &question.grant.grantee);
            reasons.extend(reason.map(|reason| (*level, reason)));
        }
        Ok(reasons)
    }

    fn draft<'g>(&self, subject: &Subject<'g>, question: &Question<'_>, charge: Charge) -> Draft<'g>
    where
        'a: 'g,
    {
        let actions = charge.levels.keys().filter_map(|level| question.levels.get(level));
        let actions = actions.flatten().copied().collect();
        let severity = charge.levels.values().min().copied().unwrap_or(Severity::Medium);
        let rule = charge.rule.and_then(|rule| self.packs.rules().get(rule));
        let evidence = Arc::clone(&question.evidence);
        let intended = charge.intended.map(|why| FindingStatus::Intended(why.to_string()));
        let status = intended.unwrap_or(FindingStatus::New);
        Draft::new(*subject, rule, severity, actions, (status, evidence))
    }
}

impl Question<'_> {
    fn vector(&self, access: Access, view: &View) -> Vector {
        let View {
            grantee,
            resource,
            context,
        } = view.clone();
        let actions = self.levels.get(&access);
        Vector {
            grantee,
            access,
            resource,
            context,
            level: LevelFacts {
                metadata_only: actions.is_some_and(|actions| metadata_only(access, actions)),
                log_delivery: delivers_logs(self.grant, access),
                also_public: self.also_public.contains(&access),
            },
        }
    }
}

/// The levels of a grant to any service that the same statements give to everyone, blocked or not.
///
/// `"Principal": "*"` covers services, and RestrictPublicBuckets does not stop them [BPA-04]. The wildcard is one mistake
/// and the rules about public access report it.
fn also_public(
    access: &ResourceAccess,
    grant: &Grant,
    levels: &BTreeMap<Access, Vec<&'static Action>>,
) -> BTreeSet<Access> {
    if grant.grantee != Grantee::Service(None) {
        return BTreeSet::new();
    }
    let same_source = |other: &Grant| other.sources.iter().any(|source| grant.sources.contains(source));
    let public: BTreeSet<ActionId> = access
        .grants
        .iter()
        .filter(|other| other.is_public() && same_source(other))
        .flat_map(|other| other.actions.iter().copied())
        .collect();
    levels
        .iter()
        .filter(|(_, actions)| actions.iter().all(|action| public.contains(&action.id)))
        .map(|(level, _)| *level)
        .collect()
}

/// The charge at the levels that are not meant, or the whole of it as meant.
fn weigh(rule: Option<usize>, levels: &BTreeMap<Access, Severity>, reasons: &BTreeMap<Access, Declaration>) -> Charge {
    let unmeant: BTreeMap<Access, Severity> = levels
        .iter()
        .filter(|(level, _)| !reasons.contains_key(level))
        .map(|(level, severity)| (*level, *severity))
        .collect();
    let (levels, intended) = match reasons.values().next() {
        Some(why) if unmeant.is_empty() => (levels.clone(), Some(why.clone())),
        Some(_) | None => (unmeant, None),
    };
    Charge { rule, levels, intended }
}
