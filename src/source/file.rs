use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::text::BYTE_ORDER_MARK;

/// Which file of a run: an index into [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `file` from byte `start` up to byte `end`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Self {
            file,
            start: saturate(start),
            end: saturate(end),
        }
    }

    /// The bytes as a range, for slicing the file's text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value with its span.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A place as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode code points, from 1.
    pub column: u32,
}

/// One file of the input: its path as shown to people and its text.
#[derive(Debug, Default)]
pub struct SourceFile {
    path: String,
    text: String,
    index: OnceLock<Index>,
}

/// Where lines start, and how many characters stand before each chunk of bytes: an export of megabytes may be one line.
#[derive(Debug)]
struct Index {
    lines: Vec<u32>,
    chars: Vec<u32>,
}

impl SourceFile {
    /// A file with the path to show (forward slashes, relative to what the user named) and its text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            index: OnceLock::new(),
        }
    }

    /// The path as it is shown.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span, empty where the span does not fit the file.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        let index = self.index.get_or_init(|| Index::new(&self.text));
        let line = index.lines.partition_point(|start| *start <= offset).max(1);
        let start = index.lines.get(line - 1).copied().unwrap_or_default();
        let column = self.chars_before(index, offset) - self.chars_before(index, start) + 1;
        // Editors do not count a byte order mark as a column.
        let marked = start == 0 && offset > 0 && self.text.starts_with(BYTE_ORDER_MARK);
        Position {
            line: saturate(line),
            column: saturate(column - usize::from(marked)),
        }
    }

    /// How many characters start before an offset.
    fn chars_before(&self, index: &Index, offset: u32) -> usize {
        let offset = (offset as usize).min(self.text.len());
        let chunk = offset / CHUNK;
        let before = index.chars.get(chunk).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(chunk * CHUNK..offset).unwrap_or_default();
        before as usize + char_starts(rest)
    }
}

/// All files of a run.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    /// Files with ids of their own, beyond those that are counted.
    beside: BTreeMap<FileId, SourceFile>,
}

impl Sources {
    /// Files in the order of their ids.
    pub fn from_files(files: Vec<SourceFile>) -> Self {
        Self {
            files,
            beside: BTreeMap::new(),
        }
    }

    /// Adds a file under an id that is beyond those of the others.
    pub fn add_beside(&mut self, id: FileId, file: SourceFile) {
        self.beside.insert(id, file);
    }

    /// Adds a file and returns its id.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = FileId(saturate(self.files.len()));
        self.files.push(file);
        id
    }

    /// The file with this id.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize).or_else(|| self.beside.get(&id))
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        let counted = self.files.iter().enumerate();
        let counted = counted.map(|(id, file)| (FileId(saturate(id)), file));
        counted.chain(self.beside.iter().map(|(id, file)| (*id, file)))
    }

    /// Path of the file that a span lies in; empty for a span of no file.
    pub fn path(&self, span: Span) -> &str {
        self.file(span.file).map(SourceFile::path).unwrap_or_default()
    }

    /// Line and column where a span starts; 1:1 for a span of no file.
    pub fn start(&self, span: Span) -> Position {
        self.file(span.file)
            .map_or(Position { line: 1, column: 1 }, |file| file.position(span.start))
    }

    /// Line and column just behind a span.
    pub fn end(&self, span: Span) -> Position {
        self.file(span.file)
            .map_or(Position { line: 1, column: 1 }, |file| file.position(span.end))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file at all.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl Index {
    fn new(text: &str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(newlines.map(|(at, _)| saturate(at + 1)));
        let mut before = 0;
        let chars = text.as_bytes().chunks(CHUNK).map(|chunk| {
            let here = before;
            before += char_starts(chunk);
            saturate(here)
        });
        // The last one counts the whole text, for its very end.
        let chars: Vec<u32> = chars.collect();
        Self {
            lines: lines.collect(),
            chars: chars.into_iter().chain([saturate(before)]).collect(),
        }
    }
}

/// How many characters start in some bytes of a text.
fn char_starts(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

fn saturate(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Bytes that are counted one by one to find a column.
const CHUNK: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_code_points() {
        let file = SourceFile::new("f", "ab\né𝄞c\n");
        let check = |offset, line, column| assert_eq!(file.position(offset), Position { line, column });
        check(0, 1, 1);
        check(2, 1, 3);
        check(3, 2, 1);
        check(9, 2, 3);
        check(10, 2, 4);
        check(11, 3, 1);
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let file = SourceFile::new("f", "\u{feff}ab\n");
        let column = |offset| file.position(offset).column;
        assert_eq!((column(0), column(3), column(4)), (1, 1, 2));
    }

    #[test]
    fn positions_in_long_lines_are_counted_by_chunks() {
        let text = format!("{}\n{}", "aé𝄞".repeat(3 * CHUNK), "日".repeat(CHUNK));
        let file = SourceFile::new("f", text.clone());
        for (at, _) in text.char_indices().step_by(997).chain([(text.len(), ' ')]) {
            let before = text.get(..at).expect("on a boundary");
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
            let expected = Position {
                line: saturate(line),
                column: saturate(column),
            };
            assert_eq!(file.position(saturate(at)), expected, "{at}");
        }
    }
}
