//! What every key that the documents mention can be, for callers of one shape.

use ipnet::IpNet;
use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use super::callers::{Class, Membership, Network, Passing, Shape, Surroundings, Through};
use super::claims;
use super::documents::Documents;
use super::domain::{Domain, KeyState, Values};
use super::fresh;
use super::glob::{Class as Chars, Glob};
use super::keys::{
    Dimension, Dimensions, FEDERATED_USER, KeyRule, OTHER, Passed, ROLE, ROOT, Rides, SERVICE, Shape as Form, USER,
    key_rule, passed_by,
};
use super::literal::{KeyId, Value};
use super::named::{Named, is_narrow};
use crate::engine::Zone;
use crate::iam::{AccountId, AwsPrincipal, Entity, Partition, Timestamp};
use crate::model::{Setting, Tags};

/// What holds for every request to the resource.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) surroundings: Surroundings<'a>,
    pub(super) partition: Partition,
    pub(super) now: Timestamp,
    /// Tags of the bucket or role.
    pub(super) tags: &'a Setting<Tags>,
    /// Whether tags take part in authorization [CTX-27].
    pub(super) tags_count: Option<bool>,
    /// ARNs of access points that are resources of their own, so that no other question is about them.
    pub(super) listed: &'a [String],
}

/// In which dimensions a caller must be a stranger, or at least come from outside the zone of trust.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Restriction<'z> {
    pub(super) strange: Dimensions,
    pub(super) outside: Option<&'z Zone>,
}

impl Restriction<'_> {
    pub(super) fn none() -> Self {
        Self::default()
    }

    fn is_strange(&self, dimension: Dimension) -> bool {
        self.strange.has(dimension)
    }
}

/// States of all keys of the table for one shape.
pub(super) struct States<'s> {
    pub(super) ground: &'s Ground<'s>,
    pub(super) documents: &'s Documents<'s>,
    pub(super) named: &'s Named,
    pub(super) class: &'s Class,
    pub(super) shape: &'s Shape,
    pub(super) restriction: &'s Restriction<'s>,
}

/// States of all keys, each found out when it is first asked for.
pub(super) struct KeyStates<'s> {
    view: States<'s>,
    known: Known,
    /// Which keys the requests carry; none where that is all.
    carried: Option<&'s [bool]>,
}

/// What was found out of each key of the table, in its order.
pub(super) type Known = Rc<[OnceCell<KeyState>]>;

impl KeyStates<'_> {
    /// The state of a key of the table.
    pub(super) fn get(&self, key: KeyId) -> Option<&KeyState> {
        let place = usize::from(key.0);
        let state = self.known.get(place)?;
        // Keys that ride on certain actions are absent from the others.
        let is_carried = self.carried.is_none_or(|carried| carried.get(place) != Some(&false));
        Some(state.get_or_init(|| if is_carried { self.view.state(key) } else { ABSENT }))
    }
}

impl<'s> States<'s> {
    /// Room for what will be found out; none where no caller of this shape fits the restriction.
    pub(super) fn unknown(&self) -> Option<Known> {
        self.shape_fits()
            .then(|| self.documents.keys.names().map(|_| OnceCell::new()).collect())
    }

