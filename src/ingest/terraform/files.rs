//! The files that a root may read: those that were found, and those of its modules beside them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::json::json_body;
use super::parse::parse_body;
use super::syntax::Body;
use crate::ingest::discover::{Texts, origin};
use crate::ingest::file::{FileRef, Loaded, Origin};
use crate::source::{Diagnostic, FileId};

/// Every file that was found, by the path that is shown, and those of Terraform by their directory.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Tree {
    by_path: BTreeMap<Arc<str>, FileRef>,
    by_directory: BTreeMap<Box<str>, Vec<FileRef>>,
    /// The directories that were named, in which everything may be read.
    named: Vec<PathBuf>,
    /// Files in memory that may be opened beside those that were found.
    within_reach: Texts,
}

/// The files of one root.
pub(super) struct Files {
    tree: Arc<Tree>,
    root: Box<str>,
    /// Whether files lie on the disk and not in memory.
    on_disk: bool,
    next: Cell<u32>,
    read: RefCell<Read>,
}

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    pub loaded: BTreeMap<Box<str>, Option<Arc<Loaded>>>,
    /// Files beside those that were found.
    pub beside: Vec<FileRef>,
    pub diagnostics: Vec<Diagnostic>,
    /// What can be shown of files that are no text.
    pub prefixes: Vec<(FileId, String)>,
    /// Paths of files that could not be used.
    pub failed: Vec<FileRef>,
    installed: Option<BTreeMap<String, String>>,
}

impl Tree {
    pub fn new(files: &[FileRef], (named, within_reach): (Vec<PathBuf>, Texts)) -> Self {
        let mut tree = Self {
            named,
            within_reach,
            ..Self::default()
        };
        for file in files {
            tree.by_path.insert(file.shown.clone(), file.clone());
            if is_terraform(file.name()) {
                let directory = directory_of(&file.shown).into();
                tree.by_directory.entry(directory).or_default().push(file.clone());
            }
        }
        tree
    }

    /// The directories with Terraform files.
    pub fn directories(&self) -> impl Iterator<Item = (&str, &[FileRef])> {
        self.by_directory
            .iter()
            .map(|(directory, files)| (&**directory, files.as_slice()))
    }
}

impl Files {
    /// The files of the root in a directory; `number` tells it from all other roots.
    pub fn new(tree: Arc<Tree>, root: &str, number: usize) -> Self {
        let files = tree.by_directory.get(root).map(Vec::as_slice).unwrap_or_default();
        let on_disk = files.iter().any(|file| matches!(file.origin, Origin::Disk(_)));
        let number = u32::try_from(number).unwrap_or_default();
        Self {
            root: root.into(),
            on_disk,
            next: Cell::new(FIRST_BESIDE | number.wrapping_mul(MOST_BESIDE) & !FIRST_BESIDE),
            read: RefCell::default(),
            tree,
        }
    }

    /// What was read.
    pub fn into_read(self) -> Read {
        self.read.into_inner()
    }

    /// Files of variables' values in the root's directory, in the order in which they count.
    pub fn value_files(&self) -> Vec<FileRef> {
        let all = self.tree.by_directory.get(&self.root).into_iter().flatten();
        let mut found: Vec<(u8, FileRef)> = all
            .filter_map(|file| {
                let order = match file.name() {
                    "terraform.tfvars" => 0,
                    "terraform.tfvars.json" => 1,
                    name if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => 2,
                    _ => return None,
                };
                Some((order, file.clone()))
            })
            .collect();
        found.sort_by(|(a, one), (b, other)| (a, &one.shown).cmp(&(b, &other.shown)));
        found.into_iter().map(|(_, file)| file).collect()
    }

    /// A path below or beside a directory, as it is shown.
    pub fn join(&self, directory: &str, path: &str) -> Option<String> {
        join(directory, path)
    }

    /// A directory seen from the root, as `path.module` gives it.
    pub fn relative(&self, directory: &str) -> String {
        relative(&self.root, directory)
    }

