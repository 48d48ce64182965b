use std::collections::BTreeSet;
use std::sync::Arc;

use super::acl;
use super::document::View;
use super::file::FileRef;
use super::lifecycle::lifecycle;
use super::names::{could_be_bucket, other_bucket};
use super::notes::{Expected, Notes, Wrong};
use super::part::{Extent, FoundBucket, Part};
use super::settings;
use crate::iam::{Partition, PolicyDocument, PolicyKind};
use crate::model::{Acl, Bucket, ObjectAcl, Setting};
use crate::source::{Diagnostic, Span, UnknownReason};

/// What an answer about a bucket is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Policy,
    PolicyStatus,
    Acl,
    PublicAccessBlock,
    Ownership,
    Tagging,
    Location,
    Versioning,
    Encryption,
    Lifecycle,
    Logging,
    ObjectLock,
    Website,
    RequestPayment,
    Abac,
}

/// The files of one bucket.
#[derive(Clone, Debug)]
pub(super) struct BucketFiles {
    pub name: Box<str>,
    /// The directory, where it has a place of its own in the list of sources.
    pub directory: Option<FileRef>,
    pub files: Vec<(Subject, FileRef)>,
    pub objects: Vec<FileRef>,
    /// Whether nobody could look into the directory, so that a missing file says nothing.
    pub closed: bool,
    /// What was exported of every bucket; none means everything, so that a missing file is a missing setting.
    pub exported: Option<BTreeSet<Subject>>,
    /// What some bucket beside it has a file of.
    pub asked: Arc<BTreeSet<Subject>>,
}

/// Reads the files of one bucket.
pub(super) fn read_bucket(files: &BucketFiles, part: &mut Part) {
    let mut bucket = Bucket {
        name: files.name.clone(),
        span: place(files),
        ..Bucket::default()
    };
    for (subject, file) in &files.files {
        fill(&mut bucket, *subject, file, part);
    }
    for file in &files.objects {
        bucket.objects.extend(object(file, part));
    }
    not_asked(&mut bucket, &files.asked);
    if let Some(exported) = &files.exported {
        not_exported(&mut bucket, exported);
    }
    if files.closed {
        missing(&mut bucket, &BTreeSet::new(), UnknownReason::Unreadable);
    }
    settle_names(&mut bucket, &mut part.notes);
    part.buckets.push(FoundBucket {
        bucket,
        extent: Extent::Whole,
    });
}

/// The first file, the policy before all others: where a reader would look.
fn place(files: &BucketFiles) -> Span {
    let first = files.files.iter().min_by_key(|(subject, _)| *subject);
    let file = first.map(|(_, file)| file).or(files.objects.first());
    file.or(files.directory.as_ref()).map(FileRef::span).unwrap_or_default()
}

fn fill(bucket: &mut Bucket, subject: Subject, file: &FileRef, part: &mut Part) {
    let expected = subject.expected();
    match subject {
        Subject::Policy => bucket.policy = part.setting(file, expected, policy),
        Subject::PolicyStatus => bucket.policy_status = part.setting(file, expected, plain(settings::policy_status)),
        Subject::Acl => bucket.acl = part.setting(file, expected, plain(acl::acl)),
        Subject::PublicAccessBlock => {
            bucket.public_access_block = part.setting(file, expected, plain(settings::public_access_block));
        }
        Subject::Ownership => bucket.ownership = part.setting(file, expected, plain(settings::ownership)),
        Subject::Tagging => bucket.tags = part.setting(file, expected, plain(settings::tagging)),
        Subject::Location => {
            let region = part.setting(file, expected, plain(settings::location));
            bucket.region = region.value().cloned();
        }
        Subject::Versioning => bucket.versioning = part.setting(file, expected, plain(settings::versioning)),
        Subject::Encryption => bucket.encryption = part.setting(file, expected, plain(settings::encryption)),
        Subject::Lifecycle => bucket.lifecycle = part.setting(file, expected, plain(lifecycle)),
        Subject::Logging => bucket.logging = part.setting(file, expected, plain(settings::logging)),
        Subject::ObjectLock => bucket.object_lock = part.setting(file, expected, plain(settings::object_lock)),
        Subject::Website => bucket.website = part.setting(file, expected, plain(settings::website)),
        Subject::RequestPayment => bucket.request_payment = part.setting(file, expected, plain(settings::payer)),
        Subject::Abac => bucket.abac = part.setting(file, expected, plain(settings::abac)),
    }
}

