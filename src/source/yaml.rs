use std::ops::Range;

use granit_parser::{Event, Parser};

use super::yaml_tree::Reader;
use super::{Diagnostic, DuplicateKey, Limits, Node, Span, Text};

/// What a YAML text holds.
#[derive(Debug, Default)]
pub struct Yaml {
    /// Its documents, in order.
    pub documents: Vec<Node>,
    /// Names that an object holds more than once, merged ones not counted.
    pub duplicates: Vec<DuplicateKey>,
    /// What was read in another way than YAML says.
    pub remarks: Vec<Diagnostic>,
}

/// Why a text is not the YAML we accept, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct YamlError {
    /// What is wrong.
    pub kind: YamlErrorKind,
    /// The bytes that show it.
    pub span: Span,
}

/// What is wrong with a YAML text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YamlErrorKind {
    /// The text breaks the grammar.
    #[error("not YAML: {0}")]
    Syntax(String),
    /// A list or an object as the name of a member.
    #[error("a name must be a text, not a list or an object")]
    Key,
    /// `<<` with something that has no members.
    #[error("`<<` takes an object or a list of objects")]
    Merge,
    /// An alias inside of what it stands for.
    #[error("an alias stands inside of its own anchor")]
    Cycle,
    /// Deeper than the limit.
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// Longer than the limit.
    #[error("longer than {0} bytes")]
    TooLong(usize),
    /// More values than the limit, aliases expanded.
    #[error("more than {0} values")]
    TooMany(usize),
}

impl YamlError {
    /// The problem as a diagnostic.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let (code, help) = match &self.kind {
            YamlErrorKind::Syntax(_) | YamlErrorKind::Key | YamlErrorKind::Merge => (
                "bucketproof::source::not_yaml",
                "correct the place; what a template engine writes must be read after it has run",
            ),
            YamlErrorKind::Cycle => (
                "bucketproof::source::alias_cycle",
                "write the value out instead of the alias",
            ),
            YamlErrorKind::TooDeep(_) => (
                "bucketproof::source::too_deep",
                "no AWS document nests this deeply: check where the file comes from",
            ),
            YamlErrorKind::TooLong(_) | YamlErrorKind::TooMany(_) => (
                "bucketproof::source::too_long",
                "split the file, or write what its aliases stand for",
            ),
        };
        Diagnostic::error(code, self.span, self.to_string()).with_help(help)
    }
}

/// Parses a text of YAML documents, with aliases and merges expanded.
///
/// Names of members are texts as they are written, also `Null`, `on` or `123`. Of values only plain ones are anything but
/// texts: `true`, `yes` and `on` with their opposites are Booleans, whole and decimal numbers are numbers, an account id
/// with its leading zeros included [PRIN-19], `null` and `~` are null. Dates, `0x1F`, `1_000`, `12:30` stay texts
/// [FMT-70]. What an alias stands for keeps the places where it was written; the span of a value includes its tag.
///
/// # Errors
/// When the text is not YAML, or is larger or deeper than the limits allow.
pub fn parse_yaml(text: &Text<'_>, limits: Limits) -> Result<Yaml, YamlError> {
    Reader::new(text, limits).read()
}

