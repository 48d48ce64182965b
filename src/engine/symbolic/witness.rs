//! A concrete request from a model: canonical, and as close to a real one as the demands allow.

use std::sync::LazyLock;

use super::actions::ActionSet;
use super::callers::{Class, Network, Shape, Through};
use super::documents::RESOURCE;
use super::domain::{Check, KeyState, ordinary_address};
use super::fresh;
use super::keys::{FEDERATED_USER, ROOT, USER, spelling};
use super::literal::{KeyId, Value};
use super::question::{Group, Question};
use super::solve::Model;
use super::states::KeyStates;
use crate::engine::{Caller, Context, Request};
use crate::iam::{Action, AwsPrincipal, Entity, Principal, Timestamp, action, find_action};

/// Actions that show best what is at stake, most telling first.
const TELLING: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListBucket",
    "s3:PutBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutObjectAcl",
    "s3:GetBucketAcl",
    "s3:GetBucketLocation",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
];

static MOST_TELLING: LazyLock<Vec<Option<&'static Action>>> =
    LazyLock::new(|| TELLING.iter().map(|name| find_action(name)).collect());

/// The action of a set that shows best what is at stake.
pub(super) fn shown_action(set: ActionSet) -> Option<&'static Action> {
    let telling = MOST_TELLING.iter().copied().flatten();
    telling
        .into_iter()
        .find(|action| set.has(action.id))
        .or_else(|| action(set.first()?))
}

/// How telling the most telling action of a set is; smaller is better.
pub(super) fn rank(set: ActionSet) -> usize {
    let has = |action: &Option<&Action>| action.is_some_and(|action| set.has(action.id));
    MOST_TELLING.iter().position(has).unwrap_or(TELLING.len())
}

/// The request that a model describes.
pub(super) fn request(
    question: &Question<'_>,
    class: &Class,
    shape: &Shape,
    group: &Group,
    (states, object): (&KeyStates<'_>, Option<&KeyState>),
    model: &Model,
) -> Option<Request> {
    let chosen = |key: KeyId| {
        model
            .iter()
            .find(|(named, _)| *named == key)
            .map(|(_, value)| value.clone())
    };
    let mut context = Context::default();
    for (name, id) in question.documents.keys.names().zip(0_u16..) {
        let state = states.get(KeyId(id))?;
        let value = chosen(KeyId(id)).or_else(|| usual(state));
        match value {
            Some(Value::One(text)) => set(&mut context, name, text),
            Some(Value::Many(members)) => context.set_many(&spelling(name), members),
            Some(Value::Absent) | None => {}
        }
    }
    // An ordinary request says from where it comes, whether or not some document asks.
    let asked = question.documents.keys.mentions(&["aws:sourceip"]);
    if shape.network == Network::Internet && !asked && !class.is_service() {
        context.set("aws:SourceIp", ordinary_address(&question.zone.networks).to_string());
    }
    if let Some(Through::One { vpc: Some(vpc), .. }) = &shape.access_point
        && !question.documents.keys.mentions(&["aws:sourcevpc"])
    {
        context.set("aws:SourceVpc", vpc.as_deref().unwrap_or("vpc-0f0e0d0c0b0a09080"));
    }
    let resource = match (&question.place, group.on_objects) {
        (Some(place), true) => match chosen(RESOURCE).or_else(|| object.and_then(usual)) {
            Some(Value::One(key)) => format!("{}{key}", place.objects),
            Some(Value::Absent | Value::Many(_)) | None => return None,
        },
        (Some(place), false) => place.whole.clone(),
        (None, _) => String::new(),
    };
    Some(Request {
        caller: caller(question, class, shape, &context),
        action: shown_action(group.actions)?,
        resource,
        context,
    })
}

/// The value that a key has where nothing is demanded of it: absent if it may be, else the likeliest.
fn usual(state: &KeyState) -> Option<Value> {
    match state.check(&[], &mut 1000) {
        Check::Possible(value) => Some(value),
        Check::Impossible | Check::Undecided => None,
    }
}

fn set(context: &mut Context, name: &str, text: String) {
    let time = |text: &str| {
        text.parse::<i64>()
            .map(|seconds| Timestamp(seconds.saturating_mul(1000)).to_string())
    };
    match name {
        "aws:currenttime" => {
            if let Ok(iso) = time(&text) {
                context.set("aws:CurrentTime", iso);
            }
            context.set("aws:EpochTime", text);
        }
        "aws:tokenissuetime" => context.set("aws:TokenIssueTime", time(&text).unwrap_or(text)),
        _ => context.set(&spelling(name), text),
    }
}

fn caller(question: &Question<'_>, class: &Class, shape: &Shape, context: &Context) -> Caller {
    match class {
        Class::Anonymous => Caller::Anonymous,
        Class::Service(name) => Caller::Service(name.clone()),
        Class::AnyService => Caller::Service(
            context
                .one("aws:PrincipalServiceName")
                .unwrap_or("events.amazonaws.com")
                .into(),
        ),
        Class::Federated(provider) => Caller::Federated(provider.clone()),
        Class::Canonical(id) => Caller::Canonical(id.clone()),
        Class::UniqueId(id, None) => Caller::UniqueId(id.clone()),
        Class::OriginAccessIdentity(id) => Caller::OriginAccessIdentity(id.clone()),
        Class::Principal(principal) => Caller::Aws(principal.clone()),
        Class::AnyAccount
        | Class::Organization(_)
        | Class::Account(_)
        | Class::Delegated(_)
        | Class::UniqueId(_, Some(_)) => {
            let account = shape.account.unwrap_or_else(|| fresh::account(&question.named));
            if let Some(Ok(Principal::Aws(principal))) = context.one("aws:PrincipalArn").map(Principal::from_aws) {
                return Caller::Aws(principal);
            }
            let name = || context.one("aws:username").unwrap_or("example").into();
            let entity = match shape.kind {
                ROOT => Entity::Root,
                USER => Entity::User(name()),
                FEDERATED_USER => Entity::FederatedUser("example".into()),
                _ => Entity::Role("example".into()),
            };
            Caller::Aws(AwsPrincipal {
                partition: question.ground.partition,
                account,
                entity,
            })
        }
    }
}
