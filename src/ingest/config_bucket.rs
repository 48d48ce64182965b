use super::acl::config_acl;
use super::document::View;
use super::lifecycle::lifecycle;
use super::notes::{Notes, Wrong};
use super::settings::{boolean, four_settings, ownership, time, versioning};
use crate::iam::{CanonicalId, Partition, PolicyKind};
use crate::model::{Bucket, Encryption, ObjectOwnership, Payer, Setting, Tags};
use crate::source::{Diagnostic, Span, UnknownReason};

/// A bucket, as an item of AWS Config describes it [FMT-53].
///
/// # Errors
/// When not even its name can be read.
pub(super) fn bucket(item: View<'_>, notes: &mut Notes) -> Result<Bucket, Wrong> {
    let mut bucket = Bucket {
        span: item.span(),
        region: item
            .text_of("AwsRegion")
            .filter(|region| *region != "global")
            .map(Into::into),
        ..Bucket::default()
    };
    let mut name = item
        .text_of("ResourceName")
        .or(item.text_of("ResourceId"))
        .map(Box::from);
    if let Some(configuration) = item.get("Configuration") {
        let decoded = configuration.decode();
        let decoded = decoded.map_err(|_| Wrong::value(configuration, "configuration in JSON"))?;
        notes.duplicates(decoded.duplicates());
        let inner = decoded.view();
        name = inner.text_of("Name").map(Box::from).or(name);
        bucket.owner = inner
            .get("Owner")
            .and_then(|owner| owner.text_of("Id"))
            .map(CanonicalId::new);
        bucket.created = inner.get("CreationDate").and_then(time);
    }
    bucket.name = name.ok_or_else(|| Wrong::missing(item, "resourceName"))?;
    bucket.partition = bucket.region.as_deref().map(Partition::of_region).unwrap_or_default();
    match item.get("SupplementaryConfiguration") {
        Some(more) => settings(&mut bucket, more, notes),
        None => {
            if item.has("ChangeType") {
                only_a_summary(item, notes);
            }
            all_unknown(&mut bucket, &NOT_HERE);
        }
    }
    if let Some(tags) = item.get("Tags").filter(|tags| !tags.node.members().is_empty()) {
        bucket.tags = tag_map(tags);
    }
    Ok(bucket)
}

fn settings(bucket: &mut Bucket, more: View<'_>, notes: &mut Notes) {
    // A result of a query holds what was selected, an item everything: then a missing key is a missing setting.
    let whole = more.has("AccessControlList") && more.has("BucketPolicy");
    let policy = opened(more, "BucketPolicy", notes, |view, notes| {
        Ok(view
            .get("PolicyText")
            .map_or(Setting::Absent, |text| notes.policy(text, PolicyKind::Bucket)))
    });
    bucket.policy = policy.unwrap_or_else(|| Setting::unknown(NOT_HERE, None));
    let acl = more
        .get("AccessControlList")
        .map(|view| notes.settle(config_acl(view), COMMAND));
    bucket.acl = acl.unwrap_or_else(|| Setting::unknown(NOT_HERE, None));
    let block = opened(more, "PublicAccessBlockConfiguration", notes, |view, _| {
        four_settings(view)
    });
    bucket.public_access_block = block.unwrap_or_else(|| not_here(whole));
    // Not in the published schema; some recordings carry it [FMT-53].
    let owned = opened(more, "OwnershipControls", notes, |view, _| {
        if view.has("OwnershipControls") {
            ownership(view)
        } else {
            rules(view)
        }
    });
    bucket.ownership = owned.unwrap_or_else(|| Setting::unknown(NOT_HERE, None));
    let pays = opened(more, "IsRequesterPaysEnabled", notes, |view, _| {
        let payer = if boolean(view)? {
            Payer::Requester
        } else {
            Payer::BucketOwner
        };
        Ok(Setting::set(payer, view.span()))
    });
    bucket.request_payment = pays.unwrap_or_else(|| Setting::unknown(NOT_HERE, None));
    let tags = opened(more, "BucketTaggingConfiguration", notes, |view, _| {
        Ok(view
            .items_of("TagSets")
            .next()
            .and_then(|set| set.get("Tags"))
            .map_or(Setting::Absent, tag_map))
    });
    bucket.tags = tags.unwrap_or(Setting::Absent);
    bucket.versioning = opened(more, "BucketVersioningConfiguration", notes, |view, _| versioning(view))
        .unwrap_or_else(|| not_here(whole));
    bucket.logging = opened(more, "BucketLoggingConfiguration", notes, |view, _| {
        let target = view.text_of("DestinationBucketName").map(Into::into);
        Ok(target.map_or(Setting::Absent, |target| Setting::set(target, view.span())))
    })
    .unwrap_or_else(|| not_here(whole));
    bucket.encryption = opened(more, "ServerSideEncryptionConfiguration", notes, |view, _| {
        encryption(view)
    })
    .unwrap_or_else(|| not_here(whole));
    bucket.lifecycle = opened(more, "BucketLifecycleConfiguration", notes, |view, _| lifecycle(view))
        .unwrap_or_else(|| not_here(whole));
    let website = more.get("BucketWebsiteConfiguration");
    bucket.website = website.map_or(Setting::Absent, |view| Setting::set(true, view.span()));
    bucket.object_lock = Setting::unknown(NOT_HERE, None);
    bucket.policy_status = Setting::unknown(NOT_HERE, None);
    bucket.abac = Setting::unknown(NOT_HERE, None);
}