    /// The attributes and blocks of all files in a directory, and whether they override those of the others; none where it
    /// has none.
    pub fn bodies(&self, directory: &str) -> Option<Vec<(bool, Body)>> {
        let known = self.tree.by_directory.get(directory);
        let mut files: Vec<FileRef> = match known {
            Some(files) => files.iter().filter(|file| is_code(file.name())).cloned().collect(),
            None => self.beside(directory),
        };
        if files.is_empty() {
            return None;
        }
        // Overriding files come last, in the order of their names.
        files.sort_by_key(|file| is_override(file.name()));
        let body = |file: &FileRef| Some((is_override(file.name()), self.body(file)?));
        Some(files.iter().filter_map(body).collect())
    }

    /// The attributes and blocks of a file; what is wrong with it is said.
    pub fn body(&self, file: &FileRef) -> Option<Body> {
        let loaded = self.load(file)?;
        let text = loaded.text();
        let body = if file.name().ends_with(".json") {
            json_body(&text)
        } else {
            parse_body(&text)
        };
        body.map_err(|found| {
            let mut read = self.read.borrow_mut();
            read.diagnostics.push(found);
            read.failed.push(file.clone());
        })
        .ok()
    }

    /// The text of a file.
    pub fn load(&self, file: &FileRef) -> Option<Arc<Loaded>> {
        if let Some(known) = self.read.borrow().loaded.get(&*file.shown) {
            return known.clone();
        }
        let loaded = match file.load() {
            Ok(loaded) => Some(Arc::new(loaded)),
            Err(failure) => {
                let mut read = self.read.borrow_mut();
                let (diagnostic, prefix) = *failure;
                read.diagnostics.push(diagnostic);
                read.prefixes.push((file.id, prefix));
                read.failed.push(file.clone());
                None
            }
        };
        self.read
            .borrow_mut()
            .loaded
            .insert((*file.shown).into(), loaded.clone());
        loaded
    }

    /// The file at a path from the root, as `file` reads it; none where there is none that may be read.
    pub fn open(&self, path: &str) -> Option<Arc<Loaded>> {
        let shown = join(&self.root, path)?;
        if let Some(file) = self.tree.by_path.get(&*shown) {
            return self.load(file);
        }
        if let Some(known) = self.read.borrow().loaded.get(&*shown) {
            return known.clone();
        }
        let in_memory = self.tree.within_reach.contains_key(&shown) && !self.is_full();
        if !in_memory && (!self.may_read(Path::new(&shown)) || !Path::new(&shown).is_file()) {
            return None;
        }
        let file = self.add(shown);
        self.load(&file)
    }

    /// The directory of an installed module, by the key under which Terraform lists it.
    pub fn installed(&self, key: &str) -> Option<String> {
        if self.read.borrow().installed.is_none() {
            let place = join(&self.root, ".terraform/modules/modules.json");
            let listing = place.map(|place| self.listing(&place)).unwrap_or_default();
            self.read.borrow_mut().installed = Some(listing);
        }
        let read = self.read.borrow();
        join(&self.root, read.installed.as_ref()?.get(key)?)
    }

