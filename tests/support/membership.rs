//! Whether a request falls under a grant, read off the grant as people read it.

use bucketproof::engine::{
    Caller, Context, ContextValue, DocumentKind, Estate, Grant, GrantSource, Grantee, Request, Residual, Verdict,
    decide_bucket, decide_role,
};
use bucketproof::iam::{AccountId, AwsPrincipal, Entity, Partition, PolicyKind, Principal, action};
use bucketproof::model::{Account, AclGrantee, Bucket, Inventory, Role, Setting};
use bucketproof::source::Span;
use serde_json::{Map, Value, json};

use super::document::document;
use super::generate::World;

/// How a caller belongs to the class that a grant goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// The grant speaks of this very caller.
    Exact,
    /// The grant goes to a wider class, of which this caller is a special case.
    Wider,
    /// The grant has nothing to do with the caller.
    None,
}

/// How the caller of a request belongs to a grantee.
pub fn membership(grant: &Grant, request: &Request, world: &World) -> Membership {
    let caller = &request.caller;
    let named = is_named(request, world);
    let exact = |is: bool| if is { Membership::Exact } else { Membership::Wider };
    let only = |is: bool| if is { Membership::Exact } else { Membership::None };
    match (&grant.grantee, caller) {
        (Grantee::Anonymous, _) => exact(*caller == Caller::Anonymous),
        (Grantee::AnyAwsAccount, Caller::Anonymous | Caller::Federated(_)) => Membership::None,
        (Grantee::AnyAwsAccount, Caller::Aws(_)) => exact(!named && !is_account_named(request, world)),
        (Grantee::AnyAwsAccount, _) => Membership::Wider,
        (Grantee::Organization(id), Caller::Aws(_) | Caller::UniqueId(_) | Caller::Canonical(_)) => {
            match request.context.one("aws:PrincipalOrgID") {
                Some(own) if *own == **id => {
                    exact(!is_account_named(request, world) && matches!(caller, Caller::Aws(_)))
                }
                Some(_) | None => Membership::None,
            }
        }
        (Grantee::Service(None), Caller::Service(name)) => exact(!mentioned(world, name)),
        (Grantee::Service(Some(name)), Caller::Service(own)) => only(name == own),
        (Grantee::Federated(provider), Caller::Federated(own)) => only(**provider == *own.to_string()),
        (Grantee::Account(account), _) => account_membership(*account, request, world),
        (Grantee::CanonicalUser(id), Caller::Canonical(own)) => only(id == own),
        (Grantee::CloudFrontOai(id), Caller::OriginAccessIdentity(own)) => only(id == own),
        (Grantee::Principal(id), _) => principal_membership(id, request, world),
        _ => Membership::None,
    }
}

/// An account's own principals; whoever comes through its access points [AP-06]; who is known by an id of it.
fn account_membership(account: AccountId, request: &Request, world: &World) -> Membership {
    let through = request.context.one("s3:DataAccessPointAccount") == Some(&*account.to_string())
        && owner(world) != Some(account);
    let member = match &request.caller {
        Caller::Aws(principal) if principal.account == account => {
            // A grant to whoever comes through its access points is not about its own principals [AP-06].
            if is_named(request, world) || through {
                Membership::Wider
            } else {
                Membership::Exact
            }
        }
        Caller::UniqueId(_) | Caller::Canonical(_) => {
            match request.context.one("aws:PrincipalAccount") == Some(&*account.to_string()) {
                true => Membership::Wider,
                false => Membership::None,
            }
        }
        _ => Membership::None,
    };
    match member {
        Membership::None if through => Membership::Wider,
        member => member,
    }
}

fn principal_membership(id: &str, request: &Request, world: &World) -> Membership {
    let user_id = request.context.one("aws:userid").unwrap_or_default();
    let known = |unique: &str| {
        let accounts = world.inventory.accounts.iter();
        accounts
            .flat_map(|account| account.unique_ids.get(unique))
            .next()
            .map(|arn| arn.to_string())
    };
    let by_id = |unique: &str| unique == id || unique.split(':').next() == Some(id);
    match &request.caller {
        Caller::Aws(principal) => {
            let own = principal.to_string();
            let of_role = match Principal::from_aws(id) {
                Ok(Principal::Aws(role)) => is_session_of(principal, &role),
                _ => false,
            };
            if own == id {
                Membership::Exact
            } else if of_role || by_id(user_id) {
                Membership::Wider
            } else {
                Membership::None
            }
        }
        Caller::UniqueId(unique) => {
            let arn = known(unique.split(':').next().unwrap_or(unique));
            if by_id(unique) || by_id(user_id) || arn.as_deref() == Some(id) {
                Membership::Wider
            } else {
                Membership::None
            }
        }
        _ => Membership::None,
    }
}

