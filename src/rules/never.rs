use crate::engine::Answer;
use crate::finding::{
    Finding, FindingStatus, Fingerprint, FingerprintParts, Grant, GrantEffect, Location, Locations, Matter,
    ResourceAccess, RuleId, Severity,
};
use crate::iam::{Statement, action};
use crate::source::{Diagnostic, DiagnosticSeverity};

/// Access that the configuration says must be impossible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Never {
    /// Which access.
    pub statement: Statement,
    /// Why.
    pub reason: String,
    /// How bad it is where it is possible.
    pub severity: Severity,
    /// The line of the configuration that says so, from 1.
    pub line: usize,
}

/// A finding for every grant of access that must be impossible, and what could not be decided. `path` is that of the
/// configuration. Nothing sets such a finding aside: whoever wants the access takes the entry out.
pub fn forbidden(never: &Never, answers: &[Answer], path: &str) -> (Vec<Finding>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let mut diagnostics = Vec::new();
    for Answer { access, .. } in answers {
        let effective = access
            .grants
            .iter()
            .filter(|grant| grant.effect == GrantEffect::Effective);
        findings.extend(effective.map(|grant| finding(never, access, grant, path)));
        diagnostics.extend(access.indeterminate.iter().map(|indeterminate| {
            let span = indeterminate.span.unwrap_or(access.resource.span);
            let (arn, reason, line) = (&access.resource.arn, &indeterminate.reason, never.line);
            let message =
                format!("whether what {path}:{line} forbids is impossible on `{arn}` cannot be decided: {reason}");
            Diagnostic::error("bucketproof::rules::undecided_never", span, message)
        }));
    }
    if answers.is_empty() {
        let message = format!("what {path}:{} forbids is about nothing in the input", never.line);
        diagnostics.push(
            Diagnostic::new(
                // A guard that guards nothing is not told from one that holds.
                DiagnosticSeverity::Warning,
                "bucketproof::rules::never_about_nothing",
                message,
            )
            .with_help("name what is there, or take the entry out"),
        );
    }
    (findings, diagnostics)
}

fn finding(never: &Never, access: &ResourceAccess, grant: &Grant, path: &str) -> Finding {
    let rule = RuleId::forbidden_access();
    let detail = never.statement.to_json().to_string();
    let fingerprint = Fingerprint::new(FingerprintParts {
        rule: &rule,
        resource: &access.resource.arn,
        grant: Some(grant),
        detail: &detail,
    });
    let mut places = grant.sources.iter().map(|source| Location {
        span: source.focus,
        label: "this allows it".into(),
    });
    let primary = places.next().unwrap_or_else(|| Location {
        span: access.resource.span,
        label: "this resource".into(),
    });
    let name = grant.witness.action.name;
    Finding {
        fingerprint,
        rule,
        title: "Access that must be impossible".into(),
        severity: never.severity,
        message: format!(
            "{} has {name} on {}, which must be impossible: {}",
            grant.grantee,
            grant.resources.join(", "),
            never.reason
        ),
        resource: access.resource.arn.clone(),
        when: access.resource.when.clone(),
        matter: Matter::of(
            grant,
            grant
                .actions
                .iter()
                .filter_map(|id| action(*id))
                .map(|action| action.name),
        ),
        grant: None,
        locations: Locations {
            primary,
            secondary: places.collect(),
        },
        witness: Some(grant.witness.clone()),
        remediation: format!("take the grant away, or the entry at {path}:{}", never.line),
        references: Vec::new(),
        status: FindingStatus::New,
    }
}
