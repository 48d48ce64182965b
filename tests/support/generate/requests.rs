use bucketproof::engine::{Caller, Context, ContextValue, Request, complete};
use bucketproof::iam::{
    AccountId, Action, AwsPrincipal, CanonicalId, ContextKey, Entity, Partition, Principal, Provider, Target,
    find_action,
};

use super::World;
use super::constants::{Constants, constants, statements};
use super::picks::Picks;
use super::pools::{
    ACCESS_POINT, ACTIONS, BUCKET, COGNITO, GITHUB, KEYS, LOST_CANONICAL, OTHER, OTHER_CANONICAL, OWN, ROLE, SAML,
    SERVICES, STRANGER, UNIQUE_ID, UNKNOWN,
};
use super::values::{address, glob, instance, number};

/// A request near the boundaries of a world: one that can exist, made of what the documents name.
///
/// Mostly it aims at one statement, so that all of its elements are met or just missed together.
pub fn request(world: &World, picks: &[u32]) -> Request {
    let mut picks = Picks::new(picks);
    let statements = statements(world);
    let constants = if statements.is_empty() || picks.one_in(4) {
        constants(statements)
    } else {
        constants([picks.choose(&statements)])
    };
    let is_role = !world.inventory.roles.is_empty();
    let caller = caller(&constants, is_role, &mut picks);
    let action = if is_role {
        trust_action(&caller, &mut picks)
    } else {
        action(&constants, &mut picks)
    };
    let resource = if is_role {
        ROLE.to_owned()
    } else {
        resource(world, action, &constants, &mut picks)
    };
    let mut request = Request {
        caller,
        action,
        resource,
        context: Context::default(),
    };
    role_of_session(&mut request, world);
    organization(&mut request, world, &constants, &mut picks);
    network(&mut request, &constants, &mut picks);
    source(&mut request, &constants, &mut picks);
    access_point(&mut request, &constants, &mut picks);
    forwarded(&mut request, &constants, &mut picks);
    free_keys(&mut request, &constants, &mut picks);
    let accounts = &world.inventory.accounts;
    complete(&mut request, accounts, OWN.parse().ok(), world.options.now);
    request
}

/// A request in a few lines.
pub fn describe(request: &Request) -> String {
    let mut text = format!("{} {} {}", request.caller, request.action.name, request.resource);
    for (key, value) in request.context.iter() {
        match value {
            ContextValue::One(value) => text += &format!("\n    {} = {value:?}", key.name()),
            ContextValue::Many(values) => text += &format!("\n    {} = {values:?}", key.name()),
        }
    }
    text
}

fn caller(constants: &Constants, is_role: bool, picks: &mut Picks<'_>) -> Caller {
    let user = |account: &str, name: &str| aws(account, Entity::User(name.into()));
    let mut callers = vec![
        Caller::Anonymous,
        user(STRANGER, "mallory"),
        aws(STRANGER, Entity::Role("x".into())),
        aws(UNKNOWN, Entity::Role("x".into())),
        user(OTHER, "alice"),
        aws(OTHER, Entity::Root),
        user(OWN, "bob"),
        aws(OWN, Entity::Root),
        Caller::UniqueId(UNIQUE_ID.into()),
        Caller::UniqueId(format!("{UNIQUE_ID}:session").into()),
        Caller::UniqueId("AROAOTHER123456789012:s".into()),
        Caller::Canonical(CanonicalId::new(OTHER_CANONICAL)),
        Caller::Canonical(CanonicalId::new(LOST_CANONICAL)),
    ];
    callers.extend(SERVICES.iter().map(|name| Caller::Service((*name).into())));
    let named: Vec<Caller> = constants.principals.iter().flat_map(named).collect();
    if !named.is_empty() && !picks.one_in(4) {
        return picks.choose(&named);
    }
    if is_role {
        callers.extend(
            [GITHUB, SAML, COGNITO]
                .iter()
                .filter_map(|text| Provider::from_text(text).ok())
                .map(Caller::Federated),
        );
    }
    picks.choose(&callers)
}

