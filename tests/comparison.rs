//! New access and narrowed questions on random worlds: what they say is what single requests get.
//!
//! A world is compared with itself less one statement, and with another world. Every request that is allowed after and
//! was refused before must be covered by something new; no witness may be refused by the evaluator of single requests.

#[cfg(test)]
#[path = "support/document.rs"]
mod document;
#[cfg(test)]
#[path = "support/generate/mod.rs"]
mod generate;

#[cfg(test)]
mod comparison {
    use bucketproof::engine::{
        Caller, DocumentKind, Estate, Indeterminate, NewAccess, Request, Terms, Verdict, Zone, bucket_grants_of,
        decide_bucket, decide_role, new_bucket_access, new_role_access, role_grants_of,
    };
    use bucketproof::iam::{ContextKey, Entity, PolicyDocument, Principal, find_action};
    use bucketproof::model::{Inventory, Setting};
    use proptest::collection::vec;
    use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_oneof, proptest};
    use proptest::sample::{Index, select};
    use std::fmt;

    use super::generate::{Level, World, bucket_world, describe, picks, request, role_world};

    /// An eighth of proptest's own number of cases; `PROPTEST_CASES`, where it is set, is their number.
    fn config() -> ProptestConfig {
        let default = ProptestConfig::default();
        ProptestConfig {
            cases: default.cases / 8,
            failure_persistence: None,
            max_shrink_iters: 300,
            ..default
        }
    }

    struct Setup {
        world: World,
        other: World,
        dropped: Index,
        requests: Vec<Request>,
    }

    impl fmt::Debug for Setup {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{:?}\nbeside {:?}", self.world, self.other)
        }
    }

    fn setups() -> impl Strategy<Value = Setup> {
        let level = select(Level::ALL.to_vec());
        level.prop_flat_map(|level| {
            let pair = |world: fn(Level) -> _| (world(level), world(level));
            let buckets = pair(|level| bucket_world(level).boxed());
            let roles = pair(|level| role_world(level).boxed());
            let worlds = prop_oneof![3 => buckets, 1 => roles];
            (worlds, any::<Index>(), vec(picks(), 60)).prop_map(|((world, other), dropped, picks)| {
                // Another world in the same surroundings.
                let mut inventory = world.inventory.clone();
                inventory.buckets.clone_from(&other.inventory.buckets);
                inventory.roles.clone_from(&other.inventory.roles);
                inventory.access_points.clone_from(&other.inventory.access_points);
                let other = World {
                    inventory,
                    options: world.options.clone(),
                    texts: other.texts,
                };
                let of = |world: &World| -> Vec<Request> { picks.iter().map(|picks| request(world, picks)).collect() };
                let requests = [of(&world), of(&other)].concat();
                Setup {
                    world,
                    other,
                    dropped,
                    requests,
                }
            })
        })
    }

    fn without(inventory: &Inventory, dropped: Index) -> Inventory {
        let mut inventory = inventory.clone();
        let drop = |policy: &mut Setting<PolicyDocument>| {
            if let Setting::Set(policy) = policy
                && !policy.value.statements.is_empty()
            {
                let at = dropped.index(policy.value.statements.len());
                policy.value.statements.remove(at);
            }
        };
        inventory.buckets.iter_mut().for_each(|bucket| drop(&mut bucket.policy));
        inventory.roles.iter_mut().for_each(|role| drop(&mut role.trust));
        inventory
    }

    /// The verdict, none where it rests on owning alone (as in the agreement of the evaluators).
    fn verdict(inventory: &Inventory, world: &World, request: &Request) -> Option<Verdict> {
        let estate = Estate::new(inventory);
        let decision = match (inventory.buckets.first(), inventory.roles.first()) {
            (Some(bucket), _) => decide_bucket(request, &estate.bucket(bucket), &world.options),
            (None, Some(role)) => decide_role(request, &estate.role(role), &world.options),
            (None, None) => return None,
        };
        let owner = inventory.accounts.first().and_then(|account| account.id);
        let own = request.caller.account() == owner;
        let by_root = matches!(&request.caller, Caller::Aws(principal) if principal.entity == Entity::Root);
        let by_acl = decision
            .deciding()
            .is_some_and(|step| matches!(step.document, Some(DocumentKind::BucketAcl | DocumentKind::ObjectAcl)));
        let by_owning = own && decision.verdict == Verdict::Allowed && (by_root || by_acl);
        (!by_owning).then_some(decision.verdict)
    }

    /// The same request straight to the bucket.
    fn straight(request: &Request) -> Request {
        let mut request = request.clone();
        for key in [
            "s3:DataAccessPointArn",
            "s3:DataAccessPointAccount",
            "s3:AccessPointNetworkOrigin",
        ] {
            request.context.remove(&ContextKey::new(key));
        }
        request
    }

    fn new_access(before: &Inventory, after: &Inventory, world: &World) -> Vec<NewAccess> {
        let (old, new, zone) = (Estate::new(before), Estate::new(after), Zone::default());
        let mut all = Vec::new();
        for (was, is) in before.buckets.iter().zip(&after.buckets) {
            all.extend(new_bucket_access(
                Some(&old.bucket(was)),
                &new.bucket(is),
                &zone,
                &world.options,
            ));
        }
        for (was, is) in before.roles.iter().zip(&after.roles) {
            all.extend(new_role_access(
                Some(&old.role(was)),
                &new.role(is),
                &zone,
                &world.options,
            ));
        }
        all
    }

    fn is_fault(indeterminate: &Indeterminate) -> bool {
        indeterminate.reason.contains("a fault in bucketproof")
    }

    /// What an origin access identity carries is not documented: it is a class of its own only where a policy names it.
    fn names_identity(inventory: &Inventory, request: &Request) -> bool {
        let Caller::OriginAccessIdentity(id) = &request.caller else {
            return true;
        };
        let named = Principal::OriginAccessIdentity(id.clone());
        let buckets = inventory.buckets.iter().map(|bucket| &bucket.policy);
        let points = inventory.access_points.iter().map(|point| &point.policy);
        let through = request.resource.contains(":accesspoint/");
        let statements = buckets
            .chain(points.filter(|_| through))
            .filter_map(Setting::value)
            .flat_map(|policy| &policy.statements);
        let mut entries = statements.flat_map(|statement| &statement.principal.entries);
        entries.any(|entry| entry.value == named)
    }

    /// What is wrong with what is said to be new.
    fn problem(before: &Inventory, after: &Inventory, world: &World, requests: &[Request]) -> Option<String> {
        let new = new_access(before, after, world);
        let undecided: Vec<&Indeterminate> = new.iter().flat_map(|access| &access.indeterminate).collect();
        if let Some(fault) = undecided.iter().find(|indeterminate| is_fault(indeterminate)) {
            return Some(fault.reason.clone());
        }
        let covered = |request: &Request| {
            let mut grants = new.iter().flat_map(|access| &access.grants);
            // A request to assume a role may need more than its own action [TRUST-03], [TRUST-26].
            let also = ["sts:TagSession", "sts:SetSourceIdentity"];
            let also: Vec<_> = also
                .iter()
                .filter_map(|name| find_action(name))
                .map(|action| action.id)
                .collect();
            grants.any(|new| {
                let mut actions = new.grant.actions.iter();
                actions.any(|id| *id == request.action.id || also.contains(id))
            })
        };
        // That a policy in place of an ACL lets the same callers come through access points is not called new.
        let was = |request: &Request| {
            let refused = |request: &Request| verdict(before, world, request) == Some(Verdict::Denied);
            refused(request) && (request.resource.contains(":accesspoint/") || refused(&straight(request)))
        };
        let is = |request: &Request| verdict(after, world, request) == Some(Verdict::Allowed);
        let known = |request: &Request| names_identity(before, request) || names_identity(after, request);
        let missed = requests
            .iter()
            .find(|request| undecided.is_empty() && !covered(request) && known(request) && is(request) && was(request));
        missed.map(|request| format!("not told as new: {}", describe(request)))
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn what_is_new_is_told(setup in setups()) {
            let Setup { world, other, dropped, requests } = &setup;
            let fewer = without(&world.inventory, *dropped);
            let another = &other.inventory;
            let pairs = [
                (&fewer, &world.inventory),
                (&world.inventory, &fewer),
                (&world.inventory, another),
                (another, &world.inventory),
            ];
            for (before, after) in pairs {
                let problem = problem(before, after, world, requests);
                prop_assert!(problem.is_none(), "{}", problem.unwrap_or_default());
            }
            let same = new_access(&world.inventory, &world.inventory, world);
            prop_assert!(same.iter().all(|access| access.grants.is_empty()), "a world is new to itself");
        }

        #[test]
        fn what_is_asked_about_is_found(setup in setups()) {
            let Setup { world, requests, .. } = &setup;
            let inventory = &world.inventory;
            let estate = Estate::new(inventory);
            let zone = Zone::default();
            let allowed = requests
                .iter()
                .filter(|request| verdict(inventory, world, request) == Some(Verdict::Allowed))
                .take(8);
            for request in allowed {
                let terms = Terms {
                    actions: vec![request.action.name.to_owned()],
                    resources: vec![request.resource.clone()],
                    ..Terms::default()
                };
                let Ok(statement) = terms.statement() else { continue };
                let bucket = world.bucket(&estate);
                let role = world.role(&estate);
                let of_bucket = bucket.map(|scope| bucket_grants_of(&statement, &scope, &zone, &world.options));
                let of_role = role.map(|scope| role_grants_of(&statement, &scope, &zone, &world.options));
                let answers: Vec<_> = of_bucket.into_iter().flatten().chain(of_role.flatten()).collect();
                let undecided = || answers.iter().flat_map(|answer| &answer.access.indeterminate);
                let fault = undecided().find(|indeterminate| is_fault(indeterminate));
                prop_assert!(fault.is_none(), "{fault:?}");
                let found = answers.iter().any(|answer| !answer.access.grants.is_empty());
                prop_assert!(found || undecided().next().is_some(), "nobody has {}", describe(request));
            }
        }
    }
}
