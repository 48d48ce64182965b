use std::collections::{BTreeMap, BTreeSet};

use super::join::join_block;
use super::layout::{Layout, Root};
use super::names::Arn;
use super::part::{Deployed, Part};
use crate::iam::AccountId;
use crate::model::{Account, Bucket, PublicAccessBlock, Setting};
use crate::source::{Diagnostic, DiagnosticSeverity, Span, UnknownReason};

/// The accounts of a run, while they are being put together.
#[derive(Default)]
pub(super) struct Accounts {
    accounts: BTreeMap<Option<AccountId>, Account>,
    /// Accounts, by name, that the inputs contradict each other about.
    pub contradictions: Vec<(String, Span)>,
    pub diagnostics: Vec<Diagnostic>,
    pub incomplete: bool,
}

/// What the files of one directory say about its account.
#[derive(Default)]
struct Group {
    account: Option<AccountId>,
    /// Whether the files are laid out as those of an account are.
    speaks: bool,
    block: Option<Setting<PublicAccessBlock>>,
    span: Option<Span>,
    unique_ids: Vec<(Box<str>, Box<str>)>,
    /// The accounts that its users and roles are in.
    named: BTreeSet<AccountId>,
}

impl Accounts {
    /// Makes the accounts of the groups; gives the account of each group.
    pub fn of_groups(&mut self, roots: &[Root], parts: &mut [Part]) -> Vec<Option<AccountId>> {
        let groups = self.groups(roots, parts);
        let accounts = groups.iter().map(|group| group.account).collect();
        let mut unnamed = 0;
        for (root, group) in roots.iter().zip(groups) {
            let laid_out = root.layout != Layout::Loose && group.speaks;
            let span = group.span.unwrap_or_default();
            for named in group.named {
                if let Some(known) = root.account().filter(|known| *known != named) {
                    self.other_account("a user or role", named, known, span);
                }
                self.add(Some(named), not_in_input(), span);
            }
            for (id, arn) in group.unique_ids {
                self.identity(id, arn, group.account);
            }
            // Single documents make no account; what speaks of one by name does.
            if !laid_out && group.block.is_none() && group.account.is_none() {
                continue;
            }
            unnamed += usize::from(laid_out && group.account.is_none());
            let missing = match root.layout {
                Layout::Snapshot => Setting::Absent,
                Layout::Flat | Layout::Loose => not_in_input(),
            };
            self.add(group.account, group.block.unwrap_or(missing), span);
        }
        if unnamed > 1 {
            self.unnamed(unnamed);
        }
        accounts
    }

    fn groups(&mut self, roots: &[Root], parts: &mut [Part]) -> Vec<Group> {
        let account = |root: &Root| Group {
            account: root.account(),
            ..Group::default()
        };
        let mut groups: Vec<_> = roots.iter().map(account).collect();
        for part in parts {
            let Some(group) = groups.get_mut(part.group) else {
                continue;
            };
            group.speaks |= part.of_account;
            // The file about the account's block, or else the first: where a reader would look.
            group.span = match part.account_block {
                Some(_) => part.first_span().or(group.span),
                None => group.span.or(part.first_span()),
            };
            group.named.extend(accounts_of(part));
            group.unique_ids.append(&mut part.unique_ids);
            match (&mut group.block, part.account_block.take()) {
                (Some(known), Some(more)) => {
                    join_block(known, more);
                }
                (none @ None, more) => *none = more,
                (Some(_), None) => {}
            }
            for (account, span) in &part.callers {
                match group.account {
                    Some(known) if known != *account => self.other_account("the caller", *account, known, *span),
                    Some(_) | None => group.account = Some(*account),
                }
            }
        }
        for group in &mut groups {
            let only = group.named.first().filter(|_| group.named.len() == 1);
            group.account = group.account.or(only.copied());
        }
        groups
    }