/// Callers that a principal names, and one that it just does not.
fn named(principal: &Principal) -> Vec<Caller> {
    match principal {
        Principal::Everyone | Principal::Deleted(_) => Vec::new(),
        Principal::Account(account) => vec![aws(&account.to_string(), Entity::User("u".into()))],
        Principal::Aws(named) => {
            let mut callers = vec![Caller::Aws(named.clone())];
            if let (Entity::Role(_), Some(name)) = (&named.entity, named.entity.name()) {
                let session = |role: &str| Entity::AssumedRole {
                    role: role.into(),
                    session: "s".into(),
                };
                callers.push(aws(&named.account.to_string(), session(name)));
                callers.push(aws(&named.account.to_string(), session("other")));
            }
            callers
        }
        Principal::Canonical(id) => vec![Caller::Canonical(id.clone())],
        Principal::OriginAccessIdentity(id) => vec![Caller::OriginAccessIdentity(id.clone())],
        Principal::Service(name) => vec![Caller::Service(name.clone())],
        Principal::Federated(provider) => vec![Caller::Federated(provider.clone())],
    }
}

/// The session of a role that some document names is one of that very role, path included: names are unique.
fn role_of_session(request: &mut Request, world: &World) {
    let Caller::Aws(session) = &request.caller else { return };
    let Entity::AssumedRole { role: name, .. } = &session.entity else {
        return;
    };
    let named = constants(statements(world)).principals;
    let is_its = |role: &AwsPrincipal| {
        matches!(role.entity, Entity::Role(_)) && role.account == session.account && role.entity.name() == Some(&**name)
    };
    let role = named.iter().find_map(|principal| match principal {
        Principal::Aws(role) if is_its(role) => Some(role.to_string()),
        _ => None,
    });
    if let Some(role) = role {
        request.context.set("aws:PrincipalArn", &*role);
    }
}

fn aws(account: &str, entity: Entity) -> Caller {
    Caller::Aws(AwsPrincipal {
        partition: Partition::AWS,
        account: account.parse().expect(account),
        entity,
    })
}

