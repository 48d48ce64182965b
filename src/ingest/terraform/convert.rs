//! The tree of the HCL parser as ours.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator, UnaryOperator,
};
use hcl_edit::structure::{Body as HclBody, Structure};
use hcl_edit::template::{Directive, Element, HeredocTemplate, Strip, Template};

use super::literal::{Style, literal};
use super::syntax::{Attribute, Block, Body, Expr, ExprKind, For, Operator, Piece, Step};
use crate::source::{Span, Text};

/// Turns trees of one text into ours.
pub(super) struct Convert<'t> {
    pub text: &'t Text<'t>,
    /// Keys that stand twice in one object and were renamed to please the parser, by their place.
    pub renamed: &'t BTreeMap<usize, Box<str>>,
}

impl Convert<'_> {
    pub fn body(&self, body: &HclBody) -> Body {
        let mut converted = Body::default();
        for structure in body.iter() {
            match structure {
                Structure::Attribute(attribute) => converted.attributes.push(Attribute {
                    name: attribute.key.as_str().into(),
                    name_span: self.span(attribute.key.span()),
                    value: self.expr(&attribute.value),
                }),
                Structure::Block(block) => {
                    let start = block.ident.span().map_or(0, |span| span.start);
                    let labels = block.labels.iter();
                    let end = labels
                        .clone()
                        .filter_map(|label| label.span())
                        .map(|span| span.end)
                        .max();
                    let end = end.or(block.ident.span().map(|span| span.end)).unwrap_or(start);
                    converted.blocks.push(Block {
                        kind: block.ident.as_str().into(),
                        labels: labels.map(|label| label.as_str().into()).collect(),
                        body: self.body(&block.body),
                        head: self.text.span(start, end),
                    });
                }
            }
        }
        converted
    }

    fn span(&self, range: Option<Range<usize>>) -> Span {
        let range = range.unwrap_or_default();
        self.text.span(range.start, range.end)
    }

    fn source(&self, range: Range<usize>) -> &str {
        self.text.as_str().get(range).unwrap_or_default()
    }

    pub fn expr(&self, expr: &Expression) -> Expr {
        let span = self.span(expr.span());
        let kind = match expr {
            Expression::Null(_) => ExprKind::Null,
            Expression::Bool(value) => ExprKind::Bool(*value.value()),
            Expression::Number(value) => ExprKind::Number(value.value().as_f64().unwrap_or_default()),
            Expression::String(_) => ExprKind::Template(self.quoted(expr.span().unwrap_or_default())),
            Expression::StringTemplate(template) => ExprKind::Template(self.pieces(template, Style::Quoted)),
            Expression::HeredocTemplate(heredoc) => ExprKind::Template(self.heredoc(heredoc)),
            Expression::Array(items) => ExprKind::List(items.iter().map(|item| self.expr(item)).collect()),
            Expression::Object(object) => {
                let members = object.iter();
                ExprKind::Object(
                    members
                        .map(|(key, value)| (self.key(key), self.expr(value.expr())))
                        .collect(),
                )
            }
            Expression::Parenthesis(inner) => return self.expr(inner.inner()),
            Expression::Variable(name) => ExprKind::Name(name.as_str().into()),
            Expression::Conditional(test) => ExprKind::Conditional(Box::new([
                self.expr(&test.cond_expr),
                self.expr(&test.true_expr),
                self.expr(&test.false_expr),
            ])),
            Expression::FuncCall(call) => self.call(call),
            Expression::Traversal(traversal) => self.access(traversal),
            Expression::UnaryOp(operation) => {
                let inner = Box::new(self.expr(&operation.expr));
                match operation.operator.value() {
                    UnaryOperator::Not => ExprKind::Not(inner),
                    UnaryOperator::Neg => ExprKind::Negative(inner),
                }
            }
            Expression::BinaryOp(operation) => {
                let sides = [self.expr(&operation.lhs_expr), self.expr(&operation.rhs_expr)];
                ExprKind::Binary(operator(*operation.operator.value()), Box::new(sides))
            }
            Expression::ForExpr(each) => self.each(each),
        };
        Expr { span, kind }
    }

    /// A key that is a bare word is its own name.
    fn key(&self, key: &ObjectKey) -> Expr {
        let range = key.span().unwrap_or_default();
        let bare = |name: &str, range: Range<usize>| {
            let offset = self.text.span(range.start, range.end).start;
            let literal = super::syntax::Literal {
                text: name.into(),
                offsets: vec![offset; name.len()].into(),
            };
            Expr {
                span: self.span(Some(range)),
                kind: ExprKind::Template(vec![Piece::Literal(literal)]),
            }
        };
        if let Some(name) = self.renamed.get(&range.start) {
            return bare(name, range);
        }
        match key {
            ObjectKey::Ident(name) => bare(name.as_str(), range),
            // A word such as `Null` is a key, and so is `null`.
            ObjectKey::Expression(Expression::Variable(_) | Expression::Null(_) | Expression::Bool(_)) => {
                let name = self.source(range.clone()).to_owned();
                bare(&name, range)
            }
            ObjectKey::Expression(expr) => self.expr(expr),
        }
    }

    fn call(&self, call: &FuncCall) -> ExprKind {
        if call.name.is_namespaced() {
            return ExprKind::Unsupported("a function of a provider");
        }
        ExprKind::Call {
            name: call.name.name.as_str().into(),
            arguments: call.args.iter().map(|argument| self.expr(argument)).collect(),
            expand: call.args.expand_final(),
        }
    }

    fn access(&self, traversal: &Traversal) -> ExprKind {
        let step = |operator: &TraversalOperator| match operator {
            TraversalOperator::AttrSplat(_) => Step::AttributeSplat,
            TraversalOperator::FullSplat(_) => Step::FullSplat,
            TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str().into(), self.span(name.span())),
            TraversalOperator::Index(index) => Step::Index(self.expr(index)),
            TraversalOperator::LegacyIndex(index) => Step::Index(Expr {
                span: self.span(index.span()),
                kind: ExprKind::Number(f64::from(u32::try_from(*index.value()).unwrap_or(u32::MAX))),
            }),
        };
        let steps = traversal.operators.iter().map(|operator| step(operator.value()));
        ExprKind::Access(Box::new(self.expr(&traversal.expr)), steps.collect())
    }

    fn each(&self, each: &ForExpr) -> ExprKind {
        ExprKind::For(Box::new(For {
            key_name: each.intro.key_var.as_ref().map(|name| name.as_str().into()),
            value_name: each.intro.value_var.as_str().into(),
            collection: self.expr(&each.intro.collection_expr),
            key: each.key_expr.as_ref().map(|key| self.expr(key)),
            value: self.expr(&each.value_expr),
            grouping: each.grouping,
            condition: each.cond.as_ref().map(|condition| self.expr(&condition.expr)),
        }))
    }

    fn quoted(&self, range: Range<usize>) -> Vec<Piece> {
        let inner = range.start + 1..range.end.saturating_sub(1);
        if inner.start >= inner.end {
            return Vec::new();
        }
        vec![Piece::Literal(literal(self.text, inner, &mut Style::Quoted))]
    }

    fn heredoc(&self, heredoc: &HeredocTemplate) -> Vec<Piece> {
        let style = Style::Lines {
            indent: heredoc.indent().unwrap_or_default(),
            at_start: true,
        };
        self.pieces(&heredoc.template, style)
    }

    /// The pieces of a template; the white space that `~` takes away is left out.
    pub fn pieces(&self, template: &Template, mut style: Style) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(template.len());
        let mut trim_next = false;
        for element in template.iter() {
            match element {
                Element::Literal(text) => {
                    let mut found = literal(self.text, text.span().unwrap_or_default(), &mut style);
                    if std::mem::take(&mut trim_next) {
                        found.trim_start();
                    }
                    pieces.push(Piece::Literal(found));
                }
                Element::Interpolation(inner) => {
                    style.inside_line();
                    trim_last(&mut pieces, inner.strip);
                    trim_next = inner.strip.strip_end();
                    pieces.push(Piece::Value(self.expr(&inner.expr)));
                }
                Element::Directive(directive) => {
                    style.inside_line();
                    let (first, last) = outer_strips(directive);
                    trim_last(&mut pieces, first);
                    trim_next = last.strip_end();
                    pieces.push(self.directive(directive, &style));
                }
            }
        }
        pieces
    }

    fn directive(&self, directive: &Directive, style: &Style) -> Piece {
        match directive {
            Directive::If(test) => {
                let after_then = test
                    .else_expr
                    .as_ref()
                    .map_or(test.endif_expr.strip, |other| other.strip);
                let then = self.inner(&test.if_expr.template, style, test.if_expr.strip, after_then);
                let otherwise = test.else_expr.as_ref().map_or_else(Vec::new, |other| {
                    self.inner(&other.template, style, other.strip, test.endif_expr.strip)
                });
                Piece::If {
                    condition: self.expr(&test.if_expr.cond_expr),
                    then,
                    otherwise,
                }
            }
            Directive::For(each) => Piece::For {
                key_name: each.for_expr.key_var.as_ref().map(|name| name.as_str().into()),
                value_name: each.for_expr.value_var.as_str().into(),
                collection: self.expr(&each.for_expr.collection_expr),
                body: self.inner(
                    &each.for_expr.template,
                    style,
                    each.for_expr.strip,
                    each.endfor_expr.strip,
                ),
            },
        }
    }

    /// A template between two markers, each of which may take white space from it.
    fn inner(&self, template: &Template, style: &Style, before: Strip, after: Strip) -> Vec<Piece> {
        let mut pieces = self.pieces(template, style.clone());
        if before.strip_end()
            && let Some(Piece::Literal(first)) = pieces.first_mut()
        {
            first.trim_start();
        }
        trim_last(&mut pieces, after);
        pieces
    }
}

fn outer_strips(directive: &Directive) -> (Strip, Strip) {
    match directive {
        Directive::If(test) => (test.if_expr.strip, test.endif_expr.strip),
        Directive::For(each) => (each.for_expr.strip, each.endfor_expr.strip),
    }
}

fn trim_last(pieces: &mut [Piece], strip: Strip) {
    if strip.strip_start()
        && let Some(Piece::Literal(last)) = pieces.last_mut()
    {
        last.trim_end();
    }
}

fn operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Or => Operator::Or,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::LessEq => Operator::LessOrEqual,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::GreaterEq => Operator::GreaterOrEqual,
        BinaryOperator::Plus => Operator::Add,
        BinaryOperator::Minus => Operator::Subtract,
        BinaryOperator::Mul => Operator::Multiply,
        BinaryOperator::Div => Operator::Divide,
        BinaryOperator::Mod => Operator::Remainder,
    }
}
