use crate::engine::{
    Estate, Grant, GrantEffect, Grantee, Options, ResourceAccess, Terms, Zone, bucket_access, bucket_grants_of,
    role_grants_of,
};
use crate::iam::Statement;
use crate::incident::Incident;
use crate::model::{Bucket, Inventory, Role};

/// Access that somebody hostile has in a state.
#[derive(Clone, Debug)]
pub struct Remaining {
    /// ARN of the resource.
    pub resource: String,
    /// What is granted, with a request that shows it.
    pub grant: Grant,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Remains {
    /// What somebody hostile has.
    pub access: Vec<Remaining>,
    /// What could not be decided, in words.
    pub undecided: Vec<String>,
    /// Buckets and roles of the incident that are not in the input: others own them, or must tell their state.
    pub foreign: Vec<String>,
}

/// What the hostile principals of an incident can do to its buckets and roles, whether a log shows it or not.
pub fn remaining(incident: &Incident, inventory: &Inventory, zone: &Zone, options: &Options) -> Remains {
    let mut remains = Remains::default();
    let named: Vec<String> = incident
        .hostile
        .iter()
        .filter(|text| *text != "anonymous")
        .cloned()
        .collect();
    let anonymous = named.len() < incident.hostile.len();
    let asked = match named.is_empty() {
        true => None,
        false => {
            let terms = Terms {
                principals: named,
                ..Terms::default()
            };
            match terms.statement() {
                Ok(statement) => Some(statement),
                Err(problems) => {
                    remains.undecided.extend(problems);
                    None
                }
            }
        }
    };
    let estate = Estate::new(inventory);
    for bucket in buckets(incident, inventory) {
        let scope = estate.bucket(bucket);
        if anonymous {
            let all = bucket_access(&scope, zone, options);
            all.into_iter()
                .for_each(|access| remains.add(access, |grant| grant.grantee == Grantee::Anonymous));
        }
        let answers = asked
            .iter()
            .flat_map(|asked: &Statement| bucket_grants_of(asked, &scope, zone, options));
        answers.for_each(|answer| remains.add(answer.access, |_| true));
    }
    for role in roles(incident, inventory) {
        let answers = asked
            .iter()
            .filter_map(|asked| role_grants_of(asked, &estate.role(role), zone, options));
        answers.for_each(|answer| remains.add(answer.access, |_| true));
    }
    remains.foreign = foreign(incident, inventory);
    remains.undecided.sort();
    remains.undecided.dedup();
    remains
}

impl Remains {
    fn add(&mut self, access: ResourceAccess, counts: impl Fn(&Grant) -> bool) {
        let resource = access.resource.arn;
        let open = access.indeterminate.into_iter();
        self.undecided
            .extend(open.map(|open| format!("{resource}: {}", open.reason)));
        let grants = access.grants.into_iter();
        for grant in grants.filter(|grant| grant.effect == GrantEffect::Effective && counts(grant)) {
            let is_there = |known: &Remaining| known.resource == resource && known.grant == grant;
            if !self.access.iter().any(is_there) {
                self.access.push(Remaining {
                    resource: resource.clone(),
                    grant,
                });
            }
        }
    }
}

/// The buckets that an incident is about: all where it names none.
fn buckets<'a>(incident: &'a Incident, inventory: &'a Inventory) -> impl Iterator<Item = &'a Bucket> {
    let named = &incident.buckets;
    let fits = |bucket: &&Bucket| named.is_empty() || named.contains(&*bucket.name);
    inventory.buckets.iter().filter(fits)
}

fn roles<'a>(incident: &'a Incident, inventory: &'a Inventory) -> impl Iterator<Item = &'a Role> {
    let named = &incident.roles;
    inventory
        .roles
        .iter()
        .filter(|role| named.is_empty() || named.contains(&role.arn()))
}

fn foreign(incident: &Incident, inventory: &Inventory) -> Vec<String> {
    let known = |name: &&String| inventory.buckets.iter().any(|bucket| *bucket.name == ***name);
    let buckets = incident.buckets.iter().filter(|name| !known(name)).cloned();
    let known = |arn: &&String| inventory.roles.iter().any(|role| role.arn() == **arn);
    buckets
        .chain(incident.roles.iter().filter(|arn| !known(arn)).cloned())
        .collect()
}
