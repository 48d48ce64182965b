//! The files of the package, as paths from its root.

use std::fs;
use std::path::Path;

/// The root of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under a folder of the package, sorted; none where there is no such folder.
pub fn files_under(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(&root().join(folder), folder, &mut found);
    found.sort();
    found
}

/// Every file of the package that could be committed: all but what is built and what `.gitignore` names.
pub fn files() -> Vec<String> {
    files_under("")
}

/// The text of a file; empty where it is no text.
pub fn text(path: &str) -> String {
    fs::read(root().join(path))
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

fn collect(folder: &Path, shown: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if shown.is_empty() {
            name.clone()
        } else {
            format!("{shown}/{name}")
        };
        let kind = entry.file_type().expect("a file has a type");
        if kind.is_dir() && !matches!(name.as_str(), "target" | ".git" | "node_modules") {
            collect(&entry.path(), &path, found);
        } else if kind.is_file() && name != ".git" {
            found.push(path);
        }
    }
}
