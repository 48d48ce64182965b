//! Who can assume a role, by its trust policy.

use super::actions::{self, ActionSet, named_actions};
use super::before::{Before, twins};
use super::bucket::{Anonymous, sharing, tidy, unreadable};
use super::callers::{Matching, Surroundings};
use super::candidates::Candidate;
use super::documents::{Documents, Place, Side};
use super::effects::Effects;
use super::effort::Effort;
use super::inquiry::{Answered, Inquiry, answer};
use super::named::Named;
use super::past::{asking_for_what_changed, differ, facts};
use super::question::{Callers, Question};
use super::states::{Ground, object_key};
use super::witness;
use crate::engine::{
    Block, DocumentKind, Grant, Grantee, Indeterminate, Options, Resource, ResourceAccess, ResourceKind, RoleScope,
    Status, Zone,
};
use crate::iam::Target;
use crate::model::{ObjectOwnership, Role, Setting};
use crate::source::Known;

/// Who can assume a role.
pub fn role_access(scope: &RoleScope<'_>, zone: &Zone, options: &Options) -> Vec<ResourceAccess> {
    let answer = answers(scope, &Inquiry::about_all(zone, options));
    answer.into_iter().map(|answer| answer.access).collect()
}

/// The answer about a role, if it is asked about.
pub(super) fn answers<'a>(scope: &RoleScope<'a>, inquiry: &Inquiry<'a, RoleScope<'a>>) -> Option<Answered> {
    let role = scope.role;
    let mut documents = Documents::new(inquiry.options.doubts);
    let mut undecided = Vec::new();
    let place = place(role);
    if let Some(focus) = inquiry.focus
        && !documents.ask(focus, &[&place], (actions::on(Target::Role), ActionSet::default()))
    {
        return None;
    }
    match &role.trust {
        Setting::Absent => {}
        Setting::Set(trust) => documents.add_policy(&trust.value, DocumentKind::TrustPolicy, None),
        Setting::Unknown(unknown) => undecided.push(unreadable("the trust policy", unknown)),
    }
    for policy in scope.resource_control_policies() {
        documents.add_policy(&policy.content, DocumentKind::ResourceControlPolicy, None);
    }
    let before = inquiry.before.map(|past| add_past(past, &mut documents, scope));
    let question = question(scope, documents, (place, before), inquiry);
    let effects = Effects {
        policy_public: Some(false),
        restrict: &Block::Off,
        ignore: &Block::Off,
        ownership: Known::Known(ObjectOwnership::ObjectWriter),
        ownership_assumed: None,
        acl_public: false,
        when: role.when.iter().collect(),
        own: role.account.into_iter().collect(),
    };
    let mut answered = answer(&question, &effects, &Anonymous::Refused, None, &mut undecided);
    if question.before.is_none() {
        answered.grants = only_assuming(answered.grants, &mut undecided);
        question.keep_asked(&mut answered.grants);
    }
    let grants = &mut answered.grants;
    // [TRUST-12]: roles that AWS manages trust what AWS put there, for the account that they are in.
    if role.is_service_linked() || role.path.starts_with("/aws-reserved/") {
        for grant in grants.iter_mut() {
            grant.outside_zone = false;
            grant.open = false;
        }
    }
    let sharing = sharing(grants, !undecided.is_empty(), role.account);
    Some(answered.about(ResourceAccess {
        resource: Resource {
            kind: ResourceKind::Role,
            arn: role.arn(),
            name: role.name.to_string(),
            account: role.account,
            when: role.when.clone(),
            span: role.span,
        },
        status: Status {
            policy_public: None,
            acl_public: None,
            console: None,
            sharing,
        },
        grants: Vec::new(),
        indeterminate: tidy(undecided),
    }))
}

/// The role itself; nothing is in it.
fn place(role: &Role) -> Place {
    let arn = role.arn();
    Place {
        objects: format!("{arn}/"),
        whole: arn,
    }
}

/// Adds everything that decided who could assume the role.
fn add_past<'a>(past: &'a RoleScope<'a>, documents: &mut Documents<'a>, now: &RoleScope<'_>) -> Before<'a> {
    documents.side = Side::Before;
    let start = documents.rules.len();
    let mut unknown = false;
    match &past.role.trust {
        Setting::Absent => {}
        Setting::Set(trust) => {
            unknown |= !trust.value.unresolved.is_empty();
            documents.add_policy(&trust.value, DocumentKind::TrustPolicy, None);
        }
        Setting::Unknown(_) => unknown = true,
    }
    for policy in past.resource_control_policies() {
        documents.add_policy(&policy.content, DocumentKind::ResourceControlPolicy, None);
    }
    documents.side = Side::Judged;
    let organization = |scope: &RoleScope<'_>| scope.organization.and_then(|known| known.id.clone());
    let changed = facts(
        differ(&past.role.tags, &now.role.tags),
        past.role.account != now.role.account,
        organization(past) != organization(now),
    );
    let shifted = asking_for_what_changed(documents, start, &changed);
    Before {
        effects: Vec::new(),
        anonymous: Anonymous::Refused,
        owner: None,
        own_object: None,
        from_vpc: None,
        to_owner: Vec::new(),
        unknown,
        shifted,
        twins: twins(documents),
    }
}

