use crate::source::{Node, Span};

/// A function of the template language, in its long (`Fn::Sub`) or short (`!Sub`) form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Ref,
    Sub,
    GetAtt,
    Join,
    Select,
    Split,
    If,
    FindInMap,
    ImportValue,
    Base64,
    Cidr,
    GetAzs,
    Transform,
    ToJsonString,
    Length,
    Equals,
    And,
    Or,
    Not,
    Condition,
    /// One that is not known here.
    Other,
}

/// A function with what it is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'n> {
    pub function: Function,
    /// The function as it is written.
    pub name: &'n str,
    /// What it is given; for a short form the tagged value itself.
    pub argument: &'n Node,
    /// Whether the argument carries the function's own tag.
    pub is_short: bool,
    pub span: Span,
}

impl<'n> Call<'n> {
    /// The call that a value is, if it is one.
    pub fn of(node: &'n Node) -> Option<Self> {
        Self::short(node).or_else(|| Self::long(node))
    }

    fn short(node: &'n Node) -> Option<Self> {
        let name = node.tag.as_deref()?.strip_prefix('!')?;
        Some(Self {
            function: Function::of_tag(name)?,
            name,
            argument: node,
            is_short: true,
            span: node.span,
        })
    }

    /// The call that a value is without looking at its tag.
    pub fn long(node: &'n Node) -> Option<Self> {
        let of = |member: &'n crate::source::Member| {
            let name = &*member.key;
            let function = match name.strip_prefix("Fn::") {
                Some(rest) => Function::of_tag(rest)?,
                None if name == "Ref" => Function::Ref,
                None => return None,
            };
            Some(Self {
                function,
                name,
                argument: &member.value,
                is_short: false,
                span: node.span,
            })
        };
        match node.members() {
            [only] => of(only),
            // A macro may stand beside what it changes.
            members => {
                let transform = members.iter().find(|member| &*member.key == "Fn::Transform");
                transform.and_then(of)
            }
        }
    }

    /// The call that stands in a condition, where `Condition` refers to another one.
    pub fn in_condition(node: &'n Node) -> Option<Self> {
        let [only] = node.members() else {
            return Self::of(node);
        };
        if node.tag.is_none() && &*only.key == "Condition" {
            return Some(Self {
                function: Function::Condition,
                name: &only.key,
                argument: &only.value,
                is_short: false,
                span: node.span,
            });
        }
        Self::of(node)
    }
}

impl Function {
    /// The function of this name without `Fn::` or `!`.
    fn of_tag(name: &str) -> Option<Self> {
        Some(match name {
            "Ref" => Self::Ref,
            "Sub" => Self::Sub,
            "GetAtt" => Self::GetAtt,
            "Join" => Self::Join,
            "Select" => Self::Select,
            "Split" => Self::Split,
            "If" => Self::If,
            "FindInMap" => Self::FindInMap,
            "ImportValue" => Self::ImportValue,
            "Base64" => Self::Base64,
            "Cidr" => Self::Cidr,
            "GetAZs" => Self::GetAzs,
            "Transform" => Self::Transform,
            "ToJsonString" => Self::ToJsonString,
            "Length" => Self::Length,
            "Equals" => Self::Equals,
            "And" => Self::And,
            "Or" => Self::Or,
            "Not" => Self::Not,
            "Condition" => Self::Condition,
            // `!` alone makes a text of whatever follows.
            "" => return None,
            _ => Self::Other,
        })
    }
}
