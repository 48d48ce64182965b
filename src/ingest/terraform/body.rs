//! Bodies of blocks as objects: nested blocks are lists of objects, as in plans.

use std::rc::Rc;

use super::eval::{Evaluator, Fault};
use super::instance::Env;
use super::syntax::{Block, Body, Expr};
use super::value::{Data, Entry, Val};
use crate::source::Span;

impl Evaluator<'_> {
    /// The attributes and blocks of a body that are wanted.
    ///
    /// An attribute without a value is said, and counts as not known.
    pub fn body(&self, body: &Body, env: Env<'_>, wanted: &dyn Fn(&str) -> bool) -> Result<Val, Fault> {
        let mut members: Vec<Entry> = Vec::new();
        for attribute in body.attributes.iter().filter(|attribute| wanted(&attribute.name)) {
            let value = self.or_unknown(self.eval(&attribute.value, env), &attribute.value, &attribute.name, env)?;
            members.push(Entry::new(&*attribute.name, attribute.name_span, value));
        }
        let mut span = Span::default();
        for block in &body.blocks {
            span = block.head;
            let label = block.labels.first().map(|label| &**label).unwrap_or_default();
            if &*block.kind == "dynamic" {
                if wanted(label) {
                    let found = self.dynamic(block, label, env)?;
                    extend(&mut members, label, block.head, found);
                }
            } else if wanted(&block.kind) {
                let inner = self.deeper(block.head, || self.body(&block.body, env, &|_| true))?;
                extend(&mut members, &block.kind, block.head, vec![inner.at(block.head)]);
            }
        }
        Ok(Val::object(members, span))
    }

    /// A value, or what stands for it where there is none.
    fn or_unknown(&self, value: Result<Val, Fault>, expr: &Expr, name: &str, env: Env<'_>) -> Result<Val, Fault> {
        value.or_else(|fault| {
            self.complain(&fault);
            if fault.is_limit && self.charge(1, fault.span).is_err() {
                return Err(fault);
            }
            // Two mistakes are not the same value: the place tells them apart.
            let name = format!("{}{name}@{}", env.instance.path, expr.span.start);
            Ok(Val::unknown(name, expr.span))
        })
    }

    /// The blocks that a dynamic block makes.
    fn dynamic(&self, block: &Block, label: &str, env: Env<'_>) -> Result<Vec<Val>, Fault> {
        let body = &block.body;
        let Some(each) = body.get("for_each") else {
            return Err(Fault::new(block.head, "a dynamic block without `for_each`"));
        };
        let iterator = match body.get("iterator").map(|expr| &expr.kind) {
            Some(super::syntax::ExprKind::Name(name)) => name.to_string(),
            Some(super::syntax::ExprKind::Template(_)) => body
                .get("iterator")
                .and_then(Expr::as_literal)
                .unwrap_or_else(|| label.to_owned()),
            Some(_) | None => label.to_owned(),
        };
        let Some(content) = body.blocks("content").next() else {
            return Err(Fault::new(block.head, "a dynamic block without `content`"));
        };
        let collection = self.eval(each, env)?;
        if collection.is_null() {
            return Ok(Vec::new());
        }
        if let Data::Unknown(name) = &collection.data
            && self.decide(&format!("length({name}) > 0"), collection.span) == Some(false)
        {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for (key, value) in self.elements(&collection)? {
            // Of a set the key is the value itself.
            let key = match &collection.data {
                Data::List(_) if value.as_text().is_some() => value.clone(),
                _ => key,
            };
            let span = each.span;
            let both = vec![Entry::new("key", span, key), Entry::new("value", span, value)];
            let bound = env.bind(&iterator, Val::object(both, span));
            let inner = self.deeper(block.head, || self.body(&content.body, env.within(&bound), &|_| true))?;
            found.push(inner.at(content.head));
        }
        Ok(found)
    }
}

fn extend(members: &mut Vec<Entry>, name: &str, span: Span, found: Vec<Val>) {
    match members.iter_mut().find(|member| &*member.key == name) {
        Some(member) => {
            if let Data::List(known) = &mut member.value.data {
                Rc::make_mut(known).extend(found);
            }
        }
        None => members.push(Entry::new(name, span, Val::list(found, span))),
    }
}
