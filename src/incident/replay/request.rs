//! What an event of a log was asking for, as the engine takes it.
//!
//! What the log tells becomes a key of the context. What it does not tell is absent, and told apart into what cannot have been
//! there and what may have been: [`Asked::may_carry`].

use std::net::IpAddr;

use super::actions::actions;
use crate::engine::{Caller, Context, Presence, Request, caller_from_text, presence};
use crate::iam::{Action, AwsPrincipal, CanonicalId, Entity, Partition, Principal, PrincipalElement, find_action};
use crate::incident::trace::Place;
use crate::model::{Actor, ActorKind, ApiEvent, EventOrigin};

/// One request to a bucket, an object or a role, with what is not known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The request, with what the log tells of its context.
    pub request: Request,
    /// The caller as a policy names it.
    principal: Principal,
    /// Whether the log names the caller, and not only its account [CT-16].
    is_named: bool,
    told: Told,
}

/// What the log tells of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    /// The parameters, so that headers that are not there were not sent.
    parameters: bool,
    /// Whether it came from an address of the internet, and so through no endpoint; none where no address is told.
    internet: Option<bool>,
    /// Whether a long-term key signed, or none at all.
    no_session: bool,
    /// Whether no service called for the caller [CT-20].
    direct: bool,
}

/// The requests that an event stands for: all of them must be allowed for the call to succeed. None where no resource policy
/// speaks of it: who calls and the identity's own policies decide.
pub fn asked(event: &ApiEvent) -> Vec<Asked> {
    let Some((caller, principal, is_named)) = caller(&event.actor) else {
        return Vec::new();
    };
    let told = told(event, &caller);
    targets(event)
        .into_iter()
        .map(|(action, resource)| Asked {
            request: Request {
                caller: caller.clone(),
                action,
                resource,
                context: context(event, action, &told),
            },
            principal: principal.clone(),
            is_named,
            told,
        })
        .collect()
}

impl Asked {
    /// Whether the real request may have carried a key, given in lower case, that the log does not tell.
    pub(super) fn may_carry(&self, folded: &str) -> bool {
        if self.request.context.iter().any(|(key, _)| key.folded() == folded) || FIXED.contains(&folded) {
            return false;
        }
        let never = presence(folded, &[&self.principal], &[self.request.action]) == Presence::Never;
        !never && !self.is_absent(folded)
    }

    /// Whether the log tells that the request carried no such key.
    pub(super) fn is_absent(&self, folded: &str) -> bool {
        let is_header = folded.starts_with("s3:x-amz-") && folded != "s3:x-amz-content-sha256";
        let is_parameter = matches!(folded, "s3:prefix" | "s3:delimiter" | "s3:max-keys" | "s3:versionid");
        match folded {
            _ if is_header || is_parameter => self.told.parameters,
            "aws:sourceip" => self.told.internet == Some(false),
            _ if folded.starts_with("aws:sourcevpc") || folded.starts_with("aws:vpc") => {
                self.told.internet == Some(true)
            }
            "aws:tokenissuetime" | "aws:sourceidentity" => self.told.no_session,
            _ if folded.starts_with("aws:multifactorauth") => self.told.no_session,
            _ if folded.starts_with("aws:calledvia") => self.told.direct,
            _ => false,
        }
    }

    /// The caller as a policy names it.
    pub(super) fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Whether the log leaves open if the caller is one of these principals, because it tells no more than the account.
    pub(super) fn may_be(&self, named: &PrincipalElement) -> bool {
        let account = self.request.caller.account();
        let is_of_account = |principal: &Principal| match principal {
            Principal::Aws(principal) => Some(principal.account) == account,
            Principal::Everyone
            | Principal::Account(_)
            | Principal::Deleted(_)
            | Principal::Canonical(_)
            | Principal::OriginAccessIdentity(_)
            | Principal::Service(_)
            | Principal::Federated(_) => false,
        };
        !self.is_named && named.entries.iter().any(|entry| is_of_account(&entry.value))
    }
}

/// Who called, as the engine and as a policy names it.
fn caller(actor: &Actor) -> Option<(Caller, Principal, bool)> {
    if actor.is_anonymous() {
        let (caller, principal) = caller_from_text("anonymous").ok()?;
        return Some((caller, principal, true));
    }
    let named = |text: &str| {
        caller_from_text(text)
            .ok()
            .map(|(caller, principal)| (caller, principal, true))
    };
    if actor.kind == ActorKind::AwsService {
        return named(actor.invoked_by.as_deref()?);
    }
    if actor.kind == ActorKind::CanonicalUser {
        let id = CanonicalId::new(actor.principal_id.as_deref()?);
        return Some((Caller::Canonical(id.clone()), Principal::Canonical(id), true));
    }
    if let Some(found) = actor.arn.as_deref().and_then(named) {
        return Some(found);
    }
    if let Some(found) = actor
        .provider
        .as_deref()
        .filter(|_| actor.account.is_none())
        .and_then(named)
    {
        return Some(found);
    }
    // [CT-16]: the owner of a resource sees the account of a foreign caller, and an id that only its account can resolve.
    let account = actor.account?;
    let partition = Partition::default();
    let entity = Entity::Role("unknown".into());
    let principal = AwsPrincipal {
        partition,
        account,
        entity,
    };
    Some((Caller::Aws(principal), Principal::Account(account), false))
}

