use serde_json::{Map, Value, json};

use super::Answer;
use super::answer::{bucket_grants_of, role_grants_of};
use super::difference::{new_bucket_access, new_role_access};
use super::terms::{escaped, statement_of};
use crate::engine::symbolic::is_multivalued;
use crate::engine::{
    BucketScope, Caller, Context, ContextValue, Decision, Grant, GrantEffect, Grantee, Indeterminate, Options, Request,
    RoleScope, Verdict, Zone, complete, decide_bucket, decide_role,
};
use crate::iam::{AccountId, ContextKey, Entity, PolicyDocument, Principal, Statement, Version};
use crate::model::{Bucket, ObjectOwnership, Organization, Role, Setting};
use crate::source::Span;

/// Whether a request succeeds, and what that hangs on.
#[derive(Clone, Debug)]
pub struct Can {
    /// The request as it was decided.
    pub request: Request,
    /// Keys that nobody stated and that were filled in, as an ordinary request of this caller has them.
    pub filled: Vec<ContextKey>,
    /// The answer, with every step.
    pub decision: Decision,
    /// Where it is refused: under which other circumstances the same caller would be let through.
    pub ways: Vec<Grant>,
    /// Where it is allowed: whether other circumstances would change that.
    pub unless: Unless,
    /// What could not be decided about other circumstances.
    pub indeterminate: Vec<Indeterminate>,
}

/// Whether a request that is allowed would be refused under other circumstances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unless {
    /// That was not asked: it is refused, or comes through an access point.
    NotAsked,
    /// It is allowed under all circumstances.
    Never,
    /// It is refused under these, for one: values of keys, and none for keys that are absent.
    When(Vec<(ContextKey, Option<ContextValue>)>),
}

/// Whether a request to a bucket, its objects or access points succeeds.
///
/// Keys that the request does not state are filled in as [`complete`] does; the rest is absent. `principal` is the
/// caller as a policy names it.
pub fn can_bucket(
    stated: &Request,
    principal: &Principal,
    scope: &BucketScope<'_>,
    zone: &Zone,
    options: &Options,
) -> Can {
    let owner = scope.bucket.account;
    let request = completed(stated, scope.accounts, owner, options);
    let decide = |request: &Request| decide_bucket(request, scope, options);
    let mut can = Can::new(stated, request, &decide);
    let statement = match statement_of(stated, principal, circumstances(&can, stated)) {
        Ok(statement) => statement,
        Err(problems) => return can.without_circumstances(&problems),
    };
    match can.decision.verdict {
        Verdict::Unknown => {}
        Verdict::Denied if is_root_of_owner(&stated.caller, owner) => {
            // [EVAL-09]: it needs no statement, and so has what a statement for its account leaves it.
            let bucket = with_allowed(scope.bucket, &statement);
            let given = BucketScope {
                bucket: &bucket,
                ..scope.clone()
            };
            can.add_ways(stated, bucket_grants_of(&statement, &given, zone, options));
            can.ways.iter_mut().for_each(|grant| grant.sources.clear());
        }
        Verdict::Denied => can.add_ways(stated, bucket_grants_of(&statement, scope, zone, options)),
        Verdict::Allowed if stated.resource.contains(":accesspoint/") => {}
        Verdict::Allowed => {
            let (bucket, organization) = (open_bucket(scope, statement), scope.organization.map(without_policies));
            let open = BucketScope {
                bucket: &bucket,
                account: None,
                organization: organization.as_ref(),
                access_points: Vec::new(),
                accounts: scope.accounts,
            };
            let refused = new_bucket_access(Some(scope), &open, zone, options);
            can.add_refusal(refused, &decide);
        }
    }
    can
}

/// Whether a request to assume a role succeeds.
pub fn can_role(stated: &Request, principal: &Principal, scope: &RoleScope<'_>, zone: &Zone, options: &Options) -> Can {
    let request = completed(stated, scope.accounts, scope.role.account, options);
    let decide = |request: &Request| decide_role(request, scope, options);
    let mut can = Can::new(stated, request, &decide);
    let statement = match statement_of(stated, principal, circumstances(&can, stated)) {
        Ok(statement) => statement,
        Err(problems) => return can.without_circumstances(&problems),
    };
    match can.decision.verdict {
        Verdict::Unknown => {}
        Verdict::Denied => can.add_ways(
            stated,
            role_grants_of(&statement, scope, zone, options).into_iter().collect(),
        ),
        Verdict::Allowed => {
            let (role, organization) = (open_role(scope, statement), scope.organization.map(without_policies));
            let open = RoleScope {
                role: &role,
                organization: organization.as_ref(),
                accounts: scope.accounts,
            };
            let refused = new_role_access(Some(scope), &open, zone, options);
            can.add_refusal(refused, &decide);
        }
    }
    can
}

