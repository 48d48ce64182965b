use std::collections::BTreeMap;

use super::accounts::{Accounts, not_in_input};
use super::capture::{Capture, Captured};
use super::cloudformation::read_pending;
use super::comments::comments;
use super::discover::excludes;
use super::join::{join_access_point, join_bucket, join_pieces, join_role};
use super::layout::Layout;
use super::part::{Deployed, Extent, FoundBucket, Listed, Listing, Part};
use super::report::{diagnostics, inputs};
use super::request::Ingested;
use super::unit::Discovery;
use crate::iam::AccountId;
use crate::model::{Bucket, Inventory, Role};
use crate::source::{Diagnostic, Placeholder, SourceFile, Sources, Span};

/// Joins what the units gave. The order of the parts does not matter.
///
/// Accounts, canonical ids and what several files say about the same thing are settled here, because it takes them all.
pub fn assemble(mut discovery: Discovery, mut parts: Vec<Part>) -> Ingested {
    parts.sort_by_key(|part| part.first);
    read_pending(&mut parts);
    let sources = sources(&discovery, &mut parts);
    let mut assembly = Assembly::default();
    let groups = assembly.accounts.of_groups(&discovery.groups, &mut parts);
    let mut captures = Vec::new();
    let mut by_group: BTreeMap<usize, (Vec<FoundBucket>, Vec<Listing>)> = BTreeMap::new();
    for part in &mut parts {
        let account = groups.get(part.group).copied().flatten();
        captures.append(&mut part.captures);
        assembly.deployed.extend(part.deployed.take());
        assembly
            .inventory
            .placeholders
            .merge(std::mem::take(&mut part.placeholders));
        for mut point in part.access_points.drain(..) {
            point.account = point.account.or(account);
            assembly.inventory.access_points.push(point);
        }
        for mut role in part.roles.drain(..) {
            role.account = role.account.or(account);
            assembly.inventory.roles.push(role);
        }
        if let Some(organization) = part.organization.take() {
            let more = Inventory {
                organization: Some(organization),
                ..Inventory::default()
            };
            assembly.inventory.merge(more);
        }
        let (buckets, listings) = by_group.entry(part.group).or_default();
        buckets.append(&mut part.buckets);
        listings.append(&mut part.listings);
    }
    for (group, (buckets, mut listings)) in by_group {
        let root = discovery.groups.get(group);
        let layout = root.map_or(Layout::Loose, |root| root.layout);
        let directory = |name: &str| root.map_or_else(String::new, |root| root.bucket(name));
        for listing in &mut listings {
            let wanted = |listed: &Listed| !excludes(&discovery.exclude, &directory(&listed.name));
            listing.buckets.retain(wanted);
        }
        assembly.buckets(layout, groups.get(group).copied().flatten(), buckets, listings);
    }
    assembly.captures(captures);
    let (inventory, mut said, lost) = assembly.finish();
    let (inputs, incomplete) = inputs(&discovery, &parts);
    discovery.diagnostics.append(&mut said);
    Ingested {
        incomplete: incomplete || lost,
        diagnostics: diagnostics(&mut discovery, &mut parts, &inputs),
        inventory,
        comments: comments(&sources),
        sources,
        inputs,
    }
}

fn sources(discovery: &Discovery, parts: &mut [Part]) -> Sources {
    let mut texts: BTreeMap<_, _> = parts.iter_mut().flat_map(|part| part.texts.drain(..)).collect();
    let file = |file: &super::file::FileRef| -> SourceFile {
        let text = texts.remove(&file.id).unwrap_or_default();
        file.to_source(text)
    };
    let mut sources = Sources::from_files(discovery.files.iter().map(file).collect());
    for file in parts.iter_mut().flat_map(|part| part.beside.drain(..)) {
        let text = texts.remove(&file.id).unwrap_or_default();
        sources.add_beside(file.id, file.to_source(text));
    }
    sources
}

#[derive(Default)]
struct Assembly {
    inventory: Inventory,
    accounts: Accounts,
    diagnostics: Vec<Diagnostic>,
    incomplete: bool,
    /// Accounts that templates are deployed in.
    deployed: Vec<Deployed>,
    /// Buckets that are documents judged alone: never joined with another of the same name.
    alone: Vec<Bucket>,
}

impl Assembly {
    fn buckets(&mut self, layout: Layout, account: Option<AccountId>, found: Vec<FoundBucket>, listings: Vec<Listing>) {
        let mut buckets = join_pieces(found);
        for listing in listings {
            if let Some(owner) = &listing.owner
                && (layout != Layout::Loose || account.is_some())
            {
                let known = self.accounts.known(account);
                known.canonical_id.get_or_insert_with(|| owner.clone());
            }
            self.listing(layout, listing, &mut buckets);
        }
        for FoundBucket { mut bucket, extent } in buckets {
            bucket.account = bucket.account.or(account);
            match extent {
                Extent::Alone => self.alone.push(bucket),
                Extent::Whole | Extent::Piece(_) => self.inventory.buckets.push(bucket),
            }
        }
    }

    /// Adds what a listing says of the buckets, and the buckets of which nothing else is known.
    fn listing(&mut self, layout: Layout, listing: Listing, buckets: &mut Vec<FoundBucket>) {
        let mut by_name: BTreeMap<Box<str>, Vec<&mut Bucket>> = BTreeMap::new();
        for found in buckets.iter_mut() {
            by_name
                .entry(found.bucket.name.clone())
                .or_default()
                .push(&mut found.bucket);
        }
        let mut more = Vec::new();
        for listed in listing.buckets {
            let Some(known) = by_name.get_mut(&listed.name) else {
                if layout == Layout::Snapshot {
                    self.listed_only(&listed.name, listed.span);
                }
                more.push(FoundBucket::listed(listed, listing.owner.clone()));
                continue;
            };
            for bucket in known {
                bucket.region = bucket.region.take().or(listed.region.clone());
                bucket.created = bucket.created.or(listed.created);
                bucket.owner = bucket.owner.take().or(listing.owner.clone());
            }
        }
        buckets.append(&mut more);
    }