/// Mostly an action that the documents name.
fn action(constants: &Constants, picks: &mut Picks<'_>) -> &'static Action {
    let patterns = constants.actions.iter().map(|pattern| pattern.to_lowercase());
    let named: Vec<&str> = patterns
        .flat_map(|pattern| ACTIONS.iter().filter(move |name| glob(&pattern, &name.to_lowercase())))
        .copied()
        .collect();
    let name = if named.is_empty() || picks.one_in(5) {
        picks.choose(ACTIONS)
    } else {
        picks.choose(&named)
    };
    find_action(name).expect(name)
}

/// Mostly the action that fits the caller.
fn trust_action(caller: &Caller, picks: &mut Picks<'_>) -> &'static Action {
    let fitting = match caller {
        Caller::Federated(Provider::Saml { .. }) => "sts:AssumeRoleWithSAML",
        Caller::Federated(Provider::Oidc { .. } | Provider::BuiltIn(_)) => "sts:AssumeRoleWithWebIdentity",
        _ => "sts:AssumeRole",
    };
    let odd = picks.choose(&[
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
    ]);
    let name = if picks.one_in(8) { odd } else { fitting };
    find_action(name).expect(name)
}

/// Mostly a resource of the kind that the action works on.
fn resource(world: &World, action: &Action, constants: &Constants, picks: &mut Picks<'_>) -> String {
    let mut keys: Vec<String> = Vec::new();
    for pattern in &constants.resources {
        let key = pattern.strip_prefix(BUCKET).and_then(|rest| rest.strip_prefix('/'));
        keys.extend(key.map(|key| instance(key, picks)).filter(|key| !key.is_empty()));
    }
    if keys.is_empty() || picks.one_in(4) {
        keys = KEYS.iter().map(|key| (*key).to_owned()).collect();
    }
    let key = picks.choose(&keys);
    let on_object = action.targets.contains(&Target::Object) != picks.one_in(12);
    let through = !world.inventory.access_points.is_empty() && picks.one_in(3);
    match (through, on_object) {
        (false, false) => BUCKET.to_owned(),
        (false, true) => format!("{BUCKET}/{key}"),
        (true, false) => ACCESS_POINT.to_owned(),
        (true, true) => format!("{ACCESS_POINT}/object/{key}"),
    }
}

/// Membership in an organization is of AWS principals only, and its two keys agree.
fn organization(request: &mut Request, world: &World, constants: &Constants, picks: &mut Picks<'_>) {
    let own = request.caller.account() == OWN.parse().ok();
    // An account of the input belongs to the organization of the input.
    let known = world
        .inventory
        .organization
        .as_ref()
        .and_then(|known| known.id.as_deref());
    let known = known.filter(|_| own);
    if !is_principal(&request.caller) || known.is_none() && picks.one_in(3) {
        return;
    }
    let mut organizations = vec!["o-fresh".to_owned(), "o-x".to_owned(), "o-abc".to_owned()];
    organizations.extend(
        constants
            .of("aws:PrincipalOrgID")
            .iter()
            .map(|value| instance(value, picks)),
    );
    organizations.retain(|id| id.starts_with("o-") && id.len() > 2 && !id.contains('/'));
    let id = known.map_or_else(|| picks.choose(&organizations), str::to_owned);
    let mut paths = vec![format!("{id}/r-1/"), format!("{id}/r-1/ou-1/")];
    let named = constants
        .of("aws:PrincipalOrgPaths")
        .iter()
        .map(|value| instance(value, picks));
    paths.extend(named.filter(|path| path.starts_with(&format!("{id}/")) && !path.contains(['*', '?'])));
    request.context.set("aws:PrincipalOrgID", &*id);
    request
        .context
        .set_many("aws:PrincipalOrgPaths", vec![picks.choose(&paths)]);
}

/// From the internet by an address, or through an endpoint without one; services have neither.
fn network(request: &mut Request, constants: &Constants, picks: &mut Picks<'_>) {
    if matches!(request.caller, Caller::Service(_)) {
        return;
    }
    let endpoints = constants.ask_for("aws:SourceVpce") || constants.ask_for("aws:SourceVpc");
    if picks.one_in(if endpoints { 2 } else { 6 }) {
        for (key, fresh) in [("aws:SourceVpce", "vpce-0123abcd"), ("aws:SourceVpc", "vpc-91237329")] {
            let mut ids = vec![fresh.to_owned(), fresh.replace("0123", "4567").replace("9123", "0000")];
            ids.extend(
                constants
                    .of(key)
                    .iter()
                    .filter(|id| !id.contains(['*', '?', '$']))
                    .cloned(),
            );
            ids.retain(|id| id.starts_with(fresh.split('-').next().unwrap_or_default()));
            request.context.set(key, picks.choose(&ids));
        }
        request.context.set("aws:VpcSourceIp", "10.0.0.7");
        return;
    }
    let mut addresses = vec![
        "198.51.100.7".to_owned(),
        "2001:db8:1::7".to_owned(),
        "8.8.8.8".to_owned(),
    ];
    addresses.extend(
        constants
            .of("aws:SourceIp")
            .iter()
            .filter_map(|range| address(range, picks)),
    );
    request.context.set("aws:SourceIp", picks.choose(&addresses));
}

/// Only a service acts for a source, and the source's account agrees with its ARN.
fn source(request: &mut Request, constants: &Constants, picks: &mut Picks<'_>) {
    if !matches!(request.caller, Caller::Service(_)) || picks.one_in(3) {
        return;
    }
    let mut sources = vec![
        format!("arn:aws:sns:us-east-1:{STRANGER}:t"),
        format!("arn:aws:sns:us-east-1:{OWN}:t"),
    ];
    sources.extend(constants.of("aws:SourceArn").iter().map(|value| instance(value, picks)));
    let account_of = |arn: &str| arn.split(':').nth(4).unwrap_or_default().to_owned();
    sources.retain(|arn| arn.starts_with("arn:aws:") && arn.splitn(6, ':').count() == 6);
    sources.retain(|arn| account_of(arn).is_empty() || account_of(arn).parse::<AccountId>().is_ok());
    if request.caller == Caller::Service("rolesanywhere.amazonaws.com".into()) {
        // It works for the account that the role belongs to [OPEN-10].
        sources.retain(|arn| account_of(arn).is_empty() || account_of(arn) == OWN);
    }
    let arn = picks.choose(&sources);
    let account = account_of(&arn);
    let account = if account.len() == 12 {
        account
    } else {
        picks.choose(&[OWN, OTHER, STRANGER, UNKNOWN]).to_owned()
    };
    request.context.set("aws:SourceArn", &*arn);
    request.context.set("aws:SourceAccount", &*account);
    let organization = if account == OWN { "o-x" } else { "o-fresh" };
    request.context.set("aws:SourceOrgID", organization);
}

/// Straight to the bucket's ARN, but through an access point that the input does not list.
fn access_point(request: &mut Request, constants: &Constants, picks: &mut Picks<'_>) {
    let asked = [
        "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn",
        "s3:AccessPointNetworkOrigin",
    ];
    let through = asked.iter().any(|key| constants.ask_for(key)) && request.resource.starts_with(BUCKET);
    if !through || !is_principal(&request.caller) || picks.one_in(2) {
        return;
    }
    let account = picks.choose(&[OWN, OTHER, STRANGER]);
    request.context.set("s3:DataAccessPointAccount", account);
    request.context.set(
        "s3:DataAccessPointArn",
        format!("arn:aws:s3:us-west-2:{account}:accesspoint/elsewhere"),
    );
    // One of VPC origin takes only what comes from its VPC [AP-04].
    let origins: &[&str] = match request.context.contains("aws:SourceVpce") {
        true => &["Internet", "VPC"],
        false => &["Internet"],
    };
    request
        .context
        .set("s3:AccessPointNetworkOrigin", picks.choose(origins));
}

/// A service calls with the caller's credentials, and so from no VPC of the caller's [CTX-11].
fn forwarded(request: &mut Request, constants: &Constants, picks: &mut Picks<'_>) {
    let asked = constants.ask_for("aws:ViaAWSService") || constants.ask_for("aws:CalledVia");
    let possible = is_principal(&request.caller) && !request.context.contains("aws:SourceVpce");
    if !(asked && possible && picks.one_in(2)) {
        return;
    }
    let mut services = vec!["athena.amazonaws.com".to_owned(), "fresh.amazonaws.com".to_owned()];
    let named = constants.of("aws:CalledVia").iter().map(|value| instance(value, picks));
    services.extend(named.filter(|name| !name.is_empty() && !name.contains(['*', '?'])));
    request.context.set("aws:ViaAWSService", "true");
    let mut via = vec![picks.choose(&services)];
    if picks.one_in(3) {
        via.push("fresh.amazonaws.com".to_owned());
    }
    request.context.set_many("aws:CalledVia", via);
}

/// Keys that a caller of this kind and a request of this action can carry as it likes.
fn free_keys(request: &mut Request, constants: &Constants, picks: &mut Picks<'_>) {
    for (key, values) in &constants.values {
        if !can_carry(request, key) {
            continue;
        }
        let mut choices: Vec<Option<String>> = vec![None, Some("fresh".to_owned())];
        match key.as_str() {
            // A service always uses TLS [IDM-16].
            "aws:securetransport" if matches!(request.caller, Caller::Service(_)) => {
                choices = vec![None, Some("true".to_owned())];
            }
            "aws:securetransport" | "aws:multifactorauthpresent" => {
                choices = vec![None, Some("true".to_owned()), Some("false".to_owned())];
            }
            "s3:tlsversion" => choices = vec![None, Some(picks.choose(&["1.0", "1.1", "1.2", "1.3"]).to_owned())],
            "s3:max-keys" => {
                choices = vec![None];
                choices.extend(values.iter().filter_map(|value| number(value, picks)).map(Some));
            }
            "saml:aud" => choices = SIGN_IN.iter().map(|page| Some((*page).to_owned())).collect(),
            "sts:rolesessionname" => {
                let names = values.iter().map(|value| instance(value, picks));
                choices.extend(names.filter(|name| is_session_name(name)).map(Some));
            }
            "token.actions.githubusercontent.com:sub" => {
                let subjects = values.iter().map(|value| instance(value, picks));
                choices = vec![None];
                choices.extend(subjects.filter(|subject| is_subject(subject)).map(Some));
            }
            _ => choices.extend(values.iter().map(|value| Some(instance(value, picks)))),
        }
        let Some(value) = picks.choose(&choices) else { continue };
        let many = MULTIVALUED.contains(&key.as_str());
        let value = match (many, picks.one_in(3)) {
            (false, _) => ContextValue::One(value),
            (true, false) => ContextValue::Many(vec![value]),
            (true, true) => ContextValue::Many(vec![value, "fresh".to_owned()]),
        };
        request.context.insert(ContextKey::new(key), value);
    }
    // Every token of Cognito says how its bearer signed in.
    let signed_in = "cognito-identity.amazonaws.com:amr";
    if request.caller.to_string() == COGNITO && !request.context.contains(signed_in) {
        let how = picks.choose(&["authenticated", "unauthenticated"]);
        request.context.set_many(signed_in, vec![how.to_owned()]);
    }
    if request.context.one("aws:SecureTransport") == Some("false") {
        request.context.remove(&ContextKey::new("s3:TlsVersion"));
    }
}

/// 2 to 64 characters of a few kinds [TRUST-19].
fn is_session_name(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "+=,.@_-".contains(char))
}

/// Whether GitHub could give a workflow this subject.
fn is_subject(text: &str) -> bool {
    let Some((repository, rest)) = text.strip_prefix("repo:").and_then(|text| text.split_once(':')) else {
        return false;
    };
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char))
    };
    let names = repository.split_once('/');
    names.is_some_and(|(owner, name)| is_name(owner) && is_name(name)) && !rest.is_empty() && !rest.contains(['*', '?'])
}

