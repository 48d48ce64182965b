use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::json_access::WitnessView;
use super::sarif_log::{
    ArtifactChange, ArtifactLocation, AutomationDetails, Configuration, Descriptor, Driver, Fingerprints, Fix,
    Invocation, Location, Log, Message, Notification, PhysicalLocation, Region, Replacement, ResultProperties, Rule,
    RuleProperties, Run, SarifResult, Suppression, Tool,
};
use super::words::Witnesses;
use super::{Report, json_format};
use crate::finding::{self, Finding, FindingStatus, RuleId, Severity};
use crate::source::{Diagnostic, DiagnosticSeverity, Sources, Span};

/// Writes a SARIF 2.1.0 log of one run.
pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let rules: BTreeMap<&RuleId, &Finding> = report
        .findings
        .iter()
        .rev()
        .map(|finding| (&finding.rule, finding))
        .collect();
    let notifications = report
        .diagnostics
        .iter()
        .map(|diagnostic| notification(diagnostic, report.sources));
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "bucketproof",
                    semantic_version: &report.tool.version,
                    rules: rules.values().map(|finding| rule(finding)).collect(),
                },
            },
            automation_details: AutomationDetails { id: "bucketproof/" },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation {
                execution_successful: !report.incomplete,
                tool_execution_notifications: notifications.collect(),
            }],
            results: results(report, &rules),
        }],
    };
    json_format::write(&log, INDENTED, out)
}

fn results<'a>(report: &Report<'a>, rules: &BTreeMap<&RuleId, &Finding>) -> Vec<SarifResult<'a>> {
    let witnesses = Witnesses::new(report);
    // A result may be compared with a baseline only where one took part [SARIF 3.27.24].
    let is_baseline = |finding: &Finding| finding.status == FindingStatus::Baseline;
    let has_baseline = report.findings.iter().any(is_baseline);
    let index: BTreeMap<&RuleId, usize> = rules.keys().zip(0..).map(|(rule, index)| (*rule, index)).collect();
    let findings = report.findings.iter();
    findings
        .map(|finding| {
            let rule_index = index.get(&finding.rule).copied().unwrap_or_default();
            let state = has_baseline.then(|| baseline_state(&finding.status));
            result(finding, rule_index, state, (&witnesses, report))
        })
        .collect()
}

/// A rule as its findings describe it.
fn rule(finding: &Finding) -> Rule<'_> {
    let Finding {
        rule,
        title,
        severity,
        remediation,
        references,
        ..
    } = finding;
    let mut markdown = format!("{}\n", sentence(remediation));
    for reference in references {
        markdown.push_str(&format!("\n- {reference}"));
    }
    let (pack, name) = rule.as_str().split_once('/').unwrap_or(("", rule.as_str()));
    Rule {
        id: rule.as_str(),
        name: pascal_case(name),
        short_description: message(sentence(title)),
        full_description: message(sentence(title)),
        help: Message {
            text: sentence(remediation).into(),
            markdown: Some(markdown),
        },
        default_configuration: Configuration {
            level: level(*severity),
        },
        properties: RuleProperties {
            security_severity: security_severity(*severity),
            tags: ["security", "aws", pack]
                .into_iter()
                .filter(|tag| !tag.is_empty())
                .collect(),
        },
    }
}

fn result<'a>(
    finding: &'a Finding,
    rule_index: usize,
    baseline_state: Option<&'static str>,
    (witnesses, report): (&Witnesses<'_>, &Report<'a>),
) -> SarifResult<'a> {
    let sources = report.sources;
    let mut text = finding.message.clone();
    if let Some(witness) = witnesses.of(finding) {
        text.push_str(&format!("\nwitness: {witness}"));
    }
    let related = finding.locations.secondary.iter().enumerate();
    SarifResult {
        rule_id: finding.rule.as_str(),
        rule_index,
        level: level(finding.severity),
        message: message(text),
        locations: [location(&finding.locations.primary, None, sources)],
        related_locations: related
            .map(|(index, place)| location(place, Some(index + 1), sources))
            .collect(),
        partial_fingerprints: Fingerprints {
            v1: finding.fingerprint.as_str(),
        },
        suppressions: suppressions(&finding.status),
        baseline_state,
        fixes: report
            .fix(finding)
            .map(|fix| as_fix(fix, sources))
            .into_iter()
            .collect(),
        properties: ResultProperties {
            severity: finding.severity.as_str(),
            resource: &finding.resource,
            witness: finding.witness.as_ref().map(WitnessView::of),
        },
    }
}

