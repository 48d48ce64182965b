use std::collections::{BTreeMap, BTreeSet};

use super::bucket::{Subject, not_beside, not_exported};
use super::capture::Capture;
use super::cloudformation::Pending;
use super::document::{Answer, View};
use super::file::{FileRef, Loaded};
use super::notes::{Expected, Notes, Wrong, retyped};
use super::request::Kind;
use crate::iam::{AccountId, CanonicalId, Timestamp};
use crate::model::{AccessPoint, Bucket, Organization, PublicAccessBlock, Role, Setting};
use crate::source::{FileId, Node, Placeholders, Span, UnknownReason};

/// What reading one unit gave.
#[derive(Debug, Default)]
pub struct Part {
    /// Which paths of the request the unit belongs to.
    pub(super) arguments: BTreeSet<usize>,
    /// The first file of the unit: what parts are ordered by.
    pub(super) first: Option<FileId>,
    /// Which account's files it belongs to.
    pub(super) group: usize,
    /// The kind that was found.
    pub(super) kind: Option<Kind>,
    /// Whether the user named this very file.
    pub(super) explicit: bool,
    /// The files that nobody recognised.
    pub(super) unrecognised: Vec<FileRef>,
    /// Answers about buckets that nothing names.
    pub(super) unbound: Vec<(FileRef, Subject)>,
    /// What was recognised and is not under audit.
    pub(super) not_audited: Vec<(Span, String)>,
    /// Whether it speaks of an account, and not only of an organization.
    pub(super) of_account: bool,
    pub(super) notes: Notes,
    /// Texts that spans speak of.
    pub(super) texts: Vec<(FileId, String)>,
    pub(super) buckets: Vec<FoundBucket>,
    pub(super) access_points: Vec<AccessPoint>,
    pub(super) roles: Vec<Role>,
    /// Unique ids of users and roles with their ARNs.
    pub(super) unique_ids: Vec<(Box<str>, Box<str>)>,
    pub(super) listings: Vec<Listing>,
    /// The accounts that `sts get-caller-identity` names.
    pub(super) callers: Vec<(AccountId, Span)>,
    /// The account-level Block Public Access setting.
    pub(super) account_block: Option<Setting<PublicAccessBlock>>,
    pub(super) organization: Option<Organization>,
    /// Items of AWS Config, of which only the newest of each resource counts.
    pub(super) captures: Vec<Capture>,
    /// The account that a template is deployed in, and what it sets for it.
    pub(super) deployed: Option<Deployed>,
    /// What templates export, by name.
    pub(super) exports: BTreeMap<Box<str>, Node>,
    /// Templates that wait for what others export.
    pub(super) pending: Vec<Pending>,
    /// Files that were found while reading, beside those of the walk.
    pub(super) beside: Vec<FileRef>,
    /// What the placeholders in what was read stand for.
    pub(super) placeholders: Placeholders,
}

/// A bucket that was found, and how much of it.
#[derive(Debug)]
pub(super) struct FoundBucket {
    pub bucket: Bucket,
    pub extent: Extent,
}

/// An account that a template is deployed in.
#[derive(Debug)]
pub(super) struct Deployed {
    pub account: AccountId,
    /// Its Block Public Access setting; absent where the template has none.
    pub block: Setting<PublicAccessBlock>,
    pub span: Span,
}

impl Deployed {
    pub fn new(account: AccountId, span: Span) -> Self {
        Self {
            account,
            block: Setting::Absent,
            span,
        }
    }
}

/// How much of a bucket an input tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All that it has: what is missing does not exist.
    Whole,
    /// One document, judged alone.
    Alone,
    /// Single answers in a directory, to be joined with its neighbours.
    Piece(BTreeSet<Subject>),
}

/// The output of `s3api list-buckets` [FMT-10].
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub owner: Option<CanonicalId>,
    pub buckets: Vec<Listed>,
}

