use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use glob::Pattern;
use walkdir::{DirEntry, WalkDir};

use super::cloudformation::Parameters;
use super::context::{Beside, Found, surroundings};
use super::drafts::group;
use super::file::{FileRef, Origin, unreadable};
use super::request::{Input, InputStatus, Request};
use super::unit::Discovery;
use crate::source::{Diagnostic, DiagnosticSeverity, FileId};

/// What a walk found: every file with its id, before anything is known about it.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The paths of the request, as they are shown.
    pub arguments: Vec<String>,
    pub files: Vec<Walked>,
    /// Directories, as they are shown, with the path of the request they lie under.
    pub directories: Vec<(usize, String)>,
    /// Directories that nobody could look into.
    pub closed: BTreeSet<String>,
    pub diagnostics: Vec<Diagnostic>,
    pub inputs: Vec<Input>,
    /// Whether something that was named could not be looked at.
    pub incomplete: bool,
    pub exclude: Vec<Pattern>,
    /// The directories that were named, and those of files that were.
    pub named: Vec<PathBuf>,
    /// Paths of the request with files that another path has already.
    pub doubled: BTreeSet<usize>,
    /// Files in memory that may be opened though no path of the request leads to them.
    pub within_reach: Texts,
    seen: BTreeSet<Arc<str>>,
}

/// The files of a state that lies in memory, by the paths to show.
pub type Texts = Arc<BTreeMap<String, Arc<[u8]>>>;

/// One file that was found.
#[derive(Clone, Debug)]
pub(super) struct Walked {
    pub argument: usize,
    /// Whether the user named this very file.
    pub explicit: bool,
    pub file: FileRef,
}

/// Finds the files of a request and groups them into units, each to be read on its own.
///
/// The order is that of the paths, below them that of the names. Symbolic links inside a directory are not followed.
pub fn discover(request: &Request) -> Discovery {
    let mut walk = Walk {
        within_reach: Arc::clone(&request.overlay),
        ..Walk::default()
    };
    walk.exclude = patterns(request, &mut walk);
    for path in &request.paths {
        let argument = walk.arguments.len();
        let shown = show(path);
        walk.arguments.push(shown.clone());
        if path.as_os_str() == "-" {
            let bytes = request.stdin.as_deref().unwrap_or_default();
            walk.add(argument, true, shown, Origin::Memory(bytes.into()));
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                walk.named.push(path.clone());
                walk.directory(argument, path, &shown);
                walk.below(argument, &shown, &request.overlay);
            }
            Ok(_) => {
                walk.named.extend(
                    path.parent()
                        .map(Path::to_path_buf)
                        .filter(|parent| !parent.as_os_str().is_empty()),
                );
                walk.add(argument, true, shown, Origin::Disk(path.clone()));
            }
            Err(error) => walk.refuse(&shown, unreadable(&shown, &error)),
        }
    }
    if request.attach.is_none() && request.kind.is_none() {
        walk.surroundings(&request.paths);
    }
    group(walk, request)
}

/// The same for files that are in memory already, such as those of a git revision, by the paths to show.
///
/// `label` stands for all of them among the inputs.
pub fn discover_texts(label: &str, files: Vec<(String, Vec<u8>)>, request: &Request) -> Discovery {
    let mut walk = Walk {
        arguments: vec![label.to_owned()],
        ..Walk::default()
    };
    walk.exclude = patterns(request, &mut walk);
    for (shown, bytes) in files {
        if !excludes(&walk.exclude, &shown) {
            walk.add(0, false, shown, Origin::Memory(bytes.into()));
        }
    }
    group(walk, request)
}

/// The same for a state that is in memory as a whole, such as a git revision: the paths of the request lead to the same
/// files as on the disk, and modules and values beside them are found.
pub fn discover_tree(files: &Texts, request: &Request) -> Discovery {
    let mut walk = Walk {
        within_reach: Arc::clone(files),
        ..Walk::default()
    };
    walk.exclude = patterns(request, &mut walk);
    for path in &request.paths {
        let argument = walk.arguments.len();
        let shown = show(path);
        walk.arguments.push(shown.clone());
        match files.get(&shown) {
            Some(bytes) => walk.add(argument, true, shown, Origin::Memory(Arc::clone(bytes))),
            None => walk.below(argument, &shown, files),
        }
    }
    group(walk, request)
}

