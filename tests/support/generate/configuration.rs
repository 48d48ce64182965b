use bucketproof::engine::{BucketScope, Estate, Options, RoleScope};
use bucketproof::iam::{CanonicalId, PolicyKind, Timestamp};
use bucketproof::model::{
    AccessPoint, Account, Acl, AclGrant, AclGrantee, AclPermission, Bucket, Inventory, NetworkOrigin, ObjectAcl,
    ObjectOwnership, Organization, OrganizationPolicy, Payer, PublicAccessBlock, Role, Setting, Target,
};
use bucketproof::source::{Span, UnknownReason};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Strategy, any};
use proptest::sample::select;
use std::fmt;

use super::super::document::document;
use super::Level;
use super::policy::{access_point_policy, bucket_policy, resource_control_policy};
use super::pools::{
    ANONYMOUS_CANONICAL, KEYS, LOST_CANONICAL, OTHER, OTHER_CANONICAL, OWN, OWN_CANONICAL, PRINCIPALS, UNIQUE_ID,
};
use super::trust::trust_policy;

/// One bucket or one role with what surrounds it.
#[derive(Clone)]
pub struct World {
    /// Everything, with one bucket or one role in it.
    pub inventory: Inventory,
    /// How to decide.
    pub options: Options,
    /// The documents, as they were written.
    pub texts: Vec<String>,
}

impl World {
    /// The bucket's scope, where the world is about one.
    pub fn bucket<'a>(&'a self, estate: &Estate<'a>) -> Option<BucketScope<'a>> {
        self.inventory.buckets.first().map(|bucket| estate.bucket(bucket))
    }

    /// The role's scope, where the world is about one.
    pub fn role<'a>(&'a self, estate: &Estate<'a>) -> Option<RoleScope<'a>> {
        self.inventory.roles.first().map(|role| estate.role(role))
    }
}

/// A bucket of this level.
pub fn bucket_world(level: Level) -> BoxedStrategy<World> {
    let surroundings = (
        blocks(),
        blocks(),
        option::of(ownership()),
        acl(),
        objects(level),
        any::<[u8; 6]>(),
    );
    let documents = (
        bucket_policy(level),
        access_point_policy(level),
        resource_control_policy(level),
        blocks(),
    );
    (surroundings, documents)
        .prop_map(move |(surroundings, documents)| {
            let (bucket_block, account_block, ownership, acl, objects, odds) = surroundings;
            let (policy, front, control, front_block) = documents;
            let [pays, abac, origin, has_front, has_control, has_organization_block] = odds;
            let late = level >= Level::Documents;
            let mut world = world(account_block);
            let mut bucket = bucket(ownership, acl, objects, bucket_block);
            bucket.policy = read(&policy, PolicyKind::Bucket);
            world.texts.push(policy);
            if level >= Level::Sets && pays < 30 {
                bucket.request_payment = set(Payer::Requester);
            }
            if late {
                bucket.abac = set(abac < 128);
                bucket.tags = set([("public".into(), "yes".into())].into());
            }
            world.inventory.buckets.push(bucket);
            if late && has_front < 128 {
                world
                    .inventory
                    .access_points
                    .push(access_point(&front, origin, front_block));
                world.texts.push(front);
            }
            if late && has_control < 100 {
                world.inventory.organization = Some(organization(&control, has_organization_block < 60));
                world.texts.push(control);
            }
            world
        })
        .prop_flat_map(move |world| unknowns(world, level))
        .boxed()
}

/// A role of this level.
pub fn role_world(level: Level) -> BoxedStrategy<World> {
    (trust_policy(level), resource_control_policy(level), any::<[u8; 2]>())
        .prop_map(move |(trust, control, [tags, has_control])| {
            let mut world = world(PublicAccessBlock::default());
            world.inventory.roles.push(Role {
                name: "r".into(),
                path: "/".into(),
                account: OWN.parse().ok(),
                trust: read(&trust, PolicyKind::Trust),
                tags: if tags < 128 {
                    set([("public".into(), "yes".into())].into())
                } else {
                    Setting::Absent
                },
                ..Role::default()
            });
            world.texts.push(trust);
            if level >= Level::Documents && has_control < 60 {
                world.inventory.organization = Some(organization(&control, false));
                world.texts.push(control);
            }
            world
        })
        .boxed()
}