    /// States of all keys, as far as they are known already.
    pub(super) fn with(self, known: Known, carried: Option<&'s [bool]>) -> KeyStates<'s> {
        KeyStates {
            view: self,
            known,
            carried,
        }
    }

    /// The state of a key of the table.
    fn state(&self, key: KeyId) -> KeyState {
        self.key(self.documents.keys.name(key), key)
    }

    /// Whether the shape itself, with its access point and source, meets the restriction.
    fn shape_fits(&self) -> bool {
        let named = |account: AccountId| self.named.accounts.contains(&account);
        let ours = |account: AccountId| {
            self.restriction
                .outside
                .is_some_and(|zone| zone.accounts.contains(&account))
        };
        let source = self
            .shape
            .source
            .is_none_or(|account| !(ours(account) || self.restriction.is_strange(Dimension::Source) && named(account)));
        let access_point = match &self.shape.access_point {
            Some(Through::AnyOf(account)) => {
                !(ours(*account) || self.restriction.is_strange(Dimension::AccessPoint) && named(*account))
            }
            // Only the VPC of the access point's owner gets through.
            Some(Through::One { vpc: Some(vpc), .. }) => {
                let ours = vpc.as_ref().is_some_and(|vpc| {
                    self.restriction
                        .outside
                        .is_some_and(|zone| zone.endpoints.contains(&**vpc))
                });
                !(ours || self.restriction.is_strange(Dimension::Network))
            }
            Some(Through::One { vpc: None, .. }) | None => true,
        };
        let organization = match &self.shape.organization {
            Membership::Of(id) => self
                .restriction
                .outside
                .is_none_or(|zone| !zone.organizations.contains(id)),
            Membership::None | Membership::Unasked => true,
        };
        source && access_point && organization
    }

    fn key(&self, name: &str, id: KeyId) -> KeyState {
        if let Class::Federated(provider) = self.class
            && let Some(state) = claims::state(
                provider,
                name,
                id,
                self.named,
                self.restriction.is_strange(Dimension::Subject),
            )
        {
            return state;
        }
        let Some(rule) = key_rule(name) else { return ABSENT };
        if let Some(passing) = self.passes(name)
            && passing != Passing::Allowed
        {
            return match passing {
                Passing::Never => ABSENT,
                Passing::Allowed | Passing::Undecided => free(Values::Unknown),
            };
        }
        let carries = rule.always | rule.maybe;
        if carries & self.shape.kind == 0 || !self.rides(rule) {
            return ABSENT;
        }
        // What an origin access identity carries is not documented.
        let undocumented = rule.dimension == Dimension::Caller && matches!(self.class, Class::OriginAccessIdentity(_));
        let absent = rule.always & self.shape.kind == 0 || undocumented;
        if let Some((_, value)) = self.shape.given.iter().find(|(key, _)| *key == id) {
            return KeyState::Fixed(value.clone());
        }
        let state = match rule.shape {
            Form::Caller => self.caller(name, id),
            Form::Source => self.source(name, id),
            Form::AccessPoint => self.access_point(name, id),
            Form::Resource => self.resource(name),
            Form::Text
            | Form::OneOf(_)
            | Form::PublicAddress
            | Form::Address
            | Form::Whole
            | Form::Time
            | Form::PastTime
            | Form::Vpc
            | Form::Endpoint
            | Form::VpcArn
            | Form::Account
            | Form::Organization
            | Form::OrganizationPath
            | Form::SessionName => self.varying(rule, name, id),
        };
        match state {
            KeyState::Free(domain) => KeyState::Free(Domain {
                absent: absent || domain.absent,
                multivalued: rule.multivalued,
                ..domain
            }),
            KeyState::Fixed(Value::One(value)) if absent && rule.shape == Form::Caller => KeyState::Free(Domain {
                absent,
                multivalued: rule.multivalued,
                values: Values::OneOf(vec![value.into()]),
            }),
            fixed @ KeyState::Fixed(_) => fixed,
        }
    }

    /// Whether a request to assume a role can pass session tags or a source identity; none for other keys [TRUST-03].
    fn passes(&self, name: &str) -> Option<Passing> {
        passed_by(name).map(|right| match right {
            Passed::Tags => self.shape.passes_tags,
            Passed::Identity => self.shape.passes_identity,
        })
    }

    fn rides(&self, rule: &KeyRule) -> bool {
        match rule.rides {
            // Whether an action carries the key is settled where the action is known.
            Rides::Freely | Rides::OnItsActions => true,
            Rides::OnInternet => self.shape.network != Network::Endpoint,
            Rides::OnEndpoint => self.shape.network == Network::Endpoint,
            Rides::OnForwardedAccess => self.shape.network == Network::Forwarded,
            Rides::OnAccessPoint => self.shape.access_point.is_some(),
        }
    }

    /// A key that does not depend on the caller's identity.
    fn varying(&self, rule: &KeyRule, name: &str, id: KeyId) -> KeyState {
        let values = match rule.shape {
            Form::OneOf(values) => {
                // A service always uses TLS [IDM-16]; an access point takes requests from an endpoint or the internet.
                let only: &[&'static str] = match name {
                    "aws:securetransport" if self.shape.kind == SERVICE => &["true"],
                    "s3:accesspointnetworkorigin" => self.network_origins(),
                    _ => values,
                };
                Values::OneOf(only.iter().map(|value| (*value).into()).collect())
            }
            Form::PublicAddress => self.addresses(true),
            Form::Address => self.addresses(false),
            Form::Whole => Values::Whole,
            Form::Time => Values::Time {
                from: self.ground.now.0.div_euclid(1000),
                to: self.ground.now.0.div_euclid(1000) + CENTURY,
            },
            Form::PastTime => Values::Time {
                from: 0,
                to: self.ground.now.0.div_euclid(1000),
            },
            Form::Text
            | Form::Vpc
            | Form::Endpoint
            | Form::VpcArn
            | Form::Account
            | Form::Organization
            | Form::OrganizationPath
            | Form::SessionName
            | Form::Caller
            | Form::Source
            | Form::AccessPoint
            | Form::Resource => self.text(rule, name, id),
        };
        // A service's own address may be missing; so may that of a forwarded request.
        let absent = rule.rides == Rides::OnInternet && self.shape.network == Network::Forwarded;
        KeyState::Free(Domain {
            absent,
            multivalued: rule.multivalued,
            values,
        })
    }

    fn network_origins(&self) -> &'static [&'static str] {
        match (&self.shape.access_point, self.shape.network) {
            (Some(Through::One { vpc: Some(_), .. }), _) => &["VPC"],
            (Some(Through::One { vpc: None, .. }), _) | (_, Network::Internet | Network::Forwarded) => &["Internet"],
            (Some(Through::AnyOf(_)) | None, Network::Endpoint) => &["Internet", "VPC"],
        }
    }

