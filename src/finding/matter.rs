use serde::{Deserialize, Serialize};

use super::{Grant, GrantEffect, Residual};
use crate::iam::{Operator, Target, find_action};

/// What of a resource a finding is about, as findings are compared over time: what it means, never where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matter {
    /// A setting, by its path and, in a list, its value.
    Setting(String),
    /// Access that is given.
    Access(Given),
}

/// Access as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Kind of the grantee, with its id where it has one.
    pub grantee: (String, Option<String>),
    /// Whether requests under it succeed: `effective`, `blocked` or `ineffective`.
    pub effect: String,
    /// The actions that the rule speaks of, by name.
    pub actions: Vec<String>,
    /// Patterns of the resources, as ARNs.
    pub on: Vec<String>,
    /// Operator, key and values of the conditions that remain.
    pub conditions: Vec<(String, String, Vec<String>)>,
}

impl Matter {
    /// What a finding about some actions of a grant is about.
    pub fn of<'n>(grant: &Grant, actions: impl Iterator<Item = &'n str>) -> Self {
        let condition = |Residual { operator, key, values }: &Residual| {
            (operator.clone(), key.to_lowercase(), sorted(values.iter().cloned()))
        };
        Self::Access(Given {
            grantee: (grant.grantee.kind().to_owned(), grant.grantee.id()),
            effect: grant.effect.as_str().to_owned(),
            actions: sorted(actions.map(str::to_owned)),
            on: sorted(grant.resources.iter().cloned()),
            conditions: sorted(grant.conditions.iter().map(condition)),
        })
    }

    /// The same with every text as a function makes it.
    #[must_use]
    pub(super) fn map(&self, text: &dyn Fn(&str) -> String) -> Self {
        let all = |texts: &[String]| sorted(texts.iter().map(|one| text(one)));
        match self {
            Self::Setting(setting) => Self::Setting(text(setting)),
            Self::Access(given) => Self::Access(Given {
                grantee: (given.grantee.0.clone(), given.grantee.1.as_deref().map(text)),
                effect: given.effect.clone(),
                actions: given.actions.clone(),
                on: all(&given.on),
                conditions: sorted(given.conditions.iter().map(|(operator, key, values)| {
                    let values = all(values);
                    (operator.clone(), key.clone(), values)
                })),
            }),
        }
    }

    /// Whether both are access of one grantee, with an action in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Access(one), Self::Access(other)) => {
                let shared = |action| other.actions.contains(action);
                one.grantee == other.grantee && one.actions.iter().any(shared)
            }
            (Self::Setting(_), Self::Setting(_) | Self::Access(_)) | (Self::Access(_), Self::Setting(_)) => false,
        }
    }

    /// Whether it is access that requests under it get.
    pub fn is_effective(&self) -> bool {
        match self {
            Self::Access(given) => given.effect == GrantEffect::Effective.as_str(),
            Self::Setting(_) => false,
        }
    }

    /// Whether others together hold all of this: for access, every action on every resource that it works on.
    pub(super) fn is_within(&self, others: &[&Self]) -> bool {
        match self {
            Self::Setting(_) => others.contains(&self),
            Self::Access(given) => {
                let others: Vec<&Given> = others
                    .iter()
                    .filter_map(|other| match other {
                        Self::Access(other) => Some(other),
                        Self::Setting(_) => None,
                    })
                    .filter(|other| given.is_to_the_same(other))
                    .collect();
                let held = |action: &String, on: &String| {
                    let holds = |other: &&Given| {
                        other.actions.contains(action) && other.on.iter().any(|pattern| is_below(pattern, on))
                    };
                    !works_on(action, on) || others.iter().any(holds)
                };
                // What is on nothing is held by whatever gives it to the same grantee.
                !others.is_empty()
                    && given
                        .actions
                        .iter()
                        .all(|action| given.on.iter().all(|on| held(action, on)))
            }
        }
    }
}

impl Given {
    /// Whether another one gives to the same grantee, under no more conditions.
    fn is_to_the_same(&self, other: &Self) -> bool {
        let no_less = other.effect == self.effect || other.effect == GrantEffect::Effective.as_str();
        let met = |asked: &(String, String, Vec<String>)| self.conditions.iter().any(|has| implies(has, asked));
        self.grantee == other.grantee && no_less && other.conditions.iter().all(met)
    }
}

