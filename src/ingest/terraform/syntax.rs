use crate::source::Span;

/// An expression of Terraform, however it was written.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) enum ExprKind {
    Null,
    Bool(bool),
    Number(f64),
    /// A string, with or without anything in it to evaluate.
    Template(Vec<Piece>),
    List(Vec<Expr>),
    Object(Vec<(Expr, Expr)>),
    /// A root such as `var`, or a variable of a `for`.
    Name(Box<str>),
    Access(Box<Expr>, Vec<Step>),
    Conditional(Box<[Expr; 3]>),
    Call {
        name: Box<str>,
        arguments: Vec<Expr>,
        /// Whether the last argument is a list of arguments (`...`).
        expand: bool,
    },
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(Operator, Box<[Expr; 2]>),
    For(Box<For>),
    /// Something that this version does not know.
    Unsupported(&'static str),
}

/// One step into a value.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Attribute(Box<str>, Span),
    Index(Expr),
    /// `[*]`: what follows is done to each element.
    FullSplat,
    /// `.*`: attributes that follow are taken of each element.
    AttributeSplat,
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A `for` expression.
#[derive(Clone, Debug)]
pub(super) struct For {
    pub key_name: Option<Box<str>>,
    pub value_name: Box<str>,
    pub collection: Expr,
    /// Where there is one, the result is an object.
    pub key: Option<Expr>,
    pub value: Expr,
    pub grouping: bool,
    pub condition: Option<Expr>,
}

/// A piece of a template.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Literal(Literal),
    Value(Expr),
    If {
        condition: Expr,
        then: Vec<Piece>,
        otherwise: Vec<Piece>,
    },
    For {
        key_name: Option<Box<str>>,
        value_name: Box<str>,
        collection: Expr,
        body: Vec<Piece>,
    },
}

/// Literal text, with the place in the file of each of its bytes.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub text: Box<str>,
    pub offsets: Box<[u32]>,
}

/// Attributes and blocks, in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
}

/// `name = value`.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub name: Box<str>,
    pub name_span: Span,
    pub value: Expr,
}

/// A block with its labels.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub kind: Box<str>,
    pub labels: Vec<Box<str>>,
    pub body: Body,
    /// Its head: the kind and the labels.
    pub head: Span,
}

impl Body {
    /// The value of the attribute of this name.
    pub fn get(&self, name: &str) -> Option<&Expr> {
        let found = self.attributes.iter().rev().find(|attribute| &*attribute.name == name);
        found.map(|attribute| &attribute.value)
    }

    /// The blocks of this kind.
    pub fn blocks<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| &*block.kind == kind)
    }
}

impl Expr {
    /// A string that nothing has to be evaluated for.
    pub fn as_literal(&self) -> Option<String> {
        let ExprKind::Template(pieces) = &self.kind else {
            return None;
        };
        let text = |piece: &Piece| match piece {
            Piece::Literal(literal) => Some(literal.text.to_string()),
            Piece::Value(_) | Piece::If { .. } | Piece::For { .. } => None,
        };
        pieces.iter().map(text).collect()
    }
}