    fn addresses(&self, public: bool) -> Values {
        let mut without: Vec<IpNet> = Vec::new();
        if public && self.restriction.is_strange(Dimension::Network) {
            without.extend(self.named.networks.iter().filter(|network| is_narrow(network)));
        }
        if let Some(zone) = self.restriction.outside.filter(|_| public) {
            without.extend(&zone.networks);
        }
        Values::Address {
            within: if public {
                PUBLIC.as_slice()
            } else {
                ANY_ADDRESS.as_slice()
            },
            reserved: if public { NOT_PUBLIC.as_slice() } else { &[] },
            without,
        }
    }

    fn text(&self, rule: &KeyRule, name: &str, id: KeyId) -> Values {
        let (within, likely) = self.form(rule.shape, name);
        let mut without: Vec<Glob> = Vec::new();
        if rule.dimension == Dimension::Caller && self.class.account().is_none() {
            without.extend(self.named.of_key(id).cloned());
        } else if self.restriction.is_strange(self.dimension(rule, name)) {
            without.extend(self.named.of_key(id).cloned());
            without.extend(self.structure(rule.shape));
        }
        if let Some(zone) = self.restriction.outside {
            without.extend(outside(rule.shape, zone));
        }
        if let (
            Form::Vpc,
            Some(Through::One {
                vpc: Some(Some(vpc)), ..
            }),
        ) = (rule.shape, &self.shape.access_point)
            && name == "aws:sourcevpc"
        {
            return Values::OneOf(vec![vpc.clone().into()]);
        }
        Values::text(within, without, likely)
    }

    fn dimension(&self, rule: &KeyRule, name: &str) -> Dimension {
        match self.class {
            Class::Federated(provider) if claims::is_session_of_tenant(provider, name) => Dimension::Subject,
            _ => rule.dimension,
        }
    }

    /// [OPEN-04]: patterns with a literal account or organization are not matched by a stranger.
    fn structure(&self, form: Form) -> Vec<Glob> {
        let organizations = self.named.organizations.iter();
        match form {
            Form::VpcArn => self
                .named
                .accounts
                .iter()
                .map(|account| arn_of_account(*account))
                .collect(),
            Form::Account => self
                .named
                .accounts
                .iter()
                .map(|account| Glob::exact(&account.to_string()))
                .collect(),
            Form::Organization => organizations.map(|id| Glob::exact(id)).collect(),
            Form::OrganizationPath => organizations.map(|id| path_in(id)).collect(),
            Form::Caller
            | Form::Text
            | Form::OneOf(_)
            | Form::PublicAddress
            | Form::Address
            | Form::Whole
            | Form::Time
            | Form::PastTime
            | Form::Vpc
            | Form::Endpoint
            | Form::Source
            | Form::AccessPoint
            | Form::Resource
            | Form::SessionName => Vec::new(),
        }
    }

