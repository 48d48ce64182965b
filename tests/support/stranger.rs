//! Whether the caller of one request is a stranger to a world's documents, read off `spec/open.md` as plainly as it goes.
//!
//! The symbolic side asks the same as a restriction on sets of callers; this is the second way to that verdict.

use bucketproof::engine::{Caller, ContextValue, Request};
use bucketproof::iam::{PolicyDocument, Principal, Provider, Statement};
use bucketproof::model::NetworkOrigin;
use bucketproof::source::Placeholder;
use ipnet::IpNet;
use std::net::IpAddr;

use super::generate::World;

/// Keys of which a stranger has none of the named values [OPEN-03].
///
/// The clause lists `aws:username` too, but every account can have a user of every name: to call that confined would hide
/// access that anybody can get.
const FRESH: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "sts:externalid",
    "aws:federatedprovider",
    "cognito-identity.amazonaws.com:aud",
    "cognito-identity.amazonaws.com:sub",
    "token.actions.githubusercontent.com:sub",
];

/// Whether nobody whom the documents name stands behind the request [OPEN-01].
pub fn is_stranger(request: &Request, world: &World) -> bool {
    let named = Named::of(world, request);
    named.knows_no_caller(request)
        && !is_bound_to_network(request, world)
        && named.knows_no_value(request)
        && named.knows_no_part(request)
        && named.knows_no_address(request)
        && named.knows_no_repository(request)
}

/// Whether the request comes through an access point that takes requests from one VPC alone: a named network [OPEN-08].
fn is_bound_to_network(request: &Request, world: &World) -> bool {
    let mut listed = world.inventory.access_points.iter();
    request.resource.contains(":accesspoint/") && listed.any(|listed| matches!(listed.origin, NetworkOrigin::Vpc(_)))
}

/// One comparison that some document makes: key, value as written, and whether letter case counts.
struct Compared {
    key: String,
    text: String,
    exactly: bool,
}

struct Named {
    compared: Vec<Compared>,
    principals: Vec<Principal>,
    /// Everything that some document says, to look for accounts in.
    said: Vec<String>,
    is_role: bool,
}

impl Named {
    fn of(world: &World, request: &Request) -> Self {
        let inventory = &world.inventory;
        let mut compared = Vec::new();
        let mut principals = Vec::new();
        for statement in statements_about(world, &request.resource) {
            principals.extend(statement.principal.entries.iter().map(|entry| entry.value.clone()));
            for condition in &statement.conditions {
                let exactly = !condition.operator.to_string().contains("IgnoreCase");
                compared.extend(condition.values.iter().map(|value| Compared {
                    key: condition.key.folded().to_owned(),
                    text: value.text.to_string(),
                    exactly,
                }));
            }
        }
        let accounts = inventory.accounts.iter();
        let mut said: Vec<String> = compared.iter().map(|compared| compared.text.clone()).collect();
        said.extend(principals.iter().map(|principal| format!("{principal:?} {principal}")));
        // The owner of what the request is for, and whoever else the input describes.
        said.extend(accounts.filter_map(|account| account.id).map(|id| id.to_string()));
        Self {
            compared,
            principals,
            said,
            is_role: !inventory.roles.is_empty(),
        }
    }

    fn names_account(&self, account: &str) -> bool {
        self.said.iter().any(|text| text.contains(account))
    }

    fn knows_no_caller(&self, request: &Request) -> bool {
        match &request.caller {
            Caller::Anonymous => true,
            Caller::Aws(principal) => !self.names_account(&principal.account.to_string()),
            // Known by an id alone: whose it is cannot be said of the request.
            Caller::Canonical(_) | Caller::UniqueId(_) | Caller::OriginAccessIdentity(_) => false,
            // Compute services hand a role to their own account's resources only [OPEN-10].
            Caller::Service(name) => !(self.is_role && **name == *"rolesanywhere.amazonaws.com"),
            // The account's own directory [OPEN-09].
            Caller::Federated(provider) => !matches!(provider, Provider::Saml { .. }),
        }
    }

    /// Wildcard-free values that documents compare a key with [OPEN-02].
    fn knows_no_value(&self, request: &Request) -> bool {
        request.context.iter().all(|(key, value)| {
            let values = match value {
                ContextValue::One(value) => std::slice::from_ref(value),
                ContextValue::Many(values) => values,
            };
            // What kind of caller it is the class says, not the documents [OPEN-01].
            let by_class = request.caller == Caller::Anonymous && key.folded().starts_with("aws:");
            let by_class = by_class && *value == ContextValue::One("anonymous".into());
            // The door that the question is about is nobody's secret [OPEN-08].
            let by_door = request.resource.contains(":accesspoint/") && key.folded().starts_with("s3:dataaccesspoint");
            by_class
                || by_door
                || !FRESH.contains(&key.folded())
                || !self.values_of(key.folded()).any(|named| {
                    let same = |value: &String| match named.exactly {
                        true => *value == named.text,
                        false => value.eq_ignore_ascii_case(&named.text),
                    };
                    values.iter().any(same)
                })
        })
    }