fn world(account_block: PublicAccessBlock) -> World {
    let account = |id: &str, canonical: &str| Account {
        id: id.parse().ok(),
        canonical_id: Some(CanonicalId::new(canonical)),
        ..Account::default()
    };
    let mut own = account(OWN, OWN_CANONICAL);
    own.public_access_block = set(account_block);
    let mut other = account(OTHER, OTHER_CANONICAL);
    other.unique_ids.insert(UNIQUE_ID.into(), PRINCIPALS[0].into());
    World {
        inventory: Inventory {
            accounts: vec![own, other],
            ..Inventory::default()
        },
        options: Options::at(NOW),
        texts: Vec::new(),
    }
}

fn bucket(ownership: Option<ObjectOwnership>, acl: Acl, objects: Vec<ObjectAcl>, block: PublicAccessBlock) -> Bucket {
    Bucket {
        name: "b".into(),
        account: OWN.parse().ok(),
        owner: Some(CanonicalId::new(OWN_CANONICAL)),
        acl: set(acl),
        public_access_block: set(block),
        ownership: ownership.map_or(Setting::Absent, set),
        objects,
        ..Bucket::default()
    }
}

fn access_point(policy: &str, origin: u8, block: PublicAccessBlock) -> AccessPoint {
    AccessPoint {
        name: "ap".into(),
        account: OWN.parse().ok(),
        region: Some("us-east-1".into()),
        bucket: "b".into(),
        bucket_account: OWN.parse().ok(),
        origin: if origin < 60 {
            NetworkOrigin::Vpc(Some("vpc-91237329".into()))
        } else {
            NetworkOrigin::Internet
        },
        policy: read(policy, PolicyKind::AccessPoint),
        public_access_block: set(block),
        ..AccessPoint::default()
    }
}

fn organization(control: &str, blocks: bool) -> Organization {
    let policies = document(control, PolicyKind::ResourceControl).into_iter();
    Organization {
        id: Some("o-x".into()),
        management_account: "999999999999".parse().ok(),
        resource_control_policies: policies.map(at_root).collect(),
        s3_policies: vec![at_root(blocks)],
        ..Organization::default()
    }
}

fn at_root<T>(content: T) -> OrganizationPolicy<T> {
    OrganizationPolicy {
        name: "p".into(),
        content,
        targets: Some(vec![Target::Root]),
        span: Span::default(),
    }
}

fn blocks() -> BoxedStrategy<PublicAccessBlock> {
    any::<[u8; 4]>()
        .prop_map(|[block_acls, ignore, block_policy, restrict]| PublicAccessBlock {
            block_public_acls: block_acls < 40,
            ignore_public_acls: ignore < 40,
            block_public_policy: block_policy < 40,
            restrict_public_buckets: restrict < 40,
        })
        .boxed()
}

fn ownership() -> BoxedStrategy<ObjectOwnership> {
    select(vec![
        ObjectOwnership::ObjectWriter,
        ObjectOwnership::BucketOwnerPreferred,
        ObjectOwnership::BucketOwnerEnforced,
    ])
    .boxed()
}