    /// What well-formed values look like, and likely ones.
    fn form(&self, form: Form, name: &str) -> (Arc<[Glob]>, Vec<String>) {
        let partition = self.ground.partition;
        match form {
            Form::Vpc => (VPC_IDS.clone(), vec!["vpc-0f0e0d0c0b0a09080".into()]),
            Form::Endpoint => (ENDPOINT_IDS.clone(), vec!["vpce-0f0e0d0c0b0a09080".into()]),
            Form::VpcArn => {
                let fresh = fresh::account(self.named);
                let within = Glob::of_classes(
                    &format!("arn:{partition}:ec2:"),
                    &[(Chars::NotColon, true), (Chars::Char(':'), false)],
                )
                .then(&Glob::of_classes("", &[(Chars::Digit, false); 12]))
                .then(&Glob::of_classes(
                    ":vpc/vpc-",
                    &[(Chars::Alnum, false), (Chars::Alnum, true)],
                ));
                (
                    vec![within].into(),
                    vec![format!(
                        "arn:{partition}:ec2:us-east-1:{fresh}:vpc/vpc-0f0e0d0c0b0a09080"
                    )],
                )
            }
            Form::Account => {
                let fresh = fresh::account(self.named).to_string();
                (DIGITS.clone(), vec![fresh])
            }
            Form::Organization => (ORGANIZATIONS.clone(), vec!["o-stranger00".into()]),
            Form::OrganizationPath => (PATHS.clone(), vec!["o-stranger00/r-ab12/ou-ab12-11111111/".into()]),
            Form::SessionName => (NAMES.clone(), vec!["session".into()]),
            Form::Text => (ANYTHING.clone(), likely(name)),
            Form::Caller
            | Form::OneOf(_)
            | Form::PublicAddress
            | Form::Address
            | Form::Whole
            | Form::Time
            | Form::PastTime
            | Form::Source
            | Form::AccessPoint
            | Form::Resource => (ANYTHING.clone(), Vec::new()),
        }
    }

    /// Keys that say who the caller is [CTX-01…09].
    fn caller(&self, name: &str, id: KeyId) -> KeyState {
        let kind = self.shape.kind;
        match name {
            "aws:principalarn" => self.principal_arn(),
            "aws:principalaccount" => match (self.class, self.shape.account) {
                (Class::Anonymous, _) => fixed("anonymous"),
                (_, Some(account)) => fixed(&account.to_string()),
                // What a service carries is not known; it is no account that somebody would name. An unmapped canonical
                // id can be any account's.
                (_, None) => free(Values::text(
                    DIGITS.clone(),
                    if kind == SERVICE {
                        self.structure(Form::Account)
                    } else {
                        Vec::new()
                    },
                    vec![fresh::account(self.named).to_string()],
                )),
            },
            "aws:principaltype" => match kind {
                super::keys::ANONYMOUS => fixed("Anonymous"),
                USER => fixed("User"),
                ROLE => fixed("AssumedRole"),
                ROOT => fixed("Account"),
                FEDERATED_USER => fixed("FederatedUser"),
                SERVICE => fixed("Service"),
                _ => one_of(&["AssumedRole", "User", "Account", "FederatedUser"]),
            },
            "aws:userid" => self.user_id(id),
            "aws:username" => self.user_name(),
            "aws:principalorgid" => match &self.shape.organization {
                Membership::Of(id) => fixed(id),
                Membership::None | Membership::Unasked => ABSENT,
            },
            "aws:principalorgpaths" => self.organization_paths(),
            "aws:principalisawsservice" => fixed(if kind == SERVICE { "true" } else { "false" }),
            "aws:principalservicename" => self.service_name(),
            "aws:principalservicenameslist" => match self.class {
                Class::Service(name) => KeyState::Fixed(Value::Many(vec![name.to_string()])),
                _ => self.service_name(),
            },
            "aws:viaawsservice" => fixed(if self.shape.network == Network::Forwarded {
                "true"
            } else {
                "false"
            }),
            _ => ABSENT,
        }
    }

