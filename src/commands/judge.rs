use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::CommandError;
use super::arguments::{Run, option};
use super::files::read_stdin;
use super::guard::guarded;
use super::judging::Judged;
use super::progress::Progress;
use crate::cli;
use crate::engine::{Estate, Grant, Options, ResourceAccess, Zone, bucket_access, role_access};
use crate::ingest::{self, Deployment, Discovery, Ingested, Input, InputStatus, Kind, Request, Texts};
use crate::model::Inventory;
use crate::rules::Config;
use crate::source::{Diagnostic, DiagnosticSeverity, Placeholder};

/// Reads what the command line names and decides who reaches what.
pub(super) fn judge(
    run: &Run<'_>,
    input: &cli::Input,
    config: &Config,
    options: &Options,
) -> Result<Judged, CommandError> {
    judge_with(run, input, config, options, &Texts::default())
}

/// The same, with other texts in the place of some files.
pub(super) fn judge_with(
    run: &Run<'_>,
    input: &cli::Input,
    config: &Config,
    options: &Options,
    overlay: &Texts,
) -> Result<Judged, CommandError> {
    let progress = Progress::new(0, run.wants_progress());
    let (ingested, mut faults) = gather_with(input, config, (&progress, overlay))?;
    let zone = config.zone(&ingested.inventory);
    let access = decide(&ingested.inventory, &zone, options, &progress, &mut faults);
    Ok(Judged::new(ingested, access, faults, options.now))
}

/// Reads what the command line names, for a question that is not about all of it.
pub(super) fn gather(
    run: &Run<'_>,
    input: &cli::Input,
    config: &Config,
) -> Result<(Ingested, Vec<Diagnostic>), CommandError> {
    let progress = Progress::new(0, run.wants_progress());
    gather_with(input, config, (&progress, &Texts::default()))
}

fn gather_with(
    input: &cli::Input,
    config: &Config,
    (progress, overlay): (&Progress, &Texts),
) -> Result<(Ingested, Vec<Diagnostic>), CommandError> {
    let request = Request {
        overlay: overlay.clone(),
        ..request(input, config)?
    };
    let discovery = ingest::discover(&request);
    let (ingested, mut faults) = read_and_attribute(discovery, config, progress);
    faults.extend(nothing_to_judge(&ingested));
    faults.extend(without_bucket(&ingested.inventory));
    faults.extend(twice(&ingested.inventory));
    Ok((ingested, faults))
}

/// Reads what the command line names as it is in memory.
pub(super) fn gather_tree(
    files: &Texts,
    input: &cli::Input,
    config: &Config,
) -> Result<(Ingested, Vec<Diagnostic>), CommandError> {
    let discovery = ingest::discover_tree(files, &request(input, config)?);
    Ok(read_and_attribute(discovery, config, &Progress::new(0, false)))
}

fn read_and_attribute(discovery: Discovery, config: &Config, progress: &Progress) -> (Ingested, Vec<Diagnostic>) {
    let (mut ingested, faults) = read(discovery, progress);
    if let Some(account) = config.account {
        ingested.inventory.attribute(account);
    }
    (ingested, faults)
}

fn request(input: &cli::Input, config: &Config) -> Result<Request, CommandError> {
    let reads_stdin = input.paths.iter().any(|path| path.as_os_str() == "-");
    Ok(Request {
        paths: input.paths.clone(),
        kind: input.kind.as_ref().map(|kind| option("--kind", kind)).transpose()?,
        attach: input.attach.as_ref().map(|attach| option("--as", attach)).transpose()?,
        exclude: config.exclude.clone(),
        stdin: reads_stdin.then(read_stdin).transpose()?,
        deployment: Deployment {
            account: config.account,
            legacy_defaults: input.legacy_defaults,
            parameters: input.parameters.clone(),
            variables: input.variables.clone(),
            variable_files: input.variable_files.clone(),
        },
        overlay: Texts::default(),
    })
}

/// Reads what was found.
pub(super) fn read(discovery: Discovery, progress: &Progress) -> (Ingested, Vec<Diagnostic>) {
    progress.phase("reading");
    progress.expect_more(discovery.units.len());
    let parts: Vec<_> = discovery
        .units
        .par_iter()
        .map(|unit| {
            let part = guarded(|| "read one of the inputs".into(), || ingest::read(unit));
            progress.step();
            part
        })
        .collect();
    let (parts, faults) = split(parts);
    (ingest::assemble(discovery, parts), faults)
}

