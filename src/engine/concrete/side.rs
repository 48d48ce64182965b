use super::decision::{Decision, Outcome, Question, Refusal, Step, Trace, Verdict};
use super::identity::Belongs;
use super::statement::Heard;
use crate::engine::{Block, Caller};
use crate::source::Unknown;

/// What one side of a decision (a policy, an ACL) gives, with the step that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// It allows.
    Yes(usize),
    /// It does not; a step where something took away what it allowed.
    No(Option<usize>),
    /// It cannot be told.
    Unknown(usize),
}

impl Side {
    /// What the statements of a policy give, before any block.
    pub(super) fn of(heard: Heard) -> Self {
        match (heard.allow, heard.may_allow) {
            (Some(step), _) => Self::Yes(step),
            (None, Some(step)) => Self::Unknown(step),
            (None, None) => Self::No(None),
        }
    }

    /// Both are needed.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No(step), _) | (Self::Yes(_) | Self::Unknown(_), Self::No(step)) => Self::No(step),
            (Self::Unknown(step), _) | (Self::Yes(_), Self::Unknown(step)) => Self::Unknown(step),
            (Self::Yes(step), Self::Yes(_)) => Self::Yes(step),
        }
    }

    /// Either will do.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes(step), _) | (Self::No(_) | Self::Unknown(_), Self::Yes(step)) => Self::Yes(step),
            (Self::Unknown(step), _) | (Self::No(_), Self::Unknown(step)) => Self::Unknown(step),
            (Self::No(first), Self::No(second)) => Self::No(first.or(second)),
        }
    }

    /// The answer: allowed if this side allows and none of `may_refuse` could still refuse.
    pub(super) fn settle(self, may_refuse: Option<usize>, mut trace: Trace) -> Decision {
        match (self, may_refuse) {
            (Self::Yes(step), None) => trace.settle(Verdict::Allowed, step),
            (Self::Yes(_), Some(step)) | (Self::Unknown(step), _) => trace.settle(Verdict::Unknown, step),
            (Self::No(Some(step)), _) => trace.settle(Verdict::Denied, step),
            (Self::No(None), _) => {
                let step = trace.push(Step::of(Outcome::NothingAllows));
                trace.settle(Verdict::Denied, step)
            }
        }
    }
}

/// Cuts what was allowed where a Block Public Access setting is on and the caller is not spared.
pub(super) fn cut(side: Side, setting: &'static str, block: &Block, spared: Belongs, trace: &mut Trace) -> Side {
    let (Side::Yes(_) | Side::Unknown(_)) = side else {
        return side;
    };
    match (block, spared) {
        (_, Belongs::Yes) | (Block::Off, _) => side,
        (Block::On(levels), Belongs::No) => {
            Side::No(Some(trace.push(Refusal::Blocked(setting, levels.clone()).into())))
        }
        (Block::On(_), Belongs::Unknown) => Side::Unknown(trace.push(Question::OwnAccount.into())),
        (Block::Unknown(_), Belongs::No | Belongs::Unknown) => match refused(block) {
            Some(unknown) => Side::Unknown(trace.push(Question::Setting(setting, unknown).into())),
            None => side,
        },
    }
}

/// Why a setting is not known, unless only because the input does not carry it: that counts as off.
pub(super) fn refused(block: &Block) -> Option<Unknown> {
    block.refused().next().map(|level| level.why.clone())
}

/// Whether RestrictPublicBuckets spares a caller: services, and principals of the own accounts [BPA-04], [BPA-14].
pub(super) fn spared(caller: &Caller, own: Belongs) -> Belongs {
    match caller {
        Caller::Service(_) => Belongs::Yes,
        Caller::Anonymous
        | Caller::Aws(_)
        | Caller::Canonical(_)
        | Caller::UniqueId(_)
        | Caller::OriginAccessIdentity(_)
        | Caller::Federated(_) => own,
    }
}
