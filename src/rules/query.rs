use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, JpQuery, Segment, Selector, SingularQuery, SingularQuerySegment,
    Test, TestFunction,
};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::{QueryRef, js_path_process};

use crate::source::Node;

/// A JSONPath query that knows what it does not know.
///
/// In a normalised document an unknown setting is the object `{"unknown": "<why>"}`. A comparison that
/// would have to look inside one is neither true nor false. From the query as written two others
/// are made: one in which such a comparison is false, one in which it is true. What the first picks
/// is certain; what only the second picks cannot be decided.
#[derive(Clone, Debug)]
pub(super) struct Query {
    certain: JpQuery,
    possible: JpQuery,
    /// Unknown settings on the way of the query itself.
    on_the_way: Vec<JpQuery>,
}

/// What a query picks in one document.
#[derive(Debug, Default)]
pub(super) struct Picks<'a> {
    /// What it picks for certain, with its path.
    pub(super) certain: Vec<(&'a Node, String)>,
    /// Whether there is more that it may pick.
    pub(super) undecided: bool,
}

/// Why a text is no query that we would trust.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum QueryError {
    #[error("not a JSONPath query: {0}")]
    Syntax(String),
    /// NOTE: jsonpath-rust 1.0.12 answers `$[?@[?@>1]]` with nothing, whatever the document.
    #[error("a filter inside a filter is not supported: its answers would be wrong")]
    NestedFilter,
    #[error("`{0}` does not belong here")]
    Function(String),
}

const UNKNOWN: &str = "unknown";

impl Query {
    /// Reads a query.
    pub(super) fn parse(text: &str) -> Result<Self, QueryError> {
        let query = parse_json_path(text).map_err(|error| QueryError::Syntax(one_line(&error.to_string())))?;
        query.segments.iter().try_for_each(|segment| lint(segment, false))?;
        let possible = rewrite(&query.segments, Reading::Possible);
        let on_the_way = (1..=possible.len())
            .map(|len| JpQuery::new(with_unknown(possible.iter().take(len).cloned())))
            .collect();
        Ok(Self {
            certain: JpQuery::new(rewrite(&query.segments, Reading::Certain)),
            possible: JpQuery::new(possible),
            on_the_way,
        })
    }

