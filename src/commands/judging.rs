use std::collections::BTreeMap;

use super::Status;
use crate::finding::{Finding, Intended, PackInfo, ResourceAccess};
use crate::iam::Timestamp;
use crate::ingest::Ingested;
use crate::report::{InputLine, Report, Tool};
use crate::source::{Diagnostic, DiagnosticSeverity};

/// What was read and decided, before any rule.
pub(super) struct Judged {
    /// What was read.
    pub ingested: Ingested,
    /// Who reaches what.
    pub access: Vec<ResourceAccess>,
    /// Every problem so far, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// The point in time at which access was judged.
    time: Timestamp,
}

impl Judged {
    pub fn new(mut ingested: Ingested, access: Vec<ResourceAccess>, faults: Vec<Diagnostic>, time: Timestamp) -> Self {
        let diagnostics = std::mem::take(&mut ingested.diagnostics);
        let mut judged = Self {
            ingested,
            access,
            diagnostics,
            time,
        };
        judged.note(faults);
        judged
    }

    /// Adds problems, and brings all into order.
    pub fn note(&mut self, more: Vec<Diagnostic>) {
        self.diagnostics.extend(more);
        self.diagnostics.sort();
        self.diagnostics.dedup();
    }

    /// Whether an answer may be missing.
    pub fn is_incomplete(&self) -> bool {
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity == DiagnosticSeverity::Error;
        self.ingested.incomplete
            || self.diagnostics.iter().any(is_error)
            || self.access.iter().any(|access| !access.indeterminate.is_empty())
    }

    /// The report of what is known so far.
    pub fn report<'a>(&'a self, packs: Vec<PackInfo>, findings: &'a [Finding]) -> Report<'a> {
        let inputs = self.ingested.inputs.iter().map(|input| InputLine {
            path: input.path.clone(),
            kind: input.kind.map_or("unknown", |kind| kind.as_str()).into(),
            status: input.status.as_str().into(),
        });
        Report {
            tool: Tool {
                version: env!("CARGO_PKG_VERSION").into(),
                packs,
            },
            time: self.time,
            inputs: inputs.collect(),
            resources: &self.access,
            intended: Intended::new(),
            findings,
            diagnostics: &self.diagnostics,
            sources: &self.ingested.sources,
            placeholders: &self.ingested.inventory.placeholders,
            incomplete: self.is_incomplete(),
            fixes: BTreeMap::new(),
        }
    }

    /// The status of a command that answers with this: closed where an answer is missing, unless that is allowed.
    pub fn status(&self, allow_incomplete: bool, otherwise: Status) -> Status {
        if self.is_incomplete() && !allow_incomplete {
            Status::Unanswered
        } else {
            otherwise
        }
    }
}
