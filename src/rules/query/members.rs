//! The members of a resource that a query names.

use jsonpath_rust::parser::model::{
    Comparable, Filter, FilterAtom, FnArg, JpQuery, Segment, Selector, SingularQuery, SingularQuerySegment, Test,
    TestFunction,
};

use super::kleene::arguments;
use crate::source::{Node, Value};

/// The names of members of the resource, as far as the query names them: below the root, and in a filter on the root.
pub(super) fn members(query: &JpQuery) -> Vec<&str> {
    let mut found = Vec::new();
    if let Some(Segment::Selector(Selector::Filter(filter))) = query.segments.first() {
        in_filter(filter, &mut found);
    }
    found.extend(query.segments.get(1).and_then(name));
    found
}

/// Whether the names and wildcards that a query begins with lead to nothing in a document, so that it picks nothing.
pub(super) fn lead_nowhere(query: &JpQuery, document: &Node) -> bool {
    let mut reached = vec![document];
    for segment in &query.segments {
        let next: Vec<&Node> = match (segment, name(segment)) {
            (_, Some(name)) if !name.contains('\\') => reached.iter().filter_map(|node| node.get(name)).collect(),
            (Segment::Selector(Selector::Wildcard), _) => reached.iter().flat_map(|node| below(node)).collect(),
            (Segment::Selector(_) | Segment::Selectors(_) | Segment::Descendant(_), _) => return false,
        };
        if next.is_empty() {
            return true;
        }
        reached = next;
    }
    false
}

fn below(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::Object(members) => members.iter().map(|member| &member.value).collect(),
        Value::Array(items) => items.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn name(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Selector(Selector::Name(name)) => Some(bare(name)),
        Segment::Selector(Selector::Wildcard | Selector::Index(_) | Selector::Slice(_, _, _) | Selector::Filter(_))
        | Segment::Selectors(_)
        | Segment::Descendant(_) => None,
    }
}

/// Without the quotes that it has between brackets.
fn bare(name: &str) -> &str {
    name.trim_matches(['\'', '"'])
}

fn in_filter<'q>(filter: &'q Filter, found: &mut Vec<&'q str>) {
    match filter {
        Filter::Or(filters) | Filter::And(filters) => filters.iter().for_each(|filter| in_filter(filter, found)),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => in_filter(expr, found),
        Filter::Atom(FilterAtom::Test { expr, .. }) => in_test(expr, found),
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (left, right) = comparison.vals();
            for side in [left, right] {
                match side {
                    Comparable::SingularQuery(SingularQuery::Current(segments)) => match segments.first() {
                        Some(SingularQuerySegment::Name(name)) => found.push(bare(name)),
                        Some(SingularQuerySegment::Index(_)) | None => {}
                    },
                    Comparable::Function(function) => in_function(function, found),
                    Comparable::Literal(_) | Comparable::SingularQuery(SingularQuery::Root(_)) => {}
                }
            }
        }
    }
}

fn in_test<'q>(test: &'q Test, found: &mut Vec<&'q str>) {
    match test {
        Test::RelQuery(segments) => found.extend(segments.first().and_then(name)),
        Test::Function(function) => in_function(function, found),
        Test::AbsQuery(_) => {}
    }
}

fn in_function<'q>(function: &'q TestFunction, found: &mut Vec<&'q str>) {
    for argument in arguments(function) {
        match argument {
            FnArg::Test(test) => in_test(test, found),
            FnArg::Literal(_) | FnArg::Filter(_) => {}
        }
    }
}
