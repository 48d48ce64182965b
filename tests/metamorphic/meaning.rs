//! What is granted, apart from the words: place, order and names of statements do not show in it.

use bucketproof::engine::{
    BucketScope, Confinement, Estate, Grant, GrantEffect, NewAccess, Request, Residual, ResourceAccess, RoleScope,
    Verdict, Zone, bucket_access, decide_bucket, decide_role, new_bucket_access, new_role_access, role_access,
};
use bucketproof::iam::{Action, BaseOperator, Operand, Operator, Qualifier, Target, Version, action};
use bucketproof::source::Placeholder;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};

use super::generate::World;
use super::rewrite::is_multivalued;

/// How closely two answers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closeness {
    /// Every grant with its conditions and confinement.
    Terms,
    /// Which actions anybody has, how openly.
    Actions,
    /// The terms, whatever S3 calls public [PUB-07].
    Fenced,
    /// The actions, whatever S3 calls public.
    FencedActions,
}

impl Closeness {
    fn coarse(self) -> Self {
        match self {
            Self::Terms | Self::Actions => Self::Actions,
            Self::Fenced | Self::FencedActions => Self::FencedActions,
        }
    }
}

/// The lines of an answer that differ between two worlds, and what else tells them apart.
pub fn differences(one: &World, other: &World, closeness: Closeness) -> Vec<String> {
    let mut found = Vec::new();
    let (first, second) = (access(one), access(other));
    if comparable(&first, &second) {
        // Where there are too many ways around a Deny, some are only named by its statement.
        let coarse = [&first, &second].into_iter().flatten().any(names_statements);
        let closeness = if coarse { closeness.coarse() } else { closeness };
        let (mine, theirs) = (lines(&first, closeness), lines(&second, closeness));
        found.extend(mine.difference(&theirs).map(|line| format!("only as it was: {line}")));
        found.extend(
            theirs
                .difference(&mine)
                .map(|line| format!("only as rewritten: {line}")),
        );
    }
    for (access, world, name) in [(&first, other, "rewritten"), (&second, one, "as it was")] {
        let grants = access.iter().flat_map(|resource| &resource.grants);
        for grant in grants.filter(|grant| grant.effect == GrantEffect::Effective) {
            let verdict = verdict(world, &grant.witness);
            if verdict != Verdict::Allowed {
                found.push(format!(
                    "{verdict:?} {name}: {}",
                    super::generate::describe(&grant.witness)
                ));
            }
        }
    }
    for (before, after, name) in [(one, other, "rewritten"), (other, one, "as it was")] {
        let new = new_access(before, after);
        let grants = new.iter().flat_map(|access| &access.grants);
        found.extend(grants.map(|new| format!("new {name}: {}", line(&new.grant, new.grant.witness.action.name))));
        let undecided = new.iter().flat_map(|access| &access.indeterminate);
        let faults = undecided.filter(|indeterminate| indeterminate.reason.contains("a fault in bucketproof"));
        found.extend(faults.map(|fault| format!("new {name}: {}", fault.reason)));
    }
    found
}

/// Whether the same is undecided in both. What a policy variable stands for may be settled for all actions of a group and
/// not for some of them: then nothing can be said of what is granted beside it.
fn comparable(one: &[ResourceAccess], other: &[ResourceAccess]) -> bool {
    let undecided = |access: &[ResourceAccess]| -> BTreeSet<(String, String)> {
        let all = access.iter().flat_map(|resource| {
            let reasons = resource.indeterminate.iter();
            reasons.map(|indeterminate| (resource.resource.arn.clone(), indeterminate.reason.clone()))
        });
        all.filter(|(_, reason)| reason.contains("depends on a policy variable"))
            .collect()
    };
    undecided(one) == undecided(other)
}

fn names_statements(resource: &ResourceAccess) -> bool {
    let conditions = resource.grants.iter().flat_map(|grant| &grant.conditions);
    conditions
        .into_iter()
        .any(|residual| residual.operator == "NotDeniedBy")
}

