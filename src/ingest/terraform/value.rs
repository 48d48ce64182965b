use std::rc::Rc;

use super::instance::{ModuleRef, ResourceRef};
use crate::source::{FileId, Node, Span};

/// A value with the place of the expression that wrote it.
#[derive(Clone, Debug)]
pub(super) struct Val {
    pub span: Span,
    pub data: Data,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Data {
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<TextValue>),
    /// A list, a tuple, or a set without what stands twice in it.
    List(Rc<Vec<Val>>),
    /// A map or an object, in the order of the keys.
    Object(Rc<Vec<Entry>>),
    /// Not known before deployment: the name of what it is.
    Unknown(Rc<str>),
    /// A resource or data source, whose attributes are looked up when they are asked for.
    Resource(Rc<ResourceRef>),
    /// An instance of a module, with its outputs.
    Module(Rc<ModuleRef>),
}

/// A text, in which placeholders may stand.
#[derive(Clone, Debug, Default)]
pub(super) struct TextValue {
    pub text: Box<str>,
    pub inside: Inside,
}

/// What is known of the inside of a text.
#[derive(Clone, Debug, Default)]
pub(super) enum Inside {
    #[default]
    Nothing,
    /// It was made from this tree.
    Tree(Node),
    /// Where in the file each of its bytes was written.
    Places(FileId, Rc<[u32]>),
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: Rc<str>,
    pub key_span: Span,
    pub value: Val,
}

impl Val {
    pub fn new(data: Data, span: Span) -> Self {
        Self { span, data }
    }

    pub fn null(span: Span) -> Self {
        Self::new(Data::Null, span)
    }

    pub fn bool(value: bool, span: Span) -> Self {
        Self::new(Data::Bool(value), span)
    }

    pub fn number(value: f64, span: Span) -> Self {
        Self::new(Data::Number(value), span)
    }

    pub fn count(value: usize, span: Span) -> Self {
        Self::number(f64::from(u32::try_from(value).unwrap_or(u32::MAX)), span)
    }

    pub fn text(text: impl Into<Box<str>>, span: Span) -> Self {
        let value = TextValue {
            text: text.into(),
            inside: Inside::Nothing,
        };
        Self::new(Data::Text(Rc::new(value)), span)
    }

    pub fn list(items: Vec<Val>, span: Span) -> Self {
        Self::new(Data::List(Rc::new(items)), span)
    }

    pub fn unknown(name: impl Into<Rc<str>>, span: Span) -> Self {
        Self::new(Data::Unknown(name.into()), span)
    }

    /// An object; of members with the same key the last one counts.
    pub fn object(mut members: Vec<Entry>, span: Span) -> Self {
        members.sort_by(|a, b| a.key.cmp(&b.key));
        let mut kept: Vec<Entry> = Vec::with_capacity(members.len());
        for member in members {
            match kept.last_mut().filter(|last| last.key == member.key) {
                Some(last) => *last = member,
                None => kept.push(member),
            }
        }
        Self::new(Data::Object(Rc::new(kept)), span)
    }

    /// The same, as if it were written here.
    pub fn at(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// The name of what it is, if it is not known.
    pub fn as_unknown(&self) -> Option<&Rc<str>> {
        let Data::Unknown(name) = &self.data else {
            return None;
        };
        Some(name)
    }

    pub fn as_text(&self) -> Option<&str> {
        let Data::Text(text) = &self.data else {
            return None;
        };
        Some(&text.text)
    }

    pub fn as_list(&self) -> Option<&[Val]> {
        let Data::List(items) = &self.data else {
            return None;
        };
        Some(items)
    }

    pub fn as_object(&self) -> Option<&[Entry]> {
        let Data::Object(members) = &self.data else {
            return None;
        };
        Some(members)
    }

    /// The member of this name.
    pub fn get(&self, key: &str) -> Option<&Val> {
        let members = self.as_object()?;
        let place = members.binary_search_by(|member| (*member.key).cmp(key)).ok()?;
        members.get(place).map(|member| &member.value)
    }

    /// What kind of value it is, as people say it.
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::Null => "null",
            Data::Bool(_) => "a Boolean",
            Data::Number(_) => "a number",
            Data::Text(_) => "a string",
            Data::List(_) => "a list",
            Data::Object(_) => "an object",
            Data::Unknown(_) => "a value that is not known",
            Data::Resource(_) => "a resource",
            Data::Module(_) => "a module",
        }
    }
}

impl Entry {
    pub fn new(key: impl Into<Rc<str>>, key_span: Span, value: Val) -> Self {
        Self {
            key: key.into(),
            key_span,
            value,
        }
    }
}

/// A number as Terraform writes it.
pub(super) fn number_text(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    value.to_string()
}
