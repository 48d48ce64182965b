//! Kleene's logic on queries: what is unknown is neither true nor false.

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, JpQuery, Segment, Selector, SingularQuery, SingularQuerySegment,
    Test, TestFunction,
};

use super::UNKNOWN;

/// How a comparison with something unknown counts.
#[derive(Clone, Copy)]
pub(super) enum Reading {
    Certain,
    Possible,
}

impl Reading {
    fn flipped(self) -> Self {
        match self {
            Self::Certain => Self::Possible,
            Self::Possible => Self::Certain,
        }
    }
}

/// The same query with every comparison that touches something unknown read one way.
pub(super) fn rewrite(segments: &[Segment], reading: Reading) -> Vec<Segment> {
    segments
        .iter()
        .map(|segment| rewrite_segment(segment, reading))
        .collect()
}

fn rewrite_segment(segment: &Segment, reading: Reading) -> Segment {
    let selector = |selector: &Selector| match selector {
        Selector::Filter(filter) => Selector::Filter(rewrite_filter(filter, reading)),
        Selector::Name(_) | Selector::Wildcard | Selector::Index(_) | Selector::Slice(_, _, _) => selector.clone(),
    };
    match segment {
        Segment::Descendant(inner) => Segment::Descendant(Box::new(rewrite_segment(inner, reading))),
        Segment::Selector(one) => Segment::Selector(selector(one)),
        Segment::Selectors(many) => Segment::Selectors(many.iter().map(selector).collect()),
    }
}

/// Kleene's logic, literal by literal: "and", "or" keep a reading, "not" turns it round.
fn rewrite_filter(filter: &Filter, reading: Reading) -> Filter {
    let all = |filters: &[Filter]| filters.iter().map(|filter| rewrite_filter(filter, reading)).collect();
    let atom = match filter {
        Filter::Or(filters) => return Filter::Or(all(filters)),
        Filter::And(filters) => return Filter::And(all(filters)),
        Filter::Atom(atom) => atom,
    };
    let touched = match atom {
        FilterAtom::Filter { expr, not } => {
            let reading = if *not { reading.flipped() } else { reading };
            return Filter::Atom(FilterAtom::filter(rewrite_filter(expr, reading), *not));
        }
        FilterAtom::Test { expr, .. } => touched_by_test(expr),
        FilterAtom::Comparison(comparison) => touched_by_comparison(comparison),
    };
    let literal = Filter::Atom(atom.clone());
    let unknown = |not: bool| {
        touched
            .into_iter()
            .map(move |test| Filter::Atom(FilterAtom::test(test, not)))
    };
    match reading {
        Reading::Possible => Filter::Or(std::iter::once(literal).chain(unknown(false)).collect()),
        Reading::Certain => Filter::And(std::iter::once(literal).chain(unknown(true)).collect()),
    }
}

/// Tests that hold where something on the way of a query is unknown.
fn touched_by_test(test: &Test) -> Vec<Test> {
    match test {
        Test::RelQuery(segments) => relative(segments),
        Test::AbsQuery(query) => absolute(&query.segments),
        Test::Function(function) => touched_by_function(function),
    }
}

fn touched_by_comparison(comparison: &Comparison) -> Vec<Test> {
    let (left, right) = comparison.vals();
    let side = |side: &Comparable| match side {
        Comparable::Literal(_) => Vec::new(),
        Comparable::Function(function) => touched_by_function(function),
        Comparable::SingularQuery(SingularQuery::Current(segments)) => relative(&singular(segments)),
        Comparable::SingularQuery(SingularQuery::Root(segments)) => absolute(&singular(segments)),
    };
    side(left).into_iter().chain(side(right)).collect()
}

fn touched_by_function(function: &TestFunction) -> Vec<Test> {
    arguments(function)
        .into_iter()
        .flat_map(|argument| match argument {
            FnArg::Test(test) => touched_by_test(test),
            FnArg::Literal(_) | FnArg::Filter(_) => Vec::new(),
        })
        .collect()
}

/// The arguments of a function.
pub(super) fn arguments(function: &TestFunction) -> Vec<&FnArg> {
    match function {
        TestFunction::Custom(_, arguments) => arguments.iter().collect(),
        TestFunction::Length(argument) => vec![argument],
        TestFunction::Value(argument) | TestFunction::Count(argument) => vec![argument],
        TestFunction::Search(text, pattern) | TestFunction::Match(text, pattern) => vec![text, pattern],
    }
}

fn singular(segments: &[SingularQuerySegment]) -> Vec<Segment> {
    segments
        .iter()
        .map(|segment| match segment {
            SingularQuerySegment::Index(index) => Segment::Selector(Selector::Index(*index)),
            SingularQuerySegment::Name(name) => Segment::name(name),
        })
        .collect()
}

fn relative(segments: &[Segment]) -> Vec<Test> {
    (0..=segments.len())
        .map(|len| Test::RelQuery(with_unknown(segments.iter().take(len).cloned())))
        .collect()
}

fn absolute(segments: &[Segment]) -> Vec<Test> {
    (1..=segments.len())
        .map(|len| Test::AbsQuery(JpQuery::new(with_unknown(segments.iter().take(len).cloned()))))
        .collect()
}

/// The query for what is unknown at the end of another one.
pub(super) fn with_unknown(segments: impl Iterator<Item = Segment>) -> Vec<Segment> {
    let mut segments: Vec<Segment> = segments.collect();
    // `$..x` looks for `x` at every depth, and so at everything that is unknown.
    let unknown = match segments.pop() {
        Some(Segment::Descendant(_)) => Segment::Descendant(Box::new(Segment::name(UNKNOWN))),
        Some(last) => {
            segments.push(last);
            Segment::name(UNKNOWN)
        }
        None => Segment::name(UNKNOWN),
    };
    segments.push(unknown);
    segments
}
