use serde_json::{Map, Value, json};

use crate::engine::symbolic::{actions_of, can_have, is_known_key};
use crate::engine::{Caller, Context, ContextValue, Request};
use crate::iam::{
    AwsPrincipal, CanonicalId, ElementList, Entity, Operand, Partition, PolicyKind, Principal, PrincipalError,
    Statement, Target, action, parse_policy,
};
use crate::source::{FileId, Limits, Text, parse_json};

/// Which requests a question is about, in the words of a policy statement.
///
/// What is left empty is not asked about: no actions are any actions, no resources any resources [CPC-02].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Action patterns, such as `s3:Get*`.
    pub actions: Vec<String>,
    /// Resource patterns, as ARNs.
    pub resources: Vec<String>,
    /// Who, as an `AWS` element names it, or a service or provider; empty for everybody.
    pub principals: Vec<String>,
    /// Who is left out, in the same words. Not together with `principals`.
    pub except: Vec<String>,
}

impl Terms {
    /// The terms as a statement.
    ///
    /// # Errors
    /// When AWS would refuse them, or an action pattern covers no action that there is: each problem in one line.
    pub fn statement(&self) -> Result<Statement, Vec<String>> {
        let mut members = Map::new();
        if !self.actions.is_empty() {
            members.insert("Action".into(), json!(self.actions));
        }
        if !self.resources.is_empty() {
            members.insert("Resource".into(), json!(self.resources));
        }
        match (self.principals.as_slice(), self.except.as_slice()) {
            ([], []) => {}
            ([], except) => {
                members.insert("NotPrincipal".into(), element(except)?);
            }
            (principals, []) => {
                members.insert("Principal".into(), element(principals)?);
            }
            (_, _) => return Err(vec!["either `principals` or `except`, not both".into()]),
        }
        question(members, OLD)
    }

    /// The statements of a text: a policy, one statement or a list of them, or Access Analyzer's own
    /// `[{"actions": […], "resources": […]}]`. `Effect` plays no part and may be left out, as may everything else.
    ///
    /// # Errors
    /// When the text is none of that, with every problem in one line.
    pub fn read(text: &str) -> Result<Vec<Statement>, Vec<String>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let not_json = |error: &dyn std::fmt::Display| vec![format!("it is not JSON: {error}")];
        let parsed = parse_json(&Text::new(FileId(0), text), Limits::default()).map_err(|error| not_json(&error))?;
        // [POL-13]: neither the first nor the last is taken silently.
        if !parsed.duplicates.is_empty() {
            let keys = parsed
                .duplicates
                .iter()
                .map(|key| format!("`{}` stands twice in one object", key.key));
            return Err(keys.collect());
        }
        let value: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
        let value = match value {
            Value::Object(mut members) if members.contains_key("Statement") => {
                members.remove("Statement").unwrap_or_default()
            }
            other => other,
        };
        let list = match value {
            Value::Array(list) => list,
            one => vec![one],
        };
        if list.is_empty() {
            return Err(vec!["it holds no statement".into()]);
        }
        let read = list.into_iter().map(|entry| match entry {
            Value::Object(members) => question(renamed(members)?, NEW),
            _ => Err(vec!["a statement is an object".into()]),
        });
        read.collect()
    }
}

/// Access Analyzer writes `actions` and `resources` where policies write `Action` and `Resource`.
fn renamed(mut members: Map<String, Value>) -> Result<Map<String, Value>, Vec<String>> {
    for (name, element) in [("actions", "Action"), ("resources", "Resource")] {
        if let Some(value) = members.remove(name)
            && members.insert(element.into(), value).is_some()
        {
            return Err(vec![format!("either `{name}` or `{element}`, not both")]);
        }
    }
    Ok(members)
}

/// Whether no action of a statement works on any resource that it names, such as `s3:GetObject` on a bucket itself or
/// `s3:ListBucket` on its objects [RES-04].
pub fn works_on_nothing(statement: &Statement) -> bool {
    let Some(resources) = statement.resource.as_ref().filter(|element| !element.negated) else {
        return false;
    };
    let actions: Vec<_> = actions_of(&statement.action).into_iter().filter_map(action).collect();
    let works_on = |target| actions.iter().any(|action| action.targets.contains(&target));
    !resources.entries.iter().any(|entry| {
        let text = &*entry.value.0;
        let literal = text.split(['*', '?']).next().unwrap_or_default();
        match literal.split_once(":s3:::") {
            // The name ends with the slash, and what follows is a key.
            Some((_, rest)) if rest.contains('/') => works_on(Target::Object),
            Some(_) if literal == text => works_on(Target::Bucket),
            Some(_) | None => true,
        }
    })
}