    fn principal_arn(&self) -> KeyState {
        let partition = self.ground.partition;
        let account = self.shape.account.map(|id| id.to_string()).unwrap_or_default();
        if let Class::Principal(principal) = self.class {
            return match &principal.entity {
                Entity::Root | Entity::User(_) | Entity::Role(_) | Entity::FederatedUser(_) => {
                    fixed(&principal.to_string())
                }
                // The path of the role is not part of the session's ARN [TRUST-11].
                Entity::AssumedRole { role, .. } => {
                    let head = format!("arn:{partition}:iam::{account}:role/");
                    let path =
                        Glob::of_classes(&head, &[(Chars::NotColon, true)]).then(&Glob::exact(&format!("/{role}")));
                    free(Values::text(
                        vec![Glob::exact(&format!("{head}{role}")), path],
                        Vec::new(),
                        vec![format!("{head}{role}")],
                    ))
                }
            };
        }
        let (head, tail): (String, &[(Chars, bool)]) = match self.shape.kind {
            ROOT => return fixed(&format!("arn:{partition}:iam::{account}:root")),
            USER => (format!("arn:{partition}:iam::{account}:user/"), PATH_AND_NAME),
            ROLE => (format!("arn:{partition}:iam::{account}:role/"), PATH_AND_NAME),
            FEDERATED_USER => (format!("arn:{partition}:sts::{account}:federated-user/"), NAME),
            _ => (format!("arn:{partition}:iam::"), PATH_AND_NAME),
        };
        let without = self
            .named
            .principals
            .iter()
            .map(|principal| Glob::exact(&principal.to_string()));
        free(Values::text(
            vec![Glob::of_classes(&head, tail)],
            if self.shape.kind == OTHER {
                Vec::new()
            } else {
                without.collect()
            },
            vec![format!("{head}example"), format!("{head}visitor")],
        ))
    }

    fn user_id(&self, key: KeyId) -> KeyState {
        let account = self.shape.account.map(|id| id.to_string()).unwrap_or_default();
        let session = |id: &str| match self.class {
            Class::Principal(principal) => match &principal.entity {
                Entity::AssumedRole { session, .. } => fixed(&format!("{id}:{session}")),
                Entity::Root | Entity::User(_) | Entity::Role(_) | Entity::FederatedUser(_) => in_session(id),
            },
            _ => in_session(id),
        };
        let known = match self.class {
            Class::UniqueId(id, _) => Some(&**id),
            Class::Principal(principal) => self.ground.surroundings.unique_id_of(principal),
            _ => None,
        };
        match (self.shape.kind, known) {
            (super::keys::ANONYMOUS, _) => fixed("anonymous"),
            (ROOT, _) => fixed(&account),
            (USER, Some(id)) => fixed(id),
            (ROLE, Some(id)) if id.contains(':') => fixed(id),
            (ROLE, Some(id)) => session(id),
            (FEDERATED_USER, _) => free(Values::text(
                vec![Glob::of_classes(&format!("{account}:"), NAME)],
                Vec::new(),
                vec![format!("{account}:visitor")],
            )),
            // What a service carries is not known; it is no user, no role, no account and nobody whom a document names.
            (SERVICE, _) => {
                let ids = ["AROA", "AIDA"].map(|id| Glob::of_classes(id, &[(Chars::Any, true)]));
                let accounts = self.structure(Form::Account);
                let named = self.named.of_key(key).cloned();
                maybe(Values::text(
                    Vec::new(),
                    ids.into_iter().chain(accounts).chain(named).collect(),
                    vec!["service".into()],
                ))
            }
            (kind, None) => {
                let (within, likely) = self.unknown_user_id(kind);
                // A named principal may well be the one behind a named id; anybody else is not.
                let fresh = !matches!(
                    self.class,
                    Class::Principal(_) | Class::Canonical(_) | Class::OriginAccessIdentity(_)
                );
                let ids = self.named.unique_ids.iter().filter(|_| fresh);
                let without = ids.flat_map(|id| {
                    [
                        Glob::exact(id),
                        Glob::of_classes(&format!("{id}:"), &[(Chars::Any, true)]),
                    ]
                });
                free(Values::text(within, without.collect(), likely))
            }
            (_, Some(id)) => fixed(id),
        }
    }

    fn unknown_user_id(&self, kind: super::keys::Kinds) -> (Vec<Glob>, Vec<String>) {
        let id = |prefix| Glob::of_classes(prefix, &[(Chars::Upper, false), (Chars::Upper, true)]);
        let role = id("AROA").then(&Glob::of_classes(":", NAME));
        match kind {
            USER => (vec![id("AIDA")], vec!["AIDASTRANGERUSER00001".into()]),
            ROLE => {
                let session = match self.class {
                    Class::Principal(principal) => match &principal.entity {
                        Entity::AssumedRole { session, .. } => Some(session),
                        Entity::Root | Entity::User(_) | Entity::Role(_) | Entity::FederatedUser(_) => None,
                    },
                    _ => None,
                };
                match session {
                    Some(session) => (
                        vec![id("AROA").then(&Glob::exact(&format!(":{session}")))],
                        vec![format!("AROASTRANGERROLE00001:{session}")],
                    ),
                    None => (vec![role], vec!["AROASTRANGERROLE00001:session".into()]),
                }
            }
            _ => (Vec::new(), vec!["AROASTRANGERROLE00001:session".into()]),
        }
    }

