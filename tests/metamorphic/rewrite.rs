//! Ways to write the same documents in other words.

use bucketproof::iam::{AccountId, PolicyDocument, PolicyKind, Timestamp};
use bucketproof::model::Setting;
use ipnet::IpNet;
use serde_json::{Map, Value, json};

use super::document::document;
use super::generate::World;
use super::generate::picks::Picks;
use super::meaning::Closeness;

/// A way to write a document that changes nothing about what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewriting {
    /// The statements in another order [EVAL-01].
    Order,
    /// Every statement once more.
    Twice,
    /// Other names for statements, or none [POL-06].
    Sids,
    /// A statement for each of its actions [POL-09].
    Actions,
    /// A statement for each of its resources [POL-09].
    Resources,
    /// A statement for each of its principals [PRIN-14].
    Principals,
    /// A statement for each value of a condition that any of them meets; for a negated operator, which none may meet, a
    /// condition for each [COND-02], [COND-03].
    Values,
    /// The values of conditions in another order, and some of them twice [COND-02].
    Lists,
    /// Lists of one as scalars, truth values and numbers without quotation marks [POL-09], [COND-06].
    Scalars,
    /// Actions, context keys, operators and names in policy variables in another letter case [ACT-01], [COND-03],
    /// [COND-05], [VAR-02].
    Case,
    /// Accounts by the ARN of their root, `*` without its kind [PRIN-01], [PRIN-02].
    Principal,
    /// `StringLike` for `StringEquals` where nothing is a wildcard, `ArnEquals` for `ArnLike` [COND-10…25].
    Operators,
    /// A qualifier in front of operators on keys of one value, a suffix behind negated ones [COND-30], [COND-34].
    Qualifiers,
    /// Ranges with host bits, times in seconds, numbers with zeros behind, truth values in capitals [COND-04], [COND-16…22].
    Notation,
    /// Actions and resources with each star twice [ACT-02], [RES-01].
    Stars,
    /// The other version, where there is no policy variable [POL-03].
    Version,
}

impl Rewriting {
    pub const ALL: [Self; 16] = [
        Self::Order,
        Self::Twice,
        Self::Sids,
        Self::Actions,
        Self::Resources,
        Self::Principals,
        Self::Values,
        Self::Lists,
        Self::Scalars,
        Self::Case,
        Self::Principal,
        Self::Operators,
        Self::Qualifiers,
        Self::Notation,
        Self::Stars,
        Self::Version,
    ];

    /// How closely the answers must agree: what is said of each entry of a list need not say together what was said of all,
    /// and the same under different operators is told twice.
    pub fn closeness(self) -> Closeness {
        if matches!(self, Self::Values | Self::Resources | Self::Qualifiers) {
            Closeness::Actions
        } else {
            Closeness::Terms
        }
    }

    fn apply(self, policy: &mut Value, picks: &mut Picks<'_>) {
        if self == Self::Version {
            return version(policy);
        }
        let has_variables = policy["Version"] == json!("2012-10-17");
        let Some(statements) = policy["Statement"].as_array_mut() else {
            return;
        };
        match self {
            Self::Order => shuffle(statements, picks),
            Self::Twice => *statements = statements.iter().flat_map(|one| [one.clone(), one.clone()]).collect(),
            Self::Sids => sids(statements, picks),
            Self::Actions => divide(statements, |statement| each_entry(statement, "Action")),
            Self::Resources => divide(statements, |statement| each_entry(statement, "Resource")),
            Self::Principals => divide(statements, each_principal),
            Self::Values => divide(statements, |statement| each_value(statement, picks)),
            Self::Lists => conditions(statements, &mut |_, _, values| {
                let again = values.first().filter(|_| picks.one_in(2)).cloned();
                values.extend(again);
                shuffle(values, picks);
            }),
            Self::Scalars => statements.iter_mut().for_each(scalars),
            Self::Case => statements
                .iter_mut()
                .for_each(|statement| swap_cases(statement, has_variables)),
            Self::Principal => statements
                .iter_mut()
                .for_each(|statement| respell_principals(statement, picks)),
            Self::Operators => conditions(statements, &mut |operator, _, values| {
                *operator = other_operator(operator, values);
            }),
            Self::Qualifiers => conditions(statements, &mut |operator, key, values| {
                if !is_multivalued(key) && !values.is_empty() {
                    *operator = qualified(operator, picks);
                }
            }),
            Self::Notation => conditions(statements, &mut |operator, _, values| {
                values.iter_mut().for_each(|value| *value = respelt(operator, value));
            }),
            Self::Stars => statements.iter_mut().for_each(double_stars),
            Self::Version => {}
        }
    }
}