enum Scope<'a> {
    Bucket(BucketScope<'a>),
    Role(RoleScope<'a>),
}

fn scope<'a>(world: &'a World, estate: &Estate<'a>) -> Scope<'a> {
    match world.bucket(estate) {
        Some(bucket) => Scope::Bucket(bucket),
        None => Scope::Role(world.role(estate).expect("a world has a bucket or a role")),
    }
}

fn zone(world: &World) -> Zone {
    let own = world.inventory.accounts.first().and_then(|account| account.id);
    Zone {
        accounts: own.into_iter().collect(),
        ..Zone::default()
    }
}

fn access(world: &World) -> Vec<ResourceAccess> {
    let estate = Estate::new(&world.inventory);
    match scope(world, &estate) {
        Scope::Bucket(bucket) => bucket_access(&bucket, &zone(world), &world.options),
        Scope::Role(role) => role_access(&role, &zone(world), &world.options),
    }
}

/// What a single request gets.
pub fn verdict(world: &World, request: &Request) -> Verdict {
    let estate = Estate::new(&world.inventory);
    match scope(world, &estate) {
        Scope::Bucket(bucket) => decide_bucket(request, &bucket, &world.options).verdict,
        Scope::Role(role) => decide_role(request, &role, &world.options).verdict,
    }
}

fn new_access(before: &World, after: &World) -> Vec<NewAccess> {
    let (old, new) = (Estate::new(&before.inventory), Estate::new(&after.inventory));
    match (scope(before, &old), scope(after, &new)) {
        (Scope::Bucket(was), Scope::Bucket(is)) => new_bucket_access(Some(&was), &is, &zone(after), &after.options),
        (Scope::Role(was), Scope::Role(is)) => new_role_access(Some(&was), &is, &zone(after), &after.options),
        (Scope::Bucket(_) | Scope::Role(_), _) => unreachable!("both are about the same"),
    }
}

fn lines(access: &[ResourceAccess], closeness: Closeness) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for resource in access {
        let arn = &resource.resource.arn;
        lines.insert(match closeness {
            Closeness::Terms | Closeness::Actions => format!("{arn}: {:?}", resource.status),
            Closeness::Fenced | Closeness::FencedActions => {
                format!("{arn}: {:?}", resource.status.sharing)
            }
        });
        for indeterminate in &resource.indeterminate {
            lines.insert(format!("{arn}: {}", indeterminate.reason));
        }
        match closeness {
            Closeness::Terms | Closeness::Fenced => lines.extend(terms(resource)),
            Closeness::Actions | Closeness::FencedActions => {
                lines.extend(actions(resource));
            }
        }
    }
    lines
}

/// One line for each grant × action × resource.
fn terms(resource: &ResourceAccess) -> BTreeSet<String> {
    let grants = resource.grants.iter();
    grants
        .flat_map(|grant| {
            let pairs = pairs(grant, &resource.resource.arn);
            pairs.map(move |(action, pattern)| line(grant, &format!("{action} on {pattern}")))
        })
        .collect()
}

fn line(grant: &Grant, pair: &str) -> String {
    let conditions: BTreeSet<String> = grant.conditions.iter().flat_map(condition).collect();
    let confined: BTreeSet<String> = grant.confined_by.iter().map(confinement).collect();
    // Which values that are not known before deployment a grant is said to rest on goes by the statements that name them, and so
    // by how the document is written: a Deny that names one marks more than a Deny that spares it.
    let texts = grant.assumed.iter().map(|assumption| &*assumption.unknown);
    let assumed: BTreeSet<&str> = texts.filter(|text| !Placeholder::is_in(text)).collect();
    format!(
        "{} {:?} {pair} by {:?} open={} outside={} {confined:?} {conditions:?} {assumed:?}",
        grant.grantee, grant.effect, grant.blocked_by, grant.open, grant.outside_zone
    )
}

