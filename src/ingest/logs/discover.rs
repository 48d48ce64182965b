use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::LogFilter;
use super::name::Named;
use crate::ingest::file::{Origin, unreadable};
use crate::source::{Diagnostic, DiagnosticSeverity, FileId};

/// One file to read events from.
#[derive(Clone, Debug)]
pub struct LogFile {
    pub(super) id: FileId,
    pub(super) shown: Arc<str>,
    pub(super) origin: Origin,
    /// Whether it was found in a directory, and its name does not say that it is a log.
    pub(super) is_doubtful: bool,
    /// Bytes on the disk.
    len: u64,
}

impl LogFile {
    /// The path as it is shown.
    pub fn path(&self) -> &str {
        &self.shown
    }

    /// Bytes that are stored, packed or not.
    pub fn len_bytes(&self) -> u64 {
        self.len
    }

    /// Whether the file is so long that what is found in it should not be kept until its end.
    pub fn is_long(&self) -> bool {
        let is_packed = self.shown.ends_with(".gz");
        self.len > if is_packed { LONG_PACKED } else { LONG }
    }
}

/// The files that a walk found.
#[derive(Clone, Debug, Default)]
pub struct LogFiles {
    /// The files to read, in the order of the paths, below them by name.
    pub files: Vec<LogFile>,
    /// Files that the filter leaves out by their names.
    pub left_out: usize,
    /// Files that hold no events by their names, such as digests.
    pub beside: usize,
    /// Files that are no logs by their endings.
    pub others: usize,
    /// What could not be looked at.
    pub diagnostics: Vec<Diagnostic>,
}

/// Finds the logs below some paths. Links inside of directories are not followed. `-` is what `stdin` holds.
pub fn find_logs(paths: &[PathBuf], stdin: Option<Vec<u8>>, filter: &LogFilter) -> LogFiles {
    let mut found = LogFiles::default();
    let mut seen = BTreeSet::new();
    let mut stdin = stdin;
    for path in paths {
        let shown = show(path);
        if path.as_os_str() == "-" {
            if let Some(bytes) = stdin.take() {
                let len = super::limits::as_u64(bytes.len());
                found.add(shown, Origin::Memory(bytes.into()), len, false);
            }
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => found.walk(path, filter, &mut seen),
            // A file that is named is read whatever its name.
            Ok(metadata) if seen.insert(path.clone()) => {
                found.add(shown, Origin::Disk(path.clone()), metadata.len(), false)
            }
            Ok(_) => {}
            Err(error) => found.diagnostics.push(unreadable(&shown, &error)),
        }
    }
    found
}

/// A log that is in memory already.
pub fn log_of_bytes(shown: &str, bytes: &[u8]) -> LogFile {
    LogFile {
        id: FileId::default(),
        shown: shown.into(),
        origin: Origin::Memory(bytes.into()),
        is_doubtful: false,
        len: super::limits::as_u64(bytes.len()),
    }
}

impl LogFiles {
    fn add(&mut self, shown: String, origin: Origin, len: u64, is_doubtful: bool) {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(LogFile {
            id,
            shown: shown.into(),
            origin,
            is_doubtful,
            len,
        });
    }

    fn walk(&mut self, directory: &Path, filter: &LogFilter, seen: &mut BTreeSet<PathBuf>) {
        for entry in WalkDir::new(directory).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let shown = error.path().map_or_else(|| show(directory), show);
                    let message = format!("it could not be looked at: {error}").to_lowercase();
                    let code = "bucketproof::ingest::unreadable";
                    let found = Diagnostic::new(DiagnosticSeverity::Error, code, message);
                    self.diagnostics.push(found.in_path(shown));
                    continue;
                }
            };
            if !entry.file_type().is_file() {
                continue;
            }
            let shown = show(entry.path());
            let named = Named::of(&shown);
            match named {
                Named::Beside => self.beside += 1,
                Named::Other => self.others += 1,
                Named::Perhaps | Named::Doubtful if !filter.wants_file(&shown) => self.left_out += 1,
                Named::Perhaps | Named::Doubtful => {
                    if seen.insert(entry.path().to_owned()) {
                        let len = entry.metadata().map_or(0, |metadata| metadata.len());
                        self.add(shown, Origin::Disk(entry.into_path()), len, named == Named::Doubtful);
                    }
                }
            }
        }
    }
}

fn show(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// Bytes from which a packed file is long.
const LONG_PACKED: u64 = 4 << 20;

/// Bytes from which a file that is not packed is long.
const LONG: u64 = 64 << 20;