fn completed(
    stated: &Request,
    accounts: &[crate::model::Account],
    owner: Option<AccountId>,
    options: &Options,
) -> Request {
    let mut request = stated.clone();
    complete(&mut request, accounts, owner, options.now);
    request
}

impl Can {
    fn new(stated: &Request, request: Request, decide: &dyn Fn(&Request) -> Decision) -> Self {
        let filled = request.context.iter().map(|(key, _)| key.clone());
        Self {
            filled: filled.filter(|key| stated.context.get(key).is_none()).collect(),
            decision: decide(&request),
            request,
            ways: Vec::new(),
            unless: Unless::NotAsked,
            indeterminate: Vec::new(),
        }
    }

    /// Says that nothing can be said about other circumstances.
    fn without_circumstances(mut self, problems: &[String]) -> Self {
        let reason = format!("other circumstances cannot be asked about: {}", problems.join("; "));
        self.indeterminate.push(Indeterminate { reason, span: None });
        self
    }

    /// Keeps of the ways in what the request does not state anyway.
    fn add_ways(&mut self, stated: &Request, answers: Vec<Answer>) {
        for answer in answers {
            let grants = answer.access.grants.into_iter();
            self.ways.extend(
                grants
                    .filter(|grant| grant.effect == GrantEffect::Effective)
                    .map(|mut grant| {
                        grant
                            .conditions
                            .retain(|condition| !stated.context.contains(&condition.key));
                        grant
                    }),
            );
            self.indeterminate.extend(answer.access.indeterminate);
        }
    }

    /// Finds the fewest keys of a refused request that make this one refused.
    fn add_refusal(&mut self, refused: Vec<super::NewAccess>, decide: &dyn Fn(&Request) -> Decision) {
        self.unless = Unless::Never;
        for access in refused {
            self.indeterminate.extend(access.indeterminate);
            let anonymous = self.request.caller == Caller::Anonymous;
            let is_asked = |new: &super::NewGrant| !anonymous || new.grant.grantee == Grantee::Anonymous;
            let Some(new) = access.grants.into_iter().find(is_asked) else {
                continue;
            };
            let witness = new.grant.witness;
            let mut changes = differences(&self.request.context, &witness.context);
            let is_refused = |changes: &[Change]| {
                let mut request = self.request.clone();
                request.caller = witness.caller.clone();
                changes.iter().for_each(|change| apply(change, &mut request.context));
                decide(&request).verdict == Verdict::Denied
            };
            let mut index = 0;
            while index < changes.len() {
                let mut fewer = changes.clone();
                fewer.remove(index);
                if is_refused(&fewer) {
                    changes = fewer;
                } else {
                    index += 1;
                }
            }
            self.unless = Unless::When(changes);
            return;
        }
    }
}

type Change = (ContextKey, Option<ContextValue>);

/// How one context differs from another; what may be left as it is comes first.
fn differences(from: &Context, to: &Context) -> Vec<Change> {
    let gone = from.iter().filter(|(key, _)| to.get(key).is_none());
    let changed = to.iter().filter(|(key, value)| from.get(key) != Some(value));
    gone.map(|(key, _)| (key.clone(), None))
        .chain(changed.map(|(key, value)| (key.clone(), Some(value.clone()))))
        .collect()
}

fn apply((key, value): &Change, context: &mut Context) {
    match value {
        Some(value) => context.insert(key.clone(), value.clone()),
        None => context.remove(key),
    }
}

/// The stated context as conditions that hold exactly for it; of a set of values, for no others.
fn conditions(context: &Context) -> Map<String, Value> {
    let mut conditions: Map<String, Value> = Map::new();
    let mut add = |operator: &str, key: &ContextKey, values: Value| {
        if let Value::Object(keys) = conditions.entry(operator).or_insert_with(|| json!({})) {
            keys.insert(key.name().to_owned(), values);
        }
    };
    for (key, value) in context.iter() {
        let values: Vec<String> = match value {
            ContextValue::One(value) => vec![escaped_value(key, value)],
            ContextValue::Many(values) => values.iter().map(|value| escaped_value(key, value)).collect(),
        };
        if matches!(value, ContextValue::Many(_)) || is_multivalued(key.folded()) {
            add("ForAllValues:StringEquals", key, json!(values));
            add("ForAnyValue:StringEquals", key, json!(values));
        } else {
            add(operator(key), key, json!(values));
        }
    }
    conditions
}

