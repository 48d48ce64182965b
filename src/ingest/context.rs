use std::fs;
use std::path::{Path, PathBuf};

use super::file::stem;
use crate::iam::AccountId;

/// Files beside a path inside an account's directory that belong to what the path names, each with the path to show.
pub(super) fn surroundings(path: &Path, shown: &str) -> Vec<(String, PathBuf)> {
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

/// The JSON files of a folder, in the order of their names.
fn json_in((shown, directory): (String, PathBuf), folder: &str) -> Vec<(String, PathBuf)> {
    let directory = directory.join(folder);
    let names = fs::read_dir(&directory).into_iter().flatten().flatten();
    let is_file = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    let mut names: Vec<String> = names
        .filter(is_file)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| stem(name) != name)
        .collect();
    names.sort_unstable();
    let parts = [shown.as_str(), folder].into_iter().filter(|part| !part.is_empty());
    let shown = parts.collect::<Vec<_>>().join("/");
    let show = |name: &str| match &*shown {
        "" => name.to_owned(),
        shown => format!("{shown}/{name}"),
    };
    names.iter().map(|name| (show(name), directory.join(name))).collect()
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
            assert!(found.iter().all(|(_, path)| path.is_file()), "{found:?}");
            let found: Vec<&str> = found.iter().map(|(shown, _)| shown.as_str()).collect();
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
