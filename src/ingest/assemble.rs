use std::collections::BTreeMap;

use super::capture::{Capture, Captured};
use super::discover::excludes;
use super::join::{join_access_point, join_block, join_bucket, join_pieces, join_role};
use super::layout::{Layout, Root};
use super::names::Arn;
use super::part::{Extent, FoundBucket, Listed, Listing, Part};
use super::report::{diagnostics, inputs};
use super::request::Ingested;
use super::unit::Discovery;
use crate::iam::{AccountId, CanonicalId};
use crate::model::{Account, Bucket, Inventory, PublicAccessBlock, Role, Setting};
use crate::source::{Diagnostic, DiagnosticSeverity, SourceFile, Sources, Span, UnknownReason};

/// Joins what the units gave. The order of the parts does not matter.
///
/// Accounts, canonical ids and what several files say about the same thing are settled here, because it takes them all.
pub fn assemble(mut discovery: Discovery, mut parts: Vec<Part>) -> Ingested {
    parts.sort_by_key(|part| part.first);
    let sources = sources(&discovery, &mut parts);
    let mut assembly = Assembly::default();
    let groups = assembly.group_accounts(&discovery.groups, &parts);
    assembly.accounts(&discovery.groups, &groups, &mut parts);
    let mut captures = Vec::new();
    let mut by_group: BTreeMap<usize, (Vec<FoundBucket>, Vec<Listing>)> = BTreeMap::new();
    for part in &mut parts {
        let account = groups.get(part.group).copied().flatten();
        captures.append(&mut part.captures);
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
    assembly.join();
    assembly.owners();
    assembly.inventory.sort();
    let (inputs, incomplete) = inputs(&discovery, &parts);
    discovery.diagnostics.append(&mut assembly.diagnostics);
    Ingested {
        incomplete: incomplete || assembly.incomplete,
        diagnostics: diagnostics(&mut discovery, &mut parts, &inputs),
        inventory: assembly.inventory,
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
    Sources::from_files(discovery.files.iter().map(file).collect())
}

#[derive(Default)]
struct Assembly {
    inventory: Inventory,
    diagnostics: Vec<Diagnostic>,
    incomplete: bool,
    /// Buckets that are documents judged alone: never joined with another of the same name.
    alone: Vec<Bucket>,
}

impl Assembly {
    /// The account of each group: by its directory, its caller identity, or the ARNs of its users and roles.
    fn group_accounts(&mut self, groups: &[Root], parts: &[Part]) -> Vec<Option<AccountId>> {
        let mut accounts: Vec<_> = groups.iter().map(Root::account).collect();
        for (account, span, group) in parts
            .iter()
            .flat_map(|part| part.callers.iter().map(|(account, span)| (*account, *span, part.group)))
        {
            match accounts.get_mut(group) {
                Some(Some(known)) if *known != account => {
                    let message = format!("the caller is in account {account}, and the files lie under {known}");
                    let found = Diagnostic::warning("bucketproof::ingest::other_account", span, message);
                    let help = "name the directory after the account whose state it holds";
                    self.diagnostics.push(found.with_help(help));
                }
                Some(known) => *known = Some(account),
                None => {}
            }
        }
        for (index, known) in accounts.iter_mut().enumerate().filter(|(_, known)| known.is_none()) {
            let mut named = parts.iter().filter(|part| part.group == index).flat_map(accounts_of);
            if let Some(first) = named.next()
                && named.all(|other| other == first)
            {
                *known = Some(first);
            }
        }
        accounts
    }

    fn accounts(&mut self, groups: &[Root], accounts: &[Option<AccountId>], parts: &mut [Part]) {
        let mut unnamed = 0;
        for (index, (root, account)) in groups.iter().zip(accounts).enumerate() {
            let members = parts.iter_mut().filter(|part| part.group == index);
            let laid_out = root.layout != Layout::Loose;
            let mut speaks = false;
            let mut block: Option<Setting<PublicAccessBlock>> = None;
            let mut span = None;
            let mut ids = BTreeMap::new();
            for part in members {
                speaks |= part.of_account;
                span = span.or(part.first_span());
                ids.extend(part.unique_ids.drain(..));
                match (&mut block, part.account_block.take()) {
                    (Some(known), Some(more)) => {
                        join_block(known, more);
                    }
                    (none @ None, more) => *none = more,
                    (Some(_), None) => {}
                }
            }
            // Single documents make no account; what speaks of one by name does.
            if !(laid_out && speaks || block.is_some() || account.is_some()) {
                continue;
            }
            let missing = match root.layout {
                Layout::Snapshot => Setting::Absent,
                Layout::Flat | Layout::Loose => not_in_input(),
            };
            unnamed += usize::from(laid_out && account.is_none());
            self.account(*account, block.unwrap_or(missing), span.unwrap_or_default());
            for (id, arn) in ids {
                let named = Arn::parse(&arn).and_then(Arn::account_id).or(*account);
                self.known_account(named).unique_ids.insert(id, arn);
            }
        }
        if unnamed > 1 {
            let message = format!("{unnamed} directories hold accounts that nothing names: they are taken for one");
            let found = Diagnostic::new(
                DiagnosticSeverity::Warning,
                "bucketproof::ingest::unnamed_accounts",
                message,
            );
            let help = "name each directory after its account id, or add the output of `aws sts get-caller-identity` as `sts/caller-identity.json`";
            self.diagnostics.push(found.with_help(help));
            self.incomplete = true;
            let account = self.known_account(None);
            if account.public_access_block.value().is_some() {
                // The block of one account must not hide what another one shows.
                account.public_access_block = not_in_input();
            }
        }
    }

    fn known_account(&mut self, id: Option<AccountId>) -> &mut Account {
        let known = self.inventory.accounts.iter().position(|account| account.id == id);
        let index = known.unwrap_or_else(|| {
            self.inventory.accounts.push(Account {
                id,
                public_access_block: not_in_input(),
                ..Account::default()
            });
            self.inventory.accounts.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the index was found or made just now")]
        &mut self.inventory.accounts[index]
    }

    fn account(&mut self, id: Option<AccountId>, block: Setting<PublicAccessBlock>, span: Span) {
        let account = self.known_account(id);
        if account.span == Span::default() {
            account.span = span;
        }
        if join_block(&mut account.public_access_block, block) {
            let name = id.map_or_else(|| "the unnamed account".to_owned(), |id| format!("account {id}"));
            self.two_states(&name, span);
        }
    }

    fn buckets(&mut self, layout: Layout, account: Option<AccountId>, found: Vec<FoundBucket>, listings: Vec<Listing>) {
        let mut buckets = join_pieces(found);
        for listing in listings {
            if let Some(owner) = &listing.owner
                && (layout != Layout::Loose || account.is_some())
            {
                self.known_account(account)
                    .canonical_id
                    .get_or_insert_with(|| owner.clone());
            }
            for listed in listing.buckets {
                let mut known = false;
                for found in buckets.iter_mut().filter(|found| found.bucket.name == listed.name) {
                    known = true;
                    let bucket = &mut found.bucket;
                    bucket.region = bucket.region.take().or(listed.region.clone());
                    bucket.created = bucket.created.or(listed.created);
                    bucket.owner = bucket.owner.take().or(listing.owner.clone());
                }
                if !known {
                    if layout == Layout::Snapshot {
                        self.listed_only(&listed.name, listed.span);
                    }
                    buckets.push(FoundBucket::listed(listed, listing.owner.clone()));
                }
            }
        }
        for FoundBucket { mut bucket, extent } in buckets {
            bucket.account = bucket.account.or(account);
            match extent {
                Extent::Alone => self.alone.push(bucket),
                Extent::Whole | Extent::Piece(_) => self.inventory.buckets.push(bucket),
            }
        }
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
                    self.account(id, block, capture.span);
                    continue;
                }
                Captured::AccessPoint(mut point) => {
                    point.account = point.account.or(account);
                    self.inventory.access_points.push(*point);
                }
                Captured::Role(role) => {
                    if let Some(id) = &role.unique_id {
                        let arn = role.arn().into();
                        self.known_account(role.account).unique_ids.insert(id.clone(), arn);
                    }
                    self.inventory.roles.push(*role);
                }
                Captured::Identity(id, arn) => {
                    let named = Arn::parse(&arn).and_then(Arn::account_id).or(account);
                    self.known_account(named).unique_ids.insert(id, arn);
                }
                Captured::Gone => continue,
            }
            if account.is_some() {
                self.account(account, not_in_input(), capture.span);
            }
        }
    }

    /// What several inputs say about the same thing becomes one thing.
    fn join(&mut self) {
        let mut twice = Vec::new();
        let buckets = std::mem::take(&mut self.inventory.buckets);
        let key = |bucket: &Bucket| (bucket.account, bucket.name.clone());
        self.inventory.buckets = unite(buckets, key, join_bucket, |bucket| {
            twice.push((bucket.arn(), bucket.span))
        });
        self.inventory.buckets.append(&mut self.alone);
        let roles = std::mem::take(&mut self.inventory.roles);
        let (named, alone): (Vec<Role>, Vec<Role>) = roles.into_iter().partition(|role| role.account.is_some());
        self.inventory.roles = unite(named, Role::arn, join_role, |role| twice.push((role.arn(), role.span)));
        self.inventory.roles.extend(alone);
        let points = std::mem::take(&mut self.inventory.access_points);
        let points = unite(
            points,
            |point| (point.account, point.name.clone()),
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
            Diagnostic::warning("bucketproof::ingest::two_states", span, message)
                .with_help("give the state of one time only, or compare two with `bucketproof diff`"),
        );
    }

    /// Canonical ids of accounts, and from them the owners of their buckets [FMT-41].
    fn owners(&mut self) {
        for account in &mut self.inventory.accounts {
            let buckets = self
                .inventory
                .buckets
                .iter_mut()
                .filter(|bucket| bucket.account == account.id);
            let mut buckets: Vec<_> = buckets.collect();
            if account.canonical_id.is_none() && account.id.is_some() {
                let mut owners = buckets.iter().filter_map(|bucket| bucket.owner.as_ref());
                let first = owners.next().filter(|first| owners.all(|other| other == *first));
                account.canonical_id = first.cloned();
            }
            let owner: Option<CanonicalId> = account.canonical_id.clone();
            for bucket in &mut buckets {
                bucket.owner = bucket.owner.take().or(owner.clone());
            }
        }
    }
}

/// The accounts that the users and roles of a part are in.
fn accounts_of(part: &Part) -> impl Iterator<Item = AccountId> {
    let roles = part.roles.iter().filter_map(|role| role.account);
    let identities = part.unique_ids.iter();
    roles.chain(identities.filter_map(|(_, arn)| Arn::parse(arn).and_then(Arn::account_id)))
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

fn not_in_input<T>() -> Setting<T> {
    Setting::unknown(UnknownReason::NotInInput, None)
}
