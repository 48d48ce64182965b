use std::fmt;

use crate::engine::DocumentKind;
use crate::iam::{ContextKey, Operator};
use crate::source::{Span, Unknown};

/// The answer to one request, with how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The answer.
    pub verdict: Verdict,
    /// Every step, in the order in which the documents were read.
    pub trace: Vec<Step>,
    deciding: usize,
}

/// Whether a request succeeds, as far as resource-side documents decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It does.
    Allowed,
    /// It does not.
    Denied,
    /// A document or setting that could change the answer is not known.
    Unknown,
}

/// What one statement, ACL grant or setting had to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The document, where the step is about one.
    pub document: Option<DocumentKind>,
    /// Place of the statement or ACL grant in its document, from 0.
    pub index: Option<u32>,
    /// `Sid` of the statement.
    pub sid: Option<Box<str>>,
    /// Where it was written.
    pub span: Option<Span>,
    /// What it said.
    pub outcome: Outcome,
    /// Clauses of the specification that AWS does not document and that the outcome rests on.
    pub doubts: Vec<&'static str>,
}

/// What came of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The statement or ACL grant allows the request.
    Allows,
    /// It allows whatever the caller's own account allows: it names the account, not the caller [EVAL-08], [ACL-07].
    Delegates,
    /// The root user of the owner account needs no statement [EVAL-09].
    OwnerRoot,
    /// The statement denies the request.
    Denies,
    /// The statement does not apply: this element is the first that differs.
    Differs(Element),
    /// Something refuses the request whatever was allowed.
    Refuses(Refusal),
    /// It cannot be told.
    Open(Question),
    /// There is no such document in the input, and so it was not looked at [EVAL-14].
    NotEvaluated,
    /// Nothing allows the request: the implicit deny [EVAL-01].
    NothingAllows,
}

/// An element of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// One operator with one key.
    Condition(Operator, ContextKey),
}

/// Why a request is refused whatever any document allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request is not about this bucket, one of its objects or access points, or this role.
    OtherResource,
    /// The action does not work on this kind of resource [RES-04].
    ResourceType,
    /// Principals do not cross partitions [PRIN-15].
    OtherPartition,
    /// An identity of a provider can call nothing but STS [PRIN-11].
    FederatedCaller,
    /// This caller cannot use this action to assume a role [TRUST-02].
    WrongPairing,
    /// The action alone assumes nothing [TRUST-02].
    AssumesNothing,
    /// The caller also needs this action, which is not allowed [TRUST-03], [TRUST-26].
    AlsoNeeds(&'static str),
    /// Access points take no unsigned requests [AP-10].
    AnonymousThroughAccessPoint,
    /// The access point takes requests from its own VPC only [AP-04].
    NetworkOrigin,
    /// The requester pays, and so must be known [WEB-03].
    RequesterPays,
    /// S3 takes the policy verbs from the owner's account only [S3A-23].
    OutsidePolicyVerb,
    /// Block Public Access: the setting and the levels at which it is on [BPA-02], [BPA-04].
    Blocked(&'static str, Vec<&'static str>),
    /// ACLs are off [OWN-01].
    AclsOff,
    /// Another account owns the object: the bucket policy cannot allow anything on it [EVAL-17].
    ForeignObject,
}

/// What is not known and would decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// The document.
    Document(Unknown),
    /// A setting, by name.
    Setting(&'static str, Unknown),
    /// Tags that a statement asks for.
    Tags,
    /// Whether the caller belongs to the owner's account.
    OwnAccount,
    /// Whom a grantee of an ACL stands for [ACL-05].
    Grantee,
    /// The VPC of an access point.
    Vpc,
    /// The access point is not in the input.
    AccessPoint,
}

impl Decision {
    /// The step that settled the answer.
    pub fn deciding(&self) -> Option<&Step> {
        self.trace.get(self.deciding)
    }
}

/// The steps so far.
#[derive(Debug, Default)]
pub(super) struct Trace {
    steps: Vec<Step>,
}

impl Trace {
    /// Adds a step and returns its place.
    pub(super) fn push(&mut self, step: Step) -> usize {
        self.steps.push(step);
        self.steps.len() - 1
    }

    /// The answer, settled by the step at this place.
    pub(super) fn settle(self, verdict: Verdict, deciding: usize) -> Decision {
        Decision {
            verdict,
            trace: self.steps,
            deciding,
        }
    }

    /// The answer, settled by one more step.
    pub(super) fn settle_with(mut self, verdict: Verdict, step: Step) -> Decision {
        let deciding = self.push(step);
        self.settle(verdict, deciding)
    }
}