/// Reads a file with parameters of templates.
pub(super) fn read_parameters(path: &Path, files: &Texts) -> Result<Parameters, Box<Diagnostic>> {
    let shown = show(path);
    let file = FileRef {
        id: FileId::default(),
        shown: shown.as_str().into(),
        origin: origin(path, files),
    };
    let loaded = file.load().map_err(|failure| {
        let (diagnostic, _) = *failure;
        let diagnostic = Diagnostic {
            span: None,
            ..diagnostic
        };
        Box::new(diagnostic.in_path(&*shown))
    })?;
    Parameters::read(&loaded.into_text()).map_err(|problem| {
        let message = format!("this is no file of parameters: {problem}");
        let found = Diagnostic::new(
            DiagnosticSeverity::Error,
            "bucketproof::ingest::bad_parameters",
            message,
        );
        let help = "give the file that `aws cloudformation create-stack --parameters file://…` takes";
        Box::new(found.in_path(shown).with_help(help))
    })
}

/// Where a file lies that the request names beside its paths: in memory, if the whole state does and holds it.
pub(super) fn origin(path: &Path, files: &Texts) -> Origin {
    let held = files.get(&show(path)).cloned();
    held.map_or_else(|| Origin::Disk(path.to_owned()), Origin::Memory)
}

fn patterns(request: &Request, walk: &mut Walk) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    for text in &request.exclude {
        // What leaves out everything below a directory leaves out the directory.
        patterns.extend(
            text.strip_suffix("/**")
                .and_then(|directory| Pattern::new(directory).ok()),
        );
        match Pattern::new(text) {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => {
                let message = format!("`{text}` is no glob: {}", error.msg.to_lowercase());
                let found = Diagnostic::new(DiagnosticSeverity::Error, "bucketproof::ingest::bad_exclude", message);
                walk.diagnostics
                    .push(found.with_help("write patterns such as `**/examples/**`"));
                walk.incomplete = true;
            }
        }
    }
    patterns
}

impl Walk {
    fn add(&mut self, argument: usize, explicit: bool, shown: String, origin: Origin) {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let shown: Arc<str> = shown.into();
        let held = self.within_reach.get(&*shown).cloned();
        let origin = held.map_or(origin, Origin::Memory);
        // Two names that are no Unicode can look the same.
        let exact = !shown.contains(char::REPLACEMENT_CHARACTER);
        if exact && !self.seen.insert(shown.clone()) {
            self.doubled.insert(argument);
            return;
        }
        let file = FileRef { id, shown, origin };
        self.files.push(Walked {
            argument,
            explicit,
            file,
        });
    }

    /// Adds what lies outside of a path and decides about what lies inside.
    fn surroundings(&mut self, paths: &[PathBuf]) {
        let exclude = self.exclude.clone();
        for (argument, path) in paths.iter().enumerate() {
            let mut links = Vec::new();
            let all = surroundings(path, &show(path)).into_iter();
            for Beside { shown, found } in all.filter(|beside| !excludes(&exclude, &beside.shown)) {
                match found {
                    Found::File(file) => self.add(argument, false, shown, Origin::Disk(file)),
                    // It decides about what is looked at, and nobody looks at where it leads.
                    Found::Link => links.push((shown, true)),
                    Found::Failed(error) => self.refuse(&shown, unreadable(&shown, &error)),
                }
            }
            self.links(&show(path), &links);
        }
    }