    fn listing(&self, place: &str) -> BTreeMap<String, String> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Listing {
            modules: Vec<Listed>,
        }
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Listed {
            key: String,
            dir: String,
        }
        let bytes = match self.tree.by_path.get(place).map(|file| &file.origin) {
            Some(Origin::Memory(bytes)) => bytes.to_vec(),
            Some(Origin::Disk(path)) => fs::read(path).unwrap_or_default(),
            None if self.may_read(Path::new(place)) => fs::read(place).unwrap_or_default(),
            None => Vec::new(),
        };
        let listing: Option<Listing> = serde_json::from_slice(&bytes).ok();
        let listed = listing.into_iter().flat_map(|listing| listing.modules);
        listed.map(|one| (one.key, one.dir)).collect()
    }

    /// The files of a directory that nobody walked through.
    fn beside(&self, directory: &str) -> Vec<FileRef> {
        let held = self
            .tree
            .within_reach
            .keys()
            .filter(|name| directory_of(name) == directory);
        let held: Vec<&String> = held
            .filter(|name| is_code(name.rsplit('/').next().unwrap_or(name)))
            .collect();
        if !held.is_empty() && !self.is_full() {
            return held.into_iter().map(|name| self.add(name.clone())).collect();
        }
        let path = Path::new(if directory.is_empty() { "." } else { directory });
        if !self.may_read(path) {
            return Vec::new();
        }
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let is_file = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
        let mut names: Vec<String> = entries
            .filter(is_file)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| is_code(name))
            .collect();
        names.sort();
        names
            .into_iter()
            .filter_map(|name| join(directory, &name))
            .map(|shown| self.add(shown))
            .collect()
    }

    fn add(&self, shown: String) -> FileRef {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        let file = FileRef {
            id: FileId(id),
            origin: origin(Path::new(&shown), &self.tree.within_reach),
            shown: shown.into(),
        };
        self.read.borrow_mut().beside.push(file.clone());
        file
    }

    /// Whether a root reads no more files beside those that were found.
    fn is_full(&self) -> bool {
        self.read.borrow().beside.len() >= MOST_BESIDE as usize
    }

    /// Whether a path lies inside of what the user named or of the current directory, also behind all links.
    fn may_read(&self, path: &Path) -> bool {
        if !self.on_disk || self.is_full() {
            return false;
        }
        let Ok(real) = fs::canonicalize(path) else {
            return false;
        };
        let here = Path::new(".");
        let mut roots = self.tree.named.iter().map(PathBuf::as_path).chain([here]);
        roots.any(|root| fs::canonicalize(root).is_ok_and(|root| real.starts_with(root)))
    }
}

/// Whether a file is one of Terraform's, by its name.
pub(in crate::ingest) fn is_terraform(name: &str) -> bool {
    is_code(name) || name.ends_with(".tfvars") || name.ends_with(".tfvars.json")
}

/// Whether a file declares something.
pub(in crate::ingest) fn is_code(name: &str) -> bool {
    let code = [".tf", ".tf.json", ".tofu", ".tofu.json"];
    code.iter().any(|suffix| name.ends_with(suffix)) && !name.starts_with('.')
}

/// Whether what a file declares changes what the others do.
fn is_override(name: &str) -> bool {
    let stem = name.split(".t").next().unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

/// The directory of a file.
pub(in crate::ingest) fn directory_of(shown: &str) -> &str {
    shown.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// A path from a directory, without steps back where there is something to step back from.
pub(in crate::ingest) fn join(directory: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return Some(path.to_owned());
    }
    let rooted = directory.starts_with('/');
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") => parts.push(".."),
                None if rooted => return None,
                None => parts.push(".."),
                Some(_) => {
                    parts.pop();
                }
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    Some(if rooted { format!("/{joined}") } else { joined })
}

/// A file of a tree as it is shown where one of the tree's directories is shown in this way.
pub fn seen_from(shown: &str, directory: &str, file: &str) -> Option<String> {
    join(shown, &relative(directory, file))
}

/// The way from one directory to another.
fn relative(from: &str, to: &str) -> String {
    let parts = |path: &'_ str| {
        path.split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (from, to) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let back = from.iter().skip(shared).map(|_| "..".to_owned());
    let way: Vec<String> = back.chain(to.iter().skip(shared).cloned()).collect();
    if way.is_empty() { ".".to_owned() } else { way.join("/") }
}

/// Ids of files that are found while a root is read begin here; each root has a range of its own.
const FIRST_BESIDE: u32 = 1 << 31;
const MOST_BESIDE: u32 = 1 << 11;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_taken_apart() {
        let joins = |directory: &str, path: &str, expected: &str| {
            assert_eq!(join(directory, path).as_deref(), Some(expected), "{directory} {path}");
        };
        joins("a/b", "../c", "a/c");
        joins("a", "../../c", "../c");
        joins("", "./c/", "c");
        joins("..", "../c", "../../c");
        joins("/a", "../c", "/c");
        assert_eq!(join("/a", "../../c"), None);
        assert_eq!(relative("envs/prod", "modules/x"), "../../modules/x");
        assert_eq!(relative("", "modules/x"), "modules/x");
        assert_eq!(relative("a", "a"), ".");
    }
}
