//! What a class of callers gets through one set of Allow rules: the pieces from which grants are merged.

use super::actions::ActionSet;
use super::callers::{Class, Through};
use super::claims;
use super::documents::{Grantor, RESOURCE};
use super::domain::{Check, Demand};
use super::keys::{Dimension, Dimensions, Rides, key_rule, spelling};
use super::literal::{KeyId, Literal, Test};
use super::question::{Answer, Ask, Callers, Group, Question, clause, pattern};
use super::states::{Restriction, state_of};
use super::witness;
use crate::engine::{Confinement, ConfinementKind, GrantSource, Indeterminate, Request, Residual};
use crate::iam::{Condition, ConditionValue, Operand, Operator, Principal, Qualifier};

/// One class × rules × actions × object pattern × conditions, with a request that shows it.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) class: Class,
    /// The Allow rules it rests on.
    pub(super) allows: Vec<usize>,
    pub(super) actions: ActionSet,
    pub(super) on_objects: bool,
    /// The object pattern of each rule.
    pub(super) pieces: Vec<Option<usize>>,
    /// The resource as an ARN pattern.
    pub(super) resource: String,
    pub(super) conditions: Vec<Residual>,
    /// Conditions that every caller of the class meets anyway.
    pub(super) implied: Vec<Residual>,
    pub(super) open: bool,
    pub(super) confined_by: Vec<Confinement>,
    pub(super) outside: bool,
    pub(super) witness: Request,
}

/// An answer, and how much of a stranger the caller can be.
struct Judged {
    open: bool,
    strange: Dimensions,
    answer: Answer,
}

/// Most ways around conditional Deny rules that are told apart for one candidate.
const MOST_WAYS: usize = 8;

impl<'a> Question<'a> {
    /// Everything the class gets through these Allow rules; what cannot be decided is noted. What a wider class has
    /// anyway is not asked again; `compared` says whether a wider class has something under conditions.
    pub(super) fn candidates(
        &self,
        callers: &Callers<'_, 'a>,
        allows: &[usize],
        settled: &dyn Fn(&Group, &[Option<usize>]) -> bool,
        compared: bool,
        undecided: &mut Vec<Indeterminate>,
    ) -> Vec<Candidate> {
        let rules: Vec<_> = allows
            .iter()
            .filter_map(|index| self.documents.rules.get(*index))
            .collect();
        let Some(first) = rules.first() else { return Vec::new() };
        let mut candidates = Vec::new();
        for group in &self.groups {
            if !rules.iter().all(|rule| rule.actions.contains_all(group.actions)) {
                continue;
            }
            for pieces in product(rules.iter().map(|rule| Self::pieces(rule, group)).collect()) {
                if settled(group, &pieces) {
                    continue;
                }
                let ask = Ask {
                    allows,
                    group,
                    pieces: &pieces,
                    escapes: &[],
                };
                let judged = self.judge(callers, &ask);
                match judged.answer {
                    Answer::No => {}
                    Answer::Undecided => undecided.push(Indeterminate {
                        reason: format!(
                            "whether {} gets {} through this statement is not decided: it depends on a policy variable or exceeds the search budget",
                            callers.class.grantee(),
                            witness::shown_action(group.actions).map_or("", |action| action.name),
                        ),
                        span: Some(first.source.span),
                    }),
                    Answer::Yes { .. } => candidates.extend(self.ways(callers, &ask, judged, compared)),
                }
            }
        }
        candidates
    }

