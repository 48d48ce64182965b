//! What a query must not contain, because jsonpath-rust would answer wrongly.

use jsonpath_rust::parser::model::{
    Comparable, Filter, FilterAtom, FnArg, JpQuery, Segment, Selector, SingularQuery, Test, TestFunction,
};

use super::QueryError;
use super::kleene::arguments;

/// Refuses what we would not trust the answer of.
pub(super) fn lint(query: &JpQuery) -> Result<(), QueryError> {
    query
        .segments
        .iter()
        .try_for_each(|segment| lint_segment(segment, false))
}

fn lint_segment(segment: &Segment, inside_filter: bool) -> Result<(), QueryError> {
    let selector = |selector: &Selector| match selector {
        Selector::Filter(_) if inside_filter => Err(QueryError::NestedFilter),
        Selector::Filter(filter) => lint_filter(filter),
        Selector::Name(_) | Selector::Wildcard | Selector::Index(_) | Selector::Slice(_, _, _) => Ok(()),
    };
    match segment {
        Segment::Descendant(inner) => lint_segment(inner, inside_filter),
        Segment::Selector(one) => selector(one),
        Segment::Selectors(many) => many.iter().try_for_each(selector),
    }
}

fn lint_filter(filter: &Filter) -> Result<(), QueryError> {
    match filter {
        Filter::Or(filters) | Filter::And(filters) => filters.iter().try_for_each(lint_filter),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => lint_filter(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => match &**expr {
            // NOTE: jsonpath-rust accepts `$[?count(@.*)]`, which is no truth value.
            Test::Function(function) if function.is_comparable() => Err(QueryError::Function(function.to_string())),
            test @ (Test::RelQuery(_) | Test::AbsQuery(_) | Test::Function(_)) => lint_test(test),
        },
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (left, right) = comparison.vals();
            [left, right].into_iter().try_for_each(|side| match side {
                Comparable::Function(function) if !function.is_comparable() => {
                    Err(QueryError::Function(function.to_string()))
                }
                Comparable::Function(function) => lint_function(function),
                Comparable::Literal(_) | Comparable::SingularQuery(_) => Ok(()),
            })
        }
    }
}

fn lint_test(test: &Test) -> Result<(), QueryError> {
    match test {
        Test::RelQuery(segments) => segments.iter().try_for_each(|segment| lint_segment(segment, true)),
        Test::AbsQuery(query) => query
            .segments
            .iter()
            .try_for_each(|segment| lint_segment(segment, true)),
        Test::Function(function) => lint_function(function),
    }
}

fn lint_function(function: &TestFunction) -> Result<(), QueryError> {
    if matches!(function, TestFunction::Custom(_, _)) {
        return Err(QueryError::Function(function.to_string()));
    }
    let one_value = !matches!(function, TestFunction::Count(_) | TestFunction::Value(_));
    arguments(function).into_iter().try_for_each(|argument| match argument {
        FnArg::Literal(_) => Ok(()),
        FnArg::Filter(_) => Err(QueryError::NestedFilter),
        // NOTE: jsonpath-rust accepts `length(@.*)`, which is not one value.
        FnArg::Test(test) if one_value && !is_singular(test) => Err(QueryError::Function(function.to_string())),
        FnArg::Test(test) => lint_test(test),
    })
}

fn is_singular(test: &Test) -> bool {
    let segments = match test {
        Test::RelQuery(segments) => segments,
        Test::AbsQuery(query) => &query.segments,
        Test::Function(function) => return function.is_comparable(),
    };
    segments.iter().all(|segment| match segment {
        Segment::Selector(Selector::Name(_) | Selector::Index(_)) => true,
        Segment::Selector(Selector::Wildcard | Selector::Slice(_, _, _) | Selector::Filter(_))
        | Segment::Selectors(_)
        | Segment::Descendant(_) => false,
    })
}

/// Whether the query speaks of every member of a resource that it looks at by name, so that others may be left out.
pub(super) fn names_members(query: &JpQuery) -> bool {
    let by_name = |segment: Option<&Segment>| {
        segment.is_none_or(|segment| matches!(segment, Segment::Selector(Selector::Name(_))))
    };
    let at_root = match query.segments.first() {
        None => false,
        Some(Segment::Selector(Selector::Name(_) | Selector::Wildcard)) => true,
        Some(Segment::Selector(Selector::Filter(filter))) => filter_names_members(filter),
        Some(
            Segment::Selector(Selector::Index(_) | Selector::Slice(_, _, _))
            | Segment::Selectors(_)
            | Segment::Descendant(_),
        ) => false,
    };
    at_root && by_name(query.segments.get(1))
}

/// The filter looks at a resource: every query in it must begin with a member's name.
fn filter_names_members(filter: &Filter) -> bool {
    match filter {
        Filter::Or(filters) | Filter::And(filters) => filters.iter().all(filter_names_members),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => filter_names_members(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => test_names_members(expr),
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (left, right) = comparison.vals();
            [left, right].into_iter().all(|side| match side {
                Comparable::Literal(_) => true,
                Comparable::Function(function) => function_names_members(function),
                Comparable::SingularQuery(SingularQuery::Current(segments)) => !segments.is_empty(),
                Comparable::SingularQuery(SingularQuery::Root(_)) => false,
            })
        }
    }
}

fn test_names_members(test: &Test) -> bool {
    match test {
        Test::RelQuery(segments) => matches!(segments.first(), Some(Segment::Selector(Selector::Name(_)))),
        Test::AbsQuery(_) => false,
        Test::Function(function) => function_names_members(function),
    }
}

fn function_names_members(function: &TestFunction) -> bool {
    arguments(function).into_iter().all(|argument| match argument {
        FnArg::Literal(_) => true,
        FnArg::Test(test) => test_names_members(test),
        FnArg::Filter(_) => false,
    })
}