fn is_session_of(session: &AwsPrincipal, role: &AwsPrincipal) -> bool {
    match (&session.entity, &role.entity) {
        (Entity::AssumedRole { role: name, .. }, Entity::Role(_)) => {
            session.account == role.account && role.entity.name() == Some(&**name)
        }
        _ => false,
    }
}

fn owner(world: &World) -> Option<AccountId> {
    world.inventory.accounts.first().and_then(|account| account.id)
}

/// Whether some document names the caller or something that is its own: then it is not just anybody.
fn is_named(request: &Request, world: &World) -> bool {
    let own = |key: &str| request.context.one(key).is_some_and(|value| mentioned(world, value));
    let organization = match request.context.one("aws:PrincipalOrgID") {
        Some(id) => mentioned(world, id),
        None => false,
    };
    let arn = match &request.caller {
        Caller::Aws(principal) => mentioned(world, &principal.to_string()),
        _ => false,
    };
    let id = request.context.one("aws:userid").unwrap_or_default();
    let id = id.split(':').next().unwrap_or(id);
    arn || own("aws:PrincipalArn") || mentioned(world, id) || organization
}

/// Whether some document names the caller's account, by id or canonical id, or it is the owner's.
fn is_account_named(request: &Request, world: &World) -> bool {
    let Some(id) = request.caller.account() else {
        return true;
    };
    let known = world.inventory.accounts.iter().find(|account| account.id == Some(id));
    let canonical = known.and_then(|account| account.canonical_id.as_ref());
    let acls = world
        .inventory
        .buckets
        .iter()
        .flat_map(|bucket| &bucket.objects)
        .map(|object| &object.acl);
    let acls = acls.chain(world.inventory.buckets.iter().map(|bucket| &bucket.acl));
    let mut grantees = acls
        .filter_map(|acl| acl.value())
        .flat_map(|acl| &acl.grants)
        .map(|grant| &grant.grantee);
    Some(id) == owner(world)
        || mentioned(world, &id.to_string())
        || canonical.is_some_and(|canonical| {
            mentioned(world, canonical.as_str())
                || grantees.any(|grantee| *grantee == AclGrantee::Canonical(canonical.clone()))
        })
}

/// Whether a text occurs in some document.
fn mentioned(world: &World, text: &str) -> bool {
    !text.is_empty() && world.texts.iter().any(|document| document.contains(text))
}

/// Whether the request's action, resource and context are those of the grant.
///
/// Conditions are read by the concrete side itself, each as the one condition of a policy that allows everybody. Residuals
/// that stand for a whole statement cannot be read that way: they count as met, or not where certainty is asked for.
pub fn covers(grant: &Grant, request: &Request, world: &World, certainly: bool) -> bool {
    if !grant.actions.contains(&request.action.id) {
        return false;
    }
    if certainly && is_foreign_object(request, world) {
        // A grant on `b/*` speaks of the bucket owner's objects [OWN-07].
        return false;
    }
    let by_acl = |source: &GrantSource| matches!(source.document, DocumentKind::BucketAcl | DocumentKind::ObjectAcl);
    if certainly && grant.sources.iter().any(by_acl) && request.context.one("s3:DataAccessPointArn").is_some() {
        // An ACL speaks of requests that come straight to the bucket [AP-01].
        return false;
    }
    let role = !world.inventory.roles.is_empty();
    if role && certainly && passes_more(grant, request) {
        return false;
    }
    if role && !request.action.name.starts_with("sts:AssumeRole") {
        // What only goes with assuming a role does nothing alone [TRUST-02].
        return false;
    }
    let by_access_point = |resource: &str| resource.contains(":accesspoint/");
    if grant.resources.iter().any(|resource| by_access_point(resource)) != by_access_point(&request.resource) {
        return false;
    }
    if !role && !on_resources(&grant.resources, request, world) {
        return false;
    }
    grant.conditions.iter().all(|condition| match &*condition.operator {
        "NotDeniedBy" | "NotBinaryEquals" | "NotBinaryEqualsIfExists" => !certainly,
        "NotResource" => !on_resources(&condition.values, request, world),
        "Resource" => on_resources(&condition.values, request, world),
        _ => holds(condition, request, world),
    })
}

