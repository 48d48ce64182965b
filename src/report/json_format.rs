use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;

use super::clean::is_unsafe;

/// Writes a value as JSON that ends in a newline, indented down to a depth and from there on one line an item.
///
/// So each resource, finding or result has a line of its own: small, and a stored report can be compared by line.
/// Control and invisible characters, which JSON lets stand, are escaped, which means the same.
pub(super) fn write(value: &impl Serialize, indented: usize, mut out: &mut dyn io::Write) -> io::Result<()> {
    let formatter = OneLineAnItem {
        indented,
        depth: 0,
        empty: true,
    };
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

struct OneLineAnItem {
    /// How deep lists and objects are spread over lines.
    indented: usize,
    depth: usize,
    empty: bool,
}

impl OneLineAnItem {
    fn open<W: io::Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.empty = true;
        writer.write_all(bracket)
    }

    fn close<W: io::Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        let spread = self.depth <= self.indented && !self.empty;
        self.depth = self.depth.saturating_sub(1);
        self.empty = false;
        if spread {
            self.new_line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn item<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        let spread = self.depth <= self.indented;
        match (first, spread) {
            (true, true) => self.new_line(writer),
            (true, false) => Ok(()),
            (false, true) => {
                writer.write_all(b",")?;
                self.new_line(writer)
            }
            (false, false) => writer.write_all(b", "),
        }
    }

    fn new_line<W: io::Write + ?Sized>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(b"  "))
    }
}

impl Formatter for OneLineAnItem {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unsafe) {
            let (safe, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
            writer.write_all(safe.as_bytes())?;
            let mut chars = tail.chars();
            for unit in chars.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.item(writer, first)
    }

    fn end_array_value<W: io::Write + ?Sized>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.empty = false;
        Ok(())
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.item(writer, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.empty = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &serde_json::Value) -> String {
        let mut bytes = Vec::new();
        write(value, 2, &mut bytes).expect("a vector takes everything");
        String::from_utf8(bytes).expect("JSON is UTF-8")
    }

    #[test]
    fn items_below_the_depth_share_a_line() {
        let value = serde_json::json!({"a": [{"b": [1, 2]}, {}], "c": {}, "d": {"e": {"f": []}}});
        let text = written(&value);
        assert_eq!(
            text,
            "{\n  \"a\": [\n    {\"b\": [1, 2]},\n    {}\n  ],\n  \"c\": {},\n  \"d\": {\n    \"e\": {\"f\": []}\n  }\n}\n"
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).ok(), Some(value));
    }

    #[test]
    fn unsafe_characters_are_escaped_and_mean_the_same() {
        let value = serde_json::json!({"k\u{202e}": ["\u{1b}[1m", "\u{9b}", "\u{e0041}", "ä\"\n"]});
        let text = written(&value);
        assert!(!text.chars().any(|char| char != '\n' && is_unsafe(char)), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).ok(), Some(value));
        assert!(text.contains("\"k\\u202e\": ["), "{text}");
        assert!(text.contains("\\udb40\\udc41"), "{text}");
    }
}
