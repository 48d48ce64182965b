//! Edits as new texts and as one unified diff.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use super::edit::Edit;
use super::plan::Step;
use super::remedy::CALLER;
use crate::source::{FileId, Sources};

/// Files as they are and as they become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    files: BTreeMap<String, Change>,
    /// Steps that would write where an earlier one writes, by place.
    pub conflicts: BTreeSet<usize>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    before: Option<String>,
    after: String,
}

impl Patch {
    /// What files become by some steps. A step that gets into the way of an earlier one is left out.
    ///
    /// `there` are the texts of files that steps write anew though they are there.
    pub fn of(steps: &[Step], sources: &Sources, there: &BTreeMap<String, String>) -> Self {
        let mut patch = Self::default();
        let mut edits: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
        for (place, step) in steps.iter().enumerate() {
            let clashes = |edit: &Edit| {
                let known = edits.get(&edit.span.file).map(Vec::as_slice).unwrap_or_default();
                known.iter().any(|other| other != edit && overlaps(edit, other))
            };
            let has_file = |path: &String| patch.files.contains_key(path);
            let known_file = step.added.iter().any(|(path, text)| {
                has_file(path) && patch.files.get(path).is_some_and(|change| change.after != *text)
            });
            if step.edits.iter().any(clashes) || known_file {
                patch.conflicts.insert(place);
                continue;
            }
            for edit in &step.edits {
                let of_file = edits.entry(edit.span.file).or_default();
                if !of_file.contains(edit) {
                    of_file.push(edit.clone());
                }
            }
            for (path, text) in &step.added {
                let change = Change {
                    before: there.get(path).cloned(),
                    after: text.clone(),
                };
                patch.files.insert(path.clone(), change);
            }
        }
        for (id, edits) in edits {
            let Some(file) = sources.file(id) else { continue };
            let (path, before) = (file.path(), file.text().to_owned());
            let after = applied(&before, edits);
            let change = Change {
                before: Some(before),
                after,
            };
            patch.files.insert(path.to_owned(), change);
        }
        patch.declare(sources);
        patch
            .files
            .retain(|_, change| change.before.as_ref() != Some(&change.after));
        patch
    }

    /// Declares the data source that names the account, in folders that use it from now on.
    fn declare(&mut self, sources: &Sources) {
        let used = format!("data.aws_caller_identity.{CALLER}.");
        let declared = format!("data \"aws_caller_identity\" \"{CALLER}\"");
        let mut done = BTreeSet::new();
        for (path, change) in &mut self.files {
            let before = change.before.as_deref().unwrap_or_default();
            let is_new = change.after.contains(&used) && !before.contains(&used);
            let own = folder(path).to_owned();
            let is_declared = || {
                let mut beside = sources.iter().filter(|(_, file)| folder(file.path()) == own);
                beside.any(|(_, file)| file.text().contains(&declared))
            };
            if is_new && !is_declared() && done.insert(own.clone()) {
                let newline = if before.contains("\r\n") { "\r\n" } else { "\n" };
                let gap = if change.after.ends_with('\n') { "" } else { newline };
                change
                    .after
                    .push_str(&format!("{gap}{newline}{declared} {{}}{newline}"));
            }
        }
    }

    /// The files with their new texts, by path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, change)| (path.as_str(), change.after.as_str()))
    }

    /// The text that a file had when it was read; none where it is new.
    pub fn before(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.before.as_deref()
    }

    /// Goes on with a patch of what this one makes.
    pub fn follow(&mut self, later: Self) {
        for (path, change) in later.files {
            match self.files.get_mut(&path) {
                Some(known) => known.after = change.after,
                None => {
                    self.files.insert(path, change);
                }
            }
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// One unified diff, as `git apply` and `patch -p1` take it.
    pub fn diff(&self) -> String {
        self.files.iter().map(|(path, change)| diff(path, change)).collect()
    }
}

fn diff(path: &str, change: &Change) -> String {
    let path = path.trim_start_matches('/');
    let old = match change.before {
        Some(_) => name("a", path),
        None => "/dev/null".into(),
    };
    let new = name("b", path);
    let before = lines(change.before.as_deref().unwrap_or_default());
    let after = lines(&change.after);
    TextDiff::configure()
        .newline_terminated(true)
        .diff_slices(&before, &after)
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&old, &new)
        .to_string()
}

/// Lines as `git` and `patch` see them: a carriage return alone ends none.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The name of a file as a diff holds it: what could end the line is quoted as `git` does.
fn name(side: &str, path: &str) -> String {
    if !path.contains(|char: char| char.is_ascii_control()) {
        let end = if path.contains(' ') { "\t" } else { "" };
        return format!("{side}/{path}{end}");
    }
    let quoted = path.chars().map(|char| match char {
        '"' | '\\' => format!("\\{char}"),
        control if control.is_ascii_control() => format!("\\{:03o}", u32::from(control)),
        other => other.to_string(),
    });
    format!("\"{side}/{}\"", quoted.collect::<String>())
}

/// Whether two edits write to the same bytes. Two texts put in at one place come one after the other, if they add two things.
fn overlaps(one: &Edit, other: &Edit) -> bool {
    let (a, b) = (one.span, other.span);
    let is_same_place = a == b && a.start == a.end;
    a.start < b.end && b.start < a.end || is_same_place && name_of(&one.text) == name_of(&other.text)
}

/// What an added member, block or item begins with: two of one name are one too many.
fn name_of(text: &str) -> &str {
    let text = text.trim_start_matches(|char: char| char.is_whitespace() || matches!(char, ',' | '-' | '"'));
    text.split([':', '=', '{']).next().unwrap_or_default().trim_end()
}

fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        if range.start >= at {
            out.push_str(text.get(at..range.start).unwrap_or_default());
            out.push_str(&edit.text);
            at = range.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Lines around a change.
const CONTEXT: usize = 3;
