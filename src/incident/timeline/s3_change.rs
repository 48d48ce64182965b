use super::acl::{On, acl};
use super::change::{Change, Set, Target, Told, block};
use super::parameters::{Field, Written};
use super::s3_words::{destinations, in_words, ownership_in_words};
use crate::iam::{Partition, PolicyKind, Timestamp};
use crate::model::{
    AccessPoint, Bucket, NetworkOrigin, ObjectOwnership, Payer, PublicAccessBlock, Setting, Tags, Versioning,
};
use crate::source::UnknownReason;

/// What an event of S3 changes; none where that is nothing, or only told in words.
pub(super) fn change(name: &str, told: &mut Told<'_>) -> Option<Change> {
    of_bucket(name, told)
        .or_else(|| of_account(name, told))
        .or_else(|| of_object(name, told))
        .or_else(|| of_access_point(name, told))
}

fn of_bucket(name: &str, told: &mut Told<'_>) -> Option<Change> {
    let (set, words): (Set, &str) = match name {
        // [CT-30]
        "PutBucketPolicy" => {
            let policy = told.policy(told.field("bucketPolicy"), PolicyKind::Bucket);
            (Set::BucketPolicy(policy), "bucket policy set")
        }
        // [CT-31]
        "DeleteBucketPolicy" => (Set::BucketPolicy(Setting::Absent), "bucket policy deleted"),
        // [CT-32]
        "PutBucketAcl" => (Set::BucketAcl(acl_or_unknown(told, On::Bucket)), "bucket ACL set"),
        // [CT-34], [CT-38]
        "PutBucketPublicAccessBlock" | "PutPublicAccessBlock" => {
            let set = Set::BucketBlock(block(told.field("PublicAccessBlockConfiguration")));
            (set, "Block Public Access of the bucket set")
        }
        // [CT-35]
        "DeleteBucketPublicAccessBlock" | "DeletePublicAccessBlock" => {
            let set = Set::BucketBlock(Setting::Absent);
            (set, "Block Public Access of the bucket deleted")
        }
        // [CT-39]
        "PutBucketOwnershipControls" => (Set::Ownership(ownership(told)), "Object Ownership set"),
        "DeleteBucketOwnershipControls" => (Set::Ownership(Setting::Absent), "Object Ownership deleted"),
        "PutBucketRequestPayment" => (Set::Payer(payer(told)), "who pays for requests set"),
        "PutBucketTagging" => (Set::Tags(tags(told)), "tags set"),
        "PutBucketVersioning" => (Set::Versioning(versioning(told)), "versioning set"),
        "DeleteBucketTagging" => (Set::Tags(Setting::Absent), "tags deleted"),
        // [CT-40]
        "CreateBucket" => (Set::NewBucket(Box::new(new_bucket(told)?)), "bucket made"),
        // [CT-41]
        "DeleteBucket" => (Set::NoBucket, "bucket deleted"),
        "PutBucketReplication" => (Set::Nothing, "replication set"),
        _ => return None,
    };
    // [CT-38]: without a bucket the two unspecific names are about the account.
    let bucket = told.bucket()?;
    let words = match &set {
        Set::Nothing => format!("{words}: {}", destinations(told)),
        Set::BucketPolicy(Setting::Unknown(_)) => format!("{words}, which the event does not tell"),
        Set::BucketBlock(Setting::Set(block)) => format!("{words}: {}", in_words(block.value)),
        Set::Ownership(Setting::Set(ownership)) => format!("{words}: {}", ownership_in_words(ownership.value)),
        _ => words.to_owned(),
    };
    Some(simple(bucket, set, words))
}

fn of_account(name: &str, told: &Told<'_>) -> Option<Change> {
    let (setting, words) = match name {
        // [CT-36], [CT-38]
        "PutAccountPublicAccessBlock" | "PutPublicAccessBlock" => {
            let block = block(told.field("PublicAccessBlockConfiguration"));
            let words = match &block {
                Setting::Set(block) => format!("Block Public Access of the account set: {}", in_words(block.value)),
                Setting::Absent | Setting::Unknown(_) => "Block Public Access of the account set".into(),
            };
            (block, words)
        }
        // [CT-37], [CT-38]
        "DeleteAccountPublicAccessBlock" | "DeletePublicAccessBlock" => {
            (Setting::Absent, "Block Public Access of the account deleted".into())
        }
        _ => return None,
    };
    let host = told.text("Host").and_then(|host| host.split('.').next());
    let named = told.text("accountId").or(host).and_then(|id| id.parse().ok());
    let account = told.event.account.or(named).or(told.event.actor.account);
    Some(simple(Target::Account(account), Set::AccountBlock(setting), words))
}

