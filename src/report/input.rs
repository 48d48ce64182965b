use super::clean;
use crate::finding::{Finding, Intended, PackInfo, ResourceAccess};
use crate::iam::Timestamp;
use crate::source::{Diagnostic, DiagnosticSeverity, Placeholders, Sources};

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