/// The bytes of a YAML text that are its values and names, in which nothing is a comment; none where it is no YAML.
pub fn yaml_literals(text: &Text<'_>) -> Option<Vec<Range<usize>>> {
    let mut literals = Vec::new();
    for event in Parser::new_from_str(text.as_str()) {
        let (event, span) = event.ok()?;
        if matches!(event, Event::Scalar(..)) {
            literals.extend(span.byte_range());
        }
    }
    Some(literals)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{FileId, Value, parse_json};
    use super::*;

    fn parse(text: &str) -> Result<Yaml, YamlError> {
        parse_yaml(&Text::new(FileId(0), text), Limits::default())
    }

    fn root(text: &str) -> Node {
        parse(text).expect(text).documents.remove(0)
    }

    fn slice<'t>(text: &'t str, node: &Node) -> &'t str {
        text.get(node.span.range()).expect("inside the text")
    }

    #[test]
    fn tags_and_places_are_kept() {
        let text = "a: !Sub \"é${x}\" # why\nb: !GetAtt\n  - B\n  - Arn\n\nc:\n  d: |\n    {}\n\n# end\n";
        let root = root(text);
        let b = root.get("b").expect("b");
        assert_eq!(b.tag.as_deref(), Some("!GetAtt"));
        assert_eq!(slice(text, b), "!GetAtt\n  - B\n  - Arn");
        let a = root.get("a").expect("a");
        assert_eq!((a.tag.as_deref(), a.as_str()), (Some("!Sub"), Some("é${x}")));
        assert_eq!(slice(text, a), "!Sub \"é${x}\"");
        let c = root.get("c").expect("c");
        assert_eq!(slice(text, c), "d: |\n    {}");
        assert_eq!(c.get("d").and_then(Node::as_str), Some("{}\n"));
    }

    #[test]
    fn nothing_is_placed_behind_its_name() {
        let text = "a:\n  b:\n\n\nc: 1\n";
        let root = root(text);
        let a = root.get("a").expect("a");
        assert_eq!(slice(text, a), "b:");
        assert!(a.get("b").is_some_and(|node| node.is_null() && node.span.start == 7));
    }

    #[test]
    fn names_stay_texts_and_null_is_told() {
        // [FMT-70]
        let yaml = parse("Null: {a: 1}\non: 2\n2012-10-17: 3\n\"null\": 4\n").expect("valid");
        let keys = yaml.documents.iter().flat_map(Node::members).map(|member| &*member.key);
        assert_eq!(keys.collect::<Vec<_>>(), ["Null", "on", "2012-10-17", "null"]);
        let told: Vec<_> = yaml.remarks.iter().map(|said| (said.code, said.span)).collect();
        assert_eq!(
            told,
            [("bucketproof::source::null_key", Some(Span::new(FileId(0), 0, 4)))]
        );
    }

    #[test]
    fn quoted_and_tagged_scalars_are_texts() {
        let node = root("['true', \"12\", !!str 12, ! 12, true, 12, !x 12]");
        let kinds: Vec<_> = node.items().iter().map(Node::kind).collect();
        let text = "a string";
        assert_eq!(kinds, [text, text, text, text, "a Boolean", "a number", text]);
    }

    #[test]
    fn aliases_and_merges_are_expanded() {
        let node = root("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 0\nw: *x\n\"<<\": 5\n");
        let pairs = |node: &Node| {
            let text = |node: &Node| match &node.value {
                Value::Number(text) => text.to_string(),
                other => panic!("{other:?}"),
            };
            let pairs = node
                .members()
                .iter()
                .map(|member| (member.key.to_string(), text(&member.value)));
            pairs.collect::<Vec<_>>()
        };
        let expected = [("a", "0"), ("b", "2"), ("c", "4")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(pairs(node.get("z").expect("z")), expected);
        assert_eq!(node.get("w"), node.get("x"));
        assert!(node.get("<<").is_some());
    }

    #[test]
    fn bombs_are_refused() {
        let kind = |text: &str| parse(text).err().map(|error| error.kind);
        let mut bomb = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let list = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("- &a{level} [{list}]\n"));
        }
        assert_eq!(kind(&bomb), Some(YamlErrorKind::TooMany(Limits::default().values)));
        assert_eq!(kind("&a [*a]"), Some(YamlErrorKind::Cycle));
        assert!(matches!(kind("[*b]"), Some(YamlErrorKind::Syntax(_))));
        assert_eq!(kind(&"[".repeat(200)), Some(YamlErrorKind::TooDeep(128)));
        let steps: String = (0..200).map(|depth| format!("{}- \n", "  ".repeat(depth))).collect();
        assert_eq!(kind(&steps), Some(YamlErrorKind::TooDeep(128)));
        let tower: String = (1..100).map(|at| format!("- &a{at} [[*a{}]]\n", at - 1)).collect();
        assert_eq!(kind(&format!("- &a0 x\n{tower}")), Some(YamlErrorKind::TooDeep(128)));
        assert_eq!(kind("{[a]: 1}"), Some(YamlErrorKind::Key));
        assert_eq!(kind("a: {<<: 1}"), Some(YamlErrorKind::Merge));
    }

    #[test]
    fn documents_and_repeated_names_are_kept_apart() {
        let yaml = parse("a: 1\na: 2\n---\na: 3\n").expect("valid");
        assert_eq!((yaml.documents.len(), yaml.duplicates.len()), (2, 1));
        assert!(parse("").expect("valid").documents.is_empty());
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            "\\PC{0,12}".prop_map(Into::into),
            prop_oneof![
                Just("yes"),
                Just("12"),
                Just("~"),
                Just("a: b"),
                Just("# x"),
                Just("a\n b\t")
            ]
            .prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..6);
            let object = prop::collection::vec(("\\PC{0,8}", inner), 0..6);
            prop_oneof![
                list.prop_map(Into::into),
                object.prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn inside(node: &Node, text: &str) {
        assert!(text.get(node.span.range()).is_some(), "{:?}", node.span);
        node.items().iter().for_each(|item| inside(item, text));
        for member in node.members() {
            assert!(text.get(member.key_span.range()).is_some(), "{:?}", member.key_span);
            inside(&member.value, text);
        }
    }

    proptest! {
        #[test]
        fn json_is_yaml_too(value in json(), pretty in any::<bool>()) {
            let text = if pretty {
                serde_json::to_string_pretty(&value)
            } else {
                serde_json::to_string(&value)
            };
            let text = text.expect("a text");
            let whole = Text::new(FileId(0), &text);
            let expected = parse_json(&whole, Limits::default()).expect("valid").root;
            let yaml = parse_yaml(&whole, Limits::default()).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
            prop_assert_eq!(&yaml.documents, &[expected]);
            inside(&yaml.documents[0], &text);
        }

        #[test]
        fn places_lie_inside(text in "([a-c&*!é<\"'|>#:, \\-\\[\\]{}\n]|: |- |<<: |&a |\\*a|!Ref |\n  ){0,40}") {
            match parse(&text) {
                Ok(yaml) => yaml.documents.iter().for_each(|node| inside(node, &text)),
                Err(error) => prop_assert!(text.get(error.span.range()).is_some(), "{:?}", error.span),
            }
        }
    }
}
