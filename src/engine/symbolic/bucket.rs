//! Grants of a bucket: its policy and ACL, under Block Public Access, Object Ownership and resource control policies.

use super::actions::{self, ActionSet, named_actions};
use super::before::{Before, policy_verbs};
use super::callers::{Class, Matching, Surroundings, classes};
use super::documents::{Documents, Grantor, ObjectPattern, Place, ResourceMatch, Side};
use super::domain::KeyState;
use super::effects::{Effects, owner_only};
use super::effort::Effort;
use super::inquiry::{Answered, Inquiry, answer};
use super::merge::{self, Settled};
use super::named::Named;
use super::past::Past;
use super::question::{Group, Question, deleting, making};
use super::role::fits_its_caller;
use super::states::{Ground, object_key};
use super::{access_point, object};
use crate::engine::settings::ownership_in_force;
use crate::engine::{
    Blocks, BucketScope, DocumentKind, Grant, GrantEffect, Grantee, Indeterminate, Options, Resource, ResourceAccess,
    ResourceKind, Sharing, Status, Zone, acl_public, bucket_blocks, console_label, policy_public,
};
use crate::iam::{AccountId, Target};
use crate::model::{Acl, AclGrantee, AclPermission, ObjectOwnership, Payer, Setting};
use crate::source::{Unknown, UnknownReason};

/// What a bucket grants, and each of its access points and objects that grants something of its own.
///
/// The bucket comes first, then access points by ARN, then objects by key.
pub fn bucket_access(scope: &BucketScope<'_>, zone: &Zone, options: &Options) -> Vec<ResourceAccess> {
    let inquiry = Inquiry::about_all(zone, options);
    answers(scope, &inquiry)
        .into_iter()
        .map(|answer| answer.access)
        .collect()
}

/// The answers about a bucket, its access points and its objects, as far as they are asked about.
pub(super) fn answers<'a>(scope: &BucketScope<'a>, inquiry: &Inquiry<'a, BucketScope<'a>>) -> Vec<Answered> {
    let mut answers: Vec<Answered> = bucket_itself(scope, inquiry).into_iter().collect();
    let mut points: Vec<Answered> = scope
        .access_points
        .iter()
        .filter_map(|point| access_point::access(scope, point, inquiry))
        .collect();
    points.sort_by(|a, b| a.access.resource.arn.cmp(&b.access.resource.arn));
    answers.extend(points);
    answers.extend(
        scope
            .bucket
            .objects
            .iter()
            .filter_map(|object| object::access(scope, object, inquiry)),
    );
    answers
}

fn bucket_itself<'a>(scope: &BucketScope<'a>, inquiry: &Inquiry<'a, BucketScope<'a>>) -> Option<Answered> {
    let bucket = scope.bucket;
    let past = inquiry.before.map(Past::of);
    let place = place(scope);
    let mut documents = Documents::new(inquiry.options.doubts);
    if let Some(focus) = inquiry.focus
        && !documents.ask(
            focus,
            &[&place],
            (actions::on(Target::Bucket), actions::on(Target::Object)),
        )
    {
        return None;
    }
    let mut undecided = Vec::new();
    match &bucket.policy {
        Setting::Absent => {}
        Setting::Set(policy) => documents.add_policy(&policy.value, DocumentKind::BucketPolicy, Some(&place)),
        Setting::Unknown(unknown) => undecided.push(unreadable("the bucket policy", unknown)),
    }
    add_resource_control_policies(scope, &mut documents, &place);
    match &bucket.acl {
        Setting::Absent => {}
        Setting::Set(acl) => add_bucket_acl(scope, &acl.value, &mut documents, &place, &mut undecided),
        Setting::Unknown(unknown) if unknown.reason == UnknownReason::NotInInput => {}
        Setting::Unknown(unknown) => undecided.push(unreadable("the bucket ACL", unknown)),
    }
    let blocks = bucket_blocks(scope);
    let effects = effects(scope, &blocks, bucket.acl.value());
    let mut known = Contents::of(scope);
    known.add_access_points(inquiry.before);
    let before = past.as_ref().map(|past| past.add_to(&mut documents, &place, scope));
    let question = question(scope, documents, (place, before), &known, inquiry);
    let answered = answer(
        &question,
        &effects,
        &anonymous(scope),
        bucket.policy.as_unknown(),
        &mut undecided,
    );
    let sharing = sharing(&answered.grants, !undecided.is_empty(), bucket.account);
    Some(answered.about(ResourceAccess {
        resource: Resource {
            kind: ResourceKind::Bucket,
            arn: bucket.arn(),
            name: bucket.name.to_string(),
            account: bucket.account,
            when: bucket.when.clone(),
            span: bucket.span,
        },
        status: Status {
            policy_public: policy_public(scope),
            acl_public: acl_public(scope),
            console: console_label(scope),
            sharing,
        },
        grants: Vec::new(),
        indeterminate: tidy(undecided),
    }))
}

