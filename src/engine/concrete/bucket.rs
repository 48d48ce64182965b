use super::access_point;
use super::acl::{AclRequest, acl_side};
use super::decision::{Decision, Outcome, Question, Refusal, Step, Trace, Verdict};
use super::identity::{Belongs, Identity, Owner};
use super::keys::Keys;
use super::ownership::{Foreign, bucket_owner, is_foreign};
use super::place::{Door, Place, place};
use super::side::{Side, cut, spared};
use super::statement::{Asked, Heard, hear, hear_setting};
use crate::engine::public::{PolicyOf, policy_is_public};
use crate::engine::{Blocks, BucketScope, Caller, DocumentKind, Options, Request, access_point_blocks, bucket_blocks};
use crate::iam::{AccountId, Target};
use crate::model::{Payer, Setting};
use crate::source::UnknownReason;

/// Whether a request to a bucket, its objects or its access points succeeds, as far as resource-side documents decide.
///
/// For a caller of the owner's account that is what the documents themselves give it; identity policies, which
/// could give it more, are not looked at [EVAL-03].
///
/// Source: IAM User Guide, "Policy evaluation logic"; Amazon S3 User Guide, "How Amazon S3 authorizes a request".
pub fn decide_bucket(request: &Request, scope: &BucketScope<'_>, options: &Options) -> Decision {
    let trace = Trace::default();
    let mut keys = Keys::new(&request.context, &request.caller);
    let Some(place) = place(&request.resource, &keys, scope) else {
        return trace.settle_with(Verdict::Denied, Refusal::OtherResource.into());
    };
    if let Some(refusal) = impossible(request, &place, scope) {
        return trace.settle_with(Verdict::Denied, refusal.into());
    }
    place.state_keys(&request.resource, scope, &mut keys);
    let owner = bucket_owner(scope);
    let identity = Identity::new(&request.caller, scope.accounts, &owner);
    let case = Case {
        request,
        scope,
        options,
        place: &place,
        keys: &keys,
        owner: &owner,
        identity: &identity,
    };
    case.decide(trace)
}

/// Why no such request can be made at all.
fn impossible(request: &Request, place: &Place<'_>, scope: &BucketScope<'_>) -> Option<Refusal> {
    let works_on = |target: &Target| request.action.targets.contains(target);
    if !place.targets().iter().all(works_on) {
        return Some(Refusal::ResourceType);
    }
    match &request.caller {
        Caller::Federated(_) => Some(Refusal::FederatedCaller),
        Caller::Aws(principal) => (principal.partition != scope.bucket.partition).then_some(Refusal::OtherPartition),
        Caller::Anonymous
        | Caller::Canonical(_)
        | Caller::UniqueId(_)
        | Caller::Service(_)
        | Caller::OriginAccessIdentity(_) => None,
    }
}

/// One request to one bucket, with what is known about both.
struct Case<'a> {
    request: &'a Request,
    scope: &'a BucketScope<'a>,
    options: &'a Options,
    place: &'a Place<'a>,
    keys: &'a Keys<'a>,
    owner: &'a Owner,
    identity: &'a Identity<'a>,
}