    /// What the query picks in a document.
    ///
    /// # Errors
    /// When the query engine gives up, with its words.
    pub(super) fn pick<'a>(&self, document: &'a Node) -> Result<Picks<'a>, String> {
        let run = |query: &JpQuery| -> Result<Vec<QueryRef<'a, Node>>, String> {
            js_path_process(query, document).map_err(|error| one_line(&error.to_string()))
        };
        let possible = run(&self.possible)?;
        let mut on_the_way = false;
        for query in &self.on_the_way {
            on_the_way |= !run(query)?.is_empty();
        }
        if possible.is_empty() {
            let certain = Vec::new();
            return Ok(Picks {
                certain,
                undecided: on_the_way,
            });
        }
        let certain: Vec<(&Node, String)> = run(&self.certain)?
            .into_iter()
            .filter(|pick| pick.val.get(UNKNOWN).is_none())
            .map(|pick| (pick.val, pick.path))
            .collect();
        let undecided = on_the_way || certain.len() < possible.len();
        Ok(Picks { certain, undecided })
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a comparison with something unknown counts.
#[derive(Clone, Copy)]
enum Reading {
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

fn rewrite(segments: &[Segment], reading: Reading) -> Vec<Segment> {
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

fn arguments(function: &TestFunction) -> Vec<&FnArg> {
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

fn with_unknown(segments: impl Iterator<Item = Segment>) -> Vec<Segment> {
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

fn lint(segment: &Segment, inside_filter: bool) -> Result<(), QueryError> {
    let selector = |selector: &Selector| match selector {
        Selector::Filter(_) if inside_filter => Err(QueryError::NestedFilter),
        Selector::Filter(filter) => lint_filter(filter),
        Selector::Name(_) | Selector::Wildcard | Selector::Index(_) | Selector::Slice(_, _, _) => Ok(()),
    };
    match segment {
        Segment::Descendant(inner) => lint(inner, inside_filter),
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
        Test::RelQuery(segments) => segments.iter().try_for_each(|segment| lint(segment, true)),
        Test::AbsQuery(query) => query.segments.iter().try_for_each(|segment| lint(segment, true)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Limits, Text, parse_json};

    /// What a query picks for certain (as text) and whether there is more that it may pick.
    fn check(query: &str, document: &str, certain: &[&str], undecided: bool) {
        let parsed = parse_json(&Text::new(FileId(0), document), Limits::default()).expect(document);
        let picks = Query::parse(query).expect(query).pick(&parsed.root).expect(query);
        let found: Vec<&str> = picks
            .certain
            .iter()
            .filter_map(|(node, _)| document.get(node.span.range()))
            .collect();
        assert_eq!(
            (found.as_slice(), picks.undecided),
            (certain, undecided),
            "{query} on {document}"
        );
    }

    #[test]
    fn known_documents_are_decided() {
        check("$.a.b", r#"{"a":{"b":1}}"#, &["1"], false);
        check(
            "$[?@.x == false && @.y == true].z",
            r#"{"a":{"x":false,"y":true,"z":7}}"#,
            &["7"],
            false,
        );
        check(
            "$[?@.x == false && @.y == true].z",
            r#"{"a":{"x":false,"y":false,"z":7}}"#,
            &[],
            false,
        );
        check("$[?@.x != @.y.z].x", r#"{"a":{"x":1,"y":{"z":2}}}"#, &["1"], false);
        check("$[?!(@.x == 1 || @.y)].x", r#"{"a":{"x":2}}"#, &["2"], false);
        check(
            "$.a[?@.k == 'p' || @.k == 'q'].v",
            r#"{"a":[{"k":"p","v":1},{"k":"r","v":2},{"k":"q","v":3}]}"#,
            &["1", "3"],
            false,
        );
        check("$[?!@.gone].x", r#"{"a":{"x":1}}"#, &["1"], false);
        check(
            "$.a[?length(@.v) > 1].k",
            r#"{"a":[{"k":1,"v":[1,2]},{"k":2,"v":[1]}]}"#,
            &["1"],
            false,
        );
        check(
            "$.a[?match(@.k, 'p.*')].v",
            r#"{"a":[{"k":"pq","v":1},{"k":"r","v":2}]}"#,
            &["1"],
            false,
        );
    }

    #[test]
    fn what_is_unknown_is_neither_true_nor_false() {
        let unknown = r#"{"unknown":"why"}"#;
        let two = |x: &str, y: &str| format!(r#"{{"a":{{"x":{x},"y":{y},"z":7}}}}"#);
        let query = "$[?@.x.on == false && @.y.on == false].z";
        check(query, &two(unknown, r#"{"on":false}"#), &[], true);
        // "False and unknown" is false, so there is nothing to say.
        check(query, &two(unknown, r#"{"on":true}"#), &[], false);
        check(query, &two(r#"{"on":false}"#, r#"{"on":false}"#), &["7"], false);
        let either = "$[?@.x.on == false || @.y.on == false].z";
        check(either, &two(unknown, r#"{"on":false}"#), &["7"], false);
        check(either, &two(unknown, r#"{"on":true}"#), &[], true);
        // Negation: an absent value differs from `true`, an unknown one may not.
        check("$[?@.x.on != true].z", &two(unknown, "1"), &[], true);
        check("$[?!(@.x.on == true)].z", &two(unknown, "1"), &[], true);
        check("$[?!@.x.on].z", &two(unknown, "1"), &[], true);
        check("$[?@.x.on == $.a.y.on].z", &two(r#"{"on":true}"#, unknown), &[], true);
        check("$[?length(@.x.list) == 0].z", &two(unknown, "1"), &[], true);
    }

    #[test]
    fn unknown_settings_on_the_way_cannot_be_decided() {
        let unknown = r#"{"a":{"x":{"unknown":"why"}}}"#;
        check("$.a.x", unknown, &[], true);
        check("$.a.x.deep.down", unknown, &[], true);
        check("$.a.x[?@.k == 1].v", unknown, &[], true);
        check("$..deep", unknown, &[], true);
        check("$.a.y", unknown, &[], false);
    }

    #[test]
    fn queries_with_wrong_answers_are_refused() {
        let refused = |text: &str| Query::parse(text).expect_err(text);
        assert_eq!(refused("$[?@[?@>1]]"), QueryError::NestedFilter);
        assert_eq!(refused("$.a[?@.b[?@.c == 1].d]"), QueryError::NestedFilter);
        assert_eq!(refused("$[?!(@.a && @.b[?@ == 1])]"), QueryError::NestedFilter);
        assert!(matches!(refused("$[?count(@.*)]"), QueryError::Function(_)));
        assert!(matches!(refused("$[?length(@.*) > 1]"), QueryError::Function(_)));
        assert!(matches!(refused("$[?in(@.a, @.b)]"), QueryError::Function(_)));
        assert!(matches!(refused("$.a["), QueryError::Syntax(_)));
        assert!(matches!(refused("a.b"), QueryError::Syntax(_)));
    }
}
