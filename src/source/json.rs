use jsonc_parser::errors::ParseError;
use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};
use std::collections::HashMap;

use super::{Diagnostic, Member, Node, Span, Text, Value};

/// How much a document may ask of us.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Deepest nesting of lists and objects.
    pub depth: usize,
    /// Longest text in bytes.
    pub len_bytes: usize,
    /// Most values: each costs about a hundred bytes, however short it is written.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // Nothing AWS writes nests deeper than about 20; 64 MiB is several times the largest account export seen, in
        // which a value takes more than 20 bytes.
        Self {
            depth: 128,
            len_bytes: 64 << 20,
            values: 4_000_000,
        }
    }
}

/// A parsed document.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Its root.
    pub root: Node,
    /// Names that an object holds more than once, in order [POL-13].
    pub duplicates: Vec<DuplicateKey>,
}

/// A name that one object holds twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The name.
    pub key: Box<str>,
    /// Where it stands first.
    pub first: Span,
    /// Where it stands again.
    pub again: Span,
}

/// Why a text is not the JSON we accept, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// The bytes that show it.
    pub span: Span,
}

/// What is wrong with a JSON text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonErrorKind {
    /// Nothing but white space.
    #[error("the document is empty")]
    Empty,
    /// The text stops inside a value.
    #[error("the document ends in the middle of a value")]
    Truncated,
    /// Something that cannot stand here.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A token that is none.
    #[error("{0}")]
    Token(String),
    /// A raw control character inside a string.
    #[error("a control character inside a string is not escaped")]
    ControlCharacter,
    /// White space that JSON does not know.
    #[error("a character that is no JSON white space stands between values")]
    WhiteSpace,
    /// A number that no reader can hold.
    #[error("the number is out of range")]
    NumberOutOfRange,
    /// Deeper than the limit.
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// Longer than the limit.
    #[error("longer than {0} bytes")]
    TooLong(usize),
    /// More values than the limit.
    #[error("more than {0} values")]
    TooMany(usize),
    /// More text behind the document.
    #[error("something follows the end of the document")]
    Trailing,
}

impl JsonError {
    /// The problem as a diagnostic.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let (code, help) = match &self.kind {
            JsonErrorKind::Truncated => (
                "bucketproof::source::truncated_json",
                "the file is probably incomplete: export it again",
            ),
            JsonErrorKind::TooDeep(_) => (
                "bucketproof::source::too_deep",
                "no AWS document nests this deeply: check where the file comes from",
            ),
            JsonErrorKind::TooLong(_) | JsonErrorKind::TooMany(_) => {
                ("bucketproof::source::too_long", "split the export into smaller files")
            }
            JsonErrorKind::Empty
            | JsonErrorKind::Expected(_)
            | JsonErrorKind::Token(_)
            | JsonErrorKind::ControlCharacter
            | JsonErrorKind::WhiteSpace
            | JsonErrorKind::NumberOutOfRange
            | JsonErrorKind::Trailing => (
                "bucketproof::source::not_json",
                "the file must hold JSON as AWS writes it: no comments, no trailing commas",
            ),
        };
        Diagnostic::error(code, self.span, self.to_string()).with_help(help)
    }
}

/// Parses a text that holds exactly one JSON value.
///
/// # Errors
/// When the text is not JSON, or is larger or deeper than the limits allow.
pub fn parse_json(text: &Text<'_>, limits: Limits) -> Result<Parsed, JsonError> {
    let mut parser = Parser::new(text, limits)?;
    let root = parser.next_value()?.ok_or_else(|| parser.error(JsonErrorKind::Empty))?;
    match parser.token()? {
        Some(_) => Err(parser.error(JsonErrorKind::Trailing)),
        None => Ok(Parsed {
            root,
            duplicates: parser.duplicates,
        }),
    }
}

/// Parses a text of one or more JSON values, such as JSON Lines or the pages of a paginated command [FMT-01].
///
/// # Errors
/// When the text is not a run of JSON values, or is larger or deeper than the limits allow.
pub fn parse_json_values(text: &Text<'_>, limits: Limits) -> Result<Vec<Parsed>, JsonError> {
    let mut parser = Parser::new(text, limits)?;
    let mut values = Vec::new();
    while let Some(root) = parser.next_value()? {
        let duplicates = std::mem::take(&mut parser.duplicates);
        values.push(Parsed { root, duplicates });
    }
    if values.is_empty() {
        return Err(parser.error(JsonErrorKind::Empty));
    }
    Ok(values)
}

struct Parser<'a> {
    text: &'a Text<'a>,
    scanner: Scanner<'a>,
    limits: Limits,
    values: usize,
    duplicates: Vec<DuplicateKey>,
}

/// A list or object that is still open.
enum Open {
    Array(usize, Vec<Node>),
    Object(usize, Vec<Member>, Box<str>, Span),
}