fn of_object(name: &str, told: &Told<'_>) -> Option<Change> {
    let acl_set = || acl(told.parameters?.field(), On::Object);
    let key: Box<str> = told.text("key").unwrap_or_default().into();
    let (set, words) = match name {
        // [CT-33]
        "PutObjectAcl" => {
            let set = Set::ObjectAcl(key.clone(), acl_or_unknown(told, On::Object));
            (set, format!("ACL of object `{key}` set"))
        }
        "CopyObject" => {
            let source = told.text("x-amz-copy-source").unwrap_or("?");
            let words = format!("object `{key}` copied from `{source}`");
            (new_object(key, acl_set()), words)
        }
        "PutObject" | "PostObject" | "CreateMultipartUpload" => {
            let words = format!("object `{key}` written");
            (new_object(key, acl_set()), words)
        }
        "DeleteObject" if told.text("versionId").is_none() => {
            let words = format!("object `{key}` deleted");
            (Set::NoObject(key), words)
        }
        _ => return None,
    };
    let words = match &set {
        Set::NewObject(_, Setting::Set(_)) => format!("{words} with an ACL of its own"),
        _ => words,
    };
    Some(simple(told.bucket()?, set, words))
}

/// What is written without an ACL has that of nobody else [ACL-20].
fn new_object(key: Box<str>, acl: Option<Setting<crate::model::Acl>>) -> Set {
    match acl {
        Some(acl) => Set::NewObject(key, acl),
        None => Set::NoObject(key),
    }
}

fn of_access_point(name: &str, told: &mut Told<'_>) -> Option<Change> {
    let point: Box<str> = told.text("name")?.into();
    let (set, words) = match name {
        // [CT-42]
        "CreateAccessPoint" => {
            let point = access_point(&point, told)?;
            let words = format!("access point `{}` of bucket `{}` made", point.name, point.bucket);
            (Set::NewPoint(Box::new(point)), words)
        }
        "DeleteAccessPoint" => (Set::NoPoint, format!("access point `{point}` deleted")),
        // [CT-43]
        "PutAccessPointPolicy" => {
            let wrapped = told
                .field("PutAccessPointPolicyRequest")
                .and_then(|field| field.get("Policy"));
            let policy = told.policy(wrapped.or(told.field("policy")), PolicyKind::AccessPoint);
            (
                Set::PointPolicy(policy),
                format!("policy of access point `{point}` set"),
            )
        }
        "DeleteAccessPointPolicy" => {
            let set = Set::PointPolicy(Setting::Absent);
            (set, format!("policy of access point `{point}` deleted"))
        }
        _ => return None,
    };
    let account = told.event.account.or(told.event.actor.account);
    Some(simple(Target::AccessPoint(point, account), set, words))
}

pub(super) fn simple(target: Target, set: Set, words: String) -> Change {
    Change {
        target,
        set,
        words,
        open: None,
    }
}

/// An event that sets an ACL always has one: where it is not understood, it is unknown.
fn acl_or_unknown(told: &Told<'_>, on: On) -> Setting<crate::model::Acl> {
    let found = told.parameters.and_then(|parameters| acl(parameters.field(), on));
    found.unwrap_or_else(|| Setting::unknown(UnknownReason::Unreadable, None))
}

fn ownership(told: &Told<'_>) -> Setting<ObjectOwnership> {
    let controls = told.field("OwnershipControls");
    let rule = controls.and_then(|controls| controls.get("Rule").or_else(|| controls.get("Rules")));
    let rule = rule.and_then(|rule| rule.each().next());
    let value = rule.and_then(|rule| rule.get("ObjectOwnership"));
    let named = value.and_then(|value| Some((ObjectOwnership::from_name(value.own_text()?)?, value.span())));
    match named {
        Some((ownership, span)) => Setting::set(ownership, span),
        None => Setting::unknown(UnknownReason::Unreadable, None),
    }
}

