use crate::source::{DuplicateKey, JsonError, Limits, Node, Parsed, Span, Text, parse_json, parse_json_values};

/// A value of a document with the text it was parsed from, so that documents inside strings can be opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'d> {
    pub text: &'d Text<'d>,
    pub node: &'d Node,
}

/// A document taken out of a string of another one.
#[derive(Debug)]
pub(super) struct Embedded {
    text: Text<'static>,
    parsed: Parsed,
}

/// A value that was written as itself or as text inside a string.
#[derive(Debug)]
pub(super) enum Decoded<'d> {
    Here(View<'d>),
    Inside(Box<Embedded>),
}

/// What a file that should hold an answer of AWS holds.
#[derive(Debug)]
pub(super) enum Answer {
    /// The answer: one value, or several where it came in pages [FMT-01].
    Values(Vec<Parsed>),
    /// An AWS error [FMT-04].
    Refused { code: String, span: Span },
    /// Nothing.
    Nothing,
    /// Neither.
    Broken(JsonError),
}

impl<'d> View<'d> {
    /// The root of a parsed text.
    pub fn new(text: &'d Text<'d>, node: &'d Node) -> Self {
        Self { text, node }
    }

    /// The member of this name, also with its first letter in lower case, as AWS Config writes it; null is none.
    pub fn get(self, key: &str) -> Option<Self> {
        let node = self.node.get(key).or_else(|| {
            self.node
                .members()
                .iter()
                .find(|member| camel(&member.key, key))
                .map(|member| &member.value)
        })?;
        (!node.is_null()).then_some(Self { node, ..self })
    }

    /// The text of the string member of this name.
    pub fn text_of(self, key: &str) -> Option<&'d str> {
        self.get(key).and_then(|view| view.node.as_str())
    }

    /// The items of a list.
    pub fn items(self) -> impl Iterator<Item = Self> {
        self.node.items().iter().map(move |node| Self { node, ..self })
    }

    /// The items of the list of this name, none where there is no such list.
    pub fn items_of(self, key: &str) -> impl Iterator<Item = Self> {
        self.get(key).into_iter().flat_map(Self::items)
    }

    /// Whether there is a member of this name, null or not.
    pub fn has(self, key: &str) -> bool {
        self.node
            .members()
            .iter()
            .any(|member| &*member.key == key || camel(&member.key, key))
    }

    /// Where it was written.
    pub fn span(self) -> Span {
        self.node.span
    }

    /// The value itself, or the document inside of it if it is a string [FMT-02].
    ///
    /// # Errors
    /// When the string holds no JSON, neither plain nor percent-encoded, within three layers.
    pub fn decode(self) -> Result<Decoded<'d>, JsonError> {
        let mut inside: Option<Embedded> = None;
        for _ in 0..LAYERS {
            let current = inside.as_ref().map_or(self, Embedded::view);
            if current.node.as_str().is_none() {
                break;
            }
            inside = Some(Embedded::open(current)?);
        }
        Ok(inside.map_or(Decoded::Here(self), |embedded| Decoded::Inside(Box::new(embedded))))
    }
}

/// Whether a name is this key with its first letter in lower case.
fn camel(name: &str, key: &str) -> bool {
    let mut letters = key.chars();
    letters
        .next()
        .is_some_and(|first| name.strip_prefix(first.to_ascii_lowercase()) == Some(letters.as_str()))
}

impl Embedded {
    fn open(view: View<'_>) -> Result<Self, JsonError> {
        let text = view.text.of_string(view.node);
        let error = match parse_json(&text, Limits::default()) {
            Ok(parsed) => return Ok(Self::new(text, parsed)),
            Err(error) => error,
        };
        // [FMT-32]: the IAM API percent-encodes documents.
        if !text.as_str().trim_start().starts_with('%') {
            return Err(error);
        }
        let text = text.percent_decoded().map_err(|_| error)?;
        let parsed = parse_json(&text, Limits::default())?;
        Ok(Self::new(text, parsed))
    }

    fn new(text: Text<'static>, mut parsed: Parsed) -> Self {
        in_order(&mut parsed);
        Self { text, parsed }
    }

    fn view(&self) -> View<'_> {
        View::new(&self.text, &self.parsed.root)
    }
}

impl Decoded<'_> {
    /// The value.
    pub fn view(&self) -> View<'_> {
        match self {
            Self::Here(view) => *view,
            Self::Inside(embedded) => embedded.view(),
        }
    }

    /// Names that an object of the opened text holds twice, in the order of their places.
    pub fn duplicates(&self) -> &[DuplicateKey] {
        match self {
            Self::Here(_) => &[],
            Self::Inside(embedded) => &embedded.parsed.duplicates,
        }
    }
}

