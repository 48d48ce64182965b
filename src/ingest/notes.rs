use super::document::{Answer, View};
use super::file::FileRef;
use crate::iam::{PolicyDocument, PolicyKind, parse_policy};
use crate::model::Setting;
use crate::source::{Diagnostic, DiagnosticSeverity, DuplicateKey, Parsed, Span, UnknownReason};

/// What is said while reading, and whether an answer got lost.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub diagnostics: Vec<Diagnostic>,
    /// Whether something could not be known.
    pub incomplete: bool,
    /// Paths of files that could not be used at all.
    pub failed: Vec<String>,
}

/// A value that has not the shape its place asks for.
#[derive(Debug)]
pub(super) struct Wrong {
    span: Span,
    message: String,
}

/// An answer of AWS that a file is to hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    /// The command that gives it, such as `s3api get-bucket-policy`.
    pub command: &'static str,
    /// Error codes by which AWS says that the thing does not exist [FMT-03].
    pub absent: &'static [&'static str],
    /// Whether the AWS CLI prints nothing where nothing is configured.
    pub silent: bool,
}

impl Wrong {
    /// Something wrong at a place.
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
        }
    }

    /// A value that is not what was expected.
    pub fn new(view: View<'_>, expected: &str) -> Self {
        let found = view.node.kind();
        Self {
            span: view.span(),
            message: format!("expected {expected}, found {found}"),
        }
    }

    /// The place and the message.
    pub fn into_parts(self) -> (Span, String) {
        (self.span, self.message)
    }

    /// An object without a member that it must have.
    pub fn missing(view: View<'_>, name: &str) -> Self {
        if !view.node.is_object() {
            return Self::new(view, &format!("an object with `{name}`"));
        }
        Self {
            span: view.span(),
            message: format!("`{name}` is missing"),
        }
    }

    /// A text that is none of those that can stand there.
    pub fn value(view: View<'_>, what: &str) -> Self {
        let message = match view.node.as_str() {
            Some(text) => format!("`{text}` is no {what}"),
            None => format!("{} is no {what}", view.node.kind()),
        };
        Self {
            span: view.span(),
            message,
        }
    }
}

