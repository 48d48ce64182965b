use bucketproof::engine::{Doubts, Estate, Options};
use bucketproof::iam::{AccountId, CanonicalId, PolicyDocument, PolicyKind, Timestamp};
use bucketproof::model::{
    AccessPoint, Account, Acl, AclGrant, AclGrantee, AclPermission, Bucket, Inventory, NetworkOrigin, ObjectAcl,
    ObjectOwnership, Organization, OrganizationPolicy, Payer, PublicAccessBlock, Role, Setting, Target,
};
use bucketproof::source::{Span, Unknown, UnknownReason};

use super::case::{AccessPointCase, Case, Object};
use super::document::document;

/// The model of a case: one bucket or one role with what surrounds it.
pub struct World {
    /// Everything, as an ingest would have read it.
    pub inventory: Inventory,
    /// How to decide.
    pub options: Options,
    /// Why documents were refused.
    pub refusals: Vec<String>,
}

impl World {
    /// Builds the model of a case.
    pub fn new(case: &Case) -> Result<Self, String> {
        let mut refusals = Vec::new();
        let owner = owner(case)?;
        let mut inventory = Inventory {
            accounts: accounts(case, owner)?,
            organization: organization(case, &mut refusals)?,
            ..Inventory::default()
        };
        if let Some(name) = &case.bucket {
            inventory.buckets.push(bucket(case, name, owner, &mut refusals)?);
            for access_point in &case.access_points {
                let built = access_point_of(case, access_point, name, owner, &mut refusals)?;
                inventory.access_points.push(built);
            }
        }
        if let Some(name) = &case.role {
            inventory.roles.push(role(case, name, owner, &mut refusals));
        }
        Ok(Self {
            inventory,
            options: options(case)?,
            refusals,
        })
    }

    /// An index over the model.
    pub fn estate(&self) -> Estate<'_> {
        Estate::new(&self.inventory)
    }

    /// A document is refused where the case says so, and only there.
    pub fn check_validity(&self, case: &Case) -> Option<String> {
        match (case.invalid, self.refusals.is_empty()) {
            (true, true) => Some("every document was accepted".into()),
            (false, false) => Some(self.refusals.join("\n")),
            (true, false) | (false, true) => None,
        }
    }
}

/// Id of an account.
pub fn account_id(text: &str) -> Result<AccountId, String> {
    text.parse().map_err(|error| format!("`{text}`: {error}"))
}

fn owner(case: &Case) -> Result<Option<AccountId>, String> {
    match case.owner.as_deref() {
        None => account_id("111122223333").map(Some),
        Some("unknown") => Ok(None),
        Some(id) => account_id(id).map(Some),
    }
}

fn owner_canonical(case: &Case) -> CanonicalId {
    CanonicalId::new(case.owner_canonical.as_deref().unwrap_or(OWNER))
}

fn accounts(case: &Case, owner: Option<AccountId>) -> Result<Vec<Account>, String> {
    let mut accounts = vec![Account {
        id: owner,
        canonical_id: Some(owner_canonical(case)),
        public_access_block: setting(
            case,
            "account-blocks",
            case.blocks.account.as_deref().map(block).transpose()?,
        ),
        ..Account::default()
    }];
    for (id, canonical) in &case.canonical_ids {
        accounts.push(Account {
            id: Some(account_id(id)?),
            canonical_id: Some(CanonicalId::new(canonical)),
            ..Account::default()
        });
    }
    if let Some(first) = accounts.first_mut() {
        let ids = case.unique_ids.iter();
        first.unique_ids = ids.map(|(id, arn)| (id.as_str().into(), arn.as_str().into())).collect();
    }
    Ok(accounts)
}

fn organization(case: &Case, refusals: &mut Vec<String>) -> Result<Option<Organization>, String> {
    if case.organization.is_none() && case.rcps.is_empty() && case.blocks.organization.is_none() {
        return Ok(None);
    }
    let mut organization = Organization {
        id: Some("o-x".into()),
        ..Organization::default()
    };
    if let Some(stated) = &case.organization {
        organization.id = Some(stated.id.as_str().into());
        organization.management_account = stated.management.as_deref().map(account_id).transpose()?;
        for (account, paths) in &stated.accounts {
            let paths = paths.iter().map(|path| path.as_str().into()).collect();
            organization.accounts.insert(account_id(account)?, paths);
        }
    }
    organization.resource_control_policies = case
        .rcps
        .iter()
        .filter_map(|text| read(text, PolicyKind::ResourceControl, refusals).value().cloned())
        .map(at_root)
        .collect();
    organization.s3_policies = case
        .blocks
        .organization
        .iter()
        .map(|word| at_root(word == "all"))
        .collect();
    Ok(Some(organization))
}

