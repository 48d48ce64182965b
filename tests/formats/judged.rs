//! What a case grants and what the rules say of it, in lines that do not depend on the format.

use std::sync::LazyLock;

use bucketproof::engine::{Estate, Grant, Options, ResourceAccess, Zone, bucket_access, role_access};
use bucketproof::iam::AccountId;
use bucketproof::ingest::{Deployment, Ingested, Request, assemble, discover_texts, read};
use bucketproof::model::{Inventory, Setting};
use bucketproof::rules::{Intent, Packs, Settings, evaluate};
use bucketproof::source::{DiagnosticSeverity, UnknownReason};

use super::case::Case;
use super::world::{World, account_id};

static PACKS: LazyLock<Packs> = LazyLock::new(|| Packs::by_default().expect("the built-in packs load"));

/// The lines of the case itself.
pub fn of_case(case: &Case) -> Result<Vec<String>, String> {
    let mut world = World::new(case)?;
    let inventory = &mut world.inventory;
    for bucket in &mut inventory.buckets {
        bucket.owner = None;
        if let Setting::Set(acl) = &mut bucket.acl {
            acl.value.owner = None;
        }
        for object in &mut bucket.objects {
            if let Setting::Set(acl) = &mut object.acl {
                acl.value.owner = None;
            }
        }
    }
    Ok(lines(inventory, &world.options))
}

/// The lines of the case as these files.
pub fn judged(case: &Case, files: &[(String, String)]) -> Result<Vec<String>, String> {
    let mut got = ingested(files)?;
    if got.incomplete {
        let errors = got
            .diagnostics
            .iter()
            .filter(|found| found.severity == DiagnosticSeverity::Error);
        let errors: Vec<&str> = errors.map(|found| &*found.message).collect();
        return Err(format!("the input is incomplete: {errors:?}"));
    }
    let options = World::new(case)?.options;
    Ok(lines(&mut got.inventory, &options))
}

fn ingested(files: &[(String, String)]) -> Result<Ingested, String> {
    let request = Request {
        deployment: Deployment {
            account: Some(owner()?),
            ..Deployment::default()
        },
        ..Request::default()
    };
    let files = files
        .iter()
        .map(|(path, text)| (path.clone(), text.clone().into_bytes()));
    let discovery = discover_texts("memory", files.collect(), &request);
    let parts = discovery.units.iter().map(read).collect();
    Ok(assemble(discovery, parts))
}

fn owner() -> Result<AccountId, String> {
    account_id("111122223333")
}

fn lines(inventory: &mut Inventory, options: &Options) -> Vec<String> {
    // What templates do not tell, and what they are not told of, is the same for all.
    for account in &mut inventory.accounts {
        account.canonical_id = None;
        if account.public_access_block.is_absent() {
            account.public_access_block = Setting::unknown(UnknownReason::NotInInput, None);
        }
    }
    let estate = Estate::new(inventory);
    let zone = Zone {
        accounts: inventory.accounts.iter().filter_map(|account| account.id).collect(),
        ..Zone::default()
    };
    let buckets = inventory
        .buckets
        .iter()
        .flat_map(|bucket| bucket_access(&estate.bucket(bucket), &zone, options));
    let roles = inventory
        .roles
        .iter()
        .flat_map(|role| role_access(&estate.role(role), &zone, options));
    let access: Vec<ResourceAccess> = buckets.chain(roles).collect();
    let mut lines: Vec<String> = access.iter().flat_map(of_resource).collect();
    match evaluate(
        &PACKS,
        &Intent::default(),
        &Settings::at(options.now),
        inventory,
        &access,
    ) {
        Ok(evaluation) => lines.extend(
            evaluation
                .findings
                .iter()
                .map(|finding| format!("finding {} {:?} {}", finding.rule, finding.severity, finding.message)),
        ),
        Err(error) => lines.push(error.to_string()),
    }
    lines.sort();
    lines
}

fn of_resource(access: &ResourceAccess) -> Vec<String> {
    let arn = &access.resource.arn;
    let undecided = access
        .indeterminate
        .iter()
        .map(|found| format!("{arn} undecided: {}", found.reason));
    access
        .grants
        .iter()
        .map(|grant| of_grant(arn, grant))
        .chain(undecided)
        .collect()
}

fn of_grant(arn: &str, grant: &Grant) -> String {
    let Grant {
        grantee,
        effect,
        blocked_by,
        open,
        confined_by,
        actions,
        resources,
        conditions,
        assumed,
        witness,
        sources,
        ..
    } = grant;
    let places: Vec<_> = sources.iter().map(|source| (source.document, source.index)).collect();
    let assumed: Vec<_> = assumed.iter().map(|assumed| &assumed.unknown).collect();
    format!(
        "{arn} {grantee:?} {effect:?} {blocked_by:?} open {open} {confined_by:?} {} actions {resources:?} {conditions:?} \
         {assumed:?} {places:?} by {} {} {}",
        actions.len(),
        witness.caller,
        witness.action.name,
        witness.resource
    )
}