/// What is wrong with the context of a request, each problem in one line: keys that no request carries [COND-41], and
/// values that nothing can read.
pub fn problems_of_context(context: &Context) -> Vec<String> {
    let mut problems = Vec::new();
    for (key, value) in context.iter() {
        if !is_known_key(key.folded()) {
            problems.push(no_such_key(key.name()));
        }
        let values = match value {
            ContextValue::One(value) => std::slice::from_ref(value),
            ContextValue::Many(values) => values,
        };
        let unreadable = values.iter().filter(|value| !can_have(key.folded(), value));
        problems.extend(unreadable.map(|value| format!("`{value}` is no value that `{}` can have", key.name())));
    }
    problems
}

fn no_such_key(name: &str) -> String {
    format!("`{name}` is no condition key that requests carry [COND-41]")
}

/// A caller as people name it: `anonymous`, an ARN, an account, a service, a canonical or unique id, or a provider.
///
/// An account stands for a principal of it that nothing names.
///
/// # Errors
/// When the text names nobody.
pub fn caller_from_text(text: &str) -> Result<(Caller, Principal), PrincipalError> {
    if text == "anonymous" || text == "*" {
        let id = CanonicalId::new(CanonicalId::ANONYMOUS);
        return Ok((Caller::Anonymous, Principal::Canonical(id)));
    }
    let principal = principal_from_text(text)?;
    let caller = match &principal {
        Principal::Everyone => Caller::Anonymous,
        Principal::Account(account) => Caller::Aws(AwsPrincipal {
            partition: partition(text),
            account: *account,
            entity: if text.ends_with(":root") {
                Entity::Root
            } else {
                Entity::Role("bucketproof".into())
            },
        }),
        Principal::Aws(principal) => Caller::Aws(principal.clone()),
        Principal::Deleted(id) => Caller::UniqueId(id.clone()),
        Principal::Canonical(id) if id.is_anonymous() => Caller::Anonymous,
        Principal::Canonical(id) => Caller::Canonical(id.clone()),
        Principal::OriginAccessIdentity(id) => Caller::OriginAccessIdentity(id.clone()),
        Principal::Service(name) => Caller::Service(name.clone()),
        Principal::Federated(provider) => Caller::Federated(provider.clone()),
    };
    Ok((caller, principal))
}

fn partition(text: &str) -> Partition {
    let field = text.split(':').nth(1);
    field.and_then(Partition::from_name).unwrap_or(Partition::AWS)
}

/// The first reading that works; the words of the first one where none does.
fn principal_from_text(text: &str) -> Result<Principal, PrincipalError> {
    let others = [
        Principal::from_federated,
        Principal::from_canonical,
        Principal::from_service,
    ];
    Principal::from_aws(text).or_else(|error| others.iter().find_map(|read| read(text).ok()).ok_or(error))
}

/// A request as a statement, with the context that it states as conditions.
pub(super) fn statement_of(
    request: &Request,
    principal: &Principal,
    conditions: Map<String, Value>,
) -> Result<Statement, Vec<String>> {
    let mut members = Map::new();
    members.insert("Principal".into(), element(&[principal.to_string()])?);
    members.insert("Action".into(), request.action.name.into());
    members.insert("Resource".into(), escaped(&request.resource).into());
    if !conditions.is_empty() {
        members.insert("Condition".into(), Value::Object(conditions));
    }
    statement(members, NEW)
}

/// A text that stands for itself in the current version of the policy language.
pub(super) fn escaped(text: &str) -> String {
    let chars = text.chars().map(|char| match char {
        '$' => "${$}".to_owned(),
        '*' => "${*}".to_owned(),
        '?' => "${?}".to_owned(),
        other => other.to_string(),
    });
    chars.collect()
}

/// A `Principal` element that names these.
fn element(texts: &[String]) -> Result<Value, Vec<String>> {
    let mut kinds: Map<String, Value> = Map::new();
    for text in texts {
        let (kind, name) = match text.as_str() {
            "anonymous" => ("CanonicalUser", CanonicalId::ANONYMOUS.to_owned()),
            _ => match principal_from_text(text).map_err(|error| vec![format!("`{text}`: {error}")])? {
                Principal::Canonical(id) => ("CanonicalUser", id.to_string()),
                Principal::Service(name) => ("Service", name.to_string()),
                Principal::Federated(provider) => ("Federated", provider.to_string()),
                principal @ (Principal::Everyone
                | Principal::Account(_)
                | Principal::Aws(_)
                | Principal::Deleted(_)
                | Principal::OriginAccessIdentity(_)) => ("AWS", principal.to_string()),
            },
        };
        if let Value::Array(list) = kinds.entry(kind).or_insert_with(|| json!([])) {
            list.push(name.into());
        }
    }
    Ok(Value::Object(kinds))
}