    /// Possible for a stranger, else for somebody; and whether for a stranger.
    fn judge(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Judged {
        if self.strangers_count(callers.class, ask)
            && let answer @ Answer::Yes { .. } = self.ask_stranger(callers, ask)
        {
            return Judged {
                open: true,
                strange: Dimensions::STRANGER,
                answer,
            };
        }
        let (strange, answer) = self.least_confined(callers, ask);
        Judged {
            open: false,
            strange,
            answer,
        }
    }

    /// One candidate for each way in which the request can get around the conditional Deny rules.
    fn ways(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, judged: Judged, compared: bool) -> Vec<Candidate> {
        let mut common: Vec<Residual> = self.residuals(callers, ask);
        common.extend(self.vpc_residual());
        if let Class::Delegated(account) = callers.class {
            common.push(Residual {
                operator: "StringEquals".into(),
                key: "s3:DataAccessPointAccount".into(),
                values: vec![account.to_string()],
            });
        }
        let mut choices: Vec<Vec<(usize, usize)>> = Vec::new();
        for index in &callers.denies {
            let Some(rule) = self.documents.rules.get(*index) else {
                continue;
            };
            let Some(literals) = clause(rule, ask.group) else {
                continue;
            };
            if !self.matters(callers, ask, *index) {
                continue;
            }
            let escapes = self.escapes(callers, ask, *index, literals.len());
            match escapes.as_slice() {
                [one] => common.extend(self.negated(*one, ask.group)),
                _ if choices.iter().map(Vec::len).product::<usize>() * escapes.len() <= MOST_WAYS => {
                    choices.push(escapes);
                }
                _ => common.push(not_denied_by(&rule.source)),
            }
        }
        let implied = if compared {
            self.implied(callers, ask)
        } else {
            Vec::new()
        };
        if choices.is_empty() {
            return self
                .candidate(callers, ask, judged, common, implied)
                .into_iter()
                .collect();
        }
        let mut candidates = Vec::new();
        for escapes in product(choices) {
            let asked = Ask {
                escapes: &escapes,
                ..ask.clone()
            };
            let mut conditions = common.clone();
            conditions.extend(escapes.iter().filter_map(|escape| self.negated(*escape, ask.group)));
            let judged = self.judge(callers, &asked);
            candidates.extend(self.candidate(callers, &asked, judged, conditions, implied.clone()));
        }
        candidates
    }

    /// What an access point in a VPC asks of every request [AP-04].
    fn vpc_residual(&self) -> Option<Residual> {
        match &self.through {
            Some(Through::One { vpc: Some(vpc), .. }) => Some(Residual {
                operator: vpc.as_ref().map_or("Null", |_| "StringEquals").into(),
                key: "aws:SourceVpc".into(),
                values: vec![vpc.clone().unwrap_or_else(|| "false".into())],
            }),
            Some(Through::One { vpc: None, .. } | Through::AnyOf(_)) | None => None,
        }
    }

    /// The literals of a Deny rule by which a request can get around it.
    fn escapes(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, rule: usize, literals: usize) -> Vec<(usize, usize)> {
        (0..literals)
            .map(|literal| (rule, literal))
            .filter(|escape| {
                let with = [*escape];
                let asked = Ask {
                    escapes: &with,
                    ..ask.clone()
                };
                literals == 1 || self.ask(callers, &asked, &Restriction::none()) != Answer::No
            })
            .collect()
    }

    fn candidate(
        &self,
        callers: &Callers<'_, 'a>,
        ask: &Ask<'_>,
        judged: Judged,
        mut conditions: Vec<Residual>,
        implied: Vec<Residual>,
    ) -> Option<Candidate> {
        let Judged { open, strange, answer } = judged;
        let Answer::Yes { shape, model } = answer else {
            return None;
        };
        conditions.sort();
        conditions.dedup();
        let restriction = Restriction { strange, outside: None };
        let confined_by = if open {
            Vec::new()
        } else {
            self.confinement(callers, ask, shape, &model, strange)
        };
        let witness = self.spell(callers, shape, ask, &model, &restriction)?;
        Some(Candidate {
            class: callers.class.clone(),
            allows: ask.allows.to_vec(),
            actions: ask.group.actions,
            on_objects: ask.group.on_objects,
            pieces: ask.pieces.to_vec(),
            resource: self.resource_text(ask),
            conditions,
            implied,
            open,
            outside: self.is_outside(callers, ask, open, &confined_by),
            confined_by,
            witness,
        })
    }

    /// The largest set of dimensions in which the caller can still be a stranger, with a request that shows it.
    fn least_confined(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> (Dimensions, Answer) {
        let mut strange = Dimensions::default();
        let mut answer = self.ask(callers, ask, &Restriction::none());
        if !matches!(answer, Answer::Yes { .. }) {
            return (strange, answer);
        }
        for dimension in &self.asked {
            let restriction = Restriction {
                strange: strange.with(*dimension),
                outside: None,
            };
            if let yes @ Answer::Yes { .. } = self.ask(callers, ask, &restriction) {
                answer = yes;
                strange = restriction.strange;
            }
        }
        (strange, answer)
    }

    /// Whether strangers of the class exist for this resource: an issuer of one tenant has none, and neither has a
    /// service that acts only for the resource's own account.
    fn strangers_count(&self, class: &Class, ask: &Ask<'_>) -> bool {
        match class {
            Class::Federated(provider) => claims::shared_issuer(provider).is_some(),
            Class::Service(name) => {
                let by_acl = |index: &usize| {
                    let rule = self.documents.rules.get(*index);
                    rule.is_some_and(|rule| matches!(rule.grantor, Grantor::Acl(_)))
                };
                // S3 delivers access logs only to buckets of the account whose buckets they are about [ACL-05].
                !(self.matching.trust && acts_for_own_account(name) || ask.allows.iter().all(by_acl))
            }
            Class::Anonymous
            | Class::AnyAccount
            | Class::Organization(_)
            | Class::AnyService
            | Class::Account(_)
            | Class::Delegated(_)
            | Class::Canonical(_)
            | Class::Principal(_)
            | Class::UniqueId(..)
            | Class::OriginAccessIdentity(_) => class.has_strangers(),
        }
    }

    /// Whether a Deny rule stops some of the requests that the Allow rules alone would let pass.
    fn matters(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, deny: usize) -> bool {
        let none = Restriction::none();
        (0..callers.shapes.len()).any(|shape| {
            let Some(states) = self.states(callers, shape, ask.group, &none) else {
                return false;
            };
            let rules = self.rules(callers, shape);
            let Some(literals) = rules.get(deny).and_then(|rule| clause(rule, ask.group)) else {
                return false;
            };
            let Some(mut problem) = self.problem(callers, shape, ask) else {
                return false;
            };
            if literals.iter().any(|literal| is_picked(callers, shape, literal)) {
                return true;
            }
            problem.clauses.clear();
            problem
                .demands
                .extend(literals.iter().map(|literal| Demand { literal, truth: true }));
            let keys = super::solve::Keys {
                states: &states,
                object: self.object_state(callers, ask),
            };
            super::solve::solve(&problem, keys, &mut self.options.budget.clone()) != super::solve::Outcome::Impossible
        })
    }

    /// Conditions of the Allow rules that not every caller of the class meets.
    fn residuals(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Vec<Residual> {
        let mut residuals = Vec::new();
        for index in ask.allows {
            let Some(rule) = self.documents.rules.get(*index) else {
                continue;
            };
            let Some(statement) = rule.statement else { continue };
            for (place, condition) in statement.conditions.iter().enumerate() {
                let varies = (0..callers.shapes.len()).any(|shape| {
                    let literal = self
                        .rules(callers, shape)
                        .get(*index)
                        .and_then(|rule| rule.literals.get(place));
                    literal
                        .is_some_and(|literal| self.can_be(callers, shape, ask.group, Demand { literal, truth: false }))
                });
                if varies {
                    residuals.push(residual(condition, condition.operator));
                }
            }
            if rule.resource.negated && ask.group.on_objects {
                residuals.extend(not_resource(rule.resource.texts()));
            }
        }
        residuals
    }

    /// Conditions of these rules that no caller of the class can fail: what a wider class may still have to meet.
    fn implied(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Vec<Residual> {
        let mut implied = Vec::new();
        let always = |rule: usize, place: usize, truth: bool| {
            (0..callers.shapes.len()).all(|shape| {
                let literal = self
                    .rules(callers, shape)
                    .get(rule)
                    .and_then(|rule| rule.literals.get(place));
                literal.is_none_or(|literal| !self.can_be(callers, shape, ask.group, Demand { literal, truth: !truth }))
            })
        };
        for index in ask.allows {
            let Some(statement) = self.documents.rules.get(*index).and_then(|rule| rule.statement) else {
                continue;
            };
            for (place, condition) in statement.conditions.iter().enumerate() {
                if always(*index, place, true) {
                    implied.push(residual(condition, condition.operator));
                }
            }
        }
        for index in &callers.denies {
            let Some(statement) = self.documents.rules.get(*index).and_then(|rule| rule.statement) else {
                continue;
            };
            for (place, condition) in statement.conditions.iter().enumerate() {
                let literal = self
                    .documents
                    .rules
                    .get(*index)
                    .and_then(|rule| rule.literals.get(place));
                if always(*index, place, false)
                    && let Some(literal) = literal
                {
                    implied.extend(negation(condition, literal));
                }
            }
        }
        implied
    }

    fn can_be(&self, callers: &Callers<'_, 'a>, shape: usize, group: &Group, demand: Demand<'_>) -> bool {
        let Some(states) = self.states(callers, shape, group, &Restriction::none()) else {
            return false;
        };
        if is_picked(callers, shape, demand.literal) {
            return true;
        }
        match state_of(&states, None, demand.literal.key) {
            Some(state) => state.check(&[demand], &mut 1000) != Check::Impossible,
            None => false,
        }
    }

    /// The condition under which one literal of a Deny rule is false.
    fn negated(&self, (rule, place): (usize, usize), group: &Group) -> Option<Residual> {
        let rule = self.documents.rules.get(rule)?;
        let literals = clause(rule, group)?;
        let literal = literals.get(place)?;
        match literal.condition {
            None => {
                let texts = rule.resource.texts();
                if rule.resource.negated {
                    return Some(Residual {
                        operator: "Resource".into(),
                        key: "Resource".into(),
                        values: texts,
                    });
                }
                not_resource(texts)
            }
            Some(index) => {
                let condition = rule.statement?.conditions.get(usize::from(index))?;
                negation(condition, literal)
            }
        }
    }

    /// The resource of an answer as an ARN pattern: of several patterns that must all match, the narrowest.
    fn resource_text(&self, ask: &Ask<'_>) -> String {
        let place = self.place.as_ref();
        if !ask.group.on_objects {
            return place.map(|place| place.whole.clone()).unwrap_or_default();
        }
        let rules = ask.allows.iter().filter_map(|index| self.documents.rules.get(*index));
        let patterns = rules.zip(ask.pieces).filter_map(|(rule, piece)| pattern(rule, *piece));
        let narrowest = patterns.map(|pattern| self.as_own(&pattern.text));
        let all = place.map(|place| format!("{}*", place.objects)).unwrap_or_default();
        self.narrowed(narrowest.max_by_key(String::len).unwrap_or(all))
    }

    /// A pattern that stands in another document's terms, in the terms of this resource.
    pub(super) fn as_own(&self, text: &str) -> String {
        let Some(place) = &self.place else {
            return text.to_owned();
        };
        for other in &self.other_places {
            if let Some(key) = text.strip_prefix(&*other.objects) {
                return format!("{}{key}", place.objects);
            }
        }
        text.to_owned()
    }

    /// Whether some way in lies outside the zone of trust [OPEN-13].
    fn is_outside(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, open: bool, confined_by: &[Confinement]) -> bool {
        let surroundings = self.ground.surroundings;
        let inside = |account| {
            self.zone.accounts.contains(&account)
                || surroundings
                    .organization_of(account)
                    .is_some_and(|id| self.zone.organizations.contains(id))
        };
        match callers.class {
            // [TRUST-81]
            Class::Federated(_) | Class::OriginAccessIdentity(_) => true,
            Class::Organization(id) => !self.zone.organizations.contains(id) && self.has_outside(callers, ask),
            Class::Account(account) | Class::Delegated(account) => !inside(*account) && self.has_outside(callers, ask),
            Class::Principal(principal) => !inside(principal.account) && self.has_outside(callers, ask),
            Class::UniqueId(_, account) => !account.is_some_and(inside) && self.has_outside(callers, ask),
            Class::Canonical(_) => self.has_outside(callers, ask),
            Class::Service(_) if !self.strangers_count(callers.class, ask) => false,
            Class::Anonymous | Class::AnyAccount | Class::AnyService | Class::Service(_) => {
                open || !self.zone_may_confine(confined_by) || self.has_outside(callers, ask)
            }
        }
    }

    /// Whether something of the zone could be among the values that confine a grant.
    fn zone_may_confine(&self, confined_by: &[Confinement]) -> bool {
        confined_by.iter().any(|confinement| match confinement.kind {
            ConfinementKind::Network => {
                let sized = !self.zone.endpoints.is_empty() || !self.zone.networks.is_empty();
                sized || !matches!(&*confinement.key, "aws:SourceIp" | "aws:SourceVpc" | "aws:SourceVpce")
            }
            ConfinementKind::Organization
            | ConfinementKind::Account
            | ConfinementKind::AccessPoint
            | ConfinementKind::Source => true,
            ConfinementKind::ExternalId | ConfinementKind::Subject => false,
        })
    }

    fn has_outside(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> bool {
        let restriction = Restriction {
            strange: Dimensions::default(),
            outside: Some(self.zone),
        };
        // Undecided counts as outside: nothing unknown is taken for inside.
        self.ask(callers, ask, &restriction) != Answer::No
    }

    /// The named values without which the request of the answer would be refused [OPEN-12].
    fn confinement(
        &self,
        callers: &Callers<'_, 'a>,
        ask: &Ask<'_>,
        shape: usize,
        model: &super::solve::Model,
        strange: Dimensions,
    ) -> Vec<Confinement> {
        let mut found = self.confined_by_class(callers, ask);
        let keys = model.iter().map(|(key, _)| *key).filter(|key| *key != RESOURCE);
        for key in keys {
            let name = self.documents.keys.name(key);
            let dimension = dimension(callers.class, name);
            if dimension == Dimension::Free || dimension == Dimension::Caller || strange.has(dimension) {
                continue;
            }
            let values = self.values_demanded(callers, ask, shape, key);
            if !values.is_empty() {
                found.push(Confinement {
                    kind: kind_of(dimension),
                    key: spelling(name),
                    values,
                });
            }
        }
        if let Some(source) = callers.shapes.get(shape).and_then(|shape| shape.source)
            && !strange.has(Dimension::Source)
            && !found
                .iter()
                .any(|confinement| confinement.kind == ConfinementKind::Source)
        {
            found.push(Confinement {
                kind: ConfinementKind::Source,
                key: "aws:SourceAccount".into(),
                values: vec![source.to_string()],
            });
        }
        if let Some(Some(Through::AnyOf(account))) = callers.shapes.get(shape).map(|shape| &shape.access_point)
            && callers.class.has_strangers()
            && !strange.has(Dimension::AccessPoint)
            && !found
                .iter()
                .any(|confinement| confinement.kind == ConfinementKind::AccessPoint)
        {
            found.push(Confinement {
                kind: ConfinementKind::AccessPoint,
                key: "s3:DataAccessPointAccount".into(),
                values: vec![account.to_string()],
            });
        }
        if let Some(Some(Through::One { vpc: Some(vpc), .. })) =
            callers.shapes.get(shape).map(|shape| &shape.access_point)
            && callers.class.has_strangers()
            && !strange.has(Dimension::Network)
            && !found
                .iter()
                .any(|confinement| confinement.kind == ConfinementKind::Network)
        {
            found.push(Confinement {
                kind: ConfinementKind::Network,
                key: "aws:SourceVpc".into(),
                values: vpc.iter().cloned().collect(),
            });
        }
        found.sort();
        found.dedup();
        found
    }

    /// What the class itself confines a grant to, where the `Principal` element says less.
    fn confined_by_class(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> Vec<Confinement> {
        let confinement = |kind, key: &str, value: String| {
            vec![Confinement {
                kind,
                key: key.to_owned(),
                values: vec![value],
            }]
        };
        match callers.class {
            Class::Organization(id) => confinement(ConfinementKind::Organization, "aws:PrincipalOrgID", id.to_string()),
            Class::Delegated(account) => confinement(
                ConfinementKind::AccessPoint,
                "s3:DataAccessPointAccount",
                account.to_string(),
            ),
            Class::Service(_) if !self.strangers_count(callers.class, ask) => {
                let owner = self
                    .ground
                    .surroundings
                    .owner
                    .map(|id| id.to_string())
                    .unwrap_or_default();
                confinement(ConfinementKind::Account, "aws:SourceAccount", owner)
            }
            Class::Account(_) | Class::Principal(_) | Class::UniqueId(..) if self.through_everyone(ask) => {
                let keys = ["aws:principalaccount", "aws:principalarn", "aws:userid"];
                let conditions = ask
                    .allows
                    .iter()
                    .filter_map(|index| self.documents.rules.get(*index)?.statement)
                    .flat_map(|statement| &statement.conditions)
                    .chain(
                        callers
                            .denies
                            .iter()
                            .filter_map(|index| self.documents.rules.get(*index)?.statement)
                            .flat_map(|statement| &statement.conditions),
                    );
                conditions
                    .filter(|condition| keys.contains(&condition.key.folded()))
                    .map(|condition| Confinement {
                        kind: ConfinementKind::Account,
                        key: spelling(condition.key.folded()),
                        values: values(condition),
                    })
                    .collect()
            }
            Class::Anonymous
            | Class::AnyAccount
            | Class::AnyService
            | Class::Service(_)
            | Class::Federated(_)
            | Class::Account(_)
            | Class::Canonical(_)
            | Class::Principal(_)
            | Class::UniqueId(..)
            | Class::OriginAccessIdentity(_) => Vec::new(),
        }
    }

    fn through_everyone(&self, ask: &Ask<'_>) -> bool {
        ask.allows
            .iter()
            .filter_map(|index| self.documents.rules.get(*index))
            .any(|rule| match rule.grantor {
                Grantor::Policy(element) => {
                    element.negated || element.entries.iter().any(|entry| entry.value == Principal::Everyone)
                }
                Grantor::Acl(_) => false,
            })
    }

    /// The values that the rules demand of a key.
    fn values_demanded(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>, shape: usize, key: KeyId) -> Vec<String> {
        let rules = self.rules(callers, shape);
        let demanded = |index: &usize, truth: bool| -> Vec<String> {
            let Some(rule) = rules.get(*index) else {
                return Vec::new();
            };
            let Some(statement) = rule.statement else {
                return Vec::new();
            };
            let wanted = rule
                .literals
                .iter()
                .filter(|literal| literal.key == key && positive(literal) == truth);
            wanted
                .filter_map(|literal| statement.conditions.get(usize::from(literal.condition?)))
                .flat_map(|condition| condition.values.iter().map(written))
                .collect()
        };
        let mut values: Vec<String> = ask.allows.iter().flat_map(|index| demanded(index, true)).collect();
        values.extend(callers.denies.iter().flat_map(|index| demanded(index, false)));
        values.sort();
        values.dedup();
        values
    }

    fn spell(
        &self,
        callers: &Callers<'_, 'a>,
        shape: usize,
        ask: &Ask<'_>,
        model: &super::solve::Model,
        restriction: &Restriction<'_>,
    ) -> Option<Request> {
        let group = ask.group;
        let states = self.states(callers, shape, group, restriction)?;
        let object = self.object_state(callers, ask);
        witness::request(
            self,
            callers.class,
            callers.shapes.get(shape)?,
            group,
            (&states, object),
            model,
        )
    }
}

/// Whether the key of the literal has but one of many values in this shape.
fn is_picked(callers: &Callers<'_, '_>, shape: usize, literal: &Literal) -> bool {
    callers
        .shapes
        .get(shape)
        .is_some_and(|shape| shape.picked.contains(&literal.key))
}

/// Whether the literal, when true, demands one of its values.
fn positive(literal: &Literal) -> bool {
    match &literal.test {
        Test::Text { negated, .. }
        | Test::Address { negated, .. }
        | Test::Number { negated, .. }
        | Test::Time { negated, .. } => !*negated,
        Test::Const(truth) => *truth,
        Test::Bool { .. } | Test::Binary { .. } => true,
    }
}

fn dimension(class: &Class, name: &str) -> Dimension {
    match key_rule(name) {
        Some(rule) => rule.dimension,
        None => match class {
            Class::Federated(provider) if claims::names_tenant(provider, name) => Dimension::Subject,
            _ => Dimension::Free,
        },
    }
}

fn kind_of(dimension: Dimension) -> ConfinementKind {
    match dimension {
        Dimension::Network | Dimension::Free => ConfinementKind::Network,
        Dimension::AccessPoint => ConfinementKind::AccessPoint,
        Dimension::Source => ConfinementKind::Source,
        Dimension::ExternalId => ConfinementKind::ExternalId,
        Dimension::Subject => ConfinementKind::Subject,
        Dimension::Caller => ConfinementKind::Account,
    }
}

fn residual(condition: &Condition, operator: Operator) -> Residual {
    Residual {
        operator: operator.to_string(),
        key: condition.key.name().to_owned(),
        values: values(condition),
    }
}

fn values(condition: &Condition) -> Vec<String> {
    condition.values.iter().map(written).collect()
}

/// A condition's value as the current version of the policy language writes it.
fn written(value: &ConditionValue) -> String {
    match &value.operand {
        Operand::Pattern(pattern) => pattern.in_current_version(&value.text),
        Operand::Number(_)
        | Operand::Date(_)
        | Operand::Bool(_)
        | Operand::Binary(_)
        | Operand::Network(_)
        | Operand::Unreadable => value.text.to_string(),
    }
}

/// More ways around a Deny rule than are told apart: it stands for itself.
fn not_denied_by(source: &GrantSource) -> Residual {
    let name = source
        .sid
        .as_deref()
        .map_or_else(|| source.index.to_string(), Into::into);
    Residual {
        operator: "NotDeniedBy".into(),
        key: "Statement".into(),
        values: vec![name],
    }
}

fn not_resource(values: Vec<String>) -> Option<Residual> {
    (!values.is_empty()).then(|| Residual {
        operator: "NotResource".into(),
        key: "Resource".into(),
        values,
    })
}

/// The condition that holds exactly where this one does not, in IAM's own words; none where that is always.
fn negation(condition: &Condition, literal: &Literal) -> Option<Residual> {
    if let Test::Const(present) = literal.test {
        // No value that can be read: all that matters is whether the key is there [POL-12], [COND-26], [COND-36].
        return (present || literal.on_absent).then(|| null(condition, present));
    }
    Some(opposite(condition))
}

fn opposite(condition: &Condition) -> Residual {
    use crate::iam::BaseOperator;
    let operator = condition.operator;
    match operator.base {
        BaseOperator::Null | BaseOperator::Bool => negated_truth(condition),
        base => match base.negation() {
            None => residual(condition, operator).renamed(format!("Not{operator}")),
            Some(negated) => {
                // Where the key is absent the negation must hold exactly if the condition did not.
                let absent = match (operator.qualifier, operator.if_exists) {
                    (Some(Qualifier::ForAllValues), _) => false,
                    (Some(Qualifier::ForAnyValue), _) => true,
                    (None, true) => false,
                    (None, false) => !base.is_negated(),
                };
                let qualifier = match operator.qualifier {
                    Some(Qualifier::ForAllValues) => Some(Qualifier::ForAnyValue),
                    Some(Qualifier::ForAnyValue) => Some(Qualifier::ForAllValues),
                    None if !absent && negated.is_negated() => Some(Qualifier::ForAnyValue),
                    None => None,
                };
                let if_exists = operator.qualifier.is_none() && absent && !negated.is_negated();
                let negation = Operator {
                    qualifier,
                    base: negated,
                    if_exists,
                };
                Residual {
                    values: farthest(condition).map_or_else(|| values(condition), |value| vec![written(value)]),
                    ..residual(condition, negation)
                }
            }
        },
    }
}

/// Of the values of an operator that compares by order, the one that every other implies: past it, all are missed.
fn farthest(condition: &Condition) -> Option<&ConditionValue> {
    use crate::iam::BaseOperator as Base;
    let units = |value: &&ConditionValue| match &value.operand {
        Operand::Number(number) => Some(number.units()),
        Operand::Date(time) => Some(time.0.into()),
        Operand::Pattern(_) | Operand::Bool(_) | Operand::Binary(_) | Operand::Network(_) | Operand::Unreadable => None,
    };
    let readable = condition.values.iter().filter(|value| units(value).is_some());
    match condition.operator.base {
        Base::NumericLessThan | Base::NumericLessThanEquals | Base::DateLessThan | Base::DateLessThanEquals => {
            readable.max_by_key(units)
        }
        Base::NumericGreaterThan
        | Base::NumericGreaterThanEquals
        | Base::DateGreaterThan
        | Base::DateGreaterThanEquals => readable.min_by_key(units),
        _ => None,
    }
}

/// That the key of a condition is absent, or that it is present [COND-26].
fn null(condition: &Condition, absent: bool) -> Residual {
    Residual {
        operator: "Null".into(),
        key: condition.key.name().to_owned(),
        values: vec![absent.to_string()],
    }
}

/// The negation of `Bool` or `Null`: the truth values that it does not list.
fn negated_truth(condition: &Condition) -> Residual {
    use crate::iam::BaseOperator;
    let operator = condition.operator;
    let lists = |truth: bool| {
        condition
            .values
            .iter()
            .any(|value| value.operand == Operand::Bool(truth))
    };
    let others: Vec<bool> = [true, false].into_iter().filter(|truth| !lists(*truth)).collect();
    let is_null = operator.base == BaseOperator::Null;
    if others.is_empty() && !is_null {
        // Any value at all would do: the key must be absent.
        return null(condition, true);
    }
    let always = key_rule(condition.key.folded()).is_some_and(|rule| rule.maybe == 0 && rule.rides == Rides::Freely);
    let absent = match (operator.qualifier, operator.if_exists) {
        (Some(Qualifier::ForAllValues), _) | (None, true) => false,
        (Some(Qualifier::ForAnyValue), _) | (None, false) => !always && !is_null,
    };
    Residual {
        operator: Operator {
            if_exists: absent,
            qualifier: None,
            ..operator
        }
        .to_string(),
        key: condition.key.name().to_owned(),
        values: others.iter().map(ToString::to_string).collect(),
    }
}

impl Residual {
    fn renamed(self, operator: String) -> Self {
        Self { operator, ..self }
    }
}

/// Every choice of one item from each list.
pub(super) fn product<T: Clone>(lists: Vec<Vec<T>>) -> Vec<Vec<T>> {
    lists.into_iter().fold(vec![Vec::new()], |done, list| {
        done.iter()
            .flat_map(|chosen| {
                list.iter().map(move |item| {
                    let mut chosen = chosen.clone();
                    chosen.push(item.clone());
                    chosen
                })
            })
            .collect()
    })
}

/// Services to which a role can be handed only by its own account, for its own account's resources [OPEN-10], [TRUST-23].
pub(super) fn acts_for_own_account(service: &str) -> bool {
    let name = service
        .strip_suffix(".amazonaws.com.cn")
        .or_else(|| service.strip_suffix(".amazonaws.com"));
    name.is_some_and(|name| COMPUTE.contains(&name) || name.starts_with("ec2.") || name.starts_with("lambda."))
}

const COMPUTE: &[&str] = &[
    "ec2",
    "lambda",
    "edgelambda",
    "ecs",
    "ecs-tasks",
    "eks",
    "eks-fargate-pods",
    "eks-nodegroup",
    "pods.eks",
    "batch",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "glue",
    "sagemaker",
    "elasticmapreduce",
    "elasticbeanstalk",
    "states",
    "ssm",
    "autoscaling",
    "application-autoscaling",
    "spotfleet",
    "ec2fleet",
    "spot",
    "opsworks",
    "elasticloadbalancing",
    "rolesanywhere",
    "build.apprunner",
    "tasks.apprunner",
    "cloudformation",
    "imagebuilder",
    "rds",
    "monitoring.rds",
    "redshift",
    "dax",
    "kinesisanalytics",
    "gamelift",
    "greengrass",
    "lightsail",
    "robomaker",
    "braket",
    "emr-serverless",
    "airflow",
    "airflow-env",
];