impl Notes {
    /// Keeps a diagnostic; an error means that an answer is missing.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.incomplete |= diagnostic.severity == DiagnosticSeverity::Error;
        self.diagnostics.push(diagnostic);
    }

    /// A file that could not be used at all.
    pub fn failed(&mut self, file: &FileRef, diagnostic: Diagnostic) {
        self.failed.push(file.shown.to_string());
        self.push(diagnostic);
    }

    /// A value of the wrong shape.
    pub fn wrong(&mut self, wrong: Wrong, command: &str) {
        self.push(
            Diagnostic::error("bucketproof::ingest::wrong_shape", wrong.span, wrong.message)
                .with_help(format!("this place must hold the output of `aws {command}`")),
        );
    }

    /// A property of a template that is not what CloudFormation takes.
    pub fn not_a_property(&mut self, wrong: Wrong) {
        self.push(
            Diagnostic::error("bucketproof::ingest::wrong_property", wrong.span, wrong.message)
                .with_help("correct the property; what it sets is not known"),
        );
    }

    /// Something that AWS refused to tell.
    pub fn refused(&mut self, span: Span, code: &str, asked: &str) {
        self.incomplete = true;
        self.push(
            Diagnostic::warning(
                "bucketproof::ingest::refused",
                span,
                format!("AWS answered {asked} with the error `{code}`: what it would have told is unknown"),
            )
            .with_help("export again with a role that may read it, such as one with the policy SecurityAudit"),
        );
    }

    /// Names that stand twice: which of the two holds is anybody's guess.
    pub fn duplicates(&mut self, duplicates: &[DuplicateKey]) {
        for found in duplicates.iter().take(MOST_DUPLICATES) {
            let message = format!("`{}` stands twice in one object", found.key);
            self.push(
                Diagnostic::error("bucketproof::ingest::duplicate_key", found.again, message)
                    .with_help("AWS never writes this: remove one of the two"),
            );
        }
    }

    /// Names of one object that stand twice and of which both would have been read.
    pub fn repeated(&mut self, view: View<'_>, names: &[&str]) {
        for name in names {
            let mut members = view.node.members().iter().filter(|member| &*member.key == *name);
            if let (Some(first), Some(again)) = (members.next(), members.next()) {
                self.duplicates(&[DuplicateKey {
                    key: again.key.clone(),
                    first: first.key_span,
                    again: again.key_span,
                }]);
            }
        }
    }

    /// Says so where the last page of an answer promises more of them.
    pub fn more_pages(&mut self, view: View<'_>) {
        let more = view
            .get("IsTruncated")
            .is_some_and(|more| more.node.as_bool() == Some(true));
        let token = ["NextToken", "ContinuationToken"]
            .iter()
            .find_map(|name| view.get(name));
        if more || token.is_some() {
            let span = token.map_or(view.span(), View::span);
            let message = "the answer goes on, and its next page is not here";
            self.incomplete = true;
            self.push(
                Diagnostic::warning("bucketproof::ingest::more_pages", span, message)
                    .with_help("export it without `--no-paginate`, `--max-items` and `--starting-token`"),
            );
        }
    }

    /// The values of a file that holds an answer; none, with what to make of it, where it holds none.
    pub fn answer(&mut self, file: &FileRef, answer: Answer, expected: Expected) -> Result<Vec<Parsed>, Setting<()>> {
        match answer {
            Answer::Values(values) => Ok(values),
            Answer::Refused { code, .. } if expected.absent.contains(&&*code) => Err(Setting::Absent),
            Answer::Refused { code, span } => {
                self.refused(span, &code, &format!("`{}`", expected.command));
                Err(Setting::unknown(UnknownReason::Refused(code), Some(span)))
            }
            Answer::Nothing if expected.silent => Err(Setting::Absent),
            Answer::Nothing => {
                let found = Diagnostic::error("bucketproof::ingest::empty", file.span(), "the file is empty");
                let help = format!("`aws {}` failed and its error text was not kept", expected.command);
                self.failed(file, found.with_help(help));
                Err(Setting::unknown(UnknownReason::Unreadable, Some(file.span())))
            }
            Answer::Broken(error) => {
                self.failed(file, error.to_diagnostic());
                Err(Setting::unknown(UnknownReason::Unreadable, Some(error.span)))
            }
        }
    }

    /// A policy document, in whatever way it is written [FMT-02]; null means that there is none.
    pub fn policy(&mut self, view: View<'_>, kind: PolicyKind) -> Setting<PolicyDocument> {
        if view.node.is_null() {
            return Setting::Absent;
        }
        let decoded = match view.decode() {
            Ok(decoded) => decoded,
            Err(error) => {
                let message = format!("this is no policy document: {error} [POL-01]");
                self.push(
                    Diagnostic::error("bucketproof::ingest::not_a_policy", error.span, message)
                        .with_help("a policy is a JSON object, or text that holds one, also percent-encoded [FMT-02]"),
                );
                return Setting::unknown(UnknownReason::Invalid, Some(view.span()));
            }
        };
        let node = decoded.view().node;
        let parsed = parse_policy(node, kind);
        parsed.remarks.into_iter().for_each(|remark| self.push(remark));
        match parsed.document {
            Ok(document) => {
                let span = document.span;
                Setting::set(document, span)
            }
            Err(errors) => {
                errors.into_iter().for_each(|error| self.push(error));
                Setting::unknown(UnknownReason::Invalid, Some(node.span))
            }
        }
    }

    /// What a reader made of a value; a wrong shape makes the setting unknown.
    pub fn settle<T>(&mut self, read: Result<Setting<T>, Wrong>, command: &str) -> Setting<T> {
        read.unwrap_or_else(|wrong| {
            let span = wrong.span;
            self.wrong(wrong, command);
            Setting::unknown(UnknownReason::Unreadable, Some(span))
        })
    }
}

/// An absent or unknown setting of nothing as one of something.
pub(super) fn retyped<T>(setting: Setting<()>) -> Setting<T> {
    match setting {
        Setting::Absent | Setting::Set(_) => Setting::Absent,
        Setting::Unknown(unknown) => Setting::Unknown(unknown),
    }
}

/// One is enough to make a setting unknown, and a hostile file can hold millions.
const MOST_DUPLICATES: usize = 10;