/// Whether a request may carry a key with a value of its own choice.
fn can_carry(request: &Request, key: &str) -> bool {
    let caller = &request.caller;
    let is_service = matches!(caller, Caller::Service(_));
    let is_session = match caller {
        Caller::Aws(principal) => matches!(principal.entity, Entity::Role(_) | Entity::AssumedRole { .. }),
        Caller::UniqueId(_) => true,
        _ => false,
    };
    let claim_of = match caller {
        Caller::Federated(provider) => provider.issuer().is_some_and(|issuer| key.starts_with(issuer)),
        _ => false,
    };
    match key {
        "aws:useragent" | "aws:securetransport" => true,
        "aws:referer" => !is_service,
        "aws:viaawsservice" | "aws:calledvia" => false,
        "aws:multifactorauthpresent" => is_session,
        "sts:externalid" => is_principal(caller) && request.action.has_key(key),
        "sts:rolesessionname" => request.action.has_key(key),
        "s3:accesspointnetworkorigin" | "s3:dataaccesspointaccount" | "s3:dataaccesspointarn" => false,
        "saml:aud" => matches!(caller, Caller::Federated(Provider::Saml { .. })),
        _ if key.starts_with("aws:principaltag/") => is_principal(caller),
        _ if key.starts_with("aws:requesttag/") => request.action.has_key(key),
        _ if key.starts_with("s3:") => request.action.has_key(key),
        _ => claim_of,
    }
}

fn is_principal(caller: &Caller) -> bool {
    matches!(caller, Caller::Aws(_) | Caller::Canonical(_) | Caller::UniqueId(_))
}

/// Where SAML assertions for AWS are received [TRUST-29].
const SIGN_IN: &[&str] = &["https://signin.aws.amazon.com/saml"];

const MULTIVALUED: &[&str] = &["cognito-identity.amazonaws.com:amr", "s3:requestobjecttagkeys"];
