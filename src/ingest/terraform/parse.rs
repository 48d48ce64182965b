//! Texts of `.tf` files and templates, parsed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{BlockLabel, Body as HclBody};
use hcl_edit::visit::{Visit, visit_expr};

use super::convert::Convert;
use super::literal::Style;
use super::syntax::{Body, Piece};
use crate::source::{Diagnostic, Text, is_of_placeholder};

/// The attributes and blocks of a file.
///
/// # Errors
/// When it is no HCL: what is wrong, and where.
pub(super) fn parse_body(text: &Text<'_>) -> Result<Body, Diagnostic> {
    let (body, renamed) = parse_source(text)?;
    let convert = Convert {
        text,
        renamed: &renamed,
    };
    Ok(convert.body(&body))
}

/// The bytes of a file that are strings, in which nothing is a comment; none where it is no HCL.
pub(in crate::ingest) fn literals(text: &Text<'_>) -> Option<Vec<Range<usize>>> {
    let (body, _) = parse_source(text).ok()?;
    let mut strings = Strings::default();
    strings.visit_body(&body);
    Some(strings.0)
}

#[derive(Default)]
struct Strings(Vec<Range<usize>>);

impl Visit for Strings {
    fn visit_expr(&mut self, node: &Expression) {
        match node {
            Expression::String(_) | Expression::StringTemplate(_) | Expression::HeredocTemplate(_) => {
                self.0.extend(node.span());
            }
            _ => visit_expr(self, node),
        }
    }

    fn visit_block_label(&mut self, node: &BlockLabel) {
        self.0.extend(node.span());
    }
}

/// What the parser makes of a file, and names that it does not take.
fn parse_source(text: &Text<'_>) -> Result<(HclBody, BTreeMap<usize, Box<str>>), Diagnostic> {
    let mut source = plain(text.as_str()).into_owned();
    let mut renamed = BTreeMap::new();
    for _ in 0..MOST_REPAIRS {
        match hcl_edit::parser::parse_body(&source) {
            Ok(body) => return Ok((body, renamed)),
            Err(error) if repair(&mut source, &error, &mut renamed) => {}
            Err(error) => return Err(failed(text, &error)),
        }
    }
    let message = format!("more than {MOST_REPAIRS} keys stand twice in one object");
    Err(Diagnostic::error(CODE, text.span(0, 0), message).with_help(HELP))
}

/// The pieces of a template.
///
/// # Errors
/// When it is none.
pub(super) fn parse_template(text: &Text<'_>) -> Result<Vec<Piece>, Diagnostic> {
    let source = plain(text.as_str());
    let template = hcl_edit::parser::parse_template(&source).map_err(|error| failed(text, &error))?;
    let renamed = BTreeMap::new();
    let convert = Convert {
        text,
        renamed: &renamed,
    };
    let style = Style::Lines {
        indent: 0,
        at_start: true,
    };
    Ok(convert.pieces(&template, style))
}

/// An expression alone, such as the value of `--var`.
pub(super) fn parse_expr(text: &Text<'_>) -> Result<super::syntax::Expr, Diagnostic> {
    let source = plain(text.as_str());
    let expr = hcl_edit::parser::parse_expr(&source).map_err(|error| failed(text, &error))?;
    let renamed = BTreeMap::new();
    Ok(Convert {
        text,
        renamed: &renamed,
    }
    .expr(&expr))
}

/// The text without characters that placeholders are made of; what stands in for them is as long.
fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(is_of_placeholder) {
        text.replace(is_of_placeholder, "\u{FFFD}").into()
    } else {
        text.into()
    }
}

fn failed(text: &Text<'_>, error: &hcl_edit::parser::Error) -> Diagnostic {
    let at = error.location().offset();
    let message = format!("this is no HCL: {}", error.message().replace('\n', ", ").to_lowercase());
    Diagnostic::error(CODE, text.span(at, at), message).with_help(HELP)
}

/// Changes what Terraform takes and the parser does not, without moving anything; whether there was something to change.
fn repair(source: &mut String, error: &hcl_edit::parser::Error, renamed: &mut BTreeMap<usize, Box<str>>) -> bool {
    let at = error.location().offset();
    if error.message().contains("unique object key") {
        return rename(source, at, renamed);
    }
    // A line that ends behind the `:` or `?` of a conditional inside a `for`.
    let open = source
        .get(..at)
        .is_some_and(|before| before.trim_end().ends_with([':', '?']));
    let line_end = source.get(at..).map_or(0, |rest| match rest {
        rest if rest.starts_with("\r\n") => 2,
        rest if rest.starts_with('\n') => 1,
        _ => 0,
    });
    if open && line_end > 0 {
        source.replace_range(at..at + line_end, BLANKS.get(..line_end).unwrap_or_default());
    }
    open && line_end > 0
}

/// Gives a key that stands in its object already a name that nobody has: the last of the two counts.
fn rename(source: &mut String, at: usize, renamed: &mut BTreeMap<usize, Box<str>>) -> bool {
    let Some(key) = source.get(at..).map(|rest| {
        let len = if rest.starts_with('"') {
            rest.get(1..).and_then(|inner| inner.find('"')).map_or(0, |end| end + 2)
        } else {
            rest.find(|char: char| !(char.is_alphanumeric() || char == '_' || char == '-'))
                .unwrap_or(0)
        };
        rest.get(..len).unwrap_or_default().to_owned()
    }) else {
        return false;
    };
    let name = key.trim_matches('"');
    if name.is_empty() || renamed.contains_key(&at) || name.contains(['\\', '$', '%']) {
        return false;
    }
    let new = match name.len() {
        1 => LETTERS
            .get(renamed.len()..)
            .and_then(|rest| rest.chars().next())
            .map(String::from)
            .unwrap_or_default(),
        len => format!("_{:0width$}", renamed.len(), width = len - 1),
    };
    if new.len() != name.len() {
        return false;
    }
    let start = at + usize::from(key.starts_with('"'));
    source.replace_range(start..start + name.len(), &new);
    renamed.insert(at, name.into());
    true
}

const CODE: &str = "bucketproof::ingest::not_hcl";
const HELP: &str = "run `terraform validate` in this directory; the other files are read without this one";
const MOST_REPAIRS: usize = 50;
/// Names for keys of one letter.
const LETTERS: &str = "_QZWVUTSRPONMLKJIHGFEDCBqzwvutsrpo";
const BLANKS: &str = "  ";