/// The world with all of its documents rewritten; one that would become too long stays as it is [POL-15].
pub fn rewritten(world: &World, rewriting: Rewriting, picks: &[u32]) -> World {
    let mut world = world.clone();
    world.texts.clear();
    let (inventory, texts) = (&mut world.inventory, &mut world.texts);
    let mut picks = Picks::new(picks);
    let mut change = |policy: &mut PolicyDocument, kind: PolicyKind| {
        let mut json = policy.to_json();
        rewriting.apply(&mut json, &mut picks);
        texts.push(json.to_string());
        match document(&json.to_string(), kind) {
            Ok(document) => *policy = document,
            Err(messages) if messages.iter().any(|message| message.contains("[POL-15]")) => {}
            Err(messages) => panic!("{json}\n{messages:?}"),
        }
    };
    let mut set = |setting: &mut Setting<PolicyDocument>, kind| {
        if let Setting::Set(policy) = setting {
            change(&mut policy.value, kind);
        }
    };
    for bucket in &mut inventory.buckets {
        set(&mut bucket.policy, PolicyKind::Bucket);
    }
    for access_point in &mut inventory.access_points {
        set(&mut access_point.policy, PolicyKind::AccessPoint);
    }
    for role in &mut inventory.roles {
        set(&mut role.trust, PolicyKind::Trust);
    }
    if let Some(organization) = &mut inventory.organization {
        for policy in &mut organization.resource_control_policies {
            change(&mut policy.content, PolicyKind::ResourceControl);
        }
    }
    world
}

/// Keys of the generators whose requests carry sets of values [COND-44].
pub fn is_multivalued(key: &str) -> bool {
    let key = key.to_lowercase();
    let sets = [
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:calledvia",
        "s3:requestobjecttagkeys",
        "cognito-identity.amazonaws.com:amr",
    ];
    // An empty request tag is no value to `ForAllValues` [COND-07].
    sets.contains(&&*key) || key.starts_with("aws:requesttag/")
}

fn shuffle<T>(list: &mut [T], picks: &mut Picks<'_>) {
    for end in (1..list.len()).rev() {
        list.swap(end, picks.below(end + 1));
    }
}

fn sids(statements: &mut [Value], picks: &mut Picks<'_>) {
    for (index, statement) in statements.iter_mut().enumerate() {
        if picks.one_in(3) {
            statement.as_object_mut().map(|statement| statement.remove("Sid"));
        } else {
            statement["Sid"] = format!("Name{}", 99 - index).into();
        }
    }
}

fn divide(statements: &mut Vec<Value>, mut parts: impl FnMut(&Value) -> Vec<Value>) {
    *statements = statements.iter().flat_map(&mut parts).collect();
}

/// One statement for each entry of a list; where there is none to divide, the statement itself.
fn each_entry(statement: &Value, name: &str) -> Vec<Value> {
    let entries = statement
        .get(name)
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    let Some(entries) = entries else {
        return vec![statement.clone()];
    };
    let with = |entry: &Value| with(statement, name, json!([entry]));
    entries.iter().map(with).collect()
}

fn each_principal(statement: &Value) -> Vec<Value> {
    let kinds = statement.get("Principal").and_then(Value::as_object);
    let entries = kinds.into_iter().flatten().flat_map(|(kind, names)| {
        let names = names.as_array().into_iter().flatten();
        names.map(move |name| json!({kind: [name]}))
    });
    let parts: Vec<Value> = entries.map(|entry| with(statement, "Principal", entry)).collect();
    if parts.is_empty() {
        vec![statement.clone()]
    } else {
        parts
    }
}

fn with(statement: &Value, name: &str, value: Value) -> Value {
    let mut statement = statement.clone();
    statement[name] = value;
    statement
}

