use super::BucketScope;
use super::settings::has_new_defaults;
use crate::model::{AccessPoint, Account, Bucket, Organization, PublicAccessBlock, Setting};
use crate::source::{Span, Unknown, UnknownReason};

/// Whether one Block Public Access setting is on where several levels are joined [BPA-06].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// On, by these levels: `organization`, `account`, `bucket`, `access-point`.
    On(Vec<&'static str>),
    /// Off at every level.
    Off,
    /// Off at every level that is known; these levels could not be read.
    Unknown(Vec<UnknownLevel>),
}

/// A level whose settings could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLevel {
    /// `organization`, `account`, `bucket` or `access-point`.
    pub level: &'static str,
    /// Why.
    pub why: Unknown,
}

/// The four settings as they are in force for one bucket or access point [BPA-06].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// `BlockPublicAcls`
    pub block_public_acls: Block,
    /// `IgnorePublicAcls`
    pub ignore_public_acls: Block,
    /// `BlockPublicPolicy`
    pub block_public_policy: Block,
    /// `RestrictPublicBuckets`
    pub restrict_public_buckets: Block,
}

impl Block {
    /// Whether it is certainly on.
    pub fn is_on(&self) -> bool {
        matches!(self, Self::On(_))
    }

    /// Levels that are unknown because AWS refused or a file was unreadable, not because the input cannot carry them.
    pub fn refused(&self) -> impl Iterator<Item = &UnknownLevel> {
        let levels: &[UnknownLevel] = match self {
            Self::Unknown(levels) => levels,
            Self::On(_) | Self::Off => &[],
        };
        levels
            .iter()
            .filter(|level| level.why.reason != UnknownReason::NotInInput)
    }
}

/// The settings in force for requests to the bucket itself.
///
/// Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage" [BPA-06…09].
pub fn bucket_blocks(scope: &BucketScope<'_>) -> Blocks {
    join(&bucket_levels(scope))
}

/// The settings in force for requests through an access point: its own, the bucket's and both accounts' [AP-05].
pub fn access_point_blocks(scope: &BucketScope<'_>, access_point: &AccessPoint) -> Blocks {
    let mut levels = bucket_levels(scope);
    // [AP-05]: a missing setting of an access point means all four.
    let own = match &access_point.public_access_block {
        Setting::Absent => Level::known("access-point", PublicAccessBlock::ALL),
        other => level("access-point", other),
    };
    levels.push(own);
    levels.extend(
        access_point_owner(scope, access_point).map(|owner| level("access-point-account", &owner.public_access_block)),
    );
    join(&levels)
}

/// The account of an access point that is not the bucket's, if its state was given.
fn access_point_owner<'a>(scope: &BucketScope<'a>, access_point: &AccessPoint) -> Option<&'a Account> {
    let id = access_point.account.filter(|id| Some(*id) != scope.bucket.account)?;
    scope.accounts.iter().find(|account| account.id == Some(id))
}

struct Level {
    name: &'static str,
    block: Result<PublicAccessBlock, Unknown>,
}

impl Level {
    fn known(name: &'static str, block: PublicAccessBlock) -> Self {
        Self { name, block: Ok(block) }
    }
}

fn bucket_levels(scope: &BucketScope<'_>) -> Vec<Level> {
    let mut levels = Vec::with_capacity(3);
    levels.extend(organization_level(scope.organization, scope.bucket.account));
    if let Some(account) = scope.account {
        levels.push(level("account", &account.public_access_block));
    }
    levels.push(bucket_level(scope.bucket));
    levels
}

/// [OWN-08]: where the input does not carry the setting of a new bucket, AWS's default of all four holds.
fn bucket_level(bucket: &Bucket) -> Level {
    match &bucket.public_access_block {
        Setting::Unknown(unknown) if unknown.reason == UnknownReason::NotInInput && has_new_defaults(bucket) => {
            Level::known("bucket", PublicAccessBlock::ALL)
        }
        setting @ (Setting::Absent | Setting::Set(_) | Setting::Unknown(_)) => level("bucket", setting),
    }
}

/// [BPA-07]: a missing configuration is four times false.
fn level(name: &'static str, setting: &Setting<PublicAccessBlock>) -> Level {
    let block = match setting {
        Setting::Absent => Ok(PublicAccessBlock::default()),
        Setting::Set(block) => Ok(block.value),
        Setting::Unknown(unknown) => Err(unknown.clone()),
    };
    Level { name, block }
}

/// [BPA-09]: an S3 policy of the organization switches all four on for the accounts it covers.
fn organization_level(organization: Option<&Organization>, account: Option<crate::iam::AccountId>) -> Option<Level> {
    let organization = organization?;
    let account = account?;
    let assigned = organization.s3_policies.iter().filter(|policy| policy.content);
    let mut doubtful: Option<Span> = None;
    for policy in assigned {
        match organization.covers(policy.targets.as_deref(), account) {
            Some(true) => return Some(Level::known("organization", PublicAccessBlock::ALL)),
            Some(false) => {}
            None => doubtful = Some(policy.span),
        }
    }
    doubtful.map(|span| Level {
        name: "organization",
        block: Err(Unknown {
            reason: UnknownReason::NotInInput,
            span: Some(span),
        }),
    })
}

fn join(levels: &[Level]) -> Blocks {
    let setting = |pick: fn(&PublicAccessBlock) -> bool| {
        let on: Vec<&'static str> = levels
            .iter()
            .filter(|level| level.block.as_ref().is_ok_and(pick))
            .map(|level| level.name)
            .collect();
        if !on.is_empty() {
            return Block::On(on);
        }
        let unknown: Vec<UnknownLevel> = levels
            .iter()
            .filter_map(|level| {
                level.block.as_ref().err().map(|why| UnknownLevel {
                    level: level.name,
                    why: why.clone(),
                })
            })
            .collect();
        if unknown.is_empty() {
            Block::Off
        } else {
            Block::Unknown(unknown)
        }
    };
    Blocks {
        block_public_acls: setting(|block| block.block_public_acls),
        ignore_public_acls: setting(|block| block.ignore_public_acls),
        block_public_policy: setting(|block| block.block_public_policy),
        restrict_public_buckets: setting(|block| block.restrict_public_buckets),
    }
}
