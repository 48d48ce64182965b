//! The two evaluators agree: on random worlds, what is granted as sets is what single requests get.
//!
//! For each world the symbolic side says its grants once. Then every witness must be allowed by the concrete side; every
//! request near a boundary that the concrete side allows must be covered by some grant; and every request that a grant
//! covers, by a caller of exactly its class, must be allowed. The number of worlds is a quarter of proptest's own, which
//! `PROPTEST_CASES` sets; each takes several hundred requests.

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
mod agreement {
    use bucketproof::engine::{
        Caller, DocumentKind, Estate, Grant, GrantEffect, Request, ResourceAccess, Verdict, Zone, bucket_access,
        decide_bucket, decide_role, role_access,
    };
    use bucketproof::iam::Entity;
    use proptest::collection::vec;
    use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_oneof, proptest};
    use proptest::sample::select;
    use std::fmt;

    use super::generate::{Level, World, bucket_world, describe, picks, request, role_world};
    use super::membership::{Membership, covers, membership};

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

    fn config() -> ProptestConfig {
        let default = ProptestConfig::default();
        ProptestConfig {
            cases: default.cases / 4,
            failure_persistence: None,
            max_shrink_iters: 600,
            ..default
        }
    }

    fn setups() -> impl Strategy<Value = Setup> {
        let level = select(Level::ALL.to_vec());
        level.prop_flat_map(|level| {
            let world = prop_oneof![3 => bucket_world(level), 1 => role_world(level)];
            (world, vec(picks(), 200)).prop_map(move |(world, picks)| {
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

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn sets_and_single_requests_agree(setup in setups()) {
            let world = &setup.world;
            let estate = Estate::new(&world.inventory);
            let access = access(world, &estate);
            let grants: Vec<&Grant> = access
                .iter()
                .flat_map(|resource| &resource.grants)
                .filter(|grant| grant.effect == GrantEffect::Effective)
                .collect();
            let list = || grants.iter().map(|grant| shown(grant)).collect::<Vec<_>>().join("\n");
            for grant in &grants {
                let witness = verdict(world, &estate, &grant.witness);
                prop_assert!(
                    witness.is_none_or(|verdict| verdict == Verdict::Allowed),
                    "the witness of this grant is {witness:?}:\n{}\n  {}",
                    shown(grant),
                    describe(&grant.witness)
                );
            }
            let undecided = access.iter().any(|resource| !resource.indeterminate.is_empty());
            for request in &setup.requests {
                let Some(verdict) = verdict(world, &estate, request) else { continue };
                let covering = |exactly: bool| {
                    grants.iter().find(|grant| {
                        let fits = match membership(grant, request, world) {
                            Membership::Exact => true,
                            Membership::Wider => !exactly,
                            Membership::None => false,
                        };
                        fits && covers(grant, request, world, exactly)
                    })
                };
                if verdict == Verdict::Allowed && !undecided {
                    prop_assert!(
                        covering(false).is_some(),
                        "no grant covers this request, which is allowed:\n  {}\n{}",
                        describe(request),
                        list()
                    );
                }
                if verdict == Verdict::Denied {
                    let wrong = covering(true);
                    prop_assert!(
                        wrong.is_none(),
                        "this request is denied:\n  {}\nbut this grant covers it:\n{}",
                        describe(request),
                        wrong.map(|grant| shown(grant)).unwrap_or_default()
                    );
                }
            }
        }
    }
}
