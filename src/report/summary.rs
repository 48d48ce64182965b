use super::{Report, Style};
use crate::finding::{Finding, FindingStatus, Severity};
use crate::source::DiagnosticSeverity;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// How many resources were judged.
    pub resources: usize,
    /// Findings that count.
    pub findings: Counts,
    /// Whether an answer may be missing.
    pub incomplete: bool,
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Critical ones.
    pub critical: usize,
    /// High ones.
    pub high: usize,
    /// Medium ones.
    pub medium: usize,
    /// Low ones.
    pub low: usize,
}

impl Counts {
    /// Counts the findings that count.
    pub fn of(findings: &[Finding]) -> Self {
        let mut counts = Self::default();
        for finding in findings.iter().filter(|finding| finding.status.counts()) {
            *counts.of_severity(finding.severity) += 1;
        }
        counts
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.critical + self.high + self.medium + self.low
    }

    fn of_severity(&mut self, severity: Severity) -> &mut usize {
        match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
        }
    }
}

impl Report<'_> {
    /// What the run came to.
    pub fn summary(&self) -> Summary {
        Summary {
            resources: self.resources.len(),
            findings: Counts::of(self.findings),
            incomplete: self.incomplete,
        }
    }

    /// The summary for people: what was found, and where there were problems, a second line with them.
    pub(super) fn summary_lines(&self, style: Style) -> Vec<String> {
        let summary = self.summary();
        let resources = count(summary.resources, "resource");
        let mut found = match summary.findings.total() {
            0 => format!("no findings in {resources}"),
            total => {
                let by_severity = listed(&[
                    (summary.findings.critical, "critical"),
                    (summary.findings.high, "high"),
                    (summary.findings.medium, "medium"),
                    (summary.findings.low, "low"),
                ]);
                format!("{} in {resources}: {by_severity}", count(total, "finding"))
            }
        };
        let aside = self.aside();
        if !aside.is_empty() {
            found.push_str(&format!("; not counted: {aside}"));
        }
        std::iter::once(found).chain(self.problems_line(style)).collect()
    }

    /// What was wrong with the input, if anything was, and whether the answer is whole.
    pub fn problems_line(&self, style: Style) -> Option<String> {
        let problems = self.problems(style);
        match (self.incomplete, problems.is_empty()) {
            (true, true) => Some("incomplete: an answer may be missing".into()),
            (true, false) => Some(format!("incomplete: {problems}")),
            (false, true) => None,
            (false, false) => Some(format!("complete, with {problems}")),
        }
    }

    /// Findings that do not count, by the reason.
    fn aside(&self) -> String {
        let (mut baseline, mut suppressed, mut intended) = (0, 0, 0);
        for finding in self.findings {
            match &finding.status {
                FindingStatus::New => {}
                FindingStatus::Baseline => baseline += 1,
                FindingStatus::Suppressed(_) => suppressed += 1,
                FindingStatus::Intended(_) => intended += 1,
            }
        }
        listed(&[
            (baseline, "in the baseline"),
            (suppressed, "suppressed"),
            (intended, "intended"),
        ])
    }

    /// Problems with the input, by severity, and what could not be decided.
    fn problems(&self, style: Style) -> String {
        let of = |severity| {
            let matching = self
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.severity == severity);
            matching.count()
        };
        let undecided: usize = self.resources.iter().map(|access| access.indeterminate.len()).sum();
        let counts = [
            (of(DiagnosticSeverity::Error), "error"),
            (of(DiagnosticSeverity::Warning), "warning"),
            (undecided, "undecided question"),
            (of(DiagnosticSeverity::Note), "note"),
        ];
        let mut shown: Vec<String> = counts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, noun)| count(number, noun))
            .collect();
        let hidden = if style.verbose { 0 } else { of(DiagnosticSeverity::Note) };
        if let Some(notes) = shown.last_mut().filter(|_| hidden > 0) {
            notes.push_str(if hidden == 1 {
                " (`-v` shows it)"
            } else {
                " (`-v` shows them)"
            });
        }
        shown.join(", ")
    }
}

/// A number and its noun, in the plural where it is not one.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// The parts that are not zero, such as `2 critical, 1 low`.
pub(super) fn listed(parts: &[(usize, &str)]) -> String {
    let shown: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    shown.join(", ")
}