    /// The account with this id.
    pub fn known(&mut self, id: Option<AccountId>) -> &mut Account {
        self.accounts.entry(id).or_insert_with(|| Account {
            id,
            public_access_block: not_in_input(),
            ..Account::default()
        })
    }

    /// Adds what an input says about an account's block.
    pub fn add(&mut self, id: Option<AccountId>, block: Setting<PublicAccessBlock>, span: Span) {
        let account = self.known(id);
        if account.span == Span::default() {
            account.span = span;
        }
        if join_block(&mut account.public_access_block, block) {
            let name = id.map_or_else(|| "the unnamed account".to_owned(), |id| format!("account {id}"));
            self.contradictions.push((name, span));
        }
    }

    /// Adds the account that a template is deployed in; what the template does not set for it, it does not tell.
    pub fn deployed(&mut self, deployed: Deployed) {
        let Deployed { account, block, span } = deployed;
        if !block.is_absent() {
            self.known(Some(account)).public_access_block = block;
        }
        let account = self.known(Some(account));
        if account.span == Span::default() {
            account.span = span;
        }
    }

    /// Remembers a user or role by its unique id.
    pub fn identity(&mut self, id: Box<str>, arn: Box<str>, account: Option<AccountId>) {
        let named = Arn::parse(&arn).and_then(Arn::account_id).or(account);
        self.known(named).unique_ids.insert(id, arn);
    }

    /// Settles canonical ids of accounts, and from them the owners of their buckets [FMT-41]; gives the accounts.
    pub fn finish(mut self, buckets: &mut [Bucket]) -> Vec<Account> {
        let mut owners: BTreeMap<AccountId, BTreeSet<_>> = BTreeMap::new();
        for bucket in buckets.iter() {
            if let (Some(account), Some(owner)) = (bucket.account, &bucket.owner) {
                owners.entry(account).or_default().insert(owner.clone());
            }
        }
        for account in self.accounts.values_mut() {
            // The owner of a bucket is its account: where all agree, they name it.
            let found = account.id.and_then(|id| owners.get(&id));
            let only = found.filter(|owners| owners.len() == 1).and_then(BTreeSet::first);
            account.canonical_id = account.canonical_id.take().or(only.cloned());
        }
        for bucket in buckets.iter_mut().filter(|bucket| bucket.owner.is_none()) {
            let account = self.accounts.get(&bucket.account);
            bucket.owner = account.and_then(|account| account.canonical_id.clone());
        }
        self.accounts.into_values().collect()
    }

    fn unnamed(&mut self, count: usize) {
        let message = format!("{count} directories hold accounts that nothing names: they are taken for one");
        let help = "name each directory after its account id, or add the output of `aws sts get-caller-identity` \
                    as `sts/caller-identity.json`";
        self.diagnostics.push(
            Diagnostic::new(
                DiagnosticSeverity::Warning,
                "bucketproof::ingest::unnamed_accounts",
                message,
            )
            .with_help(help),
        );
        self.incomplete = true;
        let account = self.known(None);
        if account.public_access_block.value().is_some() {
            // The block of one account must not hide what another one shows.
            account.public_access_block = not_in_input();
        }
    }

    fn other_account(&mut self, who: &str, account: AccountId, known: AccountId, span: Span) {
        let message = format!("{who} is in account {account}, and the files lie under {known}");
        self.diagnostics.push(
            Diagnostic::warning("bucketproof::ingest::other_account", span, message)
                .with_help("name the directory after the account whose state it holds"),
        );
    }
}

/// The accounts that the users and roles of a part are in.
fn accounts_of(part: &Part) -> impl Iterator<Item = AccountId> {
    let roles = part.roles.iter().filter_map(|role| role.account);
    let identities = part.unique_ids.iter();
    roles.chain(identities.filter_map(|(_, arn)| Arn::parse(arn).and_then(Arn::account_id)))
}

pub(super) fn not_in_input<T>() -> Setting<T> {
    Setting::unknown(UnknownReason::NotInInput, None)
}
