use super::Held;
use crate::engine::{self, Element, Outcome, decide_bucket};
use crate::finding::{DocumentKind, Grant, GrantEffect, Location};
use crate::iam::{BaseOperator, Effect, PolicyDocument, Principal, Statement};
use crate::model::Setting;

/// The statements that were meant to keep strangers out and spare the very request that shows a public grant, each by the
/// condition that lets it pass.
///
/// Source: IAM User Guide, "AWS global condition context keys", aws:PrincipalIsAWSService: absent from the request of an
/// anonymous caller, so that a Deny that asks for `false` does not apply [CTX-32].
pub(in crate::rules) fn broken_fences(
    grant: &Grant,
    held: Held<'_>,
    estate: &engine::Estate<'_>,
    options: &engine::Options,
) -> Vec<Location> {
    let Some(bucket) = held
        .bucket
        .filter(|_| grant.is_public() && grant.effect == GrantEffect::Effective)
    else {
        return Vec::new();
    };
    let point = held.access_point.map(|point| &point.policy);
    let fences = |policy: &Setting<PolicyDocument>| {
        policy
            .value()
            .is_some_and(|policy| policy.statements.iter().any(is_fence))
    };
    if !fences(&bucket.policy) && !point.is_some_and(fences) {
        return Vec::new();
    }
    let decision = decide_bucket(&grant.witness, &estate.bucket(bucket), options);
    let broken = decision.trace.iter().filter_map(|step| {
        let policy = match step.document? {
            DocumentKind::BucketPolicy => bucket.policy.value(),
            DocumentKind::AccessPointPolicy => point.and_then(Setting::value),
            DocumentKind::BucketAcl
            | DocumentKind::ObjectAcl
            | DocumentKind::TrustPolicy
            | DocumentKind::ResourceControlPolicy => None,
        }?;
        let statement = policy
            .statements
            .iter()
            .find(|statement| Some(statement.index) == step.index)?;
        let Outcome::Differs(Element::Condition(operator, key)) = &step.outcome else {
            return None;
        };
        let of_condition =
            |condition: &&crate::iam::Condition| condition.operator == *operator && condition.key == *key;
        let condition = statement.conditions.iter().find(of_condition)?;
        is_fence(statement).then(|| Location {
            span: condition.span,
            label: format!("`{operator}` on `{}` spares strangers from this Deny", key.name()),
        })
    });
    broken.collect()
}

/// Whether a statement denies everybody but those of an organization, account, network or principal.
pub(super) fn draws_border(statement: &Statement) -> bool {
    let mut entries = statement.principal.entries.iter();
    let everyone = statement.principal.negated || entries.any(|entry| entry.value == Principal::Everyone);
    let border = statement.conditions.iter().any(|condition| {
        let negative = condition.operator.base.is_negated() || condition.operator.base == BaseOperator::Null;
        negative && BORDERS.contains(&condition.key.folded())
    });
    statement.effect == Effect::Deny && everyone && border
}

/// Whether it does so whatever the request is: a Deny for some objects, headers or tags is about those.
fn is_fence(statement: &Statement) -> bool {
    let about_caller =
        |key: &str| BORDERS.contains(&key) || CALLERS.contains(&key) || key.starts_with("aws:principaltag/");
    draws_border(statement)
        && statement
            .conditions
            .iter()
            .all(|condition| about_caller(condition.key.folded()))
}

/// Keys that say where a caller belongs.
const BORDERS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// Other keys about the caller and not about the request: exceptions that a data perimeter makes.
const CALLERS: &[&str] = &[
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:federatedprovider",
    "aws:multifactorauthpresent",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltype",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpcsourceip",
];