fn question<'a>(
    scope: &RoleScope<'a>,
    documents: Documents<'a>,
    (place, before): (Place, Option<Before<'a>>),
    inquiry: &Inquiry<'a, RoleScope<'a>>,
) -> Question<'a> {
    let Inquiry { zone, options, .. } = *inquiry;
    let role = scope.role;
    let surroundings = Surroundings {
        owner: role.account,
        accounts: scope.accounts,
        organization: scope.organization,
    };
    Question {
        named: Named::of(&documents, role.account),
        ground: Ground {
            surroundings,
            partition: role.partition,
            now: options.now,
            tags: &role.tags,
            tags_count: Some(true),
            listed: &[],
        },
        matching: Matching {
            surroundings,
            doubts: options.doubts,
            trust: true,
        },
        place: Some(place),
        other_places: Vec::new(),
        asked: Question::dimensions(&documents, None),
        before,
        through: None,
        object: object_key(&[], &[]),
        own_object: None,
        groups: Question::group(&documents, actions::on(Target::Role), ActionSet::default(), &[]),
        documents,
        options,
        zone,
        effort: Effort::of(options),
    }
}

/// Keeps what lets somebody assume the role: the action that fits the kind of caller; what only goes with it
/// (`sts:TagSession` and the like) does nothing alone [TRUST-02].
fn only_assuming(grants: Vec<Grant>, undecided: &mut Vec<Indeterminate>) -> Vec<Grant> {
    let modifiers = modifiers();
    let anywhere = named_actions(&["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
    let has_for = |grantee: &Grantee| {
        let of = grants.iter().filter(|grant| grant.grantee == *grantee);
        of.fold(ActionSet::default(), |set, grant| {
            set.or(ActionSet::of(grant.actions.iter().copied()))
        })
    };
    let kept = grants.iter().filter_map(|grant| {
        if grant.grantee.is_roles_anywhere() {
            // [TRUST-26]: Roles Anywhere needs all three.
            if !has_for(&grant.grantee).contains_all(anywhere) {
                return None;
            }
            if !ActionSet::of(grant.actions.iter().copied()).contains_all(anywhere) {
                undecided.push(Indeterminate {
                    reason: "whether IAM Roles Anywhere can use the role is not decided: the three actions that it \
                             needs are allowed under different conditions"
                        .into(),
                    span: grant.sources.first().map(|source| source.span),
                });
                return None;
            }
        }
        let assume = assuming(&grant.grantee);
        let actions = ActionSet::of(grant.actions.iter().copied());
        if !actions.contains_all(assume) {
            return None;
        }
        let mut grant = grant.clone();
        grant.actions = actions.and(assume.or(modifiers)).iter().collect();
        grant.witness.action = assume.first().and_then(crate::iam::action)?;
        Some(grant)
    });
    kept.collect()
}

/// What only goes with assuming a role.
fn modifiers() -> ActionSet {
    named_actions(&["sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"])
}

/// The action by which a grantee of this kind assumes a role [TRUST-02].
pub(super) fn assuming(grantee: &Grantee) -> ActionSet {
    let name = match grantee {
        Grantee::Federated(provider) if provider.contains(":saml-provider/") => "sts:AssumeRoleWithSAML",
        Grantee::Federated(_) => "sts:AssumeRoleWithWebIdentity",
        Grantee::Anonymous
        | Grantee::AnyAwsAccount
        | Grantee::Organization(_)
        | Grantee::Service(_)
        | Grantee::Account(_)
        | Grantee::CanonicalUser(_)
        | Grantee::Principal(_)
        | Grantee::CloudFrontOai(_)
        | Grantee::Unknown(_) => "sts:AssumeRole",
    };
    named_actions(&[name])
}

/// Leaves the actions that this kind of grantee can use; false where there is none. What only goes with assuming the role
/// is nothing to a caller who cannot assume it, and `sts:SetContext` alone nothing that a request could show.
pub(super) fn fits_its_caller<'a>(
    question: &Question<'a>,
    callers: &Callers<'_, 'a>,
    candidate: &mut Candidate,
) -> bool {
    let assume = assuming(&candidate.class.grantee());
    let tagging = named_actions(&["sts:TagSession", "sts:SetSourceIdentity"]);
    let assumes = !candidate.actions.and(assume).is_empty();
    let modifying = if assumes { modifiers() } else { tagging };
    candidate.actions = candidate.actions.and(assume.or(modifying));
    if let Some(action) = witness::shown_action(candidate.actions) {
        candidate.witness.action = action;
    }
    !candidate.actions.is_empty() && (assumes || question.lets_use(callers, assume))
}