/// A reader that says nothing beside its result.
fn plain<T>(
    read: fn(View<'_>) -> Result<Setting<T>, Wrong>,
) -> impl FnOnce(View<'_>, &mut Notes) -> Result<Setting<T>, Wrong> {
    move |view, _| read(view)
}

fn policy(view: View<'_>, notes: &mut Notes) -> Result<Setting<PolicyDocument>, Wrong> {
    policy_answer(view, PolicyKind::Bucket, notes)
}

/// `{"Policy": "…"}` [FMT-11], [FMT-24] or the bare document.
pub(super) fn policy_answer(
    view: View<'_>,
    kind: PolicyKind,
    notes: &mut Notes,
) -> Result<Setting<PolicyDocument>, Wrong> {
    if view.has("Policy") && !view.has("Statement") {
        return Ok(view
            .get("Policy")
            .map_or(Setting::Absent, |policy| notes.policy(policy, kind)));
    }
    Ok(notes.policy(view, kind))
}

/// `{"Key": …, "Acl": <get-object-acl output>}` [FMT-14].
fn object(file: &FileRef, part: &mut Part) -> Option<ObjectAcl> {
    let mut key = None;
    let acl = part.setting(file, OBJECT_ACL, |view, notes| {
        let name = view.get("Key").ok_or_else(|| Wrong::missing(view, "Key"))?;
        key = Some(
            name.node
                .as_str()
                .ok_or_else(|| Wrong::new(name, "an object's key"))?
                .to_owned(),
        );
        let inner = view.get("Acl").ok_or_else(|| Wrong::missing(view, "Acl"))?;
        object_acl(inner, notes)
    });
    let gone = acl.is_absent();
    let key = key?;
    (!gone).then(|| ObjectAcl {
        key: key.into(),
        acl,
        span: file.span(),
    })
}

/// The ACL of an object, or the error that stands in its place.
fn object_acl(view: View<'_>, notes: &mut Notes) -> Result<Setting<Acl>, Wrong> {
    let Some(code) = view.get("Error").and_then(|error| error.text_of("Code")) else {
        return acl::acl(view);
    };
    if OBJECT_ACL.absent.contains(&code) {
        return Ok(Setting::Absent);
    }
    notes.refused(view.span(), code, "`s3api get-object-acl`");
    Ok(Setting::unknown(UnknownReason::Refused(code.into()), Some(view.span())))
}

/// Marks what the exporter did not ask for [FMT-03].
pub(super) fn not_exported(bucket: &mut Bucket, exported: &BTreeSet<Subject>) {
    missing(bucket, exported, UnknownReason::NotInInput);
}

fn missing(bucket: &mut Bucket, exported: &BTreeSet<Subject>, reason: UnknownReason) {
    let has = |subject| (exported.contains(&subject), &reason);
    mark(&mut bucket.policy, has(Subject::Policy));
    mark(&mut bucket.policy_status, has(Subject::PolicyStatus));
    // Every bucket has an ACL: where its file is missing, nobody could read it.
    mark(&mut bucket.acl, (false, &reason));
    mark(&mut bucket.public_access_block, has(Subject::PublicAccessBlock));
    mark(&mut bucket.ownership, has(Subject::Ownership));
    mark(&mut bucket.request_payment, has(Subject::RequestPayment));
    mark(&mut bucket.tags, has(Subject::Tagging));
    mark(&mut bucket.abac, has(Subject::Abac));
    mark(&mut bucket.versioning, has(Subject::Versioning));
    mark(&mut bucket.encryption, has(Subject::Encryption));
    mark(&mut bucket.lifecycle, has(Subject::Lifecycle));
    mark(&mut bucket.logging, has(Subject::Logging));
    mark(&mut bucket.object_lock, has(Subject::ObjectLock));
    mark(&mut bucket.website, has(Subject::Website));
}

/// Marks what is neither judged with a document that stands alone nor says who gets in.
pub(super) fn not_beside(bucket: &mut Bucket) {
    let no = (false, &UnknownReason::NotInInput);
    mark(&mut bucket.ownership, no);
    mark(&mut bucket.website, no);
    not_asked(bucket, &BTreeSet::new());
}

/// Marks settings without a part in access that were asked of no bucket.
fn not_asked(bucket: &mut Bucket, asked: &BTreeSet<Subject>) {
    let has = |subject| (asked.contains(&subject), &UnknownReason::NotInInput);
    mark(&mut bucket.versioning, has(Subject::Versioning));
    mark(&mut bucket.encryption, has(Subject::Encryption));
    mark(&mut bucket.lifecycle, has(Subject::Lifecycle));
    mark(&mut bucket.logging, has(Subject::Logging));
    mark(&mut bucket.object_lock, has(Subject::ObjectLock));
}

fn mark<T>(setting: &mut Setting<T>, (is_known, reason): (bool, &UnknownReason)) {
    if setting.is_absent() && !is_known {
        *setting = Setting::unknown(reason.clone(), None);
    }
}

/// Owner, partition and name, as far as the bucket's own documents tell.
pub(super) fn settle_names(bucket: &mut Bucket, notes: &mut Notes) {
    if bucket.owner.is_none() {
        bucket.owner = bucket.acl.value().and_then(|acl| acl.owner.clone());
    }
    if let Some(region) = &bucket.region {
        bucket.partition = Partition::of_region(region);
    }
    let name = &*bucket.name;
    let policy = bucket.policy.value();
    if let Some((policy, other)) = policy.and_then(|policy| Some((policy, other_bucket(policy, name)?))) {
        let message = format!("the policy of `{name}` names the bucket `{other}` only");
        notes.push(
            Diagnostic::warning("bucketproof::ingest::other_bucket", policy.span, message)
                .with_help("S3 refuses such a policy: check whether the file lies in the right place [FMT-42]"),
        );
    } else if !could_be_bucket(name) && policy.is_none() {
        let message = format!("`{name}` cannot be the name of a bucket");
        notes.push(
            Diagnostic::warning("bucketproof::ingest::strange_name", bucket.span, message)
                .with_help("the directory must be named after the bucket"),
        );
    }
}

impl Subject {
    pub const ALL: [Self; 15] = [
        Self::Policy,
        Self::PolicyStatus,
        Self::Acl,
        Self::PublicAccessBlock,
        Self::Ownership,
        Self::Tagging,
        Self::Location,
        Self::Versioning,
        Self::Encryption,
        Self::Lifecycle,
        Self::Logging,
        Self::ObjectLock,
        Self::Website,
        Self::RequestPayment,
        Self::Abac,
    ];

    /// The subject of a file of this name, with or without `get-`.
    pub fn from_stem(stem: &str) -> Option<Self> {
        let stem = stem.strip_prefix("get-").unwrap_or(stem);
        Self::ALL.into_iter().find(|subject| subject.stem() == stem)
    }

    /// The command without `get-`: the file's name in a snapshot.
    pub fn stem(self) -> &'static str {
        let command = self.expected().command;
        command.strip_prefix("s3api get-").unwrap_or(command)
    }

    /// What its file is to hold.
    pub fn expected(self) -> Expected {
        let (command, absent): (_, &'static [&'static str]) = match self {
            Self::Policy => ("s3api get-bucket-policy", &["NoSuchBucketPolicy"]),
            Self::PolicyStatus => ("s3api get-bucket-policy-status", &["NoSuchBucketPolicy"]),
            Self::Acl => ("s3api get-bucket-acl", &[]),
            Self::PublicAccessBlock => ("s3api get-public-access-block", NO_BLOCK),
            Self::Ownership => (
                "s3api get-bucket-ownership-controls",
                &["OwnershipControlsNotFoundError"],
            ),
            Self::Tagging => ("s3api get-bucket-tagging", &["NoSuchTagSet", "NoSuchTagSetError"]),
            Self::Location => ("s3api get-bucket-location", &[]),
            Self::Versioning => ("s3api get-bucket-versioning", &[]),
            Self::Encryption => (
                "s3api get-bucket-encryption",
                &["ServerSideEncryptionConfigurationNotFoundError"],
            ),
            Self::Lifecycle => (
                "s3api get-bucket-lifecycle-configuration",
                &["NoSuchLifecycleConfiguration"],
            ),
            Self::Logging => ("s3api get-bucket-logging", &[]),
            Self::ObjectLock => (
                "s3api get-object-lock-configuration",
                &["ObjectLockConfigurationNotFoundError"],
            ),
            Self::Website => ("s3api get-bucket-website", &["NoSuchWebsiteConfiguration"]),
            Self::RequestPayment => ("s3api get-bucket-request-payment", &[]),
            Self::Abac => ("s3api get-bucket-abac", &[]),
        };
        Expected {
            command,
            absent,
            silent: matches!(self, Self::Versioning | Self::Logging),
        }
    }
}

/// Answers about a bucket that say nothing about access: known, and not read.
pub(super) const UNREAD: &[&str] = &[
    "bucket-accelerate-configuration",
    "bucket-analytics-configuration",
    "bucket-cors",
    "bucket-intelligent-tiering-configuration",
    "bucket-inventory-configuration",
    "bucket-lifecycle",
    "bucket-metadata-configuration",
    "bucket-metrics-configuration",
    "bucket-notification",
    "bucket-notification-configuration",
    "bucket-replication",
];

/// What says that Block Public Access is not configured [FMT-15], [FMT-16].
pub(super) const NO_BLOCK: &[&str] = &["NoSuchPublicAccessBlockConfiguration"];

const OBJECT_ACL: Expected = Expected {
    command: "s3api get-object-acl",
    absent: &["NoSuchKey"],
    silent: false,
};