/// Divides one of the conditions that have several values.
fn each_value(statement: &Value, picks: &mut Picks<'_>) -> Vec<Value> {
    let mut several = Vec::new();
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let values = values.as_array().map_or(&[][..], Vec::as_slice);
            let is_union = !has_qualifier(operator) || is_negated(operator) == operator.starts_with("ForAllValues:");
            if values.len() > 1 && is_union {
                several.push((operator, key, values));
            }
        }
    }
    if several.is_empty() {
        return vec![statement.clone()];
    }
    let (operator, key, values) = several[picks.below(several.len())];
    // What none may meet is met by none of each.
    if is_negated(operator) {
        let mut statement = statement.clone();
        let keys = &mut statement["Condition"][operator];
        for (index, value) in values.iter().enumerate() {
            let name = if index == 0 {
                key.clone()
            } else {
                unused_spelling(key, keys)
            };
            keys[name] = json!([value]);
        }
        return vec![statement];
    }
    let part = |value: &Value| {
        let mut statement = statement.clone();
        statement["Condition"][operator][key] = json!([value]);
        statement
    };
    values.iter().map(part).collect()
}

fn unused_spelling(key: &str, keys: &Value) -> String {
    let spellings = key.char_indices().map(|(index, _)| {
        let swapped = |(at, char)| if at == index { swap_case(char) } else { char };
        key.char_indices().map(swapped).collect::<String>()
    });
    let mut unused = spellings.filter(|spelling| keys.get(spelling).is_none());
    unused.next().expect("a key has many letters")
}

fn is_negated(operator: &str) -> bool {
    operator.contains("Not")
}

fn has_qualifier(operator: &str) -> bool {
    operator.contains(':')
}

/// Rewrites every condition: operator, key, and its list of values.
fn conditions(statements: &mut [Value], change: &mut dyn FnMut(&mut String, &str, &mut Vec<Value>)) {
    for statement in statements {
        let Some(block) = statement.get("Condition").and_then(Value::as_object).cloned() else {
            continue;
        };
        let mut rewritten = json!({});
        for (operator, keys) in block {
            for (key, values) in keys.as_object().into_iter().flatten() {
                let (mut operator, mut values) = (operator.clone(), values.as_array().cloned().unwrap_or_default());
                change(&mut operator, key, &mut values);
                // Another condition may have this operator and key by now: both must hold.
                let keys = &mut rewritten[operator];
                let name = if keys.get(key).is_some() {
                    unused_spelling(key, keys)
                } else {
                    key.clone()
                };
                keys[name] = values.into();
            }
        }
        statement["Condition"] = rewritten;
    }
}

/// Lists of one as scalars; truth values and plain numbers of conditions as such.
fn scalars(statement: &mut Value) {
    fn scalar(value: &mut Value) {
        if let Some([one]) = value.as_array().map(Vec::as_slice) {
            *value = one.clone();
        }
    }
    for name in ["Action", "NotAction", "Resource", "NotResource"] {
        statement.get_mut(name).map(scalar);
    }
    for name in ["Principal", "NotPrincipal"] {
        let kinds = statement.get_mut(name).and_then(Value::as_object_mut);
        kinds.into_iter().flat_map(Map::values_mut).for_each(scalar);
    }
    let operators = statement.get_mut("Condition").and_then(Value::as_object_mut);
    let keys = operators
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut);
    for values in keys.flat_map(Map::values_mut) {
        for value in values.as_array_mut().into_iter().flatten() {
            let text = value.as_str().unwrap_or_default();
            let literal = serde_json::from_str::<Value>(text).ok();
            let same = literal.filter(|literal| {
                let printed = literal.to_string();
                printed == text && (literal.is_boolean() || literal.is_number())
            });
            *value = same.unwrap_or_else(|| value.clone());
        }
        scalar(values);
    }
}

fn swap_case(char: char) -> char {
    if char.is_ascii_lowercase() {
        char.to_ascii_uppercase()
    } else {
        char.to_ascii_lowercase()
    }
}

fn swapped(text: &str) -> String {
    text.chars().map(swap_case).collect()
}

fn swap_cases(statement: &mut Value, has_variables: bool) {
    let swap_variables = |text: &str| {
        if has_variables {
            swap_variables(text)
        } else {
            text.to_owned()
        }
    };
    for name in ["Action", "NotAction"] {
        change_texts(statement.get_mut(name), &swapped);
    }
    for name in ["Resource", "NotResource"] {
        change_texts(statement.get_mut(name), &swap_variables);
    }
    let Some(block) = statement.get("Condition").and_then(Value::as_object) else {
        return;
    };
    let mut rewritten = json!({});
    for (operator, keys) in block {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let mut values = values.clone();
            change_texts(Some(&mut values), &swap_variables);
            rewritten[swapped(operator)][swapped(key)] = values;
        }
    }
    statement["Condition"] = rewritten;
}