    fn user_name(&self) -> KeyState {
        match self.class {
            Class::Principal(principal) => match &principal.entity {
                Entity::User(_) => fixed(principal.entity.name().unwrap_or_default()),
                Entity::Root | Entity::Role(_) | Entity::AssumedRole { .. } | Entity::FederatedUser(_) => ABSENT,
            },
            // A named user is a class of its own.
            _ => free(Values::text(
                vec![names()],
                self.named_users(),
                vec!["example".into(), "visitor".into()],
            )),
        }
    }

    /// The names of users whom documents name as principals, in the account of the class.
    fn named_users(&self) -> Vec<Glob> {
        let of_class =
            |user: &&AwsPrincipal| matches!(user.entity, Entity::User(_)) && Some(user.account) == self.class.account();
        let users = self.named.principals.iter().filter(of_class);
        users.filter_map(|user| user.entity.name()).map(Glob::exact).collect()
    }

    fn organization_paths(&self) -> KeyState {
        let Membership::Of(id) = &self.shape.organization else {
            return ABSENT;
        };
        let known = self.shape.account.and_then(|account| {
            let organization = self.ground.surroundings.organization?;
            organization.accounts.get(&account).filter(|paths| !paths.is_empty())
        });
        if let Some(paths) = known {
            return KeyState::Fixed(Value::Many(paths.iter().map(ToString::to_string).collect()));
        }
        free(Values::text(
            vec![path_shape(&format!("{id}/"), false)],
            Vec::new(),
            vec![format!("{id}/r-ab12/ou-ab12-11111111/"), format!("{id}/r-ab12/")],
        ))
    }

    fn service_name(&self) -> KeyState {
        match self.class {
            Class::Service(name) => fixed(name),
            _ => free(Values::text(
                vec![
                    Glob::of_classes("", &[(Chars::NotSlash, false), (Chars::NotSlash, true)])
                        .then(&Glob::exact(".amazonaws.com")),
                ],
                self.named.services.iter().map(|name| Glob::exact(name)).collect(),
                ["events.amazonaws.com", "logs.amazonaws.com", "sns.amazonaws.com"]
                    .map(str::to_owned)
                    .to_vec(),
            )),
        }
    }

    /// Keys that a service sends about the resource for which it acts [CTX-10].
    fn source(&self, name: &str, id: KeyId) -> KeyState {
        let Some(account) = self.shape.source else {
            return ABSENT;
        };
        if name != "aws:sourcearn" {
            return KeyState::Free(Domain {
                absent: true,
                multivalued: false,
                values: Values::OneOf(vec![account.to_string().into()]),
            });
        }
        let partition = self.ground.partition;
        let strange = self.restriction.is_strange(Dimension::Source);
        let own = Glob::of_classes(
            &format!("arn:{partition}:"),
            &[(Chars::NotColon, false), (Chars::NotColon, true)],
        )
        .then(&Glob::of_classes(":", &[(Chars::NotColon, true)]))
        .then(&Glob::of_classes(
            &format!(":{account}:"),
            &[(Chars::Any, false), (Chars::Any, true)],
        ));
        // ARNs of S3 buckets carry no account.
        let bucket = Glob::of_classes(
            &format!("arn:{partition}:s3:::"),
            &[(Chars::NotSlash, false), (Chars::NotSlash, true)],
        );
        let mut without: Vec<Glob> = Vec::new();
        if strange {
            without.extend(self.named.of_key(id).cloned());
            // Nor may a later field be a named account [OPEN-04].
            let fields = self.named.accounts.iter();
            without.extend(fields.map(|account| {
                Glob::of_classes("arn:", &[(Chars::Any, true)])
                    .then(&Glob::of_classes(&format!(":{account}:"), &[(Chars::Any, true)]))
            }));
        }
        KeyState::Free(Domain {
            absent: true,
            multivalued: false,
            values: Values::text(
                vec![own, bucket],
                without,
                vec![format!("arn:{partition}:sns:us-east-1:{account}:topic")],
            ),
        })
    }

