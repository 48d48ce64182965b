//! Double negation: what one Allow says, said by a wider Allow and a Deny of everything else.
//!
//! That is the same only where the Deny meets no other Allow, so all but one are taken away first, with what else grants
//! anything. S3's own definition of public looks at no Deny [PUB-07]: nothing is restricted here.

use bucketproof::iam::{BaseOperator, Operand, Operator, PolicyKind, Qualifier, Version};
use bucketproof::model::{Acl, PublicAccessBlock, Setting};
use bucketproof::source::Span;
use serde_json::{Value, json};

use super::document::document;
use super::generate::World;
use super::generate::picks::Picks;
use super::meaning::Closeness;
use super::rewrite::is_multivalued;

/// What the Deny takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// One of the conditions [COND-30].
    Condition,
    /// The actions [ACT-03].
    Action,
    /// The resources [RES-06].
    Resource,
}

impl Fence {
    pub const ALL: [Self; 3] = [Self::Condition, Self::Action, Self::Resource];

    /// How closely the answers must agree: what is left of a resource is told as a condition, and of conditions more may be
    /// told than are needed.
    pub fn closeness(self) -> Closeness {
        match self {
            Self::Action => Closeness::Fenced,
            Self::Condition | Self::Resource => Closeness::FencedActions,
        }
    }

    /// The Allow that is left and the Deny beside it.
    fn split(self, allow: &Value, picks: &mut Picks<'_>) -> Option<[Value; 2]> {
        let (mut wide, mut deny) = (allow.clone(), allow.clone());
        deny["Effect"] = "Deny".into();
        match self {
            Self::Condition => {
                let (operator, key, values) = a_condition(allow, picks)?;
                let (other, negated) = complement(&operator, &key, &values)?;
                wide["Condition"][&operator].as_object_mut()?.remove(&key);
                deny["Condition"] = json!({other: {key: negated}});
            }
            Self::Action => {
                negate(&mut deny, "Action")?;
                replace(&mut wide, "Action");
            }
            Self::Resource => {
                negate(&mut deny, "Resource")?;
                replace(&mut wide, "Resource");
            }
        }
        if self != Self::Condition {
            deny.as_object_mut()?.remove("Condition");
        }
        Some([wide, deny])
    }
}

/// A world with one Allow, and the same with a Deny for part of it; none where there is nothing to negate.
pub fn fenced(world: &World, fence: Fence, picks: &[u32]) -> Option<(World, World)> {
    let mut world = world.clone();
    let (inventory, mut picks) = (&mut world.inventory, Picks::new(picks));
    inventory.access_points.clear();
    for bucket in &mut inventory.buckets {
        bucket.acl = Setting::set(Acl::default(), Span::default());
        bucket.public_access_block = Setting::set(PublicAccessBlock::default(), Span::default());
        bucket.objects.clear();
    }
    for account in &mut inventory.accounts {
        account.public_access_block = Setting::set(PublicAccessBlock::default(), Span::default());
    }
    if let Some(organization) = &mut inventory.organization {
        organization.s3_policies.clear();
    }
    let (setting, kind) = match (inventory.buckets.first_mut(), inventory.roles.first_mut()) {
        (Some(bucket), _) => (&mut bucket.policy, PolicyKind::Bucket),
        (None, Some(role)) => (&mut role.trust, PolicyKind::Trust),
        (None, None) => return None,
    };
    let policy = setting.value()?.to_json();
    let statements = policy["Statement"].as_array()?;
    let (allows, rest): (Vec<_>, Vec<_>) = statements
        .iter()
        .cloned()
        .partition(|statement| statement["Effect"] == "Allow");
    if allows.is_empty() {
        return None;
    }
    let allow = picks.choose(&allows);
    let [wide, mut deny] = fence.split(&allow, &mut picks)?;
    // In a trust policy `*` is no service and no provider [TRUST-08]; whom `NotPrincipal` denies is in doubt [PRIN-16].
    let is_negated = deny.get("NotPrincipal").is_some();
    if kind == PolicyKind::Bucket && (is_negated || picks.one_in(2)) {
        deny.as_object_mut()?.remove("NotPrincipal");
        deny["Principal"] = "*".into();
    }
    let with = |mine: Vec<Value>| {
        let mut policy = policy.clone();
        policy["Statement"] = [mine, rest.clone()].concat().into();
        document(&policy.to_string(), kind).ok()
    };
    let (plain, negated) = (with(vec![allow])?, with(vec![wide, deny])?);
    *setting = Setting::set(plain, Span::default());
    let plain = world;
    let mut other = plain.clone();
    let setting = match (other.inventory.buckets.first_mut(), other.inventory.roles.first_mut()) {
        (Some(bucket), _) => &mut bucket.policy,
        (None, Some(role)) => &mut role.trust,
        (None, None) => return None,
    };
    other.texts = vec![negated.to_json().to_string()];
    *setting = Setting::set(negated, Span::default());
    Some((plain, other))
}

