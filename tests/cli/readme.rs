//! The sample output in the README is what the program prints.
//!
//! Between `<!-- sample: ARGUMENTS -->` and `<!-- end of sample -->` stands the output of `bucketproof ARGUMENTS`, or with
//! `| head -N` its first lines and, below an ellipsis, its summary. `UPDATE_README=1 cargo test --test cli` writes it anew.

use std::fs;
use std::path::Path;

use crate::program::run;

const START: &str = "<!-- sample: ";
const END: &str = "<!-- end of sample -->";

#[test]
fn samples_are_real() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("README.md");
    let readme = fs::read_to_string(&path).expect("a README");
    let renewed = with_samples(&readme, root);
    if wants_update() {
        fs::write(&path, &renewed).expect("the README can be written");
    }
    assert!(
        wants_update() || renewed == readme,
        "the README shows something else than the program prints: UPDATE_README=1 cargo test --test cli"
    );
    assert!(readme.contains(START), "the README has a sample");
}

/// The text with the output of every sample in its place.
fn with_samples(text: &str, root: &Path) -> String {
    let mut parts = text.split(START);
    let mut renewed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (command, behind) = part.split_once(" -->").expect("a sample names its command");
        let (_, behind) = behind.split_once(END).expect("a sample ends");
        let sample = sample(command, root);
        renewed.push_str(&format!("{START}{command} -->\n{sample}{END}{behind}"));
    }
    renewed
}

fn sample(command: &str, root: &Path) -> String {
    let (arguments, lines) = command.split_once(" | head -").unwrap_or((command, ""));
    let outcome = run(root, &format!("{arguments} --now 2026-11-24T00:00:00Z"));
    let shown = match lines.parse() {
        Ok(lines) => beginning(&outcome.stdout, lines),
        Err(_) => outcome.stdout.trim_end().to_owned(),
    };
    assert!(
        !shown.contains(&root.display().to_string()),
        "a sample names this machine"
    );
    format!("```text\n$ bucketproof {arguments}\n{shown}\n```\n")
}

/// The first lines of an output, and its summary: what stands behind the last empty line.
fn beginning(text: &str, lines: usize) -> String {
    let first: Vec<&str> = text.lines().take(lines).collect();
    let (_, summary) = text.rsplit_once("\n\n").expect("a summary stands by itself");
    format!("{}\n\n[…]\n\n{}", first.join("\n").trim_end(), summary.trim_end())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told to rewrite its expectation by the environment"
)]
fn wants_update() -> bool {
    std::env::var_os("UPDATE_README").is_some()
}
