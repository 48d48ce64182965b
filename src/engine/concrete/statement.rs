use super::condition::{Truth, holds};
use super::decision::{Element, Outcome, Question, Step, Trace};
use super::glob::{expand, glob, resource_matches};
use super::identity::Identity;
use super::keys::Keys;
use super::principal::{Match, speaks_of};
use crate::engine::{DocumentKind, Doubts};
use crate::iam::{Action, Effect, ElementList, PolicyDocument, PolicyKind, Statement};
use crate::model::Setting;
use crate::source::{Unknown, UnknownReason};

/// What is asked of a document.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Who asks.
    pub(super) identity: &'a Identity<'a>,
    /// The action.
    pub(super) action: &'static Action,
    /// ARN of the resource as this document knows it.
    pub(super) resource: &'a str,
    /// The context keys as this document sees them.
    pub(super) keys: &'a Keys<'a>,
    /// Readings of what AWS does not document.
    pub(super) doubts: &'a Doubts,
}

/// What a document answers: the steps of the trace that allow, that deny, and that would if more were known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// The first statement that allows.
    pub(super) allow: Option<usize>,
    /// The first statement that denies.
    pub(super) deny: Option<usize>,
    /// The first that might allow.
    pub(super) may_allow: Option<usize>,
    /// The first that might deny.
    pub(super) may_deny: Option<usize>,
}

/// Reads a policy that may be absent or unknown; one that the input does not carry counts as absent.
pub(super) fn hear_setting(
    setting: &Setting<PolicyDocument>,
    kind: DocumentKind,
    asked: Asked<'_>,
    trace: &mut Trace,
) -> Heard {
    match setting {
        Setting::Absent => Heard::default(),
        Setting::Set(document) => hear(&document.value, kind, asked, trace),
        Setting::Unknown(unknown) => match unknown.reason {
            UnknownReason::NotInInput => {
                trace.push(Step::about(kind, Outcome::NotEvaluated));
                Heard::default()
            }
            UnknownReason::Refused(_)
            | UnknownReason::Unreadable
            | UnknownReason::Undecided
            | UnknownReason::Invalid
            | UnknownReason::NotDeployed(_) => hear_unknown(unknown, kind, trace),
        },
    }
}

/// A document of which nothing is known might allow and might deny.
pub(super) fn hear_unknown(unknown: &Unknown, kind: DocumentKind, trace: &mut Trace) -> Heard {
    let step = trace.push(Step {
        document: Some(kind),
        ..Question::Document(unknown.clone()).into()
    });
    Heard {
        may_allow: Some(step),
        may_deny: Some(step),
        ..Heard::default()
    }
}

/// Reads every statement of a document, in order, and notes what each has to say.
pub(super) fn hear(document: &PolicyDocument, kind: DocumentKind, asked: Asked<'_>, trace: &mut Trace) -> Heard {
    let mut heard = Heard::default();
    for statement in &document.statements {
        let (outcome, doubts) = read(statement, policy_kind(kind), asked);
        let place = trace.push(Step {
            document: Some(kind),
            index: Some(statement.index),
            sid: statement.sid.clone(),
            span: Some(statement.span),
            outcome: outcome.clone(),
            doubts,
        });
        let first = match (outcome, statement.effect) {
            (Outcome::Allows | Outcome::Delegates, _) => &mut heard.allow,
            (Outcome::Denies, _) => &mut heard.deny,
            (Outcome::Open(_), Effect::Allow) => &mut heard.may_allow,
            (Outcome::Open(_), Effect::Deny) => &mut heard.may_deny,
            (
                Outcome::OwnerRoot
                | Outcome::Differs(_)
                | Outcome::Refuses(_)
                | Outcome::NotEvaluated
                | Outcome::NothingAllows,
                _,
            ) => continue,
        };
        first.get_or_insert(place);
    }
    if let Some(unresolved) = document.unresolved.first() {
        let unknown = Unknown {
            reason: UnknownReason::NotDeployed(unresolved.value),
            span: Some(unresolved.span),
        };
        let anything = hear_unknown(&unknown, kind, trace);
        heard.may_allow = heard.may_allow.or(anything.may_allow);
        heard.may_deny = heard.may_deny.or(anything.may_deny);
    }
    heard
}