/// Actions and ARNs that the call is about.
fn targets(event: &ApiEvent) -> Vec<(&'static Action, String)> {
    if &*event.service == "sts.amazonaws.com" {
        let role = parameter(event, "roleArn");
        let action = find_action(&format!("sts:{}", event.name));
        return action.zip(role).into_iter().collect();
    }
    if !event.service.starts_with("s3") {
        return Vec::new();
    }
    let place = Place::of(event);
    let Some(bucket) = &place.bucket else {
        return Vec::new();
    };
    let versioned = place.version_asked.is_some() && event.origin == EventOrigin::CloudTrail;
    let mut targets: Vec<(&'static Action, String)> = actions(&event.name, versioned)
        .into_iter()
        .map(|action| (action, arn(bucket, place.key.as_deref())))
        .collect();
    if let Some((bucket, key, version)) = &place.copied_from {
        let read = actions("GetObject", version.is_some());
        targets.extend(read.into_iter().map(|action| (action, arn(bucket, Some(key)))));
    }
    targets
}

fn arn(bucket: &str, key: Option<&str>) -> String {
    match key {
        // A bucket can be named by the ARN or alias of an access point.
        _ if bucket.starts_with("arn:") => match key {
            Some(key) => format!("{bucket}/object/{key}"),
            None => bucket.to_owned(),
        },
        Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
        None => format!("arn:aws:s3:::{bucket}"),
    }
}

fn told(event: &ApiEvent, caller: &Caller) -> Told {
    let address = event.source_ip.as_deref().and_then(|text| text.parse::<IpAddr>().ok());
    let long_term = event
        .actor
        .access_key
        .as_deref()
        .is_some_and(|key| key.starts_with("AKIA"));
    Told {
        parameters: event.parameters.is_some() && event.origin == EventOrigin::CloudTrail,
        // An address of a private network came through an endpoint, which the log need not name.
        internet: address.map(|address| event.vpc_endpoint.is_none() && !is_private(address)),
        no_session: long_term || *caller == Caller::Anonymous,
        direct: event.actor.invoked_by.is_none(),
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

/// What the log tells of the context [CTX-01…28].
fn context(event: &ApiEvent, action: &Action, told: &Told) -> Context {
    let mut context = Context::default();
    let actor = &event.actor;
    let mut set = |key: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            context.set(key, value);
        }
    };
    match told.internet {
        Some(true) => set("aws:SourceIp", event.source_ip.as_deref()),
        Some(false) => set("aws:VpcSourceIp", event.source_ip.as_deref()),
        None => {}
    }
    set("aws:SourceVpce", event.vpc_endpoint.as_deref());
    let tls = event.tls.map(|tls| tls.to_string());
    set("aws:SecureTransport", tls.as_deref());
    // S3 logs it in brackets.
    let agent = event.user_agent.as_deref().map(|agent| agent.trim_matches(['[', ']']));
    set("aws:UserAgent", agent);
    set("aws:RequestedRegion", Some(&*event.region));
    set("aws:ViaAWSService", Some(if told.direct { "false" } else { "true" }));
    if !actor.is_anonymous() && actor.kind != ActorKind::CanonicalUser {
        set("aws:userid", actor.principal_id.as_deref());
    }
    // The session's ARN leaves out the path of the role [TRUST-11].
    if actor.kind == ActorKind::AssumedRole {
        set("aws:PrincipalArn", actor.issuer.as_deref());
    }
    if !told.no_session {
        set("aws:TokenIssueTime", actor.session_created.as_deref());
        set("aws:SourceIdentity", actor.source_identity.as_deref());
        let mfa = actor.mfa.map(|mfa| mfa.to_string());
        set("aws:MultiFactorAuthPresent", mfa.as_deref());
    }
    let signed = match event.authentication.as_deref() {
        Some("AuthHeader") => Some("REST-HEADER"),
        Some("QueryString") => Some("REST-QUERY-STRING"),
        Some("HtmlForm") => Some("POST"),
        Some(_) | None => None,
    };
    if action.name.starts_with("s3:") {
        set("s3:authType", signed);
    }
    headers(event, action, &mut context);
    if action.name.starts_with("sts:") {
        for (key, name) in [
            ("sts:RoleSessionName", "roleSessionName"),
            ("sts:ExternalId", "externalId"),
        ] {
            if let Some(value) = parameter(event, name) {
                context.set(key, value);
            }
        }
    }
    context
}

/// Headers and query parameters that are keys of the action [CT-81].
fn headers(event: &ApiEvent, action: &Action, context: &mut Context) {
    let members: serde_json::Map<String, serde_json::Value> = event
        .parameters
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    for (name, value) in &members {
        let key = format!("s3:{}", name.to_lowercase());
        let is_key =
            name.starts_with("x-amz-") || matches!(name.as_str(), "prefix" | "delimiter" | "max-keys" | "versionId");
        if let Some(value) = value
            .as_str()
            .filter(|value| is_key && !value.is_empty() && action.has_key(&key))
        {
            context.set(&key, value);
        }
    }
}

fn parameter(event: &ApiEvent, name: &str) -> Option<String> {
    let parameters: serde_json::Value = serde_json::from_str(event.parameters.as_deref()?).ok()?;
    parameters.get(name)?.as_str().map(ToOwned::to_owned)
}

/// Keys that caller, resource and time fix, which the engine fills in.
const FIXED: &[&str] = &[
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:username",
    "aws:resourceaccount",
    "aws:currenttime",
    "aws:epochtime",
    "aws:viaawsservice",
    "s3:resourceaccount",
    // Objects are asked for by the name of their bucket; what went through an access point is named so.
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:accesspointnetworkorigin",
];