    /// Keys that name the access point of the request [CTX-21].
    fn access_point(&self, name: &str, id: KeyId) -> KeyState {
        match (&self.shape.access_point, name) {
            (None, _) => ABSENT,
            (Some(Through::One { arn, .. }), "s3:dataaccesspointarn") => fixed(arn),
            (Some(Through::One { account, .. }), _) => account.map_or(ABSENT, |account| fixed(&account.to_string())),
            (Some(Through::AnyOf(account)), "s3:dataaccesspointarn") => {
                let partition = self.ground.partition;
                let within = Glob::of_classes(&format!("arn:{partition}:s3:"), &[(Chars::NotColon, true)])
                    .then(&Glob::of_classes(&format!(":{account}:accesspoint/"), NAME));
                let strange = self.restriction.is_strange(Dimension::AccessPoint);
                free(Values::text(
                    vec![within],
                    self.named
                        .of_key(id)
                        .filter(|_| strange)
                        .cloned()
                        .chain(self.ground.listed.iter().map(|arn| Glob::exact(arn)))
                        .collect(),
                    vec![format!("arn:{partition}:s3:us-east-1:{account}:accesspoint/example")],
                ))
            }
            (Some(Through::AnyOf(account)), _) => fixed(&account.to_string()),
        }
    }

    /// Keys that are constant for the resource [CTX-19], [CTX-27].
    fn resource(&self, name: &str) -> KeyState {
        let surroundings = &self.ground.surroundings;
        match name {
            "aws:resourceaccount" | "s3:resourceaccount" => match surroundings.owner {
                Some(owner) => fixed(&owner.to_string()),
                None => free(Values::text(DIGITS.clone(), Vec::new(), vec!["111122223333".into()])),
            },
            "aws:resourceorgid" => match surroundings.owner.and_then(|owner| surroundings.organization_of(owner)) {
                Some(id) => fixed(id),
                None => maybe(Values::text(vec![organization_shape()], Vec::new(), Vec::new())),
            },
            "aws:resourceorgpaths" => maybe(Values::text(vec![path_shape("o-", true)], Vec::new(), Vec::new())),
            _ => self.tag(name.split_once('/').map(|(_, tag)| tag).unwrap_or_default()),
        }
    }

    fn tag(&self, tag: &str) -> KeyState {
        if self.ground.tags_count == Some(false) {
            return ABSENT;
        }
        let value = match self.ground.tags {
            Setting::Absent => None,
            Setting::Set(tags) => tags
                .value
                .iter()
                .find(|(key, _)| key.to_lowercase() == tag)
                .map(|(_, value)| value.to_string()),
            Setting::Unknown(_) => return free(Values::Unknown),
        };
        match (value, self.ground.tags_count) {
            (None, _) => ABSENT,
            (Some(value), Some(true)) => fixed(&value),
            // Whether tags count on this bucket is not known: either way.
            (Some(value), _) => maybe(Values::OneOf(vec![value.into()])),
        }
    }
}

/// What the key of an object can be: keys of objects that are known to exist come first, those of others are out.
pub(super) fn object_key(known: &[String], foreign: &[String]) -> KeyState {
    let mut likely: Vec<String> = known.to_vec();
    likely.extend(["reports/2026/summary.csv".to_owned(), "index.html".to_owned()]);
    free(Values::text(
        vec![Glob::of_classes("", &[(Chars::Any, false), (Chars::Any, true)])],
        foreign.iter().map(|key| Glob::exact(key)).collect(),
        likely,
    ))
}

const ABSENT: KeyState = KeyState::Fixed(Value::Absent);

pub(super) fn fixed(text: &str) -> KeyState {
    KeyState::Fixed(Value::One(text.to_owned()))
}

pub(super) fn free(values: Values) -> KeyState {
    KeyState::Free(Domain {
        absent: false,
        multivalued: false,
        values,
    })
}

pub(super) fn maybe(values: Values) -> KeyState {
    KeyState::Free(Domain {
        absent: true,
        multivalued: false,
        values,
    })
}

