//! A state as it was in a revision of a Git repository, read without touching the work tree.
//!
//! Git runs as a program, without a shell, and only with commands that read objects: none of them runs hooks, filters,
//! `textconv` or a file system monitor, and what a partial clone lacks is not fetched.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::CommandError;
use super::error::in_words;
use super::files::with_slashes;
use crate::cli;
use crate::ingest::{Texts, seen_from};

/// The files of a revision.
pub(super) struct Revision {
    /// By the paths under which the files of the work tree are shown.
    pub files: Texts,
    /// Paths in the repository whose content is not there: submodules, and files that are too large.
    pub missing: Vec<String>,
}

/// Something in the tree of a revision.
struct Entry {
    path: String,
    object: String,
    /// None for what is kept elsewhere or is not read.
    len_bytes: Option<u64>,
}

impl Revision {
    /// The files of a revision of the repository that holds the paths of a run.
    pub fn read(name: &str, input: &cli::Input) -> Result<Self, CommandError> {
        let bad = |problem: &str| CommandError::BadOption {
            option: "--since",
            value: name.to_owned(),
            problem: problem.to_owned(),
        };
        if name.starts_with('-') || name.contains([':', '\0']) || name.is_empty() {
            return Err(bad("it is neither a path that exists nor a revision"));
        }
        let first = input.paths.first().map_or(Path::new("."), PathBuf::as_path);
        if input.paths.iter().any(|path| path.as_os_str() == "-") {
            return Err(bad("standard input has no older revision: name files and directories"));
        }
        let git = Git::beside(first)?;
        let top = git
            .text(&["rev-parse", "--show-toplevel"])
            .map_err(|problem| bad(&problem))?;
        let top = canonical(Path::new(&top))?;
        let tree = git.text(&["rev-parse", "--verify", &format!("{name}^{{tree}}")]);
        let tree = tree.map_err(|_| bad("it is neither a path that exists nor a revision of the repository"))?;
        let listing = git.run(&["ls-tree", "-r", "-z", "-l", "--full-tree", &tree]);
        let entries = entries(&listing.map_err(|problem| bad(&problem))?);
        let entries = entries.ok_or_else(|| bad("git lists its tree in a form that is not understood"))?;
        let (held, rest): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(Entry::is_read);
        if held.iter().filter_map(|entry| entry.len_bytes).sum::<u64>() > MOST {
            return Err(bad("it holds more than 1 GiB: check it out and name the directory"));
        }
        let contents = git.contents(&held).map_err(|problem| bad(&problem))?;
        let mut files = BTreeMap::new();
        let mut missing = Vec::new();
        for path in named(input) {
            let real = canonical(path)?;
            let inside = real
                .strip_prefix(&top)
                .map_err(|_| bad("not all paths are in one repository"));
            match inside {
                Ok(inside) => {
                    let lost = rest.iter().filter(|entry| entry.is_missed_in(inside));
                    missing.extend(lost.map(|entry| entry.path.clone()));
                    add(&mut files, path, &with_slashes(inside), real.is_dir(), &held, &contents);
                }
                // Values and parameters may come from anywhere.
                Err(error) if input.paths.contains(path) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(Self {
            files: Arc::new(files),
            missing,
        })
    }
}

impl Entry {
    /// Whether a reader could take it: large files are read by their names only.
    fn is_read(&self) -> bool {
        let most = if self.holds_data() { LARGEST } else { LARGEST_OTHER };
        self.len_bytes.is_some_and(|len| len <= most)
    }

    fn holds_data(&self) -> bool {
        DATA.iter().any(|end| self.path.ends_with(end))
    }

    /// Whether an answer may be missing because it is not read, where a path of the tree is judged.
    fn is_missed_in(&self, inside: &Path) -> bool {
        Path::new(&self.path).starts_with(inside) && (self.len_bytes.is_none() || self.holds_data())
    }
}

/// Everything that the command line names.
fn named(input: &cli::Input) -> impl Iterator<Item = &PathBuf> {
    input.paths.iter().chain(&input.parameters).chain(&input.variable_files)
}

/// Adds every file as it is shown where this path of the repository is shown so.
fn add(
    files: &mut BTreeMap<String, Arc<[u8]>>,
    path: &Path,
    inside: &str,
    is_directory: bool,
    held: &[Entry],
    contents: &BTreeMap<String, Arc<[u8]>>,
) {
    let shown = with_slashes(path);
    let parent = |path: &str| path.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
    let (shown, inside) = match is_directory {
        true => (shown, inside.to_owned()),
        false if shown.starts_with('/') && parent(&shown).is_empty() => ("/".to_owned(), parent(inside)),
        false => (parent(&shown), parent(inside)),
    };
    files.extend(held.iter().filter_map(|entry| {
        let bytes = contents.get(&entry.object)?;
        Some((seen_from(&shown, &inside, &entry.path)?, Arc::clone(bytes)))
    }));
}

/// What `ls-tree -r -z -l` says: `mode type object size` and, behind a tab, the path. None where it says something else.
fn entries(listing: &[u8]) -> Option<Vec<Entry>> {
    let text = String::from_utf8_lossy(listing);
    // No checkout has such names.
    let is_odd = |path: &str| path.split('/').any(|part| matches!(part, "" | "." | ".."));
    let mut entries = Vec::new();
    for line in text.split_terminator('\0') {
        let (head, path) = line.split_once('\t')?;
        let mut head = head.split_whitespace();
        let (mode, kind, object, len) = (head.next()?, head.next()?, head.next()?, head.next()?);
        // Symbolic links are not followed, as on the disk.
        if mode != "120000" && !is_odd(path) {
            entries.push(Entry {
                path: path.to_owned(),
                object: object.to_owned(),
                len_bytes: len.parse().ok().filter(|_| kind == "blob"),
            });
        }
    }
    Some(entries)
}

/// Where Git is asked.
struct Git {
    directory: PathBuf,
}

impl Git {
    /// In the directory of a path.
    fn beside(path: &Path) -> Result<Self, CommandError> {
        let real = canonical(path)?;
        let directory = if real.is_dir() {
            Some(real.as_path())
        } else {
            real.parent()
        };
        Ok(Self {
            directory: directory.map(Path::to_path_buf).unwrap_or_default(),
        })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        // Settings of the repository must start no program, and one inside of the work tree is not taken for it.
        for setting in [
            "core.fsmonitor=false",
            "core.hooksPath=/dev/null",
            "safe.bareRepository=explicit",
        ] {
            command.args(["-c", setting]);
        }
        command
            .args(["--no-pager", "--no-replace-objects", "--literal-pathspecs"])
            .args(arguments);
        // The repository is that of the path, also where a hook of another one runs us.
        for name in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_PREFIX",
            "GIT_NAMESPACE",
        ] {
            command.env_remove(name);
        }
        command
            .envs([
                ("GIT_NO_LAZY_FETCH", "1"),
                ("GIT_ALLOW_PROTOCOL", ""),
                ("GIT_OPTIONAL_LOCKS", "0"),
            ])
            .envs([("GIT_TERMINAL_PROMPT", "0"), ("LC_ALL", "C")])
            .current_dir(&self.directory);
        command
    }

    /// What a command writes; what it complains about where it fails.
    fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let output = self.command(arguments).stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("`git` cannot be run: {}", in_words(&error)))?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(complaint(&output.stderr)),
        }
    }

    /// What a command writes on one line.
    fn text(&self, arguments: &[&str]) -> Result<String, String> {
        let out = self.run(arguments)?;
        let text = String::from_utf8(out).map_err(|_| "git wrote a path that is not UTF-8".to_owned())?;
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The bytes of blobs, by their ids.
    fn contents(&self, entries: &[Entry]) -> Result<BTreeMap<String, Arc<[u8]>>, String> {
        let failed = |error: std::io::Error| format!("`git cat-file` failed: {}", in_words(&error));
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let ids: std::collections::BTreeSet<&str> = entries.iter().map(|entry| entry.object.as_str()).collect();
        let found: std::io::Result<BTreeMap<String, Arc<[u8]>>> = std::thread::scope(|scope| {
            // Asked for on another thread, so that neither side waits for the other.
            scope.spawn(|| stdin.map(|mut stdin| ids.iter().try_for_each(|id| writeln!(stdin, "{id}"))));
            let mut answers = BufReader::new(stdout.ok_or_else(std::io::Error::last_os_error)?);
            ids.iter()
                .map(|id| Ok(((*id).to_owned(), blob(&mut answers)?)))
                .collect()
        });
        let ended = child.wait().map_err(failed)?;
        match ended.success() {
            true => found.map_err(failed),
            false => Err("`git cat-file` failed".into()),
        }
    }
}