impl Answer {
    /// Reads the text of a file.
    pub fn read(text: &Text<'_>) -> Self {
        let content = text.as_str();
        if content.trim().is_empty() {
            return Self::Nothing;
        }
        match parse_json_values(text, Limits::default()) {
            Ok(mut values) => {
                for value in &mut values {
                    unwrap_recorded(&mut value.root);
                    in_order(value);
                }
                match &*values {
                    [only] => match refusal(&only.root) {
                        Some(refused) => refused,
                        None => Self::Values(values),
                    },
                    _ => Self::Values(values),
                }
            }
            Err(error) => cli_error(text).unwrap_or(Self::Broken(error)),
        }
    }
}

/// Brings repeated names into the order of their places, so that those inside a value lie side by side.
fn in_order(parsed: &mut Parsed) {
    parsed.duplicates.sort_by_key(|found| found.again.start);
}

/// The repeated names inside a span, out of those of a whole text in order.
pub(super) fn inside(duplicates: &[DuplicateKey], span: Span) -> &[DuplicateKey] {
    let start = duplicates.partition_point(|found| found.again.start < span.start);
    let end = duplicates.partition_point(|found| found.again.start < span.end);
    duplicates.get(start..end).unwrap_or_default()
}

/// Takes the answer out of a recorded boto response, `{"status_code": 200, "data": {…}}`.
fn unwrap_recorded(root: &mut Node) {
    let recorded = root.members().len() == 2 && root.get("status_code").is_some();
    if recorded && let Some(data) = root.get("data") {
        *root = data.clone();
    }
}

/// `{"Error": {"Code": …}}`, as the SDKs keep it.
fn refusal(root: &Node) -> Option<Answer> {
    let error = root.get("Error")?;
    let code = error.get("Code")?.as_str()?;
    Some(Answer::Refused {
        code: code.to_owned(),
        span: error.span,
    })
}

/// `An error occurred (CODE) when calling the OP operation: …`, as the AWS CLI prints it.
fn cli_error(text: &Text<'_>) -> Option<Answer> {
    let content = text.as_str();
    let (before, behind) = content.split_once(CLI_ERROR)?;
    let (code, _) = behind.split_once(')')?;
    let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    let start = before.len();
    is_code.then(|| Answer::Refused {
        code: code.to_owned(),
        span: text.span(start, start + CLI_ERROR.len() + code.len() + 1),
    })
}

const CLI_ERROR: &str = "An error occurred (";
const LAYERS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn code(text: &str) -> Option<String> {
        match Answer::read(&Text::new(FileId(0), text)) {
            Answer::Refused { code, .. } => Some(code),
            Answer::Values(_) | Answer::Nothing | Answer::Broken(_) => None,
        }
    }

    #[test]
    fn errors_of_aws_are_recognised() {
        // [FMT-04], FX-T02
        let text = "\nAn error occurred (NoSuchPublicAccessBlockConfiguration) when calling the GetPublicAccessBlock operation: x";
        assert_eq!(code(text).as_deref(), Some("NoSuchPublicAccessBlockConfiguration"));
        assert_eq!(
            code("aws: [ERROR]: An error occurred (AccessDenied) when").as_deref(),
            Some("AccessDenied")
        );
        assert_eq!(
            code(r#"{"Error":{"Code":"NoSuchTagSet","Message":"x"}}"#).as_deref(),
            Some("NoSuchTagSet")
        );
        let placebo = r#"{"status_code":404,"data":{"Error":{"Code":"NoSuchBucketPolicy"},"ResponseMetadata":{}}}"#;
        assert_eq!(code(placebo).as_deref(), Some("NoSuchBucketPolicy"));
        assert_eq!(code(r#"{"Sid":"An error occurred (x) in a string"}"#), None);
        assert_eq!(code("An error occurred (while parsing"), None);
    }

    #[test]
    fn documents_inside_strings_are_opened_three_layers_deep() {
        // [FMT-02], FX-T05, FX-T06
        let opens = |text: &str| {
            let text = Text::new(FileId(0), text);
            let parsed = parse_json(&text, Limits::default()).expect("valid");
            let decoded = View::new(&text, &parsed.root).decode();
            decoded.map(|decoded| decoded.view().text_of("A").map(str::to_owned))
        };
        let mut text = r#"{"A":"b"}"#.to_owned();
        for layers in 0..5 {
            let expected = (layers <= 3).then(|| "b".to_owned());
            assert_eq!(opens(&text), Ok(expected), "{layers} layers");
            text = serde_json::to_string(&text).expect("a string");
        }
        assert_eq!(opens(r#""%7B%22A%22%3A%22b%22%7D""#), Ok(Some("b".to_owned())));
        assert!(opens(r#""no JSON""#).is_err());
    }

    #[test]
    fn names_of_aws_config_are_the_same_names() {
        let text = Text::new(FileId(0), r#"{"blockPublicAcls":true,"Name":null}"#);
        let parsed = parse_json(&text, Limits::default()).expect("valid");
        let view = View::new(&text, &parsed.root);
        assert!(view.get("BlockPublicAcls").is_some());
        assert!(view.get("Name").is_none() && view.has("Name"));
    }
}
