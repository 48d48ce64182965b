//! One suite of decisions, run on both evaluators: `testdata/decisions/*.toml`, one test for each case.
//!
//! Every worked example of the specification is a case there, with verdicts taken from the specification. A case is
//! a small configuration, requests with the expected answer, and the grants that leave the own account:
//!
//! ```toml
//! [[case]]
//! id = "PB-T03"                      # unique; the name of the test
//! clauses = ["BPA-04"]               # what it rests on
//! about = "one sentence"
//! owner = "111122223333"             # the owner's account; "unknown" for none; this is the default
//! owner_canonical = "64 hex digits"  # its canonical id; there is a default
//! now = "2026-01-31T12:00:00Z"       # this is the default
//! # A bucket, with all that is not stated absent (AWS's documented default) …
//! bucket = "b"
//! created = "2024-01-15"
//! bucket_policy = '''{…}'''
//! bucket_acl = ["AllUsers READ", "canonical:ID FULL_CONTROL", "LogDelivery WRITE", "email:a@b READ", "group:URI READ"]
//! ownership = "ObjectWriter"
//! blocks = { bucket = ["RestrictPublicBuckets"], account = ["all"], organization = "all" }
//! requester_pays = true
//! abac = true
//! tags = { public = "yes" }
//! objects = [{ key = "k", owner = "ID", acl = ["AllUsers READ"] }]          # owner: by default the bucket's
//! access_points = [{ name = "ap", account = "…", region = "…", origin = "VPC", vpc = "vpc-…", policy = '''{…}''', blocks = [], public = true }]
//! # … or a role,
//! role = "path/name"
//! trust_policy = '''{…}'''
//! # in its surroundings.
//! organization = { id = "o-x", management = "999999999999", accounts = { 111122223333 = ["o-x/r-y/ou-z/"] } }
//! rcps = ['''{…}''']                 # attached to the root
//! canonical_ids = { 444455556666 = "ID" }
//! unique_ids = { AROAEXAMPLE1234567890 = "arn:aws:iam::444455556666:role/x" }
//! refused = ["bucket-policy"]        # settings that AWS refused to tell: bucket-policy, bucket-acl, object-acls, ownership, bucket-blocks,
//!                                    # account-blocks, request-payment, tags, abac, trust-policy, access-point-policies
//! not_in_input = ["bucket-acl"]      # the same names, for what the input does not carry
//! doubts = { star_covers_services = false }
//! # What S3 itself says.
//! policy_public = true
//! acl_public = false
//! console = "public"
//! # With whom the bucket is shared, as Macie has it.
//! sharing = "external"
//! invalid = true                     # a document of the case must be refused
//! out_of_scope = "why resource-side documents cannot show all of it"
//! # Who is let in from outside the own account. Left out: not stated. []: nobody.
//! grants = ["anonymous open", "organization:o-x confined:organization", "account:444455556666", "anonymous blocked"]
//! # What those grants still ask of a request.
//! conditions = ["StringEquals aws:PrincipalOrgID o-x,o-y"]
//! # Who asks for what, and the answer.
//! request = [
//!   { principal = "anonymous", action = "s3:GetObject", resource = "arn:aws:s3:::b/k", expect = "allow" },
//! ]
//! ```
//!
//! In a request `principal` is `anonymous`, an ARN, `service:NAME`, `canonical:ID`, `oai:ID`, `unique-id:ID` or `federated:ARN-OR-HOST`;
//! `context` holds keys with one value or a list, completed as `engine::complete` does, where `"<absent>"` takes a key away; `expect` is
//! `allow`, `deny` or `unknown`; `because`, where it is stated, is a part of the deciding step in words.
//!
//! `grants` is the set of distinct (grantee, `open` or `confined:KIND,…`) among the grants that leave the own account. A named grantee
//! (account, principal, canonical-user, cloudfront-oai) confines itself and carries neither word; `confined` alone means that the grantee as
//! such is the confinement. A grant that does not take effect says `blocked` or `ineffective` instead. A class that a wider one covers with the
//! same actions is not listed.

#[cfg(test)]
mod case;
#[cfg(test)]
mod concrete;
#[cfg(test)]
#[path = "../support/contract.rs"]
mod contract;
#[cfg(test)]
#[path = "../support/document.rs"]
mod document;
#[cfg(test)]
mod symbolic;
#[cfg(test)]
#[path = "../support/told.rs"]
mod told;
#[cfg(test)]
mod world;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::process::ExitCode;

use case::{Case, Suite};
use world::World;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Result<Vec<Trial>, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/decisions");
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{folder}: {error}"))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut ids = BTreeSet::new();
    let mut trials = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let suite: Suite = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for case in suite.case {
            if !ids.insert(case.id.clone()) {
                return Err(format!("{name}: the id {} stands twice", case.id));
            }
            trials.push(Trial::test(format!("{name}::{}", case.id), move || run(&case)));
        }
    }
    Ok(trials)
}

fn run(case: &Case) -> Result<(), Failed> {
    let mut problems = Vec::new();
    match World::new(case) {
        Ok(world) => {
            problems.extend(world.check_validity(case));
            problems.extend(concrete::check(case, &world));
            problems.extend(symbolic::check(case, &world));
            problems.extend(symbolic::reports_of(&world));
        }
        Err(problem) => problems.push(problem),
    }
    if problems.is_empty() {
        return Ok(());
    }
    let aside = case.out_of_scope.as_deref().unwrap_or_default();
    Err(format!("{} {:?} {aside}\n{}", case.about, case.clauses, problems.join("\n")).into())
}