fn negate(deny: &mut Value, name: &str) -> Option<()> {
    let statement = deny.as_object_mut()?;
    let not = format!("Not{name}");
    let (from, to) = if statement.contains_key(name) {
        (name, &*not)
    } else {
        (&*not, name)
    };
    let list = statement.remove(from)?;
    // What an empty list means under a negation is not said [POL-11].
    if list.as_array().is_none_or(Vec::is_empty) {
        return None;
    }
    statement.insert(to.to_owned(), list);
    Some(())
}

fn replace(wide: &mut Value, name: &str) {
    if let Some(statement) = wide.as_object_mut() {
        statement.remove(&format!("Not{name}"));
        statement.insert(name.to_owned(), json!("*"));
    }
}

fn a_condition(statement: &Value, picks: &mut Picks<'_>) -> Option<(String, String, Value)> {
    let mut all = Vec::new();
    for (operator, keys) in statement["Condition"].as_object()? {
        for (key, values) in keys.as_object()? {
            all.push((operator.clone(), key.clone(), values.clone()));
        }
    }
    (!all.is_empty()).then(|| picks.choose(&all))
}

/// The condition that holds exactly where this one does not, on absence too [COND-30]; none where IAM has no words for
/// it or its meaning is in doubt [COND-07], [COND-32], [COND-33], [COND-36].
fn complement(operator: &str, key: &str, values: &Value) -> Option<(String, Value)> {
    let operator = Operator::from_name(operator)?;
    let texts: Vec<&str> = values.as_array()?.iter().filter_map(Value::as_str).collect();
    let readable = |text: &&str| Operand::read(text, operator.base, Version::V2012) != Ok(Operand::Unreadable);
    let sound = !texts.is_empty() && texts.iter().all(readable) && !key.to_lowercase().starts_with("aws:requesttag/");
    let on_absence = match (operator.qualifier, operator.if_exists) {
        (Some(Qualifier::ForAllValues), _) => true,
        (Some(Qualifier::ForAnyValue), true) => return None,
        (Some(Qualifier::ForAnyValue), false) => false,
        (None, if_exists) => if_exists || operator.base.is_negated(),
    };
    if !sound || is_multivalued(key) && operator.qualifier.is_none() {
        return None;
    }
    let (base, negated) = match operator.base {
        BaseOperator::Null if operator.qualifier.is_some() => return None,
        BaseOperator::Null | BaseOperator::Bool => {
            let [one] = texts.as_slice() else { return None };
            let other = (!one.eq_ignore_ascii_case("true")).to_string();
            (operator.base, json!([other]))
        }
        base => (base.negation()?, values.clone()),
    };
    // Several numbers or times mean the widest of them, and negated the narrowest.
    let by_order = base.is_negated() == operator.base.is_negated();
    if by_order && texts.len() > 1 {
        return None;
    }
    let name = base.name();
    let operator = if base == BaseOperator::Null {
        name.to_owned()
    } else if is_multivalued(key) {
        let other = if on_absence { "ForAnyValue" } else { "ForAllValues" };
        format!("{other}:{name}")
    } else {
        match (on_absence, base.is_negated()) {
            (true, true) => format!("ForAnyValue:{name}"),
            (true, false) | (false, true) => name.to_owned(),
            (false, false) => format!("{name}IfExists"),
        }
    };
    Some((operator, negated))
}
