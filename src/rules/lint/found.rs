use std::collections::BTreeMap;

use crate::iam::Statement;
use crate::source::Span;

/// Something that a document says and that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) struct Lint {
    /// What is wrong: the name of the rule that picks it.
    pub(in crate::rules) check: &'static str,
    /// The element, as written.
    pub(in crate::rules) value: String,
    /// Why, for people.
    pub(in crate::rules) why: String,
    /// What tells it apart from others of its check, wherever it stands.
    pub(in crate::rules) identity: String,
    /// Where the element was written.
    pub(in crate::rules) span: Span,
}

/// Collects lints.
#[derive(Default)]
pub(super) struct Found(Vec<Lint>);

impl Found {
    /// Adds one about an element of a statement.
    pub(super) fn add(
        &mut self,
        check: &'static str,
        statement: &Statement,
        (value, span): (&str, Span),
        why: impl Into<String>,
    ) {
        let (effect, sid) = (statement.effect.as_str(), statement.sid.as_deref().unwrap_or_default());
        self.0.push(Lint {
            check,
            identity: format!("{effect} {sid:?} {value:?}"),
            value: short(value),
            why: why.into(),
            span,
        });
    }

    /// All of them: one for each check and place, in order; what is the same twice is numbered.
    pub(super) fn finish(self) -> Vec<Lint> {
        let mut lints = self.0;
        lints.sort_by(|a, b| (a.check, a.span).cmp(&(b.check, b.span)));
        lints.dedup_by(|later, first| (later.check, later.span) == (first.check, first.span));
        let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
        for lint in &mut lints {
            let before = seen.entry((lint.check, lint.identity.clone())).or_default();
            *before += 1;
            if *before > 1 {
                lint.identity.push_str(&format!(" {before}"));
            }
        }
        lints
    }
}

/// A value as it fits into a message.
fn short(value: &str) -> String {
    if value.chars().nth(MOST_SHOWN).is_none() {
        return value.to_owned();
    }
    let shown: String = value.chars().take(MOST_SHOWN).collect();
    format!("{shown}…")
}

/// Characters of a value that a message shows.
const MOST_SHOWN: usize = 120;