/// One bucket of a listing.
#[derive(Debug)]
pub(super) struct Listed {
    pub name: Box<str>,
    pub region: Option<Box<str>>,
    pub created: Option<Timestamp>,
    pub span: Span,
}

impl FoundBucket {
    /// A bucket of which nothing but its name is known.
    pub fn listed(listed: Listed, owner: Option<CanonicalId>) -> Self {
        let mut bucket = Bucket {
            name: listed.name,
            region: listed.region,
            created: listed.created,
            span: listed.span,
            owner,
            ..Bucket::default()
        };
        not_exported(&mut bucket, &BTreeSet::new());
        Self {
            bucket,
            extent: Extent::Whole,
        }
    }
}

impl Part {
    /// Where it begins.
    pub(super) fn first_span(&self) -> Option<Span> {
        let bucket = self.buckets.first().map(|found| found.bucket.span);
        let found = bucket.or(self.roles.first().map(|role| role.span));
        found.or(self.first.map(|file| Span::new(file, 0, 0)))
    }

    /// Reads a file; where that fails, says so and keeps what can be shown of it.
    pub(super) fn load(&mut self, file: &FileRef) -> Option<Loaded> {
        file.load()
            .map_err(|failure| {
                let (diagnostic, prefix) = *failure;
                self.notes.failed(file, diagnostic);
                self.texts.push((file.id, prefix));
            })
            .ok()
    }

    /// Keeps the text of a file for showing places.
    pub(super) fn keep(&mut self, loaded: Loaded) {
        self.texts.push((loaded.id, loaded.into_text()));
    }

    /// Adds a bucket of which one document is to be judged alone.
    pub(super) fn alone(&mut self, mut bucket: Bucket) {
        bucket.owner = bucket.acl.value().and_then(|acl| acl.owner.clone());
        not_beside(&mut bucket);
        self.buckets.push(FoundBucket {
            bucket,
            extent: Extent::Alone,
        });
    }

    /// Adds what is known of the organization.
    pub(super) fn join(&mut self, more: Organization) {
        self.organization.get_or_insert_with(Organization::default).merge(more);
    }

    /// Reads a file that holds one answer about one thing.
    pub(super) fn setting<T>(
        &mut self,
        file: &FileRef,
        expected: Expected,
        read: impl FnOnce(View<'_>, &mut Notes) -> Result<Setting<T>, Wrong>,
    ) -> Setting<T> {
        let Some(loaded) = self.load(file) else {
            return Setting::unknown(UnknownReason::Unreadable, Some(file.span()));
        };
        let said = self.notes.diagnostics.len();
        let setting = self.one_answer(file, &loaded, expected, read);
        if !setting.is_absent() || self.notes.diagnostics.len() > said {
            self.keep(loaded);
        }
        setting
    }

    fn one_answer<T>(
        &mut self,
        file: &FileRef,
        loaded: &Loaded,
        expected: Expected,
        read: impl FnOnce(View<'_>, &mut Notes) -> Result<Setting<T>, Wrong>,
    ) -> Setting<T> {
        let text = loaded.text();
        let values = match self.notes.answer(file, Answer::read(&text), expected) {
            Ok(values) => values,
            Err(setting) => return retyped(setting),
        };
        let [only] = &*values else {
            let second = values.get(1).map_or(file.span(), |value| value.root.span);
            let wrong = Wrong::at(second, "a second value follows the answer");
            return self.notes.settle(Err(wrong), expected.command);
        };
        let view = View::new(&text, &only.root);
        // A bare policy document with repeated names is an invalid policy: its own parser says so [POL-13].
        if !view.has("Statement") && !only.duplicates.is_empty() {
            self.notes.duplicates(&only.duplicates);
            return Setting::unknown(UnknownReason::Unreadable, Some(view.span()));
        }
        let read = read(view, &mut self.notes);
        self.notes.settle(read, expected.command)
    }
}
