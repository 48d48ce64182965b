use super::terms::Terms;
use crate::engine::{BucketScope, Grant, GrantEffect, Options, Verdict, Zone, bucket_access, decide_bucket};
use crate::iam::{BaseOperator, Effect, ElementList, Operand, PolicyDocument, Principal, Statement, Version};
use crate::model::{Bucket, ObjectOwnership, Setting};

/// Whether requests without TLS are refused, whoever makes them and whatever they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutTls {
    /// Each is denied explicitly.
    Denied,
    /// Some are not.
    NotDenied,
    /// It cannot be told.
    Undecided,
}

/// Whether a bucket policy or a resource control policy denies every request without TLS to a bucket and its objects.
///
/// Asks who could do what if everybody were allowed everything, but only without TLS, and the denies stood as they are.
/// Services always use TLS [IDM-16], and the key is never absent [CTX-14]. That the owner's root user keeps the policy
/// verbs whatever a bucket policy denies [EVAL-09] is no grant, and plays no part.
pub fn without_tls(scope: &BucketScope<'_>, options: &Options) -> WithoutTls {
    let policy = &scope.bucket.policy;
    if policy.as_unknown().is_none() && !has_denies(scope) {
        return WithoutTls::NotDenied;
    }
    // The usual way to say it needs no search.
    let usual = |statement: &Statement| denies_all_without_tls(statement, scope.bucket);
    if policy.value().is_some_and(|policy| policy.statements.iter().any(usual)) {
        return WithoutTls::Denied;
    }
    let Some(open_policy) = everything_without_tls(policy.value()) else {
        return WithoutTls::Undecided;
    };
    let bucket = open_to(open_policy, scope.bucket);
    let scope = BucketScope {
        bucket: &bucket,
        account: None,
        access_points: Vec::new(),
        ..scope.clone()
    };
    let access = bucket_access(&scope, &Zone::default(), options);
    let decided = access.iter().all(|access| access.indeterminate.is_empty());
    let grants = access.iter().flat_map(|access| &access.grants);
    let mut left = grants.filter(|grant| grant.effect == GrantEffect::Effective).peekable();
    let shows = |grant: &Grant| {
        grant.assumed.is_empty() && decide_bucket(&grant.witness, &scope, options).verdict == Verdict::Allowed
    };
    if decided && left.peek().is_none() {
        WithoutTls::Denied
    } else if policy.as_unknown().is_none() && left.any(shows) {
        WithoutTls::NotDenied
    } else {
        WithoutTls::Undecided
    }
}

/// Whether anything is denied at all, or may be.
fn has_denies(scope: &BucketScope<'_>) -> bool {
    let policy = scope.bucket.policy.value();
    let denies = |statement: &Statement| statement.effect == Effect::Deny;
    policy.is_some_and(|policy| !policy.unresolved.is_empty() || policy.statements.iter().any(denies))
        || scope.resource_control_policies().next().is_some()
}

/// Whether a statement denies everybody everything in a bucket on the only condition that there is no TLS.
fn denies_all_without_tls(statement: &Statement, bucket: &Bucket) -> bool {
    let has =
        |list: &ElementList, text: &str| !list.negated && list.entries.iter().any(|entry| *entry.value.0 == *text);
    let (arn, principal) = (bucket.arn(), &statement.principal);
    let [condition] = statement.conditions.as_slice() else {
        return false;
    };
    let is_plain_bool = condition.operator.base == BaseOperator::Bool && condition.operator.qualifier.is_none();
    statement.effect == Effect::Deny
        && !principal.negated
        && principal.entries.iter().any(|entry| entry.value == Principal::Everyone)
        && (has(&statement.action, "*") || has(&statement.action, "s3:*"))
        && statement
            .resource
            .as_ref()
            .is_some_and(|resources| has(resources, "*") || has(resources, &arn) && has(resources, &format!("{arn}/*")))
        && is_plain_bool
        && condition.key.folded() == "aws:securetransport"
        && condition
            .values
            .iter()
            .any(|value| value.operand == Operand::Bool(false))
}

/// A policy that allows everybody everything without TLS and denies what this one denies.
fn everything_without_tls(policy: Option<&PolicyDocument>) -> Option<PolicyDocument> {
    let mut statements = Terms::read(EVERYTHING_WITHOUT_TLS).ok()?;
    let denies = policy.into_iter().flat_map(|policy| &policy.statements);
    statements.extend(denies.filter(|statement| statement.effect == Effect::Deny).cloned());
    Some(PolicyDocument {
        version: policy.map_or(Version::V2012, |policy| policy.version),
        id: None,
        statements,
        unresolved: policy.map(|policy| policy.unresolved.clone()).unwrap_or_default(),
        span: policy.map(|policy| policy.span).unwrap_or_default(),
    })
}

/// The bucket where nothing but a policy decides.
fn open_to(policy: PolicyDocument, bucket: &Bucket) -> Bucket {
    Bucket {
        policy: Setting::set(policy, bucket.span),
        policy_status: Setting::Absent,
        acl: Setting::Absent,
        public_access_block: Setting::Absent,
        ownership: Setting::set(ObjectOwnership::BucketOwnerEnforced, bucket.span),
        request_payment: Setting::Absent,
        objects: Vec::new(),
        ..bucket.clone()
    }
}

const EVERYTHING_WITHOUT_TLS: &str =
    r#"{"Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#;