fn acl() -> BoxedStrategy<Acl> {
    let canonical = |id: &str| AclGrantee::Canonical(CanonicalId::new(id));
    let grantees = vec![
        AclGrantee::AllUsers,
        AclGrantee::AuthenticatedUsers,
        AclGrantee::LogDelivery,
        canonical(OWN_CANONICAL),
        canonical(OTHER_CANONICAL),
        canonical(LOST_CANONICAL),
        canonical(ANONYMOUS_CANONICAL),
    ];
    let permissions = vec![
        AclPermission::Read,
        AclPermission::Write,
        AclPermission::ReadAcp,
        AclPermission::WriteAcp,
        AclPermission::FullControl,
    ];
    let grant = (select(grantees), select(permissions)).prop_map(|(grantee, permission)| AclGrant {
        grantee,
        permission,
        span: Span::default(),
    });
    vec(grant, 0..=2)
        .prop_map(|grants| Acl {
            owner: Some(CanonicalId::new(OWN_CANONICAL)),
            grants,
        })
        .boxed()
}

/// ACLs of up to two objects; from [`Level::Sets`] on some belong to other accounts.
fn objects(level: Level) -> BoxedStrategy<Vec<ObjectAcl>> {
    let owners = if level < Level::Sets {
        vec![OWN_CANONICAL]
    } else {
        vec![OWN_CANONICAL, OTHER_CANONICAL, LOST_CANONICAL, ANONYMOUS_CANONICAL]
    };
    let pair = (acl(), select(owners));
    vec(pair, 0..=2)
        .prop_map(|objects| {
            let object = |(key, (mut acl, owner)): (&&str, (Acl, &str))| {
                acl.owner = Some(CanonicalId::new(owner));
                ObjectAcl {
                    key: (*key).into(),
                    acl: set(acl),
                    span: Span::default(),
                }
            };
            KEYS.iter().zip(objects).map(object).collect()
        })
        .boxed()
}

/// At the last level AWS may refuse to tell one of the settings.
fn unknowns(world: World, level: Level) -> BoxedStrategy<World> {
    any::<u8>()
        .prop_map(move |which| {
            let mut world = world.clone();
            let Some(bucket) = world.inventory.buckets.first_mut().filter(|_| level == Level::Hostile) else {
                return world;
            };
            match which {
                0..6 => bucket.policy = refused(),
                6..12 => bucket.acl = refused(),
                12..18 => bucket.ownership = refused(),
                18..24 => bucket.public_access_block = refused(),
                24..30 => bucket.request_payment = refused(),
                30..36 => bucket.tags = refused(),
                36..42 => bucket.objects.iter_mut().for_each(|object| object.acl = refused()),
                42.. => {}
            }
            world
        })
        .boxed()
}

fn refused<T>() -> Setting<T> {
    Setting::unknown(UnknownReason::Refused("AccessDenied".into()), None)
}

fn set<T>(value: T) -> Setting<T> {
    Setting::set(value, Span::default())
}

/// A generated document that the parser refuses is a mistake of the generator.
fn read(text: &str, kind: PolicyKind) -> Setting<bucketproof::iam::PolicyDocument> {
    match document(text, kind) {
        Ok(document) => set(document),
        Err(messages) => panic!("{text}\n{messages:?}"),
    }
}

/// What a failure shows: the documents and the settings, without spans.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        for text in &self.texts {
            writeln!(f, "  {text}")?;
        }
        for bucket in &self.inventory.buckets {
            writeln!(f, "  block {:?}", bucket.public_access_block.value())?;
            writeln!(
                f,
                "  ownership {:?} payer {:?}",
                bucket.ownership.value(),
                bucket.request_payment.value()
            )?;
            writeln!(f, "  abac {:?} acl {:?}", bucket.abac.value(), bucket.acl.value())?;
            for object in &bucket.objects {
                writeln!(f, "  {} {:?}", object.key, object.acl.value())?;
            }
        }
        for account in &self.inventory.accounts {
            writeln!(
                f,
                "  account {:?} {:?}",
                account.id,
                account.public_access_block.value()
            )?;
        }
        for access_point in &self.inventory.access_points {
            writeln!(
                f,
                "  {:?} {:?}",
                access_point.origin,
                access_point.public_access_block.value()
            )?;
        }
        Ok(())
    }
}

/// 2026-01-31T12:00:00Z, which some dates of the documents hit exactly.
const NOW: Timestamp = Timestamp(1_769_860_800_000);
