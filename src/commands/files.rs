use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::CommandError;
use super::error::in_words;
use crate::rules::PackFiles;
use crate::source::{Diagnostic, DiagnosticSeverity};

/// The nearest `bucketproof.toml`, from a path upward.
pub(super) fn find_config(first: &Path) -> Option<PathBuf> {
    let start = if first.as_os_str() == "-" { Path::new("") } else { first };
    let mut folder = start.to_owned();
    loop {
        let candidate = folder.join("bucketproof.toml");
        if candidate.is_file() {
            return Some(candidate);
        }
        folder = parent(&folder)?;
    }
}

/// The folder above, relative where the folder is; none above the root.
fn parent(folder: &Path) -> Option<PathBuf> {
    match folder.components().next_back() {
        Some(Component::Normal(_)) => folder.parent().map(Path::to_owned),
        Some(Component::RootDir | Component::Prefix(_)) => None,
        Some(Component::ParentDir | Component::CurDir) | None => {
            let here = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            let is_root = fs::canonicalize(here).ok()?.parent().is_none();
            // `.` and nothing are the same place.
            let trimmed = folder.strip_prefix(".").unwrap_or(folder);
            (!is_root).then(|| trimmed.join(".."))
        }
    }
}

/// The text of a file that the user wrote for us.
pub(super) fn read_text(path: &Path, help: &'static str) -> Result<String, CommandError> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error, help))
}

/// Everything on standard input, as far as it could be a document.
pub(super) fn read_stdin() -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(STDIN_LIMIT).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| CommandError::System {
        what: "standard input",
        problem: in_words(&error),
    })
}

/// The files of a pack, or of a folder of packs, by name.
pub(super) fn read_pack(folder: &Path) -> Result<PackFiles, CommandError> {
    let mut files = Vec::new();
    read_folder(folder, "", &mut files)?;
    // Rules that are not there find nothing: somebody named the wrong folder.
    if !files
        .iter()
        .any(|(path, _)| path.rsplit('/').next() == Some("pack.toml"))
    {
        return Err(CommandError::Unreadable {
            path: with_slashes(folder),
            problem: "there is no `pack.toml` in it".into(),
            help: NAME_A_PACK,
        });
    }
    Ok(PackFiles {
        path: with_slashes(folder),
        files,
        sha256: None,
    })
}

/// Adds the files of a folder by their paths inside the pack.
///
/// Hidden files belong to version control and editors. A link could lead out of the pack, past its digest and whoever reviewed
/// it, and one that were left out could be a rule that is missing: both would be silent, so links are refused.
fn read_folder(folder: &Path, inside: &str, files: &mut Vec<(String, String)>) -> Result<(), CommandError> {
    let failed = |error: io::Error| unreadable(folder, &error, NAME_A_PACK);
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{inside}{name}");
        let kind = entry.file_type().map_err(failed)?;
        // Cases are inputs for the tests of a rule, of any size and encoding.
        if name == "cases" || name.starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() && entry.metadata().map_err(failed)?.len() <= LONGEST_PACK_FILE {
            files.push((path, read_text(&entry.path(), "a pack holds texts only")?));
        } else {
            let problem = if kind.is_file() {
                "it is too long"
            } else {
                "it is a link or no file"
            };
            return Err(CommandError::Unreadable {
                path: with_slashes(&entry.path()),
                problem: problem.into(),
                help: "a pack holds texts of at most a megabyte, and no links",
            });
        }
    }
    Ok(())
}

/// Paths and texts of the files that match patterns, relative to a folder; a pattern that matches nothing is warned about.
pub(super) fn read_matching(
    folder: &Path,
    patterns: &[String],
    warnings: &mut Vec<Diagnostic>,
) -> Result<Vec<(String, String)>, CommandError> {
    let help = "the configuration names it under `intent`";
    let mut texts = Vec::new();
    for pattern in patterns {
        let whole = Path::new(&glob::Pattern::escape(&with_slashes(folder))).join(pattern);
        let whole = with_slashes(&whole);
        let found = glob::glob(&whole).map_err(|error| CommandError::Unreadable {
            path: pattern.clone(),
            problem: format!("it is no glob: {}", error.msg.to_lowercase()),
            help,
        })?;
        let mut matched = false;
        for path in found {
            let path = path.map_err(|error| unreadable(error.path(), error.error(), help))?;
            matched = true;
            texts.push((with_slashes(&path), read_text(&path, help)?));
        }
        if !matched {
            let message = format!("no file matches `{pattern}`");
            let warning = Diagnostic::new(DiagnosticSeverity::Warning, "bucketproof::commands::no_intent", message);
            warnings.push(warning.with_help(help));
        }
    }
    Ok(texts)
}

/// A path as it is shown everywhere.
pub(super) fn with_slashes(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// A file or folder that cannot be read, and why.
pub(super) fn unreadable(path: &Path, error: &io::Error, help: &'static str) -> CommandError {
    CommandError::Unreadable {
        path: with_slashes(path),
        problem: in_words(error),
        help,
    }
}

const NAME_A_PACK: &str = "name a folder that holds a `pack.toml`, or folders that do";

/// Bytes that a file of a pack may have.
const LONGEST_PACK_FILE: u64 = 1 << 20;

/// Twice what the parser takes, so that it is the parser that says what is too long.
pub(super) const STDIN_LIMIT: u64 = 128 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_up_stays_relative() {
        let check = |from: &str, to: &str| assert_eq!(parent(Path::new(from)), Some(PathBuf::from(to)), "{from}");
        check("a/b", "a");
        check("a", "");
        check("", "..");
        check(".", "..");
        check("..", "../..");
        check("../a", "..");
        check("/tmp", "/");
        assert_eq!(parent(Path::new("/")), None);
    }
}
