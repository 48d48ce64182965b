use cedar_policy::{ActionConstraint, PolicySet, Schema, ValidationMode, Validator};
use serde_json::Value;
use std::collections::BTreeSet;

use super::error::{PackError, file_text};
use super::policies::Parsed;

/// The schema that packs and intent are checked against, parsed.
pub(super) fn schema() -> Result<Schema, PackError> {
    Schema::from_json_str(SCHEMA).map_err(|error| PackError::NotCedar {
        message: error.to_string(),
        file: file_text("rules/schema.cedarschema", SCHEMA),
        labels: Vec::new(),
        help: None,
    })
}

/// Whether policies are certainly valid, told from the part of the schema that their scopes speak of.
///
/// Cedar checks a policy for every action with every type of grantee and resource. Where the scope leaves an action out,
/// that ends before the conditions are looked at: the policy is false there and nothing is wrong with it. So what is valid
/// without such actions is valid. What is not may be, and the whole schema tells.
pub(super) fn is_surely_valid(policies: &[Parsed]) -> bool {
    let is_valid = |schema, policies: PolicySet| {
        let result = Validator::new(schema).validate(&policies, ValidationMode::Strict);
        result.validation_passed_without_warnings()
    };
    let set = PolicySet::from_policies(policies.iter().map(|parsed| parsed.policy.clone()));
    set.ok()
        .and_then(|set| Some(is_valid(part(policies)?, set)))
        .unwrap_or(false)
}

/// The schema without the actions that the scopes of some policies leave out; none where a scope leaves none out.
fn part(policies: &[Parsed]) -> Option<Schema> {
    let mut named = BTreeSet::new();
    for parsed in policies {
        match parsed.policy.action_constraint() {
            ActionConstraint::Any => return None,
            ActionConstraint::In(uids) => named.extend(uids),
            ActionConstraint::Eq(uid) => named.extend([uid]),
        }
    }
    let named: BTreeSet<&str> = named.iter().map(|uid| uid.id().unescaped()).collect();
    let is_named = |id: &Value| id.as_str().is_some_and(|id| named.contains(id));
    let mut schema: Value = serde_json::from_str(SCHEMA).ok()?;
    let actions = schema.pointer_mut("//actions")?.as_object_mut()?;
    actions.retain(|name, action| match action.get("memberOf").and_then(Value::as_array) {
        // A group.
        None => true,
        Some(groups) => {
            named.contains(name.as_str()) || groups.iter().filter_map(|group| group.get("id")).any(is_named)
        }
    });
    Schema::from_json_value(schema).ok()
}

/// `rules/schema.cedarschema` as JSON, which Cedar reads in a third of the time; a test writes it and holds both equal.
const SCHEMA: &str = include_str!("schema.json");

#[cfg(test)]
mod tests {
    use super::super::policies::parse;
    use super::*;

    #[test]
    fn a_part_of_the_schema_says_what_is_valid() {
        let check = |text: &str, valid: bool| {
            let policies = parse("x.cedar", text, |index| index.to_string()).expect("policies");
            assert_eq!(is_surely_valid(&policies), valid, "{text}");
        };
        check(
            r#"permit (principal, action == Action::"Read", resource == Bucket::"b");"#,
            true,
        );
        check(
            r#"permit (principal, action in Action::"DataPlane", resource is Object);"#,
            true,
        );
        check(
            r#"permit (principal, action in [Action::"List", Action::"AssumeRole"], resource is Role);"#,
            true,
        );
        // A grantee that has no such attribute, a type that such an action never meets, a word that is none.
        check(
            r#"permit (principal, action == Action::"Read", resource) when { principal.own };"#,
            false,
        );
        check(
            r#"permit (principal, action == Action::"Read", resource is Role);"#,
            false,
        );
        check(
            r#"permit (principal is Federated, action == Action::"AssumeRole", resource)
               when { context.subject == Subject::"nobody" };"#,
            false,
        );
        // These are valid, but not by a part.
        check("permit (principal, action, resource);", false);
        check(
            r#"permit (principal, action == Action::"Read", resource) when { action != Action::"List" };"#,
            false,
        );
    }
}
