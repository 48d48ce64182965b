//! What an answer takes for granted about values that are not known before deployment.

use super::documents::{Rule, Side};
use super::question::Question;
use crate::engine::{Assumption, Grant, Indeterminate};
use crate::iam::Effect;
use crate::model::When;
use crate::source::{Placeholder, Spanned};

/// Marks the grants that rest on such values, and tells what could not be decided for want of them.
///
/// A grant rests on the values in the statements that make it, and on those in every statement that might have denied it.
pub(super) fn mark(question: &Question<'_>, when: &[&When], grants: &mut [Grant], undecided: &mut Vec<Indeterminate>) {
    let documents = &question.documents;
    let judged = || documents.rules.iter().filter(|rule| rule.side == Side::Judged);
    for unresolved in &documents.unresolved {
        undecided.push(Indeterminate {
            reason: format!(
                "what a statement says is not decided: `{}` is not known before deployment",
                unresolved.value
            ),
            span: Some(unresolved.span),
        });
    }
    for grant in grants.iter_mut() {
        grant.assumed.extend(when.iter().map(|when| Assumption::of(when)));
    }
    // What the resource itself is called, whatever that will be, is no assumption about who reaches it.
    let own: Vec<Placeholder> = question
        .place
        .iter()
        .flat_map(|place| Placeholder::all_in(&place.whole).map(|(_, placeholder)| placeholder))
        .collect();
    let values_of = |rule: &Rule<'_>| -> Vec<Spanned<Placeholder>> {
        values_of(rule).filter(|value| !own.contains(&value.value)).collect()
    };
    if judged().all(|rule| values_of(rule).is_empty()) {
        return;
    }
    if question.options.unknowns_are_anything {
        let reason = |value: Placeholder| format!("`{value}` may be anything before it is deployed");
        let all = first_ones(judged().flat_map(values_of));
        undecided.extend(all.into_iter().map(|value| Indeterminate {
            reason: reason(value.value),
            span: Some(value.span),
        }));
    }
    for grant in grants {
        let grantee = grant.grantee.id().unwrap_or_default();
        let matters = |rule: &&Rule<'_>| rule.effect == Effect::Deny || grant.sources.contains(&rule.source);
        let values = judged().filter(matters).flat_map(|rule| {
            let mut values = values_of(rule);
            values.retain(|value| rests_on(rule, &grantee, value.value));
            values
        });
        let values = first_ones(values);
        grant.assumed.extend(values.into_iter().map(|value| Assumption {
            unknown: format!(
                "`{}` is not known before deployment: it is taken to be one fixed value of its own",
                value.value
            ),
            span: Some(value.span),
        }));
    }
}

/// The values in a statement that are not known; what resources of the input are called themselves is settled.
fn values_of<'r>(rule: &'r Rule<'_>) -> impl Iterator<Item = Spanned<Placeholder>> + 'r {
    let all = rule.statement.iter().flat_map(|statement| &statement.placeholders);
    all.filter(|value| !value.value.is_identity()).copied()
}

/// Whether what a grantee has by a statement rests on a value in it: not where the value is another one of those that the
/// statement lets in.
fn rests_on(rule: &Rule<'_>, grantee: &str, value: Placeholder) -> bool {
    let Some(statement) = rule.statement else { return false };
    if rule.effect == Effect::Deny || statement.principal.negated || grantee.contains(&value.to_string()) {
        return true;
    }
    let holds = |text: &str| Placeholder::all_in(text).any(|(_, found)| found == value);
    let resources = statement.resource.iter().flat_map(|element| &element.entries);
    let mut texts = resources.map(|entry| &*entry.value.0).chain(
        statement
            .conditions
            .iter()
            .flat_map(|condition| condition.values.iter().map(|value| &*value.text)),
    );
    texts.any(holds)
}

fn first_ones(values: impl Iterator<Item = Spanned<Placeholder>>) -> Vec<Spanned<Placeholder>> {
    let mut first: Vec<Spanned<Placeholder>> = Vec::new();
    for value in values {
        if first.iter().all(|known| known.value != value.value) {
            first.push(value);
        }
    }
    first
}
