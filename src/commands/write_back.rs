//! Writes edited files in the place of what was read: inside the paths that were named, whole or not at all.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::CommandError;
use super::error::in_words;
use crate::fix::Patch;

/// Writes every file of a patch; gives their paths.
///
/// Nothing is written if any file has changed since it was read, or lies outside of the named paths.
///
/// # Errors
/// The first file that cannot be written.
pub(super) fn write_back(patch: &Patch, named: &[PathBuf]) -> Result<Vec<String>, CommandError> {
    let failed = |path: &str, error: &io::Error| CommandError::Unwritable {
        path: path.to_owned(),
        problem: in_words(error),
    };
    let roots: Vec<PathBuf> = named.iter().filter_map(|path| root(path)).collect();
    let mut ready = Vec::new();
    for (path, text) in patch.texts() {
        let target = target(path, patch.before(path), &roots).map_err(|error| failed(path, &error))?;
        ready.push((path, target, text));
    }
    let mut written = Vec::new();
    for (path, (target, permissions), text) in ready {
        replace(&target, permissions, text).map_err(|error| failed(path, &error))?;
        written.push(path.to_owned());
    }
    Ok(written)
}

/// The directory in which a named path lets us write.
fn root(path: &Path) -> Option<PathBuf> {
    let metadata = fs::metadata(path).ok()?;
    let folder = if metadata.is_dir() { path } else { path.parent()? };
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    fs::canonicalize(folder).ok()
}

/// Where to write, and with which permissions.
fn target(path: &str, before: Option<&str>, roots: &[PathBuf]) -> io::Result<(PathBuf, Option<Permissions>)> {
    let path = Path::new(path);
    let is_inside = |real: &Path| roots.iter().any(|root| real.starts_with(root));
    let Some(before) = before else {
        // The folders above that are there already must lie inside as well.
        let there = path.ancestors().skip(1).find(|folder| fs::metadata(folder).is_ok());
        let there = there
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        if !is_inside(&fs::canonicalize(there)?) || path.components().any(|part| part.as_os_str() == "..") {
            return Err(outside());
        }
        return match fs::symlink_metadata(path) {
            Ok(_) => Err(io::Error::other("there is a file of this name now")),
            Err(_) => Ok((path.to_owned(), None)),
        };
    };
    let real = fs::canonicalize(path)?;
    if !is_inside(&real) {
        return Err(outside());
    }
    if fs::read(&real)? != before.as_bytes() {
        return Err(io::Error::other("it has changed since it was read"));
    }
    let permissions = fs::metadata(&real)?.permissions();
    Ok((real, Some(permissions)))
}

fn outside() -> io::Error {
    io::Error::other("it lies outside of the paths that were named")
}

fn replace(target: &Path, permissions: Option<Permissions>, text: &str) -> io::Result<()> {
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".bucketproof-");
    #[cfg(unix)]
    if permissions.is_none() {
        use std::os::unix::fs::PermissionsExt;
        // As for any new file: what the umask leaves of it, and nothing for the world to write.
        builder.permissions(Permissions::from_mode(0o664));
    }
    let (mut file, place) = builder.tempfile_in(folder)?.into_parts();
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()?;
    place.persist(target).map_err(|error| error.error)
}