/// What Block Public Access and Object Ownership make of a bucket's documents and of this ACL.
pub(super) fn effects<'s>(scope: &BucketScope<'s>, blocks: &'s Blocks, acl: Option<&Acl>) -> Effects<'s> {
    Effects {
        policy_public: policy_public(scope),
        restrict: &blocks.restrict_public_buckets,
        ignore: &blocks.ignore_public_acls,
        ownership: ownership_in_force(scope.bucket),
        ownership_assumed: scope.bucket.ownership.as_unknown(),
        acl_public: acl.is_some_and(Acl::is_public),
        when: scope.bucket.when.iter().collect(),
        own: scope.bucket.account.into_iter().collect(),
    }
}

/// Whether unsigned requests are taken at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Anonymous {
    Taken,
    Refused,
    Unknown(Indeterminate),
}

/// Asks the question of every class through every Allow rule and merges the answers.
pub(super) fn decide(
    question: &Question<'_>,
    effects: &Effects<'_>,
    anonymous: &Anonymous,
    unknown_policy: Option<&Unknown>,
    undecided: &mut Vec<Indeterminate>,
) -> Vec<Grant> {
    let mut settled: Vec<Settled> = Vec::new();
    if question.documents.allows().next().is_none() {
        return Vec::new();
    }
    for class in classes(&question.named, question.ground.surroundings, question.matching.trust) {
        if class == Class::Anonymous && *anonymous == Anonymous::Refused || !question.is_asked_about(&class) {
            continue;
        }
        let applying = question.allowing(&class);
        if applying.is_empty() {
            continue;
        }
        if question.effort.is_spent() {
            undecided.push(too_much(question, &class, &applying));
            continue;
        }
        let callers = question.callers(&class);
        for combination in question.combinations(&applying) {
            // A wider class that has it effectively and without any condition covers this one.
            let given = |group: &Group, pieces: &[Option<usize>]| {
                settled.iter().any(|wide| {
                    let candidate = &wide.candidate;
                    candidate.actions == group.actions
                        && candidate.allows == combination
                        && candidate.pieces == pieces
                        && candidate.conditions.is_empty()
                        && wide.effect == GrantEffect::Effective
                        && wide.assumed.is_empty()
                        && candidate.class.is_wider_than(&class)
                })
            };
            let conditional = |wide: &Settled| wide.candidate.class != class && !wide.candidate.conditions.is_empty();
            let compared = settled.iter().any(conditional);
            let mut candidates = question.candidates(&callers, &combination, &given, compared, undecided);
            if question.matching.trust && question.before.is_some() {
                candidates.retain_mut(|candidate| fits_its_caller(question, &callers, candidate));
            }
            for candidate in candidates {
                if let (Class::Anonymous, Anonymous::Unknown(indeterminate)) = (&class, anonymous) {
                    undecided.push(indeterminate.clone());
                    continue;
                }
                match effects.settle(question, candidate) {
                    Ok(done) if unknown_policy.is_some() && through_acl(question, &done) => {
                        undecided.push(Indeterminate {
                            reason: format!(
                                "{} through an ACL: whether the policy denies it is unknown",
                                class.grantee()
                            ),
                            span: unknown_policy.and_then(|unknown| unknown.span),
                        });
                    }
                    Ok(done) => settled.push(done),
                    Err(indeterminate) => undecided.push(indeterminate),
                }
            }
        }
    }
    merge::grants(question, settled)
}

/// That what a class gets is not decided, because the decision has cost all that it may.
fn too_much(question: &Question<'_>, class: &Class, applying: &[usize]) -> Indeterminate {
    let first = applying.first().and_then(|index| question.documents.rules.get(*index));
    Indeterminate {
        reason: format!(
            "what {} gets is not decided: the documents exceed the search budget",
            class.grantee()
        ),
        span: first.map(|rule| rule.source.span),
    }
}

