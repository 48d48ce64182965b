//! The documents of one resource, compiled: statements with action sets, resource patterns and literals over a key table.

use std::borrow::Cow;

use super::actions::{self, ActionSet};
use super::glob::{Glob, Reading, Resolved};
use super::keys::is_multivalued;
use super::literal::{KeyId, Literal, Range, Resolve, Test};
use crate::engine::{DocumentKind, Doubts, GrantSource};
use crate::iam::{ContextKey, Effect, ElementList, Pattern, PolicyDocument, PrincipalElement, Statement, Variable};
use crate::model::AclGrantee;
use crate::source::{Placeholder, Span, Spanned};

/// Everything that decides together, compiled.
#[derive(Debug, Default)]
pub(super) struct Documents<'a> {
    pub(super) rules: Vec<Rule<'a>>,
    pub(super) keys: KeyTable,
    pub(super) doubts: Doubts,
    /// Statements that decide nothing here, but name values all the same [OPEN-02].
    pub(super) set_aside: Vec<Rule<'a>>,
    /// What the resource patterns of the rules are read against.
    places: Vec<Place>,
    /// What the rules that are added next are part of.
    pub(super) side: Side,
    /// The rule that the question is about, by its index.
    pub(super) focus: Option<usize>,
    /// What of the documents that are judged could not be read before deployment.
    pub(super) unresolved: Vec<Spanned<Placeholder>>,
}

/// What a rule is part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Side {
    /// The documents that are judged.
    #[default]
    Judged,
    /// The documents that they are compared with.
    Before,
    /// The question itself: it grants nothing, it only tells the requests that are asked about.
    Asked,
}

/// The context keys that the documents mention, in lower case.
#[derive(Debug, Default)]
pub(super) struct KeyTable {
    names: Vec<Box<str>>,
}

/// One statement or ACL grant.
#[derive(Clone, Debug)]
pub(super) struct Rule<'a> {
    pub(super) side: Side,
    pub(super) effect: Effect,
    pub(super) grantor: Grantor<'a>,
    pub(super) actions: ActionSet,
    pub(super) resource: ResourceMatch,
    pub(super) literals: Vec<Literal>,
    pub(super) source: GrantSource,
    /// The statement, where the rule is one.
    pub(super) statement: Option<&'a Statement>,
    /// Whether policy variables must be filled in before the rule can be used.
    pub(super) has_variables: bool,
    /// What it could be about, whatever its variables stand for.
    pub(super) about: About,
    /// Which place its resource patterns are read against; none for a trust policy.
    place: Option<usize>,
}

/// The kinds of resources that a rule is about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About {
    /// The bucket, access point or role itself.
    pub(super) whole: bool,
    /// Objects in it.
    pub(super) objects: bool,
}

/// To whom a rule applies.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grantor<'a> {
    Policy(&'a PrincipalElement),
    Acl(&'a AclGrantee),
}

/// On which resources a rule applies.
#[derive(Clone, Debug, Default)]
pub(super) struct ResourceMatch {
    /// Whether it applies to the bucket, access point or role itself.
    pub(super) whole: bool,
    /// Which objects it applies to, by patterns over their keys: one for each entry of the element, empty where the entry
    /// is not about objects of this place.
    pub(super) objects: Vec<ObjectPattern>,
    /// Whether it applies to the objects that no pattern matches.
    pub(super) negated: bool,
    /// What an object's key meets where the rule applies to it; none where it applies to every object or to none.
    pub(super) literal: Option<Literal>,
}

/// A pattern over object keys, and how the policy wrote it.
#[derive(Clone, Debug)]
pub(super) struct ObjectPattern {
    pub(super) keys: Vec<Glob>,
    /// The pattern as an ARN of this bucket.
    pub(super) text: String,
    /// What an object's key meets where the pattern matches it.
    pub(super) literal: Literal,
    /// Whether the pattern holds a policy variable.
    variable: bool,
}

/// The ARN of a container and the prefix of the ARNs of what it contains.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) whole: String,
    pub(super) objects: String,
}

/// The resource itself as a key of the table.
pub(super) const RESOURCE: KeyId = KeyId(u16::MAX);

