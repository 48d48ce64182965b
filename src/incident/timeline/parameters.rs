use crate::source::{FileId, Limits, Node, Span, Text, Value, parse_json};

/// The parameters or the answer of a call, as a log writes them.
#[derive(Debug)]
pub(super) struct Written {
    text: Text<'static>,
    root: Node,
}

/// A value of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'w> {
    text: &'w Text<'static>,
    node: &'w Node,
}

impl Written {
    /// Reads JSON text; none where it is none.
    pub fn read(file: FileId, json: &str) -> Option<Self> {
        let every = (0..u32::try_from(json.len()).ok()?.checked_add(1)?).collect();
        let text = Text::mapped(file, json.to_owned(), every);
        let root = parse_json(&text, Limits::default()).ok()?.root;
        Some(Self { text, root })
    }

    /// The whole.
    pub fn field(&self) -> Field<'_> {
        Field {
            text: &self.text,
            node: &self.root,
        }
    }

    /// The JSON inside of a string, plain or percent-encoded [CT-60].
    pub fn inside(field: Field<'_>) -> Option<Self> {
        let plain = field.text.of_string(field.node);
        let text = match plain.as_str().trim_start().starts_with('%') {
            true => plain.percent_decoded().ok()?,
            false => plain,
        };
        let root = parse_json(&text, Limits::default()).ok()?.root;
        Some(Self { text, root })
    }

    /// The tree.
    pub fn root(&self) -> &Node {
        &self.root
    }
}

impl<'w> Field<'w> {
    /// The member of this name, in whatever case; null is none [CT-25].
    pub fn get(self, name: &str) -> Option<Self> {
        let mut members = self.node.members().iter();
        let found = members.find(|member| member.key.eq_ignore_ascii_case(name))?;
        (!found.value.is_null()).then_some(Self {
            node: &found.value,
            ..self
        })
    }

    /// The member at the end of a path.
    pub fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |field, name| field.get(name))
    }

    /// The text of a member: old records have lists of one [CT-25]. An empty text is none.
    pub fn text(self, name: &str) -> Option<&'w str> {
        self.get(name)?.own_text()
    }

    /// The text that it is.
    pub fn own_text(self) -> Option<&'w str> {
        let node = self.node.items().first().unwrap_or(self.node);
        node.as_str().filter(|text| !text.is_empty())
    }

    /// The items of a list; where there is one only, XML leaves an object in its place [CT-25].
    pub fn each(self) -> impl Iterator<Item = Self> {
        let alone = (!self.node.is_array()).then_some(self.node);
        let nodes = alone.into_iter().chain(self.node.items());
        nodes.map(move |node| Self { node, ..self })
    }

    /// Whether it is true, also as text [CT-25]; none where it is neither.
    pub fn truth(self) -> Option<bool> {
        match (self.node.as_bool(), self.own_text()) {
            (Some(value), _) => Some(value),
            (None, Some(text)) if text.eq_ignore_ascii_case("true") => Some(true),
            (None, Some(text)) if text.eq_ignore_ascii_case("false") => Some(false),
            (None, Some(_) | None) => None,
        }
    }

    /// Whether it is an object without members.
    pub fn is_empty(self) -> bool {
        matches!(&self.node.value, Value::Object(members) if members.is_empty())
    }

    /// Whether it is a text.
    pub fn is_text(self) -> bool {
        self.node.as_str().is_some()
    }

    /// The tree.
    pub fn node(self) -> &'w Node {
        self.node
    }

    /// Where it was written.
    pub fn span(self) -> Span {
        self.node.span
    }
}
