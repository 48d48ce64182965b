//! The two evaluators agree: on random worlds, what is granted as sets is what single requests get.
//!
//! For each world the symbolic side says its grants once. Then every witness must be allowed by the concrete side; every
//! request near a boundary that the concrete side allows must be covered by some grant, and by an open one where the
//! caller is a stranger; and every request that a grant covers, by a caller of exactly its class, must be allowed. By
//! default 64 worlds with 200 requests each, and 4 with 10,000; `PROPTEST_CASES` sets the number of worlds of both.

#[cfg(test)]
#[path = "support/document.rs"]
mod document;
#[cfg(test)]
#[path = "support/generate/mod.rs"]
mod generate;
#[cfg(test)]
#[path = "support/membership.rs"]
mod membership;
#[cfg(test)]
#[path = "support/stranger.rs"]
mod stranger;

#[cfg(test)]
mod agreement {
    use bucketproof::engine::{
        Caller, DocumentKind, Estate, Grant, GrantEffect, Request, ResourceAccess, Verdict, Zone, bucket_access,
        decide_bucket, decide_role, role_access,
    };
    use bucketproof::iam::{Entity, Principal};
    use bucketproof::model::AclGrantee;
    use proptest::collection::vec;
    use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_oneof, proptest};
    use proptest::sample::select;
    use std::collections::BTreeMap;
    use std::fmt;

    use super::generate::{Level, World, bucket_world, describe, picks, request, role_world};
    use super::membership::{Membership, covers, membership};
    use super::stranger::{is_stranger, statements_about};

    struct Setup {
        level: Level,
        world: World,
        requests: Vec<Request>,
    }

    impl fmt::Debug for Setup {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{:?} {:?}", self.level, self.world)
        }
    }

    fn config(share: u32) -> ProptestConfig {
        let default = ProptestConfig::default();
        ProptestConfig {
            cases: default.cases.div_ceil(share),
            failure_persistence: None,
            max_shrink_iters: 600,
            ..default
        }
    }

    fn setups(requests: usize) -> impl Strategy<Value = Setup> {
        let level = select(Level::ALL.to_vec());
        level.prop_flat_map(move |level| {
            let world = prop_oneof![3 => bucket_world(level), 1 => role_world(level)];
            (world, vec(picks(), requests)).prop_map(move |(world, picks)| {
                let requests = picks.iter().map(|picks| request(&world, picks)).collect();
                Setup { level, world, requests }
            })
        })
    }

    /// The verdict of the concrete side; none where it rests on owning the bucket alone, which is no grant to anybody:
    /// the owner's root user [EVAL-09], and whoever of the account an ACL's owner stands for [ACL-07].
    fn verdict(world: &World, estate: &Estate<'_>, request: &Request) -> Option<Verdict> {
        let decision = match (world.bucket(estate), world.role(estate)) {
            (Some(bucket), _) => decide_bucket(request, &bucket, &world.options),
            (None, Some(role)) => decide_role(request, &role, &world.options),
            (None, None) => return None,
        };
        let owner = world.inventory.accounts.first().and_then(|account| account.id);
        let own = request.caller.account() == owner;
        let by_root = matches!(&request.caller, Caller::Aws(principal) if principal.entity == Entity::Root);
        let by_acl = decision
            .deciding()
            .is_some_and(|step| matches!(step.document, Some(DocumentKind::BucketAcl | DocumentKind::ObjectAcl)));
        let by_owning = own && decision.verdict == Verdict::Allowed && (by_root || by_acl);
        (!by_owning).then_some(decision.verdict)
    }

    /// What an origin access identity carries is not documented: it is a class of its own only where a document names it.
    fn is_unnamed_origin_access_identity(world: &World, request: &Request) -> bool {
        let Caller::OriginAccessIdentity(id) = &request.caller else {
            return false;
        };
        let named = Principal::OriginAccessIdentity(id.clone());
        let statements = statements_about(world, &request.resource);
        let mut entries = statements.iter().flat_map(|statement| &statement.principal.entries);
        !entries.any(|entry| entry.value == named)
    }

    /// Whether S3 delivers logs by an ACL: of buckets of the same account only, which makes it no stranger [ACL-05].
    fn is_log_delivery(world: &World, request: &Request) -> bool {
        let acls = world.inventory.buckets.iter().flat_map(|bucket| {
            let objects = bucket.objects.iter().filter_map(|object| object.acl.value());
            bucket.acl.value().into_iter().chain(objects)
        });
        let mut grants = acls.flat_map(|acl| &acl.grants);
        request.caller == Caller::Service("logging.s3.amazonaws.com".into())
            && grants.any(|grant| grant.grantee == AclGrantee::LogDelivery)
    }

    fn access(world: &World, estate: &Estate<'_>) -> Vec<ResourceAccess> {
        let zone = Zone {
            accounts: world
                .inventory
                .accounts
                .first()
                .and_then(|account| account.id)
                .into_iter()
                .collect(),
            ..Zone::default()
        };
        match (world.bucket(estate), world.role(estate)) {
            (Some(bucket), _) => bucket_access(&bucket, &zone, &world.options),
            (None, Some(role)) => role_access(&role, &zone, &world.options),
            (None, None) => Vec::new(),
        }
    }

    fn shown(grant: &Grant) -> String {
        let conditions: Vec<String> = grant
            .conditions
            .iter()
            .map(|condition| format!("{} {} {:?}", condition.operator, condition.key, condition.values))
            .collect();
        format!(
            "    {:?} {:?} open={} {} actions on {:?} {conditions:?}",
            grant.grantee,
            grant.effect,
            grant.open,
            grant.actions.len(),
            grant.resources
        )
    }

    /// What the two sides disagree about; at most one of each kind.
    fn complaints(setup: &Setup) -> Vec<String> {
        let world = &setup.world;
        let estate = Estate::new(&world.inventory);
        let access = access(world, &estate);
        let grants: Vec<&Grant> = access
            .iter()
            .flat_map(|resource| &resource.grants)
            .filter(|grant| grant.effect == GrantEffect::Effective)
            .collect();
        let list = || grants.iter().map(|grant| shown(grant)).collect::<Vec<_>>().join("\n");
        let mut found = Complaints::default();
        for grant in &grants {
            let witness = verdict(world, &estate, &grant.witness);
            let about = || format!("{}\n  {}", shown(grant), describe(&grant.witness));
            if witness.is_some_and(|verdict| verdict != Verdict::Allowed) {
                found.add("the witness is not allowed", about);
            }
            if grant.open && !is_stranger(&grant.witness, world) {
                found.add("the witness of an open grant is no stranger", about);
            }
        }
        let undecided = access.iter().any(|resource| !resource.indeterminate.is_empty());
        for request in &setup.requests {
            let Some(verdict) = verdict(world, &estate, request) else {
                continue;
            };
            if is_unnamed_origin_access_identity(world, request) {
                continue;
            }
            let covering = |exactly: bool, open: bool| {
                grants.iter().filter(|grant| grant.open || !open).find(|grant| {
                    let fits = match membership(grant, request, world) {
                        Membership::Exact => true,
                        Membership::Wider => !exactly,
                        Membership::None => false,
                    };
                    fits && covers(grant, request, world, exactly)
                })
            };
            let about = || format!("  {}\n{}", describe(request), list());
            if verdict == Verdict::Allowed && !undecided {
                if covering(false, false).is_none() {
                    found.add("no grant covers this request, which is allowed", about);
                } else if is_stranger(request, world)
                    && !is_log_delivery(world, request)
                    && covering(false, true).is_none()
                {
                    found.add("a stranger is allowed, but no open grant covers it", about);
                }
            }
            if verdict == Verdict::Denied
                && let Some(grant) = covering(true, false)
            {
                found.add("a grant covers this request, which is denied", || {
                    format!("  {}\n{}", describe(request), shown(grant))
                });
            }
        }
        found.texts.into_values().collect()
    }

    /// The first complaint of each kind.
    #[derive(Default)]
    struct Complaints {
        texts: BTreeMap<&'static str, String>,
    }

    impl Complaints {
        fn add(&mut self, kind: &'static str, about: impl FnOnce() -> String) {
            self.texts
                .entry(kind)
                .or_insert_with(|| format!("{kind}:\n{}", about()));
        }
    }

    proptest! {
        #![proptest_config(config(4))]

        #[test]
        fn sets_and_single_requests_agree(setup in setups(200)) {
            let complaints = complaints(&setup);
            prop_assert!(complaints.is_empty(), "{}", complaints.join("\n"));
        }
    }

    proptest! {
        #![proptest_config(config(64))]

        /// Where nobody gets anything, 10,000 requests made for the purpose get nothing.
        #[test]
        fn nobody_stays_nobody(setup in setups(10_000).prop_filter("somebody gets something", is_closed)) {
            let complaints = complaints(&setup);
            prop_assert!(complaints.is_empty(), "{}", complaints.join("\n"));
        }
    }

    fn is_closed(setup: &Setup) -> bool {
        let estate = Estate::new(&setup.world.inventory);
        let closed = |resource: &ResourceAccess| {
            let effective = |grant: &Grant| grant.effect == GrantEffect::Effective;
            resource.indeterminate.is_empty() && !resource.grants.iter().any(effective)
        };
        access(&setup.world, &estate).iter().all(closed)
    }
}