fn through_acl(question: &Question<'_>, settled: &Settled) -> bool {
    let rules = settled
        .candidate
        .allows
        .iter()
        .filter_map(|index| question.documents.rules.get(*index));
    rules.into_iter().any(|rule| matches!(rule.grantor, Grantor::Acl(_)))
}

impl Question<'_> {
    /// The sets of Allow rules that suffice: one rule, or through an access point one of each document.
    pub(super) fn combinations(&self, applying: &[usize]) -> Vec<Vec<usize>> {
        if self.through.is_none() {
            return applying.iter().map(|index| vec![*index]).collect();
        }
        let of = |kind: DocumentKind| {
            applying.iter().copied().filter(move |index| {
                self.documents
                    .rules
                    .get(*index)
                    .is_some_and(|rule| rule.source.document == kind)
            })
        };
        of(DocumentKind::AccessPointPolicy)
            .flat_map(|point| of(DocumentKind::BucketPolicy).map(move |bucket| vec![point, bucket]))
            .collect()
    }
}

/// The question about a bucket's own requests.
pub(super) fn question<'a>(
    scope: &BucketScope<'a>,
    documents: Documents<'a>,
    (place, before): (Place, Option<Before<'a>>),
    known: &'a Contents,
    inquiry: &Inquiry<'a, BucketScope<'a>>,
) -> Question<'a> {
    let Inquiry { zone, options, .. } = *inquiry;
    let surroundings = surroundings(scope);
    let named = Named::of(&documents, scope.bucket.account);
    let groups = Question::group(
        &documents,
        // A bucket that has a policy is there already [S3A-08].
        actions::on(Target::Bucket).minus(named_actions(&["s3:CreateBucket"])),
        actions::on(Target::Object),
        &known.special(before.as_ref()),
    );
    let mut question = Question {
        named,
        ground: ground(scope, &known.access_points, options),
        matching: Matching {
            surroundings,
            doubts: options.doubts,
            trust: false,
        },
        place: Some(place),
        other_places: Vec::new(),
        asked: Question::dimensions(&documents, None),
        before,
        through: None,
        object: object_key(&known.objects, &[]),
        own_object: known.own_object(),
        groups,
        documents,
        options,
        zone,
        effort: Effort::of(options),
    };
    question.narrow();
    question
}

pub(super) fn surroundings<'a>(scope: &BucketScope<'a>) -> Surroundings<'a> {
    Surroundings {
        owner: scope.bucket.account,
        accounts: scope.accounts,
        organization: scope.organization,
    }
}

pub(super) fn ground<'a>(scope: &BucketScope<'a>, listed: &'a [String], options: &Options) -> Ground<'a> {
    let tags_count = match &scope.bucket.abac {
        Setting::Set(on) => Some(on.value),
        Setting::Absent | Setting::Unknown(_) => None,
    };
    Ground {
        surroundings: surroundings(scope),
        partition: scope.bucket.partition,
        now: options.now,
        tags: &scope.bucket.tags,
        tags_count,
        listed,
    }
}

pub(super) fn place(scope: &BucketScope<'_>) -> Place {
    let arn = scope.bucket.arn();
    Place {
        objects: format!("{arn}/"),
        whole: arn,
    }
}

/// What is known to be in a bucket and in front of it.
pub(super) struct Contents {
    /// Keys of objects that belong to the bucket's owner: they make witnesses real.
    pub(super) objects: Vec<String>,
    /// Keys of objects that another account owns or may own, while ACLs are on [OWN-07].
    pub(super) foreign: Vec<String>,
    /// ARNs of access points, each a resource of its own.
    pub(super) access_points: Vec<String>,
}

impl Contents {
    pub(super) fn of(scope: &BucketScope<'_>) -> Self {
        let bucket = scope.bucket;
        let acls_are_on =
            ownership_in_force(bucket) != crate::source::Known::Known(ObjectOwnership::BucketOwnerEnforced);
        let is_foreign = |acl: &Acl| match (&acl.owner, &bucket.owner) {
            (Some(owner), Some(bucket_owner)) => acls_are_on && owner != bucket_owner,
            (Some(_) | None, _) => false,
        };
        let keys = |foreign: bool| {
            let objects = bucket.objects.iter();
            objects
                .filter(move |object| {
                    let of_another = match &object.acl {
                        Setting::Set(acl) => is_foreign(&acl.value),
                        Setting::Absent => false,
                        // Whose it is, nobody knows: it is nothing to show.
                        Setting::Unknown(unknown) => acls_are_on && unknown.reason != UnknownReason::NotInInput,
                    };
                    of_another == foreign
                })
                .map(|object| object.key.to_string())
        };
        Self {
            objects: keys(false).take(8).collect(),
            foreign: keys(true).collect(),
            access_points: scope.access_points.iter().map(|point| point.arn()).collect(),
        }
    }