/// An edit, one file after the other. What must be filled in is said in its description.
fn as_fix<'a>(fix: &super::Fix, sources: &Sources) -> Fix<'a> {
    let mut changes: Vec<ArtifactChange<'_>> = Vec::new();
    for (span, text) in &fix.edits {
        let place = physical_location(*span, sources);
        let Some(deleted_region) = place.region else { continue };
        let replacement = Replacement {
            deleted_region,
            inserted_content: message(text.clone()),
        };
        let uri = &place.artifact_location.uri;
        match changes.iter_mut().find(|change| change.artifact_location.uri == *uri) {
            Some(change) => change.replacements.push(replacement),
            None => changes.push(ArtifactChange {
                artifact_location: place.artifact_location,
                replacements: vec![replacement],
            }),
        }
    }
    let input = if fix.needs_input {
        " (fill in what is written in capitals)"
    } else {
        ""
    };
    Fix {
        description: message(format!("{}{input}", sentence(&fix.what.join("; ")))),
        artifact_changes: changes,
    }
}

/// An empty list says that the finding is not suppressed, where a missing one would say that nobody knows.
fn suppressions(status: &FindingStatus) -> Vec<Suppression<'_>> {
    match status {
        FindingStatus::New | FindingStatus::Baseline => Vec::new(),
        FindingStatus::Suppressed(reason) | FindingStatus::Intended(reason) => vec![Suppression {
            kind: "external",
            status: "accepted",
            justification: reason,
        }],
    }
}

fn baseline_state(status: &FindingStatus) -> &'static str {
    match status {
        FindingStatus::Baseline => "unchanged",
        FindingStatus::New | FindingStatus::Suppressed(_) | FindingStatus::Intended(_) => "new",
    }
}

fn location<'a>(place: &'a finding::Location, id: Option<usize>, sources: &Sources) -> Location<'a> {
    Location {
        id,
        physical_location: physical_location(place.span, sources),
        message: (!place.label.is_empty()).then(|| message(place.label.as_str())),
    }
}

fn notification(diagnostic: &Diagnostic, sources: &Sources) -> Notification<'static> {
    let physical = match (diagnostic.span, &diagnostic.path) {
        (Some(span), _) if sources.file(span.file).is_some() => Some(physical_location(span, sources)),
        (_, Some(path)) => Some(PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(path) },
            region: None,
        }),
        (_, None) => None,
    };
    let text = match &diagnostic.help {
        Some(help) => format!("{}\nhelp: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let location = physical.map(|physical_location| Location {
        id: None,
        physical_location,
        message: None,
    });
    Notification {
        descriptor: Descriptor { id: diagnostic.code },
        level: match diagnostic.severity {
            DiagnosticSeverity::Error => "error",
            DiagnosticSeverity::Warning => "warning",
            DiagnosticSeverity::Note => "note",
        },
        message: message(text),
        locations: location.into_iter().collect(),
    }
}

fn physical_location(span: Span, sources: &Sources) -> PhysicalLocation {
    let (start, end) = (sources.start(span), sources.end(span));
    PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri: uri(sources.path(span)),
        },
        region: Some(Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            byte_offset: span.start,
            byte_length: span.end.saturating_sub(span.start),
        }),
    }
}

/// A path as a URI reference: relative where the path is, every character that could mean something else encoded.
fn uri(path: &str) -> String {
    let encoded = utf8_percent_encode(path.trim_start_matches("./"), KEPT);
    if path.starts_with('/') {
        format!("file://{encoded}")
    } else {
        encoded.to_string()
    }
}

/// A plain text in which nothing reads as a link [SARIF 3.11.6].
fn message<'a>(text: impl Into<Cow<'a, str>>) -> Message<'a> {
    let text = text.into();
    let text = if text.contains("](") {
        text.replace("](", "\\](").into()
    } else {
        text
    };
    Message { text, markdown: None }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The number by which code scanning sorts; its bands are over 9, 7, 4 and 0.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
    }
}

/// A text as a sentence: capital first, full stop last.
fn sentence(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).chain(['.']).collect()
}

fn pascal_case(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|char| char.to_ascii_uppercase());
            first.into_iter().chain(chars)
        })
        .collect()
}

/// What stays as it is in the path of a URI.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One line for each rule, notification and result.
const INDENTED: usize = 4;