    fn values_of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Compared> {
        self.compared.iter().filter(move |compared| compared.key == key)
    }

    /// Literal accounts, organizations and unique ids inside of patterns [OPEN-04].
    fn knows_no_part(&self, request: &Request) -> bool {
        let one = |key: &str| request.context.one(key).unwrap_or_default().to_owned();
        let listed = request.resource.contains(":accesspoint/");
        let door = |key| if listed { String::new() } else { one(key) };
        let accounts = [
            one("aws:SourceAccount"),
            door("s3:DataAccessPointAccount"),
            one("aws:VpceAccount"),
        ];
        let in_arns = [one("aws:SourceArn"), door("s3:DataAccessPointArn")];
        let fields = in_arns.iter().flat_map(|arn| arn.split([':', '/']));
        let mut accounts = accounts.iter().map(String::as_str).chain(fields);
        let is_account = |text: &str| {
            text.parse::<Placeholder>().is_ok() || text.len() == 12 && text.chars().all(|char| char.is_ascii_digit())
        };
        let organization = one("aws:PrincipalOrgID");
        let organizations = self
            .compared
            .iter()
            .filter(|compared| compared.key.ends_with("orgid") || compared.key.ends_with("orgpaths"));
        let mut heads = organizations.filter_map(|compared| compared.text.split('/').next());
        let unique = one("aws:userid");
        let unique = unique.split(':').next().unwrap_or_default();
        let ids = self
            .values_of("aws:userid")
            .filter_map(|named| named.text.split(':').next());
        let ids = ids.filter(|id| id.starts_with("AROA") || id.starts_with("AIDA"));
        let by_id = self.principals.iter().any(|principal| match principal {
            Principal::Deleted(id) => **id == *unique,
            _ => false,
        });
        !accounts.any(|account| is_account(account) && self.names_account(account))
            && (organization.is_empty() || !heads.any(|head| head == organization))
            && !by_id
            && !ids.into_iter().any(|id| id == unique && !unique.is_empty())
    }

    /// A public address in no narrow range that the documents name [OPEN-05].
    fn knows_no_address(&self, request: &Request) -> bool {
        let Some(Ok(address)) = request.context.one("aws:SourceIp").map(str::parse::<IpAddr>) else {
            return true;
        };
        let public = match address {
            IpAddr::V4(address) => {
                let [first, second, ..] = address.octets();
                let shared = first == 100 && (64..128).contains(&second);
                let benchmarks = first == 198 && (18..20).contains(&second);
                !(address.is_private() || address.is_loopback() || address.is_link_local() || shared || benchmarks)
                    && (1..224).contains(&first)
            }
            IpAddr::V6(address) => address.octets().first().is_some_and(|first| first >> 5 == 1),
        };
        let mut ranges = self.values_of("aws:sourceip").filter_map(|named| {
            let range = named.text.parse::<IpNet>().ok();
            range.or_else(|| named.text.parse::<IpAddr>().ok().map(IpNet::from))
        });
        let narrow = |range: &IpNet| range.prefix_len() >= if range.addr().is_ipv4() { 8 } else { 32 };
        public && !ranges.any(|range| narrow(&range) && range.contains(&address))
    }

    /// A repository of an owner whom no pattern spells out [OPEN-09].
    fn knows_no_repository(&self, request: &Request) -> bool {
        let key = "token.actions.githubusercontent.com:sub";
        let owner = |subject: &str| {
            let rest = subject.strip_prefix("repo:")?;
            let (owner, _) = rest.split_once('/')?;
            (!owner.contains(['*', '?', '$'])).then(|| owner.to_owned())
        };
        let Some(own) = request.context.one(key).and_then(owner) else {
            return true;
        };
        !self
            .values_of(key)
            .any(|named| owner(&named.text).as_ref() == Some(&own))
    }
}

/// Every statement that decides about requests to a resource: those of an access point only where they come through it.
pub fn statements_about<'a>(world: &'a World, resource: &str) -> Vec<&'a Statement> {
    let inventory = &world.inventory;
    let through = resource.contains(":accesspoint/");
    let buckets = inventory.buckets.iter().filter_map(|bucket| bucket.policy.value());
    let access_points = inventory.access_points.iter().filter(|_| through);
    let access_points = access_points.filter_map(|access_point| access_point.policy.value());
    let roles = inventory.roles.iter().filter_map(|role| role.trust.value());
    let organizations = inventory.organization.iter();
    let controls = organizations.flat_map(|organization| &organization.resource_control_policies);
    let documents: Vec<&PolicyDocument> = buckets
        .chain(access_points)
        .chain(roles)
        .chain(controls.map(|policy| &policy.content))
        .collect();
    documents.iter().flat_map(|document| &document.statements).collect()
}