/// Whether the request is for an object that another account owns.
fn is_foreign_object(request: &Request, world: &World) -> bool {
    let Some(bucket) = world.inventory.buckets.first() else {
        return false;
    };
    bucket.objects.iter().any(|object| {
        let owner = object.acl.value().and_then(|acl| acl.owner.as_ref());
        owner.is_some() && owner != bucket.owner.as_ref() && request.resource.ends_with(&format!("/{}", object.key))
    })
}

/// Whether the request passes session tags or a source identity, which the grant does not speak of [TRUST-03].
fn passes_more(grant: &Grant, request: &Request) -> bool {
    let allows = |name: &str| {
        grant
            .actions
            .iter()
            .filter_map(|id| action(*id))
            .any(|action| action.name == name)
    };
    request.context.iter().any(|(key, _)| {
        let key = key.folded();
        let tags = key.starts_with("aws:requesttag/") || key == "aws:tagkeys" || key == "sts:transitivetagkeys";
        tags && !allows("sts:TagSession") || key == "sts:sourceidentity" && !allows("sts:SetSourceIdentity")
    })
}

fn on_resources(resources: &[String], request: &Request, world: &World) -> bool {
    let resources: Vec<String> = resources.iter().map(|resource| in_bucket(resource)).collect();
    let resource = json!({ "Resource": resources });
    allowed(resource.as_object().cloned().unwrap_or_default(), request, world)
}

/// A resource through the access point as the one of the bucket behind it.
fn in_bucket(resource: &str) -> String {
    let objects = resource.replace(
        "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/",
        "arn:aws:s3:::b/",
    );
    objects.replace("arn:aws:s3:us-east-1:111122223333:accesspoint/ap", "arn:aws:s3:::b")
}

fn holds(condition: &Residual, request: &Request, world: &World) -> bool {
    let block = json!({
        "Resource": "*",
        "Condition": { condition.operator.clone(): { condition.key.clone(): condition.values } },
    });
    allowed(block.as_object().cloned().unwrap_or_default(), request, world)
}

/// Whether a policy that allows everybody this would allow the request's context and resource.
fn allowed(elements: Map<String, Value>, request: &Request, world: &World) -> bool {
    let is_role = !world.inventory.roles.is_empty();
    let principal = match &request.caller {
        Caller::Service(name) if is_role => json!({ "Service": &**name }),
        Caller::Federated(provider) if is_role => json!({ "Federated": provider.to_string() }),
        _ => json!({ "AWS": "*" }),
    };
    let actions = [request.action.name, "sts:TagSession", "sts:SetSourceIdentity"];
    let actions = if is_role { &actions[..] } else { &actions[..1] };
    let mut statement = json!({ "Effect": "Allow", "Principal": principal, "Action": actions });
    if let Some(map) = statement.as_object_mut() {
        map.extend(elements.into_iter().filter(|(name, _)| !is_role || name != "Resource"));
    }
    let text = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let kind = if is_role { PolicyKind::Trust } else { PolicyKind::Bucket };
    let policy = document(&text, kind).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    let accounts = world.inventory.accounts.iter().cloned();
    let mut inventory = Inventory {
        accounts: accounts
            .map(|account| Account {
                public_access_block: Setting::Absent,
                ..account
            })
            .collect(),
        ..Inventory::default()
    };
    if let Some(role) = world.inventory.roles.first() {
        inventory.roles.push(Role {
            trust: Setting::set(policy, Span::default()),
            ..role.clone()
        });
        let estate = Estate::new(&inventory);
        return decide_role(request, &estate.role(&inventory.roles[0]), &world.options).verdict == Verdict::Allowed;
    }
    inventory.buckets.push(Bucket {
        name: "b".into(),
        account: owner(world),
        policy: Setting::set(policy, Span::default()),
        tags: world.inventory.buckets[0].tags.clone(),
        abac: world.inventory.buckets[0].abac.clone(),
        ..Bucket::default()
    });
    let estate = Estate::new(&inventory);
    // Somebody whom no block and no rule about outsiders stops.
    let probe = Request {
        caller: Caller::Aws(AwsPrincipal {
            partition: Partition::AWS,
            account: owner(world).expect("a world has an owner"),
            entity: Entity::User("probe".into()),
        }),
        action: request.action,
        resource: in_bucket(&request.resource),
        context: plain(&request.context),
    };
    decide_bucket(&probe, &estate.bucket(&inventory.buckets[0]), &world.options).verdict == Verdict::Allowed
}

fn plain(context: &Context) -> Context {
    let mut copy = Context::default();
    for (key, value) in context.iter() {
        let value = match value {
            ContextValue::One(value) => ContextValue::One(value.clone()),
            ContextValue::Many(values) => ContextValue::Many(values.clone()),
        };
        copy.insert(key.clone(), value);
    }
    copy
}
