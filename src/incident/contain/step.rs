use serde_json::Value;

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What kind of step it is: the order of the plan.
    pub phase: Phase,
    /// Account in which it is done, where that is known.
    pub account: Option<String>,
    /// What it is about: ARN, name of a key.
    pub resource: String,
    /// What it does, in words.
    pub what: String,
    /// What to run.
    pub commands: Vec<Command>,
    /// What to run to go back.
    pub rollback: Vec<Command>,
    /// Files that the commands name, with their content.
    pub documents: Vec<(String, Value)>,
    /// What is to be known before it is done.
    pub notes: Vec<String>,
    /// Whether a part in angle brackets is to be filled in.
    pub needs_input: bool,
    /// Requests that are refused after it, in words, with what refuses them.
    pub closes: Vec<String>,
    /// Legitimate requests of the log that are refused after it.
    pub breaks: Vec<Broken>,
}

/// The order of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Access keys are made inactive.
    Keys,
    /// Trust policies are narrowed.
    Trust,
    /// Sessions of roles are revoked.
    Sessions,
    /// Bucket and access point policies: what lets somebody change who has access.
    ControlPlane,
    /// The same: what lets somebody reach data.
    DataPlane,
    /// ACLs of buckets and objects.
    Acls,
    /// Block Public Access is switched on.
    Blocks,
}

/// A command as a list of arguments, the name of the program first.
pub type Command = Vec<String>;

/// A legitimate request of the log that no longer passes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// Who makes it.
    pub principal: String,
    /// Name of the event.
    pub event_name: String,
    /// What it is about.
    pub resource: Option<String>,
    /// The first event of this kind.
    pub event_id: String,
    /// What refuses it.
    pub by: String,
}

impl Phase {
    /// The name in the JSON contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Trust => "trust",
            Self::Sessions => "sessions",
            Self::ControlPlane => "control-plane",
            Self::DataPlane => "data-plane",
            Self::Acls => "acls",
            Self::Blocks => "blocks",
        }
    }

    /// A heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Keys => "Access keys",
            Self::Trust => "Trust policies",
            Self::Sessions => "Sessions of roles",
            Self::ControlPlane => "Policies: who can change access",
            Self::DataPlane => "Policies: who reaches data",
            Self::Acls => "ACLs",
            Self::Blocks => "Block Public Access",
        }
    }
}

impl Step {
    /// A step that does nothing yet.
    pub(super) fn new(
        phase: Phase,
        account: Option<String>,
        resource: impl Into<String>,
        what: impl Into<String>,
    ) -> Self {
        Self {
            phase,
            account,
            resource: resource.into(),
            what: what.into(),
            commands: Vec::new(),
            rollback: Vec::new(),
            documents: Vec::new(),
            notes: Vec::new(),
            needs_input: false,
            closes: Vec::new(),
            breaks: Vec::new(),
        }
    }
}