fn at_root<T>(content: T) -> OrganizationPolicy<T> {
    OrganizationPolicy {
        name: "p".into(),
        content,
        targets: Some(vec![Target::Root]),
        span: Span::default(),
    }
}

fn bucket(case: &Case, name: &str, owner: Option<AccountId>, refusals: &mut Vec<String>) -> Result<Bucket, String> {
    let policy = case
        .bucket_policy
        .as_deref()
        .map(|text| read(text, PolicyKind::Bucket, refusals));
    let ownership = case
        .ownership
        .as_deref()
        .map(|name| ObjectOwnership::from_name(name).ok_or_else(|| format!("`{name}` is no ownership")));
    let objects = case.objects.iter().map(|object| object_acl(case, object));
    let bucket_acl = case
        .bucket_acl
        .as_deref()
        .map(|grants| acl(grants, Some(owner_canonical(case))));
    let payer = case.requester_pays.map(|requester| {
        if requester {
            Payer::Requester
        } else {
            Payer::BucketOwner
        }
    });
    let tags = case.tags.as_ref().map(|tags| {
        let pairs = tags.iter();
        pairs
            .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
            .collect()
    });
    Ok(Bucket {
        name: name.into(),
        account: owner,
        owner: Some(owner_canonical(case)),
        created: case.created.as_deref().map(time).transpose()?,
        policy: unless_unknown(case, "bucket-policy", policy.unwrap_or_default()),
        acl: setting(case, "bucket-acl", bucket_acl.transpose()?),
        public_access_block: setting(
            case,
            "bucket-blocks",
            case.blocks.bucket.as_deref().map(block).transpose()?,
        ),
        ownership: setting(case, "ownership", ownership.transpose()?),
        request_payment: setting(case, "request-payment", payer),
        tags: setting(case, "tags", tags),
        abac: setting(case, "abac", case.abac),
        objects: objects.collect::<Result<_, _>>()?,
        ..Bucket::default()
    })
}

fn object_acl(case: &Case, object: &Object) -> Result<ObjectAcl, String> {
    let owner = object
        .owner
        .as_deref()
        .map_or_else(|| owner_canonical(case), CanonicalId::new);
    Ok(ObjectAcl {
        key: object.key.as_str().into(),
        acl: setting(case, "object-acls", Some(acl(&object.acl, Some(owner))?)),
        span: Span::default(),
    })
}

fn access_point_of(
    case: &Case,
    stated: &AccessPointCase,
    bucket: &str,
    owner: Option<AccountId>,
    refusals: &mut Vec<String>,
) -> Result<AccessPoint, String> {
    let policy = stated
        .policy
        .as_deref()
        .map(|text| read(text, PolicyKind::AccessPoint, refusals));
    let account = stated.account.as_deref().map(account_id).transpose()?;
    Ok(AccessPoint {
        name: stated.name.as_str().into(),
        account: account.or(owner),
        region: Some(stated.region.as_deref().unwrap_or("us-east-1").into()),
        bucket: bucket.into(),
        bucket_account: owner,
        origin: match stated.origin.as_deref() {
            None | Some("Internet") => NetworkOrigin::Internet,
            Some("VPC") => NetworkOrigin::Vpc(stated.vpc.as_deref().map(Into::into)),
            Some(other) => return Err(format!("`{other}` is no network origin")),
        },
        policy: unless_unknown(case, "access-point-policies", policy.unwrap_or_default()),
        public_access_block: match &stated.blocks {
            Some(names) => Setting::set(block(names)?, Span::default()),
            None => Setting::Absent,
        },
        ..AccessPoint::default()
    })
}

fn role(case: &Case, name: &str, owner: Option<AccountId>, refusals: &mut Vec<String>) -> Role {
    let trust = case
        .trust_policy
        .as_deref()
        .map(|text| read(text, PolicyKind::Trust, refusals));
    let (path, name) = match name.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), name),
    };
    let tags = case.tags.as_ref().map(|tags| {
        let pairs = tags.iter();
        pairs
            .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
            .collect()
    });
    Role {
        name: name.into(),
        path: path.into(),
        account: owner,
        trust: unless_unknown(case, "trust-policy", trust.unwrap_or_default()),
        tags: setting(case, "tags", tags),
        ..Role::default()
    }
}

