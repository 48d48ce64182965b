//! What a grant is confined to: how much of a stranger a caller can be, and which named values it needs.

use std::collections::BTreeSet;

use super::callers::{Class, Through};
use super::claims;
use super::documents::{Grantor, RESOURCE};
use super::keys::{Dimension, Dimensions, key_rule, spelling};
use super::literal::{KeyId, Literal, Test};
use super::question::{Answer, Ask, Callers, Question};
use super::residual::{values, written};
use super::solve::Model;
use super::states::Restriction;
use crate::engine::{Confinement, ConfinementKind, shared_issuer};
use crate::iam::Principal;
use crate::model::AclGrantee;
use crate::source::Placeholder;

impl<'a> Question<'a> {
    /// The largest set of dimensions in which the caller can still be a stranger, with a request that shows it.
    pub(super) fn least_confined(&self, callers: &Callers<'_, 'a>, ask: &Ask<'_>) -> (Dimensions, Answer) {
        // Mostly the caller can be a stranger in every way that is asked about; where the class has strangers, that was
        // asked before.
        let all = self.asked.iter().fold(Dimensions::default(), |all, one| all.with(*one));
        if !self.asked.is_empty() && !self.strangers_count(callers.class, ask) {
            let restriction = Restriction {
                strange: all,
                outside: None,
            };
            if let yes @ Answer::Yes { .. } = self.ask(callers, ask, &restriction) {
                return (all, yes);
            }
        }
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
    pub(super) fn strangers_count(&self, class: &Class, ask: &Ask<'_>) -> bool {
        match class {
            Class::Federated(provider) => shared_issuer(provider).is_some(),
            Class::Service(name) => {
                let by_acl = |index: &usize| {
                    let rule = self.documents.rules.get(*index);
                    rule.is_some_and(|rule| matches!(rule.grantor, Grantor::Acl(AclGrantee::LogDelivery)))
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

    /// Whether some way in lies outside the zone of trust [OPEN-13].
    pub(super) fn is_outside(
        &self,
        callers: &Callers<'_, 'a>,
        ask: &Ask<'_>,
        open: bool,
        confined_by: &[Confinement],
    ) -> bool {
        let surroundings = self.ground.surroundings;
        let inside = |account| {
            self.zone.accounts.contains(&account)
                || surroundings
                    .organization_of(account)
                    .is_some_and(|id| self.zone.organizations.contains(id))
        };
        match callers.class {
            // [TRUST-81]
            Class::Federated(_) => true,
            // One that is made together with the bucket is ours.
            Class::OriginAccessIdentity(id) => {
                !Placeholder::all_in(id).any(|(_, placeholder)| placeholder.is_identity())
            }
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
                self.zone.has_networks()
                    || !matches!(&*confinement.key, "aws:SourceIp" | "aws:SourceVpc" | "aws:SourceVpce")
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
    pub(super) fn confinement(
        &self,
        callers: &Callers<'_, 'a>,
        ask: &Ask<'_>,
        shape: usize,
        model: &Model,
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
        // Which VPC an access point is bound to may be unknown: then there is no value to name.
        if let Some(Some(Through::One {
            vpc: Some(Some(vpc)), ..
        })) = callers.shapes.get(shape).map(|shape| &shape.access_point)
            && callers.class.has_strangers()
            && !strange.has(Dimension::Network)
            && !found
                .iter()
                .any(|confinement| confinement.kind == ConfinementKind::Network)
        {
            found.push(Confinement {
                kind: ConfinementKind::Network,
                key: "aws:SourceVpc".into(),
                values: vec![vpc.clone()],
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
                // Whose resource it is may be unknown: then there is no value to name.
                let owner = self.ground.surroundings.owner;
                owner.map_or_else(Vec::new, |owner| {
                    confinement(ConfinementKind::Account, "aws:SourceAccount", owner.to_string())
                })
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
                    .map(|condition| {
                        let values: BTreeSet<String> = values(condition).into_iter().collect();
                        Confinement {
                            kind: ConfinementKind::Account,
                            key: spelling(condition.key.folded()),
                            values: values.into_iter().collect(),
                        }
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
    if let Class::Federated(provider) = class
        && claims::names_tenant(provider, name)
    {
        return Dimension::Subject;
    }
    key_rule(name).map_or(Dimension::Free, |rule| rule.dimension)
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

/// Services to which a role can be handed only by its own account, for its own account's resources [OPEN-10], [TRUST-23].
fn acts_for_own_account(service: &str) -> bool {
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
