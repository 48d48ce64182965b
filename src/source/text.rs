use std::borrow::Cow;

use super::{FileId, Node, SourceFile, Span};

/// A text and where each of its bytes was written.
///
/// A policy inside a CLI answer is a JSON string inside a JSON file; its own text starts somewhere
/// in that file and every escape shifts it. `Text` keeps the way back, through any number of
/// layers, so that spans always speak of the file.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    file: FileId,
    text: Cow<'a, str>,
    /// Offset in the file of the text's first byte, where the text is one to one a piece of the file.
    base: u32,
    /// Offset in the file of each byte of the text and of its end; `None` means one to one behind `base`.
    offsets: Option<Vec<u32>>,
}

/// Why an inner text could not be taken out of its outer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Percent-encoding that does not decode to UTF-8.
    #[error("percent-encoded text is not valid UTF-8")]
    NotUtf8,
}

impl<'a> Text<'a> {
    /// The whole text of a file.
    pub fn of_file(id: FileId, file: &'a SourceFile) -> Self {
        Self::new(id, file.text())
    }

    /// The whole text of a file that starts at byte 0; a byte order mark is no part of it [FMT-01].
    pub fn new(file: FileId, text: &'a str) -> Self {
        let content = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        Self {
            file,
            text: Cow::Borrowed(content),
            base: saturate(text.len() - content.len()),
            offsets: None,
        }
    }

    /// A text that was put together from pieces of a file: `offsets` has the place of each of its bytes, and of its end.
    pub fn mapped(file: FileId, text: String, offsets: Vec<u32>) -> Text<'static> {
        Text {
            file,
            text: Cow::Owned(text),
            base: 0,
            offsets: Some(offsets),
        }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The file that spans of this text speak of.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The span in the file of a range of this text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.offset(start), self.offset(end))
    }

    /// The decoded content of a string node of a tree parsed from this text.
    pub fn of_string(&self, node: &Node) -> Text<'static> {
        let start = self.local(node.span.start);
        let end = self.local(node.span.end);
        let literal = self.text.get(start..end).unwrap_or_default();
        let inner = literal.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        match inner {
            Some(inner) => self.derive(unescape(inner, start + 1), start + 1 + inner.len()),
            // NOTE: a node that was not written as a JSON string keeps only its start.
            None => Text {
                file: self.file,
                base: 0,
                text: Cow::Owned(node.as_str().unwrap_or_default().to_owned()),
                offsets: Some(vec![node.span.start; node.as_str().unwrap_or_default().len() + 1]),
            },
        }
    }

    /// This text with `%XX` decoded; `+` stays a plus sign [FMT-32].
    ///
    /// # Errors
    /// When the decoded bytes are not UTF-8.
    pub fn percent_decoded(&self) -> Result<Text<'static>, TextError> {
        let bytes: Vec<u8> = percent_encoding::percent_decode_str(&self.text).collect();
        let text = String::from_utf8(bytes).map_err(|_| TextError::NotUtf8)?;
        // Where each decoded byte came from, by the same rule as the decoder: a `%` with two hex digits is one byte.
        let source = self.text.as_bytes();
        let mut at = 0;
        let mut places = Vec::with_capacity(text.len());
        while at < source.len() {
            places.push(at);
            let hex = |offset| source.get(at + offset).is_some_and(u8::is_ascii_hexdigit);
            at += if source.get(at) == Some(&b'%') && hex(1) && hex(2) {
                3
            } else {
                1
            };
        }
        Ok(self.derive((text, places), source.len()))
    }

    fn derive(&self, (text, places): (String, Vec<usize>), end: usize) -> Text<'static> {
        let offsets = places
            .into_iter()
            .chain([end])
            .map(|at| saturate(self.offset(at)))
            .collect();
        Text {
            file: self.file,
            text: Cow::Owned(text),
            base: 0,
            offsets: Some(offsets),
        }
    }

    fn offset(&self, at: usize) -> usize {
        match &self.offsets {
            None => at + self.base as usize,
            Some(offsets) => offsets.get(at).or(offsets.last()).map_or(0, |offset| *offset as usize),
        }
    }

    fn local(&self, offset: u32) -> usize {
        match &self.offsets {
            None => offset.saturating_sub(self.base) as usize,
            Some(offsets) => offsets.partition_point(|candidate| *candidate < offset),
        }
    }
}

/// Decodes the inside of a valid JSON string, with the outer place of every decoded byte.
fn unescape(inner: &str, start: usize) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(inner.len());
    let mut places = Vec::with_capacity(inner.len());
    let mut rest = inner.char_indices();
    while let Some((at, char)) = rest.next() {
        let decoded = if char == '\\' { escape(&mut rest) } else { char };
        text.push(decoded);
        places.resize(text.len(), start + at);
    }
    (text, places)
}

fn escape(rest: &mut std::str::CharIndices<'_>) -> char {
    match rest.next().map(|(_, char)| char) {
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => {
            let first = hex4(rest);
            let mut ahead = rest.clone();
            let second = (ahead.next().map(|(_, char)| char) == Some('\\')
                && ahead.next().map(|(_, char)| char) == Some('u'))
            .then(|| hex4(&mut ahead));
            match (first, second) {
                (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) => {
                    *rest = ahead;
                    char::from_u32(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00))
                }
                (0..=u32::MAX, Some(_) | None) => char::from_u32(first),
            }
            .unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        Some(other) => other,
        None => '\\',
    }
}

fn hex4(rest: &mut std::str::CharIndices<'_>) -> u32 {
    rest.by_ref().take(4).fold(0, |value, (_, digit)| {
        value * 16 + digit.to_digit(16).unwrap_or_default()
    })
}

pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

fn saturate(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