/// A statement that some request can be about.
fn question(members: Map<String, Value>, version: &str) -> Result<Statement, Vec<String>> {
    let statement = statement(members, version)?;
    let problems = [nothing_at_all(&statement), unknown_keys(&statement)].concat();
    if problems.is_empty() {
        Ok(statement)
    } else {
        Err(problems)
    }
}

fn statement(mut members: Map<String, Value>, version: &str) -> Result<Statement, Vec<String>> {
    let has = |members: &Map<String, Value>, names: [&str; 2]| names.iter().any(|name| members.contains_key(*name));
    members.insert("Effect".into(), "Allow".into());
    for names in [
        ["Principal", "NotPrincipal"],
        ["Action", "NotAction"],
        ["Resource", "NotResource"],
    ] {
        if !has(&members, names) {
            members.insert(names[0].into(), "*".into());
        }
    }
    let text = json!({ "Version": version, "Statement": [members] }).to_string();
    let tree =
        parse_json(&Text::new(FileId(0), text.as_str()), Limits::default()).map_err(|error| vec![error.to_string()])?;
    let parsed = parse_policy(&tree.root, PolicyKind::Bucket);
    let mut document = parsed.document.map_err(|diagnostics| {
        let messages = diagnostics.into_iter().map(|diagnostic| diagnostic.message);
        messages.collect::<Vec<_>>()
    })?;
    let statement = document.statements.pop().ok_or_else(Vec::new)?;
    let problems = [no_such_action(&statement), variables(&statement)].concat();
    if problems.is_empty() {
        Ok(statement)
    } else {
        Err(problems)
    }
}

/// A question about an action that does not exist is a mistake, and "nobody" no answer to it.
fn no_such_action(statement: &Statement) -> Vec<String> {
    let entries = statement.action.entries.iter();
    let unknown = entries.filter(|entry| {
        let alone = ElementList {
            negated: false,
            entries: vec![(*entry).clone()],
            span: entry.span,
        };
        actions_of(&alone).is_empty()
    });
    unknown
        .map(|entry| {
            format!(
                "`{}` is no action of S3 or STS that works on buckets, objects or roles",
                entry.value.0
            )
        })
        .collect()
}

/// A question that no request can be about has the answer "nobody" whatever the documents say [POL-11], [POL-12].
fn nothing_at_all(statement: &Statement) -> Vec<String> {
    let mut problems = Vec::new();
    let mut refuse = |is_empty: bool, what: &str| {
        if is_empty {
            problems.push(format!("{what}, so that it is about nothing"));
        }
    };
    let Statement {
        principal,
        action,
        resource,
        conditions,
        ..
    } = statement;
    refuse(principal.entries.is_empty(), "it names no principal");
    refuse(action.entries.is_empty(), "it names no action");
    refuse(
        resource.as_ref().is_some_and(|resource| resource.entries.is_empty()),
        "it names no resource",
    );
    for entry in &principal.entries {
        // [PRIN-10]
        if let Principal::Deleted(id) = &entry.value {
            refuse(
                !principal.negated,
                &format!("`{id}` is the id of a deleted user or role"),
            );
        }
    }
    for condition in conditions {
        let key = condition.key.name();
        refuse(
            condition.values.is_empty(),
            &format!("`{key}` has no value to compare with"),
        );
        // [COND-36]
        let unreadable = condition
            .values
            .iter()
            .filter(|value| value.operand == Operand::Unreadable);
        for value in unreadable {
            let operator = &condition.operator;
            refuse(true, &format!("`{operator}` cannot read the value `{}`", value.text));
        }
    }
    problems
}

/// A key that no request carries is a mistake as well [COND-41].
fn unknown_keys(statement: &Statement) -> Vec<String> {
    let conditions = statement.conditions.iter();
    let unknown = conditions.filter(|condition| !is_known_key(condition.key.folded()));
    unknown.map(|condition| no_such_key(condition.key.name())).collect()
}

/// A question is about fixed things.
fn variables(statement: &Statement) -> Vec<String> {
    let resources = statement.resource.iter().flat_map(|element| &element.entries);
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    let patterns = values.filter_map(|value| match &value.operand {
        Operand::Pattern(pattern) => Some(pattern),
        Operand::Number(_)
        | Operand::Date(_)
        | Operand::Bool(_)
        | Operand::Binary(_)
        | Operand::Network(_)
        | Operand::Unreadable => None,
    });
    let all = resources.map(|entry| &entry.value.1).chain(patterns);
    all.flat_map(|pattern| pattern.variables())
        .map(|variable| {
            format!(
                "a question cannot hold the policy variable `${{{}}}`",
                variable.key.name()
            )
        })
        .collect()
}

/// Without policy variables.
const OLD: &str = "2008-10-17";

const NEW: &str = "2012-10-17";