/// A setting that is not there.
fn not_here<T>(whole: bool) -> Setting<T> {
    if whole {
        Setting::Absent
    } else {
        Setting::unknown(NOT_HERE, None)
    }
}

/// Reads a member of the supplementary configuration: an object in delivered files, a string in API items [FMT-50].
fn opened<T>(
    more: View<'_>,
    name: &str,
    notes: &mut Notes,
    read: impl FnOnce(View<'_>, &mut Notes) -> Result<Setting<T>, Wrong>,
) -> Option<Setting<T>> {
    let view = more.get(name)?;
    let decoded = match view.decode() {
        Ok(decoded) => decoded,
        Err(error) => {
            notes.push(error.to_diagnostic());
            return Some(Setting::unknown(UnknownReason::Unreadable, Some(view.span())));
        }
    };
    if !decoded.duplicates().is_empty() {
        notes.duplicates(decoded.duplicates());
        return Some(Setting::unknown(UnknownReason::Unreadable, Some(view.span())));
    }
    let read = read(decoded.view(), notes);
    Some(notes.settle(read, COMMAND))
}

fn rules(view: View<'_>) -> Result<Setting<ObjectOwnership>, Wrong> {
    let rule = view
        .items_of("Rules")
        .next()
        .ok_or_else(|| Wrong::missing(view, "rules"))?;
    let value = rule.get("ObjectOwnership");
    let value = value.ok_or_else(|| Wrong::missing(rule, "objectOwnership"))?;
    let ownership = value.node.as_str().and_then(ObjectOwnership::from_name);
    let ownership = ownership.ok_or_else(|| Wrong::value(value, "Object Ownership"))?;
    Ok(Setting::set(ownership, value.span()))
}

fn encryption(view: View<'_>) -> Result<Setting<Encryption>, Wrong> {
    let Some(rule) = view.items_of("Rules").next() else {
        return Ok(Setting::Absent);
    };
    let default = rule.get("ApplyServerSideEncryptionByDefault").unwrap_or(rule);
    let algorithm = default.text_of("SseAlgorithm").or(default.text_of("SSEAlgorithm"));
    let algorithm = algorithm.ok_or_else(|| Wrong::missing(default, "sseAlgorithm"))?;
    let key = default.text_of("KmsMasterKeyID").or(default.text_of("KMSMasterKeyID"));
    let encryption = Encryption {
        algorithm: algorithm.into(),
        key: key.map(Into::into),
    };
    Ok(Setting::set(encryption, rule.span()))
}

fn tag_map(view: View<'_>) -> Setting<Tags> {
    let pairs = view.node.members().iter();
    let tags: Tags = pairs
        .filter_map(|member| Some((member.key.clone(), member.value.as_str()?.into())))
        .collect();
    Setting::set(tags, view.span())
}

/// Makes everything that decides about access unknown.
pub(super) fn all_unknown(bucket: &mut Bucket, reason: &UnknownReason) {
    fn forget<T>(setting: &mut Setting<T>, reason: &UnknownReason, span: Span) {
        *setting = Setting::unknown(reason.clone(), Some(span));
    }
    let span = bucket.span;
    forget(&mut bucket.policy, reason, span);
    forget(&mut bucket.policy_status, reason, span);
    forget(&mut bucket.acl, reason, span);
    forget(&mut bucket.public_access_block, reason, span);
    forget(&mut bucket.ownership, reason, span);
    forget(&mut bucket.request_payment, reason, span);
    forget(&mut bucket.tags, reason, span);
    forget(&mut bucket.abac, reason, span);
    forget(&mut bucket.versioning, reason, span);
    forget(&mut bucket.encryption, reason, span);
    forget(&mut bucket.lifecycle, reason, span);
    forget(&mut bucket.logging, reason, span);
    forget(&mut bucket.object_lock, reason, span);
    forget(&mut bucket.website, reason, span);
}

/// An item that was too large for an event comes as a summary [FMT-60].
fn only_a_summary(item: View<'_>, notes: &mut Notes) {
    let message = "the item was too large for the event: only a summary of it is here";
    notes.incomplete = true;
    notes.push(
        Diagnostic::warning("bucketproof::ingest::oversized_item", item.span(), message)
            .with_help("fetch the item with `aws configservice get-resource-config-history`"),
    );
}

const NOT_HERE: UnknownReason = UnknownReason::NotInInput;
const COMMAND: &str = "configservice get-resource-config-history";