impl KeyTable {
    pub(super) fn id(&mut self, key: &ContextKey, kind: DocumentKind) -> KeyId {
        let name = name_in(kind, key);
        let at = self.names.iter().position(|known| **known == *name).unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        });
        KeyId(u16::try_from(at).unwrap_or(u16::MAX - 1))
    }

    /// A key that a document of this kind mentions.
    pub(super) fn find_in(&self, kind: DocumentKind, key: &ContextKey) -> Option<KeyId> {
        self.find(&name_in(kind, key))
    }

    /// The key of this lower-case name, if some document mentions it.
    pub(super) fn find(&self, name: &str) -> Option<KeyId> {
        let at = self.names.iter().position(|known| **known == *canonical(name))?;
        u16::try_from(at).ok().map(KeyId)
    }

    pub(super) fn mentions(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.find(name).is_some())
    }

    pub(super) fn mentions_family(&self, family: &str) -> bool {
        self.names.iter().any(|name| name.starts_with(family))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    pub(super) fn name(&self, key: KeyId) -> &str {
        self.names
            .get(usize::from(key.0))
            .map(|name| &**name)
            .unwrap_or_default()
    }
}

/// `aws:EpochTime` is `aws:CurrentTime` in other words (ENGINE.md B4).
fn canonical(name: &str) -> &str {
    if name == "aws:epochtime" {
        "aws:currenttime"
    } else {
        name
    }
}

/// What a document calls a key, as one name for all documents: to the policy of an access point the resource is the access
/// point, which a bucket policy knows as such [CTX-27].
fn name_in(kind: DocumentKind, key: &ContextKey) -> Cow<'_, str> {
    match key.folded().strip_prefix("aws:resourcetag/") {
        Some(tag) if kind == DocumentKind::AccessPointPolicy => format!("s3:accesspointtag/{tag}").into(),
        Some(_) | None => canonical(key.folded()).into(),
    }
}

impl<'a> Documents<'a> {
    pub(super) fn new(doubts: Doubts) -> Self {
        Self {
            doubts,
            ..Self::default()
        }
    }

    /// Adds the statements of a policy; patterns are read as they apply to the place.
    pub(super) fn add_policy(&mut self, document: &'a PolicyDocument, kind: DocumentKind, place: Option<&Place>) {
        let place = place.map(|place| {
            self.places.push(place.clone());
            self.places.len() - 1
        });
        if self.side == Side::Judged {
            self.unresolved.extend_from_slice(&document.unresolved);
        }
        // The one Allow of a resource control policy only says that nothing else is denied [EVAL-13].
        let denies_only = kind == DocumentKind::ResourceControlPolicy;
        for statement in document
            .statements
            .iter()
            .filter(|statement| !denies_only || statement.effect == Effect::Deny)
        {
            self.add_statement(statement, kind, place);
        }
    }

    fn add_statement(&mut self, statement: &'a Statement, kind: DocumentKind, place: Option<usize>) {
        let source = GrantSource {
            document: kind,
            sid: statement.sid.clone(),
            index: statement.index,
            span: statement.span,
            focus: statement.principal.span,
        };
        for condition in &statement.conditions {
            self.keys.id(&condition.key, kind);
        }
        let variables: Vec<&Variable> = variables(statement).collect();
        for variable in &variables {
            self.keys.id(&variable.key, kind);
        }
        let mut rule = Rule {
            side: self.side,
            effect: statement.effect,
            grantor: Grantor::Policy(&statement.principal),
            actions: actions::covered(&statement.action),
            resource: ResourceMatch::default(),
            literals: Vec::new(),
            source,
            statement: Some(statement),
            has_variables: !variables.is_empty(),
            about: About::default(),
            place,
        };
        // Where there are variables, this only lays out the patterns; they are filled in for each shape of caller.
        self.fill(&mut rule, &|_, _| Resolved::Nothing);
        rule.about = match (&statement.resource, place.and_then(|place| self.places.get(place))) {
            // What stands for nothing excludes nothing, so that a negated element is about most as it is [VAR-03].
            (Some(element), Some(place)) if rule.has_variables && !element.negated => {
                resource_match(element, place, &|_| Resolved::Anything).about()
            }
            (Some(_) | None, _) => rule.resource.about(),
        };
        self.rules.push(rule);
    }