impl<'a> Parser<'a> {
    fn new(text: &'a Text<'a>, limits: Limits) -> Result<Self, JsonError> {
        let content = text.as_str();
        if content.len() > limits.len_bytes {
            let kind = JsonErrorKind::TooLong(limits.len_bytes);
            return Err(JsonError {
                kind,
                span: text.span(0, 0),
            });
        }
        Ok(Self {
            text,
            scanner: Scanner::new(content, &strict()),
            limits,
            values: 0,
            duplicates: Vec::new(),
        })
    }

    /// The next value, or `None` at the end of the text. Works on a stack of its own, so depth costs no call stack.
    fn next_value(&mut self) -> Result<Option<Node>, JsonError> {
        let mut open: Vec<Open> = Vec::new();
        let mut next = self.token()?;
        while let Some(token) = next.take() {
            let start = self.scanner.token_start();
            self.values += 1;
            if self.values > self.limits.values {
                return Err(self.error(JsonErrorKind::TooMany(self.limits.values)));
            }
            let mut done = match token {
                Token::OpenBrace | Token::OpenBracket if open.len() >= self.limits.depth => {
                    return Err(self.error(JsonErrorKind::TooDeep(self.limits.depth)));
                }
                Token::OpenBracket => match self.required()? {
                    Token::CloseBracket => Some(self.node(start, Value::Array(Vec::new()))),
                    other => {
                        open.push(Open::Array(start, Vec::new()));
                        next = Some(other);
                        None
                    }
                },
                Token::OpenBrace => match self.required()? {
                    Token::CloseBrace => Some(self.node(start, Value::Object(Vec::new()))),
                    other => {
                        let (key, span) = self.key(other)?;
                        open.push(Open::Object(start, Vec::new(), key, span));
                        next = Some(self.required()?);
                        None
                    }
                },
                other => Some(self.scalar(other)?),
            };
            // Hand every finished value to what is open around it, until one more token must be read as a value.
            while let Some(node) = done.take() {
                let Some(around) = open.pop() else {
                    return Ok(Some(node));
                };
                let separator = self.required()?;
                match (around, separator) {
                    (Open::Array(start, mut items), Token::Comma) => {
                        items.push(node);
                        open.push(Open::Array(start, items));
                        next = Some(self.required()?);
                    }
                    (Open::Array(start, mut items), Token::CloseBracket) => {
                        items.push(node);
                        done = Some(self.node(start, Value::Array(items)));
                    }
                    (Open::Object(start, mut members, key, key_span), Token::Comma) => {
                        members.push(Member {
                            key,
                            key_span,
                            value: node,
                        });
                        let name = self.required()?;
                        let (key, span) = self.key(name)?;
                        open.push(Open::Object(start, members, key, span));
                        next = Some(self.required()?);
                    }
                    (Open::Object(start, mut members, key, key_span), Token::CloseBrace) => {
                        members.push(Member {
                            key,
                            key_span,
                            value: node,
                        });
                        note_duplicates(&members, &mut self.duplicates);
                        done = Some(self.node(start, Value::Object(members)));
                    }
                    (Open::Array(..), _) => return Err(self.error(JsonErrorKind::Expected("`,` or `]`"))),
                    (Open::Object(..), _) => return Err(self.error(JsonErrorKind::Expected("`,` or `}`"))),
                }
            }
        }
        Ok(None)
    }

    /// A member's name and the colon behind it.
    fn key(&mut self, token: Token<'a>) -> Result<(Box<str>, Span), JsonError> {
        let Token::String(key) = token else {
            return Err(self.error(JsonErrorKind::Expected("a name in double quotes")));
        };
        self.check_string()?;
        let span = self.token_span();
        match self.required()? {
            Token::Colon => Ok((key.into(), span)),
            _ => Err(self.error(JsonErrorKind::Expected("`:`"))),
        }
    }

