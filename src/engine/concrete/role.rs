use super::decision::{Decision, Outcome, Refusal, Step, Trace, Verdict};
use super::identity::{Identity, Owner};
use super::keys::Keys;
use super::side::Side;
use super::statement::{Asked, Heard, hear, hear_unknown};
use crate::engine::{Caller, Context, DocumentKind, Options, Request, RoleScope};
use crate::iam::{Action, Provider, Target, find_action};
use crate::model::Setting;

/// Whether a caller can assume a role, as far as its trust policy and RCPs decide.
///
/// A role trusts nobody whom its policy does not name, not even its own account [TRUST-04]; naming the account
/// leaves it to that account's identity policies and counts as allowed.
///
/// Source: IAM User Guide, "Roles terms and concepts" and "Policy evaluation logic" [TRUST-01…35].
pub fn decide_role(request: &Request, scope: &RoleScope<'_>, options: &Options) -> Decision {
    let mut trace = Trace::default();
    if let Some(refusal) = impossible(request, scope) {
        return trace.settle_with(Verdict::Denied, refusal.into());
    }
    let owner = Owner {
        account: scope.role.account,
        canonical: None,
    };
    let identity = Identity::new(&request.caller, scope.accounts, &owner);
    let mut keys = Keys::new(&request.context, &request.caller);
    keys.state_tags("aws:resourcetag/", &scope.role.tags);
    let asked = |action| Asked {
        identity: &identity,
        action,
        resource: &request.resource,
        keys: &keys,
        doubts: &options.doubts,
    };
    let heard = hear_all(asked(request.action), scope, &mut trace);
    if let Some(step) = heard.deny {
        return trace.settle(Verdict::Denied, step);
    }
    let mut side = Side::of(heard);
    let mut may_refuse = heard.may_deny;
    for action in also_needed(&request.caller, &request.context) {
        let heard = hear_all(asked(action), scope, &mut trace);
        side = side.and(match (heard.deny, Side::of(heard)) {
            (Some(_), _) | (None, Side::No(_)) => Side::No(Some(trace.push(Refusal::AlsoNeeds(action.name).into()))),
            (None, given @ (Side::Yes(_) | Side::Unknown(_))) => given,
        });
        may_refuse = may_refuse.or(heard.may_deny);
    }
    side.settle(may_refuse, trace)
}

/// Why no such request can assume the role at all.
fn impossible(request: &Request, scope: &RoleScope<'_>) -> Option<Refusal> {
    if request.resource != scope.role.arn() {
        return Some(Refusal::OtherResource);
    }
    if !request.action.targets.contains(&Target::Role) {
        return Some(Refusal::ResourceType);
    }
    if let Caller::Aws(principal) = &request.caller
        && principal.partition != scope.role.partition
    {
        return Some(Refusal::OtherPartition);
    }
    let Some(callers) = callers_of(request.action) else {
        return Some(Refusal::AssumesNothing);
    };
    (callers != kind_of(&request.caller)).then_some(Refusal::WrongPairing)
}

/// A kind of caller as the actions of STS tell them apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CallerKind {
    /// AWS principals and services.
    Aws,
    /// Identities of a SAML provider.
    Saml,
    /// Identities of an OIDC provider.
    WebIdentity,
    /// Whoever cannot call STS at all.
    Nobody,
}

/// Who can assume a role by an action; none if nobody can [TRUST-02].
fn callers_of(action: &Action) -> Option<CallerKind> {
    match action.name {
        "sts:AssumeRole" => Some(CallerKind::Aws),
        "sts:AssumeRoleWithSAML" => Some(CallerKind::Saml),
        "sts:AssumeRoleWithWebIdentity" => Some(CallerKind::WebIdentity),
        _ => None,
    }
}

fn kind_of(caller: &Caller) -> CallerKind {
    match caller {
        Caller::Aws(_) | Caller::Canonical(_) | Caller::UniqueId(_) | Caller::Service(_) => CallerKind::Aws,
        Caller::Federated(Provider::Saml { .. }) => CallerKind::Saml,
        Caller::Federated(Provider::Oidc { .. } | Provider::BuiltIn(_)) => CallerKind::WebIdentity,
        // [TRUST-07]: there is no unsigned AssumeRole; an origin access identity signs requests to S3 only.
        Caller::Anonymous | Caller::OriginAccessIdentity(_) => CallerKind::Nobody,
    }
}

/// Actions that the policy must allow too: for whoever passes tags or a source identity [TRUST-03], and always
/// for IAM Roles Anywhere [TRUST-26].
fn also_needed(caller: &Caller, context: &Context) -> Vec<&'static Action> {
    let anywhere = *caller == Caller::Service("rolesanywhere.amazonaws.com".into());
    let passes = |family: &str| context.iter().any(|(key, _)| key.folded().starts_with(family));
    let tags = ["aws:requesttag/", "aws:tagkeys", "sts:transitivetagkeys"]
        .into_iter()
        .any(passes);
    let mut names = Vec::new();
    if anywhere || tags {
        names.push("sts:TagSession");
    }
    if anywhere || passes("sts:sourceidentity") {
        names.push("sts:SetSourceIdentity");
    }
    names.into_iter().filter_map(find_action).collect()
}

fn hear_all(asked: Asked<'_>, scope: &RoleScope<'_>, trace: &mut Trace) -> Heard {
    hear_resource_control(asked, scope, trace).and(hear_trust(asked, scope, trace))
}

/// RCPs deny, they never allow [EVAL-13], [TRUST-22].
fn hear_resource_control(asked: Asked<'_>, scope: &RoleScope<'_>, trace: &mut Trace) -> Heard {
    let kind = DocumentKind::ResourceControlPolicy;
    if scope.organization.is_none() {
        trace.push(Step::about(kind, Outcome::NotEvaluated));
    }
    if asked.identity.is_service_linked() {
        return Heard::default();
    }
    let heard = scope
        .resource_control_policies()
        .map(|policy| hear(&policy.content, kind, asked, trace))
        .fold(Heard::default(), Heard::and);
    heard.denies_only()
}

/// Every role has a trust policy [TRUST-01], so one that the input does not carry is not known.
fn hear_trust(asked: Asked<'_>, scope: &RoleScope<'_>, trace: &mut Trace) -> Heard {
    match &scope.role.trust {
        Setting::Absent => Heard::default(),
        Setting::Set(document) => hear(&document.value, DocumentKind::TrustPolicy, asked, trace),
        Setting::Unknown(unknown) => hear_unknown(unknown, DocumentKind::TrustPolicy, trace),
    }
}