    /// Compiles what may hold variables: resources and conditions.
    pub(super) fn fill(&self, rule: &mut Rule<'a>, resolve: Resolve<'_>) {
        let Some(statement) = rule.statement else { return };
        let place = rule.place.and_then(|place| self.places.get(place));
        rule.resource = match (&statement.resource, place) {
            (Some(element), Some(place)) => {
                resource_match(element, place, &|variable| resolve(variable, element.negated))
            }
            // A trust policy speaks of its own role [TRUST-01].
            (None, _) | (Some(_), None) => ResourceMatch::new(true, Vec::new(), false),
        };
        let compiled = statement
            .conditions
            .iter()
            .zip(0_u16..)
            .filter_map(|(condition, index)| {
                let key = self.keys.find_in(rule.source.document, &condition.key)?;
                let multivalued = is_multivalued(condition.key.folded());
                Some(Literal::compile(
                    condition,
                    index,
                    (key, multivalued),
                    (statement.effect, self.doubts),
                    resolve,
                ))
            });
        rule.literals = compiled.collect();
    }

    /// Adds one grant of an ACL.
    pub(super) fn add_acl_grant(
        &mut self,
        grantee: &'a AclGrantee,
        actions: ActionSet,
        resource: ResourceMatch,
        (kind, index, span): (DocumentKind, u32, Span),
    ) {
        self.rules.push(Rule {
            side: self.side,
            effect: Effect::Allow,
            grantor: Grantor::Acl(grantee),
            actions,
            about: resource.about(),
            resource,
            literals: Vec::new(),
            source: GrantSource {
                document: kind,
                sid: None,
                index,
                span,
                focus: span,
            },
            statement: None,
            has_variables: false,
            place: None,
        });
    }

    /// Takes rules out of the decision; what they name stays named.
    pub(super) fn set_aside(&mut self, which: impl Fn(&Rule<'a>) -> bool) {
        let (aside, deciding) = std::mem::take(&mut self.rules).into_iter().partition(which);
        self.rules = deciding;
        self.set_aside = aside;
    }

    /// The Allow rules of the documents that are judged.
    pub(super) fn allows(&self) -> impl Iterator<Item = &Rule<'a>> {
        self.rules.iter().filter(|rule| rule.judges(Effect::Allow))
    }

    /// Takes up the statement that the question is about; its resources are read as they apply to any of the places,
    /// which are names of the same resource. False where it is about no request to them, of the actions on the resource
    /// itself and on what is in it.
    pub(super) fn ask(
        &mut self,
        statement: &'a Statement,
        places: &[&Place],
        (on_whole, on_objects): (ActionSet, ActionSet),
    ) -> bool {
        self.side = Side::Asked;
        self.add_statement(statement, DocumentKind::TrustPolicy, None);
        self.side = Side::Judged;
        self.focus = self.rules.len().checked_sub(1);
        let Some(rule) = self.rules.last_mut() else {
            return false;
        };
        if let Some(element) = &statement.resource {
            let read = places
                .iter()
                .map(|place| resource_match(element, place, &|_| Resolved::Nothing));
            let parts: Vec<ResourceMatch> = read.collect();
            // Under `NotResource` a resource is left out by whichever of its names.
            let whole = if element.negated {
                parts.iter().all(|part| part.whole)
            } else {
                parts.iter().any(|part| part.whole)
            };
            let objects = parts.into_iter().flat_map(|part| part.objects).collect();
            rule.resource = ResourceMatch::new(whole, objects, element.negated);
        }
        let about_objects = !matches!(rule.resource.on_objects(), OnObjects::None);
        rule.resource.whole && !rule.actions.and(on_whole).is_empty()
            || about_objects && !rule.actions.and(on_objects).is_empty()
    }
}

impl Rule<'_> {
    /// Whether it is one of the rules of this effect that are judged.
    pub(super) fn judges(&self, effect: Effect) -> bool {
        self.side == Side::Judged && self.effect == effect
    }
}

impl ResourceMatch {
    /// The container alone.
    pub(super) fn container() -> Self {
        Self::new(true, Vec::new(), false)
    }

    /// These objects alone.
    pub(super) fn of_objects(objects: Vec<ObjectPattern>) -> Self {
        Self::new(false, objects, false)
    }

    pub(super) fn new(whole: bool, objects: Vec<ObjectPattern>, negated: bool) -> Self {
        let keys = || objects.iter().flat_map(|pattern| &pattern.keys);
        // With variables the matter is never settled: every filling of the rule has the same literals.
        let variable = objects.iter().any(|pattern| pattern.variable);
        let settled = !variable && (keys().next().is_none() || keys().any(Glob::is_anything));
        let literal = (!settled).then(|| on_key(keys().cloned().collect(), negated));
        Self {
            whole,
            objects,
            negated,
            literal,
        }
    }