/// Whether what meets one condition meets the other: the same test of fewer values, or of more where they are ruled out.
fn implies(
    (operator, key, values): &(String, String, Vec<String>),
    (other_operator, other_key, others): &(String, String, Vec<String>),
) -> bool {
    let is_negated = Operator::from_name(operator).is_some_and(|operator| operator.base.is_negated());
    let (few, many) = if is_negated { (others, values) } else { (values, others) };
    operator == other_operator && key == other_key && few.iter().all(|value| many.contains(value))
}

/// Whether everything that a pattern matches another one matches as well, as far as beginnings tell.
fn is_below(wide: &str, narrow: &str) -> bool {
    let beginning = wide.strip_suffix('*').filter(|rest| !rest.contains(['*', '?']));
    wide == narrow || beginning.is_some_and(|beginning| narrow.starts_with(beginning))
}

/// Whether an action can work on something that a pattern of S3 matches, by the pattern's shape.
fn works_on(action: &str, on: &str) -> bool {
    let Some((_, path)) = on.split_once(":s3:::") else {
        return true;
    };
    let is_any = path.ends_with('*') && !path.contains('/');
    find_action(action).is_none_or(|action| {
        let on_objects = [Target::Object, Target::AccessPointObject];
        let works = action
            .targets
            .iter()
            .any(|target| on_objects.contains(target) == path.contains('/'));
        is_any || works
    })
}

fn sorted<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = all.collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(actions: &[&str], on: &[&str], conditions: &[(&str, &[&str])]) -> Matter {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Matter::Access(Given {
            grantee: ("anonymous".into(), None),
            effect: "effective".into(),
            actions: texts(actions),
            on: texts(on),
            conditions: conditions
                .iter()
                .map(|(operator, values)| ((*operator).to_owned(), "aws:sourceip".into(), texts(values)))
                .collect(),
        })
    }

    #[test]
    fn what_is_split_is_the_same_and_what_grew_is_not() {
        let check = |now: &Matter, then: &[&Matter], expected| assert_eq!(now.is_within(then), expected, "{now:?}");
        let (bucket, objects) = ("arn:aws:s3:::b", "arn:aws:s3:::b/*");
        let both = given(&["s3:GetObject", "s3:ListBucket"], &[bucket, objects], &[]);
        let read = given(&["s3:GetObject"], &[objects], &[]);
        let list = given(&["s3:ListBucket"], &[bucket], &[]);
        check(&both, &[&read, &list], true);
        check(&read, &[&both], true);
        check(&both, &[&read], false);
        check(&given(&["s3:GetObject"], &["arn:aws:s3:::b/a/*"], &[]), &[&read], true);
        check(&read, &[&given(&["s3:GetObject"], &["arn:aws:s3:::b/a/*"], &[])], false);
        check(&read, &[&given(&["s3:GetObject"], &["arn:aws:s3:::b/??*"], &[])], false);
        check(&read, &[], false);
    }

    #[test]
    fn a_condition_that_is_lost_or_takes_more_is_new() {
        let from = |operator, values| given(&["s3:GetObject"], &["arn:aws:s3:::b/*"], &[(operator, values)]);
        let check = |now: &Matter, then: &Matter, expected| assert_eq!(now.is_within(&[then]), expected, "{now:?}");
        let one: &[&str] = &["10.0.0.0/8"];
        let two: &[&str] = &["10.0.0.0/8", "11.0.0.0/8"];
        let free = given(&["s3:GetObject"], &["arn:aws:s3:::b/*"], &[]);
        check(&free, &from("IpAddress", one), false);
        check(&from("IpAddress", one), &free, true);
        check(&from("IpAddress", one), &from("IpAddress", two), true);
        check(&from("IpAddress", two), &from("IpAddress", one), false);
        check(&from("NotIpAddress", two), &from("NotIpAddress", one), true);
        check(&from("NotIpAddress", one), &from("NotIpAddress", two), false);
    }
}
