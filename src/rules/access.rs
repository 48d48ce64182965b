use crate::finding::ResourceKind;
use crate::iam::{Action, Level, Plane};

/// An access level on a plane: what a rule calls an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Access {
    List,
    Read,
    Write,
    Tagging,
    ReadConfiguration,
    WriteConfiguration,
    TagBucket,
    ManagePermissions,
    AssumeRole,
}

impl Access {
    pub(super) const ALL: [Self; 9] = [
        Self::List,
        Self::Read,
        Self::Write,
        Self::Tagging,
        Self::ReadConfiguration,
        Self::WriteConfiguration,
        Self::TagBucket,
        Self::ManagePermissions,
        Self::AssumeRole,
    ];

    /// What an action of IAM gives on a resource.
    ///
    /// None for what gives nothing by itself: `sts:TagSession` and its like only modify a session [TRUST-02].
    pub(super) fn of(action: &Action, kind: ResourceKind) -> Option<Self> {
        match kind {
            ResourceKind::Role => action.folded.starts_with("sts:assumerole").then_some(Self::AssumeRole),
            ResourceKind::Bucket | ResourceKind::AccessPoint | ResourceKind::Object => {
                Some(match (action.level, action.plane()) {
                    (Level::List, Plane::Data | Plane::Control) => Self::List,
                    (Level::Read, Plane::Data) => Self::Read,
                    (Level::Read, Plane::Control) => Self::ReadConfiguration,
                    (Level::Write, Plane::Data) => Self::Write,
                    (Level::Write, Plane::Control) => Self::WriteConfiguration,
                    (Level::Tagging, Plane::Data) => Self::Tagging,
                    (Level::Tagging, Plane::Control) => Self::TagBucket,
                    (Level::PermissionsManagement, Plane::Data | Plane::Control) => Self::ManagePermissions,
                })
            }
        }
    }

    /// The id of the Cedar action.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Tagging => "Tagging",
            Self::ReadConfiguration => "ReadConfiguration",
            Self::WriteConfiguration => "WriteConfiguration",
            Self::TagBucket => "TagBucket",
            Self::ManagePermissions => "ManagePermissions",
            Self::AssumeRole => "AssumeRole",
        }
    }

    /// The id of the Cedar action group.
    pub(super) fn group(self) -> &'static str {
        match self {
            Self::List | Self::Read | Self::Write | Self::Tagging => "DataPlane",
            Self::ReadConfiguration
            | Self::WriteConfiguration
            | Self::TagBucket
            | Self::ManagePermissions
            | Self::AssumeRole => "ControlPlane",
        }
    }

    /// Whether delivering logs needs it: writing them, and looking at the bucket's ACL before.
    pub(super) fn is_log_delivery(self) -> bool {
        match self {
            Self::Write | Self::ReadConfiguration => true,
            Self::List
            | Self::Read
            | Self::Tagging
            | Self::WriteConfiguration
            | Self::TagBucket
            | Self::ManagePermissions
            | Self::AssumeRole => false,
        }
    }

    /// Whether it changes contents, configuration or who has access, or hands out a role.
    pub(super) fn is_grave(self) -> bool {
        match self {
            Self::Write | Self::WriteConfiguration | Self::TagBucket | Self::ManagePermissions | Self::AssumeRole => {
                true
            }
            Self::List | Self::Read | Self::Tagging | Self::ReadConfiguration => false,
        }
    }
}