    fn listed_only(&mut self, name: &str, span: Span) {
        let message = format!("`{name}` is listed, and there is no `s3/{name}/` with its settings");
        self.incomplete = true;
        self.diagnostics.push(
            Diagnostic::warning("bucketproof::ingest::listed_only", span, message)
                .with_help("export its settings too; without them nothing about it is known"),
        );
    }

    /// The newest capture of each resource counts, and only if the resource was still there [FMT-52].
    fn captures(&mut self, mut captures: Vec<Capture>) {
        captures.sort_by_key(|capture| (capture.time, capture.span));
        let newest: BTreeMap<_, _> = captures
            .into_iter()
            .map(|capture| ((capture.account, capture.resource.clone()), capture))
            .collect();
        for capture in newest.into_values() {
            let account = capture.account;
            match capture.captured {
                Captured::Bucket(mut bucket) => {
                    bucket.account = account;
                    self.inventory.buckets.push(*bucket);
                }
                Captured::AccountBlock(block) => {
                    let id = capture.resource.1.parse().ok().or(account);
                    self.accounts.add(id, block, capture.span);
                    continue;
                }
                Captured::AccessPoint(mut point) => {
                    point.account = point.account.or(account);
                    self.inventory.access_points.push(*point);
                }
                Captured::Role(role) => {
                    if let Some(id) = &role.unique_id {
                        self.accounts.identity(id.clone(), role.arn().into(), role.account);
                    }
                    self.inventory.roles.push(*role);
                }
                Captured::Identity(id, arn) => self.accounts.identity(id, arn, account),
                Captured::Gone => continue,
            }
            if account.is_some() {
                self.accounts.add(account, not_in_input(), capture.span);
            }
        }
    }

    fn finish(mut self) -> (Inventory, Vec<Diagnostic>, bool) {
        self.join();
        for deployed in std::mem::take(&mut self.deployed) {
            self.accounts.deployed(deployed);
        }
        self.inventory.accounts = self.accounts.finish(&mut self.inventory.buckets);
        self.inventory.sort();
        (self.inventory, self.diagnostics, self.incomplete)
    }

    /// What several inputs say about the same thing becomes one thing.
    fn join(&mut self) {
        let mut twice = std::mem::take(&mut self.accounts.contradictions);
        self.diagnostics.append(&mut self.accounts.diagnostics);
        self.incomplete |= self.accounts.incomplete;
        let buckets = std::mem::take(&mut self.inventory.buckets);
        // What has no name of its own before deployment is a bucket of its own in each template.
        let nameless = |bucket: &Bucket| Placeholder::is_in(&bucket.name).then_some(bucket.span);
        let key = |bucket: &Bucket| {
            let own = (nameless(bucket), bucket.when.clone());
            (bucket.account, bucket.name.clone(), own)
        };
        self.inventory.buckets = unite(buckets, key, join_bucket, |bucket| {
            twice.push((bucket.arn(), bucket.span))
        });
        self.inventory.buckets.append(&mut self.alone);
        let roles = std::mem::take(&mut self.inventory.roles);
        let (named, alone): (Vec<Role>, Vec<Role>) = roles.into_iter().partition(|role| role.account.is_some());
        let key = |role: &Role| {
            let arn = role.arn();
            let nameless = Placeholder::is_in(&arn).then_some(role.span);
            (arn, nameless, role.when.clone())
        };
        self.inventory.roles = unite(named, key, join_role, |role| twice.push((role.arn(), role.span)));
        self.inventory.roles.extend(alone);
        let points = std::mem::take(&mut self.inventory.access_points);
        let points = unite(
            points,
            |point| {
                let nameless = Placeholder::is_in(&point.arn()).then_some(point.span);
                (point.account, point.name.clone(), nameless, point.when.clone())
            },
            join_access_point,
            |point| {
                twice.push((point.arn(), point.span));
            },
        );
        for point in points.iter().filter(|point| point.bucket.is_empty()) {
            let message = format!("nothing tells which bucket is behind the access point `{}`", point.name);
            self.incomplete = true;
            self.diagnostics.push(
                Diagnostic::error("bucketproof::ingest::no_bucket", point.span, message)
                    .with_help("put the output of `aws s3control get-access-point` beside its policy"),
            );
        }
        self.inventory.access_points = points;
        for (name, span) in twice {
            self.two_states(&name, span);
        }
    }

    fn two_states(&mut self, name: &str, span: Span) {
        let message = format!("the inputs contradict each other about `{name}`: the first one counts");
        self.diagnostics.push(
            Diagnostic::warning("bucketproof::ingest::two_states", span, message).with_help(
                "give the state of one time only, or compare two states with `bucketproof diff BEFORE AFTER`",
            ),
        );
    }
}

/// Joins values of the same key, in the order of their first ones; tells of those that contradict each other.
fn unite<T, K: Ord>(
    values: Vec<T>,
    key: impl Fn(&T) -> K,
    join: impl Fn(&mut T, T) -> bool,
    mut contradicts: impl FnMut(&T),
) -> Vec<T> {
    let mut places: BTreeMap<K, usize> = BTreeMap::new();
    let mut united: Vec<T> = Vec::with_capacity(values.len());
    for value in values {
        let next = united.len();
        let place = *places.entry(key(&value)).or_insert(next);
        match united.get_mut(place) {
            Some(known) => {
                if join(known, value) {
                    contradicts(known);
                }
            }
            None => united.push(value),
        }
    }
    united
}
