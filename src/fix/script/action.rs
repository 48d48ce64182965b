use crate::iam::AccountId;

/// What is to be done in some accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What is done.
    pub actions: Vec<Action>,
    /// What is not, and why.
    pub left_out: Vec<LeftOut>,
}

/// A file of a snapshot whose edits no command makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The path of the file.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// One change of one resource, with what undoes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The account in which it is done; none where nothing names it.
    pub account: Option<AccountId>,
    /// When it is done.
    pub stage: Stage,
    /// The ARN of the resource.
    pub resource: String,
    /// The path of the file of the snapshot that it comes from; empty where it comes from none.
    pub path: String,
    /// What it does, in words.
    pub what: String,
    /// What a reviewer should know.
    pub notes: Vec<String>,
    /// The commands, each as its arguments.
    pub commands: Vec<Vec<String>>,
    /// The commands that undo it.
    pub rollback: Vec<Vec<String>>,
}

/// When something is done: who can change access is stopped before who can use it, and the blocks come when nothing needs what
/// they stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Access keys.
    Keys,
    /// Who can begin a session of a role.
    Trust,
    /// Sessions that are there, which a changed trust policy leaves valid [TRUST-72].
    Sessions,
    /// What lets somebody change who has access.
    ControlPlane,
    /// What lets somebody use objects.
    DataPlane,
    /// ACLs of buckets and objects.
    Acls,
    /// Object Ownership, and Block Public Access of buckets.
    Blocks,
    /// Block Public Access of the account.
    AccountBlocks,
    /// Settings that let nobody in.
    Hygiene,
}

impl Stage {
    /// What it is about, in words.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "access keys",
            Self::Trust => "who can begin a session of a role",
            Self::Sessions => "sessions that are there",
            Self::Acls => "ACLs",
            Self::ControlPlane => "who can change access",
            Self::DataPlane => "who can use objects",
            Self::Blocks => "Object Ownership and Block Public Access of buckets",
            Self::AccountBlocks => "Block Public Access of the account",
            Self::Hygiene => "other settings",
        }
    }
}