impl Step {
    /// A step that is about no document.
    pub(super) fn of(outcome: Outcome) -> Self {
        Self {
            document: None,
            index: None,
            sid: None,
            span: None,
            outcome,
            doubts: Vec::new(),
        }
    }

    /// A step about a whole document.
    pub(super) fn about(document: DocumentKind, outcome: Outcome) -> Self {
        Self {
            document: Some(document),
            ..Self::of(outcome)
        }
    }
}

impl From<Refusal> for Step {
    fn from(refusal: Refusal) -> Self {
        Self::of(Outcome::Refuses(refusal))
    }
}

impl From<Question> for Step {
    fn from(question: Question) -> Self {
        let span = match &question {
            Question::Document(unknown) | Question::Setting(_, unknown) => unknown.span,
            Question::Tags | Question::OwnAccount | Question::Grantee | Question::Vpc | Question::AccessPoint => None,
        };
        Self {
            span,
            ..Self::of(Outcome::Open(question))
        }
    }
}

/// The step in words, such as ``statement 0 `Fence` of the bucket policy denies the request``.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.index {
            let unit = match self.document {
                Some(DocumentKind::BucketAcl | DocumentKind::ObjectAcl) => "grant",
                Some(
                    DocumentKind::BucketPolicy
                    | DocumentKind::AccessPointPolicy
                    | DocumentKind::TrustPolicy
                    | DocumentKind::ResourceControlPolicy,
                )
                | None => "statement",
            };
            write!(f, "{unit} {index} ")?;
            if let Some(sid) = &self.sid {
                write!(f, "`{sid}` ")?;
            }
            f.write_str("of ")?;
        }
        if let Some(document) = self.document {
            write!(f, "the {} ", document.as_str().replace('-', " "))?;
        }
        write!(f, "{}", self.outcome)?;
        if !self.doubts.is_empty() {
            write!(f, " (AWS does not document this: {})", self.doubts.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allows => f.write_str("allows the request"),
            Self::Delegates => f.write_str("allows what the caller's own account allows"),
            Self::OwnerRoot => f.write_str("the root user of the owner account needs no statement"),
            Self::Denies => f.write_str("denies the request"),
            Self::Differs(element) => write!(f, "does not apply: {element} differs"),
            Self::Refuses(refusal) => write!(f, "{refusal}"),
            Self::Open(question) => write!(f, "{question}"),
            Self::NotEvaluated => f.write_str("is not in the input and was not evaluated"),
            Self::NothingAllows => f.write_str("nothing allows the request"),
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal => f.write_str("the principal"),
            Self::Action => f.write_str("the action"),
            Self::Resource => f.write_str("the resource"),
            Self::Condition(operator, key) => write!(f, "{operator} on {}", key.name()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherResource => f.write_str("the request is about another resource"),
            Self::ResourceType => f.write_str("the action does not work on this kind of resource"),
            Self::OtherPartition => f.write_str("the caller belongs to another partition"),
            Self::FederatedCaller => f.write_str("an identity of a provider can only call STS"),
            Self::WrongPairing => f.write_str("this caller cannot assume a role by this action"),
            Self::AssumesNothing => f.write_str("this action alone assumes no role"),
            Self::AlsoNeeds(action) => write!(f, "the caller also needs {action}, which is not allowed"),
            Self::AnonymousThroughAccessPoint => f.write_str("access points take no unsigned requests"),
            Self::NetworkOrigin => f.write_str("the access point takes requests from its own VPC only"),
            Self::RequesterPays => f.write_str("the requester pays and so cannot be anonymous"),
            Self::OutsidePolicyVerb => f.write_str("only the owner's account can call this action (405)"),
            Self::Blocked(setting, levels) => {
                let names: Vec<String> = levels.iter().map(|level| format!("{level}:{setting}")).collect();
                write!(f, "blocked by {}", names.join(", "))
            }
            Self::AclsOff => f.write_str("ACLs are off (BucketOwnerEnforced)"),
            Self::ForeignObject => f.write_str("another account owns the object: only its ACL can allow this"),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(unknown) => write!(f, "is not known: {}", unknown.reason),
            Self::Setting(name, unknown) => write!(f, "{name} is not known: {}", unknown.reason),
            Self::Tags => f.write_str("depends on tags that are not known"),
            Self::OwnAccount => f.write_str("whether the caller belongs to the owner's account is not known"),
            Self::Grantee => f.write_str("names a grantee that only AWS can resolve"),
            Self::Vpc => f.write_str("the VPC of the access point is not known"),
            Self::AccessPoint => f.write_str("the access point is not in the input"),
        }
    }
}