fn one_of(values: &[&'static str]) -> KeyState {
    free(Values::OneOf(values.iter().map(|value| (*value).into()).collect()))
}

fn in_session(id: &str) -> KeyState {
    free(Values::text(
        vec![Glob::of_classes(&format!("{id}:"), NAME)],
        Vec::new(),
        vec![format!("{id}:session")],
    ))
}

fn names() -> Glob {
    Glob::of_classes("", NAME)
}

/// Ids of VPCs and endpoints have 8 or 17 characters [COND-43].
fn ids(prefix: &str) -> Arc<[Glob]> {
    [8, 17]
        .map(|length| Glob::of_classes(prefix, &vec![(Chars::Alnum, false); length]))
        .into()
}

static VPC_IDS: LazyLock<Arc<[Glob]>> = LazyLock::new(|| ids("vpc-"));
static ENDPOINT_IDS: LazyLock<Arc<[Glob]>> = LazyLock::new(|| ids("vpce-"));
static NAMES: LazyLock<Arc<[Glob]>> = LazyLock::new(|| Arc::new([names()]));
static DIGITS: LazyLock<Arc<[Glob]>> = LazyLock::new(|| Arc::new([Glob::of_classes("", &[(Chars::Digit, false); 12])]));
static ORGANIZATIONS: LazyLock<Arc<[Glob]>> = LazyLock::new(|| Arc::new([organization_shape()]));
static PUBLIC: LazyLock<Vec<IpNet>> = LazyLock::new(|| networks(&["0.0.0.0/0", "2000::/3"]));
static ANY_ADDRESS: LazyLock<Vec<IpNet>> = LazyLock::new(|| networks(&["0.0.0.0/0", "::/0"]));
static NOT_PUBLIC: LazyLock<Vec<IpNet>> = LazyLock::new(|| networks(RESERVED));
static PATHS: LazyLock<Arc<[Glob]>> = LazyLock::new(|| Arc::new([path_shape("o-", true)]));
static ANYTHING: LazyLock<Arc<[Glob]>> = LazyLock::new(|| Arc::new([]));

const NAME: &[(Chars, bool)] = &[(Chars::Name, false), (Chars::Name, true)];
const PATH_AND_NAME: &[(Chars, bool)] = &[(Chars::NotColon, true), (Chars::Name, false)];

fn organization_shape() -> Glob {
    Glob::of_classes("o-", &[(Chars::Lower, false), (Chars::Lower, true)])
}

/// Paths of an organization: `o-…/r-…/` and deeper.
fn path_shape(head: &str, any_organization: bool) -> Glob {
    let root = Glob::of_classes(
        "r-",
        &[
            (Chars::Lower, false),
            (Chars::NotColon, true),
            (Chars::Char('/'), false),
        ],
    );
    if any_organization {
        Glob::of_classes(
            head,
            &[(Chars::Lower, false), (Chars::Lower, true), (Chars::Char('/'), false)],
        )
        .then(&root)
    } else {
        Glob::exact(head).then(&root)
    }
}

fn path_in(organization: &str) -> Glob {
    Glob::of_classes(&format!("{organization}/"), &[(Chars::Any, true)])
}

fn arn_of_account(account: AccountId) -> Glob {
    Glob::of_classes("arn:", &[(Chars::Any, true)])
        .then(&Glob::of_classes(&format!(":{account}:"), &[(Chars::Any, true)]))
}

/// What lies inside the zone of trust, of the keys of this form.
fn outside(form: Form, zone: &Zone) -> Vec<Glob> {
    match form {
        Form::Vpc | Form::Endpoint => zone.endpoints.iter().map(|id| Glob::exact(id)).collect(),
        Form::VpcArn => zone.accounts.iter().map(|account| arn_of_account(*account)).collect(),
        Form::Account => zone
            .accounts
            .iter()
            .map(|account| Glob::exact(&account.to_string()))
            .collect(),
        Form::Organization => zone.organizations.iter().map(|id| Glob::exact(id)).collect(),
        Form::OrganizationPath => zone.organizations.iter().map(|id| path_in(id)).collect(),
        Form::Caller
        | Form::Text
        | Form::OneOf(_)
        | Form::PublicAddress
        | Form::Address
        | Form::Whole
        | Form::Time
        | Form::PastTime
        | Form::Source
        | Form::AccessPoint
        | Form::Resource
        | Form::SessionName => Vec::new(),
    }
}

fn likely(name: &str) -> Vec<String> {
    let text = match name {
        "aws:useragent" => "aws-cli/2.27.0",
        "aws:requestedregion" => "us-east-1",
        "aws:referer" => "https://example.com/",
        "sts:externalid" => "stranger",
        "s3:x-amz-acl" => "private",
        "s3:prefix" | "s3:delimiter" => "",
        _ => "example",
    };
    vec![text.to_owned()]
}

fn networks(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Ranges that are no one's public address [OPEN-05], [COND-42].
const RESERVED: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// Seconds.
const CENTURY: i64 = 100 * 366 * 86_400;