fn escaped_value(key: &ContextKey, value: &str) -> String {
    match operator(key) {
        "StringEquals" => escaped(value),
        _ => value.to_owned(),
    }
}

/// The operator that compares the values of a key for what they are.
fn operator(key: &ContextKey) -> &'static str {
    match key.folded() {
        "aws:currenttime" | "aws:epochtime" | "aws:tokenissuetime" => "DateEquals",
        "aws:sourceip" | "aws:vpcsourceip" => "IpAddress",
        _ => "StringEquals",
    }
}

/// What is known of other requests of the same caller: what is stated, and of whom a principal stands for more than the
/// caller, which of them it is [CTX-04].
fn circumstances(can: &Can, stated: &Request) -> Map<String, Value> {
    let mut conditions = conditions(&stated.context);
    let is_root = matches!(&stated.caller, Caller::Aws(principal) if principal.entity == Entity::Root);
    // In what is allowed, `*` stands for an anonymous caller.
    let is_anonymous = stated.caller == Caller::Anonymous && can.decision.verdict == Verdict::Allowed;
    let kind = if is_root { "Account" } else { "Anonymous" };
    let key = ContextKey::new("aws:PrincipalType");
    if (is_root || is_anonymous)
        && stated.context.get(&key).is_none()
        && let Value::Object(keys) = conditions.entry("StringEquals").or_insert_with(|| json!({}))
    {
        keys.insert(key.name().to_owned(), json!(kind));
    }
    conditions
}

fn is_root_of_owner(caller: &Caller, owner: Option<AccountId>) -> bool {
    matches!(caller, Caller::Aws(principal) if principal.entity == Entity::Root && Some(principal.account) == owner)
}

/// The bucket with one more statement in its policy.
fn with_allowed(bucket: &Bucket, statement: &Statement) -> Bucket {
    // Conditions are what is asked, not what is given.
    let given = Statement {
        conditions: Vec::new(),
        ..statement.clone()
    };
    let given = policy(given, bucket.span);
    let document = match bucket.policy.value() {
        None => given,
        Some(known) => PolicyDocument {
            statements: [known.statements.as_slice(), given.statements.as_slice()].concat(),
            ..known.clone()
        },
    };
    Bucket {
        policy: Setting::set(document, bucket.span),
        ..bucket.clone()
    }
}

/// The bucket as it would be if nothing but the statement decided.
fn open_bucket(scope: &BucketScope<'_>, statement: Statement) -> Bucket {
    let bucket = scope.bucket;
    Bucket {
        policy: Setting::set(policy(statement, bucket.span), bucket.span),
        policy_status: Setting::Absent,
        acl: Setting::Absent,
        public_access_block: Setting::Absent,
        ownership: Setting::set(ObjectOwnership::BucketOwnerEnforced, bucket.span),
        request_payment: Setting::Absent,
        objects: Vec::new(),
        ..bucket.clone()
    }
}

fn open_role(scope: &RoleScope<'_>, statement: Statement) -> Role {
    let statement = Statement {
        resource: None,
        ..statement
    };
    Role {
        trust: Setting::set(policy(statement, scope.role.span), scope.role.span),
        ..scope.role.clone()
    }
}

/// A policy of this statement alone. It stands nowhere: what is said of it points at the resource.
fn policy(mut statement: Statement, at: Span) -> PolicyDocument {
    statement.span = at;
    statement.principal.span = at;
    // Unsigned callers match `*` only [PRIN-01]; what others get by it is not looked at.
    for entry in &mut statement.principal.entries {
        entry.span = at;
        if matches!(&entry.value, Principal::Canonical(id) if id.is_anonymous()) {
            entry.value = Principal::Everyone;
        }
    }
    PolicyDocument {
        version: Version::V2012,
        id: None,
        span: statement.span,
        statements: vec![statement],
        unresolved: Vec::new(),
    }
}

/// The organization with its members, and no policy.
fn without_policies(organization: &Organization) -> Organization {
    Organization {
        s3_policies: Vec::new(),
        resource_control_policies: Vec::new(),
        ..organization.clone()
    }
}
