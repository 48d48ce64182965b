use std::borrow::Cow;

/// A text that is safe to show: control characters and invisible ones that reorder text are written as escapes.
///
/// A bucket name, a path or a key is chosen by whoever made it; shown as it is, it could recolour the
/// terminal, erase what stands above it, or read backwards.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        push_clean(&mut shown, char);
    }
    Cow::Owned(shown)
}

/// Adds one character as it is safe to show.
pub(super) fn push_clean(shown: &mut String, char: char) {
    if is_unsafe(char) {
        shown.extend(char.escape_default());
    } else {
        shown.push(char);
    }
}

/// Whether a character could do more to a terminal than show itself.
pub(super) fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char,
            // Invisible, and able to reorder or to hide what stands beside it.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_and_all_else_is_kept() {
        let check = |text: &str, shown: &str| assert_eq!(clean(text), shown);
        check("b-1/ä 𝄞 日本", "b-1/ä 𝄞 日本");
        check("\u{1b}[31mred\u{1b}[0m\r\n\t", "\\u{1b}[31mred\\u{1b}[0m\\r\\n\\t");
        check("\u{9b}31m\u{7f}", "\\u{9b}31m\\u{7f}");
        check("a\u{202e}gpj.exe", "a\\u{202e}gpj.exe");
        check("zero\u{200b}width", "zero\\u{200b}width");
    }
}
