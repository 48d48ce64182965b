//! Who can assume a role, by its trust policy.

use super::actions::{self, ActionSet, named_actions};
use super::bucket::{Anonymous, decide, sharing, tidy, unreadable};
use super::callers::{Matching, Surroundings};
use super::documents::{Documents, Place};
use super::effects::Effects;
use super::named::Named;
use super::question::Question;
use super::states::{Ground, object_key};
use crate::engine::{
    Block, DocumentKind, Grant, Grantee, Indeterminate, Options, Resource, ResourceAccess, ResourceKind, RoleScope,
    Status, Zone,
};
use crate::iam::Target;
use crate::model::{ObjectOwnership, Setting};
use crate::source::Known;

/// Who can assume a role.
pub fn role_access(scope: &RoleScope<'_>, zone: &Zone, options: &Options) -> Vec<ResourceAccess> {
    let role = scope.role;
    let mut documents = Documents::new(options.doubts);
    let mut undecided = Vec::new();
    match &role.trust {
        Setting::Absent => {}
        Setting::Set(trust) => documents.add_policy(&trust.value, DocumentKind::TrustPolicy, None),
        Setting::Unknown(unknown) => undecided.push(unreadable("the trust policy", unknown)),
    }
    for policy in scope.resource_control_policies() {
        documents.add_policy(&policy.content, DocumentKind::ResourceControlPolicy, None);
    }
    let mut grants = if documents.allows().next().is_none() {
        Vec::new()
    } else {
        let question = question(scope, documents, (zone, options));
        let effects = Effects {
            policy_public: Some(false),
            restrict: &Block::Off,
            ignore: &Block::Off,
            ownership: Known::Known(ObjectOwnership::ObjectWriter),
            ownership_assumed: None,
            acl_public: false,
            own: role.account.into_iter().collect(),
        };
        let grants = decide(&question, &effects, &Anonymous::Refused, None, &mut undecided);
        only_assuming(grants, &mut undecided)
    };
    // [TRUST-12]: roles that AWS manages trust what AWS put there.
    if role.is_service_linked() || role.path.starts_with("/aws-reserved/") {
        grants.iter_mut().for_each(|grant| grant.outside_zone = false);
    }
    let sharing = sharing(&grants, !undecided.is_empty(), role.account);
    vec![ResourceAccess {
        resource: Resource {
            kind: ResourceKind::Role,
            arn: role.arn(),
            name: role.name.to_string(),
            account: role.account,
            span: role.span,
        },
        status: Status {
            policy_public: None,
            acl_public: None,
            console: None,
            sharing,
        },
        grants,
        indeterminate: tidy(undecided),
    }]
}

fn question<'a>(
    scope: &RoleScope<'a>,
    documents: Documents<'a>,
    (zone, options): (&'a Zone, &'a Options),
) -> Question<'a> {
    let role = scope.role;
    let surroundings = Surroundings {
        owner: role.account,
        accounts: scope.accounts,
        organization: scope.organization,
    };
    let arn = role.arn();
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
        place: Some(Place {
            objects: format!("{arn}/"),
            whole: arn,
        }),
        other_places: Vec::new(),
        asked: Question::dimensions(&documents, None),
        through: None,
        object: object_key(&[], &[]),
        own_object: None,
        groups: Question::group(&documents, actions::on(Target::Role), ActionSet::default(), &[]),
        documents,
        options,
        zone,
    }
}

/// Keeps what lets somebody assume the role: the action that fits the kind of caller; what only goes with it
/// (`sts:TagSession` and the like) does nothing alone [TRUST-02].
fn only_assuming(grants: Vec<Grant>, undecided: &mut Vec<Indeterminate>) -> Vec<Grant> {
    let modifiers = named_actions(&["sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"]);
    let anywhere = named_actions(&["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]);
    let has_for = |grantee: &Grantee| {
        let of = grants.iter().filter(|grant| grant.grantee == *grantee);
        of.fold(ActionSet::default(), |set, grant| {
            set.or(ActionSet::of(grant.actions.iter().copied()))
        })
    };
    let kept = grants.iter().filter_map(|grant| {
        let assume = match &grant.grantee {
            Grantee::Federated(provider) if provider.contains(":saml-provider/") => "sts:AssumeRoleWithSAML",
            Grantee::Federated(_) => "sts:AssumeRoleWithWebIdentity",
            // [TRUST-26]: Roles Anywhere needs all three.
            Grantee::Service(Some(name)) if **name == *"rolesanywhere.amazonaws.com" => {
                if !has_for(&grant.grantee).contains_all(anywhere) {
                    return None;
                }
                if !ActionSet::of(grant.actions.iter().copied()).contains_all(anywhere) {
                    undecided.push(Indeterminate {
                        reason:
                            "whether IAM Roles Anywhere can use the role is not decided: the three actions that it \
                                 needs are allowed under different conditions"
                                .into(),
                        span: grant.sources.first().map(|source| source.span),
                    });
                    return None;
                }
                "sts:AssumeRole"
            }
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
        let assume = named_actions(&[assume]);
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
