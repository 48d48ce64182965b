use super::identity::{Identity, Owner};
use crate::engine::{Caller, Context, Request};
use crate::iam::{AccountId, AwsPrincipal, Entity, Partition, Principal, Provider, Timestamp};
use crate::model::Account;

/// Fills in the context keys that every real request of this caller carries and that the request does not state.
///
/// What the caller fixes comes from the table of contexts [CTX-01…28]; the rest is what an ordinary request has:
/// TLS, a public address unless it comes through a VPC endpoint, and the time `now`. Organization, tags, MFA,
/// referer and what a client may leave out stay absent. `accounts` tell the principal behind a unique or canonical id;
/// what nobody tells of a caller becomes a value that nothing names.
///
/// Source: IAM User Guide, "AWS global condition context keys".
pub fn complete(request: &mut Request, accounts: &[Account], owner: Option<AccountId>, now: Timestamp) {
    let is_s3 = request.action.folded.starts_with("s3:");
    let context = &mut request.context;
    of_caller(&request.caller, accounts, context);
    of_connection(&request.caller, context);
    of_time(context, now);
    if let Some(owner) = owner {
        default(context, "aws:ResourceAccount", &owner.to_string());
    }
    if is_s3 {
        of_s3(request, owner);
    } else {
        of_sts(request);
    }
}

/// [CTX-01…09]
fn of_caller(caller: &Caller, accounts: &[Account], context: &mut Context) {
    match caller {
        Caller::Anonymous => {
            default(context, "aws:PrincipalAccount", "anonymous");
            default(context, "aws:PrincipalType", "Anonymous");
            default(context, "aws:userid", "anonymous");
        }
        Caller::Aws(principal) => of_principal(principal, accounts, context),
        Caller::UniqueId(id) => {
            let is_role = id.starts_with("AROA");
            let userid = if is_role && !id.contains(':') {
                format!("{id}:{SESSION}")
            } else {
                id.to_string()
            };
            default(context, "aws:userid", &userid);
            let entity = if is_role {
                Entity::Role("unknown".into())
            } else {
                Entity::User("unknown".into())
            };
            of_principal(&principal_behind(caller, accounts, entity), accounts, context);
        }
        Caller::Canonical(_) => of_principal(&principal_behind(caller, accounts, Entity::Root), accounts, context),
        Caller::OriginAccessIdentity(_) => default(context, "aws:PrincipalIsAWSService", "false"),
        Caller::Service(name) => {
            default(context, "aws:PrincipalType", "Service");
            default(context, "aws:PrincipalIsAWSService", "true");
            default(context, "aws:PrincipalServiceName", name);
            if !context.contains("aws:PrincipalServiceNamesList") {
                context.set_many("aws:PrincipalServiceNamesList", vec![name.to_string()]);
            }
        }
        Caller::Federated(provider) => of_provider(provider, context),
    }
}

/// The principal that the input knows behind an id, or one of an account that nothing names.
fn principal_behind(caller: &Caller, accounts: &[Account], entity: Entity) -> AwsPrincipal {
    let identity = Identity::new(caller, accounts, &Owner::default());
    identity.principal.unwrap_or(AwsPrincipal {
        partition: Partition::AWS,
        account: identity.account.unwrap_or_default(),
        entity,
    })
}

fn of_principal(principal: &AwsPrincipal, accounts: &[Account], context: &mut Context) {
    let account = principal.account;
    let known = |fresh: &'static str| unique_id(principal, accounts).unwrap_or(fresh);
    let (arn, kind, userid) = match &principal.entity {
        Entity::Root => (principal.to_string(), "Account", account.to_string()),
        Entity::User(_) => (principal.to_string(), "User", known(FRESH_USER).to_owned()),
        Entity::Role(_) => (
            principal.to_string(),
            "AssumedRole",
            format!("{}:{SESSION}", known(FRESH_ROLE)),
        ),
        // [TRUST-11]: the path of the role is not part of the session's ARN.
        Entity::AssumedRole { role, session } => (
            format!("arn:{}:iam::{account}:role/{role}", principal.partition),
            "AssumedRole",
            format!("{}:{session}", known(FRESH_ROLE)),
        ),
        Entity::FederatedUser(name) => (principal.to_string(), "FederatedUser", format!("{account}:{name}")),
    };
    default(context, "aws:PrincipalArn", &arn);
    default(context, "aws:PrincipalAccount", &account.to_string());
    default(context, "aws:PrincipalType", kind);
    default(context, "aws:userid", &userid);
    default(context, "aws:PrincipalIsAWSService", "false");
    if let (Entity::User(_), Some(name)) = (&principal.entity, principal.entity.name()) {
        default(context, "aws:username", name);
    }
}

