use std::collections::BTreeMap;

use super::clean;
use crate::finding::{Finding, Fingerprint, Intended, PackInfo, ResourceAccess};
use crate::iam::Timestamp;
use crate::source::{Diagnostic, DiagnosticSeverity, Placeholders, Sources, Span};

/// The results of one run.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// What made it.
    pub tool: Tool,
    /// The point in time at which access was judged.
    pub time: Timestamp,
    /// What was read.
    pub inputs: Vec<InputLine>,
    /// Who reaches what, in order.
    pub resources: &'a [ResourceAccess],
    /// The grants that somebody declared intended.
    pub intended: Intended,
    /// What the rules found, in order.
    pub findings: &'a [Finding],
    /// Problems with the input, in order.
    pub diagnostics: &'a [Diagnostic],
    /// The files that all spans point into.
    pub sources: &'a Sources,
    /// What the placeholders in all of it stand for.
    pub placeholders: &'a Placeholders,
    /// Whether something could not be read or decided, so that an answer may be missing.
    pub incomplete: bool,
    /// The edits that close findings, where they were asked for.
    pub fixes: BTreeMap<Fingerprint, Fix>,
}

/// An edit of the input that closes a finding, and was proved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in words.
    pub what: Vec<String>,
    /// Whether somebody must fill something in first.
    pub needs_input: bool,
    /// What stands in the place of which bytes.
    pub edits: Vec<(Span, String)>,
    /// All of it as a unified diff.
    pub diff: String,
}

/// The program and the rules it used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tool {
    /// Version of the program.
    pub version: String,
    /// The packs that were loaded; none where no rule took part.
    pub packs: Vec<PackInfo>,
}

/// One input and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct InputLine {
    /// The path as it is shown.
    pub path: String,
    /// What it was taken for.
    pub kind: String,
    /// What became of it.
    pub status: String,
}

/// How text for people is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of the page.
    pub width: usize,
    /// Whether to show what is left out by default: notes, inputs, findings that do not count.
    pub verbose: bool,
}

impl Fix {
    /// What it does, in one line.
    pub(super) fn in_words(&self) -> String {
        let input = if self.needs_input {
            " (fill in what is written in capitals)"
        } else {
            ""
        };
        format!("{}{input}", self.what.join("; "))
    }
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 100,
            verbose: false,
        }
    }
}

impl<'a> Report<'a> {
    /// A text of the input as it may be shown: names in place of placeholders, escapes in place of control characters.
    ///
    /// For what is measured, cut or quoted; all else has its placeholders replaced when it is written.
    pub(super) fn shown(&self, text: &str) -> String {
        clean(&self.placeholders.reveal(text)).into_owned()
    }

    /// The edit that closes a finding.
    pub(super) fn fix(&self, finding: &Finding) -> Option<&Fix> {
        self.fixes.get(&finding.fingerprint)
    }

    /// The findings that text shows, worst first: those that count, and with `verbose` the others after them.
    pub(super) fn shown_findings(&self, style: Style) -> impl Iterator<Item = &'a Finding> {
        let shown = |finding: &&Finding| style.verbose || finding.status.counts();
        let mut findings: Vec<&Finding> = self.findings.iter().filter(shown).collect();
        // Severities are ordered worst first.
        findings.sort_by_key(|finding| (!finding.status.counts(), finding.severity));
        findings.into_iter()
    }

    /// The diagnostics that text shows; notes only with `verbose`.
    pub(super) fn shown_diagnostics(&self, style: Style) -> impl Iterator<Item = &'a Diagnostic> {
        self.diagnostics
            .iter()
            .filter(move |diagnostic| style.verbose || diagnostic.severity != DiagnosticSeverity::Note)
    }
}