fn payer(told: &Told<'_>) -> Setting<Payer> {
    let payer = told
        .field("RequestPaymentConfiguration")
        .and_then(|field| field.get("Payer"));
    match payer.and_then(|payer| Some((payer.own_text()?, payer.span()))) {
        Some(("Requester", span)) => Setting::set(Payer::Requester, span),
        Some(("BucketOwner", span)) => Setting::set(Payer::BucketOwner, span),
        Some(_) | None => Setting::unknown(UnknownReason::Unreadable, None),
    }
}

fn versioning(told: &Told<'_>) -> Setting<Versioning> {
    let configuration = told.field("VersioningConfiguration");
    let status = configuration.and_then(|field| Some((field.text("Status")?, field.span())));
    match status {
        Some((status, span)) => {
            let versioning = Versioning {
                enabled: status == "Enabled",
                mfa_delete: false,
            };
            Setting::set(versioning, span)
        }
        None => Setting::unknown(UnknownReason::Unreadable, None),
    }
}

fn tags(told: &Told<'_>) -> Setting<Tags> {
    let list = told.field("Tagging").and_then(|field| field.at(&["TagSet", "Tag"]));
    let unreadable = Setting::unknown(UnknownReason::Unreadable, None);
    let Some(list) = list else {
        return unreadable;
    };
    let pair = |tag: Field<'_>| Some((tag.text("Key")?.into(), tag.text("Value").unwrap_or_default().into()));
    match list.each().map(pair).collect::<Option<Tags>>() {
        Some(tags) => Setting::set(tags, list.span()),
        None => unreadable,
    }
}

/// A bucket as it is made, with the defaults of its time [CT-99], [OWN-08].
fn new_bucket(told: &Told<'_>) -> Option<Bucket> {
    let Target::Bucket(name, account) = told.bucket()? else {
        return None;
    };
    let event = told.event;
    let span = told
        .parameters
        .map(|parameters| parameters.field().span())
        .unwrap_or(event.span);
    let header = told.text("x-amz-object-ownership").and_then(ObjectOwnership::from_name);
    let has_new_defaults = event.time >= NEW_DEFAULTS;
    let default = has_new_defaults.then_some(ObjectOwnership::BucketOwnerEnforced);
    let ownership = header.or(default);
    let location = told.field("CreateBucketConfiguration");
    let region = location.and_then(|field| field.text("LocationConstraint"));
    let region = region.unwrap_or(&event.region);
    Some(Bucket {
        name,
        account,
        partition: Partition::of_region(region),
        region: Some(region.into()),
        created: Some(event.time),
        acl: told
            .parameters
            .and_then(|parameters| acl(parameters.field(), On::Bucket))
            .unwrap_or_else(|| Setting::set(crate::model::Acl::default(), span)),
        public_access_block: match has_new_defaults {
            true => Setting::set(PublicAccessBlock::ALL, span),
            false => Setting::Absent,
        },
        ownership: ownership.map_or(Setting::Absent, |ownership| Setting::set(ownership, span)),
        span,
        ..Bucket::default()
    })
}

fn access_point(name: &str, told: &Told<'_>) -> Option<AccessPoint> {
    let whole = told.parameters.map(Written::field)?;
    let request = whole.get("CreateAccessPointRequest").unwrap_or(whole);
    let vpc = request.at(&["VpcConfiguration", "VpcId"]).and_then(Field::own_text);
    let named = request.get("PublicAccessBlockConfiguration");
    Some(AccessPoint {
        name: name.into(),
        account: told.event.account.or(told.event.actor.account),
        region: Some(told.event.region.clone()),
        partition: Partition::of_region(&told.event.region),
        bucket: request.text("Bucket")?.into(),
        bucket_account: request.text("BucketAccountId").and_then(|id| id.parse().ok()),
        origin: vpc.map_or(NetworkOrigin::Internet, |vpc| NetworkOrigin::Vpc(Some(vpc.into()))),
        public_access_block: named.map_or(Setting::Absent, |named| block(Some(named))),
        span: request.span(),
        ..AccessPoint::default()
    })
}

/// 2023-04-27T00:00:00Z [CT-99]
const NEW_DEFAULTS: Timestamp = Timestamp(1_682_553_600_000);