/// A document as ingest keeps it: one that AWS would refuse is unknown [POL-18].
fn read(text: &str, kind: PolicyKind, refusals: &mut Vec<String>) -> Setting<PolicyDocument> {
    match document(text, kind) {
        Ok(document) => {
            let span = document.span;
            Setting::set(document, span)
        }
        Err(messages) => {
            refusals.extend(messages);
            Setting::unknown(UnknownReason::Invalid, None)
        }
    }
}

fn block(names: &[String]) -> Result<PublicAccessBlock, String> {
    let mut block = PublicAccessBlock::default();
    for name in names {
        match name.as_str() {
            "all" => block = PublicAccessBlock::ALL,
            "BlockPublicAcls" => block.block_public_acls = true,
            "IgnorePublicAcls" => block.ignore_public_acls = true,
            "BlockPublicPolicy" => block.block_public_policy = true,
            "RestrictPublicBuckets" => block.restrict_public_buckets = true,
            other => return Err(format!("`{other}` is no setting of Block Public Access")),
        }
    }
    Ok(block)
}

fn acl(grants: &[String], owner: Option<CanonicalId>) -> Result<Acl, String> {
    let grant = |text: &String| {
        let (grantee, permission) = text
            .rsplit_once(' ')
            .ok_or_else(|| format!("`{text}` is no ACL grant"))?;
        let grantee = match grantee.split_once(':') {
            Some(("canonical", id)) => AclGrantee::Canonical(CanonicalId::new(id)),
            Some(("email", address)) => AclGrantee::Email(address.into()),
            Some(("group", uri)) => AclGrantee::from_uri(uri),
            Some(_) => return Err(format!("`{grantee}` is no grantee")),
            None => match grantee {
                "AllUsers" => AclGrantee::AllUsers,
                "AuthenticatedUsers" => AclGrantee::AuthenticatedUsers,
                "LogDelivery" => AclGrantee::LogDelivery,
                other => return Err(format!("`{other}` is no grantee")),
            },
        };
        Ok(AclGrant {
            grantee,
            permission: AclPermission::from_name(permission).ok_or_else(|| format!("`{permission}`"))?,
            span: Span::default(),
        })
    };
    Ok(Acl {
        owner,
        grants: grants.iter().map(grant).collect::<Result<_, String>>()?,
    })
}

fn options(case: &Case) -> Result<Options, String> {
    let now = time(case.now.as_deref().unwrap_or(NOW))?;
    let mut options = Options::at(now);
    for (name, value) in &case.doubts {
        let doubt = doubt(&mut options.doubts, name).ok_or_else(|| format!("`{name}` is no doubt"))?;
        *doubt = *value;
    }
    Ok(options)
}

fn doubt<'a>(doubts: &'a mut Doubts, name: &str) -> Option<&'a mut bool> {
    Some(match name {
        "ignored_acl_drops_named_grants" => &mut doubts.ignored_acl_drops_named_grants,
        "restricted_bucket_cuts_acls" => &mut doubts.restricted_bucket_cuts_acls,
        "star_covers_services" => &mut doubts.star_covers_services,
        "listed_principal_is_spared" => &mut doubts.listed_principal_is_spared,
        "for_any_value_if_exists_favours_access" => &mut doubts.for_any_value_if_exists_favours_access,
        "ignored_acl_drops_anonymous_id" => &mut doubts.ignored_acl_drops_anonymous_id,
        _ => return None,
    })
}

fn setting<T>(case: &Case, name: &str, value: Option<T>) -> Setting<T> {
    let setting = value.map_or(Setting::Absent, |value| Setting::set(value, Span::default()));
    unless_unknown(case, name, setting)
}

fn unless_unknown<T>(case: &Case, name: &str, setting: Setting<T>) -> Setting<T> {
    let reason = if case.refused.iter().any(|refused| refused == name) {
        UnknownReason::Refused("AccessDenied".into())
    } else if case.not_in_input.iter().any(|missing| missing == name) {
        UnknownReason::NotInInput
    } else {
        return setting;
    };
    Setting::Unknown(Unknown { reason, span: None })
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("`{text}`: {error}"))
}

const NOW: &str = "2026-01-31T12:00:00Z";

/// Canonical id of the owner where the case does not say.
const OWNER: &str = "1111111111111111111111111111111111111111111111111111111111111111";