    fn scalar(&mut self, token: Token<'a>) -> Result<Node, JsonError> {
        let value = match token {
            Token::Null => Value::Null,
            Token::Boolean(value) => Value::Bool(value),
            Token::String(text) => {
                self.check_string()?;
                Value::String(text.into())
            }
            Token::Number(text) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Number(text.into()),
                Ok(_) | Err(_) => return Err(self.error(JsonErrorKind::NumberOutOfRange)),
            },
            _ => return Err(self.error(JsonErrorKind::Expected("a value"))),
        };
        Ok(self.node(self.scanner.token_start(), value))
    }

    /// The scanner takes raw control characters inside strings; JSON does not.
    fn check_string(&self) -> Result<(), JsonError> {
        let literal = self.content(self.scanner.token_start(), self.scanner.token_end());
        if literal.bytes().any(|byte| byte < 0x20) {
            return Err(self.error(JsonErrorKind::ControlCharacter));
        }
        Ok(())
    }

    fn required(&mut self) -> Result<Token<'a>, JsonError> {
        match self.token()? {
            Some(token) => Ok(token),
            None => Err(self.error(JsonErrorKind::Truncated)),
        }
    }

    fn token(&mut self) -> Result<Option<Token<'a>>, JsonError> {
        let before = self.scanner.token_end();
        let token = self.scanner.scan().map_err(|error| self.scan_error(&error))?;
        let gap = self.content(before, self.scanner.token_start());
        if !gap.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            let at = gap
                .find(|char: char| !matches!(char, ' ' | '\t' | '\r' | '\n'))
                .unwrap_or_default()
                + before;
            let end = at
                + self
                    .content(at, self.text.as_str().len())
                    .chars()
                    .next()
                    .map_or(0, char::len_utf8);
            return Err(JsonError {
                kind: JsonErrorKind::WhiteSpace,
                span: self.text.span(at, end),
            });
        }
        match token {
            Some(Token::CommentLine(_) | Token::CommentBlock(_)) => {
                Err(self.error(JsonErrorKind::Expected("a value, not a comment")))
            }
            Some(Token::Word(_)) => Err(self.error(JsonErrorKind::Expected("a value"))),
            other => Ok(other),
        }
    }

    fn scan_error(&self, error: &ParseError) -> JsonError {
        let end = self.text.as_str().len();
        let range = error.range();
        let unfinished = {
            let kind = error.kind().to_string();
            kind.contains("Unterminated") || (range.start >= end && end > 0)
        };
        let kind = if unfinished {
            JsonErrorKind::Truncated
        } else {
            let message = error.kind().to_string();
            let mut chars = message.chars();
            let lowered = chars
                .next()
                .map(char::to_lowercase)
                .into_iter()
                .flatten()
                .chain(chars)
                .collect();
            JsonErrorKind::Token(lowered)
        };
        JsonError {
            kind,
            span: self.text.span(range.start.min(end), range.end.min(end)),
        }
    }

    fn node(&self, start: usize, value: Value) -> Node {
        Node::new(value, self.text.span(start, self.scanner.token_end()))
    }

    fn token_span(&self) -> Span {
        self.text.span(self.scanner.token_start(), self.scanner.token_end())
    }

    fn content(&self, start: usize, end: usize) -> &str {
        self.text.as_str().get(start..end).unwrap_or_default()
    }

    fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError {
            kind,
            span: self.token_span(),
        }
    }
}

/// Adds the names that stand more than once among the members of one object.
pub(super) fn note_duplicates(members: &[Member], found: &mut Vec<DuplicateKey>) {
    if members.len() < 2 {
        return;
    }
    // Small objects are compared pair by pair; large ones by a map, so that hostile input stays linear.
    if members.len() <= 16 {
        for (index, member) in members.iter().enumerate().skip(1) {
            if let Some(first) = members.iter().take(index).find(|earlier| earlier.key == member.key) {
                found.push(duplicate(first, member));
            }
        }
    } else {
        let mut seen: HashMap<&str, &Member> = HashMap::with_capacity(members.len());
        for member in members {
            if let Some(first) = seen.get(&*member.key) {
                found.push(duplicate(first, member));
            } else {
                seen.insert(&member.key, member);
            }
        }
    }
}

fn duplicate(first: &Member, again: &Member) -> DuplicateKey {
    DuplicateKey {
        key: again.key.clone(),
        first: first.key_span,
        again: again.key_span,
    }
}

