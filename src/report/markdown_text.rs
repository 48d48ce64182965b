//! Texts of the input in GitHub's Markdown, where nothing of them means anything.

/// A page that does not grow over a limit.
pub(super) struct Page {
    text: String,
    limit: usize,
}

impl Page {
    pub fn new(limit: usize) -> Self {
        let text = String::new();
        Self { text, limit }
    }

    /// Adds a part if it fits whole; whether it did.
    pub fn push(&mut self, part: &str) -> bool {
        let fits = part.len() <= self.room();
        if fits {
            self.text.push_str(part);
        }
        fits
    }

    /// Gives the page more room.
    pub fn extend(&mut self, bytes: usize) {
        self.limit += bytes;
    }

    /// Bytes that are left.
    pub fn room(&self) -> usize {
        self.limit.saturating_sub(self.text.len())
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A text in a line: what stands in backticks as code, all else as it is, also in a cell of a table.
pub(super) fn inline(text: &str) -> String {
    let mut parts = text.split('`').peekable();
    let mut shown = parts.next().map(literal).unwrap_or_default();
    while let Some(part) = parts.next() {
        match parts.next() {
            // Between two backticks.
            Some(behind) if !part.trim().is_empty() => {
                shown.push_str(&code(part));
                shown.push_str(&literal(behind));
            }
            Some(behind) => shown.push_str(&literal(&format!("`{part}`{behind}"))),
            None => shown.push_str(&literal(&format!("`{part}"))),
        }
    }
    shown
}

/// A text as code in a line, also in a cell of a table, where a bar would end the cell.
pub(super) fn code(text: &str) -> String {
    if text.contains('|') || text.trim().is_empty() {
        // In a span of code the bar could only be written with a backslash that is shown outside of tables.
        return format!("<code>{}</code>", markup(text));
    }
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines as a block of code.
pub(super) fn fence(text: &str) -> String {
    fence_of("text", text)
}

/// Lines as a block of code of some language.
pub(super) fn fence_of(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// A text in HTML in which no Markdown is read, such as a summary; nothing of it is a mention.
pub(super) fn markup(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            // Between tags in a line Markdown is read.
            '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '|' | ':' | '.' => {
                shown.push_str(&format!("&#{};", u32::from(char)));
            }
            other => shown.push(other),
        }
    }
    shown
}

/// A text of which every sign that could mean something is shown: a backslash takes its meaning away [GFM 6.1].
fn literal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let ends_word = chars.peek().is_none_or(|next| *next == ' ');
        match char {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            // A mark of the sentence, and no part of an address.
            ':' | '.' if ends_word => shown.push(char),
            '|' => shown.push_str("&#124;"),
            // Mentions and references are found in what is rendered; a comment behind the sign parts it from the name.
            '@' | '#' => shown.push_str(&format!("{char}<!-- -->")),
            // The signs of emphasis, code, links, addresses and escapes. All others mean nothing inside of a line.
            '*' | '_' | '~' | '`' | '[' | ']' | ':' | '.' | '\\' => {
                shown.push('\\');
                shown.push(char);
            }
            other => shown.push(other),
        }
    }
    shown
}

/// The longest row of backticks in a text.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|char| char != '`');
    runs.map(str::len).max().unwrap_or_default()
}