/// One line for each action: the best that anybody has of it.
fn actions(resource: &ResourceAccess) -> Vec<String> {
    let mut best: BTreeMap<&str, [bool; 4]> = BTreeMap::new();
    for grant in &resource.grants {
        let effective = grant.effect == GrantEffect::Effective;
        let has = [
            effective,
            effective && grant.open,
            effective && grant.outside_zone,
            grant.effect == GrantEffect::Blocked,
        ];
        for (action, _) in pairs(grant, &resource.resource.arn) {
            let known = best.entry(action).or_default();
            known.iter_mut().zip(has).for_each(|(known, has)| *known |= has);
        }
    }
    let line = |(action, [effective, open, outside, blocked]): (&str, [bool; 4])| {
        format!(
            "{action} effective={effective} open={open} outside={outside} blocked={}",
            blocked && !effective
        )
    };
    best.into_iter().map(line).collect()
}

/// The actions of a grant on the resources that they are about.
fn pairs<'a>(grant: &'a Grant, whole: &'a str) -> impl Iterator<Item = (&'static str, String)> + 'a {
    let actions = grant.actions.iter().filter_map(|id| action(*id));
    actions.flat_map(move |action| {
        let fitting = grant
            .resources
            .iter()
            .filter(move |pattern| fits(action, *pattern == whole));
        fitting.map(move |pattern| (action.name, folded_variables(pattern)))
    })
}

fn fits(action: &Action, is_whole: bool) -> bool {
    let on_objects = |target: &Target| matches!(target, Target::Object | Target::AccessPointObject);
    action.targets.iter().any(|target| on_objects(target) != is_whole)
}

/// A residual condition by what it compares with what, and by whether it holds where the key is absent; one that no value
/// may meet as one for each value.
fn condition(residual: &Residual) -> Vec<String> {
    let key = residual.key.to_lowercase();
    let texts = || residual.values.iter().map(|value| folded_variables(value));
    if residual.operator == "NotResource" {
        return texts().map(|text| format!("not on {text}")).collect();
    }
    let Some(operator) = Operator::from_name(&residual.operator) else {
        return vec![format!(
            "{} {key} {:?}",
            residual.operator,
            texts().collect::<BTreeSet<_>>()
        )];
    };
    let values: BTreeSet<String> = residual
        .values
        .iter()
        .map(|value| match Operand::read(value, operator.base, Version::V2012) {
            Ok(Operand::Pattern(_)) | Err(_) => folded_variables(value),
            Ok(operand) => format!("{operand:?}"),
        })
        .collect();
    let on_absence = match operator.qualifier {
        Some(Qualifier::ForAllValues) => true,
        Some(Qualifier::ForAnyValue) => operator.if_exists,
        None => operator.if_exists || operator.base.is_negated(),
    };
    let qualifier = operator.qualifier.filter(|_| is_multivalued(&key));
    let name = format!(
        "{qualifier:?} {} {on_absence} {key}",
        like(operator.base, &residual.values)
    );
    if operator.base.is_negated() && on_absence {
        values.iter().map(|value| format!("{name} {value}")).collect()
    } else {
        vec![format!("{name} {values:?}")]
    }
}

/// The operator that reads wildcards, where another one means the same [COND-10…25].
fn like(base: BaseOperator, values: &[String]) -> &'static str {
    let wild = values.iter().any(|value| value.contains(['*', '?']));
    let like = match base {
        BaseOperator::ArnEquals => BaseOperator::ArnLike,
        BaseOperator::ArnNotEquals => BaseOperator::ArnNotLike,
        BaseOperator::StringEquals if !wild => BaseOperator::StringLike,
        BaseOperator::StringNotEquals if !wild => BaseOperator::StringNotLike,
        other => other,
    };
    like.name()
}

fn confinement(confinement: &Confinement) -> String {
    let network = |value: &String| {
        value
            .parse::<IpNet>()
            .map_or_else(|_| folded_variables(value), |range| range.trunc().to_string())
    };
    let values: BTreeSet<String> = confinement.values.iter().map(network).collect();
    format!("{:?} {} {values:?}", confinement.kind, confinement.key.to_lowercase())
}

/// Names of policy variables have no letter case [VAR-02], and two stars are one.
fn folded_variables(text: &str) -> String {
    if text.contains("${") {
        text.replace("**", "*").to_lowercase()
    } else {
        text.to_owned()
    }
}