/// One answer of `cat-file --batch`: `object type size`, the bytes, and a line feed.
fn blob(answers: &mut impl BufRead) -> std::io::Result<Arc<[u8]>> {
    let mut head = String::new();
    answers.by_ref().take(HEAD).read_line(&mut head)?;
    let len = head
        .trim_end()
        .rsplit(' ')
        .next()
        .and_then(|len| len.parse::<u64>().ok());
    let len = len.filter(|len| *len <= LARGEST);
    let len = len.ok_or_else(|| std::io::Error::other("an object is missing or damaged"))?;
    let mut bytes = Vec::new();
    answers.by_ref().take(len + 1).read_to_end(&mut bytes)?;
    if bytes.pop() != Some(b'\n') || u64::try_from(bytes.len()).ok() != Some(len) {
        return Err(std::io::Error::other("an object is cut short"));
    }
    Ok(bytes.into())
}

/// The first line of what Git complains about.
fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().next().unwrap_or("it failed").trim_start_matches("fatal: ");
    format!("git says: {line}")
}

fn canonical(path: &Path) -> Result<PathBuf, CommandError> {
    fs::canonicalize(path).map_err(|error| CommandError::Unreadable {
        path: with_slashes(path),
        problem: in_words(&error),
        help: "`--since` compares what there is with what there was: name paths that exist",
    })
}

/// Longest file that is read: what the readers take, and a little more, so that they complain themselves.
const LARGEST: u64 = 65 << 20;
/// Longest file of any other name, which a function of Terraform may read.
const LARGEST_OTHER: u64 = 1 << 20;
/// How the names of files end that may hold what is judged.
const DATA: &[&str] = &[
    ".json",
    ".jsonl",
    ".ndjson",
    ".gz",
    ".yaml",
    ".yml",
    ".template",
    ".tf",
    ".tofu",
    ".tfvars",
];
/// Most bytes of one revision.
const MOST: u64 = 1 << 30;
/// Longest first line of an answer.
const HEAD: u64 = 256;