/// What one statement has to say, with the clauses that this rests on where AWS does not document them.
///
/// A statement applies when its principal, action, resource and every condition do. Where AWS does not
/// document a truth value an Allow counts as matching and a Deny as not [COND-32], [COND-33], [COND-36].
fn read(statement: &Statement, kind: PolicyKind, asked: Asked<'_>) -> (Outcome, Vec<&'static str>) {
    let (matched, doubt) = speaks_of(
        &statement.principal,
        statement.effect,
        kind,
        asked.identity,
        asked.doubts,
    );
    let mut doubts: Vec<&'static str> = doubt.into_iter().collect();
    if matched == Match::No {
        return (Outcome::Differs(Element::Principal), doubts);
    }
    if !action_matches(&statement.action, asked) {
        return (Outcome::Differs(Element::Action), doubts);
    }
    let mut known = match resource(statement, asked) {
        Truth::False => return (Outcome::Differs(Element::Resource), doubts),
        Truth::Unknown => false,
        Truth::True | Truth::Undocumented(_) => true,
    };
    for condition in &statement.conditions {
        let differs = Outcome::Differs(Element::Condition(condition.operator, condition.key.clone()));
        match (holds(condition, asked.keys, asked.doubts), statement.effect) {
            (Truth::True, _) => {}
            (Truth::False, _) => return (differs, doubts),
            (Truth::Unknown, _) => known = false,
            (Truth::Undocumented(clause), Effect::Allow) => doubts.push(clause),
            (Truth::Undocumented(clause), Effect::Deny) => return (differs, vec![clause]),
        }
    }
    let outcome = match (known, statement.effect, matched) {
        (false, _, _) => Outcome::Open(Question::Tags),
        (true, Effect::Deny, _) => Outcome::Denies,
        (true, Effect::Allow, Match::ByAccount) => Outcome::Delegates,
        (true, Effect::Allow, Match::Yes | Match::No) => Outcome::Allows,
    };
    (outcome, doubts)
}

/// Actions compare without letter case; the parser has folded the patterns [ACT-01…04].
fn action_matches(list: &ElementList, asked: Asked<'_>) -> bool {
    let any = list
        .entries
        .iter()
        .filter_map(|entry| expand(&entry.value.1, asked.keys))
        .any(|glyphs| glob(&glyphs, &asked.action.folded));
    any != list.negated
}

/// Resources compare as ARNs, with letter case [RES-01…07]; a variable without value matches nothing, and so
/// excludes nothing in `NotResource` [VAR-03]. A trust policy speaks of its own role only [POL-08].
fn resource(statement: &Statement, asked: Asked<'_>) -> Truth {
    let Some(list) = &statement.resource else {
        return Truth::True;
    };
    let unknown = list
        .entries
        .iter()
        .flat_map(|entry| entry.value.1.variables())
        .any(|variable| asked.keys.is_unknown(&variable.key));
    let any = list
        .entries
        .iter()
        .filter_map(|entry| expand(&entry.value.1, asked.keys))
        .any(|glyphs| resource_matches(&glyphs, asked.resource));
    if unknown {
        Truth::Unknown
    } else {
        (any != list.negated).into()
    }
}

fn policy_kind(kind: DocumentKind) -> PolicyKind {
    match kind {
        DocumentKind::BucketPolicy | DocumentKind::BucketAcl | DocumentKind::ObjectAcl => PolicyKind::Bucket,
        DocumentKind::AccessPointPolicy => PolicyKind::AccessPoint,
        DocumentKind::TrustPolicy => PolicyKind::Trust,
        DocumentKind::ResourceControlPolicy => PolicyKind::ResourceControl,
    }
}

impl Heard {
    /// The same of a document that cannot allow.
    pub(super) fn denies_only(self) -> Self {
        Self {
            allow: None,
            may_allow: None,
            ..self
        }
    }

    /// Both, with what was heard first in front.
    pub(super) fn and(self, later: Self) -> Self {
        Self {
            allow: self.allow.or(later.allow),
            deny: self.deny.or(later.deny),
            may_allow: self.may_allow.or(later.may_allow),
            may_deny: self.may_deny.or(later.may_deny),
        }
    }
}