    /// Access points of before are not requests of the bucket's own either.
    fn add_access_points(&mut self, before: Option<&BucketScope<'_>>) {
        let points = before.iter().flat_map(|scope| &scope.access_points);
        self.access_points.extend(points.map(|point| point.arn()));
    }

    /// Actions that objects of other accounts make different.
    pub(super) fn special(&self, before: Option<&Before<'_>>) -> Vec<ActionSet> {
        let mut special = vec![owner_only()];
        if before.is_some() {
            special.push(policy_verbs());
        }
        if !self.foreign.is_empty() || before.is_some_and(|before| before.own_object.is_some()) {
            special.extend([making(), deleting()]);
        }
        special
    }

    /// What an object's key can be where the bucket policy must allow; none where that is any key.
    pub(super) fn own_object(&self) -> Option<KeyState> {
        (!self.foreign.is_empty()).then(|| object_key(&self.objects, &self.foreign))
    }
}

pub(super) fn add_resource_control_policies<'a>(scope: &BucketScope<'a>, documents: &mut Documents<'a>, place: &Place) {
    for policy in scope.resource_control_policies() {
        documents.add_policy(&policy.content, DocumentKind::ResourceControlPolicy, Some(place));
    }
}

/// Whether the bucket takes unsigned requests: not where the requester pays [WEB-03].
pub(super) fn anonymous(scope: &BucketScope<'_>) -> Anonymous {
    match &scope.bucket.request_payment {
        Setting::Set(payer) => match payer.value {
            Payer::Requester => Anonymous::Refused,
            Payer::BucketOwner => Anonymous::Taken,
        },
        Setting::Absent => Anonymous::Taken,
        Setting::Unknown(unknown) if unknown.reason == UnknownReason::NotInInput => Anonymous::Taken,
        Setting::Unknown(unknown) => Anonymous::Unknown(unreadable(
            "who pays for requests, and so whether anonymous ones are taken,",
            unknown,
        )),
    }
}

pub(super) fn add_bucket_acl<'a>(
    scope: &BucketScope<'a>,
    acl: &'a Acl,
    documents: &mut Documents<'a>,
    place: &Place,
    undecided: &mut Vec<Indeterminate>,
) {
    for (grant, index) in acl.grants.iter().zip(0_u32..) {
        let to_owner = is_owner(scope, acl, &grant.grantee);
        if documents.side == Side::Judged && to_owner {
            continue;
        }
        unknown_grantee(&grant.grantee, grant.span, undecided);
        let source = (DocumentKind::BucketAcl, index, grant.span);
        let on_bucket = bucket_actions(grant.permission);
        if !on_bucket.is_empty() {
            documents.add_acl_grant(&grant.grantee, on_bucket, ResourceMatch::container(), source);
        }
        // [ACL-11]: writing to a bucket is making objects in it.
        if matches!(grant.permission, AclPermission::Write | AclPermission::FullControl) {
            let objects = ResourceMatch::of_objects(vec![ObjectPattern::all(place)]);
            // The owner can also delete versions so.
            let writing: &[&str] = match to_owner {
                true => &["s3:PutObject", "s3:DeleteObjectVersion"],
                false => &["s3:PutObject"],
            };
            documents.add_acl_grant(&grant.grantee, named_actions(writing), objects, source);
        }
    }
}

/// Whether an ACL grant goes to the owner, who has everything anyway.
pub(super) fn is_owner(scope: &BucketScope<'_>, acl: &Acl, grantee: &AclGrantee) -> bool {
    match grantee {
        AclGrantee::Canonical(id) if !id.is_anonymous() => {
            let owner = scope.bucket.owner.as_ref().or(acl.owner.as_ref());
            owner == Some(id)
                || scope.bucket.account.is_some() && surroundings(scope).account_of(id) == scope.bucket.account
        }
        AclGrantee::Canonical(_)
        | AclGrantee::AllUsers
        | AclGrantee::AuthenticatedUsers
        | AclGrantee::LogDelivery
        | AclGrantee::Email(_)
        | AclGrantee::OtherGroup(_) => false,
    }
}

