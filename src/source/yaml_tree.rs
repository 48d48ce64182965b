use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag, options};

use super::json::note_duplicates;
use super::scalar::{is_null_word, plain};
use super::yaml::{Yaml, YamlError, YamlErrorKind};
use super::yaml_parts::{Built, Key, Open, Parts, merge, own_tag};
use super::{Diagnostic, Limits, Member, Node, Text, Value};

/// Builds the tree of a YAML text from the events of its parser.
pub(super) struct Reader<'t> {
    text: &'t Text<'t>,
    limits: Limits,
    values: usize,
    open: Vec<Open>,
    /// What each anchor stands for; none while it is still open.
    anchors: HashMap<usize, Option<Built>>,
    found: Yaml,
}

impl<'t> Reader<'t> {
    /// A reader of this text.
    pub fn new(text: &'t Text<'t>, limits: Limits) -> Self {
        Self {
            text,
            limits,
            values: 0,
            open: Vec::new(),
            anchors: HashMap::new(),
            found: Yaml::default(),
        }
    }

    /// Reads the whole text.
    ///
    /// # Errors
    /// When it is not YAML, or larger or deeper than the limits allow.
    pub fn read(mut self) -> Result<Yaml, YamlError> {
        let content = self.text.as_str();
        if content.len() > self.limits.len_bytes {
            return Err(self.error(YamlErrorKind::TooLong(self.limits.len_bytes), 0..0));
        }
        // YAML's own limit for names, 1,024, is not one of JSON's. Depth is counted here; theirs is the net below.
        let options = options! {
            simple_key_max_lookahead: 8192,
            flow_nesting_limit: self.limits.depth + 1,
            block_nesting_limit: self.limits.depth + 1,
        };
        for event in Parser::new_from_str_with_options(content, options) {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            let range = span.byte_range().unwrap_or_default();
            let tagged = span.tag_start().and_then(|mark| mark.byte_offset());
            let range = tagged.map_or(range.start, |tag| tag.min(range.start))..range.end;
            self.event(event, range)?;
        }
        Ok(self.found)
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) -> Result<(), YamlError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, tag.as_deref(), range, anchor),
            Event::SequenceStart(style, anchor, tag) => self.start(style, range, anchor, tag, Parts::Items(Vec::new())),
            Event::MappingStart(style, anchor, tag) => {
                let parts = Parts::Members {
                    members: Vec::new(),
                    key: None,
                    merged: Vec::new(),
                };
                self.start(style, range, anchor, tag, parts)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range),
            Event::Alias(anchor) => self.alias(anchor, range),
            Event::DocumentStart(..) => {
                self.anchors.clear();
                Ok(())
            }
            // The rest holds no values: the ends of documents and of the stream.
            _ => Ok(()),
        }
    }

    fn start(
        &mut self,
        style: StructureStyle,
        range: Range<usize>,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        parts: Parts,
    ) -> Result<(), YamlError> {
        self.count(1, &range)?;
        if self.wants_key() {
            return Err(self.error(YamlErrorKind::Key, range));
        }
        if self.open.len() >= self.limits.depth {
            return Err(self.error(YamlErrorKind::TooDeep(self.limits.depth), range));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.open.push(Open {
            start: range.start,
            end: range.end,
            is_flow: style == StructureStyle::Flow,
            anchor,
            tag: tag.and_then(|tag| own_tag(&tag)),
            values: 1,
            depth: 0,
            parts,
        });
        Ok(())
    }

    fn close(&mut self, range: Range<usize>) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let end = if open.is_flow { range.end } else { open.end };
        let value = match open.parts {
            Parts::Items(items) => Value::Array(items),
            Parts::Members {
                mut members, merged, ..
            } => {
                note_duplicates(&members, &mut self.found.duplicates);
                for node in merged {
                    merge(&mut members, node)?;
                }
                Value::Object(members)
            }
        };
        let mut node = Node::new(value, self.text.span(open.start, end));
        node.tag = open.tag;
        let built = Built {
            node,
            values: open.values,
            depth: open.depth + 1,
            end,
        };
        self.done(built, open.anchor)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        range: Range<usize>,
        anchor: usize,
    ) -> Result<(), YamlError> {
        self.count(1, &range)?;
        let is_plain = style == ScalarStyle::Plain;
        // A block's span goes on to the next token, and nothing at all is placed there: both belong to what is before.
        let range = match (style, self.open.last()) {
            (ScalarStyle::Literal | ScalarStyle::Folded, _) => self.trimmed(range),
            (ScalarStyle::Plain, Some(open)) if range.is_empty() => self.behind(open.end),
            (ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted, _) => range,
        };
        let is_text = tag.is_some_and(|tag| !tag.is_yaml_core_schema() || tag.core_suffix() == Some("str"));
        let typed = is_plain && !is_text;
        if self.wants_key() {
            return self.key(text, typed, range, anchor);
        }
        let value = if typed { plain(text) } else { Value::String(text.into()) };
        let mut node = Node::new(value, self.text.span(range.start, range.end));
        node.tag = tag.and_then(own_tag);
        let built = Built {
            node,
            values: 1,
            depth: 0,
            end: range.end,
        };
        self.done(built, anchor)
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), YamlError> {
        let Some(Some(known)) = self.anchors.get(&anchor) else {
            return Err(self.error(YamlErrorKind::Cycle, range));
        };
        let (values, depth) = (known.values, known.depth);
        self.count(values, &range)?;
        if self.open.len() + depth > self.limits.depth {
            return Err(self.error(YamlErrorKind::TooDeep(self.limits.depth), range));
        }
        let Some(Some(known)) = self.anchors.get(&anchor) else {
            return Ok(());
        };
        let built = Built {
            end: range.end,
            ..known.clone()
        };
        if !self.wants_key() {
            return self.done(built, 0);
        }
        match &built.node.value {
            Value::String(text) | Value::Number(text) => self.key(text, false, range, 0),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err(self.error(YamlErrorKind::Key, range))
            }
        }
    }

    /// Whether what comes next is the name of a member.
    fn wants_key(&self) -> bool {
        match self.open.last().map(|open| &open.parts) {
            Some(Parts::Members { key, .. }) => key.is_none(),
            Some(Parts::Items(_)) | None => false,
        }
    }

    fn key(&mut self, text: &str, typed: bool, range: Range<usize>, anchor: usize) -> Result<(), YamlError> {
        let span = self.text.span(range.start, range.end);
        if typed && is_null_word(text) {
            let message = format!("`{text}` without quotes is null in YAML: read as the text `{text}`");
            let remark = Diagnostic::warning("bucketproof::source::null_key", span, message);
            self.found
                .remarks
                .push(remark.with_help(format!("write `\"{text}\"`, as AWS CloudFormation needs it")));
        }
        if anchor != 0 {
            let node = Node::new(Value::String(text.into()), span);
            self.keep(
                anchor,
                Built {
                    node,
                    values: 1,
                    depth: 0,
                    end: range.end,
                },
            )?;
        }
        if let Some(open) = self.open.last_mut() {
            open.end = range.end;
            if let Parts::Members { key, .. } = &mut open.parts {
                *key = Some(Key {
                    text: text.into(),
                    span,
                    is_merge: typed && text == "<<",
                });
            }
        }
        Ok(())
    }

    /// Hands a finished value to what is open around it.
    fn done(&mut self, built: Built, anchor: usize) -> Result<(), YamlError> {
        if anchor != 0 {
            self.keep(anchor, built.clone())?;
        }
        let Some(open) = self.open.last_mut() else {
            self.found.documents.push(built.node);
            return Ok(());
        };
        open.end = open.end.max(built.end);
        open.values = open.values.saturating_add(built.values);
        open.depth = open.depth.max(built.depth);
        match &mut open.parts {
            Parts::Items(items) => items.push(built.node),
            Parts::Members { members, key, merged } => match key.take() {
                Some(Key { is_merge: true, .. }) => merged.push(built.node),
                Some(Key { text, span, .. }) => members.push(Member {
                    key: text,
                    key_span: span,
                    value: built.node,
                }),
                None => {}
            },
        }
        Ok(())
    }

    /// Keeps what an anchor stands for; a copy counts like what was written.
    fn keep(&mut self, anchor: usize, built: Built) -> Result<(), YamlError> {
        self.count(built.values, &(built.end..built.end))?;
        self.anchors.insert(anchor, Some(built));
        Ok(())
    }

    fn count(&mut self, more: usize, range: &Range<usize>) -> Result<(), YamlError> {
        self.values = self.values.saturating_add(more);
        if self.values > self.limits.values {
            return Err(self.error(YamlErrorKind::TooMany(self.limits.values), range.clone()));
        }
        Ok(())
    }

    /// A range without the blanks at its end.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.text.as_str().get(range.clone()).unwrap_or_default();
        range.start..range.start + text.trim_end().len()
    }

    /// The place of nothing at all behind a name and its colon.
    fn behind(&self, end: usize) -> Range<usize> {
        let rest = self.text.as_str().get(end..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let colon = rest.get(blanks..).is_some_and(|rest| rest.starts_with(':'));
        let at = if colon { end + blanks + 1 } else { end };
        at..at
    }

    fn syntax(&self, error: &ScanError) -> YamlError {
        let end = self.text.as_str().len();
        let at = error.marker().byte_offset().unwrap_or(end).min(end);
        let kind = match error.kind() {
            ErrorKind::RecursionLimitExceeded => YamlErrorKind::TooDeep(self.limits.depth),
            other => YamlErrorKind::Syntax(other.to_string()),
        };
        self.error(kind, at..at)
    }

    fn error(&self, kind: YamlErrorKind, range: Range<usize>) -> YamlError {
        YamlError {
            kind,
            span: self.text.span(range.start, range.end),
        }
    }
}
