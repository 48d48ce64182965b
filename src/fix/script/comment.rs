use super::document::acts;

/// A text as a comment of the shell: nothing in it ends the line, and no line is longer than people read.
pub(super) fn comment(first: &str, text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|next| {
            if next.is_whitespace() {
                ' '
            } else if acts(next) {
                '\u{fffd}'
            } else {
                next
            }
        })
        .collect();
    let mut lines = vec![format!("# {first}")];
    for word in clean.split(' ').filter(|word| !word.is_empty()) {
        let is_full = |line: &String| line.chars().count() + word.chars().count() >= WIDTH;
        match lines.last_mut() {
            Some(line) if !is_full(line) || line.trim_end() == "#" => {
                if !line.ends_with(' ') {
                    line.push(' ');
                }
                line.push_str(word);
            }
            Some(_) | None => lines.push(format!("#   {word}")),
        }
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Columns of a comment.
const WIDTH: usize = 120;