/// [ACL-05]: what cannot be told from the input is said.
pub(super) fn unknown_grantee(grantee: &AclGrantee, span: crate::source::Span, undecided: &mut Vec<Indeterminate>) {
    let reason = match grantee {
        AclGrantee::Email(address) => {
            format!("the ACL names an account by the e-mail address `{address}`, which only AWS can resolve")
        }
        AclGrantee::OtherGroup(uri) => format!("the ACL names the group `{uri}`, which is not documented"),
        AclGrantee::AllUsers | AclGrantee::AuthenticatedUsers | AclGrantee::LogDelivery | AclGrantee::Canonical(_) => {
            return;
        }
    };
    undecided.push(Indeterminate {
        reason,
        span: Some(span),
    });
}

/// What a permission on a bucket's ACL allows on the bucket itself [ACL-10…14].
fn bucket_actions(permission: AclPermission) -> ActionSet {
    let read = [
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:ListBucketMultipartUploads",
    ];
    match permission {
        AclPermission::Read => named_actions(&read),
        AclPermission::Write => ActionSet::default(),
        AclPermission::ReadAcp => named_actions(&["s3:GetBucketAcl"]),
        AclPermission::WriteAcp => named_actions(&["s3:PutBucketAcl"]),
        AclPermission::FullControl => named_actions(&read).or(named_actions(&["s3:GetBucketAcl", "s3:PutBucketAcl"])),
    }
}

pub(super) fn unreadable(what: &str, unknown: &Unknown) -> Indeterminate {
    Indeterminate {
        reason: format!("{what} is unknown: {}", unknown.reason),
        span: unknown.span,
    }
}

pub(super) fn tidy(mut undecided: Vec<Indeterminate>) -> Vec<Indeterminate> {
    undecided.sort();
    undecided.dedup();
    undecided
}

/// With whom a resource is shared, from its effective grants [MAC-04].
///
/// A service is no sharing, but CloudFront is: what it reads, it hands out.
pub(super) fn sharing(grants: &[Grant], unknown: bool, owner: Option<AccountId>) -> Sharing {
    let effective = || grants.iter().filter(|grant| grant.effect == GrantEffect::Effective);
    // Whoever visits the distribution gets it, whoever owns the distribution [MAC-04].
    let by_cloudfront = |grant: &Grant| match &grant.grantee {
        Grantee::Service(name) => name.as_deref() == Some("cloudfront.amazonaws.com"),
        Grantee::CloudFrontOai(_) => true,
        Grantee::Anonymous
        | Grantee::AnyAwsAccount
        | Grantee::Organization(_)
        | Grantee::Federated(_)
        | Grantee::Account(_)
        | Grantee::CanonicalUser(_)
        | Grantee::Principal(_)
        | Grantee::Unknown(_) => false,
    };
    let shares = |grant: &Grant| match &grant.grantee {
        Grantee::Service(_) => false,
        Grantee::Anonymous
        | Grantee::AnyAwsAccount
        | Grantee::Organization(_)
        | Grantee::Federated(_)
        | Grantee::Account(_)
        | Grantee::CanonicalUser(_)
        | Grantee::Principal(_)
        | Grantee::CloudFrontOai(_)
        | Grantee::Unknown(_) => true,
    };
    let own = |grant: &Grant| match &grant.grantee {
        Grantee::Account(account) => Some(*account) == owner,
        Grantee::Principal(arn) => owner.is_some_and(|owner| arn.contains(&format!("::{owner}:"))),
        Grantee::Anonymous
        | Grantee::AnyAwsAccount
        | Grantee::Organization(_)
        | Grantee::Service(_)
        | Grantee::Federated(_)
        | Grantee::CanonicalUser(_)
        | Grantee::CloudFrontOai(_)
        | Grantee::Unknown(_) => false,
    };
    if effective().any(Grant::is_public) {
        Sharing::Public
    } else if effective().any(|grant| by_cloudfront(grant) || grant.outside_zone && shares(grant)) {
        Sharing::External
    } else if unknown {
        Sharing::Unknown
    } else if effective().any(|grant| shares(grant) && !own(grant)) {
        Sharing::Internal
    } else {
        Sharing::NotShared
    }
}
