//! The same in other words is the same: documents are rewritten in ways that change nothing about what they mean, and
//! what they grant must stay as it was.
//!
//! Two answers are compared line by line, each witness is tried in the other world, and asked for what is new in one
//! beside the other the engine must say nothing. By default 32 worlds of each kind; `PROPTEST_CASES` sets their number.

#[cfg(test)]
#[path = "../support/document.rs"]
mod document;
#[cfg(test)]
mod fence;
#[cfg(test)]
#[path = "../support/generate/mod.rs"]
mod generate;
#[cfg(test)]
mod lint;
#[cfg(test)]
mod meaning;
#[cfg(test)]
mod rewrite;

#[cfg(test)]
mod metamorphic {
    use bucketproof::engine::Request;
    use bucketproof::rules::Packs;
    use proptest::collection::vec;
    use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
    use proptest::sample::select;
    use std::fmt;

    use super::fence::{Fence, fenced};
    use super::generate::{Level, World, bucket_world, describe, picks, request, role_world};
    use super::lint::{without_blocks, without_what_is_useless};
    use super::meaning::{differences, verdict};
    use super::rewrite::{Rewriting, rewritten};

    struct Setup {
        level: Level,
        world: World,
        rewriting: Rewriting,
        fence: Fence,
        picks: Vec<u32>,
        requests: Vec<Request>,
    }

    impl fmt::Debug for Setup {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{:?} {:?} {:?}", self.rewriting, self.level, self.world)
        }
    }

    fn config() -> ProptestConfig {
        let default = ProptestConfig::default();
        ProptestConfig {
            cases: default.cases.div_ceil(8),
            failure_persistence: None,
            max_shrink_iters: 600,
            ..default
        }
    }

    fn setups() -> impl Strategy<Value = Setup> {
        let level = select(Level::ALL.to_vec());
        level.prop_flat_map(|level| {
            let world = prop_oneof![3 => bucket_world(level), 1 => role_world(level)];
            let ways = (select(&Rewriting::ALL[..]), select(&Fence::ALL[..]));
            let picks = (picks(), vec(picks(), 8));
            (world, ways, picks).prop_map(move |(world, (rewriting, fence), (picks, requests))| Setup {
                level,
                requests: requests.iter().map(|picks| request(&world, picks)).collect(),
                world,
                rewriting,
                fence,
                picks,
            })
        })
    }

    fn lints() -> Packs {
        Packs::load(&["policy-lint".to_owned()], Vec::new()).expect("the pack")
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn other_words_grant_the_same(Setup { world, rewriting, picks, requests, .. } in setups()) {
            let other = rewritten(&world, rewriting, &picks);
            let found = differences(&world, &other, rewriting.closeness());
            prop_assert!(found.is_empty(), "{other:?}{}", found.join("\n"));
            for request in &requests {
                prop_assert_eq!(verdict(&world, request), verdict(&other, request), "{}", describe(request));
            }
        }

        #[test]
        fn what_is_useless_can_go(Setup { world, requests, .. } in setups()) {
            let world = without_blocks(&world);
            for (finding, other) in without_what_is_useless(&world, &lints()) {
                for request in &requests {
                    let verdicts = (verdict(&world, request), verdict(&other, request));
                    prop_assert_eq!(&verdicts.0, &verdicts.1, "{} {}", finding.message, describe(request));
                }
            }
        }

        #[test]
        fn a_double_negation_grants_the_same(Setup { world, fence, picks, .. } in setups()) {
            let Some((plain, negated)) = fenced(&world, fence, &picks) else { return Ok(()) };
            let found = differences(&plain, &negated, fence.closeness());
            prop_assert!(found.is_empty(), "{fence:?} {negated:?}{}", found.join("\n"));
        }
    }
}