    /// What it is about.
    pub(super) fn about(&self) -> About {
        About {
            whole: self.whole,
            objects: if self.negated {
                !matches!(self.on_objects(), OnObjects::None)
            } else {
                self.objects.iter().any(|pattern| !pattern.keys.is_empty())
            },
        }
    }

    /// The patterns over objects, as ARNs of this place.
    pub(super) fn texts(&self) -> Vec<String> {
        self.objects
            .iter()
            .filter(|pattern| pattern.variable || !pattern.keys.is_empty())
            .map(|pattern| pattern.text.clone())
            .collect()
    }

    /// Whether it applies to every object, to none, or to those that meet the literal.
    pub(super) fn on_objects(&self) -> OnObjects<'_> {
        match &self.literal {
            Some(literal) => OnObjects::Some(literal),
            None if self.objects.iter().all(|pattern| pattern.keys.is_empty()) == self.negated => OnObjects::All,
            None => OnObjects::None,
        }
    }
}

/// Which objects a rule applies to.
pub(super) enum OnObjects<'r> {
    All,
    None,
    Some(&'r Literal),
}

impl ObjectPattern {
    pub(super) fn new(keys: Vec<Glob>, text: String) -> Self {
        let literal = on_key(keys.clone(), false);
        Self {
            keys,
            text,
            literal,
            variable: false,
        }
    }

    pub(super) fn all(place: &Place) -> Self {
        Self::new(vec![Glob::anything()], format!("{}*", place.objects))
    }

    pub(super) fn one(place: &Place, key: &str) -> Self {
        Self::new(vec![Glob::exact(key)], format!("{}{key}", place.objects))
    }
}

fn on_key(patterns: Vec<Glob>, negated: bool) -> Literal {
    Literal {
        key: RESOURCE,
        on_absent: false,
        range: Range::One,
        test: Test::Text { patterns, negated },
        condition: None,
    }
}

/// How a `Resource` or `NotResource` element applies to a place.
fn resource_match(element: &ElementList, place: &Place, resolve: &dyn Fn(&Variable) -> Resolved) -> ResourceMatch {
    let mut whole = false;
    let mut objects = Vec::new();
    for entry in &element.entries {
        let glob = resource_glob(&entry.value.1, resolve);
        whole |= glob.as_ref().is_some_and(|glob| glob.matches(&place.whole));
        let keys = glob.map(|glob| glob.after(&place.objects)).unwrap_or_default();
        let variable = entry.value.1.variables().next().is_some();
        let text = match keys.as_slice() {
            [one] if !variable => format!("{}{}", place.objects, one.to_text()),
            _ => entry.value.1.in_current_version(&entry.value.0),
        };
        objects.push(ObjectPattern {
            variable,
            ..ObjectPattern::new(keys, text)
        });
    }
    ResourceMatch::new(whole != element.negated, objects, element.negated)
}

/// A resource pattern: like an ARN pattern, its wildcards do not leave their field of the first five; a short pattern such
/// as `*` or `arn:aws:s3:*` is read as plain text [RES-02] (unverified).
fn resource_glob(pattern: &Pattern, resolve: &dyn Fn(&Variable) -> Resolved) -> Option<Glob> {
    let resolved = |reading| Glob::compile(pattern, reading, resolve);
    let colons: usize = pattern
        .parts
        .iter()
        .map(|part| match part {
            crate::iam::Part::Text(text) => text.matches(':').count(),
            crate::iam::Part::Star | crate::iam::Part::One | crate::iam::Part::Variable(_) => 0,
        })
        .sum();
    if colons < 5 {
        resolved(Reading::Text)
    } else {
        resolved(Reading::Arn)
    }
}

/// All policy variables of a statement.
pub(super) fn variables(statement: &Statement) -> impl Iterator<Item = &Variable> {
    let resources = statement
        .resource
        .iter()
        .flat_map(|element| &element.entries)
        .map(|entry| &entry.value.1);
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    let patterns = values.filter_map(|value| match &value.operand {
        crate::iam::Operand::Pattern(pattern) => Some(pattern),
        crate::iam::Operand::Number(_)
        | crate::iam::Operand::Date(_)
        | crate::iam::Operand::Bool(_)
        | crate::iam::Operand::Binary(_)
        | crate::iam::Operand::Network(_)
        | crate::iam::Operand::Unreadable => None,
    });
    resources.chain(patterns).flat_map(|pattern| pattern.variables())
}
