use std::collections::BTreeSet;

use super::Subject;
use super::actions::matched;
use crate::engine::{Presence, presence};
use crate::iam::{
    Action, ActionId, ContextKey, PolicyDocument, PolicyKind, Principal, Statement, Target, actions, find_action,
};
use crate::source::Span;

/// A statement with what its elements stand for.
pub(super) struct Scope<'a> {
    pub(super) document: &'a PolicyDocument,
    pub(super) statement: &'a Statement,
    pub(super) subject: Subject<'a>,
    /// What each entry of `Action` or `NotAction` matches.
    pub(super) entries: Vec<Entry<'a>>,
    /// The actions that the statement is about and that work on its resource.
    pub(super) actions: Vec<&'static Action>,
    /// Whom the statement is about.
    pub(super) principals: Vec<&'a Principal>,
    /// Whether nothing in the lists of the document waits for deployment, so that what is not there is nowhere.
    pub(super) whole: bool,
}

/// One entry of an `Action` element.
pub(super) struct Entry<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
    pub(super) matched: Vec<&'static Action>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(document: &'a PolicyDocument, statement: &'a Statement, subject: Subject<'a>) -> Self {
        let entries: Vec<Entry<'_>> = statement
            .action
            .entries
            .iter()
            .map(|entry| Entry {
                text: &entry.value.0,
                span: entry.span,
                matched: matched(&entry.value.0),
            })
            .collect();
        let listed: BTreeSet<ActionId> = entries
            .iter()
            .flat_map(|entry| &entry.matched)
            .map(|action| action.id)
            .collect();
        let reached = actions()
            .iter()
            .filter(|action| works_on(action, subject.kind) && listed.contains(&action.id) != statement.action.negated);
        let principals = if statement.principal.negated {
            vec![&Principal::Everyone]
        } else {
            statement.principal.entries.iter().map(|entry| &entry.value).collect()
        };
        Self {
            actions: reached.collect(),
            document,
            statement,
            subject,
            entries,
            principals,
            whole: document.unresolved.is_empty(),
        }
    }

    /// Whether the requests that the statement is about carry a key.
    pub(super) fn presence(&self, key: &ContextKey) -> Presence {
        self.presence_of(key, &self.principals)
    }

    /// Whether the requests of some of its principals do.
    pub(super) fn presence_of(&self, key: &ContextKey, principals: &[&Principal]) -> Presence {
        if self.actions.iter().all(|action| !is_modifier(action)) {
            return presence(key.folded(), principals, &self.actions);
        }
        let assuming: Vec<&Action> = ASSUMING.iter().copied().filter_map(find_action).collect();
        presence(key.folded(), principals, &assuming)
    }
}

/// Whether an action only says what may come with a request to assume a role, and so sees the keys of that request [TRUST-02].
pub(super) fn is_modifier(action: &Action) -> bool {
    action.folded.starts_with("sts:") && !ASSUMING.contains(&action.name)
}

/// The actions that assume a role.
pub(super) const ASSUMING: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
];

/// Whether an action works on the resource that a document is attached to.
pub(super) fn works_on(action: &Action, kind: PolicyKind) -> bool {
    let targets: &[Target] = match kind {
        PolicyKind::Bucket => &[Target::Bucket, Target::Object],
        PolicyKind::AccessPoint => &[Target::AccessPoint, Target::AccessPointObject],
        PolicyKind::Trust => &[Target::Role],
        PolicyKind::ResourceControl => return true,
    };
    targets.iter().any(|target| action.targets.contains(target))
}
