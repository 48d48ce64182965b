use jsonpath_rust::parser::model::JpQuery;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::{QueryRef, js_path_process};

mod kleene;
mod lint;
mod members;

use crate::source::Node;
use kleene::{Reading, rewrite, with_unknown};

/// A JSONPath query that knows what it does not know.
///
/// In a normalised document an unknown setting is the object `{"unknown": "<why>"}`. A comparison that
/// would have to look inside one is neither true nor false. From the query as written two others
/// are made: one in which such a comparison is false, one in which it is true. What the first picks
/// is certain; what only the second picks cannot be decided.
#[derive(Clone, Debug)]
pub(super) struct Query {
    as_written: JpQuery,
    certain: JpQuery,
    possible: JpQuery,
    /// Unknown settings on the way of the query itself.
    on_the_way: Vec<JpQuery>,
    names_members: bool,
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
    #[error("not a JSONPath query: {message}")]
    Syntax {
        message: String,
        /// The byte of the query at which it stops being one, where that is told.
        at: Option<usize>,
    },
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
        let query = parse_json_path(text).map_err(|error| syntax(text, &error.to_string()))?;
        lint::lint(&query)?;
        let possible = rewrite(&query.segments, Reading::Possible);
        let on_the_way = (1..=possible.len())
            .map(|len| JpQuery::new(with_unknown(possible.iter().take(len).cloned())))
            .collect();
        Ok(Self {
            certain: JpQuery::new(rewrite(&query.segments, Reading::Certain)),
            possible: JpQuery::new(possible),
            on_the_way,
            // An escape can spell a name that the text does not show.
            names_members: lint::names_members(&query) && !text.contains('\\'),
            as_written: query,
        })
    }

    /// Whether the text names every member of a resource that the query looks at, so that others may be left out.
    pub(super) fn names_members(&self) -> bool {
        self.names_members
    }

    /// The members of a resource that it names, as far as the text shows them.
    pub(super) fn members(&self) -> Vec<&str> {
        members::members(&self.as_written)
    }

    /// What the query picks in a document; `all_known` promises that nothing in it is unknown.
    ///
    /// # Errors
    /// When the query engine gives up, with its words.
    pub(super) fn pick<'a>(&self, document: &'a Node, all_known: bool) -> Result<Picks<'a>, String> {
        let run = |query: &JpQuery| -> Result<Vec<QueryRef<'a, Node>>, String> {
            js_path_process(query, document).map_err(|error| one_line(&error.to_string()))
        };
        if all_known {
            // Most rules find nothing in most documents, and the names alone tell.
            if members::lead_nowhere(&self.as_written, document) {
                return Ok(Picks::default());
            }
            let certain = run(&self.as_written)?.into_iter().map(|pick| (pick.val, pick.path));
            return Ok(Picks {
                certain: certain.collect(),
                undecided: false,
            });
        }
        let possible = run(&self.possible)?;
        let mut undecided = false;
        for query in &self.on_the_way {
            undecided |= !run(query)?.is_empty();
        }
        let certain: Vec<(&Node, String)> = run(&self.certain)?
            .into_iter()
            .filter(|pick| pick.val.get(UNKNOWN).is_none())
            .map(|pick| (pick.val, pick.path))
            .collect();
        undecided |= certain.len() < possible.len();
        Ok(Picks { certain, undecided })
    }
}

/// What the parser says, which it draws over several lines: `--> 1:28`, the query, an arrow, `= expected …`.
fn syntax(text: &str, drawn: &str) -> QueryError {
    let told = drawn
        .rsplit_once("\n  = ")
        .or(drawn.rsplit_once(" = "))
        .map(|(_, told)| one_line(told));
    let column = drawn.split_once("--> 1:").and_then(|(_, rest)| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    });
    let at = column.and_then(|column| {
        text.char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .nth(column.checked_sub(1)?)
    });
    match told {
        Some(message) => QueryError::Syntax { message, at },
        None => QueryError::Syntax {
            message: one_line(drawn),
            at: None,
        },
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Limits, Text, parse_json};

    /// What a query picks for certain (as text) and whether there is more that it may pick.
    fn check(query: &str, document: &str, certain: &[&str], undecided: bool) {
        let parsed = parse_json(&Text::new(FileId(0), document), Limits::default()).expect(document);
        let picks = Query::parse(query)
            .expect(query)
            .pick(&parsed.root, false)
            .expect(query);
        if !document.contains("unknown") {
            let plain = Query::parse(query).expect(query).pick(&parsed.root, true).expect(query);
            assert_eq!(plain.certain, picks.certain, "{query} on {document}");
        }
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
    fn queries_that_name_members_are_known() {
        let names = |text: &str| Query::parse(text).expect(text).names_members();
        assert!(names("$.bucket.tags[?@.key == 'a'].value"));
        assert!(names("$[?@.a.b == false && (!@.c || length(@.d) > 1)].e"));
        assert!(names("$[?@.a].e[*].f"));
        for text in [
            "$..a",
            "$.bucket[*]",
            "$.bucket[?@.enabled == false]",
            "$[?length(@) > 3].a",
            "$[?@.*].a",
            "$[?@.a == $.b.c].a",
        ] {
            assert!(!names(text), "{text}");
        }
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
        assert!(matches!(refused("$.a["), QueryError::Syntax { .. }));
        assert!(matches!(refused("a.b"), QueryError::Syntax { .. }));
    }
}