/// A bucket or a role: what is decided on its own.
enum Unit<'a> {
    Bucket(&'a crate::model::Bucket),
    Role(&'a crate::model::Role),
}

/// Who reaches each bucket and role, in the order of the inventory.
pub(super) fn decide(
    inventory: &Inventory,
    zone: &Zone,
    options: &Options,
    progress: &Progress,
    faults: &mut Vec<Diagnostic>,
) -> Vec<ResourceAccess> {
    let estate = Estate::new(inventory);
    let buckets = inventory.buckets.iter().map(Unit::Bucket);
    let units: Vec<Unit<'_>> = buckets.chain(inventory.roles.iter().map(Unit::Role)).collect();
    progress.phase("deciding");
    progress.expect_more(units.len());
    let decided: Vec<_> = units
        .par_iter()
        .map(|unit| {
            let access = match unit {
                Unit::Bucket(bucket) => guarded(
                    || format!("decide who reaches the bucket `{}`", bucket.name),
                    || bucket_access(&estate.bucket(bucket), zone, options),
                ),
                Unit::Role(role) => guarded(
                    || format!("decide who can assume the role `{}`", role.name),
                    || role_access(&estate.role(role), zone, options),
                ),
            };
            progress.step();
            access
        })
        .collect();
    let (access, new_faults) = split(decided);
    faults.extend(new_faults);
    let mut access: Vec<ResourceAccess> = access.into_iter().flatten().collect();
    reconcile(&mut access);
    access
}

/// What a resource grants whatever the outcomes of unknown tests are assumes none of them.
fn reconcile(access: &mut [ResourceAccess]) {
    let mut ways: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, access) in access
        .iter()
        .enumerate()
        .filter(|(_, access)| !access.resource.when.is_empty())
    {
        ways.entry(access.resource.arn.clone()).or_default().push(place);
    }
    for places in ways.into_values() {
        let of = |place: &usize| {
            access
                .get(*place)
                .map(|access| access.grants.as_slice())
                .unwrap_or_default()
        };
        let always: Vec<Grant> = places
            .first()
            .into_iter()
            .flat_map(of)
            .filter(|grant| {
                places
                    .iter()
                    .all(|place| of(place).iter().any(|other| is_same(grant, other)))
            })
            .cloned()
            .collect();
        for place in &places {
            let Some(access) = access.get_mut(*place) else { continue };
            let when = std::mem::take(&mut access.resource.when);
            for grant in &mut access.grants {
                if always.iter().any(|always| is_same(always, grant)) {
                    grant
                        .assumed
                        .retain(|assumed| !when.iter().any(|when| assumed.is_about(when)));
                }
            }
            access.resource.when = when;
        }
    }
}

/// Whether two grants differ in nothing but what they assume and where they are written.
fn is_same(a: &Grant, b: &Grant) -> bool {
    let told = |grant: &Grant| Grant {
        assumed: Vec::new(),
        sources: Vec::new(),
        ..grant.clone()
    };
    told(a) == told(b)
}

fn split<T>(results: Vec<Result<T, Diagnostic>>) -> (Vec<T>, Vec<Diagnostic>) {
    let mut done = Vec::with_capacity(results.len());
    let mut faults = Vec::new();
    for result in results {
        match result {
            Ok(value) => done.push(value),
            Err(fault) => faults.push(fault),
        }
    }
    (done, faults)
}

/// An answer about nothing is no answer: somebody named the wrong directory.
fn nothing_to_judge(ingested: &Ingested) -> Option<Diagnostic> {
    let Inventory {
        accounts,
        organization,
        buckets,
        access_points,
        roles,
        placeholders: _,
    } = &ingested.inventory;
    let no_account = accounts.is_empty() && organization.is_none();
    let is_empty = no_account && buckets.is_empty() && access_points.is_empty() && roles.is_empty();
    let is_said = ingested
        .diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == DiagnosticSeverity::Error);
    // A template of something else is read, and has nothing to judge: hooks name the files that changed, whatever they hold.
    let is_template = |input: &Input| input.status == InputStatus::Read && input.kind.is_some_and(Kind::is_template);
    let all_templates = !ingested.inputs.is_empty() && ingested.inputs.iter().all(is_template);
    (is_empty && !is_said && !all_templates).then(|| {
        let message = "there is no bucket and no role in the input";
        Diagnostic::new(DiagnosticSeverity::Error, "bucketproof::commands::nothing_to_judge", message).with_help(
            "name a snapshot such as `snapshot/111122223333`, an AWS Config export, or one policy with `--as bucket-policy:NAME`",
        )
    })
}

/// Names of buckets are given once: of two buckets of one name at least one is not as it is told, unless the name is not known
/// before deployment or they are two outcomes of one.
fn twice(inventory: &Inventory) -> impl Iterator<Item = Diagnostic> {
    let mut seen = BTreeSet::new();
    let again = inventory
        .buckets
        .iter()
        .filter(|bucket| bucket.when.is_empty() && !Placeholder::is_in(&bucket.name))
        .filter(|bucket| bucket.when.is_empty() && !Placeholder::is_in(&bucket.name))
        .filter(move |bucket| !seen.insert(bucket.arn()));
    again.map(|bucket| {
        let message = format!(
            "the bucket `{}` is in the input twice, with different owners",
            bucket.name
        );
        Diagnostic::warning("bucketproof::commands::bucket_twice", bucket.span, message)
            .with_help("take out the snapshot that is out of date")
    })
}

/// Access points are decided with the bucket behind them; where its state is not given, nobody has decided anything.
fn without_bucket(inventory: &Inventory) -> impl Iterator<Item = Diagnostic> {
    let known: BTreeSet<&str> = inventory.buckets.iter().map(|bucket| &*bucket.name).collect();
    let points = inventory.access_points.iter();
    points
        .filter(move |point| !known.contains(&*point.bucket))
        .map(|point| {
            let message = format!(
                "who reaches the access point `{}` cannot be decided: the state of its bucket `{}` is not in the input",
                point.name, point.bucket
            );
            Diagnostic::error("bucketproof::commands::bucket_not_given", point.span, message)
                .with_help("give the snapshot of the account that owns the bucket as well")
        })
}