impl Case<'_> {
    /// Explicit denies first, then what refuses whatever is allowed, then what allows [EVAL-01], [EVAL-02].
    fn decide(&self, mut trace: Trace) -> Decision {
        let control = self.hear_resource_control(&mut trace);
        let front = self.hear_access_point(&mut trace);
        let bucket = self.hear_bucket(&mut trace);
        // [EVAL-09]: the bucket policy cannot take the policy verbs from the owner's root user.
        let bucket_denies = if self.is_root_with_policy_verb() {
            Heard::default()
        } else {
            bucket
        };
        let denies = control.and(front).and(bucket_denies);
        if let Some(step) = denies.deny {
            return trace.settle(Verdict::Denied, step);
        }
        if let Some(refusal) = self.refusal() {
            return trace.settle_with(Verdict::Denied, refusal.into());
        }
        let open = self.question().map(|question| trace.push(question.into()));
        let side = match &self.place.door {
            Door::Direct => {
                let by_policy = self.bucket_side(bucket, &mut trace);
                let by_acl = self.acl_side(&mut trace);
                by_policy.or(by_acl)
            }
            Door::Unlisted => self.bucket_side(bucket, &mut trace),
            Door::Listed(..) => {
                let in_front = self.front_side(front, &mut trace);
                // An action that knows no bucket is the access point's own affair.
                if self.reaches_bucket() {
                    in_front.and(self.bucket_side(bucket, &mut trace))
                } else {
                    in_front
                }
            }
        };
        side.settle(denies.may_deny.or(open), trace)
    }

    fn asked<'b>(&'b self, resource: &'b str, keys: &'b Keys<'b>) -> Asked<'b> {
        Asked {
            identity: self.identity,
            action: self.request.action,
            resource,
            keys,
            doubts: &self.options.doubts,
        }
    }

    /// RCPs are one more document of denies on every bucket of the accounts they cover, by whichever way a request
    /// comes to it [EVAL-13], [EVAL-14].
    fn hear_resource_control(&self, trace: &mut Trace) -> Heard {
        let kind = DocumentKind::ResourceControlPolicy;
        if self.scope.organization.is_none() {
            trace.push(Step::about(kind, Outcome::NotEvaluated));
        }
        if self.identity.is_service_linked() {
            return Heard::default();
        }
        let resource = if self.reaches_bucket() {
            self.place.bucket_arn(self.scope)
        } else {
            self.request.resource.clone()
        };
        let keys = self.bucket_keys();
        let asked = self.asked(&resource, &keys);
        self.scope
            .resource_control_policies()
            .map(|policy| hear(&policy.content, kind, asked, trace))
            .fold(Heard::default(), Heard::and)
            .denies_only()
    }

    fn hear_access_point(&self, trace: &mut Trace) -> Heard {
        let Door::Listed(access_point, arn) = &self.place.door else {
            return Heard::default();
        };
        let resource = arn.resource(self.place.object.as_deref());
        let mut keys = self.bucket_keys();
        keys.tags_of_access_point();
        let asked = self.asked(&resource, &keys);
        hear_setting(&access_point.policy, DocumentKind::AccessPointPolicy, asked, trace)
    }

    /// The bucket policy knows every request by the ARN of the bucket or object [AP-01].
    fn hear_bucket(&self, trace: &mut Trace) -> Heard {
        if !self.reaches_bucket() {
            return Heard::default();
        }
        let resource = self.place.bucket_arn(self.scope);
        let keys = self.bucket_keys();
        let asked = self.asked(&resource, &keys);
        hear_setting(&self.scope.bucket.policy, DocumentKind::BucketPolicy, asked, trace)
    }

    /// The bucket's tags are keys of its requests where its ABAC is on [CTX-27].
    fn bucket_keys(&self) -> Keys<'_> {
        let mut keys = Keys::new(&self.request.context, &self.request.caller);
        self.place.state_keys(&self.request.resource, self.scope, &mut keys);
        let tags = match &self.scope.bucket.abac {
            Setting::Set(on) if on.value => self.scope.bucket.tags.clone(),
            Setting::Set(_) | Setting::Absent => Setting::Absent,
            Setting::Unknown(unknown) => Setting::Unknown(unknown.clone()),
        };
        for family in ["aws:resourcetag/", "s3:buckettag/"] {
            keys.state_tags(family, &tags);
        }
        keys
    }

    /// What refuses the request whatever is allowed.
    fn refusal(&self) -> Option<Refusal> {
        if let Some(refusal) = access_point::refusal(self.place, self.identity, self.keys) {
            return Some(refusal);
        }
        if self.is_policy_verb() && self.identity.belongs_to(self.owner) == Belongs::No {
            return Some(Refusal::OutsidePolicyVerb);
        }
        let anonymous = *self.identity.caller == Caller::Anonymous;
        let requester_pays = self.scope.bucket.request_payment.value() == Some(&Payer::Requester);
        (anonymous && requester_pays).then_some(Refusal::RequesterPays)
    }

    /// What is not known and could refuse the request.
    fn question(&self) -> Option<Question> {
        if let Some(question) = access_point::question(self.place) {
            return Some(question);
        }
        if self.is_policy_verb() && self.identity.belongs_to(self.owner) == Belongs::Unknown {
            return Some(Question::OwnAccount);
        }
        let unknown = self.scope.bucket.request_payment.as_unknown()?;
        let matters = *self.identity.caller == Caller::Anonymous && unknown.reason != UnknownReason::NotInInput;
        matters.then(|| Question::Setting("who pays for requests", unknown.clone()))
    }

    fn front_side(&self, heard: Heard, trace: &mut Trace) -> Side {
        let Door::Listed(access_point, _) = &self.place.door else {
            return Side::No(None);
        };
        let blocks = self.blocks();
        let side = access_point::access_point_side(heard, access_point, &blocks, self.identity, self.owner, trace);
        self.root_side(access_point.account, side, trace)
    }

    fn bucket_side(&self, heard: Heard, trace: &mut Trace) -> Side {
        let object = self.place.object.as_deref();
        let foreign = is_foreign(object, self.request.action, self.identity, self.owner, self.scope);
        match (foreign, Side::of(heard)) {
            (Foreign::Yes, Side::No(_)) => Side::No(None),
            (Foreign::Yes, Side::Yes(_) | Side::Unknown(_)) => {
                Side::No(Some(trace.push(Refusal::ForeignObject.into())))
            }
            (Foreign::Unknown(question), _) => Side::Unknown(trace.push(question.into())),
            (Foreign::No, side) => {
                let side = self.restrict(side, trace);
                self.root_side(self.scope.bucket.account, side, trace)
            }
        }
    }

    /// RestrictPublicBuckets, where S3 calls the bucket policy public [BPA-04].
    fn restrict(&self, side: Side, trace: &mut Trace) -> Side {
        if !self.policy_is_public() {
            return side;
        }
        let own = match &self.place.door {
            Door::Direct | Door::Unlisted => self.identity.belongs_to(self.owner),
            Door::Listed(access_point, _) => access_point::owns_either(self.identity, access_point, self.owner),
        };
        let block = &self.blocks().restrict_public_buckets;
        cut(
            side,
            "RestrictPublicBuckets",
            block,
            spared(self.identity.caller, own),
            trace,
        )
    }

    /// The root user of the owner's account needs no statement [EVAL-09].
    fn root_side(&self, account: Option<AccountId>, side: Side, trace: &mut Trace) -> Side {
        match side {
            Side::Yes(_) => side,
            Side::No(_) | Side::Unknown(_) if self.identity.is_root_of(account) => {
                Side::Yes(trace.push(Step::of(Outcome::OwnerRoot)))
            }
            Side::No(_) | Side::Unknown(_) => side,
        }
    }

    fn acl_side(&self, trace: &mut Trace) -> Side {
        let request = AclRequest {
            identity: self.identity,
            action: self.request.action,
            object: self.place.object.as_deref(),
            owner: self.owner,
            scope: self.scope,
            policy_is_public: self.policy_is_public(),
            blocks: &self.blocks(),
            options: self.options,
        };
        acl_side(request, trace)
    }

    fn blocks(&self) -> Blocks {
        match &self.place.door {
            Door::Direct | Door::Unlisted => bucket_blocks(self.scope),
            Door::Listed(access_point, _) => access_point_blocks(self.scope, access_point),
        }
    }

    fn policy_is_public(&self) -> bool {
        let policy = self.scope.bucket.policy.value();
        policy.is_some_and(|policy| policy_is_public(policy, PolicyOf::Bucket).public)
    }

    /// Whether the action works on a bucket or object at all, and so concerns the bucket policy.
    fn reaches_bucket(&self) -> bool {
        let target = if self.place.object.is_some() {
            Target::Object
        } else {
            Target::Bucket
        };
        self.request.action.targets.contains(&target)
    }

    fn is_policy_verb(&self) -> bool {
        matches!(
            self.request.action.name,
            "s3:GetBucketPolicy" | "s3:PutBucketPolicy" | "s3:DeleteBucketPolicy"
        )
    }

    fn is_root_with_policy_verb(&self) -> bool {
        self.is_policy_verb() && self.identity.is_root_of(self.scope.bucket.account)
    }
}
