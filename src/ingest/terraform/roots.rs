//! Which directories are roots: those that no other one calls as a module.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::files::{Tree, is_code, join};
use crate::ingest::file::FileRef;
use crate::source::FileId;

/// The directories with Terraform files that are roots, each with its first file.
///
/// Of directories that call each other in a circle the first one is a root.
pub(in crate::ingest) fn roots(tree: &Tree) -> Vec<(Box<str>, FileId)> {
    let code = |files: &[FileRef]| {
        files
            .iter()
            .filter(|file| is_code(file.name()))
            .map(|file| file.id)
            .min()
    };
    let all: BTreeMap<&str, FileId> = tree
        .directories()
        .filter_map(|(directory, files)| Some((directory, code(files)?)))
        .collect();
    let mut calls: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    if all.len() > 1
        && let Ok(pattern) = Regex::new(SOURCE)
    {
        for (directory, files) in tree.directories() {
            let called = calls.entry(directory).or_default();
            for file in files.iter().filter(|file| is_code(file.name())) {
                if let Ok(loaded) = file.load() {
                    let text = loaded.into_text();
                    let found = pattern
                        .captures_iter(&text)
                        .filter_map(|found| join(directory, found.get(1)?.as_str()));
                    called.extend(found.filter(|other| other != directory && all.contains_key(&**other)));
                }
            }
        }
    }
    let called: BTreeSet<&str> = calls.values().flatten().map(String::as_str).collect();
    let mut roots: BTreeSet<&str> = all
        .keys()
        .copied()
        .filter(|directory| !called.contains(directory))
        .collect();
    let mut reached = BTreeSet::new();
    roots.iter().for_each(|root| reach(root, &calls, &mut reached));
    for directory in all.keys() {
        if !reached.contains(*directory) {
            roots.insert(directory);
            reach(directory, &calls, &mut reached);
        }
    }
    roots
        .into_iter()
        .filter_map(|root| Some((root.into(), *all.get(root)?)))
        .collect()
}

/// Marks everything that a directory calls.
fn reach<'c>(from: &'c str, calls: &'c BTreeMap<&str, BTreeSet<String>>, reached: &mut BTreeSet<String>) {
    let mut open = vec![from];
    while let Some(directory) = open.pop() {
        if reached.insert(directory.to_owned()) {
            open.extend(calls.get(directory).into_iter().flatten().map(String::as_str));
        }
    }
}

/// A local source, in HCL and in JSON.
const SOURCE: &str = r#"(?m)"?\bsource"?\s*[=:]\s*"(\.\.?(?:/[^"\n]*)?)""#;