/// The unique id that the input knows of a user, of a role, or of the role behind a session.
fn unique_id<'a>(principal: &AwsPrincipal, accounts: &'a [Account]) -> Option<&'a str> {
    let is_same = |known: &AwsPrincipal| match (&known.entity, &principal.entity) {
        (Entity::Role(_), Entity::AssumedRole { role, .. }) => {
            known.account == principal.account && known.entity.name() == Some(&**role)
        }
        _ => known == principal,
    };
    let mut ids = accounts.iter().flat_map(|account| &account.unique_ids);
    ids.find(|(_, arn)| matches!(Principal::from_aws(arn), Ok(Principal::Aws(known)) if is_same(&known)))
        .map(|(id, _)| &**id)
}

/// Every token has a subject and an audience [TRUST-38], every SAML assertion a recipient [TRUST-29].
fn of_provider(provider: &Provider, context: &mut Context) {
    default(context, "aws:FederatedProvider", &provider.to_string());
    match provider {
        Provider::Saml { .. } => default(context, "saml:aud", "https://signin.aws.amazon.com/saml"),
        Provider::Oidc { issuer, .. } => {
            default(context, &format!("{issuer}:aud"), "sts.amazonaws.com");
            default(context, &format!("{issuer}:sub"), "nobody-in-particular");
        }
        Provider::BuiltIn(host) => {
            default(context, &format!("{host}:aud"), "nothing-in-particular");
            default(context, &format!("{host}:sub"), "nobody-in-particular");
        }
    }
}

/// [CTX-11…16]
fn of_connection(caller: &Caller, context: &mut Context) {
    default(context, "aws:ViaAWSService", "false");
    default(context, "aws:SecureTransport", "true");
    default(context, "aws:RequestedRegion", "us-east-1");
    default(context, "aws:UserAgent", "aws-cli/2");
    let through_endpoint = ENDPOINT_KEYS.iter().any(|key| context.contains(key));
    match caller {
        Caller::Service(_) => {}
        Caller::Anonymous
        | Caller::Aws(_)
        | Caller::Canonical(_)
        | Caller::UniqueId(_)
        | Caller::OriginAccessIdentity(_)
        | Caller::Federated(_)
            if through_endpoint => {}
        Caller::Anonymous
        | Caller::Aws(_)
        | Caller::Canonical(_)
        | Caller::UniqueId(_)
        | Caller::OriginAccessIdentity(_)
        | Caller::Federated(_) => default(context, "aws:SourceIp", "198.51.100.7"),
    }
}

/// Both keys of time say the same; what is stated of one holds for the other.
fn of_time(context: &mut Context, now: Timestamp) {
    let stated = ["aws:CurrentTime", "aws:EpochTime"]
        .iter()
        .find_map(|key| context.one(key)?.parse::<Timestamp>().ok());
    let now = stated.unwrap_or(now);
    default(context, "aws:CurrentTime", &now.to_string());
    default(context, "aws:EpochTime", &now.0.div_euclid(1000).to_string());
}

/// [CTX-19], [CTX-22…26]
fn of_s3(request: &mut Request, owner: Option<AccountId>) {
    let context = &mut request.context;
    if let Some(owner) = owner {
        default(context, "s3:ResourceAccount", &owner.to_string());
    }
    if context.one("aws:SecureTransport") == Some("true") {
        default(context, "s3:TlsVersion", "1.3");
    }
    if request.caller != Caller::Anonymous {
        default(context, "s3:authType", "REST-HEADER");
        default(context, "s3:signatureversion", "AWS4-HMAC-SHA256");
        default(context, "s3:signatureAge", "0");
    }
    if request.action.has_key("s3:max-keys") {
        default(context, "s3:max-keys", "1000");
    }
}

/// Whoever assumes a role names the session [TRUST-19].
fn of_sts(request: &mut Request) {
    default(&mut request.context, "sts:RoleSessionName", SESSION);
}

fn default(context: &mut Context, name: &str, value: &str) {
    if !context.contains(name) {
        context.set(name, value);
    }
}

/// Keys that only requests through a VPC endpoint have [CTX-13].
const ENDPOINT_KEYS: &[&str] = &[
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
];

const FRESH_USER: &str = "AIDA0000000000000000";
const FRESH_ROLE: &str = "AROA0000000000000000";
const SESSION: &str = "bucketproof";
