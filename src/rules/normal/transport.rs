use super::{bool, object};
use crate::engine::{BucketScope, Options, WithoutTls, without_tls};
use crate::iam::{Effect, PolicyDocument, Statement};
use crate::model::Setting;
use crate::source::{Node, Span, UnknownReason};

/// Whether requests without TLS are refused, and where the policy says so or should.
pub(super) fn tls_only(scope: &BucketScope<'_>, options: &Options) -> Setting<bool> {
    let bucket = scope.bucket;
    let place = match &bucket.policy {
        Setting::Set(policy) => Some(nearest(&policy.value)),
        Setting::Absent | Setting::Unknown(_) => None,
    };
    match without_tls(scope, options) {
        WithoutTls::Denied => Setting::set(true, place.unwrap_or(bucket.span)),
        WithoutTls::NotDenied => place.map_or(Setting::Absent, |place| Setting::set(false, place)),
        WithoutTls::Undecided => match &bucket.policy {
            Setting::Unknown(unknown) => Setting::Unknown(unknown.clone()),
            Setting::Set(policy) => Setting::unknown(doubt(&policy.value), place),
            Setting::Absent => Setting::unknown(UnknownReason::Undecided, None),
        },
    }
}

/// The member as rules see it.
pub(super) fn transport(tls_only: bool, set: bool, span: Span) -> Node {
    object([("set", bool(set, span)), ("tls_only", bool(tls_only, span))], span)
}

/// The Deny that speaks of TLS, or else the whole policy.
fn nearest(policy: &PolicyDocument) -> Span {
    let speaks = |statement: &&Statement| {
        let mut keys = statement.conditions.iter().map(|condition| condition.key.folded());
        statement.effect == Effect::Deny && keys.any(|key| key == "aws:securetransport" || key == "s3:tlsversion")
    };
    let statement = policy.statements.iter().find(speaks);
    statement.map_or(policy.span, |statement| statement.span)
}

/// What a policy that leaves it open hangs on.
fn doubt(policy: &PolicyDocument) -> UnknownReason {
    let denies = policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Deny);
    let in_denies = denies.flat_map(|statement| &statement.placeholders);
    let placeholder = policy.unresolved.iter().chain(in_denies).next();
    placeholder.map_or(UnknownReason::Undecided, |placeholder| {
        UnknownReason::NotDeployed(placeholder.value)
    })
}
