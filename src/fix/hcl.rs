//! A file of Terraform as the one tree, as it is written: nothing is evaluated.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::template::HeredocTemplate;

use super::document::range_of;
use crate::source::{Member, Node, Text, Value};

/// The tag of a node that was written as a block.
pub(super) const BLOCK: &str = "block";
/// The tag of a list that holds the parts of an expression.
pub(super) const PARTS: &str = "parts";
/// The tag of a heredoc; the node spans its lines.
pub(super) const HEREDOC: &str = "heredoc";

/// The tree of a file; none where it is no HCL.
///
/// Blocks are objects with the tag [`BLOCK`], named by kind and labels. What is evaluated is a list with the tag [`PARTS`] of the
/// expressions in it.
pub(super) fn parse_hcl(text: &Text<'_>) -> Option<Node> {
    let parsed = hcl_edit::parser::parse_body(text.as_str()).ok()?;
    let tree = Tree { text };
    let members = tree.body(&parsed);
    Some(tree.tagged(Value::Object(members), 0..text.as_str().len(), BLOCK))
}

struct Tree<'t> {
    text: &'t Text<'t>,
}

type Bytes = std::ops::Range<usize>;

impl Tree<'_> {
    fn node(&self, value: Value, range: Bytes) -> Node {
        Node::new(value, self.text.span(range.start, range.end))
    }

    fn tagged(&self, value: Value, range: Bytes, tag: &str) -> Node {
        Node {
            tag: Some(tag.into()),
            ..self.node(value, range)
        }
    }

    fn body(&self, body: &Body) -> Vec<Member> {
        let members = body.iter().map(|structure| match structure {
            Structure::Attribute(attribute) => {
                let key = attribute.key.span().unwrap_or_default();
                self.member(attribute.key.as_str(), key, self.expr(&attribute.value))
            }
            Structure::Block(block) => self.block(block),
        });
        members.collect()
    }

    fn block(&self, block: &Block) -> Member {
        let ident = block.ident.span().unwrap_or_default();
        let labels = block.labels.iter().map(|label| label.as_str());
        let name: Vec<&str> = std::iter::once(block.ident.as_str()).chain(labels).collect();
        let end = block.span().map_or(ident.end, |span| span.end);
        let end = self.text.as_str().get(..end).map_or(end, |text| text.trim_end().len());
        let value = self.tagged(Value::Object(self.body(&block.body)), ident.start..end, BLOCK);
        self.member(&name.join(" "), ident, value)
    }

    fn member(&self, key: &str, range: Bytes, value: Node) -> Member {
        Member {
            key: key.into(),
            key_span: self.text.span(range.start, range.end),
            value,
        }
    }

    fn expr(&self, expr: &Expression) -> Node {
        let range = expr.span().unwrap_or_default();
        let parts = |parts: Vec<&Expression>| {
            let parts = parts.into_iter().map(|part| self.expr(part)).collect();
            self.tagged(Value::Array(parts), range.clone(), PARTS)
        };
        match expr {
            Expression::Null(_) => self.node(Value::Null, range),
            Expression::Bool(value) => self.node(Value::Bool(*value.value()), range),
            Expression::Number(value) => self.node(Value::Number(value.to_string().into()), range),
            Expression::String(value) => self.node(Value::String(value.as_str().into()), range),
            Expression::HeredocTemplate(heredoc) => self.heredoc(heredoc, range),
            Expression::Array(items) => {
                let items = items.iter().map(|item| self.expr(item)).collect();
                self.node(Value::Array(items), range)
            }
            Expression::Object(object) => {
                let members = object.iter().map(|(key, value)| {
                    let range = key.span().unwrap_or_default();
                    self.member(&self.key(key), range, self.expr(value.expr()))
                });
                let members = members.collect();
                self.node(Value::Object(members), range)
            }
            Expression::Parenthesis(inner) => parts(vec![inner.inner()]),
            Expression::Conditional(test) => parts(vec![&test.cond_expr, &test.true_expr, &test.false_expr]),
            Expression::FuncCall(call) => parts(call.args.iter().collect()),
            Expression::ForExpr(each) => parts(each.key_expr.iter().chain([&each.value_expr]).collect()),
            Expression::UnaryOp(one) => parts(vec![&one.expr]),
            Expression::BinaryOp(two) => parts(vec![&two.lhs_expr, &two.rhs_expr]),
            Expression::Traversal(_) | Expression::Variable(_) | Expression::StringTemplate(_) => parts(Vec::new()),
        }
    }

    fn key(&self, key: &ObjectKey) -> String {
        match key {
            ObjectKey::Ident(name) => name.as_str().to_owned(),
            ObjectKey::Expression(Expression::String(name)) => name.as_str().to_owned(),
            ObjectKey::Expression(other) => {
                let range = other.span().unwrap_or_default();
                self.text.as_str().get(range).unwrap_or_default().to_owned()
            }
        }
    }

    /// The lines of a heredoc, between its marks.
    fn heredoc(&self, heredoc: &HeredocTemplate, range: Bytes) -> Node {
        let whole = self.text.as_str().get(range.clone()).unwrap_or_default();
        let start = whole.find('\n').map_or(whole.len(), |at| at + 1);
        let body = whole.get(start..).unwrap_or_default();
        let mark = heredoc.delimiter.as_str();
        let end = body.trim_end().strip_suffix(mark).map_or(body.len(), str::len);
        let lines = body.get(..end).unwrap_or_default();
        let inner = range.start + start..range.start + start + end;
        self.tagged(Value::String(lines.into()), inner, HEREDOC)
    }
}

/// Whether a node is a block.
pub(super) fn is_block(node: &Node) -> bool {
    node.tag.as_deref() == Some(BLOCK)
}

/// The labels of a block's member, such as `resource`, `aws_s3_bucket`, `b`.
pub(super) fn labels(member: &Member) -> Vec<&str> {
    match is_block(&member.value) {
        true => member.key.split(' ').collect(),
        false => Vec::new(),
    }
}

/// The bytes of a block between its braces.
pub(super) fn body_range(text: &str, block: &Node) -> Option<Bytes> {
    let range = range_of(block);
    let whole = text.get(range.clone())?;
    let first = block.members().first().map(|member| member.key_span.range().start);
    let head = first.map_or(whole.len(), |first| first.saturating_sub(range.start));
    let open = whole.get(..head)?.rfind('{').or_else(|| whole.find('{'))?;
    Some(range.start + open + 1..range.end.saturating_sub(1))
}