fn change_texts(list: Option<&mut Value>, change: &dyn Fn(&str) -> String) {
    for value in list.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(text) = value.as_str() {
            *value = change(text).into();
        }
    }
}

/// The names of policy variables in another letter case, not what stands in their place without a value.
fn swap_variables(text: &str) -> String {
    let mut parts = text.split("${");
    let mut swapped_text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find([',', '}']).unwrap_or_default();
        let (name, rest) = part.split_at(end);
        swapped_text += &format!("${{{}{rest}", swapped(name));
    }
    swapped_text
}

fn respell_principals(statement: &mut Value, picks: &mut Picks<'_>) {
    for name in ["Principal", "NotPrincipal"] {
        let Some(element) = statement.get_mut(name) else {
            continue;
        };
        if *element == json!({"AWS": ["*"]}) {
            *element = "*".into();
            continue;
        }
        for name in element
            .get_mut("AWS")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let account = name.as_str().filter(|text| text.parse::<AccountId>().is_ok());
            if let Some(id) = account.filter(|_| !picks.one_in(3)) {
                *name = format!("arn:aws:iam::{id}:root").into();
            }
        }
    }
}

fn other_operator(operator: &str, values: &[Value]) -> String {
    let texts = || values.iter().filter_map(Value::as_str);
    let wild = texts().any(|text| text.contains(['*', '?']));
    for (one, other, plain) in [
        ("ArnLike", "ArnEquals", false),
        ("ArnEquals", "ArnLike", false),
        ("ArnNotLike", "ArnNotEquals", false),
        ("ArnNotEquals", "ArnNotLike", false),
        ("StringEqualsIgnoreCase", "StringEqualsIgnoreCase", false),
        ("StringNotEqualsIgnoreCase", "StringNotEqualsIgnoreCase", false),
        ("StringEquals", "StringLike", true),
        ("StringLike", "StringEquals", true),
        ("StringNotEquals", "StringNotLike", true),
        ("StringNotLike", "StringNotEquals", true),
    ] {
        if operator.contains(one) && !(plain && wild) {
            return operator.replace(one, other);
        }
    }
    operator.to_owned()
}

/// The same of a key of one value: absence makes `ForAllValues` and every negation true, `ForAnyValue` false.
fn qualified(operator: &str, picks: &mut Picks<'_>) -> String {
    let (qualifier, rest) = operator
        .split_once(':')
        .map_or(("", operator), |(qualifier, rest)| (qualifier, rest));
    let stem = rest.strip_suffix("IfExists").unwrap_or(rest);
    let suffix = rest.len() > stem.len();
    if stem == "Null" || qualifier == "ForAnyValue" && suffix {
        return operator.to_owned();
    }
    let on_absence = qualifier == "ForAllValues" || qualifier.is_empty() && (suffix || is_negated(stem));
    let mut same = if on_absence {
        vec![
            format!("ForAllValues:{stem}"),
            format!("ForAllValues:{stem}IfExists"),
            format!("{stem}IfExists"),
        ]
    } else {
        vec![format!("ForAnyValue:{stem}")]
    };
    if on_absence == is_negated(stem) {
        same.push(stem.to_owned());
    }
    picks.choose(&same)
}

fn respelt(operator: &str, value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    let other = if operator.contains("IpAddress") {
        text.parse::<IpNet>()
            .ok()
            .map(|range| format!("{}/{}", range.broadcast(), range.prefix_len()))
    } else if operator.contains("Date") {
        text.parse::<Timestamp>().ok().map(|time| {
            if text.contains('-') {
                (time.0 / 1000).to_string()
            } else {
                time.to_string()
            }
        })
    } else if operator.contains("Numeric") && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        Some(format!("{text}.00"))
    } else if operator.contains("Bool") {
        Some(text.to_uppercase())
    } else {
        None
    };
    other.map_or_else(|| value.clone(), Value::from)
}

fn double_stars(statement: &mut Value) {
    for name in ["Action", "NotAction", "Resource", "NotResource"] {
        change_texts(statement.get_mut(name), &|text: &str| {
            // A lone star has a meaning of its own, and `${*}` is no wildcard [ACT-01], [VAR-05].
            if text == "*" || text.contains("${*}") {
                text.to_owned()
            } else {
                text.replace('*', "**")
            }
        });
    }
}

fn version(policy: &mut Value) {
    if !policy.to_string().contains("${") {
        let old = policy["Version"] == json!("2008-10-17");
        policy["Version"] = if old { "2012-10-17" } else { "2008-10-17" }.into();
    }
}
