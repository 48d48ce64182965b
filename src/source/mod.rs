//! Source text and what it says: files, byte spans, lines, and one spanned tree for every format.
//!
//! In: bytes of a file or a text embedded in another one. Out: [`Node`] trees whose spans point at
//! the bytes of the file they came from, however deeply the text was escaped, and [`Diagnostic`]s.
//!
//! Invariant: every span lies inside its file and on character boundaries. Nothing here touches the
//! file system; files are read by `ingest`.

mod comment;
mod diagnostic;
mod file;
mod json;
mod known;
mod node;
mod placeholder;
mod scalar;
mod text;
mod yaml;
mod yaml_parts;
mod yaml_tree;

pub use comment::{Comment, comments};
pub use diagnostic::{Diagnostic, Severity as DiagnosticSeverity};
pub use file::{FileId, Position, SourceFile, Sources, Span, Spanned};
pub use json::{DuplicateKey, JsonError, JsonErrorKind, Limits, Parsed, parse_json, parse_json_values};
pub use known::{Known, Unknown, UnknownReason};
pub use node::{Member, Node, Value};
pub use placeholder::{NotAPlaceholder, Placeholder, Placeholders, is_identified, is_of_placeholder};
pub use text::{Text, TextError};
pub use yaml::{Yaml, YamlError, YamlErrorKind, parse_yaml, yaml_literals};
