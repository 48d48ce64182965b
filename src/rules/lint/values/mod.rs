//! Values of conditions and resources that do not mean what they look like.

use ipnet::IpNet;

use super::conditions::{Family, family};
use super::found::Found;
use super::scope::Scope;
use crate::engine::{is_known_key, is_multivalued, key_names};
use crate::iam::{Condition, ConditionValue, Operand, Pattern, Version};
use crate::rules::error::nearest;
use crate::source::{Placeholder, Span};

mod impossible;

pub(super) fn lint(scope: &Scope<'_>, found: &mut Found) {
    for entry in scope.statement.resource.iter().flat_map(|list| &list.entries) {
        variables(scope, (&entry.value.0, entry.span), &entry.value.1, found);
    }
    for condition in &scope.statement.conditions {
        for value in &condition.values {
            if let Operand::Pattern(pattern) = &value.operand {
                variables(scope, (&value.text, value.span), pattern, found);
            }
            if !Placeholder::is_in(&value.text) {
                wildcard(scope, condition, value, found);
                impossible::lint(scope, condition, value, found);
                host_bits(scope, value, found);
            }
        }
    }
}

/// [COND-10…13]: only `…Like` and the ARN operators know wildcards.
fn wildcard(scope: &Scope<'_>, condition: &Condition, value: &ConditionValue, found: &mut Found) {
    // Written out, they are meant [VAR-05]; addresses of pages have question marks.
    let text = ["${*}", "${?}"]
        .iter()
        .fold(value.text.to_string(), |text, escaped| text.replace(escaped, ""));
    let free_text = ["aws:referer", "aws:useragent"].contains(&condition.key.folded());
    let has = text.contains('*') || text.contains('?') && !free_text;
    if has && matches!(family(condition.operator.base), Family::Text | Family::TextIgnoringCase) {
        let like = if condition.operator.base.is_negated() {
            "StringNotLike"
        } else {
            "StringLike"
        };
        let why = format!(
            "`{}` takes it literally; wildcards are for `{like}`",
            condition.operator
        );
        found.add("wildcard-as-text", scope.statement, (&value.text, value.span), why);
    }
}

/// [COND-22]: bits behind the mask are ignored.
fn host_bits(scope: &Scope<'_>, value: &ConditionValue, found: &mut Found) {
    let Operand::Network(network) = &value.operand else {
        return;
    };
    if value
        .text
        .parse::<IpNet>()
        .is_ok_and(|written| written.addr() != network.addr())
    {
        let why = format!("it stands for all of `{network}`");
        found.add(
            "address-with-host-bits",
            scope.statement,
            (&value.text, value.span),
            why,
        );
    }
}

fn variables(scope: &Scope<'_>, at: (&str, Span), pattern: &Pattern, found: &mut Found) {
    if scope.document.version == Version::V2008 {
        return as_text(scope, at, found);
    }
    for variable in pattern.variables() {
        let key = variable.key.folded();
        if Placeholder::is_in(key) {
            continue;
        }
        let why = if is_multivalued(key) {
            // [VAR-02]
            format!("`{}` has several values and stands for none", variable.key.name())
        } else if !is_known_key(key) && variable.default.is_none() {
            // [VAR-03]
            let near = nearest(variable.key.name(), key_names().iter().map(String::as_str))
                .filter(|near| !near.ends_with('/'));
            let advice = near.map_or_else(String::new, |near| format!("; did you mean `${{{near}}}`?"));
            format!("no request carries `{}`{advice}", variable.key.name())
        } else {
            continue;
        };
        found.add("variable-without-value", scope.statement, at, why);
    }
}

/// [POL-03]
fn as_text(scope: &Scope<'_>, at: (&str, Span), found: &mut Found) {
    let names_key = Pattern::glob(at.0, Version::V2012)
        .is_ok_and(|pattern| pattern.variables().any(|variable| variable.key.name().contains(':')));
    if names_key {
        let why = "in a document of version 2008-10-17, or without `Version`, `${…}` is ordinary text";
        found.add("variable-as-text", scope.statement, at, why);
    }
}
