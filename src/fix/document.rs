//! The innermost text that holds a place of a file, with its tree.

use std::ops::Range;

use super::hcl::{HEREDOC, is_block, parse_hcl};
use crate::source::{FileId, Limits, Node, SourceFile, Span, Text, Value, parse_json, parse_yaml};

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Json,
    Yaml,
    Hcl,
}

/// What a text was put into, from the outside in: what is written into it has to be put in likewise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    /// A string of JSON.
    JsonString,
    /// Percent-encoding, as IAM's API answers with.
    Percent,
}

/// A text with its tree, whose spans are places of the text and not of the file.
pub(super) struct Document {
    pub file: FileId,
    pub syntax: Syntax,
    pub root: Node,
    text: Text<'static>,
    layers: Vec<Layer>,
}

/// The way from the root of a tree to a node: the place of each child.
pub(super) type Path = Vec<usize>;

/// The bytes of a node in the text of its document.
pub(super) fn range_of(node: &Node) -> Range<usize> {
    node.span.range()
}

/// The values below a node.
pub(super) fn children(node: &Node) -> impl Iterator<Item = &Node> {
    let members = node.members().iter().map(|member| &member.value);
    members.chain(node.items())
}

impl Document {
    /// The whole text of a file; none where it cannot be read, or is not what the file holds.
    pub fn of_file(id: FileId, file: &SourceFile) -> Option<Self> {
        if file.path().ends_with(".gz") {
            return None;
        }
        let text = Text::new(id, file.text());
        let places = (0..=text.as_str().len()).map(|at| text.span(at, at).start);
        let whole = Text::mapped(id, text.as_str().to_owned(), places.collect());
        let document = Self::parse(whole, syntax(file.path()), Vec::new())?;
        // A plan or state of Terraform is made from what would have to be edited.
        let is_made = document.syntax == Syntax::Json && document.root.get("terraform_version").is_some();
        (!is_made).then_some(document)
    }

    fn parse(text: Text<'static>, syntax: Syntax, layers: Vec<Layer>) -> Option<Self> {
        let local = Text::new(FileId::default(), text.as_str());
        let root = match syntax {
            Syntax::Json => parse_json(&local, Limits::default()).ok()?.root,
            Syntax::Yaml => {
                let [root] = <[Node; 1]>::try_from(parse_yaml(&local, Limits::default()).ok()?.documents).ok()?;
                root
            }
            Syntax::Hcl => parse_hcl(&local)?,
        };
        Some(Self {
            file: text.file(),
            syntax,
            root,
            text,
            layers,
        })
    }

    /// The document in the string that a span lies in.
    fn inside(&self, span: Span) -> Option<Self> {
        let path = self.deepest(span);
        let node = self.node(&path)?;
        let content = node.as_str()?;
        let mut layers = self.layers.clone();
        let range = range_of(node);
        let text = match (self.syntax, node.tag.as_deref() == Some(HEREDOC)) {
            (Syntax::Hcl, true) => {
                let offsets = (range.start..=range.end)
                    .map(|at| self.text.span(at, at).start)
                    .collect();
                Text::mapped(self.file, content.to_owned(), offsets)
            }
            (Syntax::Json, _) => {
                layers.push(Layer::JsonString);
                let mut inner = self.string_text(node);
                if content.trim_start().starts_with("%7B") {
                    layers.push(Layer::Percent);
                    inner = inner.percent_decoded().ok()?;
                }
                inner
            }
            (Syntax::Yaml, _) => {
                // The lines of a literal block, with the white space before them.
                let written = self
                    .text()
                    .get(range.clone())
                    .filter(|written| written.contains(['|', '>']))?;
                let start = range.start + written.find('\n')? + 1;
                let lines = self.text().get(start..range.end)?;
                let offsets = (start..=range.end).map(|at| self.text.span(at, at).start).collect();
                Text::mapped(self.file, lines.to_owned(), offsets)
            }
            (Syntax::Hcl, false) => return None,
        };
        Self::parse(text, Syntax::Json, layers)
    }

    /// Looks at what was read from a place of the file, in the innermost text that holds it.
    pub fn look<T>(&self, span: Span, at: impl FnOnce(&Self, &Path) -> T) -> Option<T> {
        match self.path_of(span) {
            Some(path) => Some(at(self, &path)),
            None => self.inside(span)?.look_inside(span, at),
        }
    }

    /// The same for a text that was taken out of another one.
    fn look_inside<T>(mut self, span: Span, at: impl FnOnce(&Self, &Path) -> T) -> Option<T> {
        loop {
            match self.path_of(span) {
                Some(path) => return Some(at(&self, &path)),
                None => self = self.inside(span)?,
            }
        }
    }

    /// The content of a string of JSON, with its places in the file.
    fn string_text(&self, node: &Node) -> Text<'static> {
        let in_file = Node {
            span: self.span(range_of(node)),
            ..node.clone()
        };
        self.text.of_string(&in_file)
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// The place in the file of a part of the text.
    pub fn span(&self, range: Range<usize>) -> Span {
        self.text.span(range.start, range.end)
    }

    /// The node at the end of a way.
    pub fn node(&self, path: &[usize]) -> Option<&Node> {
        path.iter()
            .try_fold(&self.root, |node, place| children(node).nth(*place))
    }

    /// The way to the node that was read from a place of the file.
    pub fn path_of(&self, span: Span) -> Option<Path> {
        let is_it = |node: &Node| {
            let own = self.span(range_of(node));
            own == span || is_block(node) && own.start == span.start
        };
        let holds = |node: &Node| {
            let own = self.span(range_of(node));
            own.start <= span.start && span.start <= own.end
        };
        let mut path = Vec::new();
        find(&self.root, &mut path, (&is_it, &holds)).then_some(path)
    }

    /// The way to the smallest node around a place of the file.
    fn deepest(&self, span: Span) -> Path {
        let holds = |node: &Node| {
            let own = self.span(range_of(node));
            own.start <= span.start && span.end <= own.end
        };
        let mut path = Vec::new();
        let mut node = &self.root;
        while let Some((place, child)) = children(node).enumerate().find(|(_, child)| holds(child)) {
            path.push(place);
            node = child;
        }
        path
    }

    /// What stands in the file for a text that is put in here.
    pub fn encode(&self, text: &str) -> String {
        self.layers
            .iter()
            .rev()
            .fold(text.to_owned(), |text, layer| match layer {
                Layer::JsonString => {
                    let quoted = serde_json::Value::String(text).to_string();
                    let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                    inner.unwrap_or_default().to_owned()
                }
                Layer::Percent => {
                    percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string()
                }
            })
    }
}

/// The way to the innermost node that is meant: a list of YAML without indentation begins where its first item does.
fn find(node: &Node, path: &mut Path, (is_it, holds): (&impl Fn(&Node) -> bool, &impl Fn(&Node) -> bool)) -> bool {
    for (place, child) in children(node).enumerate().filter(|(_, child)| holds(child)) {
        path.push(place);
        if find(child, path, (is_it, holds)) {
            return true;
        }
        path.pop();
    }
    is_it(node)
}

fn syntax(path: &str) -> Syntax {
    let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    if ends(&[".tf", ".tofu", ".tfvars"]) {
        Syntax::Hcl
    } else if ends(&[".yaml", ".yml", ".template"]) {
        Syntax::Yaml
    } else {
        Syntax::Json
    }
}

/// The text of a string node.
pub(super) fn is_text(node: &Node, text: &str) -> bool {
    matches!(&node.value, Value::String(own) if **own == *text)
}
