use std::collections::BTreeMap;

use super::error::RulesError;
use super::estate::Estate;
use super::evaluate::Statuses;
use super::message::Words;
use super::normal::{self, Document, Levels, Wanted};
use super::packs::Packs;
use super::rule::{Check, DocumentKind, Rule};
use crate::engine::Options;
use crate::finding::{Finding, FindingStatus, Fingerprint, FingerprintParts, Location, Locations, Matter};
use crate::model::Setting;
use crate::source::{Diagnostic, DiagnosticSeverity, Node, Span, UnknownReason, Value};

/// What rules about settings say about an inventory.
pub(super) struct Judgement {
    pub(super) findings: Vec<Finding>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Puts every rule about settings to every document it applies to.
pub(super) fn judge(
    packs: &Packs,
    estate: &Estate<'_>,
    (statuses, options): (&Statuses<'_>, &Options),
) -> Result<Judgement, RulesError> {
    let mut judgement = Judgement {
        findings: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut silent_inputs = BTreeMap::new();
    for kind in DocumentKind::ALL {
        let rules: Vec<&Rule> = packs.rules().iter().filter(|rule| applies(rule, kind)).collect();
        if rules.is_empty() {
            continue;
        }
        let queries = rules.iter().filter_map(|rule| match (&rule.check, &rule.query) {
            (Check::Settings { select, .. }, Some(query)) => Some((select.as_str(), query.names_members())),
            (Check::Settings { .. } | Check::Grants { .. }, _) => None,
        });
        let wanted = Wanted::by(queries);
        for_each_document(kind, &wanted, estate, (statuses, options), |document| {
            let mut refused = BTreeMap::new();
            for rule in &rules {
                match judge_one(rule, document, &mut judgement)? {
                    None => {}
                    Some(Undecided::Here(doubt)) => refused.entry(doubt).or_insert_with(Vec::new).push(*rule),
                    Some(Undecided::NotInInput(key)) => silent_inputs
                        .entry(rule.id.as_str())
                        .or_insert_with(Silence::default)
                        .add(key),
                }
            }
            let told = refused
                .into_iter()
                .map(|(doubt, rules)| cannot_decide(&rules, document, &doubt));
            judgement.diagnostics.extend(told);
            Ok(())
        })?;
    }
    judgement
        .diagnostics
        .extend(silent_inputs.into_iter().map(|(rule, silence)| silence.note(rule)));
    Ok(judgement)
}

fn applies(rule: &Rule, kind: DocumentKind) -> bool {
    match &rule.check {
        Check::Settings { applies_to, .. } => applies_to.contains(&kind) && !rule.deprecated,
        Check::Grants { .. } => false,
    }
}

fn for_each_document(
    kind: DocumentKind,
    wanted: &Wanted<'_>,
    estate: &Estate<'_>,
    (statuses, options): (&Statuses<'_>, &Options),
    mut look: impl FnMut(&Document) -> Result<(), RulesError>,
) -> Result<(), RulesError> {
    let inventory = estate.inventory;
    let organization = inventory.organization.as_ref();
    match kind {
        DocumentKind::Account => inventory
            .accounts
            .iter()
            .try_for_each(|account| look(&normal::account(account, organization, wanted))),
        DocumentKind::Bucket => inventory.buckets.iter().try_for_each(|bucket| {
            let not_given = Setting::unknown(UnknownReason::NotInInput, None);
            let account = estate.account(bucket.account);
            let levels = Levels {
                account: account.map_or(&not_given, |account| &account.public_access_block),
                organization: &normal::organization_block(organization, bucket.account),
                status: statuses.get(&(bucket.arn().as_str(), &*bucket.when)).copied(),
                scope: &estate.scopes.bucket(bucket),
                options,
            };
            look(&normal::bucket(bucket, &levels, wanted))
        }),
        DocumentKind::AccessPoint => inventory
            .access_points
            .iter()
            .try_for_each(|access_point| look(&normal::access_point(access_point, wanted))),
        DocumentKind::Role => inventory
            .roles
            .iter()
            .try_for_each(|role| look(&normal::role(role, wanted))),
    }
}

fn judge_one(rule: &Rule, document: &Document, judgement: &mut Judgement) -> Result<Option<Undecided>, RulesError> {
    let Some(query) = &rule.query else {
        return Ok(None);
    };
    let picks = query
        .pick(&document.root, document.unknown.is_empty())
        .map_err(|message| RulesError::Query {
            rule: rule.id.to_string(),
            message,
        })?;
    let findings = picks
        .certain
        .iter()
        .map(|(node, path)| finding(rule, document, node, path));
    judgement.findings.extend(findings);
    Ok(picks.undecided.then(|| undecided(rule, document)))
}

fn finding(rule: &Rule, document: &Document, node: &Node, path: &str) -> Finding {
    let words = Words {
        resource: document.arn.clone(),
        name: document.name.clone(),
        account: document.account.map(|id| id.to_string()).unwrap_or_default(),
        value: member_text(node, "value"),
        why: member_text(node, "why"),
        ..Words::default()
    };
    let detail = detail(path, node);
    Finding {
        fingerprint: Fingerprint::new(FingerprintParts {
            rule: &rule.id,
            resource: &document.arn,
            grant: None,
            detail: &detail,
        }),
        rule: rule.id.clone(),
        title: rule.title.clone(),
        severity: rule.severity,
        message: rule.template.fill(&words),
        resource: document.arn.clone(),
        when: document.when.clone(),
        matter: Matter::Setting(detail),
        grant: None,
        locations: Locations {
            primary: Location {
                span: node.span,
                label: match node.get("set").and_then(Node::as_bool) {
                    Some(false) => "no such setting exists".to_owned(),
                    Some(true) => "this setting".to_owned(),
                    None if node.get("why").is_some() => "here".to_owned(),
                    None => "this setting".to_owned(),
                },
            },
            secondary: Vec::new(),
        },
        witness: None,
        remediation: rule.remediation.clone(),
        references: rule.references.clone(),
        status: FindingStatus::New,
    }
}

/// The text of a member of what a rule picked; empty where it has none.
fn member_text(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned()
}

/// What tells two picks of one rule in one document apart: the path, but the value instead of a place in a list, so
/// that reordering changes nothing.
fn detail(path: &str, node: &Node) -> String {
    let mut in_list = false;
    let parts: Vec<&str> = path
        .split('[')
        .map(|part| match part.trim_end_matches(']').parse::<u64>() {
            Ok(_) => {
                in_list = true;
                "*]"
            }
            Err(_) => part,
        })
        .collect();
    let mut detail = parts.join("[");
    if in_list {
        // Words may change; what is wrong stays the same.
        write_value(node.get("identity").unwrap_or(node), &mut detail);
    }
    detail
}

/// A value as text, wherever it was written.
fn write_value(node: &Node, out: &mut String) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) => out.push_str(value),
        Value::String(value) => out.push_str(&format!("{value:?}")),
        Value::Array(items) => {
            out.push('[');
            items.iter().for_each(|item| {
                write_value(item, out);
                out.push(',');
            });
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            members.iter().for_each(|member| {
                out.push_str(&format!("{:?}:", member.key));
                write_value(&member.value, out);
                out.push(',');
            });
            out.push('}');
        }
    }
}

enum Undecided {
    /// Somebody can do something about it.
    Here(Doubt),
    /// This kind of input never tells.
    NotInInput(&'static str),
}

/// What a rule hangs on, what can be done, and where.
type Doubt = (String, &'static str, Span);

/// Why a rule cannot be decided, by the unknown settings that its query speaks of.
fn undecided(rule: &Rule, document: &Document) -> Undecided {
    let Check::Settings { select, .. } = &rule.check else {
        return Undecided::NotInInput("");
    };
    let concerned: Vec<_> = document
        .unknown
        .iter()
        .filter(|(key, _)| select.contains(key))
        .collect();
    let refused = concerned
        .iter()
        .find(|(_, unknown)| unknown.reason != UnknownReason::NotInInput);
    if let (None, Some((key, _))) = (refused, concerned.first()) {
        return Undecided::NotInInput(key);
    }
    Undecided::Here(match refused {
        Some((key, unknown)) => (
            format!("`{key}` is not known: {}", unknown.reason),
            remedy(&unknown.reason),
            unknown.span.unwrap_or(document.span),
        ),
        None => (
            "what it depends on could not be decided".to_owned(),
            remedy(&UnknownReason::Unreadable),
            document.span,
        ),
    })
}

fn remedy(reason: &UnknownReason) -> &'static str {
    match reason {
        UnknownReason::Refused(_) | UnknownReason::Unreadable | UnknownReason::NotInInput => {
            "export the setting with credentials that may read it, then scan again"
        }
        UnknownReason::Invalid => "write the document so that AWS takes it, then scan again",
        UnknownReason::NotDeployed(_) => "give the value, or scan what is deployed",
        UnknownReason::Undecided => "look at it by hand, or write it more simply",
    }
}

/// That rules cannot be decided for a document, for one reason.
fn cannot_decide(rules: &[&Rule], document: &Document, (what, help, span): &Doubt) -> Diagnostic {
    let rules = match rules {
        [] => String::new(),
        [only] => format!("`{}`", only.id),
        [first, second] => format!("`{}` and `{}`", first.id, second.id),
        [first, more @ ..] => format!("`{}` and {} more rules", first.id, more.len()),
    };
    let message = format!("{rules} cannot be decided for `{}`: {what}", document.arn);
    Diagnostic::warning(CANNOT_DECIDE, *span, message).with_help(*help)
}

/// Documents for which a rule cannot be decided because the input never carries what it needs.
#[derive(Default)]
struct Silence {
    documents: usize,
    key: &'static str,
}

impl Silence {
    fn add(&mut self, key: &'static str) {
        self.documents += 1;
        self.key = key;
    }

    fn note(&self, rule: &str) -> Diagnostic {
        let resources = match self.documents {
            1 => "one resource".to_owned(),
            many => format!("{many} resources"),
        };
        let message = format!(
            "`{rule}` cannot be decided for {resources}: the input does not carry `{}`",
            self.key
        );
        Diagnostic::new(DiagnosticSeverity::Note, CANNOT_DECIDE, message)
            .with_help("scan a snapshot of the account to have it decided")
    }
}

/// Code of the diagnostics that say that a rule has no answer.
pub(super) const CANNOT_DECIDE: &str = "bucketproof::rules::cannot_decide";
