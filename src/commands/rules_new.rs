use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::arguments::{Run, option};
use super::error::in_words;
use super::files::{read_text, with_slashes};
use super::output::print;
use super::{CommandError, Status};
use crate::cli::NewRule;
use crate::finding::RuleId;
use crate::report::clean;
use crate::rules::Packs;
use crate::source::Placeholders;

/// Path below the folder of a rule, and text.
type File = (&'static str, String);

/// `bucketproof rules new`.
pub(super) fn new(run: &Run<'_>, arguments: &NewRule) -> Result<Status, CommandError> {
    let id: RuleId = option(COMMAND, &arguments.id)?;
    let Some((pack, rule)) = id.as_str().split_once('/') else {
        return Err(refused(&id, format!("write `PACK/{id}`")));
    };
    if Packs::built_in()?.packs().iter().any(|known| known.name == pack) {
        return Err(refused(
            &id,
            format!("`{pack}` comes with the program: choose another pack"),
        ));
    }
    let (folder, has_manifest) = pack_folder(&id, pack, &arguments.folder)?;
    let place = folder.join(rule);
    if fs::symlink_metadata(&place).is_ok() {
        return Err(refused(&id, format!("`{}` is there already", with_slashes(&place))));
    }
    let mut written = Vec::new();
    if !has_manifest {
        let manifest = format!("name = \"{pack}\"\nversion = \"0.1.0\"\n");
        written.push(write(&folder.join("pack.toml"), &manifest)?);
    }
    for (path, text) in files(&id, arguments.settings) {
        written.push(write(&place.join(path), &text)?);
    }
    let folder = with_slashes(&folder);
    if !run.global.quiet {
        print(run.global.color, &Placeholders::default(), &|out| {
            written
                .iter()
                .try_for_each(|path| writeln!(out, "wrote {}", clean(path)))?;
            let folder = clean(&folder);
            writeln!(out, "\nIt is an example that works. Make your rule of it, then:\n")?;
            writeln!(
                out,
                "    bucketproof rules check {folder}\n    bucketproof rules test {folder}"
            )
        })?;
    }
    Ok(Status::Clean)
}

/// The folder of the pack, and whether it has a manifest: the folder that was named, or one in it.
fn pack_folder(id: &RuleId, pack: &str, named: &Path) -> Result<(PathBuf, bool), CommandError> {
    let below = named.join(pack);
    let folder = match named.join("pack.toml").is_file() {
        true => named.to_owned(),
        // `.` is not worth showing.
        false => below.strip_prefix(".").map(Path::to_owned).unwrap_or(below),
    };
    let manifest = folder.join("pack.toml");
    if !manifest.is_file() {
        return Ok((folder, false));
    }
    let text = read_text(&manifest, "it holds the name of the pack")?;
    let name = Packs::name_of(&with_slashes(&manifest), &text)?;
    match name == pack {
        true => Ok((folder, true)),
        false => Err(refused(
            id,
            format!("the pack in `{}` is called `{name}`", with_slashes(&folder)),
        )),
    }
}

/// Writes a file that must not be there, with the folders above it, and returns its path.
fn write(path: &Path, text: &str) -> Result<String, CommandError> {
    let shown = with_slashes(path);
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    let file = made.and_then(|()| fs::File::create_new(path));
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| CommandError::Unwritable {
            path: shown.clone(),
            problem: in_words(&error),
        })?;
    Ok(shown)
}

fn files(id: &RuleId, about_settings: bool) -> Vec<File> {
    let text = |text: &str| text.replace("RULE", id.as_str());
    match about_settings {
        true => vec![
            ("rule.toml", text(include_str!("skeleton/settings.toml"))),
            ("README.md", text(include_str!("skeleton/settings.md"))),
            (
                "cases/bad-suspended/s3/b/bucket-versioning.json",
                text(include_str!("skeleton/bad-settings.json")),
            ),
            (
                "cases/good-enabled/s3/b/bucket-versioning.json",
                text(include_str!("skeleton/good-settings.json")),
            ),
        ],
        false => vec![
            ("rule.toml", text(include_str!("skeleton/grants.toml"))),
            ("policy.cedar", text(include_str!("skeleton/policy.cedar"))),
            ("README.md", text(include_str!("skeleton/grants.md"))),
            (
                "cases/bad-other-account.json",
                text(include_str!("skeleton/bad-grants.json")),
            ),
            (
                "cases/good-own-role.json",
                text(include_str!("skeleton/good-grants.json")),
            ),
        ],
    }
}

fn refused(id: &RuleId, problem: String) -> CommandError {
    CommandError::BadOption {
        option: COMMAND,
        value: id.to_string(),
        problem,
    }
}

const COMMAND: &str = "rules new";