    fn directory(&mut self, argument: usize, path: &Path, shown: &str) {
        let exclude = self.exclude.clone();
        let mut links = Vec::new();
        let shows = |entry: &DirEntry| show_below(shown, path, entry.path());
        let excluded = |entry: &DirEntry| !exclude.is_empty() && excludes(&exclude, &shows(entry));
        let keep = |entry: &DirEntry| entry.depth() == 0 || !is_clutter(entry) && !excluded(entry);
        let entries = WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(keep);
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => self.directories.push((argument, shows(&entry))),
                Ok(entry) if entry.file_type().is_file() => {
                    let place = shows(&entry);
                    self.add(argument, false, place, Origin::Disk(entry.into_path()));
                }
                Ok(entry) if entry.path_is_symlink() => links.push((shows(&entry), leaves(path, entry.path()))),
                // Sockets, pipes and devices hold no exports.
                Ok(_) => {}
                Err(error) => {
                    let place = error
                        .path()
                        .map_or_else(|| shown.to_owned(), |at| show_below(shown, path, at));
                    let error = error
                        .into_io_error()
                        .unwrap_or_else(|| std::io::Error::other("a loop of links"));
                    self.refuse(&place, unreadable(&place, &error));
                    self.closed.insert(place);
                }
            }
        }
        self.links(shown, &links);
    }

    /// Adds the files of a directory in memory.
    fn below(&mut self, argument: usize, shown: &str, files: &Texts) {
        let exclude = self.exclude.clone();
        let mut directories = BTreeSet::new();
        for (name, bytes) in files.iter() {
            let Some(below) = name_below(shown, name) else { continue };
            let ends = below.match_indices('/').map(|(at, _)| name.len() - below.len() + at);
            let above: Vec<&str> = ends.filter_map(|end| name.get(..end)).collect();
            let is_clutter = below.split('/').rev().skip(1).any(|part| CLUTTER.contains(&part));
            if is_clutter
                || above
                    .iter()
                    .chain([&name.as_str()])
                    .any(|place| excludes(&exclude, place))
            {
                continue;
            }
            directories.extend(above.into_iter().map(str::to_owned));
            self.add(argument, false, name.clone(), Origin::Memory(Arc::clone(bytes)));
        }
        self.directories
            .extend(directories.into_iter().map(|place| (argument, place)));
    }

    fn links(&mut self, shown: &str, links: &[(String, bool)]) {
        let Some((first, _)) = links.iter().find(|(_, leaves)| *leaves).or(links.first()) else {
            return;
        };
        let severity = if links.iter().any(|(_, leaves)| *leaves) {
            DiagnosticSeverity::Warning
        } else {
            DiagnosticSeverity::Note
        };
        let message = match links.len() {
            1 => format!("the symbolic link `{first}` is not followed"),
            count => format!("{count} symbolic links are not followed, such as `{first}`"),
        };
        let found = Diagnostic::new(severity, "bucketproof::ingest::link", message).in_path(shown);
        self.diagnostics
            .push(found.with_help("name what a link leads to as a path of its own"));
    }

    fn refuse(&mut self, shown: &str, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
        self.inputs.push(Input {
            path: shown.to_owned(),
            kind: None,
            status: InputStatus::Refused,
        });
        self.incomplete = true;
    }
}

/// A path below a directory; none where it lies elsewhere.
fn name_below<'n>(shown: &str, name: &'n str) -> Option<&'n str> {
    match shown {
        "." => Some(name).filter(|name| !name.starts_with("../") && !name.starts_with('/')),
        _ => name
            .strip_prefix(shown)?
            .strip_prefix('/')
            .or_else(|| name.strip_prefix(shown).filter(|_| shown.ends_with('/'))),
    }
}

/// Whether a shown path is to be left out.
pub(super) fn excludes(patterns: &[Pattern], shown: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(shown))
}

/// Whether a link leads out of the directory that was named, or nowhere.
fn leaves(root: &Path, link: &Path) -> bool {
    let inside = |target: &Path| fs::canonicalize(root).is_ok_and(|root| target.starts_with(root));
    !fs::canonicalize(link).is_ok_and(|target| inside(&target))
}

/// What version control and package managers keep for themselves.
fn is_clutter(entry: &DirEntry) -> bool {
    entry.file_type().is_dir() && CLUTTER.iter().any(|name| entry.file_name() == *name)
}

/// A path as it is shown: with forward slashes, and without `./` in front.
pub(super) fn show(path: &Path) -> String {
    let mut shown = String::new();
    for component in path.components() {
        let part = match component {
            Component::CurDir => continue,
            Component::RootDir => {
                shown.push('/');
                continue;
            }
            Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => component.as_os_str(),
        };
        if !shown.is_empty() && !shown.ends_with('/') {
            shown.push('/');
        }
        shown.push_str(&part.to_string_lossy());
    }
    if shown.is_empty() { ".".to_owned() } else { shown }
}

fn show_below(shown: &str, root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).map(show).unwrap_or_default();
    match (shown, &*below) {
        (_, "." | "") => shown.to_owned(),
        (".", _) => below,
        _ if shown.ends_with('/') => format!("{shown}{below}"),
        _ => format!("{shown}/{below}"),
    }
}

const CLUTTER: &[&str] = &[".git", ".hg", ".svn", ".terraform", "node_modules"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_as_they_were_named() {
        let check = |root: &str, path: &str, expected: &str| {
            assert_eq!(
                show_below(&show(Path::new(root)), Path::new(root), Path::new(path)),
                expected
            );
        };
        check(".", "./a/b", "a/b");
        check("./x", "./x/a", "x/a");
        check("x/", "x/a", "x/a");
        check("../x", "../x/a", "../x/a");
        check("/x", "/x/a", "/x/a");
        check("/", "/a", "/a");
        check(".", ".", ".");
    }
}
