use super::Asked;
use crate::engine::{
    Answer, BucketScope, Decision, Element, Estate, GrantEffect, Options, Outcome, Refusal, RoleScope, Step, Terms,
    Verdict, Zone, bucket_grants_of, complete, decide_bucket, decide_role,
};
use crate::iam::{AccountId, ContextKey, Effect, Statement};
use crate::model::{AccessPoint, Inventory, Setting};

/// Whether a request succeeds in a state, and what decides that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Judgement {
    /// The answer.
    pub verdict: Verdict,
    /// What decided it, in words.
    pub by: String,
}

impl Judgement {
    pub(super) fn new(verdict: Verdict, by: impl Into<String>) -> Self {
        Self { verdict, by: by.into() }
    }
}

/// Decides a request of a log in a state.
///
/// What a principal of the owner's account may do is decided by its identity policies, which are not here, unless a
/// document of the resource denies it: what no document refuses counts as allowed. An answer that hangs on something the
/// log does not tell is unknown.
pub fn judge(asked: &Asked, inventory: &Inventory, options: &Options) -> Judgement {
    let estate = Estate::new(inventory);
    let resource = asked.request.resource.as_str();
    if let Some(role) = inventory.roles.iter().find(|role| role.arn() == resource) {
        let scope = estate.role(role);
        let decision = decide_role(&completed(asked, inventory, role.account, options), &scope, options);
        return settle(asked, &decision, &of_role(&scope), false);
    }
    let Some((bucket, point)) = inventory.holder(resource) else {
        return Judgement::new(Verdict::Unknown, "the resource is not in the snapshot");
    };
    let scope = estate.bucket(bucket);
    let request = completed(asked, inventory, bucket.account, options);
    let decision = decide_bucket(&request, &scope, options);
    let is_own = bucket.account.is_some() && asked.request.caller.account() == bucket.account;
    let settled = settle(asked, &decision, &of_bucket(&scope, point), is_own);
    // What one statement leaves open another document may shut, such as Block Public Access.
    let is_open = settled.verdict == Verdict::Unknown && decision.verdict == Verdict::Denied;
    match is_open && !is_own && is_never(asked, &scope, options) {
        true => Judgement::new(Verdict::Denied, NEVER),
        false => settled,
    }
}

/// Whether no such caller is let in, whatever else the request carries.
fn is_never(asked: &Asked, scope: &BucketScope<'_>, options: &Options) -> bool {
    let resource = &asked.request.resource;
    // A key that reads as a pattern would ask about other objects as well.
    let terms = Terms {
        actions: vec![asked.request.action.name.to_owned()],
        resources: vec![resource.clone()],
        principals: vec![asked.principal().to_string()],
        ..Terms::default()
    };
    let Some(statement) = terms.statement().ok().filter(|_| !resource.contains(['*', '?', '$'])) else {
        return false;
    };
    let answers = bucket_grants_of(&statement, scope, &Zone::default(), options);
    let is_shut = |answer: &Answer| {
        let mut grants = answer.access.grants.iter();
        answer.access.indeterminate.is_empty() && !grants.any(|grant| grant.effect == GrantEffect::Effective)
    };
    !answers.is_empty() && answers.iter().all(is_shut)
}

/// The request with what every request of this caller carries, and without what the log tells was not there.
fn completed(
    asked: &Asked,
    inventory: &Inventory,
    owner: Option<AccountId>,
    options: &Options,
) -> crate::engine::Request {
    let mut request = asked.request.clone();
    if let (Some(organization), Some(account)) = (&inventory.organization, request.caller.account())
        && let Some(id) = organization
            .id
            .as_deref()
            .filter(|_| organization.accounts.contains_key(&account))
    {
        request.context.set("aws:PrincipalOrgID", id);
    }
    complete(&mut request, &inventory.accounts, owner, options.now);
    let filled: Vec<ContextKey> = request.context.iter().map(|(key, _)| key.clone()).collect();
    for key in filled.into_iter().filter(|key| asked.is_absent(key.folded())) {
        request.context.remove(&key);
    }
    request
}

/// The documents that a decision about a bucket reads.
fn of_bucket<'a>(scope: &BucketScope<'a>, point: Option<&'a AccessPoint>) -> Documents<'a> {
    let policy = point.map(|point| &point.policy);
    let policies = [Some(&scope.bucket.policy), policy].into_iter().flatten();
    let control = scope.resource_control_policies().map(|policy| &policy.content);
    Documents(
        policies
            .filter_map(Setting::value)
            .chain(control)
            .flat_map(|policy| &policy.statements)
            .collect(),
    )
}

fn of_role<'a>(scope: &RoleScope<'a>) -> Documents<'a> {
    let control = scope.resource_control_policies().map(|policy| &policy.content);
    let trust = scope.role.trust.value();
    Documents(
        trust
            .into_iter()
            .chain(control)
            .flat_map(|policy| &policy.statements)
            .collect(),
    )
}

/// The statements that a decision reads.
struct Documents<'a>(Vec<&'a Statement>);

impl Documents<'_> {
    fn of(&self, step: &Step) -> Option<&Statement> {
        let fits = |statement: &&&Statement| Some(statement.span) == step.span && Some(statement.index) == step.index;
        self.0.iter().find(fits).copied()
    }
}

