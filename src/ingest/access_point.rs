use super::bucket::policy_answer;
use super::document::View;
use super::file::FileRef;
use super::names::Arn;
use super::notes::{Expected, Wrong};
use super::part::Part;
use super::settings::four_settings;
use crate::iam::{AccountId, Partition, PolicyKind};
use crate::model::{AccessPoint, NetworkOrigin, Setting};
use crate::source::UnknownReason;

/// The files of one access point.
#[derive(Clone, Debug)]
pub(super) struct AccessPointFiles {
    pub name: Box<str>,
    pub description: Option<FileRef>,
    pub policy: Option<FileRef>,
}

impl AccessPointFiles {
    /// None yet.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            description: None,
            policy: None,
        }
    }
}

/// Reads the files of one access point.
pub(super) fn read_access_point(files: &AccessPointFiles, part: &mut Part) {
    let mut found = AccessPoint {
        name: files.name.clone(),
        ..AccessPoint::default()
    };
    if let Some(file) = &files.description {
        let description = part.setting(file, DESCRIPTION, |view, _| {
            Ok(describe(view)?.map_or(Setting::Absent, |point| Setting::set(point, file.span())))
        });
        match description {
            Setting::Set(point) => found = point.value,
            // Gone, or attached to a file system: no bucket is behind it.
            Setting::Absent => return,
            Setting::Unknown(unknown) => found.public_access_block = Setting::Unknown(unknown),
        }
        found.span = file.span();
    }
    if let Some(file) = &files.policy {
        found.policy = part.setting(file, POLICY, |view, notes| {
            policy_answer(view, PolicyKind::AccessPoint, notes)
        });
        if files.description.is_none() {
            found.span = file.span();
            found.public_access_block = Setting::unknown(UnknownReason::NotInInput, None);
        }
    }
    part.access_points.push(found);
}

/// An access point as `get-access-point` [FMT-23], a listing [FMT-22] or AWS Config [FMT-56] describes it.
/// None where it is attached to a file system, with no bucket behind it [AP-12].
///
/// # Errors
/// When it has another shape.
pub(super) fn describe(view: View<'_>) -> Result<Option<AccessPoint>, Wrong> {
    if view.has("DataSourceId") && view.get("Bucket").is_none() {
        return Ok(None);
    }
    let name = view.text_of("Name").ok_or_else(|| Wrong::missing(view, "Name"))?;
    let bucket = view.text_of("Bucket").ok_or_else(|| Wrong::missing(view, "Bucket"))?;
    let text = view.text_of("AccessPointArn").or(view.text_of("Arn"));
    let arn = text.and_then(Arn::parse);
    let origin = match view.text_of("NetworkOrigin") {
        Some("VPC") => NetworkOrigin::Vpc(None),
        Some(_) | None => NetworkOrigin::Internet,
    };
    let vpc = view.get("VpcConfiguration").and_then(|vpc| vpc.text_of("VpcId"));
    let account = |name| view.text_of(name).and_then(|id| id.parse::<AccountId>().ok());
    let region = arn.map(|arn| arn.region).filter(|region| !region.is_empty());
    Ok(Some(AccessPoint {
        name: name.into(),
        account: arn.and_then(Arn::account_id),
        region: region.map(Into::into),
        partition: region.map(Partition::of_region).unwrap_or_default(),
        bucket: bucket.into(),
        bucket_account: account("BucketAccountId"),
        origin: vpc.map_or(origin, |vpc| NetworkOrigin::Vpc(Some(vpc.into()))),
        policy: Setting::Absent,
        public_access_block: match view.get("PublicAccessBlockConfiguration") {
            Some(block) => four_settings(block)?,
            None => Setting::unknown(UnknownReason::NotInInput, None),
        },
        when: Vec::new(),
        span: view.span(),
    }))
}

/// `s3control list-access-points`: neither policies nor blocks are part of it.
pub(super) fn read_listing(view: View<'_>, part: &mut Part) {
    for item in view.items_of("AccessPointList") {
        match describe(item) {
            Ok(Some(mut found)) => {
                found.policy = Setting::unknown(UnknownReason::NotInInput, None);
                part.access_points.push(found);
            }
            Ok(None) => {}
            Err(wrong) => part.notes.wrong(wrong, LISTING),
        }
    }
}

pub(super) const DESCRIPTION: Expected = Expected {
    command: "s3control get-access-point",
    absent: &["NoSuchAccessPoint"],
    silent: false,
};

const POLICY: Expected = Expected {
    command: "s3control get-access-point-policy",
    absent: &["NoSuchAccessPointPolicy", "NoSuchAccessPoint"],
    silent: false,
};

const LISTING: &str = "s3control list-access-points";
