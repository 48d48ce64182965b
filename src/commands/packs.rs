use std::path::{Path, PathBuf};

use super::CommandError;
use super::files::read_pack;
use crate::cli;
use crate::rules::{Config, PackChoice, PackFiles, Packs};

/// The packs that command line or configuration name; where neither names any, those that are used by default.
pub(super) fn packs(config: &Config, arguments: &cli::Rules) -> Result<Packs, CommandError> {
    let (choices, base) = match &arguments.packs {
        Some(names) => {
            let choices = names.iter().map(|name| PackChoice::from_text(name));
            (choices.collect(), PathBuf::new())
        }
        None => (config.packs.clone(), folder_of(config)),
    };
    let mut names = Vec::new();
    let mut folders = Vec::new();
    for choice in &choices {
        match choice {
            PackChoice::BuiltIn(name) => names.push(name.clone()),
            PackChoice::Folder { path, sha256 } => folders.push((base.join(path), sha256.clone())),
        }
    }
    folders.extend(arguments.pack_dirs.iter().map(|folder| (folder.clone(), None)));
    if choices.is_empty() {
        names = Packs::default_names()?;
    }
    load_pinned(&names, &folders)
}

/// All built-in packs, and those of some folders.
pub(super) fn built_in_and(folders: &[PathBuf]) -> Result<Packs, CommandError> {
    load(&[Packs::ALL.to_owned()], folders)
}

/// Built-in packs by name, and those of some folders.
pub(super) fn load(names: &[String], folders: &[PathBuf]) -> Result<Packs, CommandError> {
    let folders: Vec<_> = folders.iter().map(|folder| (folder.clone(), None)).collect();
    load_pinned(names, &folders)
}

/// The same, where the packs of folders may have to have a digest.
fn load_pinned(names: &[String], folders: &[(PathBuf, Option<String>)]) -> Result<Packs, CommandError> {
    let folders = folders.iter().map(|(folder, sha256)| {
        let sha256 = sha256.clone();
        read_pack(folder).map(|files| PackFiles { sha256, ..files })
    });
    let folders = folders.collect::<Result<Vec<_>, _>>()?;
    Ok(Packs::load(names, folders)?)
}

/// The folder that paths in the configuration are relative to.
pub(super) fn folder_of(config: &Config) -> PathBuf {
    Path::new(&config.path).parent().map(Path::to_owned).unwrap_or_default()
}
