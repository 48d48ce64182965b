use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::file::stem;
use crate::iam::AccountId;

/// Something beside a path: where it is, as it is shown, and what it is.
pub(super) struct Beside {
    pub(super) shown: String,
    pub(super) found: Found,
}

/// What stands there.
pub(super) enum Found {
    File(PathBuf),
    /// A symbolic link, which is not followed.
    Link,
    /// What is there cannot be read.
    Failed(io::Error),
}

/// Files beside a path inside an account's directory that belong to what the path names.
pub(super) fn surroundings(path: &Path, shown: &str) -> Vec<Beside> {
    let parts: Vec<&str> = shown.split('/').collect();
    // Where an account's folders begin: below its id, or where the path begins.
    let is_account = |part: &&str| part.parse::<AccountId>().is_ok();
    let begin = (0..parts.len()).find(|place| {
        let folder = parts.get(*place).is_some_and(|part| FOLDERS.contains(part));
        let owner = place.checked_sub(1).and_then(|before| parts.get(before));
        folder && owner.is_none_or(is_account)
    });
    let Some(begin) = begin else {
        return Vec::new();
    };
    let above = |depth: usize| {
        let directory = path.ancestors().nth(parts.len().saturating_sub(depth))?;
        Some((parts.get(..depth)?.join("/"), directory.to_path_buf()))
    };
    let mut found = Vec::new();
    if let [.., "s3", _, file] = &*parts
        && stem(file) != *file
    {
        found.extend(above(parts.len() - 1).into_iter().flat_map(|at| json_in(at, "")));
    }
    found.extend(above(begin).into_iter().flat_map(|at| json_in(at, "s3control")));
    found.extend(
        begin
            .checked_sub(1)
            .and_then(above)
            .into_iter()
            .flat_map(|at| json_in(at, "organization")),
    );
    found
}

/// The JSON files of a folder, in the order of their names; nothing where there is no such folder.
fn json_in((shown, directory): (String, PathBuf), folder: &str) -> Vec<Beside> {
    let directory = directory.join(folder);
    let place = |name: &str| {
        let parts = [shown.as_str(), folder, name]
            .into_iter()
            .filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("/")
    };
    let beside = |entry: walkdir::Result<walkdir::DirEntry>| {
        let (name, found) = match entry {
            Ok(entry) => {
                let name = entry.file_name().to_string_lossy().into_owned();
                let is_json = stem(&name) != name;
                let kind = entry.file_type();
                let found = match (is_json, kind.is_file(), kind.is_symlink()) {
                    (true, true, _) => Found::File(entry.into_path()),
                    (true, false, true) => Found::Link,
                    (false, _, _) | (true, false, false) => return None,
                };
                (name, found)
            }
            Err(error) => {
                let error = error
                    .into_io_error()
                    .unwrap_or_else(|| io::Error::other("a loop of links"));
                if error.kind() == io::ErrorKind::NotFound {
                    return None;
                }
                (String::new(), Found::Failed(error))
            }
        };
        Some(Beside {
            shown: place(&name),
            found,
        })
    };
    let entries = WalkDir::new(directory).min_depth(1).max_depth(1).sort_by_file_name();
    entries.into_iter().filter_map(beside).collect()
}

/// Folders of an account's directory.
const FOLDERS: &[&str] = &["s3", "s3control", "iam"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_snapshot_brings_what_decides_about_it() {
        let estate = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/ingest/two-accounts");
        let check = |below: &str, shown: &str, expected: &[&str]| {
            let found = surroundings(&estate.join(below), shown);
            let is_file = |beside: &Beside| matches!(&beside.found, Found::File(path) if path.is_file());
            assert!(found.iter().all(is_file), "{shown}");
            let found: Vec<&str> = found.iter().map(|beside| beside.shown.as_str()).collect();
            assert_eq!(found, expected, "{shown}");
        };
        let block = "s3control/public-access-block.json";
        let organization = [
            "x/organization/accounts.json",
            "x/organization/organization.json",
            "x/organization/policies.json",
        ];
        let [accounts, own, policies] = organization;
        let of_account = |name: &str| format!("x/111122223333/{name}");
        check("", "x", &[]);
        check("111122223333", "x/111122223333", &[]);
        check(
            "111122223333/s3/locked-data",
            "x/111122223333/s3/locked-data",
            &[&of_account(block), accounts, own, policies],
        );
        check(
            "111122223333/s3/locked-data/bucket-acl.json",
            "x/111122223333/s3/locked-data/bucket-acl.json",
            &[
                &of_account("s3/locked-data/bucket-acl.json"),
                &of_account("s3/locked-data/bucket-policy.json"),
                &of_account(block),
                accounts,
                own,
                policies,
            ],
        );
        check("111122223333/s3/locked-data", "s3/locked-data", &[block]);
        check("111122223333/s3/locked-data", "locked-data", &[]);
    }
}
