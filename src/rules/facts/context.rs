use std::collections::BTreeSet;

use super::{Fact, LevelFacts, TokenFacts};
use crate::finding::{Confinement, ConfinementKind, Grant, GrantEffect, Residual};
use crate::iam::{Action, BaseOperator, Operator, Qualifier};
use crate::rules::access::Access;
use crate::rules::policies::Mentions;

/// Facts about a grant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::rules) struct ContextFacts {
    effect: GrantEffect,
    public: bool,
    open: bool,
    outside_zone: bool,
    confined_by: BTreeSet<&'static str>,
    held_by: BTreeSet<&'static str>,
    documents: BTreeSet<&'static str>,
    conditioned: bool,
    /// Where some policy looks at keys.
    condition_keys: BTreeSet<String>,
    guards: Guards,
    tokens: TokenFacts,
    /// A Deny that was meant to keep strangers out spares them.
    broken_fence: bool,
    assumed: bool,
}

/// What the conditions of a grant ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Guards {
    tls_only: bool,
    requires_mfa: bool,
    has_external_id: bool,
    has_source_guard: bool,
    names_audience: bool,
}

impl ContextFacts {
    /// The facts about a grant.
    pub(in crate::rules) fn new(grant: &Grant, tokens: TokenFacts, broken_fence: bool, mentions: &Mentions) -> Self {
        let keys = grant.conditions.iter().filter(|_| mentions.keys);
        Self {
            effect: grant.effect,
            public: grant.is_public(),
            open: grant.open,
            outside_zone: grant.outside_zone,
            confined_by: grant
                .confined_by
                .iter()
                .map(|confinement| confinement.kind.as_str())
                .collect(),
            held_by: grant.blocked_by.iter().map(|by| level(by)).collect(),
            documents: grant.sources.iter().map(|source| source.document.as_str()).collect(),
            conditioned: !grant.conditions.is_empty(),
            condition_keys: keys.map(|condition| condition.key.to_lowercase()).collect(),
            guards: Guards::new(grant),
            tokens,
            broken_fence,
            assumed: !grant.assumed.is_empty(),
        }
    }

    /// The facts by the names that policies know them by.
    pub(super) fn pairs(&self, level: LevelFacts) -> Vec<(&'static str, Fact)> {
        let bool = Fact::Bool;
        let words = |kind, words: &BTreeSet<&'static str>| Fact::Words(kind, words.clone());
        let guards = self.guards;
        vec![
            ("effective", bool(self.effect == GrantEffect::Effective)),
            ("blocked", bool(self.effect == GrantEffect::Blocked)),
            ("ineffective", bool(self.effect == GrantEffect::Ineffective)),
            ("public", bool(self.public)),
            ("open", bool(self.open)),
            ("outside_zone", bool(self.outside_zone)),
            ("confined_by", words("Confinement", &self.confined_by)),
            ("held_by", words("Level", &self.held_by)),
            ("documents", words("Document", &self.documents)),
            ("conditioned", bool(self.conditioned)),
            ("condition_keys", Fact::Texts(self.condition_keys.clone())),
            ("tls_only", bool(guards.tls_only)),
            ("requires_mfa", bool(guards.requires_mfa)),
            ("has_external_id", bool(guards.has_external_id)),
            ("has_source_guard", bool(guards.has_source_guard)),
            (
                "checks_audience",
                bool(self.tokens.checks_audience.unwrap_or(guards.names_audience)),
            ),
            ("guests", bool(self.tokens.guests)),
            ("subject", Fact::Word("Subject", self.tokens.subject)),
            ("broken_fence", bool(self.broken_fence)),
            ("metadata_only", bool(level.metadata_only)),
            ("log_delivery", bool(level.log_delivery)),
            ("also_public", bool(level.also_public)),
            ("assumed", bool(self.assumed)),
        ]
    }
}

/// The level in front of the colon of `bucket:RestrictPublicBuckets`.
fn level(blocked_by: &str) -> &'static str {
    match blocked_by.split(':').next() {
        Some("organization") => "organization",
        Some("account") => "account",
        Some("bucket") => "bucket",
        Some("access-point") => "access-point",
        Some(_) | None => "other",
    }
}

impl Guards {
    fn new(grant: &Grant) -> Self {
        let demands = |keys: &[&str], fixed: fn(&Residual) -> bool| {
            grant
                .conditions
                .iter()
                .any(|condition| is_one_of(condition, keys) && is_demand(condition) && fixed(condition))
        };
        let confined = |kind: ConfinementKind| grant.confined_by.iter().any(|by: &Confinement| by.kind == kind);
        // [TRUST-14]: the id must be passed. A fence of Denies leaves no condition that says so, but then the
        // witness had to pass one, and a witness passes nothing that is not asked for.
        let asks_for_id = demands(&["sts:externalid"], names_something);
        let mentions_id = grant
            .conditions
            .iter()
            .any(|condition| is_one_of(condition, &["sts:externalid"]));
        let passes_id = !mentions_id && grant.witness.context.contains("sts:ExternalId");
        Self {
            tls_only: demands(&["aws:securetransport"], says_true) || demands(&["s3:tlsversion"], |_| true),
            requires_mfa: demands(&["aws:multifactorauthpresent"], says_true)
                || demands(&["aws:multifactorauthage"], |_| true),
            has_external_id: asks_for_id || passes_id,
            has_source_guard: confined(ConfinementKind::Source) || demands(SOURCES, names_something),
            names_audience: grant
                .conditions
                .iter()
                .any(|condition| is_audience(condition) && is_demand(condition) && names_something(condition)),
        }
    }
}

const SOURCES: &[&str] = &[
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

fn is_one_of(condition: &Residual, keys: &[&str]) -> bool {
    keys.iter().any(|key| condition.key.eq_ignore_ascii_case(key))
}

/// Whether the condition fails where the key is absent, and asks for a value rather than refuses one.
fn is_demand(condition: &Residual) -> bool {
    Operator::from_name(&condition.operator).is_some_and(|operator| {
        !operator.if_exists
            && !operator.base.is_negated()
            && operator.base != BaseOperator::Null
            && operator.qualifier != Some(Qualifier::ForAllValues)
    })
}

fn names_something(condition: &Residual) -> bool {
    condition
        .values
        .iter()
        .all(|value| value.chars().any(|char| !matches!(char, '*' | '?')))
}

fn says_true(condition: &Residual) -> bool {
    condition.values.iter().all(|value| value.eq_ignore_ascii_case("true"))
}

fn is_audience(condition: &Residual) -> bool {
    let key = condition.key.to_lowercase();
    [":aud", ":app_id", ":azp"].iter().any(|claim| key.ends_with(claim))
}

/// Whether all these actions touch what surrounds an object and not its content [S3A-05].
pub(in crate::rules) fn metadata_only(access: Access, actions: &[&Action]) -> bool {
    access == Access::Read && !actions.is_empty() && actions.iter().all(|action| METADATA.contains(&action.name))
}

const METADATA: &[&str] = &[
    "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectTagging",
    "s3:GetObjectVersionTagging",
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
];
