//! The laws of remediation on random documents: the finding is gone, nobody gains access, and nothing is lost that is not told.
//!
//! Documents are those of the agreement of the evaluators. What is edited is text in files; what requests get before and
//! after is asked of the evaluator of single requests, which had no part in the plan.

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
mod remediation {
    use bucketproof::commands::Case;
    use bucketproof::engine::{Caller, DocumentKind, Estate, Options, Request, Verdict, decide_bucket, decide_role};
    use bucketproof::iam::{Entity, Timestamp};
    use bucketproof::ingest::{assemble, discover, read};
    use bucketproof::model::Inventory;
    use bucketproof::rules::Packs;
    use proptest::collection::vec;
    use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_oneof, proptest};
    use proptest::sample::{Index, select};
    use serde_json::{Value, json};
    use std::fs;
    use std::io::Write;
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::generate::{Level, World, bucket_world, describe, picks, request, role_world};
    use super::membership::{Membership, covers, membership};

    /// A sixteenth of proptest's own number of cases; `PROPTEST_CASES`, where it is set, is their number.
    fn config() -> ProptestConfig {
        let default = ProptestConfig::default();
        ProptestConfig {
            cases: default.cases / 16,
            failure_persistence: None,
            max_shrink_iters: 200,
            ..default
        }
    }

    #[derive(Clone, Debug)]
    enum Document {
        Bucket(String, [bool; 4]),
        Trust(String),
    }

    fn documents() -> impl Strategy<Value = Document> {
        let level = select(Level::ALL.to_vec());
        level.prop_flat_map(|level| {
            let blocks = prop_oneof![3 => select(vec![[false; 4]]), 1 => any::<[bool; 4]>()];
            prop_oneof![
                3 => (bucket_world(level), blocks).prop_map(|(world, blocks)| Document::Bucket(first(&world), blocks)),
                1 => role_world(level).prop_map(|world| Document::Trust(first(&world))),
            ]
        })
    }

    fn first(world: &World) -> String {
        world.texts.first().cloned().expect("a document")
    }

    fn write(folder: &Path, document: &Document) {
        let file = |path: &str, value: &Value| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, format!("{value:#}\n")).expect("a file");
        };
        match document {
            Document::Bucket(text, [acls, ignore, policy, restrict]) => {
                file("s3/b/bucket-policy.json", &json!({ "Policy": text }));
                let blocks = json!({
                    "BlockPublicAcls": acls, "IgnorePublicAcls": ignore,
                    "BlockPublicPolicy": policy, "RestrictPublicBuckets": restrict,
                });
                file(
                    "s3/b/public-access-block.json",
                    &json!({ "PublicAccessBlockConfiguration": blocks }),
                );
            }
            Document::Trust(text) => {
                let trust: Value = serde_json::from_str(text).expect("a document");
                let role = json!({
                    "RoleName": "r", "Path": "/", "Arn": "arn:aws:iam::111122223333:role/r",
                    "AssumeRolePolicyDocument": trust, "Tags": [{ "Key": "public", "Value": "yes" }],
                });
                let details =
                    json!({ "RoleDetailList": [role], "UserDetailList": [], "GroupDetailList": [], "Policies": [] });
                file("iam/account-authorization-details.json", &details);
            }
        }
    }

    fn inventory(folder: &Path) -> Inventory {
        let request = bucketproof::ingest::Request {
            paths: vec![folder.to_owned()],
            ..Default::default()
        };
        let discovery = discover(&request);
        let parts = discovery.units.iter().map(read).collect();
        let mut inventory = assemble(discovery, parts).inventory;
        inventory.attribute("111122223333".parse().expect("an account"));
        inventory
    }

    fn allowed(world: &World, request: &Request) -> Option<bool> {
        let estate = Estate::new(&world.inventory);
        let decision = match (world.bucket(&estate), world.role(&estate)) {
            (Some(bucket), _) => decide_bucket(request, &bucket, &world.options),
            (None, Some(role)) => decide_role(request, &role, &world.options),
            (None, None) => return None,
        };
        // What rests on owning alone no edit of a document takes.
        let own = request.caller.account() == "111122223333".parse().ok();
        let by_root = matches!(&request.caller, Caller::Aws(principal) if principal.entity == Entity::Root);
        let by_acl = decision
            .deciding()
            .is_some_and(|step| step.document == Some(DocumentKind::BucketAcl));
        match decision.verdict {
            Verdict::Allowed if own && (by_root || by_acl) => None,
            Verdict::Allowed => Some(true),
            Verdict::Denied => Some(false),
            Verdict::Unknown => None,
        }
    }

    fn apply(diff: &str, folder: &Path) {
        let strip = format!("-p{}", folder.components().count());
        let mut git = Command::new("git")
            .args(["apply", "--whitespace=nowarn", &strip])
            .current_dir(folder)
            .env("GIT_CEILING_DIRECTORIES", folder)
            .stdin(Stdio::piped())
            .spawn()
            .expect("git");
        git.stdin
            .take()
            .expect("a pipe")
            .write_all(diff.as_bytes())
            .expect("a pipe");
        assert!(git.wait().expect("git").success(), "git apply refuses\n{diff}");
    }

    fn world(folder: &Path, document: &Document) -> World {
        let (Document::Bucket(text, _) | Document::Trust(text)) = document;
        World {
            inventory: inventory(folder),
            options: Options::at(Timestamp(1_796_083_200_000)),
            texts: vec![text.clone()],
        }
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn edits_close_what_they_say_and_nothing_else(
            document in documents(),
            rule in any::<Index>(),
            picks in vec(picks(), 40).no_shrink(),
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            write(folder.path(), &document);
            let packs = Packs::by_default().expect("built-in packs");
            let found = {
                let any = packs.rules().first().expect("a rule");
                let case = Case { rule: any.id.clone(), name: "bad-x".into(), path: folder.path().to_owned() };
                case.run(&packs).expect("a case").evaluation.findings
            };
            let is_grant = |finding: &&bucketproof::finding::Finding| finding.grant.is_some();
            let of_grants: Vec<_> = found.iter().filter(is_grant).collect();
            if !of_grants.is_empty() {
                let rule = of_grants[rule.index(of_grants.len())].rule.clone();
                let case = Case { rule: rule.clone(), name: "bad-x".into(), path: folder.path().to_owned() };
                let before = world(folder.path(), &document);
                let fix = case.fix(&packs).expect("a case");
                if !fix.diff.is_empty() {
                    apply(&fix.diff, folder.path());
                    let after = world(folder.path(), &document);
                    let left = case.run(&packs).expect("a case").evaluation.findings;
                    let own = left.iter().filter(|finding| finding.rule == rule).count();
                    prop_assert!(own == 0 || !fix.advice.is_empty(), "{rule} is left\n{}", fix.diff);
                    for request in picks.iter().map(|picks| request(&before, picks)) {
                        let (was, is) = (allowed(&before, &request), allowed(&after, &request));
                        prop_assert!(!(was == Some(false) && is == Some(true)), "gained: {}\n{}", describe(&request), fix.diff);
                        if fix.tells_all && was == Some(true) && is == Some(false) {
                            let told = fix.lost.iter().any(|grant| {
                                let member = membership(grant, &request, &before) != Membership::None;
                                member && covers(grant, &request, &before, false)
                            });
                            prop_assert!(told, "lost and not told: {}\n{:#?}\n{}", describe(&request), fix.lost, fix.diff);
                        }
                    }
                }
            }
        }
    }
}