/// What of a decision is sure whatever the log does not tell.
fn settle(asked: &Asked, decision: &Decision, documents: &Documents<'_>, is_own: bool) -> Judgement {
    let Some(deciding) = decision.deciding() else {
        return Judgement::new(Verdict::Unknown, "nothing decided it");
    };
    let by = deciding.to_string();
    let steps = || decision.trace.iter().filter(|step| step.index.is_some());
    let open = |step: &Step, effect| open(asked, step, documents.of(step), effect);
    let may_allow = || steps().find_map(|step| open(step, Effect::Allow));
    let may_deny = || steps().find_map(|step| open(step, Effect::Deny));
    let hangs = |on: String| Judgement::new(Verdict::Unknown, on);
    match (decision.verdict, &deciding.outcome) {
        (Verdict::Unknown, _) => Judgement::new(Verdict::Unknown, by),
        // The name of the event was turned into an action that is none of this resource.
        (Verdict::Denied, Outcome::Refuses(Refusal::ResourceType | Refusal::OtherResource)) => {
            Judgement::new(Verdict::Unknown, by)
        }
        (Verdict::Denied, Outcome::Denies) => {
            let sure = steps().find(|step| step.outcome == Outcome::Denies && !is_hanging(asked, documents.of(step)));
            match (sure, may_deny()) {
                (None, Some(on)) => hangs(on),
                (Some(step), _) => Judgement::new(Verdict::Denied, step.to_string()),
                (None, None) => Judgement::new(Verdict::Denied, by),
            }
        }
        (Verdict::Denied, outcome) if is_own && is_left_to_others(outcome) => match may_deny() {
            Some(on) => hangs(on),
            None => Judgement::new(Verdict::Allowed, OWN),
        },
        // An ACL that is cut says nothing about what a policy may allow.
        (Verdict::Denied, outcome) if is_left_to_others(outcome) => match may_allow() {
            Some(on) => hangs(on),
            None => Judgement::new(Verdict::Denied, by),
        },
        (Verdict::Denied, _) => Judgement::new(Verdict::Denied, by),
        (Verdict::Allowed, _) => {
            let allows =
                |step: &&Step| matches!(step.outcome, Outcome::Allows | Outcome::Delegates | Outcome::OwnerRoot);
            let sure = decision
                .trace
                .iter()
                .filter(allows)
                .any(|step| !is_hanging(asked, documents.of(step)));
            match (may_deny(), may_allow()) {
                (Some(on), _) => hangs(on),
                (None, Some(on)) if !sure && !is_own => hangs(on),
                (None, _) => Judgement::new(Verdict::Allowed, by),
            }
        }
    }
}

/// Whether a refusal leaves what other documents allow as it is, the identity policies of the owner's account among them
/// [EVAL-03].
fn is_left_to_others(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::NothingAllows | Outcome::Refuses(Refusal::AclsOff | Refusal::Blocked(..))
    )
}

/// Why a statement of this effect could have said something else to the real request, in words.
fn open(asked: &Asked, step: &Step, statement: Option<&Statement>, effect: Effect) -> Option<String> {
    let statement = statement.filter(|statement| statement.effect == effect)?;
    let on = match &step.outcome {
        Outcome::Differs(Element::Condition(_, key)) => asked.may_carry(key.folded()).then(|| key.name().to_owned()),
        Outcome::Differs(Element::Principal) => may_be(asked, statement),
        Outcome::Differs(Element::Action) => None,
        Outcome::Differs(Element::Resource) => hanging_text(asked, statement),
        Outcome::Allows | Outcome::Delegates | Outcome::Denies => hanging(asked, statement),
        Outcome::OwnerRoot
        | Outcome::Refuses(_)
        | Outcome::Open(_)
        | Outcome::NotEvaluated
        | Outcome::NothingAllows => None,
    }?;
    let unit = Step {
        outcome: Outcome::NothingAllows,
        ..step.clone()
    };
    let place = unit.to_string();
    let place = place
        .strip_suffix("nothing allows the request")
        .unwrap_or(&place)
        .trim()
        .to_owned();
    Some(format!("{place} depends on {on}, which the log does not tell"))
}

/// What a statement asks for that the log does not tell.
fn hanging(asked: &Asked, statement: &Statement) -> Option<String> {
    let keys = statement.conditions.iter().map(|condition| &condition.key);
    let open = keys.filter(|key| asked.may_carry(key.folded()));
    let first = open.map(|key| key.name().to_owned()).next();
    first
        .or_else(|| may_be(asked, statement))
        .or_else(|| hanging_text(asked, statement))
}

fn is_hanging(asked: &Asked, statement: Option<&Statement>) -> bool {
    statement.is_some_and(|statement| hanging(asked, statement).is_some())
}

fn may_be(asked: &Asked, statement: &Statement) -> Option<String> {
    asked
        .may_be(&statement.principal)
        .then(|| "the name of the caller".to_owned())
}

/// A policy variable in a statement that the log does not tell.
fn hanging_text(asked: &Asked, statement: &Statement) -> Option<String> {
    let resources = statement.resource.iter().flat_map(|element| &element.entries);
    let texts = resources.map(|entry| &*entry.value.0);
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    let texts = texts.chain(values.map(|value| &*value.text));
    let variables = texts.flat_map(|text| text.split("${").skip(1));
    let keys = variables.filter_map(|rest| rest.split(['}', ',']).next());
    keys.map(str::trim)
        .find(|key| asked.may_carry(&key.to_lowercase()))
        .map(ToOwned::to_owned)
}

const NEVER: &str = "nothing lets this caller in, whatever the log does not tell";

const OWN: &str =
    "nothing of the resource refuses it: the caller is of the owner's account, and its own policies decide";