fn strict() -> ScannerOptions {
    ScannerOptions {
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::FileId;
    use super::*;

    fn parse(text: &str) -> Result<Parsed, JsonError> {
        parse_json(&Text::new(FileId(0), text), Limits::default())
    }

    fn fails(text: &str, kind: &JsonErrorKind, at: (u32, u32)) {
        let error = parse(text).expect_err(text);
        assert_eq!((&error.kind, (error.span.start, error.span.end)), (kind, at), "{text}");
    }

    #[test]
    fn broken_documents_are_refused_at_the_byte() {
        fails("", &JsonErrorKind::Empty, (0, 0));
        fails("{\"a\":1", &JsonErrorKind::Truncated, (6, 6));
        fails("{\"a\":\"x", &JsonErrorKind::Truncated, (5, 7));
        fails("[1,]", &JsonErrorKind::Expected("a value"), (3, 4));
        fails("[1 2]", &JsonErrorKind::Expected("`,` or `]`"), (3, 4));
        fails("{a:1}", &JsonErrorKind::Expected("a value"), (1, 2));
        fails("{\"a\" 1}", &JsonErrorKind::Expected("`:`"), (5, 6));
        fails("// x\n{}", &JsonErrorKind::Expected("a value, not a comment"), (0, 4));
        fails("{} {}", &JsonErrorKind::Trailing, (3, 4));
        fails("[1e999]", &JsonErrorKind::NumberOutOfRange, (1, 6));
        fails("\"a\nb\"", &JsonErrorKind::ControlCharacter, (0, 5));
        fails("[\u{a0}1]", &JsonErrorKind::WhiteSpace, (1, 3));
        for text in [
            "'a'",
            "[+1]",
            "[.5]",
            "[5.]",
            "[0x1]",
            "[NaN]",
            "[01]",
            "\"\\x41\"",
            "\"\\ud800\"",
            "[-]",
            "tru",
            "[trueish]",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        let deep = "[".repeat(100_000);
        fails(&deep, &JsonErrorKind::TooDeep(128), (128, 129));
        let fits = format!("{}{}", "[".repeat(128), "]".repeat(128));
        assert!(parse(&fits).is_ok());
    }

    #[test]
    fn values_are_counted() {
        let limits = Limits {
            values: 4,
            ..Limits::default()
        };
        let kind = |text: &str| {
            parse_json(&Text::new(FileId(0), text), limits)
                .err()
                .map(|error| error.kind)
        };
        assert_eq!(kind("[1,{\"a\":2}]"), None);
        assert_eq!(kind("[1,{\"a\":2},3]"), Some(JsonErrorKind::TooMany(4)));
        let pages = parse_json_values(&Text::new(FileId(0), "1 2 3 4 5"), limits);
        assert_eq!(pages.err().map(|error| error.kind), Some(JsonErrorKind::TooMany(4)));
    }

    #[test]
    fn repeated_names_are_kept_and_reported() {
        let parsed = parse("{\"a\":1,\"b\":{\"x\":1,\"x\":2},\"a\":3}").expect("valid");
        assert_eq!(parsed.root.members().len(), 3);
        let keys: Vec<_> = parsed
            .duplicates
            .iter()
            .map(|found| (&*found.key, found.again.start))
            .collect();
        assert_eq!(keys, [("x", 18), ("a", 25)]);
        let many = format!(
            "{{{},\"k3\":0}}",
            (0..40).map(|n| format!("\"k{n}\":{n}")).collect::<Vec<_>>().join(",")
        );
        assert_eq!(parse(&many).expect("valid").duplicates.len(), 1);
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_counted() {
        let file = "\u{feff}{\"a\":\"{\\\"b\\\":1}\"}";
        let outer = Text::new(FileId(0), file);
        let root = parse_json(&outer, Limits::default()).expect("valid").root;
        assert_eq!(file.get(root.span.range()), file.strip_prefix('\u{feff}'));
        let inner = outer.of_string(root.get("a").expect("member"));
        let root = parse_json(&inner, Limits::default()).expect("valid").root;
        assert_eq!(file.get(root.members()[0].value.span.range()), Some("1"));
    }

    #[test]
    fn spans_survive_two_layers_of_escapes() {
        let file = r#"{"Policy":"{\"Sid\":\"a\\u00e9\",\"In\":\"{\\\"k\\\":[1]}\"}"}"#;
        let outer = Text::new(FileId(0), file);
        let parsed = parse_json(&outer, Limits::default()).expect("valid");
        let policy = outer.of_string(parsed.root.get("Policy").expect("member"));
        assert_eq!(policy.as_str(), r#"{"Sid":"a\u00e9","In":"{\"k\":[1]}"}"#);
        let inner = parse_json(&policy, Limits::default()).expect("valid");
        let sid = inner.root.get("Sid").expect("member");
        assert_eq!(sid.as_str(), Some("aé"));
        assert_eq!(file.get(sid.span.range()), Some(r#"\"a\\u00e9\""#));
        let deepest = policy.of_string(inner.root.get("In").expect("member"));
        let last = parse_json(&deepest, Limits::default()).expect("valid");
        let list = last.root.get("k").expect("member");
        assert_eq!(file.get(list.span.range()), Some("[1]"));
    }

    #[test]
    fn spans_survive_percent_encoding() {
        let file = "\"%7B%22a%22%3A%22b+%C3%A9%22%7D\"";
        let outer = Text::new(FileId(0), file);
        let parsed = parse_json(&outer, Limits::default()).expect("valid");
        let decoded = outer.of_string(&parsed.root).percent_decoded().expect("UTF-8");
        let inner = parse_json(&decoded, Limits::default()).expect("valid");
        let value = inner.root.get("a").expect("member");
        assert_eq!(value.as_str(), Some("b+é"));
        assert_eq!(file.get(value.span.range()), Some("%22b+%C3%A9%22"));
    }

    #[test]
    fn several_values_are_read_one_by_one() {
        let text = Text::new(FileId(0), "{\"a\":1}\n{\"a\":2}\n");
        assert_eq!(parse_json_values(&text, Limits::default()).expect("valid").len(), 2);
    }
}
